//! Octets after a silence that nothing answers: the sign of a connection that something has dropped while it was idle.

use super::summary::ANSWER_TIME;
use super::{Arrival, Connection, Direction};
use crate::tcp::{Flags, SequenceNumber};
use crate::verdict::{Duration, Time, SECOND};

/// Octets after so long a silence may find the connection gone: servers take a second that they have announced for less.
pub(super) const SILENCE: Duration = SECOND / 2;
/// Octets that went so often were not answered, however soon (RFC 1122 4.2.3.5: R1).
const ENOUGH_TRANSMISSIONS: u8 = 3;

/// Octets that went after a silence: while nothing answers them, the connection may have been dead before they went.
#[derive(Clone, Copy, Debug)]
pub struct Woken {
    by: Direction,
    sequence: SequenceNumber,
    acknowledgement: SequenceNumber,
    time: Time,
    /// How long the silence was.
    idle: Duration,
    /// How often they went.
    transmissions: u8,
    /// The peer's FIN has crossed them.
    refused: bool,
}

impl Connection {
    /// Octets went after a silence. Those that come again after one are waiting for the same answer.
    #[cold]
    pub(super) fn wakes(&mut self, arrival: &Arrival, idle: Duration) {
        let Arrival { direction, segment, time, .. } = *arrival;
        if self.woken.is_none() && self.is_listened_to(direction) && !self.end(direction).has_sent(segment) {
            let (sequence, acknowledgement) = (segment.octets_begin(), segment.acknowledgement);
            let (by, transmissions, refused) = (direction, 1, false);
            self.woken = Some(Box::new(Woken { by, sequence, acknowledgement, time, idle, transmissions, refused }));
        }
    }

    /// Whether the other side may still read what this one sends: it has not closed, or has acknowledged octets since.
    fn is_listened_to(&self, direction: Direction) -> bool {
        let since = |(side, begin): (Direction, SequenceNumber)| {
            side == direction && self.end(direction).unacknowledged.map_or(false, |number| number.is_after(begin))
        };
        self.end(direction.reverse()).fin.is_none() || self.half_close_data.map_or(false, since)
    }

    /// What a segment says to octets that wait for an answer or an acknowledgement.
    #[cold]
    pub(super) fn hears_answers(&mut self, arrival: &Arrival) {
        self.hears(arrival);
        self.hears_of_repeated(arrival);
    }

    /// What of a segment answers octets after a silence: all but an RST, and a FIN that has crossed them. That their
    /// sender acknowledges more shows an answer that was not captured.
    fn hears(&mut self, arrival: &Arrival) {
        let Arrival { direction, segment, .. } = *arrival;
        let acknowledgement = segment.acknowledgement;
        let woken = match &mut self.woken {
            Some(woken) => woken,
            None => return,
        };
        let crosses = segment.flags.has(Flags::FIN) && !acknowledgement.is_after(woken.sequence);
        if woken.by == direction {
            let answered = segment.flags.has(Flags::ACK) && acknowledgement.is_after(woken.acknowledgement);
            let again = segment.payload_length > 0 && segment.octets_begin() == woken.sequence;
            woken.transmissions = woken.transmissions.saturating_add(u8::from(again));
            if answered && !woken.refused {
                self.woken = None;
            }
        } else if crosses {
            woken.refused = true;
        } else if !segment.flags.has(Flags::RST) {
            self.woken = None;
        }
    }

    /// The silence after which octets went that nothing answered: something had dropped the connection, or was about to.
    pub(super) fn fatal_idle(&self) -> Option<Duration> {
        let woken = self.woken.as_ref()?;
        let refused = woken.refused || self.reset_by() == Some(woken.by.reverse());
        // They were sent again, or something else went for as long, so that the capture has not just left off here.
        let waited = self.last_time.saturating_sub(woken.time) > ANSWER_TIME;
        let ignored = waited || woken.transmissions >= ENOUGH_TRANSMISSIONS;
        // Whose answers were not captured may have given them.
        let both = self.endpoints.iter().all(|end| end.captured);
        Some(woken.idle).filter(|_| both && (refused || ignored))
    }
}
