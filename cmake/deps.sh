# shellcheck shell=sh
# What building and running TCP Phase needs. To be read by a script with ".": run.sh, and the tests.
# The functions are subshells: they leave the caller's variables alone.

# Prints the Debian packages that are missing. Probes for what they bring, which may have come in another way.
# With "gui": also what showing a window needs; with "crates": the crates even if they could be had from crates.io.
missing_packages() (
    command -v tshark >/dev/null || echo tshark
    if [ "${1-}" = gui ]; then
        command -v wireshark >/dev/null || echo wireshark
    fi
    command -v cmake >/dev/null || echo cmake
    { command -v cc && command -v make; } >/dev/null || echo build-essential
    command -v pkg-config >/dev/null || echo pkg-config
    pkg-config --exists wireshark glib-2.0 2>/dev/null || echo wireshark-dev
    # For a header of Wireshark's own; wireshark-dev does not bring it.
    pkg-config --exists libgcrypt 2>/dev/null || echo libgcrypt20-dev
    rust=$(rust_minor)
    [ "$rust" -ge 63 ] || echo cargo rustc
    # An older cargo cannot read Cargo.lock and is given the distribution's crates.
    if [ "$rust" -lt 78 ] || [ "${1-}" = crates ]; then
        for crate in nom libc once_cell; do
            set -- /usr/share/cargo/registry/"$crate"-[0-9]*
            [ -d "$1" ] || echo "librust-$(echo "$crate" | tr _ -)-dev"
        done
    fi
)

# Y of Rust's version 1.Y; 0 without a Rust that works.
rust_minor() (
    { rustc --version && cargo --version; } >/dev/null 2>&1 || { echo 0; exit; }
    cargo --version | sed 's/^cargo 1\.\([0-9]*\).*/\1/'
)

# Installs packages without asking anything. In one line why not, where it cannot.
install_packages() (
    if ! command -v apt-get >/dev/null; then
        echo "missing: $*. These are Debian's names; install what your system calls them, then run this again." >&2
        exit 1
    fi
    if [ "$(id -u)" = 0 ]; then
        as_root=
    elif sudo -n true 2>/dev/null; then
        as_root='sudo -n'
    else
        echo "missing: $*. As root: apt-get install --no-install-recommends $*" >&2
        exit 1
    fi
    log=$(mktemp)
    for action in update "install --yes --no-install-recommends $*"; do
        # Word splitting is wanted in both.
        # shellcheck disable=SC2086
        if ! $as_root env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=600 $action \
            </dev/null >"$log" 2>&1 && [ "$action" != update ]; then
            cat "$log" >&2
            rm -f "$log"
            echo "these packages could not be installed: $*" >&2
            exit 1
        fi
    done
    rm -f "$log"
)
