//! What a flood of segments in one connection leaves behind.

use super::{each, Capture, CLIENT, OF_A_FLOOD, OF_A_KEEP_ALIVE, OF_A_SEGMENT, SERVER};
use tcpphase::verdict::Step;
use tcpphase::Captured;
use tcpphase_tests::allocator::Held;
use tcpphase_tests::segment::{ACK, RST, SYN};

/// What so many segments of a flood leave behind.
fn left_by(count: u32, mut flood: impl FnMut(&mut Capture, u32)) -> (Held, u32) {
    let mut capture = Capture::new();
    capture.opens(0);
    (0..count).for_each(|number| flood(&mut capture, number));
    (capture.since_begin(), capture.frame)
}

/// A flood of segments with facts of their own.
fn flood(what: &str, count: u32, of_a_segment: f64, flood: impl FnMut(&mut Capture, u32)) {
    let (octets, segments) = left_by(count, flood);
    each(what, octets, segments, of_a_segment);
}

/// A flood of segments that are kept as plain ones are, and leave nothing else behind, however long it lasts.
fn plain_flood(what: &str, flood: impl FnMut(&mut Capture, u32)) {
    let count = 160_000;
    let (octets, segments) = left_by(count, flood);
    let (plain, _) = left_by(count, |capture, _| {
        capture.segment(0, CLIENT, ACK, (1, 1), 0);
    });
    let beside = octets.taken - plain.taken;
    println!("{what}: {beside} octets beside the segments' own, at most {OF_A_FLOOD}");
    assert!(beside <= OF_A_FLOOD, "{what}: {beside} octets");
    each(what, octets, segments, OF_A_SEGMENT);
}

#[test]
fn a_flood_of_holes() {
    plain_flood("a segment behind a hole", |capture, number| {
        capture.segment(0, SERVER, ACK, (1 + number * 20, 1), 10);
    });
}

#[test]
fn a_flood_of_holes_that_are_filled_backwards() {
    plain_flood("a segment that fills a hole", |capture, number| {
        let (block, place) = (number / 1_000, number % 1_000);
        let place = if place < 500 { place * 2 } else { 2 * (999 - place) + 1 };
        capture.segment(0, SERVER, ACK, (1 + (block * 1_000 + place) * 10, 1), 10);
    });
}

#[test]
fn a_flood_out_of_order() {
    plain_flood("a segment out of order", |capture, number| {
        // A stride without a common divisor visits every place of a block once, in no order.
        let (block, place) = (number / 1_009, number * 389 % 1_009);
        capture.segment(0, SERVER, ACK, (1 + (block * 1_009 + place) * 10, 1), 10);
    });
}

#[test]
fn a_flood_over_all_sequence_numbers() {
    plain_flood("a segment anywhere", |capture, number| {
        capture.segment(0, SERVER, ACK, (number.wrapping_mul(0x9e37_79b9), 1), 10);
    });
}

#[test]
fn a_flood_of_keep_alives() {
    flood(
        "a keep-alive probe or its answer",
        80_000,
        OF_A_KEEP_ALIVE,
        |capture, _| {
            let probe = capture.segment(0, CLIENT, ACK, (0, 1), 0);
            let answer = capture.segment(0, SERVER, ACK, (1, 1), 0);
            assert_eq!((probe, answer), (Some(Step::KeepAliveProbe), Some(Step::KeepAliveAck)));
        },
    );
}

#[test]
fn a_flood_of_keep_alives_that_nobody_answers() {
    flood(
        "an unanswered keep-alive probe",
        80_000,
        OF_A_KEEP_ALIVE,
        |capture, _| {
            let step = capture.segment(0, CLIENT, ACK, (0, 1), 0);
            assert_eq!(step, Some(Step::KeepAliveProbe));
        },
    );
}

#[test]
fn a_flood_of_duplicate_acknowledgements() {
    plain_flood("a duplicate acknowledgement", |capture, _| {
        let step = capture.segment(0, CLIENT, ACK, (1, 1), 0);
        assert_eq!(step, Some(Step::Ack));
    });
}

#[test]
fn a_flood_of_cut_headers() {
    plain_flood("a segment without a readable header", |capture, _| {
        capture.frame += 1;
        capture.classifier.segment(&Captured {
            frame: capture.frame,
            time: None,
            source: &[10, 0, 0, 0],
            destination: &[192, 0, 2, 1],
            identification: None,
            octets: &[4, 0, 1, 187, 0, 0, 0, 1],
            reported_length: 20,
            quoted: false,
            fragment: false,
        });
    });
}

#[test]
fn a_flood_of_resets() {
    flood("a reset outside the window", 80_000, OF_A_KEEP_ALIVE, |capture, _| {
        let step = capture.segment(0, CLIENT, RST, (1 << 31, 0), 0);
        assert_eq!(step, Some(Step::InvalidReset));
    });
}

/// A client that tries again although it was refused: the same connection ends each time.
#[test]
fn a_flood_of_refusals() {
    flood("a refusal or its SYN", 80_000, OF_A_KEEP_ALIVE, |capture, _| {
        capture.segment(1, CLIENT, SYN, (7, 0), 0);
        let step = capture.segment(1, SERVER, RST | ACK, (0, 8), 0);
        assert_eq!(step, Some(Step::ConnectionRefused));
    });
}
