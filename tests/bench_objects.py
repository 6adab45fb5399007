#!/usr/bin/env python3
"""Prints how many instructions of a callgrind profile the plugin's own code took.

    bench_objects.py FILE
"""
import re
import sys

OURS = re.compile(r"/(lib)?tcpphase\.so(\.0)?$")


def main():
    names, ours, callee, total = {}, False, False, 0
    for line in open(sys.argv[1], errors="replace"):
        named = re.match(r"c?ob=\((\d+)\)(?: (.*))?$", line)
        if named:
            names.setdefault(named[1], named[2])
            if line.startswith("ob="):
                ours = bool(OURS.search(names[named[1]] or ""))
        elif line.startswith("calls="):
            callee = True  # The next line is the callee's cost.
        elif re.match(r"[+\-*\d]", line):
            if ours and not callee:
                total += int(line.split()[1])
            callee = False
    print(total)


main()
