#!/usr/bin/env python3
"""Checks the exports: that -T ek fits the template for OpenSearch, that -T json and -T pdml have the same fields.
`exports.py PLUGINS [--write]` makes the template. PLUGINS is the folder for WIRESHARK_PLUGIN_DIR."""
import json
import sys
import xml.etree.ElementTree as xml

from reading import Reader, written

TEMPLATE = 'cmake/opensearch.json'
NOTE = 'tcpphase.note.'
ALL = ['-2', '-Y', 'tcpphase']
# What -T ek writes for each type of Wireshark.
TYPES = {'FT_UINT8': 'short', 'FT_UINT32': 'long', 'FT_FRAMENUM': 'long', 'FT_BOOLEAN': 'boolean',
         'FT_STRING': 'keyword', 'FT_RELATIVE_TIME': 'double'}
CAN_BE = {'short': int, 'long': int, 'double': float, 'keyword': str}


def ek_name(field):
    """The name that -T ek gives a field."""
    return 'tcpphase_' + field.replace('.', '_')


def mapping(kind, base):
    """The mapping of a field."""
    # -T ek writes "0x0303".
    return {'type': 'keyword' if base == 'BASE_HEX' else TYPES[kind]}


def template(fields):
    """The index template."""
    ours = {ek_name(name): mapping(kind, base) for name, (_, kind, base, _) in fields.items()
            if not name.startswith(NOTE)}
    # A note has no value: what counts is that it is there.
    notes = {ek_name(name): {'type': 'boolean', 'null_value': True} for name in fields if name.startswith(NOTE)}
    notes['_ws_expert__ws_expert_message'] = {'type': 'keyword'}
    notes['_ws_expert__ws_expert_severity'] = notes['_ws_expert__ws_expert_group'] = {'type': 'long'}
    ours['text'] = {'type': 'keyword'}
    ours['_ws_expert'] = {'properties': notes}
    layers = {'tcpphase': {'properties': ours}}
    mappings = {'date_detection': False,
                'properties': {'timestamp': {'type': 'date', 'format': 'epoch_millis'}, 'layers': {'properties': layers}}}
    return json.dumps({'index_patterns': ['packets-*'], 'template': {'mappings': mappings}}, indent=1) + '\n'


def items(value):
    """A value, or each of several."""
    return value if isinstance(value, list) else [value]


def misfits(properties, layer):
    """What of a layer does not fit the mapping."""
    for name, values in layer.items():
        wanted = properties.get(name)
        for value in items(values):
            if wanted is None:
                yield '%s has no mapping' % name
            elif 'properties' in wanted:
                yield from misfits(wanted['properties'], value)
            elif value is None and wanted.get('null_value'):
                continue
            elif wanted['type'] == 'boolean':
                if value is not True:
                    yield '%s is %r' % (name, value)
            else:
                try:
                    CAN_BE[wanted['type']](value)
                except (TypeError, ValueError):
                    yield '%s is %r and should be %s' % (name, value, wanted['type'])


def names_in(layer):
    """The names of all fields in a layer."""
    for name, values in layer.items():
        yield name
        for value in items(values):
            if isinstance(value, dict):
                yield from names_in(value)


def main():
    with Reader(sys.argv[1]) as reader:
        fields = reader.fields()
        text = template(fields)
        failures = [] if written(TEMPLATE, text, '--write' in sys.argv[2:]) else [TEMPLATE + ' is stale: --write']
        lines, as_json, as_pdml = [], [], []
        # Behind the others it is not one direction.
        for capture in (reader.all_captures(), 'one_direction'):
            lines += reader.read(capture, ALL + ['-T', 'ek', '-J', 'frame ip ipv6 tcp tcpphase']).splitlines()
            as_json += json.loads(reader.read(capture, ALL + ['-T', 'json', '-J', 'tcpphase']))
            as_pdml += xml.fromstring(reader.read(capture, ALL + ['-T', 'pdml']))
    lines = [json.loads(line) for line in lines]
    packets = [line['layers'] for line in lines if 'layers' in line]
    indices = [line['index']['_index'] for line in lines if 'index' in line]
    properties = json.loads(text)['template']['mappings']['properties']['layers']['properties']['tcpphase']['properties']
    layers = [layer for packet in packets for layer in items(packet['tcpphase'])]
    failures += sorted({misfit for layer in layers for misfit in misfits(properties, layer)})
    if not indices or not all(index.startswith('packets-') for index in indices):
        failures.append('indices that the template does not match: %s' % sorted(set(indices)))
    shown = {name for layer in layers for name in names_in(layer)}
    failures += ['-T ek does not have %s' % name for name in sorted(fields) if ek_name(name) not in shown]
    names = {name for packet in as_json for layer in items(packet['_source']['layers']['tcpphase'])
             for name in names_in(layer)}
    failures += ['-T json does not have %s' % name for name in sorted(set(fields) - names)]
    names = {field.get('name') for packet in as_pdml for field in packet.iter('field')}
    failures += ['-T pdml does not have %s' % name for name in sorted(set(fields) - names)]
    if not len(packets) == len(as_json) == len(as_pdml):
        failures.append('%d, %d and %d packets' % (len(packets), len(as_json), len(as_pdml)))
    print('\n'.join(failures) if failures else 'exports: %d packets, all fields' % len(packets))
    return 1 if failures or not packets else 0


if __name__ == '__main__':
    sys.exit(main())
