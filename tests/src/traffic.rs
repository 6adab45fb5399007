//! Segments at random: conversations with all that goes wrong with them, and scripts that are no longer as written.
//!
//! Every sequence is the same at every run. A property is a function over a sequence; [`holds`] tries it on many, and
//! of one that breaks it tells only the segments that matter, in the notation of [`crate::script`].

mod generator;
mod mutation;
mod packet;
mod playing;

pub use generator::random;
pub use mutation::{mutate, of_case};
pub use packet::Packet;
pub use playing::{play, Addresses, Playing, Said, View, FRAMES_APART};

use crate::random::Random;
use crate::script::{cases, Case};
use std::panic::{catch_unwind, AssertUnwindSafe};

const MICROSECOND: i64 = 1_000;
const SECOND: i64 = 1_000_000_000;

/// What a property says of a sequence.
pub type Property = fn(&[Packet]) -> Result<(), String>;

/// How many sequences of each sort are tried; `SEQUENCES=N` tries others.
fn sequences() -> u64 {
    let wanted = std::env::var("SEQUENCES").ok().and_then(|text| text.parse().ok());
    wanted.unwrap_or(300)
}

/// Tries a property on random sequences and on mutated scripts.
///
/// # Panics
///
/// When it does not hold, with the segments that show it.
pub fn holds(scripts: &[&str], property: Property) {
    for seed in 0..sequences() {
        let packets = random(seed, 20 + (seed as usize * 7) % 200);
        judge(&format!("random sequence {seed}"), packets, property);
    }
    let cases: Vec<Case> = scripts.iter().flat_map(|text| cases(text).unwrap()).collect();
    for case in &cases {
        judge(&case.heading, of_case(case), property);
    }
    let mut random = Random::new(1);
    for round in 0..sequences() * 5 {
        let case = &cases[random.below(cases.len() as u64) as usize];
        let mut packets = of_case(case);
        mutate(&mut packets, &mut random);
        judge(
            &format!("{}, mutated in round {round}", case.heading),
            packets,
            property,
        );
    }
}

fn judge(what: &str, packets: Vec<Packet>, property: Property) {
    if let Err(fault) = outcome(&packets, property) {
        let (packets, fault) = shortest(packets, fault, property);
        let lines: Vec<String> = packets.iter().map(|packet| format!("  {packet}")).collect();
        panic!("{what}: {fault}\nshown by\n{}", lines.join("\n"));
    }
}

fn outcome(packets: &[Packet], property: Property) -> Result<(), String> {
    let outcome = catch_unwind(AssertUnwindSafe(|| property(packets)));
    outcome.unwrap_or_else(|_| Err("a panic".to_string()))
}

/// Leaves out segments as long as the property stays broken.
fn shortest(mut packets: Vec<Packet>, mut fault: String, property: Property) -> (Vec<Packet>, String) {
    let mut piece = packets.len();
    while piece > 0 {
        let mut place = 0;
        while place < packets.len() {
            let mut fewer = packets.clone();
            fewer.drain(place..(place + piece).min(packets.len()));
            match outcome(&fewer, property) {
                Err(told) => {
                    packets = fewer;
                    fault = told;
                }
                Ok(()) => place += piece,
            }
        }
        piece /= 2;
    }
    (packets, fault)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::segment::{ACK, FIN};

    #[test]
    fn the_same_seed_gives_the_same_segments() {
        let told = |seed| random(seed, 100).iter().map(Packet::to_string).collect::<Vec<_>>();
        assert_eq!(told(3), told(3));
        assert_ne!(told(3), told(4));
    }

    #[test]
    fn a_sequence_shows_only_what_matters() {
        let property: Property = |packets| match packets.iter().filter(|packet| packet.has(FIN | ACK)).count() {
            count if count > 1 => Err("two".to_string()),
            _ => Ok(()),
        };
        let packets: Vec<Packet> = (0..3).flat_map(|seed| random(seed, 200)).collect();
        let (packets, fault) = shortest(packets, String::new(), property);
        assert_eq!((packets.len(), fault.as_str()), (2, "two"));
    }
}
