#!/usr/bin/env python3
"""Checks what README says the plugin shows: the frames that each filter finds, and the output of each example; and
that the profile's filters are filters. `readme.py PLUGINS [--write]` puts the real output into README. PLUGINS is the folder for WIRESHARK_PLUGIN_DIR."""
import os
import re
import shlex
import subprocess
import sys

from reading import TESTS, Reader

README = os.path.join(TESTS, '..', 'README.md')
ROW = re.compile(r'^\| (?P<question>[^|]+) \| `(?P<filter>tcpphase[^`]+)`(?P<late> \*)? \| (?P<found>`.*) \|$')
EXAMPLE = re.compile(r'^```\n\$ (tshark [^\n]*)\n(.*?)^```$', re.MULTILINE | re.DOTALL)


def found_by(reader, capture, text, passes):
    """The frames that a filter finds."""
    return reader.read(capture, passes + ['-Y', text, '-T', 'fields', '-e', 'frame.number']).split()


def rows(text):
    """The table of filters: filter, whether it needs two passes, captures with their frames."""
    for line in text.splitlines():
        row = ROW.match(line.replace('||', '\0'))
        if row:
            places = [place.replace('`', ' ').split() for place in row['found'].split('; ')]
            yield row['filter'].replace('\0', '||'), bool(row['late']), places


def wrong_rows(reader, text):
    """One line for each filter that does not find what README says."""
    for filter_text, late, places in rows(text):
        at_once = True
        for capture, *frames in places:
            found = found_by(reader, capture, filter_text, ['-2'] if late else [])
            if found != frames:
                yield '%s on %s finds %s, not %s' % (filter_text, capture, ' '.join(found), ' '.join(frames))
            at_once &= late and found_by(reader, capture, filter_text, []) == found
        if late and at_once:
            yield '%s does not need frames that come later' % filter_text


def profile_filters():
    """The filters of the profile's buttons and colours."""
    profile = os.path.join(TESTS, '..', 'cmake', 'profile')
    for name, pattern in (('dfilter_buttons', r'^"TRUE","[^"]*","([^"]*)"'), ('colorfilters', r'^@[^@]*@([^@]*)@')):
        with open(os.path.join(profile, name), encoding='utf-8') as lines:
            for line in lines:
                match = re.match(pattern, line)
                if match:
                    yield match.group(1).replace('\\x22', '"')
                elif not line.startswith('#'):
                    raise SystemExit('%s: %s' % (name, line))


def luminance(colour):
    """WCAG's relative luminance of a colour of 16 bits each."""
    parts = [int(part) / 65535 for part in colour.split(',')]
    red, green, blue = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def bad_colours():
    """One line for each rule whose text is hard to read, or whose row is too bright or too dark for one of the themes; and
    where what is calm is as bright as what is strong."""
    with open(os.path.join(TESTS, '..', 'cmake', 'profile', 'colorfilters'), encoding='utf-8') as lines:
        rules = re.findall(r'^@TCP Phase: ([^@]*)@.*@\[([0-9,]*)\]\[([0-9,]*)\]$', lines.read(), re.MULTILINE)
    rows_of = {name: luminance(row) for name, row, _ in rules}
    for name, row, text in rules:
        brighter, darker = sorted((luminance(row), luminance(text)), reverse=True)
        contrast = (brighter + 0.05) / (darker + 0.05)
        if contrast < 4.5 or not 0.25 <= rows_of[name] <= 0.6:
            yield 'colour of %s: contrast %.1f, luminance %.2f' % (name, contrast, rows_of[name])
    calm = {'keep-alive', 'handshake', 'close'}
    if not rules or max(rows_of[name] for name in calm) >= min(rows_of[name] for name in set(rows_of) - calm):
        yield 'a calm colour is as bright as a strong one'


def columns():
    """One line where the profile's columns are not what a filter can be made of: one occurrence of a field."""
    with open(os.path.join(TESTS, '..', 'cmake', 'profile', 'preferences'), encoding='utf-8') as lines:
        if '"Phase", "%Cus:tcpphase.frame_label:1:R"' not in lines.read():
            yield "the profile's column is not one occurrence of tcpphase.frame_label"


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
        failures = list(wrong_rows(reader, text)) + list(bad_colours()) + list(columns())
        count = sum(len(places) for _, _, places in rows(text))
        buttons = list(profile_filters())
        # One that is none makes tshark fail.
        reader.read('refused', ['-Y', ' or '.join('(%s)' % button for button in buttons)])
    failures += ['%s prints otherwise than README says:\n%s' % (command, printed)
                 for command, written, printed in examples if written != printed]
    print('\n'.join(failures) if failures else 'README: %d answers and %d examples as written, %d filters in the profile' % (
        count, len(examples), len(buttons)))
    return 1 if failures or not count or not examples else 0


if __name__ == '__main__':
    sys.exit(main())
