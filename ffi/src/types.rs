//! What crosses the boundary: numbers, plain structs, and pointers that are read during the call only.
//!
//! The first line of each comment is what the header says.

use crate::guard::Versioned;
use libc::{c_char, size_t};

/// Changes with an incompatible change of this interface only.
pub const TCPPHASE_ABI_VERSION: u32 = 1;

/// Result: done.
pub const TCPPHASE_OK: i32 = 0;
/// Result: a pointer is NULL that must not be.
pub const TCPPHASE_NULL_ARGUMENT: i32 = 1;
/// Result: a struct or buffer is too small.
pub const TCPPHASE_BAD_SIZE: i32 = 2;
/// Result: a number is out of its range.
pub const TCPPHASE_BAD_VALUE: i32 = 3;
/// Result: there is no such thing.
pub const TCPPHASE_NOT_FOUND: i32 = 4;
/// Result: the library met a bug of its own, in this call or before on this engine.
pub const TCPPHASE_POISONED: i32 = 5;

/// "Absent" in a field that holds a time or a length of time.
pub const TCPPHASE_TIME_ABSENT: i64 = i64::MIN;
/// "Absent" in `tcpphase_verdict.connection`.
pub const TCPPHASE_CONNECTION_NONE: u32 = u32::MAX;
/// "Absent" in `tcpphase_segment.identification`.
pub const TCPPHASE_IDENTIFICATION_NONE: u32 = u32::MAX;
/// "Absent" where somebody closes, resets or fails: nobody did.
pub const TCPPHASE_INITIATOR_NONE: u8 = u8::MAX;
/// The longest address, in octets.
pub const TCPPHASE_ADDRESS_MAXIMUM: usize = 16;
/// The most steps that a verdict holds.
pub const TCPPHASE_STEPS_MAXIMUM: usize = 15;
/// The most numbers of HTTP messages that a verdict holds beside the first.
pub const TCPPHASE_MORE_MESSAGES: usize = 15;
/// Index: TCP's keep-alives, by the endpoint whose address, then port, compares lower.
pub const TCPPHASE_PROBER_LOWER: usize = 0;
/// Index: TCP's keep-alives, by the other endpoint.
pub const TCPPHASE_PROBER_HIGHER: usize = 1;
/// Index: keep-alives of the protocol above, by the lower endpoint.
pub const TCPPHASE_PROBER_LOWER_ABOVE: usize = 2;
/// Index: keep-alives of the protocol above, by the higher endpoint.
pub const TCPPHASE_PROBER_HIGHER_ABOVE: usize = 3;
/// How many sides a connection has.
pub const TCPPHASE_SIDES: usize = 2;
/// How many probers there are.
pub const TCPPHASE_PROBERS: usize = 4;
/// "Absent" in `tls_alert` of verdicts and summaries.
pub const TCPPHASE_ALERT_NONE: u16 = 0xffff;

/// `tcpphase_segment.flags`: quoted in an ICMP error; it changes no state and gets no verdict.
pub const TCPPHASE_SEGMENT_QUOTED: u32 = 1;
/// `tcpphase_segment.flags`: first fragment of an IP datagram that is not whole; its length is not known.
pub const TCPPHASE_SEGMENT_FRAGMENT: u32 = 2;

/// No note, but a bit beside a new segment's: TLS records that keys may open end in the segment.
pub const TCPPHASE_SEALED: u32 = 1 << 30;

/// `tcpphase_verdict.marks`: every octet, or the SYN or FIN, was captured before.
pub const TCPPHASE_MARK_RETRANSMISSION: u32 = 1;
/// `tcpphase_verdict.marks`: the step rests on a guess.
pub const TCPPHASE_MARK_INFERRED: u32 = 2;
/// `tcpphase_verdict.marks`: octets before it had not been seen.
pub const TCPPHASE_MARK_AFTER_GAP: u32 = 4;

/// Table of `tcpphase_verdict.phase`.
pub const TCPPHASE_TABLE_PHASE: u32 = 1;
/// Table of `tcpphase_verdict.steps`.
pub const TCPPHASE_TABLE_STEP: u32 = 2;
/// Table of `tcpphase_verdict.sender`.
pub const TCPPHASE_TABLE_SENDER: u32 = 3;
/// Table of `tcpphase_verdict.sender_basis`.
pub const TCPPHASE_TABLE_BASIS: u32 = 4;
/// Table of `tcpphase_verdict.keepalive_status`.
pub const TCPPHASE_TABLE_KEEPALIVE_STATUS: u32 = 5;
/// Table of `tcpphase_verdict.keepalive_layer`.
pub const TCPPHASE_TABLE_LAYER: u32 = 6;
/// Table of `tcpphase_verdict.keepalive_context`.
pub const TCPPHASE_TABLE_CONTEXT: u32 = 7;
/// Table of `tcpphase_summary.keepalive_verdict`.
pub const TCPPHASE_TABLE_KEEPALIVE_VERDICT: u32 = 8;
/// Table of `tcpphase_verdict.close_initiator` and `tcpphase_summary.closed_by`.
pub const TCPPHASE_TABLE_INITIATOR: u32 = 9;
/// Table of `tcpphase_summary.opened`.
pub const TCPPHASE_TABLE_OPENED: u32 = 10;
/// Table of `tcpphase_summary.ended`.
pub const TCPPHASE_TABLE_ENDED: u32 = 11;
/// Table of `tcpphase_verdict.not_keepalive`.
pub const TCPPHASE_TABLE_NOT_KEEPALIVE: u32 = 12;
/// Table: whether an HTTP connection stays open.
pub const TCPPHASE_TABLE_PERSISTENT: u32 = 13;
/// Table: how that is known.
pub const TCPPHASE_TABLE_PERSISTENT_BASIS: u32 = 14;
/// Table of the notes; a name is the last part of a field's name, a value the number of a bit.
pub const TCPPHASE_TABLE_NOTE: u32 = 15;

/// Table of `tcpphase_verdict.http_method`.
pub const TCPPHASE_TABLE_HTTP_METHOD: u32 = 16;
/// Table of `tcpphase_verdict.http_framing`.
pub const TCPPHASE_TABLE_HTTP_FRAMING: u32 = 17;
/// Table of `tcpphase_verdict.tls_cause`.
pub const TCPPHASE_TABLE_TLS_CAUSE: u32 = 18;
/// Table of `tcpphase_verdict.unanswered_how`.
pub const TCPPHASE_TABLE_SILENT: u32 = 19;
/// Table of `tcpphase_verdict.tls_version`.
pub const TCPPHASE_TABLE_TLS_VERSION: u32 = 20;
/// Table of `tcpphase_field.group`.
pub const TCPPHASE_TABLE_GROUP: u32 = 21;
/// Table of `tcpphase_summary.tls_outcome`.
pub const TCPPHASE_TABLE_TLS_OUTCOME: u32 = 22;
/// Table of `tls_alert` of verdicts and summaries.
pub const TCPPHASE_TABLE_TLS_ALERT: u32 = 23;
/// Table of `tcpphase_verdict.http_unfinished`.
pub const TCPPHASE_TABLE_HTTP_UNFINISHED: u32 = 24;
/// The last of them.
pub const TCPPHASE_TABLE_LAST: u32 = 24;

/// Text of a connection: the server's name in the Client Hello.
pub const TCPPHASE_TEXT_SERVER_NAME: u32 = 1;
/// Text of a connection: the application protocol that the server has chosen, or all that the client offers, with commas.
pub const TCPPHASE_TEXT_ALPN: u32 = 2;
/// Text of a connection: what became of TLS, in a few words.
pub const TCPPHASE_TEXT_TLS: u32 = 3;
/// Text of a connection: its story, in a few sentences.
pub const TCPPHASE_TEXT_STORY: u32 = 4;

/// A row as a JSON object (RFC 8259) on one line.
pub const TCPPHASE_ROW_JSON: u32 = 1;
/// A row as comma-separated values (RFC 4180).
pub const TCPPHASE_ROW_CSV: u32 = 2;
/// A row as its addresses and its story.
pub const TCPPHASE_ROW_STORY: u32 = 3;

/// `tcpphase_field.kind`: 1, or absent.
pub const TCPPHASE_KIND_FLAG: u32 = 1;
/// `tcpphase_field.kind`: a number.
pub const TCPPHASE_KIND_NUMBER: u32 = 2;
/// `tcpphase_field.kind`: a number that `table` names.
pub const TCPPHASE_KIND_NAME: u32 = 3;
/// `tcpphase_field.kind`: the number of a frame.
pub const TCPPHASE_KIND_FRAME: u32 = 4;
/// `tcpphase_field.kind`: a length of time.
pub const TCPPHASE_KIND_TIME: u32 = 5;
/// `tcpphase_field.kind`: a number as on the wire, in hexadecimal, that `table` may name.
pub const TCPPHASE_KIND_WIRE: u32 = 6;
/// `tcpphase_field.kind`: the text of `tcpphase_label()`.
pub const TCPPHASE_KIND_LABEL: u32 = 7;
/// `tcpphase_field.kind`: that of all segments of a frame, with " | " between.
pub const TCPPHASE_KIND_FRAME_LABEL: u32 = 8;
/// `tcpphase_field.kind`: a note, with the text of `tcpphase_note_text()`.
pub const TCPPHASE_KIND_NOTE: u32 = 9;
/// `tcpphase_field.kind`: text of `tcpphase_engine_text()`.
pub const TCPPHASE_KIND_TEXT: u32 = 10;

/// `tcpphase_field.of`: it stands in a tcpphase_verdict.
pub const TCPPHASE_OF_VERDICT: u32 = 1;
/// `tcpphase_field.of`: it stands in a tcpphase_summary.
pub const TCPPHASE_OF_SUMMARY: u32 = 2;
/// `tcpphase_field.of`: it is a text of its connection; `offset` is one of TCPPHASE_TEXT_*.
pub const TCPPHASE_OF_CONNECTION: u32 = 3;

/// `tcpphase_field.when`: absent where `tcpphase_summary.one_direction` is 1.
pub const TCPPHASE_WHEN_BOTH_DIRECTIONS: u32 = 1;
/// `tcpphase_field.when`: absent where `tcpphase_summary.keepalives` is 0.
pub const TCPPHASE_WHEN_KEEPALIVES: u32 = 2;
/// `tcpphase_field.when`: absent where `tcpphase_summary.client_side` is 0; at `offset_swapped` where it is 2.
pub const TCPPHASE_WHEN_CLIENT_KNOWN: u32 = 4;
/// `tcpphase_field.when`: absent where nothing is known of this prober, and it is 0.
pub const TCPPHASE_WHEN_PROBED: u32 = 8;

/// `tcpphase_field.link`: this frame acknowledges that one.
pub const TCPPHASE_LINK_ACKNOWLEDGES: u32 = 1;
/// `tcpphase_field.link`: that one asks what this one answers.
pub const TCPPHASE_LINK_REQUEST: u32 = 2;
/// `tcpphase_field.link`: that one answers.
pub const TCPPHASE_LINK_RESPONSE: u32 = 3;

/// `tcpphase_field.group`: the TCP handshake.
pub const TCPPHASE_GROUP_HANDSHAKE: u32 = 1;
/// `tcpphase_field.group`: TLS.
pub const TCPPHASE_GROUP_TLS: u32 = 2;
/// `tcpphase_field.group`: HTTP.
pub const TCPPHASE_GROUP_HTTP: u32 = 3;
/// `tcpphase_field.group`: keep-alives.
pub const TCPPHASE_GROUP_KEEPALIVE: u32 = 4;
/// `tcpphase_field.group`: the connection as a whole.
pub const TCPPHASE_GROUP_CONNECTION: u32 = 5;

/// `tcpphase_field.severity`: how things usually go.
pub const TCPPHASE_SEVERITY_CHAT: u32 = 1;
/// `tcpphase_field.severity`: worth a look.
pub const TCPPHASE_SEVERITY_NOTE: u32 = 2;
/// `tcpphase_field.severity`: something is wrong.
pub const TCPPHASE_SEVERITY_WARN: u32 = 3;

/// `tcpphase_field.topic`: the order of events.
pub const TCPPHASE_TOPIC_SEQUENCE: u32 = 1;
/// `tcpphase_field.topic`: what somebody answered.
pub const TCPPHASE_TOPIC_RESPONSE: u32 = 2;
/// `tcpphase_field.topic`: security.
pub const TCPPHASE_TOPIC_SECURITY: u32 = 3;
/// `tcpphase_field.topic`: a protocol's rules.
pub const TCPPHASE_TOPIC_PROTOCOL: u32 = 4;

/// `tcpphase_verdict.notes`: the SYN was sent again.
pub const TCPPHASE_NOTE_SYN_RETRANSMITTED: u32 = 1 << 1;
/// `tcpphase_verdict.notes`: a SYN-ACK came again after the handshake ACK.
pub const TCPPHASE_NOTE_SYNACK_REPEATED: u32 = 1 << 2;
/// `tcpphase_verdict.notes`: the connection was refused.
pub const TCPPHASE_NOTE_REFUSED: u32 = 1 << 3;
/// `tcpphase_verdict.notes`: the opening was reset.
pub const TCPPHASE_NOTE_RESET_IN_HANDSHAKE: u32 = 1 << 4;
/// `tcpphase_verdict.notes`: both sides sent a SYN.
pub const TCPPHASE_NOTE_SIMULTANEOUS_OPEN: u32 = 1 << 5;
/// `tcpphase_verdict.notes`: the FINs crossed.
pub const TCPPHASE_NOTE_SIMULTANEOUS_CLOSE: u32 = 1 << 6;
/// `tcpphase_verdict.notes`: octets towards a side that has sent its FIN.
pub const TCPPHASE_NOTE_HALF_CLOSE: u32 = 1 << 7;
/// `tcpphase_verdict.notes`: it looks like a keep-alive and is none.
pub const TCPPHASE_NOTE_NOT_KEEPALIVE: u32 = 1 << 8;
/// `tcpphase_verdict.notes`: probes in a row without an answer.
pub const TCPPHASE_NOTE_KEEPALIVE_UNANSWERED: u32 = 1 << 9;
/// `tcpphase_verdict.notes`: a keep-alive was answered by a reset.
pub const TCPPHASE_NOTE_KEEPALIVE_RESET: u32 = 1 << 10;
/// `tcpphase_verdict.notes`: a probe while a response is awaited.
pub const TCPPHASE_NOTE_KEEPALIVE_WAITING: u32 = 1 << 11;
/// `tcpphase_verdict.notes`: more probes than anybody needs.
pub const TCPPHASE_NOTE_KEEPALIVE_STORM: u32 = 1 << 12;
/// `tcpphase_verdict.notes`: an RST outside the window.
pub const TCPPHASE_NOTE_INVALID_RESET: u32 = 1 << 13;
/// `tcpphase_verdict.notes`: the TLS handshake failed.
pub const TCPPHASE_NOTE_TLS_FAILED: u32 = 1 << 14;
/// `tcpphase_verdict.notes`: a fatal alert after completion.
pub const TCPPHASE_NOTE_TLS_REJECTED: u32 = 1 << 15;
/// `tcpphase_verdict.notes`: TLS ended without close_notify.
pub const TCPPHASE_NOTE_TLS_TRUNCATED: u32 = 1 << 16;
/// `tcpphase_verdict.notes`: a request crossed the close.
pub const TCPPHASE_NOTE_HTTP_RACE: u32 = 1 << 17;
/// `tcpphase_verdict.notes`: the length of a message is in doubt.
pub const TCPPHASE_NOTE_HTTP_FRAMING: u32 = 1 << 18;
/// `tcpphase_verdict.notes`: both sides went on as if the RST had never come.
pub const TCPPHASE_NOTE_RESET_DISPROVED: u32 = 1 << 19;
/// `tcpphase_verdict.notes`: an HTTP message or its answer breaks off.
pub const TCPPHASE_NOTE_HTTP_UNFINISHED: u32 = 1 << 21;
/// `tcpphase_verdict.notes`: octets or a FIN that go again and again are not acknowledged.
pub const TCPPHASE_NOTE_UNANSWERED: u32 = 1 << 20;

/// One TCP segment as captured.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct tcpphase_segment {
    /// sizeof(struct tcpphase_segment).
    pub struct_size: size_t,
    /// Number of the frame, from 1; it never falls from one segment of an engine to the next.
    pub frame: u32,
    /// Any of TCPPHASE_SEGMENT_*.
    pub flags: u32,
    /// Since the epoch, or TCPPHASE_TIME_ABSENT.
    pub time: i64,
    /// The source address, in network order.
    pub source: *const u8,
    /// The destination address, in network order.
    pub destination: *const u8,
    /// Length of either address in octets, 0 to TCPPHASE_ADDRESS_MAXIMUM.
    pub address_length: u32,
    /// IPv4 identification, or TCPPHASE_IDENTIFICATION_NONE.
    pub identification: u32,
    /// TCP header and payload.
    pub octets: *const u8,
    /// How many of the octets were captured.
    pub captured_length: u32,
    /// How many octets were sent; no fewer than were captured.
    pub reported_length: u32,
}

/// The plaintext of one TLS record.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct tcpphase_record {
    /// sizeof(struct tcpphase_record), the same in all elements of an array.
    pub struct_size: size_t,
    /// Content without padding.
    pub octets: *const u8,
    /// How many.
    pub length: u32,
    /// Content type, in TLS 1.3 the inner one.
    pub content_type: u32,
}

/// What is said about a segment.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct tcpphase_verdict {
    /// sizeof(struct tcpphase_verdict).
    pub struct_size: size_t,
    /// Number of the frame.
    pub frame: u32,
    /// Sequence number as on the wire.
    pub sequence: u32,
    /// Number of the connection, or TCPPHASE_CONNECTION_NONE without a readable header.
    pub connection: u32,
    /// Any of TCPPHASE_MARK_*.
    pub marks: u32,
    /// Where the connection is: TCPPHASE_TABLE_PHASE.
    pub phase: u8,
    /// Which side sent it: TCPPHASE_TABLE_SENDER.
    pub sender: u8,
    /// How that is known: TCPPHASE_TABLE_BASIS.
    pub sender_basis: u8,
    /// How many of `steps` are used.
    pub step_count: u8,
    /// What the segment does, in order: TCPPHASE_TABLE_STEP.
    pub steps: [u8; TCPPHASE_STEPS_MAXIMUM],
    /// Who sent the first FIN or RST: TCPPHASE_TABLE_INITIATOR, or TCPPHASE_INITIATOR_NONE.
    pub close_initiator: u8,
    /// Any of TCPPHASE_NOTE_*: bit n is note n of TCPPHASE_TABLE_NOTE.
    pub notes: u32,
    /// Frame that this is a mirrored copy of.
    pub duplicate_of: u32,
    /// Frame of the last SYN.
    pub syn_frame: u32,
    /// Frame of the last SYN-ACK.
    pub synack_frame: u32,
    /// 1 for the first SYN, 2 for its first retransmission, and so on.
    pub attempt: u32,
    /// First SYN to handshake ACK.
    pub handshake_time: i64,
    /// Last SYN to SYN-ACK.
    pub server_time: i64,
    /// SYN-ACK to a pure handshake ACK.
    pub client_time: i64,
    /// First SYN to this retransmission of it.
    pub retry_cost: i64,
    /// 1 when both sides sent a SYN of their own.
    pub simultaneous_open: u8,
    /// What the segment is to a keep-alive: TCPPHASE_TABLE_KEEPALIVE_STATUS.
    pub keepalive_status: u8,
    /// Whose keep-alive it is: TCPPHASE_TABLE_LAYER.
    pub keepalive_layer: u8,
    /// What the connection was doing: TCPPHASE_TABLE_CONTEXT.
    pub keepalive_context: u8,
    /// n-th probe in a row without an answer so far.
    pub keepalive_number: u32,
    /// Since the connection last carried octets.
    pub keepalive_idle: i64,
    /// Since this side's previous probe.
    pub keepalive_interval: i64,
    /// On an answer: since the probe.
    pub keepalive_response_time: i64,
    /// On an answer: frame of the probe.
    pub keepalive_probe_frame: u32,
    /// On a probe, in hindsight: frame of the answer.
    pub keepalive_answer_frame: u32,
    /// On the first FIN or RST: how long the connection had been idle.
    pub close_idle: i64,
    /// Why it looks like a keep-alive and is none: TCPPHASE_TABLE_NOT_KEEPALIVE.
    pub not_keepalive: u8,
    /// 1 once a TLS session is known to be resumed.
    pub tls_resumed: u8,
    /// 1 on the segment that completes a TLS handshake.
    pub tls_complete: u8,
    /// Who ended a TLS handshake with this segment: TCPPHASE_TABLE_SENDER, or TCPPHASE_INITIATOR_NONE.
    pub tls_failed_by: u8,
    /// How it was ended: TCPPHASE_TABLE_TLS_CAUSE.
    pub tls_cause: u8,
    /// The last step before it was ended: TCPPHASE_TABLE_STEP.
    pub tls_after: u8,
    /// The request's method: TCPPHASE_TABLE_HTTP_METHOD.
    pub http_method: u8,
    /// Whether the connection stays open: TCPPHASE_TABLE_PERSISTENT.
    pub http_persistent: u8,
    /// How that is known: TCPPHASE_TABLE_PERSISTENT_BASIS.
    pub http_persistent_basis: u8,
    /// Why the length of a body is in doubt: TCPPHASE_TABLE_HTTP_FRAMING.
    pub http_framing: u8,
    /// The negotiated TLS version as on the wire, once known.
    pub tls_version: u16,
    /// Description of a TLS alert, for the note's text, or TCPPHASE_ALERT_NONE.
    pub tls_alert: u16,
    /// Status code of the response.
    pub http_status: u16,
    /// Number of the first HTTP message that the segment belongs to, from 1.
    pub http_message: u32,
    /// Numbers of further ones; 0 behind the last.
    pub http_more_messages: [u32; TCPPHASE_MORE_MESSAGES],
    /// On a response's first segment: the request's first frame.
    pub http_request_frame: u32,
    /// On a request, in hindsight: the response's first frame.
    pub http_response_frame: u32,
    /// Last octet of the request to first octet of the final response.
    pub http_response_time: i64,
    /// Client Hello to completion, on the segment that completes a TLS handshake.
    pub tls_time: i64,
    /// On a response: how long the server says that it keeps an idle connection.
    pub http_timeout: i64,
    /// From the first transmission of octets or a FIN that nothing acknowledges to this one.
    pub unanswered_time: i64,
    /// How often they went, from 3; 0: nothing of the kind.
    pub unanswered_transmissions: u32,
    /// How many octets this one has.
    pub unanswered_octets: u32,
    /// What comes back meanwhile: TCPPHASE_TABLE_SILENT.
    pub unanswered_how: u8,
    /// 1 where other segments carry the rest of a Client Hello that this one carries a part of.
    pub tls_hello_spans: u8,
    /// What of HTTP the FIN or RST leaves unfinished: TCPPHASE_TABLE_HTTP_UNFINISHED.
    pub http_unfinished: u8,
    /// 0.
    pub reserved: u8,
    /// Number of that message.
    pub http_unfinished_message: u32,
    /// On MQTT's CONNECT, and a CONNACK that overrules it: how long the client may be silent; 0: for ever.
    pub mqtt_keep_alive: i64,
    /// How many octets of its body are missing, or -1.
    pub http_unfinished_octets: i64,
}

/// What is known of a connection so far, seen from the last segment given.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct tcpphase_summary {
    /// sizeof(struct tcpphase_summary).
    pub struct_size: size_t,
    /// How it opened: TCPPHASE_TABLE_OPENED.
    pub opened: u8,
    /// How it ended: TCPPHASE_TABLE_ENDED.
    pub ended: u8,
    /// Who ended it first, by FIN or by an RST that took effect: TCPPHASE_TABLE_INITIATOR.
    pub closed_by: u8,
    /// 1 when only one side was captured.
    pub one_direction: u8,
    /// What became of the keep-alives: TCPPHASE_TABLE_KEEPALIVE_VERDICT.
    pub keepalive_verdict: u8,
    /// 1 once a TLS session is known to be resumed.
    pub tls_resumed: u8,
    /// 0.
    pub reserved: [u8; 2],
    /// How often the SYN was sent.
    pub syn_attempts: u32,
    /// Keep-alive probes.
    pub keepalives: u32,
    /// Keep-alive probes that were answered; where one direction was captured, as far as anybody knows.
    pub keepalives_answered: u32,
    /// The longest run of probes without an answer.
    pub unanswered_max: u32,
    /// First segment to last segment.
    pub duration: i64,
    /// First SYN to completion.
    pub setup_time: i64,
    /// The longest time without octets other than keep-alives.
    pub max_idle: i64,
    /// Client Hello to completion.
    pub tls_time: i64,
    /// HTTP requests.
    pub messages: u32,
    /// Which endpoint is the client: 1 the one whose address, then port, compares lower, 2 the other, 0 not known.
    pub client_side: u8,
    /// The protocol above that has keep-alives of its own: TCPPHASE_TABLE_LAYER.
    pub above_layer: u8,
    /// The negotiated TLS version as on the wire, once known.
    pub tls_version: u16,
    /// How long it had been idle when it began to close or when octets went that nothing answered, or has been so far.
    pub end_idle: i64,
    /// The longest time that an HTTP response took.
    pub slowest_response: i64,
    /// How long the server says that it keeps an idle connection.
    pub http_timeout: i64,
    /// How long it had been idle at the first probe of TCPPHASE_PROBER_*.
    pub probe_idle: [i64; TCPPHASE_PROBERS],
    /// Time between its last two probes without other octets between them.
    pub probe_interval: [i64; TCPPHASE_PROBERS],
    /// Its longest run of probes without an answer.
    pub probe_unanswered_max: [u32; TCPPHASE_PROBERS],
    /// Who sent the RST that took effect: TCPPHASE_TABLE_SENDER, or TCPPHASE_INITIATOR_NONE.
    pub reset_by: u8,
    /// Whose octets or FIN nothing acknowledges, however often they went: likewise.
    pub unanswered_by: u8,
    /// Who has not sent its FIN although the other side has: likewise.
    pub waits_for: u8,
    /// What became of the first TLS handshake: TCPPHASE_TABLE_TLS_OUTCOME.
    pub tls_outcome: u8,
    /// Who ended it where it failed: TCPPHASE_TABLE_SENDER, or TCPPHASE_INITIATOR_NONE.
    pub tls_failed_by: u8,
    /// The last step before it failed: TCPPHASE_TABLE_STEP.
    pub tls_after: u8,
    /// 1 where how it ended rests on a guess.
    pub tls_inferred: u8,
    /// 1 where the server has chosen the application protocol.
    pub alpn_chosen: u8,
    /// Octets of payload that the endpoint has sent whose address, then port, compares lower; and the other.
    pub octets: [u64; TCPPHASE_SIDES],
    /// The round trip that the opening shows.
    pub round_trip: i64,
    /// Segments of either, copies of the capture aside.
    pub segments: [u32; TCPPHASE_SIDES],
    /// Those of them in which every octet, or the SYN or FIN, was captured before.
    pub retransmitted: [u32; TCPPHASE_SIDES],
    /// The alert that ended the TLS handshake: TCPPHASE_TABLE_TLS_ALERT, or TCPPHASE_ALERT_NONE.
    pub tls_alert: u16,
    /// 1 where the Client Hello offers an encrypted one: the server's name may be that of the outer hello.
    pub encrypted_hello: u8,
    /// 0.
    pub reserved_end: [u8; 5],
    /// How long an MQTT client may be silent; 0: for ever.
    pub mqtt_keep_alive: i64,
}

/// Where a connection begins: its first segment.
///
/// Addresses and ports of IPv6 are not kept, only what tells them apart.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct tcpphase_origin {
    /// sizeof(struct tcpphase_origin), the same in all elements of an array.
    pub struct_size: size_t,
    /// Number of the frame.
    pub frame: u32,
    /// Length of either address in octets: 4, or 0 where neither addresses nor ports are known (IPv6).
    pub address_length: u32,
    /// The source address, in network order.
    pub source: [u8; TCPPHASE_ADDRESS_MAXIMUM],
    /// The destination address, in network order.
    pub destination: [u8; TCPPHASE_ADDRESS_MAXIMUM],
    /// The source port.
    pub source_port: u32,
    /// The destination port.
    pub destination_port: u32,
}

/// A field of verdicts and summaries: what it is, and where it stands.
///
/// The value is that of `size` octets at `offset`, `and` the mask; unsigned, but for the 8 octets of a time.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct tcpphase_field {
    /// sizeof(struct tcpphase_field).
    pub struct_size: size_t,
    /// Its name behind "tcpphase.".
    pub name: *const c_char,
    /// A few words for people.
    pub title: *const c_char,
    /// A sentence without full stop, or nothing.
    pub description: *const c_char,
    /// What it holds: TCPPHASE_KIND_*.
    pub kind: u32,
    /// The names of its values: TCPPHASE_TABLE_*, or 0.
    pub table: u32,
    /// Where it stands: TCPPHASE_OF_*.
    pub of: u32,
    /// What it is shown under: TCPPHASE_GROUP_*, or 0.
    pub group: u32,
    /// Where its value begins, in octets.
    pub offset: u32,
    /// The same where the client is the higher endpoint.
    pub offset_swapped: u32,
    /// Octets of a value: 1, 2, 4 or 8.
    pub size: u32,
    /// How many values follow each other; an absent one ends them.
    pub count: u32,
    /// The bits of a value that count.
    pub mask: u32,
    /// Any of TCPPHASE_WHEN_*.
    pub when: u32,
    /// The value that stands for none; -1: there is always one.
    pub absent: i64,
    /// Of a frame's number: TCPPHASE_LINK_*, or 0.
    pub link: u32,
    /// Of a note: TCPPHASE_SEVERITY_*.
    pub severity: u32,
    /// Of a note: TCPPHASE_TOPIC_*.
    pub topic: u32,
    /// 1 where later frames may change it.
    pub is_hindsight: u32,
}

/// What only the caller knows of a connection's row.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct tcpphase_row {
    /// sizeof(struct tcpphase_row).
    pub struct_size: size_t,
    /// Number of the connection.
    pub connection: u32,
    /// Wireshark's number of the stream, or TCPPHASE_CONNECTION_NONE.
    pub stream: u32,
    /// When the first segment was captured since the epoch, or TCPPHASE_TIME_ABSENT.
    pub first_time: i64,
    /// When the last one was.
    pub last_time: i64,
    /// Frame of the first segment, or 0; this and all that follows up to the addresses is tcpphase_row_follow()'s.
    pub first_frame: u32,
    /// Frame of the last segment.
    pub last_frame: u32,
    /// Frame of the third segment of the TCP handshake.
    pub handshake_frame: u32,
    /// Frame of the first Client Hello.
    pub tls_first_frame: u32,
    /// Frame in which the first TLS handshake is complete, or has failed.
    pub tls_last_frame: u32,
    /// Frame of the slowest HTTP response.
    pub slowest_frame: u32,
    /// Frame of the first FIN or RST that counts.
    pub close_frame: u32,
    /// Frame of the first RST that counts.
    pub reset_frame: u32,
    /// Frame of the first request that crossed a close.
    pub race_frame: u32,
    /// Frame of the last segment that goes again and again, and is not acknowledged.
    pub unanswered_frame: u32,
    /// How long the slowest HTTP response took.
    pub slowest: i64,
    /// The notes of all segments: any of TCPPHASE_NOTE_*.
    pub notes: u32,
    /// 1 where the sender's address, then port, compares lower.
    pub sender_is_lower: u32,
    /// The first segment's sender, as text.
    pub sender_address: *const c_char,
    /// The first segment's receiver, as text.
    pub receiver_address: *const c_char,
    /// The sender's port.
    pub sender_port: u32,
    /// The receiver's port.
    pub receiver_port: u32,
}

// SAFETY: all are `repr(C)`, begin with `struct_size`, and hold numbers and raw pointers only.
unsafe impl Versioned for tcpphase_segment {}
// SAFETY: as above.
unsafe impl Versioned for tcpphase_record {}
// SAFETY: as above.
unsafe impl Versioned for tcpphase_verdict {
    // Up to `unanswered_time`.
    const FIRST_SIZE: usize = std::mem::size_of::<tcpphase_verdict>() - 40;
}
// SAFETY: as above.
unsafe impl Versioned for tcpphase_summary {
    // Up to `reset_by`.
    const FIRST_SIZE: usize = std::mem::size_of::<tcpphase_summary>() - 64;
}
// SAFETY: as above.
unsafe impl Versioned for tcpphase_origin {}
// SAFETY: as above.
unsafe impl Versioned for tcpphase_field {}
// SAFETY: as above.
unsafe impl Versioned for tcpphase_row {}
