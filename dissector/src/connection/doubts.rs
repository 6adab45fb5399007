//! What is not believed so far: few connections have anything of the kind.

use super::ahead::Ahead;
use super::fins::OtherFins;
use super::silence::Repeated;
use super::unreset::Unreset;
use super::{Arrival, Connection};
use crate::tcp::{Flags, Segment};

/// All of it.
#[derive(Clone, Debug, Default)]
pub(super) struct Doubts {
    /// The last acknowledgement of a side.
    pub ahead: Option<Ahead>,
    /// FINs of both sides that do not count.
    pub fins: [OtherFins; 2],
    /// An RST that took effect.
    pub unreset: Option<Box<Unreset>>,
    /// What is sent again and again, and may not arrive.
    pub repeated: Option<Box<Repeated>>,
}

impl Doubts {
    /// Whether the next segments may settle something.
    fn is_pending(&self) -> bool {
        self.ahead.is_some() || self.fins.iter().any(|fins| fins.is_pending())
    }
}

impl Connection {
    /// The segment as it counts, if something of it is not believed.
    pub(super) fn believes<'a>(&mut self, arrival: &Arrival<'a>) -> Option<Segment<'a>> {
        let flags = arrival.segment.flags;
        if !self.is_open() || self.is_over() || !flags.has(Flags::ACK) || flags.has_any(Flags::SYN.and(Flags::RST)) {
            return None;
        }
        let acknowledgement = self.believes_no_acknowledgement(arrival);
        let fin = self.believes_no_fin(arrival.direction, acknowledgement.as_ref().unwrap_or(arrival.segment));
        fin.or(acknowledgement)
    }

    pub(super) fn doubts_mut(&mut self) -> &mut Doubts {
        self.doubts.get_or_insert_with(Default::default)
    }

    pub(super) fn is_in_doubt(&self) -> bool {
        self.doubts.as_ref().map_or(false, |doubts| doubts.is_pending())
    }
}
