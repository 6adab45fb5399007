# shellcheck shell=sh
# Captures of TLS that fails, or ends without a word. To be read by record.sh with ".".
# shellcheck disable=SC2034,SC2154 # the parts share their variables

all="$all tls_no_common_version tls_no_common_cipher tls_bad_certificate tls_client_certificate_missing
tls_client_certificate_unknown tls_truncated tls_aborted tls_reset tls_retry_closed tls_silence tls_to_http http_to_tls"

tls_no_common_version() {
    hosts --delay 5
    tls_server -tls1_3 -naccept 1
    listen
    tls_client 40001 -- -tls1_2 || :
    tls_server -tls1_2
    tls_client 40002 -- -tls1_3 || :
    keep
}

tls_no_common_cipher() {
    hosts --delay 5
    tls_server -cipher ECDHE-ECDSA-AES128-GCM-SHA256 -ciphersuites TLS_AES_128_GCM_SHA256
    listen
    tls_client 40001 -- -tls1_2 -cipher ECDHE-ECDSA-AES256-GCM-SHA384 || :
    tls_client 40002 -- -tls1_3 -ciphersuites TLS_AES_256_GCM_SHA384 || :
    keep
}

# The client knows no authority that has signed it.
tls_bad_certificate() {
    hosts --delay 5
    tls_server
    listen
    for version in 2 3; do tls_client 4000$version hello -- -tls1_$version -verify_return_error || :; done
    keep_with_keys
}

# The server must have one. In 1.3 the client believes that all is well until the alert comes.
tls_client_certificate_missing() {
    hosts --delay 5
    tls_server -Verify 1
    listen
    for version in 2 3; do tls_client 4000$version hello -- -tls1_$version || :; done
    keep_with_keys
}

tls_client_certificate_unknown() {
    hosts --delay 5
    certificate alice alice.example.com
    tls_server -Verify 1 -verify_return_error
    listen
    for version in 2 3; do
        tls_client 4000$version hello -- -tls1_$version -cert "$work/alice.pem" -key "$work/alice.key" || :
    done
    keep_with_keys
}

# The client is killed: its kernel says FIN.
tls_truncated() {
    hosts --delay 5
    tls_server
    listen
    for version in 2 3; do
        tls_client 4000$version hello - - - -- -tls1_$version &
        there=$!
        sleep 1.5
        on_client ss -tnpH dst "$server" | grep -o 'pid=[0-9]*' | sort -u | sed 's/pid=//' | xargs -r kill -KILL
        wait "$there" || :
    done
    keep_with_keys
}

# The server's kernel loses the connection.
tls_aborted() {
    hosts --delay 5
    tls_server
    listen
    for version in 2 3; do
        tls_client 4000$version hello - - - -- -tls1_$version &
        there=$!
        sleep 1.5
        on_server ss -K -t dst "$client" >>"$work/log"
        wait "$there" || :
    done
    keep_with_keys
}

# What stands before some servers does this to names that it does not like.
tls_reset() {
    hosts --delay 5
    port=443
    listen
    serve some abort
    tls_client 40001 -- || :
    serve some close
    tls_client 40002 -- || :
    port=50000
    keep
}

# Without a state of its own the server closes, and would know the client's second hello from a new connection.
tls_retry_closed() {
    hosts --delay 5
    tls_server_says - welcome -- -tls1_3 -stateless
    listen
    tls_client 40001 hello -- -tls1_3 || :
    keep
}

# The client has no patience.
tls_silence() {
    hosts --delay 5
    port=443
    serve wait:5 close
    port=50000
    listen
    SSLKEYLOGFILE='' on_client curl -sk --local-port 40001 --max-time 2 "https://$server/" || :
    keep
}

tls_to_http() {
    hosts --delay 5
    web
    listen
    on_client curl -sk --local-port 40001 "https://$server:80/" || :
    keep
}

http_to_tls() {
    hosts --delay 5
    web
    listen
    on_client curl -s --local-port 40001 -o /dev/null "http://$server:443/"
    keep
}
