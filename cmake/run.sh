#!/bin/sh
# Builds TCP Phase and shows a capture with it, or puts it into Wireshark's folders.
set -eu

root=$(cd "$(dirname "$0")/.." && pwd)
build=$root/build
profile='TCP Phase'
nobody=65534

# shellcheck source=cmake/deps.sh disable=SC1091
. "$root/cmake/deps.sh"
# shellcheck source=cmake/profile.sh disable=SC1091
. "$root/cmake/profile.sh"

usage() {
    cat <<'END'
Usage: sh cmake/run.sh [CAPTURE]          prints CAPTURE (default: the bundled sample), a line for each frame
       sh cmake/run.sh --gui [CAPTURE]    opens it in Wireshark
       sh cmake/run.sh --build            builds, and prints nothing
       sh cmake/run.sh --install          puts plugin and profile into your own Wireshark folders
       sh cmake/run.sh --install --system puts them into the machine's (as root always)
       sh cmake/run.sh --uninstall [--system]
What is missing is installed with apt, as root or with sudo. The build goes into build/. What has been changed in an
installed profile is kept.
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

compile() {
    cmake -S "$root/cmake" -B "$build" -DCMAKE_BUILD_TYPE=Release && cmake --build "$build"
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
    set -- "$build"/plugins/*/epan/tcpphase.so
    if [ ! -e "$1" ]; then
        echo "Building TCP Phase for the first time: a minute or two, and longer on a busy machine" >&2
    fi
    if ! logged "$log" compile; then
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
    copy=$capture
    as_user=
    home=
    temporary=$(mktemp -d /tmp/tcpphase.XXXXXX)
    trap 'rm -rf "$temporary"' EXIT
    trap 'exit 129' HUP INT TERM
    if is_root; then
        become_user
    else
        personal=$(folder 'Personal Plugins')
        [ ! -e "$personal/epan/tcpphase.so" ] || leave_out_own
    fi
}

# Wireshark as root reads no plugins but the system's: run it as somebody else, on copies.
become_user() {
    copy=$temporary/${capture##*/}
    mkdir -m 700 "$temporary/run"
    cp -RP "$plugins" "$config" "$temporary"
    cp -- "$capture" "$copy"
    if [ -f "${XAUTHORITY:-${HOME-}/.Xauthority}" ]; then
        cp "${XAUTHORITY:-${HOME-}/.Xauthority}" "$temporary/xauthority"
    fi
    chown -R "$nobody:$nobody" "$temporary"
    chmod -R u+rwX "$temporary"
    plugins=$temporary/plugins
    config=$temporary/config
    as_user="setpriv --reuid=$nobody --regid=$nobody --clear-groups env
        HOME=$temporary XDG_RUNTIME_DIR=$temporary/run XAUTHORITY=$temporary/xauthority"
}

# There is a plugin in the user's own folder, and Wireshark complains of what it finds twice: the same as here serves; for
# another one the folder is a copy without it.
leave_out_own() {
    here=$plugins/$(api_version)/epan
    if cmp -s "$here/tcpphase.so" "$personal/epan/tcpphase.so" &&
        cmp -s "$here/libtcpphase.so.0" "$personal/epan/libtcpphase.so.0"; then
        plugins=
        return
    fi
    home=$build/home
    rm -rf "$home/.local/lib/wireshark"
    mkdir -p "$home/.local/lib/wireshark"
    cp -Rs "${personal%/*}" "$home/.local/lib/wireshark"
    rm "$home/.local/lib/wireshark/plugins/${personal##*/}/epan/tcpphase.so"
}

# start PROGRAM ARGUMENTS...
start() {
    [ -z "$plugins" ] || set -- WIRESHARK_PLUGIN_DIR="$plugins" "$@"
    [ -z "$home" ] || set -- HOME="$home" XAUTHORITY="${XAUTHORITY:-$HOME/.Xauthority}" "$@"
    # shellcheck disable=SC2086 # words, without spaces of their own
    $as_user env -u WIRESHARK_PLUGIN_DIR XDG_CONFIG_HOME="$config" "$@"
}

# What tshark has said, of the capture and not of its copy.
print_errors() {
    COPY=$copy CAPTURE=$capture awk '{
        while ((place = index($0, ENVIRON["COPY"])) > 0) {
            printf "%s%s", substr($0, 1, place - 1), ENVIRON["CAPTURE"]
            $0 = substr($0, place + length(ENVIRON["COPY"]))
        }
        print
    }' "$temporary/errors" >&2
}

print_capture() {
    # tshark pads no custom columns, and its status has to survive the pipe. awk counts octets or characters: octets here.
    exec 4>&1
    status=$({
        { start tshark -C "$profile" -r "$copy" -T tabs 3>&- 2>"$temporary/errors" || echo "$?" >&3; } |
            EMPTY=$temporary/empty LC_ALL=C awk -F '\t' '
            function padded(text, width, rest) {
                rest = text
                return sprintf("%-" width + gsub(/[\200-\277]/, "", rest) "s", text)
            }
            function row(number, time, stream, source, destination, protocol, phase, info) {
                printf "%5s %12s %6s %-15s %-15s %-8s %s %s\n",
                    number, time, stream, source, destination, protocol, padded(phase, 43), info
            }
            function head() { row("No.", "Time", "Stream", "Source", "Destination", "Protocol", "Phase", "Info") }
            NR == 1 { head() }
            {
                gsub(/ *\t */, "\t")
                gsub(/\t→\t/, "\t")
                row($1 + 0, $2, $3, $4, $5, $6, $7, $8)
            }
            END { if (NR == 0) printf "" >ENVIRON["EMPTY"] }' >&4
    } 3>&1)
    print_errors
    if [ -z "$status" ] && [ -e "$temporary/empty" ]; then
        echo "run.sh: no packets are in $capture" >&2
    fi
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
    mkdir -p "$plugin_target"
    # To a new name first: a running Wireshark keeps the file that it has open.
    for file in libtcpphase.so.0 tcpphase.so; do
        cp "$build/plugins/$(api_version)/epan/$file" "$plugin_target/$file.new"
        mv "$plugin_target/$file.new" "$plugin_target/$file"
    done
    echo "Installed into $whose folders:"
    echo "  plugin   $plugin_target/tcpphase.so, libtcpphase.so.0"
    put_profile "$root/cmake/profile" "$profile_target" "$root/cmake/profile.versions"
}

# Also what an upgrade of Wireshark has left behind, in the folder of the version before.
take_plugins() {
    for epan in "${plugin_target%/*/epan}"/*/epan; do
        [ -e "$epan/tcpphase.so" ] || continue
        rm -f "$epan/tcpphase.so" "$epan/libtcpphase.so.0"
        echo "  plugin   $epan/tcpphase.so, libtcpphase.so.0"
        rmdir "$epan" "${epan%/epan}" 2>/dev/null || :
    done
}

uninstall_files() {
    targets
    lines=$(take_plugins && take_profile "$profile_target" "$root/cmake/profile.versions")
    say_taken "$whose" "$lines"
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
    [ ! -d "$capture" ] || fail "$capture is a folder, not a capture"
    [ -f "$capture" ] || fail "$capture is no regular file"
    [ -r "$capture" ] || fail "$capture may not be read by this user"
    [ -s "$capture" ] || fail "$capture is empty"
    case $capture in -*) capture=./$capture ;; esac
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
gui) prepare; start wireshark -C "$profile" -r "$copy" ;;
install) install_files ;;
uninstall) uninstall_files ;;
esac
