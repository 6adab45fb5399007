"""The rows are the plugin's, over all captures of the project; bad input is said, and the rest is read."""
import glob
import gzip
import json
import os
import signal
import subprocess
import sys
import time

import pytest

import tcpphase

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..', '..')
CAPTURES = sorted(glob.glob(os.path.join(ROOT, 'tests', 'captures', '*.pcap*')))
PLUGINS = os.environ.get('TCPPHASE_PLUGINS', os.path.join(ROOT, 'build', 'plugins'))
ONE = os.path.join(ROOT, 'tests', 'captures', 'http_timeout.pcap')
sys.path.insert(0, os.path.join(ROOT, 'tests'))
# Why a row may differ from the plugin's, and in which captures it does.
EXCEPTIONS = {
    # One capture: a tunnel that is not read here.
    'tunnel_tcp.pcap',
}


def command(*arguments, **options):
    return subprocess.run([sys.executable, '-m', 'tcpphase.command', *arguments], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, timeout=60, **options)


@pytest.fixture(scope='module')
def wireshark():
    if not os.path.isdir(PLUGINS):
        pytest.skip('no plugin in %s: sh cmake/run.sh --build' % PLUGINS)
    from wireshark import Wireshark
    return Wireshark(PLUGINS)


def without_stream(line):
    row = json.loads(line)
    # Wireshark's own number.
    row.pop('stream', None)
    return row


@pytest.mark.parametrize('path', CAPTURES, ids=os.path.basename)
def test_rows_are_the_plugins(wireshark, path):
    shown = wireshark.tshark(['-n', '-r', wireshark.readable(path), '-q', '-z', 'tcpphase,log'])
    assert shown.returncode == 0
    expected = [without_stream(line) for line in shown.stdout.decode().splitlines()]
    found = [without_stream(line) for line in tcpphase.Rows([path])]
    differs = found != expected
    assert differs == (os.path.basename(path) in EXCEPTIONS), (found, expected)


def test_packed_and_piped_is_the_same(tmp_path):
    expected = command('log', ONE).stdout
    packed = tmp_path / 'a.pcap.gz'
    with open(ONE, 'rb') as file:
        octets = file.read()
    packed.write_bytes(gzip.compress(octets))
    assert expected and command('log', str(packed)).stdout == expected
    assert command('log', '-', input=octets).stdout == expected


def test_a_rotated_capture_is_one(tmp_path):
    with open(ONE, 'rb') as file:
        octets = file.read()
    order = 'little' if octets[0] == 0xd4 or octets[0] == 0x4d else 'big'
    at = 24
    for _ in range(5):
        at += 16 + int.from_bytes(octets[at + 8:at + 12], order)
    (tmp_path / 'a').write_bytes(octets[:at])
    (tmp_path / 'b').write_bytes(octets[:24] + octets[at:])
    expected = list(tcpphase.connections([ONE]))
    assert list(tcpphase.connections([tmp_path / 'a', tmp_path / 'b'])) == expected


@pytest.mark.parametrize('octets, words', [
    (b'', 'empty'),
    (b'no capture at all, but long enough to be one', 'neither pcap nor pcapng'),
    (None, 'No such file'),
    (b'\xd4\xc3\xb2\xa1\2\0\4\0' + bytes(12) + b'\1\0\0\0' + bytes(8) + b'\xff\xff\xff\xff' * 2, 'damaged'),
    (b'\xd4\xc3\xb2\xa1\2\0\4\0' + bytes(12) + b'\1\0\0\0' + bytes(9), 'cut short'),
    (b'\xd4\xc3\xb2\xa1\2\0\4\0' + bytes(12) + b'\xfe\0\0\0' + bytes(16), 'link layer 254'),
    (b'\x0a\x0d\x0d\x0a\x04\0\0\0\x4d\x3c\x2b\x1a', 'damaged'),
    (b'\x1f\x8b\x08' + bytes(30), ''),
])
def test_bad_input_is_said_in_a_line_and_the_rest_read(tmp_path, octets, words):
    bad = tmp_path / 'bad.pcap'
    if octets is not None:
        bad.write_bytes(octets)
    result = command('log', str(bad), ONE)
    assert result.returncode == 1
    assert len(result.stderr.splitlines()) == 1 and words in result.stderr.decode()
    assert len(result.stdout.splitlines()) == len(command('log', ONE).stdout.splitlines())


def test_a_full_disk_is_said_in_one_line():
    result = command('csv', '-o', '/dev/full', ONE)
    assert result.returncode == 2 and len(result.stderr.splitlines()) == 1


def test_a_signal_ends_it_with_what_is_known():
    process = subprocess.Popen([sys.executable, '-m', 'tcpphase.command', 'log', '-'],
                               stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    with open(ONE, 'rb') as file:
        process.stdin.write(file.read())
    process.stdin.flush()
    time.sleep(2)
    process.send_signal(signal.SIGTERM)
    rows = process.stdout.read()
    assert process.wait(10) == 0
    assert json.loads(rows)['ended'] == 'Graceful'
    process.stdin.close()
