#!/bin/sh
# Makes a release, and stops at the first thing that is not true of it.
#
#   sh cmake/release.sh set VERSION    writes the version where it has to stand, and begins the changelogs' entries
#   sh cmake/release.sh check          is what is committed fit to be released? (seconds)
#   sh cmake/release.sh                checks, runs every test and, as root, tests/packages.sh, makes the archive, sets
#                                      the tag; publishes nothing
#
# The version is X.Y.Z in ffi/Cargo.toml; all else reads it there. X.Y rises when fields, labels or the C interface
# get more, X when something that is there changes its meaning or goes. The soname follows TCPPHASE_ABI_VERSION alone.
set -eu

root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
cd "$root"

fail() {
    echo "release.sh: $*" >&2
    exit 1
}

# true_that WHAT COMMAND...
true_that() {
    what=$1
    shift
    "$@" || fail "not true: $what"
    echo "true: $what"
}

version() {
    sed -n 's/^version = "\(.*\)"/\1/p' ffi/Cargo.toml
}

locked_version() {
    sed -n '/^name = "tcpphase-ffi"$/{n;s/^version = "\(.*\)"/\1/p;}' Cargo.lock
}

debian() {
    sed -n "1s/^tcpphase (\\(.*\\)-[^-]*) unstable;.*/\\1/p" cmake/debian/changelog
}

# The section of the version at hand, without its heading.
changes() {
    sed -n '/^## /,$p' cmake/CHANGELOG.md | sed -n "1{/^## $(version | sed 's/\./\\./g')\$/!q;d;};/^## /q;p"
}

is_version() {
    echo "$1" | grep -qxE '(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)'
}

is_newer() {
    last=$(git tag --list 'v*' --sort=-version:refname | head -n 1 | sed 's/^v//')
    [ -z "$last" ] || { [ "$last" != "$1" ] && [ "$(printf '%s\n' "$last" "$1" | sort -V | tail -n 1)" = "$1" ]; }
}

soname_fits() {
    abi=$(sed -n 's/^#define TCPPHASE_ABI_VERSION //p' ffi/include/tcpphase.h)
    grep -qF "soname,libtcpphase.so.$((abi - 1))" ffi/build.rs
}

set_version() {
    is_version "$1" || fail "$1 is no version: X.Y.Z"
    true_that "$1 is newer than what was released" is_newer "$1"
    sed -i "s/^version = .*/version = \"$1\"/" ffi/Cargo.toml
    sed -i "/^name = \"tcpphase-ffi\"\$/{n;s/.*/version = \"$1\"/;}" Cargo.lock
    grep -qxF "## $1" cmake/CHANGELOG.md || sed -i "0,/^## /s/^## /## $1\n\n## /" cmake/CHANGELOG.md
    if [ "$(debian)" != "$1" ]; then
        maintainer=$(sed -n 's/^Maintainer: //p' cmake/debian/control)
        {
            printf 'tcpphase (%s-0upstream1) unstable; urgency=medium\n\n  * New release.\n\n' "$1"
            printf ' -- %s  %s\n\n' "$maintainer" "$(LC_ALL=C date -R)"
            cat cmake/debian/changelog
        } >cmake/debian/changelog.new
        mv cmake/debian/changelog.new cmake/debian/changelog
    fi
    echo "Now write what is new in cmake/CHANGELOG.md under \"## $1\", and commit."
}

check() {
    now=$(version)
    true_that "ffi/Cargo.toml has a version X.Y.Z" is_version "$now"
    true_that "$now is newer than what was released" is_newer "$now"
    true_that "Cargo.lock has the same version" [ "$(locked_version)" = "$now" ]
    true_that "cmake/CHANGELOG.md begins with what is new in $now" [ -n "$(changes | grep '[^[:space:]]')" ]
    true_that "cmake/debian/changelog begins with $now" [ "$(debian)" = "$now" ]
    true_that "the soname fits the version of the C interface" soname_fits
    true_that "everything is committed" [ -z "$(git status --porcelain)" ]
}

release() {
    check
    true_that "every test passes" sh tests/run.sh
    true_that "the lints find nothing" sh tests/lint.sh
    true_that "the packages of every Debian release serve" sh tests/packages.sh
    while read -r row; do
        true_that "README has the row $row" grep -qxF "$row" README.md
    done <build/packages-tested/table
    true_that "the archive can be made" sh cmake/package.sh source
    changes | git tag --annotate --cleanup=verbatim --file - "v$now"
    echo "Released as v$now. To publish: git push origin v$now, and this archive:"
    (cd build/packages && sha256sum "tcpphase-$now.tar.xz")
    if grep -rqF tcpphase.example cmake; then
        echo "Before: the project's address in cmake/ is still that of nobody (tcpphase.example)."
    fi
}

case ${1-release} in
set) [ $# = 2 ] || fail "which version?"; set_version "$2" ;;
check | release) "${1-release}" ;;
*) fail "not known: $1" ;;
esac
