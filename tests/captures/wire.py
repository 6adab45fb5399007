#!/usr/bin/env python3
"""A wire between two network interfaces that delays, loses and reorders.

    wire.py CLIENT SERVER [--delay MS] [--lose SIDE:N] [--late SIDE:N:COUNT]

SIDE is client or server (whose segments), N counts that side's TCP segments
with octets from 1. What is late goes after COUNT later ones. (The kernel's
netem is not in every kernel, and chooses at random.)
"""
import argparse
import select
import socket
import struct
import time


def octets(frame):
    """How many octets the TCP segment in this frame carries."""
    ip = frame[14:]
    if frame[12:14] == b"\x08\x00" and ip[9] == 6:
        head, total = (ip[0] & 15) * 4, struct.unpack("!H", ip[2:4])[0]
    elif frame[12:14] == b"\x86\xdd" and ip[6] == 6:
        head, total = 40, 40 + struct.unpack("!H", ip[4:6])[0]
    else:
        return 0
    return total - head - (ip[head + 12] >> 4) * 4


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("interface", nargs=2)
    parser.add_argument("--delay", type=float, default=0)
    parser.add_argument("--lose", action="append", default=[])
    parser.add_argument("--late", action="append", default=[])
    args = parser.parse_args()

    lost, late = set(), {}
    for rule in args.lose:
        side, number = rule.split(":")
        lost.add((side, int(number)))
    for rule in args.late:
        side, number, places = rule.split(":")
        late[side, int(number)] = int(number) + int(places)

    ends = []
    for interface in args.interface:
        end = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
        end.bind((interface, 3))
        ends.append(end)
    other = {ends[0]: ends[1], ends[1]: ends[0]}
    side_of = {ends[0]: "client", ends[1]: "server"}
    count = {"client": 0, "server": 0}
    queue, held = [], []

    while True:
        now = time.monotonic()
        while queue and queue[0][0] <= now:
            _, end, frame = queue.pop(0)
            end.send(frame)
        timeout = queue[0][0] - now if queue else None
        for end in select.select(ends, [], [], timeout)[0]:
            frame, address = end.recvfrom(65536)
            if address[2] == socket.PACKET_OUTGOING:
                continue
            frames = [frame]
            if octets(frame) > 0:
                side = side_of[end]
                count[side] += 1
                if (side, count[side]) in lost:
                    continue
                if (side, count[side]) in late:
                    held.append((side, late[side, count[side]], frame))
                    continue
                frames += [kept for who, when, kept in held
                           if (who, when) == (side, count[side])]
            due = time.monotonic() + args.delay / 1000
            queue += [(due, other[end], each) for each in frames]


main()
