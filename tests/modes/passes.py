"""tshark and sharkd: preferences, Decode As, protocols that are off, filters, and frames in any order."""
import os
import random
import re
import shutil

from annotations import causal
from hindsight import contradictions
from sharkd import PROGRAM, Sharkd

# G6: nothing depends on what TCP and those above it are told to do.
PREFERENCES = [part for preference in (
    'tcp.analyze_sequence_numbers:FALSE', 'tcp.relative_sequence_numbers:FALSE', 'tcp.desegment_tcp_streams:FALSE',
    'tcp.calculate_timestamps:FALSE', 'tcp.track_bytes_in_flight:FALSE', 'tcp.try_heuristic_first:TRUE',
    'tcp.check_checksum:TRUE', 'ip.check_checksum:TRUE', 'http.desegment_headers:FALSE', 'http.desegment_body:FALSE',
    'tls.desegment_ssl_records:FALSE', 'tls.desegment_ssl_application_data:FALSE') for part in ('-o', preference)]
# Somebody else in front of TCP, so that the segments are read from the tree.
IN_FRONT = '''local front = Proto("infront", "In front of TCP")
local tcp = Dissector.get("tcp")
function front.dissector(tvb, pinfo, tree)
    return tcp:call(tvb, pinfo, tree)
end
DissectorTable.get("ip.proto"):add(6, front)
'''
SAME = {
    "TCP's preferences off": PREFERENCES,
    'Decode As of a port': ['-d', 'tcp.port==80,data'],
    'Decode As of IP protocol 6': ['-d', 'ip.proto==6,tcp'],
}
NONE = {
    'TCP Phase disabled': ['--disable-protocol', 'tcpphase'],
    'TCP disabled': ['--disable-protocol', 'tcp'],
    'Decode As to no TCP': ['-d', 'ip.proto==6,data'],
}


def field(subtree, name):
    """The texts of a field."""
    return [text for item, text in subtree if item == 'tcpphase.' + name]


def options(lab):
    """The same labels, or none at all."""
    for name, arguments in SAME.items():
        lab.compare(name, lab.one, lab.annotate(*arguments))
        lab.compare(name + ', two passes', lab.two, lab.annotate('-2', *arguments))
    nothing = {number: [] for number in lab.one}
    for name, arguments in NONE.items():
        lab.compare(name, nothing, lab.annotate(*arguments))
        lab.compare(name + ', two passes', nothing, lab.annotate('-2', *arguments))
    # What a fragment holds is not known then; that it is the same in all passes is.
    alone = ['-o', 'ip.defragment:FALSE']
    lab.compare('IP fragments alone', lab.annotate(*alone), causal(lab.annotate('-2', *alone)))


def without_tree(lab):
    """What needs no tree of tshark's: a preference, and the sums of the notes."""
    shown = lab.wireshark.tshark(['-n', '-r', lab.capture, '-o', 'tcpphase.label_in_info:TRUE'])
    lines = dict(enumerate(shown.stdout.decode().splitlines(), 1))
    # In tunnels the protocol in between may have locked the column.
    lab.check('labels in Info', [], [number for number, subtrees in lab.one.items() if len(subtrees) == 1 and
                                     not re.search(r' \d+ %s ' % re.escape('[%s]' % field(subtrees[0], 'label')[0].split(
                                         ': ', 1)[1]), lines[number])])
    notes = sum(name.startswith('tcpphase.note.') for subtrees in lab.one.values() for subtree in subtrees
                for name, _ in subtree)
    for wanted in ([], ['-2']):
        summed = lab.wireshark.tshark(['-n', '-q', '-r', lab.capture, '-z', 'expert'] + wanted).stdout.decode()
        counts = re.findall(r'^ *(\d+) +\S.* TCP Phase ', summed, re.MULTILINE)
        lab.check('the sums of the notes %s' % wanted, notes, sum(map(int, counts)))


def in_front(lab):
    """Behind somebody else's dissector: all but headers that cannot be read and those quoted in ICMP errors."""
    if 'with Lua' not in lab.wireshark.tshark(['--version']).stdout.decode().replace('\n', ' '):
        print('modes: tshark has no Lua: somebody else in front of TCP is not tried')
        return
    script = os.path.join(lab.folder, 'in_front.lua')
    with open(script, 'w', encoding='utf-8') as file:
        file.write(IN_FRONT)
    os.chmod(script, 0o644)

    def unheard(text):
        """A story without the ICMP error."""
        return text.replace('An ICMP error says that the SYN did not arrive', "Nobody answered the client's SYN")

    def readable(frames):
        return {number: [tuple((name, unheard(text)) for name, text in subtree if name != 'tcpphase.conn.opened')
                         for subtree in subtrees if field(subtree, 'phase') != ['Phase: Unknown (0)']]
                for number, subtrees in frames.items()}

    arguments = ['-X', 'lua_script:' + script]
    lab.compare('somebody else in front of TCP', readable(lab.one), readable(lab.annotate(*arguments)))
    lab.compare('the same in two passes', readable(lab.two), readable(lab.annotate('-2', *arguments)))

    def statistic(which, more):
        shown = lab.wireshark.tshark(['-n', '-q', '-r', lab.capture, '-z', 'tcpphase,' + which] + more)
        lab.check('statistics %s' % more, (0, b''), (shown.returncode, shown.stderr))
        # As wide as the column's values.
        return unheard(shown.stdout.decode().replace('Unreachable ', 'No answer   '))

    # Memory that is no longer a frame's is written over.
    lab.wireshark.environment['WIRESHARK_DEBUG_WMEM_OVERRIDE'] = 'strict'
    for more in (arguments, ['-2'] + arguments):
        lab.check('the table %s' % more, statistic('connections', []), statistic('connections', more))
    lab.check('the tree in two passes', statistic('tree', arguments), statistic('tree', ['-2'] + arguments))
    del lab.wireshark.environment['WIRESHARK_DEBUG_WMEM_OVERRIDE']


def filters(lab):
    """A display filter leaves frames out of what is shown. A read filter drops them and counts anew, but they have
    been dissected: nothing changes for the others but the numbers of frames."""
    shown = lab.annotate('-Y', 'tcpphase.step == "Data"')
    lab.compare('display filter', {number: lab.one[number] for number in shown}, shown)
    lab.check('display filter', sorted(number for number, subtrees in lab.one.items() if any(
        'Step: Data (54)' in field(subtree, 'step') for subtree in subtrees)), sorted(shown))
    for read in ('tcp.port == 443', 'tcp.len > 0', 'ip.src == 192.0.2.10', 'tcpphase.phase == "Close"'):
        kept = sorted(lab.annotate('-Y', read))
        told = ('phase', 'step', 'label', 'connection', 'sender', 'handshake.time', 'keepalive.status')

        def facts(subtrees):
            return [tuple((name, tuple(field(subtree, name))) for name in told) for subtree in subtrees]

        found = lab.annotate('-2', '-R', read)
        lab.compare('read filter ' + read, {place: facts(lab.two[number]) for place, number in enumerate(kept, 1)},
                    {number: facts(subtrees) for number, subtrees in found.items()})


def sharkd(lab):
    """Loaded, asked frame by frame at random, loaded again in the same process."""
    if not shutil.which(PROGRAM):
        print('modes: there is no %s: it is not tried (SHARKD names one)' % PROGRAM)
        return
    numbers = list(lab.two)
    with Sharkd(lab.wireshark) as session:
        for seed, name in enumerate(('sharkd', 'sharkd, loaded again', 'sharkd, loaded once more')):
            lab.check(name, len(numbers), session.load(lab.capture))
            random.Random(seed).shuffle(numbers)
            lab.compare(name, lab.two, session.frames(numbers))
        for preference in PREFERENCES[1::2]:
            name, value = preference.split(':')
            session.ask('setconf', name=name, value=value)
        session.load(lab.capture)
        lab.compare("sharkd, TCP's preferences off", lab.two, session.frames(numbers))


def passes(lab):
    """All of it."""
    lab.check('hindsight follows from the frames', [], contradictions(lab.two))
    options(lab)
    without_tree(lab)
    in_front(lab)
    filters(lab)
    sharkd(lab)
