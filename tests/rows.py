#!/usr/bin/env python3
"""Checks the rows of `-z tcpphase,log` and `-z tcpphase,csv`: that they fit their schema, are the same in one pass and in
two, say what the fields of `-T fields` say, tell no story beyond that, and are written in time. `rows.py PLUGINS`: the folder for
WIRESHARK_PLUGIN_DIR."""
import csv
import io
import json
import os
import re
import signal
import subprocess
import sys

import jsonschema

from reading import TESTS, Reader, capture

SCHEMA = os.path.join(TESTS, '..', 'cmake', 'connection.schema.json')
ROLES = ['client', 'server']
# Of the timers of keep-alives, which stand beside the connection's own fields.
OF_CONNECTIONS = ('tcpphase.conn.', 'tcpphase.keepalive.client.', 'tcpphase.keepalive.server.')
MORE = ['tcpphase.keepalive.verdict', 'tcpphase.keepalive.unanswered_max']


def column(field):
    """The name of a field in a row."""
    return field[len('tcpphase.'):].removeprefix('conn.').replace('.', '_')


def rows(reader, passes=(), options=(), tap='tcpphase,log', of=None):
    """The rows of one capture, or of all."""
    path = reader.all_captures() if of is None else capture(of)
    text = reader.read(path, list(passes) + list(options) + ['-q', '-z', tap])
    if ',csv' in tap:
        return list(csv.DictReader(io.StringIO(text)))
    return [json.loads(line) for line in text.splitlines()]


def said(reader, wanted):
    """What the fields say of each connection on its last frame: number -> column -> text."""
    arguments = ['-2', '-Y', 'tcpphase.connection', '-T', 'fields', '-E', 'separator=\t', '-E', 'aggregator=|']
    for field in ['tcpphase.connection'] + wanted:
        arguments += ['-e', field]
    told = {}
    for line in reader.read(reader.all_captures(), arguments).splitlines():
        values = [value.split('|') for value in line.split('\t')]
        # One segment in a frame: of several nobody can tell which field is whose.
        if len(values[0]) == 1:
            told[int(values[0][0])] = {column(field): value[0] for field, value in zip(wanted, values[1:]) if value[0]}
    return told


def as_text(value, names):
    """A field's value as a row has it."""
    try:
        return names.get(int(value, 0), value)
    except ValueError:
        return value


def differences(reader, found):
    """Where the rows and the fields say different things."""
    fields = [name for name in reader.fields() if name.startswith(OF_CONNECTIONS) or name in MORE]
    names = {column(field): dict(values) for field, values in reader.values().items()}
    told = said(reader, fields)
    for row in found:
        expected = {name: as_text(value, names.get(name, {})) for name, value in told.get(row['connection'], {}).items()}
        for name in expected:
            value = row.get(name, '')
            text = '1' if value is True else '%.9f' % value if isinstance(value, float) else str(value)
            # Newer versions of Wireshark write flags as words.
            if text != expected[name].replace('True', '1'):
                yield 'connection %d: %s is %r in its row, %r in its fields' % (row['connection'], name, text, expected[name])


def both_formats(of_json, of_csv):
    """Where JSON and CSV say different things."""
    if len(of_json) != len(of_csv):
        yield '%d rows in JSON, %d in CSV' % (len(of_json), len(of_csv))
    for one, other in zip(of_json, of_csv):
        for name, text in other.items():
            value = one.get(name, '')
            written = ' '.join(value) if isinstance(value, list) else 'true' if value is True else '%.9f' % value if isinstance(value, float) else str(value)
            if text != written:
                yield 'connection %s: %s is %r in JSON, %r in CSV' % (one['connection'], name, written, text)


def faults_of_output(reader):
    """A full disk is said in one line; whoever reads no more is not told."""
    arguments = ['-n', '-r', reader.readable(capture('story')), '-q', '-z', 'tcpphase,log']
    with open('/dev/full', 'wb') as full:
        process = reader.start('tshark', arguments, stdout=full)
        errors = process.communicate()[1].decode()
    if process.returncode != 2 or len(errors.splitlines()) != 1:
        yield 'a full disk: status %d, %r' % (process.returncode, errors)
    # Python has SIGPIPE ignored, and who is started by it too.
    closed, end = os.pipe()
    os.close(closed)
    process = reader.start('tshark', arguments, stdout=end)
    os.close(end)
    errors = process.communicate()[1].decode()
    if process.returncode != -signal.SIGPIPE or errors:
        yield 'a closed pipe: status %d, %r' % (process.returncode, errors)


def is_known(number, unit, row):
    """Whether the row has what a story says: a frame, a count, or a length of time, as far as people say it."""
    if unit:
        parts = {'us': 1e6, 'ms': 1e3, 's': 1}[unit]
        seconds, last = float(number) / parts, 10 ** -len(number.partition('.')[2]) / parts
        return any(abs(value - seconds) <= last / 2 + 1e-9 for value in row.values() if isinstance(value, float))
    return int(number) in [value for value in row.values() if isinstance(value, int) and value is not True]


def unfounded(row):
    """What a story says that is not in the row."""
    story = row['story']
    for name in (row.get('server_name'), row.get('tls_version')):
        story = story.replace(name, '') if name else story
    for number, unit in re.findall(r'(\d+(?:\.\d+)?)(?: (us|ms|s)\b)?', story):
        if not is_known(number, unit, row):
            yield 'connection %d: %s %s is not in its row: %s' % (row['connection'], number, unit, row['story'])
    for side in ROLES:
        if re.search('the %s\\b(?! Hello)' % side, story, re.IGNORECASE) and side + '_address' not in row \
                and side not in [str(value).lower() for value in row.values()]:
            yield 'connection %d: nothing names the %s: %s' % (row['connection'], side, row['story'])


def in_time(reader, found):
    """Rows come once nothing can change them, not at the end."""
    merged = [row['connection'] for row in found]
    if merged == sorted(merged):
        yield 'all rows stand in the order of the connections, as at the end of the file'
    early = rows(reader, options=['-o', 'tcpphase.log_idle:3'], of='keepalive_vanished')
    late = rows(reader, of='keepalive_vanished')
    if not early[0]['last_frame'] <= late[0]['last_frame']:
        yield 'an idle connection: %d frames, not fewer than %d' % (early[0]['last_frame'], late[0]['last_frame'])


def main():
    with open(SCHEMA, encoding='utf-8') as text:
        validator = jsonschema.Draft202012Validator(json.load(text))
    with Reader(sys.argv[1]) as reader:
        first, second = rows(reader), rows(reader, ['-2'])
        failures = ['connection %d: %s' % (row['connection'], error.message)
                    for row in first for error in validator.iter_errors(row)]
        ordered = [sorted(some, key=lambda row: row['connection']) for some in (first, second)]
        failures += ['one pass %s, two passes %s' % pair for pair in zip(*ordered) if pair[0] != pair[1]]
        if len(first) != len(second) or len({row['connection'] for row in first}) != len(first):
            failures.append('%d rows in one pass, %d in two' % (len(first), len(second)))
        failures += [fault for row in first for fault in unfounded(row)]
        failures += differences(reader, second)
        failures += both_formats(first, rows(reader, tap='tcpphase,csv'))
        failures += faults_of_output(reader)
        failures += in_time(reader, first)
        some = rows(reader, tap='tcpphase,log,ipv6')
        if not 0 < len(some) < len(first) or any(':' not in row['sender_address'] for row in some):
            failures.append('a filter for IPv6: %d rows' % len(some))
    for failure in failures:
        print(failure)
    if failures:
        return 1
    print('rows: %d connections, %d columns' % (len(first), len(validator.schema['properties'])))
    return 0


if __name__ == '__main__':
    sys.exit(main())
