//! Connections that are over and are kept whole for a while.

use crate::verdict::{Duration, Time, SECOND};
use std::collections::VecDeque;

/// Twice the maximum segment lifetime (RFC 9293 3.4.2).
const LINGER: Duration = 240 * SECOND;

/// In the order in which they ended.
#[derive(Debug, Default)]
pub struct Lingering {
    ended: VecDeque<(Time, u32)>,
    /// So long before the first of them ended.
    from: Time,
}

impl Lingering {
    /// A connection has ended.
    pub fn add(&mut self, time: Time, number: u32) {
        self.ended.push_back((time, number));
        self.looks_at_first();
    }

    /// Whether the first of them has lingered long enough. A clock that is as far behind its end has been set: how long
    /// it has lingered is not known, and it must not keep those behind it.
    #[inline(always)] // Every segment comes here.
    pub fn is_due(&self, now: Time) -> bool {
        !self.ended.is_empty() && now.wrapping_sub(self.from) as u64 > 2 * LINGER as u64
    }

    /// Takes the first of them that has lingered long enough.
    pub fn next(&mut self, now: Time) -> Option<u32> {
        if !self.is_due(now) {
            return None;
        }
        let number = self.ended.pop_front().map(|(_, number)| number);
        self.looks_at_first();
        number
    }

    fn looks_at_first(&mut self) {
        self.from = self.ended.front().map_or(0, |&(time, _)| time.wrapping_sub(LINGER));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_are_let_go_in_turn() {
        let mut lingering = Lingering::default();
        lingering.add(0, 1);
        lingering.add(SECOND, 2);
        assert_eq!(lingering.next(LINGER), None);
        assert_eq!((lingering.next(LINGER + 1), lingering.next(LINGER + 1)), (Some(1), None));
        assert_eq!((lingering.next(LINGER + SECOND + 1), lingering.next(Time::MAX)), (Some(2), None));
    }

    #[test]
    fn one_that_ended_in_the_future_keeps_no_other() {
        let mut lingering = Lingering::default();
        for (number, time) in [(1, 0), (2, Time::MAX), (3, Time::MIN), (4, SECOND), (5, 1_000 * SECOND)] {
            lingering.add(time, number);
        }
        let now = LINGER + 2 * SECOND;
        let due: Vec<u32> = std::iter::from_fn(|| lingering.next(now)).collect();
        assert_eq!(due, [1, 2, 3, 4, 5]);
    }
}
