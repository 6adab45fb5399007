#!/bin/sh
# Makes packages of TCP Phase in build/packages/.
set -eu

root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
out=${OUT:-$root/build/packages}

# shellcheck source=cmake/deps.sh disable=SC1091
. "$root/cmake/deps.sh"

usage() {
    cat <<'END'
Usage: sh cmake/package.sh source    the sources as an archive
       sh cmake/package.sh dsc       Debian's source package
       sh cmake/package.sh deb       Debian's packages, for the release it runs on
       sh cmake/package.sh rpm       RPM packages
       sh cmake/package.sh arch      packages for Arch
       sh cmake/package.sh tar       plugin and profile with a script that installs them, for people without packages
What is missing is installed with apt, as root or with sudo. OUT (build/packages) is where they go.
END
}

fail() {
    echo "package.sh: $*" >&2
    exit 1
}

# step WHAT COMMAND...: its output is shown only if it fails, and what of it is the cause once more at its end.
step() {
    what=$1
    shift
    logged "$work/log" "$@" || {
        cat "$work/log" >&2
        cause=$(grep -E -m 1 -e "$causes" "$work/log" | sed 's/^[[:space:]]*//') || :
        fail "$what${cause:+: $cause}"
    }
}

# What the first line looks like that says why something failed.
causes='(^|[^[:alnum:]_-])([Ee]rror|fatal|FAILED|panicked)[:[ ]|not (found|loaded)|No such file|cannot|[Cc]ould not|[Uu]nmet|is missing'

# need PROGRAM PACKAGE ...: installs the packages whose programs are missing.
need() {
    packages=
    while [ $# -gt 0 ]; do
        command -v "$1" >/dev/null || packages="$packages $2"
        shift 2
    done
    install_all "$packages"
}

# install_all PACKAGES, in one argument
install_all() {
    # shellcheck disable=SC2086 # one argument for each package
    [ -z "$1" ] || install_packages $1 || exit 1
}

# Whether git can tell what belongs to the sources.
has_checkout() {
    [ -e "$root/.git" ] && command -v git >/dev/null
}

# git, also for root in somebody else's checkout.
checkout() {
    git -c safe.directory="$root" -C "$root" "$@"
}

# The sources without what a build or an editor left: what git knows or, in an unpacked archive, everything but build/.
sources() {
    if has_checkout; then
        checkout ls-files
    else
        (cd "$root" && find . -path ./build -prune -o -path ./debian -prune -o -path ./.git -prune -o -name target -prune \
            -o -name __pycache__ -prune -o -type f -print |
            sed 's|^\./||' | LC_ALL=C sort)
    fi
}

# The same sources make the same archive.
make_source() {
    archive=$out/tcpphase-$version.tar.xz
    sources >"$work/list" || fail "the sources cannot be listed"
    step "the sources cannot be packed" tar -C "$root" --create --file "$work/source.tar" --files-from "$work/list" \
        --sort=name --mtime="@$SOURCE_DATE_EPOCH" --owner=0 --group=0 --numeric-owner --mode='u=rwX,go=rX' \
        --transform="s|^|tcpphase-$version/|S"
    xz -T1 -6 "$work/source.tar"
    mv "$work/source.tar.xz" "$archive"
}

make_dsc() {
    need dpkg-source dpkg-dev
    make_source
    cp "$archive" "$work/tcpphase_$version.orig.tar.xz"
    tar -C "$work" -xf "$archive"
    cp -R "$root/cmake/debian" "$work/tcpphase-$version/debian"
    [ "$(dpkg-parsechangelog -l "$root/cmake/debian/changelog" -S Version | sed 's/-[^-]*$//')" = "$version" ] ||
        fail "cmake/debian/changelog is not about $version"
    step "dpkg-source fails" env -C "$work" dpkg-source --build "tcpphase-$version"
    cp "$work"/tcpphase_"$version"* "$out"
}

make_deb() {
    need dpkg-buildpackage dpkg-dev make build-essential fakeroot fakeroot dh debhelper
    make_dsc
    tree=$work/tcpphase-$version
    if ! missing=$(cd "$tree" && dpkg-checkbuilddeps 2>&1); then
        missing=$(echo "$missing" | sed 's/.*[Uu]nmet build dependencies: //; s/([^)]*)//g; s/:native//g; s/:any//g')
        install_all "$missing"
    fi
    rm -f "$out"/*.deb
    echo "Building and testing the packages, which takes some minutes" >&2
    step "the packages do not build" env -C "$tree" -u SOURCE_DATE_EPOCH \
        DEB_BUILD_OPTIONS="noautodbgsym ${DEB_BUILD_OPTIONS-}" dpkg-buildpackage --build=binary --no-sign
    cp "$work"/*.deb "$work"/*.changes "$work"/*.buildinfo "$out"
}

# On Debian the database of rpm or pacman knows of no package, and cannot say what is missing.
without_database=
[ ! -e /etc/debian_version ] || without_database=--nodeps
need_as_debian() {
    [ -z "$without_database" ] || install_all "$(missing_packages crates)"
}

# fill TEMPLATE FILE
fill() {
    date=$(LC_ALL=C date --utc --date="@$SOURCE_DATE_EPOCH" '+%a %b %d %Y')
    sed "s/@VERSION@/$version/; s/@DATE@/$date/" "$1" >"$2"
}

make_rpm() {
    need rpmbuild rpm eu-strip elfutils debugedit debugedit
    need_as_debian
    make_source
    fill "$root/cmake/tcpphase.spec" "$out/tcpphase.spec"
    # shellcheck disable=SC2086 # words
    echo "Building and testing the packages, which takes some minutes" >&2
    step "rpmbuild fails" rpmbuild -ba $without_database --define "_topdir $work/rpm" --define "_sourcedir $out" \
        "$out/tcpphase.spec"
    find "$work/rpm" -name '*.rpm' -exec cp {} "$out" \;
}

make_arch() {
    need makepkg makepkg pacman pacman-package-manager bsdtar libarchive-tools
    need_as_debian
    make_source
    fill "$root/cmake/PKGBUILD" "$out/PKGBUILD"
    sum=$(sha256sum "$archive" | cut -d' ' -f1)
    sed -i "s/@SHA256@/$sum/" "$out/PKGBUILD"
    # shellcheck disable=SC2086 # words
    echo "Building and testing the packages, which takes some minutes" >&2
    step "makepkg fails" env -C "$out" makepkg --force $without_database
    rm -rf "$out/src" "$out/pkg"
}

make_tar() {
    install_all "$(missing_packages)"
    echo "Building the plugin: a minute or two" >&2
    step "the plugin cannot be configured" cmake -S "$root/cmake" -B "$work/build" -DTCPPHASE_STATIC=ON
    step "the plugin does not build" cmake --build "$work/build"
    plugin=$(echo "$work"/build/plugins/*/epan/tcpphase.so)
    api=$(basename "$(dirname "$(dirname "$plugin")")")
    name=tcpphase-$version-wireshark-$api-$(uname -s | tr '[:upper:]' '[:lower:]')-$(uname -m)
    mkdir -p "$work/$name/profile"
    cp "$plugin" "$root/cmake/install.sh" "$root/cmake/profile.sh" "$root/cmake/profile.versions" "$root/LICENSE" \
        "$root/cmake/CHANGELOG.md" "$root/cmake/tcpphase.7" "$work/$name"
    sh "$root/cmake/readme.sh" "$api" >"$work/$name/README.md"
    cp "$root"/cmake/profile/* "$work/$name/profile"
    cp "$root/tests/captures/story.pcapng" "$work/$name/sample.pcapng"
    strip --strip-unneeded "$work/$name/tcpphase.so"
    echo "$api" >"$work/$name/wireshark-version"
    tar -C "$work" --create --file "$work/$name.tar" --sort=name --mtime="@$SOURCE_DATE_EPOCH" --owner=0 --group=0 \
        --numeric-owner --mode='u=rwX,go=rX' "$name"
    xz -T1 -6 "$work/$name.tar"
    mv "$work/$name.tar.xz" "$out"
}

[ $# = 1 ] || { usage >&2; exit 1; }
case $1 in
source | dsc | deb | rpm | arch | tar) ;;
-h | --help) usage; exit ;;
*) usage >&2; fail "there is no package of kind $1" ;;
esac

version=$(sed -n 's/^version = "\(.*\)"/\1/p' "$root/ffi/Cargo.toml")
if [ -z "${SOURCE_DATE_EPOCH-}" ]; then
    if has_checkout; then
        SOURCE_DATE_EPOCH=$(checkout log -1 --format=%ct)
    else
        SOURCE_DATE_EPOCH=$(stat -c %Y "$root/ffi/Cargo.toml")
    fi
fi
export SOURCE_DATE_EPOCH
# What fails is looked for in English, and whatever user a test runs tshark as has to be able to read what is built.
export LC_ALL=C.UTF-8
umask 022
work=$(mktemp -d)
chmod 755 "$work"
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
mkdir -p "$out"
touch "$work/start"
"make_$1"
find "$out" -maxdepth 1 -type f -newer "$work/start" | sort
