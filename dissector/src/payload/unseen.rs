//! Octets that are known to have gone and were not captured, or not yet: what they may have said is nobody's fault.

use super::{Arriving, Payload, Reader};
use crate::connection::Direction;
use crate::tcp::Flags;

/// Octets that went before a segment and were not captured.
#[derive(Clone, Copy, Debug)]
pub struct Unseen {
    /// Its sender's, before its own octets.
    pub before: bool,
    /// Its sender's last ones so far.
    pub last: bool,
    /// Its receiver's last ones, which it acknowledges.
    pub answered: bool,
    /// Its receiver was not captured at all, and it acknowledges octets beyond the SYN.
    pub unheard: bool,
    /// It acknowledges all that its receiver has sent.
    pub acknowledges_all: bool,
}

impl Payload {
    /// What went before the segment that comes next was not captured, or waits behind what was not.
    pub fn knows_unseen(&mut self, direction: Direction, unseen: Unseen) {
        let other = &self.directions[direction.reverse() as usize];
        let (answered, alone) = (unseen.answered || other.has_held(), other.is_unheard());
        let unread = answered || unseen.unheard;
        match &mut self.reader {
            Reader::Undecided(undecided) => (undecided.answers_unseen, undecided.alone) = (unread, alone),
            Reader::Http(http) => {
                http.answers_unseen(unread);
                if unseen.before && self.directions[direction as usize].is_unheard() {
                    http.goes_unseen(direction);
                }
            }
            Reader::Tls(reader) => {
                reader.tls.knows_unseen(unseen.before || unseen.last || answered, unseen.acknowledges_all);
            }
            _ => {}
        }
    }

    /// Octets of an HTTP message that the segment acknowledges and of whose direction nothing was captured: what comes
    /// next is not their continuation.
    pub(super) fn misses(&mut self, arriving: &Arriving) {
        let Arriving { direction, segment, .. } = *arriving;
        let other = direction.reverse();
        if !self.directions[other as usize].is_unheard() || !segment.flags.has(Flags::ACK) {
            return;
        }
        let acknowledged = self.unseen[other as usize].replace(segment.acknowledgement);
        let more = acknowledged.map_or(false, |before| segment.acknowledgement.is_after(before));
        if let (true, Reader::Http(http)) = (more, &mut self.reader) {
            http.goes_unseen(other);
        }
    }
}
