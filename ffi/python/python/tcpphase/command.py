"""The command tcpphase."""
import argparse
import json
import os
import signal
import sys

from tcpphase import Rows

COLUMNS = ['client', 'server', 'opened', 'ended', 'closed_by', 'duration', 'max_idle']
EXIT = """exit status: 0, all was read; 1, a capture could not be read, or not to its end; 2, wrong arguments, or the
output could not be written. A signal (SIGINT, SIGTERM) ends it with the rows of what is known."""


def arguments():
    parser = argparse.ArgumentParser(
        prog='tcpphase', epilog=EXIT, usage='%(prog)s [log|csv|story] [options] CAPTURE...',
        description='Shows the TCP connections of captures (pcap, pcapng, also gzip or zstd), one row for each: who '
        'opened and closed it, how it ended, how long it was idle. Several captures are read as one, in this order.')
    parser.add_argument('captures', nargs='+', metavar='CAPTURE', help='a file, or - for standard input; a first word '
                        'log (JSON lines), csv or story is the format')
    parser.add_argument('--format', choices=['table', 'ndjson', 'csv', 'story'], help='of the rows (default: table)')
    parser.add_argument('--idle', type=int, default=0, metavar='SECONDS', help='write the row of a connection after so '
                        'long without a segment, in the time of the capture; what comes later is not in it (default: at '
                        'the end)')
    parser.add_argument('-o', '--output', metavar='FILE', help='write there (default: standard output)')
    return parser


def as_table(line):
    """A row of the table: strings from the wire have been escaped by the library."""
    row = json.loads(line)

    def end(role, other):
        name = role if role + '_address' in row else other
        address = row[name + '_address']
        return '%s:%d' % ('[%s]' % address if ':' in address else address, row[name + '_port'])

    row['client'], row['server'] = end('client', 'sender'), end('server', 'receiver')
    return '%-24s %-24s %-20s %-20s %-10s %12s %12s' % tuple(row.get(name, '') for name in COLUMNS)


def interrupted(_number, _frame):
    raise KeyboardInterrupt


def lines(rows, is_table):
    """All lines; a signal ends the reading, not the rows."""
    heading = rows.heading
    if is_table:
        heading = '%-24s %-24s %-20s %-20s %-10s %12s %12s' % tuple(COLUMNS)
    if heading:
        yield heading
    while True:
        try:
            line = next(rows)
        except StopIteration:
            return
        except KeyboardInterrupt:
            rows.finish()
            continue
        yield as_table(line) if is_table else line


def main():
    parser = arguments()
    options = parser.parse_intermixed_args()
    words = {'log': 'ndjson', 'csv': 'csv', 'story': 'story'}
    form = options.format or 'table'
    if options.captures[0] in words and not os.path.exists(options.captures[0]):
        form = options.format or words[options.captures.pop(0)]
    if not options.captures:
        parser.error('no capture is given')
    if not 0 <= options.idle < 2 ** 32:
        parser.error('--idle: out of range')
    signal.signal(signal.SIGINT, interrupted)
    signal.signal(signal.SIGTERM, interrupted)
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    rows = Rows(options.captures, 'ndjson' if form == 'table' else form, options.idle)
    try:
        output = open(options.output, 'w', encoding='utf-8') if options.output else sys.stdout
        for line in lines(rows, form == 'table'):
            output.write(line + '\n')
            output.flush()
        if options.output:
            output.close()
    except OSError as error:
        os.write(2, ('tcpphase: the rows cannot be written: %s\n' % error.strerror).encode())
        os._exit(2)
    for problem in rows.problems:
        print('tcpphase: ' + problem, file=sys.stderr)
    return 1 if rows.problems else 0


if __name__ == '__main__':
    sys.exit(main())
