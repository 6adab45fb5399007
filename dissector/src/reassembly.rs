//! One direction of a connection in order: octets as they follow each other, or the gaps between them. Bounded.

use crate::application::Numbers;
use crate::tcp::{Segment, SequenceNumber};
use crate::verdict::Time;

/// Segments that wait for octets before them; with more, the octets are given up.
const HELD_SEGMENTS: usize = 64;
/// Octets that wait, likewise.
const HELD_OCTETS: usize = 256 * 1024;

/// What comes next in a direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Piece<'a> {
    /// Octets as captured, where they stand, and how many follow that were cut off.
    Octets { numbers: Numbers, captured: &'a [u8], missing: u32, held: Option<Came> },
    /// So many octets will not come: the peer has acknowledged them, or too much waits behind them.
    Gap(u32),
}

/// When octets were captured, and in which frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Came {
    pub time: Time,
    pub frame: u32,
}

/// A segment that came before its turn.
#[derive(Clone, Debug)]
struct Held {
    came: Came,
    begin: SequenceNumber,
    acknowledgement: Option<SequenceNumber>,
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
    /// holes before it will not be filled. Octets that waited for such a hole come with their own time and frame: they
    /// have nothing to do with the segment, unless it fills another one before them.
    pub fn takes(
        &mut self,
        segment: &Segment,
        came: Came,
        acknowledged: Option<SequenceNumber>,
        deliver: &mut dyn FnMut(Piece<'_>),
    ) {
        let (begin, length) = (segment.octets_begin(), segment.payload_length);
        let acknowledgement = segment.acknowledges();
        let next = *self.next.get_or_insert(begin);
        if begin == next && self.held.is_empty() {
            self.next = Some(begin.plus(length));
            deliver(piece(Numbers { begin, acknowledgement }, segment.payload, length, None));
            return;
        }
        let early = begin.is_after(next);
        if early {
            self.hold(Held { came, begin, acknowledgement, length, captured: segment.payload.to_vec() });
        } else {
            self.deliver_rest(Numbers { begin, acknowledgement }, length, segment.payload, None, deliver);
        }
        self.deliver_held((begin, length), !early, acknowledged, deliver);
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

    /// How many octets are missing before a segment.
    pub fn missing_before(&self, segment: &Segment) -> Option<u32> {
        let begin = segment.octets_begin();
        let next = self.next.filter(|&next| begin.is_after(next))?;
        Some(begin.0.wrapping_sub(next.0))
    }

    /// When the first octets came that wait.
    pub fn waits_since(&self) -> Option<Time> {
        self.held.iter().map(|held| held.came.time).min()
    }

    /// Gives up what is missing before this number, and hands out what waits.
    pub fn gives_up(&mut self, before: SequenceNumber, deliver: &mut dyn FnMut(Piece<'_>)) {
        self.deliver_held((before, 0), false, Some(before), deliver);
        if let Some(next) = self.next.filter(|&next| before.is_after(next)) {
            self.next = Some(before);
            deliver(Piece::Gap(before.0.wrapping_sub(next.0)));
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
        numbers: Numbers,
        length: u32,
        captured: &[u8],
        held: Option<Came>,
        deliver: &mut dyn FnMut(Piece<'_>),
    ) {
        let Numbers { begin, acknowledgement } = numbers;
        let next = self.next.unwrap_or(begin);
        let end = begin.plus(length);
        if !end.is_after(next) {
            return;
        }
        let known = next.0.wrapping_sub(begin.0);
        self.next = Some(end);
        let rest = captured.get(known as usize..).unwrap_or(&[]);
        deliver(piece(Numbers { begin: next, acknowledgement }, rest, length - known, held));
    }

    /// What waits and is in order now. `current` is the segment that has come; `fills`: what follows waited for it.
    fn deliver_held(
        &mut self,
        current: (SequenceNumber, u32),
        mut fills: bool,
        acknowledged: Option<SequenceNumber>,
        deliver: &mut dyn FnMut(Piece<'_>),
    ) {
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
                fills = false;
            }
            let held = self.held.remove(0);
            fills |= (held.begin, held.length) == current;
            let came = if fills { None } else { Some(held.came) };
            let numbers = Numbers { begin: held.begin, acknowledgement: held.acknowledgement };
            self.deliver_rest(numbers, held.length, &held.captured, came, deliver);
            debug_assert!(!held.end().is_after(self.next.unwrap_or(held.end())));
        }
    }

    fn is_full(&self) -> bool {
        let octets: usize = self.held.iter().map(|held| held.captured.len()).sum();
        self.held.len() > HELD_SEGMENTS || octets > HELD_OCTETS
    }
}

fn piece(numbers: Numbers, captured: &[u8], length: u32, held: Option<Came>) -> Piece<'_> {
    let known = captured.len().min(length as usize);
    Piece::Octets { numbers, captured: &captured[..known], missing: length - known as u32, held }
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

    const CAME: Came = Came { time: 0, frame: 1 };

    /// What comes out, `.` for each octet of a gap, in brackets what another segment has brought that waited for it.
    fn play(segments: &[(u32, &[u8], Option<u32>)]) -> Vec<String> {
        let mut reassembly = Reassembly::default();
        let mut out = Vec::new();
        for &(sequence, payload, acknowledged) in segments {
            let mut now = String::new();
            let acknowledged = acknowledged.map(SequenceNumber);
            reassembly.takes(&segment(sequence, payload), CAME, acknowledged, &mut |piece| match piece {
                Piece::Octets { captured, held, .. } => {
                    let octets = String::from_utf8_lossy(captured);
                    now.push_str(&held.map_or(octets.to_string(), |_| format!("[{octets}]")));
                }
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
    fn what_waits_behind_an_acknowledged_hole_is_not_the_next_segments() {
        assert_eq!(play(&[(0, b"a", None), (3, b"d", None), (4, b"e", Some(4))]), ["a", "", "..[d]e"]);
        assert_eq!(play(&[(0, b"a", None), (3, b"d", None), (0, b"a", Some(4))]), ["a", "", "..[d]"]);
    }

    #[test]
    fn what_waits_for_two_holes_is_that_of_the_segment_that_fills_the_last() {
        let segments: &[(u32, &[u8], Option<u32>)] =
            &[(0, b"a", None), (2, b"c", None), (4, b"e", None), (3, b"d", Some(2))];
        assert_eq!(play(segments), ["a", "", "", ".[c]de"]);
        let segments: &[(u32, &[u8], Option<u32>)] =
            &[(0, b"a", None), (2, b"c", None), (4, b"e", None), (1, b"b", Some(5))];
        assert_eq!(play(segments), ["a", "", "", "bc.[e]"]);
    }

    #[test]
    fn too_much_waiting_gives_the_hole_up() {
        let mut segments: Vec<(u32, &[u8], Option<u32>)> = vec![(0, b"a", None)];
        segments.extend((0..=HELD_SEGMENTS as u32).map(|number| (2 + number, &b"x"[..], None)));
        let out = play(&segments);
        assert_eq!(out.last(), Some(&format!(".{}x", "[x]".repeat(HELD_SEGMENTS))));
    }

    #[test]
    fn a_cut_segment_says_what_is_missing() {
        let mut reassembly = Reassembly::default();
        let mut cut = segment(0, b"ab");
        cut.payload_length = 10;
        let mut seen = None;
        reassembly.takes(&cut, CAME, None, &mut |piece| {
            if let Piece::Octets { captured, missing, .. } = piece {
                seen = Some((captured.len(), missing));
            }
        });
        assert_eq!(seen, Some((2, 8)));
    }
}
