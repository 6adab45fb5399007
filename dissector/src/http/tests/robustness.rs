//! No octets cause a panic or make it grow.

use super::{parse, Caller, What};
use crate::application::Application;
use crate::connection::Direction;
use crate::http::line::LINE_MAXIMUM;
use crate::http::request::OUTSTANDING_MAXIMUM;
use crate::http::side::Place;
use crate::verdict::SECOND;

/// A generator of numbers that are always the same (xorshift, Marsaglia 2003).
pub struct Numbers(pub u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound.max(1) as u64) as usize
    }
}

const SEEDS: [&str; 4] = [
    ">>> GET / HTTP/1.1~Host: a~Connection: keep-alive, Upgrade~Upgrade: h2c~~
     <<< HTTP/1.1 100 Continue~~HTTP/1.1 200 OK~Content-Length: 5, 5~~hello
     >>> POST / HTTP/1.1~Transfer-Encoding: gzip,~ chunked~~5;x=y~hello~0~A: b~~GET / HTTP/1.0~~
     <<< HTTP/1.1 204 No~~HTTP/1.0 200 OK~~rest",
    ">>> CONNECT a:1 HTTP/1.1~~
     <<< HTTP/1.1 407 No~Content-Length: 3~~abc
     >>> CONNECT a:1 HTTP/1.1~~
     <<< HTTP/1.1 200 OK~~abc",
    ">>> HEAD / HTTP/1.1~~GET / HTTP/1.1~~GET / HTTP/1.1~~
     <<< HTTP/1.1 200 OK~Content-Length: 99999999999999999999~~HTTP/1.1 200 OK~Transfer-Encoding: chunked~~
     <<< fffffffffffffffff~x
     <<< ffffffffffffffff~x",
    "<<< HTTP/1.1 200 OK~Content-Length: 18446744073709551615~~x
     >>> PUT / HTTP/1.1~Content-Length: 10~~0123456789PUT / HTTP/1.1~Content-Length: 10~Content-Length: 11~~",
];

const FRAGMENTS: [&str; 8] =
    ["\r\n", "\r\n\r\n", "HTTP/1.1 ", "GET ", "Content-Length:", "Transfer-Encoding: chunked\r\n", "\n ", "0\r\n\r\n"];

fn mutate(octets: &mut Vec<u8>, numbers: &mut Numbers) {
    for _ in 0..numbers.below(4) {
        let at = numbers.below(octets.len() + 1);
        match numbers.below(5) {
            0 => octets.insert(at, numbers.next() as u8),
            1 => octets.truncate(at),
            2 => drop(octets.splice(at..at, FRAGMENTS[numbers.below(FRAGMENTS.len())].bytes())),
            3 if at < octets.len() => octets[at] = numbers.next() as u8,
            _ => {
                let end = (at + numbers.below(20)).min(octets.len());
                octets.drain(at..end);
            }
        }
    }
}

fn is_bounded(caller: &Caller) {
    assert!(caller.http.outstanding.iter().count() <= OUTSTANDING_MAXIMUM);
    assert!(caller.http.sides.iter().all(|side| side.line.partial().len() <= LINE_MAXIMUM));
}

#[test]
fn mutated_conversations_do_not_panic() {
    let mut numbers = Numbers(0x5eed_477b);
    for round in 0..20_000u32 {
        let mut caller = Caller { recognised: round % 2 == 0, ..Caller::default() };
        for event in parse(SEEDS[numbers.below(SEEDS.len())]) {
            let mut octets = match event.what {
                What::Octets(octets, _) => octets,
                _ => Vec::new(),
            };
            mutate(&mut octets, &mut numbers);
            let size = 1 + numbers.below(octets.len() + 1);
            for piece in octets.chunks(size) {
                let missing = if numbers.below(20) == 0 { numbers.below(40) as u32 } else { 0 };
                caller.hears(event.from, piece, missing, i64::from(round), round);
                if numbers.below(30) == 0 {
                    caller.http.gap(event.from, Some(numbers.below(30) as u32).filter(|length| *length > 3));
                }
            }
            let from = if numbers.below(2) == 0 { Direction::Forth } else { Direction::Back };
            if numbers.below(30) == 0 {
                caller.http.ends(from, numbers.below(2) == 0, 0, &mut Default::default());
            }
            let _ = caller.http.race(from, Some(SECOND));
            is_bounded(&caller);
        }
    }
}

fn is_lost(caller: &Caller) -> bool {
    caller.http.sides.iter().any(|side| matches!(side.place, Place::Lost(_) | Place::Suspended { skipped: true }))
}

/// Whether octets hold more status lines than requests are waiting.
fn answers_unseen(caller: &Caller, octets: &[u8]) -> bool {
    let lines = octets.split(|&octet| octet == b'\n').filter(|line| line.starts_with(b"HTTP/")).count();
    lines > caller.http.outstanding.iter().count()
}

#[test]
fn g7_mutated_conversations_end_the_same_however_they_are_cut() {
    let mut numbers = Numbers(0x5eed_6007);
    let mut compared = 0;
    for _ in 0..8_000u32 {
        let (mut whole, mut cut) = (Caller::default(), Caller::default());
        for event in parse(SEEDS[numbers.below(SEEDS.len())]) {
            let mut octets = match event.what {
                What::Octets(octets, _) => octets,
                _ => Vec::new(),
            };
            mutate(&mut octets, &mut numbers);
            // A status line in place of a body has to be whole.
            if answers_unseen(&whole, &octets) {
                break;
            }
            let outcome = whole.hears(event.from, &octets, 0, 0, 1);
            // What is lost is found at the beginning of a segment only.
            if !whole.recognised || is_lost(&whole) || outcome.switch.is_some() {
                break;
            }
            for octet in octets.chunks(1) {
                cut.hears(event.from, octet, 0, 0, 1);
            }
            assert_eq!(cut.state(), whole.state(), "{}", String::from_utf8_lossy(&octets));
            compared += 1;
        }
    }
    assert!(compared > 5_000, "{compared}");
}

#[test]
fn endless_heads_and_requests_do_not_grow() {
    let mut caller = Caller { recognised: true, ..Caller::default() };
    for frame in 0..2000 {
        caller.hears(Direction::Forth, &[b'x'; 1460], 0, 0, frame);
        is_bounded(&caller);
    }
    let mut caller = Caller::default();
    caller.hears(Direction::Forth, b"GET / HTTP/1.1\r\n", 0, 0, 1);
    for frame in 0..2000 {
        caller.hears(Direction::Forth, &[b'x'; 1460], 0, 0, frame);
        is_bounded(&caller);
    }
    let mut caller = Caller::default();
    for frame in 0..2000 {
        caller.hears(Direction::Forth, b"GET / HTTP/1.1\r\n\r\n", 0, 0, frame);
        is_bounded(&caller);
    }
    assert_eq!(caller.http.messages(), Some(2000));
}
