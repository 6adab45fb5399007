//! Mirrored copies of segments, as a monitoring port that sees a packet twice delivers them.

use crate::connection::Arrival;
use crate::history::Place;
use crate::tcp::parser::HEADER_LENGTH;
use crate::verdict::{Duration, Time};

/// Segments remembered at a time, over all connections.
const REMEMBERED: usize = 512;
/// A copy with the same IP identification comes within this time.
const WITH_IDENTIFICATION: Duration = 1_000_000;
/// Without one, only the same octets within this time are a copy.
const WITHOUT_IDENTIFICATION: Duration = 100_000;

#[derive(Clone, Copy, Debug)]
struct Entry {
    fingerprint: u64,
    time: Time,
    place: Place,
}

/// The segments seen last.
#[derive(Debug)]
pub struct Mirror {
    entries: Vec<Option<Entry>>,
}

impl Default for Mirror {
    fn default() -> Mirror {
        Mirror { entries: vec![None; REMEMBERED] }
    }
}

/// What makes two segments the same, as one number, and for how long.
#[derive(Clone, Copy, Debug)]
pub struct Fingerprint {
    value: u64,
    within: Duration,
}

impl Fingerprint {
    /// Of a segment of a connection. `octets` are those of the TCP header and payload.
    pub fn new(connection: u32, arrival: &Arrival, identification: Option<u16>, octets: &[u8]) -> Fingerprint {
        let segment = &arrival.segment;
        let mut value = mix(u64::from(connection) << 1 | arrival.direction as u64);
        value = mix(value ^ (u64::from(segment.sequence.0) << 32 | u64::from(segment.acknowledgement.0)));
        value = mix(value ^ (u64::from(segment.payload_length) << 16 | u64::from(segment.flags.0)));
        match identification {
            // Many hosts leave it 0 in all packets.
            Some(identification) if identification != 0 => {
                Fingerprint { value: mix(value ^ u64::from(identification) << 40), within: WITH_IDENTIFICATION }
            }
            _ => {
                let header = &octets[..octets.len().min(HEADER_LENGTH + segment.options.len())];
                for octets in header.chunks(8) {
                    let word = octets.iter().fold(0, |word, &octet| word << 8 | u64::from(octet));
                    value = mix(value ^ word);
                }
                Fingerprint { value, within: WITHOUT_IDENTIFICATION }
            }
        }
    }
}

/// Spreads every bit over all others.
fn mix(value: u64) -> u64 {
    let product = value.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    product ^ (product >> 29)
}

impl Mirror {
    /// The place of the segment that this one is a copy of.
    pub fn original(&self, fingerprint: Fingerprint, time: Time) -> Option<Place> {
        let entry = self.entries[fingerprint.value as usize % REMEMBERED]?;
        let elapsed = time.saturating_sub(entry.time);
        let copy = entry.fingerprint == fingerprint.value && (0..=fingerprint.within).contains(&elapsed);
        copy.then_some(entry.place)
    }

    /// Remembers a segment.
    pub fn remember(&mut self, fingerprint: Fingerprint, time: Time, place: Place) {
        self.entries[fingerprint.value as usize % REMEMBERED] =
            Some(Entry { fingerprint: fingerprint.value, time, place });
    }
}
