"""Compares what the plugin says about octets above TCP with the rules and with Wireshark's dissectors."""
from above import Above
from findings import AGREE, DIFFERENT, EXPLAINED
from segment import SYN
from tls_records import CONCLUDED
from tls_story import TlsStory
from tokens import ANY, fits
from view import HTTP, HTTP2, MQTT, POSTGRESQL, TLS, WEBSOCKET, View

ABOVE = HTTP | HTTP2 | MQTT | POSTGRESQL | WEBSOCKET | TLS | {'STARTTLS'}
# What a length makes of octets.
WITHIN = {'HTTP Request Body', 'HTTP Response Body', 'TLS Application Data', 'HTTP/2 Frames', 'WebSocket Data', 'MQTT Packets', 'PostgreSQL Messages',
          'Certificate', 'Encrypted Handshake', 'Peer FIN', 'FIN'}
NOT_INSIDE = ('x509', 'tls')  # of a handshake in clear


class Payloads:
    """All connections of a capture."""

    def __init__(self, tally):
        self.tally = tally
        self.connections, self.stories = {}, {}

    def check(self, segment, verdict, where):
        """One segment."""
        above = self.connections.get(verdict.connection)
        if above is None:
            above = self.connections[verdict.connection] = Above(segment)
        reading = above.take(segment, verdict)
        ours = [step for step in segment.ours.steps if step in ABOVE]
        if verdict.copy_of:
            return
        story = self.stories.setdefault(verdict.connection, TlsStory(self.tally))
        story.follow(segment, above, where)
        if not segment.length:
            return
        excuse = excused(segment, verdict, above) or beyond_model(segment, reading, above, ours)
        if excuse:
            if reading.tokens or ours:
                self.tally.add('g octets', EXPLAINED, excuse, where)
        elif reading.protocol or ours:
            above.opened |= bool(segment.above) and is_opened(segment.above)
            tokens = [ANY if above.opened and item.steps <= CONCLUDED else item for item in reading.tokens]
            self.compare('g octets', fits(tokens, ours), reading.protocol or 'none', where,
                         'expected %s, shown %s' % (in_words(reading.tokens), segment.ours.one('label')))
        if segment.above:
            View(self, segment, reading, ours, excuse, where).check(above)

    def end(self):
        """What only whole connections tell."""
        for number, story in self.stories.items():
            story.end(self.connections[number])

    def compare(self, check, same, rule, where, detail):
        """Agreement or a difference."""
        self.tally.add(check, AGREE if same else DIFFERENT, rule, where, detail)


def excused(segment, verdict, above):
    """Why the octets need not be named, if so."""
    if 'Stray' in segment.ours.steps:
        return 'C9 stray after the close'
    if verdict.retransmission:
        return 'G1 judged when it was captured before'
    if segment.has(SYN):
        return 'O2 octets of a SYN have no number before they are accepted'
    return None


def beyond_model(segment, reading, above, ours):
    """What the model of these octets does not follow, where what is shown fits what else is known of them."""
    if not ours or reading.tokens:
        return None
    if set(ours) <= WITHIN and segment.ours.has('after_gap'):
        return 'G1 early octets that lie in a known length'
    if reading.protocol in (None, 'none') and set(ours) <= HTTP:
        above.behind |= bool(segment.above and segment.above['http'])
        return 'T10 HTTP behind SOCKS or PROXY, as Wireshark sees it' if above.behind else None
    return None


def is_opened(row):
    """Whether Wireshark has keys: it shows what is inside a protected record, or more than TLS."""
    inside = row['app'].partition('tls:')[2]
    return bool(row['tls_opaque'] and row['tls_ct']) or bool(inside) and not inside.startswith(NOT_INSIDE)


def in_words(tokens):
    """Tokens for a human."""
    return ', '.join('anything' if item == ANY else '/'.join(sorted(item.steps)) + ('?' if item.optional else '')
                     for item in tokens)
