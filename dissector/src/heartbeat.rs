//! Keep-alives above TCP: HTTP/2 PING (RFC 9113 6.7), WebSocket ping and pong (RFC 6455 5.5.2, 5.5.3), TLS heartbeats
//! (RFC 6520), MQTT's PINGREQ and PINGRESP (MQTT 5 3.12, 3.13).
//!
//! A PING on a busy connection measures bandwidth; only one in silence keeps anything alive.

use crate::connection::Direction;
use crate::verdict::{elapsed, Duration, Time};
use std::collections::VecDeque;

/// Probes without an answer that are remembered; older ones are forgotten.
const PENDING_MAXIMUM: usize = 16;

/// What a message is to the keep-alives of its layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HeartbeatKind {
    /// It asks for an answer.
    Probe,
    /// It answers a probe.
    Answer,
    /// It neither asks nor answers: an unsolicited pong, "a unidirectional heartbeat" (RFC 6455 5.5.3).
    OneWay,
}

/// The facts of one keep-alive message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Heartbeat {
    /// What it is.
    pub kind: HeartbeatKind,
    /// It keeps the connection alive. An answer is what its probe was.
    pub keep_alive: bool,
    /// On a probe: its number among those in a row without an answer.
    pub number: Option<u32>,
    /// Time since anything else went either way.
    pub idle: Option<Duration>,
    /// On a probe: time since this side's previous one.
    pub interval: Option<Duration>,
    /// On an answer: the frame of the probe.
    pub probe_frame: Option<u32>,
    /// On an answer: the place that the caller gave the probe.
    pub probe_place: Option<u32>,
    /// On an answer: time since the probe.
    pub response_time: Option<Duration>,
    /// On an answer: how many probes before its own it leaves without one.
    pub passed_over: u32,
    /// On an answer: how many probes wait for theirs.
    pub pending: u32,
}

#[derive(Clone, Copy, Debug)]
struct Probe {
    time: Time,
    frame: u32,
    place: Option<u32>,
    keep_alive: bool,
}

#[derive(Clone, Debug, Default)]
struct Side {
    pending: VecDeque<Probe>,
    /// The probe answered last, and how many before it were settled with it: their own answers may follow.
    answered: Option<Probe>,
    settled: usize,
    unanswered: u32,
    last: Option<Time>,
    last_frame: Option<u32>,
    interval: Option<Duration>,
}

impl Side {
    /// An answer to the latest probe, or after that one's to one that was settled with it.
    fn settles(&mut self) -> Option<Probe> {
        if let Some(latest) = self.pending.pop_back() {
            self.settled = self.pending.len();
            self.pending.clear();
            self.answered = Some(latest);
            return self.answered;
        }
        self.settled = self.settled.checked_sub(1)?;
        self.answered
    }
}

/// The keep-alives of one connection.
#[derive(Clone, Debug)]
pub struct Heartbeats {
    sides: [Side; 2],
    /// When something else went last.
    last_other: Option<Time>,
    /// When something went last that a probe on a busy connection measures.
    last_traffic: Option<Time>,
    /// How long that must be ago.
    quiet: Duration,
    /// Whether an answer settles all probes before it too.
    settles_all: bool,
}

impl Heartbeats {
    /// Probes after `quiet` without traffic keep the connection alive. With `settles_all` an answer is to the
    /// latest probe and settles all (RFC 6455 5.5.3), else to the oldest (every PING is answered, RFC 9113 6.7).
    pub fn new(quiet: Duration, settles_all: bool) -> Heartbeats {
        Heartbeats { sides: Default::default(), last_other: None, last_traffic: None, quiet, settles_all }
    }

    /// Something else went, that is traffic or not.
    pub fn other(&mut self, time: Time, is_traffic: bool) {
        self.last_other = Some(self.last_other.map_or(time, |last| last.max(time)));
        if is_traffic {
            self.last_traffic = self.last_other;
        }
    }

    /// A message that asks for an answer.
    pub fn probes(&mut self, direction: Direction, time: Time, frame: u32) -> Heartbeat {
        let idle = self.idle(time);
        let keep_alive = self.is_quiet(time);
        let side = &mut self.sides[direction as usize];
        if side.pending.len() >= PENDING_MAXIMUM {
            side.pending.pop_front();
        }
        side.pending.push_back(Probe { time, frame, place: None, keep_alive });
        side.unanswered = side.unanswered.saturating_add(1);
        // Several of one segment are one of its sender's timer.
        if side.last_frame != Some(frame) {
            side.interval = side.last.and_then(|last| elapsed(last, time));
        }
        (side.last, side.last_frame) = (Some(time), Some(frame));
        Heartbeat {
            kind: HeartbeatKind::Probe,
            keep_alive,
            number: Some(side.unanswered),
            idle,
            interval: side.interval,
            probe_frame: None,
            probe_place: None,
            response_time: None,
            passed_over: 0,
            pending: 0,
        }
    }

    /// A message that answers a probe of the other side, if there is one.
    pub fn answers(&mut self, direction: Direction, time: Time) -> Heartbeat {
        let idle = self.idle(time);
        let quiet = self.is_quiet(time);
        let settles_all = self.settles_all;
        let prober = &mut self.sides[direction.reverse() as usize];
        let probe = if settles_all { prober.settles() } else { prober.pending.pop_front() };
        let pending = prober.pending.len() as u32;
        let passed_over = if settles_all { prober.unanswered.saturating_sub(1) } else { 0 };
        prober.unanswered = 0;
        Heartbeat {
            kind: if probe.is_some() { HeartbeatKind::Answer } else { HeartbeatKind::OneWay },
            keep_alive: probe.map_or(quiet, |probe| probe.keep_alive),
            number: None,
            idle,
            interval: None,
            probe_frame: probe.map(|probe| probe.frame),
            probe_place: probe.and_then(|probe| probe.place),
            response_time: probe.and_then(|probe| elapsed(probe.time, time)),
            passed_over,
            pending,
        }
    }

    /// Where the caller keeps the verdict of the probes that this frame carried.
    pub fn remember_place(&mut self, frame: u32, place: u32) {
        let probes = self.sides.iter_mut().flat_map(|side| side.pending.iter_mut());
        for probe in probes.filter(|probe| probe.frame == frame) {
            probe.place = Some(place);
        }
    }

    fn idle(&self, time: Time) -> Option<Duration> {
        self.last_other.and_then(|last| elapsed(last, time))
    }

    /// Whether a probe would keep the connection alive now.
    pub fn is_quiet(&self, time: Time) -> bool {
        self.last_traffic.map_or(true, |last| time.saturating_sub(last) >= self.quiet)
    }
}
