//! Scripts that are no longer as written.

use super::{Packet, MICROSECOND, SECOND};
use crate::random::Random;
use crate::script::{Case, Content, Number, SegmentOption, Sent};
use crate::segment::{ACK, FIN, RST, SYN};

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
