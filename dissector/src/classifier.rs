//! The whole of a capture: segments in, in the order of the frames; verdicts out, in any order.

use crate::captured::{Captured, Decrypted};
use crate::connection::{Answers, Arrival, Connection, Finished, HalfOpen, Predecessor, Sealed, SynOctets};
use crate::evidence::Evidence;
use crate::flow::{Flow, Flows};
use crate::history::{History, Place, NO_PLACE};
use crate::lingering::Lingering;
use crate::mirror::{Fingerprint, Mirror, SOON};
use crate::origin::Origin;
use crate::payload::Mark;
use crate::repetition;
use crate::tcp::{parser, Flags};
use crate::timeline::Timeline;
use crate::tls::Plaintext;
use crate::verdict::{Duration, Notes, Step, Summary, Time, Verdict};

mod attempts;

/// So many segments of a frame can wait for their records to be decrypted.
const SEALED: usize = 32;

/// What is kept of a connection.
#[derive(Debug)]
enum Slot {
    HalfOpen(Box<HalfOpen>),
    Connection(Box<Connection>),
    Finished(Box<Finished>),
}

/// Labels the segments of one capture.
#[derive(Debug, Default)]
pub struct Classifier {
    flows: Flows,
    slots: Vec<Slot>,
    /// Connections that are over.
    over: Lingering,
    syn_octets: SynOctets,
    mirror: Mirror,
    history: History,
    /// What the segment at hand answers.
    answers: Answers,
    /// Segments of the last frame that had any, whose records may yet be decrypted.
    sealed: Vec<Sealed>,
    /// The segment judged last is one of them.
    is_sealed: bool,
    last_frame: u32,
    timeline: Timeline,
}

impl Classifier {
    /// Knows nothing yet.
    pub fn new() -> Classifier {
        Classifier::default()
    }

    /// Judges a segment at its first visit. Frames come in rising order; one that does not is not judged and changes
    /// nothing. Returns the notes of the verdict.
    pub fn segment(&mut self, captured: &Captured) -> Notes {
        if captured.frame < self.last_frame {
            return Notes::default();
        }
        self.last_frame = captured.frame;
        self.is_sealed = false;
        if captured.quoted {
            self.takes_quoted(captured);
            return Notes::default();
        }
        let time = captured.time.unwrap_or_else(|| self.timeline.now());
        self.timeline.reads(time);
        let segment = match parser::segment(captured.octets, captured.reported_length) {
            Ok((_, segment)) if !captured.fragment => segment,
            _ => {
                self.keep_unreadable(captured);
                return Notes::default();
            }
        };
        let flow =
            self.flows.flow(captured.source, segment.source_port, captured.destination, segment.destination_port);
        let (direction, frame, identification) =
            (flow.direction(), captured.frame, captured.identification.unwrap_or(0));
        let arrival = Arrival { direction, segment: &segment, time, frame, identification };
        self.arrives(captured, &flow, &arrival)
    }

    /// The verdict of the `index`-th segment of a frame, from 0, if its sequence number is this one.
    pub fn verdict(&self, frame: u32, index: u32, sequence: u32) -> Option<Verdict> {
        let mut verdict = self.history.verdict(frame, index).filter(|verdict| verdict.sequence == sequence)?;
        let (version, resumed) = self.tls_known(&verdict);
        if version.is_some() || resumed {
            let tls = &mut verdict.facts_mut().tls;
            (tls.version, tls.resumed) = (version, resumed);
        }
        Some(verdict)
    }

    /// Whether encrypted TLS records end in the segment judged last: [`Classifier::plaintext`] may follow.
    #[inline]
    pub fn is_sealed(&self) -> bool {
        self.is_sealed
    }

    /// Judges a segment again, with the plaintext of encrypted TLS records that end in it, in their order: the frame's
    /// `index`-th, from 0, if its sequence number is this one. It comes before the next segment of the connection.
    /// Returns the notes of the verdict; none where nothing waits to be decrypted.
    pub fn plaintext(&mut self, frame: u32, index: u32, sequence: u32, records: &[Decrypted]) -> Option<Notes> {
        let place = self.history.place(frame, index)?;
        let at = self.sealed.iter().position(|sealed| sealed.place == place)?;
        let mut verdict = self.history.at(place).filter(|verdict| verdict.sequence == sequence)?;
        let sealed = self.sealed.remove(at);
        let connection = match self.slots.get_mut(sealed.connection as usize) {
            Some(Slot::Connection(connection)) => connection,
            _ => return None,
        };
        let records: Vec<Plaintext> = records.iter().map(Plaintext::from).filter(Plaintext::is_sealed).collect();
        // Without any that can be read the segment stays what it is without keys.
        if records.is_empty() {
            return Some(verdict.notes());
        }
        if !connection.unseals(&sealed, &records, &mut verdict, &mut self.answers) {
            return None;
        }
        let answer_place = self.history.revise(place, &verdict);
        self.history.answers(&mut self.answers);
        if answer_place != NO_PLACE {
            connection.remember_place(sealed.direction, verdict.frame, answer_place, false);
        }
        Some(verdict.notes())
    }

    /// What is known of a connection so far.
    pub fn summary(&self, connection: u32) -> Option<Summary> {
        Some(match self.slots.get(connection as usize)? {
            Slot::HalfOpen(half_open) => half_open.summary(self.timeline.now()),
            Slot::Connection(connection) => connection.summary(self.timeline.now()),
            Slot::Finished(finished) => finished.summary(),
        })
    }

    /// How many segments have a verdict.
    pub fn segments(&self) -> usize {
        self.history.len()
    }

    /// Where in the capture stands what is said of each connection, in the order of their numbers. Takes as long as there
    /// are segments.
    pub fn evidence(&self) -> Vec<Evidence> {
        let mut evidence = vec![Evidence::default(); self.slots.len()];
        for verdict in self.history.all() {
            if let Some(of_one) = verdict.connection.and_then(|number| evidence.get_mut(number as usize)) {
                of_one.take(&verdict);
            }
        }
        evidence
    }

    /// Where each connection begins, in the order of their numbers.
    pub fn origins(&self) -> Vec<Origin> {
        let endpoints = self.flows.by_number(self.slots.len());
        self.history.beginnings().zip(endpoints).map(|(first, endpoints)| Origin::new(first, endpoints)).collect()
    }

    /// What of TLS was known at this segment: the same for all of a connection's, so kept once.
    fn tls_known(&self, verdict: &Verdict) -> (Option<u16>, bool) {
        match verdict.connection.and_then(|number| self.slots.get(number as usize)) {
            Some(Slot::Connection(connection)) => connection.tls_known(verdict.frame),
            Some(Slot::Finished(finished)) => finished.tls_known(verdict.frame),
            _ => (None, false),
        }
    }

    #[cold]
    fn keep_unreadable(&mut self, captured: &Captured) {
        let sequence = parser::quoted(captured.octets).map_or(0, |(_, (_, _, sequence))| sequence.0);
        let mut verdict = Verdict::new(captured.frame, sequence);
        if let Some(flags) = parser::flags(captured.octets) {
            describe_flags(flags, &mut verdict);
        }
        self.history.keep(&verdict);
    }

    #[cold]
    fn takes_quoted(&mut self, captured: &Captured) {
        let (source_port, destination_port, sequence) = match parser::quoted(captured.octets) {
            Ok((_, quoted)) => quoted,
            Err(_) => return,
        };
        let flow = self.flows.flow(captured.source, source_port, captured.destination, destination_port);
        let direction = flow.direction();
        let quoted = self.attempts(self.flows.look_up(&flow)).find(|&number| match &self.slots[number as usize] {
            Slot::HalfOpen(half_open) => half_open.is_quoted(direction, sequence),
            Slot::Connection(connection) => connection.is_quoted(direction, sequence),
            Slot::Finished(_) => false,
        });
        match quoted.and_then(|number| self.slots.get_mut(number as usize)) {
            Some(Slot::HalfOpen(half_open)) => half_open.is_unreachable(),
            Some(Slot::Connection(connection)) => connection.is_unreachable(),
            _ => {}
        }
    }

    #[inline(always)] // Every segment comes here.
    fn arrives(&mut self, captured: &Captured, flow: &Flow, arrival: &Arrival) -> Notes {
        let number = match self.flows.get(flow) {
            Some(newest) if !arrival.segment.flags.has(Flags::SYN) => newest,
            newest => {
                seldom();
                return self.arrives_in_doubt(newest, captured, flow, arrival);
            }
        };
        let fingerprint = Fingerprint::new(number, arrival, captured.octets);
        if let Some(copy) = self.copy_of(fingerprint, arrival) {
            self.history.keep(&copy);
            return Notes::default();
        }
        match self.slots.get_mut(number as usize) {
            Some(Slot::Connection(connection)) if connection.is_predicted(arrival) => {
                if let Some(brief) = connection.passes(arrival) {
                    let place = self.history.keep_brief(&brief);
                    if arrival.segment.payload_length > 0 {
                        // The rest of a body or record says nothing by itself.
                        connection.remember_segment(arrival, Mark::default(), place);
                        if connection.is_sealed() {
                            self.seals(number, arrival, place);
                        }
                    }
                    self.remembers(arrival, fingerprint, place);
                    return Notes::default();
                }
                seldom();
                self.judges(number, arrival, true, fingerprint)
            }
            _ => {
                seldom();
                self.arrives_unpredicted(number, captured, flow, arrival, fingerprint)
            }
        }
    }

    /// A segment for the newest connection of its flow, unless another one can have it.
    #[inline(never)] // Out of the way of what goes as predicted.
    fn arrives_unpredicted(
        &mut self,
        newest: u32,
        captured: &Captured,
        flow: &Flow,
        arrival: &Arrival,
        fingerprint: Fingerprint,
    ) -> Notes {
        match &self.slots[newest as usize] {
            Slot::Connection(connection) if connection.predecessor == Predecessor::NONE => {
                self.judges(newest, arrival, false, fingerprint)
            }
            _ => self.arrives_in_doubt(Some(newest), captured, flow, arrival),
        }
    }

    /// A segment that is not of the kind that most are.
    #[inline(never)] // Out of the way of those.
    fn judges(&mut self, number: u32, arrival: &Arrival, predicted: bool, fingerprint: Fingerprint) -> Notes {
        let mut verdict = Verdict::new(arrival.frame, arrival.segment.sequence.0);
        self.moves_on(number, arrival, predicted, &mut verdict);
        // A FIN may be new where the octets are not.
        let may_repeat = verdict.retransmission || arrival.segment.flags.has(Flags::FIN);
        if may_repeat && arrival.segment.payload_length > 0 {
            self.repeats(&mut verdict, number, arrival);
        }
        self.keep(&verdict, number, arrival, fingerprint)
    }

    #[inline(always)]
    fn moves_on(&mut self, number: u32, arrival: &Arrival, predicted: bool, verdict: &mut Verdict) {
        match &mut self.slots[number as usize] {
            Slot::Connection(connection) => {
                if connection.segment(arrival, predicted, verdict, &mut self.answers) {
                    self.over.add(arrival.time, number);
                }
                if connection.predecessor != Predecessor::NONE {
                    self.is_contested(number, arrival);
                }
            }
            Slot::HalfOpen(half_open) if half_open.is_repeated_by(arrival) => {
                verdict.connection = Some(number);
                half_open.again(arrival, verdict);
                self.is_contested(number, arrival);
            }
            Slot::HalfOpen(_) => self.answers_syn(number, arrival, verdict),
            Slot::Finished(finished) => finished.segment(arrival, verdict),
        }
    }

    /// A retransmission's step is what it repeats, while that is remembered.
    #[inline(never)]
    fn repeats(&self, verdict: &mut Verdict, number: u32, arrival: &Arrival) {
        let connection = match self.slots.get(number as usize) {
            Some(Slot::Connection(connection)) => connection,
            _ => return,
        };
        let places = connection.repeated(arrival).into_iter();
        let originals: Vec<Verdict> = match places.map(|place| self.history.at(place)).collect() {
            Some(originals) => originals,
            None => return,
        };
        repetition::tells_again(&originals, connection.is_handshaking(), verdict);
    }

    /// The verdict of a segment that is a mirrored copy.
    #[inline(always)] // Every segment comes here.
    fn copy_of(&self, fingerprint: Fingerprint, arrival: &Arrival) -> Option<Verdict> {
        let (place, apart) = self.mirror.original(fingerprint, arrival.time)?;
        self.copy_from(place, apart, arrival)
    }

    /// The same, of a segment that came so far from another one. None where its sender gives all packets the same
    /// identification, so that it may have sent it again.
    #[cold]
    fn copy_from(&self, place: Place, apart: Duration, arrival: &Arrival) -> Option<Verdict> {
        let original = self.history.at(place).filter(|original| original.sequence == arrival.segment.sequence.0)?;
        let slot = original.connection.and_then(|number| self.slots.get(number as usize));
        if let (true, Some(Slot::Connection(connection))) = (apart > SOON, slot) {
            if !arrival.segment.flags.has(Flags::SYN) && connection.has_constant_identification(arrival, original.frame)
            {
                return None;
            }
        }
        Some(repetition::copy(&original, arrival.frame))
    }

    #[inline(always)]
    fn keep(&mut self, verdict: &Verdict, number: u32, arrival: &Arrival, fingerprint: Fingerprint) -> Notes {
        let (place, answer_place) = self.history.keep(verdict);
        if !self.answers.is_empty() {
            self.history.answers(&mut self.answers);
        }
        if answer_place != NO_PLACE {
            if let Some(Slot::Connection(connection)) = self.slots.get_mut(number as usize) {
                let is_tcp_probe = verdict.steps.contains(Step::KeepAliveProbe);
                connection.remember_place(arrival.direction, verdict.frame, answer_place, is_tcp_probe);
            }
        }
        if arrival.segment.payload_length > 0 && !verdict.retransmission {
            if let Some(Slot::Connection(connection)) = self.slots.get_mut(number as usize) {
                connection.remember_segment(arrival, Mark::new(arrival.segment), place);
                if connection.is_sealed() {
                    self.seals(number, arrival, place);
                }
            }
        }
        self.remembers(arrival, fingerprint, place);
        verdict.notes()
    }

    /// Keeps what it takes to judge a segment again.
    #[inline(never)]
    fn seals(&mut self, number: u32, arrival: &Arrival, place: Place) {
        if let Some(Slot::Connection(connection)) = self.slots.get_mut(number as usize) {
            // A read filter gives many frames one number.
            if self.sealed.first().map_or(false, |other| other.frame != arrival.frame) {
                self.sealed.clear();
            } else if self.sealed.len() == SEALED {
                self.sealed.remove(0);
            }
            self.sealed.push(connection.seals(arrival, place));
            self.is_sealed = true;
        }
    }

    #[inline(always)] // Every segment comes here.
    fn remembers(&mut self, arrival: &Arrival, fingerprint: Fingerprint, place: Place) {
        self.mirror.remember(fingerprint, arrival.time, place);
        if self.over.is_due(arrival.time) {
            self.let_go(arrival.time);
        }
    }

    /// Reduces connections that have been over for long to what hindsight shows.
    #[cold]
    fn let_go(&mut self, now: Time) {
        while let Some(number) = self.over.next(now) {
            let slot = &mut self.slots[number as usize];
            if let Slot::Connection(connection) = slot {
                if connection.is_over() {
                    *slot = Slot::Finished(Box::new(connection.finish(self.timeline.now())));
                }
            }
        }
    }
}

/// Tells the compiler that its caller seldom comes here, so that what most segments go through keeps to the registers.
#[cold]
#[inline(always)]
fn seldom() {}

/// The steps of a segment whose header is damaged or cut: its flags, which change nothing.
fn describe_flags(flags: Flags, verdict: &mut Verdict) {
    match (flags.has(Flags::RST), flags.has(Flags::SYN), flags.has(Flags::ACK)) {
        (true, _, _) => verdict.steps.push(Step::InvalidReset),
        (_, true, false) => verdict.steps.push(Step::Syn),
        (_, true, true) => verdict.steps.push(Step::SynAck),
        (_, _, true) if !flags.has(Flags::FIN) => verdict.steps.push(Step::Ack),
        _ => {}
    }
    if flags.has(Flags::FIN) {
        verdict.steps.push(Step::Fin);
    }
    if verdict.steps.is_empty() {
        verdict.steps.push(Step::Stray);
    }
}
