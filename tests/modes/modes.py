#!/usr/bin/env python3
"""Compares what every mode of Wireshark shows of the plugin, frame by frame and field by field: tshark in one pass and
in two, sharkd, Wireshark's window; redissected, filtered, and while the capture grows.

usage: modes.py PLUGINS CONFIG [PART...]

PLUGINS is the folder for WIRESHARK_PLUGIN_DIR, CONFIG the one for XDG_CONFIG_HOME with the profile "TCP Phase".
Parts are passes (tshark and sharkd), growing (files and pipes that grow), session and table (the window)."""
import sys
import time
import traceback

from growing import growing
from lab import Lab
from passes import passes
from session import session
from table import table


def main():
    begin = time.monotonic()
    parts = {part.__name__: part for part in (passes, growing, session, table)}
    with Lab(sys.argv[1], sys.argv[2]) as lab:
        for name in sys.argv[3:] or parts:
            try:
                parts[name](lab)
            except Exception:  # pylint: disable=broad-except # the other parts are to run all the same
                lab.check(name + ' to its end', '', traceback.format_exc())
        print('modes: %d checks, %d failures, %d s' % (lab.checks, len(lab.failures), time.monotonic() - begin))
        return 1 if lab.failures else 0


if __name__ == '__main__':
    sys.exit(main())
