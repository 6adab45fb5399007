"""Frames of HTTP/2 (RFC 9113 4.1) and WebSocket (RFC 6455 5.2), cut from one direction's octets."""
from tokens import ANY, token

PREFACE = b'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'
FRAMES, GOAWAY, PING, PING_ACK = 'HTTP/2 Frames', 'HTTP/2 GOAWAY', 'HTTP/2 PING', 'HTTP/2 PING ACK'
GOAWAY_TYPE, PING_TYPE, SETTINGS_TYPE, ACK = 7, 6, 4, 1
CONTROL = {8: 'WebSocket Close', 9: 'WebSocket Ping', 10: 'WebSocket Pong'}
MESSAGE = 'WebSocket Data'
OPCODES = {0, 1, 2, *CONTROL}
SHORT = 125  # octets of a control frame, and in the shortest form of a length


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
        tokens.append(token(FRAMES, GOAWAY, PING, PING_ACK, MESSAGE, *CONTROL.values(), optional=True))
        return octets

    def skip(self, index, length):
        """Octets that were not captured."""
        side = self.sides[index]
        side['lost'] |= side['left'] < length
        side['left'] -= min(length, side['left'])


class WebSocket(Frames):
    """Both directions after a 101, whose client is known, and whether it has agreed on extensions."""

    def __init__(self, client, extended):
        super().__init__(websocket_frame)
        self.client, self.extended = client, extended

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
