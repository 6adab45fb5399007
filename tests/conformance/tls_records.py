"""TLS records and handshake messages, cut from one direction's octets: what a bystander without keys can tell."""
import hashlib

from tokens import ANY, token

CHANGE_CIPHER_SPEC, ALERT, HANDSHAKE, DATA, HEARTBEAT = range(20, 25)
CLIENT_HELLO, SERVER_HELLO = 1, 2
TLS_1_3 = 0x0304
SHORT_TAG = 0x1305  # TLS_AES_128_CCM_8_SHA256
DRAFTS = (0x7f, 0x7e, 0xfb)  # first octet of the versions of its drafts
WITH_SESSION = 0x7f16  # the first draft whose Server Hello has a session again
SETTINGS = {17513, 17613}  # both numbers of application_settings
RETRY = hashlib.sha256(b'HelloRetryRequest').digest()
NAMES = {0: 'Hello Request', 1: 'Client Hello', 2: 'Server Hello', 4: 'New Session Ticket', 5: 'End Of Early Data',
         6: 'Hello Retry Request', 8: 'Encrypted Extensions', 11: 'Certificate', 12: 'Server Key Exchange',
         13: 'Certificate Request', 14: 'Server Hello Done', 15: 'Certificate Verify', 16: 'Client Key Exchange',
         20: 'Finished', 22: 'Certificate Status', 24: 'Key Update', 25: 'Compressed Certificate'}
OTHER = 'Other Handshake'
HANDSHAKE_STEPS = {*NAMES.values(), OTHER}
SECRET = ('Encrypted Handshake', 'Finished', 'New Session Ticket', 'TLS Application Data', 'TLS Early Data',
          'End Of Early Data', 'TLS Alert', 'TLS close_notify')
# What a record that cannot be read is concluded to be, up to TLS 1.2 by its content type.
CONCLUDED = {*SECRET}
ALERTS = ('TLS Alert', 'TLS close_notify')
HEARTBEATS = ('TLS Heartbeat Request', 'TLS Heartbeat Response')


def begins_tls(octets, midway):
    """Whether a direction begins with a record (rule G7: from its sixth octet on)."""
    if len(octets) < 6:
        return False
    if octets[0] & 0x80:
        length, version = int.from_bytes(octets[:2], 'big') & 0x7fff, int.from_bytes(octets[3:5], 'big')
        return octets[2] == 1 and 12 <= length < 1024 and (version == 2 or 0x300 <= version <= 0x304) and octets[5] < 4
    kinds = (ALERT, HANDSHAKE) if not midway else range(CHANGE_CIPHER_SPEC, HEARTBEAT + 1)
    return is_header(octets) and octets[0] in kinds and (midway or octets[5] < 3)


def is_header(octets):
    """Whether a record can begin so."""
    return CHANGE_CIPHER_SPEC <= octets[0] <= HEARTBEAT and octets[1] == 3 and octets[2] <= 4 and octets[3] <= 0x48


class Hello:
    """What a hello says."""

    def __init__(self, kind, body):
        self.kind, self.retry, self.extensions = kind, kind == SERVER_HELLO and body[2:34] == RETRY, {}
        self.version = int.from_bytes(body[:2], 'big')
        self.suite = 0
        at = 35 + body[34] if len(body) > 34 else len(body)
        if kind == SERVER_HELLO and 0x7f00 < self.version < WITH_SESSION:
            self.suite, at = int.from_bytes(body[34:36], 'big'), 36
        elif kind == SERVER_HELLO:
            self.suite = int.from_bytes(body[at:at + 2], 'big')
            at += 3
        else:
            at += 2 + int.from_bytes(body[at:at + 2], 'big')
            at += 1 + (body[at] if at < len(body) else 0)
        at += 2
        while at + 4 <= len(body):
            length = int.from_bytes(body[at + 2:at + 4], 'big')
            self.extensions[int.from_bytes(body[at:at + 2], 'big')] = body[at + 4:at + 4 + length]
            at += 4 + length
        chosen = self.extensions.get(43, b'')
        if kind == SERVER_HELLO and len(chosen) == 2:
            self.version = int.from_bytes(chosen, 'big')

    @property
    def is_13(self):
        """TLS 1.3 or one of its drafts."""
        return self.version == TLS_1_3 or self.version >> 8 in DRAFTS


class Sender:
    """One direction."""

    def __init__(self):
        self.buffer = b''  # of a record header, or of a message header
        self.kind = None
        self.left = 0  # octets of the record to come
        self.length = 0
        self.message = b''  # of a clear handshake message: header, and a hello's body
        self.message_left = None
        self.hidden = False  # a Change Cipher Spec has come
        self.lost = False
        self.fresh = True  # nothing of the record has been read
        self.after_change = False  # the next handshake record is the Finished
        self.finished = False
        self.running = set()  # steps since a record and a message last ended together


class Tls:
    """Both directions."""

    def __init__(self, midway, doubtful):
        self.sides = (Sender(), Sender())
        self.client = None
        self.midway = midway
        self.version = None
        self.is_13 = False
        self.answered = False  # a Server Hello has come
        self.early = False  # early data was offered
        self.settings = False  # application_settings were offered
        self.gaps = False  # octets were not captured
        self.resumed = None
        self.suite = 0
        self.full = False
        self.complete = False  # both have sent their Finished, up to TLS 1.2
        self.sizes = []  # of the client's protected records of TLS 1.3 that end in this segment
        self.begun = []  # sender and length of those that begin in it
        self.alerts = [0, 0]  # how many of an alert's size each side has sent
        self.fatal = None  # index of who has sent a fatal alert in clear before completion
        self.hellos = 0
        self.not_tls = False
        self.ended = set()  # steps of what ends in this segment, whole records with whole messages
        self.retry = False  # a Hello Retry Request has come
        self.doubtful = doubtful  # what begins a handshake record tells by its four first octets whether it is in clear

    def take(self, index, octets):
        """The tokens of a piece."""
        side, tokens = self.sides[index], []
        while octets:
            if side.lost or self.not_tls:
                return tokens + [ANY]
            octets = self.header(index, octets, tokens) if not side.left else self.body(index, octets, tokens)
        if side.left and side.fresh:
            tokens.append(self.named(index, side, b''))
        return tokens

    def skip(self, index, length):
        """Octets that were not captured."""
        side = self.sides[index]
        self.gaps = True
        hidden = side.kind in (DATA, None) or self.is_hidden(index)
        if side.left > length and hidden:
            side.left -= length
        elif side.left == length and length and hidden:
            side.left = 0
        else:
            side.lost = True

    def header(self, index, octets, tokens):
        """Octets of a record header."""
        side = self.sides[index]
        need = 5 - len(side.buffer)
        side.buffer += octets[:need]
        if side.buffer[0] & 0x80 and self.hellos == 0:
            if len(side.buffer) < 5:
                return octets[need:]
            side.kind, side.left = None, max(int.from_bytes(side.buffer[:2], 'big') & 0x7fff, 3) - 3
            self.hellos, self.client, side.buffer, side.fresh = 1, index, b'', True
            return octets[need:]
        if len(side.buffer) == 5:
            if not is_header(side.buffer):
                side.lost = True
                self.not_tls |= not self.answered
                return octets[need:]
            side.kind, side.left = side.buffer[0], int.from_bytes(side.buffer[3:], 'big')
            side.length, side.buffer, side.fresh = side.left, b'', True
            if side.kind == DATA and self.is_13 and self.answered:
                self.begun.append((index, side.length))
                self.alerts[index] += side.length == self.alert_size
            if not side.left:
                tokens.append(self.named(index, side, b''))
        return octets[need:]

    @property
    def alert_size(self):
        """The length of a protected record of TLS 1.3 that holds an alert (T3): 2 octets, content type and tag."""
        return 2 + 1 + (8 if self.suite == SHORT_TAG else 16)

    def is_hidden(self, index):
        """Whether a side's records cannot be read."""
        side = self.sides[index]
        return side.hidden or self.is_13 and self.answered and side.kind == DATA or side.kind == DATA

    def body(self, index, octets, tokens):
        """Octets of a record's body."""
        side = self.sides[index]
        part, rest = octets[:side.left], octets[side.left:]
        if side.kind == HANDSHAKE and not side.hidden and not self.midway:
            self.messages(index, part, tokens, len(part) == side.left)
        else:
            tokens.append(self.named(index, side, part))
        side.left -= len(part)
        side.fresh = False
        if not side.left:
            self.record_ends(index)
        return rest

    def named(self, index, side, part):
        """The token of a record that is read as one."""
        if side.kind is None:
            return token('Client Hello')
        if side.kind == CHANGE_CIPHER_SPEC:
            return token('Change Cipher Spec')
        if side.kind == HEARTBEAT:
            return token(*HEARTBEATS)
        if side.kind == HANDSHAKE and (side.hidden or self.midway):
            hidden = token('Finished' if side.after_change and not self.midway else 'Encrypted Handshake')
            return token('Finished', 'Encrypted Handshake', *NAMES.values(), optional=True) if self.midway else hidden
        if side.kind == HANDSHAKE:
            return token(*NAMES.values(), OTHER, optional=True)
        if side.kind == ALERT:
            return self.alert(index, side, part)
        if not self.is_13 and self.answered and not self.midway:
            return token('TLS Application Data')
        return token(*SECRET)

    def alert(self, index, side, part):
        """An alert, in clear or not."""
        side.message += part
        if side.length != 2 or side.hidden and not self.is_13:
            side.message = b''
            return token(*ALERTS)
        if len(side.message) < 2:
            return token(*ALERTS, optional=True)
        level, description = side.message[:2]
        side.message = b''
        if level == 2 and not self.complete and self.fatal is None:
            self.fatal = index
        return token('TLS close_notify' if description == 0 else 'TLS Alert')

    def messages(self, index, part, tokens, ends):
        """Handshake messages in clear."""
        side = self.sides[index]
        while part:
            if side.message_left is None:
                need = 4 - len(side.message)
                side.message, part = side.message + part[:need], part[need:]
                if len(side.message) == 4:
                    side.message_left = int.from_bytes(side.message[1:], 'big')
            if side.message_left is not None:
                kept, part = part[:side.message_left], part[side.message_left:]
                side.message += kept
                side.message_left -= len(kept)
            kind = side.message[0]
            done = side.message_left == 0
            tokens.append(self.message_token(side, kind, done))
            side.running |= tokens[-1].steps
            if done:
                self.message_ends(index, kind, side.message[4:])
                side.message, side.message_left = b'', None

    def message_token(self, side, kind, done):
        """The step of a message; only its random tells a Hello Retry Request from a Server Hello."""
        name = NAMES.get(kind, OTHER)
        if kind != SERVER_HELLO:
            return token(name, optional=self.doubtful and len(side.message) < 4)
        if len(side.message) < 38:
            return token(name, 'Hello Retry Request', optional=not done)
        return token('Hello Retry Request' if side.message[6:38] == RETRY else name)

    def message_ends(self, index, kind, body):
        """A message in clear is complete."""
        if kind in (CLIENT_HELLO, SERVER_HELLO):
            hello = Hello(kind, body)
            self.hellos += 1
            self.client = index if kind == CLIENT_HELLO else 1 - index
            if kind == CLIENT_HELLO:
                self.early = 42 in hello.extensions
                self.settings = bool(SETTINGS & set(hello.extensions))
            elif hello.retry:
                self.retry = True
            else:
                self.answered, self.version, self.is_13 = True, hello.version, hello.is_13
                self.suite = hello.suite
                self.resumed = 41 in hello.extensions if hello.is_13 else None
                self.full = False
        elif kind in (11, 12, 14):
            self.full = True

    def record_ends(self, index):
        """A record is complete."""
        side = self.sides[index]
        if not side.message:
            self.ended |= side.running
            side.running = set()
        early = not self.answered and (self.retry or self.early)
        if side.kind == CHANGE_CIPHER_SPEC and not self.is_13 and not early:
            if self.answered and index != self.client and self.resumed is None:
                self.resumed = not self.full
            if self.complete:
                self.complete = False  # of a renegotiation
                for other in self.sides:
                    other.finished = False
            side.hidden = side.after_change = True
        elif side.kind == HANDSHAKE and side.after_change:
            side.after_change, side.finished = False, True
            self.complete |= all(other.finished for other in self.sides)
        elif side.kind == DATA and self.is_13 and index == self.client:
            self.sizes.append(side.length)
