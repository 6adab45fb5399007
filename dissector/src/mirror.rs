//! Mirrored copies of segments, as a monitoring port that sees a packet twice delivers them.

use crate::connection::Arrival;
use crate::history::Place;
use crate::tcp::parser::HEADER_LENGTH;
use crate::tcp::Flags;
use crate::verdict::{Duration, Time};

/// Segments are remembered in this many rows, over all connections.
const ROWS: usize = 512;
/// How many a row holds, the latest first.
const ROW: usize = 4;
/// A copy with the same IP identification comes within this time.
const WITH_IDENTIFICATION: Duration = 1_000_000;
/// Without one, only the same octets within this time are a copy.
const WITHOUT_IDENTIFICATION: Duration = 100_000;

#[derive(Clone, Copy, Debug, Default)]
struct Entry {
    fingerprint: u64,
    time: Time,
    place: Option<Place>,
}

/// The segments seen last.
#[derive(Debug)]
pub struct Mirror {
    rows: Vec<[Entry; ROW]>,
}

impl Default for Mirror {
    fn default() -> Mirror {
        Mirror { rows: vec![Default::default(); ROWS] }
    }
}

/// What makes two segments the same, as one number, and for how long.
#[derive(Clone, Copy, Debug)]
pub struct Fingerprint {
    value: u64,
    within: Duration,
}

impl Fingerprint {
    /// The row that remembers it: the upper bits depend on all others.
    fn row(self) -> usize {
        (self.value >> 40) as usize % ROWS
    }

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
                    let mut word = [0; 8];
                    word[..octets.len()].copy_from_slice(octets);
                    value = mix(value ^ u64::from_ne_bytes(word));
                }
                // Nobody repeats a SYN that soon, and Linux sends every SYN-ACK with identification 0.
                let opens = segment.flags.has(Flags::SYN);
                Fingerprint { value, within: if opens { WITH_IDENTIFICATION } else { WITHOUT_IDENTIFICATION } }
            }
        }
    }
}

/// Spreads every bit over those above it.
fn mix(value: u64) -> u64 {
    let product = value.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    product ^ (product >> 29)
}

impl Mirror {
    /// The place of the segment that this one is a copy of.
    pub fn original(&self, fingerprint: Fingerprint, time: Time) -> Option<Place> {
        let row = &self.rows[fingerprint.row()];
        let entry = row.iter().find(|entry| entry.fingerprint == fingerprint.value)?;
        let elapsed = time.saturating_sub(entry.time);
        entry.place.filter(|_| (0..=fingerprint.within).contains(&elapsed))
    }

    /// Remembers a segment.
    pub fn remember(&mut self, fingerprint: Fingerprint, time: Time, place: Place) {
        let row = &mut self.rows[fingerprint.row()];
        row.copy_within(..ROW - 1, 1);
        row[0] = Entry { fingerprint: fingerprint.value, time, place: Some(place) };
    }
}
