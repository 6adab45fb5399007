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
    /// Its length as in the header.
    pub length: u16,
    pub size: Size,
    /// The header's end is among them.
    pub begins: bool,
    /// The last octet is among them.
    pub ends: bool,
    /// Nothing but a FIN follows.
    pub before_fin: bool,
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
    /// Takes up what follows in the same segment, if both are parts of one record that cannot be read.
    pub fn joins(&mut self, next: &Event) -> bool {
        match (self, next) {
            (Event::Protected(record), Event::Protected(next)) if !record.ends && !next.begins => {
                record.ends = next.ends;
                record.before_fin = next.before_fin;
                true
            }
            _ => false,
        }
    }

    /// Whether it is a part of a record that could be read.
    pub fn is_read(&self) -> bool {
        matches!(self, Event::Message(_) | Event::Alert(_) | Event::Heartbeat { .. } | Event::ApplicationData(_))
    }

    /// Whether it is the end of a record that keys may open.
    pub fn is_sealed(&self) -> bool {
        matches!(self, Event::Protected(record) if record.ends)
    }
}
