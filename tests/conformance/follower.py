"""Follows all connections of a capture and says of each segment what the rules make of it."""
from collections import namedtuple

import keepalive
from connection import Connection, Seen
from segment import ACK, FIN, RST, SYN, distance, forward

# `apart`: how many segments came between a copy and its original.
Verdict = namedtuple('Verdict', 'connection why copy_of handshake_ack keepalive retransmission apart', defaults=(0,))


class Follower:
    """Addresses and ports to connections."""

    def __init__(self):
        self.table = {}
        self.count = self.seen = 0

    def follow(self, segment):
        """The verdict on the next segment of the capture."""
        self.seen += 1
        found = self.copied(segment)
        if found:
            number, seen = found
            return Verdict(number, 'G4 mirrored copy', seen.segment.frame, None, keepalive.nothing('G4 mirrored copy'),
                           seen.repeated, self.seen - seen.index)
        connection, why = self.locate(segment)
        handshake_ack = judge_handshake_ack(connection, segment)
        if handshake_ack:
            connection.handshake_ack = connection.complete = True
            judgement = keepalive.nothing('O4 the handshake ACK')
        else:
            judgement = keepalive.judge(connection, segment)
        probe = judgement.kind in keepalive.PROBES
        repeated = not probe and is_repeated(connection, segment)
        keepalive.note(connection, segment, judgement)
        connection.take(segment, judgement.kind in keepalive.FAMILY, judgement.kind == keepalive.PROBE)
        connection.remember(Seen(segment, self.seen, repeated))
        self.drop_older(connection, segment)
        return Verdict(connection.number, why, None, handshake_ack, judgement, repeated)

    def drop_older(self, connection, segment):
        """O1: from its handshake ACK on an attempt is the connection, and none before it."""
        known = self.table[frozenset((segment.src, segment.dst))]
        if connection.complete and known[0] is not connection:
            del known[:known.index(connection)]

    def copied(self, segment):
        """G4: the connection and the segment of which this is a copy, whatever has become of it since."""
        for connection in reversed(self.table.get(frozenset((segment.src, segment.dst)), [])):
            seen = connection.original(segment)
            if seen:
                return connection.number, seen
        return None

    def locate(self, segment):
        """The connection of a segment, and why."""
        known = self.table.setdefault(frozenset((segment.src, segment.dst)), [])
        if segment.opens:
            found = of_syn(known, segment)
        elif segment.answers_open:
            found = of_syn_ack(known, segment)
        else:
            found = of_other(known, segment)
        if isinstance(found, tuple):
            return found
        connection = Connection(self.count, segment, found)
        self.count += 1
        known.append(connection)
        return connection, found


def of_syn(known, segment):
    """O1, O6: the same number again, the other half of a simultaneous open, or a new attempt."""
    for connection in reversed(known):
        sender, _ = connection.ends(segment)
        # The number of a SYN-ACK that was rejected is no SYN's.
        rejected = connection.reset and connection.client != connection.index(segment)
        over = connection.complete and connection.closed
        if sender.isn == segment.seq and not rejected and not over and not connection.exchanged(segment) \
                or connection.original(segment):
            return connection, 'O1 the same ISN'
    if known:
        sender, receiver = known[-1].ends(segment)
        if not known[-1].complete and sender.isn is None and receiver.isn is not None:
            return known[-1], 'O6 simultaneous open'
    return 'O1 another ISN' if known else 'first segment'


def of_syn_ack(known, segment):
    """O3: the attempt that is acknowledged; else the opening of a connection whose SYN was not captured."""
    for connection in reversed(known):
        sender, receiver = connection.ends(segment)
        follows_reset = connection.closed and sender.isn not in (None, segment.seq)
        if not follows_reset and receiver.isn is not None \
                and 0 < distance(segment.ack, receiver.isn) <= 1 + receiver.syn_octets:
            return connection, 'O3 acknowledges the SYN'
    for connection in reversed(known):
        sender, _ = connection.ends(segment)
        if sender.isn == segment.seq:
            return connection, 'O3 the same ISN'
    if known and not known[-1].closed and (not known[-1].complete or all(side.sent for side in known[-1].sides)) \
            and not known[-1].midway:
        return known[-1], 'O3 invalid SYN-ACK'
    return 'O9 the SYN was not captured' if known else 'first segment'


def of_other(known, segment):
    """O1: what the numbers fit best, the newest first; what is open and goes on keeps what fits it as well."""
    if not known:
        return 'first segment'
    best, found = 0, None
    for connection in reversed(known):
        fit = connection.fit(segment)
        if fit > best or fit and fit == best and connection.live:
            best, found = fit, connection
    if found:
        return found, 'O1 fits its numbers'
    live = [connection for connection in known if connection.live]
    return (live or known)[-1], 'O1 same addresses and ports, no SYN'


def judge_handshake_ack(connection, segment):
    """O4, O6, O12: the rule by which a segment is the handshake ACK, or None."""
    if connection.client is None or connection.handshake_ack or connection.simultaneous or connection.closed:
        return None
    if connection.index(segment) != connection.client or segment.flags & (SYN | RST | ACK) != ACK:
        return None
    connection.take_other_isn(segment)
    client, server = connection.sides[connection.client], connection.sides[1 - connection.client]
    ahead = distance(segment.seq, forward(client.isn, 1))
    if is_too_much(connection, segment, client, server):
        connection.disbelieved = segment.ack
        return None
    if server.isn is None:
        return 'O12 the SYN-ACK was not captured' if ahead == 0 else \
            'O12 O4 the other side and the pure ACK were not captured' if ahead > 0 and not server.sent else None
    if distance(segment.ack, server.isn) < 1 or ahead < -1 or connection.complete:
        return None
    if ahead == client.accepted:
        return 'O2 Fast Open' if client.accepted else 'O4 plain'
    return 'O4 the pure ACK was not captured' if ahead > client.accepted else 'O4 below the expected number'


def is_too_much(connection, segment, client, server):
    """O4: an acknowledgement of more than was captured and than the window of the SYN had room for, until it is one of as
    much again."""
    if connection.complete or server.isn is None or distance(segment.ack, server.isn) < 1:
        return False
    again = connection.disbelieved is not None and distance(segment.ack, connection.disbelieved) >= 0
    captured = server.next is not None and distance(segment.ack, server.next) <= 0
    return not again and not captured and distance(segment.ack, server.isn) > 1 + client.syn_window


def is_repeated(connection, segment):
    """Whether octets, SYN and FIN were all captured before."""
    if segment.has(RST) or not segment.length and not segment.flags & (SYN | FIN):
        return False
    return connection.ends(segment)[0].octets.repeats(segment)
