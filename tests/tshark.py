"""Runs tshark with the plugin, as a user for whom Wireshark reads plugins."""
import os
import shutil
import subprocess
import tempfile

NOBODY = 65534


class Tshark:
    """A home, a plugin folder and copies of captures that the user can read; gone when closed."""

    def __init__(self, plugins):
        self.folder = tempfile.mkdtemp(prefix='tcpphase.')
        self.user = {'user': NOBODY, 'group': NOBODY, 'extra_groups': []} if os.getuid() == 0 else {}
        self.plugins = os.path.join(self.folder, 'plugins')
        shutil.copytree(plugins, self.plugins)
        self.environment = {name: value for name, value in os.environ.items() if not name.startswith('WIRESHARK_')}
        self.environment.update(HOME=self.folder, XDG_CONFIG_HOME=self.folder + '/config', TZ='UTC', LC_ALL='C.UTF-8',
                                WIRESHARK_PLUGIN_DIR=self.plugins)
        self.own()
        listed = self.run(['-G', 'plugins']).stdout
        if 'tcpphase.so' not in listed:
            raise SystemExit('tshark does not load the plugin from %s' % plugins)

    def own(self):
        """Gives all files to the user."""
        if self.user:
            subprocess.run(['chown', '-R', '%d:%d' % (NOBODY, NOBODY), self.folder], check=True)

    def readable(self, capture):
        """A copy of the capture that the user can read."""
        copy = os.path.join(self.folder, os.path.basename(capture))
        if not os.path.exists(copy):
            shutil.copy(capture, copy)
            os.chmod(copy, 0o644)
        return copy

    def run(self, arguments):
        """Runs tshark to its end."""
        return subprocess.run(['tshark'] + arguments, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, env=self.environment, encoding='utf-8', errors='replace',
                              check=False, **self.user)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.folder, ignore_errors=True)
