"""A sharkd process: one request, one answer."""
import json
import os
import subprocess
import tempfile

from annotations import from_sharkd

PROGRAM = os.environ.get('SHARKD', 'sharkd')


class Sharkd:
    """Started for one test; load() may be called again and again."""

    def __init__(self, wireshark):
        self.errors = tempfile.TemporaryFile()
        self.process = wireshark.start(PROGRAM, ['-'], stdin=subprocess.PIPE, stderr=self.errors)
        self.number = 0

    def ask(self, method, **parameters):
        """The result of a request."""
        self.number += 1
        request = {'jsonrpc': '2.0', 'id': self.number, 'method': method}
        if parameters:
            request['params'] = parameters
        self.process.stdin.write(json.dumps(request).encode() + b'\n')
        self.process.stdin.flush()
        # A greeting may come first.
        line = b' '
        while line and not line.startswith(b'{'):
            line = self.process.stdout.readline()
        answer = json.loads(line) if line else {}
        if 'result' not in answer:
            self.errors.seek(0)
            raise SystemExit('sharkd: %s %s: %s %s' % (method, parameters, answer, self.errors.read().decode()))
        return answer['result']

    def load(self, capture):
        """Reads a capture; says how many frames it has."""
        self.ask('load', file=capture)
        return self.ask('status')['frames']

    def frames(self, numbers):
        """What the plugin says about these frames, asked for in this order."""
        return {number: from_sharkd(self.ask('frame', frame=number, proto=True)['tree']) for number in numbers}

    def column(self, name):
        """The texts of a column, by frame number."""
        place = self.ask('info')['columns'].index(next(
            column for column in self.ask('info')['columns'] if column['name'] == name))
        return {row['num']: row['c'][place] for row in self.ask('frames')}

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait(60)
        self.process.stdout.close()
        self.errors.close()
