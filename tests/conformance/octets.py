"""Which sequence numbers of one side were captured, those of SYN and FIN among them."""
import bisect

from segment import ACK, FIN, SYN, distance, forward


class Octets:
    """Ranges of numbers, counted on without wrapping, and which of them are a SYN or a FIN."""

    def __init__(self):
        self.starts, self.ends = [], []
        self.signs = set()
        self.number, self.position = None, 0

    def range(self, segment):
        """Where a segment's numbers begin and end."""
        if self.number is None:
            self.number = segment.seq
        start = self.position + distance(segment.seq, self.number)
        return start, start + distance(segment.end, segment.seq)

    def repeats(self, segment):
        """Whether everything was captured before: octets, SYN and FIN."""
        start, end = self.range(segment)
        at = bisect.bisect_right(self.starts, start) - 1
        seen = start == end or at >= 0 and self.ends[at] >= end
        return seen and signs(segment) <= self.signs

    def lacks(self, number):
        """Whether the number before this one was not captured."""
        if self.number is None:
            return True
        at = self.position + distance(number, self.number) - 1
        found = bisect.bisect_right(self.starts, at) - 1
        return found < 0 or self.ends[found] <= at

    def add(self, segment):
        """Notes what a segment carries."""
        self.signs |= signs(segment)
        start, end = self.range(segment)
        self.position += distance(segment.seq, self.number)
        self.number = segment.seq
        if start == end:
            return
        first = bisect.bisect_left(self.ends, start)
        last = bisect.bisect_right(self.starts, end)
        if first < last:
            start, end = min(start, self.starts[first]), max(end, self.ends[last - 1])
        self.starts[first:last], self.ends[first:last] = [start], [end]


def signs(segment):
    """SYN, SYN-ACK and FIN, each with its number. A SYN-ACK does not repeat the sender's own SYN (O6)."""
    found = set()
    if segment.has(SYN):
        found.add((segment.flags & (SYN | ACK), segment.seq))
    if segment.has(FIN):
        found.add((FIN, forward(segment.seq, segment.length + segment.has(SYN))))
    return found
