//! Reads a TCP header (RFC 9293 3.1) and those of its options that decide something. No state.

use super::SequenceNumber;
use nom::bytes::complete::take;
use nom::number::complete::{be_u16, be_u32, be_u8};
use nom::IResult;

/// Octets of a header without options.
pub const HEADER_LENGTH: usize = 20;

/// The control bits. Tested by mask: ECN and AccECN bits are often set too.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Flags(pub u16);

impl Flags {
    /// No more octets from the sender.
    pub const FIN: Flags = Flags(0x001);
    /// Synchronize sequence numbers.
    pub const SYN: Flags = Flags(0x002);
    /// Reset the connection.
    pub const RST: Flags = Flags(0x004);
    /// The acknowledgement number counts.
    pub const ACK: Flags = Flags(0x010);

    /// Whether all bits of `bits` are set.
    pub const fn has(self, bits: Flags) -> bool {
        self.0 & bits.0 == bits.0
    }

    /// Whether one of the bits of `bits` is set.
    pub const fn has_any(self, bits: Flags) -> bool {
        self.0 & bits.0 != 0
    }

    /// Whether of SYN, FIN, RST and ACK exactly those of `bits` are set.
    pub const fn is_only(self, bits: Flags) -> bool {
        self.0 & (Flags::SYN.0 | Flags::FIN.0 | Flags::RST.0 | Flags::ACK.0) == bits.0
    }

    /// Both sets.
    pub const fn and(self, bits: Flags) -> Flags {
        Flags(self.0 | bits.0)
    }

    /// All but the bits of `bits`.
    pub const fn without(self, bits: Flags) -> Flags {
        Flags(self.0 & !bits.0)
    }
}

/// A segment: header and payload as far as captured, lengths as sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Segment<'a> {
    /// SEG.SEQ's port pair.
    pub source_port: u16,
    /// The receiver's port.
    pub destination_port: u16,
    /// SEG.SEQ.
    pub sequence: SequenceNumber,
    /// SEG.ACK; means something only with the ACK bit.
    pub acknowledgement: SequenceNumber,
    /// The control bits.
    pub flags: Flags,
    /// SEG.WND as on the wire, not scaled.
    pub window: u16,
    /// The option octets as captured.
    pub options: &'a [u8],
    /// The payload as captured.
    pub payload: &'a [u8],
    /// Octets of payload as sent.
    pub payload_length: u32,
}

impl Segment<'_> {
    /// SEG.LEN: octets of sequence space, SYN and FIN counted (RFC 9293 3.3.1).
    pub fn length(&self) -> u32 {
        let syn = u32::from(self.flags.has(Flags::SYN));
        let fin = u32::from(self.flags.has(Flags::FIN));
        self.payload_length.wrapping_add(syn).wrapping_add(fin)
    }

    /// The number after the segment's last.
    pub fn end(&self) -> SequenceNumber {
        self.sequence.plus(self.length())
    }

    /// The same segment without a FIN.
    pub fn without_fin(&self) -> Self {
        Segment { flags: self.flags.without(Flags::FIN), ..*self }
    }

    /// Where the payload's octets begin: after a SYN.
    pub fn octets_begin(&self) -> SequenceNumber {
        self.sequence.plus(u32::from(self.flags.has(Flags::SYN)))
    }

    /// A SYN without ACK and RST.
    pub fn is_syn(&self) -> bool {
        self.flags.has(Flags::SYN) && !self.flags.has_any(Flags::ACK.and(Flags::RST))
    }

    /// A SYN with ACK and without RST.
    pub fn is_syn_ack(&self) -> bool {
        self.flags.has(Flags::SYN.and(Flags::ACK)) && !self.flags.has(Flags::RST)
    }

    /// What it acknowledges, if it does.
    pub fn acknowledges(&self) -> Option<SequenceNumber> {
        self.flags.has(Flags::ACK).then_some(self.acknowledgement)
    }

    /// No octets, no SYN, FIN or RST, and an acknowledgement.
    pub fn is_pure_ack(&self) -> bool {
        let others = Flags::SYN.and(Flags::FIN).and(Flags::RST);
        self.flags.has(Flags::ACK) && !self.flags.has_any(others) && self.payload_length == 0
    }
}

/// Reads the header at the start of `octets`; the rest is the payload. `reported_length` is how long header and
/// payload were when sent. An error where the fixed header was not captured or claims a
/// length that it cannot have.
#[inline(always)] // Every segment comes here.
pub fn segment(octets: &[u8], reported_length: u32) -> IResult<&[u8], Segment<'_>> {
    // Cut once: its fields then need no check of their own.
    let (rest, header) = take(HEADER_LENGTH)(octets)?;
    let (header, source_port) = be_u16(header)?;
    let (header, destination_port) = be_u16(header)?;
    let (header, sequence) = be_u32(header)?;
    let (header, acknowledgement) = be_u32(header)?;
    let (header, offset_and_flags) = be_u16(header)?;
    let (_checksum_and_urgent_pointer, window) = be_u16(header)?;
    let header_length = usize::from(offset_and_flags >> 12) * 4;
    if header_length < HEADER_LENGTH || header_length as u64 > u64::from(reported_length) {
        return Err(nom::Err::Error(nom::error::Error::new(octets, nom::error::ErrorKind::Verify)));
    }
    let (options, payload) = rest.split_at((header_length - HEADER_LENGTH).min(rest.len()));
    let payload_length = reported_length - header_length as u32;
    let captured = payload.len().min(payload_length as usize);
    let segment = Segment {
        source_port,
        destination_port,
        sequence: SequenceNumber(sequence),
        acknowledgement: SequenceNumber(acknowledgement),
        flags: Flags(offset_and_flags & 0x0fff),
        window,
        options,
        payload: &payload[..captured],
        payload_length,
    };
    Ok((&payload[captured..], segment))
}

/// The sequence number of a header of which at least eight octets are there, as quoted in ICMP errors (RFC 792).
pub fn quoted(octets: &[u8]) -> IResult<&[u8], (u16, u16, SequenceNumber)> {
    let (rest, source_port) = be_u16(octets)?;
    let (rest, destination_port) = be_u16(rest)?;
    let (rest, sequence) = be_u32(rest)?;
    Ok((rest, (source_port, destination_port, SequenceNumber(sequence))))
}

/// The control bits of a header that cannot be read as a whole.
pub fn flags(octets: &[u8]) -> Option<Flags> {
    let bits = octets.get(12..14)?;
    Some(Flags(u16::from_be_bytes([bits[0], bits[1]]) & 0x0fff))
}

/// What the options say. Unknown and damaged ones are passed over.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// Maximum segment size (RFC 9293 3.7.1).
    pub maximum_segment_size: Option<u16>,
    /// Shift count of the window scale (RFC 7323 2.2), at most 14.
    pub window_scale: Option<u8>,
    /// SACK permitted (RFC 2018 2).
    pub sack_permitted: bool,
    /// The first SACK block (RFC 2018 3); in a D-SACK it names octets that came twice (RFC 2883 4).
    pub first_sack_block: Option<(SequenceNumber, SequenceNumber)>,
    /// TSval and TSecr (RFC 7323 3.2).
    pub timestamps: Option<(u32, u32)>,
    /// A Fast Open option (RFC 7413 2), a cookie or a request for one.
    pub fast_open: bool,
    /// Subtype of a Multipath TCP option (RFC 8684 3).
    pub multipath: Option<u8>,
}

const END_OF_LIST: u8 = 0;
const NO_OPERATION: u8 = 1;
const MAXIMUM_SEGMENT_SIZE: u8 = 2;
const WINDOW_SCALE: u8 = 3;
const SACK_PERMITTED: u8 = 4;
const SACK: u8 = 5;
const TIMESTAMPS: u8 = 8;
const MULTIPATH: u8 = 30;
const FAST_OPEN: u8 = 34;
const EXPERIMENT_1: u8 = 253;
const EXPERIMENT_2: u8 = 254;
const FAST_OPEN_EXPERIMENT: u16 = 0xf989;
/// RFC 7323 2.3: a larger shift count is taken as 14.
pub const MAXIMUM_SHIFT: u8 = 14;

/// Reads the option octets.
pub fn options(mut octets: &[u8]) -> Options {
    let mut options = Options::default();
    while let Ok((rest, kind)) = be_u8::<_, nom::error::Error<&[u8]>>(octets) {
        octets = match kind {
            END_OF_LIST => break,
            NO_OPERATION => rest,
            _ => match option_value(rest) {
                Ok((rest, value)) => {
                    let _ = read_option(&mut options, kind, value);
                    rest
                }
                Err(_) => break,
            },
        };
    }
    options
}

/// The octets of an option after kind and length.
fn option_value(octets: &[u8]) -> IResult<&[u8], &[u8]> {
    let (rest, length) = be_u8(octets)?;
    if length < 2 {
        return Err(nom::Err::Error(nom::error::Error::new(octets, nom::error::ErrorKind::Verify)));
    }
    take(length - 2)(rest)
}

fn read_option<'a>(options: &mut Options, kind: u8, value: &'a [u8]) -> IResult<&'a [u8], ()> {
    let (rest, ()) = match kind {
        MAXIMUM_SEGMENT_SIZE => {
            let (rest, size) = be_u16(value)?;
            options.maximum_segment_size = Some(size);
            (rest, ())
        }
        WINDOW_SCALE => {
            let (rest, shift) = be_u8(value)?;
            options.window_scale = Some(shift.min(MAXIMUM_SHIFT));
            (rest, ())
        }
        SACK_PERMITTED => {
            options.sack_permitted = true;
            (value, ())
        }
        SACK => {
            let (rest, left) = be_u32(value)?;
            let (rest, right) = be_u32(rest)?;
            options.first_sack_block = Some((SequenceNumber(left), SequenceNumber(right)));
            (rest, ())
        }
        TIMESTAMPS => {
            let (rest, value) = be_u32(value)?;
            let (rest, echo_reply) = be_u32(rest)?;
            options.timestamps = Some((value, echo_reply));
            (rest, ())
        }
        MULTIPATH => {
            let (rest, subtype_and_more) = be_u8(value)?;
            options.multipath = Some(subtype_and_more >> 4);
            (rest, ())
        }
        FAST_OPEN => {
            options.fast_open = true;
            (value, ())
        }
        EXPERIMENT_1 | EXPERIMENT_2 => {
            let (rest, experiment) = be_u16(value)?;
            options.fast_open |= experiment == FAST_OPEN_EXPERIMENT;
            (rest, ())
        }
        _ => (value, ()),
    };
    Ok((rest, ()))
}

#[cfg(test)]
#[path = "parser_tests.rs"]
mod tests;
