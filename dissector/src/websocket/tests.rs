//! WebSocket frames (RFC 6455 5), and K11: their keep-alives.

use super::WebSocket;
use crate::application::{Application, Octets, Outcome};
use crate::connection::Direction::{self, Back, Forth};
use crate::heartbeat::HeartbeatKind;
use crate::verdict::{Step, Time, SECOND};

const TEXT: u8 = 0x81;
const FRAGMENT: u8 = 0x01;
const LAST: u8 = 0x80;
const CLOSE: u8 = 0x88;
const PING: u8 = 0x89;
const PONG: u8 = 0x8a;

/// A frame as a client masks it, or as a server does not; with the shortest length.
fn frame(first: u8, masked: bool, length: usize) -> Vec<u8> {
    let mut frame = vec![first];
    let mask = if masked { 0x80 } else { 0 };
    match length {
        0..=125 => frame.push(mask | length as u8),
        126..=65_535 => {
            frame.push(mask | 126);
            frame.extend((length as u16).to_be_bytes());
        }
        _ => {
            frame.push(mask | 127);
            frame.extend((length as u64).to_be_bytes());
        }
    }
    frame.extend(std::iter::repeat(0x5a).take(length + if masked { 4 } else { 0 }));
    frame
}

fn hears(websocket: &mut WebSocket, direction: Direction, captured: &[u8], time: Time) -> Outcome {
    let mut outcome = Outcome::default();
    let number = (time / SECOND) as u32;
    websocket.octets(&Octets { direction, captured, missing: 0, time, frame: number }, &mut outcome);
    websocket.remember_place(number, number + 1000);
    outcome
}

fn names(outcome: &Outcome) -> String {
    outcome.steps.iter().map(Step::name).collect::<Vec<_>>().join(", ")
}

#[test]
fn frames_are_told_apart_however_they_are_cut() {
    for masked in [false, true] {
        let frames = [
            frame(TEXT, masked, 0),
            frame(TEXT, masked, 125),
            frame(PING, masked, 0),
            frame(FRAGMENT, masked, 126),
            frame(PONG, masked, 3),
            frame(LAST, masked, 300),
            frame(PING, masked, 4),
            frame(CLOSE, masked, 2),
        ];
        let octets = frames.concat();
        let expected = "WebSocket Data, WebSocket Ping, WebSocket Data, WebSocket Pong, WebSocket Data, \
                        WebSocket Ping, WebSocket Close";
        assert_eq!(names(&hears(&mut WebSocket::new(None, false), Forth, &octets, SECOND)), expected);
        for size in 1..octets.len() {
            let mut websocket = WebSocket::new(None, false);
            let mut steps: Vec<Step> = Vec::new();
            for piece in octets.chunks(size) {
                steps.extend(hears(&mut websocket, Forth, piece, SECOND).steps.iter());
            }
            steps.dedup();
            let cut: Vec<&str> = steps.iter().map(|step| step.name()).collect();
            assert_eq!(cut.join(", "), expected, "{size}");
        }
    }
}

#[test]
fn lengths_of_all_three_sizes_are_counted() {
    for length in [0, 1, 125, 126, 127, 65_535, 65_536, 100_000] {
        for masked in [false, true] {
            let mut websocket = WebSocket::new(None, false);
            let octets = [frame(TEXT, masked, length), frame(PING, masked, 0)].concat();
            assert_eq!(names(&hears(&mut websocket, Back, &octets, 0)), "WebSocket Data, WebSocket Ping", "{length}");
        }
    }
}

#[test]
fn k11_a_pong_answers_the_latest_ping_and_settles_all() {
    let mut websocket = WebSocket::new(None, false);
    hears(&mut websocket, Forth, &frame(TEXT, true, 5), SECOND);
    let first = hears(&mut websocket, Back, &frame(PING, false, 0), 11 * SECOND);
    assert!(first.is_keep_alive());
    assert_eq!(first.heartbeat.and_then(|facts| facts.idle), Some(10 * SECOND));
    let second = hears(&mut websocket, Back, &frame(PING, false, 0), 21 * SECOND);
    assert_eq!(second.heartbeat.and_then(|facts| facts.number), Some(2));
    let pong = hears(&mut websocket, Forth, &frame(PONG, true, 0), 22 * SECOND);
    let facts = pong.heartbeat.expect("a heartbeat");
    assert!(pong.is_keep_alive());
    assert_eq!((facts.kind, facts.probe_frame, facts.probe_place), (HeartbeatKind::Answer, Some(21), Some(1021)));
    let third = hears(&mut websocket, Back, &frame(PING, false, 0), 31 * SECOND);
    assert_eq!(third.heartbeat.and_then(|facts| facts.number), Some(1));
}

#[test]
fn k11_an_unsolicited_pong_is_a_heartbeat_one_way() {
    let outcome = hears(&mut WebSocket::new(None, false), Forth, &frame(PONG, true, 0), SECOND);
    let facts = outcome.heartbeat.expect("a heartbeat");
    assert!(outcome.is_keep_alive());
    assert_eq!((facts.kind, facts.number, facts.probe_frame), (HeartbeatKind::OneWay, None, None));
}

#[test]
fn k11_a_segment_with_data_too_is_data() {
    let mut websocket = WebSocket::new(None, false);
    let octets = [frame(PING, true, 0), frame(TEXT, true, 1)].concat();
    assert!(!hears(&mut websocket, Forth, &octets, SECOND).is_keep_alive());
    assert!(!hears(&mut websocket, Forth, &frame(CLOSE, true, 2), SECOND).is_keep_alive());
    assert!(hears(&mut websocket, Forth, &frame(PING, true, 5)[..1], SECOND).is_keep_alive());
    assert!(hears(&mut websocket, Forth, &frame(PING, true, 5)[1..8], SECOND).is_keep_alive());
    assert!(hears(&mut websocket, Forth, &frame(PING, true, 5)[8..], SECOND).is_keep_alive());
}

#[test]
fn g2_a_hole_in_a_frame_is_counted_and_one_beyond_it_is_not_guessed() {
    let mut websocket = WebSocket::new(None, false);
    let octets = frame(TEXT, false, 1000);
    hears(&mut websocket, Back, &octets[..104], SECOND);
    websocket.gap(Back, Some(900));
    assert_eq!(names(&hears(&mut websocket, Back, &frame(PING, false, 0), SECOND)), "WebSocket Ping");
    let mut outcome = Outcome::default();
    let cut = Octets { direction: Back, captured: &octets[..4], missing: 1000, time: 0, frame: 1 };
    websocket.octets(&cut, &mut outcome);
    assert_eq!(names(&hears(&mut websocket, Back, &frame(PING, false, 0), SECOND)), "WebSocket Ping");
    websocket.gap(Back, None);
    let lost = hears(&mut websocket, Back, &frame(PING, false, 0), SECOND);
    assert_eq!((names(&lost), lost.after_gap), (String::from("Data"), true));
}

#[test]
fn arbitrary_octets_do_not_panic() {
    let mut state = 0x1234_5678_9abc_def1u64;
    for _ in 0..3000 {
        let mut websocket = WebSocket::new(None, false);
        for _ in 0..20 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let octets = state.to_be_bytes();
            let direction = if state & 1 == 0 { Forth } else { Back };
            hears(&mut websocket, direction, &octets[..1 + (state >> 61) as usize], SECOND);
            if state % 31 == 0 {
                websocket.gap(direction, Some((state >> 40) as u32));
            }
        }
    }
}

/// What a side of a connection with this client says of one segment.
fn says(direction: Direction, extended: bool, octets: &[u8]) -> String {
    names(&hears(&mut WebSocket::new(Some(Forth), extended), direction, octets, 0))
}

#[test]
fn headers_that_the_rfc_rules_out_are_none() {
    let masked = |first, length| frame(first, true, length);
    // 5.1: a client masks, a server does not.
    assert_eq!(says(Forth, false, &masked(TEXT, 5)), "WebSocket Data");
    assert_eq!(says(Back, false, &masked(TEXT, 5)), "Data");
    assert_eq!(says(Forth, false, &frame(TEXT, false, 5)), "Data");
    // 5.2: reserved bits and opcodes are an extension's, of data frames.
    for first in [TEXT | 0x40, TEXT | 0x10, 0x83, 0x87] {
        assert_eq!(says(Forth, false, &masked(first, 5)), "Data", "{first:x}");
        assert_eq!(says(Forth, true, &masked(first, 5)), "WebSocket Data", "{first:x}");
    }
    assert_eq!(says(Forth, true, &masked(PING | 0x40, 5)), "Data");
    assert_eq!(says(Forth, false, &masked(0x8b, 0)), "Data");
    // 5.5: control frames are whole and short.
    assert_eq!(says(Forth, false, &masked(0x09, 4)), "Data");
    assert_eq!(says(Forth, false, &masked(PING, 126)), "Data");
    assert_eq!(says(Forth, false, &masked(PING, 125)), "WebSocket Ping");
    // 5.2: the shortest form of a length.
    assert_eq!(says(Back, false, &[TEXT, 126, 0, 125, 0]), "Data");
    assert_eq!(says(Back, false, &[TEXT, 126, 0, 126, 0]), "WebSocket Data");
    assert_eq!(says(Back, false, &[TEXT, 127, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0]), "Data");
    assert_eq!(says(Back, false, &[TEXT, 127, 0x80, 0, 0, 0, 0, 1, 0, 0, 0]), "Data");
    assert_eq!(says(Back, false, &[TEXT, 127, 0, 0, 0, 0, 0, 1, 0, 0, 0]), "WebSocket Data");
}

#[test]
fn text_in_place_of_frames_loses_that_side_alone() {
    let mut websocket = WebSocket::new(Some(Forth), false);
    let outcome = hears(&mut websocket, Back, b"HTTP is not framed", 0);
    assert_eq!((names(&outcome).as_str(), outcome.after_gap), ("Data", false));
    assert_eq!(names(&hears(&mut websocket, Back, &frame(PING, false, 0), SECOND)), "Data", "lost");
    assert_eq!(names(&hears(&mut websocket, Forth, &frame(PING, true, 0), SECOND)), "WebSocket Ping");
    // Octet by octet likewise, from the one on that decides.
    let mut websocket = WebSocket::new(Some(Forth), false);
    let told: Vec<String> =
        (0..4).map(|at| names(&hears(&mut websocket, Forth, &[PING, 4, 1, 2][at..=at], 0))).collect();
    assert_eq!(told, ["WebSocket Ping", "Data", "Data", "Data"]);
}

#[test]
fn k11_each_ping_of_a_segment_counts() {
    let mut websocket = WebSocket::new(Some(Forth), false);
    let pings = hears(&mut websocket, Forth, &[frame(PING, true, 0), frame(PING, true, 0)].concat(), SECOND);
    assert_eq!((pings.heartbeat_probes, pings.heartbeat.and_then(|ping| ping.number)), (2, Some(2)));
    // Each may have its own answer; a third one answers nothing.
    let pongs = vec![frame(PONG, false, 0); 3].concat();
    let found = hears(&mut websocket, Back, &pongs, 2 * SECOND);
    assert_eq!((found.heartbeat_answers, found.heartbeat_probes), (2, 1));
    assert_eq!(found.heartbeat.map(|pong| pong.kind), Some(HeartbeatKind::OneWay));
    // One answers them all.
    let pings = vec![frame(PING, true, 0); 3].concat();
    hears(&mut websocket, Forth, &pings, 3 * SECOND);
    let pong = hears(&mut websocket, Back, &frame(PONG, false, 0), 4 * SECOND);
    assert_eq!((pong.heartbeat_answers, pong.heartbeat.map(|pong| pong.passed_over)), (1, Some(2)));
}
