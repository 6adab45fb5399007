# shellcheck shell=sh
# Captures of PostgreSQL. To be read by record.sh with ".".
# shellcheck disable=SC2034,SC2154 # the parts share their variables

all="$all postgresql_query"

# A query that takes two seconds, one that is refused, and Terminate.
postgresql_query() {
    hosts --delay 5
    postgresql off
    listen "tcp port 5432"
    PGSSLMODE=disable PGGSSENCMODE=disable on_client psql -h "$server" -U postgres \
        -c 'SELECT pg_sleep(2)' -c 'SELECT nothing' -c 'SELECT 1' postgres >>"$work/log" 2>&1 || :
    keep
}
