//! What the octets of one segment hold, as values: the way from the readers of octets to the state.

use super::alert::Alert;
use super::hello::HelloFacts;
use super::parser::{ContentType, HandshakeType};
use super::size::Size;
use crate::verdict::{Steps, Time};

/// Something that a segment holds, or a part of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// Octets of a handshake message in clear, or decrypted.
    Message(Message),
    /// A Change Cipher Spec.
    ChangeCipherSpec {
        /// Its octet is there.
        ends: bool,
    },
    /// An alert in clear, or decrypted.
    Alert(Alert),
    /// Octets of a heartbeat message in clear, or decrypted.
    Heartbeat {
        /// Its type.
        kind: u8,
        /// The last octet is among them.
        ends: bool,
    },
    /// Octets of a record that cannot be read.
    Protected(Protected),
    /// Decrypted application data, with the steps that the protocol within sees in it.
    ApplicationData(Steps),
    /// Octets of a record or message that do not tell yet what it is.
    Undecided(ContentType),
    /// Octets that cannot be read because the place in the stream is lost.
    Unread,
    /// The place in the stream has been lost: octets are missing.
    PlaceLost,
    /// Octets that are no record, where one begins.
    NotTls,
    /// A Server Hello of SSL 2.0, which is not read any further.
    Ssl2,
    /// FIN or RST.
    End {
        /// RST.
        by_reset: bool,
        /// Where in the stream.
        place: EndPlace,
    },
}

/// Octets of a handshake message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Message {
    pub kind: HandshakeType,
    /// The first octets that tell what it is are among them.
    pub begins: bool,
    /// The last octet is among them.
    pub ends: bool,
    /// When the first octet of its record was captured.
    pub time: Time,
    /// What a hello says, once it has ended.
    pub hello: HelloFacts,
}

/// Octets of a record that cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Protected {
    pub content: ContentType,
    pub size: Size,
    /// The header's end is among them.
    pub begins: bool,
    /// The last octet is among them.
    pub ends: bool,
    /// Nothing but a FIN follows.
    pub before_fin: bool,
    /// How many such records, one after the other.
    pub count: u16,
}

/// Where a stream ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndPlace {
    /// Between records.
    Boundary,
    /// Within a record.
    Inside,
    /// Unknown: octets are missing.
    Unknown,
}

impl Event {
    /// Takes up what follows in the same segment, if both are parts of the same thing.
    pub fn joins(&mut self, next: &Event) -> bool {
        match (self, next) {
            (Event::Message(message), Event::Message(next)) => message.joins(next),
            (Event::ChangeCipherSpec { ends }, Event::ChangeCipherSpec { ends: now_ends }) if !*ends => {
                *ends = *now_ends;
                true
            }
            (Event::Heartbeat { kind, ends }, Event::Heartbeat { kind: same, ends: now_ends })
                if !*ends && kind == same =>
            {
                *ends = *now_ends;
                true
            }
            (Event::Protected(record), Event::Protected(next)) => record.joins(next),
            (Event::ApplicationData(steps), Event::ApplicationData(next)) => steps == next,
            (Event::Undecided(content), Event::Undecided(next)) => content == next,
            (Event::Unread, Event::Unread) => true,
            _ => false,
        }
    }
}

impl Message {
    fn joins(&mut self, next: &Message) -> bool {
        if self.kind != next.kind || self.ends || next.begins {
            return false;
        }
        self.ends = next.ends;
        self.hello = next.hello;
        true
    }
}

impl Protected {
    fn joins(&mut self, next: &Protected) -> bool {
        if !self.ends && !next.begins {
            self.ends = next.ends;
            self.before_fin = next.before_fin;
            return true;
        }
        let alike = (self.content, self.size) == (next.content, next.size) && !self.before_fin && !next.before_fin;
        let whole = self.begins && self.ends && next.begins && next.ends;
        // Records whose size says nothing change nothing when there is one more of them.
        let nothing_new = self.content == ContentType::APPLICATION_DATA && self.size.says_nothing();
        if alike && whole && nothing_new {
            self.count = self.count.saturating_add(next.count);
            return true;
        }
        false
    }
}
