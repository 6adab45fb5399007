#!/bin/sh
# Puts the plugin and the profile of this archive into your own Wireshark folders, or takes them out again:
#
#   sh install.sh [--uninstall]
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
profile='TCP Phase'

# shellcheck source=cmake/profile.sh disable=SC1091
. "$here/profile.sh"

fail() {
    echo "install.sh: $*" >&2
    exit 1
}

# The folder that Wireshark itself names, as in: folder 'Personal Plugins'
folder() {
    env -u WIRESHARK_PLUGIN_DIR tshark -G folders 2>/dev/null | sed -n "s/^$1:[[:space:]]*//p"
}

[ $# -eq 0 ] || [ "$*" = --uninstall ] || fail "usage: sh install.sh [--uninstall]"
[ "$(id -u)" != 0 ] || fail "not as root: Wireshark reads no plugins from root's folders"
command -v tshark >/dev/null || fail "tshark is missing, which knows the folders (Debian: tshark)"
wanted=$(cat "$here/wireshark-version")
found=$(basename "$(folder 'Global Plugins')")
# By the archive's version: after an upgrade of Wireshark it is still found there.
plugin_folder=$(dirname "$(folder 'Personal Plugins')")/$wanted/epan
plugin_target=$plugin_folder/tcpphase.so
profile_target="$(folder 'Personal configuration')/profiles/$profile"

take_plugin() {
    [ -e "$plugin_target" ] || return 0
    # Beside it there may be what run.sh of the sources has installed.
    rm -f "$plugin_target" "$plugin_folder/libtcpphase.so.0"
    rmdir "$plugin_folder" "${plugin_folder%/epan}" 2>/dev/null || :
    echo "  plugin   $plugin_target"
}

if [ $# = 1 ]; then
    lines=$(take_plugin && take_profile "$profile_target" "$here/profile.versions")
    say_taken "your own" "$lines"
    exit
fi
[ "$wanted" = "$found" ] || fail "this archive is for Wireshark $wanted, and yours is $found"
mkdir -p "$plugin_folder"
# To a new name first: a running Wireshark keeps the file that it has open.
cp "$here/tcpphase.so" "$plugin_target.new"
mv "$plugin_target.new" "$plugin_target"
tshark -G plugins 2>/dev/null | grep -q '^tcpphase\.so' || fail "Wireshark does not load the plugin: tshark -G plugins says why"
echo "Installed into your own folders:"
echo "  plugin   $plugin_target"
put_profile "$here/profile" "$profile_target" "$here/profile.versions"
