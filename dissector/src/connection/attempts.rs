//! Whose a segment is, where several attempts on the same addresses and ports can have it: its numbers tell.

use super::{Arrival, Connection, Direction};
use crate::tcp::endpoint::Endpoint;
use crate::tcp::open::acknowledges_syn;
use crate::tcp::{Flags, Segment, SequenceNumber};
use crate::verdict::{Duration, Opened, SECOND};

/// Numbers this far from the expected ones can still be of the same attempt, whatever the window.
pub(super) const NEAR: u32 = u16::MAX as u32;
/// Numbers this far from the expected ones are more likely to lie behind octets that were not captured than to be of
/// another attempt, which begins anywhere.
const AROUND: u32 = 1 << 26;

/// Nobody waits as long before a SYN is sent again: the longest is 64 s, or what RFC 6298 2.5 allows.
const LAST_RETRY: Duration = 120 * SECOND;

/// How well a segment's numbers fit an attempt, the worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fit {
    /// They are not of it.
    No,
    /// They are not too far from the expected ones.
    Around,
    /// They are in the window.
    Near,
    /// One is exactly the expected one, and the other does not speak against it.
    One,
    /// Both are, or the only one that tells.
    All,
}

/// The attempt before one on the same addresses and ports, until that one is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Predecessor(u32);

impl Predecessor {
    /// There is none, or its time is over.
    pub const NONE: Predecessor = Predecessor(u32::MAX);

    /// One with that number, or none.
    pub fn from_number(number: Option<u32>) -> Predecessor {
        number.map_or(Predecessor::NONE, Predecessor)
    }

    /// Its number.
    pub fn number(self) -> Option<u32> {
        Some(self.0).filter(|_| self != Predecessor::NONE)
    }
}

/// Where a number lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// Nothing is known to compare it with.
    Unknown,
    Far,
    Around,
    Near,
    Exact,
}

impl Place {
    fn around(number: SequenceNumber, expected: SequenceNumber, room: u32) -> Place {
        match number.distance_from(expected).unsigned_abs() {
            distance if distance <= room => Place::Near,
            distance if distance <= AROUND => Place::Around,
            _ => Place::Far,
        }
    }

    fn of_sequence(segment: &Segment, end: &Endpoint, room: u32) -> Place {
        let next = match end.next.or(end.unacknowledged) {
            Some(next) => next,
            None => return Place::Unknown,
        };
        // One below is a keep-alive, or the FIN's own number.
        let expected = segment.sequence == next || segment.sequence.plus(1) == next;
        if expected || Some(segment.sequence) == end.unacknowledged || end.repeats(segment, false) {
            Place::Exact
        } else {
            Place::around(segment.sequence, next, room)
        }
    }

    fn of_acknowledgement(segment: &Segment, peer: &Endpoint, room: u32) -> Place {
        let acknowledgement = segment.acknowledgement;
        let lowest = peer.unacknowledged.or_else(|| peer.first_captured());
        let (lowest, next) = match (lowest, peer.next) {
            (Some(lowest), Some(next)) => (lowest, next),
            // How far it has got since, nobody has captured.
            (Some(last), None) => return Place::around(acknowledgement, last, room).or_exact(acknowledgement == last),
            (None, _) => return Place::Unknown,
        };
        let sent = !acknowledgement.is_before(lowest) && !acknowledgement.is_after(next);
        Place::around(acknowledgement, next, room).or_exact(sent)
    }

    fn or_exact(self, is_exact: bool) -> Place {
        if is_exact {
            Place::Exact
        } else {
            self
        }
    }
}

impl Connection {
    /// Whether a segment cannot be one of this connection's: a SYN that begins another one.
    pub fn is_left_by(&self, arrival: &Arrival) -> bool {
        let Arrival { direction, segment, .. } = *arrival;
        let (end, peer) = (self.end(direction), self.end(direction.reverse()));
        if segment.is_syn() {
            return match end.initial {
                // A SYN that was refused may come again; the number of a SYN-ACK is no SYN's. Some devices begin each
                // connection with the same number.
                Some(initial) if initial == segment.sequence => {
                    self.has_exchanged_octets(direction)
                        || (self.is_over() && (self.is_open() || end.opening.syn().is_none()))
                }
                Some(_) => true,
                // The other side's first SYN is a simultaneous or split opening.
                None => self.is_open() || self.reset.is_some(),
            };
        }
        if !segment.is_syn_ack() || end.initial == Some(segment.sequence) {
            return false;
        }
        let answers = acknowledges_syn(segment.acknowledgement, peer);
        if end.initial.is_none() && answers && self.reset_by() == Some(direction.reverse()) {
            // The answer to a SYN whose sender has given up meanwhile.
            return false;
        }
        // Its SYN was not captured. Where none was, another acknowledgement answers another one, and so does whatever comes
        // after any repetition.
        let late = arrival.time.saturating_sub(self.last_time) > LAST_RETRY;
        let one_sided = !peer.captured && (!answers || late || self.has_exchanged_octets(direction));
        self.is_over() || self.opened == Some(Opened::Midway) || (end.captured && one_sided)
    }

    /// Whether octets went both ways and were acknowledged: nobody sends the SYN again then. What one side sends and
    /// acknowledges tells as much, where nothing else was captured.
    fn has_exchanged_octets(&self, direction: Direction) -> bool {
        let (end, peer) = (self.end(direction), self.end(direction.reverse()));
        if !peer.captured {
            let beyond_syn = end.after_syn().map(|after_syn| after_syn.plus(end.syn_octets));
            return matches!((end.next, beyond_syn), (Some(next), Some(beyond)) if next.is_after(beyond));
        }
        [end, peer].iter().all(|end| {
            let first = end.after_syn().or_else(|| end.first_captured());
            matches!((end.unacknowledged, first), (Some(highest), Some(first)) if highest.is_after(first))
        })
    }

    /// How well a segment's numbers fit.
    pub fn fit(&self, arrival: &Arrival) -> Fit {
        let Arrival { direction, segment, .. } = *arrival;
        let (end, peer) = (self.end(direction), self.end(direction.reverse()));
        if self.is_left_by(arrival) {
            return Fit::No;
        }
        if segment.is_syn() || segment.is_syn_ack() {
            let repeats = end.initial == Some(segment.sequence);
            let answers = segment.is_syn() || acknowledges_syn(segment.acknowledgement, peer);
            return match (repeats, answers) {
                (true, true) => Fit::All,
                (true, false) => Fit::One,
                (false, true) if segment.is_syn_ack() => Fit::Near,
                (false, _) => Fit::No,
            };
        }
        let room = |end: &Endpoint| if self.is_over() { NEAR } else { NEAR.max(end.largest_window()) };
        let sequence = Place::of_sequence(segment, end, room(peer));
        let acknowledgement = match segment.flags.has(Flags::ACK) {
            true => Place::of_acknowledgement(segment, peer, room(end)),
            false => Place::Unknown,
        };
        if segment.flags.has(Flags::RST) {
            return self.fit_of_reset(arrival, sequence, acknowledgement);
        }
        match (sequence, acknowledgement) {
            (Place::Far, _) | (_, Place::Far) | (Place::Unknown, Place::Unknown) => Fit::No,
            (Place::Exact, Place::Exact) => Fit::All,
            (Place::Exact, Place::Unknown | Place::Near) | (Place::Unknown | Place::Near, Place::Exact) => Fit::One,
            // An acknowledgement of something near a SYN's number is none of the SYN.
            (Place::Unknown, _) if segment.payload_length == 0 => Fit::No,
            (Place::Around, _) | (_, Place::Around) => Fit::Around,
            _ => Fit::Near,
        }
    }

    /// What an RST acknowledges may be anything, unless it answers a SYN.
    fn fit_of_reset(&self, arrival: &Arrival, sequence: Place, acknowledgement: Place) -> Fit {
        let rejects = self.rejected == Some((arrival.direction, arrival.segment.sequence));
        match (sequence, acknowledgement) {
            (Place::Exact, Place::Exact) => Fit::All,
            (Place::Exact, _) => Fit::One,
            (_, Place::Exact) if !self.is_open() => Fit::One,
            _ if rejects => Fit::One,
            (Place::Near, _) => Fit::Near,
            _ => Fit::No,
        }
    }

    /// Whether it is open and goes on: no attempt takes from it what fits it as well.
    pub fn is_live(&self) -> bool {
        self.is_open() && !self.is_over()
    }
}
