"""The keep-alive family, judged from numbers, windows and times alone (rules K1 to K7)."""
from collections import namedtuple

from segment import ACK, SECOND, distance, forward

# `no_answer` is why it answers no probe, where that is not the rule.
Judgement = namedtuple('Judgement', 'kind rule no_answer', defaults=(None,))
PROBE, ANSWER = 'Keep-Alive Probe', 'Keep-Alive ACK'
WINDOW_PROBE, WINDOW_PROBE_ACK = 'Zero-Window Probe', 'Zero-Window Probe ACK'
PROBES = (PROBE, WINDOW_PROBE)
FAMILY = (PROBE, ANSWER)


def nothing(rule):
    """Not of the family, and why."""
    return Judgement(None, rule)


def judge(connection, segment):
    """What a segment is, before it moves its connection on."""
    sender, receiver = connection.ends(segment)
    if not segment.plain:
        return nothing('carries SYN, FIN or RST')
    if connection.closed:
        return nothing('C9 stray after the close')
    if not connection.complete:
        return nothing('O4 before completion')
    probe = judge_probe(connection, segment, sender, receiver)
    if probe.kind:
        return probe
    why = 'K6 no probe of the peer waits for an answer' if segment.pure_ack else 'K6 no pure ACK'
    return judge_answer(connection, segment, receiver) or probe._replace(no_answer=why)


def judge_probe(connection, segment, sender, receiver):
    """K1 to K5, in their order."""
    if segment.length > 1:
        return nothing('K6 carries octets')
    if sender.next is None:
        return nothing('K5 the first segment of its side')
    behind = distance(sender.next, segment.seq)
    if receiver.window == 0:
        found = judge_window_probe(segment, sender, behind)
        if found.kind:
            return found
    if behind != 1:
        return nothing('K4 not one below the next number')
    if receiver.reopened and sender.all_acknowledged and not segment.length and follows_soon(connection, segment):
        return Judgement(WINDOW_PROBE, 'K1 crosses the window update')
    if sender.fin == segment.seq:
        return judge_after_fin(connection, segment, sender, receiver)
    if not sender.all_acknowledged:
        return judge_unacknowledged(connection, segment, sender, receiver)
    if is_out_of_turn(connection, segment, sender):
        return nothing('K4 soon after the acknowledgement of an octet that was not captured')
    if segment.length and sender.last_octet_alone and not silent(connection, segment):
        return nothing('K2 the whole last segment again, too soon to probe')
    if sender.last_ack is not None and segment.ack != sender.last_ack:
        if is_one_lower(connection, segment, receiver):
            return Judgement(PROBE, 'K4 acknowledges one less')
        if is_late(connection, segment) and is_newer(segment, receiver):
            return Judgement(PROBE, 'K4 after idle time, its ACK before it was not captured')
        return nothing('K4 another acknowledgement number')
    return Judgement(PROBE, 'K4' if sender.sent else 'K5')


def is_out_of_turn(connection, segment, sender):
    """The octet before the next number was acknowledged and not captured, and something went just now."""
    known = not sender.octets.lacks(forward(segment.seq, 1)) or sender.probed == segment.seq
    return not known and follows_soon(connection, segment)


def follows_soon(connection, segment):
    """Whether anything went just now."""
    return segment.time - connection.last_time < max(SECOND, 3 * connection.round_trip)


def is_one_lower(connection, segment, receiver):
    """4.4BSD's old form: an octet, and an acknowledgement one below the last one, in silence."""
    lower = receiver.acknowledged is not None and distance(receiver.acknowledged, segment.ack) == 1
    return segment.length == 1 and lower and silent(connection, segment)


def judge_window_probe(segment, sender, behind):
    """K1: the peer's window is closed."""
    if segment.length == 1 and behind == 0:
        return Judgement(WINDOW_PROBE, 'K1 the next octet')
    if segment.length == 1 and behind == 1 and not sender.all_acknowledged:
        return Judgement(WINDOW_PROBE, 'K1 the same octet again')
    if sender.acknowledged is not None and segment.seq == forward(sender.acknowledged, -1):
        return Judgement(WINDOW_PROBE, 'K1 below the acknowledged number')
    return nothing('K1 another number')


def judge_unacknowledged(connection, segment, sender, receiver):
    """K2: an octet that was not acknowledged is sent again. Where the acknowledgement was not captured the idle time
    decides, and a segment without octets repeats nothing."""
    if sender.acknowledged is not None:
        missed = is_newer(segment, receiver) or receiver.acknowledged == segment.ack and receiver.octets.lacks(segment.ack)
        if missed and is_late(connection, segment):
            return Judgement(PROBE, 'K2 after idle time, an ACK was not captured')
        return nothing('K2 not acknowledged')
    if not segment.length and not silent(connection, segment):
        return nothing('O12 K3 what it is cannot be seen')
    return Judgement(PROBE, 'K2 after idle time') if silent(connection, segment) else nothing('K2 not acknowledged')


def is_late(connection, segment):
    """No octets, and nothing can still be under way."""
    return not segment.length and silent(connection, segment)


def is_newer(segment, receiver):
    """Whether a segment acknowledges more than its side has until now."""
    return receiver.acknowledged is not None and distance(segment.ack, receiver.acknowledged) > 0


def judge_after_fin(connection, segment, sender, receiver):
    """K3: a probe after the sender's own FIN."""
    unchanged = segment.ack == sender.last_ack or is_one_lower(connection, segment, receiver)
    if sender.fin_acknowledged and unchanged and silent(connection, segment):
        return Judgement(PROBE, 'K3 after idle time')
    return nothing('K3 stale ACK after the FIN')


def silent(connection, segment):
    """Nobody has sent, keep-alives apart, for longer than a segment travels."""
    idle = segment.time - connection.busy_time
    return idle >= max(SECOND, 3 * connection.round_trip)


def judge_answer(connection, segment, receiver):
    """K6: the first acknowledgement after a probe of the peer."""
    if not segment.pure_ack:
        return None
    if receiver.probe is None:
        return judge_midway_answer(connection, segment, receiver)
    asked = distance(segment.ack, forward(receiver.probed, 1)) if receiver.probe == PROBE else 0
    if asked < 0:
        return nothing('K6 does not acknowledge the probe')
    if asked > 0:
        return nothing('K6 acknowledges octets behind the probe')
    if receiver.probe == PROBE:
        return Judgement(ANSWER, 'K6')
    if not 0 <= newly_acknowledged(segment, receiver) <= 1:
        return nothing('K1 acknowledges other octets')
    return Judgement(WINDOW_PROBE_ACK, 'K1 answer') if segment.window == 0 else nothing('K1 the window opens')


def newly_acknowledged(segment, receiver):
    """How many octets a segment acknowledges that were not before; below 0 it is an old one."""
    return 0 if receiver.acknowledged is None else distance(segment.ack, receiver.acknowledged)


def judge_midway_answer(connection, segment, receiver):
    """K5: the answer to a probe that was the capture's first segment."""
    first = receiver.last
    crossed = connection.segments == 2 and connection.ends(segment)[0].probe
    if not connection.midway or not first or not first.plain or not (connection.segments == 1 or crossed):
        return None
    octet = (first.seq, forward(first.seq, 1))
    if first.length == 1 and segment.sack == octet:
        receiver.probed = first.seq
        return Judgement(ANSWER, 'K5 a D-SACK names the first octet')
    if first.pure_ack and not crossed and segment.ack == octet[1] and segment.window:
        receiver.probed = first.seq
        return Judgement(ANSWER, 'K5 the first segment was the probe')
    return None


def note(connection, segment, judgement):
    """Keeps a probe until its answer; one answer settles all."""
    sender, receiver = connection.ends(segment)
    if judgement.kind in PROBES:
        sender.probe, sender.probed = judgement.kind, segment.seq
    elif receiver.probe and answers(segment, receiver):
        receiver.probe = None


def answers(segment, receiver):
    """Whether a segment acknowledges the probe, or refuses the octet of one to a closed window."""
    if not segment.has(ACK):
        return False
    if receiver.probe == WINDOW_PROBE:
        return newly_acknowledged(segment, receiver) >= 0 and (not segment.length or segment.window > 0)
    return distance(segment.ack, forward(receiver.probed, 1)) >= 0
