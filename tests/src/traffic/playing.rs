//! The classifier at work: what it says of each segment, and from where it sees them.

use super::{Packet, SECOND};
use crate::segment::{filler, Segment};
use tcpphase::verdict::{Notes, Summary, Verdict};
use tcpphase::{Captured, Classifier};

/// From where the classifier sees the segments.
#[derive(Clone, Copy, Debug, Default)]
pub struct View {
    /// Initial sequence numbers of A and B.
    pub initial: [u32; 2],
    /// Addresses and ports of A and B.
    pub addresses: Addresses,
    /// Octets captured of each payload; all where none.
    pub snap: Option<usize>,
}

/// Where A and B live.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Addresses {
    /// A has the lower address.
    #[default]
    Plain,
    /// A has the higher address.
    Swapped,
    /// Both have one, and A has the higher port.
    Loopback,
    /// A has the lower IPv6 address.
    Ipv6,
    /// A has the higher IPv6 address.
    Ipv6Swapped,
}

/// What the classifier said of a segment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// The segment's frame.
    pub frame: u32,
    /// The segment's place in it.
    pub index: u32,
    /// Its sequence number as on the wire.
    pub sequence: u32,
    /// The notes of the first visit.
    pub notes: Notes,
    /// The verdict of the first visit.
    pub verdict: Option<Verdict>,
}

/// The classifier with what it has said so far.
#[derive(Debug)]
pub struct Playing {
    /// The classifier.
    pub classifier: Classifier,
    /// What it said, segment by segment.
    pub said: Vec<Said>,
    view: View,
    frame: u32,
    index: u32,
}

/// Frames have numbers this far apart, so that others fit in between.
pub const FRAMES_APART: u32 = 10;

impl Playing {
    /// Nothing was played yet.
    pub fn new(view: View) -> Playing {
        Playing {
            classifier: Classifier::new(),
            said: Vec::new(),
            view,
            frame: 0,
            index: 0,
        }
    }

    /// Plays a segment in its own frame.
    pub fn play(&mut self, packet: &Packet) {
        if !packet.same_frame || self.frame == 0 {
            self.frame += FRAMES_APART;
            self.index = 0;
        }
        let (frame, index) = (self.frame, self.index);
        let (sequence, notes) = self.visit(packet, frame);
        let verdict = match packet.quoted {
            true => None,
            false => self.classifier.verdict(frame, index, sequence),
        };
        self.index += u32::from(!packet.quoted);
        self.said.push(Said {
            frame,
            index,
            sequence,
            notes,
            verdict,
        });
    }

    /// Shows the classifier a segment in any frame. Returns its sequence number, as far as it was captured.
    pub fn visit(&mut self, packet: &Packet, frame: u32) -> (u32, Notes) {
        let [own, peer] = match packet.from_a {
            true => self.view.initial,
            false => [self.view.initial[1], self.view.initial[0]],
        };
        let (addresses, ports) = self.endpoints(packet.flow);
        let (source, destination) = if packet.from_a { (0, 1) } else { (1, 0) };
        let wire = Segment {
            source_port: ports[source],
            destination_port: ports[destination],
            sequence: own.wrapping_add(packet.sequence),
            acknowledgement: peer.wrapping_add(packet.acknowledgement),
            flags: packet.flags,
            window: packet.window,
            options: packet.options(peer),
            offset: packet.offset,
            payload: (0..i64::from(packet.length))
                .map(|offset| filler(i64::from(packet.sequence) + offset))
                .collect(),
        };
        let octets = wire.octets();
        let cut = self
            .view
            .snap
            .map_or(octets.len(), |snap| packet.header_length() + snap);
        let captured = packet.captured.unwrap_or(octets.len()).min(cut).min(octets.len());
        let ipv4 = !matches!(self.view.addresses, Addresses::Ipv6 | Addresses::Ipv6Swapped);
        let notes = self.classifier.segment(&Captured {
            frame,
            time: packet.time.map(|time| time + 1_700_000_000 * SECOND),
            source: &addresses[source],
            destination: &addresses[destination],
            identification: Some(packet.identification).filter(|_| ipv4),
            octets: &octets[..captured],
            reported_length: packet.reported.unwrap_or(octets.len() as u32),
            quoted: packet.quoted,
            fragment: packet.fragment,
        });
        (if captured < 8 { 0 } else { wire.sequence }, notes)
    }

    fn endpoints(&self, flow: u16) -> ([Vec<u8>; 2], [u16; 2]) {
        let ports = [40000 + flow, 443];
        let wide = |last| [&[0x20, 0x01, 0x0d, 0xb8][..], &[0; 11], &[last]].concat();
        match self.view.addresses {
            Addresses::Plain => ([vec![192, 0, 2, 1], vec![198, 51, 100, 2]], ports),
            Addresses::Swapped => ([vec![203, 0, 113, 9], vec![198, 51, 100, 2]], ports),
            Addresses::Loopback => ([vec![127, 0, 0, 1], vec![127, 0, 0, 1]], ports),
            Addresses::Ipv6 => ([wide(1), wide(2)], ports),
            Addresses::Ipv6Swapped => ([wide(2), wide(1)], ports),
        }
    }

    /// What is known of every connection, without what the view itself changes: which endpoint compares lower.
    pub fn summaries(&self) -> Vec<Summary> {
        let ([first, second], [first_port, second_port]) = self.endpoints(0);
        let turned = (first, first_port) > (second, second_port);
        let summaries = (0..).map_while(|number| self.classifier.summary(number));
        summaries
            .map(|mut summary| {
                summary.client_is_higher = summary.client_is_higher.map(|higher| higher != turned);
                if turned {
                    summary.traffic.swap(0, 1);
                }
                if let Some(details) = summary.details.as_mut().filter(|_| turned) {
                    details.probing.swap(0, 1);
                    details.probing_above.iter_mut().for_each(|above| above.swap(0, 1));
                }
                summary
            })
            .collect()
    }

    /// What was said, without what the view itself changes: the numbers on the wire.
    pub fn story(&self) -> Vec<(Notes, Option<Verdict>)> {
        let said = self.said.iter();
        said.map(|said| {
            let verdict = said.verdict.clone().map(|verdict| Verdict { sequence: 0, ..verdict });
            (said.notes, verdict)
        })
        .collect()
    }
}

/// Plays all of it.
pub fn play(packets: &[Packet], view: View) -> Playing {
    let mut playing = Playing::new(view);
    packets.iter().for_each(|packet| playing.play(packet));
    playing
}
