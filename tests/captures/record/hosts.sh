# shellcheck shell=sh
# Two hosts that are network namespaces, and how to record what they say. To be read by record.sh with ".".
# shellcheck disable=SC2034,SC2154 # the parts share their variables

need() { # PROGRAM...
    for program; do
        command -v "$program" >/dev/null || { echo "record.sh: missing: $program" >&2; exit 1; }
    done
}

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
    while ! grep -qs listening "$work/tcpdump"; do
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

# keep the file, and beside it the secrets that the programs wrote to $work/keys
keep_with_keys() {
    stop
    editcap -F pcapng "$work/$name.pcap" "$here/$name.pcapng"
    grep -v '^#' "$work/keys" | sort -u >"$here/$name.keys"
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
        [ -e "/run/netns/$end" ] || continue
        # Also what they started themselves.
        ip netns pids "$end" | xargs -r kill 2>/dev/null || :
        ip netns delete "$end"
    done
}

# lose RULE: what nft then drops as it comes in at the server; found ends that
lose() {
    on_server nft "add table inet lost
        add chain inet lost in { type filter hook input priority 0; }
        add rule inet lost in $1 drop"
}
found() { on_server nft delete table inet lost; }
