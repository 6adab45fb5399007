"""Captures that are not finished while they are read."""
import os
import subprocess
import threading
import time

from annotations import from_pdml


def feed(path_or_pipe, octets, pieces=40, pause=0.05):
    """Writes in pieces that end anywhere, slowly, as a network would."""
    size = len(octets) // pieces + 1
    with open(path_or_pipe, 'wb', buffering=0) as pipe:
        for begin in range(0, len(octets), size):
            pipe.write(octets[begin:begin + size])
            time.sleep(pause)


def fifo(lab, name):
    """A fifo that somebody else writes the capture into."""
    path = os.path.join(lab.folder, name)
    os.mkfifo(path)
    lab.wireshark.own()
    writer = threading.Thread(target=feed, args=(path, lab.records()[0]), daemon=True)
    writer.start()
    return path


def cut_short(lab):
    """A file whose end has not been written yet, in the middle of a frame."""
    octets, places = lab.records()
    path = os.path.join(lab.folder, 'short.pcap')
    for frames in (1, 300, 601):
        with open(path, 'wb') as file:
            file.write(octets[:places[frames] + 20])
        os.chmod(path, 0o644)
        shown = lab.wireshark.tshark(['-n', '-r', path, '-T', 'pdml', '-J', 'tcpphase']).stdout
        # Without the last line of the document when the end is missing.
        shown += b'' if shown.rstrip().endswith(b'</pdml>') else b'</pdml>'
        lab.compare('a file that ends after %d frames' % frames,
                    {number: lab.one[number] for number in range(1, frames + 1)}, from_pdml(shown))


def live(lab):
    """A pipe to read, and a fifo to capture from."""
    arguments = ['-n', '-l', '-T', 'pdml', '-J', 'tcpphase']
    process = lab.wireshark.start('tshark', ['-r', '-'] + arguments, stdin=subprocess.PIPE)
    writer = threading.Thread(target=feed, args=(process.stdin.fileno(), lab.records()[0]), daemon=True)
    writer.start()
    shown = process.stdout.read()
    lab.check('tshark -r -', 0, process.wait(60))
    lab.compare('tshark -r -, fed slowly', lab.one, from_pdml(shown))

    result = lab.wireshark.tshark(['-i', fifo(lab, 'live')] + arguments)
    lab.check('tshark -i, %s' % result.stderr.decode()[:300], 0, result.returncode)
    lab.compare('tshark -i of a fifo', lab.one, from_pdml(result.stdout))


def growing(lab):
    """All of it."""
    cut_short(lab)
    live(lab)
