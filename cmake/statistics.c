/* statistics.c
 * TCP Phase in Wireshark's Statistics menu and in `tshark -z`: a tree of counts and a table of connections.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Both listen to a tap that has one record for each segment. What is said of a whole connection is only known once
 * the file has been read: while a frame is visited for the first time, it is put off until the listeners draw.
 */

#include "statistics.h"
#include "versions.h"

#include <epan/conversation_filter.h>
#include <epan/proto_data.h>
#include <epan/stats_tree.h>
#include <epan/tap.h>

int statistics_tap = -1;
static int proto_tcpphase = -1;

/* ---- The tap ---- */

static struct tapped *noted_segments;
static unsigned noted_room;
unsigned statistics_noted;

void
statistics_note(const packet_info *pinfo, unsigned place, const uint8_t *octets, unsigned captured)
{
    struct tapped *segment;

    if (place >= noted_room) {
        noted_room = place + 8;
        noted_segments = g_renew(struct tapped, noted_segments, noted_room);
    }
    segment = &noted_segments[place];
    memset(segment, 0, sizeof *segment);
    segment->first_visit = !pinfo->fd->visited;
    copy_address_wmem(pinfo->pool, &segment->source, &pinfo->src);
    copy_address_wmem(pinfo->pool, &segment->destination, &pinfo->dst);
    if (captured >= 4) {
        segment->source_port = (uint16_t)(octets[0] << 8 | octets[1]);
        segment->destination_port = (uint16_t)(octets[2] << 8 | octets[3]);
    }
    statistics_noted = place + 1;
}

void
statistics_segment(packet_info *pinfo, unsigned place, const struct tcpphase_verdict *verdict)
{
    if (place < statistics_noted) {
        struct tapped *segment = (struct tapped *)wmem_memdup(pinfo->pool, &noted_segments[place], sizeof *segment);

        segment->verdict = *verdict;
        tap_queue_packet(statistics_tap, pinfo, segment);
    }
}

const char *
statistics_name(uint32_t table, uint32_t value)
{
    const char *name = try_val_to_str(value, names_of(table));

    return name != NULL ? name : "";
}

/* ---- What waits for the end of the file ---- */

/* Numbers of connections begin anew with the next capture. */
void
connections_forget(struct connections *connections)
{
    g_array_set_size(connections->seen, 0);
    g_array_set_size(connections->waiting, 0);
}

struct connections *
connections_new(void)
{
    struct connections *connections = g_new(struct connections, 1);

    connections->seen = g_array_new(FALSE, TRUE, sizeof(uint8_t));
    connections->waiting = g_array_new(FALSE, FALSE, sizeof(uint32_t));
    return connections;
}

void
connections_free(struct connections *connections)
{
    g_array_free(connections->seen, TRUE);
    g_array_free(connections->waiting, TRUE);
    g_free(connections);
}

bool
connections_add(struct connections *connections, uint32_t connection)
{
    uint8_t *seen;

    if (connection >= connections->seen->len) {
        g_array_set_size(connections->seen, connection + 1);
    }
    seen = &g_array_index(connections->seen, uint8_t, connection);
    if (*seen) {
        return false;
    }
    *seen = 1;
    return true;
}

static void tell_waiting(void *data);
static bool waiting_for_draw;

void
connections_wait(struct connections *connections, uint32_t value)
{
    g_array_append_val(connections->waiting, value);
    /* The listener that was registered last draws first: before those that show the counts and rows. */
    if (!waiting_for_draw) {
        GString *error = register_tap_listener(STATISTICS_TAP, &waiting_for_draw, NULL, 0, NULL, NULL, tell_waiting, NULL);

        if (error != NULL) {
            g_string_free(error, TRUE);
            return;
        }
        waiting_for_draw = true;
    }
}

/* ---- The tree ---- */

#define VALUES_MAXIMUM 16

/* One open tree. */
struct tree {
    struct connections *connections;
    int segments, keepalives, told;
    unsigned counts[TCPPHASE_TABLE_ENDED + 1][VALUES_MAXIMUM + 1];
};
static GHashTable *trees;

/* Set, not ticked: when a connection is told has nothing to do with when its segments went. */
static void
tree_counts(stats_tree *tree, struct tree *state, const char *what, uint32_t table, uint32_t value)
{
    unsigned *counts = state->counts[table];
    const int node = set_stat_node(tree, what, state->told, TRUE, (int)++counts[VALUES_MAXIMUM]);

    if (value < VALUES_MAXIMUM) {
        set_stat_node(tree, statistics_name(table, value), node, FALSE, (int)++counts[value]);
    }
}

static void
tree_tells(stats_tree *tree, struct tree *state, uint32_t connection)
{
    struct tcpphase_summary summary = { .struct_size = sizeof summary };

    if (!capture_summary(connection, &summary)) {
        return;
    }
    set_stat_node(tree, "Connections", 0, TRUE, (int)++state->counts[0][0]);
    tree_counts(tree, state, "Opened", TCPPHASE_TABLE_OPENED, summary.opened);
    tree_counts(tree, state, "Ended", TCPPHASE_TABLE_ENDED, summary.ended);
    tree_counts(tree, state, "Closed by", TCPPHASE_TABLE_INITIATOR, summary.closed_by);
    if (summary.keepalive_verdict != 0) {
        tree_counts(tree, state, "Keep-alives were", TCPPHASE_TABLE_KEEPALIVE_VERDICT, summary.keepalive_verdict);
    }
}

static tap_packet_status
tree_packet(stats_tree *tree, packet_info *pinfo _U_, epan_dissect_t *edt _U_, const void *data, tap_flags_t flags _U_)
{
    const struct tapped *segment = (const struct tapped *)data;
    const struct tcpphase_verdict *verdict = &segment->verdict;
    struct tree *state = (struct tree *)g_hash_table_lookup(trees, tree);
    int phase;

    if (state == NULL) {
        return TAP_PACKET_FAILED;
    }
    tick_stat_node(tree, "Segments", 0, TRUE);
    phase = tick_stat_node(tree, statistics_name(TCPPHASE_TABLE_PHASE, verdict->phase), state->segments, TRUE);
    for (unsigned i = 0; i < verdict->step_count; i++) {
        tick_stat_node(tree, statistics_name(TCPPHASE_TABLE_STEP, verdict->steps[i]), phase, FALSE);
    }
    if (verdict->keepalive_status != 0) {
        const char *name = statistics_name(TCPPHASE_TABLE_LAYER, verdict->keepalive_layer);
        const int layer = tick_stat_node(tree, name, state->keepalives, TRUE);

        tick_stat_node(tree, "Keep-alives", 0, TRUE);
        tick_stat_node(tree, statistics_name(TCPPHASE_TABLE_KEEPALIVE_STATUS, verdict->keepalive_status), layer, FALSE);
    }
    if (verdict->connection != TCPPHASE_CONNECTION_NONE
        && connections_add(state->connections, verdict->connection)) {
        if (segment->first_visit) {
            connections_wait(state->connections, verdict->connection);
        } else {
            tree_tells(tree, state, verdict->connection);
        }
    }
    return TAP_PACKET_REDRAW;
}

static void
tree_init(stats_tree *tree)
{
    struct tree *state = g_new0(struct tree, 1);

    state->connections = connections_new();
    state->segments = stats_tree_create_node(tree, "Segments", 0, STAT_DT_INT, TRUE);
    state->told = stats_tree_create_node(tree, "Connections", 0, STAT_DT_INT, TRUE);
    state->keepalives = stats_tree_create_node(tree, "Keep-alives", 0, STAT_DT_INT, TRUE);
    g_hash_table_replace(trees, tree, state);
}

static void
tree_free(void *data)
{
    connections_free(((struct tree *)data)->connections);
    g_free(data);
}

static void
tree_cleanup(stats_tree *tree)
{
    g_hash_table_remove(trees, tree);
}

static void
tree_tells_waiting(void *key, void *value, void *data _U_)
{
    struct tree *state = (struct tree *)value;
    GArray *waiting = state->connections->waiting;

    for (unsigned i = 0; i < waiting->len; i++) {
        tree_tells((stats_tree *)key, state, g_array_index(waiting, uint32_t, i));
    }
    g_array_set_size(waiting, 0);
}

static void
tell_waiting(void *data _U_)
{
    g_hash_table_foreach(trees, tree_tells_waiting, NULL);
    table_tells_waiting();
}

static void
tree_forgets(void *key _U_, void *value, void *data _U_)
{
    struct tree *state = (struct tree *)value;

    connections_forget(state->connections);
    memset(state->counts, 0, sizeof state->counts);
}

void
statistics_end_capture(void)
{
    statistics_noted = 0;
    g_hash_table_foreach(trees, tree_forgets, NULL);
    table_end_capture();
    if (waiting_for_draw) {
        remove_tap_listener(&waiting_for_draw);
        waiting_for_draw = false;
    }
}

/* ---- Conversation Filter ---- */

void
statistics_shown(packet_info *pinfo, uint32_t connection)
{
    p_add_proto_data(pinfo->pool, pinfo, proto_tcpphase, 0, GUINT_TO_POINTER(connection + 1));
}

static uint32_t
shown_connection(packet_info *pinfo)
{
    return GPOINTER_TO_UINT(p_get_proto_data(pinfo->pool, pinfo, proto_tcpphase, 0));
}

static ws_bool
filter_is_valid(packet_info *pinfo FILTER_DATA)
{
    return shown_connection(pinfo) != 0;
}

static char *
filter_text(packet_info *pinfo FILTER_DATA)
{
    return g_strdup_printf("tcpphase.connection == %u", shown_connection(pinfo) - 1);
}

/* ---- Registration ---- */

void
statistics_register(int proto)
{
    proto_tcpphase = proto;
    statistics_tap = register_tap(STATISTICS_TAP);
    trees = g_hash_table_new_full(g_direct_hash, g_direct_equal, NULL, tree_free);
    stats_tree_register_plugin(STATISTICS_TAP, STATISTICS_TAP, "TCP Phase", 0, tree_packet, tree_init, tree_cleanup);
    table_register();
    register_conversation_filter(STATISTICS_TAP, "TCP Phase", filter_is_valid, filter_text FILTER_DATA_NONE);
}
