#!/bin/sh
# The classifier's own tests with the oldest Rust and crates that are promised: those of Debian 12, Rust 1.63 and nom 7.1.
# Where the distribution's compiler is another one, that is said and nothing is tested.
set -eu

root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
cd "$root"
# shellcheck source=cmake/deps.sh disable=SC1091
. cmake/deps.sh

if [ ! -x /usr/bin/cargo ]; then
    install_packages rustc cargo
fi
case $(/usr/bin/rustc --version) in
    "rustc 1.63."*) ;;
    *)
        echo "oldest.sh: $(/usr/bin/rustc --version) is not the oldest: nothing to test here"
        exit 0
        ;;
esac

# The crates lie in a folder of their own: installed, every other build would use them too.
work=$root/build/oldest
mkdir -p "$work/.cargo" "$work/packages"
if [ ! -d "$work/usr/share/cargo/registry" ]; then
    crates='librust-nom-dev librust-memchr-dev librust-minimal-lexical-dev librust-libc-dev librust-once-cell-dev'
    # shellcheck disable=SC2086 # one argument for each package
    (cd "$work/packages" && { apt-get download -qq $crates || { apt-get update -qq && apt-get download -qq $crates; }; })
    for package in "$work"/packages/*.deb; do
        dpkg-deb -x "$package" "$work"
    done
fi
cat >"$work/.cargo/config.toml" <<CONFIG
[source.crates-io]
replace-with = "distribution"
[source.distribution]
directory = "$work/usr/share/cargo/registry"
CONFIG
for name in Cargo.toml dissector ffi; do
    ln -sfn "$root/$name" "$work/$name"
done
rm -f "$work/Cargo.lock"
cd "$work"
PATH=/usr/bin:$PATH RUSTC=/usr/bin/rustc CARGO_TARGET_DIR=$work/target /usr/bin/cargo test --offline --quiet --package tcpphase
PATH=/usr/bin:$PATH RUSTC=/usr/bin/rustc CARGO_TARGET_DIR=$work/target /usr/bin/cargo build --offline --quiet --workspace
set -- "$work"/usr/share/cargo/registry/nom-*
echo "tested with $(/usr/bin/rustc --version) and ${1##*/}"
