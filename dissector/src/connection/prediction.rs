//! Header prediction: on a quiet connection the next segment most often is a bare acknowledgement or the next octets,
//! and little has to be asked of it. Whatever is anything else goes the whole way, with the same result for these.

use super::farewell::is_short;
use super::reading::Carried;
use super::{Answers, Arrival, Connection};
use crate::history::Brief;
use crate::payload::{LastWords, Passed};
use crate::tcp::Flags;
use crate::verdict::{Step, Verdict};

impl Connection {
    /// Whether both sides are established and nothing is pending.
    pub(super) fn is_quiet(&self) -> bool {
        self.is_open()
            && self.reset.is_none()
            && self.closer.is_none()
            && self.challenged.is_none()
            && !self.is_in_doubt()
            && self.fin_repeated_to == [false; 2]
            && !self.is_in_place_of_tls()
            && !self.payload.as_ref().map_or(false, |payload| payload.is_contested())
            && self.endpoints.iter().all(|end| end.is_quiet())
    }

    /// Whether a segment is the next one in order, in the peer's window, acknowledges what was sent, and does nothing
    /// else.
    #[inline(always)]
    pub fn is_predicted(&self, arrival: &Arrival) -> bool {
        let Arrival { direction, segment, .. } = *arrival;
        if !self.quiet || !segment.flags.is_only(Flags::ACK) {
            return false;
        }
        let (end, peer) = (self.end(direction), self.end(direction.reverse()));
        let (next, last, peer_next) = match (end.next, peer.unacknowledged, peer.next) {
            (Some(next), Some(last), Some(peer_next)) => (next, last, peer_next),
            _ => return false,
        };
        let acknowledgement = segment.acknowledgement;
        let acknowledges = !acknowledgement.is_before(last) && !acknowledgement.is_after(peer_next);
        let window = end.scaled(segment.window);
        segment.sequence == next
            && acknowledges
            && window > 0
            && if segment.payload_length > 0 {
                end.is_plainly_in_window(peer) || !end.has_hole_before(next) && !end.is_beyond_window(peer, next)
            } else {
                acknowledgement != last || end.window.map_or(false, |before| window <= before)
            }
    }

    /// What a predicted segment says that nobody has to read; none for others, which have changed nothing then.
    #[inline(always)]
    pub fn passes(&mut self, arrival: &Arrival) -> Option<Brief> {
        let Arrival { direction, segment, time, frame, .. } = *arrival;
        let mut unread = false;
        let passed = if segment.payload_length == 0 {
            Passed { step: Some(Step::Ack), ..Passed::default() }
        } else if self.words_matter && self.last_words != LastWords::No {
            // Whether it goes on with them is read.
            return None;
        } else {
            let passed = if let Some(payload) = &mut self.payload {
                payload.passes(direction, segment, time, frame)?
            } else if self.unreadable || self.late.as_mut().map_or(false, |late| late.passes(segment)) {
                Passed::default()
            } else {
                return None;
            };
            unread = is_short(segment) && matches!(passed.step, None | Some(Step::TlsApplicationData));
            passed
        };
        self.carried = Carried { unread, ..Carried::default() };
        if passed.sealed {
            self.sealing = Some(self.seal(false, None));
        }
        self.acknowledges(arrival);
        self.goes_on(arrival);
        self.counts(arrival);
        Some(Brief {
            frame,
            sequence: segment.sequence.0,
            connection: self.number,
            phase: self.unread_phase(segment),
            step: passed.step.unwrap_or(Step::Data),
            sender: self.sender(direction),
            basis: self.basis,
            message: passed.message,
        })
    }

    /// A predicted segment with octets that have to be read.
    #[inline(always)]
    pub(super) fn goes_as_predicted(&mut self, arrival: &Arrival, verdict: &mut Verdict, answers: &mut Answers) {
        self.acknowledges(arrival);
        if !self.reads(arrival, false, verdict, answers) {
            verdict.steps.push(Step::Data);
        }
        self.goes_on(arrival);
        verdict.phase = self.open_phase(arrival.segment);
    }

    #[inline(always)]
    fn acknowledges(&mut self, arrival: &Arrival) {
        if self.woken.is_some() || self.doubts.is_some() {
            self.hears_answers(arrival);
        }
        self.probe_came_last = None;
        self.end_mut(arrival.direction.reverse()).unacknowledged = Some(arrival.segment.acknowledgement);
    }

    #[inline(always)]
    fn goes_on(&mut self, arrival: &Arrival) {
        let Arrival { direction, segment, .. } = *arrival;
        if segment.payload_length > 0 {
            self.carried_octets(arrival);
            self.end_mut(direction).goes_on(segment.payload_length);
        }
        let end = self.end_mut(direction);
        end.window = Some(end.scaled(segment.window));
    }
}
