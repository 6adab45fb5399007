"""Segments for build.py: a capture to write, and a connection with two sides."""
import logging
import os
import struct

logging.getLogger("scapy").setLevel(logging.ERROR)
from scapy.layers.inet import IP, TCP  # noqa: E402
from scapy.layers.l2 import Ether  # noqa: E402

HERE = os.path.dirname(os.path.abspath(__file__))
START = 1767225600_000000  # microseconds: 2026-01-01 00:00 UTC
OPENING = [("MSS", 1460), ("SAckOK", b""), ("NOP", None), ("WScale", 7)]


class Capture:
    """Frames with their times; write() makes a pcap file of them."""

    def __init__(self):
        self.frames, self.now = [], START

    def add(self, frame, after=0.0, captured=None):
        self.now += round(after * 1e6)
        self.frames.append((self.now, bytes(frame), captured))

    def write(self, name):
        with open(os.path.join(HERE, name + ".pcap"), "wb") as file:
            file.write(struct.pack("<IHHIIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, 1))
            for when, frame, captured in self.frames:
                kept = frame[:captured]
                file.write(struct.pack("<IIII", when // 1000000, when % 1000000,
                                       len(kept), len(frame)) + kept)


class Side:
    def __init__(self, address, port, mac, isn):
        self.address, self.port, self.mac = address, port, mac
        self.isn, self.next, self.id = isn, 0, isn & 0xFFFF


class Connection:
    """Two sides. Numbers are relative to each side's ISN, as Wireshark's."""

    def __init__(self, capture, port=40001, client_isn=1000000, server_isn=2000000):
        self.capture = capture
        self.client = Side("192.0.2.10", port, "02:00:00:00:00:01", client_isn)
        self.server = Side("198.51.100.20", 50000, "02:00:00:00:00:02", server_isn)

    def c(self, flags="A", data=b"", after=0.001, **fields):
        self.send(self.client, self.server, flags, data, after, fields)

    def s(self, flags="A", data=b"", after=0.001, **fields):
        self.send(self.server, self.client, flags, data, after, fields)

    def send(self, side, peer, flags, data, after, fields):
        seq = fields.get("seq", side.next - fields.get("seq_below", 0))
        ack = fields.get("ack", peer.next)
        window = fields.get("window", 64256)
        side.id = (side.id + 1) & 0xFFFF
        segment = TCP(
            sport=side.port, dport=peer.port, flags=flags,
            seq=(side.isn + seq) & 0xFFFFFFFF,
            ack=(peer.isn + ack) & 0xFFFFFFFF if "A" in flags else 0,
            window=min(window, 65535) if "S" in flags else window >> 7,
            options=fields.get("options", OPENING if "S" in flags else []))
        if "dataofs" in fields:
            segment.dataofs = fields["dataofs"]
        packet = IP(src=side.address, dst=peer.address, id=side.id, flags="DF",
                    ttl=fields.get("ttl", 64)) / segment / data
        self.capture.add(Ether(src=side.mac, dst=peer.mac) / packet, after,
                         fields.get("captured"))
        if "seq" not in fields and "seq_below" not in fields:
            side.next += len(data) + ("S" in flags) + ("F" in flags)

    def open(self):
        self.c("S")
        self.s("SA", after=0.010)
        self.c("A")
        return self

    def exchange(self, after=0.001):
        """Five octets each way."""
        self.c("PA", b"hello", after)
        self.s("PA", b"world", 0.010)
        self.c("A")

    def close(self, after=0.5):
        self.c("FA", after=after)
        self.s("FA", after=0.010)
        self.c("A")
