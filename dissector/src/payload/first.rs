//! The first octets of a direction, as long as they do not tell which protocol it is.

use crate::application::{Numbers, Octets};
use crate::tcp::SequenceNumber;
use crate::verdict::Time;

/// As many of a direction's first octets as any protocol needs to be told.
pub const FIRST_OCTETS: usize = 40;

/// The first octets of one direction.
#[derive(Clone, Copy, Debug)]
pub struct First {
    /// The octets, and how many there are.
    pub octets: [u8; FIRST_OCTETS],
    pub length: usize,
    /// When and in which frame they began.
    pub time: Time,
    pub frame: u32,
    /// Octets went that nobody recognised.
    pub refused: bool,
    /// Some were not captured.
    pub missed: bool,
    /// They may be a request of a method that is not known.
    pub asks: bool,
    /// What its last octets acknowledge.
    acknowledged: Option<SequenceNumber>,
    /// Segments that were asked whether a message begins there.
    pub attempts: u8,
}

impl First {
    /// None so far.
    pub fn new() -> First {
        First {
            octets: [0; FIRST_OCTETS],
            length: 0,
            time: 0,
            frame: 0,
            refused: false,
            missed: false,
            asks: false,
            acknowledged: None,
            attempts: 0,
        }
    }

    /// Whether octets that stand there acknowledge more than the ones before.
    pub fn acknowledges_more(&mut self, numbers: Option<Numbers>) -> bool {
        let now = numbers.and_then(|numbers| numbers.acknowledgement);
        let before = std::mem::replace(&mut self.acknowledged, now);
        matches!((before, now), (Some(before), Some(now)) if now.is_after(before))
    }

    /// Holds the octets so far.
    pub fn holds(&mut self, so_far: [u8; FIRST_OCTETS], length: usize, octets: &Octets) {
        if self.length == 0 {
            (self.time, self.frame) = (octets.time, octets.frame);
        }
        (self.octets, self.length) = (so_far, length);
    }

    /// The octets held back and the beginning of these.
    pub fn with(&self, captured: &[u8]) -> ([u8; FIRST_OCTETS], usize) {
        let mut octets = self.octets;
        let room = &mut octets[self.length..];
        let taken = room.len().min(captured.len());
        room[..taken].copy_from_slice(&captured[..taken]);
        (octets, self.length + taken)
    }
}
