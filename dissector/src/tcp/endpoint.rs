//! One endpoint of a connection: its sequence variables (RFC 9293 3.3.1) as an observer can know them.

use super::holes::Holes;
use super::keep_alive::ProbeRun;
use super::parser::{options, MAXIMUM_SHIFT};
use super::state::State;
use super::{Flags, Segment, SequenceNumber};
use crate::verdict::Time;
use std::num::NonZeroU32;

/// Past this many, the oldest hole is forgotten together with all octets before its end.
const MAXIMUM_HOLES: usize = 64;
/// Octets this far back are forgotten, long before sequence numbers could be mistaken for later ones.
const MEMORY: u32 = 1 << 30;
/// Of a number that is never 0 the absence takes no room.
const ONCE: NonZeroU32 = match NonZeroU32::new(1) {
    Some(once) => once,
    // Decided when this is compiled.
    None => unreachable!(),
};

/// The SYN of an endpoint, also where it was part of a SYN-ACK.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SynSent {
    /// Time of the first.
    pub first_time: Time,
    /// Time of the last.
    pub time: Time,
    /// Frame of the last.
    pub frame: u32,
    /// How often it was sent.
    attempts: NonZeroU32,
}

impl SynSent {
    /// Sent once.
    pub fn first(time: Time, frame: u32) -> SynSent {
        SynSent { first_time: time, time, frame, attempts: ONCE }
    }

    /// How often it was sent.
    pub fn attempts(&self) -> u32 {
        self.attempts.get()
    }

    /// Sent once more.
    pub fn again(&mut self, time: Time, frame: u32) {
        self.time = time;
        self.frame = frame;
        self.attempts = NonZeroU32::new(self.attempts.get().saturating_add(1)).unwrap_or(ONCE);
    }
}

/// A SYN-ACK with another number than the first.
#[derive(Clone, Copy, Debug)]
pub struct OtherSynAck {
    /// When it was sent.
    pub sent: SynSent,
    /// Its number.
    pub initial: SequenceNumber,
    /// What it acknowledged.
    pub acknowledgement: SequenceNumber,
    /// The window that it advertised.
    pub window: u32,
    /// The shift count that it offered.
    pub shift: Option<u8>,
}

/// A side's SYN and its SYN-ACK. Nearly all send one of them, so the other is elsewhere.
#[derive(Clone, Debug, Default)]
pub struct Opening {
    one: Option<SynSent>,
    is_synack: bool,
    other: Option<Box<SynSent>>,
}

impl Opening {
    /// The SYN without acknowledgement.
    pub fn syn(&self) -> Option<SynSent> {
        self.get(false)
    }

    /// The SYN-ACK.
    pub fn synack(&self) -> Option<SynSent> {
        self.get(true)
    }

    fn get(&self, synack: bool) -> Option<SynSent> {
        if self.is_synack == synack {
            self.one
        } else {
            self.other.as_deref().copied()
        }
    }

    /// The SYN is this one, or none.
    pub fn set_syn(&mut self, sent: Option<SynSent>) {
        self.set(false, sent);
    }

    /// The SYN-ACK is this one, or none.
    pub fn set_synack(&mut self, sent: Option<SynSent>) {
        self.set(true, sent);
    }

    fn set(&mut self, synack: bool, sent: Option<SynSent>) {
        if self.one.is_none() && self.other.is_none() {
            self.is_synack = synack;
        }
        if self.is_synack == synack {
            self.one = sent;
        } else {
            self.other = sent.map(Box::new);
        }
    }
}

/// One side of a connection.
#[derive(Clone, Debug)]
pub struct Endpoint {
    /// What it is doing.
    pub state: State,
    /// ISS, from its SYN, or from the acknowledgement of it.
    pub initial: Option<SequenceNumber>,
    /// SND.NXT: the number after the highest that is known to have been sent.
    pub next: Option<SequenceNumber>,
    /// SND.UNA: the highest acknowledgement number that the peer has sent.
    pub unacknowledged: Option<SequenceNumber>,
    /// The number that its FIN takes.
    pub fin: Option<SequenceNumber>,
    /// A segment of the peer has acknowledged its FIN.
    pub fin_acknowledged: bool,
    /// The window that it advertised last, scaled; never one from an RST.
    pub window: Option<u32>,
    /// It did so in a SYN, where windows are never scaled.
    pub window_of_syn: bool,
    /// Its SYN without acknowledgement, and its SYN-ACK.
    pub opening: Opening,
    /// Its last SYN-ACK with another number, from a second responder or from one that has forgotten the first.
    pub other_synack: Option<Box<OtherSynAck>>,
    /// Octets of sequence space that its SYN took beside itself.
    pub syn_octets: u32,
    /// Shift count offered in its SYN or SYN-ACK.
    pub shift: Option<u8>,
    /// Shift count in force for its windows; none where the opening was not seen.
    shift_in_force: Option<u8>,
    /// The same, 0 where it is not known: every segment asks.
    known_shift: u8,
    /// Anything of it was captured.
    pub captured: bool,
    /// It has opened its window since the peer last sent anything.
    pub window_reopened: bool,
    /// A zero-window probe of it waits for its answer.
    pub window_probe_pending: bool,
    /// Its last octet went in a segment of its own.
    pub last_octet_alone: bool,
    /// Its keep-alive probes.
    pub probes: Option<Box<ProbeRun>>,
    /// Where what is known of its octets begins.
    first: SequenceNumber,
    /// Octets after `first` and before `next` that were not captured.
    holes: Holes,
}

impl Endpoint {
    /// Nothing is known of it.
    pub fn new() -> Endpoint {
        Endpoint {
            state: State::Closed,
            initial: None,
            next: None,
            unacknowledged: None,
            fin: None,
            fin_acknowledged: false,
            window: None,
            window_of_syn: false,
            opening: Opening::default(),
            other_synack: None,
            syn_octets: 0,
            shift: None,
            shift_in_force: None,
            known_shift: 0,
            captured: false,
            window_reopened: false,
            window_probe_pending: false,
            last_octet_alone: false,
            probes: None,
            first: SequenceNumber(0),
            holes: Holes::default(),
        }
    }

    /// Whether it is established, its window is open, and no probe of it waits.
    pub fn is_quiet(&self) -> bool {
        self.state == State::Established
            && self.captured
            && self.fin.is_none()
            && self.window.map_or(false, |window| window > 0)
            && !self.window_reopened
            && !self.window_probe_pending
            && !self.probes.as_ref().map_or(false, |run| run.is_pending())
    }

    /// The number after its SYN, where known.
    pub fn after_syn(&self) -> Option<SequenceNumber> {
        self.initial.map(|initial| initial.plus(1))
    }

    /// The first number of it that was captured.
    pub fn first_captured(&self) -> Option<SequenceNumber> {
        self.next.map(|_| self.first)
    }

    /// The number of its first octet, where the peer has acknowledged just the SYN before it.
    pub fn first_octet(&self) -> Option<SequenceNumber> {
        self.after_syn().filter(|&first| self.unacknowledged == Some(first))
    }

    /// Whether its SYN is acknowledged.
    pub fn syn_acknowledged(&self) -> bool {
        match (self.initial, self.unacknowledged) {
            (Some(initial), Some(unacknowledged)) => unacknowledged.is_after(initial),
            _ => false,
        }
    }

    /// Whether a segment of the peer is the first captured after its FIN that acknowledges it.
    pub fn fin_is_acknowledged_by(&self, segment: &Segment) -> bool {
        let covered = self.fin.map_or(false, |fin| segment.acknowledgement.is_after(fin));
        covered && !self.fin_acknowledged && segment.flags.has(Flags::ACK)
    }

    /// A FIN below the first one counts in its place.
    pub fn has_lower_fin(&mut self, number: SequenceNumber) {
        let end = number.plus(1);
        (self.fin, self.next) = (Some(number), Some(end));
        self.holes.retain(|hole| !hole.1.is_after(end));
    }

    /// Whether a segment of the peer that covers the FIN acknowledges octets beyond it that were captured.
    pub fn fin_is_disproved_by(&self, segment: &Segment) -> bool {
        let beyond = self.fin.map_or(false, |fin| segment.acknowledgement.is_after(fin.plus(1)));
        beyond && self.next.map_or(false, |next| !segment.acknowledgement.is_after(next))
    }

    /// Whether the octet with that number is known to have been sent and was not captured.
    pub fn misses(&self, number: SequenceNumber) -> bool {
        self.holes.iter().any(|hole| !number.is_before(hole.0) && number.is_before(hole.1))
    }

    /// Whether the octet with that number is the only one of it that was captured.
    pub fn is_lone_octet(&self, number: SequenceNumber) -> bool {
        self.first_captured() == Some(number) && self.next == Some(number.plus(1)) && !self.misses(number)
    }

    /// Whether the octet with that number was captured, or lies before all that is remembered.
    pub fn has_captured(&self, number: SequenceNumber) -> bool {
        self.next.map_or(false, |next| number.is_before(next)) && !self.misses(number)
    }

    /// Whether octets before `number` were not captured, and not acknowledged.
    pub fn lacks_octets_before(&self, number: SequenceNumber) -> bool {
        self.next.map_or(false, |next| number.is_after(next))
            || self.holes.iter().any(|hole| hole.0.is_before(number) && self.is_open(hole))
    }

    fn is_open(&self, hole: &(SequenceNumber, SequenceNumber)) -> bool {
        self.unacknowledged.map_or(true, |acknowledged| hole.1.is_after(acknowledged))
    }

    /// Whether its last keep-alive probe had that number.
    pub fn has_probed_at(&self, number: SequenceNumber) -> bool {
        self.probes.as_ref().map_or(false, |run| run.answer_from == number.plus(1))
    }

    /// The octet before `next` was a probe's, which is none.
    pub fn probed_before_capture(&mut self) {
        if self.misses_its_last() {
            self.holes.change().pop();
        }
    }

    /// Whether the last octets that it is known to have sent were not captured.
    pub fn misses_its_last(&self) -> bool {
        self.holes.iter().any(|hole| Some(hole.1) == self.next)
    }

    /// The shift count of its windows is known, or is not.
    pub fn set_shift_in_force(&mut self, shift: Option<u8>) {
        self.shift_in_force = shift;
        self.known_shift = shift.unwrap_or(0).min(MAXIMUM_SHIFT);
    }

    /// The window field of a segment without SYN in octets (RFC 7323 2.2).
    pub fn scaled(&self, window: u16) -> u32 {
        u32::from(window) << self.known_shift
    }

    /// The window field that says the same as its last one.
    pub fn advertised(&self) -> Option<u16> {
        let field = self.window? >> self.known_shift;
        Some(field.min(u32::from(u16::MAX)) as u16)
    }

    /// Takes what its SYN says of windows.
    pub fn offers_in_syn(&mut self, segment: &Segment) {
        self.window = Some(u32::from(segment.window));
        self.window_of_syn = true;
        self.shift = options(segment.options).window_scale;
    }

    /// The largest window that it may have meant: without the opening the shift count is not known.
    pub fn largest_window(&self) -> u32 {
        match (self.window, self.shift_in_force) {
            (Some(window), _) if self.window_of_syn => window,
            (Some(window), Some(_)) => window,
            (Some(window), None) => window << MAXIMUM_SHIFT,
            (None, _) => u32::from(u16::MAX) << MAXIMUM_SHIFT,
        }
    }

    /// Whether a number is beyond the window that the peer has advertised.
    pub fn is_beyond_window(&self, peer: &Endpoint, number: SequenceNumber) -> bool {
        self.unacknowledged.map_or(false, |edge| number.is_after(edge.plus(peer.largest_window())))
    }

    /// Whether all its octets were captured, and the next is in the peer's last window. Others may be in it as well.
    #[inline(always)] // Most segments with octets come here.
    pub fn is_plainly_in_window(&self, peer: &Endpoint) -> bool {
        match (self.next, self.unacknowledged, peer.window) {
            (Some(next), Some(edge), Some(window)) => self.holes.is_empty() && next.0.wrapping_sub(edge.0) <= window,
            _ => false,
        }
    }

    /// Whether octets in the peer's window were captured that it has not acknowledged.
    pub fn has_in_flight(&self, peer: &Endpoint) -> bool {
        let (edge, next) = match (self.unacknowledged, self.next) {
            (Some(edge), Some(next)) => (edge, next),
            _ => return false,
        };
        let mut first = edge;
        while let Some(hole) = self.holes.iter().find(|hole| !first.is_before(hole.0) && first.is_before(hole.1)) {
            first = hole.1;
        }
        first.is_before(next) && !self.is_beyond_window(peer, first)
    }

    /// Whether all of the segment's octets were captured before.
    pub fn has_sent(&self, segment: &Segment) -> bool {
        let (begin, end) = (segment.octets_begin(), segment.octets_begin().plus(segment.payload_length));
        let next = match self.next {
            Some(next) => next,
            None => return false,
        };
        segment.payload_length > 0
            && !begin.is_before(self.first)
            && !end.is_after(next)
            && !self.holes.iter().any(|hole| hole.0.is_before(end) && hole.1.is_after(begin))
    }

    /// Whether octets before `number` that matter to it were not captured: the one just before it, or ones that the
    /// peer has not acknowledged.
    #[inline(always)] // Most segments with octets come here.
    pub fn has_hole_before(&self, number: SequenceNumber) -> bool {
        if self.next.map_or(false, |next| number.is_after(next)) {
            return true;
        }
        !self.holes.is_empty() && self.has_open_hole_before(number)
    }

    #[cold]
    fn has_open_hole_before(&self, number: SequenceNumber) -> bool {
        self.holes.iter().any(|hole| {
            let open = self.is_open(hole);
            // One that reaches further has the octet just before it as well.
            hole.0.is_before(number) && (open || !hole.1.is_before(number))
        })
    }

    /// Takes a FIN with this number as captured.
    pub fn has_sent_fin(&mut self, number: SequenceNumber) {
        self.takes(number, number.plus(1));
    }

    /// Takes the segment's sequence space as captured.
    pub fn sends(&mut self, segment: &Segment) {
        let (begin, end) = (segment.sequence, segment.end());
        if self.next.map_or(true, |next| end.is_after(next)) {
            self.last_octet_alone = segment.length() == 1 && segment.payload_length == 1;
        }
        self.takes(begin, end);
    }

    fn takes(&mut self, begin: SequenceNumber, end: SequenceNumber) {
        let next = match self.next {
            Some(next) => next,
            None => {
                self.first = begin;
                self.next = Some(end);
                return;
            }
        };
        if begin == next {
            self.next = Some(end);
        } else if begin.is_after(next) {
            self.dig(next, begin);
            self.next = Some(end);
        } else {
            if begin.is_before(self.first) && begin != end {
                if end.is_before(self.first) {
                    self.dig(end, self.first);
                }
                self.first = begin;
            }
            self.fill(begin, end);
            self.next = Some(next.latest(end));
        }
        self.forget(end);
    }

    /// Takes so many octets as captured, the next ones.
    #[inline(always)] // Most segments with octets come here.
    pub fn goes_on(&mut self, octets: u32) {
        if let Some(next) = &mut self.next {
            *next = next.plus(octets);
            let end = *next;
            self.last_octet_alone = octets == 1;
            self.forget(end);
        }
    }

    /// Remembers a SYN-ACK with another number. Whether it was captured before.
    pub fn remembers_other_synack(&mut self, segment: &Segment, time: Time, frame: u32) -> bool {
        match self.other_synack.as_mut() {
            Some(other) if other.initial == segment.sequence => {
                other.sent.again(time, frame);
                true
            }
            _ => {
                self.other_synack = Some(Box::new(OtherSynAck {
                    sent: SynSent::first(time, frame),
                    initial: segment.sequence,
                    acknowledgement: segment.acknowledgement,
                    window: u32::from(segment.window),
                    shift: options(segment.options).window_scale,
                }));
                false
            }
        }
    }

    /// Takes the other SYN-ACK in place of the first, if a segment of the peer answers that one. What it acknowledged.
    pub fn takes_other_synack(&mut self, segment: &Segment) -> Option<SequenceNumber> {
        let acknowledgement = segment.acknowledgement;
        let other = **self.other_synack.as_ref()?;
        let first = self.initial.map_or(false, |initial| acknowledgement == initial.plus(1));
        let answers = acknowledgement == other.initial.plus(1) && !segment.sequence.is_before(other.acknowledgement);
        if first || !answers || !segment.flags.has(Flags::ACK) {
            return None;
        }
        self.other_synack = None;
        self.initial = Some(other.initial);
        self.opening.set_synack(Some(other.sent));
        (self.window, self.window_of_syn, self.shift) = (Some(other.window), true, other.shift);
        (self.first, self.next) = (other.initial, Some(acknowledgement));
        self.holes = Holes::default();
        Some(other.acknowledgement)
    }

    /// Takes a SYN that was not captured as sent, with the number before this one.
    pub fn sent_syn_before(&mut self, number: SequenceNumber) {
        let initial = number.minus(1);
        self.opening.set_syn(None);
        (self.syn_octets, self.initial) = (0, Some(initial));
        (self.first, self.next, self.unacknowledged) = (initial, Some(number), Some(number));
        self.holes = Holes::default();
    }

    /// Takes an acknowledgement of the peer; what it covers and was not captured becomes a hole.
    pub fn is_acknowledged(&mut self, acknowledgement: SequenceNumber) {
        let highest = match self.unacknowledged {
            Some(highest) => highest.latest(acknowledgement),
            None => acknowledgement,
        };
        self.unacknowledged = Some(highest);
        if let Some(next) = self.next {
            if acknowledgement.is_after(next) {
                self.dig(next, acknowledgement);
                self.next = Some(acknowledgement);
                self.last_octet_alone = false;
            }
        }
    }

    fn dig(&mut self, begin: SequenceNumber, end: SequenceNumber) {
        if self.holes.len() == MAXIMUM_HOLES {
            let oldest = self.holes.change().remove(0);
            self.first = self.first.latest(oldest.1);
        }
        self.holes.change().push((begin, end));
    }

    fn fill(&mut self, begin: SequenceNumber, end: SequenceNumber) {
        if self.holes.is_empty() || begin == end {
            return;
        }
        let mut left = Vec::with_capacity(self.holes.len() + 1);
        for &(hole_begin, hole_end) in self.holes.iter() {
            if !hole_begin.is_before(end) || !hole_end.is_after(begin) {
                left.push((hole_begin, hole_end));
                continue;
            }
            if hole_begin.is_before(begin) {
                left.push((hole_begin, begin));
            }
            if hole_end.is_after(end) {
                left.push((end, hole_end));
            }
        }
        left.truncate(MAXIMUM_HOLES);
        *self.holes.change() = left;
    }

    /// Keeps all numbers within half of the sequence space.
    #[inline(always)]
    fn forget(&mut self, end: SequenceNumber) {
        if end.0.wrapping_sub(self.first.0) > MEMORY {
            self.forget_before(end.minus(MEMORY / 2), end);
        }
    }

    #[cold]
    fn forget_before(&mut self, first: SequenceNumber, end: SequenceNumber) {
        if end.is_after(self.first) {
            self.first = first;
            self.holes.retain(|hole| hole.1.is_after(first));
        }
    }

    /// Whether the segment's octets and its FIN were captured before: the FIN that counts, or `other_fin`, one that does
    /// not.
    pub fn repeats(&self, segment: &Segment, other_fin: bool) -> bool {
        let (octets, fin) = (segment.payload_length > 0, segment.flags.has(Flags::FIN));
        let repeats_fin = other_fin || self.fin == Some(segment.end().minus(1));
        (octets || fin) && (!octets || self.has_sent(segment)) && (!fin || repeats_fin)
    }
}
