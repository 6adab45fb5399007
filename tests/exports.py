#!/usr/bin/env python3
"""Checks the exports: that -T ek fits the template for OpenSearch, that README's recipe sends it so, that -T json and
-T pdml have the same fields.
`exports.py PLUGINS [--write]` makes the template. PLUGINS is the folder for WIRESHARK_PLUGIN_DIR."""
import json
import os
import re
import sys
import xml.etree.ElementTree as xml

from reading import TESTS, Reader, capture, written

TEMPLATE = 'cmake/opensearch.json'
NOTE = 'tcpphase.note.'
ALL = ['-2', '-Y', 'tcpphase']
# What -T ek writes for each type of Wireshark.
TYPES = {'FT_UINT8': 'short', 'FT_UINT32': 'long', 'FT_UINT64': 'long', 'FT_FRAMENUM': 'long', 'FT_BOOLEAN': 'boolean',
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


RECIPE = re.compile(r'^```\n(curl -X PUT .*?)^```$', re.MULTILINE | re.DOTALL)
# Instead of a server: the request as a file of its own, the URL first.
CURL = '''#!/bin/sh
for word; do :; done
request=$(mktemp "$REQUESTS/XXXXXX")
{ echo "$word"; if [ "$2" = PUT ]; then echo; else cat; fi; } >"$request"
'''
# What servers take at least, by default.
BULK_MAXIMUM = 10_000_000
RECIPE_CAPTURES = 'story', 'http_timeout', 'idle_dropped'


def sent(reader):
    """What README's recipe sends for a folder of captures: (URL, body) of each request."""
    with open(os.path.join(TESTS, '..', 'README.md'), encoding='utf-8') as readme:
        script = RECIPE.search(readme.read()).group(1)
    folder, programs, requests = (os.path.join(reader.folder, name) for name in ('FOLDER', 'programs', 'requests'))
    for path in (folder, programs, requests):
        os.makedirs(path)
    for name in RECIPE_CAPTURES:
        os.rename(reader.readable(capture(name)), os.path.join(folder, os.path.basename(capture(name))))
    # More than one request takes.
    os.rename(reader.readable(reader.all_captures()), os.path.join(folder, 'all.pcapng'))
    with open(os.path.join(programs, 'curl'), 'w', encoding='utf-8') as curl:
        curl.write(CURL)
    os.chmod(os.path.join(programs, 'curl'), 0o755)
    reader.own()
    reader.environment.update(PATH=programs + ':' + reader.environment['PATH'], REQUESTS=requests)
    result = reader.run('sh', ['-euc', script])
    if result.returncode != 0 or result.stderr:
        raise SystemExit("README's recipe: " + result.stderr.decode('utf-8', 'replace'))
    for name in os.listdir(requests):
        with open(os.path.join(requests, name), encoding='utf-8') as request:
            url, _, body = request.read().partition('\n')
            yield url, body


def recipe_faults(requests, documents):
    """What is wrong with the requests."""
    urls = [url for url, _ in requests]
    if urls.count('localhost:9200/_index_template/tcpphase') != 1:
        yield 'the template is not sent once: %s' % urls
    count = 0
    for body in (body for url, body in requests if '_bulk' in url):
        lines = [json.loads(line) for line in body.splitlines()]
        count += len(lines) // 2
        if not body.endswith('\n') or len(body.encode()) > BULK_MAXIMUM:
            yield 'a request of %d octets' % len(body.encode())
        if any(list(line) != ['index'] or list(line['index']) != ['_index'] for line in lines[::2]):
            yield 'a line that is no action'
        if len(lines) % 2 or any('layers' not in line for line in lines[1::2]):
            yield 'a line that is no document'
    if count != documents:
        yield "README's recipe sends %d documents, not %d" % (count, documents)


def main():
    with Reader(sys.argv[1]) as reader:
        fields = reader.fields()
        text = template(fields)
        failures = [] if written(TEMPLATE, text, '--write' in sys.argv[2:]) else [TEMPLATE + ' is stale: --write']
        lines, as_json, as_pdml = [], [], []
        # Behind the others it is not one direction.
        for one in (reader.all_captures(), 'one_direction'):
            lines += reader.read(one, ALL + ['-T', 'ek', '-J', 'frame ip ipv6 tcp tcpphase']).splitlines()
            as_json += json.loads(reader.read(one, ALL + ['-T', 'json', '-J', 'tcpphase']))
            as_pdml += xml.fromstring(reader.read(one, ALL + ['-T', 'pdml']))
        folder = [*RECIPE_CAPTURES, reader.all_captures()]
        documents = sum(len(reader.read(one, ALL + ['-T', 'fields', '-e', 'frame.number']).splitlines()) for one in folder)
        failures += recipe_faults(list(sent(reader)), documents)
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
