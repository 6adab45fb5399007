#!/bin/sh
# Builds, installs, uses and removes the packages in clean roots of Debian's releases. As root; it takes a while.
#
# shellcheck disable=SC2016 # what is in single quotes is for another shell, in a root
#
#   sh tests/packages.sh [SUITE...]     default: bookworm trixie sid
#
# Roots are made with mmdebstrap from the mirror that this machine's apt uses; nothing else uses the network.
# ROOTS (build/roots) is where they go: roots that are there are used again. Packages, logs, pictures of the window and
# the table for README are left in build/packages-tested/.
set -eu

root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
roots=${ROOTS:-$root/build/roots}
results=$root/build/packages-tested
user=1000

fail() {
    echo "packages.sh: ${suite-}: $*" >&2
    exit 1
}

# step WHAT COMMAND...: its output goes to the log, and is shown if it fails.
step() {
    what=$1
    shift
    echo "$ $*" >>"$log"
    "$@" >"$work/step" 2>&1 || {
        cat "$work/step" >&2
        fail "$what"
    }
    cat "$work/step" >>"$log"
}

# refuse WHAT REASON COMMAND...: it has to fail and say REASON.
refuse() {
    what=$1 reason=$2
    shift 2
    echo "$ $*" >>"$log"
    if "$@" >"$work/step" 2>&1; then
        fail "not refused: $what"
    fi
    cat "$work/step" >>"$log"
    grep -q "$reason" "$work/step" || fail "refused for another reason: $what"
}

# inside ROOT COMMAND...: without a network. within: with it.
inside() {
    in_root --net "$@"
}
within() {
    in_root --uts "$@"
}
in_root() {
    space=$1 chroot=$roots/$2
    shift 2
    unshare "$space" --mount --pid --fork --mount-proc="$chroot/proc" \
        sh -c 'mount -t tmpfs -o mode=1777 tmpfs "$1/dev/shm" && exec chroot "$@"' - "$chroot" /usr/bin/env -i \
        PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive \
        PYTHONDONTWRITEBYTECODE=1 "$@"
}
# as_user ROOT COMMAND...: as somebody who is not root, in a home of their own.
as_user() {
    chroot_name=$1
    shift
    inside "$chroot_name" setpriv --reuid=$user --regid=$user --clear-groups env HOME=/home/user "$@"
}

# bootstrap NAME SUITE PACKAGES
bootstrap() {
    [ -e "$roots/$1/.ready" ] && return
    rm -rf "${roots:?}/$1"
    step "$1 cannot be bootstrapped" mmdebstrap --variant=apt --skip=cleanup/apt --include="$3" \
        --aptopt='Acquire::Check-Valid-Until "false"' --aptopt='APT::Install-Recommends "false"' \
        "$2" "$roots/$1" "deb $mirror $2 main"
    touch "$roots/$1/.ready"
}

home() {
    rm -rf "$roots/$1/home/user"
    mkdir -p "$roots/$1/home/user"
    chown $user:$user "$roots/$1/home/user"
}

# What building needs is what the source package says, and nothing else. Beside its own Rust a release can have a newer
# one for browsers, which apt would take.
prepare_build() {
    bootstrap "$suite.build" "$suite" build-essential,cargo,debhelper,fakeroot,faketime,lintian,rustc
    rm -rf "$roots/$suite.build/sources"
    mkdir "$roots/$suite.build/sources"
    cp "$work"/sources/* "$roots/$suite.build/sources"
    step "the build dependencies cannot be installed" within "$suite.build" sh -c 'apt-get --yes build-dep /sources/*.dsc'
    home "$suite.build"
    as_user "$suite.build" tar -C /home/user -xf "/sources/tcpphase-$version.tar.xz"
}

built() {
    (cd "$results/$suite" && echo *"_$version-$revision"_*.deb)
}

# As a packager does, from the archive.
build() {
    step "the packages do not build" as_user "$suite.build" sh "/home/user/tcpphase-$version/cmake/package.sh" deb
    mkdir -p "$results/$suite"
    cp "$roots/$suite.build/home/user/tcpphase-$version/build/packages/"*.deb "$results/$suite"
    debs=$(built)
    for package in libtcpphase0 libtcpphase-dev wireshark-plugin-tcpphase; do
        case " $debs" in *" ${package}_$version-$revision"_*) ;; *) fail "there is no $package" ;; esac
    done
}

# Also as root, whose folders other users may not enter, and from a checkout where there is no git.
build_as_root() {
    rm -rf "$roots/$suite.build/root/tree"
    step "the sources cannot be unpacked for root" inside "$suite.build" sh -euc "
        mkdir -m 700 /root/tree; tar -C /root/tree -xf /sources/tcpphase-$version.tar.xz; mkdir /root/tree/tcpphase-$version/.git
        ! command -v git"
    step "the packages do not build as root" inside "$suite.build" sh "/root/tree/tcpphase-$version/cmake/package.sh" deb
    rm -rf "$roots/$suite.build/root/tree"
}

# The same octets from another folder at another date; and the compilers have nothing to say.
build_again() {
    step "the packages do not build a second time" as_user "$suite.build" sh -c '
        mkdir -p "$HOME/some/where/else" && cd "$HOME/some/where/else" && dpkg-source -x /sources/*.dsc tree && cd tree &&
        DEB_BUILD_OPTIONS=nocheck faketime -f +400d dpkg-buildpackage --build=binary --no-sign'
    grep -q -e '-Wall -Wextra .*packet-tcpphase.c' "$work/step" || fail "the compiler is not asked for all warnings"
    if grep -E '^warning: |: warning: .*\[-W' "$work/step" >&2; then
        fail "the compilers warn"
    fi
    for deb in $debs; do
        step "the second build differs: $deb" cmp "$results/$suite/$deb" \
            "$roots/$suite.build/home/user/some/where/else/$deb"
    done
}

# For a Wireshark that is too old nothing is built.
check_too_old() {
    mkdir "$roots/$suite.build/home/user/old"
    echo 'set(Wireshark_VERSION 3.6.24)' >"$roots/$suite.build/home/user/old/WiresharkConfig.cmake"
    refuse "a Wireshark that is too old" '3.6.24 is too old: TCP Phase needs 4.0 or newer' as_user "$suite.build" sh -c "
        cmake -S ~/tcpphase-$version/cmake -B ~/build-old -DWireshark_DIR=/home/user/old"
}

check_lint() {
    step "lintian has errors or warnings" as_user "$suite.build" sh -c "
        lintian --fail-on error,warning --display-info /home/user/tcpphase-$version/build/packages/*.changes /sources/*.dsc"
}

# Exactly what Wireshark asks a plugin for.
check_exports() {
    exported=$(nm --dynamic --defined-only "$1" | awk '{ print $NF }' | LC_ALL=C sort | tr '\n' ' ')
    [ "$exported" = "plugin_describe plugin_register plugin_version plugin_want_major plugin_want_minor " ] ||
        fail "$1 exports: $exported"
}

# Plugin and profile in the user's own folders, by run.sh and by the archive; afterwards nothing of them is there.
check_own_folders() {
    step "run.sh --install fails" as_user "$suite.build" sh "/home/user/tcpphase-$version/cmake/run.sh" --install
    step "the plugin that run.sh installs does not load" as_user "$suite.build" sh -c "tshark -G plugins | grep '^tcpphase.so'"
    check_run_installed
    check_changed_profile
    # As if Wireshark had been upgraded since.
    as_user "$suite.build" sh -c 'cd ~/.local/lib/wireshark/plugins && cp -R * 3.6'
    step "run.sh --uninstall fails" as_user "$suite.build" sh "/home/user/tcpphase-$version/cmake/run.sh" --uninstall
    step "run.sh --uninstall leaves something" as_user "$suite.build" sh -c '! find ~/.local ~/.config -path "*/wireshark/*/*" | grep .'

    step "the archive does not build" as_user "$suite.build" sh "/home/user/tcpphase-$version/cmake/package.sh" tar
    cp "$roots/$suite.build/home/user/tcpphase-$version/build/packages/"*-wireshark-*.tar.xz "$results/$suite"
    cp "$results/$suite"/*-wireshark-*.tar.xz "$roots/$suite.trial/packages"
    home "$suite.trial"
    step "the archive does not serve" as_user "$suite.trial" sh -euc '
        cd; tar -xf /packages/*-wireshark-*.tar.xz
        sh tcpphase-*/install.sh
        tshark -n -C "TCP Phase" -r tcpphase-*/sample.pcapng | grep "TCP handshake 3/3 ACK"
        sh tcpphase-*/install.sh --uninstall | grep "^Removed"
        sh tcpphase-*/install.sh --uninstall | grep "^Nothing"
        ! grep -n -e "cmake/" -e "tests/" -e "!\[" tcpphase-*/README.md
        ! find .local .config -path "*/wireshark/*/*" | grep .'
    check_exports "$roots/$suite.trial/home/user"/tcpphase-*/tcpphase.so
}

# Beside what is installed the same plugin is not found a second time: neither in print nor in the window.
check_run_installed() {
    step "run.sh beside an installation fails" as_user "$suite.build" sh "/home/user/tcpphase-$version/cmake/run.sh"
    if grep -i 'multiple' "$work/step" >&2; then
        fail "run.sh finds two plugins"
    fi
    # Another build of it than the one that is installed.
    step "run.sh beside an older installation fails" as_user "$suite.build" sh -euc "
        for plugin in ~/.local/lib/wireshark/plugins/*/epan/tcpphase.so; do echo >>\"\$plugin\"; done
        sh ~/tcpphase-$version/cmake/run.sh"
    if grep -i 'multiple' "$work/step" >&2; then
        fail "run.sh finds two plugins of two builds"
    fi
    step "a window cannot be installed" within "$suite.build" apt-get --yes install \
        wireshark xvfb xauth x11-utils imagemagick fonts-dejavu-core tesseract-ocr
    cat >"$roots/$suite.build/home/user/gui.sh" <<'END'
set -eu
sh ~/tcpphase-*/cmake/run.sh --gui &
shell=$!
tries=0
until xwininfo -root -tree | grep -q '("wireshark" '; do
    tries=$((tries + 1))
    [ "$tries" -lt 150 ]
    sleep 0.2
done
sleep 8
import -window root ~/gui.png
kill "$shell"
convert ~/gui.png -colorspace gray -resize 300% ~/large.png
tesseract ~/large.png ~/gui --psm 6
! grep -i multiple ~/gui.txt
grep 'handshake 1/3 SYN' ~/gui.txt
END
    step "run.sh --gui beside an installation does not show the capture at once" as_user "$suite.build" sh -c '
        mkdir -m 700 -p ~/run && XDG_RUNTIME_DIR=$HOME/run QT_QPA_PLATFORM=xcb \
            xvfb-run -a -s "-screen 0 1400x900x24" sh ~/gui.sh'
    step "run.sh --install fails again" as_user "$suite.build" sh "/home/user/tcpphase-$version/cmake/run.sh" --install
}

# What was changed in the profile outlasts an upgrade and the removal, and both say so.
check_changed_profile() {
    step "an upgrade or the removal loses what was changed in the profile" as_user "$suite.build" sh -euc "
        profile=~/.config/wireshark/profiles/'TCP Phase'
        echo '# mine' >>\"\$profile/preferences\"
        cp \"\$profile/preferences\" ~/changed
        sh ~/tcpphase-$version/cmake/run.sh --install | grep 'kept .*preferences.new'
        cmp \"\$profile/preferences\" ~/changed
        cmp \"\$profile/preferences.new\" ~/tcpphase-$version/cmake/profile/preferences
        sh ~/tcpphase-$version/cmake/run.sh --uninstall | grep 'kept .*preferences,'
        cmp \"\$profile/preferences\" ~/changed
        rm -r \"\$profile\"
        sh ~/tcpphase-$version/cmake/run.sh --install"
}

prepare_trial() {
    bootstrap "$suite.use" "$suite" "tshark,wireshark,autopkgtest,dpkg-dev,gcc,libc6-dev,libpcap-dev,pkgconf,\
xvfb,xauth,x11-utils,imagemagick,fonts-dejavu-core,tesseract-ocr"
    rm -rf "${roots:?}/$suite.trial"
    cp -a "$roots/$suite.use" "$roots/$suite.trial"
    mkdir "$roots/$suite.trial/packages"
    for deb in $debs; do
        cp "$results/$suite/$deb" "$roots/$suite.trial/packages"
    done
}

# Every file, but for the package manager's own records.
files() {
    inside "$suite.trial" find / -xdev \( -path /proc -o -path /home -o -path /packages -o -path /run -o -path /tmp \
        -o -path /var/cache -o -path /var/lib/apt -o -path /var/lib/dpkg -o -path /var/log \) -prune -o -print | LC_ALL=C sort
}

install_built() {
    step "the packages cannot be installed" inside "$suite.trial" sh -c 'apt-get --yes install /packages/*.deb'
    check_exports "$roots/$suite.trial/usr/lib"/*/wireshark/plugins/*/epan/tcpphase.so
}

# The tests that the source package brings, against what is installed.
check_autopkgtest() {
    rm -rf "$roots/$suite.trial/tmp/tree"
    step "the source package cannot be unpacked" inside "$suite.build" dpkg-source -x "/sources/tcpphase_$version-$revision.dsc" /tmp/tree
    mv "$roots/$suite.build/tmp/tree" "$roots/$suite.trial/tmp/tree"
    step "autopkgtest fails" inside "$suite.trial" autopkgtest --no-built-binaries /tmp/tree -- null
    rm -rf "$roots/$suite.trial/tmp/tree"
}

# Wireshark's own window: the picture is kept, and its text has to have the column's labels.
check_window() {
    home "$suite.trial"
    cat >"$roots/$suite.trial/home/user/window.sh" <<'END'
set -eu
mkdir -p ~/.config/wireshark
printf 'gui.geometry_main_%s\n' 'x: 0' 'y: 0' 'width: 1280' 'height: 800' >~/.config/wireshark/recent_common
wireshark -C 'TCP Phase' -r /usr/share/doc/wireshark-plugin-tcpphase/examples/story.pcapng &
window=$!
tries=0
until xwininfo -root -tree | grep -qF story.pcapng; do
    tries=$((tries + 1))
    [ "$tries" -lt 150 ]
    sleep 0.2
done
sleep 3
import -window root ~/window.png
kill "$window"
END
    step "Wireshark shows no window" as_user "$suite.trial" sh -c '
        mkdir -m 700 ~/run && XDG_RUNTIME_DIR=$HOME/run QT_QPA_PLATFORM=xcb \
            xvfb-run -a -s "-screen 0 1280x800x24" sh ~/window.sh'
    cp "$roots/$suite.trial/home/user/window.png" "$results/$suite.png"
    step "the window cannot be read" as_user "$suite.trial" sh -c '
        convert ~/window.png -colorspace gray -resize 300% ~/large.png && tesseract ~/large.png ~/text --psm 6'
    for label in 'handshake 1/3 SYN' 'handshake 3/3 ACK' 'Data HTTP Request'; do
        step "the window's text lacks the label: $label" grep -F "$label" "$roots/$suite.trial/home/user/text.txt"
    done
}

# A later version of the same packages takes their place.
check_upgrade() {
    mkdir "$work/$suite.upgrade"
    for deb in "$roots/$suite.trial/packages"/*.deb; do
        rm -rf "$work/tree"
        dpkg-deb --raw-extract "$deb" "$work/tree"
        sed -i "s/^Version: .*/&+later/; s/(= $version-$revision)/(= $version-$revision+later)/" "$work/tree/DEBIAN/control"
        step "a later version cannot be made" dpkg-deb --build --root-owner-group "$work/tree" "$work/$suite.upgrade"
    done
    rm -rf "$roots/$suite.trial/packages/later"
    mv "$work/$suite.upgrade" "$roots/$suite.trial/packages/later"
    step "the upgrade fails" inside "$suite.trial" sh -c 'apt-get --yes install /packages/later/*.deb'
    step "the plugin does not load after the upgrade" inside "$suite.trial" sh -c "tshark -G plugins | grep '^tcpphase.so'"
}

check_removal() {
    step "the packages cannot be removed" inside "$suite.trial" \
        apt-get --yes purge wireshark-plugin-tcpphase libtcpphase0 libtcpphase-dev
    files >"$work/after"
    step "something is left after the removal" diff "$work/before" "$work/after"
}

# The packages of every other release, which are for another X.Y of Wireshark.
check_refusal() {
    for other in $suites; do
        [ "$other" != "$suite" ] || continue
        rm -rf "$roots/$suite.trial/packages/other"
        mkdir "$roots/$suite.trial/packages/other"
        cp "$results/$other"/wireshark-plugin-tcpphase_*.deb "$results/$other"/libtcpphase0_*.deb "$roots/$suite.trial/packages/other"
        refuse "the package of $other is refused" 'Depends: wireshark-common (' \
            inside "$suite.trial" sh -c 'apt-get --yes install /packages/other/*.deb'
    done
}

# The release after this one, where there is one: apt may keep Wireshark or remove the plugin, but not part them.
check_next_release() {
    case $suite in
    bookworm) next=trixie ;;
    trixie) next=sid ;;
    *) return 0 ;;
    esac
    echo "deb $mirror $next main" >"$roots/$suite.trial/etc/apt/sources.list.d/next.list"
    step "$next cannot be read" within "$suite.trial" apt-get -o Acquire::Check-Valid-Until=false update
    step "the upgrade to $next cannot be planned" inside "$suite.trial" apt-get --simulate dist-upgrade
    if grep -q '^Inst wireshark-common ' "$work/step"; then
        grep -q '^Remv wireshark-plugin-tcpphase ' "$work/step" || fail "an upgrade to $next leaves the plugin behind"
    fi
    rm "$roots/$suite.trial/etc/apt/sources.list.d/next.list"
}

# The recipes for other distributions, as far as Debian's tools go.
check_recipes() {
    [ "$suite" = trixie ] || return 0
    step "rpm and makepkg cannot be installed" within "$suite.build" apt-get --yes install \
        rpm rpmlint elfutils debugedit makepkg pacman-package-manager libarchive-tools
    for kind in rpm arch; do
        step "the recipe fails: $kind" as_user "$suite.build" sh "/home/user/tcpphase-$version/cmake/package.sh" $kind
    done
    step "rpmlint finds fault with the spec" as_user "$suite.build" sh -c "
        cd /home/user/tcpphase-$version/build/packages && rpmlint --rpmlintrc ../../cmake/tcpphase.rpmlintrc tcpphase.spec *.rpm"
    # trixie's Wireshark is 4.4.
    step "the RPM package is not for 4.4 alone" as_user "$suite.build" sh -euc "
        cd /home/user/tcpphase-$version/build/packages
        rpm --query --requires --package wireshark-plugin-tcpphase-$version-*.rpm >../requires
        grep -xE 'wireshark-cli(\(.*\))? >= 4.4' ../requires && grep -xE 'wireshark-cli(\(.*\))? < 4.5' ../requires"
    step "Arch's package is not for 4.4 alone" as_user "$suite.build" sh -euc "
        bsdtar -xOf /home/user/tcpphase-$version/build/packages/*.pkg.tar.* .PKGINFO >~/pkginfo
        grep -xF 'depend = wireshark-cli>=4.4' ~/pkginfo && grep -xF 'depend = wireshark-cli<4.5' ~/pkginfo"
}

# Name and version of what the table names.
installed() {
    inside "$1" dpkg-query --show --showformat '${source:Upstream-Version}' "$2" | sed 's/+dfsg.*//'
}

row() {
    echo "| $(sed -n 's/^PRETTY_NAME="\(.*\)"/\1/p' "$roots/$suite.build/etc/os-release")" \
        "| $(installed "$suite.use" tshark) | $(installed "$suite.build" rustc), $(installed "$suite.build" librust-nom-dev)" \
        "| $(cd "$results/$suite" && du -cb wireshark-plugin*_"$version"*.deb libtcpphase0_*.deb | awk 'END { printf "%d0 kB", $1 / 10000 + 0.5 }') |"
}

[ "$(id -u)" = 0 ] || fail "has to be run as root, which can enter other roots"
for tool in mmdebstrap unshare dpkg-source nm; do
    command -v "$tool" >/dev/null || fail "$tool is missing (Debian: mmdebstrap util-linux dpkg-dev)"
done
suites=${*:-bookworm trixie sid}
mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Label: Debian' | head -n 1)
[ -n "$mirror" ] || fail "apt on this machine has no mirror of Debian"
version=$(sed -n 's/^version = "\(.*\)"/\1/p' "$root/ffi/Cargo.toml")
revision=$(dpkg-parsechangelog -l "$root/cmake/debian/changelog" -S Version | sed 's/.*-//')
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
rm -rf "$results"
mkdir -p "$results" "$roots" "$work/sources"
log=$results/log
OUT=$work/sources sh "$root/cmake/package.sh" dsc >>"$log"

for suite in $suites; do
    echo "== $suite: build, build again, lint"
    prepare_build
    build
    build_as_root
    build_again
    check_too_old
    check_lint
    check_recipes
done
for suite in $suites; do
    echo "== $suite: install, use, upgrade, remove, refuse"
    debs=$(built)
    prepare_trial
    check_own_folders
    files >"$work/before"
    install_built
    check_autopkgtest
    check_window
    check_upgrade
    check_next_release
    check_removal
    check_refusal
    row >>"$results/table"
    rm -rf "${roots:?}/$suite.trial"
done
cat "$results/table"
echo "All packages passed."
