//! The phase of a segment: the first row that holds.

use super::reading::Carried;
use super::Connection;
use crate::tcp::state::State;
use crate::tcp::{Flags, Segment};
use crate::verdict::{Phase, Step, Verdict};

impl Connection {
    /// The phase of a segment whose steps are known.
    pub(super) fn phase(&self, segment: &Segment, verdict: &Verdict) -> Phase {
        let steps = &verdict.steps;
        let follows_reset = self.reset_after_close && steps.contains(Step::Stray);
        if segment.flags.has(Flags::RST) || self.reset.map_or(false, |reset| !reset.tentative) || follows_reset {
            return Phase::Reset;
        }
        if segment.flags.has(Flags::SYN) || steps.contains(Step::HandshakeAck) || !self.is_open() {
            return Phase::TcpHandshake;
        }
        if steps.contains(Step::KeepAliveProbe) || steps.contains(Step::KeepAliveAck) {
            return Phase::KeepAlive;
        }
        let acknowledges_fin = steps.contains(Step::AckOfFin) || steps.contains(Step::FinalAck);
        let closing = self.endpoints.iter().any(|end| end.state.has_sent_fin() || end.state == State::Closed);
        if (closing || acknowledges_fin || segment.flags.has(Flags::FIN)) && !self.carried.keep_alive {
            return Phase::Close;
        }
        if segment.payload_length == 0 && self.is_in_place_of_tls() {
            return Phase::TlsHandshake;
        }
        self.open_phase(segment)
    }

    /// The rows for a segment of an open connection that is no keep-alive of TCP.
    pub(super) fn open_phase(&self, segment: &Segment) -> Phase {
        match self.carried {
            Carried { keep_alive: true, .. } => Phase::KeepAlive,
            Carried { farewell: true, .. } => Phase::Close,
            Carried { handshake: true, .. } => Phase::TlsHandshake,
            _ => self.unread_phase(segment),
        }
    }

    /// The rows for one whose octets nobody has read.
    #[inline(always)] // Most segments come here.
    pub(super) fn unread_phase(&self, segment: &Segment) -> Phase {
        if segment.payload_length == 0 && self.is_in_tls_handshake() {
            Phase::TlsHandshake
        } else {
            Phase::Data
        }
    }
}
