//! However the octets of a connection are cut, the same is said of it as a whole.

use crate::random::Random;
use crate::segment::{Segment, ACK, FIN, RST, SYN};
use tcpphase::verdict::{Details, Step, Summary};
use tcpphase::{Captured, Classifier};

const SECOND: i64 = 1_000_000_000;
const FROM_SERVER: u8 = 0x01;
const ENDS: u8 = 0x02;
const RESETS: u8 = 0x04;
/// Octets of a turn, so that a whole one is a segment.
const MOST: usize = 16_000;

/// What one side says before the other one does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Turn {
    /// The server says it.
    pub from_server: bool,
    /// A FIN follows.
    pub ends: bool,
    /// An RST follows.
    pub resets: bool,
    /// Seconds before it.
    pub pause: u8,
    /// What it says.
    pub octets: Vec<u8>,
}

/// The turns that octets say.
pub fn turns(mut octets: &[u8]) -> Vec<Turn> {
    let mut turns = Vec::new();
    while let [kind, pause, low, high, rest @ ..] = octets {
        let length = usize::from(u16::from_le_bytes([*low, *high])).min(MOST).min(rest.len());
        let (said, rest) = rest.split_at(length);
        turns.push(Turn {
            from_server: kind & FROM_SERVER != 0,
            ends: kind & ENDS != 0,
            resets: kind & RESETS != 0,
            pause: *pause,
            octets: said.to_vec(),
        });
        octets = rest;
    }
    turns
}

/// The octets that say a turn.
pub fn octets(turn: &Turn) -> Vec<u8> {
    let bit = |set: bool, bit: u8| if set { bit } else { 0 };
    let kind = bit(turn.from_server, FROM_SERVER) | bit(turn.ends, ENDS) | bit(turn.resets, RESETS);
    let said = &turn.octets[..turn.octets.len().min(MOST)];
    let [low, high] = (said.len() as u16).to_le_bytes();
    [&[kind, turn.pause, low, high], said].concat()
}

struct Conversation {
    classifier: Classifier,
    frame: u32,
    time: i64,
    next: [u32; 2],
    over: [bool; 2],
    /// Somebody has read all octets so far.
    read: bool,
}

impl Conversation {
    fn new() -> Conversation {
        let mut conversation = Conversation {
            classifier: Classifier::new(),
            frame: 0,
            time: 1_700_000_000 * SECOND,
            next: [1_000, 5_000],
            over: [false; 2],
            read: true,
        };
        conversation.segment(0, SYN, &[]);
        conversation.segment(1, SYN | ACK, &[]);
        conversation.segment(0, ACK, &[]);
        conversation
    }

    fn segment(&mut self, from: usize, flags: u16, payload: &[u8]) {
        let ports = [40_000, 443];
        let hosts = [[192, 0, 2, 1], [198, 51, 100, 2]];
        self.frame += 1;
        let header = Segment {
            source_port: ports[from],
            destination_port: ports[1 - from],
            sequence: self.next[from],
            acknowledgement: if flags & ACK != 0 { self.next[1 - from] } else { 0 },
            flags,
            payload: payload.to_vec(),
            ..Segment::default()
        };
        let octets = header.octets();
        self.classifier.segment(&Captured {
            frame: self.frame,
            time: Some(self.time),
            source: &hosts[from],
            destination: &hosts[1 - from],
            identification: Some(self.frame as u16),
            octets: &octets,
            reported_length: octets.len() as u32,
            quoted: false,
            fragment: false,
        });
        let verdict = self
            .classifier
            .verdict(self.frame, 0, self.next[from])
            .expect("a verdict");
        let unread = |step: Step| matches!(step, Step::Data | Step::HalfCloseData);
        self.read &= !verdict.after_gap && !verdict.steps.iter().any(unread);
        let takes = payload.len() as u32 + u32::from(flags & SYN != 0) + u32::from(flags & FIN != 0);
        self.next[from] = self.next[from].wrapping_add(takes);
    }

    fn says(&mut self, turn: &Turn, mut piece: impl FnMut() -> usize) {
        let from = usize::from(turn.from_server);
        if self.over[from] {
            return;
        }
        self.time += i64::from(turn.pause) * SECOND;
        let mut rest = &turn.octets[..];
        while !rest.is_empty() {
            let (now, later) = rest.split_at(piece().clamp(1, rest.len()));
            rest = later;
            let ends = rest.is_empty() && turn.ends;
            self.segment(from, if ends { ACK | FIN } else { ACK }, now);
        }
        if turn.ends && turn.octets.is_empty() {
            self.segment(from, ACK | FIN, &[]);
        }
        if turn.resets {
            self.segment(from, RST | ACK, &[]);
        }
        self.over[from] |= turn.ends || turn.resets;
        self.over[1 - from] |= turn.resets;
    }
}

/// What is said of the whole, and whether somebody has read all octets. Idle times are left out: of a farewell that is
/// cut, the part that does not tell yet is traffic.
fn tells(turns: &[Turn], mut piece: impl FnMut() -> usize) -> (Summary, bool) {
    let mut conversation = Conversation::new();
    turns.iter().for_each(|turn| conversation.says(turn, &mut piece));
    let mut summary = conversation.classifier.summary(0).expect("a connection");
    (summary.max_idle, summary.end_idle) = (None, None);
    summary.traffic.iter_mut().for_each(|side| side.segments = 0);
    (summary, conversation.read)
}

/// What TCP says alone. Where nobody knows what octets are, their place is found again at a segment's beginning.
fn without_octets(summary: Summary) -> Summary {
    let details = summary.details.map(|details| {
        let Details { probing, .. } = *details;
        Box::new(Details {
            probing,
            ..Details::default()
        })
    });
    Summary {
        keep_alives: 0,
        keep_alives_answered: 0,
        keep_alive_verdict: None,
        unanswered_max: 0,
        tls_time: None,
        messages: 0,
        client_is_higher: Some(false),
        tls_version: None,
        tls_resumed: false,
        tls_end: None,
        tls_names: None,
        traffic: Default::default(),
        details: details.filter(|details| **details != Details::default()),
        ..summary
    }
}

/// Whether what one side says is records of TLS and nothing else.
fn is_tls(turns: &[Turn], from_server: bool) -> bool {
    let said: Vec<u8> = turns
        .iter()
        .filter(|turn| turn.from_server == from_server)
        .flat_map(|turn| turn.octets.iter().copied())
        .collect();
    let mut rest = &said[..];
    while let [content, major, minor, high, low, body @ ..] = rest {
        let length = usize::from(*high) << 8 | usize::from(*low);
        let known = (20..=24).contains(content) && *major == 3 && *minor <= 4 && length <= 16_640;
        if !known || (length == 0 && *content != 23) {
            return false;
        }
        rest = body.get(length..).unwrap_or(&[]);
    }
    rest.is_empty()
}

/// Tries it.
///
/// # Panics
///
/// Where something does not hold.
pub fn run(data: &[u8]) {
    let turns = turns(data);
    let (whole, read) = tells(&turns, || MOST);
    // Damaged records of TLS are found again where a segment begins with one.
    let read = read && (whole.tls_version.is_none() || [false, true].iter().all(|&side| is_tls(&turns, side)));
    let same = |what: &str, (cut, _): (Summary, bool)| match read {
        true => assert_eq!(cut, whole, "{what}"),
        false => assert_eq!(without_octets(cut), without_octets(whole.clone()), "{what}"),
    };
    let mut random = Random::new(
        data.iter()
            .fold(7_u64, |sum, &octet| sum.wrapping_mul(31).wrapping_add(u64::from(octet))),
    );
    same("cut into single octets", tells(&turns, || 1));
    same("cut into full segments", tells(&turns, || 1460));
    same("cut anywhere", tells(&turns, || 1 + random.below(40) as usize));
}
