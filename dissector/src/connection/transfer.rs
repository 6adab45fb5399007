//! An open connection: octets, acknowledgements, keep-alives (RFC 9293 3.8).

use super::{Answers, Arrival, Connection, Direction, Moment};
use crate::tcp::keep_alive::{kind, Kind};
use crate::tcp::parser::options;
use crate::tcp::{Flags, Segment, SequenceNumber};
use crate::verdict::{
    elapsed, Context, KeepAliveStatus, KeepAliveVerdict, Layer, NotKeepAlive, Note, Opened, Step, Verdict,
};

/// What a segment found before it moved anything.
struct Before {
    acknowledgement: Option<SequenceNumber>,
    peer_next: Option<SequenceNumber>,
    window: Option<u32>,
    challenged: bool,
    window_probe_pending: bool,
}

impl Before {
    /// Whether the sender has acknowledged more already.
    fn outdates(&self, acknowledgement: SequenceNumber) -> bool {
        self.acknowledgement.map_or(false, |newest| acknowledgement.is_before(newest))
    }
}

impl Connection {
    /// A segment without SYN and RST of an open connection.
    pub(super) fn transfers(&mut self, arrival: &Arrival, verdict: &mut Verdict, answers: &mut Answers) {
        let Arrival { direction, segment, .. } = *arrival;
        let peer_direction = direction.reverse();
        self.goes_on_after_reset();
        if self.is_over() {
            return self.comes_after_the_end(arrival, verdict);
        }
        if self.is_ahead(direction) && segment.is_pure_ack() {
            verdict.steps.push(Step::Ack);
            return;
        }
        let completes = verdict.steps.contains(Step::HandshakeAck);
        let kind = if completes || self.in_part || segment.payload_length > 1 {
            Kind::Ordinary
        } else {
            kind(segment, self.end(direction), self.end(peer_direction), self.silence(arrival.time))
        };
        let before = Before {
            acknowledgement: self.end(peer_direction).unacknowledged,
            peer_next: self.end(peer_direction).next,
            window: self.end(direction).window,
            challenged: self.challenged == Some(direction),
            window_probe_pending: self.end(peer_direction).window_probe_pending,
        };
        if before.challenged {
            self.challenged = None;
        }
        self.end_mut(peer_direction).window_reopened = false;
        self.takes_fin_as_acknowledged(arrival, verdict);
        self.take_acknowledgement(arrival);
        if self.end(peer_direction).fin_is_acknowledged_by(segment) {
            self.acknowledges_fin(direction, verdict);
        }
        if let Kind::Probe { inferred } = kind {
            self.probes(arrival, verdict);
            verdict.inferred = inferred;
        } else {
            self.describe_kind(kind, direction, verdict);
            self.answers_keep_alive(arrival, &before, verdict, answers);
            self.carries(arrival, kind, verdict, answers);
            if verdict.steps.is_empty() {
                let step = self.bare_acknowledgement(arrival, &before);
                verdict.steps.push(step);
                if before.acknowledgement == Some(segment.acknowledgement) {
                    self.fin_repeated_to[direction as usize] = false;
                }
            }
        }
        self.take_window(arrival);
        // Octets with a window open it as well; those without may have crossed the probe.
        let opens = self.end(direction).window.map_or(false, |window| window > 0);
        if segment.flags.has(Flags::ACK)
            && !before.outdates(segment.acknowledgement)
            && (segment.payload_length == 0 || opens)
        {
            self.end_mut(peer_direction).window_probe_pending = false;
        }
    }

    fn describe_kind(&mut self, kind: Kind, direction: Direction, verdict: &mut Verdict) {
        let not = match kind {
            Kind::WindowProbe { inferred, resembles } => {
                verdict.steps.push(Step::ZeroWindowProbe);
                verdict.inferred = inferred;
                self.end_mut(direction).window_probe_pending = true;
                resembles.then_some(NotKeepAlive::ZeroWindowProbe)
            }
            Kind::Not { reason, inferred } => {
                verdict.inferred = inferred;
                Some(reason)
            }
            Kind::Probe { .. } | Kind::Ordinary => None,
        };
        if let Some(reason) = not {
            verdict.facts_mut().not_keep_alive = Some(reason);
            verdict.facts_mut().notes.insert(Note::NotKeepAlive);
        }
    }

    /// The segment's octets and FIN, if it has any.
    fn carries(&mut self, arrival: &Arrival, kind: Kind, verdict: &mut Verdict, answers: &mut Answers) {
        let Arrival { direction, segment, .. } = *arrival;
        let octets = segment.payload_length > 0;
        let fin = segment.flags.has(Flags::FIN);
        if !octets && !fin {
            if self.end(direction).next.is_none() {
                self.end_mut(direction).sends(segment);
            }
            return;
        }
        let window_probe = matches!(kind, Kind::WindowProbe { .. });
        verdict.retransmission = self.repeats(arrival) && !window_probe;
        verdict.after_gap = self.end(direction).has_hole_before(segment.sequence);
        self.has_octets_for_fins(arrival);
        let ends = fin && self.end(direction).fin.is_none() && self.is_acceptable_fin(arrival);
        let recognised = self.reads(arrival, ends, verdict, answers);
        if octets && !window_probe {
            let half_closed = self.end(direction.reverse()).fin_acknowledged;
            // What comes again may have been sent before.
            let new = half_closed && !self.end(direction).has_sent(segment);
            if !recognised {
                let ends = segment.octets_begin().plus(segment.payload_length);
                let since = |(side, begin)| side == direction && ends.is_after(begin);
                let half_close_data = new || half_closed && self.half_close_data.map_or(false, since);
                verdict.steps.push(if half_close_data { Step::HalfCloseData } else { Step::Data });
            }
            if new && self.half_close_data.is_none() {
                self.half_close_data = Some((direction, segment.octets_begin()));
                verdict.facts_mut().notes.insert(Note::HalfClose);
            }
        }
        // While others are under way, the acknowledgements that come answer those.
        let in_flight = || self.end(direction).has_in_flight(self.end(direction.reverse()));
        if self.is_beyond_window(arrival) && !window_probe && !in_flight() {
            self.challenged = Some(direction.reverse());
        }
        if verdict.retransmission {
            self.goes_again(arrival, verdict);
        }
        if octets {
            self.carried_octets(arrival);
        }
        if fin {
            self.takes_fin(arrival, verdict);
        } else {
            self.end_mut(direction).sends(segment);
        }
    }

    pub(super) fn is_beyond_window(&self, arrival: &Arrival) -> bool {
        let (end, peer) = (self.end(arrival.direction), self.end(arrival.direction.reverse()));
        end.is_beyond_window(peer, arrival.segment.sequence)
    }

    /// A segment without octets and FIN that nothing else explains.
    fn bare_acknowledgement(&self, arrival: &Arrival, before: &Before) -> Step {
        let Arrival { direction, segment, .. } = *arrival;
        if !segment.flags.has(Flags::ACK) {
            // RFC 9293 3.10.7.4: without ACK the receiver drops it.
            return Step::Stray;
        }
        let window = self.end(direction).scaled(segment.window);
        let stale = before.outdates(segment.acknowledgement);
        if before.window_probe_pending && !stale {
            // Beside the probe's octet an update acknowledges nothing.
            let newly = before.acknowledgement.map_or(0, |last| segment.acknowledgement.distance_from(last));
            match window {
                0 if newly <= 1 => return Step::ZeroWindowProbeAck,
                1.. if newly <= 1 && before.window == Some(0) => return Step::WindowUpdate,
                _ => {}
            }
        }
        let in_order = self.end(direction).next.map_or(true, |next| next == segment.sequence);
        let nothing_new = before.acknowledgement == Some(segment.acknowledgement);
        if before.challenged && in_order && nothing_new {
            return Step::ChallengeAck;
        }
        match before.window {
            // As far as anybody can see it falls with the first segment too.
            last if last != Some(0) && window == 0 && !stale => Step::ZeroWindow,
            Some(last) if last < window && in_order && nothing_new => {
                // With a SACK block it reports a gap as well.
                let reports_gap = options(segment.options).first_sack_block.is_some();
                if reports_gap {
                    Step::Ack
                } else {
                    Step::WindowUpdate
                }
            }
            _ => Step::Ack,
        }
    }

    /// A keep-alive probe. Its octet, if it has one, is garbage and never counts (RFC 1122 4.2.3.6).
    fn probes(&mut self, arrival: &Arrival, verdict: &mut Verdict) {
        let Arrival { direction, segment, time, frame, .. } = *arrival;
        let answer_from = segment.sequence.plus(1);
        let lone = segment.payload_length == 1 && self.end(direction).is_lone_octet(segment.sequence);
        if lone && self.last_octets_by == Some(direction) {
            self.takes_first_octet_for_probe(direction);
        }
        let heard = self.is_heard(direction);
        let waiting = self.is_waiting(heard);
        let activity = self.last_activity.get();
        if self.end(direction).next.is_none() {
            let mut seen = *segment;
            (seen.sequence, seen.payload_length) = (answer_from, 0);
            self.end_mut(direction).sends(&seen);
        }
        let run = self.end_mut(direction).probes.get_or_insert_with(Default::default);
        let previous = run.time;
        if !heard {
            // Each may have been answered.
            run.unanswered = 0;
        }
        let storm = run.probe(time, frame, segment);
        let facts = &mut verdict.facts_mut().keep_alive;
        facts.status = Some(KeepAliveStatus::Probe);
        facts.layer = Some(Layer::Tcp);
        facts.number = heard.then_some(run.unanswered);
        facts.idle = activity.and_then(|last| elapsed(last, time));
        facts.interval = previous.and_then(|previous| elapsed(previous, time));
        let facts_of_probe = *facts;
        facts.context = waiting.map(|waiting| if waiting { Context::WaitingForResponse } else { Context::Idle });
        verdict.steps.push(Step::KeepAliveProbe);
        if run.unanswered > 1 {
            verdict.facts_mut().notes.insert(Note::KeepAliveUnanswered);
        }
        if storm {
            verdict.facts_mut().notes.insert(Note::KeepAliveStorm);
        }
        if waiting == Some(true) {
            self.notes_wait(verdict);
        }
        self.keep_alives = self.keep_alives.saturating_add(1);
        self.details_mut().probing[direction as usize].probe(&facts_of_probe);
    }

    /// A probe while a response is awaited: the first one is worth a note.
    pub(super) fn notes_wait(&mut self, verdict: &mut Verdict) {
        if !self.wait_noted {
            self.wait_noted = true;
            verdict.facts_mut().notes.insert(Note::KeepAliveWaiting);
        }
    }

    /// Whether anything of the other side was captured: before that it may have answered unseen.
    pub(super) fn is_heard(&self, direction: Direction) -> bool {
        self.end(direction.reverse()).captured
    }

    /// Whether the last octets came from the client; unknown while the roles are, and unless the other side is heard.
    fn is_waiting(&self, heard: bool) -> Option<bool> {
        let by_client = match (self.last_octets_by, self.client) {
            (Some(last), Some(client)) => Some(last == client),
            (None, _) if self.opened != Some(Opened::Midway) => Some(false),
            _ => None,
        };
        match &self.payload {
            _ if !heard => by_client.filter(|&waiting| !waiting),
            Some(above) if above.is_waiting() => Some(true),
            _ => by_client,
        }
    }

    /// Settles the peer's pending probes, if the segment answers them.
    fn answers_keep_alive(&mut self, arrival: &Arrival, before: &Before, verdict: &mut Verdict, answers: &mut Answers) {
        let Arrival { direction, segment, .. } = *arrival;
        if !segment.flags.has(Flags::ACK) || self.is_ahead(direction) {
            return;
        }
        let pending = self.end(direction.reverse()).probes.as_ref().filter(|run| run.is_pending());
        let asked = match pending {
            Some(run) if !segment.acknowledgement.is_before(run.answer_from) => run.answer_from,
            Some(_) => return,
            None => return self.answers_unseen_probe(arrival, before, verdict),
        };
        // One of more acknowledges octets that went after the probe.
        if segment.is_pure_ack() && verdict.steps.is_empty() && segment.acknowledgement == asked {
            verdict.steps.push(Step::KeepAliveAck);
        }
        self.settle_probes(arrival, answer_status(segment), verdict, answers);
    }

    /// Settles the pending probes of the segment's receiver.
    pub(super) fn settle_probes(
        &mut self,
        arrival: &Arrival,
        status: KeepAliveStatus,
        verdict: &mut Verdict,
        answers: &mut Answers,
    ) {
        let prober = arrival.direction.reverse();
        let run = match self.end_mut(prober).probes.as_mut() {
            Some(run) => run,
            None => return,
        };
        let before = run.unanswered.saturating_sub(1);
        run.answer();
        verdict.facts_mut().keep_alive.status = Some(status);
        verdict.facts_mut().keep_alive.layer = Some(Layer::Tcp);
        verdict.facts_mut().keep_alive.probe_frame = Some(run.frame);
        verdict.facts_mut().keep_alive.response_time = run.time.and_then(|time| elapsed(time, arrival.time));
        answers.push((run.answer_place, arrival.frame));
        self.details_mut().probing[prober as usize].answered(before, 0);
        self.keep_alive_verdict = Some(verdict_of(status));
        self.keep_alives_answered = self.keep_alives_answered.saturating_add(1);
    }

    /// A capture that begins with a probe: nothing but its answer shows what it was.
    fn answers_unseen_probe(&mut self, arrival: &Arrival, before: &Before, verdict: &mut Verdict) {
        let Arrival { direction, segment, .. } = *arrival;
        if self.names_first_octet_as_old(arrival) {
            self.takes_first_octet_for_probe(direction.reverse());
            self.keep_alives = self.keep_alives.saturating_add(1);
            self.keep_alives_answered = self.keep_alives_answered.saturating_add(1);
            self.keep_alive_verdict = Some(verdict_of(answer_status(segment)));
            return describe_answer(segment, verdict);
        }
        let peer = self.end(direction.reverse());
        let first_words = self.last_octets_by.is_none()
            && self.details.is_none()
            && self.opened == Some(Opened::Midway)
            && !self.end(direction).captured
            && peer.captured
            && peer.fin.is_none();
        let answers = before.peer_next.map(|next| next.plus(1)) == Some(segment.acknowledgement);
        // Where the window is closed it was a probe of that.
        if first_words && answers && segment.is_pure_ack() && segment.window > 0 && verdict.steps.is_empty() {
            self.end_mut(direction.reverse()).probed_before_capture();
            describe_answer(segment, verdict);
            verdict.inferred = true;
        }
    }

    /// Whether a capture began with one octet, and this is its answer, which names it as received twice (RFC 2883 4).
    fn names_first_octet_as_old(&self, arrival: &Arrival) -> bool {
        let Arrival { direction, segment, .. } = *arrival;
        let peer = self.end(direction.reverse());
        // A probe of its own may have crossed it.
        let crossed = self.segments() == 2 && self.probe_came_last == Some(direction);
        let is_first = self.opened == Some(Opened::Midway) && (self.segments() == 1 || crossed);
        if !is_first || peer.fin.is_some() {
            return false;
        }
        match options(segment.options).first_sack_block {
            Some((octet, end)) => end == octet.plus(1) && peer.is_lone_octet(octet),
            None => false,
        }
    }

    /// The one octet with which the capture began was a probe's: none of what is above, and no activity.
    fn takes_first_octet_for_probe(&mut self, prober: Direction) {
        (self.payload, self.late, self.unreadable) = (None, None, false);
        (self.last_octets_by, self.last_activity, self.woken) = (None, Moment::default(), None);
        self.end_mut(prober).last_octet_alone = false;
    }

    /// Where the verdict of the last probe of this side keeps its answer's frame.
    pub(super) fn remember_answer_place(&mut self, direction: Direction, place: u32) {
        if let Some(run) = self.end_mut(direction).probes.as_mut() {
            run.answer_place = place;
        }
    }
}

/// The answer to a probe of which no more is known.
fn describe_answer(segment: &Segment, verdict: &mut Verdict) {
    if segment.is_pure_ack() && verdict.steps.is_empty() {
        verdict.steps.push(Step::KeepAliveAck);
    }
    verdict.facts_mut().keep_alive.status = Some(answer_status(segment));
    verdict.facts_mut().keep_alive.layer = Some(Layer::Tcp);
}

/// What a segment that acknowledges a probe is to it.
fn answer_status(segment: &Segment) -> KeepAliveStatus {
    if segment.payload_length > 0 {
        KeepAliveStatus::AnsweredByData
    } else {
        KeepAliveStatus::AnsweredByAck
    }
}

/// What an answer makes of the connection's keep-alives.
fn verdict_of(answer: KeepAliveStatus) -> KeepAliveVerdict {
    match answer {
        KeepAliveStatus::AnsweredByData => KeepAliveVerdict::EndedByData,
        KeepAliveStatus::AnsweredByReset => KeepAliveVerdict::Forgotten,
        KeepAliveStatus::Probe | KeepAliveStatus::AnsweredByAck => KeepAliveVerdict::Answered,
    }
}
