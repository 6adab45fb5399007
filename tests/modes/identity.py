#!/usr/bin/env python3
"""Compares all that tshark prints and its exit status, with the plugin and without it: nothing but our own subtrees may
differ. What our subtrees say must be the same in one pass and in two, but for what needs later frames.

usage: identity.py PLUGINS CAPTURE-OR-FOLDER... [--jobs N] [--every N]

The plugin folder without ours is a copy of the one with ours."""
import argparse
import collections
import multiprocessing
import os
import re
import sys
import time

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))
from annotations import HINDSIGHT  # noqa: E402
from wireshark import Wireshark  # noqa: E402

# A subtree of ours: its title stands at the beginning of a line, what is in it is indented. A post-dissector's is the
# last of a frame, so that nothing else can have been cut: an empty line follows, or one more of ours.
SUBTREE = re.compile(rb'^\[TCP Phase: .*\]\n((?:    .*\n)*)(?=\n|\[TCP Phase: |\Z)', re.MULTILINE)
# A group of which nothing else is left.
EMPTY = re.compile(rb'^    \[Keep-alive\]\n(?!        )', re.MULTILINE)
PASSES = ([], ['-2'])
# A warning begins with the process and the time.
STAMP = re.compile(rb'^ \*\* \(\w+:\d+\) \d\d:\d\d:\d\d\.\d+ ', re.MULTILINE)

worker = {}


def hindsight(wireshark):
    """Finds what needs later frames: a group of its own, and items in other groups."""
    listed = wireshark.tshark(['-G', 'fields']).stdout.split(b'\n')
    names = {row[2].decode(): row[1] for row in (line.split(b'\t') for line in listed) if row[0] == b'F'}
    items = [re.escape(names[field]) for field in HINDSIGHT if not field.startswith('tcpphase.conn.')]
    return re.compile(rb'^    \[Connection\]\n(?:        .*\n)*|^        \[(?:' + b'|'.join(items) + rb'): .*\n',
                      re.MULTILINE)


def causal(subtree):
    """What a subtree says without what needs later frames."""
    return EMPTY.sub(b'', worker['hindsight'].sub(b'', subtree))


def first_difference(ours, plain):
    """The first line that differs."""
    ours, plain = ours.split(b'\n'), plain.split(b'\n')
    pairs = zip(ours + [b''] * (len(plain) - len(ours)), plain + [b''] * (len(ours) - len(plain)))
    for number, (with_ours, without) in enumerate(pairs, 1):
        if with_ours != without:
            return 'line %d: %r and without the plugin %r' % (number, with_ours[:200], without[:200])
    return 'the end'


def compare(capture, arguments):
    """Differences in one mode, and our subtrees there."""
    ours = worker['with'].tshark(arguments + ['-r', capture, '-V'])
    plain = worker['without'].tshark(arguments + ['-r', capture, '-V'])
    found = []
    if ours.returncode != plain.returncode:
        found.append('exit status %d and without the plugin %d' % (ours.returncode, plain.returncode))
    said, said_without = STAMP.sub(b'', ours.stderr), STAMP.sub(b'', plain.stderr)
    if said != said_without:
        found.append('on stderr, ' + first_difference(said, said_without))
    rest = SUBTREE.sub(b'', ours.stdout)
    if rest != plain.stdout:
        found.append(first_difference(rest, plain.stdout))
    return found, [causal(subtree) for subtree in SUBTREE.findall(ours.stdout)]


def examine(capture):
    """All differences of one capture, and how many subtrees were cut."""
    copy = worker['with'].readable(capture)
    try:
        found, told = [], []
        for arguments in PASSES:
            differences, subtrees = compare(copy, worker['arguments'] + arguments)
            found += ['%s (%s): %s' % (capture, ' '.join(arguments) or 'one pass', text) for text in differences]
            told.append(subtrees)
        found += ['%s: subtree %d in one pass and in two: %s' % (capture, place, first_difference(one, two))
                  for place, (one, two) in enumerate(zip(*told), 1) if one != two][:3]
        if len(told[0]) != len(told[1]):
            found.append('%s: %d subtrees in one pass, %d in two' % (capture, len(told[0]), len(told[1])))
        return found, len(told[0])
    finally:
        os.unlink(copy)


def prepare(plugins, arguments):
    """A worker process has homes of its own."""
    worker.update({'with': Wireshark(plugins), 'without': Wireshark(plugins, with_ours=False), 'arguments': arguments})
    worker['hindsight'] = hindsight(worker['with'])


def captures_in(paths):
    """The captures, and those in folders and the folders in them; the largest first. Texts beside them are none."""
    found = []
    for path in paths:
        if os.path.isfile(path):
            found.append(path)
        for folder, _, files in os.walk(path):
            found += [os.path.join(folder, name) for name in files
                      if not name.endswith(('.tsv', '.md', '.py', '.sh', '.labels', '.keys'))]
    return sorted(found, key=lambda name: (-os.path.getsize(name), name))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('plugins')
    parser.add_argument('--jobs', type=int, default=1)
    parser.add_argument('--every', type=int, default=1, help='only every n-th capture, by size')
    parser.add_argument('captures', nargs='+')
    options, begin = parser.parse_args(), time.monotonic()
    count = collections.Counter()
    with multiprocessing.Pool(options.jobs, prepare, (options.plugins, ['-n'])) as pool:
        for found, subtrees in pool.imap_unordered(examine, captures_in(options.captures)[::options.every]):
            for difference in found:
                print(difference, flush=True)
            count.update(captures=1, subtrees=subtrees, different=bool(found))
        pool.close()
        pool.join()
    print('identity: %d captures, %d subtrees cut, %d captures differ, %d s' % (
        count['captures'], count['subtrees'], count['different'], time.monotonic() - begin))
    return 1 if count['different'] or not count['subtrees'] else 0


if __name__ == '__main__':
    sys.exit(main())
