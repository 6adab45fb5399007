//! Reads the beginnings of messages. No state.

use crate::application::Recognition;
use nom::number::complete::{be_u32, be_u8};
use nom::IResult;

/// Octets of the beginning of a startup packet: its length, and its code.
pub const STARTUP_HEAD: usize = 8;
/// Octets of the beginning of any later message: its type, and its length, which counts itself.
pub const MESSAGE_HEAD: usize = 5;
const LENGTH: u32 = 4;
/// The server takes no longer startup packet, and no longer message.
const STARTUP_MAXIMUM: u32 = 10_000;
const MESSAGE_MAXIMUM: u32 = 0x3fff_ffff;
const CANCEL: u32 = 80_877_102;
const SSL: u32 = 80_877_103;
const GSSAPI: u32 = 80_877_104;
const VERSION_3: u32 = 3;
/// Of the first parameter's name so many octets are looked at: none that exists is shorter.
const NAME: usize = 4;

/// What a client sends before it may send messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Startup {
    /// It asks for TLS.
    Tls,
    /// It asks for encryption by GSSAPI.
    Gssapi,
    /// It wants what another connection has asked to end, and is not answered.
    Cancel,
    /// It begins a session.
    Session,
}

/// The beginning of a startup packet: what it is, and how many octets follow.
pub fn startup(octets: &[u8]) -> IResult<&[u8], (Startup, u32)> {
    let (rest, length) = be_u32(octets)?;
    let (rest, code) = be_u32(rest)?;
    let startup = match (code, length) {
        (SSL, 8) => Startup::Tls,
        (GSSAPI, 8) => Startup::Gssapi,
        (CANCEL, 16..=STARTUP_MAXIMUM) => Startup::Cancel,
        (_, 9..=STARTUP_MAXIMUM) if code >> 16 == VERSION_3 => Startup::Session,
        _ => return Err(nom::Err::Error(nom::error::Error::new(octets, nom::error::ErrorKind::Verify))),
    };
    Ok((rest, (startup, length.saturating_sub(STARTUP_HEAD as u32))))
}

/// Whether the first octets of a direction are a startup packet.
pub fn recognise(octets: &[u8]) -> Recognition {
    if octets.len() < STARTUP_HEAD {
        let begins = octets.iter().enumerate().all(|(index, &octet)| match index {
            0 | 1 => octet == 0,
            4 => octet == 0 || octet == 0x04,
            5 => octet == VERSION_3 as u8 || octet == 0xd2,
            _ => true,
        });
        return if begins { Recognition::NeedMore } else { Recognition::No };
    }
    match startup(octets) {
        Ok((rest, (Startup::Session, _))) => {
            let is_name = rest.iter().take(NAME).all(|octet| octet.is_ascii_alphabetic() || *octet == b'_');
            match rest.len() >= NAME {
                _ if !is_name => Recognition::No,
                true => Recognition::Yes,
                false => Recognition::NeedMore,
            }
        }
        Ok(_) => Recognition::Yes,
        Err(_) => Recognition::No,
    }
}

/// The beginning of a message: its type, and how many octets follow.
pub fn message(octets: &[u8]) -> IResult<&[u8], (u8, u32)> {
    let (rest, kind) = be_u8(octets)?;
    let (rest, length) = be_u32(rest)?;
    if !(LENGTH..=MESSAGE_MAXIMUM).contains(&length) {
        return Err(nom::Err::Error(nom::error::Error::new(octets, nom::error::ErrorKind::Verify)));
    }
    Ok((rest, (kind, length - LENGTH)))
}

/// Whether a side sends messages of this type, and of this length, if that is known.
pub fn allows(is_client: bool, kind: u8, length: Option<u32>) -> bool {
    let types: &[u8] = if is_client { b"BCDEFHPQSXcdfp" } else { b"123ACDEGHIKNRSTVWZcdnstv" };
    let expected = match (is_client, kind) {
        (true, b'H' | b'S' | b'X') | (false, b'1' | b'2' | b'3' | b'I' | b'n' | b's') => Some(0),
        (false, b'Z') => Some(1),
        _ => None,
    };
    types.contains(&kind) && expected.map_or(true, |expected| length.map_or(true, |length| length == expected))
}
