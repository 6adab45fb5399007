//! How long a connection had been idle when it began to close, or has been. What a side says in one burst with its FIN
//! announces the end of a silence, also in a protocol that nobody here reads: PostgreSQL's Terminate, SMTP's 421, a GOAWAY
//! within TLS.

use super::{Arrival, Connection, Direction};
use crate::payload::LastWords;
use crate::verdict::{elapsed, Duration, Time, SECOND};

/// A burst's segments, and a FIN behind them, follow each other within this time.
const BURST: Duration = SECOND / 1000;
/// A farewell is short.
const FAREWELL: u32 = 256;
/// No response within TLS is as short as a GOAWAY, where HTTP/2's last octets may have come from either side.
const GOAWAY: u32 = 64;

impl Connection {
    /// How long it had been idle when a FIN or RST begins to close it.
    pub(super) fn idle_before(&self, arrival: &Arrival) -> Option<Duration> {
        let Arrival { direction, time, .. } = *arrival;
        let idle = |last| elapsed(last, time);
        if self.said_last_words(time) || self.is_farewell_of(direction, time) {
            return self.activity_before.and_then(idle);
        }
        self.last_activity.and_then(idle).filter(|&idle| self.is_known(idle, time))
    }

    /// How long it has been idle when the capture ends, unless it has begun to close.
    pub(super) fn open_idle(&self) -> Option<Duration> {
        let idle = self.last_activity.map(|last| self.last_time.saturating_sub(last));
        idle.filter(|&idle| self.closer.is_none() && self.is_known(idle, self.last_time))
    }

    /// Whether that was the time since octets went: a time of 0 is none where there were none.
    fn is_known(&self, idle: Duration, now: Time) -> bool {
        !self.just_heard_of_octets(now) && (idle > 0 || self.last_octets_by.is_some())
    }

    /// Whether an acknowledgement has just told of octets that were not captured: nobody knows when they went.
    pub(super) fn just_heard_of_octets(&self, now: Time) -> bool {
        self.octets_unseen && self.last_activity.map_or(false, |last| now.saturating_sub(last) <= BURST)
    }

    /// Whether octets may be a farewell: few, not read, and no answer to anything.
    pub(super) fn begins_farewell(&self, arrival: &Arrival) -> bool {
        arrival.segment.payload_length <= FAREWELL && self.carried.unread && !self.may_answer(arrival)
    }

    /// Whether octets of a side may answer the last ones of the other.
    fn may_answer(&self, arrival: &Arrival) -> bool {
        let Arrival { direction, segment, time, .. } = *arrival;
        let answers = self.last_octets_by == Some(direction.reverse()) && self.client != Some(direction);
        let late = || self.last_activity.map_or(false, |last| time.saturating_sub(last) >= SECOND);
        let within_tls = || self.payload.as_ref().map_or(false, |payload| payload.tls().is_some());
        answers && !(segment.payload_length <= GOAWAY && late() && within_tls())
    }

    /// Whether more octets belong to it.
    pub(super) fn goes_on_with_farewell(&self, arrival: &Arrival) -> bool {
        let short = arrival.segment.payload_length <= FAREWELL
            && (self.carried.unread || self.carried.last_words != LastWords::No);
        short && self.is_farewell_of(arrival.direction, arrival.time)
    }

    /// Whether the last octets of this side may be a farewell, and have just gone.
    fn is_farewell_of(&self, direction: Direction, now: Time) -> bool {
        let just_now = self.last_activity.map_or(false, |last| now.saturating_sub(last) <= BURST);
        self.may_be_farewell && just_now && self.last_octets_by == Some(direction)
    }
}
