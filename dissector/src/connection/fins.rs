//! FINs that do not count: behind octets that are missing, outside the window, or beside the one that does.

use super::{Arrival, Closer, Connection, Direction};
use crate::tcp::{Flags, Segment, SequenceNumber};
use crate::verdict::{Duration, Note, Time, Verdict};

/// A side has so many of them; the oldest is forgotten.
const MAXIMUM: usize = 4;

/// One of them.
#[derive(Clone, Copy, Debug)]
pub(super) struct OtherFin {
    number: SequenceNumber,
    /// It counts once the octets before it are there.
    waits: bool,
    /// What its segment acknowledged, when it came, and how long the connection had been idle then.
    acknowledgement: Option<SequenceNumber>,
    time: Time,
    idle: Option<Duration>,
}

/// Those of one side, the newest last.
#[derive(Clone, Debug, Default)]
pub(super) struct OtherFins(Vec<OtherFin>);

impl OtherFins {
    pub fn is_pending(&self) -> bool {
        self.0.iter().any(|fin| fin.waits)
    }

    fn has(&self, number: SequenceNumber) -> bool {
        self.0.iter().any(|fin| fin.number == number)
    }

    fn remember(&mut self, fin: OtherFin) {
        if self.0.iter().any(|other| other.number == fin.number && other.waits >= fin.waits) {
            return;
        }
        self.0.retain(|other| other.number != fin.number);
        if self.0.len() == MAXIMUM {
            self.0.remove(0);
        }
        self.0.push(fin);
    }

    fn take(&mut self, wanted: impl Fn(&OtherFin) -> bool) -> Option<OtherFin> {
        let place = self.0.iter().position(wanted)?;
        Some(self.0.remove(place))
    }
}

impl Connection {
    fn other_fins(&self, direction: Direction) -> Option<&OtherFins> {
        self.doubts.as_ref().map(|doubts| &doubts.fins[direction as usize])
    }

    fn takes_other_fin(&mut self, direction: Direction, wanted: impl Fn(&OtherFin) -> bool) -> Option<OtherFin> {
        self.doubts.as_mut()?.fins[direction as usize].take(wanted)
    }

    /// Whether a side has sent a FIN with this number that does not count.
    pub(super) fn has_other_fin(&self, direction: Direction, number: SequenceNumber) -> bool {
        self.other_fins(direction).map_or(false, |fins| fins.has(number))
    }

    /// Whether a segment's flags and numbers make it a repetition of a FIN of its sender.
    pub(super) fn repeats_fin(&self, direction: Direction, segment: &Segment) -> bool {
        let number = segment.end().minus(1);
        segment.flags.has(Flags::FIN)
            && (self.end(direction).fin == Some(number) || self.has_other_fin(direction, number))
    }

    /// Whether all of a segment's octets, and its FIN, were captured before.
    pub(super) fn repeats(&self, arrival: &Arrival) -> bool {
        let Arrival { direction, segment, .. } = *arrival;
        self.end(direction).repeats(segment, self.has_other_fin(direction, segment.end().minus(1)))
    }

    /// The segment without a FIN that is outside the window: its receiver drops that, and acknowledges again (RFC 9293
    /// 3.10.7.4).
    pub(super) fn believes_no_fin<'a>(&mut self, direction: Direction, segment: &Segment<'a>) -> Option<Segment<'a>> {
        let (end, number) = (self.end(direction), segment.end().minus(1));
        let edge = end.unacknowledged.filter(|_| segment.flags.has(Flags::FIN) && end.fin != Some(number))?;
        let beyond = number.is_after(edge.plus(self.end(direction.reverse()).largest_window()));
        if !(beyond || number.is_before(edge) && end.has_captured(number)) {
            return None;
        }
        self.remembers_fin(direction, number);
        self.challenged = Some(direction.reverse());
        Some(segment.without_fin())
    }

    /// Remembers a FIN that does not count, so that its repetition is one.
    pub(super) fn remembers_fin(&mut self, direction: Direction, number: SequenceNumber) {
        let fin = OtherFin { number, waits: false, acknowledgement: None, time: 0, idle: None };
        self.doubts_mut().fins[direction as usize].remember(fin);
    }

    /// A FIN behind octets that are missing: nothing but its own segment speaks of it.
    pub(super) fn waits_with_fin(&mut self, arrival: &Arrival, verdict: &mut Verdict) {
        let Arrival { direction, segment, time, .. } = *arrival;
        let idle = self.idle_before(arrival);
        verdict.inferred = true;
        verdict.initiator = self.initiator().or_else(|| Some(super::initiator_from(self.sender(direction))));
        if self.closer.is_none() {
            verdict.facts_mut().close_idle = idle;
        }
        let fin = OtherFin {
            number: segment.end().minus(1),
            waits: true,
            acknowledgement: Some(segment.acknowledgement),
            time,
            idle,
        };
        self.doubts_mut().fins[direction as usize].remember(fin);
    }

    /// Where a FIN was said to be is an octet.
    pub(super) fn has_octets_for_fins(&mut self, arrival: &Arrival) {
        let Arrival { direction, segment, .. } = *arrival;
        let (begin, length) = (segment.octets_begin(), segment.payload_length);
        let is_octet = |fin: &OtherFin| length > 0 && fin.number.is_within(begin, length - 1);
        while let Some(fin) = self.takes_other_fin(direction, is_octet) {
            self.forgets_fin(direction, fin.number);
        }
    }

    /// What is above TCP goes on there.
    pub(super) fn forgets_fin(&mut self, direction: Direction, number: SequenceNumber) {
        if let Some(payload) = &mut self.payload {
            payload.goes_on(direction, number);
        }
    }

    /// What a segment's acknowledgement says of its receiver's FINs, before it counts.
    pub(super) fn takes_fin_as_acknowledged(&mut self, arrival: &Arrival, verdict: &mut Verdict) {
        let Arrival { direction, segment, .. } = *arrival;
        let sender = direction.reverse();
        if !segment.flags.has(Flags::ACK) {
            return;
        }
        let end = self.end(sender);
        let newest = end.unacknowledged;
        if newest.map_or(true, |newest| segment.acknowledgement.is_after(newest)) {
            self.takes_other_fins_as_acknowledged(sender, segment.acknowledgement, verdict);
        }
        let end = self.end(sender);
        if end.fin_is_acknowledged_by(segment) && end.fin_is_disproved_by(segment) {
            self.has_no_fin(sender);
        }
    }

    fn takes_other_fins_as_acknowledged(
        &mut self,
        sender: Direction,
        acknowledgement: SequenceNumber,
        verdict: &mut Verdict,
    ) {
        let number = acknowledgement.minus(1);
        if let Some(fin) = self.takes_other_fin(sender, |fin| fin.number == number) {
            let end = self.end_mut(sender);
            match end.fin {
                None => self.counts_fin(sender, fin, verdict),
                Some(first) if number.is_before(first) && !end.fin_acknowledged && end.misses(acknowledgement) => {
                    end.has_lower_fin(number);
                    self.remembers_fin(sender, first);
                }
                Some(_) => self.remembers_fin(sender, number),
            }
        }
        // Octets behind it are acknowledged.
        while let Some(fin) = self.takes_other_fin(sender, |fin| fin.waits && fin.number.is_before(number)) {
            self.forgets_fin(sender, fin.number);
        }
    }

    /// Counts the FINs that no octets are missing before any more.
    pub(super) fn settles_fins(&mut self, verdict: &mut Verdict) {
        if self.doubts.is_none() || self.is_over() {
            return;
        }
        for direction in [Direction::Forth, Direction::Back] {
            let fins = self.other_fins(direction).into_iter().flat_map(|fins| &fins.0);
            let mut waiting = fins.filter(|fin| fin.waits);
            let next = waiting.find(|fin| !self.end(direction).lacks_octets_before(fin.number)).copied();
            if let Some(fin) = next.and_then(|next| self.takes_other_fin(direction, |fin| fin.number == next.number)) {
                self.counts_fin(direction, fin, verdict);
            }
        }
    }

    /// From here on a FIN counts that did not.
    fn counts_fin(&mut self, direction: Direction, fin: OtherFin, verdict: &mut Verdict) {
        let end = self.end_mut(direction);
        end.has_sent_fin(fin.number);
        if end.fin.is_some() {
            // Behind octets beyond the first one.
            if !end.fin_acknowledged {
                end.fin = Some(fin.number);
            }
            return;
        }
        self.has_fin(direction, fin.number);
        let peer = self.end(direction.reverse()).fin;
        let crossed = peer.map_or(false, |peer| fin.acknowledgement.map_or(false, |number| !number.is_after(peer)));
        if crossed {
            self.closer = Some(Closer::Both);
            verdict.facts_mut().notes.insert(Note::SimultaneousClose);
        } else if self.closer.is_none() {
            self.is_closed_by(direction, fin.idle);
        }
        // Nothing has gone since.
        if self.last_activity.get().map_or(false, |last| fin.time > last) {
            self.stops(fin.time);
        }
    }
}
