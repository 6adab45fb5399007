//! Conversations at random.

use super::{Packet, MICROSECOND, SECOND};
use crate::random::Random;
use crate::segment::{ACK, FIN, PSH, RST, SYN};

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
