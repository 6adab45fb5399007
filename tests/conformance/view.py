"""One segment as Wireshark's dissectors and as the plugin see it, and why they differ where they do."""
from findings import AGREE, DIFFERENT, EXPLAINED
from frames import PACKETS, PACKET_STEPS, SQL
from http_messages import METHODS, Http
from tls_records import CLIENT_HELLO, CONCLUDED, DRAFTS, HANDSHAKE_STEPS, NAMES, OTHER, SERVER_HELLO, TLS_1_3

HTTP = {'HTTP Request', 'HTTP Request Body', 'HTTP Response', 'HTTP Response Body', 'HTTP Interim Response',
        'HTTP Upgrade', 'HTTP Tunnel'}
HTTP2 = {'HTTP/2 Frames', 'HTTP/2 PING', 'HTTP/2 PING ACK', 'HTTP/2 GOAWAY'}
WEBSOCKET = {'WebSocket Data', 'WebSocket Ping', 'WebSocket Pong', 'WebSocket Close'}
MQTT = {PACKETS, *PACKET_STEPS.values()}
POSTGRESQL = SQL
TLS = HANDSHAKE_STEPS | {'Change Cipher Spec', 'Encrypted Handshake', 'TLS Alert', 'TLS close_notify',
                         'TLS Application Data', 'TLS Early Data', 'TLS Heartbeat Request', 'TLS Heartbeat Response'}
KINDS = {'REQ': 'request', 'RSP': 'response'}  # of what the oracle says about HTTP; all else is a continuation
KIND_OF_STEP = {'HTTP Request': 'request', 'HTTP Request Body': 'body', 'HTTP Response Body': 'body'}
STEP_OF_FRAME = {6: {'HTTP/2 PING', 'HTTP/2 PING ACK'}, 7: {'HTTP/2 GOAWAY'}}
STEP_OF_OPCODE = {8: {'WebSocket Close'}, 9: {'WebSocket Ping'}, 10: {'WebSocket Pong'}}
METHOD_NAMES = {name.decode() for name in METHODS}


def in_body(above):
    """Whether a side is in a body, or would be if anybody knew its length."""
    sides = above.observer.sides if isinstance(above.observer, Http) else ()
    return any(side.mode in ('counted', 'close', 'lost') for side in sides)


def numbers(text):
    """A column of numbers."""
    return [int(number, 0) for number in text.split(';') if number]


class View:
    """One segment in both eyes."""

    def __init__(self, payloads, segment, reading, ours, excuse, where):
        self.tally, self.segment, self.reading = payloads.tally, segment, reading
        self.ours, self.where, self.excuse, self.row = set(ours), where, excuse, segment.above
        self.app = self.row['app'].split(':')

    def check(self, above):
        """Every protocol that Wireshark or the plugin sees."""
        self.check_tls()
        self.check_version()
        self.check_alerts()
        self.check_http()
        self.check_heads(above)
        self.check_numbers(above)
        self.check_frames('i HTTP/2 frames', numbers(self.row['h2_type']), HTTP2, 'HTTP/2 Frames', STEP_OF_FRAME)
        self.check_frames('i WebSocket frames', numbers(self.row['ws_op']), WEBSOCKET, 'WebSocket Data', STEP_OF_OPCODE)

    def settle(self, check, same, reason, detail):
        """Agreement, or a reason, or a difference."""
        if same:
            self.tally.add(check, AGREE, '', self.where)
        elif self.excuse or reason:
            self.tally.add(check, EXPLAINED, self.excuse or reason, self.where)
        else:
            self.tally.add(check, DIFFERENT, '', self.where, '%s: %s' % (detail, self.segment.ours.one('label')))

    def check_tls(self):
        """Handshake types: Wireshark's are among ours; ours are Wireshark's, or of a message that goes on."""
        theirs = {NAMES.get(kind, OTHER) for kind in numbers(self.row['tls_hs'])}
        ours = self.ours & HANDSHAKE_STEPS
        if 'Hello Retry Request' in ours:
            theirs = {'Hello Retry Request' if kind == 'Server Hello' else kind for kind in theirs}
        if theirs:
            extra = theirs - ours
            self.settle('h TLS in Wireshark', not extra, self.why_theirs(extra), 'only Wireshark: %s' % sorted(extra))
        if ours:
            extra = ours - theirs
            self.settle('h TLS in ours', not extra, self.why_ours(extra), 'only ours: %s' % sorted(extra))

    def check_version(self):
        """The negotiated version, where Wireshark shows the Server Hello."""
        kinds, offered = numbers(self.row['tls_hs']), numbers(self.row['tls_supp_ver'])
        versions = offered or numbers(self.row['tls_hs_ver'])
        if SERVER_HELLO not in kinds or CLIENT_HELLO in kinds or not versions or 'Hello Retry Request' in self.ours:
            return
        theirs = TLS_1_3 if versions[-1] >> 8 in DRAFTS else versions[-1]
        ours = self.segment.ours.one('tls.version')
        self.settle('h TLS version', ours is not None and int(ours, 0) == theirs, self.why_nothing(),
                    'Wireshark %#06x, ours %s' % (theirs, ours))

    def check_alerts(self):
        """Alerts that Wireshark can read."""
        theirs = numbers(self.row['tls_alert'])
        if not theirs:
            return
        same = all(('TLS close_notify' if alert == 0 else 'TLS Alert') in self.ours for alert in theirs)
        self.settle('h TLS alerts', same, self.why_nothing(), 'Wireshark %s' % theirs)

    def why_theirs(self, extra):
        """Why Wireshark shows handshake messages that we do not."""
        if extra <= self.reading.ended | self.reading.going_on:
            return 'T8 Wireshark shows a record where it ends, we where its messages are'
        return self.why_nothing()

    def why_ours(self, extra):
        """Why we show handshake messages that Wireshark does not."""
        if self.hidden() and self.segment.ours.has('inferred'):
            clear = {step for item in self.reading.tokens if not item.steps <= CONCLUDED for step in item.steps}
            extra = extra - (CONCLUDED - clear)
            if not extra:
                return 'T2 T5 concluded from outside'
        if extra <= self.reading.going_on:
            return 'T8 the message or its record goes on'
        if extra == {OTHER}:
            return 'T8 Wireshark names no message of an unknown type'
        return self.why_wireshark_silent()

    def hidden(self):
        """Whether a record here cannot be read without keys: its name can only be concluded."""
        return any(item.steps and item.steps <= CONCLUDED for item in self.reading.tokens)

    def why_nothing(self):
        """Why we see nothing where Wireshark sees something."""
        if self.reading.lost:
            return 'G2 octets before are missing'
        if self.reading.refused:
            return 'K11 RFC 6455 rules the header of the frame out'
        if self.reading.protocol in (None, 'none'):
            return 'G7 the octets begin no message of a known protocol'
        return None

    def why_wireshark_silent(self):
        """Why Wireshark sees nothing where we see something."""
        if self.row['app'] == '':
            part = bool(self.row['reasm_in'])
            return 'H6 T8 Wireshark shows what it is part of elsewhere' if part else 'G7 Wireshark hands these octets to nobody'
        if self.reading.protocol not in self.app:
            return 'G7 Wireshark hands these octets to another dissector'
        return None

    def why_http(self, theirs, ours):
        """Why HTTP differs."""
        if self.app[0] == 'http' and self.reading.protocol in ('websocket', 'http2', 'tls'):
            return 'H2 after a switch the octets are not HTTP/1.x'
        if not theirs:
            return self.why_wireshark_silent()
        if 'socks' in self.app:
            return 'G7 the octets are inside SOCKS'
        return None if ours else self.why_nothing()

    def check_http(self):
        """Requests, responses and continuations."""
        theirs = [item for item in self.row['http'].split(',') if item]
        ours = self.ours & HTTP
        if not theirs and not ours:
            return
        expected = {KINDS.get(item.split(':')[0], 'body') for item in theirs}
        shown = {KIND_OF_STEP.get(step, 'response') for step in ours}
        # Wireshark calls a field section that goes on a continuation, too.
        same = bool(ours) if expected == {'body'} else expected <= shown and bool(expected)
        self.settle('i HTTP', same, self.why_http(theirs, ours), 'Wireshark %s, ours %s' % (theirs, sorted(ours)))

    def check_heads(self, above):
        """Methods and status codes: Wireshark shows them where the head ends, we from their first line on."""
        above.heads.update(self.reading.heads)
        for item in self.row['http'].split(','):
            if not item or item == 'CONT':
                continue
            known = above.heads[item] > 0 or above.opened and self.names(item)
            above.heads[item] -= above.heads[item] > 0
            if self.excuse and self.excuse.startswith('T10'):
                known = known or self.names(item)
            reason = self.why_http([item], self.ours & HTTP) or (in_body(above) and 'H1 by its length it is of a body')
            self.settle('i HTTP methods and codes', known, reason, 'Wireshark %s' % item)
        for item in self.reading.heads[:1]:
            name = item.split(':')[1]
            known = name in METHOD_NAMES or name.isdigit()
            if known and not self.excuse and self.ours & HTTP and not self.begins_in_body():
                self.settle('i HTTP label', ' ' + name in self.segment.ours.one('label'), None, item)

    def names(self, item):
        """Whether our label names what Wireshark found inside TLS; of several it names the first one only."""
        label = self.segment.ours.one('label')
        return ' ' + item.split(':')[1] in label or len(self.ours & HTTP) > 1 or '#' not in label or ', #' in label

    def begins_in_body(self):
        """Whether the label names a body, and not the first head."""
        return next(step for step in self.segment.ours.steps if step in HTTP).endswith('Body')

    def check_numbers(self, above):
        """Message numbers."""
        ours = [int(number) for number in self.segment.ours.values.get('http.message', [])]
        expected = self.reading.numbers
        certain = self.reading.protocol == 'http' and expected and not (self.reading.lost or above.midway)
        if certain and not self.excuse:
            self.settle('i HTTP numbers', ours == expected, None, 'expected %s, shown %s' % (expected, ours))

    def check_frames(self, check, theirs, family, other, special):
        """Types of HTTP/2 frames, or opcodes."""
        ours = self.ours & family
        expected = [special.get(kind, {other}) for kind in theirs]
        theirs_shown = all(steps & ours for steps in expected)
        same = theirs_shown and ours <= {step for steps in expected for step in steps}
        if theirs or ours:
            reason = self.why_nothing() if theirs else self.why_wireshark_silent()
            if not theirs and not self.reading.types:
                reason = reason or 'H7 no frame begins here: a preface, or a frame that goes on'
            if not theirs and self.hidden():
                reason = reason or 'H7 inside TLS no frame begins here'
            self.settle(check, same, reason, 'Wireshark %s, ours %s' % (theirs, sorted(ours)))
