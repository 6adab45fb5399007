//! When a connection's row is written: once nothing can change it. The same rules as in the plugin's rows.c.

use crate::engine::{Engine, Row};
use crate::layers::Segment;
use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use tcpphase_ffi::*;

/// After both FINs or an RST some segments still come: so long, in the capture's time.
const LINGER: i64 = 60 * 1_000_000_000;

type Ends = Vec<u8>;

struct Kept {
    row: Row,
    ends: Ends,
    latest: i64,
    is_closing: bool,
}

/// The rows that have not been written, and those ready to be.
pub struct Rows {
    engine: Engine,
    format: u32,
    /// Nanoseconds, or 0: without limit.
    idle_limit: i64,
    kept: BTreeMap<u32, Kept>,
    newest: HashMap<Ends, u32>,
    /// Numbers that were passed over and may still come.
    skipped: HashSet<u32>,
    next: u32,
    closed: VecDeque<(u32, i64)>,
    idle: VecDeque<(u32, i64)>,
    last_frame: u32,
    index: u32,
    /// To be handed out.
    pub ready: VecDeque<String>,
    /// Why rows are missing, if any are.
    pub problem: Option<&'static str>,
}

impl Rows {
    /// Of a capture of which nothing was read.
    pub fn new(format: u32, idle_limit: i64) -> Rows {
        Rows {
            engine: Engine::new(),
            format,
            idle_limit,
            kept: BTreeMap::new(),
            newest: HashMap::new(),
            skipped: HashSet::new(),
            next: 0,
            closed: VecDeque::new(),
            idle: VecDeque::new(),
            last_frame: 0,
            index: 0,
            ready: VecDeque::new(),
            problem: None,
        }
    }

    /// Adds a segment.
    pub fn add(&mut self, segment: &Segment, frame: u32, time: Option<i64>) {
        if !self.engine.segment(segment, frame, time) {
            self.problem.get_or_insert("the library met a bug of its own; what follows has no rows");
        }
        if segment.quoted {
            return;
        }
        self.index = if frame == self.last_frame { self.index + 1 } else { 0 };
        self.last_frame = frame;
        let Some(verdict) = self.engine.verdict(frame, self.index, segment.sequence()) else { return };
        let (number, now) = (verdict.connection, time.unwrap_or(TCPPHASE_TIME_ABSENT));
        if number == TCPPHASE_CONNECTION_NONE {
            return;
        }
        if !self.kept.contains_key(&number) && self.is_new(number) {
            self.begin(number, segment, now);
        }
        self.follow(number, now, &verdict);
        if time.is_some() {
            self.write_due(now);
        }
    }

    /// Writes all that is left.
    pub fn finish(&mut self) {
        let numbers: Vec<u32> = self.kept.keys().copied().collect();
        for number in numbers {
            self.write(number);
        }
    }

    /// Numbers are given one after another; a few may be skipped, and come later.
    fn is_new(&mut self, number: u32) -> bool {
        while self.next < number {
            self.skipped.insert(self.next);
            self.next += 1;
        }
        if number == self.next {
            self.next += 1;
            return true;
        }
        self.skipped.remove(&number)
    }

    fn begin(&mut self, number: u32, segment: &Segment, now: i64) {
        let row = Row::new(number, segment, now);
        let [source, destination] = segment.ports().map(|port| (port as u16).to_be_bytes());
        let mut ends = [[&segment.source[..], &source].concat(), [&segment.destination[..], &destination].concat()];
        ends.sort();
        let ends = ends.concat();
        if let Some(&before) = self.newest.get(&ends) {
            if self.is_closed(before) {
                self.write(before);
            }
        }
        self.newest.insert(ends.clone(), number);
        self.kept.insert(number, Kept { row, ends, latest: now, is_closing: false });
        if self.idle_limit > 0 && now != TCPPHASE_TIME_ABSENT {
            self.idle.push_back((number, now.saturating_add(self.idle_limit)));
        }
    }

    fn follow(&mut self, number: u32, now: i64, verdict: &tcpphase_verdict) {
        let Some(kept) = self.kept.get_mut(&number) else { return };
        kept.row.follow(verdict);
        kept.row.inner.last_time = now;
        kept.latest = kept.latest.max(now);
        let may_close = !kept.is_closing && verdict.close_initiator != TCPPHASE_INITIATOR_NONE;
        if may_close && now != TCPPHASE_TIME_ABSENT && self.is_closed(number) {
            if let Some(kept) = self.kept.get_mut(&number) {
                kept.is_closing = true;
            }
            self.closed.push_back((number, now.saturating_add(LINGER)));
        }
    }

    /// Ended gracefully, simultaneously or by a reset; or refused or reset while it opened.
    fn is_closed(&self, number: u32) -> bool {
        let Some(kept) = self.kept.get(&number) else { return false };
        let Some(summary) = self.engine.summary(number) else { return false };
        kept.latest.saturating_sub(kept.row.inner.first_time) >= summary.duration
            && (matches!(summary.ended, 3..=5) || matches!(summary.opened, 7 | 9))
    }

    fn write(&mut self, number: u32) {
        let Some(kept) = self.kept.remove(&number) else { return };
        if self.newest.get(&kept.ends) == Some(&number) {
            self.newest.remove(&kept.ends);
        }
        match self.engine.row(&kept.row, self.format) {
            Some(row) => self.ready.push_back(row),
            None => {
                self.problem.get_or_insert("a connection's row cannot be written");
            }
        }
    }

    fn write_due(&mut self, now: i64) {
        while self.closed.front().is_some_and(|&(_, time)| time <= now) {
            let Some((number, _)) = self.closed.pop_front() else { break };
            if self.is_closed(number) {
                self.write(number);
            } else if let Some(kept) = self.kept.get_mut(&number) {
                // An RST that took effect has been disproved since.
                kept.is_closing = false;
            }
        }
        while self.idle.front().is_some_and(|&(_, time)| time <= now) {
            let Some((number, _)) = self.idle.pop_front() else { break };
            match self.kept.get(&number) {
                Some(kept) if kept.row.inner.last_time.saturating_add(self.idle_limit) > now => {
                    self.idle.push_back((number, kept.row.inner.last_time.saturating_add(self.idle_limit)));
                }
                Some(_) => self.write(number),
                None => {}
            }
        }
    }
}
