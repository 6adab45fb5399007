//! A segment judged again, once TLS records that end in it have been decrypted.
//!
//! What its header does stays; what its octets do is told anew. No other segment of the connection comes in between,
//! so everything else is as it was when the segment was judged first.

use super::reading::Answers;
use super::{Arrival, Connection, Direction, Lasted};
use crate::history::Place;
use crate::payload::{LastWords, Report, Unsealed};
use crate::tcp::Segment;
use crate::tls::{Heartbeat, Plaintext};
use crate::verdict::{Duration, Facts, Note, Step, Steps, Time, TlsFacts, Verdict};

/// What a segment has said that decrypted records may change.
#[derive(Clone, Copy, Debug, Default)]
pub struct Sealing {
    /// What its header does rests on a guess.
    pub inferred: bool,
    pub heartbeat: Option<Heartbeat>,
    /// Of the connection, before it.
    pub tls_time: Option<Duration>,
    pub last_octets_by: Option<Direction>,
    pub wait_noted: bool,
}

/// What it takes to judge a segment again.
#[derive(Clone, Debug)]
pub struct Sealed {
    /// Where its verdict is kept.
    pub place: Place,
    /// Its connection, and how many segments that had before it.
    pub connection: u32,
    segments: u32,
    /// The frame that carries it.
    pub frame: u32,
    /// Which way it goes.
    pub direction: Direction,
    segment: Segment<'static>,
    time: Time,
    sealing: Sealing,
}

impl Connection {
    /// Whether records end in the current segment that keys may open.
    pub fn is_sealed(&self) -> bool {
        self.sealing.is_some()
    }

    /// What the current segment has said so far that decrypted records may change.
    pub(super) fn seal(&self, inferred: bool, heartbeat: Option<Heartbeat>) -> Sealing {
        let Connection { tls_time, last_octets_by, wait_noted, .. } = *self;
        Sealing { inferred, heartbeat, tls_time: tls_time.get(), last_octets_by, wait_noted }
    }

    /// What it takes to judge the current segment again.
    pub fn seals(&mut self, arrival: &Arrival, place: Place) -> Sealed {
        let sealing = self.sealing.take().unwrap_or_default();
        let Arrival { direction, time, frame, .. } = *arrival;
        let segment = Segment {
            source_port: arrival.segment.source_port,
            destination_port: arrival.segment.destination_port,
            sequence: arrival.segment.sequence,
            acknowledgement: arrival.segment.acknowledgement,
            flags: arrival.segment.flags,
            window: arrival.segment.window,
            options: &[],
            payload: &[],
            payload_length: arrival.segment.payload_length,
        };
        let (connection, segments) = (self.number, self.segments());
        Sealed { place, connection, segments, frame, direction, segment, time, sealing }
    }

    /// Judges a segment again, with the plaintext of records that end in it. Not if another one has come since.
    pub fn unseals(
        &mut self,
        sealed: &Sealed,
        records: &[Plaintext],
        verdict: &mut Verdict,
        answers: &mut Answers,
    ) -> bool {
        if self.segments() != sealed.segments {
            return false;
        }
        if let Some((connection, answers)) = self.reads_on() {
            connection.unseals(sealed, records, &mut verdict.clone(), answers);
            return false;
        }
        let Sealed { direction, time, frame, sealing, .. } = *sealed;
        let unsealed = Unsealed { direction, time, frame, heartbeat: sealing.heartbeat, records };
        let report = match self.payload.as_mut().and_then(|payload| payload.unseals(&unsealed)) {
            Some(report) => report,
            None => return false,
        };
        let arrival = Arrival { direction, segment: &sealed.segment, time, frame, identification: 0 };
        forget_payload(verdict, &report);
        verdict.inferred = sealing.inferred;
        self.tls_time = Lasted::of(sealing.tls_time);
        if report.is_keep_alive() {
            (self.last_octets_by, self.wait_noted) = (sealing.last_octets_by, sealing.wait_noted);
        }
        self.tells(&arrival, &report, verdict, answers);
        self.last_words = self.carried.last_words;
        self.words_matter |= self.last_words != LastWords::No;
        if !self.carried.unread && self.carried.last_words == LastWords::No {
            self.farewell_limit = 0;
        }
        verdict.phase = self.phase(&sealed.segment, verdict);
        (verdict.sender, verdict.basis) = (self.sender(direction), self.basis);
        true
    }
}

/// Puts the steps of the report in the place of the octets' steps, and takes back what TLS said.
fn forget_payload(verdict: &mut Verdict, report: &Report) {
    let told = report.tls.as_ref().map_or(Steps::default(), |tls| tls.findings.steps);
    let mut steps = Steps::default();
    let header = |step: &Step| !step.is_payload();
    let before = verdict.steps.iter().take_while(header);
    let after = verdict.steps.iter().skip_while(header).filter(header);
    before.chain(told.iter()).chain(after).for_each(|step| steps.push(step));
    verdict.steps = steps;
    if let Some(mut facts) = verdict.facts.take() {
        facts.tls = TlsFacts::default();
        [Note::TlsFailed, Note::TlsRejected, Note::TlsTruncated].iter().for_each(|&note| facts.notes.remove(note));
        verdict.facts = Some(facts).filter(|facts| *facts != Facts::default());
    }
}

#[cfg(test)]
#[path = "unsealing_tests.rs"]
mod tests;
