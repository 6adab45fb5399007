//! H7: HTTP/2 in clear text; K11: its keep-alives.

use super::parser::PREFACE;
use super::Http2;
use crate::application::{Application, Octets, Outcome, Recognition};
use crate::connection::Direction::{self, Back, Forth};
use crate::heartbeat::HeartbeatKind;
use crate::http::Http;
use crate::verdict::{Step, Time, SECOND};

const SETTINGS: u8 = 4;
const PING: u8 = 6;
const GOAWAY: u8 = 7;

fn frame(frame_type: u8, flags: u8, stream: u8, length: u8) -> Vec<u8> {
    let mut frame = vec![0, 0, length, frame_type, flags, 0, 0, 0, stream];
    frame.extend(std::iter::repeat(0).take(usize::from(length)));
    frame
}

fn ping() -> Vec<u8> {
    frame(PING, 0, 0, 8)
}

fn pong() -> Vec<u8> {
    frame(PING, 1, 0, 8)
}

fn preface() -> Vec<u8> {
    [PREFACE, &frame(SETTINGS, 0, 0, 12)].concat()
}

fn hears(http2: &mut Http2, direction: Direction, captured: &[u8], time: Time) -> Outcome {
    let mut outcome = Outcome::default();
    let number = (time / SECOND) as u32;
    http2.octets(&Octets { direction, captured, missing: 0, time, frame: number }, &mut outcome);
    http2.remember_place(number, number + 1000);
    outcome
}

fn names(outcome: &Outcome) -> String {
    outcome.steps.iter().map(Step::name).collect::<Vec<_>>().join(", ")
}

/// Begun by both sides in second 1.
fn begun() -> Http2 {
    let mut http2 = Http2::new();
    assert_eq!(names(&hears(&mut http2, Forth, &preface(), SECOND)), "HTTP/2 Frames");
    assert_eq!(names(&hears(&mut http2, Back, &frame(SETTINGS, 0, 0, 0), SECOND)), "HTTP/2 Frames");
    http2
}

#[test]
fn h7_the_preface_shows_http_2_and_the_client() {
    for length in 1..=PREFACE.len() {
        let expected = if length < 14 { Recognition::NeedMore } else { Recognition::Yes };
        assert_eq!(Http2::recognises(&PREFACE[..length]), expected, "{length}");
    }
    assert_eq!(Http2::recognises(b"PRI / HTTP/1.1\r\n"), Recognition::No);
    let mut http2 = Http2::new();
    assert_eq!(hears(&mut http2, Back, &preface(), SECOND).client, Some(Back));
}

#[test]
fn h7_a_server_may_speak_first() {
    let settings = [&frame(SETTINGS, 0, 0, 6)[..9], &[0, 3, 0, 0, 0, 100]].concat();
    for length in 1..=settings.len() {
        let expected = if length < 11 { Recognition::NeedMore } else { Recognition::Yes };
        assert_eq!(Http2::recognises(&settings[..length]), expected, "{length}");
    }
    assert_eq!(Http2::recognises(&frame(SETTINGS, 0, 0, 0)), Recognition::NeedMore);
    assert_eq!(Http2::recognises(&frame(SETTINGS, 0, 0, 0).repeat(2)), Recognition::Yes);
    assert_eq!(Http2::recognises(&[0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 1, 0]), Recognition::No);
    assert_eq!(Http2::recognises(&[0, 0, 6, 4, 0, 0, 0, 0, 0, 9, 9]), Recognition::No);
    let mut http2 = Http2::new();
    assert_eq!(hears(&mut http2, Forth, &settings, SECOND).client, Some(Back));
    assert_eq!(names(&hears(&mut http2, Back, &preface(), SECOND)), "HTTP/2 Frames");
}

#[test]
fn h7_frames_are_told_apart_however_they_are_cut() {
    let octets = [frame(1, 5, 1, 30), ping(), frame(0, 0, 1, 200), frame(0, 1, 1, 0), frame(GOAWAY, 0, 0, 8), pong()];
    let octets = octets.concat();
    let expected = "HTTP/2 Frames, HTTP/2 PING, HTTP/2 Frames, HTTP/2 GOAWAY, HTTP/2 PING ACK";
    assert_eq!(names(&hears(&mut begun(), Forth, &octets, SECOND)), expected);
    for size in 1..octets.len() {
        let mut http2 = begun();
        let mut steps: Vec<Step> = Vec::new();
        for piece in octets.chunks(size) {
            steps.extend(hears(&mut http2, Forth, piece, SECOND).steps.iter());
        }
        // Before its type is there a header shows no more than frames.
        steps.dedup();
        let told: Vec<Step> = steps.iter().copied().filter(|step| *step != Step::Http2Frames).collect();
        assert_eq!(told, [Step::Http2Ping, Step::Http2GoAway, Step::Http2PingAck], "{size}");
        assert_eq!(names(&hears(&mut http2, Forth, &ping(), SECOND)), "HTTP/2 PING");
    }
}

#[test]
fn k11_a_ping_in_silence_keeps_alive_and_its_ack_follows_it() {
    let mut http2 = begun();
    hears(&mut http2, Forth, &frame(1, 5, 1, 30), 2 * SECOND);
    let probe = hears(&mut http2, Forth, &ping(), 12 * SECOND);
    let facts = probe.heartbeat.expect("a heartbeat");
    assert!(probe.is_keep_alive() && facts.keep_alive);
    assert_eq!((facts.kind, facts.number, facts.idle), (HeartbeatKind::Probe, Some(1), Some(10 * SECOND)));
    hears(&mut http2, Back, &frame(1, 5, 1, 30), 13 * SECOND);
    let answer = hears(&mut http2, Back, &pong(), 13 * SECOND);
    let facts = answer.heartbeat.expect("a heartbeat");
    assert!(answer.is_keep_alive());
    assert_eq!((facts.kind, facts.probe_frame, facts.probe_place), (HeartbeatKind::Answer, Some(12), Some(1012)));
    assert_eq!(facts.response_time, Some(SECOND));
}

#[test]
fn k11_a_ping_among_data_measures() {
    let mut http2 = begun();
    hears(&mut http2, Forth, &frame(0, 0, 1, 30), 2 * SECOND);
    let probe = hears(&mut http2, Forth, &ping(), 2 * SECOND + SECOND / 2);
    assert!(!probe.is_keep_alive() && probe.steps.contains(Step::Http2Ping));
    // However late it comes.
    assert!(!hears(&mut http2, Back, &pong(), 9 * SECOND).is_keep_alive());
}

#[test]
fn k11_settings_end_the_idle_time_and_measure_nothing() {
    let mut http2 = begun();
    hears(&mut http2, Forth, &frame(SETTINGS, 1, 0, 0), 5 * SECOND);
    let probe = hears(&mut http2, Forth, &ping(), 5 * SECOND + 1);
    assert!(probe.is_keep_alive());
    assert_eq!(probe.heartbeat.and_then(|facts| facts.idle), Some(1));
}

#[test]
fn k11_a_segment_with_more_than_pings_is_data() {
    let mut http2 = begun();
    let outcome = hears(&mut http2, Forth, &[ping(), frame(1, 5, 1, 30)].concat(), 20 * SECOND);
    assert!(!outcome.is_keep_alive() && outcome.heartbeat.is_some());
    let mut http2 = begun();
    assert!(hears(&mut http2, Forth, &ping()[..12], 20 * SECOND).is_keep_alive());
    assert!(hears(&mut http2, Forth, &ping()[12..], 20 * SECOND).is_keep_alive());
}

#[test]
fn k11_unanswered_pings_are_counted() {
    let mut http2 = begun();
    let number = |http2: &mut Http2, second: i64| hears(http2, Back, &ping(), second * SECOND).heartbeat;
    assert_eq!(number(&mut http2, 10).map(|facts| (facts.number, facts.interval)), Some((Some(1), None)));
    assert_eq!(number(&mut http2, 20).map(|facts| (facts.number, facts.interval)), Some((Some(2), Some(10 * SECOND))));
    hears(&mut http2, Forth, &pong(), 21 * SECOND);
    assert_eq!(number(&mut http2, 30).map(|facts| facts.number), Some(Some(1)));
}

#[test]
fn k11_an_answer_says_what_is_left_without_one() {
    let mut http2 = begun();
    for second in [10, 20, 30] {
        hears(&mut http2, Forth, &ping(), second * SECOND);
    }
    let left = |http2: &mut Http2| {
        let heartbeat = hears(http2, Back, &pong(), 31 * SECOND).heartbeat;
        heartbeat.map(|facts| (facts.passed_over, facts.pending))
    };
    assert_eq!(left(&mut http2), Some((0, 2)));
    assert_eq!(left(&mut http2), Some((0, 1)));
    assert_eq!(left(&mut http2), Some((0, 0)));
}

#[test]
fn k9_a_request_waits_until_its_stream_ends() {
    const HEADERS: u8 = 1;
    const RST_STREAM: u8 = 3;
    let mut http2 = begun();
    assert!(!http2.is_waiting());
    hears(&mut http2, Forth, &frame(HEADERS, 5, 1, 30), 2 * SECOND);
    assert!(http2.is_waiting());
    hears(&mut http2, Back, &frame(HEADERS, 4, 1, 30), 3 * SECOND);
    hears(&mut http2, Back, &frame(0, 0, 1, 30), 3 * SECOND);
    assert!(http2.is_waiting(), "its body goes on");
    hears(&mut http2, Back, &frame(0, 1, 1, 30), 4 * SECOND);
    assert!(!http2.is_waiting());
    hears(&mut http2, Forth, &frame(HEADERS, 5, 1, 10), 5 * SECOND);
    assert!(!http2.is_waiting(), "trailers are no request");
    hears(&mut http2, Forth, &frame(HEADERS, 4, 3, 30), 6 * SECOND);
    hears(&mut http2, Forth, &frame(HEADERS, 5, 5, 30), 6 * SECOND);
    hears(&mut http2, Back, &frame(RST_STREAM, 0, 5, 4), 7 * SECOND);
    assert!(http2.is_waiting());
    hears(&mut http2, Forth, &frame(RST_STREAM, 0, 3, 4), 8 * SECOND);
    assert!(!http2.is_waiting());
    assert_eq!(http2.messages(), Some(3));
}

#[test]
fn g2_what_waits_is_not_known_after_a_loss() {
    let mut http2 = begun();
    hears(&mut http2, Forth, &frame(1, 5, 1, 30), 2 * SECOND);
    http2.gap(Back, None);
    assert!(!http2.is_waiting());
}

#[test]
fn g2_a_hole_in_a_frame_is_counted_and_one_beyond_it_is_not_guessed() {
    let mut http2 = begun();
    let octets = frame(0, 0, 1, 100);
    hears(&mut http2, Forth, &octets[..50], SECOND);
    http2.gap(Forth, Some(40));
    assert_eq!(names(&hears(&mut http2, Forth, &octets[90..], SECOND)), "HTTP/2 Frames");
    assert_eq!(names(&hears(&mut http2, Forth, &ping(), SECOND)), "HTTP/2 PING");
    http2.gap(Forth, Some(17));
    let lost = hears(&mut http2, Forth, &ping(), SECOND);
    assert_eq!((names(&lost), lost.after_gap), (String::from("Data"), true));
    assert_eq!(names(&hears(&mut http2, Back, &ping(), SECOND)), "HTTP/2 PING");
}

#[test]
fn a_server_whose_beginning_was_not_seen_is_not_read() {
    let mut http2 = Http2::new();
    hears(&mut http2, Forth, &preface(), SECOND);
    assert_eq!(names(&hears(&mut http2, Back, &ping(), SECOND)), "Data");
}

#[test]
fn h7_a_server_that_first_acknowledges_settings_is_read_where_the_preface_was_seen() {
    let mut http2 = Http2::new();
    hears(&mut http2, Forth, &preface(), 0);
    assert_eq!(names(&hears(&mut http2, Back, &frame(SETTINGS, 1, 0, 0), 0)), "HTTP/2 Frames");
    assert_eq!(names(&hears(&mut http2, Back, &ping(), 5 * SECOND)), "HTTP/2 PING");
    // Nobody knows where a server's frames begin whose preface was not seen, or that begins otherwise.
    assert!(hears(&mut Http2::new(), Back, &frame(SETTINGS, 1, 0, 0), 0).mistaken);
    let mut http2 = Http2::new();
    hears(&mut http2, Forth, &preface(), 0);
    assert_eq!(names(&hears(&mut http2, Back, &frame(SETTINGS, 1, 0, 6), 0)), "Data");
}

#[test]
fn k11_each_ping_of_a_segment_counts_and_has_its_answer() {
    let mut http2 = begun();
    let pings = hears(&mut http2, Forth, &[ping(), ping()].concat(), 5 * SECOND);
    assert_eq!(pings.heartbeat_probes, 2);
    let more = hears(&mut http2, Forth, &ping(), 6 * SECOND);
    assert_eq!(more.heartbeat_probes, 1);
    let pongs = hears(&mut http2, Back, &[pong(), pong(), pong()].concat(), 7 * SECOND);
    assert_eq!(pongs.heartbeat_answers, 3);
    assert_eq!(pongs.answered.first().and_then(|answered| answered.place), Some(1005), "an earlier one's");
    assert_eq!(pongs.heartbeat.and_then(|last| last.probe_place), Some(1006));
}

#[test]
fn h2_h7_the_upgraded_request_is_stream_1() {
    let mut http = Http::new();
    let mut outcome = Outcome::default();
    let request = b"GET / HTTP/1.1\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n\r\n";
    http.octets(&Octets { direction: Forth, captured: request, missing: 0, time: SECOND, frame: 1 }, &mut outcome);
    http.remember_place(1, 77);
    let response = b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n";
    http.octets(&Octets { direction: Back, captured: response, missing: 0, time: 2 * SECOND, frame: 2 }, &mut outcome);
    let mut http2 = Http2::upgraded(outcome.client, http.upgraded());
    assert_eq!(http2.messages(), Some(1));
    assert_eq!(hears(&mut http2, Back, &frame(SETTINGS, 0, 0, 6), 3 * SECOND).messages.as_slice(), []);
    hears(&mut http2, Forth, &preface(), 4 * SECOND);
    let head = hears(&mut http2, Back, &frame(1, 4, 1, 30), 5 * SECOND);
    assert_eq!((head.messages.as_slice(), head.request_frame), (&[1][..], Some(1)));
    assert_eq!(
        head.answered.as_slice().first().map(|answered| (answered.place, answered.response_frame)),
        Some((Some(77), 5))
    );
    assert_eq!(head.response_time, Some(4 * SECOND));
    assert_eq!(hears(&mut http2, Back, &frame(0, 0, 3, 30), 6 * SECOND).messages.as_slice(), []);
    let body = hears(&mut http2, Back, &frame(0, 1, 1, 30), 6 * SECOND);
    assert_eq!((body.messages.as_slice(), body.request_frame), (&[1][..], None));
    assert_eq!(hears(&mut http2, Back, &frame(0, 1, 1, 30), 6 * SECOND).messages.as_slice(), []);
}

#[test]
fn arbitrary_octets_do_not_panic() {
    let mut state = 0x1234_5678_9abc_def1u64;
    for round in 0..3000 {
        let mut http2 = if round % 2 == 0 { begun() } else { Http2::new() };
        for _ in 0..20 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let octets: Vec<u8> = state.to_be_bytes().iter().map(|octet| octet & (state as u8 | 7)).collect();
            let direction = if state & 1 == 0 { Forth } else { Back };
            hears(&mut http2, direction, &octets[..1 + (state >> 61) as usize], SECOND);
            if state % 31 == 0 {
                http2.gap(direction, Some((state >> 40) as u32));
            }
        }
    }
}
