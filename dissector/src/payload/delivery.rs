//! Octets in order on their way to whoever reads them.

use super::preamble::{Part, Preamble};
use super::{Arriving, Reader, Report, SWITCHES};
use crate::application::{Numbers, Octets};
use crate::reassembly::{Came, Piece};
use crate::tcp::Flags;

impl Reader {
    /// What is next in order, of a segment that has come or of others that waited.
    pub(super) fn takes(
        &mut self,
        arriving: &Arriving,
        piece: Piece,
        preamble: &mut Option<Box<Preamble>>,
        report: &mut Report,
    ) {
        let direction = arriving.direction;
        let (numbers, captured, missing, held) = match piece {
            Piece::Octets { numbers, captured, missing, held } => (numbers, captured, missing, held),
            Piece::Gap(length) => {
                *preamble = None;
                return self.gap(direction, Some(length));
            }
        };
        let Came { time, frame } = held.unwrap_or_else(|| arriving.came());
        self.stands(numbers);
        let octets = Octets { direction, captured, missing, time, frame };
        let before_fin = held.is_none() && arriving.segment.flags.has(Flags::FIN);
        if held.is_none() {
            self.reads_carried(&octets, preamble, before_fin, report);
        } else {
            let mut its_own = Report::default();
            self.reads_carried(&octets, preamble, before_fin, &mut its_own);
            report.earlier.push((frame, its_own));
        }
    }

    /// Reads octets, but for what stands before the protocol that the connection carries.
    fn reads_carried(
        &mut self,
        octets: &Octets,
        preamble: &mut Option<Box<Preamble>>,
        before_fin: bool,
        report: &mut Report,
    ) {
        let Octets { captured, missing, .. } = *octets;
        let part = self.splits(octets, preamble);
        let carried = match part {
            Part::Whole => captured,
            Part::From(offset) => captured.get(offset..).unwrap_or(&[]),
            Part::None => &[],
        };
        if carried.len() < captured.len() {
            report.outcome.unplaced(false);
        }
        if !carried.is_empty() || missing > 0 {
            self.reads(&Octets { captured: carried, ..*octets }, before_fin, report, SWITCHES);
        }
    }

    /// Which of these octets stand before the protocol that the connection carries.
    fn splits(&mut self, octets: &Octets, preamble: &mut Option<Box<Preamble>>) -> Part {
        let Octets { direction, captured, missing, .. } = *octets;
        let begins = match self {
            Reader::Undecided(undecided) => undecided.expects.take().filter(|_| Preamble::may_begin(captured)),
            _ => None,
        };
        let mut looking = match (preamble.take(), begins) {
            (Some(preamble), _) => preamble,
            (None, Some(client)) => Box::new(Preamble::new(client)),
            (None, None) => return Part::Whole,
        };
        let part = looking.looks_at(direction, captured, !matches!(self, Reader::Undecided(_)));
        let goes_on = !looking.is_over() && !looking.is_done() && missing == 0;
        if let Reader::Undecided(undecided) = self {
            undecided.waits = goes_on;
            undecided.expects = looking.is_done().then_some(looking.client());
            if let Part::From(_) = part {
                undecided.begins_anew(direction);
            }
        }
        *preamble = goes_on.then_some(looking);
        part
    }

    /// Where the octets that come next stand.
    fn stands(&mut self, numbers: Numbers) {
        match self {
            Reader::Undecided(undecided) => undecided.numbers = Some(numbers),
            reader => reader.protocol_mut().into_iter().for_each(|protocol| protocol.stands(numbers)),
        }
    }
}
