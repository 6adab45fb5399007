"""What all modes are compared with: one capture of all the project's own, and what tshark says about it."""
import os
import shutil
import struct
import sys

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))
from annotations import HINDSIGHT, causal, differences, from_pdml  # noqa: E402
from wireshark import Wireshark  # noqa: E402

CAPTURES = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'captures')
# An experimental type (IEEE 802): a frame that has it is no IP any more.
NOT_IP = b'\x88\xb5'


class Lab:
    """The merged capture, its annotations in one pass and in two, and the list of what went wrong."""

    def __init__(self, plugins, config):
        self.wireshark, self.failures, self.checks = Wireshark(plugins), [], 0
        self.folder = self.wireshark.folder
        shutil.copytree(config, os.path.join(self.folder, 'config'), dirs_exist_ok=True)
        self.capture = self.merged()
        self.wireshark.own()
        self.one, self.two = self.annotate(), self.annotate('-2')
        self.check('one pass has hindsight fields', set(), {
            field for subtrees in self.one.values() for subtree in subtrees for field, _ in subtree} & HINDSIGHT)
        self.compare('two passes, causal', self.one, causal(self.two))
        self.check('the captures have nothing to compare', True, len(self.one) > 500)

    def merged(self):
        """One after the other. Those that are not Ethernet are left out: the file's format knows one link type."""
        names = sorted(os.path.join(CAPTURES, name) for name in os.listdir(CAPTURES) if '.pcap' in name)
        listed = self.wireshark.run('capinfos', ['-T', '-r', '-m', '-Q', '-E'] + [self.wireshark.readable(name)
                                                                               for name in names]).stdout.decode()
        rows = [line.replace('"', '').split(',') for line in listed.splitlines()]
        captures = [row[0] for row in rows if row[1] == 'ether']
        path = os.path.join(self.folder, 'all.pcap')
        self.wireshark.run('mergecap', ['-a', '-F', 'pcap', '-w', path] + captures)
        return path

    def records(self):
        """Where each frame's record begins in the merged capture, and where the last one ends."""
        with open(self.capture, 'rb') as file:
            octets = file.read()
        places = [24]
        while places[-1] < len(octets):
            places.append(places[-1] + 16 + struct.unpack_from('<I', octets, places[-1] + 8)[0])
        return octets, places

    def without_frame(self, number):
        """A copy in which this frame is no IP packet: what is left when it is ignored."""
        octets, places = self.records()
        kind = places[number - 1] + 16 + 12
        path = os.path.join(self.folder, 'without%d.pcap' % number)
        with open(path, 'wb') as file:
            file.write(octets[:kind] + NOT_IP + octets[kind + 2:])
        os.chmod(path, 0o644)
        return path

    def annotate(self, *arguments, capture=None):
        """What tshark shows."""
        result = self.wireshark.tshark(['-n', '-r', capture or self.capture, '-T', 'pdml', '-J', 'tcpphase'] +
                                       list(arguments))
        self.check('tshark %s' % ' '.join(arguments), (0, b''), (result.returncode, result.stderr))
        return from_pdml(result.stdout)

    def check(self, name, expected, found):
        """One fact."""
        self.checks += 1
        if expected != found:
            self.failures.append('%s: expected %r, found %r' % (name, expected, found))
            print(self.failures[-1][:1000])
        return expected == found

    def compare(self, name, expected, found):
        """Annotations that must be equal."""
        different = differences(expected, found)
        if self.check(name, [], [text[:300] for text in different]):
            print('modes: %s: %d frames as in tshark' % (name, len(found)))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.wireshark.close()
