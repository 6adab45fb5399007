//! Reads a frame header (RFC 6455 5.2). No state.

use nom::bytes::complete::take;
use nom::number::complete::{be_u16, be_u64, be_u8};
use nom::IResult;

/// Octets of the longest frame header: 64-bit length and masking key.
pub const HEADER_MAXIMUM: usize = 14;
/// The last fragment of a message.
const FIN: u8 = 0x80;
/// An extension's, such as that the message is compressed.
pub const RESERVED_BITS: u8 = 0x70;
/// A control frame holds no more octets, and a longer form of the length begins above (RFC 6455 5.2 and 5.5).
const CONTROL_MAXIMUM: u8 = 125;

/// What a frame is (RFC 6455 5.2). Others are reserved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Opcode(pub u8);

impl Opcode {
    /// A message of text.
    pub const TEXT: Opcode = Opcode(0x1);
    /// Another message.
    pub const BINARY: Opcode = Opcode(0x2);
    /// The connection closes.
    pub const CLOSE: Opcode = Opcode(0x8);
    /// Asks for a pong.
    pub const PING: Opcode = Opcode(0x9);
    /// Answers a ping, or nothing.
    pub const PONG: Opcode = Opcode(0xa);

    /// Whether the RFC gives it a meaning.
    pub const fn is_known(self) -> bool {
        matches!(self.0, 0x0..=0x2 | 0x8..=0xa)
    }

    /// Whether it is of a control frame, which has no fragments and no extension (RFC 6455 5.5).
    pub const fn is_control(self) -> bool {
        self.0 >= 8
    }

    /// The opcode in the first octet of a frame.
    pub const fn of(first: u8) -> Opcode {
        Opcode(first & 0x0f)
    }
}

/// What rules headers out for one side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Whether it is the client, which masks what it sends (RFC 6455 5.1); none where nobody knows.
    pub masks: Option<bool>,
    /// Extensions were agreed on, which may use reserved bits and opcodes of data frames (RFC 6455 5.8).
    pub extended: bool,
}

impl Limits {
    /// Whether the octets of a header, as far as they are there, can be one (RFC 6455 5.2 and 5.5).
    pub fn allow(&self, header: &[u8]) -> bool {
        let (first, second) = match *header {
            [] => return true,
            [first] => return self.allow_first(first),
            [first, second, ..] => (first, second),
        };
        let is_masked = second & 0x80 != 0;
        let is_long = Opcode::of(first).is_control() && second & 0x7f > CONTROL_MAXIMUM;
        let is_minimal = match (frame_header(header), second & 0x7f) {
            (Ok((_, FrameHeader { length, .. })), 126) => length > u64::from(CONTROL_MAXIMUM),
            (Ok((_, FrameHeader { length, .. })), 127) => length > u64::from(u16::MAX) && length >> 63 == 0,
            _ => true,
        };
        self.allow_first(first) && self.masks.map_or(true, |masks| masks == is_masked) && !is_long && is_minimal
    }

    fn allow_first(&self, first: u8) -> bool {
        let opcode = Opcode::of(first);
        let is_plain = first & RESERVED_BITS == 0 && opcode.is_known();
        let is_whole = first & FIN != 0;
        (is_plain || (self.extended && !opcode.is_control())) && (is_whole || !opcode.is_control())
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
