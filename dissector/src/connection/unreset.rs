//! An RST that never arrived, or was forged: both sides go on, and acknowledge each other's octets.

use super::{Answers, Arrival, Connection, Direction};
use crate::history::NO_PLACE;
use crate::tcp::{Flags, SequenceNumber};
use crate::verdict::{Note, Step, Verdict};

/// The connection as if the RST had not come. Nobody is told of it, unless both sides show that it is right.
#[derive(Clone, Debug)]
pub(super) struct Unreset {
    connection: Connection,
    /// What answers requests and keep-alives from before the RST.
    answers: Answers,
    /// Where the first octets of each side end that came after it, at just the number that was expected.
    sent: [Option<SequenceNumber>; 2],
}

impl Unreset {
    /// Takes a segment. What would be said of it, if it completes the proof.
    fn follows(&mut self, arrival: &Arrival) -> Option<Verdict> {
        let Arrival { direction, segment, frame, .. } = *arrival;
        let mut verdict = Verdict::new(frame, segment.sequence.0);
        let is_expected = self.connection.end(direction).next == Some(segment.octets_begin());
        self.connection.segment(arrival, false, &mut verdict, &mut self.answers);
        if verdict.steps.contains(Step::KeepAliveProbe) {
            self.connection.remember_answer_place(direction, NO_PLACE);
        }
        self.answers.retain(|&(place, _)| place != NO_PLACE);
        if is_expected && segment.payload_length > 0 {
            self.sent[direction as usize].get_or_insert(segment.octets_begin().plus(segment.payload_length));
        }
        [Direction::Forth, Direction::Back].iter().all(|&sender| self.is_acknowledged(sender)).then_some(verdict)
    }

    /// Whether octets of this side that came after the RST have arrived.
    fn is_acknowledged(&self, sender: Direction) -> bool {
        let newest = self.connection.end(sender).unacknowledged;
        match (self.sent[sender as usize], newest) {
            (Some(end), Some(newest)) => !newest.is_before(end),
            _ => false,
        }
    }
}

impl Connection {
    /// Before an RST takes effect. A side that has sent FIN has no octets left to disprove it with.
    pub(super) fn may_go_on_after_reset(&mut self) {
        let is_heard = self.endpoints.iter().all(|end| end.captured && end.fin.is_none());
        if is_heard {
            let mut connection = self.clone();
            connection.goes_on_after_reset();
            let unreset = Unreset { connection, answers: Answers::new(), sent: [None; 2] };
            self.doubts_mut().unreset = Some(Box::new(unreset));
        }
    }

    /// The RST is taken back for another reason.
    pub(super) fn is_reset_no_more(&mut self) {
        if let Some(doubts) = &mut self.doubts {
            doubts.unreset = None;
        }
    }

    fn unreset_mut(&mut self) -> Option<&mut Unreset> {
        self.doubts.as_mut()?.unreset.as_deref_mut()
    }

    /// Whether a segment that follows an RST completes the proof that this one never arrived. It is judged then as if the
    /// RST had not come, and so are all later ones.
    pub(super) fn disproves_reset(&mut self, arrival: &Arrival, verdict: &mut Verdict, answers: &mut Answers) -> bool {
        let (traffic, identifications) = (self.traffic, self.identifications);
        let unreset = match self.unreset_mut() {
            Some(unreset) if !arrival.segment.flags.has(Flags::RST) => unreset,
            _ => return false,
        };
        unreset.connection.traffic = traffic;
        let proven = unreset.follows(arrival);
        let sealing = unreset.connection.sealing;
        let proof = match proven {
            Some(proof) => proof,
            None => {
                self.sealing = sealing;
                return false;
            }
        };
        if let Some(unreset) = self.doubts.take().and_then(|doubts| doubts.unreset) {
            answers.extend(unreset.answers);
            *self = unreset.connection;
            (self.traffic, self.identifications) = (traffic, identifications);
        }
        *verdict = proof;
        verdict.facts_mut().notes.insert(Note::ResetDisproved);
        true
    }

    /// The connection that reads on, and where what it answers goes: after an RST, whoever goes on in silence.
    pub(super) fn reads_on(&mut self) -> Option<(&mut Connection, &mut Answers)> {
        self.unreset_mut().map(|unreset| (&mut unreset.connection, &mut unreset.answers))
    }
}
