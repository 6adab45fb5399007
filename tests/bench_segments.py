#!/usr/bin/env python3
"""Writes a capture of one long response, for bench.sh.

    bench_segments.py {http|tls} SEGMENTS ACKNOWLEDGEMENTS FILE

SEGMENTS full-size ones of a body, or of application data in records of the
largest size, and about as many bare acknowledgements as asked for.
"""
import struct
import sys

SIZE = 1448
TIMESTAMPS = b"\x01\x01\x08\x0a\0\0\0\x01\0\0\0\x02"
SYN_OPTIONS = b"\x02\x04\x05\xb4\x01\x03\x03\x07"
SYN, PUSH, ACK = 0x02, 0x08, 0x10
CLIENT, SERVER = 0, 1


class Capture:
    def __init__(self, path):
        self.file = open(path, "wb")
        self.file.write(struct.pack("<IHHIIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1))
        self.frames = 0
        self.next = [1000, 5000]
        self.acknowledged = [0, 0]

    def segment(self, side, flags, payload=b"", options=TIMESTAMPS, upto=None):
        """One segment; `upto` is what it acknowledges, the latest if not said."""
        other = 1 - side
        ports, hosts = (40000, 443), (b"\x0a\0\0\x01", b"\x0a\0\0\x02")
        acknowledgement = (self.next[other] if upto is None else upto) if flags & ACK else 0
        tcp = struct.pack("!HHIIHHHH", ports[side], ports[other], self.next[side], acknowledgement,
                          (20 + len(options)) // 4 << 12 | flags, 60000, 0, 0) + options + payload
        self.frames += 1
        ip = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(tcp), self.frames % 65535 + 1, 0, 64, 6, 0)
        frame = b"\0" * 12 + b"\x08\0" + ip + hosts[side] + hosts[other] + tcp
        seconds, micro = divmod(self.frames * 100, 1_000_000)
        self.file.write(struct.pack("<IIII", seconds, micro, len(frame), len(frame)) + frame)
        self.next[side] += len(payload) + (1 if flags & SYN else 0)

    def open(self):
        self.segment(CLIENT, SYN, options=SYN_OPTIONS)
        self.segment(SERVER, SYN | ACK, options=SYN_OPTIONS)
        self.segment(CLIENT, ACK)


def record(content, body):
    return struct.pack("!BHH", content, 0x0303, len(body)) + body


def hello(kind, versions):
    suite = b"\0\x02\x13\x01\x01\0" if kind == 1 else b"\x13\x01\0"
    extension = struct.pack("!HH", 0x2B, len(versions)) + versions
    body = b"\x03\x03" + bytes(32) + b"\0" + suite + struct.pack("!H", len(extension)) + extension
    return record(22, struct.pack("!I", kind << 24 | len(body)) + body)


def talk_http(capture):
    capture.segment(CLIENT, PUSH | ACK, b"GET / HTTP/1.1\r\nHost: example\r\n\r\n")
    capture.segment(SERVER, PUSH | ACK, b"HTTP/1.1 200 OK\r\nContent-Length: 4000000000\r\n\r\n")
    return b"x"


def talk_tls(capture):
    capture.segment(CLIENT, PUSH | ACK, hello(1, b"\x02\x03\x04"))
    capture.segment(SERVER, PUSH | ACK, hello(2, b"\x03\x04") + record(23, bytes(1000)))
    capture.segment(CLIENT, PUSH | ACK, record(23, bytes(53)))
    capture.segment(CLIENT, PUSH | ACK, record(23, bytes(100)))
    return record(23, bytes(16401))


def main():
    kind, segments, acknowledgements, path = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
    capture = Capture(path)
    capture.open()
    unit = {"http": talk_http, "tls": talk_tls}[kind](capture)
    stream = unit * (SIZE // len(unit) + 2)
    place, owed = 0, 0
    for _ in range(segments):
        place %= len(unit)
        while len(stream) < place + SIZE:
            stream += unit
        capture.segment(SERVER, ACK, stream[place:place + SIZE])
        place += SIZE
        owed += acknowledgements
        # Each acknowledges something new.
        count, owed = divmod(owed, segments)
        for left in range(count - 1, -1, -1):
            capture.segment(CLIENT, ACK, upto=capture.next[SERVER] - left)


main()
