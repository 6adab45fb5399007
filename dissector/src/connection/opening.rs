//! The opening of a connection (RFC 9293 3.5), and Fast Open (RFC 7413).

use super::reading::describe_syn_octets;
use super::{Answers, Arrival, Connection, Direction, Lasted, Moment};
use crate::tcp::endpoint::SynSent;
use crate::tcp::open::{acknowledges_syn, judge, Opening, TooFar};
use crate::tcp::state::Event;
use crate::tcp::{Flags, Segment};
use crate::verdict::{elapsed, Basis, Note, Opened, Step, Time, Verdict};

/// What a SYN's verdict says of its place among the attempts.
pub(super) fn describe_syn(verdict: &mut Verdict, syn: &SynSent) {
    verdict.steps.push(Step::Syn);
    verdict.facts_mut().handshake.attempt = Some(syn.attempts());
    if syn.attempts() > 1 {
        verdict.retransmission = true;
        verdict.facts_mut().handshake.retry_cost = elapsed(syn.first_time, syn.time);
        verdict.facts_mut().notes.insert(Note::SynRetransmitted);
    }
}

impl Connection {
    /// A segment with SYN and without RST.
    pub(super) fn synchronizes(&mut self, arrival: &Arrival, verdict: &mut Verdict) {
        self.goes_on_after_reset();
        if arrival.segment.flags.has(Flags::ACK) {
            verdict.steps.push(Step::SynAck);
            self.takes_syn_ack(arrival, verdict);
        } else {
            self.takes_syn(arrival, verdict);
        }
        describe_syn_octets(arrival, verdict);
        if arrival.segment.flags.has(Flags::FIN) {
            verdict.steps.push(Step::Fin);
        }
    }

    fn takes_syn(&mut self, arrival: &Arrival, verdict: &mut Verdict) {
        let Arrival { direction, segment, time, frame, .. } = *arrival;
        let (complete, simultaneous) = (self.is_open(), self.simultaneous_open);
        let end = self.end_mut(direction);
        if let (Some(mut syn), true) = (end.opening.syn(), end.initial == Some(segment.sequence)) {
            syn.again(time, frame);
            end.opening.set_syn(Some(syn));
            describe_syn(verdict, &syn);
            verdict.facts_mut().handshake.simultaneous = simultaneous;
            verdict.retransmission = segment.payload_length == 0 || end.has_sent(segment);
            end.syn_octets = end.syn_octets.max(segment.length().saturating_sub(1));
            end.sends(segment);
            if complete {
                self.challenged = Some(direction.reverse());
            } else if self.opened.is_some() {
                // Some stacks try again although they were refused.
                (self.opened, self.reset, self.closer) = (None, None, None);
                self.is_reset_no_more();
                self.keeps_syn_octets(segment);
            }
            return;
        }
        let first = end.initial.map_or(true, |initial| initial == segment.sequence);
        if !first {
            describe_syn(verdict, &SynSent::first(time, frame));
            return;
        }
        let syn = SynSent::first(time, frame);
        end.opening.set_syn(Some(syn));
        end.initial = Some(segment.sequence);
        end.syn_octets = segment.length().saturating_sub(1);
        end.offers_in_syn(segment);
        end.state = end.state.transition(Event::SendsSyn);
        end.sends(segment);
        describe_syn(verdict, &syn);
        self.keeps_syn_octets(segment);
        let end = self.end(direction);
        let unacknowledged = !end.syn_acknowledged();
        let peer = self.end_mut(direction.reverse());
        peer.state = peer.state.transition(Event::ReceivesSyn);
        if peer.opening.syn().is_none() || peer.opening.synack().is_some() {
            // The first SYN; from a card with several queues it may come after the SYN-ACK.
            self.set_client(direction, Basis::Syn);
        } else {
            self.simultaneous_open = true;
            if unacknowledged && !self.end(direction.reverse()).syn_acknowledged() {
                verdict.facts_mut().notes.insert(Note::SimultaneousOpen);
            }
        }
        verdict.facts_mut().handshake.simultaneous = self.simultaneous_open;
    }

    fn keeps_syn_octets(&mut self, segment: &Segment) {
        if !segment.payload.is_empty() {
            self.syn_octets = Some(Box::new(segment.payload.to_vec()));
        }
    }

    fn takes_syn_ack(&mut self, arrival: &Arrival, verdict: &mut Verdict) {
        let Arrival { direction, segment, time, frame, .. } = *arrival;
        let complete = self.is_open();
        verdict.facts_mut().handshake.simultaneous = self.simultaneous_open;
        let peer = self.end_mut(direction.reverse());
        if peer.initial.is_none() {
            peer.initial = Some(segment.acknowledgement.minus(1));
        }
        let valid = acknowledges_syn(segment.acknowledgement, peer);
        let peer_syn = peer.opening.syn();
        let end = self.end_mut(direction);
        let same = end.initial.map_or(true, |initial| initial == segment.sequence);
        if valid {
            verdict.facts_mut().handshake.syn_frame = peer_syn.map(|syn| syn.frame);
        }
        if !valid || !same {
            // Not an answer to this SYN, or a second responder: it moves nothing.
            if complete {
                self.challenged = Some(direction.reverse());
            } else if !valid {
                self.rejected = Some((direction.reverse(), segment.acknowledgement));
            }
            verdict.retransmission = self.end_mut(direction).remembers_other_synack(segment, time, frame);
            return;
        }
        if let Some(mut synack) = end.opening.synack() {
            synack.again(time, frame);
            end.opening.set_synack(Some(synack));
            verdict.retransmission = true;
            if complete {
                verdict.facts_mut().notes.insert(Note::SynAckRepeated);
            } else {
                // What its sender has got so far has not completed anything.
                self.rejected = self.rejected.filter(|&(by, _)| by != direction);
            }
            return;
        }
        end.opening.set_synack(Some(SynSent::first(time, frame)));
        end.initial = Some(segment.sequence);
        end.offers_in_syn(segment);
        end.state = end.state.transition(Event::SendsSynAck);
        end.sends(segment);
        verdict.facts_mut().handshake.server_time = peer_syn.and_then(|syn| elapsed(syn.time, time));
        let client = self.end_mut(direction.reverse());
        client.is_acknowledged(segment.acknowledgement);
        if client.after_syn().map_or(false, |after_syn| segment.acknowledgement.is_after(after_syn)) {
            self.reads_syn_octets(direction.reverse());
        }
        self.syn_octets = None;
        if self.client.is_none() {
            self.set_client(direction.reverse(), Basis::SynAck);
        }
        self.agree_on_shifts();
        if self.endpoints.iter().all(|end| end.syn_acknowledged()) && !complete {
            verdict.facts_mut().handshake.time = self.complete(time, Opened::Simultaneous);
        }
    }

    /// A segment without SYN and RST before completion.
    pub(super) fn opens(&mut self, arrival: &Arrival, verdict: &mut Verdict, answers: &mut Answers) {
        let Arrival { direction, segment, time, .. } = *arrival;
        let peer_direction = direction.reverse();
        self.goes_on_after_reset();
        if self.reset.is_some() {
            return self.comes_after_the_end(arrival, verdict);
        }
        if self.is_challenge_ack(arrival) {
            return verdict.steps.push(Step::ChallengeAck);
        }
        if let Some(number) = self.end_mut(peer_direction).takes_other_synack(segment) {
            if !acknowledges_syn(number, self.end(direction)) {
                self.end_mut(direction).sent_syn_before(number);
            }
            self.agree_on_shifts();
        }
        let rejected_by = |side| self.rejected.filter(|&(by, _)| by == side).map(|(_, number)| number);
        let too_far = TooFar { of_sender: rejected_by(peer_direction), of_peer: rejected_by(direction) };
        match judge(segment, self.end(direction), self.end(peer_direction), too_far) {
            Opening::HandshakeAck { inferred } => {
                self.describe_handshake_ack(arrival, verdict);
                let unseen = self.end(direction).has_hole_before(segment.sequence);
                verdict.steps.push(Step::HandshakeAck);
                // SYNs that crossed and one SYN-ACK: the other was not captured, or its sender saw no need of it.
                let crossed = self.simultaneous_open && self.endpoints.iter().any(|end| end.opening.synack().is_some());
                let how = if crossed { Opened::Simultaneous } else { Opened::Handshake };
                verdict.facts_mut().handshake.time = self.complete(time, how);
                self.transfers(arrival, verdict, answers);
                verdict.inferred |= inferred;
                // Octets that its SYN has carried were seen.
                verdict.after_gap |= inferred && unseen && self.end(peer_direction).initial.is_some();
            }
            Opening::Open => {
                self.complete(time, Opened::Handshake);
                // How long it took, only the handshake ACK would have told.
                self.setup_time = Lasted::default();
                self.transfers(arrival, verdict, answers);
            }
            Opening::TooFar => {
                self.rejected = Some((peer_direction, segment.acknowledgement));
                self.passes_before_completion(arrival, verdict, answers);
            }
            Opening::ChallengeAck => {
                self.rejected = Some((peer_direction, segment.acknowledgement));
                verdict.steps.push(Step::ChallengeAck);
            }
            Opening::OfAnother => {
                if segment.payload_length > 0 {
                    verdict.steps.push(Step::Data);
                }
                if segment.flags.has(Flags::FIN) {
                    verdict.steps.push(Step::Fin);
                }
            }
            Opening::SynAcknowledged => {
                self.take_acknowledgement(arrival);
                self.take_window(arrival);
                verdict.steps.push(Step::Ack);
            }
            Opening::Ordinary => self.passes_before_completion(arrival, verdict, answers),
        }
    }

    fn passes_before_completion(&mut self, arrival: &Arrival, verdict: &mut Verdict, answers: &mut Answers) {
        let Arrival { direction, segment, .. } = *arrival;
        if segment.payload_length > 0 {
            verdict.retransmission = self.end(direction).has_sent(segment);
            if !self.reads(arrival, false, verdict, answers) {
                verdict.steps.push(Step::Data);
            }
            self.end_mut(direction).sends(segment);
        }
        if segment.flags.has(Flags::FIN) {
            self.takes_fin(arrival, verdict);
        }
        if verdict.steps.is_empty() {
            verdict.steps.push(if segment.flags.has(Flags::ACK) { Step::Ack } else { Step::Stray });
        }
        // What the server may have sent so far had to fit the window of the SYN.
        if self.end(direction).opening.syn().is_none() {
            self.take_window(arrival);
        }
    }

    fn describe_handshake_ack(&mut self, arrival: &Arrival, verdict: &mut Verdict) {
        let Arrival { direction, segment, time, .. } = *arrival;
        let peer = self.end(direction.reverse());
        verdict.facts_mut().handshake.simultaneous = self.simultaneous_open;
        verdict.facts_mut().handshake.syn_frame = self.end(direction).opening.syn().map(|syn| syn.frame);
        let answer = peer.opening.synack().or(peer.opening.syn());
        verdict.facts_mut().handshake.synack_frame = answer.map(|synack| synack.frame);
        if segment.is_pure_ack() {
            // Only a pure ACK leaves at once.
            verdict.facts_mut().handshake.client_time = answer.and_then(|synack| elapsed(synack.time, time));
        }
        let server_time = match (self.end(direction).opening.syn(), peer.opening.synack()) {
            (Some(syn), Some(synack)) => Some(synack.time.saturating_sub(syn.time).max(0)),
            _ => None,
        };
        let round_trip = match (server_time, verdict.facts_mut().handshake.client_time) {
            (None, None) => None,
            (server, client) => Some(server.unwrap_or(0).saturating_add(client.unwrap_or(0))),
        };
        self.round_trip = Lasted::of(round_trip);
    }

    /// Both SYNs are acknowledged, as far as can be known. Returns the time from the first SYN.
    fn complete(&mut self, time: Time, how: Opened) -> Option<i64> {
        self.both(Event::Opens);
        let client = self.client.map(|client| self.end(client));
        let fast = client.map_or(false, |client| {
            let beyond_syn = client.initial.map(|initial| initial.plus(1));
            client.syn_octets > 0
                && matches!((client.unacknowledged, beyond_syn), (Some(una), Some(after)) if una.is_after(after))
        });
        let setup_time = client.and_then(|client| client.opening.syn()).and_then(|syn| elapsed(syn.first_time, time));
        self.setup_time = Lasted::of(setup_time);
        self.opened = Some(if fast && how == Opened::Handshake { Opened::FastOpen } else { how });
        self.last_activity = Moment::at(self.last_activity.get().map_or(time, |last| last.max(time)));
        self.agree_on_shifts();
        setup_time
    }

    /// Windows are scaled where both SYNs offer it (RFC 7323 2.2). A SYN-ACK offers it in answer only.
    fn agree_on_shifts(&mut self) {
        let seen = |connection: &Connection, direction| {
            let end: &crate::tcp::endpoint::Endpoint = connection.end(direction);
            end.opening.syn().is_some() || end.opening.synack().is_some()
        };
        let refused = [Direction::Forth, Direction::Back]
            .iter()
            .any(|&direction| seen(self, direction) && self.end(direction).shift.is_none());
        for direction in [Direction::Forth, Direction::Back] {
            let answered = seen(self, direction.reverse()) || self.end(direction).opening.synack().is_some();
            let end = self.end_mut(direction);
            let offered = end.shift.filter(|_| answered);
            end.set_shift_in_force(if refused { Some(0) } else { offered });
        }
    }
}
