//! What is said about a segment: [`Verdict`], and of a connection: [`Summary`]. Their enumerations, with every display
//! name, come from `names`.

pub use crate::names::*;
pub use crate::tls::TlsNames;

/// The steps of one segment, in order; equal neighbours are one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Steps {
    /// A bit for each number that occurs.
    present: [u64; 2],
    codes: [u8; Steps::MAXIMUM],
    length: u8,
}

impl Steps {
    /// More steps than this are not kept.
    pub const MAXIMUM: usize = 15;

    /// Adds a step at the end.
    pub fn push(&mut self, step: Step) {
        self.push_code(step as u8);
    }

    pub(crate) fn push_code(&mut self, code: u8) {
        let length = usize::from(self.length);
        let repeated = length > 0 && self.codes[length - 1] == code;
        if !repeated && length < Steps::MAXIMUM {
            self.codes[length] = code;
            self.length += 1;
            self.present[usize::from(code >> 6) % 2] |= 1 << (code % 64);
        }
    }

    /// Adds steps at the end.
    pub fn extend(&mut self, steps: &Steps) {
        if self.is_empty() {
            *self = *steps;
        } else {
            steps.codes().iter().for_each(|&code| self.push_code(code));
        }
    }

    /// The number of the first, 0 without any.
    pub const fn first_code(&self) -> u8 {
        self.codes[0]
    }

    /// Whether there is no more than one.
    pub const fn is_one(&self) -> bool {
        self.length <= 1
    }

    /// The numbers of the steps.
    pub fn codes(&self) -> &[u8] {
        &self.codes[..usize::from(self.length)]
    }

    /// The steps.
    pub fn iter(&self) -> impl Iterator<Item = Step> + '_ {
        self.codes().iter().filter_map(|&code| Step::from_number(code))
    }

    /// Whether one of them is this.
    pub const fn contains(&self, step: Step) -> bool {
        self.present[(step as usize >> 6) % 2] & 1 << (step as u8 % 64) != 0
    }

    /// Whether there are none.
    pub const fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// Which steps they are, whatever their order.
    pub(crate) const fn set(&self) -> StepSet {
        StepSet(self.present)
    }
}

/// A set of [`Step`]s.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct StepSet([u64; 2]);

impl StepSet {
    /// These.
    pub const fn of(steps: &[Step]) -> StepSet {
        let (mut present, mut at) = ([0; 2], 0);
        while at < steps.len() {
            present[(steps[at] as usize >> 6) % 2] |= 1 << (steps[at] as u8 % 64);
            at += 1;
        }
        StepSet(present)
    }

    /// Those that announce an end.
    pub const fn of_farewells() -> StepSet {
        let (mut farewells, mut at) = (StepSet([0; 2]), 0);
        while at < Step::ALL.len() {
            if Step::ALL[at].is_farewell() {
                farewells = farewells.with(StepSet::of(&[Step::ALL[at]]));
            }
            at += 1;
        }
        farewells
    }

    /// What is in one of them.
    pub const fn with(self, other: StepSet) -> StepSet {
        StepSet([self.0[0] | other.0[0], self.0[1] | other.0[1]])
    }

    /// Whether it has nothing that the other has not.
    pub const fn is_within(self, other: StepSet) -> bool {
        self.0[0] & !other.0[0] == 0 && self.0[1] & !other.0[1] == 0
    }

    /// Whether they have one in common.
    pub const fn meets(self, other: StepSet) -> bool {
        self.0[0] & other.0[0] | self.0[1] & other.0[1] != 0
    }

    /// Whether there are none.
    pub const fn is_empty(self) -> bool {
        self.0[0] | self.0[1] == 0
    }
}

/// A set of [`Note`]s.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Notes(pub u32);

impl Notes {
    /// Adds a note.
    pub fn insert(&mut self, note: Note) {
        self.0 |= 1 << note as u8;
    }

    /// Takes a note out.
    pub fn remove(&mut self, note: Note) {
        self.0 &= !(1 << note as u8);
    }

    /// Whether the note is in the set.
    pub const fn contains(self, note: Note) -> bool {
        self.0 & (1 << note as u8) != 0
    }

    /// Whether there are none.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }
}

/// Absolute time in nanoseconds since the epoch, as captured.
pub type Time = i64;
/// A length of time in nanoseconds.
pub type Duration = i64;

/// The time from `since` to `now`; none where the capture's clock went back in between.
pub fn elapsed(since: Time, now: Time) -> Option<Duration> {
    now.checked_sub(since).filter(|&duration| duration >= 0)
}

/// One second.
pub const SECOND: Duration = 1_000_000_000;

/// The opening's own facts (`tcpphase.handshake.*`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HandshakeFacts {
    /// Frame of the last SYN with that initial sequence number.
    pub syn_frame: Option<u32>,
    /// Frame of the last SYN-ACK.
    pub synack_frame: Option<u32>,
    /// First SYN to the handshake ACK.
    pub time: Option<Duration>,
    /// Last SYN to SYN-ACK.
    pub server_time: Option<Duration>,
    /// SYN-ACK to a pure handshake ACK.
    pub client_time: Option<Duration>,
    /// 1 for the first SYN, 2 for its first retransmission, and so on.
    pub attempt: Option<u32>,
    /// First SYN to this retransmission of it: what the retries have cost so far.
    pub retry_cost: Option<Duration>,
    /// Both sides have sent a SYN of their own (RFC 9293 3.5, figure 7).
    pub simultaneous: bool,
}

/// A keep-alive's own facts (`tcpphase.keepalive.*`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct KeepAliveFacts {
    /// What the segment is to a keep-alive.
    pub status: Option<KeepAliveStatus>,
    /// Whose keep-alive it is.
    pub layer: Option<Layer>,
    /// n-th probe in a row without an answer so far.
    pub number: Option<u32>,
    /// Time since the connection last carried octets.
    pub idle: Option<Duration>,
    /// Time since this side's previous probe.
    pub interval: Option<Duration>,
    /// On an answer: the frame of the probe.
    pub probe_frame: Option<u32>,
    /// On an answer: time since the probe.
    pub response_time: Option<Duration>,
    /// On a probe, in hindsight: the frame of its answer.
    pub answer_frame: Option<u32>,
    /// What the connection was doing.
    pub context: Option<Context>,
}

/// A TLS handshake's own facts (`tcpphase.tls.*`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TlsFacts {
    /// The negotiated version as on the wire, once known.
    pub version: Option<u16>,
    /// A session is resumed, once known.
    pub resumed: bool,
    /// The handshake is complete with this segment.
    pub complete: bool,
    /// It carries a part of a Client Hello that other segments carry the rest of.
    pub hello_spans: bool,
    /// Client Hello to completion.
    pub time: Option<Duration>,
    /// Who ended the handshake with this segment.
    pub failed_by: Option<Sender>,
    /// How.
    pub cause: Option<TlsFailureCause>,
    /// The last step before it failed.
    pub after: Option<Step>,
    /// Description of the alert that ended the handshake or came after it (RFC 8446 6).
    pub alert: Option<u8>,
}

/// How many message numbers a verdict holds beside the first.
pub const MORE_MESSAGES: usize = 15;

/// An HTTP message's own facts (`tcpphase.http.*`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HttpFacts {
    /// Whether the connection stays open, where a head ends.
    pub persistent: Option<Persistent>,
    /// How that is known.
    pub basis: Option<PersistentBasis>,
    /// Code of the request's method, 0 for none: see [`method_name`].
    pub method: u8,
    /// Status code of the response.
    pub status: Option<u16>,
    /// Numbers of further messages, 0 after the last.
    pub more_messages: [u32; MORE_MESSAGES],
    /// On a response's first segment: the request's first frame.
    pub request_frame: Option<u32>,
    /// On a request, in hindsight: the response's first frame.
    pub response_frame: Option<u32>,
    /// Last octet of the request to first octet of the final response.
    pub response_time: Option<Duration>,
    /// Why the length of a body is in doubt.
    pub framing: Option<HttpFraming>,
    /// What a FIN or RST leaves unfinished.
    pub unfinished: Option<HttpUnfinished>,
    /// Number of that message.
    pub unfinished_message: Option<u32>,
    /// How many octets of its body are missing, where that is known.
    pub unfinished_octets: Option<i64>,
    /// How long the server says that it keeps an idle connection ("Keep-Alive: timeout=5").
    pub timeout: Option<Duration>,
}

/// The name of a method with this code, empty where it has none.
pub fn method_name(code: u8) -> &'static str {
    crate::http::Method::from_code(code).name()
}

/// What only some segments have to tell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// A mirrored copy of that frame.
    pub duplicate_of: Option<u32>,
    /// How long the connection had been idle at its first FIN or RST, on that segment.
    pub close_idle: Option<Duration>,
    /// The opening.
    pub handshake: HandshakeFacts,
    /// The keep-alive.
    pub keep_alive: KeepAliveFacts,
    /// Why it looks like a keep-alive and is none.
    pub not_keep_alive: Option<NotKeepAlive>,
    /// TLS.
    pub tls: TlsFacts,
    /// HTTP.
    pub http: HttpFacts,
    /// How long an MQTT client may be silent, on the packet that says so; 0: for ever.
    pub mqtt_keep_alive: Option<Duration>,
    /// Octets or a FIN that went often and were not acknowledged.
    pub unanswered: Unanswered,
    /// Things worth reading.
    pub notes: Notes,
}

/// Octets or a FIN that went several times, and that nothing has acknowledged so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Unanswered {
    /// How often.
    pub transmissions: Option<u32>,
    /// From the first of them to this one.
    pub lasted: Option<Duration>,
    /// How many octets each has.
    pub octets: Option<u32>,
    /// What comes back meanwhile.
    pub how: Option<Silent>,
}

/// What is said about one segment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// The frame that carries the segment.
    pub frame: u32,
    /// The segment's sequence number as on the wire.
    pub sequence: u32,
    /// The number of the connection, from 0; none for a segment without a readable header.
    pub connection: Option<u32>,
    /// Where the connection is.
    pub phase: Phase,
    /// What the segment does there.
    pub steps: Steps,
    /// Which side sent it.
    pub sender: Sender,
    /// How that is known.
    pub basis: Basis,
    /// Every octet, or the SYN or FIN, was captured before.
    pub retransmission: bool,
    /// The step rests on a guess.
    pub inferred: bool,
    /// Octets before it had not been seen.
    pub after_gap: bool,
    /// Who sent the first FIN or RST, from there on.
    pub initiator: Option<Initiator>,
    /// Number of the first HTTP message that the segment belongs to.
    pub message: Option<u32>,
    /// What only some segments have to tell.
    pub facts: Option<Facts>,
}

impl Verdict {
    /// A verdict that says nothing yet.
    pub fn new(frame: u32, sequence: u32) -> Verdict {
        Verdict {
            frame,
            sequence,
            connection: None,
            phase: Phase::Unknown,
            steps: Steps::default(),
            sender: Sender::Unknown,
            basis: Basis::Unknown,
            retransmission: false,
            inferred: false,
            after_gap: false,
            initiator: None,
            message: None,
            facts: None,
        }
    }

    /// What only some segments have to tell.
    pub fn facts(&self) -> Facts {
        self.facts.unwrap_or_default()
    }

    /// The same, to add to.
    pub fn facts_mut(&mut self) -> &mut Facts {
        self.facts.get_or_insert_with(Default::default)
    }

    /// Things worth reading.
    pub fn notes(&self) -> Notes {
        self.facts.as_ref().map_or(Notes::default(), |facts| facts.notes)
    }

    /// Whether there is anything of that kind.
    pub fn has_facts(&self) -> bool {
        self.facts.is_some()
    }
}

/// What is known of a connection so far (`tcpphase.conn.*`), seen from the last frame read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
    /// How it opened.
    pub opened: Opened,
    /// How it ended.
    pub ended: Ended,
    /// Who ended it first, by FIN or by an RST that took effect.
    pub closed_by: Initiator,
    /// Who sent the RST that took effect, where one did.
    pub reset_by: Option<Sender>,
    /// Whose octets or FIN nothing acknowledges, however often they went.
    pub unanswered_by: Option<Sender>,
    /// Who has not sent its FIN although the other side has.
    pub waits_for: Option<Sender>,
    /// Only one side was captured.
    pub one_direction: bool,
    /// First segment to last segment.
    pub duration: Duration,
    /// First SYN to completion.
    pub setup_time: Option<Duration>,
    /// The longest time without octets other than keep-alives.
    pub max_idle: Option<Duration>,
    /// Keep-alive probes.
    pub keep_alives: u32,
    /// Keep-alive probes that were answered.
    pub keep_alives_answered: u32,
    /// The longest run of probes without an answer.
    pub unanswered_max: u32,
    /// What became of the keep-alives; none without any, or where the capture stops too early to tell.
    pub keep_alive_verdict: Option<KeepAliveVerdict>,
    /// How often the SYN was sent.
    pub syn_attempts: u32,
    /// Client Hello to completion.
    pub tls_time: Option<Duration>,
    /// HTTP requests.
    pub messages: u32,
    /// How long it had been idle when it began to close, or when octets went that nothing answered; while neither is so,
    /// how long it has been idle.
    pub end_idle: Option<Duration>,
    /// Which endpoint is the client: the one whose address, then port, compares lower (`Some(false)`), or the other.
    pub client_is_higher: Option<bool>,
    /// The negotiated TLS version as on the wire, once known.
    pub tls_version: Option<u16>,
    /// A TLS session is resumed, once known.
    pub tls_resumed: bool,
    /// What became of the first TLS handshake; none without any, and where one side only was captured and it was not seen to
    /// be complete.
    pub tls_end: Option<TlsEnd>,
    /// What the hellos name.
    pub tls_names: Option<Box<TlsNames>>,
    /// What went: of the endpoint whose address, then port, compares lower, and of the other.
    pub traffic: [Traffic; 2],
    /// The round trip that the opening shows.
    pub round_trip: Option<Duration>,
    /// What only some connections have to tell; boxed, since most have nothing.
    pub details: Option<Box<Details>>,
}

/// How a TLS handshake ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TlsEnd {
    /// What became of it.
    pub outcome: TlsOutcome,
    /// Who ended it, where it failed and that is known.
    pub failed_by: Option<Sender>,
    /// The alert's description (RFC 8446 6).
    pub alert: Option<u8>,
    /// The last step before it failed.
    pub after: Option<Step>,
    /// That rests on a guess.
    pub inferred: bool,
}

/// What one side has sent, copies of the capture aside.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Traffic {
    /// Octets of payload, those that were sent again included.
    pub octets: u64,
    /// Segments.
    pub segments: u32,
    /// Those of them in which every octet, or the SYN or FIN, was captured before.
    pub retransmitted: u32,
}

impl Traffic {
    /// One segment more.
    #[inline(always)] // Every segment comes here.
    pub(crate) fn counts(&mut self, octets: u32) {
        // There is room for more than a capture has.
        self.segments = self.segments.wrapping_add(1);
        self.octets = self.octets.wrapping_add(u64::from(octets));
    }
}

/// What keep-alives and HTTP say of a connection.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Details {
    /// TCP's own keep-alives: those of the endpoint whose address, then port, compares lower, and the other's.
    pub probing: [Probing; 2],
    /// The same of a protocol above, if it has any.
    pub probing_above: Option<Box<[Probing; 2]>>,
    /// That protocol.
    pub layer_above: Option<Layer>,
    /// HTTP requests, where the protocol has changed since.
    pub messages: u32,
    /// The longest time that an HTTP response took.
    pub slowest_response: Option<Duration>,
    /// How long the server says that it keeps an idle connection.
    pub http_timeout: Option<Duration>,
    /// How long an MQTT client may be silent; 0: for ever.
    pub mqtt_keep_alive: Option<Duration>,
}

impl Details {
    /// The longest run of probes of either side and layer without an answer.
    pub fn unanswered_max(&self) -> u32 {
        let above = self.probing_above.as_deref().into_iter().flatten();
        self.probing.iter().chain(above).map(|side| side.unanswered_max).max().unwrap_or(0)
    }
}

/// The keep-alive probes of one side, as its timers show.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Probing {
    /// How long the connection had been idle at the first probe.
    pub idle: Option<Duration>,
    /// Time between the last two probes without other octets between them.
    pub interval: Option<Duration>,
    /// The longest run of probes without an answer.
    pub unanswered_max: u32,
    /// The longest of those that an answer has ended.
    pub ended_max: u32,
}

impl Probing {
    /// One probe more.
    pub fn probe(&mut self, facts: &KeepAliveFacts) {
        self.idle = self.idle.or(facts.idle);
        // A longer interval than the idle time has octets within.
        self.interval = match (facts.interval, facts.idle) {
            (Some(interval), Some(idle)) if interval <= idle => Some(interval),
            (interval, None) => interval.or(self.interval),
            _ => self.interval,
        };
        self.unanswered_max = self.unanswered_max.max(facts.number.unwrap_or(0));
    }

    /// A probe is answered: so many before it will not be, and so many after it wait.
    pub fn answered(&mut self, without: u32, waiting: u32) {
        self.ended_max = self.ended_max.max(without);
        self.unanswered_max = self.ended_max.max(waiting);
    }
}
