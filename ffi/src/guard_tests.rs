//! What C cannot reach: panics where the library has none, and structs of other versions.

use super::*;
use crate::types::*;
use std::mem::{size_of, MaybeUninit};

fn is_sendable<T: Send>(_: &T) {}

/// Keeps the message of an intended panic off the output.
fn quietly<T>(body: impl FnOnce() -> T) -> T {
    let _turn = TURN.lock();
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| ()));
    let result = body();
    std::panic::set_hook(hook);
    result
}

static TURN: std::sync::Mutex<()> = std::sync::Mutex::new(());

#[test]
fn a_panic_becomes_a_result() {
    assert_eq!(quietly(|| run(|| panic!("intended"))), TCPPHASE_POISONED);
}

#[test]
fn each_failure_has_its_result() {
    assert_eq!(run(|| Ok(())), TCPPHASE_OK);
    assert_eq!(run(|| Err(Failure::NullArgument)), TCPPHASE_NULL_ARGUMENT);
    assert_eq!(run(|| Err(Failure::BadSize)), TCPPHASE_BAD_SIZE);
    assert_eq!(run(|| Err(Failure::BadValue)), TCPPHASE_BAD_VALUE);
    assert_eq!(run(|| Err(Failure::NotFound)), TCPPHASE_NOT_FOUND);
}

#[test]
fn an_engine_may_move_to_another_thread() {
    is_sendable(&tcpphase_engine::new());
}

#[test]
fn a_panic_while_reading_poisons_reading_and_changing() {
    let mut engine = tcpphase_engine::new();
    // SAFETY: the engine outlives the calls, which come one after another.
    unsafe {
        assert_eq!(read(&engine, |_| Ok(())), TCPPHASE_OK);
        assert_eq!(quietly(|| read(&engine, |_| panic!("intended"))), TCPPHASE_POISONED);
        assert_eq!(read(&engine, |_| unreachable!()), TCPPHASE_POISONED);
        assert_eq!(change(&mut engine, |_| unreachable!()), TCPPHASE_POISONED);
    }
}

#[test]
fn a_panic_while_changing_poisons_reading_and_changing() {
    let mut engine = tcpphase_engine::new();
    // SAFETY: the engine outlives the calls, which come one after another.
    unsafe {
        assert_eq!(change(&mut engine, |_| Ok(())), TCPPHASE_OK);
        assert_eq!(quietly(|| change(&mut engine, |_| panic!("intended"))), TCPPHASE_POISONED);
        assert_eq!(read(&engine, |_| unreachable!()), TCPPHASE_POISONED);
        assert_eq!(change(&mut engine, |_| unreachable!()), TCPPHASE_POISONED);
    }
}

#[test]
fn a_failure_does_not_poison() {
    let engine = tcpphase_engine::new();
    // SAFETY: the engine outlives the calls.
    unsafe {
        assert_eq!(read(&engine, |_| Err(Failure::NotFound)), TCPPHASE_NOT_FOUND);
        assert_eq!(read(&engine, |_| Ok(())), TCPPHASE_OK);
    }
}

#[test]
fn frames_may_repeat_and_rise() {
    let mut engine = tcpphase_engine::new();
    let mut at = |frame| engine.classifier_at(frame).map(|_| ());
    assert_eq!(at(0), Err(Failure::BadValue));
    assert_eq!(at(7), Ok(()));
    assert_eq!(at(7), Ok(()));
    assert_eq!(at(6), Err(Failure::BadValue));
    assert_eq!(at(u32::MAX), Ok(()));
}

#[test]
fn a_struct_of_which_only_the_size_is_there_is_refused() {
    let size = size_of::<size_t>();
    let pointer = (&size as *const size_t).cast::<tcpphase_summary>();
    // SAFETY: struct_size is true.
    assert!(matches!(unsafe { input(pointer) }, Err(Failure::BadSize)));
}

#[test]
fn an_array_larger_than_memory_can_be_is_refused() {
    for (size, count) in [(usize::MAX & !7, 1), (1 << (usize::BITS - 2), 2), (1 << (usize::BITS / 2), u32::MAX)] {
        let mut record = tcpphase_record { struct_size: size, octets: ptr::null(), length: 0, content_type: 0 };
        // SAFETY: nothing but the first one's struct_size is read.
        unsafe {
            assert!(matches!(inputs(&record, count), Err(Failure::BadSize)));
            assert!(matches!(outputs(&mut record, count), Err(Failure::BadSize)));
        }
    }
}

/// A summary of which each field says something else.
fn summary_of_numbers() -> tcpphase_summary {
    tcpphase_summary {
        struct_size: 0,
        opened: 1,
        ended: 2,
        closed_by: 3,
        one_direction: 1,
        keepalive_verdict: 4,
        tls_resumed: 1,
        reserved: [0; 2],
        syn_attempts: 5,
        keepalives: 6,
        keepalives_answered: 7,
        unanswered_max: 8,
        duration: 9,
        setup_time: 10,
        max_idle: 11,
        tls_time: 12,
        messages: 13,
        client_side: 1,
        above_layer: 2,
        tls_version: 0x0303,
        end_idle: 14,
        slowest_response: 15,
        http_timeout: 16,
        probe_idle: [17; TCPPHASE_PROBERS],
        probe_interval: [18; TCPPHASE_PROBERS],
        probe_unanswered_max: [19; TCPPHASE_PROBERS],
        reset_by: 1,
        unanswered_by: 2,
        waits_for: 1,
        tls_outcome: 2,
        tls_failed_by: 1,
        tls_after: 10,
        tls_inferred: 1,
        alpn_chosen: 1,
        octets: [20; TCPPHASE_SIDES],
        round_trip: 21,
        segments: [22; TCPPHASE_SIDES],
        retransmitted: [23; TCPPHASE_SIDES],
        tls_alert: 40,
        encrypted_hello: 1,
        reserved_end: [0; 5],
        mqtt_keep_alive: 20,
    }
}

#[test]
fn an_output_of_an_earlier_version_is_filled_as_far_as_it_goes() {
    const UNTOUCHED: u8 = 0x5a;
    let mut room = MaybeUninit::<tcpphase_summary>::uninit();
    let pointer = room.as_mut_ptr();
    // SAFETY: all octets are set here, and struct_size is true.
    let summary = unsafe {
        pointer.cast::<u8>().write_bytes(UNTOUCHED, size_of::<tcpphase_summary>());
        pointer.cast::<size_t>().write(tcpphase_summary::FIRST_SIZE);
        let output = Output::new(pointer).unwrap_or_else(|_| panic!("it is large enough"));
        output.write(summary_of_numbers());
        pointer.read()
    };
    assert_eq!(summary.struct_size, tcpphase_summary::FIRST_SIZE);
    assert_eq!((summary.opened, summary.probe_unanswered_max), (1, [19; TCPPHASE_PROBERS]));
    assert_eq!((summary.reset_by, summary.reserved_end), (UNTOUCHED, [UNTOUCHED; 5]));
}

#[test]
fn an_input_of_an_earlier_version_has_nothing_of_what_came_later() {
    let mut verdict = std::mem::MaybeUninit::<tcpphase_verdict>::uninit();
    let pointer = verdict.as_mut_ptr();
    // SAFETY: all octets are set here, and struct_size is true.
    let copy = unsafe {
        pointer.cast::<u8>().write_bytes(0x5a, size_of::<tcpphase_verdict>());
        pointer.cast::<size_t>().write(tcpphase_verdict::FIRST_SIZE);
        earlier_input(pointer)
    };
    let copy = copy.unwrap_or_else(|_| panic!("it is large enough"));
    assert_eq!((copy.frame, copy.http_timeout), (0x5a5a_5a5a, 0x5a5a_5a5a_5a5a_5a5a));
    assert_eq!((copy.unanswered_transmissions, copy.unanswered_how, copy.unanswered_time), (0, 0, 0));
    // SAFETY: as above; smaller than the first version.
    let stump = unsafe {
        pointer.cast::<size_t>().write(tcpphase_verdict::FIRST_SIZE - 1);
        earlier_input(pointer)
    };
    assert!(matches!(stump, Err(Failure::BadSize)));
}

#[test]
fn a_larger_output_keeps_its_size_and_its_end() {
    #[repr(C)]
    struct Later {
        now: MaybeUninit<tcpphase_summary>,
        later: u64,
    }
    let mut room = Later { now: MaybeUninit::uninit(), later: 0x0123_4567_89ab_cdef };
    let pointer = (&mut room as *mut Later).cast::<tcpphase_summary>();
    // SAFETY: struct_size is set here, and is true.
    let summary = unsafe {
        pointer.cast::<size_t>().write(size_of::<Later>());
        let output = Output::new(pointer).unwrap_or_else(|_| panic!("it is large enough"));
        output.write(summary_of_numbers());
        pointer.read()
    };
    assert_eq!(summary.struct_size, size_of::<Later>());
    assert_eq!((summary.opened, summary.max_idle), (1, 11));
    assert_eq!(room.later, 0x0123_4567_89ab_cdef);
}

#[test]
fn text_is_cut_between_characters() {
    let cut = |size: usize| {
        let mut buffer = [0x7f as c_char; 8];
        // SAFETY: the buffer has at least `size` octets.
        unsafe { TextBuffer::new(buffer.as_mut_ptr(), size) }
            .unwrap_or_else(|_| panic!("there is room"))
            .write("a\u{e9}\u{20ac}"); // 1, 2 and 3 octets
        let length = buffer.iter().position(|&octet| octet == 0).unwrap();
        assert!(buffer[length + 1..].iter().all(|&octet| octet == 0x7f));
        length
    };
    assert_eq!([1, 2, 3, 4, 5, 6, 7, 8].map(cut), [0, 1, 1, 3, 3, 3, 6, 6]);
}

#[test]
fn lent_octets_may_be_null_when_there_are_none() {
    // SAFETY: NULL is allowed.
    unsafe {
        assert_eq!(octets(ptr::null(), 0), Ok(&[][..]));
        assert_eq!(octets(ptr::null(), 1), Err(Failure::NullArgument));
    }
}
