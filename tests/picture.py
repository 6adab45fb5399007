#!/usr/bin/env python3
"""Takes a picture of a real Wireshark window with the profile "TCP Phase", on a display of its own.

usage: picture.py [--size WxH] [--list HEIGHT] [--do ACTION]... OUT.png [CAPTURE [WIRESHARK-ARGUMENT...]]

An ACTION is what is done once the capture shows: KEY (xdotool's names, with several between spaces), type:TEXT,
click:X,Y, or window:TITLE, which waits for that window and gives it the whole picture. It needs the build in build/.
The counts are the last entry of the menu Statistics: --do 'alt+s Up Return' --do 'window:TCP Phase'."""
import argparse
import os
import re
import shutil
import time

from window import Window, wait_for
from wireshark import Wireshark

HERE = os.path.dirname(os.path.abspath(__file__))
BUILD = os.path.join(HERE, '..', 'build')
PROFILE = 'TCP Phase'


def act(window, action, size):
    """One action, and time to draw."""
    kind, _, value = action.partition(':')
    if kind == 'type':
        window.tell('type', '--delay', '50', value)
    elif kind == 'click':
        window.tell('mousemove', *value.split(','), 'click', '1')
    elif kind == 'window':
        shown = wait_for('a window with the title %s' % value, lambda: window.find(value))
        window.tell('windowmove', shown, '0', '0', 'windowsize', shown, *map(str, size), 'windowfocus', shown)
    else:
        window.keys(*action.split())
    time.sleep(1)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--size', default='1280x800')
    parser.add_argument('--list', default='340', help='height of the packet list')
    parser.add_argument('--do', action='append', default=[], metavar='ACTION')
    parser.add_argument('--build', default=BUILD)
    parser.add_argument('picture')
    parser.add_argument('capture', nargs='?', default=os.path.join(HERE, 'captures', 'story.pcapng'))
    options, more = parser.parse_known_args()
    size = tuple(int(part) for part in options.size.split('x'))
    with Wireshark(os.path.join(options.build, 'plugins')) as wireshark:
        config = os.path.join(wireshark.folder, 'config')
        shutil.copytree(os.path.join(options.build, 'config'), config, dirs_exist_ok=True)
        recent = os.path.join(config, 'wireshark', 'profiles', PROFILE, 'recent')
        with open(recent, 'a', encoding='utf-8') as file:
            file.write('gui.geometry_main_upper_pane: %s\n' % options.list)
        # Under its own name, which is in the picture.
        capture = os.path.join(wireshark.folder, os.path.basename(options.capture))
        shutil.copyfile(options.capture, capture)
        with Window(wireshark, ['-C', PROFILE, '-r', capture] + more,
                    '^%s$' % re.escape(os.path.basename(capture)), size) as window:
            time.sleep(2)
            window.tell('windowfocus', '--sync', window.main)
            for action in options.do:
                act(window, action, size)
            # The pointer is not to be in the way.
            window.tell('mousemove', *map(str, size))
            time.sleep(1)
            png = window.screen().png()
    with open(options.picture, 'wb') as file:
        file.write(png)


if __name__ == '__main__':
    main()
