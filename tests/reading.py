"""What tshark says about captures of the project, as text."""
import glob
import os
import subprocess

from wireshark import Wireshark

TESTS = os.path.dirname(os.path.abspath(__file__))
CAPTURES = os.path.join(TESTS, 'captures')


class Reader(Wireshark):
    """tshark with the plugin."""

    def text(self, arguments):
        """What tshark prints; its complaints are errors."""
        result = self.tshark(arguments)
        if result.returncode != 0:
            raise SystemExit('tshark %s: %s' % (' '.join(arguments), result.stderr.decode('utf-8', 'replace')))
        return result.stdout.decode('utf-8')

    def read(self, name, arguments):
        """What it prints for a capture, named with or without its folder and ending."""
        return self.text(['-n', '-r', self.readable(capture(name))] + arguments)

    def all_captures(self):
        """One capture with all of the project's behind each other."""
        merged = os.path.join(self.folder, 'all.pcapng')
        if not os.path.exists(merged):
            parts = []
            for place, name in enumerate(captures()):
                # An hour apart: many begin at one time with the same addresses, and would be copies of each other.
                parts.append(os.path.join(self.folder, 'part%d.pcapng' % place))
                subprocess.run(['editcap', '-t', str(3600 * place), capture(name), parts[-1]], check=True)
            subprocess.run(['mergecap', '-a', '-w', merged] + parts, check=True)
            os.chmod(merged, 0o644)
        return merged

    def fields(self):
        """Our fields: name -> (display name, type, base, description)."""
        lines = (line.split('\t') for line in self.text(['-G', 'fields']).splitlines())
        return {line[2]: (line[1], line[3], line[5], line[7]) for line in lines
                if line[0] == 'F' and line[2].startswith('tcpphase.')}

    def values(self):
        """The names of our enumerations: field -> [(number, name)]."""
        names = {}
        for line in self.text(['-G', 'values']).splitlines():
            line = line.split('\t')
            if line[0] == 'V' and line[1].startswith('tcpphase.'):
                names.setdefault(line[1], []).append((int(line[2], 0), line[3]))
        return names


def capture(name):
    """The file of a capture."""
    if os.path.exists(name):
        return name
    return glob.glob(os.path.join(glob.escape(CAPTURES), name + '.pcap*'))[0]


def captures():
    """The names of all captures."""
    return sorted(os.path.basename(path).rsplit('.', 1)[0] for path in glob.glob(CAPTURES + '/*.pcap*'))


def written(path, text, write):
    """Whether a generated file of the project is fresh; with `write`, makes it so."""
    path = os.path.join(TESTS, '..', path)
    if write:
        with open(path, 'w', encoding='utf-8') as file:
            file.write(text)
    with open(path, encoding='utf-8') as file:
        return file.read() == text
