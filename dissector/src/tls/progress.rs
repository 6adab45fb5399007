//! What is known of a connection's TLS so far. `handshake`, `protected` and `closing` say how an event moves it.
//!
//! A small value that is copied whole: when decrypted records revise what was concluded without keys, the segment's
//! events are told again from the state before it.

use super::hello::Alpn;
use super::infer::Reading;
use super::outcome::{Cause, Failure, Findings, Heartbeat};
use super::state::{Input, Stage};
use crate::connection::Direction;
use crate::verdict::{Step, Time};

/// The negotiated version of TLS 1.3 (RFC 8446 4.2.1).
pub const TLS_1_3: u16 = 0x0304;

/// Whether a side's handshake records can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protection {
    Clear,
    Protected,
    /// The capture does not show whether a Change Cipher Spec came before.
    Unknown,
}

/// Whether a side's Finished has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Finished {
    No,
    Inferred,
    Seen,
}

/// What has become of the early data that a Client Hello offers (RFC 8446 4.2.10).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EarlyData {
    No,
    Offered,
    Sent,
    Ended,
}

/// The client's protected records after a TLS 1.3 Server Hello, as long as none is its Finished.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flight {
    None,
    Client,
    /// The server has sent something since.
    ServerAfter,
}

/// One side of the connection.
#[derive(Clone, Copy, Debug)]
pub struct Side {
    /// Anything has been read of it.
    pub heard: bool,
    pub protection: Protection,
    /// A Change Cipher Spec has come in this handshake.
    pub changed_cipher_spec: bool,
    pub finished: Finished,
    /// How many protected records have come since the Server Hello of TLS 1.3, as far as anybody asks.
    pub protected: u8,
    /// It has sent application data since the handshake.
    pub data: bool,
    /// It has sent close_notify.
    pub closed: bool,
    /// It has sent application data, and neither it nor its peer has closed since, as far as that was to be seen.
    pub owes_close_notify: bool,
    /// The length of its last record that hides its content type, 0 if keys have opened it; and of its shortest, 0 once
    /// one has shown that it does not pad.
    pub last_hidden: u16,
    pub shortest_hidden: u16,
    /// A protected record of an alert's size has come: a second one shows that they are none.
    pub alert_sized: bool,
    /// Octets of it were not captured, and its place in the stream has not been found since.
    pub misses_octets: bool,
    /// Its last record could not be read.
    pub unopened: bool,
    /// So many of its heartbeat requests wait for their response.
    pub heartbeats_requested: u8,
    pub last_heartbeat: Option<Heartbeat>,
    /// Its last heartbeat message has filled a record.
    pub heartbeat_goes_on: bool,
    /// What the record that is being read is taken for.
    pub reading: Reading,
}

/// Both sides, and the handshake between them.
#[derive(Clone, Copy, Debug)]
pub struct Progress {
    pub stage: Stage,
    pub version: Option<u16>,
    pub cipher_suite: u16,
    pub client: Option<Direction>,
    pub resumed: Option<bool>,
    pub early_data: EarlyData,
    /// The length of its last record.
    pub early_data_length: u16,
    pub flight: Flight,
    /// When the last record of the client in it ended.
    pub flight_time: Time,
    /// The client offers application_settings: Encrypted Extensions of its own may come before its Finished.
    pub application_settings: bool,
    /// The segment at hand acknowledges all that its receiver has sent.
    pub acknowledges_all: bool,
    /// A part of the handshake was not captured: nothing is concluded from what did not come.
    pub lossy: bool,
    /// The same of what went just before this segment, and may come yet.
    pub unseen: bool,
    /// The Server Hello was captured, and all that followed it.
    pub unbroken: bool,
    /// After a renegotiation request the client has sent data instead.
    pub went_on: bool,
    /// The hello had the form of SSL 2.0.
    pub version_2_hello: bool,
    /// A handshake came before.
    pub renegotiation: bool,
    /// The server's messages show a full handshake, or cannot be read.
    pub full: bool,
    /// The side whose Finished was the last record of all.
    pub finished_last: Option<Direction>,
    pub began: Option<Time>,
    pub last_step: Option<Step>,
    /// The application protocol that the server has selected, as far as could be read.
    pub selected: Alpn,
    sides: [Side; 2],
}

impl Side {
    const fn new(protection: Protection) -> Side {
        Side {
            heard: false,
            protection,
            changed_cipher_spec: false,
            finished: Finished::No,
            protected: 0,
            data: false,
            closed: false,
            owes_close_notify: false,
            last_hidden: 0,
            shortest_hidden: u16::MAX,
            alert_sized: false,
            misses_octets: false,
            unopened: false,
            heartbeats_requested: 0,
            last_heartbeat: None,
            heartbeat_goes_on: false,
            reading: Reading::certain(Step::TlsApplicationData),
        }
    }
}

impl Side {
    /// Records end that hide their content type, with these lengths.
    pub fn hides(&mut self, last: u16, shortest: u16) {
        self.last_hidden = last;
        self.shortest_hidden = self.shortest_hidden.min(shortest);
    }

    /// A protected record of TLS 1.3, or a message of its handshake.
    pub fn counts_protected(&mut self) {
        self.protected = self.protected.saturating_add(1);
    }
}

impl Progress {
    /// Nothing known yet; `midway` if the start was not captured.
    pub const fn new(midway: bool) -> Progress {
        let protection = if midway { Protection::Unknown } else { Protection::Clear };
        Progress {
            stage: Stage::Start,
            version: None,
            cipher_suite: 0,
            client: None,
            resumed: None,
            early_data: EarlyData::No,
            early_data_length: 0,
            flight: Flight::None,
            flight_time: 0,
            application_settings: false,
            acknowledges_all: false,
            lossy: midway,
            unseen: false,
            unbroken: false,
            went_on: false,
            version_2_hello: false,
            renegotiation: false,
            full: false,
            finished_last: None,
            began: None,
            last_step: None,
            selected: Alpn::NONE,
            sides: [Side { misses_octets: midway, ..Side::new(protection) }; 2],
        }
    }

    pub fn side(&self, direction: Direction) -> &Side {
        match direction {
            Direction::Forth => &self.sides[0],
            Direction::Back => &self.sides[1],
        }
    }

    pub fn side_mut(&mut self, direction: Direction) -> &mut Side {
        match direction {
            Direction::Forth => &mut self.sides[0],
            Direction::Back => &mut self.sides[1],
        }
    }

    /// Whether TLS 1.3 was negotiated; the drafts before it count as it.
    pub fn is_tls13(&self) -> bool {
        self.version.unwrap_or(0) == TLS_1_3
    }

    pub fn client_has_sent_data(&self) -> bool {
        self.client.map_or(false, |client| self.side(client).data)
    }

    pub fn client_finished(&self) -> Finished {
        self.client.map_or(Finished::No, |client| self.side(client).finished)
    }

    /// Takes a step of the transition table.
    pub fn moves(&mut self, input: Input) {
        self.stage = self.stage.after(input);
    }

    /// A handshake begins: nothing of the one before counts any longer.
    pub fn begins_anew(&mut self) {
        // One whose Client Hello had begun before it could be read goes on.
        self.renegotiation &= self.stage == Stage::WaitFinished;
        self.renegotiation |= matches!(self.stage, Stage::Connected | Stage::HelloRequested);
        self.resumed = None;
        self.unbroken = false;
        self.early_data = EarlyData::No;
        self.flight = Flight::None;
        self.application_settings = false;
        self.went_on = false;
        self.full = false;
        self.began = None;
        for side in &mut self.sides {
            side.changed_cipher_spec = false;
            side.finished = Finished::No;
            side.protected = 0;
            side.data = false;
        }
    }

    /// The hellos are in clear: so is what follows them.
    pub fn knows_protection(&mut self) {
        for side in &mut self.sides {
            if side.protection == Protection::Unknown {
                side.protection = Protection::Clear;
            }
        }
    }

    /// A side's Finished. RFC 8446 4.4.4: the client's is the last one; RFC 5246 7.4.9: both are needed.
    pub fn finishes(&mut self, direction: Direction, finished: Finished, time: Time, findings: &mut Findings) {
        self.side_mut(direction).finished = finished;
        let complete = if self.is_tls13() {
            self.client_finished() != Finished::No
        } else {
            self.sides.iter().all(|side| side.finished != Finished::No)
        };
        if complete && self.stage.is_under_way() {
            self.moves(Input::Finished);
            self.lossy = false;
            findings.complete = true;
            findings.time = self.began.take().map(|began| time.saturating_sub(began).max(0));
        }
    }

    /// A handshake ends without completion; nothing if it had ended before.
    pub fn fails(&mut self, by: Direction, cause: Cause, inferred: bool, findings: &mut Findings) {
        if self.stage.is_under_way() {
            self.moves(Input::Fatal);
            let after = self.last_step;
            findings.failure = Some(Failure { by, cause, after, inferred });
            findings.inferred |= inferred;
        }
    }
}
