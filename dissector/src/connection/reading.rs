//! What the protocols above TCP say about a segment, told in its verdict.

use super::tls_end::Handshake;
use super::{Arrival, Connection, Direction, Lasted};
use crate::application::Answered;
use crate::heartbeat::{Heartbeat, HeartbeatKind};
use crate::history::Place;
use crate::payload::{Arriving, LastWords, Late, Mark, Payload, Report, Unseen};
use crate::tcp::{Flags, Segment, SequenceNumber};
use crate::tls::{Cause, Failure, Findings};
use crate::verdict::{
    Basis, Context, Details, HttpUnfinished, KeepAliveStatus, KeepAliveVerdict, Note, Opened, Persistent, Probing,
    Step, TlsFailureCause, Verdict, MORE_MESSAGES,
};

/// Where later frames are to be filled in: the place, and the frame.
pub type Answers = Vec<(u32, u32)>;

/// What the current segment carries, as far as the phase depends on it.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Carried {
    /// Nothing but messages that keep the connection alive.
    pub keep_alive: bool,
    /// Nothing but a message that announces the end.
    pub farewell: bool,
    /// Nothing but what is said before a FIN.
    pub last_words: LastWords,
    /// Records of an unfinished TLS handshake.
    pub handshake: bool,
    /// Octets of which nobody says what they do, in clear or not.
    pub unread: bool,
}

impl Carried {
    /// Nothing that anybody has read.
    pub fn unread() -> Carried {
        Carried { unread: true, ..Carried::default() }
    }
}

/// What of TLS is known since which frame.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct TlsKnown {
    pub version: Option<(u16, u32)>,
    pub resumed: Option<u32>,
    pub handshake: Handshake,
}

impl TlsKnown {
    /// Version and resumption as known when this frame was captured.
    pub fn at(&self, frame: u32) -> (Option<u16>, bool) {
        let version = self.version.filter(|&(_, since)| frame >= since).map(|(version, _)| version);
        (version, self.resumed.map_or(false, |since| frame >= since))
    }
}

impl Connection {
    /// Reads a segment's octets, then its FIN if `ends`. Returns whether anybody knows what the octets do.
    #[inline(always)] // Most segments with octets come here.
    pub(super) fn reads(
        &mut self,
        arrival: &Arrival,
        ends: bool,
        verdict: &mut Verdict,
        answers: &mut Answers,
    ) -> bool {
        !self.unreadable && self.reads_payload(arrival, ends, verdict, answers)
    }

    #[inline(never)]
    fn reads_payload(&mut self, arrival: &Arrival, ends: bool, verdict: &mut Verdict, answers: &mut Answers) -> bool {
        let Arrival { direction, segment, time, frame, .. } = *arrival;
        let (acknowledged, alone) = (self.end(direction).unacknowledged, !self.end(direction.reverse()).captured);
        if self.payload.is_none() && segment.payload_length == 0 {
            return false;
        }
        if self.late.is_some() && !self.begins_late(arrival) && !self.begins_otherwise(arrival, verdict) {
            return false;
        }
        if self.payload.is_none() {
            let begins = [Direction::Forth, Direction::Back].map(|direction| self.end(direction).first_octet());
            self.payload = Some(Box::new(self.new_payload(begins)));
        }
        if self.end(direction).next.map_or(false, |next| segment.octets_begin().is_before(next)) {
            self.compare_octets(arrival, verdict);
        }
        let unseen = self.unseen(arrival);
        let payload = match &mut self.payload {
            Some(payload) => payload,
            None => return false,
        };
        payload.knows_unseen(direction, unseen);
        let mut report = Report::default();
        let arriving = Arriving { direction, segment, acknowledged, alone, time, frame };
        if segment.payload_length > 0 {
            payload.takes(&arriving, &mut report);
        }
        if ends {
            payload.finishes(&arriving, segment.end().minus(1), &mut report);
        }
        let (sealed, opaque) = (payload.is_sealed(&report), payload.is_opaque());
        let heartbeat = report.tls.and_then(|tls| tls.findings.heartbeat);
        self.sealing = sealed.then(|| self.seal(verdict.inferred, heartbeat));
        if opaque {
            self.payload = None;
            self.late = Some(Box::new(Late::behind(direction, segment)));
        }
        let recognised = report.steps(&mut verdict.steps);
        self.learns_late(arrival, &report, answers);
        self.tells(arrival, &report, verdict, answers);
        recognised
    }

    fn new_payload(&self, begins: [Option<SequenceNumber>; 2]) -> Payload {
        Payload::new(self.opened == Some(Opened::Midway), self.client, begins)
    }

    /// What is above TCP if its sender's octets begin with this segment.
    fn payload_from(&self, arrival: &Arrival) -> Payload {
        let mut begins = [Direction::Forth, Direction::Back].map(|direction| self.end(direction).next);
        begins[arrival.direction as usize] = Some(arrival.segment.octets_begin());
        self.new_payload(begins)
    }

    /// Other octets on the same numbers repeat nothing: they are a reading of their own (G9).
    fn compare_octets(&mut self, arrival: &Arrival, verdict: &mut Verdict) {
        let Arrival { direction, segment, .. } = *arrival;
        if self.payload.as_ref().map_or(false, |payload| payload.is_contradicted(direction, segment)) {
            let other = self.payload_from(arrival);
            if let Some(payload) = &mut self.payload {
                payload.hold_other(direction, other);
            }
            (verdict.retransmission, verdict.inferred) = (false, true);
        }
    }

    /// Which octets were not captured that went before this segment.
    fn unseen(&self, arrival: &Arrival) -> Unseen {
        let Arrival { direction, segment, .. } = *arrival;
        let (own, other) = (self.end(direction), self.end(direction.reverse()));
        Unseen {
            before: own.has_hole_before(segment.sequence),
            last: own.misses_its_last(),
            answered: segment.flags.has(Flags::ACK) && other.misses_its_last(),
            unheard: !other.captured
                && segment.flags.has(Flags::ACK)
                && other.after_syn().map_or(false, |first| segment.acknowledgement.is_after(first)),
            acknowledges_all: segment.flags.has(Flags::ACK)
                && other.next.map_or(false, |next| !segment.acknowledgement.is_before(next)),
        }
    }

    /// Whether TLS begins behind octets that nobody reads, so that there is something to read again.
    fn begins_late(&mut self, arrival: &Arrival) -> bool {
        let (begin, next) = (arrival.segment.octets_begin(), self.end(arrival.direction).next);
        let late = match &mut self.late {
            Some(late) if next.map_or(true, |next| !begin.is_before(next)) => late,
            _ => return false,
        };
        self.payload = late.begins(arrival, next == Some(begin)).map(Box::new);
        self.unreadable = self.payload.is_none() && late.is_over();
        if self.payload.is_some() || self.unreadable {
            self.late = None;
        }
        self.payload.is_some()
    }

    /// Whether a segment has other octets than the last one before which nobody reads on had.
    fn begins_otherwise(&mut self, arrival: &Arrival, verdict: &mut Verdict) -> bool {
        let Arrival { direction, segment, .. } = *arrival;
        let contradicted = self.late.as_ref().map_or(false, |late| late.is_contradicted(direction, segment));
        if contradicted && verdict.retransmission {
            (self.payload, self.late) = (Some(Box::new(self.payload_from(arrival))), None);
            (verdict.retransmission, verdict.inferred) = (false, true);
        }
        self.payload.is_some()
    }

    /// Hands the octets of a SYN to the protocol above, once they are accepted (RFC 7413 3).
    pub(super) fn reads_syn_octets(&mut self, client: Direction) {
        let (initial, syn) = match (self.end(client).initial, self.end(client).opening.syn()) {
            (Some(initial), Some(syn)) => (initial, syn),
            _ => return,
        };
        if let Some(octets) = self.syn_octets.take() {
            let segment = syn_segment(initial, &octets);
            let arrival =
                Arrival { direction: client, segment: &segment, time: syn.time, frame: syn.frame, identification: 0 };
            self.reads(&arrival, false, &mut Verdict::new(syn.frame, initial.0), &mut Answers::new());
            self.sealing = None;
        }
    }

    /// An RST ends what is above as well.
    pub(super) fn resets_payload(&mut self, arrival: &Arrival, verdict: &mut Verdict, answers: &mut Answers) {
        let Arrival { direction, time, .. } = *arrival;
        let (round_trip, unseen) = (self.round_trip.get(), self.unseen(arrival));
        if let Some(payload) = self.payload.as_mut() {
            payload.knows_unseen(direction, unseen);
            let mut report = Report::default();
            [Direction::Forth, Direction::Back].iter().for_each(|&direction| payload.ends_behind_gap(direction));
            if payload.is_race(direction, round_trip) {
                verdict.facts_mut().notes.insert(Note::HttpRace);
            }
            payload.is_reset(direction, time, &mut report);
            self.tells(arrival, &report, verdict, answers);
        }
    }

    /// Takes in what other segments' octets say that could not be read before. Their verdicts have been given.
    fn learns_late(&mut self, arrival: &Arrival, report: &Report, answers: &mut Answers) {
        for (frame, earlier) in &report.earlier {
            self.tells(arrival, earlier, &mut Verdict::new(*frame, 0), answers);
        }
    }

    pub(super) fn tells(&mut self, arrival: &Arrival, report: &Report, verdict: &mut Verdict, answers: &mut Answers) {
        verdict.inferred |= report.is_inferred();
        verdict.after_gap |= report.is_after_gap();
        self.carried = Carried {
            keep_alive: report.is_keep_alive(),
            farewell: report.is_farewell(),
            last_words: report.last_words(),
            handshake: report.is_handshake(),
            unread: report.is_unread(),
        };
        if let Some(client) = report.outcome.client.filter(|_| self.client.is_none()) {
            self.set_client(client, report.basis.unwrap_or(Basis::HttpMessage));
        }
        if let Some(findings) = report.tls.as_ref().map(|tls| tls.findings) {
            self.tells_tls(arrival, &findings, verdict);
        }
        self.tells_http(report, verdict);
        if let Some(unfinished) = report.outcome.unfinished {
            self.tells_unfinished(arrival, unfinished, verdict);
        }
        if let Some(heartbeat) = report.outcome.heartbeat {
            self.tells_heartbeat(arrival, report, &heartbeat, verdict, answers);
        }
        for answered in report.outcome.answered.as_slice() {
            if let Answered { place: Some(place), response_frame, .. } = *answered {
                answers.push((place, response_frame));
            }
        }
    }

    fn tells_http(&mut self, report: &Report, verdict: &mut Verdict) {
        let outcome = &report.outcome;
        if let Some((&first, more)) = outcome.messages.as_slice().split_first() {
            verdict.message = Some(first);
            for (place, &number) in verdict_messages(verdict, more).iter_mut().zip(more) {
                *place = number;
            }
            if self.payload.as_ref().and_then(|above| above.messages()).is_none() {
                self.details_mut().messages = outcome.messages.as_slice().iter().copied().max().unwrap_or(0);
            }
        }
        if let Some(method) = outcome.method {
            verdict.facts_mut().http.method = method.code();
        }
        if outcome.status.is_some() {
            verdict.facts_mut().http.status = outcome.status;
        }
        if let Some(persistence) = outcome.persistence {
            let http = &mut verdict.facts_mut().http;
            http.persistent = Some(if persistence.persistent { Persistent::Yes } else { Persistent::No });
            http.basis = persistence.basis;
        }
        if outcome.request_frame.is_some() {
            verdict.facts_mut().http.request_frame = outcome.request_frame;
        }
        if outcome.response_time.is_some() {
            verdict.facts_mut().http.response_time = outcome.response_time;
            let slowest = &mut self.details_mut().slowest_response;
            *slowest = (*slowest).max(outcome.response_time);
        }
        if outcome.timeout.is_some() {
            verdict.facts_mut().http.timeout = outcome.timeout;
            self.details_mut().http_timeout = outcome.timeout;
        }
        if outcome.keep_alive.is_some() {
            verdict.facts_mut().mqtt_keep_alive = outcome.keep_alive;
            self.details_mut().mqtt_keep_alive = outcome.keep_alive;
        }
        if outcome.framing.is_some() {
            verdict.facts_mut().http.framing = outcome.framing;
            verdict.facts_mut().notes.insert(Note::HttpFraming);
        }
    }

    /// A request that its answerer had not acknowledged has crossed the close; others were left without their answer.
    #[cold]
    fn tells_unfinished(
        &self,
        arrival: &Arrival,
        (what, message, octets): (HttpUnfinished, u32, Option<u64>),
        verdict: &mut Verdict,
    ) {
        let Arrival { direction, segment, .. } = *arrival;
        let asked = self.end(direction.reverse()).next;
        let heard = segment.flags.has(Flags::ACK)
            && asked.map_or(false, |next| !segment.acknowledgement.is_before(next))
            || !segment.flags.has(Flags::ACK);
        let notes = &mut verdict.facts_mut().notes;
        if notes.contains(Note::HttpRace) {
            return;
        }
        if what == HttpUnfinished::Unanswered && !heard {
            notes.insert(Note::HttpRace);
            return;
        }
        notes.insert(Note::HttpUnfinished);
        let http = &mut verdict.facts_mut().http;
        (http.unfinished, http.unfinished_message) = (Some(what), Some(message));
        http.unfinished_octets = octets.and_then(|octets| i64::try_from(octets).ok());
    }

    fn tells_tls(&mut self, arrival: &Arrival, findings: &Findings, verdict: &mut Verdict) {
        self.follows_tls(arrival, findings, verdict);
        let client = self.payload.as_ref().and_then(|payload| payload.tls()).and_then(|tls| tls.client());
        if let Some(client) = client.filter(|_| self.client.is_none()) {
            self.set_client(client, Basis::TlsHello);
        }
        if let (None, Some(version)) = (self.tls_known.version, findings.version) {
            self.tls_known.version = Some((version, arrival.frame));
        }
        // Of the handshake whose time is told: a renegotiation may resume what that one has begun.
        if let (None, Some(true), None) = (self.tls_known.resumed, findings.resumed, self.tls_time.get()) {
            self.tls_known.resumed = Some(arrival.frame);
        }
        if findings.complete {
            verdict.facts_mut().tls.complete = true;
            verdict.facts_mut().tls.time = findings.time;
            self.tls_time = Lasted::of(self.tls_time.get().or(findings.time));
        }
        // With one side only, the other's part of the handshake is not known.
        let both = self.endpoints.iter().filter(|end| end.captured).count() == 2;
        if let Some(failure) = findings.failure.filter(|_| both) {
            self.fails_tls(&failure);
            self.tells_failure(&failure, verdict);
        }
        if let Some(alert) = findings.rejected {
            verdict.facts_mut().tls.alert = Some(alert.description);
            verdict.facts_mut().notes.insert(Note::TlsRejected);
        }
        // What is in its place keeps the phase of the handshake.
        self.quiet &= !findings.not_tls;
        if findings.truncated && both {
            verdict.facts_mut().notes.insert(Note::TlsTruncated);
        }
    }

    fn tells_failure(&self, failure: &Failure, verdict: &mut Verdict) {
        let failed_by = self.sender(failure.by);
        let facts = verdict.facts_mut();
        facts.notes.insert(Note::TlsFailed);
        facts.tls.failed_by = Some(failed_by);
        facts.tls.after = failure.after;
        facts.tls.cause = Some(match failure.cause {
            Cause::Alert(alert) => {
                facts.tls.alert = Some(alert.description);
                TlsFailureCause::Alert
            }
            Cause::ProtectedAlert => TlsFailureCause::EncryptedAlert,
            Cause::NotTls => TlsFailureCause::NotTls,
            Cause::Fin => TlsFailureCause::Fin,
            Cause::Reset => TlsFailureCause::Reset,
        });
    }

    fn tells_heartbeat(
        &mut self,
        arrival: &Arrival,
        report: &Report,
        heartbeat: &Heartbeat,
        verdict: &mut Verdict,
        answers: &mut Answers,
    ) {
        self.keep_alives = self.keep_alives.saturating_add(report.outcome.heartbeat_probes);
        self.keep_alives_answered = self.keep_alives_answered.saturating_add(report.outcome.heartbeat_answers);
        if !heartbeat.keep_alive {
            return;
        }
        let heard = self.is_heard(arrival.direction);
        let facts = &mut verdict.facts_mut().keep_alive;
        facts.layer = report.layer;
        facts.idle = heartbeat.idle;
        if heartbeat.kind == HeartbeatKind::Answer {
            facts.status = Some(KeepAliveStatus::AnsweredByAck);
            facts.probe_frame = heartbeat.probe_frame;
            facts.response_time = heartbeat.response_time;
            if let Some(place) = heartbeat.probe_place {
                answers.push((place, verdict.frame));
            }
            self.keep_alive_verdict = Some(KeepAliveVerdict::Answered);
            self.probing_above(arrival.direction.reverse()).answered(heartbeat.passed_over, heartbeat.pending);
            return;
        }
        let waiting = self.payload.as_ref().map_or(false, |above| above.is_waiting());
        let known = Some(waiting).filter(|&waiting| heard || !waiting);
        facts.status = Some(KeepAliveStatus::Probe);
        facts.number = heartbeat.number.filter(|_| heard);
        facts.interval = heartbeat.interval;
        facts.context = known.map(|waiting| if waiting { Context::WaitingForResponse } else { Context::Idle });
        let facts = *facts;
        if known == Some(true) {
            self.notes_wait(verdict);
        }
        self.details_mut().layer_above = report.layer;
        self.probing_above(arrival.direction).probe(&facts);
    }

    fn probing_above(&mut self, prober: Direction) -> &mut Probing {
        &mut self.details_mut().probing_above.get_or_insert_with(Default::default)[prober as usize]
    }

    pub(super) fn details_mut(&mut self) -> &mut Details {
        self.details.get_or_insert_with(Default::default)
    }

    /// Remembers where the verdict of a segment with octets is kept.
    #[inline(always)] // Most segments with octets come here.
    pub fn remember_segment(&mut self, arrival: &Arrival, mark: Mark, place: Place) {
        if let Some(payload) = self.payload.as_mut() {
            payload.remember_segment(arrival.direction, arrival.segment, mark, place);
        }
    }

    /// Where the verdicts of the segments are kept that this one repeats; none of them if one is forgotten.
    pub fn repeated(&self, arrival: &Arrival) -> Vec<Place> {
        match &self.payload {
            Some(payload) => payload.repeated(arrival.direction, arrival.segment),
            None => Vec::new(),
        }
    }

    /// Whether a TLS handshake is unfinished, or has failed.
    pub fn is_handshaking(&self) -> bool {
        self.is_in_tls_handshake() || self.is_in_place_of_tls()
    }

    /// Whether a TLS handshake is unfinished, or has failed and was not answered by another protocol.
    pub(super) fn is_in_tls_handshake(&self) -> bool {
        self.payload.as_ref().map_or(false, |payload| payload.is_handshaking())
    }

    /// Whether another protocol has answered a TLS handshake.
    pub(super) fn is_in_place_of_tls(&self) -> bool {
        self.payload.as_ref().map_or(false, |payload| payload.is_in_place_of_tls())
    }

    /// Where the verdict of a frame keeps what hindsight fills in.
    pub fn remember_place(&mut self, direction: Direction, frame: u32, place: u32, is_tcp_probe: bool) {
        if is_tcp_probe {
            self.remember_answer_place(direction, place);
        } else if let Some(payload) = self.payload.as_mut() {
            payload.remember_place(frame, place);
        }
    }

    /// What of TLS was known when this frame was captured.
    pub fn tls_known(&self, frame: u32) -> (Option<u16>, bool) {
        self.tls_known.at(frame)
    }
}

/// A SYN with these octets.
pub(super) fn syn_segment(initial: SequenceNumber, payload: &[u8]) -> Segment<'_> {
    Segment {
        source_port: 0,
        destination_port: 0,
        sequence: initial,
        acknowledgement: SequenceNumber(0),
        flags: Flags::SYN,
        window: 0,
        options: &[],
        payload,
        payload_length: payload.len() as u32,
    }
}

/// Adds the steps of a SYN's octets, whether or not anybody accepts them.
pub(super) fn describe_syn_octets(arrival: &Arrival, verdict: &mut Verdict) {
    let Arrival { direction, segment, time, frame, .. } = *arrival;
    if segment.payload_length == 0 {
        return;
    }
    let mut report = Report::default();
    let arriving = Arriving { direction, segment, acknowledged: None, alone: true, time, frame };
    Payload::new(false, Some(direction), [None; 2]).takes(&arriving, &mut report);
    if !report.steps(&mut verdict.steps) {
        verdict.steps.push(Step::Data);
    }
}

/// The places for the numbers of further messages, where there are any.
fn verdict_messages<'a>(verdict: &'a mut Verdict, more: &[u32]) -> &'a mut [u32] {
    let count = more.len().min(MORE_MESSAGES);
    if count == 0 {
        return &mut [];
    }
    &mut verdict.facts_mut().http.more_messages[..count]
}
