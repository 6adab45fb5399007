# shellcheck shell=sh
# Captures of HTTP/1.0 and HTTP/1.1. To be read by record.sh with ".".
# shellcheck disable=SC2034,SC2154 # the parts share their variables

all="$all http_1_0 http_until_close http_pipelined http_chunked http_continue http_expectation_refused http_no_body
http_early_response http_early_hints http_request_timeout http_server_timeout http_crossed_close http_bad_request
http_split_head http_midway https_1_1"

curl_from() { # FROM ARGUMENT...
    from=$1
    shift
    on_client curl -sk --local-port "$from" -o /dev/null "$@" >>"$work/log" 2>&1
}

http_1_0() {
    hosts --delay 5
    web
    listen
    curl_from 40001 -0 "http://$server/style.css"
    # Asked to stay, it stays.
    curl_from 40002 -0 -H 'Connection: keep-alive' "http://$server/style.css" -o /dev/null "http://$server/style.css"
    keep
}

# A length that the server does not know beforehand, and may not send in chunks.
http_until_close() {
    hosts --delay 5
    web "sub_filter TCP tcp; chunked_transfer_encoding off;"
    listen
    curl_from 40001 "http://$server/"
    keep
}

http_pipelined() {
    hosts --delay 5
    web
    listen
    for path in / /style.css /missing; do
        printf 'GET %s HTTP/1.1\r\nHost: www.example.com\r\n\r\n' $path
    done >"$work/requests"
    printf 'HEAD / HTTP/1.1\r\nHost: www.example.com\r\nConnection: close\r\n\r\n' >>"$work/requests"
    on_client python3 "$here/peer.py" connect "$server" 80 from:40001 "file:$work/requests" eof close
    keep
}

# Both ways; the response has a trailer section.
chunks="location = /index.html { sub_filter TCP tcp; add_trailer X-Lines 200; }
    location /up/ { dav_methods PUT; create_full_put_path on; }"
http_chunked() {
    hosts --delay 5
    web "$chunks"
    listen
    curl_from 40001 "http://$server/index.html"
    head -c 4000 /dev/zero | tr '\0' x | curl_from 40002 -H Expect: -T - "http://$server/up/file"
    keep
}

http_continue() {
    hosts --delay 5
    web "location /up/ { dav_methods PUT; create_full_put_path on; }"
    listen
    head -c 4000 /dev/zero >"$work/file"
    curl_from 40001 -H 'Expect: 100-continue' -T "$work/file" "http://$server/up/file"
    keep
}

# curl does not send the body then.
http_expectation_refused() {
    hosts --delay 5
    web "client_max_body_size 1k; location /up/ { dav_methods PUT; }"
    listen
    head -c 4000 /dev/zero >"$work/file"
    curl_from 40001 -H 'Expect: 100-continue' -T "$work/file" "http://$server/up/file"
    keep
}

# HEAD, 204 and 304 name lengths, or none, and have no body.
http_no_body() {
    hosts --delay 5
    web "location /up/ { dav_methods PUT DELETE; create_full_put_path on; } location /nothing { return 204; } if_modified_since before;"
    listen
    curl_from 40001 -I "http://$server/" --next -s -o /dev/null "http://$server/nothing" \
        --next -s -o /dev/null -H "If-Modified-Since: Fri, 01 Jan 2038 00:00:00 GMT" \
        "http://$server/" --next -s -o /dev/null "http://$server/style.css"
    keep
}

# 413 comes while the body is still being sent.
http_early_response() {
    hosts --delay 50
    web "client_max_body_size 1k; location /up/ { dav_methods PUT; }"
    listen
    head -c 30000 /dev/zero >"$work/file"
    curl_from 40001 -H Expect: --limit-rate 20k -T "$work/file" "http://$server/up/file" || :
    keep
}

haproxy_for() { # LINES of the frontend
    need haproxy
    mkdir -p "$work/run"
    cat >"$work/haproxy" <<END
defaults
    mode http
    timeout connect 5s
    timeout client 10s
    timeout server 10s
    timeout http-request 1s
frontend www
    bind $server:8080
$1
    default_backend nginx
backend nginx
    server nginx $server:80
END
    background "$s" haproxy -f "$work/haproxy" -db
    sleep 0.5
}

http_early_hints() {
    hosts --delay 5
    web
    haproxy_for "    http-request early-hint Link \"</style.css>; rel=preload; as=style\""
    listen
    curl_from 40001 "http://$server:8080/style.css"
    keep
}

# 408 to half a request, and to no request at all.
http_request_timeout() {
    hosts --delay 5
    web
    haproxy_for ""
    listen
    on_client python3 "$here/peer.py" connect "$server" 8080 from:40001 "send:GET / HTTP/1.1" eof close
    on_client python3 "$here/peer.py" connect "$server" 8080 from:40002 eof close
    keep
}

# nginx closes without a word when a persistent connection has been idle.
http_server_timeout() {
    hosts --delay 5
    web "keepalive_timeout 1;"
    listen
    on_client python3 "$here/peer.py" connect "$server" 80 from:40001 get:/style.css eof close
    keep
}

# The second request leaves 100 ms before the server's FIN comes.
http_crossed_close() {
    hosts --delay 200
    web "keepalive_timeout 1;"
    listen
    on_client python3 "$here/peer.py" connect "$server" 80 from:40001 get:/style.css wait:0.9 get:/style.css close ||
        :
    keep
}

http_bad_request() {
    hosts --delay 5
    web
    listen
    printf 'GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n' >"$work/twice"
    on_client python3 "$here/peer.py" connect "$server" 80 from:40001 "file:$work/twice" eof close
    printf 'GET / HTTP/1.1\r\nHost: www.example.com\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n' \
        >"$work/both"
    on_client python3 "$here/peer.py" connect "$server" 80 from:40002 "file:$work/both" eof close
    keep
}

# A cookie of 3 kB, and a response head over three segments.
http_split_head() {
    hosts --delay 5
    long=$(head -c 1500 /dev/zero | tr '\0' x)
    web "add_header X-One $long; add_header X-Two $long; large_client_header_buffers 4 8k;"
    listen
    curl_from 40001 -b "a=$long$long" "http://$server/style.css"
    keep
}

# Begins in the middle of a response's body.
http_midway() {
    hosts --delay 5
    web "limit_rate 6k;"
    curl_from 40001 "http://$server/" -o /dev/null "http://$server/style.css" &
    there=$!
    sleep 0.7
    listen
    wait "$there"
    keep
}

# As above, inside TLS 1.2 and 1.3.
https_1_1() {
    hosts --delay 5
    web "$chunks"
    listen
    head -c 3000 /dev/zero >"$work/file"
    for version in 2 3; do
        same="-sk -o /dev/null --http1.1 --tlsv1.$version --tls-max 1.$version"
        # shellcheck disable=SC2086
        SSLKEYLOGFILE=$work/keys curl_from 4000$version $same "https://$server/index.html" \
            --next $same -H 'Expect: 100-continue' -T "$work/file" "https://$server/up/file" \
            --next $same -I "https://$server/style.css"
    done
    keep_with_keys
}
