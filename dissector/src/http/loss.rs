//! Octets that were not captured or make no sense: when a place is lost, and what finds it again.

use super::body::{Body, Progress};
use super::recognition;
use super::side::{Lost, Place};
use super::state::Http;
use crate::application::{Octets, Outcome, Recognition};
use crate::connection::Direction;
use crate::verdict::Time;

impl Http {
    /// Octets of this segment that were cut off.
    pub(super) fn misses(&mut self, octets: &Octets, outcome: &mut Outcome) {
        let direction = octets.direction;
        match self.side(direction).place {
            Place::Body(_) => self.touches_body(direction, octets, outcome),
            Place::Lost(lost) => self.stays_lost(octets, lost, outcome),
            _ if outcome.steps.is_empty() => outcome.unplaced(true),
            _ => {}
        }
        self.skips(direction, Some(u64::from(octets.missing)), Some(octets.time));
    }

    pub(super) fn skips(&mut self, direction: Direction, length: Option<u64>, time: Option<Time>) {
        self.has_body(direction);
        match self.side(direction).place {
            Place::Body(mut body) => match (length.and_then(|length| body.skip(length)), body) {
                (Some(Progress::Complete), _) => self.completes(direction, time),
                (Some(_), _) => self.side_mut(direction).place = Place::Body(body),
                (None, Body::UntilClose) => {}
                (None, _) => self.loses(direction, true, false),
            },
            Place::Lost(lost) => {
                self.side_mut(direction).place =
                    Place::Lost(Lost { after_gap: true, in_body: false, spoke: true, ..lost });
            }
            Place::Suspended { .. } => self.side_mut(direction).place = Place::Suspended { skipped: true },
            Place::Ended => {}
            Place::Between | Place::StartLine | Place::FieldSection => self.loses(direction, true, false),
        }
    }

    /// Octets of a direction went of which nothing was captured so far.
    pub fn goes_unseen(&mut self, direction: Direction) {
        self.loses(direction, true, false);
    }

    /// Octets that a direction begins with are no request that is known here, though they were captured. `asks`: they may
    /// be one all the same.
    pub fn begins_otherwise(&mut self, direction: Direction, asks: bool) {
        self.loses(direction, false, false);
        self.asks_otherwise = asks;
    }

    /// Nobody knows any longer where the octets of this direction belong.
    pub(super) fn loses(&mut self, direction: Direction, after_gap: bool, in_body: bool) {
        // A request that has its response and has not come is over.
        let over =
            self.is_client(direction) && !self.ahead.is_empty() && after_gap && self.is_between(direction.reverse());
        let answered = self.messages;
        let side = self.side_mut(direction);
        side.line.clear();
        side.may_be_bodiless = false;
        side.place = Place::Lost(Lost { after_gap, in_body, over, answered, spoke: true });
        if !in_body {
            side.message = None;
        }
        self.speaks_lost(direction);
    }

    /// Whether the last response is over, or has no body as far as is known.
    fn is_between(&self, server: Direction) -> bool {
        let side = self.side(server);
        side.place == Place::Between || side.may_be_bodiless
    }

    pub(super) fn stays_lost(&mut self, octets: &Octets, lost: Lost, outcome: &mut Outcome) {
        if lost.in_body {
            self.touches_body(octets.direction, octets, outcome);
        } else {
            outcome.unplaced(lost.after_gap);
        }
        self.speaks_lost(octets.direction);
    }

    /// Of a lost server nobody sees its responses end; that it speaks at all has to do.
    fn speaks_lost(&mut self, direction: Direction) {
        if !self.is_client(direction) {
            self.is_over(direction.reverse());
        }
        if let Place::Lost(lost) = &mut self.side_mut(direction).place {
            lost.spoke = true;
        }
    }

    /// Whether a lost side begins a new message here.
    pub(super) fn is_found(&mut self, direction: Direction, lost: Lost, octets: &[u8], outcome: &mut Outcome) -> bool {
        if self.begins_message(direction, octets) == Recognition::No {
            return false;
        }
        let found = if self.is_client(direction) {
            lost.over || self.follows_unseen(direction)
        } else {
            self.finds_request(direction, lost, outcome)
        };
        if found {
            self.side_mut(direction).place = Place::Between;
        }
        found
    }

    /// Whether a start line that its side may send begins with these octets.
    pub(super) fn begins_message(&self, direction: Direction, octets: &[u8]) -> Recognition {
        if self.is_client(direction) {
            recognition::request(octets)
        } else {
            recognition::response(octets)
        }
    }

    /// Whether these octets are the first since the other side has sent some that are not known, which they acknowledge.
    fn follows_unseen(&self, direction: Direction) -> bool {
        let unseen = self.answers_unseen || matches!(self.side(direction.reverse()).place, Place::Lost(_));
        self.acknowledges_more && unseen
    }

    /// Whether a lost server answers a request here. One that was sent when this was the server's next octet: its client
    /// has what it has asked for before, unless it does not wait for answers.
    fn finds_request(&mut self, direction: Direction, lost: Lost, outcome: &mut Outcome) -> bool {
        let asked = match self.numbers {
            Some(numbers) if !self.outstanding.has_dropped() => self.outstanding.asked_at(numbers.begin),
            _ if lost.over => Some(lost.answered.saturating_add(1)),
            _ => None,
        };
        match asked {
            Some(number) => outcome.inferred |= self.outstanding.forget_before(number),
            None if self.follows_unseen(direction) => {
                outcome.inferred |= !self.outstanding.is_empty();
                self.outstanding.give_up();
            }
            None => return false,
        }
        true
    }

    /// A request of this client is there: what its server has said before is over.
    pub(super) fn asks_again(&mut self, client: Direction) {
        let number = self.side(client).message;
        if let Place::Lost(lost) = &mut self.side_mut(client.reverse()).place {
            lost.over = true;
            if let (true, Some(number)) = (std::mem::take(&mut lost.spoke), number) {
                lost.answered = number.saturating_sub(1).max(lost.answered);
            }
        }
    }

    /// The other side has shown that a lost message of this one is over.
    pub(super) fn is_over(&mut self, direction: Direction) {
        if let Place::Lost(lost) = &mut self.side_mut(direction).place {
            lost.over = true;
        }
    }

    /// A start line that is none.
    pub(super) fn makes_no_sense(&mut self, direction: Direction, outcome: &mut Outcome) {
        outcome.mistaken |= !self.is_certain;
        self.loses(direction, false, false);
        outcome.unplaced(false);
    }
}
