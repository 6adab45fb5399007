"""What an observer knows of a connection: the independent model that the plugin is compared with.

Written from the rules alone; O, K, C and G are the rules for opening, keep-alives, closing and in general."""
from collections import deque, namedtuple

from octets import Octets
from segment import ACK, FIN, RST, SYN, distance, forward

SAME = ('identification', 'seq', 'ack', 'flags', 'length', 'window', 'options')  # of a segment and its copy
COPY_NUMBERED = 100_000_000  # nanoseconds, when the IP identification tells packets apart
COPY_UNNUMBERED = 100_000
REMEMBERED = 2048  # segments of a side, for their copies
NEAR = 1 << 24  # sequence numbers that may belong to one connection
LARGEST_WINDOW = 65535  # of a SYN: it is never scaled


# A segment, what came before it in the capture, and whether it repeats what was captured.
Seen = namedtuple('Seen', 'segment index repeated')


class Side:
    """One sender."""

    def __init__(self):
        self.isn = None
        self.other = None  # number and acknowledgement of a SYN-ACK with another number
        self.syn_octets = 0  # sent in the SYN
        self.syn_window = LARGEST_WINDOW
        self.first = None  # number of the first octet that can have been sent
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
        self.recent = deque()  # as Seen
        self.alike = {}  # the same, by what copies have in common
        self.last = None  # segment
        self.constant = False  # the last two had the same IP identification
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
        self.disbelieved = None  # what the handshake ACK would have acknowledged, and is too much

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

    def exchanged(self, segment):
        """O1: octets of both sides were acknowledged; of one side that was captured alone, it has sent some."""
        sender, receiver = self.ends(segment)
        if not receiver.sent:
            return sender.isn is not None and distance(sender.next, sender.isn) > 1 + sender.syn_octets
        return all(side.first is not None and side.acknowledged is not None
                   and distance(side.acknowledged, side.first) > 0 for side in self.sides)

    def fit(self, segment):
        """O1: 0, the numbers are not its own; 1, they may be; 2, one is just the expected one; 3, both are."""
        sender, receiver = self.ends(segment)
        found = [place(segment.seq, sender, is_expected(segment, sender))]
        if segment.has(ACK):
            found.append(place(segment.ack, receiver, is_sent(segment.ack, receiver)))
        if segment.has(RST):
            refuses = not self.complete and found[-1] == 2 and segment.has(ACK)
            return max(2 if refuses else 0, found[0] or 0, 3 if found == [2, 2] else 0)
        known = [number for number in found if number is not None]
        if not known or 0 in known or found[0] is None and 2 not in known and not segment.length:
            return 0
        return 3 if found == [2, 2] else max(known)

    @property
    def live(self):
        """Open, and not closed or reset."""
        return self.complete and not self.closed

    def original(self, segment):
        """G4: what is remembered of the segment of which this is a mirrored copy."""
        sender, _ = self.ends(segment)
        found = [seen for seen in sender.alike.get(likeness(segment), []) if is_copy(segment, seen.segment, sender.constant)]
        return min(found, key=lambda seen: abs(segment.time - seen.segment.time), default=None)

    def remember(self, seen):
        """Keeps a segment as long as a copy may follow."""
        sender, _ = self.ends(seen.segment)
        sender.constant = sender.last is not None and sender.last.identification == seen.segment.identification
        sender.last = seen.segment
        sender.alike.setdefault(likeness(seen.segment), []).append(seen)
        sender.recent.append(seen)
        if len(sender.recent) > REMEMBERED:
            del sender.alike[likeness(sender.recent.popleft().segment)][0]

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
        if segment.has(ACK) and not self.disbelieves(segment, sender, receiver):
            take_ack(segment, sender, receiver)
        if sender.next is None or distance(segment.end, sender.next) > 0:
            sender.next = segment.end
            sender.last_octet_alone = segment.length == 1 and segment.plain
        if segment.has(FIN) and sender.fin is None:
            sender.fin = forward(segment.seq, segment.length + segment.has(SYN))
        if not probe:
            sender.octets.add(segment)
        if sender.first is None:
            sender.first = forward(segment.seq, segment.has(SYN))
        sender.sent = True
        sender.reopened = sender.reopened or sender.window == 0 and segment.window > 0
        receiver.reopened = False
        sender.window = segment.window

    def disbelieves(self, segment, sender, receiver):
        """O4, O8: before completion an acknowledgement that is none of the SYN, or of more than was sent."""
        if self.complete or segment.has(SYN):
            return False
        if not sender.sent and sender.isn is None and receiver.isn is not None:
            return not 0 < distance(segment.ack, receiver.isn) <= 1 + receiver.syn_octets
        return self.disbelieved == segment.ack

    def take_opening(self, segment, sender, receiver):
        """SYN, SYN-ACK and what completes."""
        index = self.index(segment)
        if segment.opens and sender.isn is None or segment.opens and sender.isn == segment.seq and self.client is None:
            sender.isn, sender.syn_octets, sender.syn_window = segment.seq, segment.length, segment.window
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
        elif self.syn_ack and index != self.client and segment.seq == self.disbelieved:
            self.complete = True  # O4: the server goes on from what was acknowledged

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
            self.disbelieved = None
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


def is_expected(segment, side):
    """Whether a segment's own number is just the expected one: the next, one below for a keep-alive or a FIN, or that of
    octets that come again."""
    return side.next is not None and (segment.seq in (side.next, forward(side.next, -1), side.acknowledged)
                                      or bool(segment.length) and side.octets.repeats(segment))


def is_sent(number, side):
    """Whether an acknowledgement is one of what was sent and was not acknowledged so far."""
    lowest = side.first if side.acknowledged is None else side.acknowledged
    return side.next is not None and lowest is not None and distance(number, lowest) >= 0 >= distance(number, side.next)


def place(number, side, exact):
    """2, just the expected number; 1, near; 0, far; None, nothing to compare it with."""
    if side.next is None:
        return None
    return 2 if exact else int(abs(distance(number, side.next)) < NEAR)


def take_ack(segment, sender, receiver):
    """The peer's octets that are acknowledged; what was not seen was sent all the same."""
    if receiver.acknowledged is None or distance(segment.ack, receiver.acknowledged) > 0:
        receiver.acknowledged = segment.ack
    if receiver.next is None or distance(segment.ack, receiver.next) > 0:
        receiver.next, receiver.last_octet_alone = segment.ack, False
    sender.last_ack = segment.ack


def likeness(segment):
    """What a segment and its copies have in common."""
    return tuple(getattr(segment, name) for name in SAME)


def is_copy(segment, other, constant):
    """G4: of two that are alike, whether one is the other, captured twice. An IP identification tells packets apart, unless there is none (IPv6, and
    IPv4's 0, RFC 6864) or all of the sender's are the same; then only a SYN is sure not to be sent again soon."""
    apart = abs(segment.time - other.time)
    numbered = segment.identification and int(segment.identification, 16)
    if numbered and (segment.has(SYN) or not constant):
        return apart <= COPY_NUMBERED
    if not numbered and segment.checksum != other.checksum:
        return False
    return apart <= (COPY_NUMBERED if segment.has(SYN) else COPY_UNNUMBERED)
