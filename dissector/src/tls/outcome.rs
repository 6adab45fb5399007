//! What TLS says about one segment: [`Findings`], and the events that they were found from, so that decrypted records
//! of the same segment can revise them.

use super::alert::Alert;
use super::event::{Event, Protected};
use super::parser::ContentType;
use super::progress::Progress;
use crate::connection::Direction;
use crate::verdict::{Duration, Step, Steps, Time};

/// More events of one segment are not kept; its steps are no more either. Records beyond cannot be revised.
const EVENTS: usize = 16;

/// A heartbeat message (RFC 6520 4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heartbeat {
    Request,
    Response,
}

/// What ended a handshake.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    Alert(Alert),
    /// An alert that could not be read.
    ProtectedAlert,
    /// An answer that is not TLS.
    NotTls,
    Fin,
    Reset,
}

/// A handshake that ended without completion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Failure {
    pub by: Direction,
    pub cause: Cause,
    /// The last step of the handshake before.
    pub after: Option<Step>,
    pub inferred: bool,
}

/// What kinds of records a segment carries, a set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Contents(u8);

impl Contents {
    pub const HANDSHAKE: Contents = Contents(1);
    pub const ALERT: Contents = Contents(2);
    pub const CLOSE_NOTIFY: Contents = Contents(4);
    pub const APPLICATION_DATA: Contents = Contents(8);
    pub const HEARTBEAT: Contents = Contents(16);
    /// Octets that do not tell yet what they are.
    pub const UNDECIDED: Contents = Contents(32);
    /// Octets that are not read: the place in the stream is lost, or they are no TLS.
    pub const UNREAD: Contents = Contents(64);

    /// Whether any of these is in the set.
    pub const fn contains(self, contents: Contents) -> bool {
        self.0 & contents.0 != 0
    }

    pub fn insert(&mut self, contents: Contents) {
        self.0 |= contents.0;
    }
}

/// What TLS says about one segment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Findings {
    /// Everything that the segment touches, in order. None: its octets do not tell yet, or the place is lost.
    pub steps: Steps,
    /// A step, or the failure, rests on a guess.
    pub inferred: bool,
    /// The segment carries handshake, change-cipher-spec or alert records of an unfinished handshake.
    pub handshake: bool,
    pub contents: Contents,
    /// Octets are missing before these, and the place in the stream is lost.
    pub place_lost: bool,
    /// Octets that are not TLS follow or answer TLS: they may be read as something else.
    pub not_tls: bool,
    /// The negotiated version, from 0x0300 to 0x0304, once known.
    pub version: Option<u16>,
    /// The handshake resumes a session, once known.
    pub resumed: Option<bool>,
    /// The handshake is complete with this segment.
    pub complete: bool,
    /// First octet of the Client Hello to completion.
    pub time: Option<Duration>,
    /// The handshake has ended with this segment, and is not complete.
    pub failure: Option<Failure>,
    /// A fatal alert after completion.
    pub rejected: Option<Alert>,
    /// The segment ends data without close_notify.
    pub truncated: bool,
    /// The last heartbeat message that ends in the segment.
    pub heartbeat: Option<Heartbeat>,
}

impl Findings {
    /// Whether the segment carries nothing but close_notify.
    pub fn is_close_notify_only(&self) -> bool {
        self.contents == Contents::CLOSE_NOTIFY
    }

    /// Whether the segment carries nothing but heartbeats.
    pub fn is_heartbeat_only(&self) -> bool {
        self.contents == Contents::HEARTBEAT
    }
}

/// What TLS says about one segment, and, if it can be revised, from what.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    pub findings: Findings,
    time: Time,
    log: Option<Box<Log>>,
}

/// The events of the segment, in order, and what was known before them.
#[derive(Clone, Debug, Default)]
struct Log {
    before: Option<Progress>,
    events: [Option<Event>; EVENTS],
    length: usize,
    /// Where the next decrypted record belongs, at the earliest.
    cursor: usize,
    overflowed: bool,
}

impl Outcome {
    /// One that decrypted records of the same segment can revise.
    pub fn revisable() -> Outcome {
        Outcome { log: Some(Box::default()), ..Outcome::default() }
    }

    /// When the segment was captured.
    pub(super) fn time(&self) -> Time {
        self.time
    }

    /// Notes what was known before the segment's first event.
    pub(super) fn begins(&mut self, progress: &Progress, time: Time) {
        self.time = time;
        if let Some(log) = self.log.as_mut().filter(|log| log.before.is_none()) {
            log.before = Some(*progress);
        }
    }

    /// Notes an event at the end.
    pub(super) fn keeps(&mut self, event: &Event) {
        if let Some(log) = self.log.as_mut() {
            log.insert(log.length, event);
        }
    }

    /// A record has been decrypted: takes it out, and makes its place the next event's.
    pub(super) fn opens(&mut self, content: ContentType) {
        if let Some(log) = self.log.as_mut() {
            let from = log.cursor;
            let place = (from..log.length).find(|&at| log.at(at).map_or(false, |event| is_opened_by(event, content)));
            log.cursor = place.unwrap_or(log.length);
            if let Some(at) = place {
                log.takes_one(at);
            }
        }
    }

    /// Notes an event that was decrypted.
    pub(super) fn keeps_opened(&mut self, event: &Event) {
        if let Some(log) = self.log.as_mut() {
            log.cursor += log.insert(log.cursor, event);
        }
    }

    /// Tells the segment's events again. Returns what is then known, none where they could not all be kept.
    pub(super) fn retell(&mut self, direction: Direction) -> Option<Progress> {
        let log = self.log.as_ref().filter(|log| !log.overflowed)?;
        let mut progress = log.before?;
        self.findings = Findings::default();
        for event in log.events.iter().take(log.length).flatten() {
            progress.apply(direction, event, self.time, &mut self.findings);
        }
        Some(progress)
    }
}

/// Whether a decrypted record of this content can be this event. TLS 1.3 hides the content type (RFC 8446 5.2).
fn is_opened_by(event: &Event, content: ContentType) -> bool {
    match event {
        Event::Protected(record) => {
            record.ends && (record.content == content || record.content == ContentType::APPLICATION_DATA)
        }
        _ => false,
    }
}

impl Log {
    fn at(&self, at: usize) -> Option<&Event> {
        self.events.get(at).and_then(|event| event.as_ref())
    }

    /// Puts an event before the `at`-th, or into the one before that. Returns how many there are more.
    fn insert(&mut self, at: usize, event: &Event) -> usize {
        let before = at.checked_sub(1).and_then(|before| self.events.get_mut(before)).and_then(|event| event.as_mut());
        if before.map_or(false, |before| before.joins(event)) {
            return 0;
        }
        if self.length >= EVENTS || at > self.length {
            self.overflowed = true;
            return 0;
        }
        let (_, after) = self.events.split_at_mut(at);
        after.rotate_right(1);
        if let Some(place) = after.first_mut() {
            *place = Some(*event);
        }
        self.length += 1;
        1
    }

    /// Takes one record out of the `at`-th event.
    fn takes_one(&mut self, at: usize) {
        match self.events.get_mut(at) {
            Some(Some(Event::Protected(Protected { count, .. }))) if *count > 1 => *count -= 1,
            _ => {
                let (_, after) = self.events.split_at_mut(at.min(EVENTS));
                if let Some(place) = after.first_mut() {
                    *place = None;
                }
                after.rotate_left(1);
                self.length = self.length.saturating_sub(1);
            }
        }
    }
}
