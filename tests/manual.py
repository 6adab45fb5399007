#!/usr/bin/env python3
"""Makes the manual page from what the plugin registers, and from `fields.tsv`, which knows what is hindsight and
how severe a note is.
`manual.py PLUGINS` says whether cmake/tcpphase.7 is fresh, `manual.py PLUGINS --write` makes it so."""
import sys

from fields import NOTE, rows
from reading import Reader, written

PAGE = 'cmake/tcpphase.7'
TYPES = {'FT_UINT8': 'number', 'FT_UINT16': 'number', 'FT_UINT32': 'number', 'FT_UINT64': 'number', 'FT_FRAMENUM': 'frame', 'FT_BOOLEAN': 'flag',
         'FT_STRING': 'text', 'FT_RELATIVE_TIME': 'time'}
HEAD = r'''.\" Made by tests/manual.py from what the plugin registers.
.TH TCPPHASE 7 "" "TCP Phase" "Wireshark plugins"
.SH NAME
tcpphase \- tells where the connection of each TCP segment is in its life
.SH SYNOPSIS
.nf
\fBtshark \-C\fP "TCP Phase" \fB\-r\fP \fICAPTURE\fP
\fBtshark \-q \-z tcpphase,tree\fP[\fB,\fP\fIFILTER\fP] \fB\-r\fP \fICAPTURE\fP
\fBtshark \-q \-z tcpphase,connections\fP[\fB,\fP\fIFILTER\fP] \fB\-r\fP \fICAPTURE\fP
\fBtshark \-q \-z tcpphase,log\fP[\fB,\fP\fIFILTER\fP] \fB\-r\fP \fICAPTURE\fP
\fBtshark \-q \-z tcpphase,csv\fP[\fB,\fP\fIFILTER\fP] \fB\-r\fP \fICAPTURE\fP
\fBtshark \-q \-z tcpphase,story\fP[\fB,\fP\fIFILTER\fP] \fB\-r\fP \fICAPTURE\fP
.fi
.SH DESCRIPTION
TCP Phase is a plugin for
.BR wireshark (1)
and
.BR tshark (1).
It adds a subtree to every TCP segment, a field for every fact in it, expert infos where something is worth reading, a
profile with a column, colours and buttons, a conversation filter, and two statistics: a tree of counts and a table of
connections, which are in the Statistics menu too.
.PP
Fields marked \(lqhindsight\(rq need later frames: they show in the window and in the second pass of
.BR "tshark \-2" .
All others are the same in every mode. Enumerations filter by name or number, as in
.BR "tcpphase.phase == \(dqKeep-alive\(dq" .
Times are in seconds.
'''
# Values of `tcpphase.step` from this one on.
GROUPS = {1: 'Opening', 10: 'TLS handshake', 40: 'Data', 60: 'Keep-alive', 70: 'Closing', 80: 'Reset'}
TAIL = r'''.SH PREFERENCES
.TP
.B tcpphase.label_in_info
puts the label in front of the Info column.
.TP
.B tcpphase.log_idle
is the time in seconds after which the row of an idle connection is written by
.B \-z tcpphase,log
and
.BR "\-z tcpphase,csv" ;
0: at the end of the file.
.SH SEE ALSO
.BR wireshark (1),
.BR tshark (1),
.BR wireshark\-filter (4)
'''


def escaped(text):
    """Text for troff."""
    text = text.replace('\\', '\\e').replace('-', '\\-')
    return '\\&' + text if text[:1] in '.\'' else text


def values_of(names, base):
    """The values of an enumeration on one line."""
    number_format = '0x%04x' if base == 'BASE_HEX' else '%d'
    return ', '.join('%s %s' % (number_format % number, name) for number, name in names)


def field_entries(fields, names, known):
    """One entry for each field."""
    for name, (title, kind, base, description) in fields.items():
        if name.startswith(NOTE):
            continue
        what = 'enumeration' if name in names else TYPES[kind]
        late = ', hindsight' if known[name].known != 'causal' else ''
        yield '.TP\n.B %s\n(%s%s) %s.\n' % (escaped(name), what, late, escaped(description or title))
        if name in names and name != 'tcpphase.step':
            yield '.br\n%s.\n' % escaped(values_of(names[name], base))


def note_entries(fields, known):
    """One entry for each note."""
    for name, (title, *_) in fields.items():
        if name.startswith(NOTE):
            severity, text = known[name].value.split(': ', 1)
            yield '.TP\n.B %s\n(%s) %s, as in \\(lq%s\\(rq.\n' % (
                escaped(name), severity, escaped(title), escaped(text))


def step_entries(names):
    """One entry for each step."""
    for number, name in names:
        if number in GROUPS:
            yield '.SS %s\n' % GROUPS[number]
        yield '.TP\n.B %d\n%s\n' % (number, escaped(name))


def page(reader):
    """The whole page."""
    fields, names = reader.fields(), reader.values()
    known = {row.field: row for row in rows()}
    parts = [HEAD, '.SH FIELDS\n', *field_entries(fields, names, known), '.SH NOTES\n',
             'Expert infos, with their severity; each filters by its name.\n', *note_entries(fields, known)]
    parts += ['.SH STEPS\nValues of\n.BR tcpphase.step ,\nwhere they usually occur.\n', *step_entries(names['tcpphase.step'])]
    return ''.join(parts + [TAIL])


def main():
    with Reader(sys.argv[1]) as reader:
        text = page(reader)
    if not written(PAGE, text, '--write' in sys.argv[2:]):
        print(PAGE + ' is stale: tests/manual.py PLUGINS --write')
        return 1
    print('manual page: fresh')
    return 0


if __name__ == '__main__':
    sys.exit(main())
