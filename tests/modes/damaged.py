#!/usr/bin/env python3
"""Reads damaged and random captures with Wireshark's own checks of memory and of dissectors' faults switched on: with
the plugin tshark must end as it does without, in one pass and in two.

usage: damaged.py PLUGINS CAPTURE-OR-FOLDER... [--jobs N]

editcap's damage is the same each time. What ends otherwise is kept in a folder beside PLUGINS."""
import argparse
import multiprocessing
import os
import shutil
import sys
import time

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))
from identity import captures_in, first_difference, STAMP  # noqa: E402
from wireshark import Wireshark  # noqa: E402

# A program that has been going on for so long hangs.
LIMIT = 300
# The chance of an octet to be changed: most headers survive, or few.
CHANCES = ('0.005', '0.05')
RANDOM = 300
STRICT = {'WIRESHARK_DEBUG_WMEM_OVERRIDE': 'strict', 'WIRESHARK_ABORT_ON_DISSECTOR_BUG': '1'}

worker = {}


def prepare(plugins):
    """A worker process has homes of its own."""
    worker.update({'with': Wireshark(plugins), 'without': Wireshark(plugins, with_ours=False)})
    for wireshark in worker.values():
        wireshark.environment.update(STRICT)
    worker['kept'] = os.path.join(os.path.dirname(os.path.abspath(plugins)), 'damaged')


def end_of(wireshark, capture, arguments):
    """Exit status and what is on stderr."""
    result = wireshark.tshark(['-n', '-V', '-r', capture] + arguments, timeout=LIMIT)
    return result.returncode, STAMP.sub(b'', result.stderr)


def damage(number, capture):
    """A damaged copy, or packets of randpkt."""
    wireshark = worker['with']
    damaged = os.path.join(wireshark.folder, 'damaged%d.pcap' % number)
    if capture is None:
        wireshark.run('randpkt', ['-t', 'tcp', '-c', str(RANDOM), '-b', '200', damaged])
        return damaged
    source = wireshark.readable(capture)
    wireshark.run('editcap', ['--seed', str(number), '-E', CHANCES[number % len(CHANCES)], source, damaged])
    os.unlink(source)
    return damaged


def examine(case):
    """Damages one capture and reads it; without the plugin only if there is something to explain."""
    number, capture = case
    damaged = damage(number, capture)
    try:
        for arguments in ([], ['-2']):
            ours = end_of(worker['with'], damaged, arguments)
            plain = ours if ours == (0, b'') else end_of(worker['without'], damaged, arguments)
            if ours != plain:
                kept = os.path.join(worker['kept'], 'damaged%d-%s' % (number, os.path.basename(capture or 'random')))
                os.makedirs(worker['kept'], exist_ok=True)
                shutil.copy(damaged, kept)
                return '%s %s: ends with %d and without the plugin with %d; %s' % (
                    kept, ' '.join(arguments), ours[0], plain[0], first_difference(ours[1], plain[1]))
    finally:
        os.unlink(damaged)
    return None


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('plugins')
    parser.add_argument('--jobs', type=int, default=1)
    parser.add_argument('captures', nargs='+')
    options, begin = parser.parse_args(), time.monotonic()
    captures = captures_in(options.captures)
    # Random packets too.
    cases = list(enumerate(captures + [None, None], 1))
    with multiprocessing.Pool(options.jobs, prepare, (options.plugins,)) as pool:
        found = [text for text in pool.imap_unordered(examine, cases) if text]
        pool.close()
        pool.join()
    print('\n'.join(found + ['damaged: %d captures, %d end otherwise, %d s' % (
        len(cases), len(found), time.monotonic() - begin)]))
    return 1 if found else 0


if __name__ == '__main__':
    sys.exit(main())
