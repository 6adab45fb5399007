//! Both sides' places in their messages, and whose turn it is.

use super::parser::{allows, message, recognise, startup, Startup, MESSAGE_HEAD, STARTUP_HEAD};
use crate::application::{Application, Known, Octets, Outcome, Protocol, Recognition, Rest, Switch};
use crate::connection::Direction;
use crate::verdict::{Basis, Step, Time};

/// What TLS begins with (RFC 8446 5.1).
const TLS_HANDSHAKE: u8 = 22;

/// Where the next octet of a direction belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// In the beginning of a startup packet, so many octets from there; of the server: nothing can come yet.
    Startup(usize),
    /// It is the answer to a request for encryption.
    Answer(Startup),
    /// In the beginning of a message, so many octets from there.
    Head(usize),
    /// In a packet or message, so many octets before its end, and its step.
    Body(Step, u32),
    /// Nobody knows.
    Lost { after_gap: bool },
}

#[derive(Clone, Copy, Debug)]
struct Side {
    place: Place,
    head: [u8; STARTUP_HEAD],
}

/// One connection, both directions.
#[derive(Clone, Debug)]
pub struct PostgreSql {
    sides: [Side; 2],
    client: Option<Direction>,
    /// A session has begun, and after that the server has been ready.
    is_ready: bool,
    /// While it was not: the client has said something that nothing has answered.
    has_asked: bool,
    /// Once it was: so many questions wait for the server to be ready again.
    waiting: u32,
}

impl Default for PostgreSql {
    fn default() -> PostgreSql {
        let side = Side { place: Place::Startup(0), head: [0; STARTUP_HEAD] };
        PostgreSql { sides: [side; 2], client: None, is_ready: false, has_asked: false, waiting: 0 }
    }
}

impl Application for PostgreSql {
    fn recognises(octets: &[u8]) -> Recognition {
        recognise(octets)
    }

    fn basis(&self) -> Option<Basis> {
        Some(Basis::PostgreSqlMessage)
    }

    fn octets(&mut self, octets: &Octets, outcome: &mut Outcome) {
        outcome.beyond_heartbeats = true;
        self.client = self.client.or(Some(octets.direction));
        outcome.client = self.client;
        let mut position = 0;
        while let Some(rest) = octets.captured.get(position..).filter(|rest| !rest.is_empty()) {
            position = position.saturating_add(self.advance(octets.direction, rest, position, outcome));
            if outcome.switch.is_some() {
                return;
            }
        }
        if octets.missing > 0 {
            match self.side(octets.direction).place {
                Place::Body(step, _) => outcome.steps.push(step),
                Place::Lost { .. } => outcome.unplaced(true),
                _ if outcome.steps.is_empty() => outcome.unplaced(true),
                _ => {}
            }
            self.gap(octets.direction, Some(octets.missing));
        }
    }

    fn gap(&mut self, direction: Direction, length: Option<u32>) {
        let side = self.side_mut(direction);
        side.place = match (side.place, length) {
            (Place::Body(step, rest), Some(length)) if length < rest => Place::Body(step, rest - length),
            (Place::Body(_, rest), Some(length)) if length == rest => Place::Head(0),
            // The client shows what the answer was.
            (Place::Answer(asked), Some(1)) => Place::Answer(asked),
            _ => Place::Lost { after_gap: true },
        };
        if matches!(side.place, Place::Lost { .. }) {
            (self.has_asked, self.waiting) = (false, 0);
        }
    }

    fn known(&self, direction: Direction) -> Option<Known> {
        match self.side(direction).place {
            Place::Body(step, left) => Some(Known::new(u64::from(left), step)),
            _ => None,
        }
    }

    fn rest(&self, direction: Direction) -> Rest {
        match self.side(direction).place {
            Place::Body(Step::PostgreSqlMessages, left) => {
                Rest { octets: u64::from(left), step: Some(Step::PostgreSqlMessages), message: None }
            }
            _ => Rest::default(),
        }
    }

    fn passes(&mut self, direction: Direction, octets: u64, _time: Time) {
        if let Place::Body(_, left) = &mut self.side_mut(direction).place {
            *left = left.saturating_sub(u32::try_from(octets).unwrap_or(u32::MAX));
        }
    }

    fn is_waiting(&self) -> bool {
        self.has_asked || self.waiting > 0
    }
}

impl PostgreSql {
    fn side(&self, direction: Direction) -> &Side {
        &self.sides[direction as usize]
    }

    fn side_mut(&mut self, direction: Direction) -> &mut Side {
        &mut self.sides[direction as usize]
    }

    fn is_client(&self, direction: Direction) -> bool {
        self.client == Some(direction)
    }

    /// Reads as much as belongs together. Returns how much that is, at least 1.
    fn advance(&mut self, direction: Direction, rest: &[u8], position: usize, outcome: &mut Outcome) -> usize {
        let first = rest.first().copied().unwrap_or(0);
        match self.side(direction).place {
            Place::Startup(_) if !self.is_client(direction) => self.loses(direction, rest, outcome),
            Place::Startup(0) if first == TLS_HANDSHAKE && self.waits_for_answer(direction) => {
                self.begins_tls(position, outcome);
                rest.len()
            }
            Place::Startup(done) => self.startup(direction, rest, done, outcome),
            Place::Answer(asked) => self.answer(direction, asked, first, rest, position, outcome),
            Place::Head(done) => self.head(direction, rest, done, outcome),
            Place::Body(step, left) => {
                let taken = rest.len().min(usize::try_from(left).unwrap_or(usize::MAX));
                outcome.steps.push(step);
                let left = left.saturating_sub(taken as u32);
                self.side_mut(direction).place = if left == 0 { Place::Head(0) } else { Place::Body(step, left) };
                taken.max(1)
            }
            Place::Lost { after_gap } => {
                outcome.unplaced(after_gap);
                rest.len()
            }
        }
    }

    fn loses(&mut self, direction: Direction, rest: &[u8], outcome: &mut Outcome) -> usize {
        self.side_mut(direction).place = Place::Lost { after_gap: false };
        (self.has_asked, self.waiting) = (false, 0);
        outcome.unplaced(false);
        rest.len()
    }

    /// Whether this client's request for encryption has no answer yet, or one that was not captured.
    fn waits_for_answer(&self, client: Direction) -> bool {
        matches!(self.side(client.reverse()).place, Place::Answer(Startup::Tls) | Place::Lost { after_gap: true })
    }

    fn begins_tls(&mut self, offset: usize, outcome: &mut Outcome) {
        outcome.switch = Some(Switch { protocol: Protocol::Tls, offset });
    }

    /// Adds octets to the beginning of a packet or message of which so many are there; how many, and all of it.
    fn collects(&mut self, direction: Direction, rest: &[u8], done: usize, whole: usize) -> (usize, usize) {
        let room = self.side_mut(direction).head.get_mut(done..whole).unwrap_or(&mut []);
        let taken = room.len().min(rest.len());
        room.iter_mut().zip(rest).for_each(|(to, from)| *to = *from);
        (taken, done + taken)
    }

    fn startup(&mut self, direction: Direction, rest: &[u8], done: usize, outcome: &mut Outcome) -> usize {
        let (taken, there) = self.collects(direction, rest, done, STARTUP_HEAD);
        let head = self.side(direction).head;
        if there < STARTUP_HEAD {
            self.side_mut(direction).place = Place::Startup(there);
            outcome.unplaced(false);
            return taken.max(1);
        }
        let (packet, length) = match startup(&head) {
            Ok((_, packet)) => packet,
            Err(_) => return self.loses(direction, rest, outcome),
        };
        let (step, own, others) = match packet {
            Startup::Tls => (Step::StartTls, Place::Startup(0), Place::Answer(packet)),
            Startup::Gssapi => (Step::PostgreSqlStartup, Place::Startup(0), Place::Answer(packet)),
            Startup::Cancel | Startup::Session => {
                (Step::PostgreSqlStartup, Place::Body(Step::PostgreSqlStartup, length), Place::Head(0))
            }
        };
        outcome.steps.push(step);
        self.has_asked = true;
        self.side_mut(direction).place = own;
        let other = self.side_mut(direction.reverse());
        if !matches!(other.place, Place::Lost { .. }) {
            other.place = others;
        }
        taken.max(1)
    }

    /// A single octet.
    fn answer(
        &mut self,
        direction: Direction,
        asked: Startup,
        first: u8,
        rest: &[u8],
        position: usize,
        outcome: &mut Outcome,
    ) -> usize {
        self.has_asked = false;
        match (first, asked) {
            (b'S', Startup::Tls) => {
                outcome.steps.push(Step::StartTls);
                self.begins_tls(position + 1, outcome);
            }
            (TLS_HANDSHAKE, Startup::Tls) => self.begins_tls(position, outcome),
            (b'N', _) => {
                outcome.steps.push(Step::PostgreSqlMessages);
                self.side_mut(direction).place = Place::Startup(0);
            }
            // What GSSAPI has encrypted follows.
            (b'G', Startup::Gssapi) => {
                outcome.steps.push(Step::PostgreSqlMessages);
                self.sides.iter_mut().for_each(|side| side.place = Place::Lost { after_gap: false });
            }
            // An error of a server that knows no such request.
            (b'E', _) => return self.head(direction, rest, 0, outcome),
            _ => return self.loses(direction, rest, outcome),
        }
        1
    }

    fn head(&mut self, direction: Direction, rest: &[u8], done: usize, outcome: &mut Outcome) -> usize {
        let (taken, there) = self.collects(direction, rest, done, MESSAGE_HEAD);
        let head = self.side(direction).head;
        let (kind, is_client) = (head[0], self.is_client(direction));
        let found = message(head.get(..MESSAGE_HEAD).unwrap_or(&[])).ok().filter(|_| there == MESSAGE_HEAD);
        let length = found.map(|(_, (_, length))| length);
        if !allows(is_client, kind, length) || (there == MESSAGE_HEAD && length.is_none()) {
            return self.loses(direction, rest, outcome);
        }
        let step = step(is_client, kind);
        outcome.steps.push(step);
        self.side_mut(direction).place = match length {
            None => Place::Head(there),
            Some(0) => Place::Head(0),
            Some(length) => Place::Body(step, length),
        };
        if length.is_some() {
            self.takes_turn(is_client, kind);
        }
        taken.max(1)
    }

    /// A message has begun: who waits for whom.
    fn takes_turn(&mut self, is_client: bool, kind: u8) {
        match (is_client, kind) {
            (true, b'Q' | b'S' | b'F') if self.is_ready => self.waiting = self.waiting.saturating_add(1),
            (true, b'p') => self.has_asked = true,
            (false, b'Z') => {
                self.waiting = self.waiting.saturating_sub(u32::from(self.is_ready));
                (self.is_ready, self.has_asked) = (true, false);
            }
            (false, _) => self.has_asked = false,
            _ => {}
        }
    }
}

fn step(is_client: bool, kind: u8) -> Step {
    match (is_client, kind) {
        (true, b'p') | (false, b'R') => Step::PostgreSqlAuthentication,
        (true, b'X') => Step::PostgreSqlTerminate,
        (false, b'Z') => Step::PostgreSqlReady,
        _ => Step::PostgreSqlMessages,
    }
}
