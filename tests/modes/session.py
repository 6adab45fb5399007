"""Wireshark's window: what its exports say, redissected in every way, and while a fifo is captured from."""
import csv
import io
import os
import re
import shutil

from annotations import causal, from_pdml
from growing import fifo
from passes import PREFERENCES, field
from window import TooLate, Window, wait_for

PROFILE = 'TCP Phase'


def write(lab, profile, name, text):
    """A file of one more profile, which is a copy of ours."""
    profiles = os.path.join(lab.folder, 'config', 'wireshark', 'profiles')
    if not os.path.isdir(os.path.join(profiles, profile)):
        shutil.copytree(os.path.join(profiles, PROFILE), os.path.join(profiles, profile))
    with open(os.path.join(profiles, profile, name), 'a', encoding='utf-8') as file:
        file.write(text)


def write_profiles(lab):
    """To switch to another profile is to change its preferences, Decode As and disabled protocols in one go."""
    write(lab, 'Aside', 'disabled_protos', 'tcpphase\n')
    write(lab, 'Blind', 'disabled_protos', 'tcp\n')
    write(lab, 'Changed', 'preferences', '\n' + ''.join(
        preference.replace(':', ': ') + '\n' for preference in PREFERENCES[1::2] + ['tcpphase.label_in_info:TRUE']))
    write(lab, 'Decoded', 'decode_as_entries', 'decode_as_entry: ip.proto,6,(none),TCP\n'
                                               'decode_as_entry: tcp.port,80,(none),Data\n')


def eventually(lab, window, name, expected, only=lambda frames: frames, again=None):
    """The window redissects when it comes to it: the export is taken again until it is as expected. `again` is what is to
    make it so: done first, and once more where some time later nothing has changed yet."""
    before = window.annotations

    def exported():
        window.annotations = only(from_pdml(window.export('pdml')))
        return window.annotations == expected

    def done():
        if again and window.annotations == before:
            again()
        try:
            return wait_for(name, exported, 30)
        except TooLate:
            return False
    try:
        wait_for(name, done)
    except TooLate:
        pass
    lab.compare('window, ' + name, expected, window.annotations)


def packet_list(window):
    """The rows of the packet list. Some octets of what is not ASCII are written in octal."""
    octets = re.sub(rb'\\([0-3][0-7]{2})', lambda octal: bytes([int(octal[1], 8)]), window.export('csv'))
    return csv.DictReader(io.StringIO(octets.decode()))


def column(lab, window, name, expected):
    """A column of the packet list, by frame number, as File, Export has it."""
    rows = packet_list(window)
    return lab.check('window, column ' + name, expected, {int(row['No.']): row[name] for row in rows})


def labels(subtrees):
    """What the column shows of a frame."""
    return ' | '.join(text.split(': ', 1)[1] for subtree in subtrees for text in field(subtree, 'label'))


def colours(lab, window):
    """The picture has the colours of the profile for what the list shows first."""
    with open(os.path.join(lab.folder, 'config', 'wireshark', 'profiles', PROFILE, 'colorfilters'),
              encoding='utf-8') as lines:
        rules = dict(re.findall(r'^@TCP Phase: ([^@]*)@.*@\[([0-9,]*)\]\[', lines.read(), re.MULTILINE))
    wanted = {bytes(int(part) >> 8 for part in rules[name].split(',')) for name in ('handshake', 'reset', 'close')}
    try:
        wait_for('the colours', lambda: wanted <= window.screen().colours())
    except TooLate:
        pass
    lab.check('window, colours', set(), wanted - window.screen().colours())


def labels_in_info(lab, window):
    """The preference. In tunnels the protocol in between may have locked the column."""
    infos = {int(row['No.']): row['Info'] for row in packet_list(window)}
    lab.check('window, labels in Info', [], [
        number for number, subtrees in lab.two.items()
        if len(subtrees) == 1 and not infos[number].startswith('[%s] ' % labels(subtrees))])


def redissected(lab, window):
    """In one session: other profiles and back, a packet ignored and not, read again."""
    nothing = {number: [] for number in lab.two}
    for name, profile, expected in (
            ('TCP Phase disabled', 'Aside', nothing), ('enabled again', PROFILE, lab.two),
            ('TCP disabled', 'Blind', nothing), ('preferences changed', 'Changed', lab.two),
            ('Decode As', 'Decoded', lab.two), ('back', PROFILE, lab.two)):
        eventually(lab, window, name, expected, again=lambda profile=profile: window.profile(profile))
        if profile == 'Changed':
            labels_in_info(lab, window)
    def ignore():
        window.keys('Escape', 'Escape', 'ctrl+Home', 'ctrl+Down', 'ctrl+d', window=window.main)
    eventually(lab, window, 'a packet ignored', lab.annotate('-2', capture=lab.without_frame(2)), again=ignore)
    eventually(lab, window, 'the packet not ignored', lab.two, again=ignore)
    window.keys('ctrl+r', window=window.main)
    eventually(lab, window, 'read again', lab.two)


def session(lab):
    """All of it."""
    write_profiles(lab)
    with Window(lab.wireshark, ['-C', PROFILE, '-n', '-r', lab.capture], r'^all\.pcap$') as window:
        eventually(lab, window, 'as opened', lab.two)
        column(lab, window, 'Phase', {number: labels(subtrees) for number, subtrees in lab.two.items()})
        colours(lab, window)
        redissected(lab, window)
    with Window(lab.wireshark, ['-C', PROFILE, '-n', '-k', '-i', fifo(lab, 'watched')], 'Capturing from') as window:
        wait_for('the end of the capture', lambda: not window.find('Capturing from'))
        eventually(lab, window, 'captured from a fifo', lab.two)
        eventually(lab, window, 'captured from a fifo, causal', lab.one, causal)
    read = ['-R', 'tcp.port == 443']
    with Window(lab.wireshark, ['-C', PROFILE, '-n', '-r', lab.capture] + read, r'^all\.pcap$') as window:
        eventually(lab, window, 'read filter', lab.annotate('-2', *read))
