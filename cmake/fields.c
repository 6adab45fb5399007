/* fields.c
 * TCP Phase's fields and notes: what is registered, and a verdict shown with it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "versions.h"

#include <epan/expert.h>
#include <epan/packet.h>

#include "plugin.h"

#define TEXT_SIZE 512
#define NAMES_MAXIMUM 128
#define NOTES_MAXIMUM 32
#define NANOSECONDS 1000000000

static int proto_tcpphase = -1;

static int hf_phase = -1, hf_step = -1, hf_label = -1, hf_frame_label = -1, hf_connection = -1, hf_sender = -1, hf_sender_basis = -1;
static int hf_retransmission = -1, hf_duplicate_of = -1, hf_inferred = -1, hf_after_gap = -1;
static int hf_handshake_syn_frame = -1, hf_handshake_synack_frame = -1, hf_handshake_time = -1;
static int hf_handshake_server_time = -1, hf_handshake_client_time = -1, hf_handshake_attempt = -1;
static int hf_keepalive_status = -1, hf_keepalive_layer = -1, hf_keepalive_number = -1, hf_keepalive_idle = -1;
static int hf_keepalive_interval = -1, hf_keepalive_probe_frame = -1, hf_keepalive_response_time = -1;
static int hf_keepalive_answer_frame = -1, hf_keepalive_context = -1, hf_keepalive_verdict = -1;
static int hf_keepalive_unanswered_max = -1;
static int hf_close_initiator = -1, hf_close_idle = -1;
static int hf_conn_opened = -1, hf_conn_ended = -1, hf_conn_one_direction = -1, hf_conn_closed_by = -1, hf_conn_reset_by = -1,
    hf_conn_unanswered_by = -1, hf_conn_waits_for = -1;
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

const value_string *
names_of(uint32_t table)
{
    return names[table];
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
        if (!summary->one_direction
            && (summary->probe_idle[prober] != TCPPHASE_TIME_ABSENT || summary->probe_interval[prober] != TCPPHASE_TIME_ABSENT
                || summary->probe_unanswered_max[prober] > 0)) {
            add_number(tree, tvb, hf_probe_unanswered_max[shown], summary->probe_unanswered_max[prober]);
        }
    }
}

static void
show_keepalive(proto_tree *tree, tvbuff_t *tvb, const struct tcpphase_verdict *verdict, bool hindsight)
{
    if (verdict->keepalive_status == 0) {
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
    if (hindsight) {
        add_nonzero(tree, tvb, hf_keepalive_answer_frame, verdict->keepalive_answer_frame);
    }
}

/* What became of all keep-alives of a connection that has any. */
static void
show_keepalives(proto_tree *tree, tvbuff_t *tvb, const struct tcpphase_summary *summary)
{
    if (summary->keepalives == 0) {
        return;
    }
    add_nonzero(tree, tvb, hf_keepalive_verdict, summary->keepalive_verdict);
    if (!summary->one_direction) {
        add_number(tree, tvb, hf_keepalive_unanswered_max, summary->unanswered_max);
    }
    show_probers(tree, tvb, summary);
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
    if (summary->reset_by != TCPPHASE_INITIATOR_NONE) {
        add_number(tree, tvb, hf_conn_reset_by, summary->reset_by);
    }
    if (summary->unanswered_by != TCPPHASE_INITIATOR_NONE) {
        add_number(tree, tvb, hf_conn_unanswered_by, summary->unanswered_by);
    }
    if (summary->waits_for != TCPPHASE_INITIATOR_NONE) {
        add_number(tree, tvb, hf_conn_waits_for, summary->waits_for);
    }
    add_true(tree, tvb, hf_conn_one_direction, summary->one_direction);
    add_time(tree, tvb, hf_conn_duration, summary->duration);
    add_time(tree, tvb, hf_conn_setup_time, summary->setup_time);
    add_time(tree, tvb, hf_conn_max_idle, summary->max_idle);
    add_number(tree, tvb, hf_conn_keepalives, summary->keepalives);
    if (!summary->one_direction) {
        add_number(tree, tvb, hf_conn_keepalives_answered, summary->keepalives_answered);
    }
    show_keepalives(tree, tvb, summary);
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
    show_keepalive(tree, tvb, verdict, summary != NULL);
    show_connection(tree, tvb, summary);
}

/* Expert infos reach their statistics without a tree too. */
void
fields_show_notes(packet_info *pinfo, proto_item *item, const struct tcpphase_verdict *verdict)
{
    /* Restored by our caller; it names the source in the expert infos' own window. */
    pinfo->current_proto = "TCP Phase";
    for (uint32_t note = 0; note < NOTES_MAXIMUM; note++) {
        char text[TEXT_SIZE];
        int32_t result;

        if (!(verdict->notes >> note & 1) || ei_note[note].hf <= 0) {
            continue;
        }
        result = tcpphase_note_text(verdict, note, text, sizeof text);
        if (capture_goes_on(result)) {
            expert_add_info_format(pinfo, item, &ei_note[note], "%s", text);
        } else if (result == TCPPHASE_POISONED) {
            return;
        }
    }
}

void
fields_show(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, const char *label, const char *frame_label,
            const struct tcpphase_verdict *verdict, const struct tcpphase_summary *summary)
{
    proto_item *item = proto_tree_add_item(tree, proto_tcpphase, tvb, 0, 0, ENC_NA), *item_of_frame;

    proto_item_append_text(item, ": %s", label);
    proto_item_set_generated(item);
    tree = proto_item_add_subtree(item, ett_tcpphase);

    add_number(tree, tvb, hf_phase, verdict->phase);
    for (unsigned i = 0; i < verdict->step_count; i++) {
        add_number(tree, tvb, hf_step, verdict->steps[i]);
    }
    proto_item_set_generated(proto_tree_add_string(tree, hf_label, tvb, 0, 0, label));
    if (frame_label != NULL) {
        item_of_frame = proto_tree_add_string(tree, hf_frame_label, tvb, 0, 0, frame_label);
        proto_item_set_generated(item_of_frame);
        if (strcmp(label, frame_label) == 0) {
            /* There for filters and columns; in the details it would say the same twice. */
            proto_item_set_hidden(item_of_frame);
        }
    }
    /* Before the details: few segments have one, and it is worth reading. */
    fields_show_notes(pinfo, item, verdict);
    if (verdict->connection != TCPPHASE_CONNECTION_NONE) {
        show_verdict(tree, tvb, verdict, summary);
    }
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
        NOTE("reset_disproved", PI_SEQUENCE, PI_WARN, "Both sides go on as if the reset had never come"),
        NOTE("unanswered", PI_SEQUENCE, PI_WARN, "Sent again and again, and not acknowledged"),
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
    TIME(probe_idle[number], side " idle time before its first probe", filter ".idle", "Idle time before this side's first probe of " layer), \
    TIME(probe_interval[number], side " time between probes", filter ".interval", "Time between this side's last two probes of " layer " without other octets between"), \
    COUNT(probe_unanswered_max[number], side " most probes unanswered in a row", filter ".unanswered_max", "This side's longest run of probes of " layer " without an answer")
    static hf_register_info fields[] = {
        ENUM(phase, "Phase", "phase", PHASE, "Where the connection is, at this segment"),
        ENUM(step, "Step", "step", STEP, "What this segment does there"),
        FIELD(label, "Label", "label", FT_STRING, BASE_NONE, NULL, "Phase and step in words"),
        FIELD(frame_label, "Label of the frame", "frame_label", FT_STRING, BASE_NONE, NULL, "The labels of all its segments, as shown in the column; once in a frame"),
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
        ENUM(keepalive_verdict, "Keep-alives were", "keepalive.verdict", KEEPALIVE_VERDICT, "What became of the connection's keep-alives"),
        COUNT(keepalive_unanswered_max, "Most probes unanswered in a row", "keepalive.unanswered_max", "The longest run of probes of the connection without an answer"),
        ENUM(close_initiator, "Closed by", "close.initiator", INITIATOR, "Who sent the first FIN or RST"),
        TIME(close_idle, "Idle before the close", "close.idle", "How long the connection had been idle at its first FIN or RST, apart from close_notify and the like before it"),
        ENUM(conn_opened, "Opened", "conn.opened", OPENED, "How the connection opened"),
        ENUM(conn_ended, "Ended", "conn.ended", ENDED, "How the connection ended, as far as the capture goes"),
        FLAG(conn_one_direction, "One direction only", "conn.one_direction", "Only one side was captured"),
        ENUM(conn_closed_by, "Closed by", "conn.closed_by", INITIATOR, "Who ended the connection first, by FIN or by a reset that took effect"),
        ENUM(conn_reset_by, "Reset by", "conn.reset_by", SENDER, "Who sent the reset that took effect"),
        ENUM(conn_unanswered_by, "Unanswered by the other side", "conn.unanswered_by", SENDER, "Whose octets or FIN nothing acknowledges, however often they went"),
        ENUM(conn_waits_for, "Has not closed", "conn.waits_for", SENDER, "Who has not sent its FIN although the other side has"),
        TIME(conn_duration, "Duration", "conn.duration", "First segment to last segment"),
        TIME(conn_setup_time, "Setup time", "conn.setup_time", "First SYN to the end of the handshake"),
        TIME(conn_max_idle, "Longest idle time", "conn.max_idle", "The longest time without octets other than keep-alives"),
        COUNT(conn_keepalives, "Keep-alive probes", "conn.keepalives", "How many keep-alive probes were sent"),
        COUNT(conn_keepalives_answered, "Keep-alive probes answered", "conn.keepalives_answered", "How many of them were answered; absent where one direction was captured"),
        COUNT(conn_syn_attempts, "SYN attempts", "conn.syn_attempts", "How often the SYN was sent"),
        TIME(conn_tls_time, "TLS time", "conn.tls_time", "Client Hello to completion"),
        COUNT(conn_messages, "HTTP requests", "conn.messages", "How many HTTP requests were sent"),
        TIME(conn_idle_at_end, "Idle at the end", "conn.idle_at_end", "How long it had been idle when it began to close or when octets went that nothing answered, or has been idle while neither is so"),
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

void
fields_register(int proto)
{
    proto_tcpphase = proto;
    read_names();
    register_fields();
    register_notes();
}
