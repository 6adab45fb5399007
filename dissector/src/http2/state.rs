//! Both sides' places in their frames, and what the frames mean for the connection.

use super::parser::{frame_header, FrameHeader, FrameType, ACK, END_STREAM, HEADER_LENGTH, PREFACE};
use super::recognition::{is_acknowledgement, is_first, recognise, DECISIVE};
use crate::application::{Answered, Application, Known, Octets, Outcome, Recognition};
use crate::connection::Direction;
use crate::heartbeat::Heartbeats;
use crate::http::Request;
use crate::verdict::{Basis, Duration, Layer, Step, SECOND};

/// A PING after this long without HEADERS and DATA keeps the connection alive; else it measures.
const QUIET: Duration = SECOND;

/// Requests without a response that are remembered; with more, the oldest are forgotten.
const OPEN_MAXIMUM: usize = 32;

/// Where the next octet of a direction belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// Before anything: a preface, or a frame.
    Begin,
    /// In the preface, so many octets from its beginning.
    Preface(usize),
    /// In a frame header, so many octets from its beginning.
    Header(usize),
    /// In a frame, so many octets before its end.
    Payload(FrameHeader, u32),
    /// Nobody knows.
    Lost { after_gap: bool },
}

#[derive(Clone, Copy, Debug)]
struct Side {
    place: Place,
    header: [u8; HEADER_LENGTH],
    /// A frame header was read.
    has_begun: bool,
    /// The frame that goes on keeps the connection alive.
    keep_alive: bool,
}

/// One connection, both directions.
#[derive(Clone, Debug)]
pub struct Http2 {
    sides: [Side; 2],
    client: Option<Direction>,
    heartbeats: Heartbeats,
    /// The request that became stream 1, until its response is over.
    upgraded: Option<Request>,
    upgrade_answered: bool,
    /// Streams of requests whose response is not over.
    open: Vec<u32>,
    /// The client's latest stream.
    newest: u32,
    /// Requests so far, with those before an upgrade.
    requests: u32,
    /// A preface or an upgrade was seen.
    is_certain: bool,
}

impl Default for Http2 {
    fn default() -> Http2 {
        Http2::new()
    }
}

impl Http2 {
    /// Begins with prior knowledge (RFC 9113 3.3), or inside TLS.
    pub fn new() -> Http2 {
        Http2 {
            sides: [Side { place: Place::Begin, header: [0; HEADER_LENGTH], has_begun: false, keep_alive: false }; 2],
            client: None,
            heartbeats: Heartbeats::new(QUIET, false),
            upgraded: None,
            upgrade_answered: false,
            open: Vec::new(),
            newest: 0,
            requests: 0,
            is_certain: false,
        }
    }

    /// Begins after a 101 to this client's request.
    pub fn upgraded(client: Option<Direction>, request: Option<Request>) -> Http2 {
        let requests = request.map_or(0, |request| request.number);
        Http2 { client, upgraded: request, requests, is_certain: true, ..Http2::new() }
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
            Place::Begin => {
                let is_preface = PREFACE.first() == rest.first();
                self.side_mut(octets.direction).place = if is_preface { Place::Preface(0) } else { Place::Header(0) };
                self.client =
                    self.client.or(Some(if is_preface { octets.direction } else { octets.direction.reverse() }));
                self.advance(octets, rest, outcome)
            }
            Place::Preface(done) => self.preface(octets, rest, done, outcome),
            Place::Header(done) => self.header(octets, rest, done, outcome),
            Place::Payload(header, left) => {
                let taken = rest.len().min(usize::try_from(left).unwrap_or(usize::MAX));
                self.touches(octets, &header, outcome);
                let left = left.saturating_sub(taken as u32);
                let place = if left == 0 { Place::Header(0) } else { Place::Payload(header, left) };
                self.side_mut(octets.direction).place = place;
                if left == 0 {
                    self.frame_ends(octets, &header);
                }
                taken
            }
            Place::Lost { after_gap } => {
                self.heartbeats.other(octets.time, true);
                outcome.unplaced(after_gap);
                rest.len()
            }
        }
    }

    fn preface(&mut self, octets: &Octets, rest: &[u8], done: usize, outcome: &mut Outcome) -> usize {
        let expected = PREFACE.get(done..).unwrap_or(&[]);
        let taken = expected.len().min(rest.len());
        if expected.get(..taken) != rest.get(..taken) {
            self.makes_no_sense(octets.direction, outcome);
            return rest.len();
        }
        let done = done + taken;
        self.is_certain |= done >= DECISIVE;
        outcome.steps.push(Step::Http2Frames);
        outcome.beyond_heartbeats = true;
        let place = if done == PREFACE.len() { Place::Header(0) } else { Place::Preface(done) };
        self.side_mut(octets.direction).place = place;
        taken
    }

    fn makes_no_sense(&mut self, direction: Direction, outcome: &mut Outcome) {
        outcome.mistaken |= !self.is_certain;
        self.side_mut(direction).place = Place::Lost { after_gap: false };
        outcome.unplaced(false);
    }

    fn header(&mut self, octets: &Octets, rest: &[u8], done: usize, outcome: &mut Outcome) -> usize {
        let side = self.side_mut(octets.direction);
        let room = side.header.get_mut(done..).unwrap_or(&mut []);
        let taken = room.len().min(rest.len());
        room.iter_mut().zip(rest).for_each(|(to, from)| *to = *from);
        let done = done + taken;
        match frame_header(side.header.get(..done).unwrap_or(&[])) {
            Ok((_, header)) => {
                side.place = if header.length == 0 { Place::Header(0) } else { Place::Payload(header, header.length) };
                self.frame(octets, &header, outcome);
            }
            Err(_) => {
                side.place = Place::Header(done);
                self.header_goes_on(done, octets, outcome);
            }
        }
        taken
    }

    /// What is there of a header shows its step, as soon as type and flags are there.
    fn header_goes_on(&mut self, done: usize, octets: &Octets, outcome: &mut Outcome) {
        let header = self.side(octets.direction).header;
        let step = match header.get(3..done) {
            Some([frame_type, flags, ..]) => step(FrameType(*frame_type), *flags),
            Some([7]) => Step::Http2GoAway,
            _ => Step::Http2Frames,
        };
        outcome.steps.push(step);
        let is_ping = matches!(step, Step::Http2Ping | Step::Http2PingAck);
        outcome.beyond_heartbeats |= !is_ping || !self.heartbeats.is_quiet(octets.time);
    }

    /// A frame begins: its header is complete.
    fn frame(&mut self, octets: &Octets, header: &FrameHeader, outcome: &mut Outcome) {
        let first = !std::mem::replace(&mut self.side_mut(octets.direction).has_begun, true);
        // Where the preface was seen, an acknowledgement of the client's SETTINGS may be all that it says.
        let begins = is_first(header) || (self.is_certain && is_acknowledgement(header));
        if first && self.client == Some(octets.direction.reverse()) && !begins {
            // RFC 9113 3.4: a server's first frame is SETTINGS. Its beginning was not seen.
            return self.makes_no_sense(octets.direction, outcome);
        }
        self.is_certain = true;
        let heartbeat = match (header.frame_type, header.flags & ACK != 0) {
            (FrameType::PING, false) => Some(self.heartbeats.probes(octets.direction, octets.time, octets.frame)),
            (FrameType::PING, true) => Some(self.heartbeats.answers(octets.direction, octets.time)),
            (FrameType::HEADERS, _) => {
                self.opens(octets.direction, header.stream);
                self.answers_upgrade(octets, header, outcome);
                None
            }
            (FrameType::RST_STREAM, _) => {
                self.open.retain(|stream| *stream != header.stream);
                None
            }
            _ => None,
        };
        self.side_mut(octets.direction).keep_alive = heartbeat.map_or(false, |heartbeat| heartbeat.keep_alive);
        if let Some(heartbeat) = heartbeat {
            outcome.takes_heartbeat(heartbeat, octets.frame);
        }
        self.touches(octets, header, outcome);
        if header.length == 0 {
            self.frame_ends(octets, header);
        }
    }

    /// The client's HEADERS on a new stream are a request, later ones its trailers (RFC 9113 5.1.1 and 8.1).
    fn opens(&mut self, by: Direction, stream: u32) {
        if self.client != Some(by) || stream <= self.newest {
            return;
        }
        self.newest = stream;
        self.requests = self.requests.saturating_add(1);
        if self.open.len() == OPEN_MAXIMUM {
            self.open.remove(0);
        }
        self.open.push(stream);
    }

    /// The last octet of a frame.
    fn frame_ends(&mut self, octets: &Octets, header: &FrameHeader) {
        let has_end = matches!(header.frame_type, FrameType::DATA | FrameType::HEADERS);
        if !has_end || header.flags & END_STREAM == 0 || self.client != Some(octets.direction.reverse()) {
            return;
        }
        self.open.retain(|stream| *stream != header.stream);
        if self.is_of_upgrade(octets.direction, header) {
            self.upgraded = None;
        }
    }

    /// Octets of a frame are here.
    fn touches(&mut self, octets: &Octets, header: &FrameHeader, outcome: &mut Outcome) {
        let step = step(header.frame_type, header.flags);
        outcome.steps.push(step);
        if header.frame_type != FrameType::PING {
            let is_traffic = matches!(header.frame_type, FrameType::DATA | FrameType::HEADERS);
            self.heartbeats.other(octets.time, is_traffic);
        }
        // A segment with a PING that measures is not kept alive by another one.
        outcome.beyond_heartbeats |= !self.side(octets.direction).keep_alive;
        if self.is_of_upgrade(octets.direction, header) {
            if let Some(request) = self.upgraded {
                outcome.messages.push(request.number);
            }
        }
    }

    fn is_of_upgrade(&self, direction: Direction, header: &FrameHeader) -> bool {
        self.upgraded.is_some() && self.client == Some(direction.reverse()) && header.stream == 1
    }

    /// RFC 7540 3.2: the first HEADERS of stream 1 is the response to the upgraded request.
    fn answers_upgrade(&mut self, octets: &Octets, header: &FrameHeader, outcome: &mut Outcome) {
        let is_its_own = self.is_of_upgrade(octets.direction, header) && !self.upgrade_answered;
        let request = match self.upgraded.filter(|_| is_its_own) {
            Some(request) => request,
            None => return,
        };
        self.upgrade_answered = true;
        outcome.request_frame = Some(request.frame);
        outcome.response_time = request.ended.map(|ended| octets.time.saturating_sub(ended));
        outcome.answers(Answered { place: request.place, request_frame: request.frame, response_frame: octets.frame });
    }
}

impl Application for Http2 {
    /// Whether the first octets of a direction are HTTP/2: a preface up to its version, or a server's first SETTINGS.
    fn recognises(octets: &[u8]) -> Recognition {
        recognise(octets)
    }

    fn layer(&self) -> Option<Layer> {
        Some(Layer::Http2)
    }

    fn basis(&self) -> Option<Basis> {
        Some(Basis::HttpMessage)
    }

    fn octets(&mut self, octets: &Octets, outcome: &mut Outcome) {
        let mut position = 0;
        while let Some(rest) = octets.captured.get(position..).filter(|rest| !rest.is_empty()) {
            position = position.saturating_add(self.advance(octets, rest, outcome).max(1));
            if outcome.mistaken {
                return;
            }
        }
        if octets.missing > 0 {
            match self.side(octets.direction).place {
                Place::Payload(header, _) => self.touches(octets, &header, outcome),
                Place::Lost { .. } => outcome.unplaced(true),
                _ if outcome.steps.is_empty() => outcome.unplaced(true),
                _ => {}
            }
            self.gap(octets.direction, Some(octets.missing));
        }
        outcome.client = self.client;
    }

    fn gap(&mut self, direction: Direction, length: Option<u32>) {
        let side = self.side_mut(direction);
        side.place = match (side.place, length) {
            (Place::Payload(header, rest), Some(length)) if length < rest => Place::Payload(header, rest - length),
            (Place::Payload(_, rest), Some(length)) if length == rest => Place::Header(0),
            _ => Place::Lost { after_gap: true },
        };
        if matches!(side.place, Place::Lost { .. }) {
            self.open.clear();
        }
    }

    fn known(&self, direction: Direction) -> Option<Known> {
        let (header, left) = match self.side(direction).place {
            Place::Payload(header, left) => (header, left),
            _ => return None,
        };
        let message = self.upgraded.filter(|_| self.is_of_upgrade(direction, &header)).map(|request| request.number);
        Some(Known { message, ..Known::new(u64::from(left), step(header.frame_type, header.flags)) })
    }

    fn messages(&self) -> Option<u32> {
        Some(self.requests)
    }

    fn is_waiting(&self) -> bool {
        self.upgraded.is_some() || !self.open.is_empty()
    }

    fn remember_place(&mut self, frame: u32, place: u32) {
        self.heartbeats.remember_place(frame, place);
    }
}

fn step(frame_type: FrameType, flags: u8) -> Step {
    match frame_type {
        FrameType::PING if flags & ACK != 0 => Step::Http2PingAck,
        FrameType::PING => Step::Http2Ping,
        FrameType::GOAWAY => Step::Http2GoAway,
        _ => Step::Http2Frames,
    }
}
