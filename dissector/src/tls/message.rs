//! Cuts one direction's handshake stream into messages (RFC 8446 5.1: a record may hold several, and a message may
//! span records).

use super::event::Message;
use super::hello::{Hello, HelloFacts, Kind};
use super::names::HelloNames;
use super::parser::{cut, handshake_header, HandshakeType, HANDSHAKE_HEADER};
use crate::verdict::Time;

/// The message that is being read: its header, and of a hello one field. Bodies are counted, not kept.
#[derive(Clone, Debug, Default)]
pub struct Messages {
    header: [u8; HANDSHAKE_HEADER],
    have: u8,
    /// Octets of the body to come.
    left: u32,
    /// What the message is has been told.
    told: bool,
    /// Octets that hold the next header were not captured.
    lost: bool,
    hello: Option<Box<Hello>>,
    /// Those of the last hello that has ended.
    names: Option<Box<HelloNames>>,
}

impl Messages {
    /// Whether it is not known where the next message begins.
    pub fn is_lost(&self) -> bool {
        self.lost
    }

    /// How many octets of a message are to come that has been told, and what it is.
    pub fn known(&self) -> Option<(u32, HandshakeType)> {
        let retry = self.hello.as_ref().and_then(|hello| hello.is_retry()) == Some(true);
        let kind = if retry { HandshakeType::HELLO_RETRY_REQUEST } else { self.kind_and_length().0 };
        self.told.then_some((self.left, kind))
    }

    /// Begins anew: the next octet is a message's first.
    pub fn restart(&mut self) {
        *self = Messages { names: self.names.take(), ..Messages::default() };
    }

    /// The names in the last hello, once.
    pub fn take_names(&mut self) -> Option<Box<HelloNames>> {
        self.names.take()
    }

    /// Reads to the end of a message at most. Returns what the octets are, if they tell, and the octets that follow.
    pub fn next<'a>(&mut self, octets: &'a [u8], time: Time) -> (Option<Message>, &'a [u8]) {
        let have = usize::from(self.have);
        let (part, rest) = cut(octets, HANDSHAKE_HEADER - have.min(HANDSHAKE_HEADER));
        for (place, &octet) in self.header.iter_mut().skip(have).zip(part) {
            *place = octet;
        }
        self.have += part.len() as u8;
        if usize::from(self.have) < HANDSHAKE_HEADER {
            return (self.tell(time), rest);
        }
        if have < HANDSHAKE_HEADER {
            self.begins_body();
        }
        let (body, rest) = cut(rest, self.left as usize);
        self.left -= body.len() as u32;
        if let Some(hello) = &mut self.hello {
            hello.reads(body);
        }
        (self.tell(time), rest)
    }

    /// Passes over octets that were not captured, to the end of a message at most. Returns how many are left over.
    pub fn skip(&mut self, octets: u32, time: Time) -> (Option<Message>, u32) {
        if usize::from(self.have) < HANDSHAKE_HEADER {
            self.restart();
            self.lost = true;
            return (None, 0);
        }
        if let Some(hello) = &mut self.hello {
            hello.loses();
        }
        let skipped = octets.min(self.left);
        self.left -= skipped;
        (self.tell(time), octets - skipped)
    }

    fn begins_body(&mut self) {
        let (kind, length) = self.kind_and_length();
        self.left = length;
        let hello = match kind {
            HandshakeType::CLIENT_HELLO => Some(Kind::Client),
            HandshakeType::SERVER_HELLO => Some(Kind::Server),
            HandshakeType::ENCRYPTED_EXTENSIONS => Some(Kind::Extensions),
            _ => None,
        };
        self.hello = hello.map(|kind| Box::new(Hello::new(kind)));
    }

    fn kind_and_length(&self) -> (HandshakeType, u32) {
        handshake_header(&self.header).map_or((HandshakeType(self.header[0]), 0), |(_, header)| header)
    }

    /// What the message is, if that can be told yet; at its end makes room for the next.
    fn tell(&mut self, time: Time) -> Option<Message> {
        let ends = usize::from(self.have) == HANDSHAKE_HEADER && self.left == 0;
        let (kind, _) = self.kind_and_length();
        let retry = self.hello.as_ref().and_then(|hello| hello.is_retry());
        let kind = match (kind, retry) {
            // Nothing but the random tells the two apart (RFC 8446 4.1.3).
            (HandshakeType::SERVER_HELLO, None) if !ends => return None,
            (HandshakeType::SERVER_HELLO, Some(true)) => HandshakeType::HELLO_RETRY_REQUEST,
            (kind, _) => kind,
        };
        let begins = !self.told;
        self.told = true;
        let hello = self.hello.as_ref().map_or(HelloFacts::default(), |hello| hello.facts());
        if ends {
            self.names = self.hello.as_mut().and_then(|hello| hello.take_names()).or_else(|| self.names.take());
            self.restart();
        }
        Some(Message { kind, begins, ends, time, hello })
    }
}
