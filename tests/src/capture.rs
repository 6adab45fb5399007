//! Reads captures: pcap and pcapng, packed or not, and in them TCP over IPv4 and IPv6, also in tunnels.

mod layers;

use std::path::{Path, PathBuf};
use tcpphase::{Captured, Classifier};

/// A TCP segment of a capture.
#[derive(Clone, Debug)]
pub struct Packet {
    /// Its place in the file, from 1.
    pub frame: u32,
    /// Nanoseconds since the epoch.
    pub time: i64,
    /// Source address.
    pub source: Vec<u8>,
    /// Destination address.
    pub destination: Vec<u8>,
    /// IPv4 identification.
    pub identification: Option<u16>,
    /// TCP header and payload as far as captured.
    pub octets: Vec<u8>,
    /// Their length when sent.
    pub reported_length: u32,
    /// Quoted in an ICMP error.
    pub quoted: bool,
    /// First fragment of a datagram.
    pub fragment: bool,
}

impl Packet {
    /// Shows it to a classifier.
    pub fn show(&self, classifier: &mut Classifier, frame: u32) {
        classifier.segment(&Captured {
            frame,
            time: Some(self.time),
            source: &self.source,
            destination: &self.destination,
            identification: self.identification,
            octets: &self.octets,
            reported_length: self.reported_length,
            quoted: self.quoted,
            fragment: self.fragment,
        });
    }

    /// The sequence number.
    pub fn sequence(&self) -> u32 {
        self.octets.get(4..8).map_or(0, big_endian)
    }

    /// The flags' second octet.
    pub fn flags(&self) -> u8 {
        self.octets.get(13).copied().unwrap_or(0)
    }

    /// Where the payload begins.
    pub fn payload_offset(&self) -> usize {
        let words = self.octets.get(12).map_or(0, |octet| octet >> 4);
        usize::from(words) * 4
    }

    /// The payload.
    pub fn payload(&self) -> &[u8] {
        self.octets.get(self.payload_offset()..).unwrap_or(&[])
    }

    /// Addresses and ports, the same for both directions.
    pub fn ends(&self) -> Vec<Vec<u8>> {
        let end = |address: &[u8], port: Option<&[u8]>| [address, port.unwrap_or(&[])].concat();
        let mut ends = vec![
            end(&self.source, self.octets.get(..2)),
            end(&self.destination, self.octets.get(2..4)),
        ];
        ends.sort();
        ends
    }
}

/// The project's captures, or those in the folder that the environment variable CAPTURES names.
pub fn captures() -> Vec<PathBuf> {
    let own = || Path::new(env!("CARGO_MANIFEST_DIR")).join("captures");
    let folder = std::env::var_os("CAPTURES").map_or_else(own, PathBuf::from);
    let files = std::fs::read_dir(folder).expect("the folder of captures");
    let mut paths: Vec<PathBuf> = files.map(|file| file.expect("a file").path()).collect();
    paths.retain(|path| matches!(path.extension().and_then(|end| end.to_str()), Some("pcap" | "pcapng")));
    paths.sort();
    paths
}

/// The segments of a capture, as far as it can be read.
pub fn read(path: &Path) -> Vec<Packet> {
    let mut file = std::fs::read(path).expect("a capture");
    if file.starts_with(&[0x1f, 0x8b]) {
        let gzip = std::process::Command::new("gzip").arg("-dc").arg(path).output();
        file = gzip.expect("gzip").stdout;
    }
    match file.get(..4) {
        Some([0x0a, 0x0d, 0x0d, 0x0a]) => read_pcapng(&file),
        _ => read_pcap(&file),
    }
}

/// A number in the order of the file.
fn number(file: &[u8], at: usize, length: usize, is_big_endian: bool) -> Option<u32> {
    let octets = file.get(at..at.checked_add(length)?)?;
    Some(if is_big_endian {
        big_endian(octets)
    } else {
        little_endian(octets)
    })
}

fn big_endian(octets: &[u8]) -> u32 {
    octets.iter().fold(0, |number, &octet| number << 8 | u32::from(octet))
}

fn little_endian(octets: &[u8]) -> u32 {
    octets
        .iter()
        .rev()
        .fold(0, |number, &octet| number << 8 | u32::from(octet))
}

fn read_pcap(file: &[u8]) -> Vec<Packet> {
    let mut packets = Vec::new();
    let (is_big_endian, unit) = match file.get(..4) {
        Some([0xd4, 0xc3, 0xb2, 0xa1]) => (false, 1_000),
        Some([0x4d, 0x3c, 0xb2, 0xa1]) => (false, 1),
        Some([0xa1, 0xb2, 0xc3, 0xd4]) => (true, 1_000),
        Some([0xa1, 0xb2, 0x3c, 0x4d]) => (true, 1),
        _ => return packets,
    };
    let number = |at| number(file, at, 4, is_big_endian);
    let link = number(20).unwrap_or(0) & 0xffff;
    let (mut at, mut frame) = (24, 0);
    while let (Some(seconds), Some(fraction), Some(length), Some(sent)) =
        (number(at), number(at + 4), number(at + 8), number(at + 12))
    {
        frame += 1;
        let time = i64::from(seconds) * 1_000_000_000 + i64::from(fraction) * unit;
        let octets = file.get(at + 16..at + 16 + length as usize).unwrap_or(&[]);
        packets.extend(layers::segments(link, octets, sent as usize, frame, time));
        at += 16 + length as usize;
    }
    packets
}

fn read_pcapng(file: &[u8]) -> Vec<Packet> {
    let (mut at, mut frame, mut is_big_endian) = (0, 0, false);
    let (mut links, mut packets) = (Vec::new(), Vec::new());
    loop {
        if file.get(at..at + 4) == Some(&[0x0a, 0x0d, 0x0d, 0x0a]) {
            is_big_endian = file.get(at + 8) == Some(&0x1a);
            links.clear();
        }
        let number = |at, length| number(file, at, length, is_big_endian);
        let (kind, length) = match (number(at, 4), number(at + 4, 4)) {
            (Some(kind), Some(length)) if length >= 12 => (kind, length as usize),
            _ => return packets,
        };
        match kind {
            1 => {
                let options = file.get(at + 16..at + length - 4).unwrap_or(&[]);
                links.push((number(at + 8, 2).unwrap_or(0), ticks(options, is_big_endian)));
            }
            6 => {
                frame += 1;
                let interface = number(at + 8, 4).and_then(|interface| links.get(interface as usize));
                let fields = (
                    number(at + 12, 4),
                    number(at + 16, 4),
                    number(at + 20, 4),
                    number(at + 24, 4),
                );
                if let (Some(&(link, unit)), (Some(high), Some(low), Some(captured), Some(sent))) = (interface, fields)
                {
                    let time = (u64::from(high) << 32 | u64::from(low)) as i64;
                    let octets = file.get(at + 28..at + 28 + captured as usize).unwrap_or(&[]);
                    packets.extend(layers::segments(
                        link,
                        octets,
                        sent as usize,
                        frame,
                        time.wrapping_mul(unit),
                    ));
                }
            }
            // Simple and obsolete packet blocks: not read, but they have a number.
            2 | 3 => frame += 1,
            _ => {}
        }
        at += length;
    }
}

/// Nanoseconds in a tick of an interface: option if_tsresol, else microseconds.
fn ticks(mut options: &[u8], is_big_endian: bool) -> i64 {
    while let (Some(kind), Some(length)) = (
        number(options, 0, 2, is_big_endian),
        number(options, 2, 2, is_big_endian),
    ) {
        match (kind, options.get(4)) {
            (9, Some(9)) => return 1,
            (9, Some(3)) => return 1_000_000,
            (9, _) | (0, _) => break,
            _ => options = options.get(4 + (length as usize + 3) / 4 * 4..).unwrap_or(&[]),
        }
    }
    1_000
}
