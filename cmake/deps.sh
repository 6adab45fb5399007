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

# Where somebody watches: the latest line of what comes in, in place; nothing is left of it.
show_progress() {
    while IFS= read -r line; do
        printf '\r\033[K%.78s' "$line" >&2
    done
    printf '\r\033[K' >&2
}

# logged LOG COMMAND...: its output goes to the log.
logged() (
    log=$1
    shift
    if [ ! -t 2 ]; then
        "$@" >"$log" 2>&1
        exit
    fi
    # The status has to survive the pipe.
    exec 4>&2
    status=$({ { "$@" 2>&1 3>&- || echo "$?" >&3; } | tee "$log" | show_progress 2>&4; } 3>&1)
    exit "${status:-0}"
)

can_ask() {
    [ -t 2 ] && (: </dev/tty) 2>/dev/null
}

# Installs packages. In one line why not, where it cannot. It asks for nothing but sudo's password, where somebody can type
# it.
install_packages() (
    if ! command -v apt-get >/dev/null; then
        echo "missing: $*. These are Debian's names; install what your system calls them, then run this again." >&2
        exit 1
    fi
    if [ "$(id -u)" = 0 ]; then
        as_root=
    elif sudo -n true 2>/dev/null; then
        as_root='sudo -n'
    elif can_ask && command -v sudo >/dev/null && echo "sudo's password is needed to install: $*" >&2 && sudo -v; then
        as_root=sudo
    else
        echo "missing: $*. As root: apt-get install --no-install-recommends $*" >&2
        exit 1
    fi
    echo "Installing with apt, which can take some minutes: $*" >&2
    log=$(mktemp)
    for action in update "install --yes --no-install-recommends $*"; do
        # Word splitting is wanted in both.
        # shellcheck disable=SC2086
        if ! logged "$log" $as_root env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=600 $action \
            </dev/null && [ "$action" != update ]; then
            cat "$log" >&2
            rm -f "$log"
            echo "these packages could not be installed: $*" >&2
            exit 1
        fi
    done
    rm -f "$log"
)
