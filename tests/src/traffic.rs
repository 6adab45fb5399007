//! Segments at random: conversations with all that goes wrong with them, and scripts that are no longer as written.
//!
//! Every sequence is the same at every run. A property is a function over a sequence; [`holds`] tries it on many, and
//! of one that breaks it tells only the segments that matter, in the notation of [`crate::script`].

use crate::random::Random;
use crate::script::{cases, Case, Content, Number, SegmentOption, Sent};
use crate::segment::{filler, Segment, ACK, FIN, PSH, RST, SYN};
use std::fmt;
use std::panic::{catch_unwind, AssertUnwindSafe};
use tcpphase::verdict::{Notes, Summary, Verdict};
use tcpphase::{Captured, Classifier};

const MICROSECOND: i64 = 1_000;
const SECOND: i64 = 1_000_000_000;

/// A segment on its way. Sequence numbers count from the initial one of the side whose octets they count.
#[derive(Clone, Debug)]
pub struct Packet {
    /// Since the beginning.
    pub time: Option<i64>,
    /// Which of the port pairs.
    pub flow: u16,
    /// From the side A.
    pub from_a: bool,
    /// Flags of the header.
    pub flags: u16,
    /// Sequence number.
    pub sequence: u32,
    /// Acknowledgement number, also where the ACK flag is missing.
    pub acknowledgement: u32,
    /// Window as on the wire.
    pub window: u16,
    /// Options but SACK.
    pub options: Vec<u8>,
    /// A SACK block.
    pub sack: Option<(u32, u32)>,
    /// Octets of payload.
    pub length: u32,
    /// IPv4 identification; a mirrored copy has that of its original.
    pub identification: u16,
    /// A data offset that may not fit.
    pub offset: Option<u8>,
    /// Only so many octets were captured.
    pub captured: Option<usize>,
    /// A length when sent that may not fit.
    pub reported: Option<u32>,
    /// In an ICMP error.
    pub quoted: bool,
    /// The first fragment of a datagram that is not complete.
    pub fragment: bool,
    /// In one frame with the segment before.
    pub same_frame: bool,
}

impl Packet {
    fn options(&self, peer_initial: u32) -> Vec<u8> {
        let mut options = self.options.clone();
        if let Some((left, right)) = self.sack {
            options.extend_from_slice(&[5, 10]);
            options.extend_from_slice(&peer_initial.wrapping_add(left).to_be_bytes());
            options.extend_from_slice(&peer_initial.wrapping_add(right).to_be_bytes());
        }
        options.truncate(40);
        options
    }

    /// Octets of the header as built, whatever its data offset says.
    pub fn header_length(&self) -> usize {
        20 + (self.options(0).len() + 3) / 4 * 4
    }

    /// Whether the header can be read, by the words of the contract: its twenty octets are there, and it has a length
    /// that a header can have.
    pub fn is_readable(&self) -> bool {
        let built = self.header_length();
        let claimed = self.offset.map_or(built, |words| usize::from(words) * 4);
        let sent = self.reported.unwrap_or(built as u32 + self.length) as usize;
        let captured = self.captured.unwrap_or(built).min(built + self.length as usize);
        !self.quoted && !self.fragment && captured >= 20 && claimed >= 20 && claimed <= sent
    }

    /// Whether all of the flags are set.
    pub fn has(&self, flags: u16) -> bool {
        self.flags & flags == flags
    }
}

impl fmt::Display for Packet {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let time = self.time.unwrap_or(0);
        let flags: String = [(FIN, 'F'), (SYN, 'S'), (RST, 'R'), (PSH, 'P'), (ACK, '.')]
            .iter()
            .filter(|(flag, _)| self.has(*flag))
            .map(|(_, letter)| *letter)
            .collect();
        write!(formatter, "{}.{:09} ", time / SECOND, (time % SECOND).abs())?;
        let end = i64::from(self.sequence) + i64::from(self.length);
        let direction = if self.from_a { '>' } else { '<' };
        write!(
            formatter,
            "{direction} {} {}:{end}({})",
            if flags.is_empty() { "-" } else { &flags },
            self.sequence,
            self.length
        )?;
        write!(
            formatter,
            " ack {} win {} [id {}]",
            self.acknowledgement, self.window, self.identification
        )?;
        let marks = [
            (self.flow != 0, format!("[flow {}]", self.flow)),
            (self.time.is_none(), "[timeless]".to_string()),
            (self.quoted, "[quoted]".to_string()),
            (self.fragment, "[fragment]".to_string()),
            (self.same_frame, "[same frame]".to_string()),
            (self.offset.is_some(), format!("[offset {}]", self.offset.unwrap_or(0))),
            (
                self.captured.is_some(),
                format!("[snap {}]", self.captured.unwrap_or(0)),
            ),
            (
                self.reported.is_some(),
                format!("[length {}]", self.reported.unwrap_or(0)),
            ),
            (
                !self.options.is_empty() || self.sack.is_some(),
                format!("options {:x?} sack {:?}", self.options, self.sack),
            ),
        ];
        for (_, mark) in marks.iter().filter(|(applies, _)| *applies) {
            write!(formatter, " {mark}")?;
        }
        Ok(())
    }
}

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

/// One port pair's endpoints, as the generator sees them.
#[derive(Clone, Debug, Default)]
struct Conversation {
    /// Segments of the opening that were sent.
    opened: u8,
    /// The next number of A and of B.
    next: [u32; 2],
    /// What each has acknowledged of the other.
    acknowledged: [u32; 2],
}

/// A generator of segments.
#[derive(Debug)]
pub struct Traffic {
    random: Random,
    conversations: Vec<Conversation>,
    sent: Vec<Packet>,
    time: i64,
}

/// So many segments at random.
pub fn random(seed: u64, count: usize) -> Vec<Packet> {
    let mut random = Random::new(seed);
    let flows = 1 + random.below(3) as usize;
    let conversations = (0..flows).map(|_| Conversation {
        opened: if random.once_in(5) { 3 } else { 0 },
        ..Conversation::default()
    });
    let conversations = conversations.collect();
    let mut traffic = Traffic {
        random,
        conversations,
        sent: Vec::with_capacity(count),
        time: 0,
    };
    while traffic.sent.len() < count {
        traffic.go_on();
    }
    traffic.sent
}

impl Traffic {
    fn go_on(&mut self) {
        self.time += match self.random.below(20) {
            0..=9 => 200 * MICROSECOND,
            10..=14 => 20_000 * MICROSECOND,
            15 => SECOND / 2,
            16 => 2 * SECOND,
            17 => 75 * SECOND,
            18 => 300 * SECOND,
            _ => SECOND,
        };
        let flow = self.random.below(self.conversations.len() as u64) as usize;
        let packet = match self.random.below(60) {
            0..=3 => self.again(),
            4..=5 => self.copy(),
            6..=7 => Some(self.nonsense(flow)),
            8 => self.damaged(),
            9 => self.quoted(),
            _ => Some(self.sensible(flow)),
        };
        let first = self.sent.is_empty();
        if let Some(mut packet) = packet {
            packet.same_frame = !first && self.random.once_in(30);
            if self.random.once_in(60) {
                packet.time = None;
            } else if self.random.once_in(60) {
                packet.time = packet.time.map(|time| time - SECOND);
            }
            self.sent.push(packet);
        }
    }

    fn packet(&self, flow: usize, from_a: bool, flags: u16) -> Packet {
        let (own, peer) = if from_a { (0, 1) } else { (1, 0) };
        let conversation = &self.conversations[flow];
        Packet {
            time: Some(self.time),
            flow: flow as u16,
            from_a,
            flags,
            sequence: conversation.next[own],
            acknowledgement: conversation.acknowledged[own].max(conversation.next[peer].wrapping_sub(3000)),
            window: 64240,
            options: Vec::new(),
            sack: None,
            length: 0,
            identification: 1 + self.sent.len() as u16,
            offset: None,
            captured: None,
            reported: None,
            quoted: false,
            fragment: false,
            same_frame: false,
        }
    }

    /// What an endpoint could do.
    fn sensible(&mut self, flow: usize) -> Packet {
        let opened = self.conversations[flow].opened;
        if opened < 3 && !self.random.once_in(6) {
            return self.opening(flow, opened);
        }
        let from_a = self.random.once_in(2);
        let (own, peer) = if from_a { (0, 1) } else { (1, 0) };
        if !self.random.once_in(4) {
            let conversation = &mut self.conversations[flow];
            conversation.acknowledged[own] = conversation.next[peer];
        }
        let mut packet = self.packet(flow, from_a, ACK);
        match self.random.below(40) {
            0..=9 => {
                packet.length = self.random.pick(&[1, 1, 2, 100, 1460, 3000]);
                packet.flags |= PSH;
            }
            10..=14 => {}
            15..=20 => {
                packet.sequence = packet.sequence.wrapping_sub(1);
                packet.length = self.random.below(2) as u32;
                return packet;
            }
            21..=22 => packet.window = 0,
            23 => packet.window = self.random.pick(&[1, 502, 65535]),
            24 => {
                let right = packet.acknowledgement.wrapping_add(1000);
                packet.sack = Some((right.wrapping_sub(500), right));
            }
            25..=28 => {
                packet.flags |= FIN;
                packet.length = self.random.pick(&[0, 0, 0, 1, 500]);
            }
            29..=30 => {
                packet.flags = self.random.pick(&[RST, RST | ACK]);
                let off = self.random.pick(&[0, 0, 0, 1, 1000, 0x4000_0000]);
                packet.sequence = packet.sequence.wrapping_add(off);
                return packet;
            }
            31..=33 => {
                // Lost: the other side may well have it.
                let lost = self.random.pick(&[1, 1, 1460, 1 << 20]);
                packet.sequence = packet.sequence.wrapping_add(lost);
                packet.length = self.random.pick(&[0, 1, 100]);
            }
            34 => {
                packet.flags = SYN;
                packet.sequence = self.random.pick(&[packet.sequence, 0, 1 << 20, 1 << 31]);
                packet.length = self.random.pick(&[0, 0, 100]);
                self.conversations[flow].opened = 1;
                self.conversations[flow].next[peer] = self.random.pick(&[0, 1 << 22]);
            }
            35 => packet.flags = SYN | ACK,
            _ => packet.length = 1,
        }
        let syn_and_fin = u32::from(packet.has(SYN)) + u32::from(packet.has(FIN));
        self.conversations[flow].next[own] = packet.sequence.wrapping_add(packet.length + syn_and_fin);
        packet
    }

    fn opening(&mut self, flow: usize, opened: u8) -> Packet {
        self.conversations[flow].opened += 1;
        let from_a = opened != 1;
        let (own, peer) = if from_a { (0, 1) } else { (1, 0) };
        let conversation = &mut self.conversations[flow];
        conversation.acknowledged[own] = conversation.next[peer];
        let flags = match opened {
            0 => SYN,
            1 => SYN | ACK,
            _ => ACK,
        };
        let mut packet = self.packet(flow, from_a, flags);
        if opened == 1 && self.random.once_in(10) {
            packet.flags = RST | ACK;
            self.conversations[flow].opened = 0;
        } else if opened < 2 {
            packet.options = self.random.pick(&[&[3, 3, 7][..], &[2, 4, 5, 180], &[]]).to_vec();
            if self.random.once_in(8) {
                packet.options.extend_from_slice(&[34, 2]);
                packet.length = 50;
            }
            let next = packet.sequence.wrapping_add(1 + packet.length);
            self.conversations[flow].next[own] = next;
        }
        packet
    }

    /// An earlier segment once more, on its own.
    fn again(&mut self) -> Option<Packet> {
        let back = self.random.below(12) as usize + 1;
        let mut packet = self
            .sent
            .len()
            .checked_sub(back)
            .map(|place| self.sent[place].clone())?;
        packet.time = Some(self.time);
        packet.identification = 1 + self.sent.len() as u16;
        Some(packet)
    }

    /// The last segment as a monitoring port delivers it twice.
    fn copy(&mut self) -> Option<Packet> {
        let mut packet = self.sent.last()?.clone();
        packet.time = packet.time.map(|time| time + 20 * MICROSECOND);
        Some(packet)
    }

    /// Any flags, any numbers.
    fn nonsense(&mut self, flow: usize) -> Packet {
        let from_a = self.random.once_in(2);
        let mut packet = self.packet(flow, from_a, 0);
        packet.flags = self.random.bits() as u16 & 0xfff;
        let near = |random: &mut Random, number: u32| match random.below(4) {
            0 => number,
            1 => number.wrapping_sub(2).wrapping_add(random.below(5) as u32),
            2 => number.wrapping_add(random.bits() as u32 & 0xffff),
            _ => random.bits() as u32,
        };
        packet.sequence = near(&mut self.random, packet.sequence);
        packet.acknowledgement = near(&mut self.random, packet.acknowledgement);
        packet.window = self.random.bits() as u16;
        packet.length = self.random.pick(&[0, 0, 1, 2, 700]);
        let options = self.random.below(41);
        packet.options = (0..options).map(|_| self.random.bits() as u8).collect();
        packet
    }

    /// An earlier segment whose header cannot be read, or not as it was.
    fn damaged(&mut self) -> Option<Packet> {
        let mut packet = self.again()?;
        let random = &mut self.random;
        match random.below(4) {
            0 => packet.offset = Some(random.below(16) as u8),
            1 => packet.captured = Some(random.below(60) as usize),
            2 => packet.reported = Some(random.pick(&[0, 19, 20, 21, 40, 1500, 65535, u32::MAX])),
            _ => packet.fragment = true,
        }
        Some(packet)
    }

    fn quoted(&mut self) -> Option<Packet> {
        let mut packet = self.again()?;
        packet.quoted = true;
        packet.captured = self.random.pick(&[None, Some(8), Some(7)]);
        Some(packet)
    }
}

/// The segments of a case; ready octets have no numbers to count from and are left out.
pub fn of_case(case: &Case) -> Vec<Packet> {
    let sent = case.items.iter().filter_map(|item| match &item.content {
        Content::Segment(sent, _) if sent.raw.is_none() && sent.frame.is_none() => Some(sent),
        _ => None,
    });
    sent.enumerate().map(|(place, sent)| of_script(place, sent)).collect()
}

fn of_script(place: usize, sent: &Sent) -> Packet {
    let plain = |number| match number {
        Number::Relative(number) => number as u32,
        Number::Absolute(number) => number,
    };
    let mut packet = Packet {
        time: sent.time,
        flow: sent.flow,
        from_a: sent.from_a,
        flags: sent.flags,
        sequence: plain(sent.sequence),
        acknowledgement: sent.acknowledgement.map_or(0, plain),
        window: sent.window,
        options: Vec::new(),
        sack: None,
        length: sent.length,
        identification: sent.identification.unwrap_or(1000 + place as u16),
        offset: sent.offset,
        captured: sent.snap,
        reported: sent.reported,
        quoted: sent.quoted,
        fragment: sent.fragment,
        same_frame: sent.same_frame,
    };
    for option in &sent.options {
        match option {
            SegmentOption::Octets(octets) => packet.options.extend_from_slice(octets),
            SegmentOption::Sack(left, right) => packet.sack = Some((plain(*left), plain(*right))),
        }
    }
    packet
}

/// Changes a few segments, or their order.
pub fn mutate(packets: &mut Vec<Packet>, random: &mut Random) {
    for _ in 0..=random.below(5) {
        if packets.is_empty() {
            return;
        }
        mutate_once(packets, random);
    }
    // What was moved away from its original is sent anew: only the next segment is a mirrored copy for certain.
    for place in 2..packets.len() {
        let (before, rest) = packets.split_at_mut(place);
        let (packet, last) = (&mut rest[0], &before[place - 1]);
        let seen = |earlier: &Packet| earlier.identification == packet.identification;
        if before.iter().any(seen) && !seen(last) {
            packet.identification = 20_000 + place as u16;
            packet.time = packet.time.map(|time| time + 200 * MICROSECOND * place as i64);
        }
    }
}

/// Steps by which a number is wrong: by an octet, by a segment, by half of all numbers.
const OFF: [u32; 5] = [1, u32::MAX, 100, 1460, 1 << 31];

fn mutate_once(packets: &mut Vec<Packet>, random: &mut Random) {
    let place = random.below(packets.len() as u64) as usize;
    let other = random.below(packets.len() as u64) as usize;
    let packet = &mut packets[place];
    match random.below(14) {
        0 => {
            packets.remove(place);
        }
        1 => {
            let packet = packet.clone();
            packets.insert(other, packet);
        }
        2 => packets.swap(place, other),
        3 => packets.swap(place, (place + 1).min(other.max(place))),
        4 => packet.flags ^= random.pick(&[FIN, SYN, RST, ACK]),
        5 => packet.sequence = packet.sequence.wrapping_add(random.pick(&OFF)),
        6 => packet.acknowledgement = packet.acknowledgement.wrapping_add(random.pick(&OFF)),
        7 => packet.window = random.pick(&[0, 1, 65535]),
        8 => packet.length = random.pick(&[0, 1, 2, 1460]),
        9 => packet.from_a = !packet.from_a,
        10 => packet.flow ^= 1,
        11 => packet.time = packet.time.map(|time| time + random.pick(&[-2, 1, 300]) * SECOND),
        12 => packets.truncate(place + 1),
        _ => {
            packets.drain(..place / 2);
        }
    }
}

/// What a property says of a sequence.
pub type Property = fn(&[Packet]) -> Result<(), String>;

/// How many sequences of each sort are tried; `SEQUENCES=N` tries others.
fn sequences() -> u64 {
    let wanted = std::env::var("SEQUENCES").ok().and_then(|text| text.parse().ok());
    wanted.unwrap_or(300)
}

/// Tries a property on random sequences and on mutated scripts.
///
/// # Panics
///
/// When it does not hold, with the segments that show it.
pub fn holds(scripts: &[&str], property: Property) {
    for seed in 0..sequences() {
        let packets = random(seed, 20 + (seed as usize * 7) % 200);
        judge(&format!("random sequence {seed}"), packets, property);
    }
    let cases: Vec<Case> = scripts.iter().flat_map(|text| cases(text).unwrap()).collect();
    for case in &cases {
        judge(&case.heading, of_case(case), property);
    }
    let mut random = Random::new(1);
    for round in 0..sequences() * 5 {
        let case = &cases[random.below(cases.len() as u64) as usize];
        let mut packets = of_case(case);
        mutate(&mut packets, &mut random);
        judge(
            &format!("{}, mutated in round {round}", case.heading),
            packets,
            property,
        );
    }
}

fn judge(what: &str, packets: Vec<Packet>, property: Property) {
    if let Err(fault) = outcome(&packets, property) {
        let (packets, fault) = shortest(packets, fault, property);
        let lines: Vec<String> = packets.iter().map(|packet| format!("  {packet}")).collect();
        panic!("{what}: {fault}\nshown by\n{}", lines.join("\n"));
    }
}

fn outcome(packets: &[Packet], property: Property) -> Result<(), String> {
    let outcome = catch_unwind(AssertUnwindSafe(|| property(packets)));
    outcome.unwrap_or_else(|_| Err("a panic".to_string()))
}

/// Leaves out segments as long as the property stays broken.
fn shortest(mut packets: Vec<Packet>, mut fault: String, property: Property) -> (Vec<Packet>, String) {
    let mut piece = packets.len();
    while piece > 0 {
        let mut place = 0;
        while place < packets.len() {
            let mut fewer = packets.clone();
            fewer.drain(place..(place + piece).min(packets.len()));
            match outcome(&fewer, property) {
                Err(told) => {
                    packets = fewer;
                    fault = told;
                }
                Ok(()) => place += piece,
            }
        }
        piece /= 2;
    }
    (packets, fault)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_segments() {
        let told = |seed| random(seed, 100).iter().map(Packet::to_string).collect::<Vec<_>>();
        assert_eq!(told(3), told(3));
        assert_ne!(told(3), told(4));
    }

    #[test]
    fn a_sequence_shows_only_what_matters() {
        let property: Property = |packets| match packets.iter().filter(|packet| packet.has(FIN | ACK)).count() {
            count if count > 1 => Err("two".to_string()),
            _ => Ok(()),
        };
        let packets: Vec<Packet> = (0..3).flat_map(|seed| random(seed, 200)).collect();
        let (packets, fault) = shortest(packets, String::new(), property);
        assert_eq!((packets.len(), fault.as_str()), (2, "two"));
    }
}
