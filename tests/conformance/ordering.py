"""One direction's octets in order: what each segment adds, and what is missing between."""
from collections import namedtuple

from segment import SYN, distance, forward

# As much as the plugin keeps waiting for a hole to be filled.
HELD_SEGMENTS, HELD_OCTETS = 64, 256 * 1024
# Octets as captured, how many follow them that were cut off, how many before them will not come, the frame that has
# brought them, and whether they had waited for a hole that is given up: then they are not the segment's.
Piece = namedtuple('Piece', 'octets missing gap frame late')


class Ordering:
    """What is known of one direction."""

    def __init__(self):
        self.next = None
        self.held = []
        self.is_fresh = True  # no octets so far

    def begins(self, number):
        """The first octet's number, where the SYN is known."""
        if self.is_fresh:
            self.next = number

    def take(self, segment, acknowledged):
        """The pieces that are in order with this segment. `acknowledged` is the peer's number: holes before it stay."""
        begin = forward(segment.seq, segment.has(SYN))
        if self.next is None:
            self.next = begin
        self.is_fresh = False
        if not any(held[:2] == (begin, segment.length) for held in self.held):
            self.held.append((begin, segment.length, segment.payload[:segment.length], segment.frame))
            self.held.sort(key=lambda held: distance(held[0], self.next))
        pieces, late, current = [], False, (begin, segment.length)
        while self.held:
            begin, length, octets, frame = self.held[0]
            ahead = distance(begin, self.next)
            if ahead > 0 and not self.given_up(begin, acknowledged):
                break
            del self.held[0]
            late = (late or ahead > 0) and (begin, length) != current
            fresh = ahead + length
            if fresh > 0:
                rest = octets[max(-ahead, 0):]
                pieces.append(Piece(rest, min(fresh, length) - len(rest), max(ahead, 0),
                                    frame if late else segment.frame, late))
                self.next = forward(begin, length)
        return pieces

    def given_up(self, begin, acknowledged):
        """Whether the hole before a segment will not be filled."""
        lost = acknowledged is not None and distance(acknowledged, begin) >= 0
        return lost or len(self.held) > HELD_SEGMENTS or sum(len(held[2]) for held in self.held) > HELD_OCTETS
