#!/usr/bin/env python3
"""Checks what README says the plugin shows: the frames that each filter finds, and the output of each example.
`readme.py PLUGINS [--write]` puts the real output into README. PLUGINS is the folder for WIRESHARK_PLUGIN_DIR."""
import os
import re
import shlex
import subprocess
import sys

from reading import TESTS, Reader

README = os.path.join(TESTS, '..', 'README.md')
ROW = re.compile(r'^\| (?P<question>[^|]+) \| `(?P<filter>[^`]+)`(?P<late> \*)? \| (?P<found>`.*) \|$')
EXAMPLE = re.compile(r'^```\n\$ (tshark [^\n]*)\n(.*?)^```$', re.MULTILINE | re.DOTALL)


def found_by(reader, capture, text, passes):
    """The frames that a filter finds."""
    return reader.read(capture, passes + ['-Y', text, '-T', 'fields', '-e', 'frame.number']).split()


def rows(text):
    """The table of filters: filter, whether it needs two passes, capture, frames."""
    for line in text.splitlines():
        row = ROW.match(line.replace('||', '\0'))
        if row:
            for place in row['found'].split('; '):
                capture, *frames = place.replace('`', ' ').split()
                yield row['filter'].replace('\0', '||'), bool(row['late']), capture, frames


def wrong_rows(reader, text):
    """One line for each filter that does not find what README says."""
    for filter_text, late, capture, frames in rows(text):
        two = found_by(reader, capture, filter_text, ['-2'])
        one = found_by(reader, capture, filter_text, [])
        if two != frames:
            yield '%s on %s finds %s, not %s' % (filter_text, capture, ' '.join(two), ' '.join(frames))
        if (one != two) != late:
            yield '%s on %s finds %s in one pass and %s in two' % (filter_text, capture, one, two)


def output(reader, command):
    """What an example prints."""
    words = shlex.split(command)
    pipe = words.index('|') if '|' in words else len(words)
    arguments, behind = words[1:pipe], words[pipe + 1:]
    place = arguments.index('-r') + 1
    arguments[place] = reader.readable(os.path.join(TESTS, '..', arguments[place]))
    arguments = [re.sub(r'^lua_script:(.*)', lambda script: 'lua_script:' + reader.readable(
        os.path.join(TESTS, '..', script.group(1))), argument) for argument in arguments]
    printed = reader.text(arguments)
    if behind:
        printed = subprocess.run(behind, input=printed, stdout=subprocess.PIPE, encoding='utf-8', check=True).stdout
    lines = [line.rstrip() for line in printed.strip('\n').splitlines()]
    return '\n'.join(lines) + '\n'


def main():
    with open(README, encoding='utf-8') as file:
        text = file.read()
    with Reader(sys.argv[1]) as reader:
        examples = [(match.group(1), match.group(2), output(reader, match.group(1))) for match in EXAMPLE.finditer(text)]
        if '--write' in sys.argv[2:]:
            for command, written, printed in examples:
                text = text.replace('```\n$ %s\n%s```' % (command, written), '```\n$ %s\n%s```' % (command, printed))
            with open(README, 'w', encoding='utf-8') as file:
                file.write(text)
            return 0
        failures = list(wrong_rows(reader, text))
        count = len(list(rows(text)))
    failures += ['%s prints otherwise than README says:\n%s' % (command, printed)
                 for command, written, printed in examples if written != printed]
    print('\n'.join(failures) if failures else 'README: %d answers and %d examples as written' % (count, len(examples)))
    return 1 if failures or not count or not examples else 0


if __name__ == '__main__':
    sys.exit(main())
