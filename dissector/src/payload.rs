//! What is above TCP on one connection: the octets in order, the protocol that their first ones choose, and what that
//! says about a segment.

mod delivery;
mod early;
mod ending;
mod first;
mod inside;
mod late;
mod other;
mod preamble;
mod protocols;
mod recent;
mod rest;
mod undecided;
mod unseen;

use first::{First, FIRST_OCTETS};
use inside::TlsReader;
pub use inside::Unsealed;
pub use late::Late;
use other::Other;
use preamble::Preamble;
use protocols::Reader;
pub use recent::Mark;
use recent::Recent;
pub use rest::Passed;
use rest::Passing;
use undecided::Undecided;
pub use unseen::Unseen;

use crate::application::{Application, Octets, Outcome, Protocol, Recognition};
use crate::connection::Direction;
use crate::http::Http;
use crate::http2::Http2;
use crate::reassembly::{Came, Piece, Reassembly};
use crate::starttls::StartTls;
use crate::tcp::{Segment, SequenceNumber};
use crate::tls::{self, Tls};
use crate::verdict::{Basis, Duration, Layer, Step, StepKind, StepSet, Steps, Time};
use crate::websocket::WebSocket;

/// A stream is handed over to another protocol at most this often within one segment.
const SWITCHES: usize = 4;

/// A segment's octets on their way to the protocol above.
#[derive(Clone, Copy, Debug)]
pub struct Arriving<'a> {
    /// Which way they go.
    pub direction: Direction,
    /// The segment.
    pub segment: &'a Segment<'a>,
    /// What the peer has acknowledged: holes before it will not be filled.
    pub acknowledged: Option<SequenceNumber>,
    /// Nothing of the peer was captured, so that nobody acknowledges anything.
    pub alone: bool,
    /// When it was captured.
    pub time: Time,
    /// The frame that carries it.
    pub frame: u32,
}

impl Arriving<'_> {
    fn came(&self) -> Came {
        let Arriving { time, frame, .. } = *self;
        Came { time, frame }
    }
}

/// What the protocols above say about one segment.
#[derive(Debug, Default)]
pub struct Report {
    /// All but TLS.
    pub outcome: Outcome,
    /// TLS.
    pub tls: Option<tls::Outcome>,
    /// Whose keep-alives the outcome tells of.
    pub layer: Option<Layer>,
    /// How the roles are known that the outcome tells of.
    pub basis: Option<Basis>,
    /// Other segments' octets that waited for a hole which is given up only now: in which frame, and what they say.
    pub earlier: Vec<(u32, Report)>,
    /// A TLS handshake goes on inside TLS, or in octets that wait for others.
    handshake_within: bool,
    /// Other octets came on the same numbers, and nobody knows yet which of them count.
    pub contested: bool,
}

/// Whether a segment says nothing but that the end comes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LastWords {
    #[default]
    No,
    /// A status line may become a 408.
    Undecided,
    /// Its size alone says so: only a FIN soon after it confirms that (T3).
    Perhaps,
    Yes,
}

/// What is above TCP on one connection.
#[derive(Clone, Debug)]
pub struct Payload {
    directions: [Reassembly; 2],
    reader: Reader,
    preamble: Option<Box<Preamble>>,
    passing: [Passing; 2],
    /// Of a direction of which nothing was captured: what the other one has acknowledged so far.
    unseen: [Option<SequenceNumber>; 2],
    /// FINs that wait for octets before them: their numbers, and when they were captured.
    fins: [Option<(SequenceNumber, Time)>; 2],
    recent: Recent,
    other: Option<Box<Other>>,
}

impl Payload {
    /// Nothing has gone yet, or, `midway`, nothing that was captured. `begins` are the numbers of the directions' first
    /// octets, and `client` is the side that has opened the connection, where they are known.
    pub fn new(midway: bool, client: Option<Direction>, begins: [Option<SequenceNumber>; 2]) -> Payload {
        let start_tls = if midway { None } else { Some(StartTls::new()) };
        let mut undecided = Undecided::new(midway, start_tls);
        undecided.expects = Some(client.filter(|_| !midway));
        let reader = Reader::Undecided(Box::new(undecided));
        Payload::of(reader, begins.map(Reassembly::beginning))
    }

    /// TLS that begins behind octets of another protocol, with these that were captured before.
    fn behind_others(held: &Octets) -> Payload {
        let mut reader = Reader::Tls(Box::new(TlsReader::behind_others()));
        reader.reads(held, false, &mut Report::default(), 0);
        Payload::of(reader, Default::default())
    }

    fn of(reader: Reader, directions: [Reassembly; 2]) -> Payload {
        Payload {
            directions,
            reader,
            preamble: None,
            passing: Default::default(),
            unseen: [None; 2],
            fins: [None; 2],
            recent: Recent::default(),
            other: None,
        }
    }

    /// Reads a segment's octets.
    pub fn takes(&mut self, arriving: &Arriving, report: &mut Report) {
        if self.other.is_some() {
            let contradicted = self.is_contradicted(arriving.direction, arriving.segment);
            return self.take_both(arriving, contradicted, report);
        }
        self.take_in(arriving, report);
    }

    fn take_in(&mut self, arriving: &Arriving, report: &mut Report) {
        if matches!(self.reader, Reader::Opaque) {
            return;
        }
        self.catches_up();
        self.misses(arriving);
        self.gives_up(arriving, report);
        let Payload { directions, reader, preamble, .. } = self;
        let Arriving { direction, segment, acknowledged, .. } = *arriving;
        let reassembly = &mut directions[direction as usize];
        let deliver = &mut |piece: Piece| reader.takes(arriving, piece, preamble, report);
        reassembly.takes(segment, arriving.came(), acknowledged, deliver);
        if let Some(missing) = reassembly.missing_before(segment) {
            reader.knows_early(arriving, missing, report);
        }
        self.ends_in_turn(direction, report);
        self.looks_ahead(arriving.frame);
    }

    /// Whether TLS records end in the segment of this report that keys may open.
    pub fn is_sealed(&self, report: &Report) -> bool {
        match (&self.reader, &report.tls) {
            (Reader::Tls(reader), Some(_)) => report.outcome.steps.is_empty() && reader.tls.is_sealed(),
            _ => false,
        }
    }

    /// Tells a segment of TLS anew, its records decrypted.
    pub fn unseals(&mut self, unsealed: &Unsealed) -> Option<Report> {
        self.catches_up();
        let report = match &mut self.reader {
            Reader::Tls(reader) => Some(reader.unseals(unsealed)),
            _ => None,
        };
        self.looks_ahead(unsealed.frame);
        report
    }

    /// Whether nobody here reads it.
    pub fn is_opaque(&self) -> bool {
        matches!(self.reader, Reader::Opaque) && self.other.is_none()
    }

    /// Whether HTTP has answered a TLS handshake.
    pub fn is_in_place_of_tls(&self) -> bool {
        matches!(&self.reader, Reader::Http(http) if http.is_in_place_of_tls())
    }

    /// Whether a TLS handshake is unfinished.
    pub fn is_handshaking(&self) -> bool {
        matches!(&self.reader, Reader::Tls(reader) if reader.tls.is_handshaking()) || self.is_handshaking_otherwise()
    }

    /// TLS, where it is.
    pub fn tls(&self) -> Option<&Tls> {
        match &self.reader {
            Reader::Tls(reader) => Some(&reader.tls),
            _ => None,
        }
    }

    pub fn tls_mut(&mut self) -> Option<&mut Tls> {
        match &mut self.reader {
            Reader::Tls(reader) => Some(&mut reader.tls),
            _ => None,
        }
    }

    /// The protocol whose messages count: what is in clear, or within TLS.
    fn messenger(&self) -> &Reader {
        match &self.reader {
            Reader::Tls(reader) => reader.within().unwrap_or(&self.reader),
            reader => reader,
        }
    }

    /// Whether an HTTP request waits for its response.
    pub fn is_waiting(&self) -> bool {
        match self.messenger() {
            _ if [Direction::Forth, Direction::Back].iter().any(|&direction| self.is_unheard(direction)) => false,
            reader => reader.protocol().map_or(false, Application::is_waiting),
        }
    }

    /// Whether the keys for a direction no longer fit, so that nobody knows what it answers.
    pub fn is_unheard(&self, direction: Direction) -> bool {
        matches!(&self.reader, Reader::Tls(reader) if reader.is_unheard(direction))
    }

    /// HTTP requests so far.
    pub fn messages(&self) -> Option<u32> {
        self.messenger().protocol().and_then(Application::messages)
    }

    /// Whether an RST `by` this side answers a request that crossed the server's FIN (RFC 9112 9.5).
    pub fn is_race(&mut self, by: Direction, round_trip: Option<Duration>) -> bool {
        if let Reader::Tls(reader) = &mut self.reader {
            reader.settles();
        }
        matches!(self.messenger(), Reader::Http(http) if http.race(by, round_trip).is_some())
    }

    /// Where the verdict of a frame keeps what hindsight fills in: a request's response, a ping's answer.
    pub fn remember_place(&mut self, frame: u32, place: u32) {
        self.reader.remember_place(frame, place);
    }
}

impl Reader {
    fn undecided(midway: bool, start_tls: Option<StartTls>) -> Reader {
        Reader::Undecided(Box::new(Undecided::new(midway, start_tls)))
    }

    fn reads(&mut self, octets: &Octets, before_fin: bool, report: &mut Report, switches: usize) {
        match self {
            Reader::Undecided(undecided) => {
                if let Some(reader) = undecided.decides(octets) {
                    *self = reader;
                    self.reads(octets, before_fin, report, switches);
                } else if undecided.goes_on(octets, report) {
                    *self = Reader::Opaque;
                }
            }
            Reader::Tls(reader) => {
                reader.reads(octets, before_fin, report);
                if report.tls.as_ref().map_or(false, |outcome| outcome.findings.not_tls) {
                    if reader.unconfirmed {
                        (*self, report.tls, report.layer) = (Reader::Opaque, None, None);
                        return;
                    }
                    self.answers_in_clear(octets, before_fin, report, switches);
                }
            }
            _ => {
                if let Some(protocol) = self.protocol_mut() {
                    protocol.octets(octets, &mut report.outcome);
                    report.layer = protocol.layer().or(report.layer);
                    report.basis = protocol.basis().or(report.basis);
                }
            }
        }
        self.hands_over(octets, before_fin, report, switches);
    }

    /// The stream is not what it was taken for, or another protocol takes it over.
    fn hands_over(&mut self, octets: &Octets, before_fin: bool, report: &mut Report, switches: usize) {
        if std::mem::take(&mut report.outcome.mistaken) {
            *self = Reader::Opaque;
        }
        let switch = match report.outcome.switch.take() {
            Some(switch) => switch,
            None => return,
        };
        *self = match (switch.protocol, &*self) {
            (Protocol::WebSocket, Reader::Http(http)) => {
                let websocket = WebSocket::new(report.outcome.client, http.agrees_on_extensions());
                Reader::WebSocket(Box::new(websocket.with_mqtt(http.agrees_on_mqtt())))
            }
            (Protocol::WebSocket, _) => Reader::WebSocket(Box::new(WebSocket::new(report.outcome.client, true))),
            (Protocol::Http2, Reader::Http(http)) => {
                Reader::Http2(Box::new(Http2::upgraded(report.outcome.client, http.upgraded())))
            }
            (Protocol::Http2, _) => Reader::Http2(Box::default()),
            (Protocol::Tls | Protocol::Tunnel, _) => Reader::undecided(false, None),
            (Protocol::Other, _) => Reader::Opaque,
        };
        let rest = octets.captured.get(switch.offset..).unwrap_or(&[]);
        if !rest.is_empty() && switches > 0 {
            self.reads(&Octets { captured: rest, ..*octets }, before_fin, report, switches - 1);
        }
    }

    /// An HTTP error where TLS was expected.
    fn answers_in_clear(&mut self, octets: &Octets, before_fin: bool, report: &mut Report, switches: usize) {
        let tls = match self {
            Reader::Tls(tls) if switches > 0 => tls,
            _ => return,
        };
        let held = tls.in_clear.take().filter(|held| held.0 == octets.direction);
        let mut first = held.map_or_else(First::new, |held| held.1);
        let (prefix, length) = first.with(octets.captured);
        match Http::recognises(&prefix[..length]) {
            Recognition::Yes => {
                let mut http = if tls.tls.is_handshaking() { Http::in_place_of_tls() } else { Http::new() };
                http.knows_client(octets.direction, &prefix[..length]);
                http.begins_otherwise(octets.direction.reverse(), false);
                let mut http = Reader::Http(Box::new(http));
                http.reads_held(octets.direction, &first);
                *self = http;
                self.reads(octets, before_fin, report, switches - 1);
            }
            Recognition::NeedMore if length < FIRST_OCTETS && octets.missing == 0 => {
                first.holds(prefix, length, octets);
                tls.in_clear = Some(Box::new((octets.direction, first)));
            }
            Recognition::NeedMore | Recognition::No => {}
        }
    }

    /// Octets that were held back.
    fn reads_held(&mut self, direction: Direction, first: &First) {
        if first.length > 0 {
            let captured = &first.octets[..first.length];
            let octets = Octets { direction, captured, missing: 0, time: first.time, frame: first.frame };
            self.reads(&octets, false, &mut Report::default(), 0);
        }
    }

    fn ends(&mut self, direction: Direction, by_reset: bool, time: Time, report: &mut Report) {
        match self {
            Reader::Tls(reader) => reader.ends(direction, by_reset, time, report),
            reader => {
                if let Some(protocol) = reader.protocol_mut() {
                    protocol.ends(direction, by_reset, time, &mut report.outcome);
                    report.basis = protocol.basis().or(report.basis);
                }
            }
        }
    }

    fn remember_place(&mut self, frame: u32, place: u32) {
        match self {
            Reader::Tls(reader) => reader.remember_place(frame, place),
            reader => {
                reader.protocol_mut().into_iter().for_each(|protocol| protocol.remember_place(frame, place));
            }
        }
    }

    fn gap(&mut self, direction: Direction, length: Option<u32>) {
        match self {
            Reader::Undecided(undecided) => undecided.gap(direction),
            Reader::Tls(reader) => reader.tls.gap(direction, length),
            reader => {
                reader.protocol_mut().into_iter().for_each(|protocol| protocol.gap(direction, length));
            }
        }
    }
}

impl Report {
    /// Adds the steps of everything that the segment touches. Whether there are any.
    pub fn steps(&self, steps: &mut Steps) -> bool {
        steps.extend(&self.outcome.steps);
        let secured = self.tls.as_ref().map(|tls| &tls.findings.steps);
        if let Some(secured) = secured {
            steps.extend(secured);
        }
        !self.outcome.steps.is_empty() || secured.map_or(false, |secured| !secured.is_empty())
    }

    /// Whether something in it rests on a guess.
    pub fn is_inferred(&self) -> bool {
        self.contested || self.outcome.inferred || self.tls.as_ref().map_or(false, |tls| tls.findings.inferred)
    }

    /// Whether it belongs nowhere, since octets before it are not known.
    pub fn is_after_gap(&self) -> bool {
        self.outcome.after_gap || self.tls.as_ref().map_or(false, |tls| tls.findings.after_gap)
    }

    /// Whether it carries nothing but messages that keep the connection alive.
    pub fn is_keep_alive(&self) -> bool {
        match &self.tls {
            Some(tls) if tls.findings.is_plaintext_only() => self.outcome.is_keep_alive(),
            Some(tls) => tls.findings.is_heartbeat_only(),
            None => self.layer.is_some() && self.outcome.is_keep_alive(),
        }
    }

    /// Whether its only message announces the end of this protocol.
    pub fn is_farewell(&self) -> bool {
        let steps = &self.outcome.steps;
        let within = steps.is_one() && steps.iter().any(|step| step.kind() == StepKind::Farewell);
        match &self.tls {
            Some(tls) if tls.findings.is_plaintext_only() => within,
            Some(tls) if tls.findings.is_plaintext_and_close_notify() => within,
            Some(tls) => tls.findings.is_close_notify_only(),
            None => within,
        }
    }

    fn step_set(&self) -> StepSet {
        let secured = self.tls.as_ref().map_or_else(StepSet::default, |tls| tls.findings.steps.set());
        self.outcome.steps.set().with(secured)
    }

    /// Whether all of it announces an end: what a side says before its FIN, however long nobody has said anything.
    pub fn last_words(&self) -> LastWords {
        let steps = self.step_set();
        let times_out = self.outcome.times_out && steps.is_within(RESPONSE);
        if steps.is_empty() {
            LastWords::No
        } else if self.outcome.status.is_none() && steps == RESPONSE_LINE {
            LastWords::Undecided
        } else if !(steps.is_within(LAST_WORDS) || times_out) {
            LastWords::No
        } else if self.is_inferred() && ALERT.is_within(steps) {
            LastWords::Perhaps
        } else {
            LastWords::Yes
        }
    }

    /// Whether nobody says what its octets do.
    pub fn is_unread(&self) -> bool {
        self.step_set().is_within(UNREAD)
    }

    /// Whether it carries records of an unfinished TLS handshake.
    pub fn is_handshake(&self) -> bool {
        self.handshake_within || self.tls.as_ref().map_or(false, |tls| tls.findings.handshake)
    }
}

/// The beginning of a response, before its status is known.
const RESPONSE_LINE: StepSet = StepSet::of(&[Step::HttpResponse]);
const RESPONSE: StepSet = StepSet::of(&[Step::HttpResponse, Step::HttpResponseBody]);
const ALERT: StepSet = StepSet::of(&[Step::TlsAlert]);
/// What announces an end.
const LAST_WORDS: StepSet = StepSet::of_farewells();
/// What nobody reads.
const UNREAD: StepSet = StepSet::of(&[Step::Data, Step::TlsApplicationData]);

#[cfg(test)]
mod tests;
