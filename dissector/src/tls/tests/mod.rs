//! Conversations: every one is also told split at each offset, octet by octet, and cut off after each octet.

pub mod build;
mod closing;
mod data;
mod flights;
mod fuzz;
mod lost;
mod plaintext;
mod plaintext_cut;
mod recognition;
mod rules;
mod rules13;
mod table;

use super::{Findings, Octets, Outcome, Tls};
use crate::connection::Direction::{self, Back, Forth};
use crate::verdict::{Steps, Time};

/// What one side sends in one segment.
#[derive(Clone, Debug)]
pub struct Turn {
    direction: Direction,
    octets: Vec<u8>,
    end: Option<End>,
    /// It does not acknowledge the one before.
    crosses: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Fin,
    Reset,
}

impl Turn {
    /// It does not acknowledge the one before.
    fn crossing(mut self) -> Turn {
        self.crosses = true;
        self
    }

    /// The segment has FIN too.
    fn fin(mut self) -> Turn {
        self.end = Some(End::Fin);
        self
    }
}

/// The client's octets.
fn client(parts: &[Vec<u8>]) -> Turn {
    Turn { direction: Forth, octets: parts.concat(), end: None, crosses: false }
}

/// The server's octets.
fn server(parts: &[Vec<u8>]) -> Turn {
    Turn { direction: Back, octets: parts.concat(), end: None, crosses: false }
}

/// An RST.
fn reset(direction: Direction) -> Turn {
    Turn { direction, octets: Vec::new(), end: Some(End::Reset), crosses: false }
}

/// Turns are this far apart.
const PAUSE: Time = 1_000_000;

/// Tells a turn, cut before these offsets, and what its parts say together.
fn tell(tls: &mut Tls, turn: &Turn, time: Time, cuts: &[usize]) -> Findings {
    let mut together = Findings::default();
    tls.progress.acknowledges_all = !turn.crosses;
    let mut from = 0;
    let ends: Vec<usize> = cuts.iter().copied().filter(|&at| at > 0 && at < turn.octets.len()).collect();
    for to in ends.into_iter().chain([turn.octets.len()]) {
        let last = to == turn.octets.len();
        let mut outcome = Outcome::default();
        let captured = &turn.octets[from..to];
        let before_fin = last && turn.end == Some(End::Fin);
        tls.octets(&Octets { direction: turn.direction, captured, missing: 0, time, before_fin }, &mut outcome);
        if let (true, Some(end)) = (last, turn.end) {
            tls.ends(turn.direction, end == End::Reset, time, &mut outcome);
        }
        join(&mut together, &outcome.findings);
        from = to;
    }
    together
}

fn join(together: &mut Findings, part: &Findings) {
    for step in part.steps.iter() {
        together.steps.push(step);
    }
    together.contents.insert(part.contents);
    together.inferred |= part.inferred;
    together.handshake |= part.handshake;
    (0..2).for_each(|kind| together.heartbeats[kind] += part.heartbeats[kind]);
    together.after_gap |= part.after_gap;
    together.not_tls |= part.not_tls;
    together.complete |= part.complete;
    together.truncated |= part.truncated;
    together.version = part.version;
    together.resumed = part.resumed;
    together.time = together.time.or(part.time);
    together.failure = together.failure.or(part.failure);
    together.rejected = together.rejected.or(part.rejected);
    together.heartbeat = part.heartbeat.or(together.heartbeat);
}

/// Findings in words: steps, `?` if inferred, and what is special.
fn words(findings: &Findings) -> String {
    let names: Vec<&str> = findings.steps.iter().map(|step| step.name()).collect();
    let mut words = names.join(", ");
    let mut add = |holds: bool, word: &str| {
        if holds {
            words += word;
        }
    };
    add(findings.inferred, " ?");
    add(findings.handshake, " [handshake]");
    add(findings.complete, " [complete]");
    add(findings.failure.is_some(), " [failed]");
    add(findings.rejected.is_some(), " [rejected]");
    add(findings.truncated, " [truncated]");
    add(findings.not_tls, " [not TLS]");
    add(findings.after_gap, " [lost]");
    words
}

/// Tells a conversation whole.
fn talk_whole(turns: &[Turn]) -> (Tls, Vec<Findings>) {
    let mut tls = Tls::new();
    let mut found = Vec::new();
    for (at, turn) in turns.iter().enumerate() {
        found.push(tell(&mut tls, turn, at as Time * PAUSE, &[]));
    }
    (tls, found)
}

/// Tells a conversation whole, and in every other way that must not make a difference.
#[track_caller]
fn talk(turns: &[Turn]) -> (Tls, Vec<Findings>) {
    let (tls, whole) = talk_whole(turns);
    let whole_words: Vec<String> = whole.iter().map(words).collect();
    let same = |found: Vec<Findings>, tls_now: &Tls, how: &str| {
        let found_words: Vec<String> = found.iter().map(words).collect();
        assert_eq!(found_words, whole_words, "{how}");
        assert_eq!(tls_now.is_handshaking(), tls.is_handshaking(), "{how}");
        for (part, whole) in found.iter().zip(&whole) {
            assert_eq!((part.time, part.failure, part.version), (whole.time, whole.failure, whole.version), "{how}");
            assert_eq!((part.resumed, part.heartbeat), (whole.resumed, whole.heartbeat), "{how}");
        }
    };
    for (split, turn) in turns.iter().enumerate() {
        for offset in 1..turn.octets.len() {
            let (tls, found) = talk_cut(turns, |at| if at == split { vec![offset] } else { Vec::new() });
            same(found, &tls, &format!("turn {split} split at {offset}"));
        }
    }
    let (tls_now, found) = talk_cut(turns, |at| (1..turns[at].octets.len()).collect());
    same(found, &tls_now, "octet by octet");
    talk_prefixes(turns);
    (tls, whole)
}

fn talk_cut(turns: &[Turn], cuts: impl Fn(usize) -> Vec<usize>) -> (Tls, Vec<Findings>) {
    let mut tls = Tls::new();
    let found = turns.iter().enumerate().map(|(at, turn)| tell(&mut tls, turn, at as Time * PAUSE, &cuts(at)));
    let found = found.collect();
    (tls, found)
}

/// Whatever the capture ends with, or begins with, nothing panics and nothing is both complete and failed.
fn talk_prefixes(turns: &[Turn]) {
    for (last, turn) in turns.iter().enumerate() {
        for length in 0..turn.octets.len() {
            let mut short = turns[..=last].to_vec();
            short[last].octets.truncate(length);
            short[last].end = Some(if length % 2 == 0 { End::Fin } else { End::Reset });
            assert_never_both(&talk_whole(&short).1);
            let mut tls = Tls::midway();
            for (at, turn) in turns.iter().enumerate().skip(last) {
                let from = if at == last { length } else { 0 };
                let late = Turn { octets: turn.octets[from..].to_vec(), ..turn.clone() };
                tell(&mut tls, &late, at as Time * PAUSE, &[]);
            }
        }
    }
}

#[track_caller]
fn assert_never_both(found: &[Findings]) {
    let complete = found.iter().rposition(|findings| findings.complete);
    let failed = found.iter().position(|findings| findings.failure.is_some());
    if let (Some(complete), Some(failed)) = (complete, failed) {
        assert!(complete < failed, "complete after failure");
    }
}

/// Tells a conversation in every way, and compares each turn's words.
#[track_caller]
fn expect(rows: &[(Turn, &str)]) -> (Tls, Vec<Findings>) {
    let turns: Vec<Turn> = rows.iter().map(|(turn, _)| turn.clone()).collect();
    let (tls, found) = talk(&turns);
    let told: Vec<String> = found.iter().map(words).collect();
    let expected: Vec<&str> = rows.iter().map(|(_, words)| *words).collect();
    assert_eq!(told, expected);
    (tls, found)
}
