"""Wireshark's window on a display of its own (Xvfb), worked by its keyboard (xdotool)."""
import os
import re
import signal
import struct
import subprocess
import time
import zlib

# A machine that is busy with other things is no reason to fail.
PATIENCE = 120
# After so many seconds without an effect a key is pressed again.
AGAIN = 15
MAIN = 'gui.geometry_main_x: 0\ngui.geometry_main_y: 0\ngui.geometry_main_width: %d\ngui.geometry_main_height: %d\n'


class TooLate(Exception):
    """Something did not happen in time."""


def wait_for(what, condition, patience=PATIENCE):
    """Waits until the condition gives something, and returns that."""
    end = time.monotonic() + patience
    while True:
        found = condition()
        if found:
            return found
        if time.monotonic() > end:
            raise TooLate(what)
        time.sleep(0.1)


class Screen:
    """The display's framebuffer as it was at one moment: a file in the format XWD with 32 bits a pixel."""

    def __init__(self, path):
        with open(path, 'rb') as file:
            octets = file.read()
        fields = struct.unpack('>25I', octets[:100])
        start, line, self.width, self.height = fields[0] + fields[19] * 12, fields[12], fields[4], fields[5]
        self.rows = []
        for row in range(self.height):
            pixels = octets[start + row * line:start + row * line + self.width * 4]
            colours = bytearray(self.width * 3)
            colours[0::3], colours[1::3], colours[2::3] = pixels[2::4], pixels[1::4], pixels[0::4]
            self.rows.append(bytes(colours))

    def colours(self):
        """Red, green and blue of all pixels."""
        return {row[place:place + 3] for row in self.rows for place in range(0, len(row), 3)}

    def png(self):
        """The picture as a file."""
        def chunk(kind, body):
            return struct.pack('>I', len(body)) + kind + body + struct.pack('>I', zlib.crc32(kind + body))

        head = struct.pack('>IIBBBBB', self.width, self.height, 8, 2, 0, 0, 0)
        pixels = zlib.compress(b''.join(b'\0' + row for row in self.rows), 9)
        return b'\x89PNG\r\n\x1a\n' + chunk(b'IHDR', head) + chunk(b'IDAT', pixels) + chunk(b'IEND', b'')


class Window:
    """One session of Wireshark; its main window has a title that matches."""

    def __init__(self, wireshark, arguments, title, size=(1280, 800)):
        self.wireshark, self.exported, self.processes = wireshark, 0, []
        # What the latest export says, for whoever compares.
        self.annotations = None
        self.folder = os.path.join(wireshark.folder, 'window%d' % time.monotonic_ns())
        settings = os.path.join(wireshark.folder, 'config', 'wireshark')
        for folder in (self.folder, settings):
            os.makedirs(folder, exist_ok=True)
        os.makedirs(self.folder + '/run', 0o700)
        with open(os.path.join(settings, 'recent_common'), 'w', encoding='utf-8') as recent:
            recent.write(MAIN % size)
        wireshark.own()
        # What a desktop adds, as dialogs of its own.
        for name in ('DBUS_SESSION_BUS_ADDRESS', 'WAYLAND_DISPLAY', 'XDG_CURRENT_DESKTOP', 'QT_QPA_PLATFORMTHEME'):
            wireshark.environment.pop(name, None)
        try:
            self.display = self.start_display(size)
            self.program = self.start('wireshark', arguments)
            self.main = wait_for('a window with the title %s' % title, lambda: self.find(title))
        except BaseException:
            self.close()
            raise

    def start(self, program, arguments, **more):
        """Starts a program on the display."""
        log = open(os.path.join(self.folder, os.path.basename(program) + '.log'), 'wb')
        with log:
            process = self.wireshark.start(program, arguments, stdout=log, stderr=log, **more)
        self.processes.append(process)
        return process

    def start_display(self, size):
        """Starts Xvfb, which chooses a free number."""
        reader, writer = os.pipe()
        with os.fdopen(reader) as answer:
            try:
                self.start('Xvfb', ['-displayfd', str(writer), '-nolisten', 'tcp', '-fbdir', self.folder,
                                    '-screen', '0', '%dx%dx24' % size], pass_fds=[writer])
            finally:
                os.close(writer)
            number = answer.readline().strip()
        if not number:
            raise TooLate('Xvfb does not start: ' + self.logs())
        self.wireshark.environment.update(DISPLAY=':' + number, QT_QPA_PLATFORM='xcb',
                                          XDG_RUNTIME_DIR=self.folder + '/run')
        return number

    def tell(self, *arguments):
        """What xdotool answers."""
        if self.program.poll() is not None:
            raise TooLate('Wireshark has ended with %s: %s' % (self.program.returncode, self.logs()))
        return self.wireshark.run('xdotool', list(arguments)).stdout.decode().split()

    def find(self, title):
        """The newest window that shows and whose title matches."""
        found = self.wireshark.run('xdotool', ['search', '--onlyvisible', '--name', title]).stdout.decode().split()
        return found[-1] if found else None

    def keys(self, *names, window=None):
        """Presses keys, one after the other. Without a window: where the keyboard is now, as in an open menu."""
        focus = ['windowfocus', '--sync', window] if window else []
        self.tell(*focus, 'key', '--delay', '100', *names)

    def until(self, what, condition, action, patience=PATIENCE):
        """A key press can be lost, as where the keyboard is elsewhere for a moment: the action is done again until the
        condition gives something, which is returned."""
        def done():
            action()
            try:
                return wait_for(what, condition, AGAIN)
            except TooLate:
                return None
        return wait_for(what, done, patience)

    def dialog(self, title, *names):
        """Presses keys in the main window until a dialog opens."""
        def press():
            self.keys('Escape', 'Escape', 'Escape')
            self.keys(*names, window=self.main)
        return self.until('the dialog %s' % title, lambda: self.find(title), press)

    def leave(self, window, *names, patience=PATIENCE):
        """Presses keys in a dialog until it closes."""
        def is_closed():
            return window not in self.tell('search', '--onlyvisible', '--name', '.')

        def press():
            if not is_closed():
                self.keys(*names, window=window)
        self.until('the end of a dialog', is_closed, press, patience)

    def save(self, dialog, path):
        """Types the name of a file into a dialog, and waits until the file is written. False: there is none, as where a key
        was lost."""
        # Over what stands there already.
        self.tell('windowfocus', '--sync', dialog, 'key', 'ctrl+a', 'type', '--delay', '20', path)
        try:
            self.leave(dialog, 'Return', patience=2 * AGAIN)
            wait_for('the file %s' % path, lambda: os.path.exists(path), AGAIN)
        except TooLate:
            self.keys('Escape', 'Escape', window=dialog)
            return False
        return wait_for('the end of the file %s' % path, lambda: path not in self.open_files())

    def new_path(self, kind):
        """The name of a file that does not exist yet."""
        self.exported += 1
        return os.path.join(self.folder, 'export%d.%s' % (self.exported, kind))

    def export(self, kind):
        """File, Export Packet Dissections: "pdml" or "csv"."""
        # The menu's seventh entry from the end, of those that can be chosen.
        menu = ['alt+f'] + ['Up'] * 7 + ['Right', {'pdml': 'd', 'csv': 'c'}[kind]]

        def exported():
            path = self.new_path(kind)
            return self.save(self.dialog('Export Packet Dissections', *menu), path) and path
        with open(wait_for('an export', exported, PATIENCE * 3), 'rb') as file:
            return file.read()

    def open_files(self):
        """The files that Wireshark has open."""
        folder, found = '/proc/%d/fd' % self.program.pid, set()
        for name in os.listdir(folder):
            try:
                found.add(os.readlink(os.path.join(folder, name)))
            except FileNotFoundError:
                pass
        return found

    def profile(self, name):
        """Edit, Configuration Profiles."""
        dialog = self.dialog('Configuration Profiles', 'ctrl+shift+a')
        self.tell('windowfocus', '--sync', dialog, 'type', '--delay', '20', name)
        self.leave(dialog, 'Return')

    def screen(self):
        """What the display shows now."""
        return Screen(os.path.join(self.folder, 'Xvfb_screen0'))

    def logs(self):
        """What the programs have said."""
        said = []
        for name in sorted(os.listdir(self.folder)):
            if name.endswith('.log'):
                with open(os.path.join(self.folder, name), encoding='utf-8', errors='replace') as log:
                    said.append(log.read())
        return re.sub(r'\s+', ' ', ' '.join(said))[-1000:]

    def close(self):
        """Ends the session."""
        for process in reversed(self.processes):
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
