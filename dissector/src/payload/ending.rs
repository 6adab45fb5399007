//! The end of what is above: a FIN behind all octets before it, or an RST.

use super::{Arriving, Payload, Report};
use crate::connection::Direction;
use crate::tcp::SequenceNumber;
use crate::verdict::Time;

impl Payload {
    /// A FIN with this number. It has its turn behind all octets before it, which may come later.
    pub fn finishes(&mut self, arriving: &Arriving, number: SequenceNumber, report: &mut Report) {
        let Arriving { direction, acknowledged, time, .. } = *arriving;
        self.fins[direction as usize] = Some((number, time));
        self.ends_in_turn(direction, report);
        if acknowledged.map_or(false, |edge| !edge.is_before(number)) {
            self.ends_behind_gap(direction);
        }
    }

    pub(super) fn ends_in_turn(&mut self, direction: Direction, report: &mut Report) {
        let fin = &mut self.fins[direction as usize];
        let reassembly = &self.directions[direction as usize];
        if let Some((_, time)) = fin.filter(|&(number, _)| reassembly.has_reached(number)) {
            *fin = None;
            self.ends(direction, false, time, report);
        }
    }

    /// Octets before a FIN will not come, so that nobody knows what it ends.
    pub fn ends_behind_gap(&mut self, direction: Direction) {
        if let Some((_, time)) = self.fins[direction as usize].take() {
            self.catches_up();
            self.reader.gap(direction, None);
            self.reader.ends(direction, false, time, &mut Report::default());
        }
    }

    /// A FIN with this number was none.
    pub fn goes_on(&mut self, direction: Direction, number: SequenceNumber) {
        let fin = &mut self.fins[direction as usize];
        *fin = fin.filter(|&(waiting, _)| waiting != number);
    }

    /// An RST.
    pub fn is_reset(&mut self, direction: Direction, time: Time, report: &mut Report) {
        self.ends(direction, true, time, report);
    }

    fn ends(&mut self, direction: Direction, by_reset: bool, time: Time, report: &mut Report) {
        self.catches_up();
        self.reader.ends(direction, by_reset, time, report);
    }
}
