//! Both sides' places in their frames.

use super::parser::{frame_header, FrameHeader, Limits, Opcode, HEADER_MAXIMUM, RESERVED_BITS};
use crate::application::{Application, Known, Octets, Outcome};
use crate::connection::Direction;
use crate::heartbeat::Heartbeats;
use crate::mqtt::Mqtt;
use crate::verdict::{Basis, Duration, Layer, Step};

/// RFC 6455 5.5.2: a ping is a keep-alive or asks whether anybody is there; it does so on a busy connection too.
const QUIET: Duration = 0;

/// So many octets are freed of their mask at a time.
const PIECE: usize = 256;

/// Where the next octet of a direction belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// In a frame header, so many octets from its beginning.
    Header(usize),
    /// In a frame, so many octets before its end.
    Payload(Opcode, u64),
    /// Nobody knows.
    Lost,
}

#[derive(Clone, Copy, Debug)]
struct Side {
    place: Place,
    header: [u8; HEADER_MAXIMUM],
    /// The frame that goes on keeps the connection alive.
    keep_alive: bool,
    /// It is lost because octets were.
    after_gap: bool,
    /// What the frame that goes on is masked with, from its next octet on (RFC 6455 5.3).
    mask: [u8; 4],
    /// The message that goes on is read by nobody: it is text, or compressed.
    unread: bool,
}

impl Side {
    fn new() -> Side {
        Side {
            place: Place::Header(0),
            header: [0; HEADER_MAXIMUM],
            keep_alive: false,
            after_gap: false,
            mask: [0; 4],
            unread: false,
        }
    }
}

/// One connection, both directions.
#[derive(Clone, Debug)]
pub struct WebSocket {
    sides: [Side; 2],
    heartbeats: Heartbeats,
    client: Option<Direction>,
    /// Extensions were agreed on.
    extended: bool,
    /// What binary messages carry (MQTT 5 6).
    mqtt: Option<Box<Mqtt>>,
    /// The last keep-alive message is of what they carry.
    is_within: bool,
}

impl Default for WebSocket {
    fn default() -> WebSocket {
        WebSocket::new(None, true)
    }
}

impl WebSocket {
    /// Begins in both directions, after a 101 to this client, which agrees on extensions or does not.
    pub fn new(client: Option<Direction>, extended: bool) -> WebSocket {
        WebSocket {
            sides: [Side::new(); 2],
            heartbeats: Heartbeats::new(QUIET, true),
            client,
            extended,
            mqtt: None,
            is_within: false,
        }
    }

    /// The same, and its binary messages are MQTT's, if that was agreed on.
    pub fn with_mqtt(self, agreed: bool) -> WebSocket {
        WebSocket { mqtt: agreed.then(Box::default), ..self }
    }

    fn side(&self, direction: Direction) -> &Side {
        &self.sides[direction as usize]
    }

    fn side_mut(&mut self, direction: Direction) -> &mut Side {
        &mut self.sides[direction as usize]
    }

    /// Reads as much as belongs together. Returns how much that is.
    fn advance(&mut self, octets: &Octets, rest: &[u8], outcome: &mut Outcome) -> usize {
        match self.side(octets.direction).place {
            Place::Header(done) => self.header(octets, rest, done, outcome),
            Place::Payload(opcode, left) => {
                let taken = rest.len().min(usize::try_from(left).unwrap_or(usize::MAX));
                if !self.reads_within(octets, opcode, rest.get(..taken).unwrap_or(rest), outcome) {
                    self.touches(octets, opcode, outcome);
                }
                let left = left.saturating_sub(taken as u64);
                let place = if left == 0 { Place::Header(0) } else { Place::Payload(opcode, left) };
                self.side_mut(octets.direction).place = place;
                taken
            }
            Place::Lost => {
                self.heartbeats.other(octets.time, true);
                outcome.unplaced(self.side(octets.direction).after_gap);
                rest.len()
            }
        }
    }

    /// Octets of a header; its length shows only as it goes.
    fn header(&mut self, octets: &Octets, rest: &[u8], done: usize, outcome: &mut Outcome) -> usize {
        let masks = self.client.map(|client| client == octets.direction);
        let limits = Limits { masks, extended: self.extended };
        let side = self.side_mut(octets.direction);
        let room = side.header.get_mut(done..).unwrap_or(&mut []);
        let copied = room.len().min(rest.len());
        room.iter_mut().zip(rest).for_each(|(to, from)| *to = *from);
        let available = side.header.get(..done + copied).unwrap_or(&[]);
        if !limits.allow(available) {
            side.place = Place::Lost;
            self.heartbeats.other(octets.time, true);
            outcome.unplaced(false);
            return rest.len();
        }
        let opcode = available.first().map_or(Opcode(0), |&first| Opcode::of(first));
        let (header, taken) = match frame_header(available) {
            Ok((behind, header)) => (Some(header), copied.saturating_sub(behind.len())),
            Err(_) => (None, copied),
        };
        side.place = match header {
            None => Place::Header(done + copied),
            Some(FrameHeader { length: 0, .. }) => Place::Header(0),
            Some(header) => Place::Payload(header.opcode, header.length),
        };
        match header {
            Some(_) => self.frame(octets, opcode, outcome),
            None => self.side_mut(octets.direction).keep_alive = self.heartbeats.is_quiet(octets.time),
        }
        let end = done + taken;
        if let Some(header) = header {
            self.message(octets.direction, header, end);
        }
        // Where octets of what it carries follow, those say what it is.
        let goes_on = header.map_or(false, |header| header.length > 0) && rest.len() > taken;
        if !goes_on || !self.is_read_within(octets.direction, opcode) {
            self.touches(octets, opcode, outcome);
        }
        taken
    }

    /// A frame begins: its header is complete.
    fn frame(&mut self, octets: &Octets, opcode: Opcode, outcome: &mut Outcome) {
        let heartbeat = match opcode {
            Opcode::PING => Some(self.heartbeats.probes(octets.direction, octets.time, octets.frame)),
            Opcode::PONG => Some(self.heartbeats.answers(octets.direction, octets.time)),
            _ => None,
        };
        self.side_mut(octets.direction).keep_alive = heartbeat.map_or(false, |heartbeat| heartbeat.keep_alive);
        if let Some(heartbeat) = heartbeat {
            outcome.takes_heartbeat(heartbeat, octets.frame);
        }
    }

    /// A frame begins whose header ends there: the mask, and whether its message is read.
    fn message(&mut self, direction: Direction, header: FrameHeader, end: usize) {
        let side = self.side_mut(direction);
        let first = side.header.first().copied().unwrap_or(0);
        let is_masked = side.header.get(1).map_or(false, |octet| octet & 0x80 != 0);
        let mask = side.header.get(end.saturating_sub(4)..end).and_then(|mask| mask.try_into().ok());
        side.mask = mask.filter(|_| is_masked).unwrap_or([0; 4]);
        if matches!(header.opcode, Opcode::TEXT | Opcode::BINARY) {
            side.unread = header.opcode == Opcode::TEXT || first & RESERVED_BITS != 0;
            if let (true, Some(mqtt)) = (side.unread, &mut self.mqtt) {
                mqtt.gap(direction, None);
            }
        }
    }

    fn is_read_within(&self, direction: Direction, opcode: Opcode) -> bool {
        self.mqtt.is_some() && !opcode.is_control() && !self.side(direction).unread
    }

    /// Hands octets of a message to what it carries, without their mask. False: nobody reads them.
    fn reads_within(&mut self, octets: &Octets, opcode: Opcode, masked: &[u8], outcome: &mut Outcome) -> bool {
        if !self.is_read_within(octets.direction, opcode) {
            return false;
        }
        let side = &mut self.sides[octets.direction as usize];
        let mqtt = match &mut self.mqtt {
            Some(mqtt) => mqtt,
            None => return false,
        };
        let told = (outcome.heartbeat_probes, outcome.heartbeat_answers);
        let mut plain = [0; PIECE];
        for piece in masked.chunks(PIECE) {
            for (to, (from, mask)) in plain.iter_mut().zip(piece.iter().zip(side.mask.iter().cycle())) {
                *to = from ^ mask;
            }
            side.mask.rotate_left(piece.len() % 4);
            let captured = plain.get(..piece.len()).unwrap_or(&[]);
            mqtt.octets(&Octets { captured, missing: 0, ..*octets }, outcome);
        }
        self.is_within = told != (outcome.heartbeat_probes, outcome.heartbeat_answers);
        self.heartbeats.other(octets.time, true);
        true
    }

    /// Octets of a frame are here.
    fn touches(&mut self, octets: &Octets, opcode: Opcode, outcome: &mut Outcome) {
        outcome.steps.push(step(opcode));
        let is_heartbeat = matches!(opcode, Opcode::PING | Opcode::PONG);
        self.is_within &= !is_heartbeat;
        if !is_heartbeat {
            self.heartbeats.other(octets.time, true);
        }
        outcome.beyond_heartbeats |= !is_heartbeat || !self.side(octets.direction).keep_alive;
    }
}

impl Application for WebSocket {
    fn layer(&self) -> Option<Layer> {
        Some(if self.is_within { Layer::Mqtt } else { Layer::WebSocket })
    }

    fn basis(&self) -> Option<Basis> {
        self.mqtt.as_ref().and_then(|mqtt| mqtt.basis())
    }

    fn octets(&mut self, octets: &Octets, outcome: &mut Outcome) {
        let mut position = 0;
        while let Some(rest) = octets.captured.get(position..).filter(|rest| !rest.is_empty()) {
            position = position.saturating_add(self.advance(octets, rest, outcome).max(1));
        }
        if octets.missing > 0 {
            match self.side(octets.direction).place {
                Place::Payload(opcode, _) => self.touches(octets, opcode, outcome),
                Place::Lost => outcome.unplaced(true),
                Place::Header(_) if outcome.steps.is_empty() => outcome.unplaced(true),
                Place::Header(_) => {}
            }
            self.gap(octets.direction, Some(octets.missing));
        }
    }

    fn gap(&mut self, direction: Direction, length: Option<u32>) {
        let side = self.side_mut(direction);
        side.place = match (side.place, length.map(u64::from)) {
            (Place::Payload(opcode, rest), Some(length)) if length < rest => Place::Payload(opcode, rest - length),
            (Place::Payload(_, rest), Some(length)) if length == rest => Place::Header(0),
            _ => Place::Lost,
        };
        side.after_gap |= side.place == Place::Lost;
        side.mask.rotate_left(length.unwrap_or(0) as usize % 4);
        if let Some(mqtt) = &mut self.mqtt {
            mqtt.gap(direction, None);
        }
    }

    fn known(&self, direction: Direction) -> Option<Known> {
        match self.side(direction).place {
            Place::Payload(opcode, left) => Some(Known::new(left, step(opcode))),
            Place::Header(_) | Place::Lost => None,
        }
    }

    fn remember_place(&mut self, frame: u32, place: u32) {
        self.heartbeats.remember_place(frame, place);
        if let Some(mqtt) = &mut self.mqtt {
            mqtt.remember_place(frame, place);
        }
    }

    fn is_waiting(&self) -> bool {
        self.mqtt.as_ref().map_or(false, |mqtt| mqtt.is_waiting())
    }
}

fn step(opcode: Opcode) -> Step {
    match opcode {
        Opcode::CLOSE => Step::WebSocketClose,
        Opcode::PING => Step::WebSocketPing,
        Opcode::PONG => Step::WebSocketPong,
        _ => Step::WebSocketData,
    }
}
