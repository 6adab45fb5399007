//! Acknowledgements above all that was captured. That is not all that was sent: they are believed as far as their sender
//! had offered room. Beyond that the peer has sent nothing (RFC 9293 3.10.7.4), or much of it was lost in the capture.

use super::{Arrival, Connection, Direction};
use crate::tcp::{Segment, SequenceNumber};

/// An acknowledgement that nobody believes so far, of its sender's last segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Ahead {
    by: Direction,
    number: SequenceNumber,
}

impl Connection {
    /// The segment as it counts, if its acknowledgement is not believed: with its sender's last one, and last window.
    pub(super) fn believes_no_acknowledgement<'a>(&mut self, arrival: &Arrival<'a>) -> Option<Segment<'a>> {
        let Arrival { direction, segment, .. } = *arrival;
        if self.confirms(arrival) || !self.is_too_far_ahead(arrival) {
            return None;
        }
        let number = segment.acknowledgement;
        self.doubts_mut().ahead = Some(Ahead { by: direction, number });
        let acknowledgement = self.end(direction.reverse()).unacknowledged.unwrap_or(number);
        let window = self.end(direction).advertised().unwrap_or(segment.window);
        Some(Segment { acknowledgement, window, ..*segment })
    }

    /// Whether the acknowledgement of the segment at hand, of this side, is not believed.
    pub(super) fn is_ahead(&self, direction: Direction) -> bool {
        let ahead = self.doubts.as_ref().and_then(|doubts| doubts.ahead);
        ahead.map_or(false, |ahead| ahead.by == direction)
    }

    /// Whether a segment's acknowledgement is one that its sender's last segment has had: much was lost in the capture. So
    /// it was where the peer goes on from there.
    fn confirms(&mut self, arrival: &Arrival) -> bool {
        let Arrival { direction, segment, .. } = *arrival;
        let doubts = match &mut self.doubts {
            Some(doubts) => doubts,
            None => return false,
        };
        let Ahead { by, number } = match doubts.ahead.take() {
            Some(ahead) => ahead,
            None => return false,
        };
        let room = self.end(by).largest_window();
        if by == direction {
            return segment.acknowledgement.is_within(number, room);
        }
        if segment.sequence.is_within(number, room) {
            self.end_mut(direction).is_acknowledged(number);
        } else {
            self.doubts_mut().ahead = Some(Ahead { by, number });
        }
        false
    }

    fn is_too_far_ahead(&self, arrival: &Arrival) -> bool {
        let Arrival { direction, segment, .. } = *arrival;
        let (end, peer) = (self.end(direction), self.end(direction.reverse()));
        let number = segment.acknowledgement;
        let last = match peer.unacknowledged {
            Some(last) if number.is_after(last) => last,
            _ => return false,
        };
        let captured = peer.next.map_or(false, |next| !number.is_after(next))
            || self.has_other_fin(direction.reverse(), number.minus(1));
        !captured && !number.is_within(last, end.largest_window())
    }
}
