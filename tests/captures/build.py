#!/usr/bin/python3
"""Writes the captures that no kernel will make on request.

    build.py             build all
    build.py NAME...     build only these

Needs scapy (Debian: python3-scapy). The same files come out every time.
"""
import os
import struct
import sys

from above import ALL as ABOVE
from segments import HERE, Capture, Connection


def split_handshake(capture):
    """SYN, ACK, SYN, ACK."""
    both = Connection(capture)
    both.c("S")
    both.s("A", after=0.010)
    both.s("S")
    both.c("A")
    both.exchange()
    both.close()


def keepalive_one_octet(capture):
    """Probes with one garbage octet; two of them are not answered."""
    both = Connection(capture).open()
    both.exchange()
    for gap, answered in ((5, True), (5, True), (5, False), (1, False), (1, True)):
        both.c("A", b"\0", gap, seq=both.client.next - 1)
        if answered:  # a duplicate octet draws a D-SACK
            edges = tuple(both.client.isn + both.client.next - 1 + end for end in (0, 1))
            both.s("A", after=0.010,
                   options=[("NOP", None), ("NOP", None), ("SAck", edges)])
    both.close()


def keepalive_crossed(capture):
    """Both sides probe at once: neither probe answers the other."""
    both = Connection(capture).open()
    both.exchange()
    for gap in (5, 5):
        both.c("A", after=gap, seq=both.client.next - 1)
        both.s("A", after=0.004, seq=both.server.next - 1)
        both.c("A", after=0.0001)
        both.s("A", after=0.006)
    both.close()


def zero_window_one_octet(capture):
    """Zero-window probes with the next octet, as BSD sends them."""
    both = Connection(capture).open()
    both.c("PA", b"a" * 100)
    both.s("A", after=0.010, window=0)
    octet = both.client.next
    for gap in (5, 5):  # the octet is refused, and comes again
        both.c("A", b"b", gap, seq=octet)
        both.s("A", after=0.010, window=0, ack=octet)
    both.c("A", b"b", 10)  # this time it is taken
    both.s("A", after=0.010, window=64256)
    both.c("PA", b"b" * 99)
    both.s("A", after=0.010)
    both.close()


def keepalive_midway(capture):
    """The capture begins just before, or with, a keep-alive."""
    known = Connection(capture, 40001)
    known.client.next, known.server.next = 101, 201
    known.s("A")  # acknowledges 101, so that 100 is a probe
    for gap in (5, 5):
        known.c("A", after=gap, seq=100)
        known.s("A", after=0.010)
    known.close()
    unknown = Connection(capture, 40002)
    unknown.client.next, unknown.server.next = 101, 201
    for gap in (5, 5):
        unknown.c("A", after=gap, seq=100)
        unknown.s("A", after=0.010)
    unknown.close()


def stale_ack_after_fin(capture):
    """Late pure ACKs with the number of a FIN that has gone before."""
    both = Connection(capture).open()
    both.c("PA", b"hello")
    both.s("PA", b"world", 0.010)
    fin = both.client.next
    both.c("FA", after=0.001)
    both.c("A", after=0.001, seq=fin)  # left before the FIN
    both.s("A", after=0.010)
    both.c("A", after=0.001, seq=fin)  # another, after the FIN was acknowledged
    both.s("FA", after=0.5)
    both.c("A")


def invalid_reset(capture):
    """An RST outside the window, and one inside that is not exact."""
    both = Connection(capture).open()
    both.exchange()
    both.c("R", after=0.5, seq=both.client.next + 10000000, ttl=50)
    both.exchange(0.5)
    both.c("R", after=0.5, seq=both.client.next + 1000, ttl=50)
    both.s("A", after=0.010)  # a challenge ACK
    both.exchange(0.5)
    both.close()


def reset_disproved(capture):
    """A forged RST with the exact number, which only the capture has seen: both sides go on."""
    both = Connection(capture).open()
    both.exchange()
    both.c("R", after=0.5, seq=both.client.next, ttl=2)
    both.exchange(0.5)
    both.exchange(0.5)
    both.close()


def second_responder(capture):
    """Two SYN-ACKs with different ISNs; the first one counts."""
    both = Connection(capture)
    other = Connection(capture, server_isn=3000000)
    both.c("S")
    both.s("SA", after=0.010)
    both.c("A", after=0.0001)
    other.client.next = 1
    other.s("SA", after=0.003, ttl=50)
    both.c("A", after=0.0001)  # a challenge ACK
    both.exchange()
    both.close()


def synack_early(capture):
    """The SYN-ACK was captured 2 ms before its SYN."""
    both = Connection(capture)
    both.client.next = 1
    both.s("SA")
    both.c("S", after=0.002, seq=0)
    both.c("A", after=0.0001)
    both.exchange()
    both.close()


def idle_dropped(capture):
    """Octets after a silence: one connection's are reset, the other's get no answer."""
    both = [Connection(capture, port) for port in (40011, 40012)]
    for one in both:
        one.open()
        one.exchange()
    both[0].c("PA", b"again", 8)
    both[0].s("R", after=0.010)
    both[1].c("PA", b"again", 1)
    for gap in (0.2, 0.4, 0.8, 1.6, 3.2):
        both[1].c("PA", b"again", gap, seq=both[1].client.next - 5)


def truncated_header(capture):
    """TCP headers that were cut short, or that lie about their length."""
    both = Connection(capture).open()
    both.exchange()
    for octets in (4, 8, 13, 16, 19):  # of the TCP header were captured
        both.c("PA", b"again", 0.1, captured=14 + 20 + octets)
    options = [("NOP", None), ("NOP", None), ("Timestamp", (1, 0))]
    both.c("PA", b"again", 0.1, options=options, captured=14 + 20 + 24)
    both.s("A", after=0.1)
    both.c("A", b"again", 0.1, seq=both.client.next, dataofs=4)  # below the minimum
    both.c("A", b"again", 0.1, seq=both.client.next, dataofs=15)  # beyond the end
    both.close()


def bad_flags(capture):
    """Flags that no TCP sends, alone and within a connection."""
    for number, flags in enumerate(("SF", "SR", "", "FPU", "FSRPAUEC", "F", "SAF", "SAR")):
        probe = Connection(capture, 41000 + number)
        probe.c(flags, after=0.1)
        if flags == "SF":
            probe.s("RA", after=0.010)
    both = Connection(capture).open()
    both.exchange()
    at = both.client.next
    for flags in ("", "FPU", "SF"):
        both.c(flags, after=0.1, seq=at)
    both.s("A", after=0.010)  # a challenge ACK to the SYN
    both.c("PA", after=0.1, seq=at)  # PSH and URG without octets
    both.c("UA", after=0.1, seq=at)
    both.exchange(0.1)
    both.s("RA", b"No more, thank you", 0.5)  # a reset with a text


def wrapped_sequence(capture):
    """Both sides' numbers pass 2^32; a probe has the number 2^32-1."""
    both = Connection(capture, client_isn=0xFFFFFFFA, server_isn=0xFFFFFFF7).open()
    both.exchange()  # the client's next number is now 0
    both.c("A", after=5, seq=both.client.next - 1)
    both.s("A", after=0.010)
    both.s("A", after=2, seq=both.server.next - 1)
    both.c("A", after=0.0001)
    both.exchange(1)  # the server's passes 2^32 here
    both.c("A", after=5, seq=both.client.next - 1)
    both.s("A", after=0.010)
    both.close()


def recorded(name):
    """The frames of a recorded capture: seconds after the first, octets."""
    with open(os.path.join(HERE, name + ".pcap"), "rb") as file:
        file.read(24)
        first = None
        while header := file.read(16):
            seconds, micros, length, _ = struct.unpack("<IIII", header)
            when = seconds * 1000000 + micros
            first = when if first is None else first
            yield (when - first) / 1e6, file.read(length)


def vlan(capture):
    """half_close_keepalive.pcap in VLAN 42."""
    passed = 0
    for when, frame in recorded("half_close_keepalive"):
        tagged = frame[:12] + struct.pack("!HH", 0x8100, 42) + frame[12:]
        capture.add(tagged, when - passed)
        passed = when


def mirrored_ipv6(capture):
    """ipv6.pcap with every frame twice, 20 microseconds apart."""
    copies = [(when + late, frame) for when, frame in recorded("ipv6")
              for late in (0, 0.00002)]
    passed = 0
    for when, frame in sorted(copies, key=lambda copy: copy[0]):
        capture.add(frame, when - passed)
        passed = when


ALL = (split_handshake, second_responder, synack_early, keepalive_one_octet,
       keepalive_crossed, keepalive_midway, zero_window_one_octet,
       stale_ack_after_fin, invalid_reset, reset_disproved, idle_dropped, truncated_header, bad_flags,
       wrapped_sequence, vlan, mirrored_ipv6) + ABOVE

names = {build.__name__: build for build in ALL}
for wanted in sys.argv[1:] or names:
    if wanted not in names:
        sys.exit(f"build.py: no capture is called {wanted}; there are: {' '.join(names)}")
    one = Capture()
    names[wanted](one)
    one.write(wanted)
