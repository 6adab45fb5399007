//! One connection's messages: two sides, each with its place, and the requests that wait for an answer.

use super::body::{Body, Progress};
use super::parser::StartLine;
use super::recognition;
use super::request::{Ahead, Outstanding, Request};
use super::server::REQUEST_TIMEOUT;
use super::side::{Place, Side};
use crate::application::{Application, Known, Numbers, Octets, Outcome, Recognition, Rest};
use crate::connection::Direction;
use crate::tcp::SequenceNumber;
use crate::verdict::{Basis, Duration, HttpUnfinished, Step, Time, SECOND};

/// Clocks and schedulers blur "about a round trip" by this much.
const RACE_SLACK: Duration = SECOND / 100;
/// Taken for a round trip where none was measured.
const RACE_ROUND_TRIP: Duration = SECOND / 5;

/// Octets of one segment, and how far they have been read.
#[derive(Clone, Copy)]
pub(super) struct Reading<'a> {
    pub octets: &'a Octets<'a>,
    pub position: usize,
}

impl<'a> Reading<'a> {
    /// What has not been read.
    pub fn rest(&self) -> &'a [u8] {
        self.octets.captured.get(self.position..).unwrap_or(&[])
    }
}

/// One connection, both directions.
#[derive(Clone, Debug)]
pub struct Http {
    pub(super) sides: [Side; 2],
    pub(super) client: Option<Direction>,
    pub(super) outstanding: Outstanding,
    /// Requests so far, those that were not captured included where their responses were.
    pub(super) messages: u32,
    /// A request was seen.
    pub(super) has_asked: bool,
    /// A start line was read.
    pub(super) is_certain: bool,
    /// The segment at hand acknowledges octets of the other side that were not captured.
    pub(super) answers_unseen: bool,
    /// Where the octets at hand stand, and whether they acknowledge more than the ones before of their direction.
    pub(super) numbers: Option<Numbers>,
    pub(super) acknowledges_more: bool,
    /// The beginning was not captured: requests may have gone before.
    midway: bool,
    /// The client begins with what may be a request of a method that is not known here.
    pub(super) asks_otherwise: bool,
    /// Responses whose requests have not come.
    pub(super) ahead: Ahead,
    in_place_of_tls: bool,
    pub(super) upgraded: Option<Request>,
}

impl Default for Http {
    fn default() -> Http {
        Http::new()
    }
}

impl Http {
    /// Nothing is known yet.
    pub fn new() -> Http {
        Http {
            sides: [Side::new(), Side::new()],
            client: None,
            outstanding: Outstanding::default(),
            messages: 0,
            has_asked: false,
            is_certain: false,
            answers_unseen: false,
            numbers: None,
            acknowledges_more: false,
            midway: false,
            asks_otherwise: false,
            ahead: Ahead::default(),
            in_place_of_tls: false,
            upgraded: None,
        }
    }

    /// Requests may have gone before the capture began.
    pub fn begins_midway(&mut self) {
        self.midway = true;
    }

    /// Whether requests may have gone before the capture began.
    pub(super) fn is_midway(&self) -> bool {
        self.midway
    }

    /// What answers a TLS handshake, which has failed so.
    pub fn in_place_of_tls() -> Http {
        Http { in_place_of_tls: true, ..Http::new() }
    }

    /// Whether it answers a TLS handshake.
    pub fn is_in_place_of_tls(&self) -> bool {
        self.in_place_of_tls
    }

    /// Whether octets begin with a whole request-line, though its method may not be known.
    pub fn asks(octets: &[u8]) -> bool {
        recognition::any_request(octets)
    }

    /// Who asks, by the first octets of a direction: as many as were recognised.
    pub fn knows_client(&mut self, direction: Direction, first: &[u8]) {
        if self.client.is_none() {
            self.client = match recognition::response(recognition::without_empty_lines(first)) {
                Recognition::No => Some(direction),
                _ => Some(direction.reverse()),
            };
        }
    }

    /// Reads what was captured of them.
    pub(super) fn reads(&mut self, octets: &Octets, outcome: &mut Outcome) {
        let mut reading = Reading { octets, position: 0 };
        while !reading.rest().is_empty() && outcome.switch.is_none() && !outcome.mistaken {
            let taken = self.advance(reading, outcome);
            reading.position = reading.position.saturating_add(taken.max(1));
        }
    }

    /// Whether the segment that comes next answers octets that have not come.
    pub fn answers_unseen(&mut self, unseen: bool) {
        self.answers_unseen = unseen;
    }

    /// What this side's FIN or RST leaves unfinished: the message that it breaks off, or the request that it answers so.
    fn unfinished(&self, direction: Direction, by_reset: bool) -> Option<(HttpUnfinished, u32, Option<u64>)> {
        let client = self.client?;
        let cut = |side: Direction, what: HttpUnfinished| {
            let side = self.side(side);
            let missing = match side.place {
                _ if side.may_be_bodiless => return None,
                Place::Body(Body::Counted(missing)) => Some(missing),
                Place::Body(Body::UntilClose) => return None,
                Place::Body(_) => None,
                _ => return None,
            };
            side.message.map(|message| (what, message, missing))
        };
        if direction == client {
            let abandons = || cut(client.reverse(), HttpUnfinished::AbandonedResponse).filter(|_| by_reset);
            // After an error response the rest of a request is not wanted.
            let waits = |message: u32| self.outstanding.iter().any(|request| request.number == message);
            let cut_request = cut(client, HttpUnfinished::CutRequest).filter(|&(_, message, _)| waits(message));
            return cut_request.or_else(abandons);
        }
        let unanswered = || {
            let waits = self.side(direction).place == Place::Between;
            let request = self.outstanding.front().filter(|request| waits && request.ended.is_some())?;
            Some((HttpUnfinished::Unanswered, request.number, None))
        };
        cut(direction, HttpUnfinished::CutResponse).or_else(unanswered)
    }

    /// The first frame of a request that crossed the server's FIN and is answered by an RST `by` this side: it left
    /// within about a round trip of the FIN and nobody has begun to answer it.
    pub fn race(&self, by: Direction, round_trip: Option<Duration>) -> Option<u32> {
        let fin = self.side(by).fin.filter(|_| self.client == Some(by.reverse()))?;
        let within = round_trip.unwrap_or(RACE_ROUND_TRIP).saturating_add(RACE_SLACK);
        let crossing = |request: &&Request| request.began.saturating_sub(fin).saturating_abs() <= within;
        self.outstanding.iter().find(crossing).map(|request| request.frame)
    }

    /// Whether the response that ends HTTP agrees on extensions of WebSocket (RFC 6455 9.1).
    pub fn agrees_on_extensions(&self) -> bool {
        self.sides.iter().any(|side| side.fields.extensions && matches!(side.start, Some(StartLine::Response { .. })))
    }

    /// Whether the response that ends HTTP chooses MQTT within WebSocket (RFC 6455 4.2.2).
    pub fn agrees_on_mqtt(&self) -> bool {
        self.sides.iter().any(|side| side.fields.carries_mqtt && matches!(side.start, Some(StartLine::Response { .. })))
    }

    /// The request that an upgrade has answered.
    pub fn upgraded(&self) -> Option<Request> {
        self.upgraded
    }

    pub(super) fn side(&self, direction: Direction) -> &Side {
        &self.sides[direction as usize]
    }

    pub(super) fn side_mut(&mut self, direction: Direction) -> &mut Side {
        &mut self.sides[direction as usize]
    }

    pub(super) fn is_client(&self, direction: Direction) -> bool {
        self.client == Some(direction)
    }

    /// Reads as much as belongs together. Returns how much that is.
    fn advance(&mut self, reading: Reading, outcome: &mut Outcome) -> usize {
        let direction = reading.octets.direction;
        let rest = reading.rest();
        if let Place::Lost(lost) = self.side(direction).place {
            if reading.position > 0 || !self.is_found(direction, lost, rest, outcome) {
                self.stays_lost(reading.octets, lost, outcome);
                return rest.len();
            }
        }
        if self.side(direction).may_be_bodiless && self.is_body_in_doubt(reading, outcome) {
            return rest.len();
        }
        match self.side(direction).place {
            Place::Between => self.begins(reading, outcome),
            Place::StartLine | Place::FieldSection => self.head(reading, outcome),
            Place::Body(body) => self.body(reading, body, outcome),
            Place::Suspended { .. } => {
                self.side_mut(direction).place = Place::Suspended { skipped: true };
                outcome.unplaced(false);
                rest.len()
            }
            Place::Lost(_) | Place::Ended => {
                outcome.unplaced(false);
                rest.len()
            }
        }
    }

    /// The first octets behind a complete message.
    fn begins(&mut self, reading: Reading, outcome: &mut Outcome) -> usize {
        let direction = reading.octets.direction;
        let rest = reading.rest();
        let empty_lines = rest.len() - recognition::without_empty_lines(rest).len();
        if empty_lines == rest.len() {
            if outcome.steps.is_empty() {
                outcome.unplaced(false);
            }
            return empty_lines;
        }
        let reading = Reading { position: reading.position + empty_lines, ..reading };
        self.knows_client(direction, reading.rest());
        self.side_mut(direction).begins(reading.octets);
        self.side_mut(direction).begin = self.numbers.map(|numbers| numbers.begin.plus(reading.position as u32));
        if self.is_client(direction) {
            self.request_begins(reading.octets);
        } else {
            self.response_begins(direction, outcome);
        }
        empty_lines + self.head(reading, outcome)
    }

    /// A line of a head, or what is there of it.
    fn head(&mut self, reading: Reading, outcome: &mut Outcome) -> usize {
        if self.is_client(reading.octets.direction) {
            self.request_head(reading, outcome)
        } else {
            self.response_head(reading, outcome)
        }
    }

    fn body(&mut self, reading: Reading, mut body: Body, outcome: &mut Outcome) -> usize {
        let direction = reading.octets.direction;
        self.touches_body(direction, reading.octets, outcome);
        let (progress, taken) = body.take(reading.rest(), &mut self.side_mut(direction).line);
        self.side_mut(direction).place = Place::Body(body);
        match progress {
            Progress::More => {}
            Progress::Complete => self.completes(direction, Some(reading.octets.time)),
            Progress::Broken => self.loses(direction, false, true),
        }
        taken
    }

    /// How many octets of a direction are certainly of the body that goes on, their step, and the message's number.
    fn rest_of_body(&self, direction: Direction) -> (u64, Step, Option<u32>) {
        let side = self.side(direction);
        let octets = match side.place {
            Place::Body(body) if !side.may_be_bodiless => body.rest(),
            _ => 0,
        };
        (octets, self.body_step(direction), side.message)
    }

    /// Whether a message begins with octets before which some are missing: their sender has acknowledged more since, and
    /// no body reaches so far.
    pub fn begins_behind(
        &self,
        direction: Direction,
        missing: u32,
        octets: &[u8],
        acknowledgement: Option<SequenceNumber>,
    ) -> bool {
        let side = self.side(direction);
        let reaches = matches!(side.place, Place::Body(body) if body.rest() > u64::from(missing));
        !reaches
            && is_later(side.acknowledged, acknowledgement)
            && self.begins_message(direction, octets) == Recognition::Yes
    }

    fn body_step(&self, direction: Direction) -> Step {
        if self.is_client(direction) {
            Step::HttpRequestBody
        } else {
            Step::HttpResponseBody
        }
    }

    /// Octets of a body: no step of their own in the segment in which the head ends.
    pub(super) fn touches_body(&mut self, direction: Direction, octets: &Octets, outcome: &mut Outcome) {
        let side = self.side(direction);
        if let Some(message) = side.message {
            outcome.messages.push(message);
        }
        outcome.times_out |= matches!(side.start, Some(StartLine::Response { status: REQUEST_TIMEOUT, .. }));
        if side.end_of_head != Some((octets.frame, octets.time)) {
            outcome.steps.push(self.body_step(direction));
        }
    }

    pub(super) fn completes(&mut self, direction: Direction, time: Option<Time>) {
        if self.is_client(direction) {
            self.request_completes(direction, time);
        } else {
            self.response_completes(direction);
        }
    }
}

impl Application for Http {
    /// Whether the first octets of a direction are HTTP/1.x: from the end of a known method, or of the version.
    fn recognises(octets: &[u8]) -> Recognition {
        recognition::recognise(octets)
    }

    fn basis(&self) -> Option<Basis> {
        Some(Basis::HttpMessage)
    }

    fn octets(&mut self, octets: &Octets, outcome: &mut Outcome) {
        outcome.beyond_heartbeats = true;
        let now = self.numbers.and_then(|numbers| numbers.acknowledgement);
        let before = std::mem::replace(&mut self.side_mut(octets.direction).acknowledged, now);
        self.acknowledges_more = is_later(before, now);
        self.reads(octets, outcome);
        if octets.missing > 0 && outcome.switch.is_none() && !outcome.mistaken {
            self.misses(octets, outcome);
        }
        outcome.client = self.client;
    }

    fn stands(&mut self, numbers: Numbers) {
        self.numbers = Some(numbers);
    }

    fn gap(&mut self, direction: Direction, length: Option<u32>) {
        self.skips(direction, length.map(u64::from), None);
    }

    /// A FIN or an RST: nothing more comes from that side. It completes a body that ends with the connection.
    fn ends(&mut self, direction: Direction, by_reset: bool, time: Time, outcome: &mut Outcome) {
        outcome.unfinished = self.unfinished(direction, by_reset);
        if let Place::Body(Body::UntilClose) = self.side(direction).place {
            self.completes(direction, Some(time));
        }
        if by_reset {
            self.side_mut(direction.reverse()).place = Place::Ended;
        } else {
            self.side_mut(direction).fin.get_or_insert(time);
        }
        self.side_mut(direction).place = Place::Ended;
        outcome.client = self.client;
    }

    /// What octets of the body that goes on are. One that ends with the connection has no length.
    fn known(&self, direction: Direction) -> Option<Known> {
        let side = self.side(direction);
        let in_part = match side.place {
            _ if side.may_be_bodiless => return None,
            Place::Body(Body::Counted(_)) => false,
            Place::Body(Body::ChunkData(_)) => true,
            _ => return None,
        };
        let (octets, step, message) = self.rest_of_body(direction);
        Some(Known { message, in_part, ..Known::new(octets, step) })
    }

    fn rest(&self, direction: Direction) -> Rest {
        let (octets, step, message) = self.rest_of_body(direction);
        Rest { octets, step: Some(step), message }
    }

    /// Whether a request waits for its response, or for the rest of it.
    fn is_waiting(&self) -> bool {
        let answering = self.client.map_or(false, |client| {
            let server = self.side(client.reverse());
            matches!(server.place, Place::StartLine | Place::FieldSection | Place::Body(_))
        });
        answering || !self.outstanding.is_empty()
    }

    fn messages(&self) -> Option<u32> {
        Some(self.messages)
    }

    fn remember_place(&mut self, frame: u32, place: u32) {
        for request in self.outstanding.iter_mut().filter(|request| request.frame == frame) {
            request.place = Some(place);
        }
    }

    fn passes(&mut self, direction: Direction, octets: u64, _time: Time) {
        if let Place::Body(body) = &mut self.side_mut(direction).place {
            body.skip(octets);
        }
    }
}

/// Whether an acknowledgement is beyond an earlier one.
pub(super) fn is_later(before: Option<SequenceNumber>, now: Option<SequenceNumber>) -> bool {
    matches!((before, now), (Some(before), Some(now)) if now.is_after(before))
}
