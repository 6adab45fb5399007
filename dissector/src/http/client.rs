//! Requests (RFC 9112 3).

use super::body::Body;
use super::framing::{body_length, BodyLength};
use super::method::Method;
use super::parser::{is_token_octet, is_white_space, request_line, StartLine};
use super::persistence::{allowed, announced};
use super::recognition::request;
use super::request::Request;
use super::side::Place;
use super::state::{Http, Reading};
use crate::application::{Octets, Outcome, Recognition};
use crate::connection::Direction;
use crate::verdict::{Step, Time};

impl Http {
    pub(super) fn request_begins(&mut self, octets: &Octets) {
        let begin = self.side(octets.direction).begin;
        if let Some(number) = begin.and_then(|begin| self.ahead.takes(begin)) {
            // Captured late: it is answered already.
            self.side_mut(octets.direction).message = Some(number);
            return;
        }
        let number = self.messages.saturating_add(1);
        self.messages = number;
        self.side_mut(octets.direction).message = Some(number);
        let asked_at = self.numbers.and_then(|numbers| numbers.acknowledgement);
        let server = self.side(octets.direction.reverse()).place;
        let heard = matches!(server, Place::Lost(lost) if lost.spoke);
        self.outstanding.push(number, octets, asked_at, heard);
    }

    pub(super) fn request_head(&mut self, reading: Reading, outcome: &mut Outcome) -> usize {
        let direction = reading.octets.direction;
        let side = self.side_mut(direction);
        let (whole, taken) = side.line.take(reading.rest());
        match (side.place, whole) {
            (Place::StartLine, None) => {
                self.request_line_goes_on(reading, outcome);
            }
            (Place::StartLine, Some(whole)) => match request_line(&whole.octets) {
                Ok(_) if !self.has_asked && request(&whole.octets) != Recognition::Yes => {
                    self.is_no_request(direction, outcome);
                }
                Ok((_, start)) => self.request_line_ends(reading, start, outcome),
                Err(_) => self.is_no_request(direction, outcome),
            },
            (_, Some(whole)) if whole.octets.is_empty() => {
                self.touches_request(reading.octets, outcome);
                self.request_head_ends(reading.octets, outcome);
            }
            (_, whole) => {
                if let Some(whole) = whole {
                    side.fields.line(&whole.octets, whole.overlong);
                }
                self.touches_request(reading.octets, outcome);
            }
        }
        taken
    }

    fn request_line_goes_on(&mut self, reading: Reading, outcome: &mut Outcome) {
        let direction = reading.octets.direction;
        let line = self.side(direction).line.partial();
        let token_end = line.iter().position(|&octet| !is_token_octet(octet)).unwrap_or(line.len());
        let (token, rest) = line.split_at(token_end);
        // On a connection that speaks HTTP any token may be a method, unless the octets may as well be of a body.
        let possible = match rest.first() {
            _ if !self.has_asked => request(line) != Recognition::No,
            Some(&octet) if is_white_space(octet) => !token.is_empty(),
            Some(_) => false,
            None => true,
        };
        let method = rest.first().map(|_| Method::from_token(token));
        if !possible {
            self.is_no_request(direction, outcome);
            return;
        }
        self.touches_request(reading.octets, outcome);
        note_method(method, outcome);
    }

    fn request_line_ends(&mut self, reading: Reading, start: StartLine, outcome: &mut Outcome) {
        let direction = reading.octets.direction;
        self.is_certain = true;
        self.has_asked = true;
        self.asks_again(direction);
        let side = self.side_mut(direction);
        (side.start, side.place) = (Some(start), Place::FieldSection);
        if let StartLine::Request { method, .. } = start {
            if let Some(request) = self.current_request(direction) {
                request.method = Some(method);
            } else if let Some(number) = self.side(direction).message {
                self.knows_method(direction.reverse(), number, method);
            }
        }
        self.touches_request(reading.octets, outcome);
    }

    fn is_no_request(&mut self, direction: Direction, outcome: &mut Outcome) {
        if let Some(number) = self.side(direction).message {
            let is_new = self.outstanding.withdraw(number);
            self.messages = self.messages.saturating_sub(u32::from(is_new));
        }
        self.makes_no_sense(direction, outcome);
    }

    fn touches_request(&mut self, octets: &Octets, outcome: &mut Outcome) {
        let side = self.side_mut(octets.direction);
        side.end_of_head = Some((octets.frame, octets.time));
        outcome.steps.push(Step::HttpRequest);
        if let Some(message) = side.message {
            outcome.messages.push(message);
        }
        outcome.begins_request |= side.frame == octets.frame;
        if let Some(StartLine::Request { method, .. }) = side.start {
            note_method(Some(method), outcome);
        }
    }

    fn request_head_ends(&mut self, octets: &Octets, outcome: &mut Outcome) {
        let direction = octets.direction;
        let (fields, start) = (self.side(direction).fields, self.side(direction).start);
        let (start, version) = match start {
            Some(start @ StartLine::Request { version, .. }) => (start, version),
            _ => return self.makes_no_sense(direction, outcome),
        };
        let announced = announced(version, &fields);
        outcome.persistence = Some(allowed(announced));
        if let Some(request) = self.current_request(direction) {
            request.announced = Some(announced);
            request.upgrade = fields.upgrade;
        }
        let (length, framing) = body_length(start, &fields, None);
        outcome.framing = outcome.framing.or(framing);
        match Body::begin(length) {
            Some(body) => self.side_mut(direction).place = Place::Body(body),
            None if length == BodyLength::Unknown => self.loses(direction, false, true),
            None => self.request_completes(direction, Some(octets.time)),
        }
    }

    /// The last octet of a request. The time is not known where that octet was not captured.
    pub(super) fn request_completes(&mut self, direction: Direction, time: Option<Time>) {
        let ended_at = self.numbers.and_then(|numbers| numbers.acknowledgement);
        let connects = self.current_request(direction).map_or(false, |request| {
            (request.ended, request.ended_at) = (time, ended_at);
            request.method == Some(Method::CONNECT)
        });
        let side = self.side_mut(direction);
        side.place = if connects { Place::Suspended { skipped: false } } else { Place::Between };
    }

    /// The request that goes on, unless it is answered already.
    fn current_request(&mut self, direction: Direction) -> Option<&mut Request> {
        let number = self.side(direction).message?;
        self.outstanding.newest_mut(number)
    }
}

/// The label names the first head of a segment.
fn note_method(method: Option<Method>, outcome: &mut Outcome) {
    if outcome.status.is_none() {
        outcome.method = outcome.method.or(method);
    }
}
