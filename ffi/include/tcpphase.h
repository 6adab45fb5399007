/*
 * tcpphase.h: labels every TCP segment of a capture with where its connection is in its life.
 *
 * Order of use
 *   When the program starts, compare tcpphase_abi_version() with TCPPHASE_ABI_VERSION, and ask
 *   tcpphase_name() for the names that the numbers stand for; tcpphase_field() describes what stands in
 *   verdicts and summaries. For each capture: tcpphase_engine_new();
 *   tcpphase_engine_segment() for each segment, once, in the order of the capture; at any time
 *   tcpphase_engine_verdict(), tcpphase_engine_summary() and tcpphase_engine_origins() about what was
 *   given so far; tcpphase_engine_free().
 *
 * Keys
 *   Who can decrypt TLS gives tcpphase_engine_plaintext() the records that end in a segment, in the
 *   order of the stream: all of them that could be opened, before the connection's next segment. The
 *   verdict of the segment then tells what is in them. TCPPHASE_NOT_FOUND: there is nothing to open, or
 *   it is too late.
 *
 * Results
 *   An int32_t that a function returns is TCPPHASE_OK or says why not; tcpphase_result_text() puts it
 *   into words. Outputs are written on TCPPHASE_OK only. Unless it returns TCPPHASE_POISONED, a call
 *   that fails changes nothing.
 *
 * Pointers
 *   No pointer may be NULL, unless its comment says so or the length beside it is 0
 *   (TCPPHASE_NULL_ARGUMENT). Any other pointer must be valid and aligned; this cannot be checked.
 *
 * Ownership
 *   An engine is the caller's, from tcpphase_engine_new() to tcpphase_engine_free(). Whatever else the
 *   caller passes stays the caller's, is used during the call only, and is not kept. Text that is
 *   returned as const char * is the library's: it lasts as long as the library is loaded; do not free it.
 *
 * Memory
 *   An engine keeps what its verdicts and summaries need until it is freed: 24 octets for each segment, a
 *   few hundred for a connection, about 130 for one of which only a SYN was captured, and nothing of the
 *   octets themselves but what a message that spans segments waits for, which is bounded. Whoever labels
 *   without end begins a new engine from time to time.
 *
 * Threads
 *   An engine serves one call at a time, from whichever thread. Different engines do not know of each
 *   other. Functions without an engine may be called from any thread at any time.
 *
 * Sizes
 *   Each struct begins with its own size: set it before each call, for outputs too. In later versions
 *   structs grow at their end only. A struct larger than the library's is fine: the library reads or
 *   writes the part that it knows. One smaller than in the first version that had it is
 *   TCPPHASE_BAD_SIZE. The library leaves the struct_size of an output as it was.
 *
 * Panics
 *   No bug of the library unwinds into the caller. The call in which it met one returns
 *   TCPPHASE_POISONED, and so does every later call on that engine; free it. Other engines are not
 *   affected. Rust describes the bug on standard error. Only want of memory ends the process.
 *
 * Numbers
 *   Times are in nanoseconds. In a field that does not apply stands 0, or the constant that is named
 *   for it: TCPPHASE_TIME_ABSENT in every field that holds a time or a length of time. A number of a
 *   TCPPHASE_TABLE_* keeps its meaning for good; later versions add numbers. Text is UTF-8 and ends in
 *   a NUL.
 */


#ifndef TCPPHASE_H
#define TCPPHASE_H

/* Made by cbindgen from ffi/: change it there. */

#include <stddef.h>
#include <stdint.h>

// Changes with an incompatible change of this interface only.
#define TCPPHASE_ABI_VERSION 1

// Result: done.
#define TCPPHASE_OK 0

// Result: a pointer is NULL that must not be.
#define TCPPHASE_NULL_ARGUMENT 1

// Result: a struct or buffer is too small.
#define TCPPHASE_BAD_SIZE 2

// Result: a number is out of its range.
#define TCPPHASE_BAD_VALUE 3

// Result: there is no such thing.
#define TCPPHASE_NOT_FOUND 4

// Result: the library met a bug of its own, in this call or before on this engine.
#define TCPPHASE_POISONED 5

// "Absent" in a field that holds a time or a length of time.
#define TCPPHASE_TIME_ABSENT INT64_MIN

// "Absent" in `tcpphase_verdict.connection`.
#define TCPPHASE_CONNECTION_NONE UINT32_MAX

// "Absent" in `tcpphase_segment.identification`.
#define TCPPHASE_IDENTIFICATION_NONE UINT32_MAX

// "Absent" where somebody closes, resets or fails: nobody did.
#define TCPPHASE_INITIATOR_NONE UINT8_MAX

// The longest address, in octets.
#define TCPPHASE_ADDRESS_MAXIMUM 16

// The most steps that a verdict holds.
#define TCPPHASE_STEPS_MAXIMUM 15

// The most numbers of HTTP messages that a verdict holds beside the first.
#define TCPPHASE_MORE_MESSAGES 15

// Index: TCP's keep-alives, by the endpoint whose address, then port, compares lower.
#define TCPPHASE_PROBER_LOWER 0

// Index: TCP's keep-alives, by the other endpoint.
#define TCPPHASE_PROBER_HIGHER 1

// Index: keep-alives of the protocol above, by the lower endpoint.
#define TCPPHASE_PROBER_LOWER_ABOVE 2

// Index: keep-alives of the protocol above, by the higher endpoint.
#define TCPPHASE_PROBER_HIGHER_ABOVE 3

// How many sides a connection has.
#define TCPPHASE_SIDES 2

// How many probers there are.
#define TCPPHASE_PROBERS 4

// "Absent" in `tls_alert` of verdicts and summaries.
#define TCPPHASE_ALERT_NONE 65535

// `tcpphase_segment.flags`: quoted in an ICMP error; it changes no state and gets no verdict.
#define TCPPHASE_SEGMENT_QUOTED 1

// `tcpphase_segment.flags`: first fragment of an IP datagram that is not whole; its length is not known.
#define TCPPHASE_SEGMENT_FRAGMENT 2

// No note, but a bit beside a new segment's: TLS records that keys may open end in the segment.
#define TCPPHASE_SEALED (1 << 30)

// `tcpphase_verdict.marks`: every octet, or the SYN or FIN, was captured before.
#define TCPPHASE_MARK_RETRANSMISSION 1

// `tcpphase_verdict.marks`: the step rests on a guess.
#define TCPPHASE_MARK_INFERRED 2

// `tcpphase_verdict.marks`: octets before it had not been seen.
#define TCPPHASE_MARK_AFTER_GAP 4

// Table of `tcpphase_verdict.phase`.
#define TCPPHASE_TABLE_PHASE 1

// Table of `tcpphase_verdict.steps`.
#define TCPPHASE_TABLE_STEP 2

// Table of `tcpphase_verdict.sender`.
#define TCPPHASE_TABLE_SENDER 3

// Table of `tcpphase_verdict.sender_basis`.
#define TCPPHASE_TABLE_BASIS 4

// Table of `tcpphase_verdict.keepalive_status`.
#define TCPPHASE_TABLE_KEEPALIVE_STATUS 5

// Table of `tcpphase_verdict.keepalive_layer`.
#define TCPPHASE_TABLE_LAYER 6

// Table of `tcpphase_verdict.keepalive_context`.
#define TCPPHASE_TABLE_CONTEXT 7

// Table of `tcpphase_summary.keepalive_verdict`.
#define TCPPHASE_TABLE_KEEPALIVE_VERDICT 8

// Table of `tcpphase_verdict.close_initiator` and `tcpphase_summary.closed_by`.
#define TCPPHASE_TABLE_INITIATOR 9

// Table of `tcpphase_summary.opened`.
#define TCPPHASE_TABLE_OPENED 10

// Table of `tcpphase_summary.ended`.
#define TCPPHASE_TABLE_ENDED 11

// Table of `tcpphase_verdict.not_keepalive`.
#define TCPPHASE_TABLE_NOT_KEEPALIVE 12

// Table: whether an HTTP connection stays open.
#define TCPPHASE_TABLE_PERSISTENT 13

// Table: how that is known.
#define TCPPHASE_TABLE_PERSISTENT_BASIS 14

// Table of the notes; a name is the last part of a field's name, a value the number of a bit.
#define TCPPHASE_TABLE_NOTE 15

// Table of `tcpphase_verdict.http_method`.
#define TCPPHASE_TABLE_HTTP_METHOD 16

// Table of `tcpphase_verdict.http_framing`.
#define TCPPHASE_TABLE_HTTP_FRAMING 17

// Table of `tcpphase_verdict.tls_cause`.
#define TCPPHASE_TABLE_TLS_CAUSE 18

// Table of `tcpphase_verdict.unanswered_how`.
#define TCPPHASE_TABLE_SILENT 19

// Table of `tcpphase_verdict.tls_version`.
#define TCPPHASE_TABLE_TLS_VERSION 20

// Table of `tcpphase_field.group`.
#define TCPPHASE_TABLE_GROUP 21

// Table of `tcpphase_summary.tls_outcome`.
#define TCPPHASE_TABLE_TLS_OUTCOME 22

// Table of `tls_alert` of verdicts and summaries.
#define TCPPHASE_TABLE_TLS_ALERT 23

// Table of `tcpphase_verdict.http_unfinished`.
#define TCPPHASE_TABLE_HTTP_UNFINISHED 24

// The last of them.
#define TCPPHASE_TABLE_LAST 24

// Text of a connection: the server's name in the Client Hello.
#define TCPPHASE_TEXT_SERVER_NAME 1

// Text of a connection: the application protocol that the server has chosen, or all that the client offers, with commas.
#define TCPPHASE_TEXT_ALPN 2

// Text of a connection: what became of TLS, in a few words.
#define TCPPHASE_TEXT_TLS 3

// Text of a connection: its story, in a few sentences.
#define TCPPHASE_TEXT_STORY 4

// A row as a JSON object (RFC 8259) on one line.
#define TCPPHASE_ROW_JSON 1

// A row as comma-separated values (RFC 4180).
#define TCPPHASE_ROW_CSV 2

// A row as its addresses and its story.
#define TCPPHASE_ROW_STORY 3

// `tcpphase_field.kind`: 1, or absent.
#define TCPPHASE_KIND_FLAG 1

// `tcpphase_field.kind`: a number.
#define TCPPHASE_KIND_NUMBER 2

// `tcpphase_field.kind`: a number that `table` names.
#define TCPPHASE_KIND_NAME 3

// `tcpphase_field.kind`: the number of a frame.
#define TCPPHASE_KIND_FRAME 4

// `tcpphase_field.kind`: a length of time.
#define TCPPHASE_KIND_TIME 5

// `tcpphase_field.kind`: a number as on the wire, in hexadecimal, that `table` may name.
#define TCPPHASE_KIND_WIRE 6

// `tcpphase_field.kind`: the text of `tcpphase_label()`.
#define TCPPHASE_KIND_LABEL 7

// `tcpphase_field.kind`: that of all segments of a frame, with " | " between.
#define TCPPHASE_KIND_FRAME_LABEL 8

// `tcpphase_field.kind`: a note, with the text of `tcpphase_note_text()`.
#define TCPPHASE_KIND_NOTE 9

// `tcpphase_field.kind`: text of `tcpphase_engine_text()`.
#define TCPPHASE_KIND_TEXT 10

// `tcpphase_field.of`: it stands in a tcpphase_verdict.
#define TCPPHASE_OF_VERDICT 1

// `tcpphase_field.of`: it stands in a tcpphase_summary.
#define TCPPHASE_OF_SUMMARY 2

// `tcpphase_field.of`: it is a text of its connection; `offset` is one of TCPPHASE_TEXT_*.
#define TCPPHASE_OF_CONNECTION 3

// `tcpphase_field.when`: absent where `tcpphase_summary.one_direction` is 1.
#define TCPPHASE_WHEN_BOTH_DIRECTIONS 1

// `tcpphase_field.when`: absent where `tcpphase_summary.keepalives` is 0.
#define TCPPHASE_WHEN_KEEPALIVES 2

// `tcpphase_field.when`: absent where `tcpphase_summary.client_side` is 0; at `offset_swapped` where it is 2.
#define TCPPHASE_WHEN_CLIENT_KNOWN 4

// `tcpphase_field.when`: absent where nothing is known of this prober, and it is 0.
#define TCPPHASE_WHEN_PROBED 8

// `tcpphase_field.link`: this frame acknowledges that one.
#define TCPPHASE_LINK_ACKNOWLEDGES 1

// `tcpphase_field.link`: that one asks what this one answers.
#define TCPPHASE_LINK_REQUEST 2

// `tcpphase_field.link`: that one answers.
#define TCPPHASE_LINK_RESPONSE 3

// `tcpphase_field.group`: the TCP handshake.
#define TCPPHASE_GROUP_HANDSHAKE 1

// `tcpphase_field.group`: TLS.
#define TCPPHASE_GROUP_TLS 2

// `tcpphase_field.group`: HTTP.
#define TCPPHASE_GROUP_HTTP 3

// `tcpphase_field.group`: keep-alives.
#define TCPPHASE_GROUP_KEEPALIVE 4

// `tcpphase_field.group`: the connection as a whole.
#define TCPPHASE_GROUP_CONNECTION 5

// `tcpphase_field.severity`: how things usually go.
#define TCPPHASE_SEVERITY_CHAT 1

// `tcpphase_field.severity`: worth a look.
#define TCPPHASE_SEVERITY_NOTE 2

// `tcpphase_field.severity`: something is wrong.
#define TCPPHASE_SEVERITY_WARN 3

// `tcpphase_field.topic`: the order of events.
#define TCPPHASE_TOPIC_SEQUENCE 1

// `tcpphase_field.topic`: what somebody answered.
#define TCPPHASE_TOPIC_RESPONSE 2

// `tcpphase_field.topic`: security.
#define TCPPHASE_TOPIC_SECURITY 3

// `tcpphase_field.topic`: a protocol's rules.
#define TCPPHASE_TOPIC_PROTOCOL 4

// `tcpphase_verdict.notes`: the SYN was sent again.
#define TCPPHASE_NOTE_SYN_RETRANSMITTED (1 << 1)

// `tcpphase_verdict.notes`: a SYN-ACK came again after the handshake ACK.
#define TCPPHASE_NOTE_SYNACK_REPEATED (1 << 2)

// `tcpphase_verdict.notes`: the connection was refused.
#define TCPPHASE_NOTE_REFUSED (1 << 3)

// `tcpphase_verdict.notes`: the opening was reset.
#define TCPPHASE_NOTE_RESET_IN_HANDSHAKE (1 << 4)

// `tcpphase_verdict.notes`: both sides sent a SYN.
#define TCPPHASE_NOTE_SIMULTANEOUS_OPEN (1 << 5)

// `tcpphase_verdict.notes`: the FINs crossed.
#define TCPPHASE_NOTE_SIMULTANEOUS_CLOSE (1 << 6)

// `tcpphase_verdict.notes`: octets towards a side that has sent its FIN.
#define TCPPHASE_NOTE_HALF_CLOSE (1 << 7)

// `tcpphase_verdict.notes`: it looks like a keep-alive and is none.
#define TCPPHASE_NOTE_NOT_KEEPALIVE (1 << 8)

// `tcpphase_verdict.notes`: probes in a row without an answer.
#define TCPPHASE_NOTE_KEEPALIVE_UNANSWERED (1 << 9)

// `tcpphase_verdict.notes`: a keep-alive was answered by a reset.
#define TCPPHASE_NOTE_KEEPALIVE_RESET (1 << 10)

// `tcpphase_verdict.notes`: a probe while a response is awaited.
#define TCPPHASE_NOTE_KEEPALIVE_WAITING (1 << 11)

// `tcpphase_verdict.notes`: more probes than anybody needs.
#define TCPPHASE_NOTE_KEEPALIVE_STORM (1 << 12)

// `tcpphase_verdict.notes`: an RST outside the window.
#define TCPPHASE_NOTE_INVALID_RESET (1 << 13)

// `tcpphase_verdict.notes`: the TLS handshake failed.
#define TCPPHASE_NOTE_TLS_FAILED (1 << 14)

// `tcpphase_verdict.notes`: a fatal alert after completion.
#define TCPPHASE_NOTE_TLS_REJECTED (1 << 15)

// `tcpphase_verdict.notes`: TLS ended without close_notify.
#define TCPPHASE_NOTE_TLS_TRUNCATED (1 << 16)

// `tcpphase_verdict.notes`: a request crossed the close.
#define TCPPHASE_NOTE_HTTP_RACE (1 << 17)

// `tcpphase_verdict.notes`: the length of a message is in doubt.
#define TCPPHASE_NOTE_HTTP_FRAMING (1 << 18)

// `tcpphase_verdict.notes`: both sides went on as if the RST had never come.
#define TCPPHASE_NOTE_RESET_DISPROVED (1 << 19)

// `tcpphase_verdict.notes`: an HTTP message or its answer breaks off.
#define TCPPHASE_NOTE_HTTP_UNFINISHED (1 << 21)

// `tcpphase_verdict.notes`: octets or a FIN that go again and again are not acknowledged.
#define TCPPHASE_NOTE_UNANSWERED (1 << 20)

// Labels the segments of one capture.
struct tcpphase_engine;

// One TCP segment as captured.
struct tcpphase_segment {
  // sizeof(struct tcpphase_segment).
  size_t struct_size;
  // Number of the frame, from 1; it never falls from one segment of an engine to the next.
  uint32_t frame;
  // Any of TCPPHASE_SEGMENT_*.
  uint32_t flags;
  // Since the epoch, or TCPPHASE_TIME_ABSENT.
  int64_t time;
  // The source address, in network order.
  const uint8_t *source;
  // The destination address, in network order.
  const uint8_t *destination;
  // Length of either address in octets, 0 to TCPPHASE_ADDRESS_MAXIMUM.
  uint32_t address_length;
  // IPv4 identification, or TCPPHASE_IDENTIFICATION_NONE.
  uint32_t identification;
  // TCP header and payload.
  const uint8_t *octets;
  // How many of the octets were captured.
  uint32_t captured_length;
  // How many octets were sent; no fewer than were captured.
  uint32_t reported_length;
};

// The plaintext of one TLS record.
struct tcpphase_record {
  // sizeof(struct tcpphase_record), the same in all elements of an array.
  size_t struct_size;
  // Content without padding.
  const uint8_t *octets;
  // How many.
  uint32_t length;
  // Content type, in TLS 1.3 the inner one.
  uint32_t content_type;
};

// What is said about a segment.
struct tcpphase_verdict {
  // sizeof(struct tcpphase_verdict).
  size_t struct_size;
  // Number of the frame.
  uint32_t frame;
  // Sequence number as on the wire.
  uint32_t sequence;
  // Number of the connection, or TCPPHASE_CONNECTION_NONE without a readable header.
  uint32_t connection;
  // Any of TCPPHASE_MARK_*.
  uint32_t marks;
  // Where the connection is: TCPPHASE_TABLE_PHASE.
  uint8_t phase;
  // Which side sent it: TCPPHASE_TABLE_SENDER.
  uint8_t sender;
  // How that is known: TCPPHASE_TABLE_BASIS.
  uint8_t sender_basis;
  // How many of `steps` are used.
  uint8_t step_count;
  // What the segment does, in order: TCPPHASE_TABLE_STEP.
  uint8_t steps[TCPPHASE_STEPS_MAXIMUM];
  // Who sent the first FIN or RST: TCPPHASE_TABLE_INITIATOR, or TCPPHASE_INITIATOR_NONE.
  uint8_t close_initiator;
  // Any of TCPPHASE_NOTE_*: bit n is note n of TCPPHASE_TABLE_NOTE.
  uint32_t notes;
  // Frame that this is a mirrored copy of.
  uint32_t duplicate_of;
  // Frame of the last SYN.
  uint32_t syn_frame;
  // Frame of the last SYN-ACK.
  uint32_t synack_frame;
  // 1 for the first SYN, 2 for its first retransmission, and so on.
  uint32_t attempt;
  // First SYN to handshake ACK.
  int64_t handshake_time;
  // Last SYN to SYN-ACK.
  int64_t server_time;
  // SYN-ACK to a pure handshake ACK.
  int64_t client_time;
  // First SYN to this retransmission of it.
  int64_t retry_cost;
  // 1 when both sides sent a SYN of their own.
  uint8_t simultaneous_open;
  // What the segment is to a keep-alive: TCPPHASE_TABLE_KEEPALIVE_STATUS.
  uint8_t keepalive_status;
  // Whose keep-alive it is: TCPPHASE_TABLE_LAYER.
  uint8_t keepalive_layer;
  // What the connection was doing: TCPPHASE_TABLE_CONTEXT.
  uint8_t keepalive_context;
  // n-th probe in a row without an answer so far.
  uint32_t keepalive_number;
  // Since the connection last carried octets.
  int64_t keepalive_idle;
  // Since this side's previous probe.
  int64_t keepalive_interval;
  // On an answer: since the probe.
  int64_t keepalive_response_time;
  // On an answer: frame of the probe.
  uint32_t keepalive_probe_frame;
  // On a probe, in hindsight: frame of the answer.
  uint32_t keepalive_answer_frame;
  // On the first FIN or RST: how long the connection had been idle.
  int64_t close_idle;
  // Why it looks like a keep-alive and is none: TCPPHASE_TABLE_NOT_KEEPALIVE.
  uint8_t not_keepalive;
  // 1 once a TLS session is known to be resumed.
  uint8_t tls_resumed;
  // 1 on the segment that completes a TLS handshake.
  uint8_t tls_complete;
  // Who ended a TLS handshake with this segment: TCPPHASE_TABLE_SENDER, or TCPPHASE_INITIATOR_NONE.
  uint8_t tls_failed_by;
  // How it was ended: TCPPHASE_TABLE_TLS_CAUSE.
  uint8_t tls_cause;
  // The last step before it was ended: TCPPHASE_TABLE_STEP.
  uint8_t tls_after;
  // The request's method: TCPPHASE_TABLE_HTTP_METHOD.
  uint8_t http_method;
  // Whether the connection stays open: TCPPHASE_TABLE_PERSISTENT.
  uint8_t http_persistent;
  // How that is known: TCPPHASE_TABLE_PERSISTENT_BASIS.
  uint8_t http_persistent_basis;
  // Why the length of a body is in doubt: TCPPHASE_TABLE_HTTP_FRAMING.
  uint8_t http_framing;
  // The negotiated TLS version as on the wire, once known.
  uint16_t tls_version;
  // Description of a TLS alert, for the note's text, or TCPPHASE_ALERT_NONE.
  uint16_t tls_alert;
  // Status code of the response.
  uint16_t http_status;
  // Number of the first HTTP message that the segment belongs to, from 1.
  uint32_t http_message;
  // Numbers of further ones; 0 behind the last.
  uint32_t http_more_messages[TCPPHASE_MORE_MESSAGES];
  // On a response's first segment: the request's first frame.
  uint32_t http_request_frame;
  // On a request, in hindsight: the response's first frame.
  uint32_t http_response_frame;
  // Last octet of the request to first octet of the final response.
  int64_t http_response_time;
  // Client Hello to completion, on the segment that completes a TLS handshake.
  int64_t tls_time;
  // On a response: how long the server says that it keeps an idle connection.
  int64_t http_timeout;
  // From the first transmission of octets or a FIN that nothing acknowledges to this one.
  int64_t unanswered_time;
  // How often they went, from 3; 0: nothing of the kind.
  uint32_t unanswered_transmissions;
  // How many octets this one has.
  uint32_t unanswered_octets;
  // What comes back meanwhile: TCPPHASE_TABLE_SILENT.
  uint8_t unanswered_how;
  // 1 where other segments carry the rest of a Client Hello that this one carries a part of.
  uint8_t tls_hello_spans;
  // What of HTTP the FIN or RST leaves unfinished: TCPPHASE_TABLE_HTTP_UNFINISHED.
  uint8_t http_unfinished;
  // 0.
  uint8_t reserved;
  // Number of that message.
  uint32_t http_unfinished_message;
  // On MQTT's CONNECT, and a CONNACK that overrules it: how long the client may be silent; 0: for ever.
  int64_t mqtt_keep_alive;
  // How many octets of its body are missing, or -1.
  int64_t http_unfinished_octets;
};

// What is known of a connection so far, seen from the last segment given.
struct tcpphase_summary {
  // sizeof(struct tcpphase_summary).
  size_t struct_size;
  // How it opened: TCPPHASE_TABLE_OPENED.
  uint8_t opened;
  // How it ended: TCPPHASE_TABLE_ENDED.
  uint8_t ended;
  // Who ended it first, by FIN or by an RST that took effect: TCPPHASE_TABLE_INITIATOR.
  uint8_t closed_by;
  // 1 when only one side was captured.
  uint8_t one_direction;
  // What became of the keep-alives: TCPPHASE_TABLE_KEEPALIVE_VERDICT.
  uint8_t keepalive_verdict;
  // 1 once a TLS session is known to be resumed.
  uint8_t tls_resumed;
  // 0.
  uint8_t reserved[2];
  // How often the SYN was sent.
  uint32_t syn_attempts;
  // Keep-alive probes.
  uint32_t keepalives;
  // Keep-alive probes that were answered; where one direction was captured, as far as anybody knows.
  uint32_t keepalives_answered;
  // The longest run of probes without an answer.
  uint32_t unanswered_max;
  // First segment to last segment.
  int64_t duration;
  // First SYN to completion.
  int64_t setup_time;
  // The longest time without octets other than keep-alives.
  int64_t max_idle;
  // Client Hello to completion.
  int64_t tls_time;
  // HTTP requests.
  uint32_t messages;
  // Which endpoint is the client: 1 the one whose address, then port, compares lower, 2 the other, 0 not known.
  uint8_t client_side;
  // The protocol above that has keep-alives of its own: TCPPHASE_TABLE_LAYER.
  uint8_t above_layer;
  // The negotiated TLS version as on the wire, once known.
  uint16_t tls_version;
  // How long it had been idle when it began to close or when octets went that nothing answered, or has been so far.
  int64_t end_idle;
  // The longest time that an HTTP response took.
  int64_t slowest_response;
  // How long the server says that it keeps an idle connection.
  int64_t http_timeout;
  // How long it had been idle at the first probe of TCPPHASE_PROBER_*.
  int64_t probe_idle[TCPPHASE_PROBERS];
  // Time between its last two probes without other octets between them.
  int64_t probe_interval[TCPPHASE_PROBERS];
  // Its longest run of probes without an answer.
  uint32_t probe_unanswered_max[TCPPHASE_PROBERS];
  // Who sent the RST that took effect: TCPPHASE_TABLE_SENDER, or TCPPHASE_INITIATOR_NONE.
  uint8_t reset_by;
  // Whose octets or FIN nothing acknowledges, however often they went: likewise.
  uint8_t unanswered_by;
  // Who has not sent its FIN although the other side has: likewise.
  uint8_t waits_for;
  // What became of the first TLS handshake: TCPPHASE_TABLE_TLS_OUTCOME.
  uint8_t tls_outcome;
  // Who ended it where it failed: TCPPHASE_TABLE_SENDER, or TCPPHASE_INITIATOR_NONE.
  uint8_t tls_failed_by;
  // The last step before it failed: TCPPHASE_TABLE_STEP.
  uint8_t tls_after;
  // 1 where how it ended rests on a guess.
  uint8_t tls_inferred;
  // 1 where the server has chosen the application protocol.
  uint8_t alpn_chosen;
  // Octets of payload that the endpoint has sent whose address, then port, compares lower; and the other.
  uint64_t octets[TCPPHASE_SIDES];
  // The round trip that the opening shows.
  int64_t round_trip;
  // Segments of either, copies of the capture aside.
  uint32_t segments[TCPPHASE_SIDES];
  // Those of them in which every octet, or the SYN or FIN, was captured before.
  uint32_t retransmitted[TCPPHASE_SIDES];
  // The alert that ended the TLS handshake: TCPPHASE_TABLE_TLS_ALERT, or TCPPHASE_ALERT_NONE.
  uint16_t tls_alert;
  // 1 where the Client Hello offers an encrypted one: the server's name may be that of the outer hello.
  uint8_t encrypted_hello;
  // 0.
  uint8_t reserved_end[5];
  // How long an MQTT client may be silent; 0: for ever.
  int64_t mqtt_keep_alive;
};

// What only the caller knows of a connection's row.
struct tcpphase_row {
  // sizeof(struct tcpphase_row).
  size_t struct_size;
  // Number of the connection.
  uint32_t connection;
  // Wireshark's number of the stream, or TCPPHASE_CONNECTION_NONE.
  uint32_t stream;
  // When the first segment was captured since the epoch, or TCPPHASE_TIME_ABSENT.
  int64_t first_time;
  // When the last one was.
  int64_t last_time;
  // Frame of the first segment, or 0; this and all that follows up to the addresses is tcpphase_row_follow()'s.
  uint32_t first_frame;
  // Frame of the last segment.
  uint32_t last_frame;
  // Frame of the third segment of the TCP handshake.
  uint32_t handshake_frame;
  // Frame of the first Client Hello.
  uint32_t tls_first_frame;
  // Frame in which the first TLS handshake is complete, or has failed.
  uint32_t tls_last_frame;
  // Frame of the slowest HTTP response.
  uint32_t slowest_frame;
  // Frame of the first FIN or RST that counts.
  uint32_t close_frame;
  // Frame of the first RST that counts.
  uint32_t reset_frame;
  // Frame of the first request that crossed a close.
  uint32_t race_frame;
  // Frame of the last segment that goes again and again, and is not acknowledged.
  uint32_t unanswered_frame;
  // How long the slowest HTTP response took.
  int64_t slowest;
  // The notes of all segments: any of TCPPHASE_NOTE_*.
  uint32_t notes;
  // 1 where the sender's address, then port, compares lower.
  uint32_t sender_is_lower;
  // The first segment's sender, as text.
  const char *sender_address;
  // The first segment's receiver, as text.
  const char *receiver_address;
  // The sender's port.
  uint32_t sender_port;
  // The receiver's port.
  uint32_t receiver_port;
};

// Where a connection begins: its first segment.
struct tcpphase_origin {
  // sizeof(struct tcpphase_origin), the same in all elements of an array.
  size_t struct_size;
  // Number of the frame.
  uint32_t frame;
  // Length of either address in octets: 4, or 0 where neither addresses nor ports are known (IPv6).
  uint32_t address_length;
  // The source address, in network order.
  uint8_t source[TCPPHASE_ADDRESS_MAXIMUM];
  // The destination address, in network order.
  uint8_t destination[TCPPHASE_ADDRESS_MAXIMUM];
  // The source port.
  uint32_t source_port;
  // The destination port.
  uint32_t destination_port;
};

// A field of verdicts and summaries: what it is, and where it stands.
struct tcpphase_field {
  // sizeof(struct tcpphase_field).
  size_t struct_size;
  // Its name behind "tcpphase.".
  const char *name;
  // A few words for people.
  const char *title;
  // A sentence without full stop, or nothing.
  const char *description;
  // What it holds: TCPPHASE_KIND_*.
  uint32_t kind;
  // The names of its values: TCPPHASE_TABLE_*, or 0.
  uint32_t table;
  // Where it stands: TCPPHASE_OF_*.
  uint32_t of;
  // What it is shown under: TCPPHASE_GROUP_*, or 0.
  uint32_t group;
  // Where its value begins, in octets.
  uint32_t offset;
  // The same where the client is the higher endpoint.
  uint32_t offset_swapped;
  // Octets of a value: 1, 2, 4 or 8.
  uint32_t size;
  // How many values follow each other; an absent one ends them.
  uint32_t count;
  // The bits of a value that count.
  uint32_t mask;
  // Any of TCPPHASE_WHEN_*.
  uint32_t when;
  // The value that stands for none; -1: there is always one.
  int64_t absent;
  // Of a frame's number: TCPPHASE_LINK_*, or 0.
  uint32_t link;
  // Of a note: TCPPHASE_SEVERITY_*.
  uint32_t severity;
  // Of a note: TCPPHASE_TOPIC_*.
  uint32_t topic;
  // 1 where later frames may change it.
  uint32_t is_hindsight;
};

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

// The TCPPHASE_ABI_VERSION that the library was built with.
uint32_t tcpphase_abi_version(void);

// The library's version, as in "0.1.0".
const char *tcpphase_version(void);

// English text for a result; never NULL.
const char *tcpphase_result_text(int32_t result);

// Makes an engine: one for each capture.
int32_t tcpphase_engine_new(struct tcpphase_engine **engine_out);

// Frees an engine, also a poisoned one; NULL is fine, the same engine twice is not.
void tcpphase_engine_free(struct tcpphase_engine *engine);

// Labels a segment, once and in the order of the capture; `*notes_out` gets its notes and TCPPHASE_SEALED.
int32_t tcpphase_engine_segment(struct tcpphase_engine *engine,
                                const struct tcpphase_segment *segment,
                                uint32_t *notes_out);

// Labels a TCPPHASE_SEALED segment again, once, with the plaintext of its records; `*notes_out` gets its notes.
int32_t tcpphase_engine_plaintext(struct tcpphase_engine *engine,
                                  uint32_t frame,
                                  uint32_t index,
                                  uint32_t sequence,
                                  const struct tcpphase_record *records,
                                  uint32_t count,
                                  uint32_t *notes_out);

// The verdict of a frame's segment number `index` (from 0), provided that its sequence number is this one.
int32_t tcpphase_engine_verdict(const struct tcpphase_engine *engine,
                                uint32_t frame,
                                uint32_t index,
                                uint32_t sequence,
                                struct tcpphase_verdict *verdict_out);

// What is known so far of the connection with the number that a verdict gave.
int32_t tcpphase_engine_summary(const struct tcpphase_engine *engine,
                                uint32_t connection,
                                struct tcpphase_summary *summary_out);

// One of TCPPHASE_TEXT_* about a connection, cut as a label is; TCPPHASE_NOT_FOUND without any.
int32_t tcpphase_engine_text(const struct tcpphase_engine *engine,
                             uint32_t connection,
                             uint32_t text,
                             char *buffer,
                             size_t size);

// A connection's row in one of TCPPHASE_ROW_*, without a line's end; TCPPHASE_BAD_SIZE where it does not fit.
int32_t tcpphase_engine_row(const struct tcpphase_engine *engine,
                            const struct tcpphase_row *row,
                            uint32_t format,
                            char *buffer,
                            size_t size);

// Adds a segment's verdict to its connection's row: call it for each, in the order of the capture, from a row of zeros on.
int32_t tcpphase_row_follow(struct tcpphase_row *row,
                            const struct tcpphase_verdict *verdict);

// What stands above rows: the columns' names in CSV, nothing in JSON; TCPPHASE_BAD_SIZE as above.
int32_t tcpphase_row_heading(uint32_t format, char *buffer, size_t size);

// A JSON Schema of the rows in JSON; TCPPHASE_BAD_SIZE as above.
int32_t tcpphase_row_schema(char *buffer, size_t size);

// Where the connections 0 to `count` - 1 begin, as far as there are so many; `*connections_out` says how many there are.
int32_t tcpphase_engine_origins(const struct tcpphase_engine *engine,
                                struct tcpphase_origin *origins_out,
                                uint32_t count,
                                uint32_t *connections_out);

// The column's text for a verdict, cut at a character where `size` octets do not hold it.
int32_t tcpphase_label(const struct tcpphase_verdict *verdict, char *buffer, size_t size);

// The text of a note that a verdict carries, cut likewise; TCPPHASE_NOT_FOUND where it does not carry it.
int32_t tcpphase_note_text(const struct tcpphase_verdict *verdict,
                           uint32_t note,
                           char *buffer,
                           size_t size);

// Entry `index` (from 0) of one of TCPPHASE_TABLE_*: a number and its name; TCPPHASE_NOT_FOUND past the end.
int32_t tcpphase_name(uint32_t table,
                      uint32_t index,
                      uint32_t *value_out,
                      const char **name_out);

// Field `index` (from 0) of verdicts and summaries, in the order in which they are shown; TCPPHASE_NOT_FOUND past the end.
int32_t tcpphase_field(uint32_t index,
                       struct tcpphase_field *field_out);

#ifdef __cplusplus
} // extern "C"
#endif // __cplusplus

#endif /* TCPPHASE_H */
