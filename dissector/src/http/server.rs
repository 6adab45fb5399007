//! Responses (RFC 9112 4).

use super::body::Body;
use super::framing::{body_length, BodyLength};
use super::method::Method;
use super::parser::{status_line, StartLine};
use super::persistence::{agreed, announced};
use super::recognition::{response, status};
use super::request::Request;
use super::side::{Place, Side};
use super::state::{Http, Reading};
use crate::application::{Answered, Octets, Outcome, Protocol, Recognition, Switch};
use crate::connection::Direction;
use crate::verdict::{elapsed, Step, SECOND};

/// The server has waited for a request for long enough (RFC 9110 15.5.9).
pub(super) const REQUEST_TIMEOUT: u16 = 408;
/// A status-line has its code within so many octets, or nobody takes it for one.
const STATUS_MAXIMUM: usize = 40;

impl Http {
    /// First in, first out (RFC 9112 9.3.2).
    pub(super) fn response_begins(&mut self, direction: Direction, outcome: &mut Outcome) {
        let asked = self.outstanding.front().copied();
        let side = self.side_mut(direction);
        side.message = asked.map(|request| request.number);
        side.request_ended = asked.and_then(|request| request.ended);
        if outcome.request_frame.is_none() && outcome.status.is_none() {
            outcome.request_frame = asked.map(|request| request.frame);
        }
    }

    pub(super) fn response_head(&mut self, reading: Reading, outcome: &mut Outcome) -> usize {
        let direction = reading.octets.direction;
        let side = self.side_mut(direction);
        let (whole, taken) = side.line.take(reading.rest());
        match (side.place, whole) {
            (Place::StartLine, None) => match response(side.line.partial()) {
                Recognition::No => self.is_no_response(direction, outcome),
                _ => {
                    let start = status_line(side.line.partial()).ok().map(|(_, start)| start);
                    self.knows_status(reading.octets, start, outcome);
                }
            },
            (Place::StartLine, Some(whole)) => match status_line(&whole.octets) {
                Ok((_, start)) if response(&whole.octets) == Recognition::Yes => {
                    side.place = Place::FieldSection;
                    self.knows_status(reading.octets, Some(start), outcome);
                }
                _ => self.is_no_response(direction, outcome),
            },
            (_, Some(whole)) if whole.octets.is_empty() => {
                self.touches_response(reading.octets, outcome);
                self.response_head_ends(reading, taken, outcome);
            }
            (_, whole) => {
                if let Some(whole) = whole {
                    side.fields.line(&whole.octets, whole.overlong);
                }
                self.touches_response(reading.octets, outcome);
            }
        }
        taken
    }

    fn is_no_response(&mut self, direction: Direction, outcome: &mut Outcome) {
        outcome.request_frame = None;
        self.makes_no_sense(direction, outcome);
    }

    /// The status line, as far as it is there.
    fn knows_status(&mut self, octets: &Octets, start: Option<StartLine>, outcome: &mut Outcome) {
        let first_time = self.side(octets.direction).start.is_none();
        self.side_mut(octets.direction).start = start;
        if let Some(StartLine::Response { status, .. }) = start.filter(|_| first_time) {
            self.is_certain = true;
            if self.side(octets.direction).message.is_none() && !self.takes_number(octets.direction, status, outcome) {
                return self.makes_no_sense(octets.direction, outcome);
            }
            if is_final(status) {
                self.answers(octets.direction, outcome);
            }
        }
        self.touches_response(octets, outcome);
    }

    /// A response that nobody is known to have asked for. It counts if its request was not captured, and nothing else has
    /// answered that. False where requests were too many to keep: whose answer it is, nobody knows.
    fn takes_number(&mut self, direction: Direction, status: u16, outcome: &mut Outcome) -> bool {
        if self.outstanding.has_dropped() {
            self.outstanding.give_up();
            return false;
        }
        let is_client_lost = matches!(self.side(direction.reverse()).place, Place::Lost(_));
        let is_ahead = self.answers_unseen && !is_client_lost;
        if status != REQUEST_TIMEOUT && !self.answers_unknown(direction) {
            outcome.inferred = true;
        } else if status != REQUEST_TIMEOUT {
            let number = self.messages.saturating_add(1);
            self.side_mut(direction).message = Some(number);
            if is_final(status) {
                self.messages = number;
                if let Some(acknowledgement) = self.side(direction).acknowledged.filter(|_| is_ahead) {
                    self.ahead.push(acknowledgement, number);
                }
            }
        }
        true
    }

    /// Whether a response may answer a request that is not known: since the one before it the server has acknowledged octets
    /// that were not captured, or in which a request is not found.
    fn answers_unknown(&self, direction: Direction) -> bool {
        let hides = match self.side(direction.reverse()).place {
            Place::Lost(lost) => lost.after_gap || lost.in_body || self.asks_otherwise,
            _ => false,
        };
        let Side { answered, acknowledged, .. } = self.side(direction);
        let answered = answered.is_some() && answered == acknowledged;
        match self.has_asked {
            true => (hides || self.answers_unseen) && !answered,
            false => self.is_midway() || self.answers_unseen || hides && !answered,
        }
    }

    /// The first octet of a final response answers its request.
    fn answers(&mut self, direction: Direction, outcome: &mut Outcome) {
        let side = self.side_mut(direction);
        if side.message.is_some() {
            side.answered = side.acknowledged;
        }
        let side = self.side(direction);
        let request = match self.outstanding.front().filter(|request| Some(request.number) == side.message) {
            Some(request) => request,
            None => return,
        };
        if outcome.response_time.is_none() {
            outcome.response_time = side.request_ended.and_then(|ended| elapsed(ended, side.began));
        }
        outcome.answers(Answered { place: request.place, request_frame: request.frame, response_frame: side.frame });
    }

    fn touches_response(&mut self, octets: &Octets, outcome: &mut Outcome) {
        let asked = self.asked(octets.direction);
        let side = self.side_mut(octets.direction);
        side.end_of_head = Some((octets.frame, octets.time));
        if let Some(message) = side.message {
            outcome.messages.push(message);
        }
        let status = match side.start {
            Some(StartLine::Response { status, .. }) => Some(status),
            _ => None,
        };
        outcome.times_out |= status == Some(REQUEST_TIMEOUT);
        outcome.steps.push(status.map_or(Step::HttpResponse, |status| step(status, asked)));
        if outcome.method.is_none() {
            outcome.status = outcome.status.or(status);
        }
    }

    /// The method of the request that this response answers.
    fn asked(&self, direction: Direction) -> Option<Method> {
        let number = self.side(direction).message?;
        self.outstanding.front().filter(|request| request.number == number)?.method
    }

    fn response_head_ends(&mut self, reading: Reading, taken: usize, outcome: &mut Outcome) {
        let direction = reading.octets.direction;
        let start = self.side(direction).start;
        let status = match start {
            Some(StartLine::Response { status, .. }) => status,
            _ => return self.makes_no_sense(direction, outcome),
        };
        if !is_final(status) {
            self.side_mut(direction).place = Place::Between;
            return;
        }
        let number = self.side(direction).message;
        let request = number.and_then(|number| self.outstanding.answer(number));
        let offset = reading.position.saturating_add(taken);
        match step(status, request.and_then(|request| request.method)) {
            Step::HttpUpgrade => {
                let upgrade = self.side(direction).fields.upgrade.or(request.and_then(|request| request.upgrade));
                self.upgraded = request;
                self.hands_over(Switch { protocol: upgrade.unwrap_or(Protocol::Other), offset }, outcome);
            }
            Step::HttpTunnel => self.hands_over(Switch { protocol: Protocol::Tunnel, offset }, outcome),
            _ => self.final_head_ends(direction, request, outcome),
        }
    }

    fn hands_over(&mut self, switch: Switch, outcome: &mut Outcome) {
        outcome.switch = Some(switch);
        for side in &mut self.sides {
            side.place = Place::Ended;
        }
    }

    fn final_head_ends(&mut self, direction: Direction, request: Option<Request>, outcome: &mut Outcome) {
        let (fields, start) = (self.side(direction).fields, self.side(direction).start);
        let (start, version) = match start {
            Some(start @ StartLine::Response { version, .. }) => (start, version),
            _ => return,
        };
        self.resumes_client(direction.reverse());
        let method = request.and_then(|request| request.method);
        let (length, framing) = body_length(start, &fields, method);
        let client = request.and_then(|request| request.announced);
        let server = announced(version, &fields);
        let until_close = length == BodyLength::UntilClose;
        outcome.timeout = fields.timeout.map(|seconds| i64::from(seconds) * SECOND).or(outcome.timeout);
        outcome.persistence = Some(agreed(client, server, fields.keep_alive, until_close));
        outcome.framing = outcome.framing.or(framing);
        match Body::begin(length) {
            Some(body) => {
                let side = self.side_mut(direction);
                side.place = Place::Body(body);
                side.may_be_bodiless = method.is_none();
            }
            None if length == BodyLength::Unknown => self.loses(direction, false, true),
            None => self.response_completes(direction),
        }
    }

    /// No tunnel opens: what follows the CONNECT is HTTP again.
    fn resumes_client(&mut self, client: Direction) {
        match self.side(client).place {
            Place::Suspended { skipped: false } => self.side_mut(client).place = Place::Between,
            Place::Suspended { skipped: true } => self.loses(client, false, false),
            _ => {}
        }
    }

    /// Where a body would begin whose request was not captured, a status line shows that it was a HEAD (RFC 9112 6.3).
    /// Whether these octets do not tell: then they are held, and taken for the body's.
    pub(super) fn is_body_in_doubt(&mut self, reading: Reading, outcome: &mut Outcome) -> bool {
        let direction = reading.octets.direction;
        let rest = reading.rest();
        let side = self.side_mut(direction);
        let held = side.line.partial();
        let begin: Vec<u8> = held.iter().chain(rest).copied().take(STATUS_MAXIMUM).collect();
        match status(&begin) {
            Recognition::NeedMore if begin.len() < STATUS_MAXIMUM => {
                side.line.take(rest);
                self.touches_body(direction, reading.octets, outcome);
                return true;
            }
            Recognition::Yes => self.has_no_body(direction, reading.octets),
            Recognition::NeedMore | Recognition::No => self.has_body(direction),
        }
        false
    }

    /// A response to a request that is not known has a body after all.
    pub(super) fn has_body(&mut self, direction: Direction) {
        let side = self.side_mut(direction);
        if std::mem::take(&mut side.may_be_bodiless) {
            let (time, frame) = (side.began, side.frame);
            self.reads_held(&Octets { direction, captured: &[], missing: 0, time, frame });
        }
    }

    /// It has none, and what was held begins the next message.
    fn has_no_body(&mut self, direction: Direction, octets: &Octets) {
        self.response_completes(direction);
        self.reads_held(octets);
    }

    fn reads_held(&mut self, octets: &Octets) {
        let held = self.side(octets.direction).line.partial().to_vec();
        self.side_mut(octets.direction).line.clear();
        self.reads(&Octets { captured: &held, missing: 0, ..*octets }, &mut Outcome::default());
    }

    /// A request that is captured behind its response tells the method after all.
    pub(super) fn knows_method(&mut self, server: Direction, number: u32, method: Method) {
        let side = self.side(server);
        if side.message != Some(number) || !side.may_be_bodiless {
            return;
        }
        if method == Method::HEAD {
            let (time, frame) = (side.began, side.frame);
            self.has_no_body(server, &Octets { direction: server, captured: &[], missing: 0, time, frame });
        } else {
            self.has_body(server);
        }
    }

    /// The last octet of a final response.
    pub(super) fn response_completes(&mut self, direction: Direction) {
        let side = self.side_mut(direction);
        (side.place, side.may_be_bodiless) = (Place::Between, false);
        self.is_over(direction.reverse());
    }
}

/// 1xx announce a final response (RFC 9110 15.2); 101 is one, because nothing follows it.
fn is_final(status: u16) -> bool {
    status >= 200 || status == 101
}

fn step(status: u16, asked: Option<Method>) -> Step {
    match status {
        101 => Step::HttpUpgrade,
        100..=199 => Step::HttpInterimResponse,
        200..=299 if asked == Some(Method::CONNECT) => Step::HttpTunnel,
        _ => Step::HttpResponse,
    }
}
