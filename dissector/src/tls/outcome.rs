//! What TLS says about one segment: [`Findings`], and the events that they were found from, so that decrypted records
//! of the same segment can revise them.

use super::alert::Alert;
use super::event::{Event, Protected};
use super::progress::Progress;
use crate::connection::Direction;
use crate::verdict::{Duration, Step, Steps, Time};

/// A segment with more events than this cannot be told again.
const EVENTS: usize = 256;
/// There is room for so many at any time.
const FEW_EVENTS: usize = 8;

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
    /// Application data, decrypted.
    pub const PLAINTEXT: Contents = Contents(128);

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
    /// Octets are missing before these, so that their place in the stream is not known.
    pub after_gap: bool,
    /// Octets that are not TLS follow or answer TLS: they may be read as something else.
    pub not_tls: bool,
    /// The negotiated version, from 0x0300 to 0x0304, once known.
    pub version: Option<u16>,
    /// The handshake resumes a session, once known.
    pub resumed: Option<bool>,
    /// A Client Hello begins in the segment, and one ends in it.
    pub hello_begins: bool,
    pub hello_ends: bool,
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
    /// How many requests and how many responses end in it.
    pub heartbeats: [u16; 2],
}

impl Findings {
    /// Whether the segment carries nothing but close_notify.
    pub fn is_close_notify_only(&self) -> bool {
        self.contents == Contents::CLOSE_NOTIFY
    }

    /// Whether the segment carries nothing but application data, all of it decrypted.
    pub fn is_plaintext_only(&self) -> bool {
        self.contents == Contents::PLAINTEXT
    }

    /// Whether the segment carries nothing but decrypted application data and close_notify behind them.
    pub fn is_plaintext_and_close_notify(&self) -> bool {
        self.contents == Contents(Contents::PLAINTEXT.0 | Contents::CLOSE_NOTIFY.0)
    }

    /// Whether the segment carries nothing but heartbeats.
    pub fn is_heartbeat_only(&self) -> bool {
        self.contents == Contents::HEARTBEAT
    }

    /// Whether the segment carries more than heartbeats, parts of one included, and octets that do not tell yet.
    pub fn is_beyond_heartbeats(&self) -> bool {
        self.contents.0 & !(Contents::HEARTBEAT.0 | Contents::UNDECIDED.0) != 0
    }
}

/// What TLS says about one segment.
#[derive(Clone, Copy, Debug, Default)]
pub struct Outcome {
    pub findings: Findings,
    /// When the segment was captured.
    pub(super) time: Time,
    /// Something of the segment has been told.
    pub(super) begun: bool,
}

impl From<Findings> for Outcome {
    /// What has been told anew.
    fn from(findings: Findings) -> Outcome {
        Outcome { findings, ..Outcome::default() }
    }
}

/// The last segment's events, in order, and what was known before them: from what its findings were found.
#[derive(Clone, Debug)]
pub(super) struct Told {
    pub before: Progress,
    pub events: Vec<Event>,
    pub time: Time,
    /// They are not all there: the segment cannot be told again.
    settled: bool,
}

impl Told {
    pub fn new(before: Progress) -> Told {
        Told { before, events: Vec::new(), time: 0, settled: true }
    }

    /// A segment begins.
    pub fn begins(&mut self, time: Time) {
        if self.events.capacity() > FEW_EVENTS {
            self.events = Vec::new();
        }
        self.events.clear();
        self.settled = false;
        self.time = time;
    }

    /// Notes an event that comes next. A part of a record that ends later is none: nobody can decrypt it.
    pub fn keeps(&mut self, before: &Progress, event: &Event) {
        let within = matches!(event, Event::Protected(Protected { ends: false, .. }));
        match self.events.last_mut() {
            None if within => {}
            None => {
                self.before = *before;
                self.events.push(*event);
            }
            Some(last) => {
                let joined = last.joins(event);
                if !joined && self.events.len() >= EVENTS {
                    self.settles();
                } else if !joined {
                    self.events.push(*event);
                }
            }
        }
    }

    /// Something has happened that is no event of the segment.
    pub fn settles(&mut self) {
        self.events.clear();
        self.settled = true;
    }

    /// Whether there are records in it that keys may open.
    pub fn is_sealed(&self) -> bool {
        !self.settled && self.events.iter().any(Event::is_sealed)
    }
}
