//! What is said of a connection in hindsight.

use super::{Closer, Connection, Direction};
use crate::tcp::endpoint::SynSent;
use crate::tcp::SequenceNumber;
use crate::verdict::{Details, Duration, Ended, Initiator, KeepAliveVerdict, Opened, Summary, Time, SECOND};

/// A SYN that nothing has answered for this long was not answered; before, the capture may just have ended.
pub(super) const ANSWER_TIME: i64 = 3 * SECOND;
/// Unanswered probes in a row after which silence means that nobody is there.
const DEAD_AFTER: u32 = 3;

/// How a SYN without any answer ended, when the capture has reached `now`.
pub(super) fn no_answer(syn: &SynSent, now: Time) -> Opened {
    if now.saturating_sub(syn.time) > ANSWER_TIME {
        Opened::NoAnswer
    } else {
        Opened::Incomplete
    }
}

impl Connection {
    /// What is known of it when the capture has reached `now`.
    pub fn summary(&self, now: Time) -> Summary {
        let runs = || self.endpoints.iter().filter_map(|end| end.probes.as_ref());
        // Whose answers were not captured is not dead.
        let both = self.endpoints.iter().all(|end| end.captured);
        let silent = both && runs().any(|run| run.unanswered >= DEAD_AFTER);
        let since_activity = self.last_activity.get().map(|last| self.last_time.saturating_sub(last));
        let so_far = since_activity.filter(|&idle| idle > 0 && !self.is_over());
        let details = self.heard_details();
        let ended = self.ended();
        Summary {
            opened: self.opened(now),
            ended,
            closed_by: self.initiator().unwrap_or(Initiator::Nobody),
            reset_by: self.reset_by().map(|by| self.sender(by)),
            unanswered_by: self.unanswered().filter(|_| ended == Ended::Unanswered).map(|run| self.sender(run.by)),
            waits_for: self.waits_for().filter(|_| !self.is_over()).map(|side| self.sender(side)),
            one_direction: self.is_one_direction(),
            duration: self.last_time.saturating_sub(self.first_time),
            setup_time: self.setup_time.get(),
            max_idle: self.max_idle.get().max(so_far),
            keep_alives: self.keep_alives,
            keep_alives_answered: self.keep_alives_answered,
            unanswered_max: details.as_ref().map_or(0, |details| details.unanswered_max()),
            keep_alive_verdict: if silent { Some(KeepAliveVerdict::PathDead) } else { self.keep_alive_verdict },
            syn_attempts: self.client.and_then(|client| self.end(client).opening.syn()).map_or(0, |syn| syn.attempts()),
            tls_time: self.tls_time.get(),
            messages: self.messages(),
            end_idle: self.fatal_idle().or(self.close_idle.get()).or_else(|| self.idle_when_open()),
            client_is_higher: self.client.map(|client| client == Direction::Back),
            tls_version: self.tls_known.version.map(|(version, _)| version),
            tls_resumed: self.tls_known.resumed.is_some(),
            tls_end: self.tls_end(),
            tls_names: self.tls_names.clone(),
            traffic: self.traffic,
            round_trip: self.round_trip.get(),
            details,
        }
    }

    /// How long it has been idle, or had been before octets that nothing answers.
    fn idle_when_open(&self) -> Option<Duration> {
        self.unanswered().map_or_else(|| self.open_idle(), |run| run.idle)
    }

    /// The side that has not sent its FIN although the other one has.
    fn waits_for(&self) -> Option<Direction> {
        let mut open = [Direction::Forth, Direction::Back].into_iter().filter(|&side| self.end(side).fin.is_none());
        match (open.next(), open.next()) {
            (Some(side), None) if self.is_open() && self.reset.is_none() => {
                // One that was not captured may have closed as well.
                Some(side).filter(|&side| self.end(side).captured)
            }
            _ => None,
        }
    }

    /// What is encrypted may be the answer.
    fn heard_details(&self) -> Option<Box<Details>> {
        let mut details = self.details.clone()?;
        for prober in [Direction::Forth, Direction::Back] {
            let unheard = self.payload.as_ref().map_or(false, |above| above.is_unheard(prober.reverse()));
            if let Some(above) = details.probing_above.as_mut().filter(|_| unheard) {
                above[prober as usize].answered(0, 0);
            }
        }
        Some(details)
    }

    /// HTTP requests, also those before another protocol took over.
    fn messages(&self) -> u32 {
        let before = self.details.as_ref().map_or(0, |details| details.messages);
        self.payload.as_ref().and_then(|above| above.messages()).unwrap_or(before)
    }

    fn opened(&self, now: Time) -> Opened {
        if let Some(opened) = self.opened {
            return opened;
        }
        let answered = self.endpoints.iter().filter(|end| end.captured).count() > 1;
        let syn = self.client.and_then(|client| self.end(client).opening.syn());
        match syn {
            _ if self.unreachable => Opened::Unreachable,
            _ if self.is_reset_unseen() => Opened::Incomplete,
            _ if self.reset.is_some() => Opened::Reset,
            Some(syn) if !answered && !self.acknowledges_unseen => no_answer(&syn, now),
            _ => Opened::Incomplete,
        }
    }

    /// It was reset by the only side that was captured: what came before, nobody can see.
    fn is_reset_unseen(&self) -> bool {
        self.opened.is_none() && self.reset_by().map_or(false, |by| !self.end(by.reverse()).captured)
    }

    fn ended(&self) -> Ended {
        if self.is_reset_unseen() && self.endpoints.iter().any(|end| end.opening.synack().is_some()) {
            return Ended::Reset;
        }
        if !self.is_open() {
            return Ended::NeverOpened;
        }
        let fins = self.endpoints.iter().filter(|end| end.fin.is_some()).count();
        match fins {
            2 if self.closer == Some(Closer::Both) => Ended::Simultaneous,
            2 => Ended::Graceful,
            _ if self.reset.is_some() => Ended::Reset,
            _ if self.unanswered().is_some() => Ended::Unanswered,
            1 => Ended::HalfClosed,
            _ => Ended::Open,
        }
    }

    /// One side was captured, and what it says shows that there was another.
    fn is_one_direction(&self) -> bool {
        let captured = self.endpoints.iter().filter(|end| end.captured).count();
        captured == 1 && self.acknowledges_unseen
    }

    /// Whether its SYN of that direction has this number and was not answered.
    pub fn is_quoted(&self, direction: Direction, sequence: SequenceNumber) -> bool {
        self.opened.is_none()
            && self.end(direction).opening.syn().is_some()
            && self.end(direction).initial == Some(sequence)
    }

    /// An ICMP error says that the SYN did not arrive.
    pub fn is_unreachable(&mut self) {
        self.unreachable = true;
    }
}
