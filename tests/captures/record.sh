#!/bin/sh
# Records the captures of this folder: real programs on two hosts that are
# network namespaces of this machine. Run as root.
#
#   record.sh            record all
#   record.sh NAME...    record only these
#
# A host's packets leave through eth0, and tcpdump listens at the client's
# eth0 unless said otherwise. What build.py writes is not made here.
#
# shellcheck disable=SC2034 # the parts share their variables
set -eu

here=$(cd "$(dirname "$0")" && pwd)
: "${OPENSSL:=openssl}" # post_quantum wants 3.5 or later
client=192.0.2.10
server=198.51.100.20
client6=2001:db8:1::10
server6=2001:db8:2::20
port=50000

c=phase-c$$ w=phase-w$$ s=phase-s$$ # namespaces: client, wire, server
work=
jobs= # what runs until the end of one recording
dump=
wire=
there=
name=
all=story # each part adds its captures

# shellcheck disable=SC1090,SC1091
for part in hosts servers tcp networks tls tls_failures http upgrades starttls mqtt postgresql; do
    . "$here/record/$part.sh"
done

story() {
    hosts --delay 5
    web
    listen
    on_client python3 "$here/peer.py" connect "$server" 80 from:40001 \
        keepalive:3:3:5 get:/ get:/style.css wait:5 close
    sleep 0.5
    SSLKEYLOGFILE=$work/keys on_client python3 "$here/peer.py" connect "$server" 443 from:40002 \
        keepalive:3:3:5 tls:1.3 get:/style.css wait:5 last:/style.css eof notify close
    sleep 0.5
    SSLKEYLOGFILE=$work/keys on_client python3 "$here/peer.py" connect "$server" 443 from:40003 \
        keepalive:3:3:5 tls:1.2 last:/style.css eof notify close
    keep_with_keys
}

[ "$(id -u)" -eq 0 ] || { echo "record.sh: run as root (network namespaces)" >&2; exit 1; }
need ip tc ethtool tcpdump editcap nginx openssl python3 nft ss curl

work=$(mktemp -d)
trap 'clean; rm -rf "$work"' EXIT
trap 'exit 1' INT TERM

# The names are words.
# shellcheck disable=SC2086,SC2116
all=$(echo $all)
# shellcheck disable=SC2086
[ $# -gt 0 ] || set -- $all
for name in "$@"; do
    case " $all " in
    *" $name "*) ;;
    *)
        echo "record.sh: no capture is called $name; there are: $all" >&2
        exit 1
        ;;
    esac
    echo "$name"
    rm -rf "${work:?}"/*
    "$name" || { cat "$work/log" >&2; exit 1; }
    clean
done
