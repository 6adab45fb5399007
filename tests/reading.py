"""What tshark says about a capture of the project, as text."""
import glob
import os

from tshark import Tshark

TESTS = os.path.dirname(os.path.abspath(__file__))
CAPTURES = os.path.join(TESTS, 'captures')


class Reader(Tshark):
    """tshark with the plugin."""

    def text(self, arguments):
        """What tshark prints; its complaints are errors."""
        result = self.run(arguments)
        if result.returncode != 0:
            raise SystemExit('tshark %s: %s' % (' '.join(arguments), result.stderr))
        return result.stdout

    def read(self, name, arguments):
        """What it prints for a capture, named with or without its folder and ending."""
        return self.text(['-n', '-r', self.readable(capture(name))] + arguments)


def capture(name):
    """The file of a capture."""
    if os.path.exists(name):
        return name
    return glob.glob(os.path.join(glob.escape(CAPTURES), name + '.pcap*'))[0]


def captures():
    """The names of all captures."""
    return sorted(os.path.basename(path).rsplit('.', 1)[0] for path in glob.glob(CAPTURES + '/*.pcap*'))
