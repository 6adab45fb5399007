//! TLS as an observer sees it, from SSL 3.0 (RFC 6101) over TLS 1.2 (RFC 5246) to TLS 1.3 (RFC 8446).
//!
//! Octets go one way: `record` cuts a direction's stream into records, `body` reads them, `message` cuts handshake
//! messages and `hello` reads the few fields that matter. What they find are `event`s; `progress` and the files beside
//! it say what an event means, `infer` what a record means that cannot be read; `state` is the table of the handshake.
//! The result is an [`Outcome`].
//!
//! How to use it:
//! - [`recognises`] (or [`recognises_midway`]) is asked about the first octets. Octets that were held back while it
//!   needed more are handed to [`Tls::octets`] first, with their own time and an `Outcome` of their own.
//! - Each segment has one `Outcome`, from `default()`. [`Tls::gap`] comes first, for octets given up before it; then
//!   [`Tls::octets`], once per piece that is in order; then [`Tls::ends`] for its FIN or RST; and then, if there are
//!   keys, [`Tls::plaintext`] with the records that ended in the segment, before the next segment of the connection.
//! - [`Tls::takes_data`] may be asked first: it takes a whole segment of which it is certain that it is application data.
//! - [`Findings`] without steps: the octets do not tell yet, or the place is lost; they are Data.
//!   A failure is no news where only one direction was captured: then the caller drops it.
//!
//! What is kept of a connection is [`Tls`], of fixed size, and one hello while it is read, of fixed size too. No body is
//! kept. What it does not do: decrypt, check certificates, read SSL 2.0 beyond its Client Hello.

mod alert;
mod body;
mod closing;
mod event;
mod handshake;
pub(crate) mod hello;
mod infer;
mod message;
mod names;
mod outcome;
pub(crate) mod parser;
mod progress;
mod protected;
mod record;
mod retelling;
mod size;
mod state;
#[cfg(test)]
pub mod tests;

pub use alert::Alert;
pub use hello::Alpn;
pub use names::{HelloNames, TlsNames};
pub use outcome::{Cause, Failure, Findings, Heartbeat, Outcome};
pub use parser::{
    recognises, recognises_client_hello, recognises_midway, ContentType, Recognition, CLIENT_HELLO_BEGIN,
};
pub use retelling::{Plaintext, Within};

use crate::application::Known;
use crate::connection::Direction;
use crate::verdict::{Step, Steps, Time};
use event::Event;
use infer::{is_certainly_data, Reading};
use outcome::Told;
use progress::Progress;
use protected::Ended;
use record::Reader;
use retelling::Retelling;
use state::Stage;

/// Octets of one direction of the stream, in order.
#[derive(Clone, Copy, Debug)]
pub struct Octets<'a> {
    /// Which way they go.
    pub direction: Direction,
    /// The octets as captured.
    pub captured: &'a [u8],
    /// Octets that follow them in the stream and were not captured.
    pub missing: u32,
    /// When they were captured.
    pub time: Time,
    /// The segment's FIN follows them.
    pub before_fin: bool,
}

/// The TLS of one connection.
#[derive(Clone, Debug)]
pub struct Tls {
    progress: Progress,
    readers: [Reader; 2],
    told: Told,
}

impl Tls {
    /// TLS whose first octets come next: of a connection, or after STARTTLS or CONNECT.
    pub fn new() -> Tls {
        let progress = Progress::new(false);
        Tls { progress, readers: [Reader::new(), Reader::new()], told: Told::new(progress) }
    }

    /// TLS whose start was not captured; a record begins next.
    pub fn midway() -> Tls {
        Tls { progress: Progress::new(true), ..Tls::new() }
    }

    /// Takes octets of a segment: steps of all that they touch, in order. Within a record this is one subtraction.
    pub fn octets(&mut self, octets: &Octets, outcome: &mut Outcome) {
        let Octets { direction, time, .. } = *octets;
        self.begins(time, outcome);
        let mut rest = octets.captured;
        while !rest.is_empty() {
            let reader = reader_of(&mut self.readers, direction);
            let (event, after) = reader.next(rest, &self.progress, direction, time);
            rest = after;
            if let Some(mut event) = event {
                if let Event::Protected(record) = &mut event {
                    record.before_fin = record.ends && rest.is_empty() && octets.missing == 0 && octets.before_fin;
                }
                self.happens(direction, &event, outcome);
            }
        }
        if let Some(event) = reader_of(&mut self.readers, direction).unfinished() {
            self.happens(direction, &event, outcome);
        }
        self.skips(direction, octets.missing, outcome);
    }

    /// How many octets of a direction are certainly of the application data record that goes on.
    pub fn rest_of_data(&self, direction: Direction) -> u64 {
        let reading = self.progress.side(direction).reading;
        if self.progress.stage == Stage::Connected && reading == Reading::certain(Step::TlsApplicationData) {
            self.readers[direction as usize].rest_of_data()
        } else {
            0
        }
    }

    /// What octets of the record that goes on are, or of its handshake message.
    pub fn known(&self, direction: Direction) -> Option<Known> {
        let (octets, message) = self.readers[direction as usize].known()?;
        let reading = match message {
            Some(message) => Reading::certain(message.step()),
            None => self.progress.side(direction).reading,
        };
        let of_handshake = !matches!(reading.step, Step::TlsApplicationData | Step::TlsEarlyData);
        let handshake = of_handshake && self.is_handshaking();
        Some(Known { inferred: reading.inferred, handshake, ..Known::new(u64::from(octets), reading.step) })
    }

    /// Takes octets of a segment that are certainly nothing but application data, as [`Tls::octets`] would. False: they
    /// have to be read, and nothing has changed.
    pub fn takes_data(&mut self, direction: Direction, octets: &[u8], time: Time) -> bool {
        let Tls { progress, readers, told } = self;
        if progress.stage != Stage::Connected || !is_certainly_data(progress, direction) {
            return false;
        }
        told.begins(time);
        let (mut begins, mut ended) = (false, None);
        let taken = reader_of(readers, direction).takes_data(octets, progress.cipher_suite, time, |record| {
            told.keeps(progress, &Event::Protected(record));
            begins |= record.begins;
            if record.ends {
                let shortest = ended.map_or(record.length, |before: Ended| before.shortest.min(record.length));
                ended = Some(Ended { size: record.size, last: record.length, shortest });
            }
        });
        if taken {
            progress.takes_data(direction, begins, ended);
        } else {
            told.settles();
        }
        taken
    }

    /// So many of them have passed, not the last one.
    pub fn passes(&mut self, direction: Direction, octets: u64) {
        reader_of(&mut self.readers, direction).passes(octets);
    }

    /// Octets of a direction have been given up: how many, if that is known. Whatever comes before a certain record
    /// boundary has no step.
    pub fn gap(&mut self, direction: Direction, octets: Option<u32>) {
        self.told.settles();
        let mut unseen = Outcome::default();
        match octets {
            Some(octets) => self.skips(direction, octets, &mut unseen),
            None => {
                reader_of(&mut self.readers, direction).loses_place();
                self.progress.side_mut(direction).misses_octets = true;
                self.happens(direction, &Event::PlaceLost, &mut unseen);
            }
        }
    }

    /// Whether octets before the segment that comes next are known to have gone and have not come, and whether it
    /// acknowledges all that its receiver has sent.
    pub fn knows_unseen(&mut self, unseen: bool, acknowledges_all: bool) {
        (self.progress.unseen, self.progress.acknowledges_all) = (unseen, acknowledges_all);
    }

    /// A side sends FIN or RST; `time` is the segment's.
    pub fn ends(&mut self, direction: Direction, by_reset: bool, time: Time, outcome: &mut Outcome) {
        self.begins(time, outcome);
        let place = reader_of(&mut self.readers, direction).end_place();
        self.happens(direction, &Event::End { by_reset, place }, outcome);
    }

    /// Whether a handshake is unfinished; a failed one is until FIN or RST.
    pub fn is_handshaking(&self) -> bool {
        self.progress.stage.is_handshaking()
    }

    /// The names in the last hello of a side, once.
    pub fn take_names(&mut self, direction: Direction) -> Option<Box<HelloNames>> {
        reader_of(&mut self.readers, direction).messages().take_names()
    }

    /// Which way the client's octets go, once a hello has told.
    pub fn client(&self) -> Option<Direction> {
        self.progress.client
    }

    /// Whether records ended in the segment told last that keys may open.
    pub fn is_sealed(&self) -> bool {
        self.told.is_sealed()
    }

    /// Records that ended in the segment told last, decrypted, in their order: they revise what was concluded without.
    /// `inside` is the protocol within.
    pub fn plaintext(
        &mut self,
        direction: Direction,
        records: &[Plaintext],
        inside: &mut dyn FnMut(Within) -> Steps,
    ) -> Findings {
        let told = std::mem::replace(&mut self.told, Told::new(self.progress));
        let mut retelling = Retelling::new(&told, direction, self.progress.is_tls13());
        let places = retelling.places(records);
        for (record, place) in records.iter().zip(places) {
            let place = match place {
                Some(place) => place,
                None => continue,
            };
            if retelling.reaches(place) {
                reader_of(&mut self.readers, direction).messages().restart();
                inside(Within::Gap);
            }
            if !self.opens(direction, record, &mut retelling, inside) {
                retelling.leaves(place);
            }
        }
        let (progress, findings) = retelling.ends();
        self.progress = progress;
        findings
    }

    /// Whether the plaintext says anything.
    fn opens(
        &mut self,
        direction: Direction,
        record: &Plaintext,
        retelling: &mut Retelling,
        inside: &mut dyn FnMut(Within) -> Steps,
    ) -> bool {
        let mut rest = record.octets;
        if rest.is_empty() && record.content != ContentType::APPLICATION_DATA {
            return false;
        }
        match record.content {
            ContentType::HANDSHAKE => {
                while !rest.is_empty() {
                    let messages = reader_of(&mut self.readers, direction).messages();
                    let (message, after) = messages.next(rest, retelling.time());
                    rest = after;
                    retelling.tells(&message.map_or(Event::Undecided(ContentType::HANDSHAKE), Event::Message));
                }
            }
            ContentType::ALERT => {
                let alert = match parser::alert(rest) {
                    Ok((_, (level, description))) => Alert { level, description },
                    Err(_) => return false,
                };
                retelling.tells(&Event::Alert(alert));
                if alert.is_close_notify() {
                    inside(Within::End);
                }
            }
            ContentType::HEARTBEAT => {
                if let Some(&kind) = rest.first() {
                    retelling.tells(&Event::Heartbeat { kind, ends: true });
                }
            }
            ContentType::APPLICATION_DATA => {
                let steps = inside(retelling.within(rest));
                retelling.tells(&Event::ApplicationData(steps));
            }
            _ => return false,
        }
        true
    }

    fn skips(&mut self, direction: Direction, octets: u32, outcome: &mut Outcome) {
        let mut left = octets;
        while left > 0 {
            self.progress.side_mut(direction).misses_octets = true;
            self.progress.unbroken = false;
            let (event, after) = reader_of(&mut self.readers, direction).skip(left);
            left = after;
            if let Some(event) = event {
                self.happens(direction, &event, outcome);
            }
        }
        self.progress.side_mut(direction).misses_octets |= octets > 0;
    }

    fn begins(&mut self, time: Time, outcome: &mut Outcome) {
        outcome.time = time;
        if !std::mem::replace(&mut outcome.begun, true) {
            self.told.begins(time);
        }
    }

    fn happens(&mut self, direction: Direction, event: &Event, outcome: &mut Outcome) {
        self.told.keeps(&self.progress, event);
        self.progress.apply(direction, event, outcome.time, &mut outcome.findings);
        if *event == Event::Ssl2 {
            reader_of(&mut self.readers, direction.reverse()).leaves();
        }
    }
}

fn reader_of(readers: &mut [Reader; 2], direction: Direction) -> &mut Reader {
    match direction {
        Direction::Forth => &mut readers[0],
        Direction::Back => &mut readers[1],
    }
}
