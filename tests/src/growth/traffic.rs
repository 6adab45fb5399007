//! Segments of many connections, one after the other.

use crate::segment::{Segment, ACK, SYN};
use tcpphase::verdict::Verdict;
use tcpphase::{Captured, Classifier};

/// From the client.
pub const CLIENT: usize = 0;
/// From the server.
pub const SERVER: usize = 1;

/// Between two segments.
const PAUSE: i64 = 1_000;

/// A capture that goes on.
#[derive(Debug, Default)]
pub struct Traffic {
    /// Nobody, to see what making the segments takes alone.
    pub classifier: Option<Classifier>,
    /// The last frame's number.
    pub frame: u32,
    /// All frames have one number, as those that a read filter drops.
    pub dropped: bool,
    /// Nanoseconds since the epoch.
    pub time: i64,
    /// Segments so far.
    pub segments: u32,
    /// Over IPv6.
    pub ipv6: bool,
}

/// A connection that is made up.
#[derive(Clone, Copy, Debug)]
pub struct Line {
    /// Which one: addresses and ports.
    pub client: u32,
    /// The next number of each side.
    pub next: [u32; 2],
}

impl Line {
    /// One of which nothing has gone.
    pub fn new(client: u32) -> Line {
        let next = [client.wrapping_mul(0x9e37_79b9), client.wrapping_mul(0x85eb_ca6b)];
        Line { client, next }
    }
}

impl Traffic {
    /// A capture that somebody judges, or nobody.
    pub fn new(judged: bool) -> Traffic {
        Traffic {
            classifier: judged.then(Classifier::new),
            time: 1_700_000_000_000_000_000,
            ..Traffic::default()
        }
    }

    /// An opening.
    pub fn opens(&mut self, client: u32) -> Line {
        let mut line = Line::new(client);
        self.sends(&mut line, CLIENT, SYN, &[]);
        self.sends(&mut line, SERVER, SYN | ACK, &[]);
        self.sends(&mut line, CLIENT, ACK, &[]);
        line
    }

    /// The next segment of a side.
    pub fn sends(&mut self, line: &mut Line, from: usize, flags: u16, octets: &[u8]) {
        let sequence = line.next[from];
        self.at(line, from, flags, sequence, octets);
        let takes = u32::from(flags & SYN != 0) + u32::from(flags & crate::segment::FIN != 0);
        line.next[from] = sequence.wrapping_add(octets.len() as u32).wrapping_add(takes);
    }

    /// A segment with any number.
    pub fn at(&mut self, line: &Line, from: usize, flags: u16, sequence: u32, octets: &[u8]) {
        let acknowledgement = if flags & ACK != 0 { line.next[1 - from] } else { 0 };
        self.segment(line.client, from, flags, (sequence, acknowledgement), octets);
    }

    /// Any segment.
    pub fn segment(&mut self, client: u32, from: usize, flags: u16, numbers: (u32, u32), octets: &[u8]) {
        if !self.dropped {
            self.frame += 1;
        }
        self.segments += 1;
        self.time += PAUSE;
        let port = 1024 + (client % 50_000) as u16;
        let [high, low] = ((client / 50_000) as u16).to_be_bytes();
        let ends = match self.ipv6 {
            true => [
                vec![0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, high, low],
                vec![0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 1],
            ],
            false => [vec![10, 0, high, low], vec![192, 0, 2, 1]],
        };
        let ports = [port, 443];
        let header = Segment {
            source_port: ports[from],
            destination_port: ports[1 - from],
            sequence: numbers.0,
            acknowledgement: numbers.1,
            flags,
            payload: octets.to_vec(),
            ..Segment::default()
        };
        let octets = header.octets();
        if let Some(classifier) = &mut self.classifier {
            classifier.segment(&Captured {
                frame: self.frame.max(1),
                time: Some(self.time),
                source: &ends[from],
                destination: &ends[1 - from],
                identification: (!self.ipv6).then_some(self.segments as u16),
                octets: &octets,
                reported_length: octets.len() as u32,
                quoted: false,
                fragment: false,
            });
        }
    }

    /// What is said of the last segment, if there is one under that number.
    pub fn said(&self, sequence: u32) -> Option<Verdict> {
        self.classifier.as_ref()?.verdict(self.frame, 0, sequence)
    }
}
