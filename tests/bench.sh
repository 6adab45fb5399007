#!/bin/sh
# Prints how many instructions the plugin adds to a plain `tshark -r` for each packet. Instructions are counted by
# callgrind, so the machine's load does not matter; seeds are fixed, so that three runs of the same build differ by less
# than 20 a packet.
#
#   sh tests/bench.sh [CAPTURE]     default: the project's own captures, merged
#   sh tests/bench.sh --segments    of a bare acknowledgement and of full-size segments with octets
set -eu

root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
nobody=65534

fail() {
    echo "bench.sh: $*" >&2
    exit 1
}

for tool in cc valgrind mergecap editcap capinfos; do
    command -v "$tool" >/dev/null || fail "$tool is missing"
done
sh "$root/cmake/run.sh" --build

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
cp -RL "$root/build/plugins" "$work/with"
cp -R "$work/with" "$work/without"
rm -f "$work"/without/*/epan/*tcpphase*
cc -O2 -shared -fPIC -o "$work/fixed_seeds.so" "$root/tests/fixed_seeds.c"
if [ "${1-}" = --segments ]; then
    : >"$work/capture"
elif [ $# -gt 0 ]; then
    cp "$1" "$work/capture"
else
    mergecap -w "$work/capture" "$root"/tests/captures/*.pcap*
fi
as_user=
if [ "$(id -u)" = 0 ]; then
    # Wireshark as root reads no plugins but the system's.
    chown -R "$nobody:$nobody" "$work"
    as_user="setpriv --reuid=$nobody --regid=$nobody --clear-groups"
fi

# instructions PLUGINS CAPTURE
instructions() {
    # shellcheck disable=SC2086 # words
    $as_user env HOME="$work" XDG_CONFIG_HOME="$work/config" WIRESHARK_PLUGIN_DIR="$work/$1" \
        LD_PRELOAD="$work/fixed_seeds.so" valgrind --tool=callgrind --callgrind-out-file="${profile-/dev/null}" tshark -n -r "$work/$2" 2>&1 >/dev/null |
        sed -n 's/.*Collected : //p'
}

# own SEGMENTS ACKNOWLEDGEMENTS: instructions of the plugin's own code for a capture of those
own() {
    python3 "$root/tests/bench_segments.py" "$kind" "$1" "$2" "$work/capture"
    profile=$work/profile instructions with capture >"$work/total"
    python3 "$root/tests/bench_objects.py" "$work/profile"
}

if [ "${1-}" = --segments ]; then
    echo "without what Wireshark takes to call the plugin, which is the same for all:"
    for kind in http tls; do
        few=$(own 4000 2000)
        acknowledged=$(own 4000 4000)
        many=$(own 8000 4000)
        echo "$kind: a bare acknowledgement     $(((acknowledged - few) / 2000))"
        echo "$kind: a full-size segment        $(((many - acknowledged) / 4000))"
    done
    exit
fi

# The start of tshark alone.
editcap "$work/capture" "$work/none" 1-4294967295
packets=$(capinfos -Mrc "$work/capture" | awk 'END { print $NF }')
plain=$(($(instructions without capture) - $(instructions without none)))
added=$(($(instructions with capture) - $(instructions with none) - plain))
echo "packets                         $packets"
echo "instructions a packet, without  $((plain / packets))"
echo "added by TCP Phase              $((added / packets)) ($((added * 1000 / plain / 10)).$((added * 1000 / plain % 10)) %)"
