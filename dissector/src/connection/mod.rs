//! One connection: two endpoints, their roles, and where it is in its life.

mod ahead;
mod attempts;
mod closing;
mod doubts;
mod farewell;
mod finished;
mod fins;
mod half_open;
mod moment;
mod opening;
mod phase;
mod prediction;
mod reading;
mod silence;
mod summary;
mod syn_octets;
mod tls_end;
mod transfer;
mod unreset;
mod unsealing;
mod waking;

pub use attempts::{Fit, Predecessor};
use doubts::Doubts;
pub use finished::Finished;
pub use half_open::HalfOpen;
use moment::{Lasted, Moment};
pub use reading::Answers;
use reading::{Carried, TlsKnown};
use silence::Longest;
pub use syn_octets::SynOctets;
pub use unsealing::Sealed;
use unsealing::Sealing;
use waking::{Woken, SILENCE};

use crate::payload::{LastWords, Late, Payload};
use crate::tcp::endpoint::Endpoint;
use crate::tcp::keep_alive::Silence;
use crate::tcp::state::Event;
use crate::tcp::{Flags, Segment, SequenceNumber};
use crate::tls::TlsNames;
use crate::verdict::{
    elapsed, Basis, Details, Duration, Initiator, KeepAliveVerdict, Opened, Sender, Step, Time, Traffic, Verdict,
};

/// Which way a segment goes. Who of the two is the client is a conclusion, not a fact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// From the endpoint whose address and port compare lower.
    Forth = 0,
    /// From the other one.
    Back = 1,
}

impl Direction {
    /// The way of a segment whose sender compares lower than its receiver, or does not.
    pub fn from_lower(lower: bool) -> Direction {
        if lower {
            Direction::Forth
        } else {
            Direction::Back
        }
    }

    /// The other way.
    pub const fn reverse(self) -> Direction {
        match self {
            Direction::Forth => Direction::Back,
            Direction::Back => Direction::Forth,
        }
    }
}

/// One segment on its way into a connection.
#[derive(Clone, Copy, Debug)]
pub struct Arrival<'a> {
    /// Which way it goes.
    pub direction: Direction,
    /// The segment.
    pub segment: &'a Segment<'a>,
    /// When it was captured.
    pub time: Time,
    /// The frame that carries it.
    pub frame: u32,
    /// IPv4 identification; 0 where there is none.
    pub identification: u16,
}

/// Who began to close.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Closer {
    One(Direction),
    Both,
}

/// A reset that took effect.
#[derive(Clone, Copy, Debug)]
struct Reset {
    by: Direction,
    /// In the window but not exact: it counts only while nobody goes on.
    tentative: bool,
    /// Who had begun to close before.
    closer_before: Option<Closer>,
}

/// IPv4 identification of the last segment of one side that did not go as predicted.
#[derive(Clone, Copy, Debug, Default)]
struct Identification {
    /// The lower half of the frame's number.
    frame: u16,
    number: u16,
    /// That of the one before was the same.
    is_repeated: bool,
}

/// A connection that is more than a lone SYN.
#[derive(Clone, Debug)]
pub struct Connection {
    number: u32,
    /// The one on the same addresses and ports, until this one is open.
    pub predecessor: Predecessor,
    endpoints: [Endpoint; 2],
    client: Option<Direction>,
    basis: Basis,
    opened: Option<Opened>,
    simultaneous_open: bool,
    /// The client's SYN was quoted by an ICMP error.
    unreachable: bool,
    reset: Option<Reset>,
    /// An RST came when both FINs were acknowledged, or after another one.
    reset_after_close: bool,
    closer: Option<Closer>,
    first_fin: Option<Direction>,
    /// The side that is expected to send a challenge ACK next.
    challenged: Option<Direction>,
    /// The side that rejects an answer to its SYN with an RST, and the number that this has (RFC 9293 3.10.7.3).
    rejected: Option<(Direction, SequenceNumber)>,
    /// What is not believed so far.
    doubts: Option<Box<Doubts>>,
    /// Of the segment at hand something is not believed, and its rest is judged.
    in_part: bool,
    /// The sides that are expected to acknowledge a repeated FIN.
    fin_repeated_to: [bool; 2],
    /// The side that sent the last segment, if that was a keep-alive probe.
    probe_came_last: Option<Direction>,
    /// The first octets after the half-close: whose they are, and where they begin.
    half_close_data: Option<(Direction, SequenceNumber)>,
    /// A keep-alive was noted since octets went that are none.
    wait_noted: bool,
    traffic: [Traffic; 2],
    identifications: [Identification; 2],
    first_time: Time,
    last_time: Time,
    /// When octets other than keep-alives went last, and whose; without any, when it opened.
    last_activity: Moment,
    last_octets_by: Option<Direction>,
    /// The last octets announce an end, and when octets went before them and their like.
    last_words: LastWords,
    /// The last burst may be such a farewell in a protocol that nobody reads, if it has no more octets than this, and a FIN
    /// follows at once; 0 where it is none.
    farewell_limit: u16,
    /// How many it has so far.
    burst_octets: u16,
    /// Nothing but their acknowledgement tells of the last octets.
    octets_unseen: bool,
    /// One of these matters for the octets that come next.
    words_matter: bool,
    /// The long segments of both sides.
    longest: Option<Box<[Longest; 2]>>,
    activity_before: Moment,
    max_idle: Lasted,
    /// How long it had been idle at the first FIN or RST.
    close_idle: Lasted,
    /// Octets after a silence that nothing has answered so far.
    woken: Option<Box<Woken>>,
    setup_time: Lasted,
    round_trip: Lasted,
    keep_alives: u32,
    keep_alives_answered: u32,
    keep_alive_verdict: Option<KeepAliveVerdict>,
    /// What is above TCP, from the first octets on.
    payload: Option<Box<Payload>>,
    /// Nobody here reads what is above.
    unreadable: bool,
    /// Nobody reads what is above, but TLS can still begin.
    late: Option<Box<Late>>,
    /// The octets of a SYN that nobody has accepted yet.
    #[allow(clippy::box_collection)] // Few have them, so a thin pointer.
    syn_octets: Option<Box<Vec<u8>>>,
    carried: Carried,
    /// What the current segment has said that decrypted records may change.
    sealing: Option<Sealing>,
    tls_known: TlsKnown,
    tls_time: Lasted,
    tls_names: Option<Box<TlsNames>>,
    details: Option<Box<Details>>,
    /// A side acknowledges another that was not captured.
    acknowledges_unseen: bool,
    /// Open, with nothing pending: most segments go as predicted.
    quiet: bool,
}

impl Connection {
    /// Nothing is known yet.
    pub fn new(number: u32, time: Time) -> Connection {
        Connection {
            number,
            predecessor: Predecessor::NONE,
            endpoints: [Endpoint::new(), Endpoint::new()],
            client: None,
            basis: Basis::Unknown,
            opened: None,
            simultaneous_open: false,
            unreachable: false,
            reset: None,
            reset_after_close: false,
            closer: None,
            first_fin: None,
            challenged: None,
            rejected: None,
            doubts: None,
            in_part: false,
            fin_repeated_to: [false; 2],
            probe_came_last: None,
            half_close_data: None,
            wait_noted: false,
            traffic: [Traffic::default(); 2],
            identifications: Default::default(),
            first_time: time,
            last_time: time,
            last_activity: Moment::default(),
            last_octets_by: None,
            last_words: LastWords::No,
            farewell_limit: 0,
            burst_octets: 0,
            octets_unseen: false,
            words_matter: false,
            longest: None,
            activity_before: Moment::default(),
            max_idle: Lasted::default(),
            close_idle: Lasted::default(),
            woken: None,
            setup_time: Lasted::default(),
            round_trip: Lasted::default(),
            keep_alives: 0,
            keep_alives_answered: 0,
            keep_alive_verdict: None,
            payload: None,
            unreadable: false,
            late: None,
            syn_octets: None,
            carried: Carried::default(),
            sealing: None,
            tls_known: TlsKnown::default(),
            tls_time: Lasted::default(),
            tls_names: None,
            details: None,
            acknowledges_unseen: false,
            quiet: false,
        }
    }

    /// Open since before the capture began.
    pub fn midway(number: u32, time: Time) -> Connection {
        let mut connection = Connection::new(number, time);
        connection.opened = Some(Opened::Midway);
        connection.both(Event::Opens);
        connection
    }

    /// Judges a segment and moves on, as `predicted` or not. What it answers is added to `answers`. Whether it ends the
    /// connection.
    pub fn segment(
        &mut self,
        arrival: &Arrival,
        predicted: bool,
        verdict: &mut Verdict,
        answers: &mut Answers,
    ) -> bool {
        let mut ends = false;
        verdict.connection = Some(self.number);
        self.carried = Carried::unread();
        if predicted {
            self.goes_as_predicted(arrival, verdict, answers);
        } else {
            ends = self.goes_its_way(arrival, verdict, answers);
            verdict.initiator = self.initiator().or(verdict.initiator);
        }
        (verdict.sender, verdict.basis) = (self.sender(arrival.direction), self.basis);
        self.counts(arrival);
        self.traffic[arrival.direction as usize].retransmitted += u32::from(verdict.retransmission);
        ends
    }

    fn counts(&mut self, arrival: &Arrival) {
        self.traffic[arrival.direction as usize].counts(arrival.segment.payload_length);
        self.last_time = self.last_time.max(arrival.time);
    }

    #[inline(never)] // Out of the way of what goes as predicted.
    fn goes_its_way(&mut self, arrival: &Arrival, verdict: &mut Verdict, answers: &mut Answers) -> bool {
        if self.disproves_reset(arrival, verdict, answers) {
            return false;
        }
        let believed = self.believes(arrival);
        self.in_part = believed.is_some();
        let drops_fin =
            arrival.segment.flags.has(Flags::FIN) && believed.map_or(false, |part| !part.flags.has(Flags::FIN));
        let arrival = &Arrival { segment: believed.as_ref().unwrap_or(arrival.segment), ..*arrival };
        let Arrival { direction, segment, .. } = *arrival;
        let was_over = self.is_over();
        self.identifies(arrival);
        self.hears_answers(arrival);
        if segment.flags.has(Flags::RST) {
            self.resets(arrival, verdict, answers);
        } else if segment.flags.has(Flags::SYN) {
            self.synchronizes(arrival, verdict);
        } else if !self.is_open() {
            self.opens(arrival, verdict, answers);
        } else {
            self.transfers(arrival, verdict, answers);
        }
        verdict.inferred |= drops_fin;
        self.settles_fins(verdict);
        verdict.phase = self.phase(segment, verdict);
        self.probe_came_last = verdict.steps.contains(Step::KeepAliveProbe).then_some(direction);
        self.end_mut(direction).captured = true;
        self.acknowledges_unseen |= segment.flags.has(Flags::ACK) && !self.end(direction.reverse()).captured;
        self.quiet = self.is_quiet();
        self.is_over() && !was_over
    }

    /// How many segments it has had.
    fn segments(&self) -> u32 {
        self.traffic[0].segments.saturating_add(self.traffic[1].segments)
    }

    /// Whether the opening is complete.
    pub fn is_open(&self) -> bool {
        matches!(self.opened, Some(Opened::Handshake | Opened::FastOpen | Opened::Simultaneous | Opened::Midway))
    }

    /// Whether a valid RST was seen or both FINs are acknowledged.
    pub fn is_over(&self) -> bool {
        self.reset.map_or(false, |reset| !reset.tentative) || self.endpoints.iter().all(|end| end.fin_acknowledged)
    }

    fn identifies(&mut self, arrival: &Arrival) {
        let (frame, number) = (arrival.frame as u16, arrival.identification);
        let last = &mut self.identifications[arrival.direction as usize];
        *last = Identification { frame, number, is_repeated: last.number == number };
    }

    /// Whether another segment of this side than the one in the frame `original` had the same IPv4 identification as this
    /// one, so that it tells nothing.
    pub fn has_constant_identification(&self, arrival: &Arrival, original: u32) -> bool {
        let last = self.identifications[arrival.direction as usize];
        if last.frame == original as u16 {
            last.is_repeated
        } else {
            last.number == arrival.identification
        }
    }

    /// Something reached this side that it answers with a challenge ACK.
    pub fn is_challenged(&mut self, direction: Direction) {
        self.challenged = Some(direction);
        self.quiet = false;
    }

    fn end(&self, direction: Direction) -> &Endpoint {
        &self.endpoints[direction as usize]
    }

    fn end_mut(&mut self, direction: Direction) -> &mut Endpoint {
        &mut self.endpoints[direction as usize]
    }

    fn both(&mut self, event: Event) {
        for end in &mut self.endpoints {
            end.state = end.state.transition(event);
        }
    }

    fn sender(&self, direction: Direction) -> Sender {
        match self.client {
            None => Sender::Unknown,
            Some(client) if client == direction => Sender::Client,
            Some(_) => Sender::Server,
        }
    }

    fn initiator(&self) -> Option<Initiator> {
        self.closer.map(|closer| match closer {
            Closer::Both => Initiator::Both,
            Closer::One(direction) => initiator_from(self.sender(direction)),
        })
    }

    fn set_client(&mut self, client: Direction, basis: Basis) {
        self.client = Some(client);
        self.basis = basis;
    }

    fn silence(&self, time: Time) -> Silence {
        let last = self.last_activity.get().unwrap_or(self.last_time);
        Silence {
            lasted: time.saturating_sub(last),
            total: time.saturating_sub(self.last_time),
            round_trip: self.round_trip.get(),
        }
    }

    /// Takes the window of a segment that is not older than the last one.
    fn take_window(&mut self, arrival: &Arrival) {
        let newest = self.end(arrival.direction.reverse()).unacknowledged;
        let stale = newest.map_or(false, |newest| arrival.segment.acknowledgement.is_before(newest));
        if arrival.segment.flags.has(Flags::ACK) && !stale {
            let end = self.end_mut(arrival.direction);
            let window = end.scaled(arrival.segment.window);
            end.window_reopened |= end.window == Some(0) && window > 0;
            end.window = Some(window);
            end.window_of_syn = false;
        }
    }

    /// Takes the acknowledgement of a segment for its peer's octets.
    fn take_acknowledgement(&mut self, arrival: &Arrival) {
        let peer = self.end_mut(arrival.direction.reverse());
        let acknowledgement = arrival.segment.acknowledgement;
        if arrival.segment.flags.has(Flags::ACK) {
            let known = peer.next.or(peer.unacknowledged);
            peer.is_acknowledged(acknowledgement);
            // Octets that were not captured; one alone may be a FIN, or a keep-alive's.
            if known.map_or(false, |known| acknowledgement.is_after(known.plus(1))) {
                self.last_octets_by = Some(arrival.direction.reverse());
                (self.octets_unseen, self.words_matter) = (true, true);
                self.active(arrival.time);
            }
        }
    }

    /// Octets went. Keep-alives above TCP ask for nothing and answer nothing that anybody waits for.
    #[inline(always)]
    fn carried_octets(&mut self, arrival: &Arrival) {
        if self.is_plain(arrival.segment) {
            self.activity_before = self.last_activity;
        } else {
            self.weigh_words(arrival);
        }
        self.measures(arrival);
        let idle = self.active(arrival.time);
        if !self.carried.keep_alive {
            self.last_octets_by = Some(arrival.direction);
            self.wait_noted = false;
        }
        if idle >= SILENCE {
            self.wakes(arrival, idle);
        }
    }

    /// Notes that octets went, or that the connection began to close; says how long it had been idle.
    #[inline(always)] // Most segments with octets come here.
    fn active(&mut self, time: Time) -> Duration {
        if let (Some(last), Some(longest)) = (self.last_activity.get(), self.max_idle.get()) {
            let idle = time.wrapping_sub(last);
            if time > last && (0..=longest).contains(&idle) {
                self.last_activity = Moment::at(time);
                return idle;
            }
        }
        self.active_after_longest(time)
    }

    #[cold]
    fn active_after_longest(&mut self, time: Time) -> Duration {
        let last = match self.last_activity.get() {
            Some(last) => last,
            None => {
                self.last_activity = Moment::at(time);
                // A capture that begins in a silence shows a part of it.
                self.max_idle = Lasted::of(elapsed(self.first_time, time).filter(|&idle| idle > 0));
                return 0;
            }
        };
        if time <= last {
            return 0;
        }
        let idle = time.saturating_sub(last);
        self.last_activity = Moment::at(time);
        if self.max_idle.get().map_or(true, |longest| longest < idle) {
            self.max_idle = Lasted::of(Some(idle));
        }
        idle
    }
}

fn initiator_from(sender: Sender) -> Initiator {
    match sender {
        Sender::Unknown => Initiator::Unknown,
        Sender::Client => Initiator::Client,
        Sender::Server => Initiator::Server,
    }
}
