//! Reads the body of one record as far as it tells anything: what its octets are, and where it ends.
//!
//! Of a body its first four octets are kept at most, in case they span segments.

use super::alert::Alert;
use super::event::{Event, Message, Protected};
use super::hello::HelloFacts;
use super::message::Messages;
use super::parser::{
    alert, begins_clear_handshake, cut, ContentType, HandshakeType, RecordHeader, ALERT_LENGTH, HANDSHAKE_HEADER,
    SHORTEST_PROTECTED, SSL_2_0,
};
use super::progress::{Progress, Protection};
use super::size::Size;
use crate::connection::Direction;
use crate::verdict::Time;

/// How a body is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Messages,
    /// Handshake messages, if they are in clear: their first header tells.
    Doubtful,
    /// A Client Hello in the form of SSL 2.0.
    Version2Hello,
    ChangeCipherSpec,
    Alerts,
    Heartbeat,
    Protected,
    /// Passed over.
    Unread,
}

/// The body of the record that is being read.
#[derive(Clone, Debug)]
pub struct Body {
    record: RecordHeader,
    size: Size,
    kind: Kind,
    /// Octets to come.
    left: u16,
    /// Nothing of it has been told.
    fresh: bool,
    start: [u8; HANDSHAKE_HEADER],
    start_have: u8,
    /// When the record's first octet was captured.
    time: Time,
    messages: Messages,
}

impl Body {
    /// No record so far.
    pub fn new() -> Body {
        Body {
            record: RecordHeader { content: ContentType(0), version: 0, length: 0 },
            size: Size::Short,
            kind: Kind::Unread,
            left: 0,
            fresh: false,
            start: [0; HANDSHAKE_HEADER],
            start_have: 0,
            time: 0,
            messages: Messages::default(),
        }
    }

    /// The version in the header of the last record.
    pub fn version(&self) -> u16 {
        self.record.version
    }

    /// Whether all of it has been read.
    pub fn is_read(&self) -> bool {
        self.left == 0
    }

    /// How many octets of application data are to come.
    pub fn rest_of_data(&self) -> u64 {
        let told = self.kind == Kind::Protected && self.record.content == ContentType::APPLICATION_DATA && !self.fresh;
        u64::from(if told { self.left } else { 0 })
    }

    /// How many octets are to come of which it is known what they are, or of which message.
    pub fn known(&self) -> Option<(u32, Option<HandshakeType>)> {
        match self.kind {
            Kind::Protected if !self.fresh => Some((u32::from(self.left), None)),
            Kind::Messages => self.messages.known().map(|(left, kind)| (left.min(u32::from(self.left)), Some(kind))),
            _ => None,
        }
    }

    /// So many of them have passed, not the last one.
    pub fn passes(&mut self, octets: u64) {
        self.left -= octets.min(u64::from(self.left)) as u16;
    }

    /// The cutter of handshake messages, which takes decrypted ones too: once a side's records are protected it has
    /// no others.
    pub fn messages(&mut self) -> &mut Messages {
        &mut self.messages
    }

    /// A record begins.
    pub fn begins(&mut self, record: RecordHeader, progress: &Progress, direction: Direction, time: Time) {
        self.begins_unread(record);
        self.size = Size::of(record.length, progress.cipher_suite);
        self.kind = self.choose(progress.side(direction).protection);
        self.fresh = true;
        self.time = time;
    }

    /// What comes next of the record.
    pub fn goes_on(&self) -> Protected {
        let RecordHeader { content, length, .. } = self.record;
        Protected { content, length, size: self.size, begins: false, ends: false, before_fin: false }
    }

    /// A record of application data has begun.
    pub fn begins_data(&mut self, record: RecordHeader, size: Size, time: Time) {
        self.begins_unread(record);
        (self.size, self.kind, self.time) = (size, Kind::Protected, time);
    }

    /// So many of its octets are left.
    pub fn leaves(&mut self, octets: u16) {
        self.left = octets;
    }

    /// A record begins of which only the length matters.
    pub fn begins_unread(&mut self, record: RecordHeader) {
        self.record = record;
        self.left = record.length;
        self.start_have = 0;
        self.kind = Kind::Unread;
        self.fresh = false;
    }

    /// A Client Hello in the form of SSL 2.0 begins.
    pub fn begins_version_2(&mut self, left: u16, time: Time) {
        self.begins_unread(RecordHeader { content: ContentType::HANDSHAKE, version: 0, length: left });
        self.kind = Kind::Version2Hello;
        self.fresh = true;
        self.time = time;
    }

    fn choose(&self, protection: Protection) -> Kind {
        let clear = protection == Protection::Clear;
        let short = self.record.length < SHORTEST_PROTECTED;
        match self.record.content {
            ContentType::CHANGE_CIPHER_SPEC => Kind::ChangeCipherSpec,
            // No protection leaves two octets two octets.
            ContentType::ALERT if clear || self.record.length == ALERT_LENGTH => Kind::Alerts,
            ContentType::HEARTBEAT if clear => Kind::Heartbeat,
            ContentType::HANDSHAKE if self.messages.is_lost() => Kind::Doubtful,
            ContentType::HANDSHAKE if clear => Kind::Messages,
            ContentType::HANDSHAKE if protection == Protection::Unknown && short => Kind::Messages,
            ContentType::HANDSHAKE if protection == Protection::Unknown => Kind::Doubtful,
            _ => Kind::Protected,
        }
    }

    /// Reads what belongs together at most, at least one octet. Returns the octets that follow.
    pub fn next<'a>(&mut self, octets: &'a [u8], in_clear: bool) -> (Option<Event>, &'a [u8]) {
        let (part, _) = cut(octets, usize::from(self.left));
        let (event, read) = match self.kind {
            Kind::Messages => self.reads_messages(part),
            Kind::Doubtful => self.reads_doubtful(part, in_clear),
            Kind::Alerts => self.reads_alert(part),
            _ => {
                self.gathers(part, HANDSHAKE_HEADER);
                self.left -= part.len() as u16;
                (self.told(), part.len())
            }
        };
        self.fresh = false;
        (event, cut(octets, read).1)
    }

    /// What the record is when there is none of its body yet, or when it has none.
    pub fn untold(&mut self) -> Option<Event> {
        if !std::mem::take(&mut self.fresh) {
            return None;
        }
        match self.kind {
            Kind::ChangeCipherSpec => Some(Event::ChangeCipherSpec { ends: false }),
            Kind::Protected => {
                let event = self.protected(true);
                Some(event)
            }
            _ => {
                self.fresh = true;
                Some(Event::Undecided(self.record.content))
            }
        }
    }

    /// Passes over octets that were not captured. Returns how many.
    pub fn skip(&mut self, octets: u32) -> (Option<Event>, u32) {
        let within = octets.min(u32::from(self.left));
        if self.kind == Kind::Messages {
            let (message, over) = self.messages.skip(within, self.time);
            let skipped = within - over;
            self.left -= skipped as u16;
            return (message.map(Event::Message), skipped);
        }
        self.left -= within as u16;
        if matches!(self.kind, Kind::Doubtful | Kind::Alerts | Kind::Heartbeat) {
            self.kind = Kind::Unread;
        }
        let event = if self.kind == Kind::Unread { None } else { self.told() };
        self.fresh = false;
        (event, within)
    }

    /// What octets are whose kind is known.
    fn told(&self) -> Option<Event> {
        let ends = self.left == 0;
        Some(match self.kind {
            Kind::ChangeCipherSpec => Event::ChangeCipherSpec { ends },
            Kind::Heartbeat => Event::Heartbeat { kind: self.start[0], ends },
            Kind::Protected => self.protected(self.fresh),
            Kind::Version2Hello => Event::Message(Message {
                kind: HandshakeType::CLIENT_HELLO,
                begins: self.fresh,
                ends,
                time: self.time,
                hello: HelloFacts { version: SSL_2_0, ..HelloFacts::default() },
            }),
            _ => Event::Unread,
        })
    }

    fn protected(&self, begins: bool) -> Event {
        Event::Protected(Protected { begins, ends: self.left == 0, ..self.goes_on() })
    }

    fn reads_messages(&mut self, part: &[u8]) -> (Option<Event>, usize) {
        let (message, left_over) = self.messages.next(part, self.time);
        let read = part.len() - left_over.len();
        self.left -= read as u16;
        (Some(message.map_or(Event::Undecided(ContentType::HANDSHAKE), Event::Message)), read)
    }

    /// Alerts may share a record (RFC 5246 6.2.1).
    fn reads_alert(&mut self, part: &[u8]) -> (Option<Event>, usize) {
        let read = self.gathers(part, usize::from(ALERT_LENGTH));
        self.left -= read as u16;
        let (start, _) = cut(&self.start, usize::from(self.start_have));
        let event = match alert(start) {
            Ok((_, (level, description))) => {
                self.start_have = 0;
                Event::Alert(Alert { level, description })
            }
            Err(_) => Event::Undecided(ContentType::ALERT),
        };
        (Some(event), read)
    }

    /// Gathers the start of the body until it tells whether the messages are in clear.
    fn reads_doubtful(&mut self, part: &[u8], in_clear: bool) -> (Option<Event>, usize) {
        let read = self.gathers(part, HANDSHAKE_HEADER);
        self.left -= read as u16;
        let gathered = usize::from(self.start_have) == HANDSHAKE_HEADER;
        if !gathered && self.left > 0 {
            return (Some(Event::Undecided(ContentType::HANDSHAKE)), read);
        }
        if gathered && begins_clear_handshake(&self.start, self.record.length) {
            self.kind = Kind::Messages;
            self.messages.restart();
            let (message, _) = self.messages.next(&self.start, self.time);
            return (Some(message.map_or(Event::Undecided(ContentType::HANDSHAKE), Event::Message)), read);
        }
        // In clear it is the rest of a message whose start is missing.
        self.kind = if in_clear { Kind::Unread } else { Kind::Protected };
        let event = if in_clear { Event::Unread } else { self.protected(true) };
        (Some(event), read)
    }

    /// Keeps the first octets of the body, until there are so many. Returns how many of these were kept.
    fn gathers(&mut self, part: &[u8], most: usize) -> usize {
        let had = usize::from(self.start_have);
        let (start, _) = cut(part, most - had.min(most));
        match <[u8; HANDSHAKE_HEADER]>::try_from(start) {
            Ok(whole) => self.start = whole,
            Err(_) => self.start.iter_mut().skip(had).zip(start).for_each(|(place, &octet)| *place = octet),
        }
        self.start_have += start.len() as u8;
        start.len()
    }
}
