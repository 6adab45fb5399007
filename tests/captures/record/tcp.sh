# shellcheck shell=sh
# Captures of opening, keep-alives and closing. To be read by record.sh with ".".
# shellcheck disable=SC2034,SC2154 # the parts share their variables

all="$all refused no_answer unreachable syn_retry synack_repeated handshake_ack_lost reset_in_handshake
simultaneous_open fast_open fast_open_ignored port_reuse port_reuse_alive
keepalive_vanished keepalive_reset keepalive_data keepalive_waiting keepalive_storm half_close_keepalive midway
one_direction one_direction_server single_octets zero_window
half_close four_segment_close simultaneous_close reset_abort reset_after_close"

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
