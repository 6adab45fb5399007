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
#define LABEL_SEPARATOR " | "
#define NANOSECONDS 1000000000

/* ---- What is registered ---- */

static int proto_tcpphase = -1;
static int proto_tcp = -1, proto_ip = -1, proto_ipv6 = -1;
static int proto_tls = -1;
static int hf_tcp_len = -1;

static ws_bool label_in_info = FALSE;

static dissector_handle_t tcp_handle;
static dissector_handle_t front_handle;
static dissector_handle_t post_handle;

/* ---- What belongs to the capture ---- */

/* NULL once the engine has failed: the rest of the capture is not annotated then. */
static struct tcpphase_engine *engine;
/* Somebody else has TCP's place in "ip.proto": segments are read from the tree, which Wireshark builds on request. */
static bool from_tree;

/* The segments of the frame at hand, each with its index among those that the engine has under the frame's number.
 * TCPPHASE_SEALED is among the notes until the segment's TLS records have been looked for. */
struct noted {
    uint32_t sequence;
    uint32_t notes;
    uint32_t index;
};
/* The engine has refused it. */
#define INDEX_NONE UINT32_MAX
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

static void
engine_failed(int32_t result)
{
    ws_warning("TCP Phase: %s; the rest of this capture is not annotated", tcpphase_result_text(result));
    tcpphase_engine_free(engine);
    engine = NULL;
}

bool
capture_goes_on(int32_t result)
{
    if (result == TCPPHASE_POISONED && engine != NULL) {
        engine_failed(result);
    }
    return result == TCPPHASE_OK;
}

bool
capture_summary(uint32_t connection, struct tcpphase_summary *summary)
{
    return engine != NULL && capture_goes_on(tcpphase_engine_summary(engine, connection, summary));
}

bool
capture_text(uint32_t connection, uint32_t text, char *buffer, size_t size)
{
    return engine != NULL && capture_goes_on(tcpphase_engine_text(engine, connection, text, buffer, size));
}

bool
capture_row(const struct tcpphase_row *row, uint32_t format, char *buffer, size_t size)
{
    return engine != NULL && capture_goes_on(tcpphase_engine_row(engine, row, format, buffer, size));
}

struct tcpphase_origin *
capture_origins(uint32_t *count)
{
    struct tcpphase_origin *origins;

    if (engine == NULL || !capture_goes_on(tcpphase_engine_origins(engine, NULL, 0, count))) {
        return NULL;
    }
    origins = g_new0(struct tcpphase_origin, (size_t)*count + 1);
    for (uint32_t i = 0; i < *count; i++) {
        origins[i].struct_size = sizeof *origins;
    }
    if (!capture_goes_on(tcpphase_engine_origins(engine, origins, *count, count))) {
        g_free(origins);
        return NULL;
    }
    return origins;
}

/* The latest frame visited for the first time, and how many segments the engine has under its number. A read filter
 * drops frames that have been dissected, and their number goes to the next frame. */
static uint32_t first_visited;
static unsigned first_visited_count, dropped_count;
static bool dropping;
/* Whether the engine has refused a segment of this capture. */
static bool refusing;

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

int64_t
capture_time(const packet_info *pinfo)
{
    const uint64_t limit = INT64_MAX / NANOSECONDS - 1;

    /* Between -limit and limit. */
    if (!(pinfo->presence_flags & PINFO_HAS_TS) || (uint64_t)pinfo->abs_ts.secs + limit > 2 * limit) {
        return TCPPHASE_TIME_ABSENT;
    }
    return (int64_t)pinfo->abs_ts.secs * NANOSECONDS + pinfo->abs_ts.nsecs;
}

/* Room for one more segment of the frame; it counts once noted_count says so. */
static inline struct noted *
room_for_segment(void)
{
    if (noted_count == noted_room) {
        noted_room = 2 * noted_room + 8;
        noted = g_renew(struct noted, noted, noted_room);
    }
    return &noted[noted_count];
}

static inline void
begin_frame(const packet_info *pinfo)
{
    noted_frame = pinfo->num;
    noted_visited = pinfo->fd->visited;
    noted_count = 0;
    statistics_noted = 0;
    /* Whoever begins to listen later has the frames so far visited again. */
    if (noted_visited || first_visited == 0 || from_tree) {
        listening = have_tap_listener(statistics_tap);
    }
    if (noted_visited) {
        return;
    }
    if (pinfo->num != first_visited) {
        first_visited = pinfo->num;
        first_visited_count = dropped_count = 0;
    } else {
        dropped_count = first_visited_count;
        dropping |= dropped_count != 0;
    }
}

/* False: a header quoted in an ICMP error, which is not a segment of this frame. */
static inline bool
note_segment(const packet_info *pinfo, const uint8_t *octets, unsigned captured, unsigned reported, uint32_t identification)
{
    const bool quoted = pinfo->flags.in_error_pkt;
    struct noted *segment;

    /* The only TCP frame of a capture comes twice in a row. */
    if (noted_frame != pinfo->num || noted_visited != pinfo->fd->visited) {
        begin_frame(pinfo);
    }
    segment = room_for_segment();
    *segment = (struct noted){ 0, 0, INDEX_NONE };
    if (captured >= 8) {
        segment->sequence = (uint32_t)octets[4] << 24 | (uint32_t)octets[5] << 16 | (uint32_t)octets[6] << 8 | octets[7];
    }
    if (!pinfo->fd->visited) {
        const struct tcpphase_segment arguments = {
            .struct_size = sizeof arguments,
            .frame = pinfo->num,
            .flags = (quoted ? TCPPHASE_SEGMENT_QUOTED : 0)
                   | (pinfo->fragmented ? TCPPHASE_SEGMENT_FRAGMENT : 0),
            .time = capture_time(pinfo),
            .source = (const uint8_t *)pinfo->src.data,
            .destination = (const uint8_t *)pinfo->dst.data,
            .address_length = (uint32_t)CLAMP(MIN(pinfo->src.len, pinfo->dst.len), 0, 16),
            .identification = identification,
            .octets = octets,
            .captured_length = captured,
            .reported_length = reported,
        };

        if (!capture_goes_on(tcpphase_engine_segment(engine, &arguments, &segment->notes))) {
            refusing = true;
        } else if (!quoted) {
            segment->index = first_visited_count++;
        }
    }
    if (quoted) {
        return false;
    }
    noted_count++;
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
        capture_goes_on(tcpphase_engine_plaintext(engine, pinfo->num, noted[segment].index, noted[segment].sequence,
                                                  (const struct tcpphase_record *)(const void *)records->data,
                                                  records->len, &noted[segment].notes));
    }
    g_array_free(records, TRUE);
}

static void tell_notes(packet_info *pinfo, const struct noted *segment);

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
            tell_notes(pinfo, &noted[own]);
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
    if (own == 0 && noted[0].notes == 0) {
        /* As nearly all segments. */
        innermost = 0;
        return call_dissector_only(tcp_handle, tvb, pinfo, tree, data);
    }
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

/* The fallback: TCP's own items. Only what has a "tcp.len" is a segment: quoted headers and fragments have none.
 * Wireshark makes them on request on the first visit only; for later ones a segment is kept. */
struct kept {
    struct noted noted;
    address source, destination;
    uint8_t ports[4];
};

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

/* Notes the segment with this header, and keeps what its frame is not asked for again. The frame's own addresses are
 * those of its innermost IP header, and its flags what the last dissector has left. */
static void
note_segment_of_tree(const packet_info *pinfo, proto_tree *tree, const field_info *header, unsigned payload,
                     wmem_array_t *kept)
{
    const field_info *ip = internet_header(tree, proto_ip, header), *ipv6 = internet_header(tree, proto_ipv6, header);
    const unsigned captured = tvb_captured_length_remaining(header->ds_tvb, header->start);
    const uint8_t *octets = captured > 0 ? tvb_get_ptr(header->ds_tvb, header->start, captured) : NULL;
    /* The item's own length is not that of the header in every version. */
    const unsigned reported = (captured > 12 ? (octets[12] >> 4) * 4U : 0) + payload;
    uint32_t identification = TCPPHASE_IDENTIFICATION_NONE;
    packet_info own = *pinfo;
    struct kept segment = { 0 };

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
    if (note_segment(&own, octets, MIN(captured, reported), reported, identification)) {
        segment.noted = noted[noted_count - 1];
        copy_address_wmem(wmem_file_scope(), &segment.source, &own.src);
        copy_address_wmem(wmem_file_scope(), &segment.destination, &own.dst);
        if (captured >= sizeof segment.ports) {
            memcpy(segment.ports, octets, sizeof segment.ports);
        }
        wmem_array_append_one(kept, segment);
    }
}

/* NULL: there are none. */
static wmem_array_t *
note_segments_of_tree(const packet_info *pinfo, proto_tree *tree)
{
    const GPtrArray *headers = proto_get_finfo_ptr_array(tree, proto_tcp);
    const GPtrArray *lengths = proto_get_finfo_ptr_array(tree, hf_tcp_len);
    wmem_array_t *kept;

    if (headers == NULL || lengths == NULL) {
        return NULL;
    }
    kept = wmem_array_new(wmem_file_scope(), sizeof(struct kept));
    for (unsigned i = 0; i < headers->len && engine != NULL; i++) {
        const field_info *header = (const field_info *)g_ptr_array_index(headers, i);

        for (unsigned j = 0; j < lengths->len; j++) {
            field_info *length = (field_info *)g_ptr_array_index(lengths, j);

            if (length->ds_tvb == header->ds_tvb && length->start == header->start) {
                note_segment_of_tree(pinfo, tree, header, fvalue_get_uinteger(VALUE_OF(length)), kept);
                break;
            }
        }
    }
    return kept;
}

static void
note_segment_again(const packet_info *pinfo, const struct kept *segment)
{
    packet_info own = *pinfo;

    *room_for_segment() = segment->noted;
    noted_count++;
    noted[noted_count - 1].notes = 0;
    if (listening) {
        copy_address_shallow(&own.src, &segment->source);
        copy_address_shallow(&own.dst, &segment->destination);
        statistics_note(&own, noted_count - 1, segment->ports, sizeof segment->ports);
    }
}

static void
note_frame_of_tree(packet_info *pinfo, proto_tree *tree)
{
    wmem_array_t *kept;

    if (!pinfo->fd->visited) {
        kept = note_segments_of_tree(pinfo, tree);
        if (kept != NULL) {
            p_add_proto_data(wmem_file_scope(), pinfo, proto_tcpphase, FRAME_NOTED, kept);
        }
        return;
    }
    kept = (wmem_array_t *)p_get_proto_data(wmem_file_scope(), pinfo, proto_tcpphase, FRAME_NOTED);
    begin_frame(pinfo);
    for (unsigned i = 0; kept != NULL && i < wmem_array_get_count(kept); i++) {
        note_segment_again(pinfo, (const struct kept *)wmem_array_index(kept, i));
    }
}

/* Gets the verdict of a segment of the frame. */
static int32_t
get_verdict(const packet_info *pinfo, const struct noted *segment, struct tcpphase_verdict *verdict)
{
    const int32_t result = tcpphase_engine_verdict(engine, pinfo->num, segment->index, segment->sequence, verdict);

    capture_goes_on(result);
    return result;
}

/* Of a segment that nothing displays. */
static void
tell_notes(packet_info *pinfo, const struct noted *segment)
{
    struct tcpphase_verdict verdict = { .struct_size = sizeof verdict };

    if (get_verdict(pinfo, segment, &verdict) == TCPPHASE_OK) {
        fields_show_notes(pinfo, NULL, &verdict);
    }
}

/* Adds its label to those of the frame, which are shown with the last one. */
static void
show_segment(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, const struct noted *segment, wmem_strbuf_t *labels,
             bool last)
{
    struct tcpphase_verdict verdict = { .struct_size = sizeof verdict, .connection = TCPPHASE_CONNECTION_NONE };
    struct tcpphase_summary summary = { .struct_size = sizeof summary, .reset_by = TCPPHASE_INITIATOR_NONE,
                                        .unanswered_by = TCPPHASE_INITIATOR_NONE,
                                        .waits_for = TCPPHASE_INITIATOR_NONE,
                                        .tls_failed_by = TCPPHASE_INITIATOR_NONE };
    const int32_t result = get_verdict(pinfo, segment, &verdict);
    char label[LABEL_SIZE];
    bool hindsight = false;

    if (result == TCPPHASE_POISONED) {
        return;
    }
    if (verdict.notes == 0 && !label_in_info && !proto_field_is_referenced(tree, proto_tcpphase)) {
        return;
    }
    if (result != TCPPHASE_OK || !capture_goes_on(tcpphase_label(&verdict, label, sizeof label))) {
        if (engine == NULL) {
            return;
        }
        g_strlcpy(label, val_to_str_const(verdict.phase, names_of(TCPPHASE_TABLE_PHASE), ""), sizeof label);
    }
    wmem_strbuf_append(labels, wmem_strbuf_get_len(labels) > 0 ? LABEL_SEPARATOR : "");
    wmem_strbuf_append(labels, label);

    if (verdict.connection != TCPPHASE_CONNECTION_NONE) {
        hindsight = pinfo->fd->visited && capture_summary(verdict.connection, &summary);
        statistics_shown(pinfo, verdict.connection);
    }
    fields_show(tvb, pinfo, tree, label, last ? wmem_strbuf_get_str(labels) : NULL, &verdict,
                hindsight ? &summary : NULL);
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

/* On a later visit the engine's indexes are not at hand. */
static void
find_indexes(packet_info *pinfo, unsigned before)
{
    for (unsigned i = 0; i < noted_count && engine != NULL; i++) {
        struct tcpphase_verdict verdict = { .struct_size = sizeof verdict };

        noted[i].index = before;
        /* One that it has refused has no verdict. */
        before += !refusing || get_verdict(pinfo, &noted[i], &verdict) == TCPPHASE_OK;
    }
}

/* Those who listen get the verdicts too. */
static void
tell_statistics(packet_info *pinfo)
{
    for (unsigned i = 0; i < noted_count && engine != NULL; i++) {
        struct tcpphase_verdict verdict = { .struct_size = sizeof verdict };

        if (get_verdict(pinfo, &noted[i], &verdict) == TCPPHASE_OK) {
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
        wmem_strbuf_t *labels = NULL;

        if (pinfo->fd->visited) {
            find_indexes(pinfo, before);
        }
        for (unsigned i = 0; i < noted_count && engine != NULL; i++) {
            /* Read from the tree. */
            if (noted[i].notes & TCPPHASE_SEALED) {
                open_records(pinfo, i);
            }
            /* Most frames end here: a first visit that nobody looks at. */
            if (tree != NULL || noted[i].notes != 0 || label_in_info || pinfo->fd->visited) {
                if (labels == NULL) {
                    labels = wmem_strbuf_new(pinfo->pool, "");
                }
                show_segment(tvb, pinfo, tree, &noted[i], labels, i + 1 == noted_count);
            }
        }
        if (label_in_info && labels != NULL && wmem_strbuf_get_len(labels) > 0) {
            /* In front: a list cuts off the end. */
            col_prepend_fstr(pinfo->cinfo, COL_INFO, "[%s] ", wmem_strbuf_get_str(labels));
        }
        if (statistics_noted > 0) {
            tell_statistics(pinfo);
        }
    }
    noted_frame = opened_frame = 0;
    statistics_noted = 0;
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
    dropping = refusing = false;
    /* Switching a protocol on or off begins the capture anew. Without TCP there are no segments. */
    if (!proto_is_protocol_enabled(find_protocol_by_id(proto_tcpphase))
        || !proto_is_protocol_enabled(find_protocol_by_id(proto_tcp))) {
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

/* A copy of this plugin under another file name has come first: Wireshark would stop at a name that exists twice. */
static bool is_second_copy;

static void
register_protocol(void)
{
    module_t *preferences;
    int proto_post;

    if (proto_get_id_by_filter_name("tcpphase") != -1) {
        ws_warning("TCP Phase: there is another copy of this plugin in Wireshark's folders; the one of version "
                   TCPPHASE_VERSION " that was found second stays off");
        is_second_copy = true;
        return;
    }
    proto_tcpphase = proto_register_protocol("TCP Phase", "TCP Phase", "tcpphase");
    proto_tcp = proto_get_id_by_filter_name("tcp");
    proto_ip = proto_get_id_by_filter_name("ip");
    proto_ipv6 = proto_get_id_by_filter_name("ipv6");
    fields_register(proto_tcpphase);
    statistics_register(proto_tcpphase);

    preferences = prefs_register_protocol(proto_tcpphase, NULL);
    prefs_register_bool_preference(preferences, "label_in_info", "Show the label in the Info column",
                                   "Puts the label, as in \"[TCP handshake 1/3 SYN]\", in front of what the Info column says", &label_in_info);

    rows_register(preferences);

    /* Of no protocol: Wireshark need not ask whether it is switched on, and switching TCP Phase off leaves TCP on. */
    front_handle = create_dissector_handle_with_name_and_description(dissect_in_front, -1, NULL, "TCP (TCP Phase)");
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
    if (is_second_copy) {
        return;
    }
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
