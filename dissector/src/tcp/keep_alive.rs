//! Tells keep-alives from zero-window probes, retransmitted octets and stale ACKs
//! (RFC 1122 4.2.2.17 and 4.2.3.6, RFC 9293 3.8.4 and 3.8.6.1).

use super::endpoint::Endpoint;
use super::{Flags, Segment, SequenceNumber};
use crate::verdict::{Duration, NotKeepAlive, Time, SECOND};

/// More answered probes than this within [`STORM_TIME`] are a storm.
const STORM_PROBES: usize = 10;
/// The time in which a storm is counted.
const STORM_TIME: Duration = 60 * SECOND;
/// Answered probes closer than this are a storm.
const STORM_INTERVAL: Duration = SECOND / 2;

/// What a segment of at most one octet is, where it is anything special.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A keep-alive probe.
    Probe {
        /// Nothing but the time speaks for it.
        inferred: bool,
    },
    /// A probe of the peer's closed window.
    WindowProbe {
        /// A keep-alive would look the same.
        inferred: bool,
        /// The rule of thumb "one below the next number" takes it for a keep-alive.
        resembles: bool,
    },
    /// It looks like a keep-alive and is none.
    Not {
        /// What it is.
        reason: NotKeepAlive,
        /// Nothing but the time speaks for it.
        inferred: bool,
    },
    /// Nothing special.
    Ordinary,
}

/// What the decision needs beside the two endpoints.
#[derive(Clone, Copy, Debug)]
pub struct Silence {
    /// Time since octets other than keep-alives, or a FIN, went either way.
    pub lasted: Duration,
    /// Time since any segment went either way.
    pub total: Duration,
    /// Round-trip time, where the opening has shown it.
    pub round_trip: Option<Duration>,
}

impl Silence {
    /// Long enough that nothing can still be under way: max(1 s, 3 round trips).
    fn is_long(self) -> bool {
        self.lasted >= self.limit()
    }

    /// The same of anything at all, also of acknowledgements.
    fn is_total(self) -> bool {
        self.total >= self.limit()
    }

    fn limit(self) -> Duration {
        SECOND.max(self.round_trip.unwrap_or(0).saturating_mul(3))
    }
}

/// Judges a segment of at most one octet of an open connection, before it has moved `sender`. The order of the tests
/// matters.
pub fn kind(segment: &Segment, sender: &Endpoint, receiver: &Endpoint, silence: Silence) -> Kind {
    let others = Flags::SYN.and(Flags::FIN).and(Flags::RST);
    if segment.payload_length > 1 || segment.flags.has_any(others) || !segment.flags.has(Flags::ACK) {
        return Kind::Ordinary;
    }
    let octets = segment.payload_length;
    let sequence = segment.sequence;
    let acknowledged = sender.unacknowledged;
    let next = match sender.next.or(acknowledged) {
        Some(next) => next,
        None => return Kind::Ordinary,
    };
    let below_next = sequence.plus(1) == next;
    if !below_next && octets == 0 && receiver.window != Some(0) {
        return Kind::Ordinary;
    }
    // The window is closed: BSD and Windows send the next octet, again and again; Linux sends an old number.
    if receiver.window == Some(0) {
        let next_octet = octets == 1 && sequence == next;
        let same_octet = octets == 1 && below_next && acknowledged == Some(sequence);
        let old_number = acknowledged == Some(sequence.plus(1));
        if next_octet || same_octet || old_number {
            return Kind::WindowProbe { inferred: old_number, resembles: below_next };
        }
    }
    if !below_next {
        return Kind::Ordinary;
    }
    // It has crossed the update that opened the window.
    if receiver.window_reopened && acknowledged == Some(next) && octets == 0 && !silence.is_total() {
        return Kind::WindowProbe { inferred: true, resembles: true };
    }
    // RFC 9293 3.8.4: a probe's acknowledgement is the last one, it brings nothing new.
    let same = receiver.unacknowledged.map_or(true, |last| last == segment.acknowledgement);
    // With an octet 4.4BSD and embedded stacks acknowledge one less. No retransmission does so long after all else.
    let one_lower =
        octets == 1 && silence.is_long() && receiver.unacknowledged == Some(segment.acknowledgement.plus(1));
    let nothing_new = same || one_lower;
    let newer = receiver.unacknowledged.map_or(false, |last| segment.acknowledgement.is_after(last));
    // An ACK of either side is missing: after it nothing but a probe has an old number and no octets so late.
    let lost = newer || (nothing_new && receiver.misses_its_last());
    let late = lost && silence.is_long() && octets == 0 && sender.fin != Some(sequence);
    let not = |reason| Kind::Not { reason, inferred: acknowledged.is_none() };
    match acknowledged {
        // Nobody acknowledged anything: only the time can tell.
        None if silence.is_long() && nothing_new => Kind::Probe { inferred: true },
        None if octets == 1 => not(NotKeepAlive::RetransmittedOctet),
        // Of the other side nothing was captured: what it has acknowledged is not known.
        None if !receiver.captured => Kind::Ordinary,
        None => not(NotKeepAlive::StaleAck),
        Some(number) if number != next && octets == 1 => not(NotKeepAlive::RetransmittedOctet),
        Some(number) if number != next && late => Kind::Probe { inferred: true },
        Some(number) if number != next => not(NotKeepAlive::StaleAck),
        // The octet was acknowledged and not captured: it comes late, or the other side acknowledged what was never sent
        // (RFC 9293 3.10.7.4 answers that with an ACK).
        Some(_) if sender.misses(sequence) && !silence.is_total() && !sender.has_probed_at(sequence) => Kind::Ordinary,
        // Its receiver has it, and the sender may not know: it is the whole last segment again, and too soon to probe.
        Some(_) if octets == 1 && sender.last_octet_alone && !silence.is_long() => {
            Kind::Not { reason: NotKeepAlive::RetransmittedOctet, inferred: true }
        }
        // After the sender's own FIN an ACK from before it looks the same.
        Some(_) if sender.fin == Some(sequence) && !silence.is_long() => not(NotKeepAlive::StaleAck),
        Some(_) if nothing_new => Kind::Probe { inferred: false },
        Some(_) if newer && late => Kind::Probe { inferred: true },
        Some(_) => not(NotKeepAlive::StaleAck),
    }
}

/// The keep-alive probes of one side.
#[derive(Clone, Debug, Default)]
pub struct ProbeRun {
    /// Probes in a row without an answer so far.
    pub unanswered: u32,
    /// Number that an answer to the last probe acknowledges at least.
    pub answer_from: SequenceNumber,
    /// What the last probe acknowledged: the number of an RST that answers it.
    pub acknowledgement: SequenceNumber,
    /// Frame of the last probe.
    pub frame: u32,
    /// Time of the last probe.
    pub time: Option<Time>,
    /// Where the last probe's verdict keeps its answer's frame.
    pub answer_place: u32,
    /// A storm was noted already.
    storm_noted: bool,
    /// The last probe was answered.
    answered: bool,
    /// Times of the last answered probes, the oldest at `oldest`.
    answered_times: Vec<Time>,
    oldest: usize,
}

impl ProbeRun {
    /// Counts a probe. Whether it makes a storm (once per run of the connection).
    pub fn probe(&mut self, time: Time, frame: u32, segment: &Segment) -> bool {
        let close = self.answered && self.time.map_or(false, |last| time.saturating_sub(last) < STORM_INTERVAL);
        let many = self.answered_times.len() == STORM_PROBES
            && time.saturating_sub(self.answered_times[self.oldest]) <= STORM_TIME;
        let storm = (close || many) && !self.storm_noted;
        self.storm_noted |= storm;
        self.unanswered = self.unanswered.saturating_add(1);
        self.answered = false;
        self.time = Some(time);
        self.frame = frame;
        self.answer_from = segment.sequence.plus(1);
        self.acknowledgement = segment.acknowledgement;
        storm
    }

    /// Whether a probe waits for its answer.
    pub fn is_pending(&self) -> bool {
        self.unanswered > 0
    }

    /// Settles all pending probes.
    pub fn answer(&mut self) {
        self.unanswered = 0;
        self.answered = true;
        let time = self.time.unwrap_or(0);
        let count = self.answered_times.len();
        if count < STORM_PROBES {
            if count == self.answered_times.capacity() {
                // No more room than it ever needs.
                self.answered_times.reserve_exact(count.max(4).min(STORM_PROBES - count));
            }
            self.answered_times.push(time);
        } else {
            self.answered_times[self.oldest] = time;
            self.oldest = (self.oldest + 1) % STORM_PROBES;
        }
    }
}
