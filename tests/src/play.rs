//! Plays cases to the classifier in many disguises, and compares.

mod comparison;
mod player;

use crate::script::{cases, Case};
use player::Player;
use tcpphase::verdict::Verdict;
use tcpphase::Classifier;

/// What must not make a difference.
#[derive(Clone, Copy, Debug)]
pub struct Disguise {
    /// Initial sequence number of A.
    pub isn_a: u32,
    /// Initial sequence number of B.
    pub isn_b: u32,
    /// Addresses and ports.
    pub addresses: Addresses,
    /// Number of the first frame.
    pub first_frame: u32,
}

/// Who lives where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Addresses {
    /// A has the lower IPv4 address and the higher port.
    Ipv4,
    /// A has the higher IPv4 address and the lower port.
    Ipv4Swapped,
    /// Both have the same address.
    Loopback,
    /// A has the lower IPv6 address.
    Ipv6,
    /// A has the higher IPv6 address.
    Ipv6Swapped,
}

impl Addresses {
    fn of_a_and_b(self) -> [Vec<u8>; 2] {
        let ipv6 = |last: u8| {
            let mut address = vec![0x20, 0x01, 0x0d, 0xb8];
            address.resize(15, 0);
            address.push(last);
            address
        };
        match self {
            Addresses::Ipv4 => [vec![192, 0, 2, 1], vec![198, 51, 100, 2]],
            Addresses::Ipv4Swapped => [vec![203, 0, 113, 9], vec![198, 51, 100, 2]],
            Addresses::Loopback => [vec![127, 0, 0, 1], vec![127, 0, 0, 1]],
            Addresses::Ipv6 => [ipv6(1), ipv6(2)],
            Addresses::Ipv6Swapped => [ipv6(2), ipv6(1)],
        }
    }

    fn ports_of_a_and_b(self, flow: u16) -> [u16; 2] {
        match self {
            Addresses::Ipv4Swapped | Addresses::Ipv6Swapped => [443, 50000 + flow],
            _ => [40000 + flow, 443],
        }
    }

    fn is_ipv4(self) -> bool {
        !matches!(self, Addresses::Ipv6 | Addresses::Ipv6Swapped)
    }
}

/// Every disguise: sequence numbers that cross 2^32 at once, after a few octets, and not at all.
pub fn disguises() -> Vec<Disguise> {
    let plain = 0x1000_0000;
    let numbers = [
        (plain, 0x2000_0000),
        (u32::MAX, plain),
        (plain, u32::MAX),
        (u32::MAX, u32::MAX),
        (u32::MAX - 1, u32::MAX - 2),
        (u32::MAX - 50, plain),
        (plain, u32::MAX - 50),
        (u32::MAX - 120, u32::MAX - 150),
        (0, 0x7fff_fff0),
        (0x7fff_ffff, 0x8000_0000),
    ];
    let addresses = [
        Addresses::Ipv4,
        Addresses::Ipv4Swapped,
        Addresses::Loopback,
        Addresses::Ipv6,
        Addresses::Ipv6Swapped,
    ];
    let mut disguises = Vec::new();
    for addresses in addresses {
        for (isn_a, isn_b) in numbers {
            let first_frame = if isn_a == plain { 1 } else { 1_000_001 };
            disguises.push(Disguise {
                isn_a,
                isn_b,
                addresses,
                first_frame,
            });
        }
    }
    disguises
}

/// Plays every case of a script in every disguise. What differs is told, once for each case.
pub fn script(text: &str) -> Result<(), String> {
    let wanted = std::env::var("CASE").unwrap_or_default();
    let cases = cases(text)?;
    let mut faults = Vec::new();
    let played = cases.iter().filter(|case| case.heading.contains(&wanted));
    for case in played.clone() {
        let disguises = disguises().into_iter();
        let disguises: Vec<_> = disguises
            .filter(|disguise| disguise.addresses.is_ipv4() || !case.heading.contains("(IPv4)"))
            .collect();
        let told: Vec<_> = disguises
            .iter()
            .filter_map(|&disguise| play(case, disguise).err())
            .collect();
        if let Some(first) = told.first() {
            let often = format!("in {} of {} disguises", told.len(), disguises.len());
            faults.push(format!("== {} (line {}), {often}\n{first}", case.heading, case.line));
        }
    }
    match faults.len() {
        0 => Ok(()),
        count => Err(format!(
            "{count} of {} cases:\n\n{}",
            played.count(),
            faults.join("\n\n")
        )),
    }
}

/// Plays one case in one disguise. All the faults of the case are told.
pub fn play(case: &Case, disguise: Disguise) -> Result<(), String> {
    let mut player = Player::new(disguise);
    for item in &case.items {
        player.item(item);
    }
    player.hindsight();
    if player.faults.is_empty() {
        return Ok(());
    }
    Err(format!("{}\n  disguise: {disguise:x?}", player.faults.join("\n")))
}

/// Plays every case of a script as it stands, whatever it expects: gives `told` the heading, the classifier, and for each
/// segment its line and what was said when it came.
pub fn follow(text: &str, mut told: impl FnMut(&str, &Classifier, &[(usize, Option<Verdict>)])) {
    for case in cases(text).unwrap_or_default() {
        let mut player = Player::new(disguises()[0]);
        case.items.iter().for_each(|item| player.item(item));
        told(&case.heading, player.classifier(), &player.verdicts());
    }
}

/// A verdict as at the first visit.
pub fn without_hindsight(verdict: &Verdict) -> Verdict {
    let mut verdict = verdict.clone();
    if verdict.has_facts() {
        verdict.facts_mut().keep_alive.answer_frame = None;
        verdict.facts_mut().http.response_frame = None;
    }
    verdict
}
