//! One direction of a connection in order: octets as they follow each other, or the gaps between them. Bounded.

use crate::tcp::{Segment, SequenceNumber};

/// Segments that wait for octets before them; with more, the octets are given up.
const HELD_SEGMENTS: usize = 64;
/// Octets that wait, likewise.
const HELD_OCTETS: usize = 256 * 1024;

/// What comes next in a direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Piece<'a> {
    /// Octets as captured, and how many follow that were cut off.
    Octets { captured: &'a [u8], missing: u32 },
    /// So many octets will not come: the peer has acknowledged them, or too much waits behind them.
    Gap(u32),
}

/// A segment that came before its turn.
#[derive(Clone, Debug)]
struct Held {
    begin: SequenceNumber,
    length: u32,
    captured: Vec<u8>,
}

impl Held {
    fn end(&self) -> SequenceNumber {
        self.begin.plus(self.length)
    }
}

/// What is known of one direction.
#[derive(Clone, Debug, Default)]
pub struct Reassembly {
    next: Option<SequenceNumber>,
    held: Vec<Held>,
}

impl Reassembly {
    /// Whose first octet has this number; without one the first to come is taken for it.
    pub fn beginning(next: Option<SequenceNumber>) -> Reassembly {
        Reassembly { next, held: Vec::new() }
    }

    /// Takes a segment's octets and hands out what is in order now. `acknowledged` is what the peer has acknowledged:
    /// holes before it will not be filled.
    pub fn takes(
        &mut self,
        segment: &Segment,
        acknowledged: Option<SequenceNumber>,
        deliver: &mut dyn FnMut(Piece<'_>),
    ) {
        let (begin, length) = (segment.octets_begin(), segment.payload_length);
        let next = *self.next.get_or_insert(begin);
        if begin == next && self.held.is_empty() {
            self.next = Some(begin.plus(length));
            deliver(piece(segment.payload, length));
            return;
        }
        if begin.is_after(next) {
            self.hold(Held { begin, length, captured: segment.payload.to_vec() });
        } else {
            self.deliver_rest(begin, length, segment.payload, deliver);
        }
        self.deliver_held(acknowledged, deliver);
    }

    /// Whether nothing of it was captured, and its beginning is not known.
    pub fn is_unheard(&self) -> bool {
        self.next.is_none()
    }

    /// Whether all octets before this number have been handed out, as far as can be known.
    pub fn has_reached(&self, number: SequenceNumber) -> bool {
        self.next.map_or(true, |next| !next.is_before(number))
    }

    /// Whether octets wait for others before them.
    pub fn has_held(&self) -> bool {
        !self.held.is_empty()
    }

    /// Whether a segment is the next in order and nothing waits behind it.
    pub fn is_next(&self, segment: &Segment) -> bool {
        self.next == Some(segment.octets_begin()) && self.held.is_empty()
    }

    /// The same; it counts as handed out then.
    pub fn passes(&mut self, segment: &Segment) -> bool {
        match &mut self.next {
            Some(next) if *next == segment.octets_begin() && self.held.is_empty() => {
                *next = next.plus(segment.payload_length);
                true
            }
            _ => false,
        }
    }

    fn hold(&mut self, segment: Held) {
        let known = self.held.iter().any(|held| held.begin == segment.begin && held.length >= segment.length);
        if !known {
            let place = self.held.iter().position(|held| held.begin.is_after(segment.begin)).unwrap_or(self.held.len());
            self.held.insert(place, segment);
        }
    }

    /// The part of octets that begin at or before the next one and were not delivered yet.
    fn deliver_rest(
        &mut self,
        begin: SequenceNumber,
        length: u32,
        captured: &[u8],
        deliver: &mut dyn FnMut(Piece<'_>),
    ) {
        let next = self.next.unwrap_or(begin);
        let end = begin.plus(length);
        if !end.is_after(next) {
            return;
        }
        let known = next.0.wrapping_sub(begin.0);
        self.next = Some(end);
        let rest = captured.get(known as usize..).unwrap_or(&[]);
        deliver(piece(rest, length - known));
    }

    fn deliver_held(&mut self, acknowledged: Option<SequenceNumber>, deliver: &mut dyn FnMut(Piece<'_>)) {
        while let Some(first) = self.held.first() {
            let next = self.next.unwrap_or(first.begin);
            if first.begin.is_after(next) {
                let lost = acknowledged.map_or(false, |number| !number.is_before(first.begin));
                if !lost && !self.is_full() {
                    return;
                }
                let gap = first.begin.0.wrapping_sub(next.0);
                self.next = Some(first.begin);
                deliver(Piece::Gap(gap));
            }
            let held = self.held.remove(0);
            self.deliver_rest(held.begin, held.length, &held.captured, deliver);
            debug_assert!(!held.end().is_after(self.next.unwrap_or(held.end())));
        }
    }

    fn is_full(&self) -> bool {
        let octets: usize = self.held.iter().map(|held| held.captured.len()).sum();
        self.held.len() > HELD_SEGMENTS || octets > HELD_OCTETS
    }
}

fn piece(captured: &[u8], length: u32) -> Piece<'_> {
    let known = captured.len().min(length as usize);
    Piece::Octets { captured: &captured[..known], missing: length - known as u32 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tcp::Flags;

    fn segment(sequence: u32, payload: &[u8]) -> Segment<'_> {
        Segment {
            source_port: 1,
            destination_port: 2,
            sequence: SequenceNumber(sequence),
            acknowledgement: SequenceNumber(0),
            flags: Flags::ACK,
            window: 1,
            options: &[],
            payload,
            payload_length: payload.len() as u32,
        }
    }

    /// What comes out, `.` for each octet of a gap.
    fn play(segments: &[(u32, &[u8], Option<u32>)]) -> Vec<String> {
        let mut reassembly = Reassembly::default();
        let mut out = Vec::new();
        for &(sequence, payload, acknowledged) in segments {
            let mut now = String::new();
            let acknowledged = acknowledged.map(SequenceNumber);
            reassembly.takes(&segment(sequence, payload), acknowledged, &mut |piece| match piece {
                Piece::Octets { captured, .. } => now.push_str(&String::from_utf8_lossy(captured)),
                Piece::Gap(length) => now.push_str(&".".repeat(length as usize)),
            });
            out.push(now);
        }
        out
    }

    #[test]
    fn octets_in_order_pass() {
        assert_eq!(play(&[(u32::MAX, b"ab", None), (1, b"cd", None)]), ["ab", "cd"]);
    }

    #[test]
    fn what_comes_early_waits_for_the_hole_to_fill() {
        assert_eq!(play(&[(0, b"a", None), (3, b"d", None), (1, b"bc", None)]), ["a", "", "bcd"]);
    }

    #[test]
    fn what_came_already_does_not_come_again() {
        assert_eq!(play(&[(0, b"abc", None), (1, b"bc", None), (1, b"bcde", None)]), ["abc", "", "de"]);
    }

    #[test]
    fn an_acknowledged_hole_is_a_gap() {
        assert_eq!(play(&[(0, b"a", None), (3, b"d", Some(3)), (4, b"e", None)]), ["a", "..d", "e"]);
    }

    #[test]
    fn too_much_waiting_gives_the_hole_up() {
        let mut segments: Vec<(u32, &[u8], Option<u32>)> = vec![(0, b"a", None)];
        segments.extend((0..=HELD_SEGMENTS as u32).map(|number| (2 + number, &b"x"[..], None)));
        let out = play(&segments);
        assert_eq!(out.last().map(String::len), Some(1 + HELD_SEGMENTS + 1));
    }

    #[test]
    fn a_cut_segment_says_what_is_missing() {
        let mut reassembly = Reassembly::default();
        let mut cut = segment(0, b"ab");
        cut.payload_length = 10;
        let mut seen = None;
        reassembly.takes(&cut, None, &mut |piece| {
            if let Piece::Octets { captured, missing } = piece {
                seen = Some((captured.len(), missing));
            }
        });
        assert_eq!(seen, Some((2, 8)));
    }
}
