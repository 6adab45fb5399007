//! Where in a capture stands what is said of a connection: the frames that a row or a story names.

use crate::verdict::{Duration, Note, Notes, Step, StepSet, Verdict};

const RESETS: StepSet = StepSet::of(&[
    Step::ConnectionRefused,
    Step::ResetInHandshake,
    Step::ConnectionAbort,
    Step::ResetOnKeepAlive,
    Step::ResetAfterClose,
]);

/// Frames of one connection, 0 where there is none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Evidence {
    /// The first segment.
    pub first_frame: u32,
    /// The last one.
    pub last_frame: u32,
    /// The third segment of the TCP handshake.
    pub handshake_frame: u32,
    /// The first Client Hello.
    pub tls_first_frame: u32,
    /// Where the first TLS handshake is complete, or has failed.
    pub tls_last_frame: u32,
    /// The slowest HTTP response.
    pub slowest_frame: u32,
    /// The first FIN or RST that counts.
    pub close_frame: u32,
    /// The first RST that counts.
    pub reset_frame: u32,
    /// The first request that crossed a close.
    pub race_frame: u32,
    /// The last segment whose octets or FIN went again and again.
    pub unanswered_frame: u32,
    /// How long the slowest response took.
    pub slowest: Duration,
    /// The notes of all segments.
    pub notes: Notes,
}

fn remember_first(place: &mut u32, frame: u32, when: bool) {
    if *place == 0 && when {
        *place = frame;
    }
}

impl Evidence {
    /// Takes the next segment of the connection, as it was judged.
    pub fn take(&mut self, verdict: &Verdict) {
        let (frame, facts, steps) = (verdict.frame, verdict.facts(), verdict.steps.set());
        self.last_frame = frame;
        self.notes.0 |= facts.notes.0;
        if facts.notes.contains(Note::ResetDisproved) {
            (self.close_frame, self.reset_frame) = (0, 0);
        }
        remember_first(&mut self.first_frame, frame, true);
        remember_first(&mut self.handshake_frame, frame, verdict.steps.contains(Step::HandshakeAck));
        remember_first(&mut self.tls_first_frame, frame, verdict.steps.contains(Step::ClientHello));
        remember_first(&mut self.tls_last_frame, frame, facts.tls.complete || facts.tls.failed_by.is_some());
        remember_first(&mut self.close_frame, frame, verdict.initiator.is_some());
        remember_first(&mut self.reset_frame, frame, steps.meets(RESETS));
        remember_first(&mut self.race_frame, frame, facts.notes.contains(Note::HttpRace));
        if facts.notes.contains(Note::Unanswered) {
            self.unanswered_frame = frame;
        }
        let took = facts.http.response_time.unwrap_or(0);
        if took > self.slowest {
            (self.slowest, self.slowest_frame) = (took, frame);
        }
    }
}
