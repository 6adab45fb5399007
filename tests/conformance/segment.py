"""A TCP segment as Wireshark shows it, beside what the plugin says about it."""

FIN, SYN, RST, ACK = 0x01, 0x02, 0x04, 0x10
FIXED_HEADER = 20
NO_OPERATION, SACK = 1, 5  # options (RFC 9293 3.2, RFC 2018 3)
SECOND = 1_000_000_000


def distance(later, earlier):
    """How far one sequence number is ahead of another, modulo 2^32."""
    return ((later - earlier + 0x80000000) & 0xffffffff) - 0x80000000


def forward(number, by):
    """A sequence number moved on."""
    return (number + by) & 0xffffffff


class Subtree:
    """The plugin's subtree: values by field name without the prefix, enumerations by their names."""

    def __init__(self):
        self.values = {}

    def add(self, name, value):
        """One more item."""
        self.values.setdefault(name, []).append(value)

    def one(self, name):
        """The only value of a field, or None."""
        return self.values.get(name, [None])[0]

    def has(self, name):
        """Whether the field is there: Booleans are present only when true."""
        return name in self.values

    @property
    def steps(self):
        """The names of the steps."""
        return self.values.get('step', [])


class Segment:
    """One TCP header of a frame."""

    __slots__ = ('frame', 'layer', 'time', 'src', 'dst', 'stream', 'flags', 'seq', 'ack', 'window', 'length', 'options',
                 'marks', 'identification', 'checksum', 'quoted', 'readable', 'payload', 'above', 'ours')

    def has(self, flag):
        """Whether a flag is set."""
        return bool(self.flags & flag)

    @property
    def opens(self):
        """A SYN, by mask."""
        return self.flags & (SYN | ACK | RST) == SYN

    @property
    def answers_open(self):
        """A SYN-ACK, by mask."""
        return self.flags & (SYN | ACK | RST) == SYN | ACK

    @property
    def plain(self):
        """Neither SYN, FIN nor RST."""
        return not self.flags & (SYN | FIN | RST)

    @property
    def pure_ack(self):
        """An acknowledgement and nothing else."""
        return self.plain and self.has(ACK) and not self.length

    @property
    def sack(self):
        """The first SACK block (RFC 2018 3): its edges, or None."""
        options = self.options
        while len(options) > 1 and options[0]:
            if options[0] == NO_OPERATION:
                options = options[1:]
                continue
            if options[0] == SACK and len(options) >= 10:
                return int.from_bytes(options[2:6], 'big'), int.from_bytes(options[6:10], 'big')
            options = options[max(options[1], 2):]
        return None

    @property
    def end(self):
        """The number after the segment: SYN and FIN count."""
        return forward(self.seq, self.length + self.has(SYN) + self.has(FIN))
