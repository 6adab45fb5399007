#!/usr/bin/env python3
"""A client of HTTP/2 or WebSocket that does what its arguments say, in order, and a WebSocket server.

    frames.py http2 ADDRESS PORT from:PORT [tls:1.2|1.3] ACTION...
        get:PATH   ping   goaway   wait:SECONDS
    frames.py websocket ADDRESS PORT from:PORT [tls:1.2|1.3] ACTION...
        protocol:NAME   say:TEXT   fill:N   send:HEX   ping   pong   close   wait:SECONDS
    frames.py websocket-server ADDRESS PORT [CERTIFICATE KEY]

The server says everything back, and asks with a ping of its own after two idle seconds.
"""
import asyncio
import os
import socket
import ssl
import sys
import time

import h2.config
import h2.connection
import h2.events
import websockets


def secure(version, protocol):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.keylog_filename = os.environ.get("SSLKEYLOGFILE")
    context.minimum_version = context.maximum_version = {
        "1.2": ssl.TLSVersion.TLSv1_2, "1.3": ssl.TLSVersion.TLSv1_3}[version]
    context.set_alpn_protocols([protocol])
    return context


class Http2:
    """One connection; every action waits for its answer."""

    def __init__(self, connection):
        self.socket = connection
        self.state = h2.connection.H2Connection(h2.config.H2Configuration())
        self.state.initiate_connection()
        self.flush()

    def flush(self):
        self.socket.sendall(self.state.data_to_send())

    def until(self, kind):
        """Read until such an event, or the end."""
        while data := self.socket.recv(65536):
            events = self.state.receive_data(data)
            for event in events:
                if isinstance(event, h2.events.DataReceived):
                    self.state.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
            self.flush()
            if any(isinstance(event, kind) for event in events):
                return

    def act(self, action, value):
        if action == "get":
            stream = self.state.get_next_available_stream_id()
            self.state.send_headers(stream, [(":method", "GET"), (":path", value), (":scheme", "http"),
                                             (":authority", "www.example.com")], end_stream=True)
            self.flush()
            self.until(h2.events.StreamEnded)
        elif action == "ping":
            self.state.ping(b"12345678")
            self.flush()
            self.until(h2.events.PingAckReceived)
        elif action == "goaway":
            self.state.close_connection()
            self.flush()
        elif action == "wait":
            time.sleep(float(value))


def http2(address, port, own, version, actions):
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    connection.bind(("", own))
    connection.connect((address, port))
    if version:
        connection = secure(version, "h2").wrap_socket(connection, server_hostname="www.example.com")
    end = Http2(connection)
    for action, value in actions:
        end.act(action, value)
    if version:
        try:
            connection.unwrap()
        except OSError:
            pass
    connection.close()


async def websocket(address, port, own, version, actions):
    scheme, context = ("wss", secure(version, "http/1.1")) if version else ("ws", None)
    options = {"ssl": context, "server_hostname": "www.example.com"} if version else {}
    if actions and actions[0][0] == "protocol":
        options["subprotocols"] = [actions.pop(0)[1]]
    async with websockets.connect(f"{scheme}://{address}:{port}/", local_addr=("0.0.0.0", own), ping_interval=None,
                                  compression=None, **options) as end:
        for action, value in actions:
            if action in ("say", "fill"):
                await end.send(value if action == "say" else "0123456789" * (int(value) // 10))
                await end.recv()
            elif action == "send":
                await end.send(bytes.fromhex(value))
                await end.recv()
            elif action == "ping":
                await (await end.ping(b"there?"))
            elif action == "pong":
                await end.pong(b"here")
            elif action == "close":
                await end.close()
            elif action == "wait":
                await asyncio.sleep(float(value))


async def websocket_server(address, port, *files):
    async def echo(end, _path=None):
        async for message in end:
            await end.send(message)

    context = None
    if files:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*files)
    async with websockets.serve(echo, address, port, ssl=context, ping_interval=2, compression=None):
        await asyncio.Future()


def main():
    role, address, port = sys.argv[1], sys.argv[2], int(sys.argv[3])
    if role == "websocket-server":
        asyncio.run(websocket_server(address, port, *sys.argv[4:]))
        return
    actions = [tuple((part + ":").split(":")[:2]) for part in sys.argv[4:]]
    own = int(actions.pop(0)[1])
    version = actions.pop(0)[1] if actions and actions[0][0] == "tls" else None
    if role == "http2":
        http2(address, port, own, version, actions)
    else:
        asyncio.run(websocket(address, port, own, version, actions))


main()
