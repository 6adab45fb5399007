#!/bin/sh
# Fuzzes each target for a while and prints what came of it: executions, edges covered, seconds, findings.
#
#   sh tests/fuzz/run.sh [--replay] [SECONDS [TARGET...]]    default: 600 seconds of every target
#
# What is found stays in build/fuzz/TARGET/findings; the corpus beside it is used by the next run. --replay tries the
# corpus as it is, without changing anything. A C++ compiler is needed; the Rust compiler may be a stable one. With one that
# knows sanitizers (nightly, or told by RUSTC_BOOTSTRAP=1 to behave so) the target "abi" has AddressSanitizer.
set -eu

root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
build=$root/build/fuzz
: "${CARGO:=cargo}" "${TOOLCHAIN:=}"

fail() {
    echo "tests/fuzz/run.sh: $*" >&2
    exit 1
}

replay=
if [ "${1-}" = --replay ]; then
    replay=yes
    shift
fi
seconds=${1-600}
[ $# -eq 0 ] || shift
[ $# -gt 0 ] || set -- classifier streams repeated parsers abi
command -v c++ >/dev/null || fail "c++ is missing"
mkdir -p "$build"

cargo() {
    command "$CARGO" ${TOOLCHAIN:+"+$TOOLCHAIN"} "$@"
}

host=$(rustc ${TOOLCHAIN:+"+$TOOLCHAIN"} -vV | sed -n 's/^host: //p')
# What cargo-fuzz asks of the compiler.
coverage="--cfg fuzzing -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table
    -Cllvm-args=-sanitizer-coverage-trace-compares -Ccodegen-units=1 -Cforce-frame-pointers"

# compile TARGET FLAGS FOLDER: prints the program.
compile() {
    RUSTFLAGS="$coverage $2" cargo build --quiet --release --manifest-path "$root/tests/fuzz/Cargo.toml" \
        --target "$host" --target-dir "$build/$3" --bin "$1" >&2 || return 1
    echo "$build/$3/$host/release/$1"
}

# program TARGET
program() {
    if [ "$1" = abi ]; then
        sanitized=$(RUSTC_BOOTSTRAP=1 compile "$1" -Zsanitizer=address sanitized 2>"$build/sanitizer.log") &&
            nm "$sanitized" | grep -q __asan_init && echo "$sanitized" && return
        echo "tests/fuzz/run.sh: this compiler has no AddressSanitizer" >&2
    fi
    compile "$1" "" plain
}

# number PATTERN LOG: the last one.
number() {
    sed -n "s/.*$1 *\([0-9][0-9]*\).*/\1/p" "$2" | tail -n 1
}

status=0
printf '%-12s %12s %8s %8s %9s\n' target executions edges seconds findings
for target; do
    cargo run --quiet --release --manifest-path "$root/tests/Cargo.toml" --target-dir "$build/seeds" --example seeds -- \
        "$target" "$build/$target/seeds" "$build/words"
    program=$(program "$target") || fail "$target does not build"
    mkdir -p "$build/$target/corpus" "$build/$target/findings"
    found=$root/tests/fuzz/found/$target
    [ -d "$found" ] || found=
    if [ -n "$replay" ]; then
        set_of="-runs=0"
    else
        set_of="-max_total_time=$seconds"
    fi
    log=$build/$target/log
    begin=$(date +%s)
    # shellcheck disable=SC2086 # none or one word
    "$program" "$build/$target/corpus" "$build/$target/seeds" $found "$set_of" -artifact_prefix="$build/$target/findings/" \
        -dict="$build/words" -max_len=16384 -timeout=60 -rss_limit_mb=4096 -print_final_stats=1 -verbosity=1 \
        >"$log" 2>&1 || status=1
    findings=$(find "$build/$target/findings" -type f | wc -l)
    printf '%-12s %12s %8s %8s %9s\n' "$target" "$(number number_of_executed_units: "$log")" "$(number cov: "$log")" \
        "$(($(date +%s) - begin))" "$findings"
    if [ "$findings" -gt 0 ]; then
        status=1
        grep -m 3 -E 'panicked|ERROR|^[A-Za-z].*(change|more than|longer than|left|right)' "$log" >&2 || true
    fi
done
exit "$status"
