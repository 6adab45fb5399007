//! Requests that have not been answered, oldest first (RFC 9112 9.3.2).

use super::method::Method;
use super::persistence::Announced;
use crate::application::Protocol;
use crate::verdict::Time;
use std::collections::VecDeque;

/// More requests on their way than this are counted, but not kept.
pub const OUTSTANDING_MAXIMUM: usize = 128;

/// A request on its way to an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Request {
    /// 1 for the connection's first.
    pub number: u32,
    /// The frame in which it begins.
    pub frame: u32,
    /// Where the caller keeps that frame's verdict.
    pub place: Option<u32>,
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
    /// Adds a request.
    pub fn push(&mut self, number: u32, frame: u32, time: Time) {
        if self.queue.len() >= OUTSTANDING_MAXIMUM || self.dropped > 0 {
            self.dropped = self.dropped.saturating_add(1);
            return;
        }
        self.queue.push_back(Request {
            number,
            frame,
            place: None,
            began: time,
            ended: None,
            method: None,
            announced: None,
            upgrade: None,
        });
    }

    /// Takes back the newest request.
    pub fn withdraw(&mut self, number: u32) {
        if self.dropped > 0 {
            self.dropped -= 1;
        } else if self.queue.back().map_or(false, |request| request.number == number) {
            self.queue.pop_back();
        }
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

    /// The requests up to this number are not waited for any longer. Returns how many there were.
    pub fn forget(&mut self, number: u32) -> usize {
        let before = self.queue.len();
        self.queue.retain(|request| request.number > number);
        before - self.queue.len()
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
