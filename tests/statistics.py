#!/usr/bin/env python3
"""Checks the tree of counts and the table of connections: that they are the same in one pass and in two, that they say
what the fields say, that a filter limits them. `statistics.py PLUGINS`: the folder for WIRESHARK_PLUGIN_DIR."""
import collections
import re
import sys

from reading import Reader

FILTERS = ['', ',tcp.flags.syn == 1', ',tcpphase.step == "FIN"', ',ipv6']
COLUMNS = {'Opened': 'opened', 'Setup time': 'setup_time', 'SYNs': 'syn_attempts', 'TLS time': 'tls_time',
           'Requests': 'messages', 'Slowest response': 'slowest_response', 'Longest idle': 'max_idle',
           'Closed by': 'closed_by', 'Ended': 'ended', 'Duration': 'duration', 'Idle at end': 'idle_at_end',
           'HTTP timeout': 'http_timeout'}


def statistics(reader, passes, which):
    """What -z prints."""
    return reader.read(reader.all_captures(), passes + ['-q', '-z', 'tcpphase,' + which])


def table(text):
    """The rows of the table: column -> text."""
    lines = [line.split('|') for line in text.splitlines() if '|' in line]
    names = [name.strip() for name in lines[0]]
    return [dict(zip(names, (value.strip() for value in line))) for line in lines[1:]]


def crooked(text):
    """Columns of numbers in which a value is not right below the name: the window, which compares text, sorts by them."""
    head, *lines = [line.split('|') for line in text.splitlines() if '|' in line]
    for column, name in enumerate(head):
        if name.startswith(' ') and any(len(line[column]) != len(name) for line in lines):
            yield 'the column %s is not straight' % name.strip()


def counts(text):
    """The tree: path -> count."""
    path, found = [], {}
    for line in text.splitlines():
        node = re.match(r'( *)(\S.*?) {2,}(\d+) ', line)
        if node:
            depth = len(node.group(1))
            path[depth:] = [node.group(2)]
            found['/'.join(path)] = int(node.group(3))
    return found


def connections(reader):
    """What the fields say of each connection, on its last frame: column -> text."""
    fields = ['tcpphase.connection'] + ['tcpphase.conn.' + name for name in COLUMNS.values()]
    arguments = ['-2', '-Y', 'tcpphase.connection', '-T', 'fields', '-E', 'separator=\t', '-E', 'aggregator=;']
    for field in fields:
        arguments += ['-e', field]
    names = reader.values()
    told = {}
    for line in reader.read(reader.all_captures(), arguments).splitlines():
        values = [value.split(';') for value in line.split('\t')]
        # Of a connection inside another one: the last of each.
        if len(values[0]) > 1:
            continue
        row = {}
        for (column, name), value in zip(COLUMNS.items(), values[1:]):
            enumeration = dict(names.get('tcpphase.conn.' + name, []))
            text = enumeration[int(value[0])] if enumeration and value[0] else value[0]
            # Without any: HTTP that nobody can read, or none.
            text = '' if column == 'Requests' and text == '0' else text
            row[column] = re.sub(r'(\.\d{6})\d{3}$', r'\1', text)
        told[int(values[0][0])] = row
    return told


def wrong_rows(reader, rows):
    """Rows that say something else than the fields."""
    told = connections(reader)
    for number, row in enumerate(rows):
        expected = told.get(number)
        got = {column: row[column] for column in COLUMNS}
        if expected is not None and got != expected:
            yield 'connection %d: the table has %s, the fields have %s' % (number, got, expected)


def wrong_counts(found, rows):
    """Counts of connections that the table does not have."""
    for what in ('Opened', 'Ended', 'Closed by'):
        for name, count in collections.Counter(row[what] for row in rows).items():
            if found.get('Connections/%s/%s' % (what, name)) != count:
                yield '%s %s: %s in the tree, %d in the table' % (what, name, found.get(
                    'Connections/%s/%s' % (what, name)), count)


def main():
    failures = []
    with Reader(sys.argv[1]) as reader:
        for text in FILTERS:
            for which in ('connections', 'tree'):
                one, two = (statistics(reader, passes, which + text) for passes in ([], ['-2']))
                if one != two:
                    failures.append('%s%s differs in one pass and in two' % (which, text))
        text = statistics(reader, [], 'connections')
        rows = table(text)
        failures += crooked(text)
        found = counts(statistics(reader, [], 'tree'))
        failures += list(wrong_rows(reader, rows)) + list(wrong_counts(found, rows))
        steps = reader.read(reader.all_captures(), ['-Y', 'tcpphase', '-T', 'fields', '-E', 'aggregator=\t',
                                                    '-e', 'tcpphase.phase']).split()
        if found['Segments'] != len(steps):
            failures.append('%d segments in the tree, %d have a phase' % (found['Segments'], len(steps)))
        some = table(statistics(reader, [], 'connections,ipv6'))
        if not some or not all(row['Client'].startswith('[') for row in some):
            failures.append('the filter ipv6 lets others pass')
        columns = [row['Stream'] for row in rows]
        if len(set(columns)) < len(columns) // 2:
            failures.append('streams: %s' % columns)
    print('\n'.join(failures) if failures else 'statistics: %d connections, %d counts' % (len(rows), len(found)))
    return 1 if failures or not rows or not found else 0


if __name__ == '__main__':
    sys.exit(main())
