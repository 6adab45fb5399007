# shellcheck shell=sh
# Captures of connections that ask for TLS on the way. To be read by record.sh with ".".
# shellcheck disable=SC2034,SC2154 # the parts share their variables

all="$all starttls_smtp starttls_imap starttls_pop3 starttls_ftp starttls_postgresql starttls_refused"

# mail: dovecot at the server
mail() {
    need dovecot
    [ -e "$work/www.pem" ] || certificate www www.example.com
    chmod 755 "$work"
    cat >"$work/dovecot" <<END
base_dir = $work/run
state_dir = $work/state
log_path = $work/dovecot.log
listen = $server
protocols = imap pop3
ssl = yes
ssl_cert = <$work/www.pem
ssl_key = <$work/www.key
mail_location = maildir:$work/mail
passdb {
    driver = static
    args = nopassword=y
}
userdb {
    driver = static
    args = uid=65534 gid=65534 home=$work
}
END
    background "$s" dovecot -F -c "$work/dovecot"
    sleep 1.5
}

# smtp_server [OPTION OF main.cf]: postfix
smtp_server() {
    need postfix
    [ -e "$work/www.pem" ] || certificate www www.example.com
    chmod 755 "$work"
    mkdir -p "$work/postfix" "$work/queue/pid" "$work/data"
    chown postfix "$work/data"
    cat >"$work/postfix/main.cf" <<END
compatibility_level = 3.6
queue_directory = $work/queue
data_directory = $work/data
myhostname = mail.example.com
inet_interfaces = $server
inet_protocols = ipv4
smtpd_tls_cert_file = $work/www.pem
smtpd_tls_key_file = $work/www.key
maillog_file = /dev/stdout
maillog_file_prefixes = /dev
${1-smtpd_tls_security_level = may}
END
    # Nothing in a chroot, where files would be missing.
    sed 's/^\([a-z]* *[a-z-]* *[n-] *[n-] *\)y/\1n/' /usr/share/postfix/master.cf.dist >"$work/postfix/master.cf"
    background "$s" postfix -c "$work/postfix" start-fg
    sleep 5 # it checks its files first
}

# postgresql on|off: with TLS or without
postgresql() {
    [ -e "$work/www.pem" ] || certificate www www.example.com
    programs=$(dirname "$(readlink -f "$(command -v initdb || ls /usr/lib/postgresql/*/bin/initdb)")")
    chmod 755 "$work"
    install -d -o postgres "$work/base"
    (cd "$work/base" && runuser -u postgres -- "$programs/initdb" -A trust -N "$work/base/data") >>"$work/log" 2>&1
    echo "host all all $client/32 trust" >>"$work/base/data/pg_hba.conf"
    install -o postgres -m 600 "$work/www.pem" "$work/www.key" "$work/base"
    background "$s" runuser -u postgres -- "$programs/postgres" -D "$work/base/data" -h "$server" -k "$work/base" \
        -c ssl="$1" -c ssl_cert_file="$work/base/www.pem" -c ssl_key_file="$work/base/www.key"
    sleep 2
}

starttls() { # PROTOCOL PORT LAST-WORD: in TLS 1.2 and 1.3
    listen "tcp port $2"
    for version in 2 3; do
        { sleep 0.5; printf '%s\r\n' "$3"; sleep 0.5; } |
            on_client openssl s_client -connect "$server:$2" -bind "$client:4000$version" -tls1_$version \
                -starttls "$1" -ign_eof -keylogfile "$work/keys" >>"$work/log" 2>&1 || :
    done
    keep_with_keys
}

starttls_smtp() {
    hosts --delay 5
    smtp_server
    starttls smtp 25 "quit"
}

starttls_imap() {
    hosts --delay 5
    mail
    starttls imap 143 "a LOGOUT"
}

starttls_pop3() {
    hosts --delay 5
    mail
    starttls pop3 110 "quit"
}

starttls_ftp() {
    need vsftpd
    hosts --delay 5
    certificate www www.example.com rsa:2048
    cat "$work/www.key" >>"$work/www.pem"
    cat >"$work/vsftpd" <<END
listen=YES
background=NO
listen_address=$server
anonymous_enable=YES
ssl_enable=YES
allow_anon_ssl=YES
require_ssl_reuse=NO
rsa_cert_file=$work/www.pem
seccomp_sandbox=NO
END
    background "$s" vsftpd "$work/vsftpd"
    sleep 1
    starttls ftp 21 "QUIT"
}

# There is no last word: the client just closes.
starttls_postgresql() {
    hosts --delay 5
    postgresql on
    listen "tcp port 5432"
    for version in 2 3; do
        { sleep 1; } | on_client openssl s_client -connect "$server:5432" -bind "$client:4000$version" \
            -tls1_$version -starttls postgres -keylogfile "$work/keys" >>"$work/log" 2>&1 || :
    done
    PGSSLMODE=require on_client psql -h "$server" -U postgres -c 'SELECT 1' postgres >>"$work/log"
    keep_with_keys
}

# PostgreSQL says N and goes on without; postfix says that it cannot.
starttls_refused() {
    hosts --delay 5
    postgresql off
    smtp_server "smtpd_tls_security_level = none"
    listen "tcp port 5432 or tcp port 25"
    PGSSLMODE=prefer on_client psql -h "$server" -U postgres -c 'SELECT 1' postgres >>"$work/log"
    on_client openssl s_client -connect "$server:25" -bind "$client:40002" -starttls smtp </dev/null \
        >>"$work/log" 2>&1 || :
    keep
}
