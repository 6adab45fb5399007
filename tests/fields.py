#!/usr/bin/env python3
"""Compares every field and note with `fields.tsv`: that it is registered, and what it shows on a capture, in one pass
and in two. `fields.py PLUGINS`: PLUGINS is the folder for WIRESHARK_PLUGIN_DIR."""
import collections
import os
import sys

from reading import TESTS, Reader

NOTE = 'tcpphase.note.'
# No message has one.
BETWEEN = '\x1f'
SEVERITIES = {'2097152': 'chat', '4194304': 'note', '6291456': 'warning', '8388608': 'error'}
Row = collections.namedtuple('Row', 'field known capture frame value')


def rows():
    """The rows of fields.tsv."""
    with open(os.path.join(TESTS, 'fields.tsv'), encoding='utf-8') as lines:
        return [Row(*line.rstrip('\n').split('\t')) for line in lines if not line.startswith('#')]


def shown(reader, name, passes, fields):
    """What a capture shows: frame -> field -> values."""
    arguments = passes + ['-Y', 'tcpphase', '-T', 'fields', '-E', 'separator=\t', '-E', 'aggregator=' + BETWEEN,
                          '-e', 'frame.number', '-e', '_ws.expert.severity', '-e', '_ws.expert.message']
    for field in fields:
        arguments += ['-e', field]
    found = {}
    for line in reader.read(name, arguments).splitlines():
        frame, severities, messages, *values = line.split('\t')
        told = zip(severities.split(BETWEEN), messages.split(BETWEEN))
        values = [value.replace(BETWEEN, ';') for value in values]
        found[frame] = dict(zip(fields, values), messages=[
            '%s: %s' % (SEVERITIES.get(severity), message) for severity, message in told])
    return found


def differences(reader, table):
    """One line for each row that does not hold."""
    by_capture = collections.defaultdict(list)
    for row in table:
        by_capture[row.capture].append(row)
    for name, wanted in sorted(by_capture.items()):
        fields = [row.field for row in wanted]
        for passes in ([], ['-2']):
            frames = shown(reader, name, passes, fields)
            for row in wanted:
                expected = row.value if row.known == 'causal' or passes else ''
                frame = frames[row.frame]
                got = frame[row.field]
                if row.field.startswith(NOTE) and got:
                    got = expected if expected in frame['messages'] else '; '.join(frame['messages'])
                if got != expected:
                    yield '%s of %s, frame %s (%s): expected %r, shown %r' % (
                        row.field, name, row.frame, ' '.join(passes) or 'one pass', expected, got)


def changes(reader, table):
    """Causal fields are the same in one pass and in two; hindsight is not in the first."""
    causal = [row.field for row in table if row.known == 'causal']
    hindsight = [row.field for row in table if row.known != 'causal']
    one, two = (shown(reader, reader.all_captures(), passes, causal + hindsight) for passes in ([], ['-2']))
    for frame, fields in one.items():
        changed = [field for field in causal if fields[field] != two[frame][field]]
        early = [field for field in hindsight if fields[field]]
        if changed or early:
            yield 'frame %s of all captures: in one pass and in two differ %s, in one pass shows %s' % (
                frame, changed, early)


def main():
    table = rows()
    with Reader(sys.argv[1]) as reader:
        names = set(reader.fields())
        named = {row.field for row in table}
        failures = ['%s is registered and not in fields.tsv' % name for name in sorted(names - named)]
        failures += ['%s is in fields.tsv and not registered' % name for name in sorted(named - names)]
        if not failures:
            failures += list(differences(reader, table)) + list(changes(reader, table))
    print('\n'.join(failures) if failures else 'fields: %d as written' % len(table))
    return 1 if failures or not table else 0


if __name__ == '__main__':
    sys.exit(main())
