//! How alerts, heartbeats, lost octets and the end of the stream move what is known
//! (RFC 8446 6, RFC 5246 7.2, RFC 6520).

use super::alert::Alert;
use super::event::EndPlace;
use super::infer::FLIGHT;
use super::outcome::{Cause, Contents, Findings, Heartbeat};
use super::parser::ContentType;
use super::progress::{Flight, Progress, Protection};
use super::state::{Input, Stage};
use crate::connection::Direction;
use crate::verdict::Step;

const HEARTBEAT_REQUEST: u8 = 1;
const HEARTBEAT_RESPONSE: u8 = 2;

impl Progress {
    /// An alert in clear, or decrypted.
    pub(super) fn takes_alert(&mut self, direction: Direction, alert: Alert, findings: &mut Findings) -> Contents {
        let fatal = alert.is_fatal(self.is_tls13());
        if alert.is_no_renegotiation() && !fatal {
            self.refuses_renegotiation();
        } else if alert.is_close_notify() && self.may_be_complete() {
            self.moves(Input::WentOn);
        } else if self.stage.is_under_way() && (fatal || alert.is_close_notify()) {
            self.fails(direction, Cause::Alert(alert), false, findings);
        } else if fatal && matches!(self.stage, Stage::Connected | Stage::HelloRequested) {
            findings.rejected = Some(alert);
        }
        if fatal || alert.is_close_notify() {
            self.closes(direction);
        }
        if alert.is_close_notify() {
            findings.steps.push(Step::TlsCloseNotify);
            return Contents::CLOSE_NOTIFY;
        }
        findings.steps.push(Step::TlsAlert);
        Contents::ALERT
    }

    /// Whether a handshake that has not been seen to complete may have done so.
    fn may_be_complete(&self) -> bool {
        self.stage == Stage::WaitFinished && (self.lossy || self.unseen)
    }

    /// RFC 5246 7.2.2: the connection goes on as it was.
    fn refuses_renegotiation(&mut self) {
        if self.renegotiation && self.stage.is_under_way() || self.stage == Stage::HelloRequested {
            self.stage = Stage::Connected;
        }
    }

    /// An alert that cannot be read, and may be a closure.
    pub(super) fn takes_protected_alert(&mut self, direction: Direction, findings: &mut Findings) {
        if self.renegotiation || self.stage == Stage::HelloRequested {
            // A refusal, a closure or an error: the renegotiation is over, nobody is to blame.
            self.refuses_renegotiation();
        } else if self.may_be_complete() {
            self.moves(Input::WentOn);
        } else if !self.has_answered(direction) {
            self.fails(direction, Cause::ProtectedAlert, true, findings);
        }
        self.owes_nothing();
    }

    /// Nobody is to say that nothing more follows.
    fn owes_nothing(&mut self) {
        for direction in [Direction::Forth, Direction::Back] {
            self.side_mut(direction).owes_close_notify = false;
        }
    }

    /// A closure alert, or a fatal one: nothing follows it, and the peer need not answer in kind (RFC 5246 7.2.1).
    pub(super) fn closes(&mut self, direction: Direction) {
        self.side_mut(direction).closed = true;
        self.owes_nothing();
    }

    /// A heartbeat message in clear, or decrypted.
    pub(super) fn takes_heartbeat(
        &mut self,
        direction: Direction,
        kind: u8,
        ends: bool,
        findings: &mut Findings,
    ) -> Contents {
        let heartbeat = match kind {
            HEARTBEAT_REQUEST => Heartbeat::Request,
            HEARTBEAT_RESPONSE => Heartbeat::Response,
            // A message that goes on in another record, which RFC 6520 4 does not allow.
            _ => self.side(direction).last_heartbeat.unwrap_or(Heartbeat::Request),
        };
        findings.inferred |= kind != HEARTBEAT_REQUEST && kind != HEARTBEAT_RESPONSE;
        findings.steps.push(match heartbeat {
            Heartbeat::Request => Step::TlsHeartbeatRequest,
            Heartbeat::Response => Step::TlsHeartbeatResponse,
        });
        if ends {
            self.heartbeats(direction, heartbeat, findings);
        }
        Contents::HEARTBEAT
    }

    /// A heartbeat message is whole.
    pub(super) fn heartbeats(&mut self, direction: Direction, heartbeat: Heartbeat, findings: &mut Findings) {
        self.side_mut(direction).last_heartbeat = Some(heartbeat);
        let asks = heartbeat == Heartbeat::Request;
        let asker = self.side_mut(if asks { direction } else { direction.reverse() });
        let requested = asker.heartbeats_requested;
        asker.heartbeats_requested = if asks { requested.saturating_add(1) } else { requested.saturating_sub(1) };
        findings.heartbeat = Some(heartbeat);
        let count = &mut findings.heartbeats[heartbeat as usize];
        *count = count.saturating_add(1);
    }

    /// Octets that do not tell yet what they are; only the content type may be known.
    pub(super) fn takes_undecided(&mut self, content: ContentType, findings: &mut Findings) -> Contents {
        let data = [ContentType::APPLICATION_DATA, ContentType::HEARTBEAT].contains(&content);
        findings.handshake |= !data && self.stage.is_handshaking();
        Contents::UNDECIDED
    }

    /// Octets are missing, and with them the place in the stream.
    pub(super) fn loses_place(&mut self, direction: Direction) -> Contents {
        let from_server = self.client == Some(direction.reverse());
        let in_flight = self.is_tls13() && self.stage == Stage::WaitFinished;
        // The rest of a server's flight in TLS 1.3 says nothing anyway.
        let unread = in_flight && from_server;
        self.unbroken = false;
        self.lossy |= !unread && (self.stage.is_under_way() || self.stage == Stage::Start);
        let side = self.side_mut(direction);
        if in_flight {
            side.protected = FLIGHT;
        }
        if side.protection == Protection::Clear {
            side.protection = Protection::Unknown;
        }
        Contents::UNREAD
    }

    /// Octets that are no TLS where a record begins.
    pub(super) fn takes_other_protocol(&mut self, direction: Direction, findings: &mut Findings) -> Contents {
        if self.stage == Stage::WaitServerHello && self.client != Some(direction) {
            self.fails(direction, Cause::NotTls, false, findings);
        }
        findings.not_tls = true;
        Contents::UNREAD
    }

    /// SSL 2.0 answers: it is not read any further.
    pub(super) fn takes_ssl2(&mut self, findings: &mut Findings) -> Contents {
        self.moves(Input::WentOn);
        findings.not_tls = true;
        Contents::UNREAD
    }

    /// Whether a side's last record may be a closure alert: TLS 1.3, or what may be it, hides that, and padding hides the
    /// length (RFC 8446 5.4). Padded as the others an alert is as short as the shortest.
    fn may_have_closed(&self, direction: Direction) -> bool {
        let side = self.side(direction);
        let is_hidden = self.is_tls13() || self.version.is_none();
        is_hidden && side.last_hidden > 0 && side.last_hidden <= side.shortest_hidden
    }

    /// FIN or RST.
    pub(super) fn ends(
        &mut self,
        direction: Direction,
        by_reset: bool,
        place: EndPlace,
        findings: &mut Findings,
    ) -> Contents {
        let cause = if by_reset { Cause::Reset } else { Cause::Fin };
        // A client's flight in TLS 1.3 may have held a Finished that could not be told.
        let unfinished = self.stage.is_under_way() && !self.lossy && !self.unseen && self.flight == Flight::None;
        let inferred = self.renegotiation;
        if unfinished {
            self.fails(direction, cause, inferred, findings);
        } else if self.stage != Stage::Failed {
            let side = self.side(direction);
            findings.truncated = match place {
                EndPlace::Unknown => false,
                _ if self.unseen => false,
                EndPlace::Inside => side.data,
                EndPlace::Boundary => side.owes_close_notify && !self.may_have_closed(direction),
            };
        }
        self.owes_nothing();
        self.moves(Input::End);
        Contents::default()
    }
}
