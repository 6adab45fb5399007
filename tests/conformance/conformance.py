#!/usr/bin/env python3
"""Compares the plugin with Wireshark's analysis and dissectors, with an independent model of the rules, which reads TLS,
HTTP, HTTP/2 and WebSocket from the octets, and with Zeek's verdicts.

usage: conformance.py --corpus DIR --oracle oracle.py --plugins DIR [--rows DIR] [--jobs N] [CAPTURE...]

The corpus has its captures in folders, and beside them catalog.tsv and zeek_conn.tsv. A CAPTURE is named as there:
folder/file. The end of the output is a table; every difference that no rule explains is listed, and makes it fail."""
import argparse
import multiprocessing
import os
import sys
import time

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))
from capture import Failure, Source  # noqa: E402
from checks import check_capture, wrong_marks  # noqa: E402
from findings import DIFFERENT, Tally  # noqa: E402
from outcomes import check_outcomes, zeek_rows  # noqa: E402
from wireshark import Wireshark  # noqa: E402

worker = {}


def captures_of(corpus):
    """Every capture in the folders of the corpus, the largest first."""
    found = []
    for folder, _, files in os.walk(corpus):
        if folder != corpus:
            found += [os.path.relpath(os.path.join(folder, name), corpus) for name in files]
    return sorted(found, key=lambda name: (-os.path.getsize(os.path.join(corpus, name)), name))


def prepare(options):
    """A worker process has its own home for tshark."""
    worker['options'] = options
    worker['source'] = Source(Wireshark(options.plugins), options.oracle, options.rows)
    worker['zeek'] = zeek_rows(options.corpus)


def examine(name):
    """All checks on one capture."""
    options, tally = worker['options'], Tally()
    try:
        found, miscounted = worker['source'].segments(os.path.join(options.corpus, name), name)
    except Failure as failure:
        tally.add('run', DIFFERENT, 'runs to the end', name, str(failure))
        return tally
    check_capture(name, found, miscounted, tally)
    check_outcomes(name, worker['zeek'].get(name, []), found, tally)
    return tally


def arguments():
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--corpus', required=True)
    parser.add_argument('--oracle', required=True)
    parser.add_argument('--plugins', required=True)
    parser.add_argument('--rows', help="folder that keeps the oracle's rows for the next run")
    parser.add_argument('--jobs', type=int, default=1)
    parser.add_argument('captures', nargs='*', metavar='CAPTURE')
    return parser.parse_args()


def main():
    options, begin, total = arguments(), time.monotonic(), Tally()
    names = options.captures or captures_of(options.corpus)
    with multiprocessing.Pool(options.jobs, prepare, (options,)) as pool:
        for tally in pool.imap_unordered(examine, names):
            total.merge(tally)
        pool.close()
        pool.join()
    for difference in total.differences:
        print('%s\t%s\t%s\t%s' % (difference.check, difference.where, difference.rule, difference.detail))
    print('\n'.join(total.table()))
    print('\n'.join(wrong_marks(total)))
    print('%d captures in %d s' % (len(names), time.monotonic() - begin))
    print('%d differences' % len(total.differences))
    return 1 if total.differences else 0


if __name__ == '__main__':
    sys.exit(main())
