"""How each TLS handshake went: its end, its failure and resumption, against the octets and Wireshark."""
from findings import AGREE, DIFFERENT, EXPLAINED
from segment import ACK, FIN, distance, forward
from tls_records import Tls

# Record lengths of a Finished in TLS 1.3 (RFC 8446 5.2): a header, a hash, a content type, a tag, which may be short.
# Java pads by 16.
FINISHED = {4 + digest + 1 + tag for digest in (32, 48) for tag in (8, 16, 32)}
EMPTY_SETTINGS = 4 + 2 + 4  # Encrypted Extensions before it: a header, the length of their list, one without content


class TlsStory:
    """One connection."""

    def __init__(self, tally):
        self.tally = tally
        self.complete = self.failed = self.resumed = self.wireshark_resumed = False
        self.was_complete = False  # in the octets
        self.where = None
        self.sent = [None, None]  # how far each side's octets go
        self.flight = False  # the client of TLS 1.3 has sent a protected record
        self.keys = False  # the plugin names what only keys show

    def follow(self, segment, above, where):
        """One segment, after its octets were read."""
        tls, ours = above.observer, segment.ours
        self.where = self.where or where
        self.resumed |= ours.has('tls.resumed')
        self.wireshark_resumed |= bool(segment.above and segment.above['tls_resumed'])
        completes = ours.has('tls.complete')
        if completes or ours.has('tls.failed_by'):
            both = completes and ours.has('tls.failed_by') or self.failed and completes
            self.tally.add('h TLS complete or failed', DIFFERENT if both else AGREE, 'T11', where, ours.one('label'))
        self.complete |= completes
        self.failed |= ours.has('tls.failed_by')
        unclear = not isinstance(tls, Tls) or any(side.lost for side in tls.sides)
        if unclear or 'Stray' in ours.steps:
            return
        if not tls.is_13 and tls.answered and not self.failed and (completes or tls.complete != self.was_complete):
            expected = tls.complete and not self.was_complete
            self.compare('h TLS completion', completes, expected, where, 'T5 both Finished', ours)
        self.was_complete = tls.complete
        if tls.is_13:
            self.keys |= 'Encrypted Extensions' in ours.steps or 'Finished' in ours.steps and not ours.has('inferred')
            self.follow_flight(segment, above, where, completes)
            self.follow_alerts(segment, above, where)
        tls.sizes, tls.begun = [], []

    def follow_flight(self, segment, above, where, completes):
        """T2: where the client's flight ends."""
        tls, index = above.observer, above.index(segment)
        sizes = FINISHED | ({size + EMPTY_SETTINGS for size in FINISHED} if tls.settings else set())
        begins = any(length != tls.alert_size for _, length in tls.begun)
        sent = self.sent[1 - index]
        all_acknowledged = segment.has(ACK) and sent is not None and distance(segment.ack, sent) >= 0
        behind = self.flight and index != tls.client and begins and all_acknowledged
        if completes:
            told = self.keys or bool(sizes & set(tls.sizes))
            self.compare('h TLS completion', True, told or behind, where, "T2 a Finished's size or behind the flight",
                         segment.ours)
        elif behind and not (self.complete or self.failed or tls.early or tls.gaps or self.keys):
            self.compare('h TLS completion', False, True, where, 'T2 behind the flight', segment.ours)
        self.flight |= bool(tls.sizes)
        end = forward(segment.seq, segment.length)
        if segment.length and (self.sent[index] is None or distance(end, self.sent[index]) > 0):
            self.sent[index] = end

    def follow_alerts(self, segment, above, where):
        """T3 and C11: which records of an alert's size may be one."""
        tls, index, steps = above.observer, above.index(segment), segment.ours.steps
        lengths = [length for _, length in tls.begun]
        alerts = lengths.count(tls.alert_size)
        if not alerts or self.keys or not self.complete or segment.ours.has('tls.complete'):
            return
        before_fin = segment.has(FIN) and lengths[-1] == tls.alert_size and not tls.sides[index].left
        first = tls.alerts[index] == alerts and (alerts > 1 or not before_fin)
        self.compare('h TLS alerts without keys', 'TLS Alert' in steps, first, where, 'T3 the first of a side',
                     segment.ours)
        self.compare('h TLS alerts without keys', 'TLS close_notify' in steps, before_fin, where, 'C11 before a FIN',
                     segment.ours)

    def compare(self, check, ours, expected, where, rule, subtree):
        """Ours against the octets."""
        self.tally.add(check, AGREE if ours == expected else DIFFERENT, rule, where,
                       'expected %s, shown %s: %s' % (expected, ours, subtree.one('label')))

    def end(self, above):
        """What the whole connection shows."""
        tls = above.observer
        if not isinstance(tls, Tls) or tls.midway or any(side.lost for side in tls.sides):
            return
        if tls.resumed is not None:
            same = tls.resumed == self.resumed
            self.tally.add('h TLS resumed', AGREE if same else DIFFERENT, 'T4', self.where, 'shown %s' % self.resumed)
        if self.wireshark_resumed != self.resumed:
            known = tls.resumed == self.resumed
            rule = 'T4 Wireshark has not seen the session before' if self.resumed else 'T4 a full handshake or a lost one'
            self.tally.add('h TLS resumed in Wireshark', EXPLAINED if known else DIFFERENT, rule, self.where, '')
        elif self.resumed:
            self.tally.add('h TLS resumed in Wireshark', AGREE, '', self.where)
        if tls.fatal is not None:
            self.tally.add('h TLS fatal alert', AGREE if self.failed else DIFFERENT, 'T9 T11', self.where, 'not failed')
