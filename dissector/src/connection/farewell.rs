//! What a side says in one burst with its FIN, in a protocol that nobody here reads: PostgreSQL's Terminate, SMTP's 421, a
//! GOAWAY within TLS. It announces the end of a connection that had been idle before it.

use super::{Arrival, Connection, Direction};
use crate::payload::LastWords;
use crate::verdict::{Duration, Time, SECOND};

/// A burst's segments, and a FIN behind them, follow each other within this time.
const BURST: Duration = SECOND / 1000;
/// A farewell is short.
const FAREWELL: u32 = 256;

impl Connection {
    /// Whether octets may be a farewell: few, not read, and no answer to anything.
    pub(super) fn begins_farewell(&self, arrival: &Arrival) -> bool {
        let Arrival { direction, segment, .. } = *arrival;
        segment.payload_length <= FAREWELL && self.carried.unread && !self.may_answer(direction)
    }

    /// Whether octets of a side may answer the last ones of the other.
    fn may_answer(&self, direction: Direction) -> bool {
        self.last_octets_by == Some(direction.reverse()) && self.client != Some(direction)
    }

    /// Whether more octets belong to it.
    pub(super) fn goes_on_with_farewell(&self, arrival: &Arrival) -> bool {
        let short = arrival.segment.payload_length <= FAREWELL
            && (self.carried.unread || self.carried.last_words != LastWords::No);
        short && self.is_farewell_of(arrival.direction, arrival.time)
    }

    /// Whether the last octets of this side may be a farewell, and have just gone.
    pub(super) fn is_farewell_of(&self, direction: Direction, now: Time) -> bool {
        let just_now = self.last_activity.map_or(false, |last| now.saturating_sub(last) <= BURST);
        self.may_be_farewell && just_now && self.last_octets_by == Some(direction)
    }
}
