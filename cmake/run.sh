#!/bin/sh
# Builds TCP Phase and shows a capture with it, or puts it into Wireshark's folders.
set -eu

root=$(cd "$(dirname "$0")/.." && pwd)
build=$root/build
profile='TCP Phase'
nobody=65534

# shellcheck source=cmake/deps.sh disable=SC1091
. "$root/cmake/deps.sh"

usage() {
    cat <<'END'
Usage: sh cmake/run.sh [CAPTURE]          prints CAPTURE (default: the bundled sample), a line for each frame
       sh cmake/run.sh --gui [CAPTURE]    opens it in Wireshark
       sh cmake/run.sh --build            builds, and prints nothing
       sh cmake/run.sh --install          puts plugin and profile into your own Wireshark folders
       sh cmake/run.sh --install --system puts them into the machine's (as root always)
       sh cmake/run.sh --uninstall [--system]
What is missing is installed with apt, as root or with sudo. The build goes into build/.
END
}

fail() {
    echo "run.sh: $*" >&2
    exit 1
}

is_root() {
    [ "$(id -u)" = 0 ]
}

# need [gui]: installs what is missing.
need() {
    missing=$(missing_packages "$@")
    [ -z "$missing" ] && return
    # shellcheck disable=SC2086 # one argument for each package
    install_packages $missing || exit 1
    missing=$(missing_packages "$@" | tr '\n' ' ')
    [ -z "$missing" ] || fail "still missing after the installation: $missing"
}

build() {
    mkdir -p "$build" 2>/dev/null || fail "cannot make $build"
    [ -w "$build" ] || fail "cannot write to $build"
    log=$build/log
    # Two at once would be in each other's way.
    exec 9>"$build/lock"
    flock 9
    # A cache from before the checkout was moved cannot be used.
    if [ -f "$build/CMakeCache.txt" ] && ! grep -qxF "CMAKE_HOME_DIRECTORY:INTERNAL=$root/cmake" "$build/CMakeCache.txt"; then
        rm -rf "$build/CMakeCache.txt" "$build/CMakeFiles"
    fi
    if ! { cmake -S "$root/cmake" -B "$build" -DCMAKE_BUILD_TYPE=Release && cmake --build "$build"; } >"$log" 2>&1; then
        cat "$log" >&2
        fail "the build failed"
    fi
    if is_root; then
        # Whoever owns the checkout can build again.
        chown -R "$(stat -c %u:%g "$root")" "$build"
    fi
    exec 9>&-
}

# The folder that Wireshark itself names, as in: folder 'Personal Plugins'
folder() {
    env -u WIRESHARK_PLUGIN_DIR tshark -G folders 2>/dev/null | sed -n "s/^$1:[[:space:]]*//p"
}

api_version() {
    basename "$(folder 'Global Plugins')"
}

check_built() {
    [ -f "$build/plugins/$(api_version)/epan/tcpphase.so" ] ||
        fail "Wireshark is $(api_version), and its development files are of another version"
}

# Sets where plugin, profile and capture are, and how to start a program there.
prepare() {
    plugins=$build/plugins
    config=$build/config
    as_user=
    if is_root; then
        # Wireshark as root reads no plugins but the system's: run it as somebody else, on copies.
        temporary=$(mktemp -d /tmp/tcpphase.XXXXXX)
        trap 'rm -rf "$temporary"' EXIT
        trap 'exit 129' HUP INT TERM
        mkdir -m 700 "$temporary/run"
        cp -RP "$plugins" "$config" "$temporary"
        cp "$capture" "$temporary/$(basename "$capture")"
        if [ -f "${XAUTHORITY:-${HOME-}/.Xauthority}" ]; then
            cp "${XAUTHORITY:-${HOME-}/.Xauthority}" "$temporary/xauthority"
        fi
        chown -R "$nobody:$nobody" "$temporary"
        chmod -R u+rwX "$temporary"
        plugins=$temporary/plugins
        config=$temporary/config
        capture=$temporary/$(basename "$capture")
        as_user="setpriv --reuid=$nobody --regid=$nobody --clear-groups env
            HOME=$temporary XDG_RUNTIME_DIR=$temporary/run XAUTHORITY=$temporary/xauthority"
    fi
}

# start PROGRAM ARGUMENTS...
start() {
    # shellcheck disable=SC2086 # words, without spaces of their own
    WIRESHARK_PLUGIN_DIR=$plugins XDG_CONFIG_HOME=$config $as_user "$@"
}

print_capture() {
    # tshark pads no custom columns, and its status has to survive the pipe.
    exec 4>&1
    status=$({
        { start tshark -C "$profile" -r "$capture" -T tabs 3>&- || echo "$?" >&3; } | awk -F '\t' '
            function row(number, time, stream, source, destination, protocol, phase, info) {
                printf "%5s %12s %6s %-15s %-15s %-8s %-31s %s\n",
                    number, time, stream, source, destination, protocol, phase, info
            }
            NR == 1 { row("No.", "Time", "Stream", "Source", "Destination", "Protocol", "Phase", "Info") }
            {
                gsub(/ *\t */, "\t")
                gsub(/\t→\t/, "\t")
                row($1 + 0, $2, $3, $4, $5, $6, $7, $8)
            }' >&4
    } 3>&1)
    return "${status:-0}"
}

# Sets plugin_target, profile_target and whose they are.
targets() {
    if is_root || [ "$system" = yes ]; then
        is_root || fail "--system needs root"
        plugin_target=$(folder 'Global Plugins')/epan
        profile_target="$(folder 'Global configuration')/profiles/$profile"
        whose="the machine's"
    else
        plugin_target=$(folder 'Personal Plugins')/epan
        profile_target="$(folder 'Personal configuration')/profiles/$profile"
        whose="your own"
    fi
}

install_files() {
    umask 022
    targets
    mkdir -p "$plugin_target" "$profile_target"
    # To a new name first: a running Wireshark keeps the file that it has open.
    for file in libtcpphase.so.0 tcpphase.so; do
        cp "$build/plugins/$(api_version)/epan/$file" "$plugin_target/$file.new"
        mv "$plugin_target/$file.new" "$plugin_target/$file"
    done
    cp "$root"/cmake/profile/* "$profile_target"
    echo "Installed into $whose folders:"
    echo "  plugin   $plugin_target/tcpphase.so, libtcpphase.so.0"
    echo "  profile  $profile_target (wireshark -C \"$profile\")"
}

# Also what an upgrade of Wireshark has left behind, in the folder of the version before.
uninstall_files() {
    targets
    found=no
    for epan in "${plugin_target%/*/epan}"/*/epan; do
        [ -e "$epan/tcpphase.so" ] || continue
        removed
        echo "  plugin   $epan/tcpphase.so, libtcpphase.so.0"
        rm -f "$epan/tcpphase.so" "$epan/libtcpphase.so.0"
        rmdir "$epan" "${epan%/epan}" 2>/dev/null || :
    done
    if [ -e "$profile_target" ]; then
        removed
        echo "  profile  $profile_target"
        rm -rf "$profile_target"
        rmdir "${profile_target%/*}" 2>/dev/null || :
    fi
    [ $found = yes ] || echo "Nothing of TCP Phase is in $whose folders."
}

removed() {
    [ $found = yes ] || echo "Removed from $whose folders:"
    found=yes
}

action=print
system=no
capture=
while [ $# -gt 0 ]; do
    case $1 in
    --gui) action=gui ;;
    --build) action=build ;;
    --install) action=install ;;
    --uninstall) action=uninstall ;;
    --system) system=yes ;;
    -h | --help) usage; exit ;;
    --) shift; break ;;
    -*) usage >&2; fail "there is no option $1" ;;
    *) break ;;
    esac
    shift
done
[ $# -le 1 ] || { usage >&2; fail "one capture at a time"; }
capture=${1:-$root/tests/captures/story.pcapng}

case $action in
print | gui)
    [ -e "$capture" ] || fail "there is no file $capture"
    if [ ! -f "$capture" ] || [ ! -r "$capture" ]; then
        fail "cannot read $capture"
    fi
    ;;
esac
case $action in
gui)
    [ -n "${DISPLAY-}${WAYLAND_DISPLAY-}" ] || fail "there is no display to open a window on"
    need gui
    ;;
uninstall) command -v tshark >/dev/null || fail "tshark is missing, which knows the folders" ;;
*) need ;;
esac
case $action in
uninstall) ;;
*) build ;;
esac
case $action in
print | gui | install) check_built ;;
esac
case $action in
print) prepare; print_capture ;;
gui) prepare; start wireshark -C "$profile" -r "$capture" ;;
install) install_files ;;
uninstall) uninstall_files ;;
esac
