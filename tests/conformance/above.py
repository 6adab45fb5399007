"""What is above TCP, from the octets alone: the steps that the rules ask of each segment."""
import re
from collections import Counter, namedtuple

from frames import Frames, Mqtt, PostgreSql, WebSocket, begins_http2, begins_mqtt, begins_postgresql, http2_frame
from http_messages import Http, begins_http
from ordering import Ordering
from segment import ACK, FIN, RST, SYN, distance, forward
from tls_records import CLIENT_HELLO, HANDSHAKE, Tls, begins_tls
from tokens import ANY, token

# `protocol` reads the octets: None, 'tls', 'http', 'http2', 'mqtt', 'postgresql', 'websocket'; `lost` where nobody knows the place; `refused`
# where a frame's header cannot be one.
Reading = namedtuple('Reading', 'protocol tokens lost refused numbers heads types ended going_on')
NOTHING = Reading(None, [], False, False, [], [], [], set(), set())
FIRST = 40  # octets of a direction that tell a protocol
MQTT = (b'mqtt', b'mqttv3.1')  # subprotocols of WebSocket
BEFORE_TLS = 4096  # octets of a protocol behind which TLS can begin (T10)
STARTTLS = re.compile(rb'(?i)(?:\S+ )?(?:STARTTLS|STLS|AUTH (?:TLS|SSL|TLS-C))\s*$')
ACCEPTED = re.compile(rb'(?i)220[ -]|234[ -]|\+OK|\S+ OK')


class Opaque:
    """Octets that nobody reads: the first start line was none."""

    def take(self, *_):
        """No tokens."""
        return []

    def skip(self, *_):
        """Nothing to lose."""


class Above:
    """One connection."""

    def __init__(self, first):
        self.names = (first.src, first.dst)
        self.midway = not first.has(SYN)
        self.orderings = (Ordering(), Ordering())
        self.starts = [None, None]  # numbers after the SYNs
        self.acknowledged = [None, None]
        self.firsts = [b'', b'']
        self.refused = [False, False]
        self.protocol = None
        self.observer = None
        self.fins = [None, None]  # their numbers
        self.finished = [False, False]
        self.syn = None
        self.heads = Counter()  # start lines that Wireshark has not shown yet
        self.asked = None  # who has asked for TLS
        self.opened = False  # Wireshark has keys
        self.behind = False  # HTTP stands behind octets of another protocol
        self.unread = 0  # octets of both directions that no protocol has claimed

    def index(self, segment):
        """Which direction."""
        return 0 if (segment.src, segment.dst) == self.names else 1

    def take(self, segment, verdict):
        """What a segment's octets are."""
        index = self.index(segment)
        reading = NOTHING
        skipped = verdict.copy_of or segment.has(RST) or verdict.keepalive.kind == 'Keep-Alive Probe'
        if segment.has(SYN):
            if self.starts[index] is None:
                self.starts[index] = forward(segment.seq, 1)
            if segment.has(ACK) and self.starts[1 - index] is None:
                self.starts[1 - index] = segment.ack
            reading = self.opens(index, segment, skipped)
        elif segment.length and not skipped and not self.finished[index]:
            if self.starts[index] is not None and self.acknowledged[index] == self.starts[index]:
                self.orderings[index].begins(self.starts[index])
            pieces = self.orderings[index].take(segment, self.acknowledged[index])
            reading = self.read(index, pieces, segment)
        if segment.has(ACK) and not verdict.copy_of and not segment.has(RST):
            known = self.acknowledged[1 - index]
            if known is None or distance(segment.ack, known) > 0:
                self.acknowledged[1 - index] = segment.ack
        if segment.has(FIN) and self.fins[index] is None:
            self.fins[index] = forward(segment.seq, segment.length)
            self.finished[index] = self.knows(index, self.fins[index])
        for side in (0, 1):
            self.ends(side)
        return reading

    def knows(self, index, number):
        """Whether the peer of a direction has acknowledged everything up to this number."""
        acknowledged = self.acknowledged[index]
        return acknowledged is not None and distance(acknowledged, number) >= 0

    def ends(self, index):
        """A FIN ends a direction behind the octets before it, or once it is acknowledged."""
        fin, following = self.fins[index], self.orderings[index].next
        if fin is not None:
            reached = following is None or distance(following, fin) >= 0
            self.finished[index] |= reached or self.knows(index, forward(fin, 1))

    def opens(self, index, segment, skipped):
        """A SYN's octets count once its SYN-ACK acknowledges them (RFC 7413 3)."""
        syn = self.syn
        if syn and index != self.index(syn) and segment.ack == syn.end and self.orderings[1 - index].is_fresh:
            self.read(1 - index, self.orderings[1 - index].take(syn, None), syn)
        if not segment.length or skipped:
            return NOTHING
        self.syn = segment
        alone = Above(segment)
        return alone.read(0, alone.orderings[0].take(segment, None), segment)

    def read(self, index, pieces, segment):
        """Hands pieces to the protocol."""
        tokens, lost, numbers, heads, types = [], all(piece.late for piece in pieces), [], [], []
        for piece in pieces:
            if piece.gap:
                self.skip(index, piece.gap)
            rest, rounds = piece.octets, 0
            while rounds < 4:
                rounds += 1
                more, rest = self.octets(index, rest, piece.frame)
                tokens += [] if piece.late else more
                if piece.late and isinstance(self.observer, Tls):
                    self.observer.begun = []
                if isinstance(self.observer, Http):
                    new = [] if piece.late else [number for number in self.observer.numbers if number not in numbers]
                    numbers += new
                    heads += self.observer.heads
                    self.observer.numbers, self.observer.heads = [], []
                if isinstance(self.observer, Frames):
                    types += [] if piece.late else self.observer.types
                    self.observer.types = []
                if not rest or not self.switches():
                    break
            if piece.missing:
                self.skip(index, piece.missing)
                tokens += [] if piece.late else [ANY]
        ended, going_on = set(), set()
        if isinstance(self.observer, Tls):
            ended, self.observer.ended = self.observer.ended, set()
            going_on = self.observer.sides[index].running
        refused = isinstance(self.observer, Frames) and self.observer.sides[index]['refused']
        return Reading(self.protocol, tokens, lost or ANY in tokens, refused, numbers, heads, types, ended, going_on)

    def octets(self, index, octets, frame):
        """The tokens of octets, and what is left after a switch."""
        if self.observer is None:
            tokens = self.starttls(index, octets)
            octets = self.choose(index, octets)
            if self.observer is None:
                return tokens, b''
        if isinstance(self.observer, Http):
            tokens, rest = self.observer.take(index, octets, frame)
            if self.observer.mistaken:
                self.set('none', Opaque())
                return [], b''
            return tokens, rest
        if isinstance(self.observer, PostgreSql):
            return self.observer.take(index, octets)
        return self.observer.take(index, octets), b''

    def choose(self, index, piece):
        """Looks for a protocol; gives the octets that it is to read."""
        refused = self.refused[index]
        octets = piece if refused else self.firsts[index] + piece
        self.firsts[index] = octets[:FIRST]
        if begins_tls(piece, False) and piece[0] == HANDSHAKE and piece[5] == CLIENT_HELLO:
            if self.asked is not None or self.unread <= BEFORE_TLS:
                self.set('tls', Tls(False, self.midway))
                return piece
        if (self.midway or not refused) and begins_tls(octets, self.midway):
            hello = octets[0] == HANDSHAKE and octets[5] in (1, 2)
            self.set('tls', Tls(self.midway and not hello, self.midway))
        elif begins_http2(octets):
            self.set('http2', Frames(http2_frame))
        elif (self.midway or not refused) and begins_http(octets[:FIRST]):
            answers = octets.lstrip(b'\r\n').startswith(b'HTTP/')
            self.set('http', Http(1 - index if answers else index))
        elif (self.midway or not refused) and begins_mqtt(octets[:FIRST]):
            self.set('mqtt', Mqtt(index, octets))
        elif (self.midway or not refused) and begins_postgresql(octets[:FIRST]):
            self.set('postgresql', PostgreSql(index))
        elif len(octets) >= FIRST:
            self.refused[index] = True
        self.unread += len(piece)
        return octets

    def starttls(self, index, octets):
        """The commands of T10 and what accepts them."""
        if self.protocol or not STARTTLS.match(octets if self.asked is None else octets[:0]):
            accepted = self.protocol is None and self.asked == 1 - index and ACCEPTED.match(octets)
            return [token('STARTTLS', optional=True)] if accepted else []
        self.asked = index
        return [token('STARTTLS', optional=True)]

    def set(self, protocol, observer):
        """A protocol is known."""
        self.protocol, self.observer = protocol, observer

    def switches(self):
        """After an upgrade or a CONNECT."""
        switch = getattr(self.observer, 'switch', None)
        if not switch:
            return False
        self.midway, self.firsts, self.refused = False, [b'', b''], [False, False]
        if switch == b'websocket':
            http = self.observer
            extended = bool(http.field(http.sides[1 - http.client], b'sec-websocket-extensions'))
            chosen = http.field(http.sides[1 - http.client], b'sec-websocket-protocol')
            self.set('websocket', WebSocket(http.client, extended, any(name in MQTT for name in chosen)))
        elif switch.startswith(b'h2c') if isinstance(switch, bytes) else False:
            self.set('http2', Frames(http2_frame))
        else:
            self.set(None, None)
        return True

    def skip(self, index, length):
        """Octets that were not captured."""
        if self.observer is None:
            self.refused[index] = True
        else:
            self.observer.skip(index, length)
