#!/usr/bin/env python3
"""Prints what each pattern of segments that want much takes: octets for each segment or connection, and instructions for
each segment, beside what it may take; one that takes more fails. Instructions are counted by callgrind, so the machine's
load does not matter: a pattern is made twice, once twice as long, so what grows faster than its segments shows.

    growth.py [--only TEXT] [--memory]      --memory leaves the instructions out

Needs valgrind and cargo. The patterns are in tests/src/growth."""
import argparse
import os
import re
import subprocess
import sys

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..')
TARGET = os.environ.get('CARGO_TARGET_DIR', os.path.join(ROOT, 'build', 'cargo'))
OF_A_SEGMENT = 24
# For instructions so many units are enough, and twice as many.
FEW = 2000


def build():
    """The program that makes patterns."""
    subprocess.run(['cargo', 'build', '--quiet', '--release', '--manifest-path', os.path.join(ROOT, 'tests', 'Cargo.toml'),
                    '--target-dir', TARGET, '--example', 'growth'], check=True)
    return os.path.join(TARGET, 'release', 'examples', 'growth')


def left(program, number, count):
    """Octets that are left, and segments."""
    printed = subprocess.run([program, str(number), str(count)], check=True, stdout=subprocess.PIPE).stdout
    return [int(word) for word in printed.split()]


def instructions(program, number, count, *made):
    """Instructions of a run, and segments."""
    run = subprocess.run(['valgrind', '--tool=callgrind', '--callgrind-out-file=/dev/null', program, str(number),
                          str(count), *made], check=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    return int(re.search(rb'Collected : (\d+)', run.stderr)[1]), int(run.stdout.split()[1])


def octets(program, number, unit, count):
    """Octets of each segment, or of each connection beside its segments."""
    (few, few_segments), (many, many_segments) = (left(program, number, times * count) for times in (1, 2))
    if unit == 'segment':
        return (many - few) / (many_segments - few_segments)
    return max((few - OF_A_SEGMENT * few_segments) / count, (many - OF_A_SEGMENT * many_segments) / (2 * count))


def each(program, number):
    """Instructions of each segment, without those that make it."""
    (few, few_segments), (many, many_segments) = (instructions(program, number, count) for count in (FEW, 2 * FEW))
    made = [instructions(program, number, count, 'made')[0] for count in (FEW, 2 * FEW)]
    return (many - few - made[1] + made[0]) / (many_segments - few_segments)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--only', default='')
    parser.add_argument('--memory', action='store_true')
    options = parser.parse_args()
    program, above = build(), 0
    listed = subprocess.run([program], check=True, stdout=subprocess.PIPE).stdout.decode().splitlines()
    print('%-50s %10s %8s %8s %12s %8s' % ('pattern', 'of each', 'octets', 'at most', 'instructions', 'at most'))
    for number, line in enumerate(listed):
        name, unit, most_octets, most_instructions, count = line.split('\t')
        if options.only not in name:
            continue
        taken = octets(program, number, unit, int(count))
        spent = 0 if options.memory else each(program, number)
        wrong = taken > float(most_octets) or spent > int(most_instructions)
        above += wrong
        print('%-50s %10s %8.1f %8s %12.0f %8s%s' % (name, unit, taken, most_octets, spent, most_instructions,
                                                    '  ABOVE' if wrong else ''), flush=True)
    print('growth: %d above their bounds' % above)
    return 1 if above else 0


if __name__ == '__main__':
    sys.exit(main())
