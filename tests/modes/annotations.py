"""What the plugin says about each frame, whichever program tells it: frame number -> subtrees, each a tuple of items as
(field, text). A field that repeats does so in its order."""
import json
import os
import sys
import xml.parsers.expat

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))
from fields import rows  # noqa: E402

PREFIX = 'tcpphase.'
# What needs later frames. All other fields depend on a frame and the ones before it only.
HINDSIGHT = {row.field for row in rows() if row.known == 'hindsight'}


def bare(text):
    """A label without the brackets of what is generated."""
    return text[1:-1] if text.startswith('[') and text.endswith(']') else text


def from_pdml(octets):
    """From tshark -T pdml, or from PDML that the window has exported."""
    frames, state = {}, {'number': 0, 'subtrees': []}

    def start(element, attributes):
        name = attributes.get('name', '')
        if element == 'packet':
            state['subtrees'] = []
        elif element == 'proto' and name == 'tcpphase':
            state['subtrees'].append([])
        elif element == 'field' and name == 'num':
            state['number'] = int(attributes['show'])
        elif element == 'field' and name.startswith(PREFIX) and attributes.get('hide') != 'yes':
            state['subtrees'][-1].append((name, bare(attributes.get('showname', attributes['show']))))

    def end(element):
        if element == 'packet':
            frames[state['number']] = [tuple(subtree) for subtree in state['subtrees']]

    parser = xml.parsers.expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.Parse(octets, True)
    return frames


def from_sharkd(tree):
    """From the tree of one frame in an answer of sharkd."""
    def items(nodes):
        for node in nodes:
            name = node.get('f', '').split(' ')[0]
            if name.startswith(PREFIX):
                yield name, bare(node['l'])
            yield from items(node.get('n', []))

    return [tuple(items(node.get('n', []))) for node in tree if node.get('f') == 'tcpphase']


def part(frames, hindsight):
    """Only the causal fields, or only those of hindsight."""
    return {number: [tuple(item for item in subtree if (item[0] in HINDSIGHT) == hindsight) for subtree in subtrees]
            for number, subtrees in frames.items()}


def causal(frames):
    """Without what needs later frames."""
    return part(frames, False)


def differences(expected, found):
    """One line for each frame that differs, the first few."""
    lines = []
    for number in sorted(set(expected) | set(found)):
        one, other = expected.get(number), found.get(number)
        if one != other:
            only = [sorted(set(sum(left or [], ())) - set(sum(right or [], ())))
                    for left, right in ((one, other), (other, one))]
            lines.append('frame %d: expected %s, found %s' % (
                number, json.dumps(only[0]) if one is not None else 'none',
                json.dumps(only[1]) if other is not None else 'none'))
    return lines[:5] + (['... and %d frames more' % (len(lines) - 5)] if len(lines) > 5 else [])
