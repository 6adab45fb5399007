#!/bin/sh
# Takes a picture of a real Wireshark window with the profile "TCP Phase", without a display of its own (Xvfb).
#
#   sh tests/picture.sh OUT.png [CAPTURE [WIRESHARK-ARGUMENTS...]]
#
# KEYS: keys to press once the window shows (xdotool's names). SIZE: of the window, 1280x800 as a rule. LIST: height of
# the packet list in it, 340 as a rule. DIALOG: a title; the picture is of the window that has it, DIALOG_SIZE large.
set -eu

root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
nobody=65534

fail() {
    echo "picture.sh: $*" >&2
    exit 1
}

[ $# -ge 1 ] || fail "where should the picture go?"
for tool in wireshark xvfb-run xwininfo import; do
    command -v "$tool" >/dev/null || fail "$tool is missing (Debian: wireshark xvfb xauth x11-utils imagemagick)"
done
case $1 in /*) picture=$1 ;; *) picture=$PWD/$1 ;; esac
shift
capture=${1:-$root/tests/captures/story.pcapng}
[ $# -eq 0 ] || shift
size=${SIZE:-1280x800}
sh "$root/cmake/run.sh" --build

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
chmod 755 "$work"
cp -RL "$root/build/plugins" "$root/build/config" "$work"
cp "$capture" "$work/$(basename "$capture")"
mkdir -m 700 "$work/run"
cat >"$work/config/wireshark/recent_common" <<END
gui.geometry_main_x: 0
gui.geometry_main_y: 0
gui.geometry_main_width: ${size%x*}
gui.geometry_main_height: ${size#*x}
END
echo "gui.geometry_main_upper_pane: ${LIST:-340}" >>"$work/config/wireshark/profiles/TCP Phase/recent"
cat >"$work/take.sh" <<'END'
# take.sh NAME ARGUMENTS...: one picture of the window that shows the capture NAME
name=$1
shift
wireshark "$@" &
window=$!
tries=0
until xwininfo -root -tree | grep -qF "$name"; do
    tries=$((tries + 1))
    [ "$tries" -lt 100 ] || exit 1
    sleep 0.2
done
sleep 2
if [ -n "${KEYS-}" ]; then
    # Nobody else gives it the keyboard.
    xdotool windowfocus --sync "$(xdotool search --onlyvisible --name "$name" | tail -n 1)"
    # shellcheck disable=SC2086 # one argument for each key
    xdotool key --delay 300 $KEYS
    sleep 1
fi
shown=root
if [ -n "${DIALOG-}" ]; then
    shown=$(xdotool search --sync --onlyvisible --name "$DIALOG" | tail -n 1)
    # shellcheck disable=SC2046 # two numbers
    xdotool windowmove --sync "$shown" 0 0 windowsize "$shown" $(echo "$DIALOG_SIZE" | tr x ' ')
    sleep 2
fi
import -window "$shown" "$HOME/picture.png"
kill "$window"
END
as_user=
if [ "$(id -u)" = 0 ]; then
    chown -R "$nobody:$nobody" "$work"
    as_user="setpriv --reuid=$nobody --regid=$nobody --clear-groups"
fi
# shellcheck disable=SC2086 # words
$as_user env HOME="$work" XDG_CONFIG_HOME="$work/config" XDG_RUNTIME_DIR="$work/run" \
    WIRESHARK_PLUGIN_DIR="$work/plugins" QT_QPA_PLATFORM=xcb KEYS="${KEYS-}" \
    DIALOG="${DIALOG-}" DIALOG_SIZE="${DIALOG_SIZE-1200x500}" \
    xvfb-run -a -s "-screen 0 ${size}x24" \
    sh "$work/take.sh" "$(basename "$capture")" -C "TCP Phase" -r "$work/$(basename "$capture")" "$@" \
    >"$work/log" 2>&1 || { cat "$work/log" >&2; fail "no window"; }
cp "$work/picture.png" "$picture"
