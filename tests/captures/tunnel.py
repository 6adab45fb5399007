#!/usr/bin/env python3
"""A tunnel between two hosts for what the kernel may lack.

    tunnel.py gre|ipip DEVICE OWN-ADDRESS PEER-ADDRESS
        IP packets of the tun DEVICE, in GRE or bare in IP
    tunnel.py switch|controller DEVICE OWN-ADDRESS PEER-ADDRESS
        Ethernet frames of the tap DEVICE, in OpenFlow 1.0 messages over TCP:
        packet-in from the switch, packet-out from the controller
"""
import fcntl
import os
import select
import socket
import struct
import sys

TUNSETIFF, IFF_TUN, IFF_TAP, IFF_NO_PI = 0x400454CA, 1, 2, 0x1000
HELLO, PACKET_IN, PACKET_OUT = 0, 10, 13
OPENFLOW_PORT = 6653


def message(kind, body=b""):
    return struct.pack("!BBHI", 1, kind, 8 + len(body), 0) + body


def packet_in(frame):
    return message(PACKET_IN, struct.pack("!IHHBB", 0xFFFFFFFF, len(frame), 1, 0, 0) + frame)


def packet_out(frame):
    to_port_1 = struct.pack("!HHHH", 0, 8, 1, 0xFFFF)
    return message(PACKET_OUT, struct.pack("!IHH", 0xFFFFFFFF, 0xFFFF, 8) + to_port_1 + frame)


def main():
    kind, device, own, peer = sys.argv[1:]
    raw = kind in ("gre", "ipip")
    tun = os.open("/dev/net/tun", os.O_RDWR)
    mode = (IFF_TUN if raw else IFF_TAP) | IFF_NO_PI
    fcntl.ioctl(tun, TUNSETIFF, struct.pack("16sH", device.encode(), mode))

    if raw:
        header = b"\0\0\x08\0" if kind == "gre" else b""
        end = socket.socket(socket.AF_INET, socket.SOCK_RAW, 47 if kind == "gre" else 4)
        end.bind((own, 0))
        end.connect((peer, 0))
    elif kind == "controller":
        listener = socket.socket()
        listener.bind((own, OPENFLOW_PORT))
        listener.listen()
        end = listener.accept()[0]
    else:
        end = socket.create_connection((peer, OPENFLOW_PORT), source_address=(own, 40000))
    wrap, skip = {"switch": (packet_in, 24), "controller": (packet_out, 18)}.get(kind, (None, 0))
    if not raw:
        end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        end.sendall(message(HELLO))

    received = b""
    while True:
        for ready in select.select([tun, end], [], [])[0]:
            if ready == tun:
                packet = os.read(tun, 65536)
                end.sendall(header + packet if raw else wrap(packet))
            elif raw:
                packet = end.recv(65536)  # with its IP header
                os.write(tun, packet[(packet[0] & 15) * 4 + len(header):])
            else:
                octets = end.recv(65536)
                if not octets:
                    return
                received += octets
                while len(received) >= 8:
                    length = struct.unpack("!H", received[2:4])[0]
                    if len(received) < length:
                        break
                    if received[1] in (PACKET_IN, PACKET_OUT):
                        os.write(tun, received[skip:length])
                    received = received[length:]


main()
