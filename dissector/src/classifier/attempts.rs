//! The attempts on the same addresses and ports, each with the one before it, as long as it is not known which of them is
//! taken up: the numbers of a segment tell whose it is (RFC 9293 3.10.7.3 and 3.10.7.4, RFC 5961 4).

use super::{Classifier, Slot};
use crate::captured::Captured;
use crate::connection::{Arrival, Connection, Fit, HalfOpen, Predecessor};
use crate::flow::Flow;
use crate::mirror::Fingerprint;
use crate::tcp::Flags;
use crate::verdict::{Notes, Verdict};

/// So many attempts beside the newest can still be answered; a connection that goes on is kept beside them.
const ATTEMPTS: usize = 16;

impl Classifier {
    /// An attempt and those before it.
    pub(super) fn attempts(&self, newest: Option<u32>) -> impl Iterator<Item = u32> + '_ {
        std::iter::successors(newest, move |&number| self.predecessor(number).number())
    }

    fn predecessor(&self, number: u32) -> Predecessor {
        match self.slots.get(number as usize) {
            Some(Slot::HalfOpen(half_open)) => half_open.predecessor,
            Some(Slot::Connection(connection)) => connection.predecessor,
            Some(Slot::Finished(finished)) => finished.predecessor,
            None => Predecessor::NONE,
        }
    }

    fn set_predecessor(&mut self, number: u32, predecessor: Predecessor) {
        match self.slots.get_mut(number as usize) {
            Some(Slot::HalfOpen(half_open)) => half_open.predecessor = predecessor,
            Some(Slot::Connection(connection)) => connection.predecessor = predecessor,
            Some(Slot::Finished(finished)) => finished.predecessor = predecessor,
            None => {}
        }
    }

    fn is_live(&self, number: u32) -> bool {
        matches!(self.slots.get(number as usize), Some(Slot::Connection(connection)) if connection.is_live())
    }

    /// Whose a segment is: the attempt's that its numbers fit best, the newest of several; but what fits a connection that
    /// goes on as well is its own. None where it begins an attempt.
    fn owner_in_doubt(&self, newest: u32, arrival: &Arrival) -> Option<u32> {
        let opens = arrival.segment.flags.has(Flags::SYN);
        let (mut owner, mut best, mut live) = (newest, Fit::No, None);
        for number in self.attempts(Some(newest)) {
            let fit = match &self.slots[number as usize] {
                Slot::HalfOpen(half_open) => half_open.fit(arrival),
                Slot::Connection(connection) => connection.fit(arrival),
                Slot::Finished(finished) if finished.is_repeated_by(arrival) => Fit::One,
                Slot::Finished(_) => Fit::No,
            };
            let goes_on = self.is_live(number);
            if fit > best || (fit == best && fit != Fit::No && goes_on && !opens) {
                (owner, best) = (number, fit);
            }
            if goes_on {
                live = live.or(Some(number));
            }
        }
        if best != Fit::No {
            return Some(owner);
        }
        if !arrival.segment.is_syn() {
            owner = live.unwrap_or(newest);
        }
        let begins = match &self.slots[owner as usize] {
            Slot::HalfOpen(half_open) => arrival.segment.is_syn() && !half_open.is_crossed_by(arrival),
            Slot::Connection(connection) => connection.is_left_by(arrival),
            Slot::Finished(_) => opens,
        };
        (!begins).then_some(owner)
    }

    /// A segment that may belong to one of several attempts, or begin one.
    #[inline(never)] // Out of the way of all others.
    pub(super) fn arrives_in_doubt(
        &mut self,
        newest: Option<u32>,
        captured: &Captured,
        flow: &Flow,
        arrival: &Arrival,
    ) -> Notes {
        let owner = newest.and_then(|newest| self.owner_in_doubt(newest, arrival));
        // What begins an attempt may be the copy of what has begun one before.
        let copy = self
            .attempts(newest)
            .filter(|&number| owner.map_or(true, |owner| number == owner))
            .find_map(|number| self.copy_of(Fingerprint::new(number, arrival, captured.octets), arrival));
        if let Some(copy) = copy {
            self.history.keep(&copy);
            return Notes::default();
        }
        match owner {
            Some(number) => {
                let fingerprint = Fingerprint::new(number, arrival, captured.octets);
                self.judges(number, arrival, false, fingerprint)
            }
            None => self.begins(captured, flow, arrival),
        }
    }

    fn begins(&mut self, captured: &Captured, flow: &Flow, arrival: &Arrival) -> Notes {
        let number = match u32::try_from(self.slots.len()) {
            Ok(number) if number < u32::MAX => number,
            _ => {
                self.keep_unreadable(captured);
                return Notes::default();
            }
        };
        let predecessor = Predecessor::from_number(self.flows.look_up(flow));
        let fingerprint = Fingerprint::new(number, arrival, captured.octets);
        let mut verdict = Verdict::new(arrival.frame, arrival.segment.sequence.0);
        let slot = if arrival.segment.is_syn() {
            self.syn_octets.keep(number, arrival.segment.payload);
            verdict.connection = Some(number);
            Slot::HalfOpen(Box::new(HalfOpen::new(arrival, predecessor, &mut verdict)))
        } else {
            let mut connection = if arrival.segment.is_syn_ack() {
                Connection::new(number, arrival.time)
            } else {
                Connection::midway(number, arrival.time)
            };
            connection.predecessor = predecessor;
            if connection.segment(arrival, false, &mut verdict, &mut self.answers) {
                self.over.add(arrival.time, number);
            }
            Slot::Connection(Box::new(connection))
        };
        if self.slots.len() == self.slots.capacity() {
            // By a quarter, for doubling leaves much room unused.
            self.slots.reserve_exact(self.slots.len() / 4 + 64);
        }
        self.slots.push(slot);
        self.flows.set(flow, number);
        self.challenges_others(number, arrival);
        self.forgets_an_attempt(number);
        let notes = self.keep(&verdict, number, arrival, fingerprint);
        self.history.begins(arrival.direction);
        notes
    }

    /// The second segment of a connection that was nothing but a SYN so far.
    #[inline(never)]
    pub(super) fn answers_syn(&mut self, number: u32, arrival: &Arrival, verdict: &mut Verdict) {
        let slot = &mut self.slots[number as usize];
        if let Slot::HalfOpen(half_open) = slot {
            let mut connection = Box::new(half_open.grow(number, &self.syn_octets.take(number)));
            if connection.segment(arrival, false, verdict, &mut self.answers) {
                self.over.add(arrival.time, number);
            }
            *slot = Slot::Connection(connection);
            self.is_contested(number, arrival);
        }
    }

    /// A segment has gone to an attempt that has others before it.
    #[inline(never)]
    pub(super) fn is_contested(&mut self, number: u32, arrival: &Arrival) {
        let open = matches!(&self.slots[number as usize], Slot::Connection(connection) if connection.is_open());
        if open {
            self.takes_over(number);
        } else {
            self.challenges_others(number, arrival);
        }
    }

    /// The connections before one that is open get no more segments.
    fn takes_over(&mut self, number: u32) {
        let mut predecessor = self.predecessor(number).number();
        self.set_predecessor(number, Predecessor::NONE);
        while let Some(number) = predecessor {
            predecessor = self.predecessor(number).number();
            self.retire(number);
        }
    }

    /// Whoever gets a SYN for a connection that it has answers with a challenge ACK.
    fn challenges_others(&mut self, number: u32, arrival: &Arrival) {
        if !arrival.segment.flags.has(Flags::SYN) {
            return;
        }
        let mut predecessor = self.predecessor(number).number();
        while let Some(number) = predecessor {
            if let Some(Slot::Connection(connection)) = self.slots.get_mut(number as usize) {
                connection.is_challenged(arrival.direction.reverse());
            }
            predecessor = self.predecessor(number).number();
        }
    }

    /// Of too many attempts the oldest is forgotten, but no connection that goes on.
    fn forgets_an_attempt(&mut self, newest: u32) {
        let successor = self.attempts(Some(newest)).nth(ATTEMPTS - 1);
        let forgotten = successor.and_then(|successor| self.predecessor(successor).number());
        let (successor, forgotten) = match (successor, forgotten) {
            (Some(successor), Some(forgotten)) if !self.is_live(forgotten) => (successor, forgotten),
            _ => return,
        };
        self.set_predecessor(successor, self.predecessor(forgotten));
        self.retire(forgotten);
    }

    /// A connection whose addresses and ports another one has taken gets no more segments.
    fn retire(&mut self, number: u32) {
        let now = self.timeline.now();
        if let Some(slot) = self.slots.get_mut(number as usize) {
            if let Slot::Connection(connection) = slot {
                *slot = Slot::Finished(Box::new(connection.finish(now)));
            }
        }
        self.set_predecessor(number, Predecessor::NONE);
    }
}
