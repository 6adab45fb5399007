//! Mirrored copies of segments, as a monitoring port that sees a packet twice delivers them.

use crate::connection::Arrival;
use crate::history::Place;
use crate::tcp::parser::HEADER_LENGTH;
use crate::tcp::Flags;
use crate::verdict::{Duration, Time, SECOND};

/// Segments are remembered in this many rows, over all connections.
const ROWS: usize = 512;
/// How many a row holds.
const ROW: usize = 4;
/// A copy with the same IP identification comes within this time: captures of two points, merged (G4).
const WITH_IDENTIFICATION: Duration = SECOND / 10;
/// A copy that comes as soon is one even if all packets of its sender have the same identification.
pub const SOON: Duration = SECOND / 1000;
/// Without one, only the same octets within this time are a copy.
const WITHOUT_IDENTIFICATION: Duration = 100_000;

#[derive(Clone, Copy, Debug, Default)]
struct Entry {
    fingerprint: u64,
    time: Time,
    place: Option<Place>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Row {
    entries: [Entry; ROW],
    /// The one that the next segment replaces.
    oldest: usize,
}

/// The segments seen last.
#[derive(Debug)]
pub struct Mirror {
    rows: Box<[Row; ROWS]>,
}

impl Default for Mirror {
    fn default() -> Mirror {
        Mirror { rows: Box::new([Row::default(); ROWS]) }
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
    #[inline(always)] // Every segment comes here.
    pub fn new(connection: u32, arrival: &Arrival, octets: &[u8]) -> Fingerprint {
        let identification = arrival.identification;
        let segment = &arrival.segment;
        let numbers = u64::from(segment.sequence.0) << 32 | u64::from(segment.acknowledgement.0);
        let way = u64::from(connection) << 33 | (arrival.direction as u64) << 32;
        let rest = u64::from(segment.payload_length) << 28
            ^ u64::from(segment.flags.0) << 16
            ^ u64::from(segment.window) << 44;
        let value = mix(numbers).wrapping_add((way ^ rest ^ u64::from(identification)).wrapping_mul(ODD));
        // Many hosts leave it 0 in all packets.
        if identification != 0 {
            return Fingerprint { value: value ^ ends(segment.options), within: WITH_IDENTIFICATION };
        }
        let header = octets.get(..HEADER_LENGTH + segment.options.len()).unwrap_or(octets);
        let word = |octets: &[u8]| octets.iter().fold(0, |word, &octet| word << 8 | u64::from(octet));
        let value = header.chunks_exact(4).fold(value, |value, octets| mix(value ^ word(octets)));
        // Nobody repeats a SYN that soon, and Linux sends every SYN-ACK with identification 0.
        let opens = segment.flags.has(Flags::SYN);
        Fingerprint { value, within: if opens { WITH_IDENTIFICATION } else { WITHOUT_IDENTIFICATION } }
    }
}

const ODD: u64 = 0xd6e8_feb8_6659_fd93;

/// The first and the last eight octets: timestamps are among them, whatever else there is.
#[inline(always)]
fn ends(options: &[u8]) -> u64 {
    let word = |octets: Option<&[u8]>| octets.and_then(|octets| octets.try_into().ok()).map_or(0, u64::from_be_bytes);
    let last = options.len().saturating_sub(8);
    word(options.get(..8)).wrapping_mul(ODD) ^ word(options.get(last..))
}

/// Spreads every bit over those above it.
fn mix(value: u64) -> u64 {
    let product = value.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    product ^ (product >> 29)
}

impl Mirror {
    /// The place of the segment that this one is a copy of, and how far apart they came. Copies from two cards may be out
    /// of order.
    #[inline(always)] // Every segment comes here.
    pub fn original(&self, fingerprint: Fingerprint, time: Time) -> Option<(Place, Duration)> {
        let row = &self.rows[fingerprint.row()];
        if row.entries.iter().all(|entry| entry.fingerprint != fingerprint.value) {
            return None;
        }
        row.nearest(fingerprint, time)
    }

    /// Remembers a segment.
    pub fn remember(&mut self, fingerprint: Fingerprint, time: Time, place: Place) {
        let row = &mut self.rows[fingerprint.row()];
        row.entries[row.oldest % ROW] = Entry { fingerprint: fingerprint.value, time, place: Some(place) };
        row.oldest = (row.oldest + 1) % ROW;
    }
}

impl Row {
    #[cold]
    fn nearest(&self, fingerprint: Fingerprint, time: Time) -> Option<(Place, Duration)> {
        let apart = |entry: &Entry| time.saturating_sub(entry.time).saturating_abs();
        let is_copied = |entry: &&Entry| entry.fingerprint == fingerprint.value && apart(entry) <= fingerprint.within;
        let entry = self.entries.iter().filter(is_copied).min_by_key(|entry| apart(entry))?;
        entry.place.map(|place| (place, apart(entry)))
    }
}
