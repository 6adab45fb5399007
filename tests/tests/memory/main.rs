//! What the classifier keeps in memory, counted by the allocator: octets asked for, and octets that the C library's
//! allocator takes for them. The second number is the one that is judged.
//!
//! `cargo test --release --test memory -- --nocapture` shows all of them.

mod floods;
mod growth;

use tcpphase::verdict::{Ended, Phase, Step};
use tcpphase::{Captured, Classifier};
use tcpphase_tests::allocator::{held, Counting, Held};
use tcpphase_tests::segment::{Segment, ACK, FIN, RST, SYN};

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Contract 6: stored for each segment, all included.
const OF_A_SEGMENT: f64 = 24.0;
/// Contract 6: stored for a connection of which nothing but a SYN was captured.
const OF_A_HALF_OPEN_CONNECTION: f64 = 128.0;
/// Contract 6: "a few hundred" for any other connection. The contract has no number for it: this one is to be noticed.
const OF_A_CONNECTION: f64 = 1024.0;
/// Contract 6: "only what hindsight shows": its twelve numbers, and what finds them.
const OF_A_CLOSED_CONNECTION: f64 = 288.0;
/// A keep-alive's own facts (number, idle time, interval, answer, context) come on top of its segment's.
const OF_A_KEEP_ALIVE: f64 = 64.0;
/// What a flood may leave behind in one connection, however long it lasts.
const OF_A_FLOOD: isize = 16 * 1024;
/// A capture that goes on: each test shows only the segments.
struct Capture {
    classifier: Classifier,
    frame: u32,
    time: i64,
    ipv6: bool,
    begin: Held,
}

const SECOND: i64 = 1_000_000_000;
const CLIENT: bool = true;
const SERVER: bool = false;

impl Capture {
    fn new() -> Capture {
        let begin = held();
        Capture {
            classifier: Classifier::new(),
            frame: 0,
            time: 0,
            ipv6: false,
            begin,
        }
    }

    /// The segment of a client, or to it. Returns the step.
    fn segment(
        &mut self,
        client: u32,
        from_client: bool,
        flags: u16,
        numbers: (u32, u32),
        length: u32,
    ) -> Option<Step> {
        self.frame += 1;
        self.time += 1_000;
        let port = 1024 + (client % 50_000) as u16;
        let [high, low] = ((client / 50_000) as u16).to_be_bytes();
        let (near, far) = match self.ipv6 {
            true => (
                vec![0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, high, low],
                vec![0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 1],
            ),
            false => (vec![10, 0, high, low], vec![192, 0, 2, 1]),
        };
        let (source, destination, source_port, destination_port) = match from_client {
            true => (near, far, port, 443),
            false => (far, near, 443, port),
        };
        let header = Segment {
            source_port,
            destination_port,
            sequence: numbers.0,
            acknowledgement: numbers.1,
            flags,
            ..Segment::default()
        };
        let octets = header.octets();
        self.classifier.segment(&Captured {
            frame: self.frame,
            time: Some(self.time),
            source: &source,
            destination: &destination,
            identification: Some(self.frame as u16),
            octets: &octets,
            reported_length: octets.len() as u32 + length,
            quoted: false,
            fragment: false,
        });
        let verdict = self.classifier.verdict(self.frame, 0, numbers.0)?;
        assert_ne!(verdict.phase, Phase::Unknown, "frame {}", self.frame);
        let step = verdict.steps.iter().next();
        step
    }

    fn opens(&mut self, client: u32) {
        self.segment(client, CLIENT, SYN, (0, 0), 0);
        self.segment(client, SERVER, SYN | ACK, (0, 1), 0);
        let step = self.segment(client, CLIENT, ACK, (1, 1), 0);
        assert_eq!(step, Some(Step::HandshakeAck));
    }

    /// Octets held since the capture began.
    fn since_begin(&self) -> Held {
        self.since(self.begin)
    }

    fn since(&self, earlier: Held) -> Held {
        let now = held();
        Held {
            asked_for: now.asked_for - earlier.asked_for,
            taken: now.taken - earlier.taken,
        }
    }
}

/// Octets for each of so many; printed, and compared.
#[track_caller]
fn each(what: &str, octets: Held, count: u32, at_most: f64) {
    let asked_for = octets.asked_for as f64 / f64::from(count);
    let taken = octets.taken as f64 / f64::from(count);
    println!("{what}: {taken:.2} octets ({asked_for:.2} asked for), at most {at_most}");
    assert!(taken <= at_most, "{what}: {taken:.2} octets, more than {at_most}");
}

/// Without the octets that its segments may take.
fn without_segments(octets: Held, segments: u32) -> Held {
    let of_segments = segments as isize * OF_A_SEGMENT as isize;
    Held {
        asked_for: octets.asked_for - of_segments,
        taken: octets.taken - of_segments,
    }
}

#[test]
fn nothing_was_seen_yet() {
    let capture = Capture::new();
    let Held { asked_for, taken } = capture.since_begin();
    println!("a capture without segments: {taken} octets ({asked_for} asked for)");
    assert!(taken <= 64 * 1024, "{taken} octets");
}

#[test]
fn a_plain_segment_of_a_bulk_transfer() {
    let mut capture = Capture::new();
    capture.opens(0);
    let count = 300_000;
    for number in 0..count / 3 {
        let sequence = 1 + number * 2_920;
        capture.segment(0, SERVER, ACK, (sequence, 1), 1_460);
        capture.segment(0, SERVER, ACK, (sequence.wrapping_add(1_460), 1), 1_460);
        let step = capture.segment(0, CLIENT, ACK, (1, sequence.wrapping_add(2_920)), 0);
        assert_eq!(step, Some(Step::Ack));
    }
    each("a plain segment", capture.since_begin(), count, OF_A_SEGMENT);
}

fn half_open(ipv6: bool) {
    let mut capture = Capture { ipv6, ..Capture::new() };
    let mut worst = (0.0, 0);
    for client in 0..100_000 {
        let step = capture.segment(client, CLIENT, SYN, (client * 7, 0), 0);
        assert_eq!(step, Some(Step::Syn));
        let now = without_segments(capture.since_begin(), client + 1).taken as f64 / f64::from(client + 1);
        if client >= 10_000 && now > worst.0 {
            worst = (now, client + 1);
        }
    }
    let what = if ipv6 { "IPv6" } else { "IPv4" };
    println!(
        "a half-open connection of {what}: {:.2} octets at worst, after {} SYNs",
        worst.0, worst.1
    );
    each(
        &format!("a half-open connection of {what}"),
        without_segments(capture.since_begin(), 100_000),
        100_000,
        OF_A_HALF_OPEN_CONNECTION,
    );
}

#[test]
fn half_open_connections() {
    half_open(false);
}

#[test]
fn half_open_connections_of_ipv6() {
    half_open(true);
}

/// New ports are rare: a scanner may try the same pair with another number each time.
#[test]
fn half_open_connections_on_the_same_ports() {
    let mut capture = Capture::new();
    for number in 0..100_000 {
        assert_eq!(capture.segment(0, CLIENT, SYN, (number * 7, 0), 0), Some(Step::Syn));
    }
    let octets = without_segments(capture.since_begin(), 100_000);
    each(
        "a half-open connection on the same ports",
        octets,
        100_000,
        OF_A_HALF_OPEN_CONNECTION,
    );
}

/// One SYN again and again.
#[test]
fn a_syn_that_nobody_answers() {
    let mut capture = Capture::new();
    for _ in 0..100_000 {
        assert_eq!(capture.segment(0, CLIENT, SYN, (7, 0), 0), Some(Step::Syn));
    }
    each("a repeated SYN", capture.since_begin(), 100_000, OF_A_KEEP_ALIVE);
}

/// A request and its response on each of so many connections, then more.
fn connections(count: u32, then: impl Fn(&mut Capture, u32)) -> Capture {
    let mut capture = Capture::new();
    for client in 0..count {
        capture.opens(client);
        capture.segment(client, CLIENT, ACK, (1, 1), 100);
        capture.segment(client, SERVER, ACK, (1, 101), 200);
        capture.segment(client, CLIENT, ACK, (101, 201), 0);
        then(&mut capture, client);
    }
    capture
}

#[test]
fn idle_open_connections() {
    let count = 20_000;
    let capture = connections(count, |_, _| ());
    let octets = without_segments(capture.since_begin(), capture.frame);
    each("an idle open connection", octets, count, OF_A_CONNECTION);
}

/// A probe and its answer, so often.
fn keeps_alive(capture: &mut Capture, client: u32, times: u32) {
    for _ in 0..times {
        let probe = capture.segment(client, CLIENT, ACK, (100, 201), 0);
        let answer = capture.segment(client, SERVER, ACK, (201, 101), 0);
        assert_eq!((probe, answer), (Some(Step::KeepAliveProbe), Some(Step::KeepAliveAck)));
    }
}

#[test]
fn connections_with_keep_alives() {
    // As many keep-alives on one connection take as much, but for what each connection knows of its own.
    let (count, times) = (5_000, 12);
    let one = connections(1, |capture, client| keeps_alive(capture, client, count * times)).since_begin();
    let many = connections(count, |capture, client| keeps_alive(capture, client, times)).since_begin();
    let octets = Held {
        asked_for: many.asked_for - one.asked_for,
        taken: many.taken - one.taken,
    };
    each(
        "a connection with keep-alives",
        without_segments(octets, 6 * count),
        count,
        OF_A_CONNECTION,
    );
}

#[test]
fn closed_connections_once_they_are_let_go() {
    let count = 20_000;
    let mut capture = connections(count, |capture, client| {
        capture.segment(client, CLIENT, ACK | FIN, (101, 201), 0);
        capture.segment(client, SERVER, ACK | FIN, (201, 102), 0);
        let step = capture.segment(client, CLIENT, ACK, (102, 202), 0);
        assert_eq!(step, Some(Step::FinalAck));
    });
    let octets = without_segments(capture.since_begin(), capture.frame);
    each("a closed connection, at once", octets, count, OF_A_CONNECTION);
    capture.time += 241 * SECOND;
    capture.opens(count);
    assert_eq!(
        capture.classifier.summary(0).map(|summary| summary.ended),
        Some(Ended::Graceful)
    );
    let octets = without_segments(capture.since_begin(), capture.frame);
    each(
        "a closed connection, 241 s later",
        octets,
        count,
        OF_A_CLOSED_CONNECTION,
    );
}

#[test]
fn refused_connections_once_they_are_let_go() {
    let (count, mut capture) = (20_000, Capture::new());
    for client in 0..count {
        capture.segment(client, CLIENT, SYN, (0, 0), 0);
        let step = capture.segment(client, SERVER, RST | ACK, (0, 1), 0);
        assert_eq!(step, Some(Step::ConnectionRefused));
    }
    let octets = without_segments(capture.since_begin(), capture.frame);
    each("a refused connection, at once", octets, count, OF_A_CONNECTION);
    capture.time += 241 * SECOND;
    capture.opens(count);
    let octets = without_segments(capture.since_begin(), capture.frame);
    each(
        "a refused connection, 241 s later",
        octets,
        count,
        OF_A_CLOSED_CONNECTION,
    );
}

/// Ports that are used again at once: the connection before gets no more segments.
#[test]
fn connections_that_follow_each_other_on_the_same_ports() {
    let (count, mut capture) = (20_000, Capture::new());
    for number in 0..count {
        let initial = number << 16;
        capture.segment(0, CLIENT, SYN, (initial, 0), 0);
        capture.segment(0, SERVER, SYN | ACK, (initial, initial + 1), 0);
        capture.segment(0, CLIENT, ACK, (initial + 1, initial + 1), 0);
        capture.segment(0, CLIENT, RST, (initial + 1, 0), 0);
    }
    let octets = without_segments(capture.since_begin(), capture.frame);
    each(
        "a connection whose ports were used again",
        octets,
        count,
        OF_A_CLOSED_CONNECTION,
    );
}

/// Attempts beside a connection that goes on, which they take nothing from, however many.
#[test]
fn attempts_that_are_never_taken_up() {
    let (count, mut capture) = (20_000, Capture::new());
    capture.opens(0);
    for number in 1..=count {
        let initial = number << 12;
        capture.segment(0, CLIENT, SYN, (initial, 0), 0);
        capture.segment(0, SERVER, SYN | ACK, (initial, initial + 1), 0);
        let step = capture.segment(0, CLIENT, ACK, (1, 1), 100);
        let verdict = capture.classifier.verdict(capture.frame, 0, 1).unwrap();
        assert_eq!((step, verdict.connection), (Some(Step::Data), Some(0)), "{number}");
    }
    let octets = without_segments(capture.since_begin(), capture.frame);
    each(
        "an attempt that is never taken up",
        octets,
        count,
        OF_A_CLOSED_CONNECTION,
    );
}
