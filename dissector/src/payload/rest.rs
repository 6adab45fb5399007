//! The rest of a body or a record whose length is known: until its last octet nobody has to read it.

use super::{Payload, Reader};
use crate::application::Rest;
use crate::connection::Direction;
use crate::tcp::{Flags, Segment};
use crate::verdict::{Step, Time};

/// A segment of which nobody has to say more.
#[derive(Clone, Copy, Debug, Default)]
pub struct Passed {
    /// What it does, none for what nobody recognises.
    pub step: Option<Step>,
    /// Number of the message that its octets belong to.
    pub message: Option<u32>,
    /// TLS records end in it that keys may open.
    pub sealed: bool,
}

/// The rest of one direction, and how much of it has passed unread.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Passing {
    rest: Rest,
    passed: u64,
    time: Time,
    /// The frame of the last segment that was read.
    frame: u32,
}

impl Payload {
    /// Lets a segment pass that continues the rest, or goes on with records of application data, and says what it is.
    #[inline(always)] // Most segments with octets come here.
    pub fn passes(&mut self, direction: Direction, segment: &Segment, time: Time, frame: u32) -> Option<Passed> {
        let passing = &mut self.passing[direction as usize];
        let octets = u64::from(segment.payload_length);
        if frame == passing.frame || segment.flags.has(Flags::FIN) {
            return None;
        }
        if octets >= passing.rest.octets {
            return self.passes_data(direction, segment, time, frame);
        }
        if !self.directions[direction as usize].passes(segment) {
            return None;
        }
        passing.rest.octets -= octets;
        passing.passed += octets;
        passing.time = passing.time.max(time);
        Some(Passed { step: passing.rest.step, message: passing.rest.message, sealed: false })
    }

    /// Records of application data.
    #[inline(never)]
    fn passes_data(&mut self, direction: Direction, segment: &Segment, time: Time, frame: u32) -> Option<Passed> {
        let whole = segment.payload.len() == segment.payload_length as usize;
        if !whole || !matches!(self.reader, Reader::Tls(_)) || !self.directions[direction as usize].is_next(segment) {
            return None;
        }
        self.catches_up_in(direction);
        let sealed = match &mut self.reader {
            Reader::Tls(reader) => reader.takes_data(direction, segment.payload, time)?,
            _ => return None,
        };
        self.directions[direction as usize].passes(segment);
        // The other direction's record is what it was.
        self.passing[direction.reverse() as usize].frame = frame;
        self.looks_ahead_in(direction, frame);
        Some(Passed { step: Some(Step::TlsApplicationData), message: None, sealed })
    }

    /// Tells the reader what has passed.
    pub(super) fn catches_up(&mut self) {
        self.catches_up_in(Direction::Forth);
        self.catches_up_in(Direction::Back);
    }

    fn catches_up_in(&mut self, direction: Direction) {
        let passing = &mut self.passing[direction as usize];
        passing.rest.octets = 0;
        if passing.passed > 0 {
            self.reader.passes(direction, std::mem::take(&mut passing.passed), passing.time);
        }
    }

    /// Asks the reader what is certain from here on.
    pub(super) fn looks_ahead(&mut self, frame: u32) {
        self.looks_ahead_in(Direction::Forth, frame);
        self.looks_ahead_in(Direction::Back, frame);
    }

    fn looks_ahead_in(&mut self, direction: Direction, frame: u32) {
        let rest = self.reader.rest(direction);
        self.passing[direction as usize] = Passing { rest, frame, ..Passing::default() };
    }
}

impl Reader {
    fn rest(&self, direction: Direction) -> Rest {
        match self {
            Reader::Undecided(undecided) if undecided.is_refused(direction) => {
                Rest { octets: u64::MAX, ..Rest::default() }
            }
            Reader::Tls(reader) => {
                Rest { octets: reader.tls.rest_of_data(direction), step: Some(Step::TlsApplicationData), message: None }
            }
            reader => reader.protocol().map_or_else(Rest::default, |protocol| protocol.rest(direction)),
        }
    }

    fn passes(&mut self, direction: Direction, octets: u64, time: Time) {
        match self {
            Reader::Tls(reader) => {
                reader.tls.passes(direction, octets);
                reader.heartbeats.other(time, true);
            }
            reader => {
                reader.protocol_mut().into_iter().for_each(|protocol| protocol.passes(direction, octets, time));
            }
        }
    }
}
