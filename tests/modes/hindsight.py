"""What hindsight says of a connection must follow from what was said, causally, on its frames."""
import collections


def values(subtree, field):
    """The values of a field in a subtree, without its name."""
    return [text.split(': ', 1)[1] for name, text in subtree if name == 'tcpphase.' + field and ': ' in text]


def one(subtree, field):
    """The first value of a field, or None."""
    return next(iter(values(subtree, field)), None)


def whole(subtree):
    """What the subtree says about the connection as a whole."""
    return {name: text for name, text in subtree
            if name.startswith('tcpphase.conn.') or name in ('tcpphase.keepalive.verdict',
                                                             'tcpphase.keepalive.unanswered_max')}


def pairs(frames, backward, forward):
    """An answer names what it answers: that must name the answer, or a later one, as after an interim response."""
    for number, subtrees in sorted(frames.items()):
        for subtree in subtrees:
            for asked in values(subtree, backward):
                named = [int(answer) for other in frames[int(asked)] for answer in values(other, forward)]
                if not any(answer >= number for answer in named):
                    yield 'frame %d answers %s, whose %s is %s' % (number, asked, forward, named)


def closed_by(subtrees):
    """By the causal fields: who has closed first, as the last frame has it."""
    return one(subtrees[-1], 'close.initiator') or 'Nobody (4)'


def unanswered(probes):
    """The longest run of one side's probes of one layer that no frame answers. A pong that nobody asked for is none."""
    runs = collections.Counter()
    longest = 0
    for probe in probes:
        side = one(probe, 'sender'), one(probe, 'keepalive.layer')
        runs[side] = 0 if values(probe, 'keepalive.answer_frame') else runs[side] + 1
        longest = max(longest, runs[side])
    return longest


def expected_of(subtrees):
    """What the causal fields of a connection's frames add up to. Mirrored copies add nothing."""
    originals = [subtree for subtree in subtrees if not values(subtree, 'duplicate_of')]
    probes = [subtree for subtree in originals if one(subtree, 'keepalive.status') == 'Probe (1)']
    attempts = [int(attempt) for subtree in originals for attempt in values(subtree, 'handshake.attempt')]
    times = [time for subtree in originals for time in values(subtree, 'handshake.time')]
    asking = [subtree for subtree in probes if values(subtree, 'keepalive.number')]
    return {'conn.keepalives': str(len(probes)), 'conn.syn_attempts': str(max(attempts, default=0)),
            'conn.setup_time': times[0] if times else None,
            'keepalive.unanswered_max': str(unanswered(asking)) if probes else None,
            'conn.closed_by': closed_by(originals)}


def contradictions(frames):
    """One line for each."""
    connections = collections.defaultdict(list)
    for _, subtrees in sorted(frames.items()):
        for subtree in subtrees:
            connections[one(subtree, 'connection')].append(subtree)
    connections.pop(None, None)
    found = []
    for number, subtrees in connections.items():
        if any(whole(subtree).get(name) != text for subtree in subtrees for name, text in whole(subtrees[0]).items()
               if not name.startswith('tcpphase.keepalive.')):
            found.append('connection %s: its frames disagree about it' % number)
        for field, value in expected_of(subtrees).items():
            said = one(subtrees[-1], field)
            if said != value:
                found.append('connection %s: %s is %s, and its frames say %s' % (number, field, said, value))
    found += pairs(frames, 'keepalive.probe_frame', 'keepalive.answer_frame')
    found += pairs(frames, 'http.request_frame', 'http.response_frame')
    return found
