#!/usr/bin/env python3
"""Compares every field and note with `fields.tsv`: that it is registered, and what it shows on a capture, in one pass
and in two. `fields.py PLUGINS`: PLUGINS is the folder for WIRESHARK_PLUGIN_DIR."""
import collections
import glob
import os
import sys

from tshark import Tshark

TESTS = os.path.dirname(os.path.abspath(__file__))
CAPTURES = os.path.join(TESTS, 'captures')
NOTE = 'tcpphase.note.'
Row = collections.namedtuple('Row', 'field known capture frame value')


def rows():
    """The rows of fields.tsv."""
    with open(os.path.join(TESTS, 'fields.tsv'), encoding='utf-8') as lines:
        return [Row(*line.rstrip('\n').split('\t')) for line in lines if not line.startswith('#')]


def registered(tshark):
    """Our lines of `tshark -G fields`: name -> (display name, type, description)."""
    lines = (line.split('\t') for line in tshark.run(['-G', 'fields']).stdout.splitlines())
    return {line[2]: (line[1], line[3], line[7]) for line in lines
            if line[0] == 'F' and line[2].startswith('tcpphase.')}


def capture_of(name):
    """The file of a capture."""
    return glob.glob(os.path.join(glob.escape(CAPTURES), name + '.pcap*'))[0]


def shown(tshark, name, passes, fields):
    """What a capture shows: frame -> field -> values."""
    arguments = passes + ['-n', '-r', tshark.readable(capture_of(name)), '-Y', 'tcpphase', '-T', 'fields',
                          '-E', 'separator=\t', '-E', 'aggregator=;', '-e', 'frame.number', '-e', '_ws.expert.message']
    for field in fields:
        arguments += ['-e', field]
    found = {}
    for line in tshark.run(arguments).stdout.splitlines():
        frame, messages, *values = line.split('\t')
        found[frame] = dict(zip(fields, values), messages=messages)
    return found


def differences(tshark, table):
    """One line for each row that does not hold."""
    by_capture = collections.defaultdict(list)
    for row in table:
        by_capture[row.capture].append(row)
    for name, wanted in sorted(by_capture.items()):
        fields = [row.field for row in wanted]
        for passes in ([], ['-2']):
            frames = shown(tshark, name, passes, fields)
            for row in wanted:
                expected = row.value if row.known == 'causal' or passes else ''
                frame = frames[row.frame]
                got = frame[row.field]
                if row.field.startswith(NOTE) and got:
                    got = expected if expected in frame['messages'] else frame['messages']
                if got != expected:
                    yield '%s of %s, frame %s (%s): expected %r, shown %r' % (
                        row.field, name, row.frame, ' '.join(passes) or 'one pass', expected, got)


def causal_changes(tshark, table):
    """Causal fields are the same in one pass and in two, on every frame of every capture; others are not in the first."""
    causal = [row.field for row in table if row.known == 'causal']
    hindsight = [row.field for row in table if row.known != 'causal']
    for path in sorted(glob.glob(CAPTURES + '/*.pcap*')):
        name = os.path.basename(path).rsplit('.', 1)[0]
        one, two = (shown(tshark, name, passes, causal + hindsight) for passes in ([], ['-2']))
        for frame, fields in one.items():
            changed = [field for field in causal if fields[field] != two[frame][field]]
            early = [field for field in hindsight if fields[field]]
            if changed or early:
                yield '%s frame %s: in one pass and in two differ %s, in one pass shows %s' % (name, frame, changed, early)


def main():
    table = rows()
    with Tshark(sys.argv[1]) as tshark:
        names = set(registered(tshark))
        written = {row.field for row in table}
        failures = ['%s is registered and not in fields.tsv' % name for name in sorted(names - written)]
        failures += ['%s is in fields.tsv and not registered' % name for name in sorted(written - names)]
        if not failures:
            failures += list(differences(tshark, table)) + list(causal_changes(tshark, table))
    print('\n'.join(failures) if failures else 'fields: %d as written' % len(table))
    return 1 if failures or not table else 0


if __name__ == '__main__':
    sys.exit(main())
