//! The end of a connection: FIN (RFC 9293 3.6) and RST (3.5.3).

use super::{Answers, Arrival, Closer, Connection, Direction, Lasted, Reset};
use crate::payload::LastWords;
use crate::tcp::reset::{judge, Circumstances};
use crate::tcp::state::{Event, State};
use crate::tcp::{Flags, Segment, SequenceNumber};
use crate::verdict::{Duration, KeepAliveStatus, KeepAliveVerdict, Note, Opened, Step, Time, Verdict, SECOND};

/// Unanswered probes in a row after which an RST of the prober means that it gave up.
const GIVES_UP_AFTER: u32 = 2;

impl Connection {
    /// The segment is the first that acknowledges its receiver's FIN.
    pub(super) fn acknowledges_fin(&mut self, direction: Direction, verdict: &mut Verdict) {
        let peer = self.end_mut(direction.reverse());
        peer.fin_acknowledged = true;
        peer.state = peer.state.transition(Event::FinAcknowledged);
        let both = self.end(direction).fin_acknowledged;
        if let Some(payload) = &mut self.payload {
            payload.ends_behind_gap(direction.reverse());
        }
        verdict.steps.push(if both { Step::FinalAck } else { Step::AckOfFin });
    }

    /// A FIN, before the connection is over.
    pub(super) fn takes_fin(&mut self, arrival: &Arrival, verdict: &mut Verdict) {
        let Arrival { direction, segment, .. } = *arrival;
        let number = segment.end().minus(1);
        let first = self.end(direction).fin.is_none();
        let acceptable = first && self.is_acceptable_fin(arrival);
        verdict.steps.push(self.fin_step(direction));
        if !acceptable {
            let end = self.end_mut(direction);
            if !first {
                end.sends(segment);
            }
            if end.fin == Some(number) {
                self.fin_repeated_to[direction.reverse() as usize] = true;
            } else {
                verdict.inferred |= first && segment.flags.has(Flags::ACK);
                self.remembers_fin(direction, number);
            }
            return;
        }
        if self.end(direction).lacks_octets_before(segment.sequence) {
            verdict.inferred = true;
            // Whose acknowledgements were not captured may have all of them.
            if self.end(direction.reverse()).captured {
                if segment.payload_length > 0 {
                    self.end_mut(direction).sends(&segment.without_fin());
                }
                return self.waits_with_fin(arrival, verdict);
            }
        }
        self.end_mut(direction).sends(segment);
        self.has_fin(direction, number);
        let peer = self.end(direction.reverse());
        let crossed = peer.fin.is_some() && !peer.fin_acknowledged;
        if crossed {
            self.closer = Some(Closer::Both);
            verdict.facts_mut().notes.insert(Note::SimultaneousClose);
        } else {
            self.begins_to_close(arrival, verdict);
        }
        self.stops(arrival.time);
    }

    /// A FIN or RST ends a silence, if it is known how long that was.
    pub(super) fn stops(&mut self, time: Time) {
        if self.last_activity.get().is_some() {
            self.active(time);
        }
    }

    /// A FIN is taken.
    pub(super) fn has_fin(&mut self, direction: Direction, number: SequenceNumber) {
        self.first_fin.get_or_insert(direction);
        let end = self.end_mut(direction);
        end.fin = Some(number);
        end.state = end.state.transition(Event::SendsFin);
        let peer = self.end_mut(direction.reverse());
        peer.state = peer.state.transition(Event::ReceivesFin);
    }

    /// A FIN was damaged or forged: its sender goes on, and its receiver takes that.
    pub(super) fn has_no_fin(&mut self, direction: Direction) {
        let peer_direction = direction.reverse();
        let peer_has_fin = self.end(peer_direction).fin.is_some();
        if let Some(number) = self.end_mut(direction).fin.take() {
            self.forgets_fin(direction, number);
            self.remembers_fin(direction, number);
        }
        let end = self.end_mut(direction);
        end.state = if peer_has_fin { State::CloseWait } else { State::Established };
        let peer = self.end_mut(peer_direction);
        peer.state = match (peer_has_fin, peer.fin_acknowledged) {
            (false, _) => State::Established,
            (true, false) => State::FinWait1,
            (true, true) => State::FinWait2,
        };
        self.first_fin = Some(peer_direction).filter(|_| peer_has_fin);
        self.closer = self.first_fin.map(Closer::One);
    }

    fn fin_step(&self, direction: Direction) -> Step {
        match self.first_fin {
            Some(first) if first != direction => Step::PeerFin,
            _ => Step::Fin,
        }
    }

    /// Not before octets that were sent already. Without ACK the receiver drops it (RFC 9293 3.10.7.4).
    pub(super) fn is_acceptable_fin(&self, arrival: &Arrival) -> bool {
        let number = arrival.segment.end().minus(1);
        !self.end(arrival.direction).has_captured(number) && arrival.segment.flags.has(Flags::ACK)
    }

    /// The first FIN or RST.
    fn begins_to_close(&mut self, arrival: &Arrival, verdict: &mut Verdict) {
        if self.closer.is_none() {
            let idle = self.idle_before(arrival);
            self.is_closed_by(arrival.direction, idle);
            verdict.facts_mut().close_idle = idle;
        }
    }

    /// Somebody has closed first, after so long an idle time.
    pub(super) fn is_closed_by(&mut self, direction: Direction, idle: Option<Duration>) {
        self.closer = Some(Closer::One(direction));
        self.close_idle = Lasted::of(idle);
        self.max_idle = Lasted::of(self.max_idle.get().max(idle));
    }

    /// Whether the last octets did nothing but announce the end that comes now.
    pub(super) fn said_last_words(&self, time: Time) -> bool {
        let soon = self.last_activity.get().map_or(false, |last| time.saturating_sub(last) < SECOND);
        self.last_words == LastWords::Yes || (self.last_words == LastWords::Perhaps && soon)
    }

    /// A segment with RST.
    pub(super) fn resets(&mut self, arrival: &Arrival, verdict: &mut Verdict, answers: &mut Answers) {
        let Arrival { direction, segment, .. } = *arrival;
        let circumstances = Circumstances {
            open: self.is_open(),
            first_segment: self.segments() == 0,
            over: self.is_over(),
            refused: self.opened == Some(Opened::Refused),
            answers_probe: self.probe_came_last == Some(direction.reverse()),
            rejects: self.rejected == Some((direction, segment.sequence)),
        };
        let judgement = judge(segment, self.end(direction), self.end(direction.reverse()), circumstances);
        let unheard = matches!(judgement.step, Step::InvalidReset | Step::ConnectionRefused);
        if !circumstances.over && !judgement.inferred && !unheard {
            self.may_go_on_after_reset();
        }
        verdict.steps.push(judgement.step);
        verdict.inferred = judgement.inferred;
        if segment.flags.has(Flags::FIN) {
            verdict.steps.push(self.fin_step(direction));
        }
        match judgement.step {
            Step::InvalidReset => {
                verdict.facts_mut().notes.insert(Note::InvalidReset);
                self.challenged = Some(direction.reverse());
                return;
            }
            Step::ResetAfterClose if circumstances.over => {
                self.reset_after_close = true;
                return;
            }
            Step::ConnectionRefused => {
                self.opened = Some(Opened::Refused);
                verdict.facts_mut().notes.insert(Note::Refused);
            }
            Step::ResetInHandshake => {
                self.opened = Some(Opened::Reset).filter(|_| !judgement.inferred);
                verdict.facts_mut().notes.insert(Note::ResetInHandshake);
            }
            // It answers something that was not captured.
            Step::ConnectionAbort if !circumstances.open => self.acknowledges_unseen = true,
            _ => {}
        }
        if circumstances.answers_probe {
            verdict.facts_mut().notes.insert(Note::KeepAliveReset);
            self.settle_probes(arrival, KeepAliveStatus::AnsweredByReset, verdict, answers);
        }
        if self.gives_up_probing(direction) {
            self.keep_alive_verdict = Some(KeepAliveVerdict::PathDead);
        }
        let closer_before = self.closer;
        self.begins_to_close(arrival, verdict);
        self.reset = Some(Reset { by: direction, tentative: judgement.inferred, closer_before });
        if judgement.inferred {
            self.challenged = Some(direction.reverse());
        } else {
            self.stops(arrival.time);
            self.resets_payload(arrival, verdict, answers);
            self.syn_octets = None;
            self.both(Event::Reset);
        }
    }

    fn gives_up_probing(&self, direction: Direction) -> bool {
        self.end(direction).probes.as_ref().map_or(false, |run| run.unanswered >= GIVES_UP_AFTER)
    }

    /// RFC 5961 3.2: somebody goes on after a reset that was not exact, so it changed nothing.
    pub(super) fn goes_on_after_reset(&mut self) {
        if let Some(Reset { tentative: true, closer_before, .. }) = self.reset {
            self.closer = closer_before;
            if closer_before.is_none() {
                self.close_idle = Lasted::default();
            }
            self.reset = None;
        }
    }

    /// A segment without SYN and RST after a valid RST, or after both FINs were acknowledged.
    pub(super) fn comes_after_the_end(&mut self, arrival: &Arrival, verdict: &mut Verdict) {
        let Arrival { direction, segment, .. } = *arrival;
        let was_reset = self.reset.is_some();
        if !was_reset && self.repeats_fin(direction, segment) {
            verdict.steps.push(self.fin_step(direction));
            verdict.retransmission = true;
            self.fin_repeated_to[direction.reverse() as usize] = true;
            return;
        }
        if !was_reset && self.fin_repeated_to[direction as usize] && segment.is_pure_ack() {
            self.fin_repeated_to[direction as usize] = false;
            verdict.steps.push(Step::Ack);
            return;
        }
        if self.is_challenge_ack(arrival) {
            return verdict.steps.push(Step::ChallengeAck);
        }
        verdict.retransmission = self.repeats(arrival);
        if segment.payload_length > 0 {
            self.end_mut(direction).sends(segment);
        }
        if segment.flags.has(Flags::FIN) {
            self.remembers_fin(direction, segment.end().minus(1));
        }
        describe_stray(segment, self.fin_step(direction), verdict);
    }

    /// Whether a segment is what a SYN for another connection is answered with, before this one is open or after its end:
    /// an acknowledgement with the last numbers of both sides (RFC 9293 3.10.7.4). It answers one SYN.
    pub(super) fn is_challenge_ack(&mut self, arrival: &Arrival) -> bool {
        let Arrival { direction, segment, .. } = *arrival;
        let challenged = self.challenged == Some(direction)
            && segment.is_pure_ack()
            && self.end(direction).next == Some(segment.sequence)
            && self.end(direction.reverse()).unacknowledged == Some(segment.acknowledgement);
        if challenged {
            self.challenged = None;
        }
        challenged
    }

    /// Who sent the RST that took effect.
    pub(super) fn reset_by(&self) -> Option<Direction> {
        self.reset.map(|reset| reset.by)
    }
}

/// A stray keeps its FIN, so that the steps show every flag.
pub(super) fn describe_stray(segment: &Segment, fin_step: Step, verdict: &mut Verdict) {
    verdict.steps.push(Step::Stray);
    if segment.flags.has(Flags::FIN) {
        verdict.steps.push(fin_step);
    }
}
