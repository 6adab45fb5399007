"""Compares how connections began and ended with Zeek's conn.log.

Zeek writes conn_state and history; only history tells who closed first, and conn_state follows from it:

  conn_state  history has                          opened     ended                    closed by
  S0          S (or S, A, D: one direction)        see below  Never opened or Open     Nobody
  S1          S h, no F R                          Handshake  Open                     Nobody
  S2, S3      S h F, or S h f                      Handshake  Half-closed              who sent the FIN
  SF          S h F f                              Handshake  Graceful, Simultaneous   the first of F and f
  REJ         S r                                  Refused    Never opened             Server
  RSTO, RSTR  S h and R or r                       Handshake  Reset                    the first of F, f, R and r
                                                   (F and f come before it:  Graceful)
  RSTOS0      S R                                  Reset      Never opened             Client
  RSTRH       h r, no S                            Reset      Never opened             Server
  SH, SHR     S F, no h; or h f, no S              Handshake  Half-closed              who sent the FIN
  OTH         neither S nor h                      Midway     as its F, f, R and r say

Upper case is the originator (our client), lower case the responder. S SYN, h SYN-ACK, A ACK, D data, F FIN, R RST;
T octets or a FIN again, which may end an open connection Unanswered; ^ turned the roles round; X: Zeek stopped looking,
so that what comes later is not known. Zeek guesses the roles of a connection that began midway, we leave them unknown
unless TLS or HTTP tells."""
import csv
import os

from findings import AGREE, DIFFERENT

CLIENT, SERVER = 'Client', 'Server'


class Expected:
    """What a history means in our words; each attribute is the set of values that agree."""

    def __init__(self, history):
        events = [letter for letter in history if letter in 'ShHsAaDdFfRr']
        self.opened = opened(events)
        self.ended = ended(events, self.opened)
        self.closed_by = closed_by(events, self.opened, self.ended)
        self.one_direction = {str(all(letter.isupper() for letter in events) or all(letter.islower() for letter in events))}
        if 'T' in history.upper() and self.ended <= {'Open', 'Half-closed'}:
            self.ended = self.ended | {'Unanswered'}
        if 'X' in history:
            self.ended = self.closed_by = None

    def items(self):
        """Field and values that agree."""
        pairs = (('conn.opened', self.opened), ('conn.ended', self.ended), ('conn.closed_by', self.closed_by),
                 ('conn.one_direction', self.one_direction))
        return [(field, values) for field, values in pairs if values]


def opened(events):
    """How it began."""
    talk = any(letter in events for letter in 'AaDdFf')
    if 'S' not in events and 'h' not in events:
        return {'Midway'}
    if talk:
        return {'Handshake', 'Fast Open'}
    if 'r' in events and 'h' not in events:
        return {'Refused'}
    if 'r' in events or 'R' in events:
        return {'Reset'}
    return {'No answer', 'Incomplete'}


def ended(events, began):
    """How it ended."""
    if not began & {'Midway', 'Handshake'}:
        return {'Never opened'}
    resets = [at for at, letter in enumerate(events) if letter in 'Rr']
    before = events[:resets[0]] if resets else events
    if 'F' in before and 'f' in before:
        return {'Graceful', 'Simultaneous'}
    if resets:
        return {'Reset'}
    return {'Half-closed'} if 'F' in events or 'f' in events else {'Open'}


def closed_by(events, began, end):
    """Who ended it first, by FIN or RST."""
    closing = [letter for letter in events if letter in 'FfRr']
    if not closing:
        return {'Nobody'}
    side = CLIENT if closing[0].isupper() else SERVER
    return {side, 'Unknown'} if 'Midway' in began else {side, 'Both'} if 'Simultaneous' in end else {side}


def zeek_rows(corpus):
    """Zeek's rows that can be compared, by capture."""
    rows = {}
    path = os.path.join(corpus, 'zeek_conn.tsv')
    if not os.path.exists(path):
        return rows
    with open(path, encoding='utf-8') as lines:
        for row in csv.DictReader(lines, delimiter='\t', quoting=csv.QUOTE_NONE):
            if row['agree'] == 'yes':
                rows.setdefault(row['corpus_file'], []).append(row)
    return rows


def check_outcomes(name, rows, segments, tally):
    """Each of Zeek's connections against ours."""
    for row in rows:
        streams = set(row['tshark_streams'].replace(',', ';').split(';'))
        ours = [segment.ours for segment in segments if segment.ours and segment.stream in streams]
        compare_row('%s stream %s' % (name, row['tshark_streams']), row, ours, tally)


def compare_row(where, row, ours, tally):
    """One row; a stream that we divide is compared by its largest connection."""
    by_connection = {}
    for subtree in ours:
        by_connection.setdefault(subtree.one('connection'), []).append(subtree)
    if not by_connection:
        tally.add('e found', DIFFERENT, 'stream is in the capture', where)
        return
    subtrees = max(by_connection.values(), key=len)
    for field, values in Expected(row['history']).items():
        shown = str(subtrees[-1].has(field)) if field == 'conn.one_direction' else subtrees[-1].one(field)
        rule = '%s %s' % (row['conn_state'], shown if shown in values else 'other')
        outcome = AGREE if shown in values else DIFFERENT
        tally.add('e ' + field, outcome, rule, where,
                  '%s %s: expected %s, shown %s' % (row['conn_state'], row['history'], ' or '.join(sorted(values)), shown))
