#!/bin/sh
# The C interface as C sees it: the header is fresh, the libraries export its functions and nothing else, both
# sides lay the structs out alike, and tests/abi.c passes on its own, under valgrind and with sanitizers.
#
#   sh tests/abi.sh          everything
#   sh tests/abi.sh header   only: does ffi/include/tcpphase.h say what ffi/src says?
#
# CARGO_TARGET_DIR (build/cargo), CARGO, CARGO_FLAGS (such as --offline), CC, CXX, CBINDGEN may be set.
set -eu

root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
target=${CARGO_TARGET_DIR:-$root/build/cargo}
case $target in /*) ;; *) target=$PWD/$target ;; esac
: "${CARGO:=cargo}" "${CARGO_FLAGS:=}" "${CC:=cc}" "${CXX:=c++}" "${CBINDGEN:=cbindgen}"
header=$root/ffi/include/tcpphase.h

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
cd "$root"

fail() {
    echo "abi.sh: $*" >&2
    exit 1
}

# step WHAT COMMAND...: its output is shown only if it fails.
step() {
    what=$1
    shift
    "$@" >"$work/log" 2>&1 || {
        cat "$work/log" >&2
        fail "$what"
    }
}

need() {
    for tool; do
        command -v "$tool" >/dev/null || fail "$tool is missing"
    done
}

# One word a line: versions of cbindgen differ in spaces.
words() {
    tr -s '[:space:]' '\n' <"$1"
}

check_header() {
    need "$CBINDGEN"
    step "cbindgen cannot make the header" \
        env CARGO="$CARGO" "$CBINDGEN" --quiet --config ffi/cbindgen.toml --output "$work/fresh.h" ffi
    words "$work/fresh.h" >"$work/fresh.words"
    words "$header" >"$work/header.words"
    step "ffi/include/tcpphase.h is stale: run cbindgen --config ffi/cbindgen.toml --output ffi/include/tcpphase.h ffi" \
        diff "$work/header.words" "$work/fresh.words"
    # cbindgen takes the first line of a comment only.
    if grep -nE '^ *// .*[^.]$' "$header" >&2; then
        fail "a comment of the header stops in mid-sentence"
    fi
}

# cargo COMMAND [ARGUMENTS]
cargo() {
    subcommand=$1
    shift
    # shellcheck disable=SC2086 # flags are words
    command "$CARGO" "$subcommand" --manifest-path ffi/Cargo.toml $CARGO_FLAGS "$@"
}

# gather FROM TO: the libraries under the names that they are installed with.
gather() {
    mkdir "$2"
    cp "$1/libtcpphase_ffi.a" "$2/libtcpphase.a"
    cp "$1/libtcpphase_ffi.so" "$2/libtcpphase.so.0"
    ln -s libtcpphase.so.0 "$2/libtcpphase.so"
}

# Two sets of libraries: as shipped, and one that can panic, with all of Rust's own checks.
build_libraries() {
    step "the library does not build" cargo build --release --target-dir "$target"
    step "the library with test-panic does not build" \
        cargo build --features test-panic --target-dir "$target/test-panic"
    gather "$target/release" "$work/release"
    gather "$target/test-panic/debug" "$work/panic"
}

check_exports() {
    readelf -d "$work/release/libtcpphase.so.0" | grep -q 'SONAME.*\[libtcpphase\.so\.0\]' ||
        fail "the library's soname is not libtcpphase.so.0"
    "$CC" -E -P "$header" | grep -o 'tcpphase_[a-z_]*(' | tr -d '(' | sort >"$work/declared"
    nm -D --defined-only "$work/release/libtcpphase.so.0" | awk '{ print $NF }' | sort >"$work/exported"
    [ -s "$work/declared" ] || fail "no function found in the header"
    step "the library does not export exactly the header's functions" diff "$work/declared" "$work/exported"
}

check_cxx() {
    echo '#include <tcpphase.h>' >"$work/include.cpp"
    step "the header does not compile as C++" \
        "$CXX" -std=c++11 -Wall -Wextra -Wpedantic -Werror -fsyntax-only -I ffi/include "$work/include.cpp"
}

# compile PROGRAM LIBRARY-FOLDER shared|static [FLAGS]
compile() {
    program=$1 folder=$2 library=$3
    shift 3
    case $library in
    shared) set -- "$@" tests/abi.c -L "$folder" -ltcpphase -Wl,-rpath,"$folder" ;;
    static) set -- "$@" tests/abi.c "$folder/libtcpphase.a" -lgcc_s -lutil -lrt -lpthread -lm -ldl ;;
    esac
    step "abi.c does not compile: $program" "$CC" -std=c11 -Wall -Wextra -Wpedantic -Werror -g -O1 \
        -I ffi/include -o "$work/$program" "$@"
}

check_program() {
    for kind in release panic; do
        mode=
        [ "$kind" = release ] || mode=panic
        for link in shared static; do
            name=$kind-$link
            compile "$name" "$work/$kind" "$link"
            step "abi.c fails: $name" "$work/$name" "$mode"
            step "abi.c fails under valgrind: $name" \
                valgrind --quiet --leak-check=full --error-exitcode=1 "$work/$name" "$mode"
            compile "$name-sanitized" "$work/$kind" "$link" \
                -fsanitize=address,undefined -fno-sanitize-recover=all
            nm "$work/$name-sanitized" | grep -q __asan_init || fail "$name-sanitized lacks ASan"
            step "abi.c fails with sanitizers: $name" "$work/$name-sanitized" "$mode"
        done
    done
}

check_rust() {
    step "the tests of ffi fail" \
        cargo test --quiet --features test-panic --target-dir "$target/test-panic"
}

check_layout() {
    cargo test --quiet --features test-panic --target-dir "$target/test-panic" layout_tests -- --nocapture 2>&1 |
        grep -o 'layout tcpphase_.*' >"$work/layout.rust" || fail "the tests of ffi do not print the layout"
    step "abi_layout.c does not compile" "$CC" -std=c11 -Wall -Wextra -Wpedantic -Werror \
        -I ffi/include -o "$work/layout" tests/abi_layout.c
    "$work/layout" >"$work/layout.c"
    step "C (<) and Rust (>) lay the structs out differently" diff "$work/layout.c" "$work/layout.rust"
    # What was released stays where it is: programs are not compiled anew.
    if [ "$(getconf LONG_BIT)" = 64 ]; then
        step "a field is elsewhere (>) than in tests/abi_layout.txt (<)" diff tests/abi_layout.txt "$work/layout.c"
    fi
}

case ${1-} in
'')
    need "$CARGO" "$CC" "$CXX" "$CBINDGEN" valgrind nm readelf
    check_header
    build_libraries
    check_exports
    check_cxx
    check_program
    check_rust
    check_layout
    ;;
header)
    check_header
    ;;
*)
    fail "not known: $1"
    ;;
esac
echo "abi.sh: passed"
