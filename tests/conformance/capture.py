"""Reads a capture twice: by the oracle (Wireshark alone) and with the plugin; gives one Segment for each TCP header."""
import csv
import os
import subprocess
import sys
import xml.parsers.expat

from segment import FIXED_HEADER, SECOND, Segment, Subtree

TCP = '6'
FRAMES = 'HTTP/2 Frames'
PREFIX = 'tcpphase.'
# Each segment of a body is shown where it is; octets that came out of order are read in order.
ORACLE = ['--http-body-deseg', 'no', '--ooo', 'yes']
SAME = ['-o', 'http.desegment_body:FALSE', '-o', 'tcp.reassemble_out_of_order:TRUE']
READ = (0, 2)  # tshark's exit status: to its end, or to where the file was cut short
# Enumerations: what is compared is the name, which stands before the number.
NAMED = {'phase', 'step', 'keepalive.status', 'keepalive.layer', 'conn.opened', 'conn.ended', 'conn.closed_by'}


class Failure(Exception):
    """A program did not do its work."""


class Frame:
    """What the plugin's tshark says about one frame."""

    def __init__(self):
        self.length = self.captured = 0
        self.internet = []  # the fields of each IP header, and where it ends
        self.transport = []  # the fields of each TCP header
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
        elif name == 'tcp':
            self.header = {}
            self.frame.transport.append(self.header)


def shown(name, attributes):
    """A value: the name of an enumeration, else what is shown."""
    if name not in NAMED:
        return attributes.get('show', '')
    return attributes['showname'].split(': ', 1)[1].rsplit(' (', 1)[0]


class Source:
    """Where the rows of a capture come from."""

    def __init__(self, wireshark, oracle, kept=None):
        self.wireshark, self.oracle, self.kept = wireshark, oracle, kept
        # The oracle looks for foreign plugins each time, unless it is told to take the system's as they are.
        listed = wireshark.tshark(['-G', 'plugins'], own_plugins=False).stdout
        self.oracle_options = [] if b'tcpphase.so' in listed else ['--all-plugins']

    def our_frames(self, capture):
        """The frames as tshark shows them in two passes with the plugin."""
        copy = self.wireshark.readable(capture)
        try:
            result = self.wireshark.tshark(['-n', '-2', '-r', copy] + SAME + [
                '-Y', 'tcp || tcpphase', '-T', 'pdml', '-J', 'ip ipv6 tcp tcpphase'])
        finally:
            os.unlink(copy)
        if result.returncode not in READ:
            raise Failure('tshark with the plugin: exit %d: %s' % (result.returncode, result.stderr.decode()[:200]))
        reader = PdmlReader()
        reader.parser.Parse(result.stdout, True)
        return reader.frames

    def oracle_rows(self, capture, name):
        """The oracle's rows, one for each frame with TCP."""
        kept = os.path.join(self.kept, name.replace('/', '__') + '.tsv') if self.kept else None
        if kept and os.path.exists(kept):
            with open(kept, encoding='utf-8') as lines:
                text = lines.read()
        else:
            text = self.ask_oracle(capture)
        if kept:
            with open(kept, 'w', encoding='utf-8') as lines:
                lines.write(text)
        csv.field_size_limit(sys.maxsize)
        return csv.DictReader(text.split('\n'), delimiter='\t', quoting=csv.QUOTE_NONE)

    def ask_oracle(self, capture):
        """Runs the oracle."""
        command = [sys.executable, self.oracle, capture] + ORACLE + self.oracle_options
        result = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding='utf-8',
                                errors='replace', check=False)
        if result.returncode not in READ:
            raise Failure('oracle: exit %d: %s' % (result.returncode, result.stderr[:200]))
        return result.stdout

    def add_http2(self, capture, found):
        """HTTP/2 on a port that Wireshark knows nothing about: once more, with that port made known."""
        unread = [item for item in found if item.above and not item.above['h2_type'] and item.ours
                  and FRAMES in item.ours.steps]
        ports = {port for item in unread for port in (item.src[1], item.dst[1])}
        if not ports:
            return
        known = sum((['-d', 'tcp.port==%s,http2' % port] for port in sorted(ports)), [])
        copy = self.wireshark.readable(capture)
        try:
            result = self.wireshark.tshark(['-n', '-2', '-r', copy] + known + [
                '-Y', 'http2', '-T', 'fields', '-E', 'aggregator=;', '-e', 'frame.number', '-e', 'http2.type', '-e',
                'frame.protocols'], own_plugins=False)
        finally:
            os.unlink(copy)
        again = {int(line.split('\t')[0]): line.split('\t') for line in result.stdout.decode().splitlines()}
        for item in unread:
            if item.frame in again:
                item.above['h2_type'], protocols = again[item.frame][1:3]
                item.above['app'] = protocols.rsplit(':tcp:', 1)[-1]

    def segments(self, capture, name):
        """All segments of a capture in file order, and the frames where the number of subtrees is not that of segments."""
        frames = self.our_frames(capture)
        found, miscounted = [], []
        for row in self.oracle_rows(capture, name):
            layers = int(row['layers'])
            frame = frames.pop(int(row['frame']), Frame())
            of_frame = [segment(row, layer, layers, frame) for layer in range(layers)]
            carriers = [item for item in of_frame if not item.quoted]
            if len(carriers) != len(frame.subtrees):
                miscounted.append((int(row['frame']), len(carriers), len(frame.subtrees)))
            for item, subtree in zip(carriers, frame.subtrees):
                item.ours = subtree
            found += of_frame
        self.add_http2(capture, found)
        miscounted += [(frame, 0, len(frames[frame].subtrees)) for frame in frames if frames[frame].subtrees]
        return found, miscounted


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


def octets(header, field):
    """The octets of a field of a TCP header."""
    return bytes.fromhex(header.get(field, '').replace(':', ''))


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
    length = of_layer(row, 'len', layer, layers)
    item.length = number(length)
    last = layer == layers - 1
    item.marks = frozenset(row['marks'].split(',')) if last else frozenset()
    item.identification = header.get('ip.id')
    own = frame.transport[layer] if len(frame.transport) == layers else {}
    item.checksum = own.get('tcp.checksum')
    item.payload, item.options = octets(own, 'tcp.payload'), octets(own, 'tcp.options')
    item.above = row if last else None
    item.quoted = last and row['icmp_err'] == '1'
    cut = frame.captured < frame.length and header and frame.captured - header['end'] < FIXED_HEADER
    # A data offset below 5 hides the flags, one beyond the segment the length.
    item.readable = bool(flags) and bool(length) and not cut
    item.ours = None
    return item
