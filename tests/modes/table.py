"""The table of connections in Wireshark's window has the rows that tshark prints, also those that it has before the file
has been read again."""
import re
import time

from growing import fifo
from window import AGAIN, PATIENCE, TooLate, Window, wait_for

TITLE = 'TCP Phase Connections'
# Statistics: the twelfth entry.
MENU = ['alt+s'] + ['Down'] * 11 + ['Return']
SOME = 4096
FILTER = 'tcp.flags.syn == 1'


def rows(lines):
    """Rows without the space between their columns, which only tshark marks."""
    return sorted(' '.join(line.replace('|', ' ').split()) for line in lines)


def printed(lab, statistic='tcpphase,connections', arguments=()):
    """The rows that tshark prints."""
    result = lab.wireshark.tshark(['-n', '-r', lab.capture, '-q', '-z', statistic] + list(arguments))
    return rows([line for line in result.stdout.decode().splitlines() if '|' in line][1:])


def octets_read(window):
    """How many octets Wireshark has read so far, of whatever."""
    with open('/proc/%d/io' % window.program.pid, encoding='ascii') as counts:
        return int(re.search(r'rchar: (\d+)', counts.read()).group(1))


def settle(window):
    """Waits until Wireshark has read its file. It always reads a little: who wakes it does so by a pipe."""
    before, now = -SOME, octets_read(window)
    while now - before >= SOME:
        time.sleep(1)
        before, now = now, octets_read(window)


def saved(window, display_filter):
    """The lines of the window, by its button "Save as"; None where the keys went elsewhere."""
    path = window.new_path('txt')
    settle(window)
    dialog = window.dialog(TITLE, *MENU)
    settle(window)
    if display_filter:
        window.keys('Tab', window=dialog)
        window.tell('type', '--delay', '20', display_filter)
        # Both are out of reach while the table is filled, so the button behind them has the keyboard then.
        window.keys('Return')
        settle(window)
        window.keys('Tab', 'space')
    else:
        window.keys('Tab', 'Tab', 'Tab', 'Tab', 'space', window=dialog)
    try:
        save = wait_for('Save Statistics As', lambda: window.find('Save Statistics As'), AGAIN)
        is_saved = window.save(save, path)
    except TooLate:
        is_saved = False
    window.leave(dialog, 'Escape')
    if not is_saved:
        return None
    with open(path, encoding='utf-8') as file:
        return file.read().splitlines()


def shown(window, display_filter, unlike):
    """The rows of the window. `unlike` are those that show as long as the filter has not been taken."""
    def told():
        lines = saved(window, display_filter)
        # Between a title of four lines and a line at the end.
        found = rows(lines[4:-1]) if lines else None
        return None if found == unlike else found
    return wait_for(TITLE, told, PATIENCE * 3)


def compare(lab, window, name, expected, display_filter='', unlike=None):
    """The table, as expected."""
    lab.check('window, the table %s' % name, expected, shown(window, display_filter, unlike))


def table(lab):
    """All of it."""
    everything, some = printed(lab), printed(lab, 'tcpphase,connections,' + FILTER)
    lab.check('the table and its filter', True, len(everything) > len(some) > 10)
    profile = ['-C', 'TCP Phase', '-n']
    title = r'^all\.pcap$'
    with Window(lab.wireshark, profile + ['-r', lab.capture], title) as window:
        compare(lab, window, 'as opened', everything)
        compare(lab, window, 'with a filter', some, FILTER, everything)
        compare(lab, window, 'without the filter', everything)
        window.keys('ctrl+r', window=window.main)
        wait_for('the file', lambda: window.find(title))
        compare(lab, window, 'of the file read again', everything)
    with Window(lab.wireshark, profile + ['-k', '-i', fifo(lab, 'table')], 'Capturing from') as window:
        wait_for('the end of the capture', lambda: not window.find('Capturing from'))
        compare(lab, window, 'of a capture', everything)
    read = ['-R', 'tcp.port == 443']
    with Window(lab.wireshark, profile + ['-r', lab.capture] + read, title) as window:
        compare(lab, window, 'with a read filter', printed(lab, arguments=['-2'] + read))
