//! The last segments that were read, for those that repeat them, or bring other octets on the same numbers.

use super::Payload;
use crate::connection::Direction;
use crate::history::Place;
use crate::tcp::{Segment, SequenceNumber};

/// Segments whose steps are remembered for their retransmissions.
const REMEMBERED: usize = 8;
/// Octets at either end of a segment that tell it from others.
const ENDS: usize = 16;

/// Segments that were read.
#[derive(Clone, Debug)]
pub(super) struct Recent {
    reads: [Read; REMEMBERED],
    oldest: usize,
}

#[derive(Clone, Copy, Debug)]
struct Read {
    direction: Direction,
    begin: SequenceNumber,
    length: u32,
    mark: Mark,
    place: Place,
}

/// One without octets.
const NO_READ: Read = Read {
    direction: Direction::Forth,
    begin: SequenceNumber(0),
    length: 0,
    mark: Mark { begin: 0, end: 0 },
    place: Place::FIRST,
};

impl Default for Recent {
    fn default() -> Recent {
        Recent { reads: [NO_READ; REMEMBERED], oldest: 0 }
    }
}

/// What tells a segment's octets from others of the same length: a number for those at its beginning, and one for those at
/// its end. 0 where they are not known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Mark {
    begin: u16,
    end: u16,
}

impl Mark {
    /// Of a segment's octets, as far as they were captured.
    pub fn new(segment: &Segment) -> Mark {
        let (captured, length) = (segment.payload, segment.payload_length as usize);
        let begin = captured.get(..ENDS.min(length)).map_or(0, number);
        let end = if captured.len() == length { number(&captured[length.saturating_sub(ENDS)..]) } else { 0 };
        Mark { begin, end }
    }

    /// What of it, that of a segment of `own` octets, can be compared with that of one of `other` octets on the same numbers.
    fn of_length(self, own: u32, other: u32) -> Mark {
        if own == other {
            self
        } else if own.min(other) as usize >= ENDS {
            Mark { end: 0, ..self }
        } else {
            Mark::default()
        }
    }

    /// Whether these are other octets than those, as far as both are known.
    pub fn contradicts(self, other: Mark) -> bool {
        let differ = |one: u16, other: u16| one != 0 && other != 0 && one != other;
        differ(self.begin, other.begin) || differ(self.end, other.end)
    }
}

#[cold]
fn few(octets: &[u8]) -> [u8; ENDS] {
    let mut all = [0; ENDS];
    all.iter_mut().zip(octets).for_each(|(place, &octet)| *place = octet);
    all
}

/// Of at most [`ENDS`] octets; never 0.
#[inline(always)]
fn number(octets: &[u8]) -> u16 {
    let all = octets.try_into().unwrap_or_else(|_| few(octets));
    // An odd number with as many ones as zeros (the golden ratio's) mixes every octet into the highest ones.
    let mixed = u128::from_le_bytes(all).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835);
    (mixed >> 112) as u16 | 1
}

impl Recent {
    fn of(&self, direction: Direction, begin: SequenceNumber) -> impl Iterator<Item = &Read> + Clone {
        self.reads.iter().filter(move |read| read.length > 0 && read.direction == direction && read.begin == begin)
    }
}

impl Payload {
    /// Remembers where the verdict of a segment is kept. Without a mark, its octets are not told from others.
    pub fn remember_segment(&mut self, direction: Direction, segment: &Segment, mark: Mark, place: Place) {
        let (begin, length) = (segment.octets_begin(), segment.payload_length);
        let Recent { reads, oldest } = &mut self.recent;
        reads[*oldest] = Read { direction, begin, length, mark, place };
        *oldest = (*oldest + 1) % REMEMBERED;
    }

    /// Where the verdicts of the segments are kept that this one repeats; none of them if one is forgotten.
    pub fn repeated(&self, direction: Direction, segment: &Segment) -> Vec<Place> {
        let (mut begin, mut left) = (segment.octets_begin(), segment.payload_length);
        let mark = Mark::new(segment);
        let mut places = Vec::new();
        while left > 0 {
            let first = places.is_empty();
            let is_other = |read: &Read| mark.contradicts(read.mark.of_length(read.length, segment.payload_length));
            let mut same = self.recent.of(direction, begin).filter(|read| !(first && is_other(read)));
            let read = match same.clone().find(|read| read.length >= left).or_else(|| same.next()) {
                Some(read) => read,
                None => return Vec::new(),
            };
            places.push(read.place);
            begin = begin.plus(read.length);
            left = left.saturating_sub(read.length);
        }
        places
    }

    /// Whether a segment has other octets than one on the same numbers had, and none had the same. One octet may be a
    /// keep-alive's, which says nothing (RFC 1122 4.2.3.6).
    pub fn is_contradicted(&self, direction: Direction, segment: &Segment) -> bool {
        let (begin, length) = (segment.octets_begin(), segment.payload_length);
        let mut same = self.recent.of(direction, begin).filter(|read| read.length > 1).peekable();
        if length < 2 || same.peek().is_none() {
            return false;
        }
        let mark = Mark::new(segment);
        same.all(|read| mark.contradicts(read.mark.of_length(read.length, length)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tcp::Flags;

    fn mark(payload: &[u8], payload_length: u32) -> Mark {
        Mark::new(&Segment {
            source_port: 1,
            destination_port: 2,
            sequence: SequenceNumber(0),
            acknowledgement: SequenceNumber(0),
            flags: Flags::ACK,
            window: 1,
            options: &[],
            payload,
            payload_length,
        })
    }

    #[test]
    fn octets_are_told_apart_as_far_as_they_were_captured() {
        let (whole, other) = ([b'a'; 40], [b'b'; 40]);
        assert!(mark(&whole, 40).contradicts(mark(&other, 40)));
        assert!(mark(&whole[..20], 40).contradicts(mark(&other, 40)));
        assert!(!mark(&whole, 40).contradicts(mark(&whole, 40)));
        assert!(!mark(&whole[..20], 40).contradicts(mark(&whole, 40)), "the end is not known");
        assert!(!mark(&whole[..9], 40).contradicts(mark(&other, 40)), "nor is the beginning");
        let mut changed = whole;
        changed[39] = b'c';
        assert!(mark(&whole, 40).contradicts(mark(&changed, 40)));
    }
}
