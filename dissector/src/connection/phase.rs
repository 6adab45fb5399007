//! The phase of a segment: the first row that holds.

use super::Connection;
use crate::tcp::state::State;
use crate::tcp::{Flags, Segment};
use crate::verdict::{Phase, Step, Verdict};

impl Connection {
    /// The phase of a segment whose steps are known.
    pub(super) fn phase(&self, segment: &Segment, verdict: &Verdict) -> Phase {
        let steps = &verdict.steps;
        if segment.flags.has(Flags::RST) || self.reset.map_or(false, |reset| !reset.tentative) {
            return Phase::Reset;
        }
        if segment.flags.has(Flags::SYN) || steps.contains(Step::HandshakeAck) || !self.is_open() {
            return Phase::TcpHandshake;
        }
        if steps.contains(Step::KeepAliveProbe) || steps.contains(Step::KeepAliveAck) || self.carried.keep_alive {
            return Phase::KeepAlive;
        }
        let closing = self.endpoints.iter().any(|end| end.state.has_sent_fin() || end.state == State::Closed);
        if closing || segment.flags.has(Flags::FIN) || self.carried.farewell {
            return Phase::Close;
        }
        let between =
            segment.payload_length == 0 && self.payload.as_ref().map_or(false, |above| above.is_handshaking());
        if self.carried.handshake || between {
            return Phase::TlsHandshake;
        }
        Phase::Data
    }
}
