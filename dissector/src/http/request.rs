//! Requests that have not been answered, oldest first (RFC 9112 9.3.2).

use super::method::Method;
use super::persistence::Announced;
use crate::application::{Octets, Protocol};
use crate::tcp::SequenceNumber;
use crate::verdict::Time;
use std::collections::VecDeque;

/// More requests on their way than this are counted, but not kept.
pub const OUTSTANDING_MAXIMUM: usize = 128;
/// Responses whose requests may come later.
const AHEAD_MAXIMUM: usize = 16;

/// A request on its way to an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Request {
    /// 1 for the connection's first.
    pub number: u32,
    /// The frame in which it begins.
    pub frame: u32,
    /// Where the caller keeps that frame's verdict.
    pub place: Option<u32>,
    /// The number of the server's next octet, as its first segment acknowledges it.
    pub asked_at: Option<SequenceNumber>,
    /// The same of its last segment: interim responses may have come meanwhile.
    pub ended_at: Option<SequenceNumber>,
    /// It did not wait for the answer to the one before.
    pub pipelined: bool,
    /// When its first octet went.
    pub began: Time,
    /// When its last octet went; none while it goes on, or where its end was not captured.
    pub ended: Option<Time>,
    /// Its method, once known.
    pub method: Option<Method>,
    /// What it announced, once known.
    pub announced: Option<Announced>,
    /// What it asks to switch to.
    pub upgrade: Option<Protocol>,
}

/// The queue.
#[derive(Clone, Debug, Default)]
pub struct Outstanding {
    queue: VecDeque<Request>,
    /// Requests behind the queue that were not kept.
    dropped: u32,
}

impl Outstanding {
    /// Adds a request. `heard`: the server has spoken since the one before, as far as anybody can tell without numbers.
    pub fn push(&mut self, number: u32, octets: &Octets, asked_at: Option<SequenceNumber>, heard: bool) {
        let pipelined = self.queue.back().map_or(false, |last| match (last.asked_at, asked_at) {
            (Some(before), Some(now)) => before == now,
            _ => !heard,
        });
        if self.queue.len() >= OUTSTANDING_MAXIMUM || self.dropped > 0 {
            self.dropped = self.dropped.saturating_add(1);
            return;
        }
        self.queue.push_back(Request {
            number,
            frame: octets.frame,
            place: None,
            asked_at,
            ended_at: None,
            pipelined,
            began: octets.time,
            ended: None,
            method: None,
            announced: None,
            upgrade: None,
        });
    }

    /// Takes back the newest request. Whether it was there.
    pub fn withdraw(&mut self, number: u32) -> bool {
        if self.dropped > 0 {
            self.dropped -= 1;
            return true;
        }
        let is_there = self.queue.back().map_or(false, |request| request.number == number);
        if is_there {
            self.queue.pop_back();
        }
        is_there
    }

    /// The request that the next response answers.
    pub fn front(&self) -> Option<&Request> {
        self.queue.front()
    }

    /// The request with this number, if it is the newest and not answered yet.
    pub fn newest_mut(&mut self, number: u32) -> Option<&mut Request> {
        self.queue.back_mut().filter(|request| request.number == number)
    }

    /// The request with this number is answered.
    pub fn answer(&mut self, number: u32) -> Option<Request> {
        let front = self.queue.front().filter(|request| request.number == number)?;
        let answered = *front;
        self.queue.pop_front();
        Some(answered)
    }

    /// The number of the first request that was sent, or ended, when the server's next octet had this number.
    pub fn asked_at(&self, number: SequenceNumber) -> Option<u32> {
        let is_it = |request: &&Request| [request.asked_at, request.ended_at].contains(&Some(number));
        self.queue.iter().find(is_it).map(|request| request.number)
    }

    /// The requests before this number are not waited for any longer. Returns whether that is a guess: one of them did not
    /// wait for the answer to another.
    pub fn forget_before(&mut self, number: u32) -> bool {
        let guess = self.queue.iter().any(|request| request.number < number && request.pipelined);
        self.queue.retain(|request| request.number >= number);
        guess
    }

    /// Nobody is waited for any longer.
    pub fn give_up(&mut self) {
        *self = Outstanding::default();
    }

    /// Whether requests were not kept.
    pub fn has_dropped(&self) -> bool {
        self.dropped > 0
    }

    /// Whether nobody waits.
    pub fn is_empty(&self) -> bool {
        self.queue.is_empty() && self.dropped == 0
    }

    /// Every request that is kept.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = &mut Request> {
        self.queue.iter_mut()
    }

    /// Every request that is kept.
    pub fn iter(&self) -> impl Iterator<Item = &Request> {
        self.queue.iter()
    }
}

/// Responses whose requests have not come: what each acknowledges, and its number. Oldest first.
#[derive(Clone, Debug, Default)]
pub struct Ahead(Vec<(SequenceNumber, u32)>);

impl Ahead {
    /// Adds a response.
    pub fn push(&mut self, acknowledgement: SequenceNumber, number: u32) {
        if self.0.len() == AHEAD_MAXIMUM {
            self.0.remove(0);
        }
        self.0.push((acknowledgement, number));
    }

    /// Whether all requests have come.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// A request begins here: the number of the response to it, if that came before. What was lost before it is over.
    pub fn takes(&mut self, begin: SequenceNumber) -> Option<u32> {
        let others = self.0.iter().take_while(|response| !response.0.is_after(begin)).count();
        let number = self.0.get(others).map(|response| response.1);
        self.0.drain(..self.0.len().min(others + 1));
        number
    }
}
