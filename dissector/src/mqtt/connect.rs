//! CONNECT and CONNACK: whether a stream begins with MQTT, and how long its client may be silent.

use super::parser::{fixed_header, may_become_header, PacketType};
use crate::application::Recognition;
use crate::verdict::{Duration, SECOND};
use nom::bytes::complete::take;
use nom::multi::length_data;
use nom::number::complete::{be_u16, be_u8};
use nom::{IResult, Parser};

/// As much of CONNECT's variable header as is read: name, level, flags, keep-alive (MQTT 5 3.1.2).
pub const CONNECT_HEAD: usize = 10;
const NAME: &[u8] = b"\0\x04MQTT";
/// As much of CONNACK as is looked at for its properties.
pub const CONNACK_HEAD: usize = 96;
/// The least that a CONNECT has: its variable header, and the length of a name for the client (3.1.1 3.1.3).
const CONNECT_MINIMUM: u32 = CONNECT_HEAD as u32 + 2;
/// The property of CONNACK that overrules the client's keep-alive time (MQTT 5 3.2.2.3.14).
const SERVER_KEEP_ALIVE: u8 = 0x13;

/// Whether the first octets of a direction are a CONNECT of MQTT 3.1.1 or 5, up to its flags.
pub fn recognise(octets: &[u8]) -> Recognition {
    let (head, header) = match (octets.first(), fixed_header(octets)) {
        (Some(&first), _) if first != PacketType::CONNECT.0 << 4 => return Recognition::No,
        (_, Ok((head, header))) => (head, header),
        (_, Err(_)) if may_become_header(octets) => return Recognition::NeedMore,
        (_, Err(_)) => return Recognition::No,
    };
    let name = head.get(..NAME.len().min(head.len())).unwrap_or(&[]);
    if header.length < CONNECT_MINIMUM || !NAME.starts_with(name) {
        return Recognition::No;
    }
    match *head.get(NAME.len()..).unwrap_or(&[]) {
        [] => Recognition::NeedMore,
        [4 | 5] => Recognition::NeedMore,
        [level @ (4 | 5), flags, ..] if allow_flags(level == 5, flags) => Recognition::Yes,
        _ => Recognition::No,
    }
}

/// MQTT 5 3.1.2: the lowest bit is reserved; without a will it has no quality of service and is not retained. In 3.1.1
/// a password needs a user name.
fn allow_flags(is_5: bool, flags: u8) -> bool {
    let will = flags & 0x04 != 0;
    let quality = flags >> 3 & 3;
    let passes = is_5 || flags & 0xc0 != 0x40;
    flags & 1 == 0 && passes && if will { quality != 3 } else { flags & 0x38 == 0 }
}

/// The level and the keep-alive time of CONNECT's variable header; with a time of 0 the client may be silent for ever.
pub fn connect(head: &[u8]) -> IResult<&[u8], (u8, Duration)> {
    let (rest, _) = take(NAME.len())(head)?;
    let (rest, level) = be_u8(rest)?;
    let (rest, _) = be_u8(rest)?;
    let (rest, seconds) = be_u16(rest)?;
    Ok((rest, (level, Duration::from(seconds) * SECOND)))
}

/// Server Keep Alive, if CONNACK has it among the properties that are here.
pub fn server_keep_alive(connack: &[u8]) -> Option<Duration> {
    let mut rest = properties(connack)?;
    while !rest.is_empty() {
        let (behind, (identifier, value)) = property(rest).ok()?;
        if identifier == SERVER_KEEP_ALIVE {
            let seconds = <[u8; 2]>::try_from(value).ok()?;
            return Some(Duration::from(u16::from_be_bytes(seconds)) * SECOND);
        }
        rest = behind;
    }
    None
}

/// The properties of a CONNACK, behind flags, reason and their length.
fn properties(connack: &[u8]) -> Option<&[u8]> {
    let (first, rest) = connack.get(2..)?.split_first()?;
    let (length, rest) = match (*first, rest) {
        (first, rest) if first < 0x80 => (usize::from(first), rest),
        (first, [second, rest @ ..]) if *second < 0x80 => (usize::from(first & 0x7f) | usize::from(*second) << 7, rest),
        _ => return None,
    };
    Some(rest.get(..length).unwrap_or(rest))
}

/// A property of CONNACK: its identifier, and its value (MQTT 5 2.2.2.2).
fn property(octets: &[u8]) -> IResult<&[u8], (u8, &[u8])> {
    let (rest, identifier) = be_u8(octets)?;
    let (rest, value) = match identifier {
        0x11 | 0x27 => take(4usize)(rest)?,
        0x13 | 0x21 | 0x22 => take(2usize)(rest)?,
        0x24 | 0x25 | 0x28..=0x2a => take(1usize)(rest)?,
        0x12 | 0x15 | 0x16 | 0x1a | 0x1c | 0x1f => length_data(be_u16).parse(rest)?,
        0x26 => {
            let (rest, _) = length_data(be_u16).parse(rest)?;
            length_data(be_u16).parse(rest)?
        }
        _ => return Err(nom::Err::Error(nom::error::Error::new(octets, nom::error::ErrorKind::Tag))),
    };
    Ok((rest, (identifier, value)))
}
