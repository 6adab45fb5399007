//! Seeds from the project's captures.

use super::streams::{self, Turn};
use super::tape::{self, Step, LINES};
use super::Target;
use crate::capture::{captures, read, Packet};
use std::collections::HashMap;

/// Segments of a seed.
const SEGMENTS: usize = 120;
const FIN: u8 = 0x01;
const SYN: u8 = 0x02;
const RST: u8 = 0x04;

/// The seeds of a target: a name and octets for each.
pub fn seeds(target: &Target) -> Vec<(String, Vec<u8>)> {
    let mut seeds = Vec::new();
    for path in captures() {
        let name = path
            .file_stem()
            .map_or_else(String::new, |name| name.to_string_lossy().into_owned());
        let packets = read(&path);
        let mut seed = |number: usize, octets: Vec<u8>| seeds.push((format!("{name}.{number}"), octets));
        match target.0 {
            "streams" => conversations(&packets)
                .into_iter()
                .enumerate()
                .for_each(|(number, octets)| seed(number, octets)),
            "parsers" => payloads(&packets)
                .into_iter()
                .enumerate()
                .for_each(|(number, octets)| seed(number, octets)),
            "repeated" => {
                seed(0, [&[0], &scripts(&packets)[..]].concat());
                seed(1, [&[1], &scripts(&packets)[..]].concat());
                seed(2, [&[2], &scripts(&packets)[..]].concat());
            }
            "abi" => seed(0, [&[0], &scripts(&packets)[..]].concat()),
            _ => seed(0, scripts(&packets)),
        }
    }
    seeds
}

fn number(octets: &[u8], at: usize) -> u32 {
    octets
        .get(at..at + 4)
        .and_then(|octets| octets.try_into().ok())
        .map_or(0, u32::from_be_bytes)
}

/// The capture's first connections as a script.
fn scripts(packets: &[Packet]) -> Vec<u8> {
    let mut lines: HashMap<Vec<Vec<u8>>, usize> = HashMap::new();
    let mut next = [[0_u32; 2]; LINES];
    let mut begun = [[false; 2]; LINES];
    let (mut last_time, mut last_frame, mut octets) = (None, 0, Vec::new());
    for packet in packets.iter().filter(|packet| packet.octets.len() >= 20).take(SEGMENTS) {
        let ends = packet.ends();
        let line = lines.len();
        let line = *lines.entry(ends.clone()).or_insert(line);
        if line >= LINES {
            continue;
        }
        let sender = [&packet.source[..], &packet.octets[..2]].concat();
        let (from, to) = if ends[0] == sender { (0, 1) } else { (1, 0) };
        let (sequence, acknowledgement) = (packet.sequence(), number(&packet.octets, 8));
        if !begun[line][from] {
            (begun[line][from], next[line][from]) = (true, sequence);
        }
        if !begun[line][to] && packet.flags() & 0x10 != 0 {
            (begun[line][to], next[line][to]) = (true, acknowledgement);
        }
        let payload = packet.payload().to_vec();
        let header = packet.payload_offset().clamp(20, packet.octets.len());
        let missing = packet.reported_length as usize - packet.octets.len().min(packet.reported_length as usize);
        let takes =
            payload.len() + missing + usize::from(packet.flags() & SYN != 0) + usize::from(packet.flags() & FIN != 0);
        octets.extend(tape::octets(&Step {
            line,
            from_second: from == 1,
            same_frame: packet.frame == last_frame,
            quoted: packet.quoted,
            fragment: packet.fragment,
            opened: line % 2 == 1,
            flags: packet.flags(),
            pause: packet.time - last_time.unwrap_or(packet.time),
            sequence: sequence.wrapping_sub(next[line][from]) as i32,
            acknowledgement: acknowledgement.wrapping_sub(next[line][to]) as i32,
            window: u16::from_be_bytes([packet.octets[14], packet.octets[15]]),
            missing: missing.min(255) as u8,
            identification: packet.identification.unwrap_or(0) as u8,
            options: packet.octets[20..header].to_vec(),
            payload,
            ..Step::default()
        }));
        next[line][from] = sequence.wrapping_add(takes as u32);
        (last_time, last_frame) = (Some(packet.time), packet.frame);
    }
    octets
}

/// What each connection's sides say in turn, as far as the segments come in order.
fn conversations(packets: &[Packet]) -> Vec<Vec<u8>> {
    let mut lines: Vec<(Vec<Vec<u8>>, Vec<Turn>, i64)> = Vec::new();
    for packet in packets
        .iter()
        .filter(|packet| packet.octets.len() >= 20 && !packet.quoted)
    {
        let ends = packet.ends();
        let place = lines.iter().position(|line| line.0 == ends).unwrap_or(lines.len());
        if place == lines.len() {
            lines.push((ends, Vec::new(), packet.time));
        }
        let (ends, turns, last) = &mut lines[place];
        let sender = [&packet.source[..], &packet.octets[..2]].concat();
        let from_server =
            packet.octets.get(..2) < packet.octets.get(2..4) || (ends[0] != sender && ends[0][..4] == ends[1][..4]);
        let pause = ((packet.time - *last) / 1_000_000_000).clamp(0, 255) as u8;
        *last = packet.time;
        let (ends, resets) = (packet.flags() & FIN != 0, packet.flags() & RST != 0);
        match turns
            .last_mut()
            .filter(|turn| turn.from_server == from_server && !turn.ends)
        {
            Some(turn) => {
                turn.octets.extend_from_slice(packet.payload());
                (turn.ends, turn.resets) = (turn.ends || ends, turn.resets || resets);
            }
            None if packet.payload().is_empty() && !ends && !resets => {}
            None => turns.push(Turn {
                from_server,
                ends,
                resets,
                pause,
                octets: packet.payload().to_vec(),
            }),
        }
    }
    lines
        .iter()
        .map(|(_, turns, _)| turns.iter().flat_map(streams::octets).collect())
        .collect()
}

/// Payloads, and headers.
fn payloads(packets: &[Packet]) -> Vec<Vec<u8>> {
    let mut octets: Vec<Vec<u8>> = Vec::new();
    for packet in packets.iter().filter(|packet| !packet.payload().is_empty()).take(8) {
        let payload = packet.payload();
        octets.push(payload[..payload.len().min(600)].to_vec());
        octets.extend(
            payload
                .get(5..)
                .map(|message| message[..message.len().min(600)].to_vec()),
        );
    }
    octets.extend(packets.first().map(|packet| packet.octets.clone()));
    octets
}
