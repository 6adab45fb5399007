# shellcheck shell=sh
# Captures of what networks, capture points and tunnels do. To be read by record.sh with ".".
# shellcheck disable=SC2034,SC2154 # the parts share their variables

all="$all retransmission lost_before_capture reordered mirrored offload snaplen fragments ipv6
tunnel_gre tunnel_ipip tunnel_vxlan tunnel_tcp"

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
