#!/usr/bin/env python3
"""Answers questions from the rows of `tshark -q -z tcpphase,log`, which it reads from standard input."""
import collections
import json
import sys

slowest = collections.defaultdict(float)
for row in map(json.loads, sys.stdin):
    which = 'connection %d, frame %d:' % (row['connection'], row['first_frame'])
    if row.get('unanswered_by') or row['ended'] == 'Reset' and row.get('idle_at_end', 0) > 3:
        print(which, 'dropped after %.1f idle seconds' % row.get('idle_at_end', 0))
    if 'http_race' in row.get('notes', []):
        print(which, 'a request crossed the close')
    server = row.get('server_address', '?')
    slowest[server] = max(slowest[server], row.get('setup_time', 0))
for server, time in sorted(slowest.items(), key=lambda pair: -pair[1]):
    print(server, 'slowest setup %.3f s' % time)
