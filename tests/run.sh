#!/bin/sh
# Runs every test. What is missing is installed first, where apt can.
set -eu

root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
cd "$root"
# shellcheck source=cmake/deps.sh disable=SC1091
. cmake/deps.sh

fail() {
    echo "run.sh: $*" >&2
    exit 1
}

# What the tests need beside what building needs.
missing_for_tests() {
    missing_packages
    command -v python3 >/dev/null || echo python3
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

echo "== the classifier's own tests"
(cd "$sources" && cargo test --quiet $CARGO_FLAGS --package tcpphase)
echo "== the rules, as scripts of segments"
(cd "$sources" && cargo test --quiet $CARGO_FLAGS --manifest-path tests/Cargo.toml)
echo "== the C interface"
(cd "$sources" && sh "$sources/tests/abi.sh")
echo "== the labels of the project's captures"
python3 tests/labels.py build/plugins
echo "== what is inferred about TLS without keys"
python3 tests/inferred.py build/plugins
echo "== every field and note, in one pass and in two"
python3 tests/fields.py build/plugins
echo "== the statistics"
python3 tests/statistics.py build/plugins
echo "== a library that fails, a second copy of the plugin"
python3 tests/faults.py build/plugins
echo "== the exports"
python3 tests/exports.py build/plugins
echo "== the answers and examples of README, the profile, the manual page"
python3 tests/readme.py build/plugins
python3 tests/manual.py build/plugins
echo "== the same labels in every mode of tshark, sharkd and Wireshark"
python3 tests/modes/modes.py build/plugins build/config
echo "== nothing else changes"
python3 tests/modes/identity.py build/plugins tests/captures --jobs 2
echo "== damaged captures"
python3 tests/modes/damaged.py build/plugins tests/captures --jobs 2
echo "All tests passed."
