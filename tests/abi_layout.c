/* Prints where each field of the structs in tcpphase.h lies, as ffi/src/layout_tests.rs does. */
#include <stddef.h>
#include <stdio.h>

#include <tcpphase.h>

#define STRUCT(type) printf("layout %s %zu\n", #type, sizeof(struct type))
#define FIELD(type, field) \
    printf("layout %s.%s %zu %zu\n", #type, #field, offsetof(struct type, field), sizeof((struct type *)0)->field)

int main(void)
{
    STRUCT(tcpphase_segment);
    FIELD(tcpphase_segment, struct_size);
    FIELD(tcpphase_segment, frame);
    FIELD(tcpphase_segment, flags);
    FIELD(tcpphase_segment, time);
    FIELD(tcpphase_segment, source);
    FIELD(tcpphase_segment, destination);
    FIELD(tcpphase_segment, address_length);
    FIELD(tcpphase_segment, identification);
    FIELD(tcpphase_segment, octets);
    FIELD(tcpphase_segment, captured_length);
    FIELD(tcpphase_segment, reported_length);

    STRUCT(tcpphase_record);
    FIELD(tcpphase_record, struct_size);
    FIELD(tcpphase_record, octets);
    FIELD(tcpphase_record, length);
    FIELD(tcpphase_record, content_type);

    STRUCT(tcpphase_verdict);
    FIELD(tcpphase_verdict, struct_size);
    FIELD(tcpphase_verdict, frame);
    FIELD(tcpphase_verdict, sequence);
    FIELD(tcpphase_verdict, connection);
    FIELD(tcpphase_verdict, marks);
    FIELD(tcpphase_verdict, phase);
    FIELD(tcpphase_verdict, sender);
    FIELD(tcpphase_verdict, sender_basis);
    FIELD(tcpphase_verdict, step_count);
    FIELD(tcpphase_verdict, steps);
    FIELD(tcpphase_verdict, close_initiator);
    FIELD(tcpphase_verdict, notes);
    FIELD(tcpphase_verdict, duplicate_of);
    FIELD(tcpphase_verdict, syn_frame);
    FIELD(tcpphase_verdict, synack_frame);
    FIELD(tcpphase_verdict, attempt);
    FIELD(tcpphase_verdict, handshake_time);
    FIELD(tcpphase_verdict, server_time);
    FIELD(tcpphase_verdict, client_time);
    FIELD(tcpphase_verdict, retry_cost);
    FIELD(tcpphase_verdict, simultaneous_open);
    FIELD(tcpphase_verdict, keepalive_status);
    FIELD(tcpphase_verdict, keepalive_layer);
    FIELD(tcpphase_verdict, keepalive_context);
    FIELD(tcpphase_verdict, keepalive_number);
    FIELD(tcpphase_verdict, keepalive_idle);
    FIELD(tcpphase_verdict, keepalive_interval);
    FIELD(tcpphase_verdict, keepalive_response_time);
    FIELD(tcpphase_verdict, keepalive_probe_frame);
    FIELD(tcpphase_verdict, keepalive_answer_frame);
    FIELD(tcpphase_verdict, close_idle);
    FIELD(tcpphase_verdict, not_keepalive);
    FIELD(tcpphase_verdict, tls_resumed);
    FIELD(tcpphase_verdict, tls_complete);
    FIELD(tcpphase_verdict, tls_failed_by);
    FIELD(tcpphase_verdict, tls_cause);
    FIELD(tcpphase_verdict, tls_after);
    FIELD(tcpphase_verdict, http_method);
    FIELD(tcpphase_verdict, http_persistent);
    FIELD(tcpphase_verdict, http_persistent_basis);
    FIELD(tcpphase_verdict, http_framing);
    FIELD(tcpphase_verdict, tls_version);
    FIELD(tcpphase_verdict, tls_alert);
    FIELD(tcpphase_verdict, http_status);
    FIELD(tcpphase_verdict, http_message);
    FIELD(tcpphase_verdict, http_more_messages);
    FIELD(tcpphase_verdict, http_request_frame);
    FIELD(tcpphase_verdict, http_response_frame);
    FIELD(tcpphase_verdict, http_response_time);
    FIELD(tcpphase_verdict, tls_time);
    FIELD(tcpphase_verdict, http_timeout);
    FIELD(tcpphase_verdict, unanswered_time);
    FIELD(tcpphase_verdict, unanswered_transmissions);
    FIELD(tcpphase_verdict, unanswered_octets);
    FIELD(tcpphase_verdict, unanswered_how);
    FIELD(tcpphase_verdict, tls_hello_spans);
    FIELD(tcpphase_verdict, http_unfinished);
    FIELD(tcpphase_verdict, reserved);
    FIELD(tcpphase_verdict, http_unfinished_message);
    FIELD(tcpphase_verdict, mqtt_keep_alive);
    FIELD(tcpphase_verdict, http_unfinished_octets);

    STRUCT(tcpphase_summary);
    FIELD(tcpphase_summary, struct_size);
    FIELD(tcpphase_summary, opened);
    FIELD(tcpphase_summary, ended);
    FIELD(tcpphase_summary, closed_by);
    FIELD(tcpphase_summary, one_direction);
    FIELD(tcpphase_summary, keepalive_verdict);
    FIELD(tcpphase_summary, tls_resumed);
    FIELD(tcpphase_summary, reserved);
    FIELD(tcpphase_summary, syn_attempts);
    FIELD(tcpphase_summary, keepalives);
    FIELD(tcpphase_summary, keepalives_answered);
    FIELD(tcpphase_summary, unanswered_max);
    FIELD(tcpphase_summary, duration);
    FIELD(tcpphase_summary, setup_time);
    FIELD(tcpphase_summary, max_idle);
    FIELD(tcpphase_summary, tls_time);
    FIELD(tcpphase_summary, messages);
    FIELD(tcpphase_summary, client_side);
    FIELD(tcpphase_summary, above_layer);
    FIELD(tcpphase_summary, tls_version);
    FIELD(tcpphase_summary, end_idle);
    FIELD(tcpphase_summary, slowest_response);
    FIELD(tcpphase_summary, http_timeout);
    FIELD(tcpphase_summary, probe_idle);
    FIELD(tcpphase_summary, probe_interval);
    FIELD(tcpphase_summary, probe_unanswered_max);
    FIELD(tcpphase_summary, reset_by);
    FIELD(tcpphase_summary, unanswered_by);
    FIELD(tcpphase_summary, waits_for);
    FIELD(tcpphase_summary, tls_outcome);
    FIELD(tcpphase_summary, tls_failed_by);
    FIELD(tcpphase_summary, tls_after);
    FIELD(tcpphase_summary, tls_inferred);
    FIELD(tcpphase_summary, alpn_chosen);
    FIELD(tcpphase_summary, octets);
    FIELD(tcpphase_summary, round_trip);
    FIELD(tcpphase_summary, segments);
    FIELD(tcpphase_summary, retransmitted);
    FIELD(tcpphase_summary, tls_alert);
    FIELD(tcpphase_summary, encrypted_hello);
    FIELD(tcpphase_summary, reserved_end);
    FIELD(tcpphase_summary, mqtt_keep_alive);

    STRUCT(tcpphase_origin);
    FIELD(tcpphase_origin, struct_size);
    FIELD(tcpphase_origin, frame);
    FIELD(tcpphase_origin, address_length);
    FIELD(tcpphase_origin, source);
    FIELD(tcpphase_origin, destination);
    FIELD(tcpphase_origin, source_port);
    FIELD(tcpphase_origin, destination_port);

    STRUCT(tcpphase_field);
    FIELD(tcpphase_field, struct_size);
    FIELD(tcpphase_field, name);
    FIELD(tcpphase_field, title);
    FIELD(tcpphase_field, description);
    FIELD(tcpphase_field, kind);
    FIELD(tcpphase_field, table);
    FIELD(tcpphase_field, of);
    FIELD(tcpphase_field, group);
    FIELD(tcpphase_field, offset);
    FIELD(tcpphase_field, offset_swapped);
    FIELD(tcpphase_field, size);
    FIELD(tcpphase_field, count);
    FIELD(tcpphase_field, mask);
    FIELD(tcpphase_field, when);
    FIELD(tcpphase_field, absent);
    FIELD(tcpphase_field, link);
    FIELD(tcpphase_field, severity);
    FIELD(tcpphase_field, topic);
    FIELD(tcpphase_field, is_hindsight);

    STRUCT(tcpphase_row);
    FIELD(tcpphase_row, struct_size);
    FIELD(tcpphase_row, connection);
    FIELD(tcpphase_row, stream);
    FIELD(tcpphase_row, first_time);
    FIELD(tcpphase_row, last_time);
    FIELD(tcpphase_row, first_frame);
    FIELD(tcpphase_row, last_frame);
    FIELD(tcpphase_row, handshake_frame);
    FIELD(tcpphase_row, tls_first_frame);
    FIELD(tcpphase_row, tls_last_frame);
    FIELD(tcpphase_row, slowest_frame);
    FIELD(tcpphase_row, close_frame);
    FIELD(tcpphase_row, reset_frame);
    FIELD(tcpphase_row, race_frame);
    FIELD(tcpphase_row, unanswered_frame);
    FIELD(tcpphase_row, slowest);
    FIELD(tcpphase_row, notes);
    FIELD(tcpphase_row, sender_is_lower);
    FIELD(tcpphase_row, sender_address);
    FIELD(tcpphase_row, receiver_address);
    FIELD(tcpphase_row, sender_port);
    FIELD(tcpphase_row, receiver_port);
}
