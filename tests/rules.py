#!/usr/bin/env python3
"""Holds RULES.md, CONTRACT.md, the guide's map, the code and the tests together: that each rule and each section of the
contract that is cited exists, that each rule has a test, that the contract has the fields, notes, phases and steps that
there are, and that what is linked or listed is there. Needs no build."""
import os
import re
import sys

from fields import NOTE, rows

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..')
RULES, CONTRACT, GUIDE = 'dissector/RULES.md', 'dissector/CONTRACT.md', 'tests/CONTRIBUTING.md'
FAMILIES = 'OKCTHMPG'
CITING = ('.rs', '.c', '.h', '.py', '.sh', '.pkt', '.md', '.tsv', '.toml', '.lua')
# A rule is no part of a longer name, nor an option of a program.
CITATION = re.compile(r'(?<![\w:/.-])([%s]\d{1,2})(?![\w/-])' % FAMILIES)
# The rules in the name of a test: `fn k4_o12_...`.
TEST_NAME = re.compile(r'^\s*fn ((?:[%s]\d{1,2}_)+)' % FAMILIES.lower(), re.MULTILINE)
# What looks like a rule in code: the protocol's name in ALPN.
NO_CITATION = re.compile(r'\bconst H2: Alpn\b')
SECTION = re.compile(r'\bContract (\d+)')
NAMED = re.compile(r'^\s*\w+ = (\d+), "([^"]+)"(?:, \w+)?;', re.MULTILINE)
TOP = ('ffi/', 'cmake/', 'tests/')


def text_of(path):
    """A file of the project."""
    with open(os.path.join(ROOT, path), encoding='utf-8') as file:
        return file.read()


def sources():
    """Every file that may cite."""
    yield 'README.md'
    for top in ('dissector', 'ffi', 'cmake', 'tests'):
        for folder, folders, names in os.walk(os.path.join(ROOT, top)):
            folders[:] = [name for name in folders if name not in ('target', '__pycache__')]
            yield from (os.path.relpath(os.path.join(folder, name), ROOT) for name in names if name.endswith(CITING))


def cited(path, text):
    """The rules that a file cites."""
    names = [name.upper() for found in TEST_NAME.findall(text) for name in found.strip('_').split('_')]
    return names + CITATION.findall(NO_CITATION.sub('', text))


def cited_by_tests(path, text):
    """The rules that a file tests: in names of tests, in what stands among tests, in headings of scripts."""
    if path.endswith('.pkt'):
        return [rule for line in text.splitlines() if line.startswith('== ') for rule in CITATION.findall(line)]
    if path.startswith('tests/'):
        return [] if path.endswith(('.md', '/rules.py')) else cited(path, text)
    is_test = re.search(r'tests(/|\.rs$)', path)
    return cited(path, text) if is_test else cited(path, '\n'.join(match.group() for match in TEST_NAME.finditer(text)))


def citations(files, rules):
    """One line for each citation of nothing, and for each rule without a test."""
    sections = set(re.findall(r'^## (\d+)\.', text_of(CONTRACT), re.MULTILINE))
    tested = set()
    for path, text in files.items():
        yield from ('%s cites %s, which is not in %s' % (path, rule, RULES)
                    for rule in sorted(set(cited(path, text)) - set(rules)))
        yield from ('%s cites Contract %s, which is not in %s' % (path, section, CONTRACT)
                    for section in sorted(set(SECTION.findall(text)) - sections))
        tested.update(cited_by_tests(path, text))
    yield from ('no test cites %s' % rule for rule in rules if rule not in tested)


def numbering(rules):
    """One line for each family whose numbers are not 1, 2, 3 and so on, in this order."""
    order = [(FAMILIES.index(rule[0]), int(rule[1:])) for rule in rules]
    for family in range(len(FAMILIES)):
        numbers = [number for letter, number in order if letter == family]
        if numbers != list(range(1, len(numbers) + 1)):
            yield '%s: the rules %s are not numbered in a row' % (RULES, FAMILIES[family])
    if order != sorted(order):
        yield '%s: the families are not in their order' % RULES


def contract_fields():
    """Field -> what the contract's row says: hindsight or the severity of a note. `.name` stands for the last part."""
    found = {}
    for line in text_of(CONTRACT).splitlines():
        cells = [cell.strip() for cell in line.strip('|').split('|')]
        names = re.findall(r'`([a-z0-9_.]+)`', cells[0])
        if not line.startswith('|') or not names or not names[0].startswith('tcpphase.'):
            continue
        for name in names:
            full = names[0].rsplit('.', 1)[0] + name if name.startswith('.') else name
            found[full] = cells[2] if full.startswith(NOTE) else 'hindsight' if '(H)' in cells[0] else 'causal'
    return found


def fields():
    """One line for each field that the contract and fields.tsv see differently."""
    promised = contract_fields()
    there = {row.field: row.value.split(':')[0] if row.field.startswith(NOTE) else row.known for row in rows()}
    for name in sorted(set(there) | set(promised)):
        if promised.get(name) != there.get(name):
            yield '%s: %s in %s, %s in fields.tsv' % (name, promised.get(name), CONTRACT, there.get(name))


def names(files):
    """One line for each phase and step that the contract and the code name differently."""
    code = next(text for path, text in files.items() if path.endswith('/names.rs'))
    sections = dict(re.findall(r'^## (\d)\.[^\n]*\n(.*?)(?=^## |\Z)', text_of(CONTRACT), re.MULTILINE | re.DOTALL))
    for enumeration, section, pattern in (('Phase', '3', r'(\d+) ([A-Z][\w-]*(?: \w+)*)[,.]'),
                                          ('steps', '4', r'(?<=[| ])(\d+) ([A-Z][^,|]*?)(?=,| \|)')):
        block = re.search(r'^ *%s!? \{\n(.*?)^ *\}' % enumeration, code, re.MULTILINE | re.DOTALL).group(1)
        text = '\n'.join(line for line in sections[section].splitlines() if re.search(r'\d [A-Z]', line))
        for number, name in sorted(set(NAMED.findall(block)) ^ set(re.findall(pattern, text))):
            yield '%s %s %s is not both in %s and in the code' % (enumeration, number, name, CONTRACT)


def places():
    """One line for each file that is linked or in the map, and is not there."""
    for page in ('README.md', RULES, CONTRACT, GUIDE):
        for link in re.findall(r'\]\(([^):#]+)\)', text_of(page)):
            if not os.path.exists(os.path.join(ROOT, os.path.dirname(page), link)):
                yield '%s links %s, which is not there' % (page, link)
    for line in text_of(GUIDE).split('## The map')[1].splitlines():
        for path in re.findall(r'`([^`]+)`', line.split('|')[2]) if line.startswith('| ') else ():
            if not os.path.exists(os.path.join(ROOT, '' if path.startswith(TOP) else 'dissector/src', path)):
                yield '%s: %s is not there' % (GUIDE, path)


def main():
    rules = re.findall(r'^### (\w+) ', text_of(RULES), re.MULTILINE)
    files = {path: text_of(path) for path in sources()}
    faults = [*numbering(rules), *citations(files, rules), *fields(), *names(files), *places()]
    print('\n'.join(faults) if faults else 'rules: %d, each with a test; %d fields as promised' % (
        len(rules), len(contract_fields())))
    return 1 if faults or not rules else 0


if __name__ == '__main__':
    sys.exit(main())
