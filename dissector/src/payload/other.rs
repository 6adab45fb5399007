//! Other octets on the same numbers: one of the two readings is forged, or never arrived. Which one the receiver took shows
//! only in what it says next, so both are held until then (G9).

use super::{Arriving, Payload, Reader, Report};
use crate::connection::Direction;
use crate::verdict::{Step, Steps};

/// Segments of the receiver that fit neither, after which the first reading stays.
const UNDECIDED: u8 = 8;

/// The later reading.
#[derive(Clone, Debug)]
pub(super) struct Other {
    /// As if what came first had not come.
    payload: Payload,
    /// Whose octets there are two of.
    sender: Direction,
    /// Nobody knew what came first.
    unread: bool,
    /// Somebody knows what comes instead.
    recognised: bool,
    /// So many more segments of its peer may fit neither.
    left: u8,
}

/// How well octets fit what is known of their connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Fit {
    /// Nobody knows what they are.
    No,
    /// They could be something, but for what is not known or goes wrong.
    Perhaps,
    Yes,
}

impl Report {
    fn fit(&self) -> Fit {
        let mut steps = Steps::default();
        self.steps(&mut steps);
        let fails = self.tls.as_ref().map_or(false, |tls| tls.findings.not_tls || tls.findings.failure.is_some());
        if steps.iter().all(|step| step == Step::Data) {
            Fit::No
        } else if self.is_inferred() || self.is_after_gap() || fails {
            Fit::Perhaps
        } else {
            Fit::Yes
        }
    }
}

impl Payload {
    /// Octets of this direction contradict those that were read. `payload` is as if these had not come.
    pub fn hold_other(&mut self, sender: Direction, payload: Payload) {
        if self.other.is_none() {
            let unread = matches!(self.reader, Reader::Undecided(_));
            self.other = Some(Box::new(Other { payload, sender, unread, recognised: false, left: UNDECIDED }));
        }
    }

    /// Whether there are two readings.
    pub fn is_contested(&self) -> bool {
        self.other.is_some()
    }

    /// Whether a TLS handshake is unfinished by the later reading.
    pub(super) fn is_handshaking_otherwise(&self) -> bool {
        self.other.as_ref().map_or(false, |other| other.payload.is_handshaking())
    }

    /// Reads a segment's octets both ways.
    #[inline(never)] // Hardly ever.
    pub(super) fn take_both(&mut self, arriving: &Arriving, contradicted: bool, report: &mut Report) {
        let mut other = match self.other.take() {
            Some(other) => other,
            None => return,
        };
        if arriving.direction == other.sender {
            // The later reading is shown, if it is one.
            other.payload.take_in(arriving, report);
            other.recognised |= report.fit() != Fit::No;
            let mut first = Report::default();
            if !contradicted || !other.recognised {
                self.take_in(arriving, &mut first);
            }
            if other.recognised {
                self.other = Some(other);
            } else {
                *report = first;
            }
            report.contested = contradicted || report.fit() != Fit::No;
            return;
        }
        let mut others = Report::default();
        self.take_in(arriving, report);
        other.payload.take_in(arriving, &mut others);
        let fits_better = others.fit() > report.fit() || other.unread && others.fit() == report.fit();
        if fits_better && others.fit() != Fit::No {
            *report = others;
            let recent = std::mem::take(&mut self.recent);
            *self = Payload { recent, ..other.payload };
        } else if report.fit() == Fit::No && other.left > 0 && !matches!(other.payload.reader, Reader::Opaque) {
            other.left -= 1;
            self.other = Some(other);
        }
    }
}
