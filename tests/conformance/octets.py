"""Which sequence numbers of one side were captured."""
import bisect

from segment import FIN, SYN, distance


class Octets:
    """Ranges of numbers, counted on without wrapping; SYN and FIN are numbers too."""

    def __init__(self):
        self.starts, self.ends = [], []
        self.number, self.position = None, 0

    def range(self, segment):
        """Where a segment's numbers begin and end."""
        if self.number is None:
            self.number, self.position = segment.seq, 0
        start = self.position + distance(segment.seq, self.number)
        return start, start + segment.length + segment.has(SYN) + segment.has(FIN)

    def covers(self, segment):
        """Whether all of its numbers were captured before; never true without any."""
        start, end = self.range(segment)
        at = bisect.bisect_right(self.starts, start) - 1
        return start < end and at >= 0 and self.ends[at] >= end

    def add(self, segment):
        """Notes a segment's numbers."""
        start, end = self.range(segment)
        if start >= end:
            return
        first = bisect.bisect_left(self.ends, start)
        last = bisect.bisect_right(self.starts, end)
        if first < last:
            start, end = min(start, self.starts[first]), max(end, self.ends[last - 1])
        self.starts[first:last], self.ends[first:last] = [start], [end]
        self.number, self.position = segment.seq, self.range(segment)[0]
