#!/usr/bin/env python3
"""What the plugin does when its library fails, and when there is a second copy of it. `faults.py PLUGINS`: the folder for
WIRESHARK_PLUGIN_DIR. tests/faults.c, preloaded, makes one of the library's functions fail."""
import glob
import os
import shutil
import subprocess
import sys

from reading import TESTS, Reader

BAD_VALUE, POISONED = 3, 5
TOLD = b'the rest of this capture is not annotated'
STAYS_OFF = b'was found second stays off'
FIELDS = ['-T', 'fields', '-E', 'separator=\t', '-e', 'frame.number', '-e', 'tcpphase.phase', '-e', 'tcpphase.label']
# A capture with a note in this frame, and notes behind it.
NOTED, FRAME = 'keepalive_vanished', 9
TABLE, TREE = ['-q', '-z', 'tcpphase,connections'], ['-q', '-z', 'tcpphase,tree']


class Faulty(Reader):
    """tshark with a library that fails."""

    def build(self):
        """The library to preload."""
        self.preloaded = os.path.join(self.folder, 'faults.so')
        subprocess.run(['cc', '-O1', '-Wall', '-Wextra', '-Werror', '-shared', '-fPIC', '-o', self.preloaded,
                        '-I', os.path.join(TESTS, '..', 'ffi', 'include'), os.path.join(TESTS, 'faults.c'), '-ldl'],
                       check=True)

    def fails(self, fault, name, arguments):
        """What tshark prints, and its complaints."""
        if fault:
            self.environment.update(FAULT=fault, LD_PRELOAD=self.preloaded)
        result = self.tshark(['-n', '-r', self.readable(self.path(name))] + arguments)
        for variable in ('FAULT', 'LD_PRELOAD'):
            self.environment.pop(variable, None)
        return result.returncode, result.stdout, result.stderr

    @staticmethod
    def path(name):
        """The file of a capture."""
        return glob.glob(os.path.join(TESTS, 'captures', name + '.pcap*'))[0]

    def frames(self, fault, passes, name=NOTED):
        """Frame -> phases and labels; and the complaints."""
        status, out, err = self.fails(fault, name, passes + FIELDS)
        lines = (line.split('\t') for line in out.decode().splitlines())
        return status, {int(line[0]): tuple(line[1:]) for line in lines}, err


def poisoned(reader):
    """Whichever function meets a bug: told once, and nothing is said from there on."""
    for passes in ([], ['-2']):
        _, good, _ = reader.frames(None, passes)
        for function in ('engine_segment', 'engine_verdict', 'label', 'note_text'):
            status, frames, err = reader.frames('%s %d %d' % (function, POISONED, FRAME), passes)
            name = '%s, %s' % (function, passes)
            if status != 0 or err.count(TOLD) != 1 or err.count(b'\n') != 1:
                yield '%s: ends with %d and says %r' % (name, status, err)
            before = {number: told for number, told in good.items() if number < FRAME}
            # All others are called while the frames are visited for the first time.
            if passes and function != 'label':
                before = dict.fromkeys(before, ('', ''))
            if {number: frames[number] for number in before} != before:
                yield '%s: other labels before the fault: %s' % (name, frames)
            if any(told != ('', '') for number, told in frames.items() if number > FRAME):
                yield '%s: labels behind the fault: %s' % (name, frames)
    for passes in ([], ['-2']):
        for arguments in (TABLE, TREE) + ((['-Y', 'tcpphase.conn.ended'],) if passes else ()):
            status, _, err = reader.fails('engine_summary %d 0' % POISONED, NOTED, passes + arguments)
            if status != 0 or err.count(TOLD) != 1:
                yield 'engine_summary, %s: ends with %d and says %r' % (passes + arguments, status, err)


def refused(reader):
    """A segment that the library refuses takes nothing from the others of its frame."""
    for passes in ([], ['-2']):
        _, good, _ = reader.frames(None, passes, 'tunnel_tcp')
        status, frames, err = reader.frames('engine_segment %d 8' % BAD_VALUE, passes, 'tunnel_tcp')
        if status != 0 or err:
            yield 'refused: ends with %d and says %r' % (status, err)
        outer, inner = frames[8][1].split(',')
        if (outer, inner) != ('Unknown', good[8][1].split(',')[1]):
            yield 'refused, %s: frame 8 is %s' % (passes, frames[8])


def two_copies(reader):
    """The second one stays off and says so."""
    good = reader.frames(None, [])[1]
    for folder in glob.glob(os.path.join(reader.plugins, '*', 'epan')):
        shutil.copy(os.path.join(folder, 'tcpphase.so'), os.path.join(folder, 'another-copy.so'))
    reader.own()
    status, frames, err = reader.frames(None, [])
    if status != 0 or err.count(STAYS_OFF) != 1 or frames != good:
        yield 'two copies: ends with %d and says %r' % (status, err)


def main():
    with Faulty(sys.argv[1]) as reader:
        reader.build()
        failures = [text for part in (poisoned, refused, two_copies) for text in part(reader)]
    print('\n'.join(failures) if failures else 'faults: a library that fails, a second copy: told once')
    return 1 if failures else 0


if __name__ == '__main__':
    sys.exit(main())
