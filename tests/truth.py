#!/usr/bin/env python3
"""What the truth that is kept outside says of the plugin: `truth.py JUDGE PLUGINS FOLDER`. Where a protocol has been added
since it was written down, the steps that it now has are in truth.tsv (capture, what is shown and was expected), and
those alone may differ."""
import collections
import os
import subprocess
import sys

LISTED = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'truth.tsv')


def listed():
    """Capture -> the differences that there should be."""
    found = collections.defaultdict(set)
    with open(LISTED, encoding='utf-8') as lines:
        for line in lines:
            if line.strip() and not line.startswith('#'):
                capture, difference = line.rstrip('\n').split('\t')
                found[capture].add(difference)
    return found


def main():
    judge, plugins, folder = sys.argv[1:]
    result = subprocess.run([sys.executable, judge, plugins, folder, '--all'], stdout=subprocess.PIPE, text=True)
    expected, faults = listed(), []
    if result.returncode not in (0, 1):
        return result.returncode
    for line in result.stdout.splitlines():
        capture, colon, rest = line.partition(': ')
        if not colon or ' differ: ' not in rest:
            print(line)
            continue
        there = set(rest.split(' differ: ', 1)[1].split('; '))
        faults += ['%s: %s' % (capture, difference) for difference in sorted(there - expected[capture])]
        faults += ['%s: no longer differs: %s' % (capture, difference) for difference in sorted(expected[capture] - there)]
        del expected[capture]
    here = set(os.listdir(folder))
    faults += ['%s: no longer differs' % capture for capture, differences in sorted(expected.items())
               if differences and capture + '.truth.json' in here]
    print('\n'.join(faults + ['truth: %d differences that are not listed' % len(faults)]))
    return 1 if faults or ' facts compared' not in result.stdout else 0


if __name__ == '__main__':
    sys.exit(main())
