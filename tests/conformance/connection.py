"""What an observer knows of a connection: the independent model that the plugin is compared with.

Written from the rules alone; O, K, C and G are the rules for opening, keep-alives, closing and in general."""
from octets import Octets
from segment import ACK, FIN, RST, SYN, distance, forward

SAME = ('identification', 'seq', 'ack', 'flags', 'length')  # of a segment and its copy
COPY_NUMBERED = 1_000_000  # nanoseconds, when the IP identification tells packets apart
COPY_UNNUMBERED = 100_000
REMEMBERED = 256  # segments of a side, for their copies
NEAR = 1 << 24  # sequence numbers that may belong to one connection


class Side:
    """One sender."""

    def __init__(self):
        self.isn = None
        self.other = None  # number and acknowledgement of a SYN-ACK with another number
        self.syn_octets = 0  # sent in the SYN
        self.accepted = 0  # of those, acknowledged by the SYN-ACK
        self.syn_acked = False  # has sent a valid SYN-ACK
        self.next = None  # highest end that was sent or acknowledged
        self.sent = False
        self.last_octet_alone = False  # the octet before next went in a segment of its own
        self.acknowledged = None  # highest acknowledgement of the peer
        self.last_ack = None
        self.window = None
        self.reopened = False  # since the peer last sent anything
        self.fin = None
        self.octets = Octets()
        self.recent = []
        self.probe = None  # (kind, rule) awaiting its answer
        self.probed = None  # number of the last keep-alive or zero-window probe

    @property
    def all_acknowledged(self):
        """Whether the peer has acknowledged everything."""
        return self.acknowledged is not None and self.acknowledged == self.next

    @property
    def fin_acknowledged(self):
        """Whether the peer has acknowledged the FIN."""
        return self.fin is not None and self.acknowledged is not None and distance(self.acknowledged, self.fin) > 0


class Connection:
    """Two sides, and how far the opening and the close have got."""

    def __init__(self, number, first, origin):
        self.number = number
        self.origin = origin  # why it is a connection of its own
        self.names = (first.src, first.dst)
        self.sides = (Side(), Side())
        self.client = None  # index of the SYN's sender
        self.syn_ack = False
        self.simultaneous = False
        self.handshake_ack = False
        self.complete = not first.has(SYN)  # O11: opened before the capture began
        self.midway = self.complete
        self.reset = False
        self.segments = 0
        self.busy_time = None  # of the last segment that was no keep-alive
        self.last_time = None  # of the last segment
        self.round_trip = 0
        self.syn_time = None

    def index(self, segment):
        """Which side sends. A connection to itself has one side for each direction of its numbers."""
        return 0 if (segment.src, segment.dst) == self.names else 1

    def ends(self, segment):
        """Sender and receiver."""
        index = self.index(segment)
        return self.sides[index], self.sides[1 - index]

    @property
    def closed(self):
        """C9: what follows is a stray."""
        return self.reset or all(side.fin_acknowledged for side in self.sides)

    @property
    def pending(self):
        """A SYN that nobody has taken up."""
        return not self.complete and not self.syn_ack

    def fits(self, segment):
        """Whether the numbers of a segment may belong here."""
        sender, receiver = self.ends(segment)
        fits = sender.next is None or abs(distance(segment.seq, sender.next)) < NEAR
        if segment.has(ACK) and receiver.next is not None:
            fits = fits and abs(distance(segment.ack, receiver.next)) < NEAR
        return fits

    def original(self, segment):
        """G4: the segment of which this is a mirrored copy."""
        sender, _ = self.ends(segment)
        for other in reversed(sender.recent):
            if is_copy(segment, other):
                return other
        return None

    def remember(self, segment):
        """Keeps a segment as long as a copy may follow."""
        sender, _ = self.ends(segment)
        sender.recent = sender.recent[1 - REMEMBERED:] + [segment]

    def take(self, segment, keepalive, probe):
        """Moves both sides on; a probe's octet is no data."""
        self.segments += 1
        self.last_time = segment.time
        if not keepalive:
            self.busy_time = segment.time
        if segment.has(RST):
            self.take_reset(segment)
            return
        sender, receiver = self.ends(segment)
        self.take_opening(segment, sender, receiver)
        if segment.has(ACK):
            take_ack(segment, sender, receiver)
        if sender.next is None or distance(segment.end, sender.next) > 0:
            sender.next = segment.end
            sender.last_octet_alone = segment.length == 1 and segment.plain
        if segment.has(FIN) and sender.fin is None:
            sender.fin = forward(segment.seq, segment.length + segment.has(SYN))
        if not probe:
            sender.octets.add(segment)
        sender.sent = True
        sender.reopened = sender.reopened or sender.window == 0 and segment.window > 0
        receiver.reopened = False
        sender.window = segment.window

    def take_opening(self, segment, sender, receiver):
        """SYN, SYN-ACK and what completes."""
        index = self.index(segment)
        if segment.opens and sender.isn is None or segment.opens and sender.isn == segment.seq and self.client is None:
            sender.isn, sender.syn_octets = segment.seq, segment.length
            self.client = index if self.client is None else self.client
            self.syn_time = segment.time
        elif segment.opens and not self.complete:
            sender.syn_octets = max(sender.syn_octets, segment.length)  # O2: a retry with the cookie may bring them
            self.syn_time = segment.time
            self.reset = False  # tried again after a refusal
        elif segment.answers_open:
            self.take_syn_ack(segment, sender, receiver, index)
        elif self.syn_ack and index != self.client and is_answer(segment, receiver):
            self.complete = True  # O12: the handshake ACK was not captured

    def take_syn_ack(self, segment, sender, receiver, index):
        """O3, O6, O9."""
        if receiver.isn is None:
            receiver.isn = forward(segment.ack, -1)
        offset = distance(segment.ack, receiver.isn)
        valid = 0 < offset <= 1 + receiver.syn_octets
        if not valid or sender.isn not in (None, segment.seq):
            sender.other = (segment.seq, segment.ack)
        if not valid:
            return
        if sender.isn is not None and receiver.sent and sender.isn == segment.seq and self.client is not None \
                and not sender.syn_acked:
            self.simultaneous = True
        if sender.isn is None:
            sender.isn = segment.seq
        if self.client is None:
            self.client = 1 - index
        if sender.isn == segment.seq:
            if self.simultaneous and self.syn_ack:
                self.complete = True
            sender.syn_acked = self.syn_ack = True
            receiver.accepted = offset - 1
            if self.syn_time:
                self.round_trip = segment.time - self.syn_time

    def take_other_isn(self, segment):
        """O3: of two SYN-ACKs the one that the SYN's sender answers; its SYN may be one that was not captured."""
        sender, receiver = self.ends(segment)
        if receiver.other is None or self.complete or receiver.isn == forward(segment.ack, -1):
            return
        isn, ack = receiver.other
        if segment.ack == forward(isn, 1) and distance(segment.seq, ack) >= 0:
            receiver.isn, receiver.next, receiver.other = isn, segment.ack, None
            if not 0 < distance(ack, sender.isn) <= 1 + sender.syn_octets:
                sender.isn, sender.next, sender.acknowledged = forward(ack, -1), ack, ack

    def take_reset(self, segment):
        """C8: only a reset at an expected number closes."""
        sender, receiver = self.ends(segment)
        self.reset = self.reset or self.resets(segment, sender, receiver)

    def resets(self, segment, sender, receiver):
        """O7, C8: whether a reset is valid."""
        if not self.complete and segment.has(ACK) and not sender.sent:
            return receiver.isn is None or distance(segment.ack, receiver.isn) > 0
        expected = {sender.next, sender.acknowledged, None if sender.next is None else receiver.last_ack}
        if sender.fin is not None:
            expected |= {sender.fin, forward(sender.fin, 1)}
        return sender.next is None or segment.seq in expected


def is_answer(segment, receiver):
    """Whether the server's segment shows that the client has completed the opening: its octets beyond the SYN are
    acknowledged, or it was not captured at all. Without that the server may speak early (O4, O5)."""
    return not receiver.sent or distance(segment.ack, receiver.isn) > 1 + receiver.syn_octets


def take_ack(segment, sender, receiver):
    """The peer's octets that are acknowledged; what was not seen was sent all the same."""
    if receiver.acknowledged is None or distance(segment.ack, receiver.acknowledged) > 0:
        receiver.acknowledged = segment.ack
    if receiver.next is None or distance(segment.ack, receiver.next) > 0:
        receiver.next, receiver.last_octet_alone = segment.ack, False
    sender.last_ack = segment.ack


def is_copy(segment, other):
    """G4: the same segment, captured twice. Without an IP identification (IPv6, and IPv4's 0, RFC 6864) only a SYN is
    sure not to be sent again within a millisecond."""
    if any(getattr(segment, name) != getattr(other, name) for name in SAME):
        return False
    apart = abs(segment.time - other.time)
    if segment.identification and int(segment.identification, 16):
        return apart < COPY_NUMBERED
    same_octets = (segment.window, segment.checksum) == (other.window, other.checksum)
    return same_octets and apart < (COPY_NUMBERED if segment.has(SYN) else COPY_UNNUMBERED)
