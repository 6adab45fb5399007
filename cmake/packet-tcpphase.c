/* packet-tcpphase.c
 * TCP Phase: shows, for every TCP segment, where its connection is in its life.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * This file decides nothing about protocols. It hands each TCP segment to the engine behind tcpphase.h, once and in
 * file order, and shows what the engine says about it.
 *
 * Segments are taken from a dissector that stands in front of TCP in the table "ip.proto": it sees every segment
 * whole, after IP reassembly and inside tunnels, without a protocol tree. The post-dissector shows the verdicts.
 */

#define WS_LOG_DOMAIN "tcpphase"

#include "versions.h"

#include <epan/expert.h>
#include <epan/exceptions.h>
#include <epan/ipproto.h>
#include <epan/packet.h>
#include <epan/prefs.h>
#include <epan/proto_data.h>
#include <epan/tap.h>
#include <epan/dissectors/packet-ip.h>
#include <epan/dissectors/packet-tls-utils.h>
#include <wsutil/wslog.h>

#include "plugin.h"

#define LABEL_SIZE 128
#define TEXT_SIZE 512
#define NAMES_MAXIMUM 128
#define NOTES_MAXIMUM 32
#define NANOSECONDS 1000000000

/* ---- What is registered ---- */

static int proto_tcpphase = -1;
static int proto_tcp = -1, proto_ip = -1, proto_ipv6 = -1;
static int proto_tls = -1;
static int hf_tcp_len = -1;

static int hf_phase = -1, hf_step = -1, hf_label = -1, hf_connection = -1, hf_sender = -1, hf_sender_basis = -1;
static int hf_retransmission = -1, hf_duplicate_of = -1, hf_inferred = -1, hf_after_gap = -1;
static int hf_handshake_syn_frame = -1, hf_handshake_synack_frame = -1, hf_handshake_time = -1;
static int hf_handshake_server_time = -1, hf_handshake_client_time = -1, hf_handshake_attempt = -1;
static int hf_keepalive_status = -1, hf_keepalive_layer = -1, hf_keepalive_number = -1, hf_keepalive_idle = -1;
static int hf_keepalive_interval = -1, hf_keepalive_probe_frame = -1, hf_keepalive_response_time = -1;
static int hf_keepalive_answer_frame = -1, hf_keepalive_context = -1, hf_keepalive_verdict = -1;
static int hf_keepalive_unanswered_max = -1;
static int hf_close_initiator = -1, hf_close_idle = -1;
static int hf_conn_opened = -1, hf_conn_ended = -1, hf_conn_one_direction = -1, hf_conn_closed_by = -1;
static int hf_conn_duration = -1, hf_conn_setup_time = -1, hf_conn_max_idle = -1, hf_conn_keepalives = -1;
static int hf_conn_keepalives_answered = -1, hf_conn_syn_attempts = -1, hf_conn_tls_time = -1, hf_conn_messages = -1;
static int hf_conn_idle_at_end = -1, hf_conn_slowest_response = -1, hf_conn_http_timeout = -1, hf_conn_tls_version = -1;
static int hf_conn_tls_resumed = -1, hf_http_timeout = -1;
/* By prober. */
static int hf_probe_idle[TCPPHASE_PROBERS] = { -1, -1, -1, -1 };
static int hf_probe_interval[TCPPHASE_PROBERS] = { -1, -1, -1, -1 };
static int hf_probe_unanswered_max[TCPPHASE_PROBERS] = { -1, -1, -1, -1 };
static int hf_tls_version = -1, hf_tls_resumed = -1, hf_tls_complete = -1, hf_tls_time = -1, hf_tls_failed_by = -1;
static int hf_http_persistent = -1, hf_http_persistent_basis = -1, hf_http_message = -1, hf_http_request_frame = -1;
static int hf_http_response_frame = -1, hf_http_response_time = -1;

static int ett_tcpphase = -1, ett_handshake = -1, ett_tls = -1, ett_http = -1, ett_keepalive = -1, ett_connection = -1;

/* The wire's values. */
const value_string tls_versions[] = {
    { 0x0300, "SSL 3.0" }, { 0x0301, "TLS 1.0" }, { 0x0302, "TLS 1.1" }, { 0x0303, "TLS 1.2" }, { 0x0304, "TLS 1.3" },
    { 0, NULL }
};

static expert_field ei_note[NOTES_MAXIMUM];
static value_string names[TCPPHASE_TABLE_NOTE + 1][NAMES_MAXIMUM + 1];
static ws_bool label_in_info = FALSE;

static dissector_handle_t tcp_handle;
static dissector_handle_t front_handle;
static dissector_handle_t post_handle;

/* ---- What belongs to the capture ---- */

/* NULL once the engine has failed: the rest of the capture is not annotated then. */
static struct tcpphase_engine *engine;
/* Somebody else has TCP's place in "ip.proto": segments are read from the tree, which Wireshark builds on request. */
static bool from_tree;

/* The segments of the frame at hand, in the order in which the engine numbers them. TCPPHASE_SEALED is among the notes
 * until the segment's TLS records have been looked for. */
struct noted {
    uint32_t sequence;
    uint32_t notes;
};
static struct noted *noted;
static unsigned noted_count, noted_room;
static uint32_t noted_frame;
static bool noted_visited;

/* The TLS records of the frame that Wireshark has decrypted, as far as they have been found, and whose segment's. */
struct opened {
    const SslRecordInfo *record;
    unsigned segment;
};
static GArray *opened;
static uint32_t opened_frame;
/* The segment whose octets are being dissected. */
static unsigned innermost;

const value_string *
names_of(uint32_t table)
{
    return names[table];
}

bool
capture_summary(uint32_t connection, struct tcpphase_summary *summary)
{
    return engine != NULL && tcpphase_engine_summary(engine, connection, summary) == TCPPHASE_OK;
}

/* The latest frame visited for the first time, and how many segments the engine has under its number. A read filter
 * drops frames that have been dissected, and their number goes to the next frame. */
static uint32_t first_visited;
static unsigned first_visited_count, dropped_count;
static bool dropping;

/* What belongs to a frame in Wireshark's own tables, when it differs from what nearly all frames have. */
enum { FRAME_DROPPED_COUNT, FRAME_NOTED };

/* Whether the post-dissector is in Wireshark's list, and whether anybody listens to the statistics' tap. */
static bool displaying, listening;

/* ---- Gathering ---- */

/* A plain `tshark -r` shows nothing but notes, which need no post-dissector. Being called for each frame only to learn
 * that would cost as much as judging a third of its segment, so it is registered when there is something to display. */
static void
display(void)
{
    if (!displaying) {
        register_postdissector(post_handle);
        displaying = true;
    }
}

static void
engine_failed(int32_t result)
{
    ws_warning("TCP Phase: %s; the rest of this capture is not annotated", tcpphase_result_text(result));
    tcpphase_engine_free(engine);
    engine = NULL;
}

static int64_t
frame_time(const packet_info *pinfo)
{
    const int64_t limit = INT64_MAX / NANOSECONDS - 1;

    if (!(pinfo->presence_flags & PINFO_HAS_TS) || pinfo->abs_ts.secs > limit || pinfo->abs_ts.secs < -limit) {
        return TCPPHASE_TIME_ABSENT;
    }
    return (int64_t)pinfo->abs_ts.secs * NANOSECONDS + pinfo->abs_ts.nsecs;
}

static void
add_noted(const struct noted *segment)
{
    if (noted_count == noted_room) {
        noted_room = 2 * noted_room + 8;
        noted = g_renew(struct noted, noted, noted_room);
    }
    noted[noted_count++] = *segment;
}

static inline void
begin_frame(const packet_info *pinfo)
{
    noted_frame = pinfo->num;
    noted_visited = pinfo->fd->visited;
    noted_count = 0;
    /* Whoever begins to listen later has the frames so far visited again. */
    if (first_visited == 0 || pinfo->fd->visited || from_tree) {
        listening = have_tap_listener(statistics_tap);
    }
    if (!pinfo->fd->visited) {
        dropped_count = pinfo->num == first_visited ? first_visited_count : 0;
        dropping |= dropped_count != 0;
        first_visited = pinfo->num;
        first_visited_count = dropped_count;
    }
}

/* False: a header quoted in an ICMP error, which is not a segment of this frame. */
static inline bool
note_segment(const packet_info *pinfo, const uint8_t *octets, unsigned captured, unsigned reported, uint32_t identification)
{
    const bool quoted = pinfo->flags.in_error_pkt;
    struct noted segment = { 0, 0 };

    /* The only TCP frame of a capture comes twice in a row. */
    if (noted_frame != pinfo->num || noted_visited != pinfo->fd->visited) {
        begin_frame(pinfo);
    }
    if (captured >= 8) {
        segment.sequence = (uint32_t)octets[4] << 24 | (uint32_t)octets[5] << 16 | (uint32_t)octets[6] << 8 | octets[7];
    }
    if (!pinfo->fd->visited) {
        const struct tcpphase_segment arguments = {
            .struct_size = sizeof arguments,
            .frame = pinfo->num,
            .flags = (quoted ? TCPPHASE_SEGMENT_QUOTED : 0)
                   | (pinfo->fragmented ? TCPPHASE_SEGMENT_FRAGMENT : 0),
            .time = frame_time(pinfo),
            .source = (const uint8_t *)pinfo->src.data,
            .destination = (const uint8_t *)pinfo->dst.data,
            .address_length = (uint32_t)CLAMP(MIN(pinfo->src.len, pinfo->dst.len), 0, 16),
            .identification = identification,
            .octets = octets,
            .captured_length = captured,
            .reported_length = reported,
        };
        const int32_t result = tcpphase_engine_segment(engine, &arguments, &segment.notes);

        if (result == TCPPHASE_POISONED) {
            engine_failed(result);
        }
        first_visited_count += !quoted;
    }
    if (quoted) {
        return false;
    }
    add_noted(&segment);
    if (listening) {
        display();
        statistics_note(pinfo, noted_count - 1, octets, captured);
    }
    return true;
}

/* ---- Decrypted TLS ---- */

static bool
is_found(const SslRecordInfo *record)
{
    for (unsigned i = 0; i < opened->len; i++) {
        if (g_array_index(opened, struct opened, i).record == record) {
            return true;
        }
    }
    return false;
}

static unsigned
tls_layers(const packet_info *pinfo)
{
    unsigned layers = 0;

    for (wmem_list_frame_t *layer = wmem_list_head(pinfo->layers); layer != NULL; layer = wmem_list_frame_next(layer)) {
        layers += GPOINTER_TO_INT(wmem_list_frame_data(layer)) == proto_tls;
    }
    return layers;
}

/* Records that have been decrypted since the last look are of this segment. */
static void
find_opened(packet_info *pinfo, unsigned segment)
{
    const unsigned layers = TLS_RECORDS_BY_LAYER ? tls_layers(pinfo) : 0;
    bool first;

    if (opened_frame != pinfo->num) {
        opened_frame = pinfo->num;
        g_array_set_size(opened, 0);
    }
    first = opened->len == 0;
    for (unsigned layer = 0; layer <= layers; layer++) {
        const SslPacketInfo *info = (const SslPacketInfo *)p_get_proto_data(wmem_file_scope(), pinfo, proto_tls, layer);

        for (const SslRecordInfo *record = info != NULL ? info->records : NULL; record != NULL; record = record->next) {
            if (first || !is_found(record)) {
                const struct opened found = { record, segment };

                g_array_append_val(opened, found);
            }
        }
    }
}

/* The segment's octets have been dissected: hands over what has been decrypted of them. */
static void
open_records(packet_info *pinfo, unsigned segment)
{
    GArray *records;

    noted[segment].notes &= ~(uint32_t)TCPPHASE_SEALED;
    if (engine == NULL) {
        return;
    }
    find_opened(pinfo, segment);
    if (opened->len == 0) {
        return;
    }
    records = g_array_new(FALSE, FALSE, sizeof(struct tcpphase_record));
    for (unsigned i = 0; i < opened->len; i++) {
        const struct opened *found = &g_array_index(opened, struct opened, i);
        const struct tcpphase_record record = {
            .struct_size = sizeof record,
            .octets = found->record->plain_data,
            .length = found->record->data_len,
            .content_type = (uint32_t)found->record->type,
        };

        if (found->segment == segment) {
            g_array_append_val(records, record);
        }
    }
    if (records->len > 0) {
        const int32_t result = tcpphase_engine_plaintext(engine, pinfo->num, dropped_count + segment,
                                                         noted[segment].sequence,
                                                         (const struct tcpphase_record *)(const void *)records->data,
                                                         records->len, &noted[segment].notes);

        if (result == TCPPHASE_POISONED) {
            engine_failed(result);
        }
    }
    g_array_free(records, TRUE);
}

static void tell_notes(packet_info *pinfo, uint32_t place, const struct noted *segment);

/* A segment with notes, or in which encrypted TLS records end, whatever exception TCP or what is above it throws. */
static int
dissect_with_notes(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data, unsigned own)
{
    volatile int dissected = 0;

    TRY {
        dissected = call_dissector_only(tcp_handle, tvb, pinfo, tree, data);
    }
    FINALLY {
        /* Before the next segment of the frame, which may be one of the same connection. */
        if (noted[own].notes & TCPPHASE_SEALED) {
            open_records(pinfo, own);
        }
        if (!displaying && noted[own].notes != 0) {
            tell_notes(pinfo, dropped_count + own, &noted[own]);
        }
    }
    ENDTRY;
    return dissected;
}

/* In front of TCP: the engine has the segment before TCP and what is above it can throw an exception. */
static int
dissect_in_front(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data)
{
    unsigned own, outer = 0, captured;
    const ws_ip4 *ip;
    int dissected;

    /* The way through this dissector must not count as one more layer for TCP. */
    pinfo->can_desegment = pinfo->saved_can_desegment;
    if (engine == NULL || from_tree) {
        return call_dissector_only(tcp_handle, tvb, pinfo, tree, data);
    }
    captured = tvb_captured_length(tvb);
    ip = WS_IP4_PTR(data);
    if (!note_segment(pinfo, captured > 0 ? tvb_get_ptr(tvb, 0, captured) : NULL, captured, tvb_reported_length(tvb),
                      ip != NULL ? ip->ip_id : TCPPHASE_IDENTIFICATION_NONE)) {
        return call_dissector_only(tcp_handle, tvb, pinfo, tree, data);
    }
    if (tree != NULL || pinfo->fd->visited) {
        display();
    }
    own = noted_count - 1;
    if (own > 0) {
        outer = innermost;
        if (!pinfo->fd->visited) {
            find_opened(pinfo, outer);
        }
    }
    innermost = own;
    if (noted[own].notes != 0) {
        dissected = dissect_with_notes(tvb, pinfo, tree, data, own);
    } else {
        dissected = call_dissector_only(tcp_handle, tvb, pinfo, tree, data);
    }
    innermost = outer;
    return dissected;
}

/* The fallback: TCP's own items. Only what has a "tcp.len" is a segment: quoted headers and fragments have none. */

/* The IP header in front of a TCP header: the nearest one before it in the same octets. NULL: it is in others, as when
 * IP has reassembled. */
static const field_info *
internet_header(proto_tree *tree, int protocol, const field_info *header)
{
    const GPtrArray *candidates = proto_get_finfo_ptr_array(tree, protocol);
    const field_info *nearest = NULL;

    for (unsigned i = 0; candidates != NULL && i < candidates->len; i++) {
        const field_info *candidate = (const field_info *)g_ptr_array_index(candidates, i);

        if (candidate->ds_tvb == header->ds_tvb && candidate->start < header->start
            && (nearest == NULL || candidate->start > nearest->start)) {
            nearest = candidate;
        }
    }
    return nearest;
}

/* Notes the segment with this header. The frame's own addresses are those of its innermost IP header, and its flags
 * what the last dissector has left. */
static void
note_segment_of_tree(const packet_info *pinfo, proto_tree *tree, const field_info *header, unsigned payload)
{
    const field_info *ip = internet_header(tree, proto_ip, header), *ipv6 = internet_header(tree, proto_ipv6, header);
    const unsigned captured = tvb_captured_length_remaining(header->ds_tvb, header->start);
    const uint8_t *octets = captured > 0 ? tvb_get_ptr(header->ds_tvb, header->start, captured) : NULL;
    /* The item's own length is not that of the header in every version. */
    const unsigned reported = (captured > 12 ? (octets[12] >> 4) * 4U : 0) + payload;
    uint32_t identification = TCPPHASE_IDENTIFICATION_NONE;
    packet_info own = *pinfo;

    own.flags.in_error_pkt = FALSE;
    own.fragmented = FALSE;
    if (ipv6 != NULL && (ip == NULL || ip->start < ipv6->start)) {
        set_address_tvb(&own.src, AT_IPv6, 16, header->ds_tvb, ipv6->start + 8);
        set_address_tvb(&own.dst, AT_IPv6, 16, header->ds_tvb, ipv6->start + 24);
    } else if (ip != NULL) {
        set_address_tvb(&own.src, AT_IPv4, 4, header->ds_tvb, ip->start + 12);
        set_address_tvb(&own.dst, AT_IPv4, 4, header->ds_tvb, ip->start + 16);
        identification = tvb_get_ntohs(header->ds_tvb, ip->start + 4);
    }
    note_segment(&own, octets, MIN(captured, reported), reported, identification);
}

static void
note_segments_of_tree(const packet_info *pinfo, proto_tree *tree)
{
    const GPtrArray *headers = proto_get_finfo_ptr_array(tree, proto_tcp);
    const GPtrArray *lengths = proto_get_finfo_ptr_array(tree, hf_tcp_len);

    for (unsigned i = 0; headers != NULL && lengths != NULL && i < headers->len && engine != NULL; i++) {
        const field_info *header = (const field_info *)g_ptr_array_index(headers, i);

        for (unsigned j = 0; j < lengths->len; j++) {
            field_info *length = (field_info *)g_ptr_array_index(lengths, j);

            if (length->ds_tvb == header->ds_tvb && length->start == header->start) {
                note_segment_of_tree(pinfo, tree, header, fvalue_get_uinteger(VALUE_OF(length)));
                break;
            }
        }
    }
}

/* Wireshark makes TCP's items on request on the first visit only. */
static void
note_frame_of_tree(packet_info *pinfo, proto_tree *tree)
{
    wmem_array_t *kept;

    if (!pinfo->fd->visited) {
        note_segments_of_tree(pinfo, tree);
        if (noted_frame == pinfo->num) {
            kept = wmem_array_new(wmem_file_scope(), sizeof *noted);
            wmem_array_append(kept, noted, noted_count);
            p_add_proto_data(wmem_file_scope(), pinfo, proto_tcpphase, FRAME_NOTED, kept);
        }
        return;
    }
    kept = (wmem_array_t *)p_get_proto_data(wmem_file_scope(), pinfo, proto_tcpphase, FRAME_NOTED);
    noted_frame = pinfo->num;
    noted_count = 0;
    for (unsigned i = 0; kept != NULL && i < wmem_array_get_count(kept); i++) {
        const struct noted again = { ((const struct noted *)wmem_array_index(kept, i))->sequence, 0 };

        add_noted(&again);
    }
}

/* ---- Showing ---- */

static void
add_number(proto_tree *tree, tvbuff_t *tvb, int field, uint32_t value)
{
    proto_item_set_generated(proto_tree_add_uint(tree, field, tvb, 0, 0, value));
}

/* Fields in which 0 means absent: frame numbers, counts from 1, most enumerations. */
static void
add_nonzero(proto_tree *tree, tvbuff_t *tvb, int field, uint32_t value)
{
    if (value != 0) {
        add_number(tree, tvb, field, value);
    }
}

static void
add_true(proto_tree *tree, tvbuff_t *tvb, int field, bool value)
{
    if (value) {
        proto_item_set_generated(proto_tree_add_boolean(tree, field, tvb, 0, 0, TRUE));
    }
}

static void
add_time(proto_tree *tree, tvbuff_t *tvb, int field, int64_t nanoseconds)
{
    if (nanoseconds != TCPPHASE_TIME_ABSENT) {
        const nstime_t value = { (time_t)(nanoseconds / NANOSECONDS), (int)(nanoseconds % NANOSECONDS) };

        proto_item_set_generated(proto_tree_add_time(tree, field, tvb, 0, 0, &value));
    }
}

static proto_tree *
add_subtree(proto_tree *tree, tvbuff_t *tvb, int ett, const char *title)
{
    proto_item *item;
    proto_tree *subtree = proto_tree_add_subtree(tree, tvb, 0, 0, ett, &item, title);

    proto_item_set_generated(item);
    return subtree;
}

static void
show_handshake(proto_tree *tree, tvbuff_t *tvb, const struct tcpphase_verdict *verdict)
{
    if (verdict->attempt == 0 && verdict->syn_frame == 0 && verdict->synack_frame == 0
        && verdict->handshake_time == TCPPHASE_TIME_ABSENT) {
        return;
    }
    tree = add_subtree(tree, tvb, ett_handshake, "Handshake");
    add_nonzero(tree, tvb, hf_handshake_attempt, verdict->attempt);
    add_nonzero(tree, tvb, hf_handshake_syn_frame, verdict->syn_frame);
    add_nonzero(tree, tvb, hf_handshake_synack_frame, verdict->synack_frame);
    add_time(tree, tvb, hf_handshake_server_time, verdict->server_time);
    add_time(tree, tvb, hf_handshake_client_time, verdict->client_time);
    add_time(tree, tvb, hf_handshake_time, verdict->handshake_time);
}

static void
show_tls(proto_tree *tree, tvbuff_t *tvb, const struct tcpphase_verdict *verdict)
{
    if (verdict->tls_version == 0 && !verdict->tls_complete && verdict->tls_failed_by == TCPPHASE_INITIATOR_NONE) {
        return;
    }
    tree = add_subtree(tree, tvb, ett_tls, "TLS");
    add_nonzero(tree, tvb, hf_tls_version, verdict->tls_version);
    add_true(tree, tvb, hf_tls_resumed, verdict->tls_resumed);
    add_true(tree, tvb, hf_tls_complete, verdict->tls_complete);
    add_time(tree, tvb, hf_tls_time, verdict->tls_time);
    if (verdict->tls_failed_by != TCPPHASE_INITIATOR_NONE) {
        add_number(tree, tvb, hf_tls_failed_by, verdict->tls_failed_by);
    }
}

static void
show_http(proto_tree *tree, tvbuff_t *tvb, const struct tcpphase_verdict *verdict, bool hindsight)
{
    if (verdict->http_message == 0 && verdict->http_persistent == 0) {
        return;
    }
    tree = add_subtree(tree, tvb, ett_http, "HTTP");
    add_nonzero(tree, tvb, hf_http_message, verdict->http_message);
    for (unsigned i = 0; i < TCPPHASE_MORE_MESSAGES; i++) {
        add_nonzero(tree, tvb, hf_http_message, verdict->http_more_messages[i]);
    }
    add_nonzero(tree, tvb, hf_http_persistent, verdict->http_persistent);
    add_nonzero(tree, tvb, hf_http_persistent_basis, verdict->http_persistent_basis);
    add_nonzero(tree, tvb, hf_http_request_frame, verdict->http_request_frame);
    add_time(tree, tvb, hf_http_response_time, verdict->http_response_time);
    add_time(tree, tvb, hf_http_timeout, verdict->http_timeout);
    if (hindsight) {
        add_nonzero(tree, tvb, hf_http_response_frame, verdict->http_response_frame);
    }
}

/* What the probes of each side show of its timers. The engine tells sides by address, users by role. */
static void
show_probers(proto_tree *tree, tvbuff_t *tvb, const struct tcpphase_summary *summary)
{
    for (unsigned shown = 0; shown < TCPPHASE_PROBERS && summary->client_side != 0; shown++) {
        const unsigned prober = summary->client_side == 1 ? shown : shown ^ 1;

        add_time(tree, tvb, hf_probe_idle[shown], summary->probe_idle[prober]);
        add_time(tree, tvb, hf_probe_interval[shown], summary->probe_interval[prober]);
        /* Also when all were answered. */
        if (summary->probe_idle[prober] != TCPPHASE_TIME_ABSENT || summary->probe_interval[prober] != TCPPHASE_TIME_ABSENT
            || summary->probe_unanswered_max[prober] > 0) {
            add_number(tree, tvb, hf_probe_unanswered_max[shown], summary->probe_unanswered_max[prober]);
        }
    }
}

static void
show_keepalive(proto_tree *tree, tvbuff_t *tvb, const struct tcpphase_verdict *verdict,
               const struct tcpphase_summary *summary)
{
    if (verdict->keepalive_status == 0 && (summary == NULL || summary->keepalives == 0)) {
        return;
    }
    tree = add_subtree(tree, tvb, ett_keepalive, "Keep-alive");
    add_nonzero(tree, tvb, hf_keepalive_status, verdict->keepalive_status);
    add_nonzero(tree, tvb, hf_keepalive_layer, verdict->keepalive_layer);
    add_nonzero(tree, tvb, hf_keepalive_context, verdict->keepalive_context);
    add_nonzero(tree, tvb, hf_keepalive_number, verdict->keepalive_number);
    add_time(tree, tvb, hf_keepalive_idle, verdict->keepalive_idle);
    add_time(tree, tvb, hf_keepalive_interval, verdict->keepalive_interval);
    add_nonzero(tree, tvb, hf_keepalive_probe_frame, verdict->keepalive_probe_frame);
    add_time(tree, tvb, hf_keepalive_response_time, verdict->keepalive_response_time);
    if (summary != NULL) {
        add_nonzero(tree, tvb, hf_keepalive_answer_frame, verdict->keepalive_answer_frame);
        add_nonzero(tree, tvb, hf_keepalive_verdict, summary->keepalive_verdict);
        add_number(tree, tvb, hf_keepalive_unanswered_max, summary->unanswered_max);
        show_probers(tree, tvb, summary);
    }
}

static void
show_connection(proto_tree *tree, tvbuff_t *tvb, const struct tcpphase_summary *summary)
{
    if (summary == NULL) {
        return;
    }
    tree = add_subtree(tree, tvb, ett_connection, "Connection");
    add_number(tree, tvb, hf_conn_opened, summary->opened);
    add_number(tree, tvb, hf_conn_ended, summary->ended);
    add_number(tree, tvb, hf_conn_closed_by, summary->closed_by);
    add_true(tree, tvb, hf_conn_one_direction, summary->one_direction);
    add_time(tree, tvb, hf_conn_duration, summary->duration);
    add_time(tree, tvb, hf_conn_setup_time, summary->setup_time);
    add_time(tree, tvb, hf_conn_max_idle, summary->max_idle);
    add_number(tree, tvb, hf_conn_keepalives, summary->keepalives);
    add_number(tree, tvb, hf_conn_keepalives_answered, summary->keepalives_answered);
    add_number(tree, tvb, hf_conn_syn_attempts, summary->syn_attempts);
    add_time(tree, tvb, hf_conn_tls_time, summary->tls_time);
    add_number(tree, tvb, hf_conn_messages, summary->messages);
    add_time(tree, tvb, hf_conn_idle_at_end, summary->end_idle);
    add_time(tree, tvb, hf_conn_slowest_response, summary->slowest_response);
    add_time(tree, tvb, hf_conn_http_timeout, summary->http_timeout);
    add_nonzero(tree, tvb, hf_conn_tls_version, summary->tls_version);
    add_true(tree, tvb, hf_conn_tls_resumed, summary->tls_resumed);
}

static void
show_verdict(proto_tree *tree, tvbuff_t *tvb, const struct tcpphase_verdict *verdict,
             const struct tcpphase_summary *summary)
{
    add_number(tree, tvb, hf_connection, verdict->connection);
    add_number(tree, tvb, hf_sender, verdict->sender);
    add_number(tree, tvb, hf_sender_basis, verdict->sender_basis);
    add_true(tree, tvb, hf_retransmission, verdict->marks & TCPPHASE_MARK_RETRANSMISSION);
    add_nonzero(tree, tvb, hf_duplicate_of, verdict->duplicate_of);
    add_true(tree, tvb, hf_inferred, verdict->marks & TCPPHASE_MARK_INFERRED);
    add_true(tree, tvb, hf_after_gap, verdict->marks & TCPPHASE_MARK_AFTER_GAP);
    if (verdict->close_initiator != TCPPHASE_INITIATOR_NONE) {
        add_number(tree, tvb, hf_close_initiator, verdict->close_initiator);
    }
    add_time(tree, tvb, hf_close_idle, verdict->close_idle);
    show_handshake(tree, tvb, verdict);
    show_tls(tree, tvb, verdict);
    show_http(tree, tvb, verdict, summary != NULL);
    show_keepalive(tree, tvb, verdict, summary);
    show_connection(tree, tvb, summary);
}

/* Expert infos reach their statistics without a tree too. */
static void
show_notes(packet_info *pinfo, proto_item *item, const struct tcpphase_verdict *verdict)
{
    /* Restored by our caller; it names the source in the expert infos' own window. */
    pinfo->current_proto = "TCP Phase";
    for (uint32_t note = 0; note < NOTES_MAXIMUM; note++) {
        char text[TEXT_SIZE];

        if ((verdict->notes >> note & 1) && ei_note[note].hf > 0
            && tcpphase_note_text(verdict, note, text, sizeof text) == TCPPHASE_OK) {
            expert_add_info_format(pinfo, item, &ei_note[note], "%s", text);
        }
    }
}

/* Gets the verdict of a segment of the frame. */
static int32_t
get_verdict(const packet_info *pinfo, uint32_t place, const struct noted *segment, struct tcpphase_verdict *verdict)
{
    const int32_t result = tcpphase_engine_verdict(engine, pinfo->num, place, segment->sequence, verdict);

    if (result == TCPPHASE_POISONED) {
        engine_failed(result);
    }
    return result;
}

/* Of a segment that nothing displays. */
static void
tell_notes(packet_info *pinfo, uint32_t place, const struct noted *segment)
{
    struct tcpphase_verdict verdict = { .struct_size = sizeof verdict };

    if (get_verdict(pinfo, place, segment, &verdict) == TCPPHASE_OK) {
        show_notes(pinfo, NULL, &verdict);
    }
}

static void
show_segment(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, uint32_t place, const struct noted *segment)
{
    struct tcpphase_verdict verdict = { .struct_size = sizeof verdict };
    struct tcpphase_summary summary = { .struct_size = sizeof summary };
    const int32_t result = get_verdict(pinfo, place, segment, &verdict);
    const bool known = result == TCPPHASE_OK;
    char label[LABEL_SIZE];
    proto_item *item;

    if (result == TCPPHASE_POISONED) {
        return;
    }
    if (verdict.notes == 0 && !label_in_info && !proto_field_is_referenced(tree, proto_tcpphase)) {
        return;
    }
    if (!known || tcpphase_label(&verdict, label, sizeof label) != TCPPHASE_OK) {
        g_strlcpy(label, val_to_str_const(verdict.phase, names[TCPPHASE_TABLE_PHASE], ""), sizeof label);
    }
    if (label_in_info) {
        col_append_fstr(pinfo->cinfo, COL_INFO, " [%s]", label);
    }

    item = proto_tree_add_item(tree, proto_tcpphase, tvb, 0, 0, ENC_NA);
    proto_item_append_text(item, ": %s", label);
    proto_item_set_generated(item);
    tree = proto_item_add_subtree(item, ett_tcpphase);

    add_number(tree, tvb, hf_phase, verdict.phase);
    for (unsigned i = 0; i < verdict.step_count; i++) {
        add_number(tree, tvb, hf_step, verdict.steps[i]);
    }
    proto_item_set_generated(proto_tree_add_string(tree, hf_label, tvb, 0, 0, label));
    /* Before the details: few segments have one, and it is worth reading. */
    show_notes(pinfo, item, &verdict);
    if (known && verdict.connection != TCPPHASE_CONNECTION_NONE) {
        const bool hindsight = pinfo->fd->visited
            && capture_summary(verdict.connection, &summary);

        show_verdict(tree, tvb, &verdict, hindsight ? &summary : NULL);
        statistics_shown(pinfo, verdict.connection);
    }
}

/* How many segments of dropped frames stand before this frame's under its number. */
static unsigned
dropped_before(packet_info *pinfo)
{
    if (!dropping) {
        return 0;
    }
    if (pinfo->fd->visited) {
        return GPOINTER_TO_UINT(p_get_proto_data(wmem_file_scope(), pinfo, proto_tcpphase, FRAME_DROPPED_COUNT));
    }
    p_add_proto_data(wmem_file_scope(), pinfo, proto_tcpphase, FRAME_DROPPED_COUNT, GUINT_TO_POINTER(dropped_count));
    return dropped_count;
}

/* Those who listen get the verdicts too. */
static void
tell_statistics(packet_info *pinfo, unsigned before)
{
    for (unsigned i = 0; i < noted_count && engine != NULL; i++) {
        struct tcpphase_verdict verdict = { .struct_size = sizeof verdict };

        if (tcpphase_engine_verdict(engine, pinfo->num, before + i, noted[i].sequence, &verdict) == TCPPHASE_OK) {
            statistics_segment(pinfo, i, &verdict);
        }
    }
}

static int
dissect_post(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data _U_)
{
    if (from_tree && engine != NULL) {
        note_frame_of_tree(pinfo, tree);
    }
    if (noted_frame == pinfo->num) {
        const unsigned before = dropped_before(pinfo);

        for (unsigned i = 0; i < noted_count && engine != NULL; i++) {
            /* Read from the tree. */
            if (noted[i].notes & TCPPHASE_SEALED) {
                open_records(pinfo, i);
            }
            /* Most frames end here: a first visit that nobody looks at. */
            if (tree != NULL || noted[i].notes != 0 || label_in_info || pinfo->fd->visited) {
                show_segment(tvb, pinfo, tree, before + i, &noted[i]);
            }
        }
        if (statistics_noted > 0) {
            tell_statistics(pinfo, before);
        }
    }
    noted_frame = opened_frame = 0;
    /* Taken; nobody asks how much of it. */
    return 1;
}

/* ---- One capture ---- */

static void
begin_capture(void)
{
    dissector_handle_t handle;
    int32_t result;

    noted_frame = opened_frame = first_visited = 0;
    dropping = false;
    /* Switching a protocol on or off begins the capture anew. */
    if (!proto_is_protocol_enabled(find_protocol_by_id(proto_tcpphase))) {
        return;
    }
    opened = g_array_new(FALSE, FALSE, sizeof(struct opened));
    result = tcpphase_engine_new(&engine);
    if (result != TCPPHASE_OK) {
        engine_failed(result);
    }

    handle = dissector_get_uint_handle(find_dissector_table("ip.proto"), IP_PROTO_TCP);
    if (handle == tcp_handle) {
        /* Decode As has chosen what would be there without this plugin. */
        dissector_change_uint("ip.proto", IP_PROTO_TCP, front_handle);
        handle = front_handle;
    }
    /* Another plugin can have taken the place in front of TCP, and Decode As can have given it away. */
    from_tree = handle != front_handle;
    if (label_in_info) {
        display();
    }
    if (from_tree) {
        GArray *wanted = g_array_new(FALSE, FALSE, sizeof(int));

        display();
        g_array_append_val(wanted, proto_tcp);
        g_array_append_val(wanted, hf_tcp_len);
        g_array_append_val(wanted, proto_ip);
        g_array_append_val(wanted, proto_ipv6);
        set_postdissector_wanted_hfids(post_handle, wanted);
    }
}

static void
end_capture(void)
{
    statistics_end_capture();
    if (displaying) {
        set_postdissector_wanted_hfids(post_handle, NULL);
    }
    g_free(noted);
    noted = NULL;
    noted_count = noted_room = 0;
    if (opened != NULL) {
        g_array_free(opened, TRUE);
        opened = NULL;
    }
    tcpphase_engine_free(engine);
    engine = NULL;
}

/* ---- Registration ---- */

/* The value strings come from the engine, so that a name exists once. */
static void
read_names(void)
{
    for (uint32_t table = 1; table <= TCPPHASE_TABLE_NOTE; table++) {
        uint32_t value;
        const char *name;

        for (uint32_t i = 0; i < NAMES_MAXIMUM && tcpphase_name(table, i, &value, &name) == TCPPHASE_OK; i++) {
            names[table][i].value = value;
            names[table][i].strptr = name;
        }
    }
}

static void
register_notes(void)
{
#define NOTE(name, group, severity, summary) { NULL, { "tcpphase.note." name, group, severity, summary, EXPFILL } }
    static ei_register_info notes[] = {
        NOTE("syn_retransmitted", PI_SEQUENCE, PI_NOTE, "SYN sent again"),
        NOTE("synack_repeated", PI_SEQUENCE, PI_NOTE, "SYN-ACK sent again after the handshake ACK"),
        NOTE("refused", PI_RESPONSE_CODE, PI_NOTE, "Connection refused"),
        NOTE("reset_in_handshake", PI_RESPONSE_CODE, PI_NOTE, "Reset during the TCP handshake"),
        NOTE("simultaneous_open", PI_SEQUENCE, PI_CHAT, "Both sides opened the connection at the same time"),
        NOTE("simultaneous_close", PI_SEQUENCE, PI_CHAT, "Both sides closed the connection at the same time"),
        NOTE("half_close", PI_SEQUENCE, PI_CHAT, "Data towards a side that has sent its FIN"),
        NOTE("not_keepalive", PI_SEQUENCE, PI_CHAT, "Looks like a keep-alive and is none"),
        NOTE("keepalive_unanswered", PI_SEQUENCE, PI_NOTE, "Keep-alive probes go unanswered"),
        NOTE("keepalive_reset", PI_RESPONSE_CODE, PI_WARN, "Keep-alive probe answered by a reset"),
        NOTE("keepalive_waiting", PI_SEQUENCE, PI_NOTE, "Keep-alive probe while a response is awaited"),
        NOTE("keepalive_storm", PI_SEQUENCE, PI_NOTE, "More keep-alive probes than anybody needs"),
        NOTE("invalid_reset", PI_SEQUENCE, PI_NOTE, "Reset outside the window: it changed nothing"),
        NOTE("tls_failed", PI_SECURITY, PI_WARN, "TLS handshake failed"),
        NOTE("tls_rejected", PI_SECURITY, PI_NOTE, "Fatal TLS alert after completion"),
        NOTE("tls_truncated", PI_SECURITY, PI_NOTE, "TLS ended without close_notify"),
        NOTE("http_race", PI_SEQUENCE, PI_NOTE, "A request crossed the close of its persistent connection"),
        NOTE("http_framing", PI_PROTOCOL, PI_NOTE, "Lengths of an HTTP message contradict each other"),
    };
#undef NOTE
    expert_module_t *module = expert_register_protocol(proto_tcpphase);

    for (size_t i = 0; i < G_N_ELEMENTS(notes); i++) {
        const char *name = notes[i].eiinfo.name + strlen("tcpphase.note.");

        for (const value_string *note = names[TCPPHASE_TABLE_NOTE]; note->strptr != NULL; note++) {
            if (note->value < NOTES_MAXIMUM && strcmp(name, note->strptr) == 0) {
                notes[i].ids = &ei_note[note->value];
                expert_register_field_array(module, &notes[i], 1);
            }
        }
    }
}

static void
register_fields(void)
{
#define FIELD(field, name, filter, type, display, strings, blurb) \
    { &hf_##field, { name, "tcpphase." filter, type, display, strings, 0x0, blurb, HFILL } }
#define ENUM(field, name, filter, table, blurb) \
    FIELD(field, name, filter, FT_UINT8, BASE_DEC, VALS(names[TCPPHASE_TABLE_##table]), blurb)
#define COUNT(field, name, filter, blurb) FIELD(field, name, filter, FT_UINT32, BASE_DEC, NULL, blurb)
#define FLAG(field, name, filter, blurb) FIELD(field, name, filter, FT_BOOLEAN, BASE_NONE, NULL, blurb)
#define TIME(field, name, filter, blurb) FIELD(field, name, filter, FT_RELATIVE_TIME, BASE_NONE, NULL, blurb)
#define FRAME(field, name, filter, kind, blurb) \
    FIELD(field, name, filter, FT_FRAMENUM, BASE_NONE, FRAMENUM_TYPE(FT_FRAMENUM_##kind), blurb)
#define PROBER(number, side, filter, layer) \
    TIME(probe_idle[number], side " idle time", filter ".idle", "Idle time before this side's first probe of " layer), \
    TIME(probe_interval[number], side " interval", filter ".interval", "Time between this side's last two probes of " layer " without other octets between"), \
    COUNT(probe_unanswered_max[number], side " most unanswered", filter ".unanswered_max", "This side's longest run of probes of " layer " without an answer")
    static hf_register_info fields[] = {
        ENUM(phase, "Phase", "phase", PHASE, "Where the connection is, at this segment"),
        ENUM(step, "Step", "step", STEP, "What this segment does there"),
        FIELD(label, "Label", "label", FT_STRING, BASE_NONE, NULL, "Phase and step as shown in the column"),
        COUNT(connection, "Connection number", "connection", "The connection that the segment belongs to"),
        ENUM(sender, "Sender", "sender", SENDER, "Which side sent the segment; the client sent the first SYN"),
        ENUM(sender_basis, "Sender known by", "sender_basis", BASIS, "How the role of the sender is known"),
        FLAG(retransmission, "Retransmission", "retransmission", "Every octet, or the SYN or FIN, was captured before"),
        FRAME(duplicate_of, "Duplicate of", "duplicate_of", NONE, "This is a mirrored copy of that frame"),
        FLAG(inferred, "Inferred", "inferred", "The step rests on a guess"),
        FLAG(after_gap, "After a gap", "after_gap", "Octets before this segment had not been seen"),
        FRAME(handshake_syn_frame, "SYN in", "handshake.syn_frame", ACK, "Frame of the last SYN with that sequence number"),
        FRAME(handshake_synack_frame, "SYN-ACK in", "handshake.synack_frame", ACK, "Frame of the last SYN-ACK"),
        TIME(handshake_time, "Handshake time", "handshake.time", "First SYN to the handshake ACK"),
        TIME(handshake_server_time, "Server's time", "handshake.server_time", "Last SYN to SYN-ACK"),
        TIME(handshake_client_time, "Client's time", "handshake.client_time", "SYN-ACK to the handshake ACK"),
        COUNT(handshake_attempt, "Attempt", "handshake.attempt", "1 for the first SYN, 2 for its first retransmission"),
        ENUM(keepalive_status, "Status", "keepalive.status", KEEPALIVE_STATUS, "What the segment is to a keep-alive"),
        ENUM(keepalive_layer, "Layer", "keepalive.layer", LAYER, "The protocol that the keep-alive belongs to"),
        COUNT(keepalive_number, "Probe number", "keepalive.number", "Probes in a row without an answer so far"),
        TIME(keepalive_idle, "Idle time", "keepalive.idle", "Since the connection last carried other octets"),
        TIME(keepalive_interval, "Interval", "keepalive.interval", "Since this side's previous probe"),
        FRAME(keepalive_probe_frame, "Answer to the probe in", "keepalive.probe_frame", REQUEST, "The probe that this answers"),
        TIME(keepalive_response_time, "Response time", "keepalive.response_time", "Since the probe that this answers"),
        FRAME(keepalive_answer_frame, "Answered in", "keepalive.answer_frame", RESPONSE, "The answer to this probe"),
        ENUM(keepalive_context, "Context", "keepalive.context", CONTEXT, "What the connection was doing"),
        ENUM(keepalive_verdict, "Outcome", "keepalive.verdict", KEEPALIVE_VERDICT, "What became of the connection's keep-alives"),
        COUNT(keepalive_unanswered_max, "Most unanswered in a row", "keepalive.unanswered_max", "The longest run of probes of the connection without an answer"),
        ENUM(close_initiator, "Closed by", "close.initiator", INITIATOR, "Who sent the first FIN or RST"),
        TIME(close_idle, "Idle before the close", "close.idle", "How long the connection had been idle at its first FIN or RST, apart from close_notify and the like before it"),
        ENUM(conn_opened, "Opened", "conn.opened", OPENED, "How the connection opened"),
        ENUM(conn_ended, "Ended", "conn.ended", ENDED, "How the connection ended, as far as the capture goes"),
        FLAG(conn_one_direction, "One direction only", "conn.one_direction", "Only one side was captured"),
        ENUM(conn_closed_by, "Closed by", "conn.closed_by", INITIATOR, "Who closed the connection"),
        TIME(conn_duration, "Duration", "conn.duration", "First segment to last segment"),
        TIME(conn_setup_time, "Setup time", "conn.setup_time", "First SYN to the end of the handshake"),
        TIME(conn_max_idle, "Longest idle time", "conn.max_idle", "The longest time without octets other than keep-alives"),
        COUNT(conn_keepalives, "Keep-alive probes", "conn.keepalives", "How many keep-alive probes were sent"),
        COUNT(conn_keepalives_answered, "Keep-alive probes answered", "conn.keepalives_answered", "How many of them were answered"),
        COUNT(conn_syn_attempts, "SYN attempts", "conn.syn_attempts", "How often the SYN was sent"),
        TIME(conn_tls_time, "TLS time", "conn.tls_time", "Client Hello to completion"),
        COUNT(conn_messages, "HTTP requests", "conn.messages", "How many HTTP requests were sent"),
        TIME(conn_idle_at_end, "Idle at the end", "conn.idle_at_end", "How long it had been idle when it began to close, or has been idle while nobody does"),
        TIME(conn_slowest_response, "Slowest HTTP response", "conn.slowest_response", "The longest time that an HTTP response took"),
        TIME(conn_http_timeout, "HTTP's timeout", "conn.http_timeout", "How long the server says that it keeps an idle connection"),
        FIELD(conn_tls_version, "TLS version", "conn.tls_version", FT_UINT16, BASE_HEX, VALS(tls_versions), "The negotiated TLS version"),
        FLAG(conn_tls_resumed, "TLS resumed", "conn.tls_resumed", "A TLS session was resumed"),
        PROBER(0, "Client's", "keepalive.client", "TCP"),
        PROBER(1, "Server's", "keepalive.server", "TCP"),
        PROBER(2, "Client's upper", "keepalive.client.above", "the protocol above"),
        PROBER(3, "Server's upper", "keepalive.server.above", "the protocol above"),
        FIELD(tls_version, "Version", "tls.version", FT_UINT16, BASE_HEX, VALS(tls_versions), "The negotiated TLS version, once known"),
        FLAG(tls_resumed, "Resumed", "tls.resumed", "A session is resumed, once known"),
        FLAG(tls_complete, "Complete", "tls.complete", "This segment completes the TLS handshake"),
        TIME(tls_time, "Handshake time", "tls.time", "Client Hello to completion"),
        ENUM(tls_failed_by, "Failed by", "tls.failed_by", SENDER, "Who ended the TLS handshake with this segment"),
        ENUM(http_persistent, "Persistent", "http.persistent", PERSISTENT, "Whether the connection stays open after this message"),
        ENUM(http_persistent_basis, "Persistent because of", "http.persistent_basis", PERSISTENT_BASIS, "How that is known"),
        COUNT(http_message, "Message number", "http.message", "1 for the first request and its response, 2 for the next"),
        FRAME(http_request_frame, "Response to the request in", "http.request_frame", REQUEST, "The request that this answers"),
        FRAME(http_response_frame, "Response in", "http.response_frame", RESPONSE, "The response to this request"),
        TIME(http_timeout, "Timeout", "http.timeout", "How long the server says that it keeps an idle connection: Keep-Alive: timeout"),
        TIME(http_response_time, "Response time", "http.response_time", "Last octet of the request to first octet of the final response"),
    };
    static int *subtrees[] = { &ett_tcpphase, &ett_handshake, &ett_tls, &ett_http, &ett_keepalive, &ett_connection };

    proto_register_field_array(proto_tcpphase, fields, G_N_ELEMENTS(fields));
    proto_register_subtree_array(subtrees, G_N_ELEMENTS(subtrees));
}

static void
register_protocol(void)
{
    module_t *preferences;
    int proto_front, proto_post;

    proto_tcpphase = proto_register_protocol("TCP Phase", "TCP Phase", "tcpphase");
    proto_tcp = proto_get_id_by_filter_name("tcp");
    proto_ip = proto_get_id_by_filter_name("ip");
    proto_ipv6 = proto_get_id_by_filter_name("ipv6");
    read_names();
    register_fields();
    register_notes();
    statistics_register(proto_tcpphase);

    preferences = prefs_register_protocol(proto_tcpphase, NULL);
    prefs_register_bool_preference(preferences, "label_in_info", "Show the label in the Info column",
                                   "Appends the label, as in \"[TCP handshake 1/3 SYN]\", to the Info column", &label_in_info);

    /* Of TCP's family, so that switching TCP Phase off does not switch TCP off. */
    proto_front = proto_register_protocol_in_name_only("TCP, seen by TCP Phase", "TCP (TCP Phase)", "_tcpphase.tcp",
                                                       proto_tcp, FT_PROTOCOL);
    front_handle = create_dissector_handle(dissect_in_front, proto_front);
    /* In name only: a layer of its own in every frame would cost more than all the rest of this dissector. */
    proto_post = proto_register_protocol_in_name_only("TCP Phase, display", "TCP Phase (display)", "_tcpphase.display",
                                                      proto_tcpphase, FT_PROTOCOL);
    post_handle = create_dissector_handle(dissect_post, proto_post);
    register_init_routine(begin_capture);
    register_cleanup_routine(end_capture);
}

static void
register_handoff(void)
{
    tcp_handle = find_dissector("tcp");
    proto_tls = proto_get_id_by_filter_name("tls");
    hf_tcp_len = proto_registrar_get_id_byname("tcp.len");
    dissector_add_uint("ip.proto", IP_PROTO_TCP, front_handle);
}

WS_DLL_PUBLIC_DEF const char plugin_version[] = TCPPHASE_VERSION;
WS_DLL_PUBLIC_DEF const int plugin_want_major = WIRESHARK_VERSION_MAJOR;
WS_DLL_PUBLIC_DEF const int plugin_want_minor = WIRESHARK_VERSION_MINOR;

WS_DLL_PUBLIC void plugin_register(void);
WS_DLL_PUBLIC uint32_t plugin_describe(void);

void
plugin_register(void)
{
    static proto_plugin plugin = { register_protocol, register_handoff };

    if (tcpphase_abi_version() != TCPPHASE_ABI_VERSION) {
        ws_warning("TCP Phase: built for version %u of libtcpphase's interface and found version %u; it stays off",
                   (unsigned)TCPPHASE_ABI_VERSION, (unsigned)tcpphase_abi_version());
        return;
    }
    proto_register_plugin(&plugin);
}

uint32_t
plugin_describe(void)
{
#ifdef WS_PLUGIN_DESC_DISSECTOR
    return WS_PLUGIN_DESC_DISSECTOR;
#else
    return 0;
#endif
}
