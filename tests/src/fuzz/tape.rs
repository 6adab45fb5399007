//! A script of segments over several connections, as octets and back. Any octets are a script.

use crate::segment::{Segment, FIN, SYN};
use tcpphase::{Captured, Classifier, Decrypted};

/// Connections of a script.
pub const LINES: usize = 4;
/// Octets of a step without its options and payload.
const HEAD: usize = 20;
const SECOND: i64 = 1_000_000_000;
const CONNECTION: u8 = 0x03;
const FROM_SECOND: u8 = 0x04;
const SAME_FRAME: u8 = 0x08;
const QUOTED: u8 = 0x10;
const FRAGMENT: u8 = 0x20;
const TIMELESS: u8 = 0x40;
const OPENED: u8 = 0x80;

/// One segment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Step {
    /// Which connection.
    pub line: usize,
    /// The second endpoint sends it.
    pub from_second: bool,
    /// In the frame of the segment before.
    pub same_frame: bool,
    /// In an ICMP error.
    pub quoted: bool,
    /// The first fragment of a datagram that is not complete.
    pub fragment: bool,
    /// Without a time.
    pub timeless: bool,
    /// Its records are decrypted.
    pub opened: bool,
    /// Flags, one octet of them.
    pub flags: u8,
    /// Nanoseconds since the step before.
    pub pause: i64,
    /// How far its number is from the side's next.
    pub sequence: i32,
    /// How far its acknowledgement is from the other side's next.
    pub acknowledgement: i32,
    /// As on the wire.
    pub window: u16,
    /// Octets of payload that were not captured.
    pub missing: u8,
    /// IPv4 identification, one octet of it.
    pub identification: u8,
    /// Not padded.
    pub options: Vec<u8>,
    /// As captured.
    pub payload: Vec<u8>,
}

/// Time in a sixteenth of its size, at least to the microsecond: four bits say how often twelve bits are shifted.
fn pause(number: u16) -> i64 {
    let (shift, mantissa) = (u32::from(number >> 12), i64::from(number & 0xfff));
    match shift {
        // Backwards, by up to two days.
        15 => -(mantissa << 35),
        _ => (mantissa << (2 * shift)) * 1_000,
    }
}

fn of_pause(pause: i64) -> u16 {
    if pause < 0 {
        return 15 << 12 | (-pause >> 35).min(0xfff) as u16;
    }
    let mut mantissa = pause / 1_000;
    let mut shift = 0;
    while mantissa > 0xfff && shift < 14 {
        mantissa >>= 2;
        shift += 1;
    }
    shift << 12 | mantissa.min(0xfff) as u16
}

/// The steps that octets say.
pub fn steps(mut octets: &[u8]) -> Vec<Step> {
    let mut steps = Vec::new();
    while octets.len() >= HEAD {
        let (head, rest) = octets.split_at(HEAD);
        let number = |at: usize| [head[at], head[at + 1]];
        let numbers = |at: usize| [head[at], head[at + 1], head[at + 2], head[at + 3]];
        let options = usize::from(head[16] & 0x3f).min(40).min(rest.len());
        let (options, rest) = rest.split_at(options);
        let length = usize::from(u16::from_le_bytes(number(18))).min(rest.len());
        let (payload, rest) = rest.split_at(length);
        steps.push(Step {
            line: usize::from(head[0] & CONNECTION),
            from_second: head[0] & FROM_SECOND != 0,
            same_frame: head[0] & SAME_FRAME != 0,
            quoted: head[0] & QUOTED != 0,
            fragment: head[0] & FRAGMENT != 0,
            timeless: head[0] & TIMELESS != 0,
            opened: head[0] & OPENED != 0,
            flags: head[1],
            pause: pause(u16::from_le_bytes(number(2))),
            sequence: i32::from_le_bytes(numbers(4)),
            acknowledgement: i32::from_le_bytes(numbers(8)),
            window: u16::from_le_bytes(number(12)),
            missing: head[14],
            identification: head[15],
            options: options.to_vec(),
            payload: payload.to_vec(),
        });
        octets = rest;
    }
    steps
}

/// The octets that say a step.
pub fn octets(step: &Step) -> Vec<u8> {
    let bit = |set: bool, bit: u8| if set { bit } else { 0 };
    let mut octets = vec![
        step.line as u8 & CONNECTION
            | bit(step.from_second, FROM_SECOND)
            | bit(step.same_frame, SAME_FRAME)
            | bit(step.quoted, QUOTED)
            | bit(step.fragment, FRAGMENT)
            | bit(step.timeless, TIMELESS)
            | bit(step.opened, OPENED),
        step.flags,
    ];
    octets.extend_from_slice(&of_pause(step.pause).to_le_bytes());
    octets.extend_from_slice(&step.sequence.to_le_bytes());
    octets.extend_from_slice(&step.acknowledgement.to_le_bytes());
    octets.extend_from_slice(&step.window.to_le_bytes());
    octets.extend_from_slice(&[step.missing, step.identification, step.options.len() as u8, 0]);
    octets.extend_from_slice(&(step.payload.len() as u16).to_le_bytes());
    octets.extend_from_slice(&step.options);
    octets.extend_from_slice(&step.payload);
    octets
}

/// From where a script is seen.
#[derive(Clone, Copy, Debug, Default)]
pub struct View {
    /// Added to all numbers of the first and the second endpoints.
    pub initial: [u32; 2],
    /// The first endpoint's address compares higher.
    pub swapped: bool,
    /// So many octets that are none of the segment's follow each.
    pub trailer: usize,
}

/// A segment as the classifier gets it.
#[derive(Clone, Debug)]
pub struct Shown {
    /// Its frame.
    pub frame: u32,
    /// Since the epoch.
    pub time: Option<i64>,
    /// Source and destination.
    pub addresses: [Vec<u8>; 2],
    /// Of IPv4.
    pub identification: Option<u16>,
    /// Header and payload, and what follows.
    pub octets: Vec<u8>,
    /// When sent.
    pub reported_length: u32,
    /// In an ICMP error.
    pub quoted: bool,
    /// A fragment.
    pub fragment: bool,
    /// Its records are decrypted.
    pub opened: bool,
}

impl Shown {
    /// Shows it.
    pub fn to(&self, classifier: &mut Classifier) -> tcpphase::verdict::Notes {
        classifier.segment(&Captured {
            frame: self.frame,
            time: self.time,
            source: &self.addresses[0],
            destination: &self.addresses[1],
            identification: self.identification,
            octets: &self.octets,
            reported_length: self.reported_length,
            quoted: self.quoted,
            fragment: self.fragment,
        })
    }

    /// The number under which it is recalled.
    pub fn sequence(&self) -> u32 {
        let number = self.octets.get(4..8).and_then(|octets| octets.try_into().ok());
        number.map_or(0, u32::from_be_bytes)
    }

    /// What decrypting its records gives: what is in those of application data that it has whole, the last octet of
    /// each taken for the type.
    pub fn plaintext(&self) -> Vec<(u8, Vec<u8>)> {
        let mut records = Vec::new();
        let header = self.octets.get(12).map_or(0, |octet| usize::from(octet >> 4) * 4);
        let mut octets = self.octets.get(header..).unwrap_or(&[]);
        while let [23, 3, _, high, low, rest @ ..] = octets {
            let length = usize::from(*high) << 8 | usize::from(*low);
            let record = match rest.get(..length) {
                Some(record) => record,
                None => break,
            };
            if let Some((&content, plain)) = record.split_last() {
                records.push((content, plain.to_vec()));
            }
            octets = &rest[length..];
        }
        records
    }
}

/// The records of a segment, as the classifier wants them.
pub fn decrypted(records: &[(u8, Vec<u8>)]) -> Vec<Decrypted<'_>> {
    let records = records.iter();
    records
        .map(|(content, octets)| Decrypted {
            content: *content,
            octets,
        })
        .collect()
}

/// Plays steps: keeps each side's next number.
#[derive(Debug)]
pub struct Player {
    view: View,
    next: [[u32; 2]; LINES],
    frame: u32,
    time: i64,
}

impl Player {
    /// Nothing has gone.
    pub fn new(view: View) -> Player {
        Player {
            view,
            next: [view.initial; LINES],
            frame: 0,
            time: 1_700_000_000 * SECOND,
        }
    }

    /// The next segment.
    pub fn shows(&mut self, step: &Step) -> Shown {
        self.frame += u32::from(!step.same_frame || self.frame == 0);
        self.time = self.time.saturating_add(step.pause);
        let (from, to) = (usize::from(step.from_second), usize::from(!step.from_second));
        let next = &mut self.next[step.line];
        let sequence = next[from].wrapping_add(step.sequence as u32);
        let flags = u16::from(step.flags);
        let header = Segment {
            source_port: [40_000, 443][from],
            destination_port: [40_000, 443][to],
            sequence,
            acknowledgement: next[to].wrapping_add(step.acknowledgement as u32),
            flags,
            window: step.window,
            options: options(&step.options, self.view.initial[to]),
            payload: step.payload.clone(),
            ..Segment::default()
        };
        let length = step.payload.len() as u32 + u32::from(step.missing);
        let syn_and_fin = u32::from(flags & SYN != 0) + u32::from(flags & FIN != 0);
        let end = sequence.wrapping_add(length).wrapping_add(syn_and_fin);
        if !step.quoted && end.wrapping_sub(next[from]) < 1 << 31 {
            next[from] = end;
        }
        let mut octets = header.octets();
        let reported_length = octets.len() as u32 + u32::from(step.missing);
        if step.missing == 0 {
            octets.extend((0..self.view.trailer).map(|place| b"\r\n\x16\x03\x01GET "[place % 9]));
        }
        let address = |second: bool| match self.view.swapped != second {
            false => vec![10, 0, 0, step.line as u8],
            true => vec![10, 0, 1, step.line as u8],
        };
        Shown {
            frame: self.frame,
            time: (!step.timeless).then_some(self.time),
            addresses: [address(step.from_second), address(!step.from_second)],
            identification: Some(u16::from(step.identification)),
            octets,
            reported_length,
            quoted: step.quoted,
            fragment: step.fragment,
            opened: step.opened,
        }
    }
}

/// The options, a block of SACK relative to the peer's numbers.
fn options(options: &[u8], peer: u32) -> Vec<u8> {
    let mut options = options.to_vec();
    let mut at = 0;
    while let (Some(&kind), Some(&length)) = (options.get(at), options.get(at + 1)) {
        match (kind, usize::from(length)) {
            (0, _) => break,
            (1, _) => at += 1,
            (_, 0 | 1) => break,
            (5, length) => {
                let end = (at + length).min(options.len());
                for number in options[at + 2..end.max(at + 2)].chunks_exact_mut(4) {
                    let shifted = u32::from_be_bytes([number[0], number[1], number[2], number[3]]).wrapping_add(peer);
                    number.copy_from_slice(&shifted.to_be_bytes());
                }
                at += length;
            }
            (_, length) => at += length,
        }
    }
    options
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Random;

    #[test]
    fn a_step_comes_back() {
        let step = Step {
            line: 3,
            from_second: true,
            opened: true,
            flags: 0x18,
            pause: 75 * SECOND / 64 * 64,
            sequence: -1,
            acknowledgement: 5,
            window: 500,
            missing: 7,
            identification: 9,
            options: vec![2, 4, 5, 180],
            payload: b"GET / HTTP/1.1\r\n".to_vec(),
            ..Step::default()
        };
        let again = steps(&[octets(&step), octets(&step), vec![1; HEAD - 1]].concat());
        assert_eq!(again.len(), 2);
        assert!((again[0].pause - step.pause).abs() <= step.pause / 512);
        assert_eq!(
            Step {
                pause: step.pause,
                ..again[1].clone()
            },
            step
        );
    }

    #[test]
    fn any_octets_are_a_script() {
        let mut random = Random::new(1);
        for length in 0..2_000 {
            let octets: Vec<u8> = (0..length).map(|_| random.bits() as u8).collect();
            let mut player = Player::new(View::default());
            steps(&octets).iter().for_each(|step| {
                player.shows(step);
            });
        }
    }
}
