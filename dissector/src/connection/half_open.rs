//! A connection of which nothing but one side's SYN was captured, kept small: a scan has many.

use super::attempts::{Fit, Predecessor, NEAR};
use super::opening::describe_syn;
use super::reading::{describe_syn_octets, syn_segment};
use super::summary::no_answer;
use super::{Answers, Arrival, Connection, Direction};
use crate::tcp::endpoint::SynSent;
use crate::tcp::parser::options;
use crate::tcp::{Flags, Segment, SequenceNumber};
use crate::verdict::{Basis, Ended, Initiator, Opened, Phase, Sender, Step, Summary, Time, Traffic, Verdict};

/// One side's SYN.
#[derive(Clone, Debug)]
pub struct HalfOpen {
    syn: SynSent,
    initial: SequenceNumber,
    octets: u16,
    window: u16,
    shift: Option<u8>,
    direction: Direction,
    unreachable: bool,
    /// The one on the same addresses and ports, until this one is open.
    pub predecessor: Predecessor,
}

/// What the SYN carries, as far as any does.
fn octets_of(segment: &Segment) -> u16 {
    u16::try_from(segment.length().saturating_sub(1)).unwrap_or(u16::MAX)
}

impl HalfOpen {
    /// After the first SYN.
    pub fn new(arrival: &Arrival, predecessor: Predecessor, verdict: &mut Verdict) -> HalfOpen {
        let segment = &arrival.segment;
        let half_open = HalfOpen {
            syn: SynSent::first(arrival.time, arrival.frame),
            initial: segment.sequence,
            octets: octets_of(segment),
            window: segment.window,
            shift: options(segment.options).window_scale,
            direction: arrival.direction,
            unreachable: false,
            predecessor,
        };
        half_open.tells(arrival, verdict);
        half_open
    }

    /// The same SYN again.
    pub fn again(&mut self, arrival: &Arrival, verdict: &mut Verdict) {
        self.syn.again(arrival.time, arrival.frame);
        self.tells(arrival, verdict);
        let octets = octets_of(arrival.segment);
        verdict.retransmission = octets <= self.octets;
        self.octets = self.octets.max(octets);
    }

    fn tells(&self, arrival: &Arrival, verdict: &mut Verdict) {
        verdict.phase = Phase::TcpHandshake;
        (verdict.sender, verdict.basis) = (Sender::Client, Basis::Syn);
        describe_syn(verdict, &self.syn);
        describe_syn_octets(arrival, verdict);
        if arrival.segment.flags.has(Flags::FIN) {
            verdict.steps.push(Step::Fin);
        }
    }

    /// Whether a segment is this SYN once more.
    pub fn is_repeated_by(&self, arrival: &Arrival) -> bool {
        arrival.direction == self.direction && arrival.segment.is_syn() && arrival.segment.sequence == self.initial
    }

    /// Whether an ICMP error quotes this SYN.
    pub fn is_quoted(&self, direction: Direction, sequence: SequenceNumber) -> bool {
        direction == self.direction && sequence == self.initial
    }

    /// An ICMP error says that the SYN did not arrive.
    pub fn is_unreachable(&mut self) {
        self.unreachable = true;
    }

    /// Whether a segment is a SYN of the other side: the two may have crossed (RFC 9293 3.5).
    pub fn is_crossed_by(&self, arrival: &Arrival) -> bool {
        arrival.direction != self.direction && arrival.segment.is_syn()
    }

    /// How well a segment's numbers fit.
    pub fn fit(&self, arrival: &Arrival) -> Fit {
        let segment = &arrival.segment;
        let flags = segment.flags;
        let opens = flags.has(Flags::SYN) && !flags.has(Flags::RST);
        let own = arrival.direction == self.direction;
        let number = if own { segment.sequence } else { segment.acknowledgement };
        if own && opens {
            return match (number == self.initial, segment.is_syn()) {
                (true, true) => Fit::All,
                (true, false) => Fit::One,
                (false, _) => Fit::No,
            };
        }
        if segment.is_syn() || (!own && !flags.has(Flags::ACK)) {
            return Fit::No;
        }
        if number.is_within(self.initial.plus(1), u32::from(self.octets)) || (own && number == self.initial) {
            return if opens { Fit::All } else { Fit::One };
        }
        // Something between was not captured. An acknowledgement near the SYN's number is none of it.
        let tells = own || segment.payload_length > 0;
        let ahead = number.is_within(self.initial.plus(1), u32::from(self.octets).saturating_add(NEAR));
        if tells && ahead && !opens {
            Fit::Near
        } else {
            Fit::No
        }
    }

    /// The connection with all its state, for the next segment, and the octets that the SYN carried.
    pub fn grow(&self, number: u32, octets: &[u8]) -> Connection {
        let mut connection = Connection::new(number, self.syn.first_time);
        let segment = Segment {
            window: self.window,
            payload_length: u32::from(self.octets),
            ..syn_segment(self.initial, octets)
        };
        let (time, frame) = (self.syn.first_time, self.syn.frame);
        let arrival = Arrival { direction: self.direction, segment: &segment, time, frame, identification: 0 };
        connection.segment(&arrival, false, &mut Verdict::new(frame, self.initial.0), &mut Answers::new());
        connection.end_mut(self.direction).opening.set_syn(Some(self.syn));
        connection.end_mut(self.direction).shift = self.shift;
        connection.traffic = self.traffic();
        connection.last_time = connection.last_time.max(self.syn.time);
        connection.unreachable = self.unreachable;
        connection.predecessor = self.predecessor;
        connection
    }

    /// As far as it is kept: the same octets in each of its segments.
    fn traffic(&self) -> [Traffic; 2] {
        let segments = self.syn.attempts();
        let octets = u64::from(self.octets) * u64::from(segments);
        let mut traffic = [Traffic::default(); 2];
        traffic[self.direction as usize] = Traffic { octets, segments, retransmitted: segments.saturating_sub(1) };
        traffic
    }

    /// What is known of it when the capture has reached `now`.
    pub fn summary(&self, now: Time) -> Summary {
        Summary {
            opened: if self.unreachable { Opened::Unreachable } else { no_answer(&self.syn, now) },
            ended: Ended::NeverOpened,
            closed_by: Initiator::Nobody,
            reset_by: None,
            unanswered_by: None,
            waits_for: None,
            one_direction: false,
            duration: self.syn.time.saturating_sub(self.syn.first_time).max(0),
            setup_time: None,
            max_idle: None,
            keep_alives: 0,
            keep_alives_answered: 0,
            unanswered_max: 0,
            keep_alive_verdict: None,
            syn_attempts: self.syn.attempts(),
            tls_time: None,
            messages: 0,
            end_idle: None,
            client_is_higher: Some(self.direction == Direction::Back),
            tls_version: None,
            tls_resumed: false,
            tls_end: None,
            tls_names: None,
            traffic: self.traffic(),
            round_trip: None,
            details: None,
        }
    }
}
