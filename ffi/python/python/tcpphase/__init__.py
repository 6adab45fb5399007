"""TCP Phase without Wireshark: each TCP connection of a capture as a row, the same as `tshark -z tcpphase,log` writes."""
import json

from tcpphase._tcpphase import Rows

__all__ = ['Rows', 'connections']


def connections(captures, idle=0):
    """Yields each connection as a dict: columns as in `tshark -z tcpphase,log`, absent where nothing is known.

    captures -- paths, one capture in this order (rotated files); '-' is standard input
    idle -- seconds of the capture's time after which a silent connection's row is written; 0: at the end

    Times of day are texts in UTC (RFC 3339), lengths of time are seconds, frames are counted from 1 over all files.
    What cannot be read is left out; use Rows to learn of it.
    """
    for line in Rows([str(path) for path in captures], 'ndjson', idle):
        yield json.loads(line)
