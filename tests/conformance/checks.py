"""Compares the plugin with Wireshark and with the model, segment by segment."""
from findings import AGREE, DIFFERENT, EXPLAINED
from follower import Follower
from keepalive import ANSWER, PROBE, WINDOW_PROBE, WINDOW_PROBE_ACK
from payloads import Payloads
from segment import FIN, RST

RESETS = {'Connection Refused', 'Reset In Handshake', 'Connection Abort', 'Reset After Close', 'Reset On Keep-Alive',
          'Invalid Reset'}
FINS = {'FIN', 'Peer FIN'}
HANDSHAKE_ACK = 'Handshake ACK'
SEARCHED = 256  # so many segments back every copy is found
PHASE_OF_STEP = ((HANDSHAKE_ACK, 'TCP handshake'), (PROBE, 'Keep-alive'), (ANSWER, 'Keep-alive'), ('Final ACK', 'Close'))
ONLY_WIRESHARK, ONLY_OURS = 'Wireshark only: ', 'ours only: '
ANSWERS = (ANSWER, WINDOW_PROBE_ACK)
MARKS = (('KA', PROBE), ('KAA', ANSWER), ('ZWP', WINDOW_PROBE), ('ZWPA', WINDOW_PROBE_ACK))


def check_capture(name, segments, miscounted, tally):
    """All checks that look at single segments; gives the plugin's connection of each stream."""
    for frame, expected, subtrees in miscounted:
        tally.add('a subtrees', DIFFERENT, 'one for each segment', place(name, frame),
                  '%d segments, %d subtrees' % (expected, subtrees))
    follower, pairs, payloads = Follower(), Pairs(), Payloads(tally)
    for segment in segments:
        where = place(name, segment.frame)
        if segment.quoted:
            tally.add('a quoted', AGREE, 'nothing in ICMP errors', where)
        elif segment.ours:
            check_segment(segment, follower, pairs, payloads, tally, where)
    pairs.check(tally)
    payloads.end()


def place(name, frame):
    """A frame of a capture."""
    return '%s:%d' % (name, frame)


def check_segment(segment, follower, pairs, payloads, tally, where):
    """One segment."""
    check_shape(segment, tally, where)
    if not segment.readable:
        return
    verdict = follower.follow(segment)
    check_copy(segment, verdict, tally, where)
    check_handshake_ack(segment, verdict, tally, where)
    check_keepalive(segment, verdict, tally, where)
    check_retransmission(segment, verdict, tally, where)
    pairs.add(segment, verdict, where)
    payloads.check(segment, verdict, where)


def compare(tally, check, expected, shown, rule, where, segment):
    """Ours against the model."""
    if expected == shown:
        tally.add(check, AGREE, rule, where)
    else:
        tally.add(check, DIFFERENT, rule, where, 'expected %s, shown %s: %s' % (expected, shown, segment.ours.one('label')))


def check_shape(segment, tally, where):
    """One phase, and steps that agree with the flags."""
    ours, steps = segment.ours, set(segment.ours.steps)
    if not segment.readable:
        compare(tally, 'a unreadable header', 'Unknown', ours.one('phase'), '', where, segment)
        return
    shaped = len(ours.values.get('phase', [])) == 1 and bool(steps) and ours.one('phase') != 'Unknown'
    compare(tally, 'a phase and step', True, shaped, '', where, segment)
    for rule, expected, shown in (
            ('SYN', segment.opens, 'SYN' in steps),
            ('SYN-ACK', segment.answers_open, 'SYN-ACK' in steps),
            ('FIN', segment.has(FIN), bool(steps & FINS)), ('RST', segment.has(RST), bool(steps & RESETS))):
        if rule == 'FIN' and expected and not shown and ours.has('inferred'):
            tally.add('a flags', EXPLAINED, 'C6 a FIN outside the window is none', where)
        elif expected or shown:
            compare(tally, 'a flags', expected, shown, rule, where, segment)
    for rule, phase in phases(segment, steps):
        compare(tally, 'a phase of a step', phase, ours.one('phase'), rule, where, segment)


def phases(segment, steps):
    """The phase that the first fitting row of the table demands, where flags and steps alone tell."""
    if segment.has(RST):
        return [('RST', 'Reset')]
    if segment.opens:
        return [('SYN', 'TCP handshake')]
    return [(step, phase) for step, phase in PHASE_OF_STEP if step in steps]


def check_copy(segment, verdict, tally, where):
    """Mirrored copies."""
    shown = segment.ours.one('duplicate_of')
    if verdict.copy_of and not shown and verdict.apart > SEARCHED:
        tally.add('copies', EXPLAINED, 'G4 the search is bounded', where)
    elif verdict.copy_of or shown:
        compare(tally, 'copies', str(verdict.copy_of), str(shown), 'G4', where, segment)


def check_handshake_ack(segment, verdict, tally, where):
    """The third segment of the opening."""
    shown = HANDSHAKE_ACK in segment.ours.steps
    if verdict.copy_of or not (verdict.handshake_ack or shown):
        return
    compare(tally, 'b handshake ACK', bool(verdict.handshake_ack), shown, verdict.handshake_ack or 'none', where, segment)


def check_keepalive(segment, verdict, tally, where):
    """The keep-alive family: ours against the model, and Wireshark's marks against both."""
    for mark, step in MARKS:
        marked = mark in segment.marks
        expected = verdict.keepalive.kind == step
        # A copy has its original's step, so only the mark on it is of interest.
        shown = expected if verdict.copy_of else step in segment.ours.steps
        if expected != shown:
            compare(tally, 'c ' + step, expected, shown, verdict.keepalive.rule, where, segment)
        elif shown != marked:
            why = step in ANSWERS and verdict.keepalive.no_answer or verdict.keepalive.rule
            rule = (ONLY_WIRESHARK if marked else ONLY_OURS) + why
            tally.add('c Wireshark ' + step, EXPLAINED, rule, where)
        elif shown:
            tally.add('c Wireshark ' + step, AGREE, verdict.keepalive.rule, where)


def wrong_marks(tally):
    """How many of Wireshark's keep-alive marks are wrong, and how many are missing."""
    for _, step in MARKS:
        check = 'c Wireshark ' + step
        right = tally.number(check, AGREE)
        wrong = tally.number(check, EXPLAINED, ONLY_WIRESHARK)
        missing = tally.number(check, EXPLAINED, ONLY_OURS)
        yield "%s: of Wireshark's %d marks %d are wrong (%.1f %%); %d of %d are missing" % (
            step, right + wrong, wrong, 100 * wrong / max(right + wrong, 1), missing, right + missing)


def check_retransmission(segment, verdict, tally, where):
    """Whether every octet was captured before."""
    shown = segment.ours.has('retransmission')
    missed = verdict.copy_of and not segment.ours.has('duplicate_of')
    if (verdict.retransmission or shown) and not missed:
        if segment.opens and shown:
            tally.add('f retransmission', EXPLAINED, 'O1 a repeated SYN, with what it carries', where)
        else:
            compare(tally, 'f retransmission', verdict.retransmission, shown, 'every octet captured before', where,
                    segment)


class Pairs:
    """Our connections beside Wireshark's streams and the model's connections."""

    def __init__(self):
        self.rows = []

    def add(self, segment, verdict, where):
        """One segment."""
        self.rows.append((segment, verdict, where))

    def check(self, tally):
        """Ours must be the model's, one to one; where Wireshark cuts elsewhere the model says why."""
        ours_of_model, model_of_ours, stream_of_ours, ours_of_stream, reasons = {}, {}, {}, {}, {}
        for segment, verdict, where in self.rows:
            ours, stream = segment.ours.one('connection'), segment.stream
            expected = ours_of_model.setdefault(verdict.connection, ours)
            if expected != ours or model_of_ours.setdefault(ours, verdict.connection) != verdict.connection:
                compare(tally, 'd connection', 'connection %s' % expected, 'connection %s' % ours, verdict.why, where, segment)
                continue
            same = stream_of_ours.setdefault(ours, stream) == stream and ours_of_stream.setdefault(stream, ours) == ours
            reason = reasons.setdefault((ours, stream), verdict.why)
            tally.add('d stream', AGREE if same else EXPLAINED, '' if same else reason, where)
