//! The first octets of a connection, as long as they do not tell what is above TCP.

use super::first::{First, FIRST_OCTETS};
use super::inside::TlsReader;
use super::late::BEFORE_TLS;
use super::{Reader, Report};
use crate::application::{Application, Numbers, Octets};
use crate::connection::Direction;
use crate::http::Http;
use crate::starttls::StartTls;
use crate::tls::{self, Tls};

/// In a connection that began midway, so many segments of a direction are asked whether a message begins there.
const MIDWAY_ATTEMPTS: u8 = 32;

/// What is above TCP as long as it is not known.
#[derive(Clone, Debug)]
pub struct Undecided {
    firsts: [First; 2],
    midway: bool,
    start_tls: Option<Box<StartTls>>,
    /// Octets that nobody has recognised.
    octets: u32,
    /// The segment that comes next answers octets that have not come.
    pub answers_unseen: bool,
    /// Nothing of the other direction has come.
    pub alone: bool,
    /// Something may stand before the protocol: it begins with the next octets, of this client, if that is known.
    pub expects: Option<Option<Direction>>,
    /// It has begun.
    pub waits: bool,
    /// Where its octets stand.
    pub numbers: Option<Numbers>,
}

impl Undecided {
    /// Nothing has gone yet, or, `midway`, nothing that was captured.
    pub fn new(midway: bool, start_tls: Option<StartTls>) -> Undecided {
        Undecided {
            firsts: [First::new(); 2],
            midway,
            start_tls: start_tls.map(Box::new),
            octets: 0,
            answers_unseen: false,
            alone: false,
            expects: None,
            waits: false,
            numbers: None,
        }
    }

    /// Whether nobody asks any longer what a direction's octets are.
    pub fn is_refused(&self, direction: Direction) -> bool {
        let first = &self.firsts[direction as usize];
        let asked = !first.refused || (self.midway && first.attempts < MIDWAY_ATTEMPTS);
        self.start_tls.is_none() && !asked && self.octets > BEFORE_TLS && !self.waits
    }

    /// The protocol, once the octets so far tell. Octets that were held back are read before.
    pub(super) fn decides(&mut self, octets: &Octets) -> Option<Reader> {
        let unseen = self.answers_unseen || self.alone;
        let first = &mut self.firsts[octets.direction as usize];
        if first.acknowledges_more(self.numbers) && unseen {
            // Something was asked or answered that was not captured.
            first.attempts = 0;
        }
        if first.refused && !(self.midway && first.attempts < MIDWAY_ATTEMPTS) {
            return self.begins_tls(octets);
        }
        let at_start = !first.refused;
        let (prefix, length) = first.with(octets.captured);
        match recognise(&prefix[..length], self.midway && at_start) {
            Choice::Reader(mut reader) => {
                if let Reader::Http(http) = &mut *reader {
                    http.knows_client(octets.direction, &prefix[..length]);
                    http.answers_unseen(self.answers_unseen);
                    if self.midway {
                        http.begins_midway();
                    }
                    if let Some(numbers) = self.numbers {
                        http.stands(numbers);
                    }
                }
                Some(self.begin(*reader, octets.direction))
            }
            Choice::NeedMore if length < FIRST_OCTETS && octets.missing == 0 => {
                first.holds(prefix, length, octets);
                None
            }
            Choice::NeedMore | Choice::No => {
                first.asks |= at_start && first.length == 0 && Http::asks(octets.captured);
                (first.refused, first.length) = (true, 0);
                first.attempts = first.attempts.saturating_add(1);
                None
            }
        }
    }

    /// TLS behind octets that nobody recognised, as [`super::Late`] finds it later.
    fn begins_tls(&mut self, octets: &Octets) -> Option<Reader> {
        let first = &mut self.firsts[octets.direction as usize];
        let (prefix, length) = first.with(octets.captured);
        match tls::recognises_client_hello(&prefix[..length]) {
            tls::Recognition::Yes => {
                let mut reader = Reader::Tls(Box::new(TlsReader::behind_others()));
                reader.reads_held(octets.direction, first);
                return Some(reader);
            }
            tls::Recognition::NeedMore if octets.missing == 0 => first.holds(prefix, length, octets),
            tls::Recognition::NeedMore | tls::Recognition::No => first.length = 0,
        }
        None
    }

    /// Hands the octets that were held back to the protocol.
    fn begin(&self, mut reader: Reader, direction: Direction) -> Reader {
        // Whatever went before, a message of this direction begins with the octets that decide.
        for (direction, decides) in [(direction, true), (direction.reverse(), false)] {
            let first = &self.firsts[direction as usize];
            if first.refused && !decides {
                match &mut reader {
                    Reader::Http(http) if !self.midway && !first.missed => http.begins_otherwise(direction, first.asks),
                    reader => reader.gap(direction, None),
                }
            } else {
                reader.reads_held(direction, first);
            }
        }
        reader
    }

    /// Octets that nobody has recognised. Whether nobody will.
    pub fn goes_on(&mut self, octets: &Octets, report: &mut Report) -> bool {
        self.octets = self.octets.saturating_add(octets.captured.len() as u32).saturating_add(octets.missing);
        if let Some(start_tls) = &mut self.start_tls {
            start_tls.octets(octets, &mut report.outcome);
            if start_tls.is_over() {
                self.start_tls = None;
            }
        }
        let asked = |first: &First| !first.refused || (self.midway && first.attempts < MIDWAY_ATTEMPTS);
        let still = |first: &First| asked(first) || first.length > 0;
        self.start_tls.is_none() && report.outcome.switch.is_none() && !self.firsts.iter().any(still) && !self.waits
    }

    /// What the connection carries begins here in a direction.
    pub fn begins_anew(&mut self, direction: Direction) {
        self.firsts[direction as usize] = First::new();
        self.octets = 0;
        if !self.midway {
            self.start_tls = Some(Box::new(StartTls::new()));
        }
    }

    pub fn gap(&mut self, direction: Direction) {
        let first = &mut self.firsts[direction as usize];
        (first.refused, first.missed, first.length) = (true, true, 0);
        if let Some(start_tls) = &mut self.start_tls {
            start_tls.gap();
        }
    }
}

enum Choice {
    Reader(Box<Reader>),
    NeedMore,
    No,
}

/// The protocol of a direction that begins so.
fn recognise(octets: &[u8], midway: bool) -> Choice {
    let tls = if midway { tls::recognises_midway(octets) } else { tls::recognises(octets) };
    if tls == tls::Recognition::Yes {
        let tls = if midway { Tls::midway() } else { Tls::new() };
        return Choice::Reader(Box::new(Reader::Tls(Box::new(TlsReader::new(tls)))));
    }
    match Reader::recognised(octets) {
        (Some(reader), _) => Choice::Reader(Box::new(reader)),
        (None, undecided) if undecided || tls == tls::Recognition::NeedMore => Choice::NeedMore,
        (None, _) => Choice::No,
    }
}
