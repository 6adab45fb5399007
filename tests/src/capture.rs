//! Reads the project's own captures: pcap and pcapng, and in them TCP over IPv4 and IPv6, as far as it is not tunnelled.

use std::convert::TryInto;
use std::path::{Path, PathBuf};
use tcpphase::{Captured, Classifier};

/// A TCP segment of a capture.
#[derive(Clone, Debug)]
pub struct Packet {
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
            quoted: false,
            fragment: false,
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

/// The segments of a capture.
pub fn read(path: &Path) -> Vec<Packet> {
    let file = std::fs::read(path).expect("a capture");
    match file.get(..4).expect("a file header") {
        [0x0a, 0x0d, 0x0d, 0x0a] => read_pcapng(&file),
        _ => read_pcap(&file),
    }
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
    let number = |at: usize| file.get(at..at + 4).map_or(0, little_endian);
    let unit = match number(0) {
        0xa1b2_c3d4 => 1_000,
        0xa1b2_3c4d => 1,
        other => panic!("a pcap file in this machine's order, not {other:x}"),
    };
    let (link, mut at, mut packets) = (number(20), 24, Vec::new());
    while at + 16 <= file.len() {
        let time = i64::from(number(at)) * 1_000_000_000 + i64::from(number(at + 4)) * unit;
        let (length, sent) = (number(at + 8) as usize, number(at + 12) as usize);
        let frame = file.get(at + 16..at + 16 + length).unwrap_or(&[]);
        packets.extend(packet(link, frame, sent, time));
        at += 16 + length;
    }
    packets
}

fn read_pcapng(file: &[u8]) -> Vec<Packet> {
    let number = |at: usize| file.get(at..at + 4).map_or(0, little_endian);
    let (mut at, mut links, mut packets) = (0, Vec::new(), Vec::new());
    while at + 12 <= file.len() {
        let (kind, length) = (number(at), number(at + 4) as usize);
        match kind {
            1 => links.push((number(at + 8) & 0xffff, unit(&file[at + 16..at + length - 4]))),
            6 => {
                let (link, unit) = links[number(at + 8) as usize];
                let ticks = u64::from(number(at + 12)) << 32 | u64::from(number(at + 16));
                let frame = &file[at + 28..at + 28 + number(at + 20) as usize];
                packets.extend(packet(link, frame, number(at + 24) as usize, ticks as i64 * unit));
            }
            _ => {}
        }
        at += length.max(12);
    }
    packets
}

/// Nanoseconds in a tick of an interface: option if_tsresol, else microseconds.
fn unit(mut options: &[u8]) -> i64 {
    while let [kind, 0, length, 0, rest @ ..] = options {
        match (kind, rest) {
            (9, [9, ..]) => return 1,
            (9, [6, ..]) | (0, _) => return 1_000,
            _ => options = rest.get((usize::from(*length) + 3) / 4 * 4..).unwrap_or(&[]),
        }
    }
    1_000
}

fn packet(link: u32, frame: &[u8], sent: usize, time: i64) -> Option<Packet> {
    let before = match link {
        0 => 4,
        1 => 14,
        101 => 0,
        113 => 16,
        276 => 20,
        _ => return None,
    };
    let (ip, sent) = (frame.get(before..)?, sent.checked_sub(before)?);
    let (header, length, source, destination, identification) = match ip.first()? >> 4 {
        4 => {
            let length = usize::from(u16::from_be_bytes(ip.get(2..4)?.try_into().ok()?)).min(sent);
            let fragment = big_endian(ip.get(6..8)?) & 0x3fff != 0;
            if fragment || ip.get(9) != Some(&6) {
                return None;
            }
            let identification = u16::from_be_bytes(ip.get(4..6)?.try_into().ok()?);
            (
                usize::from(ip[0] & 15) * 4,
                length,
                ip.get(12..16)?,
                ip.get(16..20)?,
                Some(identification),
            )
        }
        6 if ip.get(6) == Some(&6) => {
            let length = 40 + usize::from(u16::from_be_bytes(ip.get(4..6)?.try_into().ok()?));
            (40, length.min(sent), ip.get(8..24)?, ip.get(24..40)?, None)
        }
        _ => return None,
    };
    Some(Packet {
        time,
        source: source.to_vec(),
        destination: destination.to_vec(),
        identification,
        octets: ip.get(header..length.min(ip.len()))?.to_vec(),
        reported_length: (length - header) as u32,
    })
}
