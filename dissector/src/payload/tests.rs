//! HTTP of a connection that began before the capture did, with messages that were acknowledged and not captured, or
//! captured late (G1, G2, H3).

use crate::label::label;
use crate::verdict::SECOND;
use crate::{Captured, Classifier};

const REQUEST: &[u8] = b"GET / HTTP/1.1\r\n\r\n";
const RESPONSE: &[u8] = b"HTTP/1.1 204 No Content\r\n\r\n";
const LENGTH: u32 = REQUEST.len() as u32;
const ANSWER: u32 = RESPONSE.len() as u32;

/// What is shown of segments of the client or not, with their numbers.
fn shown(segments: &[(bool, u32, u32)]) -> Vec<String> {
    let mut classifier = Classifier::new();
    for (frame, &(client, sequence, acknowledgement)) in (1..).zip(segments) {
        let mut octets = vec![0x9c, 0x40, 0, 80, 0, 0, 0, 0, 0, 0, 0, 0, 0x50, 0x10, 0xff, 0xff, 0, 0, 0, 0];
        let (mut source, mut destination) = ([192, 0, 2, 1], [198, 51, 100, 2]);
        if !client {
            octets[..4].copy_from_slice(&[0, 80, 0x9c, 0x40]);
            std::mem::swap(&mut source, &mut destination);
        }
        octets[4..8].copy_from_slice(&sequence.to_be_bytes());
        octets[8..12].copy_from_slice(&acknowledgement.to_be_bytes());
        octets.extend_from_slice(if client { REQUEST } else { RESPONSE });
        classifier.segment(&Captured {
            frame,
            time: Some(SECOND * i64::from(frame)),
            source: &source,
            destination: &destination,
            identification: None,
            octets: &octets,
            reported_length: octets.len() as u32,
            quoted: false,
            fragment: false,
        });
    }
    let verdicts = (1..).zip(segments).map(|(frame, segment)| classifier.verdict(frame, 0, segment.1));
    verdicts.map(|verdict| verdict.map_or(String::new(), |verdict| label(&verdict))).collect()
}

#[test]
fn a_response_that_was_not_captured_is_not_the_next_one() {
    let found = shown(&[(true, 1, 1), (true, 1 + LENGTH, 100_001), (false, 100_001, 1 + 2 * LENGTH)]);
    assert_eq!(found[1..], ["Data HTTP Request #2 GET", "Data HTTP Response #2 204"]);
}

#[test]
fn nor_are_several() {
    let requests = [(true, 1, 1), (true, 1 + LENGTH, 101), (true, 1 + 2 * LENGTH, 201)];
    let found = shown(&[&requests[..], &[(false, 201, 1 + 3 * LENGTH)]].concat());
    assert_eq!(found[2..], ["Data HTTP Request #3 GET", "Data HTTP Response #3 204"]);
}

#[test]
fn one_that_nobody_had_acknowledged_is_that_of_the_first_request() {
    let found = shown(&[(true, 1, 1), (true, 1 + LENGTH, 1), (false, 1, 1 + 2 * LENGTH)]);
    assert_eq!(found[1..], ["Data HTTP Request #2 GET", "Data HTTP Response #1 204"]);
}

#[test]
fn a_request_that_was_not_captured_counts_by_its_response() {
    let found = shown(&[
        (true, 1, 1),
        (false, 1, 1 + LENGTH),
        (false, 1 + ANSWER, 1 + 2 * LENGTH),
        (true, 1 + 2 * LENGTH, 1 + 2 * ANSWER),
        (false, 1 + 2 * ANSWER, 1 + 3 * LENGTH),
        (true, 1 + 3 * LENGTH, 1 + 3 * ANSWER),
        (false, 1 + 3 * ANSWER, 1 + 4 * LENGTH),
    ]);
    let expected = [
        "Data HTTP Response #2 204",
        "Data HTTP Request #3 GET",
        "Data HTTP Response #3 204",
        "Data HTTP Request #4 GET",
        "Data HTTP Response #4 204",
    ];
    assert_eq!(found[2..], expected);
}

#[test]
fn a_request_that_is_captured_behind_its_response_waits_for_no_other() {
    let found = shown(&[
        (true, 1, 1),
        (false, 1, 1 + LENGTH),
        (false, 1 + ANSWER, 1 + 2 * LENGTH),
        (true, 1 + LENGTH, 1 + ANSWER),
        (true, 1 + 2 * LENGTH, 1 + 2 * ANSWER),
        (false, 1 + 2 * ANSWER, 1 + 3 * LENGTH),
    ]);
    let expected = [
        "Data HTTP Response #2 204",
        "Data HTTP Request #2 GET",
        "Data HTTP Request #3 GET",
        "Data HTTP Response #3 204",
    ];
    assert_eq!(found[2..], expected);
}
