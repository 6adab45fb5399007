//! Octets or a FIN that go again and again, and that nothing acknowledges (C10; RFC 9293 3.8.3, RFC 1122 4.2.3.5).

use super::{Arrival, Connection, Direction};
use crate::tcp::parser::options;
use crate::tcp::{Flags, Segment, SequenceNumber};
use crate::verdict::{Duration, Note, Silent, Time, Unanswered, Verdict, SECOND};

/// A path is suspected from so many transmissions on (RFC 1122 4.2.3.5: R1).
const SUSPECTED: u32 = 3;
/// Nobody sends octets three times within less: these are copies.
const SOONEST: Duration = SECOND / 5;
/// For so long at least they have to wait until the end of the capture, and so many round trips.
const WAIT: Duration = SECOND;
const ROUND_TRIPS: i64 = 3;
/// No path is too narrow for shorter segments (RFC 1122 3.3.2: 576 octets, 40 of them headers).
const NARROWEST: u32 = 536;

/// What waits for its acknowledgement.
#[derive(Clone, Copy, Debug)]
pub(super) struct Repeated {
    pub by: Direction,
    begin: SequenceNumber,
    /// Octets of the last transmission.
    length: u32,
    /// When it went first, or not long after that.
    first_time: Time,
    /// How long it had been idle before.
    pub idle: Option<Duration>,
    transmissions: u32,
    /// The other side goes on since.
    heard: bool,
    /// Its acknowledgements name shorter segments behind this one (RFC 2018 3).
    shorter_arrived: bool,
}

/// The longest segment of a side, if it is longer than what every path carries.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Longest {
    octets: u32,
    begin: SequenceNumber,
    /// Octets of the longest one before it.
    second: u32,
}

impl Connection {
    pub(super) fn repeated_octets(&self) -> Option<&Repeated> {
        self.doubts.as_ref()?.repeated.as_deref()
    }

    fn forget_repeated(&mut self) {
        if let Some(doubts) = &mut self.doubts {
            doubts.repeated = None;
        }
    }

    /// Octets went: how long a segment they make.
    #[inline(always)] // Most segments with octets come here.
    pub(super) fn measures(&mut self, arrival: &Arrival) {
        let octets = arrival.segment.payload_length;
        let known = self.longest.as_ref().map_or(NARROWEST, |longest| longest[arrival.direction as usize].octets);
        if octets > known {
            self.has_longest(arrival);
        }
    }

    #[cold]
    fn has_longest(&mut self, arrival: &Arrival) {
        let Arrival { direction, segment, .. } = *arrival;
        let octets = segment.payload_length;
        if octets > NARROWEST {
            let longest = &mut self.longest.get_or_insert_with(Default::default)[direction as usize];
            *longest = Longest { octets, begin: segment.octets_begin(), second: longest.octets };
        }
    }

    /// Octets or a FIN came again. Only the first ones count that are not acknowledged: others may have arrived.
    pub(super) fn goes_again(&mut self, arrival: &Arrival, verdict: &mut Verdict) {
        let Arrival { direction, segment, time, .. } = *arrival;
        let (end, peer) = (self.end(direction), self.end(direction.reverse()));
        let edge = match end.unacknowledged {
            Some(edge) if peer.captured && self.is_open() && peer.window != Some(0) => edge,
            _ => return,
        };
        let begin = segment.sequence;
        if begin.is_after(edge) || !segment.end().is_after(edge) {
            return;
        }
        let length = segment.payload_length;
        // Whoever sent the last octets sent these, or more behind them.
        let own = length == 0 || self.last_octets_by == Some(direction);
        let first_time = self.last_activity.get().filter(|_| own).unwrap_or(time);
        let before = self.activity_before.get().filter(|_| own && length > 0);
        match &mut self.doubts_mut().repeated {
            Some(run) if run.by == direction && !begin.is_before(run.begin) => {
                run.transmissions = run.transmissions.saturating_add(1);
                run.length = length;
            }
            run => {
                *run = Some(Box::new(Repeated {
                    by: direction,
                    begin,
                    length,
                    first_time,
                    idle: before.map(|before| first_time.saturating_sub(before)).filter(|&idle| idle >= 0),
                    transmissions: 2,
                    heard: false,
                    shorter_arrived: false,
                }));
            }
        }
        if let Some(unanswered) = self.suspects_path(time) {
            let facts = verdict.facts_mut();
            facts.notes.insert(Note::Unanswered);
            facts.unanswered = unanswered;
        }
    }

    /// What is said of octets that went often enough.
    fn suspects_path(&self, time: Time) -> Option<Unanswered> {
        let run = self.repeated_octets().filter(|run| run.transmissions >= SUSPECTED)?;
        let lasted = time.saturating_sub(run.first_time);
        if lasted < SOONEST {
            return None;
        }
        let how = if run.length > NARROWEST && self.has_carried_shorter(run) {
            Silent::Long
        } else if run.heard {
            Silent::Ignored
        } else {
            Silent::Nothing
        };
        Some(Unanswered {
            transmissions: Some(run.transmissions),
            lasted: Some(lasted),
            octets: Some(run.length),
            how: Some(how),
        })
    }

    /// Whether octets of this side have arrived, and all in shorter segments.
    fn has_carried_shorter(&self, run: &Repeated) -> bool {
        let longest = self.longest.as_ref().map_or_else(Longest::default, |longest| longest[run.by as usize]);
        let before = if longest.begin.is_before(run.begin) { longest.octets } else { longest.second };
        let first = self.end(run.by).first_captured();
        let some = run.shorter_arrived || first.map_or(false, |first| run.begin.is_after(first.plus(1)));
        run.length > before && some
    }

    /// What a segment says of those that wait for their acknowledgement.
    pub(super) fn hears_of_repeated(&mut self, arrival: &Arrival) {
        let Arrival { direction, segment, .. } = *arrival;
        let run = match self.doubts.as_mut().and_then(|doubts| doubts.repeated.as_deref_mut()) {
            Some(run) if run.by != direction && !segment.flags.has(Flags::RST) => run,
            _ => return,
        };
        if segment.flags.has(Flags::ACK) && segment.acknowledgement.is_after(run.begin) {
            self.forget_repeated();
        } else {
            run.heard = true;
            run.shorter_arrived |= names_shorter(segment, run);
        }
    }

    /// Who waits in vain when the capture ends, and how long it had been idle before, if that is known.
    pub(super) fn unanswered(&self) -> Option<&Repeated> {
        let run = self.repeated_octets().filter(|run| run.transmissions >= SUSPECTED)?;
        let least = WAIT.max(self.round_trip.get().unwrap_or(0).saturating_mul(ROUND_TRIPS));
        let waited = self.last_time.saturating_sub(run.first_time) >= least;
        (waited && self.reset.is_none() && self.end(run.by.reverse()).captured).then_some(run)
    }
}

/// Whether a segment acknowledges octets behind the repeated ones selectively, in a shorter piece.
fn names_shorter(segment: &Segment, run: &Repeated) -> bool {
    let block = options(segment.options).first_sack_block;
    block.map_or(false, |(begin, end)| begin.is_after(run.begin) && end.0.wrapping_sub(begin.0) < run.length)
}
