"""Reads a capture twice: by the oracle (Wireshark alone) and with the plugin; gives one Segment for each TCP header."""
import csv
import os
import subprocess
import sys
import xml.parsers.expat

from segment import FIXED_HEADER, SECOND, Segment, Subtree

TCP = '6'
PREFIX = 'tcpphase.'
# Enumerations: what is compared is the name, which stands before the number.
NAMED = {'phase', 'step', 'keepalive.status', 'keepalive.layer', 'conn.opened', 'conn.ended', 'conn.closed_by'}


class Failure(Exception):
    """A program did not do its work."""


class Frame:
    """What the plugin's tshark says about one frame."""

    def __init__(self):
        self.length = self.captured = 0
        self.internet = []  # of each IP header: protocol, source, destination, identification, end
        self.subtrees = []


class PdmlReader:
    """Collects the frames of tshark's PDML."""

    def __init__(self):
        self.frames = {}
        self.frame = None
        self.header = None
        self.parser = xml.parsers.expat.ParserCreate()
        self.parser.StartElementHandler = self.start

    def start(self, element, attributes):
        """An element begins."""
        name = attributes.get('name', '')
        if element == 'packet':
            self.frame, self.header = Frame(), None
        elif element == 'proto':
            self.protocol(name, attributes)
        elif name.startswith(PREFIX):
            self.frame.subtrees[-1].add(name[len(PREFIX):], shown(name[len(PREFIX):], attributes))
        elif name == 'num':
            self.frames[int(attributes['show'])] = self.frame
        elif name == 'len':
            self.frame.length = int(attributes['show'])
        elif name == 'caplen':
            self.frame.captured = int(attributes['show'])
        elif self.header is not None:
            self.header.setdefault(name, attributes.get('show', ''))

    def protocol(self, name, attributes):
        """A protocol's subtree begins."""
        self.header = None
        if name == 'tcpphase':
            self.frame.subtrees.append(Subtree())
        elif name in ('ip', 'ipv6'):
            self.header = {'end': int(attributes['pos']) + int(attributes['size'])}
            self.frame.internet.append(self.header)


def shown(name, attributes):
    """A value: the name of an enumeration, else what is shown."""
    if name not in NAMED:
        return attributes.get('show', '')
    return attributes['showname'].split(': ', 1)[1].rsplit(' (', 1)[0]


def our_frames(wireshark, capture):
    """The frames as tshark shows them in two passes with the plugin."""
    copy = wireshark.readable(capture)
    try:
        result = wireshark.tshark(['-n', '-2', '-r', copy, '-Y', 'tcp || tcpphase', '-T', 'pdml', '-J', 'ip ipv6 tcpphase'])
    finally:
        os.unlink(copy)
    if result.returncode:
        raise Failure('tshark with the plugin: exit %d: %s' % (result.returncode, result.stderr.decode()[:200]))
    reader = PdmlReader()
    reader.parser.Parse(result.stdout, True)
    return reader.frames


def oracle_rows(oracle, capture):
    """The oracle's rows, one for each frame with TCP."""
    result = subprocess.run([sys.executable, oracle, capture], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                            encoding='utf-8', errors='replace', check=False)
    if result.returncode:
        raise Failure('oracle: exit %d: %s' % (result.returncode, result.stderr[:200]))
    csv.field_size_limit(sys.maxsize)
    return csv.DictReader(result.stdout.splitlines(), delimiter='\t', quoting=csv.QUOTE_NONE)


def number(text):
    """A decimal or hexadecimal number; nothing is 0."""
    return int(text, 0) if text else 0


def nanoseconds(text):
    """A time stamp as a whole number."""
    seconds, _, fraction = text.partition('.')
    return int(seconds) * SECOND + int((fraction + '0' * 9)[:9])


def of_layer(row, column, layer, layers):
    """A layer's value in a column that joins the layers by ';'."""
    values = row[column].split(';')
    return values[layer] if len(values) == layers else values[-1] if layer == layers - 1 else ''


def addresses(row, layer, layers, internet):
    """The IP header that carries a layer, as far as it is known."""
    carriers = [header for header in internet if TCP in (header.get('ip.proto'), header.get('ipv6.nxt'))]
    if len(carriers) == layers:
        header = carriers[layer]
        return (header.get('ip.src') or header.get('ipv6.src'), header.get('ip.dst') or header.get('ipv6.dst'), header)
    return row['src'], row['dst'], internet[-1] if internet and layers == 1 else {}


def segment(row, layer, layers, frame):
    """One layer of a row as a Segment."""
    item = Segment()
    item.frame, item.layer, item.time = int(row['frame']), layer, nanoseconds(row['time'])
    src, dst, header = addresses(row, layer, layers, frame.internet)
    item.src = (src, of_layer(row, 'sport', layer, layers))
    item.dst = (dst, of_layer(row, 'dport', layer, layers))
    item.stream = of_layer(row, 'stream', layer, layers)
    flags = of_layer(row, 'flags', layer, layers)
    item.flags = number(flags)
    item.seq = number(of_layer(row, 'seq_raw', layer, layers))
    item.ack = number(of_layer(row, 'ack_raw', layer, layers))
    item.window = number(of_layer(row, 'win', layer, layers))
    item.length = number(of_layer(row, 'len', layer, layers))
    last = layer == layers - 1
    item.options = frozenset(row['opts'].split(';')) if layers == 1 else frozenset()
    item.marks = frozenset(row['marks'].split(',')) if last else frozenset()
    item.identification = header.get('ip.id')
    item.quoted = last and row['icmp_err'] == '1'
    cut = frame.captured < frame.length and header and frame.captured - header['end'] < FIXED_HEADER
    item.readable = bool(flags) and not cut
    item.ours = None
    return item


def segments(wireshark, oracle, capture):
    """All segments of a capture in file order, and the frames in which the number of subtrees is not that of segments."""
    frames = our_frames(wireshark, capture)
    found, miscounted = [], []
    for row in oracle_rows(oracle, capture):
        layers = int(row['layers'])
        frame = frames.pop(int(row['frame']), Frame())
        of_frame = [segment(row, layer, layers, frame) for layer in range(layers)]
        carriers = [item for item in of_frame if not item.quoted]
        if len(carriers) != len(frame.subtrees):
            miscounted.append((int(row['frame']), len(carriers), len(frame.subtrees)))
        for item, subtree in zip(carriers, frame.subtrees):
            item.ours = subtree
        found += of_frame
    miscounted += [(frame, 0, len(frames[frame].subtrees)) for frame in frames if frames[frame].subtrees]
    return found, miscounted
