//! A protocol that nobody here reads, behind which TLS can begin: LDAP, MySQL, XMPP, RDP. Very little is kept.

use super::{Mark, Payload};
use crate::application::Octets;
use crate::connection::{Arrival, Direction};
use crate::tcp::{Segment, SequenceNumber};
use crate::tls::{self, ContentType, Recognition, CLIENT_HELLO_BEGIN};

/// Such a protocol asks for TLS within so many octets of both directions.
pub const BEFORE_TLS: u32 = 4096;

/// The octets of one connection that nobody reads.
#[derive(Clone, Debug, Default)]
pub struct Late {
    octets: u32,
    /// What may be the beginning of a Client Hello, the last octets of the direction `from`.
    held: [u8; CLIENT_HELLO_BEGIN],
    length: u8,
    from: Option<Direction>,
    /// The last segment that was read: its side, its first number, its length, and what tells its octets from others.
    read: Option<(Direction, SequenceNumber, u32, Mark)>,
}

impl Late {
    /// Nobody reads on behind this segment.
    pub fn behind(direction: Direction, segment: &Segment) -> Late {
        let read = Some((direction, segment.octets_begin(), segment.payload_length, Mark::new(segment)));
        Late { read, ..Late::default() }
    }

    /// Whether a segment has other octets than that one had.
    pub fn is_contradicted(&self, direction: Direction, segment: &Segment) -> bool {
        let is_same = |read: (Direction, SequenceNumber, u32, Mark)| {
            (read.0, read.1, read.2) == (direction, segment.octets_begin(), segment.payload_length)
                && Mark::new(segment).contradicts(read.3)
        };
        segment.payload_length > 1 && self.read.map_or(false, is_same)
    }

    /// Whether TLS will not begin any more.
    pub fn is_over(&self) -> bool {
        self.octets > BEFORE_TLS
    }

    /// Passes over a segment with which nothing begins. False: it has to be looked at.
    #[inline]
    pub fn passes(&mut self, segment: &Segment) -> bool {
        let begins = segment.payload.first() == Some(&ContentType::HANDSHAKE.0);
        let passes = !begins && self.length == 0 && !self.is_over();
        if passes {
            self.octets = self.octets.saturating_add(segment.payload_length);
        }
        passes
    }

    /// What is above TCP from this segment on, if a Client Hello begins with it or has begun just before. `goes_on`: its
    /// octets follow the last ones of its direction.
    pub fn begins(&mut self, arrival: &Arrival, goes_on: bool) -> Option<Payload> {
        let Arrival { direction, segment, time, frame, .. } = *arrival;
        self.octets = self.octets.saturating_add(segment.payload_length);
        if self.from != Some(direction) || !goes_on {
            (self.length, self.from) = (0, Some(direction));
        }
        let before = usize::from(self.length);
        let room = &mut self.held[before..];
        let taken = room.len().min(segment.payload.len());
        room[..taken].copy_from_slice(&segment.payload[..taken]);
        self.length += taken as u8;
        match tls::recognises_client_hello(&self.held[..before + taken]) {
            Recognition::Yes => {
                let captured = &self.held[..before];
                return Some(Payload::behind_others(&Octets { direction, captured, missing: 0, time, frame }));
            }
            Recognition::NeedMore if segment.payload.len() == segment.payload_length as usize => {}
            Recognition::NeedMore | Recognition::No => self.length = 0,
        }
        None
    }
}
