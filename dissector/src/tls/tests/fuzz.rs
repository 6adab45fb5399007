//! Damaged conversations: nothing panics, nothing grows.

use super::build::*;
use super::*;
use crate::tls::outcome::Contents;
use crate::tls::{ContentType, Plaintext};
use std::mem::size_of;

/// Xorshift (Marsaglia 2003), so that every run is the same.
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    pub fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound.max(1) as u64) as usize
    }

    fn octets(&mut self, most: usize) -> Vec<u8> {
        (0..self.below(most)).map(|_| self.next() as u8).collect()
    }
}

fn conversations() -> Vec<Vec<Turn>> {
    let hello = || client(&[client_hello(&[early_data(), alpn(&["h2"])]), sealed(53)]);
    vec![
        vec![
            client(&[client_hello(&[])]),
            server(&[server_flight()]),
            client(&[client_finish(), protected(23, 200)]),
            server(&[finish(), protected(22, 28), protected(24, 61)]),
            client(&[protected(22, 150), finish(), protected(21, 26)]).fin(),
            server(&[protected(21, 2)]).fin(),
        ],
        vec![
            hello(),
            server(&[hello_retry_request(), change_cipher_spec()]),
            hello(),
            server(&[server_flight_13(AES_128_GCM_SHA256, true)]),
            client(&[sealed(21), sealed(53), sealed(100)]),
            server(&[sealed(250), sealed(19)]).fin(),
            reset(Forth),
        ],
        vec![client(&[version_2_client_hello()]), server(&[alert(2, 40), b"HTTP/1.1 400".to_vec()])],
    ]
}

fn mutate(random: &mut Random, octets: &mut Vec<u8>) {
    for _ in 0..random.below(4) {
        let at = random.below(octets.len());
        match random.below(4) {
            0 if !octets.is_empty() => octets[at] = random.next() as u8,
            1 if !octets.is_empty() => octets[at] ^= 1 << random.below(8),
            2 => octets.truncate(at),
            _ => {
                let more = random.octets(30);
                octets.splice(at..at, more);
            }
        }
    }
}

/// Tells octets in random pieces, with random holes and random plaintext.
fn tell_randomly(random: &mut Random, tls: &mut Tls, turn: &Turn) -> Findings {
    let mut rest = &turn.octets[..];
    let mut together = Findings::default();
    while !rest.is_empty() {
        let (captured, after) = rest.split_at(1 + random.below(rest.len()));
        rest = after;
        let mut outcome = Outcome::default();
        let missing = if random.below(20) == 0 { random.below(3000) as u32 } else { 0 };
        let direction = if random.below(50) == 0 { turn.direction.reverse() } else { turn.direction };
        if random.below(30) == 0 {
            tls.gap(direction, [None, Some(random.below(500) as u32)][random.below(2)]);
        }
        let before_fin = random.below(10) == 0;
        let time = random.next() as Time;
        tls.octets(&Octets { direction, captured, missing, time, before_fin }, &mut outcome);
        let plain: Vec<(ContentType, Vec<u8>)> =
            (0..random.below(3)).map(|_| (ContentType(20 + random.below(5) as u8), random.octets(80))).collect();
        let records: Vec<Plaintext> =
            plain.iter().map(|(content, octets)| Plaintext { content: *content, octets }).collect();
        let mut findings = outcome.findings;
        if tls.is_sealed() {
            findings = tls.plaintext(direction, &records, &mut |_| Steps::default());
        }
        join(&mut together, &findings);
    }
    together
}

#[test]
fn damaged_conversations_do_no_harm() {
    let mut random = Random(0x0054_4c53_0013_0303);
    for round in 0..2000 {
        for turns in conversations() {
            let mut tls = if round % 5 == 0 { Tls::midway() } else { Tls::new() };
            for turn in &turns {
                let mut turn = turn.clone();
                mutate(&mut random, &mut turn.octets);
                tell_randomly(&mut random, &mut tls, &turn);
                if let Some(end) = turn.end {
                    let mut outcome = Outcome::default();
                    tls.ends(turn.direction, end == End::Reset, 0, &mut outcome);
                    assert!(!tls.is_handshaking() || outcome.findings.failure.is_none());
                }
            }
        }
    }
}

#[test]
fn random_octets_do_no_harm() {
    let mut random = Random(0x1357_9bdf_0246_8ace);
    for _ in 0..3000 {
        let mut tls = Tls::new();
        for direction in [Forth, Back, Forth, Back] {
            let octets = random.octets(600);
            tell_randomly(&mut random, &mut tls, &Turn { direction, octets, end: None, crosses: false });
        }
    }
}

#[test]
fn damaged_conversations_are_the_same_however_they_are_split() {
    let mut random = Random(0x2468_ace0_1357_9bdf);
    for _ in 0..1500 {
        for mut turns in conversations() {
            for turn in &mut turns {
                mutate(&mut random, &mut turn.octets);
                turn.end = None;
            }
            let (_, whole) = talk_whole(&turns);
            let cuts: Vec<usize> = (0..turns.len()).map(|at| random.below(turns[at].octets.len())).collect();
            let (_, cut) = talk_cut(&turns, |at| vec![cuts[at]]);
            // Where the place is lost, a header that is split is not looked for.
            if whole.iter().chain(&cut).all(|findings| !findings.contents.contains(Contents::UNREAD)) {
                let told = |found: &[Findings]| found.iter().map(words).collect::<Vec<String>>();
                assert_eq!(told(&whole), told(&cut));
            }
        }
    }
}

#[test]
fn what_is_kept_is_small() {
    assert!(size_of::<Tls>() <= 512, "{}", size_of::<Tls>());
    assert!(size_of::<Outcome>() <= 128, "{}", size_of::<Outcome>());
    assert!(size_of::<crate::tls::hello::Hello>() <= 96);
}
