#!/usr/bin/env python3
"""One end of a TCP connection that does what its arguments say, in order.

    peer.py listen|connect ADDRESS PORT ACTION...

Before the connection:
  from:PORT        the client's own port       rcvbuf:N    receive buffer
  defer:SECONDS    TCP_DEFER_ACCEPT            mss:N       TCP_MAXSEG
  fastopen         listen with TCP Fast Open   cork        no TCP_NODELAY
  fastopen:TEXT    connect with TEXT in the SYN
  abandon          connect, but close at once, before an answer can come
The connection begins with the first other action:
  keepalive:IDLE:INTERVAL:COUNT                tls:1.2 or tls:1.3
  send:TEXT        fill:N (send N octets)      each:TEXT:SECONDS (one by one)
  file:PATH        send what is in it
  recv:N           some (what is there)        eof (read to the end)
  echo (until the end)
  get:PATH         send an HTTP request and read its response
  last:PATH        the same, with Connection: close
  answer:SECONDS:TEXT   read an HTTP request, wait, send a response
  notify           TLS close_notify, and wait for the other side's
  wait:SECONDS     half (shutdown the sending side)
  close            abort (reset)
"""
import os
import socket
import ssl
import struct
import sys
import time


def more(connection):
    """What comes next; there must be something."""
    data = connection.recv(65536)
    if not data:
        raise EOFError("the response is cut short")
    return data


def get(connection, path, header=""):
    """Send an HTTP request and read its whole response."""
    connection.sendall((f"GET {path} HTTP/1.1\r\nHost: www.example.com\r\n"
                        f"User-Agent: sample\r\nAccept: */*\r\n{header}\r\n").encode())
    data = b""
    while b"\r\n\r\n" not in data:
        data += more(connection)
    head, _, body = data.partition(b"\r\n\r\n")
    length = int(head.lower().split(b"content-length:")[1].split()[0])
    while len(body) < length:
        body += more(connection)


def tls(connection, version):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.keylog_filename = os.environ.get("SSLKEYLOGFILE")
    context.minimum_version = context.maximum_version = {
        "1.2": ssl.TLSVersion.TLSv1_2, "1.3": ssl.TLSVersion.TLSv1_3}[version]
    return context.wrap_socket(connection, server_hostname="www.example.com")


def act(connection, action, values):
    if action == "keepalive":
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        for option, value in zip((socket.TCP_KEEPIDLE, socket.TCP_KEEPINTVL,
                                  socket.TCP_KEEPCNT), values):
            connection.setsockopt(socket.IPPROTO_TCP, option, int(value))
    elif action == "send":
        connection.sendall(values[0].encode())
    elif action == "fill":
        connection.sendall((b"0123456789" * int(values[0]))[:int(values[0])])
    elif action == "file":
        with open(values[0], "rb") as file:
            connection.sendall(file.read())
    elif action == "each":
        for letter in values[0]:
            connection.sendall(letter.encode())
            time.sleep(float(values[1]))
    elif action == "recv":
        left = int(values[0])
        while left:
            data = connection.recv(left)
            if not data:
                raise EOFError(f"{left} octets missing")
            left -= len(data)
    elif action == "some":
        connection.recv(65536)
    elif action == "eof":
        while connection.recv(65536):
            pass
    elif action == "echo":
        while data := connection.recv(65536):
            connection.sendall(data)
    elif action == "get":
        get(connection, values[0])
    elif action == "last":
        get(connection, values[0], "Connection: close\r\n")
    elif action == "answer":
        while b"\r\n\r\n" not in connection.recv(65536):
            pass
        time.sleep(float(values[0]))
        connection.sendall(f"HTTP/1.1 200 OK\r\nContent-Length: {len(values[1])}\r\n"
                           f"\r\n{values[1]}".encode())
    elif action == "notify":
        return connection.unwrap()
    elif action == "wait":
        time.sleep(float(values[0]))
    elif action == "half":
        connection.shutdown(socket.SHUT_WR)
    elif action == "close":
        connection.close()
    elif action == "abort":
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                              struct.pack("ii", 1, 0))
        connection.close()
    else:
        sys.exit(f"peer.py: what is {action}?")
    return connection


def main():
    role, address, port = sys.argv[1], sys.argv[2], int(sys.argv[3])
    actions = [(part.split(":")[0], part.split(":")[1:]) for part in sys.argv[4:]]
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    end = socket.socket(family)
    end.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    early = b""
    while actions:
        action, values = actions[0]
        if action == "from":
            end.bind(("", int(values[0])))
        elif action == "rcvbuf":
            end.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, int(values[0]))
        elif action == "mss":
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, int(values[0]))
        elif action == "defer":
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_DEFER_ACCEPT, int(values[0]))
        elif action == "cork":
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 0)
        elif action == "fastopen" and role == "listen":
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_FASTOPEN, 5)
        elif action == "fastopen":
            early = values[0].encode()
        elif action == "abandon":
            end.setblocking(False)
            end.connect_ex((address, port))
            end.close()
            return
        else:
            break
        actions.pop(0)
    if role == "listen":
        end.bind((address, port))
        end.listen()
        connection = end.accept()[0]
        end.close()
    else:
        connection = end
        if early:
            connection.sendto(early, socket.MSG_FASTOPEN, (address, port))
        else:
            connection.connect((address, port))
    for action, values in actions:
        if action == "tls":
            connection = tls(connection, values[0])
        else:
            connection = act(connection, action, values)


try:
    main()
except (OSError, EOFError) as error:
    sys.exit(f"peer.py: {error}")
