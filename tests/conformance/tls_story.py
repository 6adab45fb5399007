"""How each TLS handshake went: its end, its failure and resumption, against the octets and Wireshark."""
from findings import AGREE, DIFFERENT, EXPLAINED
from tls_records import Tls

# Record lengths of a Finished in TLS 1.3 (RFC 8446 5.2): a header, a hash, a content type, a tag, which may be short.
# Java pads by 16.
FINISHED = {4 + digest + 1 + tag for digest in (32, 48) for tag in (8, 16, 32)}


class TlsStory:
    """One connection."""

    def __init__(self, tally):
        self.tally = tally
        self.complete = self.failed = self.resumed = self.wireshark_resumed = False
        self.was_complete = False  # in the octets
        self.where = None

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
        if tls.is_13 and completes:
            self.compare('h TLS completion', True, bool(FINISHED & set(tls.sizes)), where, "T2 a Finished's size", ours)
        tls.sizes = []

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
