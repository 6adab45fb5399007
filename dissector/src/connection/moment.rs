//! Times that may not be known, without room for that.

use crate::verdict::{Duration, Time};
use std::num::{NonZeroI64, NonZeroU64};

/// How long something lasted, if that is known, in the room of one number: one more than the nanoseconds.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Lasted(Option<NonZeroU64>);

impl Lasted {
    pub(super) fn of(duration: Option<Duration>) -> Lasted {
        let duration = duration.and_then(|duration| u64::try_from(duration).ok());
        Lasted(duration.and_then(|duration| NonZeroU64::new(duration.saturating_add(1))))
    }

    pub(super) fn get(self) -> Option<Duration> {
        self.0.map(|more| (more.get() - 1) as Duration)
    }
}

/// When something was, if that is known, likewise: not at the least of all times.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Moment(Option<NonZeroI64>);

impl Moment {
    pub(super) fn at(time: Time) -> Moment {
        Moment(NonZeroI64::new(time ^ Time::MIN))
    }

    pub(super) fn get(self) -> Option<Time> {
        self.0.map(|time| time.get() ^ Time::MIN)
    }
}
