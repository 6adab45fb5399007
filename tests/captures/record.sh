#!/bin/sh
# Records the captures of this folder: real programs on two hosts that are
# network namespaces of this machine. Run as root.
#
#   record.sh            record all
#   record.sh NAME...    record only these
#
# A host's packets leave through eth0, and tcpdump listens at the client's
# eth0 unless said otherwise. What build.py writes is not made here.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
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

# ---- the two hosts ----

on_client() { ip netns exec "$c" "$@"; }
on_server() { ip netns exec "$s" "$@"; }
on_wire() { ip netns exec "$w" "$@"; }

# background NAMESPACE COMMAND...: runs until clean
background() {
    ip netns exec "$@" >>"$work/log" 2>&1 &
    jobs="$jobs $!"
}

silent_up() { # NAMESPACE INTERFACE: without an IPv6 address of its own
    ip -n "$1" link set "$2" addrgenmode none
    ip -n "$1" link set "$2" up
}

address() { # NAMESPACE MAC OWN PEER'S-NET OWN6 PEER'S-NET6
    ip -n "$1" link set lo up
    ip -n "$1" link set eth0 address "$2"
    silent_up "$1" eth0
    ip -n "$1" address add "$3/32" dev eth0
    ip -n "$1" route add "$4" dev eth0
    ip -n "$1" address add "$5/128" dev eth0 nodad
    ip -n "$1" route add "$6" dev eth0
    ip netns exec "$1" sysctl -qw net.ipv4.tcp_no_metrics_save=1
}

# hosts [OPTION OF wire.py ...]: joined directly, or by wire.py
hosts() {
    ip netns add "$c"
    ip netns add "$s"
    if [ $# -eq 0 ]; then
        ip link add eth0 netns "$c" type veth peer name eth0 netns "$s"
    else
        ip netns add "$w"
        ip link add eth0 netns "$c" type veth peer name client netns "$w"
        ip link add eth0 netns "$s" type veth peer name server netns "$w"
        for end in client server; do silent_up "$w" $end; done
    fi
    address "$c" 02:00:00:00:00:01 "$client" 198.51.100.0/24 "$client6" 2001:db8:2::/64
    address "$s" 02:00:00:00:00:02 "$server" 192.0.2.0/24 "$server6" 2001:db8:1::/64
    ip -n "$c" neighbour add "$server" lladdr 02:00:00:00:00:02 dev eth0
    ip -n "$c" neighbour add "$server6" lladdr 02:00:00:00:00:02 dev eth0
    ip -n "$s" neighbour add "$client" lladdr 02:00:00:00:00:01 dev eth0
    ip -n "$s" neighbour add "$client6" lladdr 02:00:00:00:00:01 dev eth0
    offloads off
    if [ $# -gt 0 ]; then
        background "$w" python3 "$here/wire.py" client server "$@"
        wire=$!
        sleep 0.5
    fi
}

offloads() { # on|off
    for end in "$c" "$s"; do
        ip netns exec "$end" ethtool -K eth0 tx "$1" tso "$1" gso "$1" gro "$1" >>"$work/log" 2>&1
    done
}

# ---- recording ----

# listen [FILTER [tcpdump's options]]: begin to record at the client
listen() {
    filter=${1:-tcp}
    [ $# -eq 0 ] || shift
    listen_in "$c" "$filter" -i eth0 "$@"
}

listen_in() { # NAMESPACE FILTER tcpdump's options
    in=$1 filter=$2
    shift 2
    ip netns exec "$in" tcpdump -n -U --immediate-mode -Z root "$@" \
        -w "$work/$name.pcap" "$filter" 2>"$work/tcpdump" &
    dump=$!
    i=0
    while ! grep -q listening "$work/tcpdump"; do
        i=$((i + 1))
        [ $i -lt 100 ] || { cat "$work/tcpdump" >&2; exit 1; }
        sleep 0.1
    done
}

# stop recording; keep the file in this folder
stop() {
    sleep 0.5
    kill -INT "$dump"
    wait "$dump" || :
    dump=
}

keep() {
    stop
    cp "$work/$name.pcap" "$here/$name.pcap"
}

serve() { # ACTION...: the server's end
    background "$s" python3 "$here/peer.py" listen "$server" "$port" "$@"
    sleep 0.4
}

connect() { # ACTION...: the client's end
    on_client python3 "$here/peer.py" connect "$server" "$port" "$@" 2>>"$work/log"
}

connect_meanwhile() { # ACTION...: the same, not waited for
    background "$c" python3 "$here/peer.py" connect "$server" "$port" "$@"
    there=$!
}

clean() {
    [ -z "$dump" ] || kill "$dump" 2>/dev/null || :
    dump=
    for job in $jobs; do
        kill "$job" 2>/dev/null || :
        wait "$job" 2>/dev/null || :
    done
    jobs=
    for end in "$c" "$w" "$s"; do
        [ ! -e "/run/netns/$end" ] || ip netns delete "$end"
    done
}

# web [LINE OF server {...}]: nginx at the server, with a page and a style
web() {
    mkdir -p "$work/www"
    python3 - "$work/www" <<'END'
import sys
with open(sys.argv[1] + "/index.html", "w") as page:
    page.write("<!doctype html>\n<title>TCP Phase</title>\n<ol>\n")
    page.writelines(f"<li>Line {n} of a page that needs many segments.</li>\n" for n in range(200))
    page.write("</ol>\n")
with open(sys.argv[1] + "/style.css", "w") as style:
    style.write("body { font-family: sans-serif; }\n")
END
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes \
        -subj "/CN=www.example.com" -days 3650 \
        -keyout "$work/key.pem" -out "$work/cert.pem" 2>>"$work/log"
    cat >"$work/nginx.conf" <<END
daemon off;
pid $work/nginx.pid;
user root;
error_log $work/nginx.log;
events {}
http {
    access_log off;
    server_tokens off;
    types { text/html html; text/css css; }
    root $work/www;
    client_body_temp_path $work/tmp;
    proxy_temp_path $work/tmp;
    fastcgi_temp_path $work/tmp;
    uwsgi_temp_path $work/tmp;
    scgi_temp_path $work/tmp;
    server {
        listen $server:80 so_keepalive=2s:2s:5;
        listen [$server6]:80 so_keepalive=2s:2s:5;
    }
    server {
        listen $server:443 ssl so_keepalive=2s:2s:5;
        lingering_close always;
        ssl_protocols TLSv1.2 TLSv1.3;
        ssl_certificate $work/cert.pem;
        ssl_certificate_key $work/key.pem;
    }
}
END
    background "$s" nginx -c "$work/nginx.conf"
    sleep 1
}

# lose RULE: what nft then drops as it comes in at the server; found ends that
lose() {
    on_server nft "add table inet lost
        add chain inet lost in { type filter hook input priority 0; }
        add rule inet lost in $1 drop"
}
found() { on_server nft delete table inet lost; }

# ---- the captures, one function each ----

story() {
    hosts --delay 5
    web
    listen
    on_client python3 "$here/peer.py" connect "$server" 80 from:40001 \
        keepalive:3:3:5 get:/ get:/style.css wait:5 close
    sleep 0.5
    rm -f "$work/keys"
    SSLKEYLOGFILE=$work/keys on_client python3 "$here/peer.py" connect "$server" 443 from:40002 \
        keepalive:3:3:5 tls:1.3 get:/style.css wait:5 last:/style.css eof notify close
    sleep 0.5
    SSLKEYLOGFILE=$work/keys on_client python3 "$here/peer.py" connect "$server" 443 from:40003 \
        keepalive:3:3:5 tls:1.2 last:/style.css eof notify close
    stop
    editcap -F pcapng "$work/$name.pcap" "$here/story.pcapng"
    grep -v '^#' "$work/keys" >"$here/story.keys"
}

# -- opening --

refused() {
    hosts --delay 5
    listen
    connect from:40001 || :
    keep
}

no_answer() {
    hosts --delay 5
    lose "tcp dport $port"
    listen
    on_client timeout 8 python3 "$here/peer.py" connect "$server" "$port" from:40001 || :
    sleep 4
    port=50001
    serve recv:5 eof close
    connect from:40002 send:hello close
    port=50000
    keep
}

unreachable() {
    hosts --delay 5
    on_server nft "add table inet no
        add chain inet no in { type filter hook input priority 0; }
        add rule inet no in tcp dport 50000 reject with icmp port-unreachable
        add rule inet no in tcp dport 50001 reject with icmp host-unreachable
        add rule inet no in tcp dport 50002 reject with icmp admin-prohibited
        add rule inet no in tcp dport 50003 reject with icmpv6 admin-prohibited"
    listen "tcp or icmp or icmp6"
    for number in 0 1 2; do
        port=5000$number
        connect from:4000$number || :
    done
    port=50000
    on_client python3 "$here/peer.py" connect "$server6" 50003 from:40003 2>>"$work/log" || :
    keep
}

syn_retry() {
    hosts --delay 5
    lose "tcp dport $port"
    serve recv:5 send:world eof close
    listen
    connect_meanwhile from:40001 send:hello recv:5 close
    sleep 2.5
    found
    wait "$there"
    keep
}

synack_repeated() {
    hosts --delay 5
    serve defer:3 recv:5 send:world eof close
    listen
    connect from:40001 wait:5 send:hello recv:5 close
    keep
}

handshake_ack_lost() {
    hosts --delay 5
    serve recv:5 send:world eof close
    lose "tcp flags & (syn|fin|rst|psh|ack) == ack"
    listen
    connect_meanwhile from:40001 wait:2 send:hello recv:5 close
    sleep 0.5
    found
    wait "$there"
    keep
}

reset_in_handshake() {
    hosts --delay 20
    serve recv:5
    listen
    connect from:40001 abandon
    keep
}

# Each side's SYN leaves before the other's has come.
simultaneous_open() {
    hosts --delay 200
    listen
    background "$s" python3 "$here/peer.py" connect "$client" 40001 "from:$port" \
        recv:5 send:world eof close
    connect from:40001 send:hello recv:5 close
    sleep 1
    keep
}

fast_open() {
    hosts --delay 5
    on_client sysctl -qw net.ipv4.tcp_fastopen=3
    on_server sysctl -qw net.ipv4.tcp_fastopen=3
    listen
    for number in 1 2; do
        serve fastopen recv:5 send:world eof close
        connect from:4000$number fastopen:hello recv:5 close
    done
    keep
}

fast_open_ignored() {
    hosts --delay 5
    on_client sysctl -qw net.ipv4.tcp_fastopen=3
    on_server sysctl -qw net.ipv4.tcp_fastopen=3
    serve fastopen recv:5 send:world eof close
    connect from:40001 fastopen:hello recv:5 close
    serve recv:5 send:world eof close # this one knows no cookies
    listen
    connect from:40002 fastopen:hello recv:5 close
    keep
}

# The server closes first, so that its side is in TIME-WAIT at the second SYN.
port_reuse() {
    hosts --delay 5
    listen
    for _ in 1 2; do
        serve recv:5 send:world close
        connect from:40001 send:hello eof close
        sleep 0.5
    done
    keep
}

# The client starts again, without a word to the server.
port_reuse_alive() {
    hosts --delay 5
    serve recv:5 send:world eof close
    listen
    connect_meanwhile from:40001 send:hello recv:5 wait:30
    sleep 1
    on_client nft "add table inet mute
        add chain inet mute out { type filter hook output priority 0; }
        add rule inet mute out tcp flags rst drop"
    on_client ss -K -t dst "$server" >>"$work/log"
    on_client nft delete table inet mute
    kill "$there"
    serve recv:5 send:world eof close
    connect from:40001 send:again recv:5 close
    keep
}

# -- keep-alives --

keepalive_vanished() {
    hosts --delay 5
    serve recv:5 send:world eof close
    listen
    connect_meanwhile from:40001 keepalive:2:1:4 send:hello recv:5 eof
    sleep 1
    lose "meta l4proto tcp"
    wait "$there" || :
    keep
}

keepalive_reset() {
    hosts --delay 5
    serve recv:5 send:world eof close
    listen
    connect_meanwhile from:40001 keepalive:2:1:4 send:hello recv:5 eof
    sleep 3.2 # one probe is answered before
    on_server nft "add table inet mute
        add chain inet mute out { type filter hook output priority 0; }
        add rule inet mute out tcp flags rst drop"
    on_server ss -K -t dst "$client" >>"$work/log"
    on_server nft delete table inet mute
    wait "$there" || :
    keep
}

# The server's data leave while the client's probe is under way.
keepalive_data() {
    hosts --delay 150
    serve recv:5 send:world wait:2.2 send:news eof close
    listen
    connect from:40001 keepalive:2:2:4 send:hello recv:5 recv:4 wait:0.7 close
    keep
}

keepalive_waiting() {
    hosts --delay 5
    serve answer:7:ready eof close
    listen
    connect from:40001 keepalive:2:2:4 get:/report close
    keep
}

keepalive_storm() {
    hosts --delay 5
    serve recv:5 send:world eof close
    listen
    connect from:40001 keepalive:1:1:4 send:hello recv:5 wait:13 close
    keep
}

half_close_keepalive() {
    hosts --delay 5
    serve keepalive:3:3:4 recv:5 eof wait:5 send:world close
    listen
    connect from:40001 keepalive:2:2:4 send:hello half eof close
    keep
}

midway() {
    hosts --delay 5
    serve keepalive:3:3:4 recv:5 send:world recv:5 send:world eof close
    connect_meanwhile from:40001 keepalive:2:2:4 send:hello recv:5 wait:1.5 \
        send:again recv:5 wait:3.5 close
    sleep 1
    listen
    wait "$there"
    keep
}

one_direction() { one_side "$client"; }
one_direction_server() { one_side "$server"; }
one_side() { # SENDER: only what this host sends
    hosts --delay 5
    serve keepalive:3:3:4 recv:5 send:world eof close
    listen "tcp and src host $1"
    connect from:40001 keepalive:2:2:4 send:hello recv:5 wait:3.5 close
    keep
}

# Letters by hand; the wire loses two of them, and what comes again looks like
# a keep-alive with an octet.
single_octets() {
    hosts --delay 5 --lose client:3 --lose client:7
    serve echo close
    listen
    connect from:40001 each:whoami:0.6 half eof close
    keep
}

zero_window() {
    hosts --delay 5
    serve rcvbuf:4096 wait:3 eof close
    listen
    connect from:40001 fill:8000 half eof close
    keep
}

# -- closing --

half_close() {
    hosts --delay 5
    serve eof send:first wait:0.3 fill:3000 close
    listen
    connect from:40001 send:hello half eof close
    keep
}

four_segment_close() {
    hosts --delay 5
    serve recv:5 send:world eof wait:0.5 close
    listen
    connect from:40001 send:hello recv:5 close
    keep
}

simultaneous_close() {
    hosts --delay 100
    serve send:hello wait:1 close
    listen
    connect from:40001 recv:5 wait:0.9 close
    keep
}

reset_abort() {
    hosts --delay 5
    serve recv:5 send:world eof
    listen
    connect from:40001 send:hello recv:5 wait:0.3 abort
    keep
}

reset_after_close() {
    hosts --delay 5
    serve recv:5 send:world close
    listen
    connect from:40001 send:hello recv:5 wait:0.3 send:again wait:0.3 close
    keep
}

# -- what networks and capture points do --

# At the server: what it sends twice is seen twice.
retransmission() {
    hosts --delay 5 --lose server:4 --lose server:9
    web
    listen_in "$s" tcp -i eth0
    on_client curl -s --local-port 40001 -o /dev/null "http://$server/"
    keep
}

# At the client: the lost segment is seen once, late.
lost_before_capture() {
    hosts --delay 5 --lose server:4 --lose server:9
    web
    listen
    on_client curl -s --local-port 40001 -o /dev/null "http://$server/"
    keep
}

reordered() {
    hosts --delay 5 --late server:3:1 --late server:6:2
    web
    listen
    on_client curl -s --local-port 40001 -o /dev/null "http://$server/"
    keep
}

# Both ports of a switch are mirrored, in and out, to a third.
mirrored() {
    hosts --delay 0
    kill "$wire"
    ip -n "$w" link add span type veth peer name probe
    ip -n "$w" link add switch type bridge
    for end in span probe switch; do silent_up "$w" $end; done
    for end in client server; do
        ip -n "$w" link set $end master switch
        on_wire tc qdisc add dev $end clsact
        for way in ingress egress; do
            on_wire tc filter add dev $end $way protocol all u32 match u32 0 0 \
                action mirred egress mirror dev span
        done
    done
    serve keepalive:3:3:4 recv:5 send:world eof close
    listen_in "$w" tcp -i probe
    connect from:40001 keepalive:2:2:4 send:hello recv:5 wait:3.5 close
    keep
}

offload() {
    hosts
    offloads on
    web
    listen
    on_client curl -s --local-port 40001 -o /dev/null "http://$server/"
    keep
}

snaplen() {
    hosts --delay 5
    web
    listen tcp -s 80
    on_client curl -s --local-port 40001 -o /dev/null "http://$server/"
    keep
}

# A router with a link of 600 octets; the server does not set DF.
fragments() {
    hosts --delay 0
    kill "$wire"
    on_wire sysctl -qw net.ipv4.ip_forward=1
    ip -n "$w" link set client address 02:00:00:00:00:02 mtu 600
    ip -n "$w" link set server address 02:00:00:00:00:01
    ip -n "$w" route add "$client" dev client
    ip -n "$w" route add "$server" dev server
    ip -n "$w" neighbour add "$client" lladdr 02:00:00:00:00:01 dev client
    ip -n "$w" neighbour add "$server" lladdr 02:00:00:00:00:02 dev server
    on_server sysctl -qw net.ipv4.ip_no_pmtu_disc=1
    serve recv:5 fill:3000 eof close
    listen "ip proto 6" # a TCP filter would miss the later fragments
    connect from:40001 send:hello recv:3000 close
    keep
}

ipv6() {
    hosts --delay 5
    web
    listen
    on_client python3 "$here/peer.py" connect "$server6" 80 from:40001 \
        keepalive:3:3:5 get:/style.css wait:3.5 close
    keep
}

# -- tunnels; 203.0.113.0/24 is inside --

inside() { # NAMESPACE DEVICE OWN
    ip -n "$1" address add "$3/24" dev "$2"
    ip -n "$1" link set "$2" mtu 1400
    silent_up "$1" "$2"
}

inner() { # a connection through the tunnel
    background "$s" python3 "$here/peer.py" listen 203.0.113.2 50000 \
        keepalive:3:3:4 recv:5 send:world eof close
    sleep 0.4
    on_client python3 "$here/peer.py" connect 203.0.113.2 50000 from:40001 \
        keepalive:2:2:4 send:hello recv:5 wait:3.5 close
}

in_ip() { # gre|ipip FILTER
    hosts --delay 5
    for end in "$c" "$s"; do ip -n "$end" tuntap add tunnel mode tun; done
    inside "$c" tunnel 203.0.113.1
    inside "$s" tunnel 203.0.113.2
    background "$c" python3 "$here/tunnel.py" "$1" tunnel "$client" "$server"
    background "$s" python3 "$here/tunnel.py" "$1" tunnel "$server" "$client"
    sleep 0.5
    listen "$2"
    inner
    keep
}
tunnel_gre() { in_ip gre "ip proto 47"; }
tunnel_ipip() { in_ip ipip "ip proto 4"; }

over_ethernet() { # the tunnel devices of both hosts are there
    ip -n "$c" link set tunnel address 02:00:00:00:01:01
    ip -n "$s" link set tunnel address 02:00:00:00:01:02
    inside "$c" tunnel 203.0.113.1
    inside "$s" tunnel 203.0.113.2
    ip -n "$c" neighbour add 203.0.113.2 lladdr 02:00:00:00:01:02 dev tunnel
    ip -n "$s" neighbour add 203.0.113.1 lladdr 02:00:00:00:01:01 dev tunnel
}

tunnel_vxlan() {
    hosts --delay 5
    ip -n "$c" link add tunnel type vxlan id 5 local "$client" remote "$server" dstport 4789
    ip -n "$s" link add tunnel type vxlan id 5 local "$server" remote "$client" dstport 4789
    over_ethernet
    listen "udp port 4789"
    inner
    keep
}

tunnel_tcp() {
    hosts --delay 5
    for end in "$c" "$s"; do ip -n "$end" tuntap add tunnel mode tap; done
    over_ethernet
    listen
    background "$s" python3 "$here/tunnel.py" controller tunnel "$server" "$client"
    sleep 0.5
    background "$c" python3 "$here/tunnel.py" switch tunnel "$client" "$server"
    sleep 0.5
    inner
    keep
}

# ---- which ----

all="story refused no_answer unreachable syn_retry synack_repeated handshake_ack_lost \
reset_in_handshake simultaneous_open fast_open fast_open_ignored port_reuse \
port_reuse_alive keepalive_vanished keepalive_reset keepalive_data keepalive_waiting \
keepalive_storm half_close_keepalive midway one_direction one_direction_server \
single_octets zero_window half_close four_segment_close simultaneous_close reset_abort \
reset_after_close retransmission lost_before_capture reordered mirrored offload snaplen \
fragments ipv6 tunnel_gre tunnel_ipip tunnel_vxlan tunnel_tcp"

[ "$(id -u)" -eq 0 ] || { echo "record.sh: run as root (network namespaces)" >&2; exit 1; }
missing=
for program in ip tc ethtool tcpdump editcap nginx openssl python3 nft ss curl; do
    command -v "$program" >/dev/null || missing="$missing $program"
done
[ -z "$missing" ] || { echo "record.sh: missing:$missing" >&2; exit 1; }

work=$(mktemp -d)
trap 'clean; rm -rf "$work"' EXIT
trap 'exit 1' INT TERM

# The names are words.
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
    "$name" || { cat "$work/log" >&2; exit 1; }
    clean
done
