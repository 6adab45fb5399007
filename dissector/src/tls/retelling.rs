//! A segment told again with the plaintext of records that end in it.
//!
//! The events that were found without keys are told from the state before them, each opened record's in its place.
//! Which record a plaintext is of shows in their order and lengths, since not every record may have been opened.

use super::event::{Event, Protected};
use super::outcome::{Findings, Told};
use super::parser::ContentType;
use super::progress::{EarlyData, Progress};
use crate::captured::Decrypted;
use crate::connection::Direction;
use crate::tls::Alpn;
use crate::verdict::Time;

/// What TLS 1.3 adds to a plaintext without padding: the content type and a tag (RFC 8446 5.2, RFC 6655 4).
const EXPANSIONS: [usize; 2] = [17, 9];
/// What TLS 1.2 adds to one with short padding at most: a nonce, a MAC, a block (RFC 5246 6.2.3).
const EXPANSION_MAXIMUM: usize = 80;

/// A decrypted record.
#[derive(Clone, Copy, Debug)]
pub struct Plaintext<'a> {
    pub content: ContentType,
    pub octets: &'a [u8],
}

impl<'a> From<&Decrypted<'a>> for Plaintext<'a> {
    fn from(record: &Decrypted<'a>) -> Plaintext<'a> {
        Plaintext { content: ContentType(record.content), octets: record.octets }
    }
}

impl Plaintext<'_> {
    /// Whether its record is one that cannot be read without keys. A Change Cipher Spec can.
    pub fn is_sealed(&self) -> bool {
        self.content != ContentType::CHANGE_CIPHER_SPEC
    }
}

/// What an opened record has for the protocol within.
#[derive(Clone, Copy, Debug)]
pub enum Within<'a> {
    Data {
        octets: &'a [u8],
        /// Before the handshake was complete (RFC 8446 2.3).
        early: bool,
        /// The server takes no early data.
        early_rejected: bool,
        /// The protocol that the server has selected.
        selected: Alpn,
    },
    /// A record before could not be read.
    Gap,
    /// close_notify: the end of the direction.
    End,
}

/// A segment on the way from its first event to its last.
pub struct Retelling<'a> {
    direction: Direction,
    time: Time,
    progress: Progress,
    findings: Findings,
    events: &'a [Event],
    next: usize,
    is_tls13: bool,
}

impl<'a> Retelling<'a> {
    pub(super) fn new(told: &'a Told, direction: Direction, is_tls13: bool) -> Retelling<'a> {
        let (progress, time, findings) = (told.before, told.time, Findings::default());
        Retelling { direction, time, progress, findings, events: &told.events, next: 0, is_tls13 }
    }

    /// Which of the events each plaintext takes the place of.
    pub fn places(&self, records: &[Plaintext]) -> Vec<Option<usize>> {
        let sealed = |at: &usize| self.events.get(*at).map_or(false, |event| event.is_sealed());
        let sealed: Vec<usize> = (0..self.events.len()).filter(sealed).collect();
        if sealed.len() == records.len() {
            return sealed.into_iter().map(Some).collect();
        }
        let certain = records.len() > sealed.len();
        let mut from = 0;
        let mut place = |record: &Plaintext| {
            let left = sealed.get(from..).unwrap_or(&[]);
            let find = |exactly| left.iter().position(|&at| self.fits(at, record, exactly));
            let found = find(true).or_else(|| if certain { None } else { find(false) })?;
            from += found + 1;
            left.get(found).copied()
        };
        records.iter().map(&mut place).collect()
    }

    fn fits(&self, at: usize, record: &Plaintext, exactly: bool) -> bool {
        let Protected { content, length, .. } = match self.events.get(at) {
            Some(Event::Protected(protected)) => *protected,
            _ => return false,
        };
        // TLS 1.3 hides the content type (RFC 8446 5.2).
        let kind = content == record.content || content == ContentType::APPLICATION_DATA;
        let added = usize::from(length).saturating_sub(record.octets.len());
        let is_shorter = record.octets.len() <= usize::from(length);
        let exact = match self.is_tls13 {
            true => EXPANSIONS.contains(&added),
            false => added <= EXPANSION_MAXIMUM,
        };
        kind && is_shorter && (exact || !exactly)
    }

    /// Tells what comes before an opened record. Returns whether a record before it could not be read.
    pub fn reaches(&mut self, place: usize) -> bool {
        let place = place.max(self.next).min(self.events.len());
        for event in self.events.get(self.next..place).unwrap_or(&[]) {
            self.progress.apply(self.direction, event, self.time, &mut self.findings);
        }
        self.next = place.saturating_add(1);
        self.progress.side(self.direction).unopened
    }

    /// What was opened says nothing: its record stays what it is without keys.
    pub fn leaves(&mut self, place: usize) {
        self.next = self.next.min(place);
    }

    /// Tells an event of an opened record.
    pub fn tells(&mut self, event: &Event) {
        self.progress.apply(self.direction, event, self.time, &mut self.findings);
    }

    /// Application data, as the protocol within is to take them.
    pub fn within<'b>(&self, octets: &'b [u8]) -> Within<'b> {
        let early_rejected = self.progress.early_data == EarlyData::No;
        let early = self.progress.is_early(self.direction);
        Within::Data { octets, early, early_rejected, selected: self.progress.selected }
    }

    pub fn time(&self) -> Time {
        self.time
    }

    /// Tells the rest.
    pub fn ends(mut self) -> (Progress, Findings) {
        self.reaches(self.events.len());
        (self.progress, self.findings)
    }
}
