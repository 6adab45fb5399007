# shellcheck shell=sh
# Captures of what HTTP/1.1 opens: a tunnel, HTTP/2, WebSocket. To be read by record.sh with ".".
# shellcheck disable=SC2034,SC2154 # the parts share their variables

all="$all connect_tls connect_h2 connect_in_tls connect_refused h2c_prior_knowledge h2c_upgrade h2_ping h2_tls
h2_goaway websocket websocket_tls websocket_refused"

proxy() { # LINES of its configuration
    need tinyproxy
    cat >"$work/tinyproxy" <<END
Port 8888
Listen $server
MaxClients 10
Timeout 10
$1
END
    background "$s" tinyproxy -d -c "$work/tinyproxy"
    sleep 0.5
}

# nginx, which takes HTTP/2 too where TLS is
web_with_h2() {
    web
    sed -i 's/ ssl so_keepalive/ ssl http2 so_keepalive/' "$work/nginx.conf"
    kill "${jobs##* }"
    background "$s" nginx -c "$work/nginx.conf"
    sleep 1
}

connect_tls() {
    hosts --delay 5
    web
    proxy "ConnectPort 443"
    listen "tcp port 8888"
    SSLKEYLOGFILE=$work/keys on_client curl -sk --local-port 40001 -x "http://$server:8888" --http1.1 -o /dev/null \
        "https://$server/style.css"
    keep_with_keys
}

connect_h2() {
    hosts --delay 5
    web_with_h2
    proxy "ConnectPort 443"
    listen "tcp port 8888"
    for version in 2 3; do
        SSLKEYLOGFILE=$work/keys on_client curl -sk --local-port 4000$version -x "http://$server:8888" --http2 \
            --tlsv1.$version --tls-max 1.$version -o /dev/null "https://$server/style.css" \
            -o /dev/null "https://$server/style.css"
        sleep 0.1
    done
    keep_with_keys
}

# TLS to the proxy, and in it, behind CONNECT, TLS to nginx. nghttpx stands before tinyproxy.
connect_in_tls() {
    need nghttpx
    hosts --delay 5
    web_with_h2
    proxy "ConnectPort 443"
    background "$s" nghttpx --http2-proxy -f "$server,8443" -b "$server,8888" --conf=/dev/null \
        "$work/www.key" "$work/www.pem"
    sleep 0.5
    listen "tcp port 8443"
    for version in 2 3; do
        SSLKEYLOGFILE=$work/keys on_client curl -sk --local-port 4000$version -x "https://$server:8443" --proxy-insecure \
            --http2 --tlsv1.$version --tls-max 1.$version -o /dev/null "https://$server/style.css"
        sleep 0.1
    done
    keep_with_keys
}

connect_refused() {
    hosts --delay 5
    web
    proxy "ConnectPort 563"
    listen "tcp port 8888"
    on_client curl -sk --local-port 40001 -x "http://$server:8888" "https://$server/style.css" || :
    keep
}

# -- HTTP/2 --

h2c_prior_knowledge() {
    need nghttpd
    hosts --delay 5
    web
    background "$s" nghttpd --no-tls -a "$server" -d "$work/www" 8080
    sleep 0.5
    listen
    on_client curl -s --local-port 40001 --http2-prior-knowledge -o /dev/null "http://$server:8080/style.css" \
        -o /dev/null "http://$server:8080/"
    keep
}

# nghttpx stands before nginx.
h2c_upgrade() {
    need nghttp nghttpx
    hosts --delay 5
    web
    background "$s" nghttpx -f "$server,8080;no-tls" -b "$server,80" --conf=/dev/null
    sleep 0.5
    listen "tcp port 8080"
    on_client nghttp -nu "http://$server:8080/style.css" >>"$work/log"
    on_client curl -s --local-port 40002 --http2 -o /dev/null "http://$server:8080/style.css"
    keep
}

# A PING in a busy connection, two in silence.
h2_ping() {
    need nghttpd
    hosts --delay 5
    web
    background "$s" nghttpd --no-tls -a "$server" -d "$work/www" 8080
    sleep 0.5
    listen
    on_client python3 "$here/frames.py" http2 "$server" 8080 from:40001 get:/style.css ping wait:1.5 ping wait:1.5 ping \
        get:/style.css goaway
    keep
}

h2_tls() {
    hosts --delay 5
    web_with_h2
    listen
    SSLKEYLOGFILE=$work/keys on_client curl -sk --local-port 40001 --http2 -o /dev/null "https://$server/style.css" \
        -o /dev/null "https://$server/"
    for version in 2 3; do
        SSLKEYLOGFILE=$work/keys on_client python3 "$here/frames.py" http2 "$server" 443 from:4001$version \
            tls:1.$version get:/style.css wait:1.5 ping wait:0.2 ping get:/style.css goaway
    done
    keep_with_keys
}

# The server has had enough of an idle connection.
h2_goaway() {
    need nghttp nghttpd
    hosts --delay 5
    web "keepalive_timeout 1;" "server { listen $server:8080 http2; keepalive_timeout 1; }"
    listen
    on_client python3 "$here/frames.py" http2 "$server" 8080 from:40001 get:/style.css wait:2
    keep
}

# -- WebSocket --

websocket() {
    hosts --delay 5
    background "$s" python3 "$here/frames.py" websocket-server "$server" 8080
    sleep 1
    listen
    on_client python3 "$here/frames.py" websocket "$server" 8080 from:40001 say:hello wait:1.2 ping wait:0.5 pong \
        fill:3000 wait:1 close
    keep
}

websocket_tls() {
    hosts --delay 5
    certificate www www.example.com
    background "$s" python3 "$here/frames.py" websocket-server "$server" 8443 "$work/www.pem" "$work/www.key"
    sleep 1
    listen
    for version in 2 3; do
        SSLKEYLOGFILE=$work/keys on_client python3 "$here/frames.py" websocket "$server" 8443 from:4000$version \
            tls:1.$version say:hello wait:1.2 ping wait:1 close
    done
    keep_with_keys
}

# A server that knows only HTTP.
websocket_refused() {
    hosts --delay 5
    web
    listen
    on_client python3 "$here/frames.py" websocket "$server" 80 from:40001 2>>"$work/log" || :
    keep
}
