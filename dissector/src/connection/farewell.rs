//! How long a connection had been idle when it began to close, or has been. What a side says in one burst with its FIN
//! announces the end of a silence, also in a protocol that nobody here reads: PostgreSQL's Terminate, SMTP's 421, a GOAWAY
//! within TLS.

use super::{Arrival, Connection, Direction, Moment};
use crate::payload::LastWords;
use crate::tcp::Segment;
use crate::verdict::{elapsed, Duration, Time, SECOND};

/// A burst's segments, and a FIN behind them, follow each other within this time.
const BURST: Duration = SECOND / 1000;
/// A farewell is short.
const FAREWELL: u16 = 256;
/// No response within TLS is as short as a GOAWAY, where HTTP/2's last octets may have come from either side.
const GOAWAY: u16 = 64;

/// Whether a segment is so short that it may be a farewell.
pub(super) fn is_short(segment: &Segment) -> bool {
    segment.payload_length <= u32::from(FAREWELL)
}

impl Connection {
    /// How long it had been idle when a FIN or RST begins to close it.
    pub(super) fn idle_before(&self, arrival: &Arrival) -> Option<Duration> {
        let Arrival { direction, time, .. } = *arrival;
        let idle = |last| elapsed(last, time);
        if self.said_last_words(time) || self.is_farewell_of(direction, time) {
            return self.activity_before.get().and_then(idle);
        }
        self.last_activity.get().and_then(idle).filter(|&idle| self.is_known(idle, time))
    }

    /// How long it has been idle when the capture ends, unless it has begun to close.
    pub(super) fn open_idle(&self) -> Option<Duration> {
        let idle = self.last_activity.get().map(|last| self.last_time.saturating_sub(last));
        idle.filter(|&idle| self.closer.is_none() && self.is_known(idle, self.last_time))
    }

    /// Whether that was the time since octets went: a time of 0 is none where there were none.
    fn is_known(&self, idle: Duration, now: Time) -> bool {
        !self.just_heard_of_octets(now) && (idle > 0 || self.last_octets_by.is_some())
    }

    /// Whether an acknowledgement has just told of octets that were not captured: nobody knows when they went.
    pub(super) fn just_heard_of_octets(&self, now: Time) -> bool {
        self.octets_unseen && self.last_activity.get().map_or(false, |last| now.saturating_sub(last) <= BURST)
    }

    /// Whether octets can have no part in a farewell, as nearly all: read, or too many, and nothing before them matters.
    #[inline(always)] // Most segments with octets come here.
    pub(super) fn is_plain(&self, segment: &Segment) -> bool {
        let matters = self.words_matter || self.carried.unread && is_short(segment);
        !matters && self.carried.last_words == LastWords::No
    }

    /// Other octets went: whether they go on with what announces an end, or begin with it. However a burst is cut into
    /// segments, the same comes of it.
    #[cold]
    pub(super) fn weigh_words(&mut self, arrival: &Arrival) {
        let octets = arrival.segment.payload_length;
        let words = self.carried.last_words;
        let fits = self.carried.unread || words != LastWords::No;
        let goes_on = match self.last_words {
            LastWords::No => fits && self.is_farewell_of(arrival.direction, arrival.time),
            LastWords::Undecided => self.is_burst_of(arrival.direction, arrival.time),
            LastWords::Perhaps | LastWords::Yes => true,
        };
        if !goes_on {
            let heard = self.just_heard_of_octets(arrival.time);
            self.activity_before = if heard { Moment::default() } else { self.last_activity };
            self.farewell_limit = if self.carried.unread { self.farewell_limit(arrival) } else { 0 };
            self.burst_octets = 0;
        }
        self.burst_octets = self.burst_octets.saturating_add(u16::try_from(octets).unwrap_or(u16::MAX));
        if !fits || self.burst_octets > self.farewell_limit {
            self.farewell_limit = 0;
        }
        self.last_words = words;
        self.octets_unseen = false;
        self.words_matter = words != LastWords::No || self.farewell_limit > 0;
    }

    /// How many octets a farewell that begins here may have: an answer is none, unless it is late and short.
    fn farewell_limit(&self, arrival: &Arrival) -> u16 {
        let Arrival { direction, time, .. } = *arrival;
        let answers = self.last_octets_by == Some(direction.reverse()) && self.client != Some(direction);
        let late = || self.last_activity.get().map_or(false, |last| time.saturating_sub(last) >= SECOND);
        let within_tls = || self.payload.as_ref().map_or(false, |payload| payload.tls().is_some());
        match answers {
            false => FAREWELL,
            true if late() && within_tls() => GOAWAY,
            true => 0,
        }
    }

    /// Whether the last octets of this side may be a farewell, and have just gone.
    fn is_farewell_of(&self, direction: Direction, now: Time) -> bool {
        self.farewell_limit > 0 && self.is_burst_of(direction, now)
    }

    /// Whether this side's octets were the last, and have just gone.
    fn is_burst_of(&self, direction: Direction, now: Time) -> bool {
        let just_now = self.last_activity.get().map_or(false, |last| now.saturating_sub(last) <= BURST);
        just_now && self.last_octets_by == Some(direction)
    }
}
