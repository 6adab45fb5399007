//! Cuts one direction's octets into records (RFC 8446 5.1, RFC 5246 6.2).
//!
//! Nothing is kept but a header that spans segments. After missing octets the place in the stream is found again where
//! one record header follows another.

use super::body::Body;
use super::event::{EndPlace, Event, Protected};
use super::message::Messages;
use super::parser::{
    can_begin_record, cut, record_header, version_2_hello, ContentType, HandshakeType, RecordHeader, MAXIMUM_LENGTH,
    RECORD_HEADER,
};
use super::progress::{Progress, Protection};
use super::size::Size;
use super::state::Stage;
use crate::connection::Direction;
use crate::verdict::Time;

/// What is known of the place in the stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Certain,
    /// What looks like a record header was found.
    Candidate,
    /// One was read: the next confirms it.
    Trial,
    Lost,
    /// The stream is not TLS any longer.
    Left,
}

/// One direction's records.
#[derive(Clone, Debug)]
pub struct Reader {
    place: Place,
    header: [u8; RECORD_HEADER],
    have: u8,
    /// When the record's first octet was captured.
    time: Time,
    body: Body,
}

impl Reader {
    /// A record begins next.
    pub fn new() -> Reader {
        Reader { place: Place::Certain, header: [0; RECORD_HEADER], have: 0, time: 0, body: Body::new() }
    }

    /// The cutter of handshake messages.
    pub fn messages(&mut self) -> &mut Messages {
        self.body.messages()
    }

    /// Where the stream ends if it ends here.
    pub fn end_place(&self) -> EndPlace {
        match self.place {
            Place::Certain if self.have == 0 => EndPlace::Boundary,
            Place::Certain => EndPlace::Inside,
            _ => EndPlace::Unknown,
        }
    }

    /// The place in the stream is lost.
    pub fn loses_place(&mut self) {
        if self.place != Place::Left {
            self.place = Place::Lost;
        }
        self.have = 0;
    }

    /// The stream is not TLS any longer.
    pub fn leaves(&mut self) {
        self.place = Place::Left;
    }

    fn has_header(&self) -> bool {
        usize::from(self.have) == RECORD_HEADER
    }

    /// Reads at least one octet, and what belongs together at most. Returns the octets that follow.
    pub fn next<'a>(
        &mut self,
        octets: &'a [u8],
        progress: &Progress,
        direction: Direction,
        time: Time,
    ) -> (Option<Event>, &'a [u8]) {
        match self.place {
            Place::Left => (Some(Event::NotTls), &[]),
            Place::Lost => self.searches(octets),
            _ if !self.has_header() => self.reads_header(octets, progress, direction, time),
            _ => {
                let in_clear = progress.side(direction).protection == Protection::Clear;
                let told = self.body.next(octets, in_clear);
                self.ends_if_read();
                told
            }
        }
    }

    /// What a part of a header, or a header without any of its body, says at the end of a segment.
    pub fn unfinished(&mut self) -> Option<Event> {
        if self.place != Place::Certain || self.have == 0 {
            return None;
        }
        if !self.has_header() {
            return Some(Event::Undecided(ContentType(self.header[0])));
        }
        self.body.untold()
    }

    /// Passes over octets that were not captured. Returns how many are left over.
    pub fn skip(&mut self, octets: u32) -> (Option<Event>, u32) {
        if matches!(self.place, Place::Left | Place::Lost) {
            return (None, 0);
        }
        if !self.has_header() {
            self.loses_place();
            return (Some(Event::PlaceLost), 0);
        }
        let (event, skipped) = self.body.skip(octets);
        self.ends_if_read();
        (event, octets - skipped)
    }

    /// How many octets of a record of application data are to come.
    pub fn rest_of_data(&self) -> u64 {
        if self.place == Place::Certain && self.has_header() {
            self.body.rest_of_data()
        } else {
            0
        }
    }

    /// How many octets of a record are to come of which it is known what they are, or of the handshake message in it.
    pub fn known(&self) -> Option<(u32, Option<HandshakeType>)> {
        if self.place == Place::Certain && self.has_header() {
            self.body.known()
        } else {
            None
        }
    }

    /// Takes octets that are nothing but the rest of a record of application data and others behind it, each with its whole
    /// header, of the same version, and not of an alert's size. `tells` gets what belongs to each. False: they are not, and
    /// nothing has changed.
    #[inline(always)] // It has one caller.
    pub fn takes_data(
        &mut self,
        octets: &[u8],
        cipher_suite: u16,
        time: Time,
        mut tells: impl FnMut(Protected),
    ) -> bool {
        let (mut rest, mut left) = (octets, self.rest_of_data() as usize);
        if self.place != Place::Certain || (self.have > 0 && left == 0) {
            return false;
        }
        let mut goes_on = self.body.goes_on();
        let mut last = None;
        loop {
            if goes_on.begins || left > 0 {
                let part = left.min(rest.len());
                (rest, left) = (&rest[part..], left - part);
                goes_on.ends = left == 0;
                tells(goes_on);
            }
            if rest.is_empty() {
                break;
            }
            let (record, size) = match record_header(rest) {
                Ok((body, record)) if is_data_like(record, self.body.version()) => {
                    rest = body;
                    (record, Size::of(record.length, cipher_suite))
                }
                _ => return false,
            };
            if size == Size::Alert {
                return false;
            }
            left = usize::from(record.length);
            goes_on = Protected {
                content: record.content,
                length: record.length,
                size,
                begins: true,
                ends: false,
                before_fin: false,
            };
            last = Some((record, size));
        }
        if let Some((record, size)) = last {
            self.body.begins_data(record, size, time);
            self.time = time;
        }
        self.body.leaves(left as u16);
        self.have = if left == 0 { 0 } else { RECORD_HEADER as u8 };
        true
    }

    /// So many of them have passed, not the last one.
    pub fn passes(&mut self, octets: u64) {
        self.body.passes(octets);
    }

    fn ends_if_read(&mut self) {
        if self.body.is_read() {
            self.have = 0;
        }
    }

    /// Looks for what can be a record header; what it is shows when the next one is where it says.
    fn searches<'a>(&mut self, octets: &'a [u8]) -> (Option<Event>, &'a [u8]) {
        let known = self.body.version();
        let found = octets.windows(RECORD_HEADER).position(|start| {
            can_begin_record(start)
                && record_header(start).map_or(false, |(_, header)| known == 0 || header.version == known)
        });
        if let Some(at) = found {
            self.place = Place::Candidate;
            return (Some(Event::Unread), cut(octets, at).1);
        }
        (Some(Event::Unread), &[])
    }

    fn reads_header<'a>(
        &mut self,
        octets: &'a [u8],
        progress: &Progress,
        direction: Direction,
        time: Time,
    ) -> (Option<Event>, &'a [u8]) {
        if self.have == 0 {
            self.time = time;
        }
        let have = usize::from(self.have);
        let (part, rest) = cut(octets, RECORD_HEADER - have);
        match <[u8; RECORD_HEADER]>::try_from(part) {
            Ok(whole) => self.header = whole,
            Err(_) => self.header.iter_mut().skip(have).zip(part).for_each(|(place, &octet)| *place = octet),
        }
        self.have += part.len() as u8;
        let version_2 = self.header[0] & 0x80 != 0 && self.place == Place::Certain;
        if version_2 && progress.stage == Stage::Start {
            return self.begins_version_2(octets, rest);
        }
        if version_2 && progress.version_2_hello && progress.stage == Stage::WaitServerHello {
            self.place = Place::Left;
            return (Some(Event::Ssl2), &[]);
        }
        let (header, _) = cut(&self.header, usize::from(self.have));
        match record_header(header) {
            _ if !can_begin_record(header) => self.finds_no_record(octets, progress, direction),
            Ok((_, record)) if self.contradicts(record) => {
                self.loses_place();
                (None, octets)
            }
            Ok((_, record)) => (self.begins_record(record, progress, direction), rest),
            Err(_) => (None, rest),
        }
    }

    /// Whether this header does not confirm the one before.
    fn contradicts(&self, record: RecordHeader) -> bool {
        self.place == Place::Trial && record.version != self.body.version()
    }

    fn begins_record(&mut self, record: RecordHeader, progress: &Progress, direction: Direction) -> Option<Event> {
        if self.place == Place::Candidate {
            self.place = Place::Trial;
            self.body.begins_unread(record);
        } else {
            self.place = Place::Certain;
            self.body.begins(record, progress, direction, self.time);
        }
        let event = if self.body.is_read() { self.body.untold() } else { None };
        self.ends_if_read();
        event
    }

    fn begins_version_2<'a>(&mut self, octets: &'a [u8], rest: &'a [u8]) -> (Option<Event>, &'a [u8]) {
        if !self.has_header() {
            return (None, rest);
        }
        match version_2_hello(&self.header) {
            Ok((_, left)) => {
                self.body.begins_version_2(left, self.time);
                (None, rest)
            }
            Err(_) => {
                self.loses_place();
                (Some(Event::PlaceLost), octets)
            }
        }
    }

    /// Octets that are no record header, where one should be.
    fn finds_no_record<'a>(
        &mut self,
        octets: &'a [u8],
        progress: &Progress,
        direction: Direction,
    ) -> (Option<Event>, &'a [u8]) {
        let answers = progress.stage == Stage::WaitServerHello && progress.client != Some(direction);
        let was_certain = self.place == Place::Certain;
        if was_certain && (answers || progress.side(direction).closed) {
            self.place = Place::Left;
            return (Some(Event::NotTls), &[]);
        }
        self.loses_place();
        (was_certain.then_some(Event::PlaceLost), octets)
    }
}

/// Whether a header is one of application data, of the version of the record before.
fn is_data_like(record: RecordHeader, version: u16) -> bool {
    let plausible = record.length > 0 && record.length <= MAXIMUM_LENGTH;
    record.content == ContentType::APPLICATION_DATA && record.version == version && plausible
}
