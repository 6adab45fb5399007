# shellcheck shell=sh
# Captures of TLS as it should be: openssl at both ends, unless it cannot. To be read by record.sh with ".".
# shellcheck disable=SC2034,SC2154 # the parts share their variables

all="$all tls_ssl3 tls_1_0 tls_1_1 tls_1_2_rsa tls_1_2_session_id tls_1_2_ticket tls_1_3_resumed tls_1_3_retry
tls_1_3_external_key tls_early_data tls_early_data_rejected tls_key_update
tls_client_certificate tls_client_certificate_later tls_renegotiation tls_hello_request tls_certificate_status
tls_false_start tls_early_tickets tls_heartbeat tls_small_records tls_small_segments tls_long_hello
tls_post_quantum tls_padded tls_short_tag tls_server_first tls_midway tls_late tls_snaplen tls_one_direction"

# -- versions --

# Debian's openssl has no SSL 3.0 any more.
tls_ssl3() {
    need selfserv tstclnt certutil pk12util
    hosts --delay 5
    nss_database
    background "$s" selfserv -d "$work/nss" -n www -p 443 -V ssl3:ssl3
    sleep 1
    listen
    printf 'GET / HTTP/1.0\r\n\r\n' >"$work/request"
    on_client timeout 10 tstclnt -h "$server" -p 443 -d "$work/nss" -o -V ssl3:ssl3 -A "$work/request" >>"$work/log" 2>&1
    keep
}

tls_1_0() { both -tls1 -cipher DEFAULT@SECLEVEL=0; }
tls_1_1() { both -tls1_1 -cipher DEFAULT@SECLEVEL=0; }
tls_1_2_rsa() { both -tls1_2 -cipher AES128-SHA; }
both() { # OPTION... of both ends
    hosts --delay 5
    certificate www www.example.com rsa:2048
    tls_server "$@"
    listen
    tls_client 40001 hello -- "$@"
    keep_with_keys
}

# -- resumption --

tls_1_2_session_id() { twice -tls1_2 -no_ticket; }
tls_1_2_ticket() { twice -tls1_2; }
tls_1_3_resumed() { twice -tls1_3; }
twice() { # OPTION...
    hosts --delay 5
    tls_server "$@"
    listen
    tls_client 40001 hello -- "$@" -sess_out "$work/session"
    tls_client 40002 hello -- "$@" -sess_in "$work/session"
    keep_with_keys
}

# No ticket, but a key that both sides were given.
tls_1_3_external_key() {
    hosts --delay 5
    key=000102030405060708090a0b0c0d0e0f
    suite=TLS_AES_128_GCM_SHA256
    tls_server -tls1_3 -psk $key -ciphersuites $suite
    listen
    tls_client 40001 hello -- -tls1_3 -psk $key -ciphersuites $suite
    keep_with_keys
}

# The client's first key share is for X25519.
tls_1_3_retry() {
    hosts --delay 5
    tls_server -tls1_3 -groups P-384
    listen
    tls_client 40001 hello -- -tls1_3
    keep_with_keys
}

early() { # FROM PORT OPTION...: one request, early when there is a session
    from=$1 to=$2
    shift 2
    { sleep 0.5; cat "$work/request"; sleep 0.5; } |
        on_client openssl s_client -connect "$server:$to" -bind "$client:$from" -servername www.example.com \
            -keylogfile "$work/keys" -tls1_3 "$@" >>"$work/log" 2>&1
}
early_web() {
    web "ssl_session_ticket_key $work/tickets80; ssl_early_data on;" "
    server { listen $server:8443 ssl; ssl_session_ticket_key $work/tickets80; ssl_early_data off; }
    server { listen $server:9443 ssl; ssl_session_ticket_key $work/tickets80; ssl_early_data on;
             ssl_ecdh_curve secp384r1; }"
}
tls_early_data() {
    hosts --delay 5
    head -c 80 /dev/urandom >"$work/tickets80"
    printf 'GET /style.css HTTP/1.1\r\nHost: www.example.com\r\n\r\n' >"$work/request"
    early_web
    listen
    early 40001 443 -sess_out "$work/session"
    early 40002 443 -sess_in "$work/session" -early_data "$work/request"
    keep_with_keys
}

# One server takes no early data, one asks for another key share.
tls_early_data_rejected() {
    hosts --delay 5
    head -c 80 /dev/urandom >"$work/tickets80"
    printf 'GET /style.css HTTP/1.1\r\nHost: www.example.com\r\n\r\n' >"$work/request"
    early_web
    early 40001 443 -sess_out "$work/session"
    listen
    early 40002 8443 -sess_in "$work/session" -early_data "$work/request"
    early 40003 9443 -sess_in "$work/session" -early_data "$work/request"
    keep_with_keys
}

# -- what else may be said --

# k: a new key of one's own; K: and one of the other side.
tls_key_update() {
    hosts --delay 5
    tls_server -tls1_3
    listen
    tls_client 40001 hello k again K more -- -tls1_3
    keep_with_keys
}

tls_client_certificate() {
    hosts --delay 5
    certificate alice alice.example.com
    tls_server -Verify 1 -verify_return_error -CAfile "$work/alice.pem"
    listen
    for version in 2 3; do
        tls_client 4000$version hello -- -tls1_$version -cert "$work/alice.pem" -key "$work/alice.key"
    done
    keep_with_keys
}

# Asked for after the handshake.
tls_client_certificate_later() {
    hosts --delay 5
    certificate alice alice.example.com
    tls_server_says - - c -- -tls1_3 -CAfile "$work/alice.pem"
    listen
    tls_client 40001 hello - - again -- -tls1_3 -enable_pha -cert "$work/alice.pem" -key "$work/alice.key"
    keep_with_keys
}

tls_renegotiation() {
    hosts --delay 5
    tls_server -tls1_2 -client_renegotiation
    listen
    tls_client 40001 hello R again -- -tls1_2
    keep_with_keys
}

tls_hello_request() {
    hosts --delay 5
    tls_server_says - - r -- -tls1_2
    listen
    tls_client 40001 hello - - again -- -tls1_2
    keep_with_keys
}

tls_certificate_status() {
    hosts --delay 5
    certificate www www.example.com
    serial=$(openssl x509 -in "$work/www.pem" -noout -serial)
    printf 'V\t400101000000Z\t\t%s\tunknown\t/CN=www.example.com\n' "${serial#*=}" >"$work/index"
    openssl ocsp -issuer "$work/www.pem" -cert "$work/www.pem" -reqout "$work/question" 2>>"$work/log"
    openssl ocsp -index "$work/index" -CA "$work/www.pem" -rsigner "$work/www.pem" -rkey "$work/www.key" -ndays 3650 \
        -reqin "$work/question" -respout "$work/status" >>"$work/log" 2>&1
    tls_server -status_file "$work/status"
    listen
    tls_client 40002 hello -- -tls1_2 -status
    tls_client 40003 hello -- -tls1_3 -status
    keep_with_keys
}

# GnuTLS still does it, where the program asks.
tls_false_start() {
    hosts --delay 20
    certificate www www.example.com rsa:2048
    tls_server -tls1_2
    listen
    SSLKEYLOGFILE=$work/keys on_client python3 - "$client" 40001 "$server" 443 <<'END'
import ctypes, socket, sys
tls = ctypes.CDLL("libgnutls.so.30")
session, credentials = ctypes.c_void_p(), ctypes.c_void_p()
tls.gnutls_init(ctypes.byref(session), 1 << 1 | 1 << 8)  # GNUTLS_CLIENT, GNUTLS_ENABLE_FALSE_START
tls.gnutls_set_default_priority(session)
tls.gnutls_certificate_allocate_credentials(ctypes.byref(credentials))
tls.gnutls_credentials_set(session, 1, credentials)  # GNUTLS_CRD_CERTIFICATE
connection = socket.create_connection((sys.argv[3], int(sys.argv[4])), source_address=(sys.argv[1], int(sys.argv[2])))
connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
tls.gnutls_transport_set_int2(session, connection.fileno(), connection.fileno())
if tls.gnutls_handshake(session) < 0:
    sys.exit("tls_false_start: no handshake")
tls.gnutls_record_send(session, b"hello\n", 6)
tls.gnutls_record_recv(session, ctypes.create_string_buffer(100), 100)
tls.gnutls_bye(session, 0)  # GNUTLS_SHUT_RDWR
END
    keep_with_keys
}

gnutls() { # OPTION OF BOTH... -- LINE...
    need gnutls-cli gnutls-serv
    hosts --delay 5
    certificate www www.example.com rsa:2048
    options=
    while [ "$1" != -- ]; do options="$options $1" && shift; done
    shift
    # shellcheck disable=SC2086
    background "$s" gnutls-serv --echo -p 443 --x509certfile "$work/www.pem" --x509keyfile "$work/www.key" \
        --disable-client-cert $options
    sleep 1
    listen
    # shellcheck disable=SC2086
    say "$@" | SSLKEYLOGFILE=$work/keys on_client gnutls-cli -p 443 --insecure --sni-hostname www.example.com \
        $options "$server" >>"$work/log" 2>&1
    keep_with_keys
}
tls_early_tickets() { gnutls --priority=NORMAL:-VERS-ALL:+VERS-TLS1.3 -- hello; }
tls_heartbeat() { gnutls --heartbeat --priority=NORMAL:-VERS-ALL:+VERS-TLS1.2 -- hello '**HEARTBEAT**' - - again; }

# -- sizes --

# A certificate of 1.3 kB in records of 512 octets.
tls_small_records() {
    hosts --delay 5
    certificate www www.example.com rsa:4096
    tls_server -max_send_frag 512
    listen
    for version in 2 3; do tls_client 4000$version hello -- -tls1_$version; done
    keep_with_keys
}

tls_small_segments() {
    hosts --delay 5
    ip -n "$c" route change 198.51.100.0/24 dev eth0 advmss 300
    ip -n "$s" route change 192.0.2.0/24 dev eth0 advmss 100
    certificate www www.example.com rsa:2048
    tls_server -num_tickets 1
    listen
    for version in 2 3; do tls_client 4000$version hello -- -tls1_$version; done
    keep_with_keys
}

# The ticket has the client's certificate in it.
tls_long_hello() {
    hosts --delay 5
    certificate alice alice.example.com rsa:4096
    tls_server -num_tickets 1 -Verify 1 -CAfile "$work/alice.pem"
    for version in 2 3; do
        tls_client 4000$version hello -- -tls1_$version -cert "$work/alice.pem" -key "$work/alice.key" \
            -sess_out "$work/session$version"
    done
    listen
    for version in 2 3; do tls_client 4001$version hello -- -tls1_$version -sess_in "$work/session$version"; done
    keep_with_keys
}

tls_post_quantum() {
    "$OPENSSL" list -tls-groups 2>/dev/null | grep -q X25519MLKEM768 || {
        echo "tls_post_quantum: left out, $OPENSSL is older than 3.5"
        return
    }
    hosts --delay 5
    tls_server -tls1_3
    listen
    tls_client 40001 hello -- -tls1_3
    keep_with_keys
}

# What makes sizes say less: padding, and the suite with the short tag.
tls_padded() { both -tls1_3 -record_padding 256; }
tls_short_tag() { both -tls1_3 -ciphersuites TLS_AES_128_CCM_8_SHA256 -cipher DEFAULT@SECLEVEL=0; }

# -- who speaks first, and what is seen --

# A mail server greets as soon as it has its keys.
tls_server_first() {
    hosts --delay 5
    mail
    listen
    for version in 2 3; do
        { sleep 0.5; echo 'a LOGOUT'; sleep 0.5; } | on_client openssl s_client -connect "$server:993" \
            -bind "$client:4000$version" -crlf -tls1_$version -keylogfile "$work/keys" >>"$work/log" 2>&1
    done
    keep_with_keys
}

tls_midway() {
    hosts --delay 5
    tls_server
    for version in 2 3; do
        tls_client 4000$version hello - - again -- -tls1_$version &
        there=$!
        sleep 0.8
        if [ $version = 2 ]; then listen; fi
        wait "$there"
    done
    keep_with_keys
}

# Two segments of the server come late, one is lost and comes again.
tls_late() {
    hosts --delay 5 --late server:2:1 --late server:6:2 --lose server:9
    web
    listen
    on_client curl -sk --local-port 40001 --tlsv1.3 -o /dev/null "https://$server/"
    keep
}

tls_snaplen() {
    hosts --delay 5
    tls_server
    listen tcp -s 80
    for version in 2 3; do tls_client 4000$version hello -- -tls1_$version; done
    keep
}

tls_one_direction() {
    hosts --delay 5
    tls_server
    listen "src host $client and port 40002 or (src host $server and port 40003)"
    for version in 2 3; do tls_client 4000$version hello -- -tls1_$version; done
    keep
}
