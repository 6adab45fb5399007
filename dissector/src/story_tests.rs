//! Each sentence rests on a fact, and goes with it.

use super::*;
use crate::{Captured, Classifier};

const A: [u8; 4] = [192, 0, 2, 10];
const B: [u8; 4] = [198, 51, 100, 20];

/// A segment: who sends it, its flags, numbers and octets.
fn tell(
    classifier: &mut Classifier,
    frame: u32,
    time: f64,
    forth: bool,
    flags: u8,
    numbers: (u32, u32),
    octets: &[u8],
) {
    let mut segment = Vec::new();
    let (from, to) = if forth { (40_000_u16, 80_u16) } else { (80, 40_000) };
    segment.extend_from_slice(&from.to_be_bytes());
    segment.extend_from_slice(&to.to_be_bytes());
    segment.extend_from_slice(&numbers.0.to_be_bytes());
    segment.extend_from_slice(&numbers.1.to_be_bytes());
    segment.extend_from_slice(&[0x50, flags, 0xff, 0xff, 0, 0, 0, 0]);
    segment.extend_from_slice(octets);
    classifier.segment(&Captured {
        frame,
        time: Some((time * 1e9) as i64),
        source: if forth { &A } else { &B },
        destination: if forth { &B } else { &A },
        identification: None,
        octets: &segment,
        reported_length: segment.len() as u32,
        quoted: false,
        fragment: false,
    });
}

fn story_of(classifier: &Classifier) -> String {
    story(&classifier.summary(0).unwrap(), &classifier.evidence()[0])
}

fn opened() -> Classifier {
    let mut classifier = Classifier::new();
    tell(&mut classifier, 1, 1.0, true, 2, (0, 0), &[]);
    tell(&mut classifier, 2, 1.01, false, 0x12, (0, 1), &[]);
    tell(&mut classifier, 3, 1.011, true, 0x10, (1, 1), &[]);
    classifier
}

const REQUEST: &[u8] = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n";
const RESPONSE: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nKeep-Alive: timeout=5\r\n\r\n";

fn exchanged() -> Classifier {
    let mut classifier = opened();
    let (request, response) = (REQUEST.len() as u32, RESPONSE.len() as u32);
    tell(&mut classifier, 4, 1.02, true, 0x18, (1, 1), REQUEST);
    tell(&mut classifier, 5, 1.22, false, 0x18, (1, 1 + request), RESPONSE);
    tell(&mut classifier, 6, 1.221, true, 0x10, (1 + request, 1 + response), &[]);
    classifier
}

#[test]
fn a_server_that_closes_when_it_said_so() {
    let mut classifier = exchanged();
    assert_eq!(
        story_of(&classifier),
        "Opened in 11 ms (frames 1-3). 1 HTTP request, the slowest response took 200 ms (frame 5). The capture does \
         not show its end."
    );
    let (request, response) = (REQUEST.len() as u32, RESPONSE.len() as u32);
    tell(&mut classifier, 7, 6.22, false, 0x11, (1 + response, 1 + request), &[]);
    tell(&mut classifier, 8, 6.221, true, 0x11, (1 + request, 2 + response), &[]);
    tell(&mut classifier, 9, 6.23, false, 0x10, (2 + response, 2 + request), &[]);
    let story = story_of(&classifier);
    let end = "Idle for 5.0 s; the server closed, as announced by its timeout of 5.0 s (frame 7).";
    assert!(story.ends_with(end), "{story}");
}

#[test]
fn where_a_fact_is_absent_its_words_are() {
    let classifier = exchanged();
    let (mut summary, mut evidence) = (classifier.summary(0).unwrap(), classifier.evidence()[0]);
    summary.setup_time = None;
    summary.messages = 0;
    evidence.handshake_frame = 0;
    assert_eq!(story(&summary, &evidence), "Opened (frame 1). The capture does not show its end.");
    summary.one_direction = true;
    evidence = Evidence::default();
    let told = "The capture has one side of it only. Opened. The capture does not show its end.";
    assert_eq!(story(&summary, &evidence), told);
}

#[test]
fn refused_and_unanswered_openings() {
    let mut classifier = Classifier::new();
    tell(&mut classifier, 1, 1.0, true, 2, (0, 0), &[]);
    tell(&mut classifier, 2, 1.01, false, 0x14, (0, 1), &[]);
    assert_eq!(story_of(&classifier), "The server refused it (frame 2).");
    let mut classifier = Classifier::new();
    tell(&mut classifier, 1, 1.0, true, 2, (0, 0), &[]);
    tell(&mut classifier, 2, 2.0, true, 2, (0, 0), &[]);
    tell(&mut classifier, 3, 4.0, true, 2, (0, 0), &[]);
    assert_eq!(story_of(&classifier), "It was not open when the capture ended (frames 1-3).");
}

#[test]
fn a_capture_that_begins_midway_says_so() {
    let mut classifier = Classifier::new();
    tell(&mut classifier, 5, 1.0, true, 0x18, (100, 200), b"abc");
    tell(&mut classifier, 6, 1.01, false, 0x10, (200, 103), &[]);
    tell(&mut classifier, 7, 9.01, true, 0x14, (103, 200), &[]);
    let told = story_of(&classifier);
    assert!(told.starts_with("The capture begins in the midst of it (frame 5)."), "{told}");
    assert!(told.ends_with("Idle for 8.0 s; one side reset it (frame 7)."), "{told}");
}

#[test]
fn two_sides_without_a_name_are_not_one() {
    let classifier = exchanged();
    let mut summary = classifier.summary(0).unwrap();
    summary.ended = Ended::Reset;
    (summary.closed_by, summary.reset_by) = (Initiator::Unknown, Some(Sender::Unknown));
    let evidence = Evidence { close_frame: 7, reset_frame: 9, ..Evidence::default() };
    assert!(story(&summary, &evidence).ends_with("One side closed (frame 7) and one side then reset it (frame 9)."));
    (summary.closed_by, summary.reset_by) = (Initiator::Server, Some(Sender::Server));
    assert!(story(&summary, &evidence).ends_with("The server closed (frame 7) and then reset it (frame 9)."));
}

#[test]
fn times_as_people_say_them() {
    let words = [18_000, 300_000, 12_000_000, 1_500_000_000, 61_000_000_000, 350_200_000_000].map(lasted);
    assert_eq!(words, ["18 us", "0.3 ms", "12 ms", "1.5 s", "61.0 s", "350 s"]);
}
