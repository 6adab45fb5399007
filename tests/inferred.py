#!/usr/bin/env python3
"""Reads the project's captures that have a key log with it and without: is what was inferred from outside of TLS what
is inside? `inferred.py PLUGINS [NAME...]`. Steps that differ are listed in captures/inferred.tsv (capture, frame, what
was inferred, what is there, why), and so are frames that only one of the two counts as TLS handshake, and notes that
only the one without keys has; nothing else is."""
import os
import sys

from labels import CAPTURES, captures, key_log, readings
from wireshark import Wireshark

FIELDS = ['-T', 'fields', '-E', 'aggregator=,', '-e', 'frame.number', '-e', 'tcpphase.step', '-e', 'tcpphase.inferred',
          '-e', 'tcpphase.phase']
NOTES = ['tls_failed', 'tls_rejected', 'tls_truncated']
FIELDS += [word for note in NOTES for word in ('-e', 'tcpphase.note.' + note)]
LISTED = os.path.join(CAPTURES, 'inferred.tsv')

APPLICATION_DATA, ALERT, CLOSE_NOTIFY = 50, 28, 74
PHASES = ('other phase', 'TLS handshake')
TLS_HANDSHAKE = '2'
# Not guessed, or said by the header.
NO_GUESS = {10, 11, 12, 21, 23}
# What is in application data: HTTP, HTTP/2, WebSocket, MQTT, PostgreSQL.
WITHIN = set(range(40, 47)) | {52, 53, 62, 63, 64, 65, 75, 78} | set(range(90, 96)) | set(range(100, 105))


def steps(wireshark, path, arguments):
    """Frame -> steps, whether they are inferred, whether the phase is TLS handshake, and notes."""
    result = wireshark.tshark(arguments + ['-n', '-r', wireshark.readable(path), '-Y', 'tcpphase'] + FIELDS)
    rows = (line.split('\t') for line in result.stdout.decode().splitlines())
    return {row[0]: ([int(step) for step in row[1].split(',') if step], '1' in row[2] or 'True' in row[2],
                     TLS_HANDSHAKE in row[3].split(','), {note for note, cell in zip(NOTES, row[4:]) if cell})
            for row in rows}


def is_payload(step):
    """Whether octets show it, rather than the header."""
    return 10 <= step <= 54 or 62 <= step <= 67 or step in (74, 75, 78) or step in WITHIN


def is_there(step, inside):
    """Whether a guessed step is among those that are inside."""
    if step == APPLICATION_DATA:
        return bool(WITHIN & inside) or APPLICATION_DATA in inside
    if step == ALERT:
        return bool({ALERT, CLOSE_NOTIFY} & inside)
    return step in inside


def differences(wireshark, name, path):
    """(capture, frame, inferred, there) of the guesses that are wrong, and how many there were."""
    ways = [arguments(wireshark) for _, arguments in readings(name)]
    outside, inside = (steps(wireshark, path, arguments) for arguments in ways)
    found, guesses = set(), 0
    for frame, (guessed, inferred, handshake, notes) in outside.items():
        there = set(inside[frame][0])
        found |= {(name, frame, note, 'no note') for note in notes - inside[frame][3]}
        if handshake != inside[frame][2]:
            found.add((name, frame, PHASES[handshake], PHASES[inside[frame][2]]))
        # What could not be opened is not compared.
        if not inferred or inside[frame][:2] == (guessed, inferred):
            continue
        guesses += 1
        wrong = [step for step in guessed if is_payload(step) and step not in NO_GUESS and not is_there(step, there)]
        if wrong:
            opened = sorted(step for step in there if is_payload(step))
            found.add((name, frame, ' '.join(map(str, wrong)), ' '.join(map(str, opened))))
    return found, guesses


def listed():
    """The differences that are known, without their reasons."""
    if not os.path.exists(LISTED):
        return set()
    with open(LISTED, encoding='utf-8') as lines:
        rows = (line.rstrip('\n').split('\t') for line in lines if line.strip() and not line.startswith('#'))
        return {tuple(row[:4]) for row in rows}


def main():
    plugins, names = sys.argv[1], sys.argv[2:]
    paths, found, guesses = captures(), set(), 0
    names = names or sorted(name for name in paths if os.path.exists(key_log(name)))
    with Wireshark(plugins) as wireshark:
        for name in names:
            wrong, more = differences(wireshark, name, paths[name])
            found |= wrong
            guesses += more
    known = {row for row in listed() if row[0] in names}
    for row in sorted(found - known):
        print('inferred: %s frame %s: %s was inferred, %s is there, and captures/inferred.tsv does not say why' % row)
    for row in sorted(known - found):
        print('inferred: %s frame %s is listed in captures/inferred.tsv and does not differ' % row[:2])
    print('inferred: %d segments with guesses, %d of them wrong and listed' % (guesses, len(found & known)))
    return 1 if found != known or not guesses else 0


if __name__ == '__main__':
    sys.exit(main())
