//! Both sides' places in their packets, and what the packets mean for the connection.

use super::connect::{connect, recognise, server_keep_alive, CONNACK_HEAD, CONNECT_HEAD};
use super::parser::{fixed_header, FixedHeader, Limits, PacketType, HEADER_MAXIMUM};
use crate::application::{Application, Known, Octets, Outcome, Recognition, Rest};
use crate::connection::Direction;
use crate::heartbeat::{HeartbeatKind, Heartbeats};
use crate::verdict::{Basis, Duration, Layer, Step, Time};

/// MQTT 5 3.1.2.10: a client sends PINGREQ because it is silent otherwise.
const QUIET: Duration = 0;

/// Where the next octet of a direction belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// In a fixed header, so many octets from its beginning.
    Header(usize),
    /// In a packet, so many octets before its end.
    Packet(PacketType, u32),
    /// Nobody knows.
    Lost { after_gap: bool },
}

#[derive(Clone, Copy, Debug)]
struct Side {
    place: Place,
    header: [u8; HEADER_MAXIMUM],
    has_begun: bool,
    /// The packet that goes on keeps the connection alive.
    keep_alive: bool,
}

/// One connection, both directions.
#[derive(Clone, Debug)]
pub struct Mqtt {
    sides: [Side; 2],
    client: Option<Direction>,
    heartbeats: Heartbeats,
    is_5: bool,
    /// The beginning of CONNECT or CONNACK, while it goes on; none once octets of it were lost.
    head: Option<Vec<u8>>,
    /// Packets of the client that wait for their answers.
    waiting: u32,
}

impl Default for Mqtt {
    fn default() -> Mqtt {
        let side = Side { place: Place::Header(0), header: [0; HEADER_MAXIMUM], has_begun: false, keep_alive: false };
        Mqtt {
            sides: [side; 2],
            client: None,
            heartbeats: Heartbeats::new(QUIET, false),
            is_5: false,
            head: None,
            waiting: 0,
        }
    }
}

impl Application for Mqtt {
    fn recognises(octets: &[u8]) -> Recognition {
        recognise(octets)
    }

    fn layer(&self) -> Option<Layer> {
        Some(Layer::Mqtt)
    }

    fn basis(&self) -> Option<Basis> {
        Some(Basis::MqttPacket)
    }

    fn octets(&mut self, octets: &Octets, outcome: &mut Outcome) {
        let mut position = 0;
        while let Some(rest) = octets.captured.get(position..).filter(|rest| !rest.is_empty()) {
            position = position.saturating_add(self.advance(octets, rest, outcome).max(1));
        }
        if octets.missing > 0 {
            match self.side(octets.direction).place {
                Place::Packet(packet, _) => self.touches(octets, packet, outcome),
                Place::Lost { .. } => outcome.unplaced(true),
                Place::Header(_) if outcome.steps.is_empty() => outcome.unplaced(true),
                Place::Header(_) => {}
            }
            self.gap(octets.direction, Some(octets.missing));
        }
        outcome.client = self.client;
    }

    fn gap(&mut self, direction: Direction, length: Option<u32>) {
        let side = self.side_mut(direction);
        side.place = match (side.place, length) {
            (Place::Packet(packet, rest), Some(length)) if length < rest => Place::Packet(packet, rest - length),
            (Place::Packet(_, rest), Some(length)) if length == rest => Place::Header(0),
            _ => Place::Lost { after_gap: true },
        };
        if matches!(side.place, Place::Lost { .. }) {
            self.waiting = 0;
        }
        self.head = None;
    }

    fn known(&self, direction: Direction) -> Option<Known> {
        match self.side(direction).place {
            Place::Packet(packet, left) => Some(Known::new(u64::from(left), step(packet))),
            Place::Header(_) | Place::Lost { .. } => None,
        }
    }

    fn rest(&self, direction: Direction) -> Rest {
        match self.side(direction).place {
            Place::Packet(PacketType::PUBLISH, left) => {
                Rest { octets: u64::from(left), step: Some(Step::MqttPackets), message: None }
            }
            _ => Rest::default(),
        }
    }

    fn passes(&mut self, direction: Direction, octets: u64, time: Time) {
        if let Place::Packet(_, left) = &mut self.side_mut(direction).place {
            *left = left.saturating_sub(u32::try_from(octets).unwrap_or(u32::MAX));
        }
        self.heartbeats.other(time, true);
    }

    fn is_waiting(&self) -> bool {
        self.waiting > 0
    }

    fn remember_place(&mut self, frame: u32, place: u32) {
        self.heartbeats.remember_place(frame, place);
    }
}

impl Mqtt {
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
            Place::Packet(packet, left) => {
                let taken = rest.len().min(usize::try_from(left).unwrap_or(usize::MAX));
                self.touches(octets, packet, outcome);
                self.reads_head(packet, rest.get(..taken).unwrap_or(rest), outcome);
                let left = left.saturating_sub(taken as u32);
                let place = if left == 0 { Place::Header(0) } else { Place::Packet(packet, left) };
                self.side_mut(octets.direction).place = place;
                taken
            }
            Place::Lost { after_gap } => {
                self.heartbeats.other(octets.time, true);
                outcome.unplaced(after_gap);
                rest.len()
            }
        }
    }

    /// Octets of a fixed header; its length shows only as it goes.
    fn header(&mut self, octets: &Octets, rest: &[u8], done: usize, outcome: &mut Outcome) -> usize {
        let first = if done == 0 { rest.first().copied() } else { self.side(octets.direction).header.first().copied() };
        let limits = self.limits(octets.direction, first.unwrap_or(0));
        let side = self.side_mut(octets.direction);
        let room = side.header.get_mut(done..).unwrap_or(&mut []);
        let copied = room.len().min(rest.len());
        room.iter_mut().zip(rest).for_each(|(to, from)| *to = *from);
        let available = side.header.get(..done + copied).unwrap_or(&[]);
        let (header, taken) = match fixed_header(available) {
            Ok((behind, header)) => (Some(header), copied.saturating_sub(behind.len())),
            Err(_) => (None, copied),
        };
        let overlong = header.is_none() && available.len() == HEADER_MAXIMUM;
        let fits = limits.allow_first(first.unwrap_or(0)) && header.map_or(true, |header| limits.allow(&header));
        if !fits || overlong {
            side.place = Place::Lost { after_gap: false };
            self.waiting = 0;
            self.heartbeats.other(octets.time, true);
            outcome.unplaced(false);
            return rest.len();
        }
        let packet = PacketType::of(first.unwrap_or(0));
        side.place = match header {
            None => Place::Header(done + copied),
            Some(FixedHeader { length: 0, .. }) => Place::Header(0),
            Some(header) => Place::Packet(packet, header.length),
        };
        match header {
            Some(header) => self.packet(octets, &header, outcome),
            None => {
                self.side_mut(octets.direction).keep_alive = is_ping(packet) && self.heartbeats.is_quiet(octets.time)
            }
        }
        self.touches(octets, packet, outcome);
        taken
    }

    /// What can come next of a side. The first one that sends CONNECT is the client.
    fn limits(&mut self, direction: Direction, first: u8) -> Limits {
        if PacketType::of(first) == PacketType::CONNECT {
            self.client = self.client.or(Some(direction));
        }
        let has_begun = self.side(direction).has_begun;
        Limits { is_client: self.client == Some(direction), has_begun, is_5: self.is_5 }
    }

    /// A packet begins: its header is complete.
    fn packet(&mut self, octets: &Octets, header: &FixedHeader, outcome: &mut Outcome) {
        let packet = PacketType::of(header.first);
        let heartbeat = match packet {
            PacketType::PINGREQ => Some(self.heartbeats.probes(octets.direction, octets.time, octets.frame)),
            PacketType::PINGRESP => Some(self.heartbeats.answers(octets.direction, octets.time)),
            _ => None,
        };
        let side = self.side_mut(octets.direction);
        side.has_begun = true;
        side.keep_alive = heartbeat.map_or(false, |heartbeat| heartbeat.keep_alive);
        // A PINGRESP without a PINGREQ asks for nothing either.
        if let Some(heartbeat) = heartbeat.filter(|heartbeat| heartbeat.kind != HeartbeatKind::OneWay) {
            outcome.takes_heartbeat(heartbeat, octets.frame);
        }
        if matches!(packet, PacketType::CONNECT | PacketType::CONNACK) {
            self.head = Some(Vec::new());
        }
        if self.client == Some(octets.direction) {
            let asks = match packet {
                PacketType::CONNECT | PacketType::SUBSCRIBE | PacketType::UNSUBSCRIBE => true,
                PacketType::PUBLISH => header.first & 0x06 != 0,
                _ => false,
            };
            self.waiting = self.waiting.saturating_add(u32::from(asks));
        } else if is_answer(packet) {
            self.waiting = self.waiting.saturating_sub(1);
        }
    }

    /// The beginning of CONNECT or CONNACK says how long the client may be silent.
    fn reads_head(&mut self, packet: PacketType, octets: &[u8], outcome: &mut Outcome) {
        let (maximum, head) = match (packet, &mut self.head) {
            (PacketType::CONNECT, Some(head)) => (CONNECT_HEAD, head),
            (PacketType::CONNACK, Some(head)) if self.is_5 => (CONNACK_HEAD, head),
            _ => return,
        };
        let room = maximum.saturating_sub(head.len()).min(octets.len());
        if room == 0 {
            return;
        }
        head.extend_from_slice(octets.get(..room).unwrap_or(&[]));
        if packet == PacketType::CONNACK {
            outcome.keep_alive = server_keep_alive(head).or(outcome.keep_alive);
        } else if let Ok((_, (level, keep_alive))) = connect(head) {
            self.is_5 = level == 5;
            outcome.keep_alive = Some(keep_alive);
        }
    }

    /// Octets of a packet are here.
    fn touches(&mut self, octets: &Octets, packet: PacketType, outcome: &mut Outcome) {
        outcome.steps.push(step(packet));
        if !is_ping(packet) {
            self.heartbeats.other(octets.time, true);
        }
        outcome.beyond_heartbeats |= !is_ping(packet) || !self.side(octets.direction).keep_alive;
    }
}

fn is_ping(packet: PacketType) -> bool {
    matches!(packet, PacketType::PINGREQ | PacketType::PINGRESP)
}

/// Whether a packet of the server's answers one of the client's. What goes on for more than two packets is answered by the
/// second.
fn is_answer(packet: PacketType) -> bool {
    let acknowledges = matches!(packet, PacketType::PUBACK | PacketType::PUBREC);
    acknowledges || matches!(packet, PacketType::CONNACK | PacketType::SUBACK | PacketType::UNSUBACK)
}

fn step(packet: PacketType) -> Step {
    match packet {
        PacketType::CONNECT => Step::MqttConnect,
        PacketType::CONNACK => Step::MqttConnAck,
        PacketType::PINGREQ => Step::MqttPingReq,
        PacketType::PINGRESP => Step::MqttPingResp,
        PacketType::DISCONNECT => Step::MqttDisconnect,
        _ => Step::MqttPackets,
    }
}
