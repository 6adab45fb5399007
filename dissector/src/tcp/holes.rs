//! Octets that were not captured: few connections have any, so that none take little room.

use super::SequenceNumber;
use std::ops::Deref;

/// From a number to before another.
pub type Hole = (SequenceNumber, SequenceNumber);

/// In the order in which they came.
#[derive(Clone, Debug, Default)]
#[allow(clippy::box_collection)] // A thin pointer.
pub struct Holes(Option<Box<Vec<Hole>>>);

impl Holes {
    /// To change them.
    pub fn change(&mut self) -> &mut Vec<Hole> {
        self.0.get_or_insert_with(Box::default)
    }

    /// Keeps those of which this holds.
    pub fn retain(&mut self, keep: impl FnMut(&Hole) -> bool) {
        if let Some(holes) = &mut self.0 {
            holes.retain(keep);
        }
    }
}

impl Deref for Holes {
    type Target = [Hole];

    fn deref(&self) -> &[Hole] {
        self.0.as_deref().map_or(&[], Vec::as_slice)
    }
}
