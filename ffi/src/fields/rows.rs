//! The rows, in the order in which they are shown.

use super::{flag, frame, named, number, side, time, words, Field, Place};
use crate::types::*;
use std::mem::{size_of, MaybeUninit};
use std::ptr::addr_of;
use tcpphase::verdict::Note;

fn size_behind<T>(_: *const T) -> usize {
    size_of::<T>()
}

/// Where a field of a struct stands.
macro_rules! place {
    ($of:ident, $struct:ident, $field:ident) => {{
        let room = MaybeUninit::<$struct>::uninit();
        let base = room.as_ptr();
        // SAFETY: the address of a field is taken, nothing is read.
        let field = unsafe { addr_of!((*base).$field) };
        Place { of: $of, offset: field as usize - base as usize, size: size_behind(field) }
    }};
}

macro_rules! verdict {
    ($field:ident) => {
        place!(TCPPHASE_OF_VERDICT, tcpphase_verdict, $field)
    };
}

macro_rules! summary {
    ($field:ident) => {
        place!(TCPPHASE_OF_SUMMARY, tcpphase_summary, $field)
    };
}

/// Where the probers' longest runs without an answer begin in a summary.
pub(super) fn summary_offset_of_probers() -> usize {
    summary!(probe_unanswered_max).offset
}

/// Every field.
pub(super) fn all() -> Vec<Field> {
    let fields = of_segment().into_iter();
    let fields = fields.chain(grouped(TCPPHASE_GROUP_HANDSHAKE, of_handshake()));
    let fields = fields.chain(grouped(TCPPHASE_GROUP_TLS, of_tls()));
    let fields = fields.chain(grouped(TCPPHASE_GROUP_HTTP, of_http()));
    let fields = fields.chain(of_mqtt());
    let fields = fields.chain(grouped(TCPPHASE_GROUP_KEEPALIVE, of_keepalive()));
    let fields = fields.chain(grouped(TCPPHASE_GROUP_CONNECTION, of_connection()));
    let fields = fields.chain(grouped(TCPPHASE_GROUP_CONNECTION, of_keepalives()));
    let fields = fields.chain(grouped(TCPPHASE_GROUP_CONNECTION, of_connection_above()));
    let fields = fields.chain(grouped(TCPPHASE_GROUP_CONNECTION, of_traffic()));
    fields.chain(of_notes()).collect()
}

fn grouped(group: u32, fields: Vec<Field>) -> impl Iterator<Item = Field> {
    fields.into_iter().map(move |mut field| {
        field.row.group = group;
        field
    })
}

/// Of a segment itself.
fn of_segment() -> Vec<Field> {
    let steps = verdict!(steps);
    let mark = |name, title, description, mask| flag(name, title, description, verdict!(marks)).mask(mask);
    vec![
        named("phase", TCPPHASE_TABLE_PHASE, "Phase", "Where the connection is, at this segment", verdict!(phase)).always(),
        named("step", TCPPHASE_TABLE_STEP, "Step", "What this segment does there", steps).many(TCPPHASE_STEPS_MAXIMUM),
        number("label", "Label", "Phase and step in words", verdict!(phase)).of_kind(TCPPHASE_KIND_LABEL),
        number(
            "frame_label",
            "Label of the frame",
            "The labels of all its segments, as shown in the column; once in a frame",
            verdict!(phase),
        )
        .of_kind(TCPPHASE_KIND_FRAME_LABEL),
        number("connection", "Connection number", "The connection that the segment belongs to", verdict!(connection))
            .absent(TCPPHASE_CONNECTION_NONE.into()),
        named(
            "sender",
            TCPPHASE_TABLE_SENDER,
            "Sender",
            "Which side sent the segment; the client sent the first SYN",
            verdict!(sender),
        )
        .always(),
        named(
            "sender_basis",
            TCPPHASE_TABLE_BASIS,
            "Sender known by",
            "How the role of the sender is known",
            verdict!(sender_basis),
        )
        .always(),
        mark(
            "retransmission",
            "Retransmission",
            "Every octet, or the SYN or FIN, was captured before",
            TCPPHASE_MARK_RETRANSMISSION,
        ),
        frame("duplicate_of", 0, "Duplicate of", "This is a mirrored copy of that frame", verdict!(duplicate_of)),
        mark("inferred", "Inferred", "The step rests on a guess", TCPPHASE_MARK_INFERRED),
        mark("after_gap", "After a gap", "Octets before this segment had not been seen", TCPPHASE_MARK_AFTER_GAP),
        side(
            "close.initiator",
            TCPPHASE_TABLE_INITIATOR,
            "Closed by",
            "Who sent the first FIN or RST",
            verdict!(close_initiator),
        ),
        time(
            "close.idle",
            "Idle before the close",
            "How long the connection had been idle at its first FIN or RST, apart from close_notify and the like before it",
            verdict!(close_idle),
        ),
    ]
}

fn of_handshake() -> Vec<Field> {
    vec![
        number(
            "handshake.attempt",
            "Attempt",
            "1 for the first SYN, 2 for its first retransmission",
            verdict!(attempt),
        ),
        frame(
            "handshake.syn_frame",
            TCPPHASE_LINK_ACKNOWLEDGES,
            "SYN in",
            "Frame of the last SYN with that sequence number",
            verdict!(syn_frame),
        ),
        frame(
            "handshake.synack_frame",
            TCPPHASE_LINK_ACKNOWLEDGES,
            "SYN-ACK in",
            "Frame of the last SYN-ACK",
            verdict!(synack_frame),
        ),
        time("handshake.server_time", "Server's time", "Last SYN to SYN-ACK", verdict!(server_time)),
        time("handshake.client_time", "Client's time", "SYN-ACK to the handshake ACK", verdict!(client_time)),
        time("handshake.time", "Handshake time", "First SYN to the handshake ACK", verdict!(handshake_time)),
    ]
}

fn of_tls() -> Vec<Field> {
    vec![
        number("tls.version", "Version", "The negotiated TLS version, once known", verdict!(tls_version))
            .of_kind(TCPPHASE_KIND_WIRE)
            .table(TCPPHASE_TABLE_TLS_VERSION),
        flag("tls.resumed", "Resumed", "A session is resumed, once known", verdict!(tls_resumed)),
        flag("tls.complete", "Complete", "This segment completes the TLS handshake", verdict!(tls_complete)),
        flag(
            "tls.hello_spans",
            "Client Hello spans segments",
            "Other segments carry the rest of the Client Hello that this one carries a part of",
            verdict!(tls_hello_spans),
        ),
        time("tls.time", "Handshake time", "Client Hello to completion", verdict!(tls_time)),
        side(
            "tls.failed_by",
            TCPPHASE_TABLE_SENDER,
            "Failed by",
            "Who ended the TLS handshake with this segment",
            verdict!(tls_failed_by),
        ),
    ]
}

fn of_http() -> Vec<Field> {
    let mut messages = verdict!(http_message);
    // The others follow the first.
    messages.size += verdict!(http_more_messages).size;
    vec![
        number("http.message", "Message number", "1 for the first request and its response, 2 for the next", messages)
            .many(1 + TCPPHASE_MORE_MESSAGES),
        named(
            "http.persistent",
            TCPPHASE_TABLE_PERSISTENT,
            "Persistent",
            "Whether the connection stays open after this message",
            verdict!(http_persistent),
        ),
        named(
            "http.persistent_basis",
            TCPPHASE_TABLE_PERSISTENT_BASIS,
            "Persistent because of",
            "How that is known",
            verdict!(http_persistent_basis),
        ),
        frame(
            "http.request_frame",
            TCPPHASE_LINK_REQUEST,
            "Response to the request in",
            "The request that this answers",
            verdict!(http_request_frame),
        ),
        time(
            "http.response_time",
            "Response time",
            "Last octet of the request to first octet of the final response",
            verdict!(http_response_time),
        ),
        time(
            "http.timeout",
            "Timeout",
            "How long the server says that it keeps an idle connection: Keep-Alive: timeout",
            verdict!(http_timeout),
        ),
        frame(
            "http.response_frame",
            TCPPHASE_LINK_RESPONSE,
            "Response in",
            "The response to this request",
            verdict!(http_response_frame),
        )
        .in_hindsight(),
    ]
}

fn of_mqtt() -> Vec<Field> {
    vec![time(
        "mqtt.keep_alive",
        "MQTT's keep-alive time",
        "How long the client may be silent: CONNECT's Keep Alive, or CONNACK's; 0: for ever",
        verdict!(mqtt_keep_alive),
    )]
}

fn of_keepalive() -> Vec<Field> {
    vec![
        named(
            "keepalive.status",
            TCPPHASE_TABLE_KEEPALIVE_STATUS,
            "Status",
            "What the segment is to a keep-alive",
            verdict!(keepalive_status),
        ),
        named(
            "keepalive.layer",
            TCPPHASE_TABLE_LAYER,
            "Layer",
            "The protocol that the keep-alive belongs to",
            verdict!(keepalive_layer),
        ),
        named(
            "keepalive.context",
            TCPPHASE_TABLE_CONTEXT,
            "Context",
            "What the connection was doing",
            verdict!(keepalive_context),
        ),
        number(
            "keepalive.number",
            "Probe number",
            "Probes in a row without an answer so far",
            verdict!(keepalive_number),
        ),
        time("keepalive.idle", "Idle time", "Since the connection last carried other octets", verdict!(keepalive_idle)),
        time("keepalive.interval", "Interval", "Since this side's previous probe", verdict!(keepalive_interval)),
        frame(
            "keepalive.probe_frame",
            TCPPHASE_LINK_REQUEST,
            "Answer to the probe in",
            "The probe that this answers",
            verdict!(keepalive_probe_frame),
        ),
        time(
            "keepalive.response_time",
            "Response time",
            "Since the probe that this answers",
            verdict!(keepalive_response_time),
        ),
        frame(
            "keepalive.answer_frame",
            TCPPHASE_LINK_RESPONSE,
            "Answered in",
            "The answer to this probe",
            verdict!(keepalive_answer_frame),
        )
        .in_hindsight(),
    ]
}

/// How a connection opened and ended.
fn of_connection() -> Vec<Field> {
    vec![
        named("conn.opened", TCPPHASE_TABLE_OPENED, "Opened", "How the connection opened", summary!(opened)).always(),
        named(
            "conn.ended",
            TCPPHASE_TABLE_ENDED,
            "Ended",
            "How the connection ended, as far as the capture goes",
            summary!(ended),
        )
        .always(),
        named(
            "conn.closed_by",
            TCPPHASE_TABLE_INITIATOR,
            "Closed by",
            "Who ended the connection first, by FIN or by a reset that took effect",
            summary!(closed_by),
        )
        .always(),
        side(
            "conn.reset_by",
            TCPPHASE_TABLE_SENDER,
            "Reset by",
            "Who sent the reset that took effect",
            summary!(reset_by),
        ),
        side(
            "conn.unanswered_by",
            TCPPHASE_TABLE_SENDER,
            "Unanswered by the other side",
            "Whose octets or FIN nothing acknowledges, however often they went",
            summary!(unanswered_by),
        ),
        side(
            "conn.waits_for",
            TCPPHASE_TABLE_SENDER,
            "Has not closed",
            "Who has not sent its FIN although the other side has",
            summary!(waits_for),
        ),
        flag("conn.one_direction", "One direction only", "Only one side was captured", summary!(one_direction)),
        time("conn.duration", "Duration", "First segment to last segment", summary!(duration)),
        time("conn.setup_time", "Setup time", "First SYN to the end of the handshake", summary!(setup_time)),
        time(
            "conn.max_idle",
            "Longest idle time",
            "The longest time without octets other than keep-alives",
            summary!(max_idle),
        ),
        number("conn.keepalives", "Keep-alive probes", "How many keep-alive probes were sent", summary!(keepalives))
            .always(),
        number(
            "conn.keepalives_answered",
            "Keep-alive probes answered",
            "How many of them were answered; absent where one direction was captured",
            summary!(keepalives_answered),
        )
        .always()
        .when(TCPPHASE_WHEN_BOTH_DIRECTIONS),
    ]
}

/// What became of a connection's keep-alives.
fn of_keepalives() -> Vec<Field> {
    let mut fields = vec![
        named(
            "keepalive.verdict",
            TCPPHASE_TABLE_KEEPALIVE_VERDICT,
            "Keep-alives were",
            "What became of the connection's keep-alives",
            summary!(keepalive_verdict),
        )
        .when(TCPPHASE_WHEN_KEEPALIVES),
        number(
            "keepalive.unanswered_max",
            "Most probes unanswered in a row",
            "The longest run of probes of the connection without an answer",
            summary!(unanswered_max),
        )
        .always()
        .when(TCPPHASE_WHEN_KEEPALIVES | TCPPHASE_WHEN_BOTH_DIRECTIONS),
    ];
    let probers = [
        ("client", "Client's", "TCP"),
        ("server", "Server's", "TCP"),
        ("client.above", "Client's upper", "the protocol above"),
        ("server.above", "Server's upper", "the protocol above"),
    ];
    for (prober, &(part, whose, layer)) in probers.iter().enumerate() {
        let name = |fact: &str| format!("keepalive.{}.{}", part, fact);
        let said = |fact: &str| fact.replace("LAYER", layer);
        fields.push(
            time(
                &name("idle"),
                &format!("{} idle time before its first probe", whose),
                &said("Idle time before this side's first probe of LAYER"),
                summary!(probe_idle),
            )
            .of_prober(prober),
        );
        fields.push(
            time(
                &name("interval"),
                &format!("{} time between probes", whose),
                &said("Time between this side's last two probes of LAYER without other octets between"),
                summary!(probe_interval),
            )
            .of_prober(prober),
        );
        fields.push(
            number(
                &name("unanswered_max"),
                &format!("{} most probes unanswered in a row", whose),
                &said("This side's longest run of probes of LAYER without an answer"),
                summary!(probe_unanswered_max),
            )
            .of_prober(prober)
            .always()
            .when(TCPPHASE_WHEN_BOTH_DIRECTIONS | TCPPHASE_WHEN_PROBED),
        );
    }
    fields
}

/// The rest of what is known of a connection.
fn of_connection_above() -> Vec<Field> {
    vec![
        number("conn.syn_attempts", "SYN attempts", "How often the SYN was sent", summary!(syn_attempts)).always(),
        time("conn.tls_time", "TLS time", "Client Hello to completion", summary!(tls_time)),
        number("conn.messages", "HTTP requests", "How many HTTP requests were sent", summary!(messages)).always(),
        time(
            "conn.idle_at_end",
            "Idle at the end",
            "How long it had been idle when it began to close or when octets went that nothing answered, or has been idle \
             while neither is so",
            summary!(end_idle),
        ),
        time(
            "conn.slowest_response",
            "Slowest HTTP response",
            "The longest time that an HTTP response took",
            summary!(slowest_response),
        ),
        time(
            "conn.http_timeout",
            "HTTP's timeout",
            "How long the server says that it keeps an idle connection",
            summary!(http_timeout),
        ),
        time(
            "conn.mqtt_keep_alive",
            "MQTT's keep-alive time",
            "How long the MQTT client may be silent; 0: for ever",
            summary!(mqtt_keep_alive),
        ),
        number("conn.tls_version", "TLS version", "The negotiated TLS version", summary!(tls_version))
            .of_kind(TCPPHASE_KIND_WIRE)
            .table(TCPPHASE_TABLE_TLS_VERSION),
        flag("conn.tls_resumed", "TLS resumed", "A TLS session was resumed", summary!(tls_resumed)),
        named(
            "conn.tls_outcome",
            TCPPHASE_TABLE_TLS_OUTCOME,
            "TLS outcome",
            "What became of the first TLS handshake",
            summary!(tls_outcome),
        ),
        side(
            "conn.tls_failed_by",
            TCPPHASE_TABLE_SENDER,
            "TLS failed by",
            "Who ended the first TLS handshake, where it failed",
            summary!(tls_failed_by),
        ),
        named(
            "conn.tls_alert",
            TCPPHASE_TABLE_TLS_ALERT,
            "TLS alert",
            "The alert that ended the first TLS handshake",
            summary!(tls_alert),
        )
        .absent(TCPPHASE_ALERT_NONE.into()),
        named(
            "conn.tls_after",
            TCPPHASE_TABLE_STEP,
            "TLS failed after",
            "The last step of the first TLS handshake before it failed",
            summary!(tls_after),
        ),
        flag(
            "conn.tls_inferred",
            "TLS outcome inferred",
            "What became of the first TLS handshake rests on a guess",
            summary!(tls_inferred),
        ),
        words(
            "conn.server_name",
            TCPPHASE_TEXT_SERVER_NAME,
            "Server name",
            "The server's name in the Client Hello (SNI)",
        ),
        flag(
            "conn.encrypted_hello",
            "Encrypted Client Hello offered",
            "The server's name may be that of the outer hello; many clients offer one without meaning it",
            summary!(encrypted_hello),
        ),
        words(
            "conn.alpn",
            TCPPHASE_TEXT_ALPN,
            "Application protocol",
            "The application protocol that the server has chosen, or all that the client offers (ALPN)",
        ),
        flag(
            "conn.alpn_chosen",
            "Application protocol chosen",
            "The server has chosen the application protocol, and not where keys are needed to see it",
            summary!(alpn_chosen),
        ),
    ]
}

/// What each side has sent.
fn of_traffic() -> Vec<Field> {
    let mut fields =
        vec![time("conn.round_trip", "Round trip", "The round trip that the opening shows", summary!(round_trip))];
    for (side, &(part, whose)) in [("client", "Client's"), ("server", "Server's")].iter().enumerate() {
        let name = |fact: &str| format!("conn.{}.{}", part, fact);
        let title = |fact: &str| format!("{} {}", whose, fact);
        fields.push(
            number(
                &name("octets"),
                &title("octets"),
                "Octets of payload that this side has sent, those that it has sent again included",
                summary!(octets),
            )
            .of_side(side),
        );
        fields.push(
            number(
                &name("segments"),
                &title("segments"),
                "Segments that this side has sent, copies of the capture aside",
                summary!(segments),
            )
            .of_side(side),
        );
        fields.push(
            number(
                &name("retransmitted"),
                &title("retransmitted segments"),
                "Segments of this side in which every octet, or the SYN or FIN, was captured before",
                summary!(retransmitted),
            )
            .of_side(side),
        );
    }
    fields.push(words(
        "conn.story",
        TCPPHASE_TEXT_STORY,
        "Story",
        "What happened to the connection, in a few sentences",
    ));
    fields
}

/// How much a note matters, what it is about, and its title.
fn of_note(note: Note) -> (u32, u32, &'static str) {
    use Note::*;
    const CHAT: u32 = TCPPHASE_SEVERITY_CHAT;
    const NOTE: u32 = TCPPHASE_SEVERITY_NOTE;
    const WARN: u32 = TCPPHASE_SEVERITY_WARN;
    const SEQUENCE: u32 = TCPPHASE_TOPIC_SEQUENCE;
    const RESPONSE: u32 = TCPPHASE_TOPIC_RESPONSE;
    const SECURITY: u32 = TCPPHASE_TOPIC_SECURITY;
    const PROTOCOL: u32 = TCPPHASE_TOPIC_PROTOCOL;
    match note {
        SynRetransmitted => (NOTE, SEQUENCE, "SYN sent again"),
        SynAckRepeated => (NOTE, SEQUENCE, "SYN-ACK sent again after the handshake ACK"),
        Refused => (NOTE, RESPONSE, "Connection refused"),
        ResetInHandshake => (NOTE, RESPONSE, "Reset during the TCP handshake"),
        SimultaneousOpen => (CHAT, SEQUENCE, "Both sides opened the connection at the same time"),
        SimultaneousClose => (CHAT, SEQUENCE, "Both sides closed the connection at the same time"),
        HalfClose => (CHAT, SEQUENCE, "Data towards a side that has sent its FIN"),
        NotKeepAlive => (CHAT, SEQUENCE, "Looks like a keep-alive and is none"),
        KeepAliveUnanswered => (NOTE, SEQUENCE, "Keep-alive probes go unanswered"),
        KeepAliveReset => (WARN, RESPONSE, "Keep-alive probe answered by a reset"),
        KeepAliveWaiting => (NOTE, SEQUENCE, "Keep-alive probe while a response is awaited"),
        KeepAliveStorm => (NOTE, SEQUENCE, "More keep-alive probes than anybody needs"),
        InvalidReset => (NOTE, SEQUENCE, "Reset outside the window: it changed nothing"),
        ResetDisproved => (WARN, SEQUENCE, "Both sides go on as if the reset had never come"),
        Unanswered => (WARN, SEQUENCE, "Sent again and again, and not acknowledged"),
        TlsFailed => (WARN, SECURITY, "TLS handshake failed"),
        TlsRejected => (NOTE, SECURITY, "Fatal TLS alert after completion"),
        TlsTruncated => (NOTE, SECURITY, "TLS ended without close_notify"),
        HttpRace => (NOTE, SEQUENCE, "A request crossed the close of its persistent connection"),
        HttpUnfinished => (WARN, SEQUENCE, "An HTTP message or its answer breaks off"),
        HttpFraming => (NOTE, PROTOCOL, "Lengths of an HTTP message contradict each other"),
    }
}

fn of_notes() -> impl Iterator<Item = Field> {
    Note::ALL.iter().map(|&note| {
        let (severity, topic, title) = of_note(note);
        let name = format!("note.{}", note.name());
        let mut field = flag(&name, title, "", verdict!(notes)).of_kind(TCPPHASE_KIND_NOTE).mask(1 << note as u8);
        (field.row.severity, field.row.topic) = (severity, topic);
        field
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_follows_each_other_stands_so() {
        let (first, more) = (verdict!(http_message), verdict!(http_more_messages));
        assert_eq!(first.offset + first.size, more.offset);
        let message = all().into_iter().find(|field| field.name.to_bytes() == b"http.message").unwrap();
        assert_eq!((message.row.size, message.row.count), (4, 16));
        let step = all().into_iter().find(|field| field.name.to_bytes() == b"step").unwrap();
        assert_eq!((step.row.size, step.row.count), (1, 15));
    }

    #[test]
    fn a_prober_stands_at_its_side() {
        let field = |name: &[u8]| all().into_iter().find(|field| field.name.to_bytes() == name).unwrap().row;
        let begin = summary!(probe_interval).offset as u32;
        let client = field(b"keepalive.client.interval");
        assert_eq!((client.offset - begin, client.offset_swapped - begin), (0, 8));
        let server = field(b"keepalive.server.above.interval");
        assert_eq!((server.offset - begin, server.offset_swapped - begin), (24, 16));
    }
}
