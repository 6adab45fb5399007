"""HTTP/1.x messages, cut from both directions' octets (RFC 9112), with a rule of their own for each part."""
import re

from tokens import ANY, token

METHODS = (b'GET HEAD POST PUT DELETE CONNECT OPTIONS TRACE PATCH PROPFIND PROPPATCH MKCOL COPY MOVE LOCK UNLOCK '
           b'VERSION-CONTROL REPORT CHECKOUT CHECKIN UNCHECKOUT MKWORKSPACE UPDATE LABEL MERGE BASELINE-CONTROL '
           b'MKACTIVITY ORDERPATCH ACL SEARCH BIND UNBIND REBIND MKREDIRECTREF UPDATEREDIRECTREF MKCALENDAR LINK '
           b'UNLINK SUBSCRIBE UNSUBSCRIBE NOTIFY M-SEARCH POLL BCOPY BDELETE BMOVE BPROPFIND BPROPPATCH BITS_POST '
           b'CCM_POST RPC_IN_DATA RPC_OUT_DATA PURGE QUERY').split()
OTHER_SCHEMES = rb'(?:sips?|tel|rtsp[us]?|msrps?):'
START = re.compile(rb'[\r\n]*(?:HTTP/[01]\.\d|(?:%s)[ \t]+(?!(?i:%s)))' % (b'|'.join(METHODS), OTHER_SCHEMES))
REQUEST_LINE = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+)[ \t]+(?:.*[ \t])?HTTP/(\d+)\.(\d+)[ \t]*$", re.S)
STATUS_LINE = re.compile(rb'HTTP/(\d+)\.(\d+)[ \t]+([1-9]\d\d)')
CHUNK = re.compile(rb'([0-9A-Fa-f]+)[ \t]*(?:;|$)')
REQUEST, REQUEST_BODY = 'HTTP Request', 'HTTP Request Body'
RESPONSE, RESPONSE_BODY, INTERIM = 'HTTP Response', 'HTTP Response Body', 'HTTP Interim Response'
UPGRADE, TUNNEL = 'HTTP Upgrade', 'HTTP Tunnel'


def begins_http(octets):
    """Whether a direction begins with a start line, as far as it is there."""
    line, end, _ = octets.lstrip(b'\r\n').partition(b'\n')
    may_go_on = not end or line.startswith(b'HTTP/') or REQUEST_LINE.match(line.rstrip(b'\r'))
    return bool(START.match(octets) and may_go_on)


class Sender:
    """One direction: a start line, a field section or a body."""

    def __init__(self):
        self.line = b''
        self.start = None
        self.fields = []
        self.mode = 'start'
        self.left = 0
        self.number = None
        self.head_frame = None
        self.may_be_bodiless = False  # a response whose request is not known: after HEAD it has no body


class Http:
    """Both directions, and the requests that wait."""

    def __init__(self, client):
        self.sides = (Sender(), Sender())
        self.client = client
        self.waiting = []
        self.requests = 0
        self.certain = self.mistaken = False  # a start line was read; the first one was none
        self.switch = None  # the protocol that takes over
        self.numbers, self.heads = [], []  # of this segment: message numbers, and start lines in the oracle's words

    def take(self, index, octets, frame):
        """The tokens of a piece, and what is left of it after a switch."""
        side, tokens = self.sides[index], []
        while octets and not self.switch:
            if side.mode == 'lost':
                return tokens + [ANY], b''
            self.finds_no_body(index, octets)
            octets = self.body(index, octets, tokens, frame) if side.mode in ('counted', 'close', 'data') \
                else self.text(index, octets, tokens, frame)
        return tokens, octets

    def finds_no_body(self, index, octets):
        """RFC 9112 6.3: a status line where the body of a response to an unknown request would begin."""
        side, (line, end, _) = self.sides[index], octets.partition(b'\n')
        if side.may_be_bodiless and end and STATUS_LINE.match(line) and line[5:6] in b'01':
            self.message_ends(index)
        side.may_be_bodiless = False

    def skip(self, index, length):
        """Octets that were not captured."""
        side = self.sides[index]
        if not length:
            return
        side.may_be_bodiless = False
        if side.mode == 'close':
            return
        if side.mode in ('counted', 'data') and side.left >= length:
            side.left -= length
            if not side.left:
                self.counted_out(index)
        else:
            side.mode = 'lost'

    def text(self, index, octets, tokens, frame):
        """A line, or what is there of it."""
        side = self.sides[index]
        end = octets.find(b'\n') + 1 or len(octets)
        side.line += octets[:end]
        rest = octets[end:]
        if side.mode == 'start':
            if not side.line.strip(b'\r\n'):
                side.line = b''
                tokens.append(token('Data', optional=True))
                return rest
            if side.start is None:
                self.begins(index)
        line = side.line.rstrip(b'\r\n') if side.line.endswith(b'\n') else None
        if side.mode in ('start', 'fields'):
            self.head(index, line, tokens, frame)
        else:
            self.chunk(index, line, tokens, frame)
        if line is not None:
            side.line = b''
        return rest

    def begins(self, index):
        """A message begins."""
        side = self.sides[index]
        side.start, side.fields, side.number = b'', [], None
        if index == self.client:
            self.requests += 1
            side.number = self.requests
            self.waiting.append([self.requests, None])
        elif self.waiting:
            side.number = self.waiting[0][0]

    def head(self, index, line, tokens, frame):
        """A start line or a field."""
        side = self.sides[index]
        side.head_frame = frame
        if side.mode == 'start':
            match = (REQUEST_LINE if index == self.client else STATUS_LINE).match(side.line.strip(b'\r\n'))
            if not match and (line is not None or index != self.client and not may_be_status(side.line)):
                side.mode = 'lost'
                self.mistaken |= not self.certain
                tokens.append(ANY)
                return
            self.certain |= bool(match)
            self.start_line(index, match, line)
        elif line:
            side.fields.append(line)
        tokens.append(self.head_token(index))
        self.touch(side)
        if line == b'' and side.mode == 'fields':
            self.head_ends(index)
        elif line is not None and side.mode == 'start':
            side.mode = 'fields'

    def start_line(self, index, match, line):
        """As much of a start line as is there."""
        side = self.sides[index]
        if match and index != self.client:
            if not side.start:
                self.heads.append('RSP:%d' % int(match.group(3)))
            side.start = int(match.group(3))
        elif match and line is not None:
            side.start = match.group(1)
            self.heads.append('REQ:' + side.start.decode('latin-1'))
            if self.waiting and self.waiting[-1][0] == side.number:
                self.waiting[-1][1] = side.start

    def head_token(self, index):
        """The step of a head."""
        side = self.sides[index]
        if index == self.client:
            return token(REQUEST)
        if not isinstance(side.start, int):
            return token(RESPONSE)
        method = self.waiting[0][1] if self.waiting and self.waiting[0][0] == side.number else None
        return token(response_step(side.start, method))

    def touch(self, side):
        """The segment belongs to a message."""
        if side.number is not None and side.number not in self.numbers:
            self.numbers.append(side.number)

    def field(self, side, name):
        """The elements of a field, in lower case."""
        found = [line.split(b':', 1)[1] for line in side.fields
                 if b':' in line and line.split(b':', 1)[0].strip().lower() == name]
        return [element.split(b';')[0].strip().lower() for element in b','.join(found).split(b',') if element.strip()]

    def head_ends(self, index):
        """RFC 9112 6.3: what follows a field section."""
        side = self.sides[index]
        if index == self.client:
            self.body_begins(index, side.start == b'CONNECT', False)
            return
        status, request = side.start, [side.number, None]
        if status < 200 and status != 101:
            side.mode, side.start = 'start', None
            return
        if self.waiting and self.waiting[0][0] == side.number:
            request = self.waiting.pop(0)
        step = response_step(status, request[1])
        if step in (UPGRADE, TUNNEL):
            self.switch = (self.field(side, b'upgrade') or [b''])[0] if step == UPGRADE else 'tunnel'
            return
        self.body_begins(index, request[1] == b'HEAD' or status in (204, 304), True)
        side.may_be_bodiless = request[1] is None and side.mode != 'start'

    def body_begins(self, index, empty, until_close):
        """How long a body is."""
        side = self.sides[index]
        lengths = set(self.field(side, b'content-length'))
        codings = [coding for coding in self.field(side, b'transfer-encoding') if coding != b'identity']
        if empty:
            self.message_ends(index)
        elif codings:
            side.mode = 'size' if codings[-1] == b'chunked' else 'close' if until_close else 'lost'
        elif len(lengths) > 1 or lengths and not min(lengths).isdigit():
            side.mode = 'lost'
        elif lengths:
            side.mode, side.left = 'counted', int(lengths.pop())
            if not side.left:
                self.message_ends(index)
        elif until_close:
            side.mode = 'close'
        else:
            self.message_ends(index)

    def message_ends(self, index):
        """The next octet begins a message."""
        side = self.sides[index]
        side.mode, side.start = 'start', None

    def body(self, index, octets, tokens, frame):
        """Octets of a body."""
        side = self.sides[index]
        part = octets if side.mode == 'close' else octets[:side.left]
        tokens += self.body_tokens(index, frame)
        self.touch(side)
        if side.mode != 'close':
            side.left -= len(part)
            if not side.left:
                self.counted_out(index)
        return octets[len(part):]

    def counted_out(self, index):
        """The end of a counted body, or of a chunk's data."""
        if self.sides[index].mode == 'counted':
            self.message_ends(index)
        else:
            self.sides[index].mode = 'end'

    def body_tokens(self, index, frame):
        """A body has no step in the segment in which its head ends."""
        if self.sides[index].head_frame == frame:
            return []
        return [token(REQUEST_BODY if index == self.client else RESPONSE_BODY)]

    def chunk(self, index, line, tokens, frame):
        """A chunk's size, the line end behind its data, or a trailer."""
        side = self.sides[index]
        tokens += self.body_tokens(index, frame)
        self.touch(side)
        if line is None:
            return
        match = CHUNK.match(line)
        if side.mode == 'size' and match:
            side.left = int(match.group(1), 16)
            side.mode = 'data' if side.left else 'trailers'
        elif side.mode == 'end' and not line:
            side.mode = 'size'
        elif side.mode == 'trailers':
            if not line:
                self.message_ends(index)
        else:
            side.mode = 'lost'


def may_be_status(line):
    """Whether octets without a line end can become a status line."""
    octets = line.lstrip(b'\r\n')
    return b'HTTP/'.startswith(octets[:5]) and (len(octets) < 6 or octets[5:6] in b'01')


def response_step(status, method):
    """The step of a response."""
    if status == 101:
        return UPGRADE
    if status < 200:
        return INTERIM
    return TUNNEL if method == b'CONNECT' and status < 300 else RESPONSE
