"""Frames of HTTP/2 (RFC 9113 4.1) and WebSocket (RFC 6455 5.2), and packets of MQTT (MQTT 5 2.1), cut from one direction's
octets."""
import re

from tokens import ANY, token

PREFACE = b'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'
FRAMES, GOAWAY, PING, PING_ACK = 'HTTP/2 Frames', 'HTTP/2 GOAWAY', 'HTTP/2 PING', 'HTTP/2 PING ACK'
GOAWAY_TYPE, PING_TYPE, SETTINGS_TYPE, ACK = 7, 6, 4, 1
CONTROL = {8: 'WebSocket Close', 9: 'WebSocket Ping', 10: 'WebSocket Pong'}
MESSAGE = 'WebSocket Data'
OPCODES = {0, 1, 2, *CONTROL}
SHORT = 125  # octets of a control frame, and in the shortest form of a length


# MQTT: a CONNECT up to its flags, and the steps of the types that have one of their own.
CONNECT = re.compile(rb'\x10[\x80-\xff]{0,3}[\0-\x7f]\0\x04MQTT[\x04\x05]', re.DOTALL)
PACKETS = 'MQTT Packets'
PACKET_STEPS = {1: 'MQTT CONNECT', 2: 'MQTT CONNACK', 12: 'MQTT PINGREQ', 13: 'MQTT PINGRESP', 14: 'MQTT DISCONNECT'}
FROM_CLIENT, FROM_SERVER = {1, 8, 10, 12}, {2, 9, 11, 13}
NO_FLAGS, SECOND_FLAG = {1, 2, 4, 5, 7, 9, 11, 12, 13, 14, 15}, {6, 8, 10}
LEAST = {2: 2, 3: 2, 4: 2, 5: 2, 6: 2, 7: 2, 8: 5, 9: 3, 10: 4, 11: 2}  # octets behind the fixed header
LONGER_IN_5 = {2, 4, 5, 6, 7, 11, 14}


# PostgreSQL: a packet that begins it, and the steps of the types that have one of their own.
STARTUP = re.compile(rb'\0\0(?:\0\x08\x04\xd2\x16[\x2f\x30]|..\x04\xd2\x16\x2e|..\0\x03..[A-Za-z_]{4})', re.DOTALL)
SQL = {'PostgreSQL Startup', 'PostgreSQL Authentication', 'PostgreSQL Messages', 'PostgreSQL Ready', 'PostgreSQL Terminate'}
SQL_TYPES = (b'123ACDEGHIKNRSTVWZcdnstv', b'BCDEFHPQSXcdfp')  # of a server, of a client
SQL_STEPS = ({b'R': 'PostgreSQL Authentication', b'Z': 'PostgreSQL Ready'},
             {b'p': 'PostgreSQL Authentication', b'X': 'PostgreSQL Terminate'})
SQL_LENGTHS = ({b'Z': 5, **{bytes([kind]): 4 for kind in b'123Ins'}}, {bytes([kind]): 4 for kind in b'HSX'})


def begins_postgresql(octets):
    """A startup packet."""
    return bool(STARTUP.match(octets)) and 8 <= int.from_bytes(octets[:4], 'big') <= 10000


def begins_mqtt(octets):
    """A CONNECT of MQTT 3.1.1 or 5."""
    found = CONNECT.match(octets)
    if not found or len(octets) <= found.end():
        return False
    flags, is_5 = octets[found.end()], octets[found.end() - 1] == 5
    will = flags & 0x38 == 0 if not flags & 4 else flags & 0x18 != 0x18
    return not flags & 1 and will and (is_5 or flags & 0xc0 != 0x40) and mqtt_packet(octets)[2] >= 12


def begins_http2(octets):
    """A client's preface up to its version, or a server's first SETTINGS."""
    if octets.startswith(PREFACE[:14]):
        return True
    first = octets[:2] == b'\0\0' and octets[3:9] == b'\x04\0\0\0\0\0' and len(octets) > 9 and octets[2] % 6 == 0
    if first and octets[2] == 0:
        return octets[9:18] in (b'\0\0\0\x04\x01\0\0\0\0', b'\0\0\x04\x08\0\0\0\0\0')
    return first and octets[2] <= 96 and octets[9:10] == b'\0' and 1 <= octets[10] <= 9


class Frames:
    """Both directions."""

    def __init__(self, reader):
        self.sides = tuple({'header': b'', 'left': 0, 'token': None, 'lost': False, 'refused': False} for _ in range(2))
        self.reader = reader
        self.types = []  # of the frames that begin in the current segment

    def allows(self, _index, _header):
        """Whether a side's header may go on so."""
        return True

    def take(self, index, octets):
        """The tokens of a piece."""
        side, tokens = self.sides[index], []
        while octets:
            if side['refused']:
                return tokens
            if side['lost']:
                return tokens + [ANY]
            if side['left']:
                tokens.append(side['token'])
                part = octets[:side['left']]
            else:
                part = self.header(index, octets, tokens)
                octets = octets[len(part):]
                continue
            side['left'] -= len(part)
            octets = octets[len(part):]
        return tokens

    def header(self, index, octets, tokens):
        """Octets of a header: one at a time, since its length shows as it goes."""
        side = self.sides[index]
        for at in range(len(octets)):
            side['header'] += octets[at:at + 1]
            if not self.allows(index, side['header']):
                side['refused'] = True
                return octets
            found = self.reader(side['header'])
            if found is None:
                continue
            frame_type, side['token'], side['left'] = found
            side['header'] = b''
            if frame_type is not None:
                self.types.append(frame_type)
            tokens.append(side['token'])
            return octets[:at + 1]
        tokens.append(token(FRAMES, GOAWAY, PING, PING_ACK, MESSAGE, *CONTROL.values(), PACKETS, *PACKET_STEPS.values(),
                            optional=True))
        return octets

    def skip(self, index, length):
        """Octets that were not captured."""
        side = self.sides[index]
        side['lost'] |= side['left'] < length
        side['left'] -= min(length, side['left'])


class WebSocket(Frames):
    """Both directions after a 101, whose client is known, and whether it has agreed on extensions."""

    def __init__(self, client, extended, within=False):
        super().__init__(websocket_frame)
        self.client, self.extended, self.within = client, extended, within

    def take(self, index, octets):
        """What is within messages may have steps of its own."""
        tokens = super().take(index, octets)
        return [ANY if self.within and MESSAGE in item.steps else item for item in tokens]

    def allows(self, index, header):
        """RFC 6455 5.1, 5.2, 5.5: reserved bits and opcodes, whole and short control frames, masks, shortest lengths."""
        opcode, reserved = header[0] & 0x0f, header[0] & 0x70
        control = opcode >= 8
        if control and not header[0] & 0x80 or (reserved or opcode not in OPCODES) and (control or not self.extended):
            return False
        if len(header) < 2:
            return True
        short, masked = header[1] & 0x7f, bool(header[1] & 0x80)
        if masked != (index == self.client) or control and short > SHORT:
            return False
        if short == 126 and len(header) >= 4:
            return int.from_bytes(header[2:4], 'big') > SHORT
        if short == 127 and len(header) >= 10:
            return 0xffff < int.from_bytes(header[2:10], 'big') < 1 << 63
        return True


class Mqtt(Frames):
    """Both directions, from a CONNECT on."""

    def __init__(self, client, first):
        super().__init__(mqtt_packet)
        self.client = client
        self.is_5 = first[CONNECT.match(first).end() - 1] == 5
        self.begun = [False, False]

    def allows(self, index, header):
        """M1: which side sends what, and first; reserved types and flags; lengths."""
        kind, flags, client = header[0] >> 4, header[0] & 0x0f, index == self.client
        if kind == 0 or kind in (FROM_SERVER if client else FROM_CLIENT) or kind == 15 and not self.is_5:
            return False
        if kind == 14 and not client and not self.is_5 or kind in NO_FLAGS and flags or kind in SECOND_FLAG and flags != 2:
            return False
        if kind == 3 and (flags & 6 == 6 or flags & 14 == 8):
            return False
        if not self.begun[index] and kind != 1 and not (not client and (kind == 2 or kind == 15 and self.is_5)):
            return False
        if self.begun[index] and kind == 1:
            return False
        found = mqtt_packet(header)
        if found is None:
            return len(header) < 5
        self.begun[index] = True
        if kind in (12, 13) or kind == 14 and not self.is_5:
            return found[2] == 0
        least = LEAST.get(kind, 0)
        return found[2] >= least if self.is_5 or kind not in LONGER_IN_5 else found[2] == least


class PostgreSql:
    """Both directions, from a client's startup packet on."""

    def __init__(self, client):
        self.client, self.asked, self.switch = client, None, None
        self.rests, self.typed, self.lost = [b'', b''], [False, False], [False, False]
        self.left, self.tokens = [0, 0], [None, None]

    def take(self, index, octets):
        """The tokens of a piece, and what is left behind a switch."""
        tokens, is_client = [], index == self.client
        while octets:
            if self.lost[index]:
                return tokens + [ANY], b''
            if self.left[index]:
                tokens.append(self.tokens[index])
                part = octets[:self.left[index]]
                self.left[index] -= len(part)
                octets = octets[len(part):]
                continue
            if octets[0] == 22 and self.asked and not self.typed[index] and not self.rests[index]:
                self.switch = b'tls'
                return tokens, octets
            if not is_client and not self.typed[index]:
                answer, octets = octets[:1], octets[1:]
                if answer == b'S' and self.asked == b'\x2f':
                    self.switch = b'tls'
                    return tokens + [token('STARTTLS')], octets
                if answer != b'N':
                    self.lost = [True, True]
                    return tokens + [ANY], b''
                self.asked = None
                tokens.append(token('PostgreSQL Messages'))
                continue
            self.rests[index] += octets[:1]
            octets = octets[1:]
            self.head(index, is_client, tokens)
        if self.rests[index] and not self.left[index]:
            tokens.append(token(*SQL, 'STARTTLS', optional=True))
        return tokens, b''

    def head(self, index, is_client, tokens):
        """The beginning of a packet or message, an octet longer."""
        head = self.rests[index]
        if not self.typed[index]:
            if len(head) < 8:
                return
            length, code = int.from_bytes(head[:4], 'big'), head[4:8]
            self.asked = code[3:] if code[:2] == b'\x04\xd2' and code[3] != 0x2e else None
            name = 'STARTTLS' if code == b'\x04\xd2\x16\x2f' else 'PostgreSQL Startup'
            if self.asked is None:
                self.typed = [True, True]
            self.begin(index, tokens, name, length - 8)
            return
        kind = head[:1]
        expected, length = SQL_LENGTHS[is_client].get(kind), int.from_bytes(head[1:5], 'big')
        wrong = len(head) == 5 and (not 4 <= length < 1 << 30 or expected not in (None, length))
        if kind not in SQL_TYPES[is_client] or wrong:
            self.lost[index] = True
            tokens.append(ANY)
        elif len(head) == 5:
            self.begin(index, tokens, SQL_STEPS[is_client].get(kind, 'PostgreSQL Messages'), length - 4)

    def begin(self, index, tokens, name, left):
        """A packet whose beginning is whole."""
        self.rests[index], self.left[index], self.tokens[index] = b'', left, token(name)
        tokens.append(token(name))

    def skip(self, index, length):
        """Octets that were not captured."""
        self.lost[index] |= self.left[index] < length
        self.left[index] -= min(length, self.left[index])


def mqtt_packet(header):
    """Type, token and length of a packet whose fixed header is complete."""
    length = 0
    for at, octet in enumerate(header[1:5]):
        length |= (octet & 0x7f) << 7 * at
        if not octet & 0x80:
            kind = header[0] >> 4
            return kind, token(PACKET_STEPS.get(kind, PACKETS)), length
    return None


def http2_frame(header):
    """Type, token and length of a frame whose header is complete; the preface counts as one without a type."""
    if PREFACE.startswith(header):
        return None if len(header) < len(PREFACE) else (None, token(FRAMES), 0)
    if len(header) < 9:
        return None
    length, frame_type, flags = int.from_bytes(header[:3], 'big'), header[3], header[4]
    if frame_type == PING_TYPE:
        return frame_type, token(PING_ACK if flags & ACK else PING), length
    return frame_type, token(GOAWAY if frame_type == GOAWAY_TYPE else FRAMES), length


def websocket_frame(header):
    """Opcode, token and length of a frame whose header is complete."""
    if len(header) < 2:
        return None
    short = header[1] & 0x7f
    more = {126: 2, 127: 8}.get(short, 0)
    if len(header) < 2 + more + (4 if header[1] & 0x80 else 0):
        return None
    length = int.from_bytes(header[2:2 + more], 'big') if more else short
    return header[0] & 0x0f, token(CONTROL.get(header[0] & 0x0f, MESSAGE)), length
