//! How far a capture has come. A time may be damaged, and then tells nothing of what the others have.

use crate::verdict::{Duration, Time, SECOND};

/// Times of neighbours that are no further apart agree.
const NEAR: Duration = 3 * SECOND;
/// Between neighbours there is seldom as much: it takes several to believe that.
const DAY: Duration = 86_400 * SECOND;
/// So many in a row; also, a time that none of so many after it contradicts is right.
const BELIEVED: u32 = 4;

/// The latest time of a capture, but for damaged ones.
#[derive(Clone, Copy, Debug, Default)]
pub struct Timeline {
    now: Time,
    /// How many times were read.
    read: u32,
    /// Where it was when it was put forward last, and by which one.
    before: Option<Time>,
    forward: u32,
    /// The last time that it was put back from.
    contradicted: Option<Time>,
    /// The last that was far ahead, and how many of these there were in a row.
    far: u32,
    far_in_a_row: u32,
}

impl Timeline {
    /// The latest time.
    pub fn now(&self) -> Time {
        self.now
    }

    /// Takes the time of a segment.
    #[inline(always)] // Every segment comes here.
    pub fn reads(&mut self, time: Time) {
        self.read = self.read.wrapping_add(1);
        // Nearly all are just behind the one before.
        if time.wrapping_sub(self.now) as u64 <= NEAR as u64 {
            self.now = time;
        } else {
            self.is_put(time);
        }
    }

    #[cold]
    fn is_put(&mut self, time: Time) {
        if time.saturating_sub(self.now).saturating_abs() <= NEAR {
            self.now = self.now.max(time);
        } else if self.now == 0 {
            (self.now, self.before, self.forward) = (time, Some(Time::MIN), self.read);
        } else if time > self.now {
            if time.saturating_sub(self.now) <= DAY || self.is_far_again() {
                // What has been put back before is another clock.
                let again = self.contradicted.map_or(false, |other| time >= other.saturating_sub(NEAR));
                self.before = Some(self.now).filter(|_| !again);
                (self.now, self.forward) = (time, self.read);
            }
        } else if self.read.wrapping_sub(self.forward) <= BELIEVED {
            if let Some(before) = self.before.filter(|before| time >= before.saturating_sub(NEAR)) {
                (self.contradicted, self.now, self.before) = (Some(self.now), before.max(time), None);
            }
        }
    }

    /// Whether enough in a row are far ahead.
    fn is_far_again(&mut self) -> bool {
        let in_a_row = self.read.wrapping_sub(self.far) == 1;
        self.far_in_a_row = if in_a_row { self.far_in_a_row + 1 } else { 1 };
        self.far = self.read;
        self.far_in_a_row >= BELIEVED
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Where a capture with these times has come to, in seconds.
    fn after(seconds: &[i64]) -> i64 {
        let mut timeline = Timeline::default();
        for time in seconds {
            timeline.reads((1_700_000_000 + time) * SECOND);
        }
        timeline.now() / SECOND - 1_700_000_000
    }

    #[test]
    fn it_goes_on_and_never_back() {
        assert_eq!(after(&[0, 1, 2, 10, 9, 7210, 7209]), 7210);
    }

    #[test]
    fn one_time_from_the_future_tells_nothing_wherever_it_stands() {
        let future = 3_000_000_000;
        for place in 0..5 {
            let mut times = vec![0, 1, 2, 3, 4];
            times.insert(place, future);
            assert_eq!(after(&times), 4, "{place}");
            // Its mirrored copy.
            times.insert(place, future);
            assert_eq!(after(&times), 4, "{place}");
            times.iter_mut().filter(|time| **time == future).for_each(|time| *time = 3600);
            assert_eq!(after(&times), 4, "{place}, less far");
        }
        assert_eq!(after(&[0, 1, 2, future]), 2, "the last one");
    }

    #[test]
    fn many_frames_after_days_are_believed() {
        let days = 10 * 86_400;
        assert_eq!(after(&[0, 1, days, days + 1, days + 2, days + 3]), days + 3);
        let many = [days; 9];
        assert_eq!(after(&[&[0], &many[..], &[1, 2]].concat()), days);
    }

    #[test]
    fn of_two_clocks_the_one_ahead_counts() {
        assert_eq!(after(&[0, 3400, 1, 3401, 2, 3402, 3]), 3402);
        assert_eq!(after(&[3400, 0, 3401, 1, 3402, 2]), 3402);
    }
}
