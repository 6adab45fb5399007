#!/bin/sh
# What the commands say and do: run.sh about captures that are none, the columns that it prints, and what becomes of a
# profile that has been changed. It needs the build in build/. What an installation does is in packages.sh.
set -eu

root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
captures=$root/tests/captures
checks=0

fail() {
    echo "commands.sh: $*" >&2
    exit 1
}

# says STATUS TEXT ARGUMENT...: run.sh ends so, and a line of what it says on standard error is this text.
says() {
    status=$1 text=$2
    shift 2
    got=0
    (cd "$work" && sh "$root/cmake/run.sh" "$@") >"$work/out" 2>"$work/err" || got=$?
    [ "$got" = "$status" ] || fail "run.sh $* ends with $got, not $status: $(cat "$work/err")"
    [ -z "$text" ] || grep -qxF -e "$text" "$work/err" || fail "run.sh $* says '$(cat "$work/err")', not '$text'"
    checks=$((checks + 1))
}

check_captures() {
    mkdir "$work/folder"
    : >"$work/empty.pcap"
    head -c 24 "$captures/http_timeout.pcap" >"$work/header.pcap"
    tail -c +30 "$captures/story.pcapng" >"$work/no & capture.bin"
    cp "$captures/story.pcapng" "$work/-x.pcapng"
    says 1 "run.sh: there is no file none.pcap" none.pcap
    says 1 "run.sh: folder is a folder, not a capture" folder
    says 1 "run.sh: empty.pcap is empty" empty.pcap
    says 0 "run.sh: no packets are in header.pcap" header.pcap
    # tshark's words, about the file that was named and not about a copy of it.
    says 2 "tshark: The file \"no & capture.bin\" isn't a capture file in a format TShark understands." "no & capture.bin"
    says 0 "" -- -x.pcapng
    grep -q 'TCP handshake 3/3 ACK' "$work/out" || fail "-x.pcapng is not shown"
    says 1 "run.sh: one capture at a time" one two
    says 1 "run.sh: there is no option --none" --none
}

# Info begins at the same place in each line, whatever the label.
check_columns() {
    for name in story tls_sessions; do
        says 0 "" "$(echo "$captures/$name".pcap*)"
        place=$(awk 'NR == 1 { print index($0, "Info") }' "$work/out")
        LC_ALL=C awk -v place="$place" 'NR > 1 {
            gsub(/[\200-\277]/, "")
            if (substr($0, place - 1, 1) != " " || substr($0, place, 1) == " ") { print; bad = 1 }
        } END { exit bad }' "$work/out" >&2 || fail "Info begins elsewhere"
    done
}

# The functions with which run.sh and the archive's install.sh install and uninstall the profile.
check_profile() {
    # shellcheck source=cmake/profile.sh disable=SC1091
    . "$root/cmake/profile.sh"
    target="$work/home/profiles/TCP Phase"
    versions=$root/cmake/profile.versions
    put() { put_profile "$root/cmake/profile" "$target" "$versions"; }
    take() { say_taken "your own" "$(take_profile "$target" "$versions")"; }

    # As it came, it can be put again and taken away.
    put >/dev/null
    put | grep kept && fail "a profile as it came is taken for a changed one"
    [ "$(take)" = "$(printf 'Removed from your own folders:\n  profile  %s' "$target")" ] || fail "said otherwise: $(take)"
    [ ! -e "${target%/*}" ] || fail "something is left of the profile"
    [ "$(take)" = "Nothing of TCP Phase is in your own folders." ] || fail "removed what was not there: $(take)"

    # An older version is replaced, what has been changed stays.
    put >/dev/null
    echo 'gui.window_title: mine' >>"$target/preferences"
    echo mine >"$target/dfilters"
    cp "$target/preferences" "$work/changed"
    put | grep -qxF "  kept     $target/preferences, which has been changed; the new one is beside it as preferences.new" ||
        fail "it does not say that a changed file is kept"
    cmp -s "$target/preferences" "$work/changed" || fail "a changed file is overwritten"
    cmp -s "$target/preferences.new" "$root/cmake/profile/preferences" || fail "the new file is not beside it"
    take >"$work/said"
    for name in preferences dfilters; do
        grep -q "^  kept     $target/$name," "$work/said" || fail "it does not say that $name is kept: $(cat "$work/said")"
    done
    [ "$(ls "$target")" = "$(printf 'dfilters\npreferences')" ] || fail "left behind: $(ls "$target")"
    cmp -s "$target/preferences" "$work/changed" || fail "a changed file is removed"
    # Whoever goes back to the file as it came has no other beside it.
    cp "$root/cmake/profile/preferences" "$target/preferences"
    put >/dev/null
    [ ! -e "$target/preferences.new" ] || fail "a new file is beside the same file"
    checks=$((checks + 9))
}

check_captures
check_columns
check_profile
echo "commands: $checks as they should be"
