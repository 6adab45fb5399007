/* table.c
 * TCP Phase's table of connections: a window of Wireshark's Statistics menu, text in `tshark -z`.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "statistics.h"

#include <inttypes.h>

#include <cfile.h>
#include <epan/conversation.h>
#include <epan/plugin_if.h>
#include <epan/stat_tap_ui.h>
#include <epan/tap.h>
#include <epan/to_str.h>
#include <epan/dissectors/packet-tcp.h>

#define NANOSECONDS 1000000000
/* As many rows show before the whole file has been read again. */
#define DRAWN_EARLY 500
#define TEXT_SIZE 2048

static int proto_tcp = -1;

enum column {
    STREAM, CLIENT, SERVER, OPENED, SETUP_TIME, SYN_ATTEMPTS, TLS_VERSION, TLS_RESUMED, TLS_TIME, MESSAGES, SLOWEST,
    KEEPALIVES, MAX_IDLE, CLOSED_BY, ENDED, DURATION, END_IDLE, KEEPALIVE_VERDICT, TIMERS, HTTP_TIMEOUT, STORY, COLUMNS
};

/* tshark prints a column's name as it is, so it is as wide as what stands below. The window makes all columns but the last
 * as wide as what is in them, and needs room for its mark of the one that it sorts by. */
#define LEFT(name, format) { TABLE_ITEM_STRING, TAP_ALIGN_LEFT, name, format }
#define RIGHT(name, format) { TABLE_ITEM_STRING, TAP_ALIGN_RIGHT, name, format }
#define COUNT(name, format) { TABLE_ITEM_UINT, TAP_ALIGN_RIGHT, name, format }
static stat_tap_table_item columns[COLUMNS] = {
    [STREAM] = COUNT("  Stream", "%8u"),
    [CLIENT] = LEFT("Client               ", "%-21s"),
    [SERVER] = LEFT("Server               ", "%-21s"),
    [OPENED] = LEFT("Opened      ", "%-12s"),
    [SETUP_TIME] = RIGHT("  Setup time", "%12s"),
    [SYN_ATTEMPTS] = COUNT("  SYNs", "%6u"),
    [TLS_VERSION] = LEFT("TLS                               ", "%-34s"),
    [TLS_RESUMED] = LEFT("Resumed", "%-7s"),
    [TLS_TIME] = RIGHT("    TLS time", "%12s"),
    [MESSAGES] = RIGHT("  Requests", "%10s"),
    [SLOWEST] = RIGHT("  Slowest response", "%18s"),
    [KEEPALIVES] = RIGHT("  Keep-alives", "%13s"),
    [MAX_IDLE] = RIGHT("  Longest idle", "%14s"),
    [CLOSED_BY] = LEFT("Closed by", "%-9s"),
    [ENDED] = LEFT("Ended       ", "%-12s"),
    [DURATION] = RIGHT("    Duration", "%12s"),
    [END_IDLE] = RIGHT("  Idle at end", "%13s"),
    [KEEPALIVE_VERDICT] = LEFT("Keep-alives were     ", "%-21s"),
    [TIMERS] = LEFT("Keep-alive timers           ", "%-28s"),
    [HTTP_TIMEOUT] = RIGHT("HTTP timeout", "%12s"),
    [STORY] = LEFT("Story", "%s"),
};
#undef LEFT
#undef RIGHT
#undef COUNT

struct row {
    /* Wireshark's part: the table owns a row as an array of items. */
    stat_tap_table_item_type items[COLUMNS];
    uint32_t connection;
    bool source_is_lower;
    char *addresses[2];
    GString *text[COLUMNS];
};

static const char table_name[] = "Connections";
static stat_tap_table_ui table_ui;
/* Those of the table, and which of its rows wait for the end of the file. */
static struct connections *table_connections;
/* Rows of before: a window that is still open may point at them. */
static GPtrArray *old_rows;

static void
row_free_texts(struct row *row)
{
    for (unsigned column = 0; column < COLUMNS; column++) {
        if (row->text[column] != NULL) {
            g_string_free(row->text[column], TRUE);
            row->text[column] = NULL;
        }
    }
    g_free(row->addresses[0]);
    g_free(row->addresses[1]);
    row->addresses[0] = row->addresses[1] = NULL;
}

static void
old_row_free(void *row)
{
    row_free_texts((struct row *)row);
    g_free(row);
}

static GString *
row_text(struct row *row, enum column column)
{
    if (row->text[column] == NULL) {
        row->text[column] = g_string_new(NULL);
    }
    return g_string_truncate(row->text[column], 0);
}

static void
set_constant(struct row *row, enum column column, const char *text)
{
    row->items[column].type = TABLE_ITEM_STRING;
    row->items[column].value.string_value = text;
}

static void
set_text(struct row *row, enum column column)
{
    set_constant(row, column, row->text[column]->str);
}

static void
set_count(struct row *row, enum column column, uint32_t count)
{
    row->items[column].type = TABLE_ITEM_UINT;
    row->items[column].value.uint_value = count;
}

/* Right-aligned, so that the window, which compares text, sorts it as a number. */
static void
set_time(struct row *row, enum column column, int64_t time)
{
    GString *text = row_text(row, column);

    if (time != TCPPHASE_TIME_ABSENT) {
        const int64_t size = time < 0 ? -time : time;
        char digits[40];

        snprintf(digits, sizeof digits, "%s%" PRId64 ".%06" PRId64, time < 0 ? "-" : "", size / NANOSECONDS,
                 size % NANOSECONDS / 1000);
        g_string_append_printf(text, "%12s", digits);
    }
    set_text(row, column);
}

static void
append_timer(GString *text, const char *before, int64_t time)
{
    g_string_append_printf(text, time < NANOSECONDS ? "%s %.3f s" : "%s %.1f s", before, (double)time / NANOSECONDS);
}

/* "TCP client 2.0 s, then 1.0 s, 4 unanswered": idle before the first probe, time between probes, the longest run. */
static void
set_timers(struct row *row, const struct tcpphase_summary *summary)
{
    GString *text = row_text(row, TIMERS);

    for (unsigned prober = 0; prober < TCPPHASE_PROBERS; prober++) {
        const bool higher = prober == TCPPHASE_PROBER_HIGHER || prober == TCPPHASE_PROBER_HIGHER_ABOVE;
        const bool above = prober == TCPPHASE_PROBER_LOWER_ABOVE || prober == TCPPHASE_PROBER_HIGHER_ABOVE;
        const bool client = summary->client_side == (higher ? 2 : 1);

        const int64_t idle = summary->probe_idle[prober], interval = summary->probe_interval[prober];

        if (idle == TCPPHASE_TIME_ABSENT && interval == TCPPHASE_TIME_ABSENT) {
            continue;
        }
        g_string_append_printf(text, "%s%s %s", text->len > 0 ? "; " : "",
                               statistics_name(TCPPHASE_TABLE_LAYER, above ? summary->above_layer : 1),
                               summary->client_side == 0 ? "?" : client ? "client" : "server");
        if (idle != TCPPHASE_TIME_ABSENT) {
            append_timer(text, "", idle);
        }
        if (interval != TCPPHASE_TIME_ABSENT) {
            append_timer(text, idle == TCPPHASE_TIME_ABSENT ? " every" : ", then", interval);
        }
        if (summary->probe_unanswered_max[prober] > 0) {
            g_string_append_printf(text, ", %u unanswered", summary->probe_unanswered_max[prober]);
        }
    }
    set_text(row, TIMERS);
}

static void
set_endpoint(struct row *row, enum column column, unsigned address, bool role_known)
{
    g_string_append_printf(row_text(row, column), "%s%s", row->addresses[address], role_known ? "" : " ?");
    set_text(row, column);
}

static void
set_words(struct row *row, enum column column, uint32_t which)
{
    char text[TEXT_SIZE];

    row_text(row, column);
    if (capture_text(row->connection, which, text, sizeof text)) {
        g_string_append(row->text[column], text);
    }
    set_text(row, column);
}

/* All but the stream's number. */
static void
row_tells(struct row *row)
{
    struct tcpphase_summary summary = { .struct_size = sizeof summary };
    unsigned client;

    if (!capture_summary(row->connection, &summary)) {
        return;
    }
    client = summary.client_side == (row->source_is_lower ? 2 : 1);
    set_endpoint(row, CLIENT, client, summary.client_side != 0);
    set_endpoint(row, SERVER, !client, summary.client_side != 0);
    set_constant(row, OPENED, statistics_name(TCPPHASE_TABLE_OPENED, summary.opened));
    set_time(row, SETUP_TIME, summary.setup_time);
    set_count(row, SYN_ATTEMPTS, summary.syn_attempts);
    set_words(row, TLS_VERSION, TCPPHASE_TEXT_TLS);
    set_constant(row, TLS_RESUMED, summary.tls_resumed ? "yes" : "");
    set_time(row, TLS_TIME, summary.tls_time);
    row_text(row, MESSAGES);
    if (summary.messages > 0) {
        g_string_append_printf(row->text[MESSAGES], "%10u", summary.messages);
    }
    set_text(row, MESSAGES);
    set_time(row, SLOWEST, summary.slowest_response);
    row_text(row, KEEPALIVES);
    if (summary.keepalives > 0) {
        char counts[24];

        /* Of one direction nobody knows how many were answered. */
        if (summary.one_direction) {
            snprintf(counts, sizeof counts, "%u", summary.keepalives);
        } else {
            snprintf(counts, sizeof counts, "%u/%u", summary.keepalives_answered, summary.keepalives);
        }
        g_string_append_printf(row->text[KEEPALIVES], "%11s", counts);
    }
    set_text(row, KEEPALIVES);
    set_time(row, MAX_IDLE, summary.max_idle);
    set_constant(row, CLOSED_BY, statistics_name(TCPPHASE_TABLE_INITIATOR, summary.closed_by));
    set_constant(row, ENDED, statistics_name(TCPPHASE_TABLE_ENDED, summary.ended));
    set_time(row, DURATION, summary.duration);
    set_time(row, END_IDLE, summary.end_idle);
    set_constant(row, KEEPALIVE_VERDICT, statistics_name(TCPPHASE_TABLE_KEEPALIVE_VERDICT, summary.keepalive_verdict));
    set_timers(row, &summary);
    set_time(row, HTTP_TIMEOUT, summary.http_timeout);
    set_words(row, STORY, TCPPHASE_TEXT_STORY);
}

static const conversation_t *
conversation_at(uint32_t frame, const struct tapped *segment)
{
    return find_conversation(frame, &segment->source, &segment->destination, CONVERSATION_TCP, segment->source_port,
                             segment->destination_port, 0);
}

/* Wireshark's number of the stream, as in tcp.stream. */
static bool
get_stream(const conversation_t *conversation, uint32_t *stream)
{
    const struct tcp_analysis *analysis = NULL;

    if (conversation != NULL) {
        analysis = (const struct tcp_analysis *)conversation_get_proto_data(conversation, proto_tcp);
    }
    if (analysis != NULL) {
        *stream = analysis->stream;
    }
    return analysis != NULL;
}

uint32_t
statistics_stream(packet_info *pinfo, const struct tapped *segment)
{
    const conversation_t *conversation = NULL;
    uint32_t stream = 0;

    if (pinfo->srcport == segment->source_port && pinfo->destport == segment->destination_port
        && addresses_equal(&pinfo->src, &segment->source) && addresses_equal(&pinfo->dst, &segment->destination)) {
        conversation = find_conversation_pinfo(pinfo, 0);
    }
    get_stream(conversation != NULL ? conversation : conversation_at(pinfo->num, segment), &stream);
    return stream;
}

bool
statistics_is_lower(const struct tapped *segment)
{
    const int compared = memcmp(segment->source.data, segment->destination.data,
                                MIN(segment->source.len, segment->destination.len));

    return compared < 0 || (compared == 0 && segment->source_port <= segment->destination_port);
}

static char *
endpoint_text(const address *of, uint16_t port)
{
    char *text = address_to_str(NULL, of);
    char *result = g_strdup_printf(of->type == AT_IPv6 ? "[%s]:%u" : "%s:%u", text, port);

    wmem_free(NULL, text);
    return result;
}

/* Of the connection of a segment. */
static void
add_row(stat_tap_table *table, const struct tapped *segment, uint32_t stream)
{
    struct row *row = g_new0(struct row, 1);

    row->connection = segment->verdict.connection;
    row->source_is_lower = statistics_is_lower(segment);
    row->addresses[0] = endpoint_text(&segment->source, segment->source_port);
    row->addresses[1] = endpoint_text(&segment->destination, segment->destination_port);
    set_count(row, STREAM, stream);
    row_tells(row);
    table->elements = g_renew(stat_tap_table_item_type *, table->elements, table->num_elements + 1);
    table->elements[table->num_elements++] = row->items;
}

/* ---- A window's rows at once ----
 *
 * For any table Wireshark's window goes through all packets once more, which takes as long as loading them. The engine
 * knows by then what they would say: without a display filter all rows are there with the first of them, but for those
 * of IPv6. The others come with their packets. */

static bool asked;
/* The call that shows them, without the seconds that a window waits between two times. */
static guint early_draw;

static void *
take_file(capture_file *file, void *data _U_)
{
    return file;
}

/* Whether there is a window that has read all of its file, so that no row will change any more. */
static bool
window_has_read(void)
{
    const capture_file *file = (const capture_file *)plugin_if_get_capture_file(take_file, NULL);

    /* With a read filter the engine knows of packets that the window does not have. */
    if (file == NULL || file->state != FILE_READ_DONE || file->rfcode != NULL) {
        return false;
    }
    /* A redissection can have been stopped. */
    for (uint32_t number = 1; number <= file->count; number++) {
        const frame_data *frame = frame_data_sequence_find(file->provider.frames, number);

        if (frame == NULL || !frame->visited) {
            return false;
        }
    }
    return true;
}

static void
add_known_rows(stat_tap_table *table)
{
    uint32_t count = 0, stream;
    struct tcpphase_origin *origins = capture_origins(&count);

    for (uint32_t i = 0; origins != NULL && i < count; i++) {
        const struct tcpphase_origin *origin = &origins[i];
        struct tapped first = { .source_port = (uint16_t)origin->source_port,
                                .destination_port = (uint16_t)origin->destination_port };

        if (origin->address_length != 4) {
            continue;
        }
        first.verdict.connection = i;
        set_address(&first.source, AT_IPv4, 4, origin->source);
        set_address(&first.destination, AT_IPv4, 4, origin->destination);
        if (get_stream(conversation_at(origin->frame, &first), &stream)
            && connections_add(table_connections, i)) {
            add_row(table, &first, stream);
        }
    }
    g_free(origins);
}

static gboolean
draw_early(void *data _U_)
{
    early_draw = 0;
    draw_tap_listeners(FALSE);
    return G_SOURCE_REMOVE;
}

static void
forget_early_draw(void)
{
    asked = false;
    if (early_draw != 0) {
        g_source_remove(early_draw);
        early_draw = 0;
    }
}

static tap_packet_status
table_packet(void *data, packet_info *pinfo, epan_dissect_t *edt _U_, const void *tapped, tap_flags_t flags _U_)
{
    const stat_data_t *listener = (const stat_data_t *)data;
    const struct tapped *segment = (const struct tapped *)tapped;
    stat_tap_table *table = stat_tap_find_table(listener->stat_tap_data, table_name);
    bool redraw = false;

    if (table == NULL || segment->verdict.connection == TCPPHASE_CONNECTION_NONE) {
        return TAP_PACKET_DONT_REDRAW;
    }
    if (!asked && !segment->first_visit) {
        asked = true;
        if (table_ui.refcount <= 1) {
            /* There is no other window that could point at them. */
            g_ptr_array_set_size(old_rows, 0);
        }
        if (!have_filtering_tap_listeners() && window_has_read()) {
            add_known_rows(table);
            redraw = true;
            /* Not here: listeners draw while no packet is on its way to them. */
            early_draw = g_idle_add(draw_early, NULL);
        }
    }
    if (connections_add(table_connections, segment->verdict.connection)) {
        add_row(table, segment, statistics_stream(pinfo, segment));
        if (segment->first_visit) {
            connections_wait(table_connections, table->num_elements - 1);
        }
        /* A window draws all rows each time, every few seconds while it reads a file, and once more at the end. */
        redraw |= table->num_elements <= DRAWN_EARLY;
    }
    return redraw ? TAP_PACKET_REDRAW : TAP_PACKET_DONT_REDRAW;
}

static void
table_reset(stat_tap_table *table)
{
    forget_early_draw();
    for (unsigned i = 0; i < table->num_elements; i++) {
        g_ptr_array_add(old_rows, table->elements[i]);
    }
    table->num_elements = 0;
    connections_forget(table_connections);
}

static void
table_init(stat_tap_table_ui *ui)
{
    stat_tap_table *table = stat_tap_find_table(ui, table_name);

    if (table != NULL) {
        table_reset(table);
    } else {
        forget_early_draw();
        g_ptr_array_set_size(old_rows, 0);
        connections_forget(table_connections);
        stat_tap_add_table(ui, stat_tap_init_table(table_name, COLUMNS, 0, NULL));
    }
}

/* The last window is closed: called for each item, and then the row itself is freed. */
static void
table_free_item(stat_tap_table *table _U_, unsigned place _U_, unsigned column, stat_tap_table_item_type *item)
{
    if (column == 0) {
        row_free_texts((struct row *)item);
        g_ptr_array_set_size(old_rows, 0);
    }
}

static tap_param table_parameters[] = { { PARAM_FILTER, "filter", "Filter", NULL, TRUE } };
static stat_tap_table_ui table_ui = {
    REGISTER_PACKET_STAT_GROUP_UNSORTED, "TCP Phase Connections", STATISTICS_TAP, STATISTICS_TAP ",connections", table_init, table_packet,
    table_reset, table_free_item, NULL, COLUMNS, columns, G_N_ELEMENTS(table_parameters), table_parameters, NULL, 0
};

void
table_tells_waiting(void)
{
    const stat_tap_table *table = stat_tap_find_table(&table_ui, table_name);

    for (unsigned i = 0; table != NULL && i < table_connections->waiting->len; i++) {
        const uint32_t place = g_array_index(table_connections->waiting, uint32_t, i);

        if (place < table->num_elements) {
            row_tells((struct row *)table->elements[place]);
        }
    }
    g_array_set_size(table_connections->waiting, 0);
}

void
table_end_capture(void)
{
    forget_early_draw();
    connections_forget(table_connections);
}

void
table_register(void)
{
    proto_tcp = proto_get_id_by_filter_name("tcp");
    old_rows = g_ptr_array_new_with_free_func(old_row_free);
    table_connections = connections_new();
    register_stat_tap_table_ui(&table_ui);
}
