# shellcheck shell=sh
# The servers. To be read by record.sh with ".".
# shellcheck disable=SC2034,SC2154 # the parts share their variables

# certificate NAME SUBJECT [KEY]: self-signed, in NAME.pem and NAME.key
certificate() {
    [ $# -gt 2 ] || set -- "$1" "$2" ec -pkeyopt ec_paramgen_curve:prime256v1
    file=$work/$1 subject=$2
    shift 2
    openssl req -x509 -newkey "$@" -nodes -subj "/CN=$subject" -addext "subjectAltName=DNS:$subject" \
        -days 3650 -keyout "$file.key" -out "$file.pem" 2>>"$work/log"
}

# web [LINES]: nginx at the server, with a page and a style; LINES are for each server {...}
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
    certificate www www.example.com
    head -c 48 /dev/urandom >"$work/tickets"
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
    ssl_protocols TLSv1.2 TLSv1.3;
    ssl_certificate $work/www.pem;
    ssl_certificate_key $work/www.key;
    server {
        listen $server:80 so_keepalive=2s:2s:5;
        listen [$server6]:80 so_keepalive=2s:2s:5;
        ${1-}
    }
    server {
        listen $server:443 ssl so_keepalive=2s:2s:5;
        lingering_close always;
        ${1-}
    }
    ${2-}
}
END
    background "$s" nginx -c "$work/nginx.conf"
    sleep 1
}

# tls_server OPTION...: it says every line backwards
tls_server() {
    [ -e "$work/www.pem" ] || certificate www www.example.com
    background "$s" "$OPENSSL" s_server -accept "$server:443" -cert "$work/www.pem" -key "$work/www.key" -rev "$@"
    sleep 0.5
}

# tls_server_says LINE... -- OPTION...: one after the other, half a second apart; "-" says nothing
tls_server_says() {
    lines=
    while [ "$1" != -- ]; do lines="$lines $1" && shift; done
    shift
    [ -e "$work/www.pem" ] || certificate www www.example.com
    mkfifo "$work/lines"
    on_server "$OPENSSL" s_server -accept "$server:443" -cert "$work/www.pem" -key "$work/www.key" "$@" \
        <"$work/lines" >>"$work/log" 2>&1 &
    jobs="$jobs $!"
    # shellcheck disable=SC2086 # words
    (say $lines && sleep 60) >"$work/lines" &
    jobs="$jobs $!"
    sleep 0.5
}

# tls_client FROM LINE... -- OPTION...: says the lines like the server
tls_client() {
    from=$1 lines=
    shift
    while [ "$1" != -- ]; do lines="$lines $1" && shift; done
    shift
    # shellcheck disable=SC2086
    say $lines | on_client "$OPENSSL" s_client -connect "$server:443" -bind "$client:$from" \
        -servername www.example.com -keylogfile "$work/keys" "$@" >>"$work/log" 2>&1
}

say() {
    for line; do
        sleep 0.5
        [ "$line" = - ] || echo "$line"
    done
    sleep 0.5
}

# nss_database: for the programs of NSS, with the server's certificate
nss_database() {
    certificate www www.example.com rsa:2048
    mkdir "$work/nss"
    certutil -N -d "$work/nss" --empty-password
    openssl pkcs12 -export -name www -in "$work/www.pem" -inkey "$work/www.key" -passout pass: -out "$work/www.p12"
    pk12util -i "$work/www.p12" -d "$work/nss" -W '' -K '' >>"$work/log"
}
