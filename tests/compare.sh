#!/bin/sh
# Compares what two builds say about captures and scripts: every verdict, label, note and summary.
#   sh tests/compare.sh COMMIT [PATH...]    the working tree beside a commit, over PATHs
# Without PATH: the project's captures and scripts, and ../shared where it is. Exit status 0 says that nothing differs.
set -eu

root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
[ $# -ge 1 ] || {
    echo "usage: sh tests/compare.sh COMMIT [PATH...]" >&2
    exit 2
}
commit=$(git -C "$root" rev-parse --verify --quiet "$1^{commit}") || {
    echo "compare.sh: no such commit: $1" >&2
    exit 2
}
shift
if [ $# -eq 0 ]; then
    set -- "$root/tests/captures" "$root/tests/scripts"
    for folder in corpus truth cases; do
        [ ! -d "$root/../shared/$folder" ] || set -- "$@" "$root/../shared/$folder"
    done
fi

work=$root/build/compare
before=$work/$commit
if [ ! -d "$before" ]; then
    mkdir -p "$before.new"
    git -C "$root" archive "$commit" | tar -x -C "$before.new"
    mv "$before.new" "$before"
fi
if [ ! -e "$before/tests/examples/dump.rs" ]; then
    # From before this comparison was made: as it was first.
    first=$(git -C "$root" log --diff-filter=A --format=%H -- tests/examples/dump.rs | tail -n 1)
    rm -rf "$before/tests/src"
    git -C "$root" archive "$first" tests/src tests/examples | tar -x -C "$before"
fi

# dump SOURCES FILE PATH...
dump() {
    sources=$1
    file=$2
    shift 2
    CARGO_TARGET_DIR=$work/target cargo build --quiet --release --manifest-path "$sources/tests/Cargo.toml" --example dump
    "$work/target/release/examples/dump" "$@" >"$file"
}
dump "$before" "$work/before.txt" "$@"
dump "$root" "$work/after.txt" "$@"
python3 "$root/tests/compare.py" "$work/before.txt" "$work/after.txt"
