//! How protected records move what is known, and decrypted application data.

use super::event::{Event, Protected};
use super::infer::reading;
use super::outcome::{Contents, Findings, Heartbeat};
use super::parser::ContentType;
use super::progress::{EarlyData, Finished, Flight, Progress};
use super::size::Size;
use super::state::{Input, Stage};
use crate::connection::Direction;
use crate::verdict::{Step, Steps, Time};

/// Records that end: the last one's size and length, and the length of the shortest.
#[derive(Clone, Copy, Debug)]
pub struct Ended {
    pub size: Size,
    pub last: u16,
    pub shortest: u16,
}

impl Progress {
    // With `apply`.
    #[inline(always)]
    /// Octets of a record that cannot be read. What it is taken for is decided by its header, and stays; what follows
    /// from that for other records waits for its end, where keys may open it (T12).
    pub(super) fn takes_protected(
        &mut self,
        direction: Direction,
        record: &Protected,
        follows_finished: bool,
        time: Time,
        findings: &mut Findings,
    ) -> Contents {
        if record.begins {
            let reading = reading(self, direction, record);
            self.side_mut(direction).reading = reading;
            self.begins_protected(direction, record, follows_finished);
        }
        let reading = self.side(direction).reading;
        let closes = record.before_fin && self.is_closure(direction, record, reading.step);
        let step = if closes { Step::TlsCloseNotify } else { reading.step };
        findings.steps.push(step);
        findings.inferred |= reading.inferred || closes;
        if record.ends {
            self.side_mut(direction).unopened = true;
            self.ends_protected(direction, record, step, time, findings);
            self.side_mut(direction).heartbeat_goes_on = record.size == Size::Full;
        }
        contents(step)
    }

    /// Whether the last record before a FIN is what RFC 8446 6.1 asks for there: one of an alert's size, where the
    /// handshake is over, or may be for this side.
    fn is_closure(&self, direction: Direction, record: &Protected, step: Step) -> bool {
        let hidden = record.size == Size::Alert && self.is_tls13() && record.content == ContentType::APPLICATION_DATA;
        let over = matches!(self.stage, Stage::Connected | Stage::Unclear) || self.has_answered(direction);
        over && (hidden || step == Step::TlsAlert)
    }

    /// Whether a side is the client, whose flight in TLS 1.3 has gone and may have held its Finished.
    pub(super) fn has_answered(&self, direction: Direction) -> bool {
        self.client == Some(direction) && self.flight != Flight::None
    }

    /// Records that are certainly application data, with the same result as one after the other: whether one begins, and
    /// those that end.
    pub(super) fn takes_data(&mut self, direction: Direction, begins: bool, ended: Option<Ended>) {
        if begins {
            self.finished_last = None;
            self.sends_data(direction);
        }
        if let Some(Ended { size, last, shortest }) = ended {
            self.side_mut(direction).hides(last, shortest);
            self.has_sent_data(direction, size);
            self.side_mut(direction).unopened = true;
            self.side_mut(direction).heartbeat_goes_on = size == Size::Full;
        }
        self.side_mut(direction).heard = true;
    }

    /// TLS 1.3: the server goes on behind a client's flight whose Finished could not be told, and has all of it: it has
    /// found one there (T2). An alert may reject the client's certificate.
    pub(super) fn ends_untold_flight(&mut self, direction: Direction, event: &Event, findings: &mut Findings) {
        let client = direction.reverse();
        let answers = self.client == Some(client) && self.acknowledges_all;
        let tells = matches!(event, Event::Protected(record) if record.begins
            && record.content == ContentType::APPLICATION_DATA && record.size != Size::Alert);
        let early_data = matches!(self.early_data, EarlyData::Offered | EarlyData::Sent);
        if answers && tells && self.is_tls13() && self.stage == Stage::WaitFinished && !self.lossy && !early_data {
            self.finishes(client, Finished::Inferred, self.flight_time, findings);
            findings.inferred |= findings.complete;
        }
    }

    fn begins_protected(&mut self, direction: Direction, record: &Protected, follows_finished: bool) {
        let reading = self.side(direction).reading;
        if reading.over {
            self.moves(Input::WentOn);
        }
        match reading.step {
            Step::TlsApplicationData => self.sends_data(direction),
            Step::EncryptedHandshake | Step::Finished if record.content == ContentType::HANDSHAKE => {
                self.begins_handshake_record(direction, follows_finished);
            }
            Step::TlsEarlyData => self.early_data = EarlyData::Sent,
            Step::TlsAlert if record.size == Size::Alert => self.side_mut(direction).alert_sized = true,
            _ => {}
        }
        if reading.step != Step::TlsApplicationData {
            self.side_mut(direction).counts_protected();
        }
        if self.stage.is_under_way() && contents(reading.step) == Contents::HANDSHAKE {
            self.last_step = Some(reading.step);
        }
    }

    /// TLS 1.3: who has sent what since the Server Hello.
    fn goes_on_with_flight(&mut self, direction: Direction, time: Time) {
        if self.stage != Stage::WaitFinished || !self.is_tls13() {
            return;
        }
        if self.client == Some(direction) && self.flight != Flight::ServerAfter {
            self.flight_time = time;
        }
        self.flight = match (self.flight, self.client == Some(direction)) {
            (Flight::None, true) => Flight::Client,
            (Flight::Client, false) => Flight::ServerAfter,
            (flight, _) => flight,
        };
    }

    /// A server's flight in TLS 1.3 ends with a record of a Finished's size, or with the first one if that is too long for
    /// Encrypted Extensions alone. RFC 8446 4.4.4: before the client's flight nothing depends on it.
    fn ends_servers_flight(&mut self, direction: Direction, size: Size) {
        let from_server = self.client == Some(direction.reverse());
        let full = self.resumed == Some(false);
        let side = self.side_mut(direction);
        let ends = match side.protected {
            0 | 1 => full && matches!(size, Size::Long | Size::Full),
            _ => size == Size::Finished,
        };
        if from_server && ends && side.finished == Finished::No {
            side.finished = Finished::Inferred;
        }
    }

    /// Up to TLS 1.2: a record of handshake messages that cannot be read.
    fn begins_handshake_record(&mut self, direction: Direction, follows_finished: bool) {
        let from_server = self.client == Some(direction.reverse());
        match self.stage {
            // What was taken for a client's Finished was a message before it (Next Protocol, for example).
            Stage::Connected if follows_finished && !from_server => self.finished_last = Some(direction),
            // RFC 5246 7.4.1.1: between handshakes a server has nothing else to send.
            Stage::Connected | Stage::HelloRequested if from_server => self.moves(Input::HelloRequest),
            Stage::Connected | Stage::HelloRequested | Stage::Start | Stage::Unclear => self.begins_unread(),
            _ => {}
        }
    }

    fn sends_data(&mut self, direction: Direction) {
        let client = self.client == Some(direction);
        self.side_mut(direction).data = true;
        if self.stage == Stage::HelloRequested {
            // RFC 5246 7.4.1.1: the request was ignored, and the server has let that pass.
            if client {
                self.went_on = true;
            } else if self.went_on {
                self.went_on = false;
                self.moves(Input::WentOn);
            }
        }
    }

    fn has_sent_data(&mut self, direction: Direction, size: Size) {
        // TLS 1.3 hides an alert, and a connection whose version is not known may be that.
        let may_be_alert = size == Size::Alert && (self.is_tls13() || self.version.is_none());
        let side = self.side_mut(direction);
        side.owes_close_notify = !may_be_alert;
        side.closed = false;
    }

    /// What the length of a record tells about its sender's padding (RFC 8446 5.4).
    fn tells_padding(&mut self, direction: Direction, record: &Protected) {
        let is_tls13 = self.is_tls13();
        let side = self.side_mut(direction);
        let finishes = match side.reading.step {
            Step::Finished => is_tls13 && record.size == Size::Finished,
            // A server's first one holds Encrypted Extensions, whatever their length (RFC 8446 4.3.1).
            Step::EncryptedHandshake => is_tls13 && side.protected > 1 && record.size == Size::Finished,
            _ => false,
        };
        let shortest = if finishes { 0 } else { record.length };
        side.hides(record.length, shortest);
    }

    fn ends_protected(
        &mut self,
        direction: Direction,
        record: &Protected,
        step: Step,
        time: Time,
        findings: &mut Findings,
    ) {
        if record.content == ContentType::HANDSHAKE && self.stage == Stage::WaitServerHello {
            self.has_lost_hello();
        }
        if record.content == ContentType::APPLICATION_DATA {
            self.tells_padding(direction, record);
        }
        match step {
            Step::TlsApplicationData => {
                self.goes_on_with_flight(direction, time);
                self.has_sent_data(direction, record.size);
            }
            Step::EncryptedHandshake if record.content == ContentType::HANDSHAKE => {}
            Step::EncryptedHandshake => {
                self.goes_on_with_flight(direction, time);
                self.ends_servers_flight(direction, record.size);
            }
            Step::TlsEarlyData => {
                self.early_data_length = record.length;
                self.goes_on_with_flight(direction, time);
            }
            Step::EndOfEarlyData => self.early_data = EarlyData::Ended,
            Step::Finished => {
                self.finishes(direction, Finished::Inferred, time, findings);
                self.finished_last = Some(direction);
            }
            Step::TlsAlert => self.takes_protected_alert(direction, findings),
            Step::TlsCloseNotify => self.closes(direction),
            Step::TlsHeartbeatRequest => self.heartbeats(direction, Heartbeat::Request, findings),
            Step::TlsHeartbeatResponse => self.heartbeats(direction, Heartbeat::Response, findings),
            _ => {}
        }
    }

    /// Whether application data of this direction is early data (RFC 8446 4.2.10).
    pub(super) fn is_early(&self, direction: Direction) -> bool {
        let offered = matches!(self.early_data, EarlyData::Offered | EarlyData::Sent);
        offered && self.client == Some(direction) && self.stage.is_under_way()
    }

    /// Decrypted application data.
    pub(super) fn takes_application_data(
        &mut self,
        direction: Direction,
        inside: &Steps,
        findings: &mut Findings,
    ) -> Contents {
        let early = self.is_early(direction);
        if early {
            self.early_data = EarlyData::Sent;
        } else {
            self.sends_data(direction);
            self.has_sent_data(direction, Size::Long);
        }
        self.side_mut(direction).counts_protected();
        self.side_mut(direction).last_hidden = 0;
        if early {
            findings.steps.push(Step::TlsEarlyData);
        }
        let nameless = |step: &Step| *step == Step::Data;
        if !early && (inside.is_empty() || inside.iter().any(|step| nameless(&step))) {
            findings.steps.push(Step::TlsApplicationData);
        }
        inside.iter().filter(|step| !nameless(step)).for_each(|step| findings.steps.push(step));
        Contents::PLAINTEXT
    }
}

fn contents(step: Step) -> Contents {
    match step {
        Step::TlsAlert => Contents::ALERT,
        Step::TlsCloseNotify => Contents::CLOSE_NOTIFY,
        Step::TlsHeartbeatRequest | Step::TlsHeartbeatResponse => Contents::HEARTBEAT,
        Step::TlsApplicationData | Step::TlsEarlyData => Contents::APPLICATION_DATA,
        _ => Contents::HANDSHAKE,
    }
}
