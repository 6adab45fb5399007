//! Whether a stream begins with HTTP/2 (RFC 9113 3.4).

use super::parser::{frame_header, FrameHeader, FrameType, ACK, HEADER_LENGTH, PREFACE};
use crate::application::Recognition;
use std::ops::RangeInclusive;

/// The end of the version in the preface is as good as all of it.
pub const DECISIVE: usize = b"PRI * HTTP/2.0".len();
const SETTING_LENGTH: u8 = 6;
/// More settings than this nobody sends first.
const SETTINGS_MAXIMUM: u8 = 16 * SETTING_LENGTH;
/// The settings that exist so far (RFC 9113 6.5.2, RFC 8441, RFC 9218).
const SETTINGS_KNOWN: RangeInclusive<u8> = 1..=9;

/// Whether a frame acknowledges SETTINGS (RFC 9113 6.5).
pub fn is_acknowledgement(header: &FrameHeader) -> bool {
    let FrameHeader { frame_type, flags, stream, length } = *header;
    (frame_type, flags & ACK, stream, length) == (FrameType::SETTINGS, ACK, 0, 0)
}

/// Whether the first octets of one direction are HTTP/2: a preface, or the SETTINGS that a server may send before it
/// has seen one.
pub fn recognise(octets: &[u8]) -> Recognition {
    if octets.starts_with(PREFACE.get(..DECISIVE).unwrap_or(PREFACE)) {
        Recognition::Yes
    } else if PREFACE.starts_with(octets) {
        Recognition::NeedMore
    } else {
        first_settings(octets)
    }
}

/// Whether a frame may be a server's first.
pub fn is_first(header: &FrameHeader) -> bool {
    (header.frame_type, header.flags & ACK, header.stream) == (FrameType::SETTINGS, 0, 0)
}

fn first_settings(octets: &[u8]) -> Recognition {
    let fits = octets.iter().take(HEADER_LENGTH).enumerate().all(|(index, &octet)| match index {
        2 => octet % SETTING_LENGTH == 0 && octet <= SETTINGS_MAXIMUM,
        3 => octet == FrameType::SETTINGS.0,
        _ => octet == 0,
    });
    match frame_header(octets) {
        _ if !fits => Recognition::No,
        Err(_) => Recognition::NeedMore,
        Ok((rest, FrameHeader { length: 0, .. })) => second_frame(rest),
        Ok(([0, setting, ..], _)) if SETTINGS_KNOWN.contains(setting) => Recognition::Yes,
        Ok(([] | [0], _)) => Recognition::NeedMore,
        Ok(_) => Recognition::No,
    }
}

/// Empty SETTINGS look like a length and a zero in other protocols, so what follows decides.
fn second_frame(octets: &[u8]) -> Recognition {
    match frame_header(octets) {
        Err(_) => Recognition::NeedMore,
        Ok((_, header)) => match (header.frame_type, header.length, header.stream) {
            (FrameType::SETTINGS, 0, 0) | (FrameType::WINDOW_UPDATE, 4, 0) => Recognition::Yes,
            _ => Recognition::No,
        },
    }
}
