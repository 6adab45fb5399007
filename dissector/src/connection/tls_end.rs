//! What became of a connection's TLS: its first handshake, and what its hellos name.

use super::{Arrival, Connection, Direction};
use crate::tls::{Cause, Failure, Findings, TlsNames};
use crate::verdict::{Sender, Step, StepSet, TlsEnd, TlsOutcome, Verdict};

/// As the first handshake has gone so far.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Handshake {
    outcome: Option<TlsOutcome>,
    by: Option<Direction>,
    alert: Option<u8>,
    after: Option<Step>,
    inferred: bool,
    /// The server has said something.
    answered: bool,
}

const CLIENT_HELLO: StepSet = StepSet::of(&[Step::ClientHello]);
const HELLOS: StepSet =
    StepSet::of(&[Step::ClientHello, Step::ServerHello, Step::HelloRetryRequest, Step::EncryptedExtensions]);

impl Handshake {
    /// What a segment says of it. What has failed can still be completed: its failure was a guess.
    fn takes(&mut self, direction: Direction, client: Option<Direction>, findings: &Findings) {
        self.answered |= self.outcome.is_some() && client == Some(direction.reverse());
        if let (Some(TlsOutcome::Completed), Some(alert)) = (self.outcome, findings.rejected) {
            (self.outcome, self.alert) = (Some(TlsOutcome::Rejected), Some(alert.description));
            self.by = Some(direction);
        }
        if matches!(self.outcome, Some(TlsOutcome::Completed | TlsOutcome::Rejected)) {
            return;
        }
        if findings.complete {
            *self = Handshake { outcome: Some(TlsOutcome::Completed), ..Handshake::default() };
        } else if self.outcome.is_none() && CLIENT_HELLO.is_within(findings.steps.set()) {
            self.outcome = Some(TlsOutcome::Unfinished);
        }
    }

    fn fails(&mut self, failure: &Failure) {
        if matches!(self.outcome, Some(outcome) if outcome != TlsOutcome::Unfinished) {
            return;
        }
        let (outcome, alert) = match failure.cause {
            Cause::Alert(alert) => (TlsOutcome::Alert, Some(alert.description)),
            Cause::ProtectedAlert => (TlsOutcome::EncryptedAlert, None),
            Cause::NotTls => (TlsOutcome::NotTls, None),
            Cause::Fin => (TlsOutcome::Closed, None),
            Cause::Reset => (TlsOutcome::Reset, None),
        };
        let (by, after, inferred) = (Some(failure.by), failure.after, failure.inferred);
        *self = Handshake { outcome: Some(outcome), by, alert, after, inferred, answered: self.answered };
    }
}

impl Connection {
    /// What a segment's TLS says of the handshake as a whole.
    pub(super) fn follows_tls(&mut self, arrival: &Arrival, findings: &Findings, verdict: &mut Verdict) {
        if CLIENT_HELLO.is_within(findings.steps.set()) && !(findings.hello_begins && findings.hello_ends) {
            verdict.facts_mut().tls.hello_spans = true;
        }
        let direction = arrival.direction;
        let client = self.payload.as_ref().and_then(|payload| payload.tls()).and_then(|tls| tls.client());
        self.tls_known.handshake.takes(direction, client, findings);
        if findings.steps.set().meets(HELLOS) {
            self.takes_names(direction);
        }
    }

    pub(super) fn fails_tls(&mut self, failure: &Failure) {
        self.tls_known.handshake.fails(failure);
    }

    fn takes_names(&mut self, direction: Direction) {
        let tls = match self.payload.as_mut().and_then(|payload| payload.tls_mut()) {
            Some(tls) => tls,
            None => return,
        };
        let client = tls.client();
        if let Some(names) = tls.take_names(direction) {
            if client == Some(direction) {
                self.tls_names = Some(Box::new(TlsNames::offered(&names)));
            } else if TlsNames::are_chosen_in(&names) {
                self.tls_names = Some(Box::new(TlsNames::chosen(self.tls_names.as_deref(), &names)));
            }
        }
    }

    /// How TLS went, when the capture has ended. With one side captured, an unfinished handshake may be complete.
    pub(super) fn tls_end(&self) -> Option<TlsEnd> {
        let handshake = &self.tls_known.handshake;
        let both = self.endpoints.iter().all(|end| end.captured);
        let outcome = handshake
            .outcome
            .filter(|&outcome| both || matches!(outcome, TlsOutcome::Completed | TlsOutcome::Rejected))?;
        // Where the place in the stream is lost, or it ended without a word that can be read, nobody knows.
        let goes_on = self.is_in_tls_handshake() && !self.is_over();
        if outcome == TlsOutcome::Unfinished && !goes_on {
            return None;
        }
        let waits = || self.unanswered().map_or(false, |run| Some(run.by) == self.client);
        let outcome = match outcome {
            TlsOutcome::Unfinished if !handshake.answered && waits() => TlsOutcome::NoAnswer,
            outcome => outcome,
        };
        Some(TlsEnd {
            outcome,
            failed_by: handshake.by.map(|by| self.sender(by)).filter(|&by| by != Sender::Unknown),
            alert: handshake.alert,
            after: handshake.after,
            inferred: handshake.inferred,
        })
    }
}
