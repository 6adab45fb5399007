#!/usr/bin/env python3
"""Compares the Phase column of the project's own captures with what a reader wrote down for each, in one pass and in
two: `labels.py PLUGINS [NAME...]`. PLUGINS is the folder for WIRESHARK_PLUGIN_DIR. Captures lie in tests/captures,
NAME.pcap or NAME.pcapng with NAME.labels; where there is a key log, NAME.keys, what shows with it is in
NAME.keyed.labels. `labels.py --show PLUGINS NAME[.keyed]` prints such a file, for a reader to check."""
import glob
import os
import sys
from concurrent.futures import ThreadPoolExecutor

from wireshark import Wireshark

CAPTURES = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'captures')
FIELDS = ['-T', 'fields', '-E', 'aggregator=|', '-e', 'frame.number', '-e', 'tcpphase.label', '-e', 'tcpphase.frame_label']


def key_log(name):
    """The capture's key log, whether or not there is one."""
    return os.path.join(CAPTURES, name + '.keys')


def readings(name):
    """The ways to read a capture: file of labels -> arguments for tshark."""
    yield name + '.labels', lambda wireshark: []
    if os.path.exists(key_log(name)):
        yield name + '.keyed.labels', lambda wireshark: ['-o', 'tls.keylog_file:' + wireshark.readable(key_log(name))]


def written(file):
    """The labels that the reader wrote: frame number -> labels, outermost segment first."""
    with open(os.path.join(CAPTURES, file), encoding='utf-8') as lines:
        pairs = (line.rstrip('\n').split('\t') for line in lines if line.strip())
        return {frame: labels.split(' | ') for frame, labels in pairs}


def shown(wireshark, capture, arguments):
    """The labels that tshark shows, and once a frame all of them as the column has them."""
    result = wireshark.tshark(arguments + ['-n', '-r', wireshark.readable(capture), '-Y', 'tcpphase'] + FIELDS)
    rows = (line.split('\t') for line in result.stdout.decode().splitlines())
    labels, columns = {}, {}
    for frame, segments, column in rows:
        labels[frame], columns[frame] = segments.split('|'), column
    for frame, column in columns.items():
        if column != ' | '.join(labels[frame]):
            labels[frame] = ['the column has %r' % column]
    return labels


def differences(file, passes, labels):
    """One line for each frame that differs."""
    expected = written(file)
    for frame in sorted(set(expected) | set(labels), key=int):
        if expected.get(frame) != labels.get(frame):
            yield '%s frame %s (%s): expected %s, shown %s' % (
                file, frame, ' '.join(passes) or 'one pass', expected.get(frame), labels.get(frame))


def captures():
    """Name -> path."""
    return {os.path.basename(path).rsplit('.', 1)[0]: path for path in glob.glob(CAPTURES + '/*.pcap*')}


def show(plugins, file):
    """Prints a file of labels as it would be if all is right."""
    name = file.split('.')[0]
    with Wireshark(plugins) as wireshark:
        arguments = dict(readings(name))[file + '.labels'](wireshark)
        for frame, labels in shown(wireshark, captures()[name], arguments).items():
            print('%s\t%s' % (frame, ' | '.join(labels)))


def main():
    if sys.argv[1] == '--show':
        show(*sys.argv[2:])
        return 0
    plugins, names = sys.argv[1], sys.argv[2:]
    paths, failures, compared = captures(), [], 0
    with Wireshark(plugins) as wireshark, ThreadPoolExecutor(os.cpu_count()) as pool:
        runs = [(file, passes, pool.submit(shown, wireshark, paths[name], passes + arguments(wireshark)))
                for name in names or sorted(paths)
                for file, arguments in readings(name)
                for passes in ([], ['-2'])]
        for file, passes, run in runs:
            labels = run.result()
            compared += len(labels)
            failures += differences(file, passes, labels)
    print('\n'.join(failures) if failures else 'labels: %d frames as written' % compared)
    return 1 if failures or not compared else 0


if __name__ == '__main__':
    sys.exit(main())
