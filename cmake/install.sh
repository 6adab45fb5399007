#!/bin/sh
# Puts the plugin and the profile of this archive into your own Wireshark folders, or takes them out again:
#
#   sh install.sh [--uninstall]
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
profile='TCP Phase'

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
command -v tshark >/dev/null || fail "tshark is missing, which knows the folders (it comes with Wireshark)"
wanted=$(cat "$here/wireshark-version")
found=$(basename "$(folder 'Global Plugins')")
# By the archive's version: after an upgrade of Wireshark it is still found there.
plugin_folder=$(dirname "$(folder 'Personal Plugins')")/$wanted/epan
plugin_target=$plugin_folder/tcpphase.so
profile_target="$(folder 'Personal configuration')/profiles/$profile"

if [ $# = 1 ]; then
    rm -f "$plugin_target"
    rm -rf "$profile_target"
    # What is empty may have been made by this script.
    rmdir "$plugin_folder" "${plugin_folder%/epan}" "${profile_target%/*}" 2>/dev/null || :
    echo "Removed:"
else
    [ "$wanted" = "$found" ] || fail "this archive is for Wireshark $wanted, and yours is $found"
    mkdir -p "$plugin_folder" "$profile_target"
    # To a new name first: a running Wireshark keeps the file that it has open.
    cp "$here/tcpphase.so" "$plugin_target.new"
    mv "$plugin_target.new" "$plugin_target"
    cp "$here"/profile/* "$profile_target"
    tshark -G plugins 2>/dev/null | grep -q '^tcpphase\.so' || fail "Wireshark does not load the plugin: tshark -G plugins says why"
    echo "Installed:"
fi
echo "  plugin   $plugin_target"
echo "  profile  $profile_target (wireshark -C \"$profile\")"
