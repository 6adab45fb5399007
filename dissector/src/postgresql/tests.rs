//! P1: PostgreSQL's messages however they are cut, and whose turn it is.

use super::parser::recognise;
use super::PostgreSql;
use crate::application::{Application, Octets, Outcome, Protocol, Recognition};
use crate::connection::Direction::{self, Back, Forth};
use crate::verdict::Step;

const SSL_REQUEST: &[u8] = b"\0\0\0\x08\x04\xd2\x16\x2f";
const GSSENC_REQUEST: &[u8] = b"\0\0\0\x08\x04\xd2\x16\x30";
const CANCEL: &[u8] = b"\0\0\0\x10\x04\xd2\x16\x2e\0\0\0\x01\0\0\0\x02";
const STARTUP: &[u8] = b"\0\0\0\x11\0\x03\0\0user\0me\0\0";
const BEGINS: &[u8] = b"R\0\0\0\x08\0\0\0\0K\0\0\0\x0c\0\0\0\x01\0\0\0\x02Z\0\0\0\x05I";
const QUERY: &[u8] = b"Q\0\0\0\x0dSELECT 1\0";
const READY: &[u8] = b"Z\0\0\0\x05I";

fn hears(postgresql: &mut PostgreSql, direction: Direction, captured: &[u8]) -> Outcome {
    let mut outcome = Outcome::default();
    postgresql.octets(&Octets { direction, captured, missing: 0, time: 0, frame: 1 }, &mut outcome);
    outcome
}

fn names(outcome: &Outcome) -> String {
    outcome.steps.iter().map(Step::name).collect::<Vec<_>>().join(", ")
}

#[test]
fn p1_a_startup_packet_is_recognised_from_its_code_on() {
    for packet in [SSL_REQUEST, GSSENC_REQUEST, CANCEL, STARTUP] {
        for length in 0..=packet.len() {
            let enough = if packet == STARTUP { 12 } else { 8 };
            let expected = if length < enough { Recognition::NeedMore } else { Recognition::Yes };
            assert_eq!(recognise(&packet[..length]), expected, "{length}");
        }
    }
    for other in [
        &b"\0\x01"[..],
        b"\0\0\0\x08\x04\xd2\x16\x31",
        b"\0\0\0\x09\x04\xd2\x16\x2f",
        b"\0\0\0\x08\0\x03\0\0",
        b"\0\0\0\x11\0\x02\0\0user",
        b"\0\0\0\x11\0\x03\0\0us\0r",
        b"\0\0\x40\x11\0\x03\0\0user",
        b"\0\0\x06\x04\0\0\0\0\0",
    ] {
        assert_eq!(recognise(other), Recognition::No, "{other:x?}");
    }
}

#[test]
fn p1_messages_are_told_apart_however_they_are_cut() {
    let expected = "PostgreSQL Authentication, PostgreSQL Messages, PostgreSQL Ready";
    for size in 1..=BEGINS.len() {
        let mut postgresql = PostgreSql::default();
        hears(&mut postgresql, Forth, STARTUP);
        let mut steps: Vec<Step> = Vec::new();
        BEGINS.chunks(size).for_each(|piece| steps.extend(hears(&mut postgresql, Back, piece).steps.iter()));
        steps.dedup();
        assert_eq!(steps.iter().map(|step| step.name()).collect::<Vec<_>>().join(", "), expected, "{size}");
    }
}

#[test]
fn t10_an_accepted_request_hands_over_to_tls() {
    for (size, before) in [(1, false), (8, false), (1, true), (8, true)] {
        let mut postgresql = PostgreSql::default();
        if before {
            GSSENC_REQUEST
                .chunks(size)
                .for_each(|piece| assert!(hears(&mut postgresql, Forth, piece).switch.is_none()));
            assert!(hears(&mut postgresql, Back, b"N").switch.is_none());
        }
        let told: Vec<Outcome> = SSL_REQUEST.chunks(size).map(|piece| hears(&mut postgresql, Forth, piece)).collect();
        assert!(told.last().map_or(false, |outcome| outcome.steps.contains(Step::StartTls)));
        let accepted = hears(&mut postgresql, Back, b"S\x16");
        let switch = accepted.switch.map(|switch| (switch.protocol, switch.offset));
        assert_eq!((names(&accepted).as_str(), switch), ("STARTTLS", Some((Protocol::Tls, 1))));
        assert_eq!(accepted.client, Some(Forth));
    }
}

#[test]
fn p1_the_client_waits_until_the_server_is_ready() {
    let mut postgresql = PostgreSql::default();
    hears(&mut postgresql, Forth, STARTUP);
    assert!(postgresql.is_waiting());
    hears(&mut postgresql, Back, b"R\0\0\0\x08\0\0\0\x03");
    assert!(!postgresql.is_waiting(), "it is asked for a password");
    hears(&mut postgresql, Forth, b"p\0\0\0\x06x\0");
    assert!(postgresql.is_waiting());
    hears(&mut postgresql, Back, BEGINS);
    assert!(!postgresql.is_waiting());
    hears(&mut postgresql, Forth, &[QUERY, QUERY].concat());
    hears(&mut postgresql, Back, b"1\0\0\0\x04");
    hears(&mut postgresql, Back, READY);
    assert!(postgresql.is_waiting());
    hears(&mut postgresql, Back, READY);
    assert!(!postgresql.is_waiting());
    assert_eq!(names(&hears(&mut postgresql, Forth, b"X\0\0\0\x04")), "PostgreSQL Terminate");
}

#[test]
fn p1_octets_that_cannot_be_messages_lose_their_side_alone() {
    for (direction, octets) in
        [(Forth, READY), (Forth, b"X\0\0\0\x05"), (Forth, b"Q\0\0\0\x03"), (Back, QUERY), (Back, b"Z\x40\0\0\0")]
    {
        let mut postgresql = PostgreSql::default();
        hears(&mut postgresql, Forth, STARTUP);
        hears(&mut postgresql, Back, BEGINS);
        assert!(names(&hears(&mut postgresql, direction, octets)).ends_with("Data"), "{octets:x?}");
        let other = if direction == Forth { READY } else { QUERY };
        assert_ne!(names(&hears(&mut postgresql, direction.reverse(), other)), "Data", "{octets:x?}");
    }
}

#[test]
fn arbitrary_octets_do_not_panic() {
    let mut state = 0x1234_5678_9abc_def1u64;
    for _ in 0..3000 {
        let mut postgresql = PostgreSql::default();
        hears(&mut postgresql, Forth, [STARTUP, SSL_REQUEST, CANCEL][(state >> 33) as usize % 3]);
        for _ in 0..20 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let octets = state.to_be_bytes();
            let direction = if state & 1 == 0 { Forth } else { Back };
            hears(&mut postgresql, direction, &octets[..1 + (state >> 61) as usize]);
            recognise(&octets);
            if state % 31 == 0 {
                postgresql.gap(direction, Some((state >> 40) as u32));
            }
        }
    }
}
