/* rows.c
 * Connections as rows for programs, and as stories: `tshark -z tcpphase,log`, `-z tcpphase,csv`, `-z tcpphase,story`.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A row is written once nothing can change it: its addresses and ports are used again, it has been closed for a while, it
 * has been idle for as long as the preference says, or the file has ended. Nothing is kept of it then. With two passes the
 * second one writes, and knows what came later.
 */

#include "statistics.h"
#include "versions.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>

#include <epan/prefs.h>
#include <epan/stat_tap_ui.h>
#include <epan/tap.h>
#include <epan/to_str.h>

#define ROW_SIZE 16384
#define NANOSECONDS 1000000000
/* After both FINs or an RST some segments still come: so long, in the capture's time. */
#define LINGER (60 * (int64_t)NANOSECONDS)
#define WRITE_ERROR 2

/* A connection whose row has not been written. */
struct kept {
    struct tcpphase_row row;
    char *addresses[2];
    char *endpoints;
    /* The latest of its segments' times: a clock can run back. */
    int64_t latest;
    int64_t closed_time;
};

/* What waits for its time to come, in the order of these. */
struct due {
    uint32_t connection;
    int64_t time;
};

struct log {
    uint32_t format;
    bool headed;
    /* Those that have a row, or had one. */
    struct connections *seen;
    /* Number -> kept. */
    GHashTable *connections;
    /* Addresses and ports -> number of the newest connection. */
    GHashTable *newest;
    /* The closed ones, and all of them where there is a limit for idle ones. */
    GQueue *closed, *idle;
};

static unsigned idle_limit;

/* ---- Writing ---- */

static void
write_line(const char *line)
{
    if (fputs(line, stdout) != EOF && fputc('\n', stdout) != EOF && fflush(stdout) == 0) {
        return;
    }
#ifdef SIGPIPE
    if (errno == EPIPE) {
        signal(SIGPIPE, SIG_DFL);
        raise(SIGPIPE);
    }
#endif
    fprintf(stderr, "tshark: the connections' rows cannot be written: %s\n", g_strerror(errno));
    exit(WRITE_ERROR);
}

static void
write_row(struct log *log, const struct kept *kept)
{
    char line[ROW_SIZE];

    if (!log->headed) {
        log->headed = true;
        if (tcpphase_row_heading(log->format, line, sizeof line) == TCPPHASE_OK && line[0] != 0) {
            write_line(line);
        }
    }
    if (capture_row(&kept->row, log->format, line, sizeof line)) {
        write_line(line);
    }
}

static void
kept_free(void *data)
{
    struct kept *kept = (struct kept *)data;

    wmem_free(NULL, kept->addresses[0]);
    wmem_free(NULL, kept->addresses[1]);
    g_free(kept->endpoints);
    g_free(kept);
}

static struct kept *
find(const struct log *log, uint32_t connection)
{
    return (struct kept *)g_hash_table_lookup(log->connections, GUINT_TO_POINTER(connection));
}

static void
write_and_forget(struct log *log, uint32_t connection)
{
    const struct kept *kept = find(log, connection);

    if (kept == NULL) {
        return;
    }
    write_row(log, kept);
    if (g_hash_table_lookup(log->newest, kept->endpoints) == GUINT_TO_POINTER(connection + 1)) {
        g_hash_table_remove(log->newest, kept->endpoints);
    }
    g_hash_table_remove(log->connections, GUINT_TO_POINTER(connection));
}

/* ---- When ---- */

/* Whether it is closed, and in a second pass all its segments that the first one saw have come again. */
static bool
is_closed(const struct kept *kept)
{
    struct tcpphase_summary summary = { .struct_size = sizeof summary };
    const char *ended;

    if (kept == NULL || !capture_summary(kept->row.connection, &summary)
        || kept->latest - kept->row.first_time < summary.duration) {
        return false;
    }
    ended = statistics_name(TCPPHASE_TABLE_ENDED, summary.ended);
    return strcmp(ended, "Graceful") == 0 || strcmp(ended, "Simultaneous") == 0 || strcmp(ended, "Reset") == 0
        || strcmp(statistics_name(TCPPHASE_TABLE_OPENED, summary.opened), "Refused") == 0
        || strcmp(statistics_name(TCPPHASE_TABLE_OPENED, summary.opened), "Reset") == 0;
}

static void
put_off(GQueue *queue, uint32_t connection, int64_t time)
{
    struct due *due = g_new(struct due, 1);

    *due = (struct due){ connection, time };
    g_queue_push_tail(queue, due);
}

/* Whoever is due at this time. */
static struct due *
next_due(GQueue *queue, int64_t now)
{
    const struct due *due = (const struct due *)g_queue_peek_head(queue);

    return due != NULL && due->time <= now ? (struct due *)g_queue_pop_head(queue) : NULL;
}

static void
write_due(struct log *log, int64_t now)
{
    struct due *due;

    while ((due = next_due(log->closed, now)) != NULL) {
        struct kept *kept = find(log, due->connection);

        if (is_closed(kept)) {
            write_and_forget(log, due->connection);
        } else if (kept != NULL) {
            /* An RST that took effect has been disproved since. */
            kept->closed_time = TCPPHASE_TIME_ABSENT;
        }
        g_free(due);
    }
    while ((due = next_due(log->idle, now)) != NULL) {
        const struct kept *kept = find(log, due->connection);
        const int64_t limit = (int64_t)idle_limit * NANOSECONDS;

        if (kept != NULL && kept->row.last_time + limit > now) {
            put_off(log->idle, due->connection, kept->row.last_time + limit);
        } else if (kept != NULL) {
            write_and_forget(log, due->connection);
        }
        g_free(due);
    }
}

/* ---- Gathering ---- */

/* The same for both directions. */
static char *
endpoints_of(const struct kept *kept)
{
    const struct tcpphase_row *row = &kept->row;
    const unsigned lower = row->sender_is_lower ? 0 : 1;
    const uint32_t ports[2] = { row->sender_port, row->receiver_port };

    return g_strdup_printf("%s %u %s %u", kept->addresses[lower], ports[lower], kept->addresses[!lower], ports[!lower]);
}

static struct kept *
begin_connection(struct log *log, packet_info *pinfo, const struct tapped *segment)
{
    struct kept *kept = g_new0(struct kept, 1);
    const uint32_t number = segment->verdict.connection;
    uint32_t before;

    kept->addresses[0] = address_to_str(NULL, &segment->source);
    kept->addresses[1] = address_to_str(NULL, &segment->destination);
    kept->closed_time = TCPPHASE_TIME_ABSENT;
    kept->row = (struct tcpphase_row){
        .struct_size = sizeof kept->row,
        .connection = number,
        .stream = statistics_stream(pinfo, segment),
        .first_time = capture_time(pinfo),
        .sender_address = kept->addresses[0],
        .receiver_address = kept->addresses[1],
        .sender_port = segment->source_port,
        .receiver_port = segment->destination_port,
        .sender_is_lower = statistics_is_lower(segment),
    };
    kept->latest = kept->row.first_time;
    kept->endpoints = endpoints_of(kept);
    before = GPOINTER_TO_UINT(g_hash_table_lookup(log->newest, kept->endpoints));
    if (before != 0 && is_closed(find(log, before - 1))) {
        write_and_forget(log, before - 1);
    }
    g_hash_table_replace(log->newest, g_strdup(kept->endpoints), GUINT_TO_POINTER(number + 1));
    g_hash_table_replace(log->connections, GUINT_TO_POINTER(number), kept);
    if (idle_limit > 0 && kept->row.first_time != TCPPHASE_TIME_ABSENT) {
        put_off(log->idle, number, kept->row.first_time + (int64_t)idle_limit * NANOSECONDS);
    }
    return kept;
}

static void
follow_connection(struct log *log, struct kept *kept, const packet_info *pinfo, const struct tcpphase_verdict *verdict)
{
    const int64_t now = capture_time(pinfo);
    struct tcpphase_row *row = &kept->row;

    tcpphase_row_follow(row, verdict);
    row->last_time = now;
    kept->latest = MAX(kept->latest, now);
    if (kept->closed_time == TCPPHASE_TIME_ABSENT && verdict->close_initiator != TCPPHASE_INITIATOR_NONE
        && now != TCPPHASE_TIME_ABSENT && is_closed(kept)) {
        kept->closed_time = now;
        put_off(log->closed, row->connection, now + LINGER);
    }
}

static tap_packet_status
log_packet(void *data, packet_info *pinfo, epan_dissect_t *edt _U_, const void *tapped, tap_flags_t flags _U_)
{
    struct log *log = (struct log *)data;
    const struct tapped *segment = (const struct tapped *)tapped;
    const uint32_t number = segment->verdict.connection;
    struct kept *kept;

    if (number == TCPPHASE_CONNECTION_NONE) {
        return TAP_PACKET_DONT_REDRAW;
    }
    kept = find(log, number);
    if (kept == NULL && connections_add(log->seen, number)) {
        kept = begin_connection(log, pinfo, segment);
    }
    if (kept != NULL) {
        follow_connection(log, kept, pinfo, &segment->verdict);
    }
    if (capture_time(pinfo) != TCPPHASE_TIME_ABSENT) {
        write_due(log, capture_time(pinfo));
    }
    return TAP_PACKET_DONT_REDRAW;
}

/* ---- The end of the file ---- */

static int
by_number(const void *one, const void *other)
{
    const uint32_t a = GPOINTER_TO_UINT(*(void *const *)one), b = GPOINTER_TO_UINT(*(void *const *)other);

    return a < b ? -1 : a > b;
}

static void
log_draw(void *data)
{
    struct log *log = (struct log *)data;
    unsigned count;
    void **numbers = g_hash_table_get_keys_as_array(log->connections, &count);

    qsort(numbers, count, sizeof *numbers, by_number);
    for (unsigned i = 0; i < count; i++) {
        write_and_forget(log, GPOINTER_TO_UINT(numbers[i]));
    }
    g_free(numbers);
}

static void
log_reset(void *data)
{
    struct log *log = (struct log *)data;

    g_hash_table_remove_all(log->connections);
    g_hash_table_remove_all(log->newest);
    g_queue_clear_full(log->closed, g_free);
    g_queue_clear_full(log->idle, g_free);
    connections_forget(log->seen);
}

/* ---- Registration ---- */

static STATISTIC_BEGINS
log_init(const char *argument, void *format)
{
    /* "tcpphase,log" and its like, and perhaps a filter behind a comma. */
    const char *comma = strchr(strchr(argument, ',') + 1, ',');
    struct log *log = g_new0(struct log, 1);
    GString *error;

    log->format = GPOINTER_TO_UINT(format);
    log->connections = g_hash_table_new_full(g_direct_hash, g_direct_equal, NULL, kept_free);
    log->newest = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    log->closed = g_queue_new();
    log->idle = g_queue_new();
    log->seen = connections_new();
    error = register_tap_listener(STATISTICS_TAP, log, comma != NULL ? comma + 1 : NULL, TL_REQUIRES_NOTHING, log_reset,
                                  log_packet, log_draw, NULL);
    if (error != NULL) {
        fprintf(stderr, "tshark: Couldn't register the tcpphase tap: %s\n", error->str);
        exit(1);
    }
    return STATISTIC_HAS_BEGUN;
}

void
rows_register(module_t *preferences)
{
    static stat_tap_ui log = { REGISTER_PACKET_STAT_GROUP_UNSORTED, NULL, STATISTICS_TAP ",log", log_init, 0, NULL };
    static stat_tap_ui csv = { REGISTER_PACKET_STAT_GROUP_UNSORTED, NULL, STATISTICS_TAP ",csv", log_init, 0, NULL };
    static stat_tap_ui story = { REGISTER_PACKET_STAT_GROUP_UNSORTED, NULL, STATISTICS_TAP ",story", log_init, 0, NULL };

    register_stat_tap_ui(&log, GUINT_TO_POINTER(TCPPHASE_ROW_JSON));
    register_stat_tap_ui(&csv, GUINT_TO_POINTER(TCPPHASE_ROW_CSV));
    register_stat_tap_ui(&story, GUINT_TO_POINTER(TCPPHASE_ROW_STORY));
    prefs_register_uint_preference(preferences, "log_idle", "Idle seconds after which a row is written",
                                   "`-z tcpphase,log` and `-z tcpphase,csv` write the row of a connection that has been idle "
                                   "for so many seconds, and what comes later is not in it; 0: at the end of the file",
                                   10, &idle_limit);
}
