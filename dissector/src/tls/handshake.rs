//! How handshake messages in clear, or decrypted, and Change Cipher Specs move what is known
//! (RFC 8446 4, RFC 5246 7.1 and 7.4).

use super::event::{Event, Message};
use super::hello::HelloFacts;
use super::outcome::{Contents, Findings};
use super::parser::{HandshakeType, SSL_2_0};
use super::progress::{EarlyData, Finished, Flight, Progress, Protection, TLS_1_3};
use super::state::{Input, Stage};
use crate::connection::Direction;
use crate::verdict::{Step, Time};

impl Progress {
    /// Takes an event of one direction's octets.
    // One of its two callers is on every segment's way.
    #[inline(always)]
    pub fn apply(&mut self, direction: Direction, event: &Event, time: Time, findings: &mut Findings) {
        if self.flight != Flight::None {
            self.ends_untold_flight(direction, event, findings);
        }
        let was_handshaking = self.stage.is_handshaking();
        let follows_finished = self.finished_last == Some(direction);
        let goes_on = matches!(event, Event::Protected(record) if !record.begins);
        if !goes_on && !matches!(event, Event::Undecided(_)) {
            self.finished_last = None;
        }
        let contents = match event {
            Event::Message(message) => self.takes_message(direction, message, time, findings),
            Event::ChangeCipherSpec { ends } => self.takes_change_cipher_spec(direction, *ends, findings),
            Event::Alert(alert) => self.takes_alert(direction, *alert, findings),
            Event::Heartbeat { kind, ends } => self.takes_heartbeat(direction, *kind, *ends, findings),
            Event::Protected(record) => self.takes_protected(direction, record, follows_finished, time, findings),
            Event::ApplicationData(inside) => self.takes_application_data(direction, inside, findings),
            Event::Undecided(content) => self.takes_undecided(*content, findings),
            Event::Unread => Contents::UNREAD,
            Event::PlaceLost => self.loses_place(direction),
            Event::NotTls => self.takes_other_protocol(direction, findings),
            Event::Ssl2 => self.takes_ssl2(findings),
            Event::End { by_reset, place } => self.ends(direction, *by_reset, *place, findings),
        };
        if matches!(event, Event::Unread | Event::PlaceLost) {
            findings.after_gap |= self.side(direction).misses_octets;
        } else {
            let side = self.side_mut(direction);
            (side.heard, side.misses_octets) = (true, false);
        }
        if event.is_read() {
            self.side_mut(direction).unopened = false;
        }
        let of_handshake = [Contents::HANDSHAKE, Contents::ALERT, Contents::CLOSE_NOTIFY];
        if of_handshake.iter().any(|&kind| contents.contains(kind)) {
            findings.handshake |= was_handshaking || self.stage.is_handshaking();
        }
        findings.contents.insert(contents);
        findings.version = self.version;
        findings.resumed = self.resumed;
    }

    fn takes_message(
        &mut self,
        direction: Direction,
        message: &Message,
        time: Time,
        findings: &mut Findings,
    ) -> Contents {
        if message.begins {
            self.begins_message(direction, message);
        }
        if message.ends {
            self.ends_message(direction, message, time, findings);
        }
        if message.kind == HandshakeType::CLIENT_HELLO {
            findings.hello_begins |= message.begins;
            findings.hello_ends |= message.ends;
        }
        let step = message.kind.step();
        findings.steps.push(step);
        self.last_step = Some(step);
        Contents::HANDSHAKE
    }

    fn begins_message(&mut self, direction: Direction, message: &Message) {
        match message.kind {
            HandshakeType::CLIENT_HELLO => self.begins_client_hello(direction, message),
            HandshakeType::SERVER_HELLO | HandshakeType::HELLO_RETRY_REQUEST => {
                self.client = self.client.or(Some(direction.reverse()));
            }
            HandshakeType::HELLO_REQUEST => self.moves(Input::HelloRequest),
            // RFC 8446 4.3.1: it follows the Server Hello of TLS 1.3, which was not captured.
            HandshakeType::ENCRYPTED_EXTENSIONS if matches!(self.stage, Stage::WaitServerHello | Stage::Unclear) => {
                self.has_lost_hello();
                self.version = Some(TLS_1_3);
                self.side_mut(direction).counts_protected();
            }
            // The Server Hello came, and was not captured.
            _ if self.stage == Stage::WaitServerHello && self.client == Some(direction) => self.has_lost_hello(),
            _ => {
                // The hellos came before the capture began.
                if self.stage == Stage::Start && message.kind.is_between_hello_and_finished() {
                    self.begins_unread();
                }
                self.side_mut(direction).counts_protected();
            }
        }
    }

    fn begins_client_hello(&mut self, direction: Direction, message: &Message) {
        // RFC 8446 4.1.2: after a Hello Retry Request the handshake is still the same.
        if self.stage != Stage::WaitServerHello {
            if self.stage != Stage::Failed {
                self.begins_anew();
                self.knows_protection();
                self.lossy = false;
            }
            self.began = Some(message.time);
        }
        self.version_2_hello = message.hello.version == SSL_2_0;
        self.client = self.client.or(Some(direction));
        self.moves(Input::ClientHello);
    }

    /// Only one side was captured, or the Server Hello is missing.
    pub(super) fn has_lost_hello(&mut self) {
        self.lossy = true;
        self.unbroken = false;
        self.moves(Input::Midst);
    }

    fn ends_message(&mut self, direction: Direction, message: &Message, time: Time, findings: &mut Findings) {
        let from_server = self.client == Some(direction.reverse());
        let hello = &message.hello;
        match message.kind {
            HandshakeType::CLIENT_HELLO => {
                self.early_data = if hello.early_data { EarlyData::Offered } else { EarlyData::No };
                self.application_settings = hello.application_settings;
            }
            HandshakeType::HELLO_RETRY_REQUEST => {
                self.version = Some(TLS_1_3);
                self.knows_protection();
            }
            HandshakeType::SERVER_HELLO => self.ends_server_hello(direction, hello),
            HandshakeType::ENCRYPTED_EXTENSIONS if from_server => self.ends_encrypted_extensions(hello),
            HandshakeType::END_OF_EARLY_DATA => self.early_data = EarlyData::Ended,
            HandshakeType::CERTIFICATE | HandshakeType::SERVER_KEY_EXCHANGE | HandshakeType::SERVER_HELLO_DONE
                if from_server && !self.is_tls13() =>
            {
                self.full = true;
                self.resumed = Some(false);
            }
            HandshakeType::FINISHED => self.finishes(direction, Finished::Seen, time, findings),
            _ => {}
        }
    }

    fn ends_server_hello(&mut self, direction: Direction, hello: &HelloFacts) {
        self.version = negotiated_version(hello);
        self.cipher_suite = hello.cipher_suite;
        if !hello.alpn.is_empty() {
            self.selected = hello.alpn;
        }
        self.unbroken = true;
        // Only the server was captured, or too little of the hello.
        self.lossy |= !self.side(direction.reverse()).heard || self.version.is_none();
        if self.is_tls13() {
            // RFC 8446 2.2: the session id is echoed whether or not a session is resumed.
            self.resumed = hello.whole.then_some(hello.pre_shared_key);
            // RFC 8446 4.2.10: without a pre-shared key early data is rejected. What was sent may still be under way.
            if self.resumed == Some(false) && self.early_data == EarlyData::Offered {
                self.early_data = EarlyData::No;
            }
        } else {
            self.early_data = EarlyData::No;
        }
        if !self.lossy {
            self.knows_protection();
        }
        self.moves(Input::ServerHello);
    }

    fn ends_encrypted_extensions(&mut self, hello: &HelloFacts) {
        if !hello.alpn.is_empty() {
            self.selected = hello.alpn;
        }
        // RFC 8446 4.2.10: without the extension in this message early data is rejected.
        if hello.whole && !hello.early_data {
            self.early_data = EarlyData::No;
        }
    }

    fn takes_change_cipher_spec(&mut self, direction: Direction, ends: bool, findings: &mut Findings) -> Contents {
        findings.steps.push(Step::ChangeCipherSpec);
        if self.stage.is_under_way() {
            self.last_step = Some(Step::ChangeCipherSpec);
        }
        // RFC 8446 D.4: it means nothing in TLS 1.3.
        if ends && !self.is_tls13() {
            self.changes_cipher_spec(direction);
        }
        Contents::HANDSHAKE
    }

    fn changes_cipher_spec(&mut self, direction: Direction) {
        // Before a Server Hello it may be that of TLS 1.3, or the Server Hello was not captured. One that was cut off may
        // have selected TLS 1.3, or was a Hello Retry Request.
        let may_mean_nothing = self.stage == Stage::WaitServerHello || (self.lossy && self.version.is_none());
        if !self.stage.is_handshaking() {
            self.begins_unread();
        }
        let from_server = self.client == Some(direction.reverse());
        // RFC 5246 7.3, figure 2: in an abbreviated handshake it follows the Server Hello, and the client's follows it.
        let first = from_server && !self.side(direction.reverse()).changed_cipher_spec;
        if first && !self.full && (self.unbroken || !self.lossy) && self.stage == Stage::WaitFinished {
            self.full = true;
            self.resumed = Some(true);
        }
        let side = self.side_mut(direction);
        side.changed_cipher_spec = true;
        side.protection = match (may_mean_nothing, side.protection) {
            (true, Protection::Clear) => Protection::Unknown,
            (true, protection) => protection,
            (false, _) => Protection::Protected,
        };
    }

    /// A handshake whose hellos cannot be read: a renegotiation, or a capture that begins midway.
    pub(super) fn begins_unread(&mut self) {
        // It may be the rest of the one whose end was not seen.
        self.lossy |= self.stage == Stage::Unclear;
        self.begins_anew();
        self.full = true;
        self.moves(Input::Midst);
    }
}

/// RFC 8446 4.1.3 and 4.2.1. The drafts of TLS 1.3 (0x7f..), and experiments with them (0x7e.., 0xfb..), count as TLS 1.3.
fn negotiated_version(hello: &HelloFacts) -> Option<u16> {
    match hello.version {
        0x0304 | 0x7e00..=0x7fff | 0xfb00..=0xfbff => Some(TLS_1_3),
        // What was not captured of the hello may select TLS 1.3.
        0x0303 if !hello.whole => None,
        0x0300..=0x0303 => Some(hello.version),
        _ => None,
    }
}
