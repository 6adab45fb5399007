//! Reads a frame header (RFC 9113 4.1). No state.

use nom::number::complete::{be_u24, be_u32, be_u8};
use nom::IResult;

/// What a client sends first (RFC 9113 3.4).
pub const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
/// Octets of a frame header.
pub const HEADER_LENGTH: usize = 9;

/// Type of a frame (RFC 9113 6). Others exist.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FrameType(pub u8);

impl FrameType {
    /// Content.
    pub const DATA: FrameType = FrameType(0x0);
    /// Opens a stream.
    pub const HEADERS: FrameType = FrameType(0x1);
    /// Ends a stream at once.
    pub const RST_STREAM: FrameType = FrameType(0x3);
    /// How the sender wants to be treated.
    pub const SETTINGS: FrameType = FrameType(0x4);
    /// Round trip or keep-alive.
    pub const PING: FrameType = FrameType(0x6);
    /// Flow control.
    pub const WINDOW_UPDATE: FrameType = FrameType(0x8);
    /// No new streams.
    pub const GOAWAY: FrameType = FrameType(0x7);
}

/// ACK, on SETTINGS and PING.
pub const ACK: u8 = 0x1;
/// END_STREAM, on DATA and HEADERS.
pub const END_STREAM: u8 = 0x1;

/// A frame header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FrameHeader {
    /// Octets that follow.
    pub length: u32,
    /// What they are.
    pub frame_type: FrameType,
    /// Depend on the type.
    pub flags: u8,
    /// 0 for the connection.
    pub stream: u32,
}

/// Reads a frame header.
pub fn frame_header(octets: &[u8]) -> IResult<&[u8], FrameHeader> {
    let (rest, length) = be_u24(octets)?;
    let (rest, frame_type) = be_u8(rest)?;
    let (rest, flags) = be_u8(rest)?;
    let (rest, stream) = be_u32(rest)?;
    Ok((rest, FrameHeader { length, frame_type: FrameType(frame_type), flags, stream: stream & 0x7fff_ffff }))
}
