#!/bin/sh
# Runs every test, or the parts that are named. What is missing is installed first, where apt can.
#
#   sh tests/run.sh [NAME...]       sh tests/run.sh --list prints the names
#
# A part that fails does not keep the others from running; those that failed are named at the end.
set -eu

root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
cd "$root"
# shellcheck source=cmake/deps.sh disable=SC1091
. cmake/deps.sh

fail() {
    echo "run.sh: $*" >&2
    exit 1
}

# The parts: what each is about, and how it is run.
parts='classifier scripts interface rules commands labels inferred fields statistics rows faults exports readme manual modes
    window identity damaged'
about() {
    case $1 in
    classifier) echo "the classifier's own tests" ;;
    scripts) echo "the rules, as scripts of segments" ;;
    interface) echo "the C interface" ;;
    rules) echo "the rules, the contract and the guide, and what cites them" ;;
    commands) echo "the commands, and a profile that has been changed" ;;
    labels) echo "the labels of the project's captures" ;;
    inferred) echo "what is inferred about TLS without keys" ;;
    fields) echo "every field and note, in one pass and in two" ;;
    statistics) echo "the statistics" ;;
    rows) echo "connections as rows for programs" ;;
    faults) echo "a library that fails, a second copy of the plugin" ;;
    exports) echo "the exports" ;;
    readme) echo "the answers and examples of README, the profile" ;;
    manual) echo "the manual page" ;;
    modes) echo "the same labels in every mode of tshark and sharkd" ;;
    window) echo "the same labels and tables in Wireshark's window" ;;
    identity) echo "nothing else changes" ;;
    damaged) echo "damaged captures" ;;
    *) return 1 ;;
    esac
}
# shellcheck disable=SC2086 # flags are words
run_part() {
    case $1 in
    classifier) cd "$sources" && cargo test --quiet $CARGO_FLAGS --package tcpphase ;;
    scripts) cd "$sources" && cargo test --quiet $CARGO_FLAGS --manifest-path tests/Cargo.toml ;;
    interface) cd "$sources" && sh "$sources/tests/abi.sh" ;;
    commands) sh tests/commands.sh ;;
    rules) python3 tests/rules.py ;;
    modes) python3 tests/modes/modes.py build/plugins build/config passes growing ;;
    window) python3 tests/modes/modes.py build/plugins build/config session table ;;
    identity | damaged) python3 "tests/modes/$1.py" build/plugins tests/captures --jobs 2 ;;
    *) python3 "tests/$1.py" build/plugins ;;
    esac
}

# What the tests need beside what building needs.
missing_for_tests() {
    missing_packages
    command -v python3 >/dev/null || echo python3
    python3 -c 'import jsonschema' 2>/dev/null || echo python3-jsonschema
    command -v valgrind >/dev/null || echo valgrind
    command -v cbindgen >/dev/null || echo cbindgen
    command -v c++ >/dev/null || echo g++
    for tool in mergecap editcap capinfos sharkd randpkt; do
        command -v "$tool" >/dev/null || { echo wireshark-common; break; }
    done
    # A window to look at.
    command -v wireshark >/dev/null || echo wireshark
    command -v Xvfb >/dev/null || echo xvfb
    command -v xdotool >/dev/null || echo xdotool
}

# Where the distribution's crates are used, those of others that the tests ask come from there too.
missing_crates() {
    for crate in httparse tls-parser; do
        set -- /usr/share/cargo/registry/"$crate"-[0-9]*
        [ -d "$1" ] || echo "librust-$crate-dev"
    done
}

# Installs what a function names, and asks it again.
install_missing() {
    missing=$("$1")
    if [ -n "$missing" ]; then
        # shellcheck disable=SC2086 # one argument for each package
        install_packages $missing || exit 1
        missing=$("$1" | tr '\n' ' ')
        [ -z "$missing" ] || fail "still missing after the installation: $missing"
    fi
}

# cpu FILE: the children's seconds, as "times" has written them. Only this shell knows them: a subshell begins at 0.
cpu() {
    awk 'NR == 2 { gsub(/[ms]/, " "); printf "%.0f", $1 * 60 + $2 + $3 * 60 + $4 }' "$1"
}

case ${1-} in
--list)
    for part in $parts; do
        printf '%-12s%s\n' "$part" "$(about "$part")"
    done
    exit
    ;;
esac
for part; do
    about "$part" >/dev/null || fail "there is no part $part: sh tests/run.sh --list"
done
chosen=${*:-$parts}

install_missing missing_for_tests
sh cmake/run.sh --build
# With a distribution's crates cargo works beside links to the sources, where its configuration is.
sources=$root
CARGO_FLAGS=
if [ -f build/rust/.cargo/config.toml ]; then
    install_missing missing_crates
    sources=$root/build/rust
    CARGO_FLAGS=--offline
    rm -rf "$sources/tests"
    mkdir "$sources/tests"
    ln -s "$root"/tests/* "$sources/tests"
    # The distribution's versions are not those of the lock.
    rm -f "$sources/tests/Cargo.lock"
fi
CARGO_TARGET_DIR=$root/build/cargo
export CARGO_TARGET_DIR CARGO_FLAGS

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
failed=
count=0
start=$(date +%s)
for part in $chosen; do
    echo "== $part: $(about "$part")"
    times >"$work/before"
    begin=$(date +%s)
    # Not as a condition: then -e would not hold in it.
    set +e
    (
        set -e
        run_part "$part"
    )
    status=$?
    set -e
    times >"$work/after"
    outcome=passed
    if [ "$status" != 0 ]; then
        outcome=FAILED
        failed="$failed $part"
    fi
    count=$((count + 1))
    echo "-- $part $outcome: $(($(cpu "$work/after") - $(cpu "$work/before"))) s of CPU in $(($(date +%s) - begin)) s"
done
if [ -n "$failed" ]; then
    echo "Failed:$failed. To repeat: sh tests/run.sh$failed" >&2
    exit 1
fi
case $# in
0) echo "All tests passed: $count parts, $(cpu "$work/after") s of CPU in $(($(date +%s) - start)) s." ;;
*) echo "Passed: $*" ;;
esac
