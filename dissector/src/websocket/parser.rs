//! Reads a frame header (RFC 6455 5.2). No state.

use nom::bytes::complete::take;
use nom::number::complete::{be_u16, be_u64, be_u8};
use nom::IResult;

/// Octets of the longest frame header: 64-bit length and masking key.
pub const HEADER_MAXIMUM: usize = 14;

/// What a frame is (RFC 6455 5.2). Others are reserved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Opcode(pub u8);

impl Opcode {
    /// The connection closes.
    pub const CLOSE: Opcode = Opcode(0x8);
    /// Asks for a pong.
    pub const PING: Opcode = Opcode(0x9);
    /// Answers a ping, or nothing.
    pub const PONG: Opcode = Opcode(0xa);

    /// The opcode in the first octet of a frame.
    pub const fn of(first: u8) -> Opcode {
        Opcode(first & 0x0f)
    }
}

/// A frame header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FrameHeader {
    /// What the frame is.
    pub opcode: Opcode,
    /// Octets that follow.
    pub length: u64,
}

/// Reads a frame header.
pub fn frame_header(octets: &[u8]) -> IResult<&[u8], FrameHeader> {
    let (rest, first) = be_u8(octets)?;
    let (rest, second) = be_u8(rest)?;
    let (rest, length) = match second & 0x7f {
        126 => be_u16(rest).map(|(rest, length)| (rest, u64::from(length)))?,
        127 => be_u64(rest)?,
        length => (rest, u64::from(length)),
    };
    let masking_key = if second & 0x80 != 0 { 4u8 } else { 0 };
    let (rest, _) = take(masking_key)(rest)?;
    Ok((rest, FrameHeader { opcode: Opcode::of(first), length }))
}
