//! Prints where each field lies, as `tests/abi_layout.c` does; `tests/abi.sh` compares the two.

use crate::types::*;
use std::mem::{size_of, MaybeUninit};
use std::ptr::addr_of;

fn size_behind<T>(_: *const T) -> usize {
    size_of::<T>()
}

/// Prints the layout; gives the struct's size, and its fields' together.
macro_rules! layout {
    ($name:ident { $($field:ident)+ }) => {{
        let room = MaybeUninit::<$name>::uninit();
        let base = room.as_ptr();
        println!("layout {} {}", stringify!($name), size_of::<$name>());
        let mut fields = 0;
        $(
            // SAFETY: the address of a field is taken, nothing is read.
            let field = unsafe { addr_of!((*base).$field) };
            let offset = field as usize - base as usize;
            println!(
                "layout {}.{} {} {}",
                stringify!($name), stringify!($field), offset, size_behind(field)
            );
            fields += size_behind(field);
        )+
        (size_of::<$name>(), fields)
    }};
}

#[test]
fn layout() {
    let segment = layout!(tcpphase_segment {
        struct_size frame flags time source destination address_length identification octets
        captured_length reported_length
    });
    let record = layout!(tcpphase_record { struct_size octets length content_type });
    let verdict = layout!(tcpphase_verdict {
        struct_size frame sequence connection marks phase sender sender_basis step_count steps
        close_initiator notes duplicate_of syn_frame synack_frame attempt handshake_time server_time
        client_time retry_cost simultaneous_open keepalive_status keepalive_layer keepalive_context
        keepalive_number keepalive_idle keepalive_interval keepalive_response_time
        keepalive_probe_frame keepalive_answer_frame close_idle not_keepalive
        tls_resumed tls_complete tls_failed_by tls_cause tls_after http_method http_persistent http_persistent_basis http_framing
        tls_version tls_alert http_status http_message http_more_messages http_request_frame http_response_frame http_response_time tls_time http_timeout
        unanswered_time unanswered_transmissions unanswered_octets unanswered_how tls_hello_spans http_unfinished reserved http_unfinished_message
        mqtt_keep_alive http_unfinished_octets
    });
    let summary = layout!(tcpphase_summary {
        struct_size opened ended closed_by one_direction keepalive_verdict tls_resumed reserved syn_attempts
        keepalives keepalives_answered unanswered_max duration setup_time max_idle tls_time messages
        client_side above_layer tls_version end_idle slowest_response http_timeout probe_idle probe_interval
        probe_unanswered_max reset_by unanswered_by waits_for tls_outcome tls_failed_by tls_after tls_inferred alpn_chosen octets
        round_trip segments retransmitted tls_alert encrypted_hello reserved_end mqtt_keep_alive
    });
    let origin = layout!(tcpphase_origin {
        struct_size frame address_length source destination source_port destination_port
    });
    let field = layout!(tcpphase_field {
        struct_size name title description kind table of group offset offset_swapped size count mask when absent link
        severity topic is_hindsight
    });
    let row = layout!(tcpphase_row {
        struct_size connection stream first_time last_time first_frame last_frame handshake_frame tls_first_frame
        tls_last_frame slowest_frame close_frame reset_frame race_frame unanswered_frame slowest notes sender_is_lower
        sender_address receiver_address sender_port receiver_port
    });
    // Without padding: no octet crosses that was never set.
    if cfg!(target_pointer_width = "64") {
        assert_eq!(segment, (64, 64));
        assert_eq!(record, (24, 24));
        assert_eq!(verdict, (296, 296));
        assert_eq!(summary, (240, 240));
        assert_eq!(origin, (56, 56));
        assert_eq!(field, (96, 96));
        assert_eq!(row, (112, 112));
    }
}
