//! Cuts one direction's octets into records, and says of every part what it is (RFC 8446 5.1, RFC 5246 6.2).
//!
//! Nothing but headers that span segments is kept: five octets of a record's, four of its body's start. After missing
//! octets the place in the stream is found again where one record header follows another.

use super::alert::Alert;
use super::event::{EndPlace, Event, Message, Protected};
use super::hello::HelloFacts;
use super::message::Messages;
use super::parser::{
    alert, begins_clear_handshake, can_begin_record, cut, record_header, version_2_hello, ContentType, HandshakeType,
    RecordHeader, HANDSHAKE_HEADER, RECORD_HEADER, SHORTEST_PROTECTED, SSL_2_0,
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

/// How the body of a record is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Body {
    Messages,
    /// Handshake messages, if they are in clear: their first header tells.
    Doubtful,
    /// A Client Hello in the form of SSL 2.0.
    Version2Hello,
    ChangeCipherSpec,
    Alert,
    Heartbeat,
    Protected,
    /// Passed over.
    Unread,
}

/// One direction's records.
#[derive(Clone, Debug)]
pub struct Reader {
    place: Place,
    header: [u8; RECORD_HEADER],
    have: u8,
    record: RecordHeader,
    size: Size,
    body: Body,
    /// Octets of the body to come.
    left: u16,
    /// Nothing of the body has been told.
    fresh: bool,
    start: [u8; HANDSHAKE_HEADER],
    start_have: u8,
    /// When the record's first octet was captured.
    time: Time,
    messages: Messages,
}

impl Reader {
    pub fn new() -> Reader {
        Reader {
            place: Place::Certain,
            header: [0; RECORD_HEADER],
            have: 0,
            record: RecordHeader { content: ContentType(0), version: 0, length: 0 },
            size: Size::Short,
            body: Body::Unread,
            left: 0,
            fresh: false,
            start: [0; HANDSHAKE_HEADER],
            start_have: 0,
            time: 0,
            messages: Messages::default(),
        }
    }

    /// The cutter of handshake messages, which takes decrypted ones too: once a side's records are protected it has
    /// no others.
    pub fn messages(&mut self) -> &mut Messages {
        &mut self.messages
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
            _ if usize::from(self.have) < RECORD_HEADER => self.reads_header(octets, progress, direction, time),
            _ => self.reads_body(octets, progress, direction),
        }
    }

    /// What a part of a header, or a header without any of its body, says at the end of a segment.
    pub fn unfinished(&mut self) -> Option<Event> {
        match self.place {
            Place::Certain if self.have == 0 => None,
            Place::Certain if usize::from(self.have) < RECORD_HEADER => {
                Some(Event::Undecided(ContentType(self.header[0])))
            }
            Place::Certain if self.fresh => match self.body {
                Body::ChangeCipherSpec => Some(Event::ChangeCipherSpec { ends: false }),
                Body::Protected => Some(self.protected()),
                _ => Some(Event::Undecided(self.record.content)),
            },
            _ => None,
        }
    }

    /// Passes over octets that were not captured. Returns how many are left over.
    pub fn skip(&mut self, octets: u32) -> (Option<Event>, u32) {
        match self.place {
            Place::Left | Place::Lost => return (None, 0),
            _ if usize::from(self.have) < RECORD_HEADER => {
                self.loses_place();
                return (Some(Event::PlaceLost), 0);
            }
            _ => {}
        }
        let within = octets.min(u32::from(self.left));
        if self.body == Body::Messages && self.place == Place::Certain {
            let (message, over) = self.messages.skip(within, self.time);
            self.left -= (within - over) as u16;
            self.ends_if_read();
            return (message.map(Event::Message), octets - (within - over));
        }
        self.left -= within as u16;
        let event = match self.body {
            Body::ChangeCipherSpec => Some(Event::ChangeCipherSpec { ends: self.left == 0 }),
            Body::Protected => Some(self.protected()),
            _ => None,
        };
        if self.body == Body::Doubtful {
            self.body = Body::Unread;
        }
        self.ends_if_read();
        (event.filter(|_| self.place == Place::Certain), octets - within)
    }

    /// Looks for what can be a record header; what it is shows when the next one is where it says.
    fn searches<'a>(&mut self, octets: &'a [u8]) -> (Option<Event>, &'a [u8]) {
        let known = self.record.version;
        let found = octets.windows(RECORD_HEADER).position(|start| {
            can_begin_record(start)
                && record_header(start).map_or(false, |(_, header)| known == 0 || header.version == known)
        });
        match found {
            Some(at) => {
                self.place = Place::Candidate;
                (Some(Event::Unread), cut(octets, at).1)
            }
            None => (Some(Event::Unread), &[]),
        }
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
        for (place, &octet) in self.header.iter_mut().skip(have).zip(part) {
            *place = octet;
        }
        self.have += part.len() as u8;
        let (header, _) = self.header.split_at(usize::from(self.have).min(RECORD_HEADER));
        let version_2 = self.header[0] & 0x80 != 0 && self.place == Place::Certain;
        if version_2 && progress.stage == Stage::Start {
            return self.begins_version_2(octets, rest);
        }
        if version_2 && progress.version_2_hello && progress.stage == Stage::WaitServerHello {
            self.place = Place::Left;
            return (Some(Event::Ssl2), &[]);
        }
        if !can_begin_record(header) {
            return self.finds_no_record(octets, progress, direction);
        }
        match record_header(header) {
            Ok((_, record)) => self.begins_record(record, octets, rest, progress, direction),
            Err(_) => (None, rest),
        }
    }

    fn begins_version_2<'a>(&mut self, octets: &'a [u8], rest: &'a [u8]) -> (Option<Event>, &'a [u8]) {
        if usize::from(self.have) < RECORD_HEADER {
            return (None, rest);
        }
        match version_2_hello(&self.header) {
            Ok((_, left)) => {
                self.left = left;
                self.body = Body::Version2Hello;
                self.record.content = ContentType::HANDSHAKE;
                self.fresh = true;
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
        if self.place == Place::Certain && (answers || progress.side(direction).closed) {
            self.place = Place::Left;
            return (Some(Event::NotTls), &[]);
        }
        let was_certain = self.place == Place::Certain;
        self.loses_place();
        (was_certain.then_some(Event::PlaceLost), octets)
    }

    fn begins_record<'a>(
        &mut self,
        record: RecordHeader,
        octets: &'a [u8],
        rest: &'a [u8],
        progress: &Progress,
        direction: Direction,
    ) -> (Option<Event>, &'a [u8]) {
        if self.place == Place::Trial && record.version != self.record.version {
            self.loses_place();
            return (None, octets);
        }
        self.place = if self.place == Place::Candidate { Place::Trial } else { Place::Certain };
        self.record = record;
        self.left = record.length;
        self.start_have = 0;
        self.size = Size::of(record.length, progress.cipher_suite);
        self.body = self.choose_body(progress, direction);
        self.fresh = self.place == Place::Certain;
        let event = (self.left == 0).then(|| if self.fresh { self.protected() } else { Event::Unread });
        self.ends_if_read();
        (event, rest)
    }

    fn choose_body(&self, progress: &Progress, direction: Direction) -> Body {
        let protection = progress.side(direction).protection;
        let clear = protection == Protection::Clear;
        match self.record.content {
            _ if self.place != Place::Certain => Body::Unread,
            ContentType::CHANGE_CIPHER_SPEC => Body::ChangeCipherSpec,
            // No protection leaves two octets two octets.
            ContentType::ALERT if clear || self.record.length == 2 => Body::Alert,
            ContentType::HEARTBEAT if clear => Body::Heartbeat,
            ContentType::HANDSHAKE if self.messages.is_lost() => Body::Doubtful,
            ContentType::HANDSHAKE if clear => Body::Messages,
            ContentType::HANDSHAKE if protection == Protection::Unknown => {
                let clear = self.record.length < SHORTEST_PROTECTED;
                if clear {
                    Body::Messages
                } else {
                    Body::Doubtful
                }
            }
            _ => Body::Protected,
        }
    }

    fn reads_body<'a>(
        &mut self,
        octets: &'a [u8],
        progress: &Progress,
        direction: Direction,
    ) -> (Option<Event>, &'a [u8]) {
        let (part, rest) = cut(octets, usize::from(self.left));
        match self.body {
            Body::Messages => return self.reads_messages(octets, part),
            Body::Doubtful => return self.reads_doubtful(octets, part, progress, direction),
            _ => {}
        }
        let had = self.gathers_start(part);
        self.left -= part.len() as u16;
        let event = match self.body {
            Body::ChangeCipherSpec => Some(Event::ChangeCipherSpec { ends: self.left == 0 }),
            Body::Alert => self.alert(had),
            Body::Heartbeat => Some(Event::Heartbeat(self.start[0])),
            Body::Protected => Some(self.protected()),
            Body::Version2Hello => Some(Event::Message(self.version_2_message())),
            _ => Some(Event::Unread),
        };
        self.ends_if_read();
        (event, rest)
    }

    fn reads_messages<'a>(&mut self, octets: &'a [u8], part: &'a [u8]) -> (Option<Event>, &'a [u8]) {
        let (message, left_over) = self.messages.next(part, self.time);
        let read = part.len() - left_over.len();
        self.left -= read as u16;
        self.fresh = false;
        self.ends_if_read();
        let event = message.map_or(Event::Undecided(ContentType::HANDSHAKE), Event::Message);
        (Some(event), cut(octets, read).1)
    }

    /// Gathers the start of the body until it tells whether the messages are in clear.
    fn reads_doubtful<'a>(
        &mut self,
        octets: &'a [u8],
        part: &'a [u8],
        progress: &Progress,
        direction: Direction,
    ) -> (Option<Event>, &'a [u8]) {
        let had = usize::from(self.start_have);
        let (part, _) = cut(part, HANDSHAKE_HEADER - had.min(HANDSHAKE_HEADER));
        self.gathers_start(part);
        self.left -= part.len() as u16;
        let rest = cut(octets, part.len()).1;
        if usize::from(self.start_have) < HANDSHAKE_HEADER && self.left > 0 {
            return (Some(Event::Undecided(ContentType::HANDSHAKE)), rest);
        }
        let gathered = usize::from(self.start_have) == HANDSHAKE_HEADER;
        if gathered && begins_clear_handshake(&self.start, self.record.length) {
            self.body = Body::Messages;
            self.fresh = false;
            self.messages.restart();
            let start = self.start;
            let (message, _) = self.messages.next(&start, self.time);
            self.ends_if_read();
            let event = message.map_or(Event::Undecided(ContentType::HANDSHAKE), Event::Message);
            return (Some(event), rest);
        }
        let in_clear = progress.side(direction).protection == Protection::Clear;
        self.body = if in_clear { Body::Unread } else { Body::Protected };
        let event = if in_clear { Event::Unread } else { self.protected() };
        self.ends_if_read();
        (Some(event), rest)
    }

    /// Keeps the first octets of the body. Returns how many there were before.
    fn gathers_start(&mut self, part: &[u8]) -> u8 {
        let had = self.start_have;
        let (start, _) = cut(part, HANDSHAKE_HEADER - usize::from(had).min(HANDSHAKE_HEADER));
        for (place, &octet) in self.start.iter_mut().skip(usize::from(had)).zip(start) {
            *place = octet;
        }
        self.start_have += start.len() as u8;
        had
    }

    fn alert(&self, had: u8) -> Option<Event> {
        let (start, _) = self.start.split_at(usize::from(self.start_have).min(HANDSHAKE_HEADER));
        match alert(start) {
            Ok((_, (level, description))) if had < 2 => Some(Event::Alert(Alert { level, description })),
            Ok(_) => None,
            Err(_) => Some(Event::Undecided(ContentType::ALERT)),
        }
    }

    fn version_2_message(&mut self) -> Message {
        let begins = std::mem::take(&mut self.fresh);
        let kind = HandshakeType::CLIENT_HELLO;
        let hello = HelloFacts { version: SSL_2_0, ..HelloFacts::default() };
        Message { kind, begins, ends: self.left == 0, time: self.time, hello }
    }

    fn protected(&mut self) -> Event {
        Event::Protected(Protected {
            content: self.record.content,
            size: self.size,
            begins: std::mem::take(&mut self.fresh),
            ends: self.left == 0,
            before_fin: false,
            count: 1,
        })
    }

    fn ends_if_read(&mut self) {
        if self.left == 0 {
            self.have = 0;
        }
    }
}
