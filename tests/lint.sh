#!/bin/sh
# Formats and lints: Rust, C, shell, Python, and the profile's filters. What is not installed is said and left out,
# except on a machine where apt can install it.
set -eu

root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
cd "$root"
# shellcheck source=cmake/deps.sh disable=SC1091
. cmake/deps.sh

command -v shellcheck >/dev/null || install_packages shellcheck
mkdir -p build
status=0

# check WHAT COMMAND...
check() {
    what=$1
    shift
    "$@" || {
        echo "lint.sh: $what" >&2
        status=1
    }
}

if cargo fmt --version >/dev/null 2>&1; then
    check "dissector/ is not formatted" cargo fmt --manifest-path dissector/Cargo.toml --check
    check "ffi/ is not formatted" cargo fmt --manifest-path ffi/Cargo.toml --check
    check "tests/ is not formatted" cargo fmt --manifest-path tests/Cargo.toml --check
else
    echo "lint.sh: without rustfmt the Rust sources' format is not checked"
fi
if cargo clippy --version >/dev/null 2>&1; then
    CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$root/build/cargo}
    export CARGO_TARGET_DIR
    check "clippy finds fault with dissector/ or ffi/" \
        cargo clippy --quiet --locked --workspace --all-targets -- --deny warnings
    check "clippy finds fault with tests/" \
        cargo clippy --quiet --manifest-path tests/Cargo.toml --all-targets -- --deny warnings
    RUSTDOCFLAGS='--deny warnings'
    export RUSTDOCFLAGS
    check "the documentation does not build" cargo doc --quiet --locked --workspace --no-deps
else
    echo "lint.sh: without clippy the Rust sources are not linted"
fi
# shellcheck disable=SC2046 # one argument for each file
check "shellcheck finds fault" shellcheck $(git ls-files '*.sh' .ci/run cmake/debian/tests | grep -v control)
# shellcheck disable=SC2046
check "a Python file does not compile" \
    env PYTHONPYCACHEPREFIX="$root/build/pycache" python3 -m py_compile $(git ls-files '*.py')
# What is not listed is taken for somebody's change when the next version is installed.
(cd cmake/profile && sha256sum ./*) | sed 's| \./| |' | grep -vxFf cmake/profile.versions >build/unlisted || :
check "these files of the profile have to be added to cmake/profile.versions, as they are now" diff build/unlisted /dev/null
# The symbols that Debian's package promises are the header's functions.
cc -E -P ffi/include/tcpphase.h | grep -o 'tcpphase_[a-z_]*(' | tr -d '(' | sort >build/declared
sed -n 's/^ \(.*\)@.*/\1/p' cmake/debian/libtcpphase0.symbols | sort >build/packaged
check "cmake/debian/libtcpphase0.symbols does not list the header's functions" diff build/declared build/packaged
exit "$status"
