#!/usr/bin/env python3
"""Compares the Phase column of the project's own captures with what a reader wrote down for each, in one pass and in
two: `labels.py PLUGINS [NAME...]`. PLUGINS is the folder for WIRESHARK_PLUGIN_DIR."""
import glob
import os
import sys

from tshark import Tshark

CAPTURES = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'captures')
FIELDS = ['-T', 'fields', '-E', 'aggregator=\t', '-e', 'frame.number', '-e', 'tcpphase.label']


def written(name):
    """The labels that the reader wrote: frame number -> labels, outermost segment first."""
    with open(os.path.join(CAPTURES, name + '.labels'), encoding='utf-8') as lines:
        pairs = (line.rstrip('\n').split('\t') for line in lines if line.strip())
        return {frame: labels.split(' | ') for frame, labels in pairs}


def shown(tshark, capture, passes):
    """The labels that tshark shows."""
    result = tshark.run(passes + ['-n', '-r', tshark.readable(capture), '-Y', 'tcpphase'] + FIELDS)
    rows = (line.split('\t') for line in result.stdout.splitlines())
    return {row[0]: row[1:] for row in rows}


def differences(name, passes, labels):
    """One line for each frame that differs."""
    expected = written(name)
    for frame in sorted(set(expected) | set(labels), key=int):
        if expected.get(frame) != labels.get(frame):
            yield '%s frame %s (%s): expected %s, shown %s' % (
                name, frame, ' '.join(passes) or 'one pass', expected.get(frame), labels.get(frame))


def main():
    plugins, names = sys.argv[1], sys.argv[2:]
    captures = {os.path.basename(path).rsplit('.', 1)[0]: path for path in glob.glob(CAPTURES + '/*.pcap*')}
    failures, compared = [], 0
    with Tshark(plugins) as tshark:
        for name in names or sorted(captures):
            for passes in ([], ['-2']):
                labels = shown(tshark, captures[name], passes)
                compared += len(labels)
                failures += differences(name, passes, labels)
    print('\n'.join(failures) if failures else 'labels: %d frames as written' % compared)
    return 1 if failures or not compared else 0


if __name__ == '__main__':
    sys.exit(main())
