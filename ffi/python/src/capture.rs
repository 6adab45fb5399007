//! Frames of a capture: pcap (draft-ietf-opsawg-pcap) and pcapng (draft-ietf-opsawg-pcapng).

use crate::source::Source;
use std::io;

/// The longest record that is taken for one.
const RECORD_MAXIMUM: usize = 1 << 24;

/// A frame as captured.
#[derive(Default)]
pub struct Frame {
    /// LINKTYPE_*.
    pub link: u32,
    /// Nanoseconds since the epoch.
    pub time: Option<i64>,
    /// What was captured.
    pub octets: Vec<u8>,
    /// How many octets were sent.
    pub sent: usize,
}

/// Why no more can be read.
pub enum Failure {
    /// A signal came: try again.
    Interrupted,
    /// In words.
    Bad(String),
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Failure {
        if error.kind() == io::ErrorKind::Interrupted {
            Failure::Interrupted
        } else {
            Failure::Bad(error.to_string())
        }
    }
}

struct Interface {
    link: u32,
    ticks_per_second: u64,
    snap: usize,
}

enum Format {
    Unknown,
    Pcap { nanoseconds: bool, link: u32 },
    Pcapng(Vec<Interface>),
}

/// A capture being read.
pub struct Capture {
    source: Source,
    format: Format,
    is_big: bool,
}

impl Capture {
    /// Opens one.
    pub fn open(path: &str) -> io::Result<Capture> {
        Ok(Capture { source: Source::open(path)?, format: Format::Unknown, is_big: false })
    }

    /// Reads the next frame; false at the end.
    pub fn next(&mut self, frame: &mut Frame) -> Result<bool, Failure> {
        if matches!(self.format, Format::Unknown) {
            self.begin()?;
        }
        match self.format {
            Format::Pcap { nanoseconds, link } => self.record(nanoseconds, link, frame),
            _ => self.blocks(frame),
        }
    }

    fn whole(&mut self, length: usize) -> Result<&[u8], Failure> {
        let octets = self.source.peek(length)?;
        if octets.len() < length {
            return Err(Failure::Bad("cut short in the middle of a packet".into()));
        }
        Ok(octets)
    }

    fn begin(&mut self) -> Result<(), Failure> {
        let head = self.source.peek(24)?;
        if head.is_empty() {
            return Err(Failure::Bad("empty".into()));
        }
        if head.starts_with(&[0x0a, 0x0d, 0x0d, 0x0a]) {
            self.format = Format::Pcapng(Vec::new());
            return Ok(());
        }
        let (is_big, nanoseconds) = match head.get(..4) {
            Some([0xd4, 0xc3, 0xb2, 0xa1]) => (false, false),
            Some([0x4d, 0x3c, 0xb2, 0xa1]) => (false, true),
            Some([0xa1, 0xb2, 0xc3, 0xd4]) => (true, false),
            Some([0xa1, 0xb2, 0x3c, 0x4d]) => (true, true),
            _ => return Err(Failure::Bad("neither pcap nor pcapng".into())),
        };
        if head.len() < 24 {
            return Err(Failure::Bad("cut short in its header".into()));
        }
        let link = number(head, 20, 4, is_big) & 0xffff;
        self.format = Format::Pcap { nanoseconds, link };
        self.is_big = is_big;
        self.source.advance(24);
        Ok(())
    }

    fn record(&mut self, nanoseconds: bool, link: u32, frame: &mut Frame) -> Result<bool, Failure> {
        let is_big = self.is_big;
        if self.source.peek(16)?.is_empty() {
            return Ok(false);
        }
        let head = self.whole(16)?;
        let [seconds, fraction, length, sent] = [0, 4, 8, 12].map(|at| number(head, at, 4, is_big));
        let length = length as usize;
        if length > RECORD_MAXIMUM {
            return Err(Failure::Bad(format!("damaged: a packet of {length} octets")));
        }
        let octets = &self.whole(16 + length)?[16..];
        frame.octets.clear();
        frame.octets.extend_from_slice(octets);
        self.source.advance(16 + length);
        let unit = if nanoseconds { 1 } else { 1_000 };
        frame.time = Some(i64::from(seconds) * 1_000_000_000 + i64::from(fraction) * unit);
        frame.link = link;
        frame.sent = (sent as usize).max(length);
        Ok(true)
    }

    /// Goes on to the next block with a packet.
    fn blocks(&mut self, frame: &mut Frame) -> Result<bool, Failure> {
        loop {
            if self.source.peek(12)?.is_empty() {
                return Ok(false);
            }
            let head = self.whole(12)?;
            if head.starts_with(&[0x0a, 0x0d, 0x0d, 0x0a]) {
                let is_big = head[8..12] == [0x1a, 0x2b, 0x3c, 0x4d];
                self.is_big = is_big;
                self.format = Format::Pcapng(Vec::new());
            }
            let is_big = self.is_big;
            let head = self.whole(12)?;
            let (kind, length) = (number(head, 0, 4, is_big), number(head, 4, 4, is_big) as usize);
            if !(12..=RECORD_MAXIMUM).contains(&length) || length % 4 != 0 {
                return Err(Failure::Bad(format!("damaged: a block of {length} octets")));
            }
            self.whole(length)?;
            let block = self.source.peek(length)?;
            let Format::Pcapng(interfaces) = &mut self.format else { return Ok(false) };
            let has_frame = match kind {
                1 if length >= 20 => {
                    interfaces.push(interface(block, is_big));
                    false
                }
                2 | 3 | 6 => packet(kind, &block[8..length - 4], interfaces, is_big, frame)
                    .ok_or_else(|| Failure::Bad("damaged: a packet longer than its block".into()))?,
                _ => false,
            };
            self.source.advance(length);
            if has_frame {
                return Ok(true);
            }
        }
    }
}

/// Reads the body of a block that holds a packet.
fn packet(kind: u32, body: &[u8], interfaces: &[Interface], is_big: bool, frame: &mut Frame) -> Option<bool> {
    let at = if kind == 3 { 4 } else { 20 };
    body.get(..at)?;
    let which = match kind {
        3 => 0,
        2 => number(body, 0, 2, is_big),
        _ => number(body, 0, 4, is_big),
    };
    let interface = interfaces.get(which as usize)?;
    let (captured, sent) = if kind == 3 {
        let sent = number(body, 0, 4, is_big) as usize;
        (sent.min(interface.snap), sent)
    } else {
        (number(body, 12, 4, is_big) as usize, number(body, 16, 4, is_big) as usize)
    };
    frame.octets.clear();
    frame.octets.extend_from_slice(body.get(at..at.checked_add(captured)?)?);
    frame.sent = sent.max(captured);
    frame.link = interface.link;
    frame.time = None;
    if kind != 3 {
        let ticks = u64::from(number(body, 4, 4, is_big)) << 32 | u64::from(number(body, 8, 4, is_big));
        let time = u128::from(ticks) * 1_000_000_000 / u128::from(interface.ticks_per_second);
        frame.time = i64::try_from(time).ok();
    }
    Some(true)
}

fn interface(block: &[u8], is_big: bool) -> Interface {
    let snap = number(block, 12, 4, is_big) as usize;
    let mut interface = Interface {
        link: number(block, 8, 2, is_big),
        ticks_per_second: 1_000_000,
        snap: if snap == 0 { usize::MAX } else { snap },
    };
    let mut options = &block[16..block.len() - 4];
    while options.len() >= 4 {
        let (kind, length) = (number(options, 0, 2, is_big), number(options, 2, 2, is_big) as usize);
        match (kind, options.get(4)) {
            // if_tsresol: a power of ten, or of two.
            (9, Some(&power)) if power & 0x80 != 0 => {
                interface.ticks_per_second = 1_u64.checked_shl(u32::from(power & 0x7f)).unwrap_or(1 << 63);
            }
            (9, Some(&power)) => interface.ticks_per_second = 10_u64.saturating_pow(u32::from(power)),
            (0, _) => break,
            _ => {}
        }
        options = options.get(4 + length.div_ceil(4) * 4..).unwrap_or(&[]);
    }
    interface
}

/// A number in the order of the file; the octets are there.
fn number(octets: &[u8], at: usize, length: usize, is_big: bool) -> u32 {
    let add = |number: u32, &octet: &u8| number << 8 | u32::from(octet);
    let octets = &octets[at..at + length];
    if is_big {
        octets.iter().fold(0, add)
    } else {
        octets.iter().rev().fold(0, add)
    }
}
