//! What the protocols above TCP take and give.
//!
//! Each takes [`Octets`], one direction in order, and adds what it saw to an [`Outcome`]. A protocol that hands the
//! stream over to another one says so with a [`Switch`]; the caller goes on there with the octets from its offset.

use crate::connection::Direction;
use crate::heartbeat::{Heartbeat, HeartbeatKind};
use crate::http::Method;
use crate::tcp::SequenceNumber;
use crate::verdict::{Basis, Duration, HttpFraming, HttpUnfinished, Layer, PersistentBasis, Step, Steps, Time};
use nom::FindSubstring;

/// Octets of one direction in order, from one segment.
#[derive(Clone, Copy, Debug)]
pub struct Octets<'a> {
    /// Which way they go.
    pub direction: Direction,
    /// The octets.
    pub captured: &'a [u8],
    /// How many follow that are not known: cut off by the snap length, or a hole that will not be filled.
    pub missing: u32,
    /// When the segment was captured.
    pub time: Time,
    /// The frame that carries it.
    pub frame: u32,
}

/// Where octets stand in the streams of both directions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Numbers {
    /// The number of the first one.
    pub begin: SequenceNumber,
    /// The number that their segment acknowledges.
    pub acknowledgement: Option<SequenceNumber>,
}

/// What the next octets of a direction are, whatever they say, because a length before them does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Known {
    /// So many.
    pub octets: u64,
    /// What they do.
    pub step: Step,
    /// That rests on a guess.
    pub inferred: bool,
    /// Number of the message that they belong to.
    pub message: Option<u32>,
    /// They are of a TLS handshake that is not over.
    pub handshake: bool,
    /// The length of what a part of them belongs to is not known: it says nothing about octets that go beyond it.
    pub in_part: bool,
}

impl Known {
    /// So many octets that do this.
    pub fn new(octets: u64, step: Step) -> Known {
        Known { octets, step, inferred: false, message: None, handshake: false, in_part: false }
    }
}

/// Where a line ends: at its line feed. nom looks at many octets at a time.
pub fn line_end(octets: &[u8]) -> Option<usize> {
    octets.find_substring(&b"\n"[..])
}

/// Whether a stream begins with a protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recognition {
    /// It does.
    Yes,
    /// It does not.
    No,
    /// These octets can still become both.
    NeedMore,
}

/// A protocol above TCP: what it reads, and what it knows. Only what differs from most has to be written.
pub trait Application {
    /// Whether a direction that begins so speaks it. Others begin behind a switch.
    fn recognises(_octets: &[u8]) -> Recognition
    where
        Self: Sized,
    {
        Recognition::No
    }

    /// Reads octets of one direction.
    fn octets(&mut self, octets: &Octets, outcome: &mut Outcome);

    /// Octets were lost, `length` of them, if that is known.
    fn gap(&mut self, direction: Direction, length: Option<u32>);

    /// Whose keep-alives it has, if any.
    fn layer(&self) -> Option<Layer> {
        None
    }

    /// How the roles are known that it tells of, if it does.
    fn basis(&self) -> Option<Basis> {
        None
    }

    /// A FIN or an RST.
    fn ends(&mut self, _direction: Direction, _by_reset: bool, _time: Time, _outcome: &mut Outcome) {}

    /// What the next octets of a direction are, whatever they say.
    fn known(&self, _direction: Direction) -> Option<Known> {
        None
    }

    /// Octets of a direction that may pass but for the last one.
    fn rest(&self, _direction: Direction) -> Rest {
        Rest::default()
    }

    /// So many of them have passed, the last at this time.
    fn passes(&mut self, _direction: Direction, _octets: u64, _time: Time) {}

    /// Where the octets that come next stand.
    fn stands(&mut self, _numbers: Numbers) {}

    /// Whether a response is awaited, or under way.
    fn is_waiting(&self) -> bool {
        false
    }

    /// HTTP requests so far, of what has such.
    fn messages(&self) -> Option<u32> {
        None
    }

    /// Where the verdict of a frame is kept: hindsight fills in what answers its messages.
    fn remember_place(&mut self, _frame: u32, _place: u32) {}
}

/// Octets of a direction of which it is certain what each segment does with them.
#[derive(Clone, Copy, Debug, Default)]
pub struct Rest {
    /// So many; the last of them is read.
    pub octets: u64,
    /// What they are, none for what nobody recognises.
    pub step: Option<Step>,
    /// Number of the message that they belong to.
    pub message: Option<u32>,
}

/// A protocol that a stream is handed over to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// TLS, after STARTTLS or an upgrade to it (RFC 2817).
    Tls,
    /// Whatever the tunnel of a CONNECT carries (RFC 9110 9.3.6): most often TLS, from its Client Hello on.
    Tunnel,
    /// WebSocket frames (RFC 6455).
    WebSocket,
    /// HTTP/2 in clear text (RFC 7540 3.2).
    Http2,
    /// Something that nobody here reads.
    Other,
}

/// Where a stream is handed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Switch {
    /// To what.
    pub protocol: Protocol,
    /// The first octet of the new protocol, counted in [`Octets::captured`].
    pub offset: usize,
}

/// A request whose answer has come, so that its verdict can name the response in hindsight.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Answered {
    /// The place that the caller gave the request; none if it did not.
    pub place: Option<u32>,
    /// The first frame of the request.
    pub request_frame: u32,
    /// The first frame of the final response.
    pub response_frame: u32,
}

/// What a message says about persistence (RFC 9112 9.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Persistence {
    /// The connection stays open for the next request.
    pub persistent: bool,
    /// How that is known; none where one side has said keep-alive and the other has not been heard.
    pub basis: Option<PersistentBasis>,
}

/// A short list. What does not fit is left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct List<T> {
    items: [T; LIST_MAXIMUM],
    length: u8,
}

/// A full-size segment of pipelined requests rarely holds more.
pub const LIST_MAXIMUM: usize = 16;

impl<T: Copy + Default + PartialEq> Default for List<T> {
    fn default() -> List<T> {
        List { items: [T::default(); LIST_MAXIMUM], length: 0 }
    }
}

impl<T: Copy + Default + PartialEq> List<T> {
    /// Adds an item, unless it is the last one already.
    pub fn push(&mut self, item: T) {
        let length = usize::from(self.length);
        if self.as_slice().last() == Some(&item) {
            return;
        }
        if let Some(free) = self.items.get_mut(length) {
            *free = item;
            self.length += 1;
        }
    }

    /// The items, oldest first.
    pub fn as_slice(&self) -> &[T] {
        self.items.get(..usize::from(self.length)).unwrap_or(&[])
    }
}

/// What the octets of one segment are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// What they do, in their order. Empty where nobody says more than Data.
    pub steps: Steps,
    /// Some of them belong nowhere, because octets before them are not known.
    pub after_gap: bool,
    /// Something here rests on a guess.
    pub inferred: bool,
    /// The stream is not what it was taken for; the caller goes on as if nobody had recognised it.
    pub mistaken: bool,
    /// Which way requests go, once a message has shown it.
    pub client: Option<Direction>,
    /// Where another protocol takes over. Octets from there on were not read.
    pub switch: Option<Switch>,
    /// Numbers of the messages that these octets belong to.
    pub messages: List<u32>,
    /// A request begins here: the caller may give it a place.
    pub begins_request: bool,
    /// Method of the first head here, if that is a request's.
    pub method: Option<Method>,
    /// Status code of the first head here, if that is a response's.
    pub status: Option<u16>,
    /// What the last head that ends here says.
    pub persistence: Option<Persistence>,
    /// The first frame of the request that the first response here answers, on the response's first segment.
    pub request_frame: Option<u32>,
    /// Requests that a final response answers here.
    pub answered: Vec<Answered>,
    /// Last octet of the request to first octet of the first final response here.
    pub response_time: Option<Duration>,
    /// Why the length of a body here is in doubt.
    pub framing: Option<HttpFraming>,
    /// What the FIN or RST here leaves unfinished, of which message, and how many octets of its body are missing.
    pub unfinished: Option<(HttpUnfinished, u32, Option<u64>)>,
    /// How long the server says that it keeps an idle connection.
    pub timeout: Option<Duration>,
    /// How long an MQTT client may be silent.
    pub keep_alive: Option<Duration>,
    /// The last keep-alive message here.
    pub heartbeat: Option<Heartbeat>,
    /// How many messages here keep the connection alive, and how many answer such.
    pub heartbeat_probes: u32,
    pub heartbeat_answers: u32,
    /// These are octets of a response to nothing, by which the server says that it has waited long enough (RFC 9110
    /// 15.5.9).
    pub times_out: bool,
    /// There is more here than messages that keep the connection alive.
    pub beyond_heartbeats: bool,
}

impl Outcome {
    /// A final response answers a request. What does not fit is left out.
    pub fn answers(&mut self, answered: Answered) {
        if self.answered.len() < LIST_MAXIMUM && self.answered.last() != Some(&answered) {
            self.answered.push(answered);
        }
    }

    /// A message that may keep the connection alive: the last one is told, all are counted.
    pub fn takes_heartbeat(&mut self, heartbeat: Heartbeat, frame: u32) {
        let before = self.heartbeat.replace(heartbeat).filter(|before| before.keep_alive);
        if let Some(Heartbeat { probe_place: Some(place), probe_frame: Some(request_frame), .. }) = before {
            self.answers(Answered { place: Some(place), request_frame, response_frame: frame });
        }
        if heartbeat.keep_alive && heartbeat.kind == HeartbeatKind::Answer {
            self.heartbeat_answers = self.heartbeat_answers.saturating_add(1);
        } else if heartbeat.keep_alive {
            self.heartbeat_probes = self.heartbeat_probes.saturating_add(1);
        }
    }

    /// Adds octets that belong nowhere.
    pub fn unplaced(&mut self, after_gap: bool) {
        self.steps.push(Step::Data);
        self.after_gap |= after_gap;
        self.beyond_heartbeats = true;
    }

    /// Whether the segment's phase is Keep-alive: it carries keep-alive messages and nothing else.
    pub fn is_keep_alive(&self) -> bool {
        !self.beyond_heartbeats && !self.steps.is_empty()
    }
}
