//! Every segment's verdict in few octets: a record of fixed size, and the rarer facts packed behind each other.

use crate::connection::{Answers, Direction};
use crate::verdict::{
    Basis, Context, Facts, HttpFraming, HttpUnfinished, Initiator, KeepAliveFacts, KeepAliveStatus, Layer,
    NotKeepAlive, Notes, Persistent, PersistentBasis, Phase, Sender, Silent, Step, TlsFailureCause, Verdict,
};

/// Records are kept in pieces of this many, so that growing never copies.
const PIECE: usize = 4096;
/// Facts are kept in pieces of this many octets.
const FACTS_PIECE: usize = 1 << 16;
/// One verdict's facts take at most this many octets.
const FACTS_MAXIMUM: usize = 256;
/// "No facts", and "no connection".
const NONE: u32 = u32::MAX;
/// Nothing is to be filled in later.
pub const NO_PLACE: u32 = NONE;

#[derive(Clone, Copy, Debug)]
struct Record {
    frame: u32,
    sequence: u32,
    connection: u32,
    /// Where its facts begin; or the number of its message, marked; or NONE.
    facts: u32,
    /// The first step.
    step: u8,
    /// Phase (3 bits), initiator (3), sender (2).
    phase_initiator_sender: u8,
    /// Basis (3 bits), retransmission, inferred, after_gap, begins, back.
    basis_marks: u8,
}

/// Marks the number of a message in place of facts.
const MESSAGE: u32 = 1 << 31;
const NO_INITIATOR: u8 = 7;
const RETRANSMISSION: u8 = 0x08;
const INFERRED: u8 = 0x10;
const AFTER_GAP: u8 = 0x20;
/// The first of its connection, and whether that one went back.
const BEGINS: u8 = 0x40;
const BACK: u8 = 0x80;

/// A verdict of the kind that most are: one step, and nothing beside.
#[derive(Clone, Copy, Debug)]
pub struct Brief {
    pub frame: u32,
    pub sequence: u32,
    pub connection: u32,
    pub phase: Phase,
    pub step: Step,
    pub sender: Sender,
    pub basis: Basis,
    pub message: Option<u32>,
}

/// A connection's first segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Beginning {
    pub frame: u32,
    pub direction: Direction,
}

/// Where a verdict is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place(u32);

impl Place {
    /// That of the first verdict.
    pub const FIRST: Place = Place(0);
}

/// The verdicts of all segments, in the order of the frames.
#[derive(Debug, Default)]
pub struct History {
    pieces: Vec<Vec<Record>>,
    /// How many verdicts are kept.
    length: usize,
    facts: Vec<Vec<u8>>,
}

impl History {
    /// Keeps a verdict. The second value is where a later frame can be filled in: a keep-alive's answer, a request's
    /// response.
    #[inline(always)] // Every segment comes here.
    pub fn keep(&mut self, verdict: &Verdict) -> (Place, u32) {
        let (facts, answer_place) = match verdict.message {
            None if is_plain(verdict) => (NONE, NONE),
            Some(message) if message < MESSAGE - 1 && is_plain(verdict) => (MESSAGE | message, NONE),
            _ => self.keep_facts(verdict),
        };
        let place = self.push(Record {
            frame: verdict.frame,
            sequence: verdict.sequence,
            connection: verdict.connection.unwrap_or(NONE),
            facts,
            step: verdict.steps.first_code(),
            phase_initiator_sender: verdict.phase as u8
                | verdict.initiator.map_or(NO_INITIATOR, |initiator| initiator as u8) << 3
                | (verdict.sender as u8) << 6,
            basis_marks: verdict.basis as u8
                | if verdict.retransmission { RETRANSMISSION } else { 0 }
                | if verdict.inferred { INFERRED } else { 0 }
                | if verdict.after_gap { AFTER_GAP } else { 0 },
        });
        (place, answer_place)
    }

    /// Keeps a brief verdict.
    #[inline(always)] // Most segments come here.
    pub fn keep_brief(&mut self, brief: &Brief) -> Place {
        self.push(Record {
            frame: brief.frame,
            sequence: brief.sequence,
            connection: brief.connection,
            facts: brief.message.map_or(NONE, |message| MESSAGE | message),
            step: brief.step as u8,
            phase_initiator_sender: brief.phase as u8 | NO_INITIATOR << 3 | (brief.sender as u8) << 6,
            basis_marks: brief.basis as u8,
        })
    }

    #[inline(always)]
    fn push(&mut self, record: Record) -> Place {
        match self.pieces.last_mut() {
            Some(piece) if piece.len() < PIECE => piece.push(record),
            _ => self.begin_piece(record),
        }
        self.length += 1;
        Place((self.length - 1) as u32)
    }

    #[cold]
    fn begin_piece(&mut self, record: Record) {
        let mut piece = Vec::with_capacity(PIECE);
        piece.push(record);
        self.pieces.push(piece);
    }

    /// The verdict kept last is the first of its connection.
    pub fn begins(&mut self, direction: Direction) {
        if let Some(record) = self.pieces.last_mut().and_then(|piece| piece.last_mut()) {
            record.basis_marks |= BEGINS | if direction == Direction::Back { BACK } else { 0 };
        }
    }

    /// The first segments of all connections: in the order of these, which are numbered as they come.
    pub fn beginnings(&self) -> impl Iterator<Item = Beginning> + '_ {
        let first = self.pieces.iter().flatten().filter(|record| record.basis_marks & BEGINS != 0);
        first.map(|record| Beginning {
            frame: record.frame,
            direction: Direction::from_lower(record.basis_marks & BACK == 0),
        })
    }

    /// Puts another verdict of the same segment in the place of one. Returns where a later frame can be filled in.
    pub fn revise(&mut self, place: Place, verdict: &Verdict) -> u32 {
        self.forget_facts(place);
        let (_, answer_place) = self.keep(verdict);
        let revised = self.pieces.last_mut().and_then(|piece| piece.pop());
        self.length -= 1;
        if self.pieces.last().map_or(false, |piece| piece.is_empty()) {
            self.pieces.pop();
        }
        if let (Some(mut revised), Some(record)) = (revised, self.record_mut(place.0)) {
            revised.basis_marks |= record.basis_marks & (BEGINS | BACK);
            *record = revised;
        }
        answer_place
    }

    /// Makes room again, if nothing has been kept since.
    fn forget_facts(&mut self, place: Place) {
        let begin = self.record(place.0).map_or(NONE, |record| record.facts) as usize;
        let last = place.0 as usize + 1 == self.length;
        if let (true, Some(piece)) = (last && begin / FACTS_PIECE + 1 == self.facts.len(), self.facts.last_mut()) {
            piece.truncate(begin % FACTS_PIECE);
        }
    }

    /// The verdict of the `index`-th segment of a frame.
    pub fn verdict(&self, frame: u32, index: u32) -> Option<Verdict> {
        let place = self.place(frame, index)?;
        self.at(place)
    }

    /// Where that is kept.
    pub fn place(&self, frame: u32, index: u32) -> Option<Place> {
        let place = self.first_of(frame).checked_add(index)?;
        (self.record(place)?.frame == frame).then_some(Place(place))
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.length
    }

    /// All of them, in their order.
    pub fn all(&self) -> impl Iterator<Item = Verdict> + '_ {
        self.pieces.iter().flatten().map(move |record| self.unpack(record))
    }

    /// The verdict at a place.
    pub fn at(&self, place: Place) -> Option<Verdict> {
        self.record(place.0).map(|record| self.unpack(record))
    }

    /// Fills in the frames that answer keep-alives and requests.
    #[inline(never)]
    pub fn answers(&mut self, answers: &mut Answers) {
        for (place, frame) in answers.drain(..) {
            self.answer(place, frame);
        }
    }

    fn answer(&mut self, answer_place: u32, frame: u32) {
        let (piece, offset) = (answer_place as usize / FACTS_PIECE, answer_place as usize % FACTS_PIECE);
        if let Some(octets) = self.facts.get_mut(piece).and_then(|piece| piece.get_mut(offset..offset + 4)) {
            octets.copy_from_slice(&frame.to_le_bytes());
        }
    }

    fn record(&self, place: u32) -> Option<&Record> {
        self.pieces.get(place as usize / PIECE)?.get(place as usize % PIECE)
    }

    fn record_mut(&mut self, place: u32) -> Option<&mut Record> {
        self.pieces.get_mut(place as usize / PIECE)?.get_mut(place as usize % PIECE)
    }

    /// The place of the frame's first record, or of the first behind it.
    fn first_of(&self, frame: u32) -> u32 {
        let piece = self.pieces.partition_point(|piece| piece.last().map_or(false, |last| last.frame < frame));
        let within = self.pieces.get(piece).map_or(0, |piece| piece.partition_point(|record| record.frame < frame));
        (piece * PIECE + within) as u32
    }

    #[inline(never)]
    fn keep_facts(&mut self, verdict: &Verdict) -> (u32, u32) {
        if self.facts.last().map_or(true, |piece| piece.len() + FACTS_MAXIMUM > FACTS_PIECE) {
            self.facts.push(Vec::with_capacity(FACTS_PIECE));
        }
        let piece = self.facts.len() - 1;
        let octets = &mut self.facts[piece];
        let start = octets.len();
        let place = match u32::try_from(piece * FACTS_PIECE + start) {
            Ok(place) if place < MESSAGE => place,
            _ => return (NONE, NONE),
        };
        let mut packer = Packer { octets, answer: None };
        packer.pack(verdict);
        let answer = packer.answer.map_or(NONE, |offset| (piece * FACTS_PIECE + offset) as u32);
        if octets.len() > start + FACTS_MAXIMUM {
            octets.truncate(start);
            return (NONE, NONE);
        }
        (place, answer)
    }

    fn unpack(&self, record: &Record) -> Verdict {
        let mut verdict = Verdict::new(record.frame, record.sequence);
        verdict.connection = (record.connection != NONE).then_some(record.connection);
        verdict.phase = Phase::from_number(record.phase_initiator_sender & 7).unwrap_or(Phase::Unknown);
        verdict.initiator = Initiator::from_number(record.phase_initiator_sender >> 3 & 7);
        verdict.sender = Sender::from_number(record.phase_initiator_sender >> 6).unwrap_or(Sender::Unknown);
        verdict.basis = Basis::from_number(record.basis_marks & 7).unwrap_or(Basis::Unknown);
        verdict.retransmission = record.basis_marks & RETRANSMISSION != 0;
        verdict.inferred = record.basis_marks & INFERRED != 0;
        verdict.after_gap = record.basis_marks & AFTER_GAP != 0;
        if let Some(step) = Step::from_number(record.step) {
            verdict.steps.push(step);
        }
        if record.facts != NONE && record.facts & MESSAGE != 0 {
            verdict.message = Some(record.facts & !MESSAGE);
        } else if record.facts != NONE {
            let (piece, offset) = (record.facts as usize / FACTS_PIECE, record.facts as usize % FACTS_PIECE);
            if let Some(octets) = self.facts.get(piece).and_then(|piece| piece.get(offset..)) {
                unpack_facts(octets, &mut verdict);
            }
        }
        verdict
    }
}

/// Whether the record holds everything.
fn is_plain(verdict: &Verdict) -> bool {
    verdict.steps.is_one() && !verdict.has_facts() && !verdict.steps.contains(Step::HttpRequest)
}

fn convert<A, B>(value: A, how: fn(A) -> B) -> B {
    how(value)
}

/// Declares the facts: a tag, and how each goes into a number and back.
macro_rules! facts {
    ($($tag:literal: $path:ident $(. $field:ident)?, $into:expr, $from:expr;)+) => {
        impl Packer<'_> {
            fn pack_facts(&mut self, facts: &Facts) {
                $(if let Some(value) = facts.$path $(. $field)? {
                    self.fact($tag, convert(value, $into));
                })+
            }
        }

        fn unpack_fact(facts: &mut Facts, tag: u8, value: i64) {
            match tag {
                $($tag => facts.$path $(. $field)? = convert(value, $from),)+
                _ => {}
            }
        }
    };
}

facts! {
    1: duplicate_of, i64::from, frame_number;
    2: close_idle, |time| time, Some;
    3: not_keep_alive, |reason| reason as i64, |number| NotKeepAlive::from_number(number as u8);
    10: handshake.syn_frame, i64::from, frame_number;
    11: handshake.synack_frame, i64::from, frame_number;
    12: handshake.time, |time| time, Some;
    13: handshake.server_time, |time| time, Some;
    14: handshake.client_time, |time| time, Some;
    15: handshake.attempt, i64::from, frame_number;
    16: handshake.retry_cost, |time| time, Some;
    22: keep_alive.number, i64::from, frame_number;
    23: keep_alive.idle, |time| time, Some;
    24: keep_alive.interval, |time| time, Some;
    25: keep_alive.probe_frame, i64::from, frame_number;
    26: keep_alive.response_time, |time| time, Some;
    50: tls.time, |time| time, Some;
    51: tls.failed_by, |side| side as i64, |number| Sender::from_number(number as u8);
    52: tls.cause, |cause| cause as i64, |number| TlsFailureCause::from_number(number as u8);
    53: tls.after, |step| step as i64, |number| Step::from_number(number as u8);
    54: tls.alert, i64::from, |number| u8::try_from(number).ok();
    60: http.persistent, |persistent| persistent as i64, |number| Persistent::from_number(number as u8);
    61: http.basis, |basis| basis as i64, |number| PersistentBasis::from_number(number as u8);
    62: http.status, i64::from, |number| u16::try_from(number).ok();
    63: http.request_frame, i64::from, frame_number;
    64: http.response_time, |time| time, Some;
    65: http.framing, |framing| framing as i64, |number| HttpFraming::from_number(number as u8);
    74: http.unfinished, |what| what as i64, |number| HttpUnfinished::from_number(number as u8);
    75: http.unfinished_message, i64::from, frame_number;
    76: http.unfinished_octets, |octets| octets, Some;
    66: http.timeout, |time| time, Some;
    67: mqtt_keep_alive, |time| time, Some;
    70: unanswered.transmissions, i64::from, frame_number;
    71: unanswered.lasted, |time| time, Some;
}

fn frame_number(number: i64) -> Option<u32> {
    u32::try_from(number).ok()
}

/// Added to a tag whose number is in thousands.
const THOUSANDS: u8 = 0x80;
const THOUSAND: i64 = 1_000;
const TAG_END: u8 = 0;
/// Status, layer and context of a keep-alive, three bits each.
const TAG_KEEP_ALIVE: u8 = 20;
const TAG_STEP: u8 = 40;
const TAG_NOTES: u8 = 41;
const TAG_SIMULTANEOUS: u8 = 42;
const TAG_COMPLETE: u8 = 44;
const TAG_HELLO_SPANS: u8 = 73;
const TAG_METHOD: u8 = 45;
const TAG_MESSAGE: u8 = 46;
const TAG_UNANSWERED: u8 = 72;
const TAG_MORE_MESSAGES: u8 = 47;
/// So many further messages, which follow each other.
const TAG_MESSAGES: u8 = 49;
/// Followed by four octets, since they are filled in later. A verdict has one of them at most.
const TAG_ANSWER: u8 = 43;
const TAG_RESPONSE: u8 = 48;

/// Adds a verdict's facts to a piece.
struct Packer<'a> {
    octets: &'a mut Vec<u8>,
    /// Where in the piece a later frame can be filled in.
    answer: Option<usize>,
}

impl Packer<'_> {
    fn pack(&mut self, verdict: &Verdict) {
        for &code in verdict.steps.codes().iter().skip(1) {
            self.fact(TAG_STEP, i64::from(code));
        }
        if let Some(message) = verdict.message {
            self.fact(TAG_MESSAGE, i64::from(message));
        }
        if let Some(facts) = &verdict.facts {
            self.pack_all(facts);
            self.pack_more_messages(verdict.message, &facts.http.more_messages);
        }
        if verdict.steps.contains(Step::HttpRequest) && self.answer.is_none() {
            self.later(TAG_RESPONSE);
        }
        self.octets.push(TAG_END);
    }

    fn pack_all(&mut self, facts: &Facts) {
        if !facts.notes.is_empty() {
            self.fact(TAG_NOTES, i64::from(facts.notes.0));
        }
        if facts.handshake.simultaneous {
            self.fact(TAG_SIMULTANEOUS, 1);
        }
        self.pack_facts(facts);
        if let (Some(octets), Some(how)) = (facts.unanswered.octets, facts.unanswered.how) {
            self.fact(TAG_UNANSWERED, i64::from(octets) << 2 | how as i64);
        }
        if facts.tls.complete {
            self.fact(TAG_COMPLETE, 1);
        }
        if facts.tls.hello_spans {
            self.fact(TAG_HELLO_SPANS, 1);
        }
        if facts.http.method != 0 {
            self.fact(TAG_METHOD, i64::from(facts.http.method));
        }
        let KeepAliveFacts { status, layer, context, .. } = facts.keep_alive;
        let kind = status.map_or(0, |status| status as i64)
            | layer.map_or(0, |layer| layer as i64) << 3
            | context.map_or(0, |context| context as i64) << 6;
        if kind != 0 {
            self.fact(TAG_KEEP_ALIVE, kind);
        }
        if status == Some(KeepAliveStatus::Probe) {
            self.later(TAG_ANSWER);
        }
    }

    fn pack_more_messages(&mut self, first: Option<u32>, more: &[u32]) {
        let count = more.iter().take_while(|&&message| message != 0).count();
        let more = more.get(..count).unwrap_or(&[]);
        let follow =
            (1..).zip(more).all(|(place, &message)| first.and_then(|first| first.checked_add(place)) == Some(message));
        if follow && count > 0 {
            self.fact(TAG_MESSAGES, count as i64);
        } else {
            more.iter().for_each(|&message| self.fact(TAG_MORE_MESSAGES, i64::from(message)));
        }
    }

    fn later(&mut self, tag: u8) {
        self.octets.push(tag);
        self.answer = Some(self.octets.len());
        self.octets.extend_from_slice(&[0; 4]);
    }

    /// A tag, then the number in groups of seven bits, sign lowest. Most clocks count microseconds.
    fn fact(&mut self, tag: u8, value: i64) {
        let (tag, value) = match value % THOUSAND {
            0 if value != 0 => (tag | THOUSANDS, value / THOUSAND),
            _ => (tag, value),
        };
        self.octets.push(tag);
        let mut left = ((value << 1) ^ (value >> 63)) as u64;
        while left >= 0x80 {
            self.octets.push(left as u8 | 0x80);
            left >>= 7;
        }
        self.octets.push(left as u8);
    }
}

fn unpack_facts(octets: &[u8], verdict: &mut Verdict) {
    let mut octets = octets.iter().copied();
    while let Some(tag) = octets.next() {
        match tag {
            TAG_END => return,
            TAG_ANSWER | TAG_RESPONSE => {
                let mut frame = [0; 4];
                frame.iter_mut().for_each(|octet| *octet = octets.next().unwrap_or(0));
                let frame = Some(u32::from_le_bytes(frame)).filter(|&frame| frame != 0);
                match tag {
                    TAG_ANSWER => verdict.facts_mut().keep_alive.answer_frame = frame,
                    _ => verdict.facts_mut().http.response_frame = frame,
                }
            }
            _ => {
                let value = unpack_number(&mut octets);
                let value = if tag & THOUSANDS != 0 { value.saturating_mul(THOUSAND) } else { value };
                match tag & !THOUSANDS {
                    TAG_STEP => verdict.steps.push_code(value as u8),
                    TAG_NOTES => verdict.facts_mut().notes = Notes(value as u32),
                    TAG_COMPLETE => verdict.facts_mut().tls.complete = true,
                    TAG_HELLO_SPANS => verdict.facts_mut().tls.hello_spans = true,
                    TAG_METHOD => verdict.facts_mut().http.method = value as u8,
                    TAG_MESSAGE => verdict.message = u32::try_from(value).ok(),
                    TAG_KEEP_ALIVE => unpack_keep_alive(&mut verdict.facts_mut().keep_alive, value),
                    TAG_MESSAGES => {
                        let first = verdict.message.unwrap_or(0);
                        let more = verdict.facts_mut().http.more_messages.iter_mut();
                        (1..=value as u32).zip(more).for_each(|(place, more)| *more = first.saturating_add(place));
                    }
                    TAG_MORE_MESSAGES => add_message(&mut verdict.facts_mut().http.more_messages, value),
                    TAG_UNANSWERED => {
                        let unanswered = &mut verdict.facts_mut().unanswered;
                        unanswered.octets = u32::try_from(value >> 2).ok();
                        unanswered.how = Silent::from_number(value as u8 & 3);
                    }
                    TAG_SIMULTANEOUS => verdict.facts_mut().handshake.simultaneous = value != 0,
                    tag => unpack_fact(verdict.facts_mut(), tag, value),
                }
            }
        }
    }
}

fn unpack_keep_alive(facts: &mut KeepAliveFacts, kind: i64) {
    let part = |shift: u32| (kind >> shift & 7) as u8;
    facts.status = KeepAliveStatus::from_number(part(0));
    facts.layer = Layer::from_number(part(3));
    facts.context = Context::from_number(part(6));
}

fn add_message(messages: &mut [u32], value: i64) {
    if let (Some(free), Ok(number)) = (messages.iter_mut().find(|message| **message == 0), u32::try_from(value)) {
        *free = number;
    }
}

fn unpack_number(octets: &mut impl Iterator<Item = u8>) -> i64 {
    let (mut number, mut shift) = (0_u64, 0_u32);
    for octet in octets {
        number |= u64::from(octet & 0x7f).checked_shl(shift).unwrap_or(0);
        shift += 7;
        if octet & 0x80 == 0 {
            break;
        }
    }
    (number >> 1) as i64 ^ -((number & 1) as i64)
}

#[cfg(test)]
#[path = "history_tests.rs"]
mod tests;
