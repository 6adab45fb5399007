"""Runs Wireshark's programs on a capture, with or without the plugin, as a user for whom they read plugins."""
import os
import shutil
import subprocess
import tempfile
from multiprocessing import util

NOBODY = 65534
OURS = 'tcpphase'


class Wireshark:
    """A home, a plugin folder and copies of captures which the user can read; all gone at the end."""

    def __init__(self, plugins, with_ours=True):
        self.folder = tempfile.mkdtemp(prefix='tcpphase.')
        # Also at the end of a process, of a pool's too.
        self.close = util.Finalize(self, shutil.rmtree, (self.folder, True), exitpriority=0)
        self.user = {'user': NOBODY, 'group': NOBODY, 'extra_groups': []} if os.getuid() == 0 else {}
        self.plugins = os.path.join(self.folder, 'plugins')
        ignored = None if with_ours else shutil.ignore_patterns('*%s*' % OURS)
        shutil.copytree(plugins, self.plugins, ignore=ignored)
        self.environment = {name: value for name, value in os.environ.items() if not name.startswith('WIRESHARK_')}
        self.environment.update(HOME=self.folder, XDG_CONFIG_HOME=self.folder + '/config', TZ='UTC', LC_ALL='C.UTF-8',
                                WIRESHARK_PLUGIN_DIR=self.plugins)
        # The user may have no way to where the library was built.
        libraries = self.environment.get('LD_LIBRARY_PATH')
        if libraries:
            self.environment['LD_LIBRARY_PATH'] = libraries.replace(os.path.abspath(plugins), self.plugins)
        self.own()
        listed = b'%s.so' % OURS.encode() in self.tshark(['-G', 'plugins']).stdout
        if listed != with_ours:
            self.close()
            raise SystemExit('the plugin is %sloaded from %s' % ('' if listed else 'not ', plugins))

    def own(self):
        """Gives all files to the user."""
        if self.user:
            subprocess.run(['chown', '-R', '%d:%d' % (NOBODY, NOBODY), self.folder], check=True)

    def readable(self, capture):
        """A copy of the capture, under a name of its own that keeps the extension."""
        handle, copy = tempfile.mkstemp(suffix='-' + os.path.basename(capture), dir=self.folder)
        os.close(handle)
        shutil.copyfile(capture, copy)
        os.chmod(copy, 0o644)
        return copy

    def start(self, program, arguments, own_plugins=True, **streams):
        """Starts a program with this plugin folder or the system's; its streams are pipes unless told otherwise."""
        environment = dict(self.environment)
        if not own_plugins:
            del environment['WIRESHARK_PLUGIN_DIR']
        pipes = {'stdin': subprocess.DEVNULL, 'stdout': subprocess.PIPE, 'stderr': subprocess.PIPE}
        pipes.update(streams)
        return subprocess.Popen([program] + arguments, env=environment, cwd=self.folder, **pipes, **self.user)

    def tshark(self, arguments, own_plugins=True, timeout=600):
        """Runs tshark to its end."""
        return self.run('tshark', arguments, own_plugins, timeout)

    def run(self, program, arguments, own_plugins=True, timeout=600):
        """Runs a program to its end."""
        process = self.start(program, arguments, own_plugins)
        try:
            out, err = process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise
        return subprocess.CompletedProcess(process.args, process.returncode, out, err)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
