//! Record headers, handshake headers and the fields of hellos (RFC 8446 4 and 5, RFC 5246 6.2 and 7.4, RFC 6101).
//!
//! Every function is total and keeps nothing. What may span segments is gathered by `record`, `message` and `hello`.

use crate::verdict::Step;
use nom::bytes::complete::take;
use nom::number::complete::{be_u16, be_u24, be_u8};
use nom::IResult;

/// Octets of a record header (RFC 8446 5.1).
pub const RECORD_HEADER: usize = 5;
/// Octets of a handshake message's header (RFC 8446 4).
pub const HANDSHAKE_HEADER: usize = 4;
/// SSL 3.0 to TLS 1.3, in a record header.
const VERSIONS: std::ops::RangeInclusive<u16> = 0x0300..=0x0304;
/// Octets of an alert (RFC 8446 6).
pub const ALERT_LENGTH: u16 = 2;
/// The version in a Client Hello for nothing but SSL 2.0.
pub const SSL_2_0: u16 = 0x0002;
/// The longest protected record (RFC 5246 6.2.3): 2^14 and 2048 octets.
pub const MAXIMUM_LENGTH: u16 = (1 << 14) + 2048;
/// The longest record in clear (RFC 5246 6.2.1).
const MAXIMUM_CLEAR_LENGTH: u16 = 1 << 14;
/// Version, random, and three lengths or choices (RFC 8446 4.1.2 and 4.1.3).
const SHORTEST_HELLO: u32 = 38;
/// A header and the shortest authentication there is (RFC 5246 6.2.3): no protected handshake record is shorter.
pub const SHORTEST_PROTECTED: u16 = 20;
/// The longest record in clear of a connection's start that is believed, in its version 2 form (RFC 5246 E.2).
const MAXIMUM_VERSION_2_LENGTH: u16 = 1024;

/// What a record carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ContentType(pub u8);

impl ContentType {
    pub const CHANGE_CIPHER_SPEC: ContentType = ContentType(20);
    pub const ALERT: ContentType = ContentType(21);
    pub const HANDSHAKE: ContentType = ContentType(22);
    pub const APPLICATION_DATA: ContentType = ContentType(23);
    /// RFC 6520 3.
    pub const HEARTBEAT: ContentType = ContentType(24);

    fn is_known(self) -> bool {
        (ContentType::CHANGE_CIPHER_SPEC.0..=ContentType::HEARTBEAT.0).contains(&self.0)
    }
}

/// The header of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecordHeader {
    pub content: ContentType,
    pub version: u16,
    pub length: u16,
}

/// Reads a record header.
pub fn record_header(octets: &[u8]) -> IResult<&[u8], RecordHeader> {
    let (rest, content) = be_u8(octets)?;
    let (rest, version) = be_u16(rest)?;
    let (rest, length) = be_u16(rest)?;
    Ok((rest, RecordHeader { content: ContentType(content), version, length }))
}

/// Whether these octets, however few, can begin a record of SSL 3.0 to TLS 1.3.
pub fn can_begin_record(octets: &[u8]) -> bool {
    if let Ok((_, header)) = record_header(octets) {
        return header.content.is_known() && VERSIONS.contains(&header.version) && has_plausible_length(header);
    }
    let version_and_length = [0x03..=0x03, 0x00..=0x04, 0x00..=(MAXIMUM_LENGTH >> 8) as u8];
    let known = octets.first().map_or(true, |&content| ContentType(content).is_known());
    let plausible = octets.iter().skip(1).zip(version_and_length.iter()).all(|(octet, range)| range.contains(octet));
    known && plausible
}

/// RFC 8446 5.1: only application data may be empty.
fn has_plausible_length(header: RecordHeader) -> bool {
    header.length <= MAXIMUM_LENGTH && (header.length > 0 || header.content == ContentType::APPLICATION_DATA)
}

/// What the first octets of a stream say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recognition {
    Yes,
    No,
    /// Fewer than six octets, and none of them speaks against it.
    NeedMore,
}

/// Whether a stream begins with TLS: a record that can come first, from its sixth octet on.
pub fn recognises(octets: &[u8]) -> Recognition {
    if octets.first().map_or(false, |first| first & 0x80 != 0) {
        return recognises_version_2(octets);
    }
    let (content, body) = match can_begin(octets) {
        Ok(found) => found,
        Err(other) => return other,
    };
    let in_clear = content.length <= MAXIMUM_CLEAR_LENGTH;
    let first = match content.content {
        ContentType::HANDSHAKE => in_clear && [0, 1, 2].contains(&body),
        ContentType::ALERT => content.length == 2 && [1, 2].contains(&body),
        _ => false,
    };
    yes_or_no(first)
}

/// Whether a stream whose start was not captured goes on with TLS: any record, from its sixth octet on.
pub fn recognises_midway(octets: &[u8]) -> Recognition {
    match can_begin(octets) {
        Ok((header, body)) if header.content == ContentType::CHANGE_CIPHER_SPEC => {
            yes_or_no(header.length > 1 || body == 1)
        }
        Ok((header, _)) => yes_or_no(header.length > 1),
        Err(other) => other,
    }
}

/// Octets of a Client Hello up to its version: headers of record and message, and the version (RFC 8446 4.1.2).
pub const CLIENT_HELLO_BEGIN: usize = RECORD_HEADER + HANDSHAKE_HEADER + 2;

/// Whether a stream goes on with a Client Hello that fills its record, from its version on.
pub fn recognises_client_hello(octets: &[u8]) -> Recognition {
    let is_first = |place: usize, known: u8| octets.get(place).map_or(true, |&octet| octet == known);
    if !can_begin_record(octets)
        || !is_first(0, ContentType::HANDSHAKE.0)
        || !is_first(5, HandshakeType::CLIENT_HELLO.0)
    {
        return Recognition::No;
    }
    match client_hello_begin(octets) {
        Ok((_, (record, length, version))) => {
            let fills = u32::from(record.length) == length + HANDSHAKE_HEADER as u32;
            yes_or_no(fills && length > SHORTEST_HELLO && (0x0300..=0x0304).contains(&version))
        }
        Err(_) => Recognition::NeedMore,
    }
}

fn client_hello_begin(octets: &[u8]) -> IResult<&[u8], (RecordHeader, u32, u16)> {
    let (rest, (record, _)) = record_and_octet(octets)?;
    let (rest, length) = be_u24(rest)?;
    let (rest, version) = be_u16(rest)?;
    Ok((rest, (record, length, version)))
}

fn yes_or_no(yes: bool) -> Recognition {
    if yes {
        Recognition::Yes
    } else {
        Recognition::No
    }
}

fn can_begin(octets: &[u8]) -> Result<(RecordHeader, u8), Recognition> {
    if !can_begin_record(octets) {
        return Err(Recognition::No);
    }
    record_and_octet(octets).map(|(_, found)| found).map_err(|_| Recognition::NeedMore)
}

fn record_and_octet(octets: &[u8]) -> IResult<&[u8], (RecordHeader, u8)> {
    let (rest, header) = record_header(octets)?;
    let (rest, body) = be_u8(rest)?;
    Ok((rest, (header, body)))
}

/// RFC 5246 E.2: length with the high bit set, message type 1, version, length of the cipher specs.
fn recognises_version_2(octets: &[u8]) -> Recognition {
    let message_type = octets.get(2).map_or(true, |&message| message == 1);
    let major = octets.get(3).map_or(true, |&major| major == 0 || major == 3);
    if !message_type || !major {
        return Recognition::No;
    }
    match octets.get(5) {
        Some(&cipher_specs) => yes_or_no(cipher_specs < 4 && version_2_hello(octets).is_ok()),
        None => Recognition::NeedMore,
    }
}

/// Octets of a Client Hello in the form of SSL 2.0 that follow its fifth (RFC 5246 E.2).
pub fn version_2_hello(octets: &[u8]) -> IResult<&[u8], u16> {
    let (rest, length) = be_u16(octets)?;
    let (rest, message) = be_u8(rest)?;
    let (rest, version) = be_u16(rest)?;
    let left = (length & 0x7fff).wrapping_sub(3);
    let version_known = version == SSL_2_0 || VERSIONS.contains(&version);
    if length & 0x8000 == 0 || message != 1 || !version_known || !(9..MAXIMUM_VERSION_2_LENGTH).contains(&left) {
        return Err(nom::Err::Error(nom::error::Error::new(octets, nom::error::ErrorKind::Verify)));
    }
    Ok((rest, left))
}

/// What a handshake message is (RFC 8446 4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HandshakeType(pub u8);

impl HandshakeType {
    pub const HELLO_REQUEST: HandshakeType = HandshakeType(0);
    pub const CLIENT_HELLO: HandshakeType = HandshakeType(1);
    pub const SERVER_HELLO: HandshakeType = HandshakeType(2);
    pub const END_OF_EARLY_DATA: HandshakeType = HandshakeType(5);
    /// A message of its own up to draft 21 of TLS 1.3; a Server Hello with a certain random since.
    pub const HELLO_RETRY_REQUEST: HandshakeType = HandshakeType(6);
    pub const ENCRYPTED_EXTENSIONS: HandshakeType = HandshakeType(8);
    pub const CERTIFICATE: HandshakeType = HandshakeType(11);
    pub const SERVER_KEY_EXCHANGE: HandshakeType = HandshakeType(12);
    pub const SERVER_HELLO_DONE: HandshakeType = HandshakeType(14);
    pub const FINISHED: HandshakeType = HandshakeType(20);

    /// Whether a message that can be read shows that a handshake is going on whose hellos came before (RFC 5246 7.4).
    pub const fn is_between_hello_and_finished(self) -> bool {
        matches!(self.0, 11..=16 | 22)
    }

    /// The step that the message is.
    pub const fn step(self) -> Step {
        match self.0 {
            0 => Step::HelloRequest,
            1 => Step::ClientHello,
            2 => Step::ServerHello,
            4 => Step::NewSessionTicket,
            5 => Step::EndOfEarlyData,
            6 => Step::HelloRetryRequest,
            8 => Step::EncryptedExtensions,
            11 => Step::Certificate,
            12 => Step::ServerKeyExchange,
            13 => Step::CertificateRequest,
            14 => Step::ServerHelloDone,
            15 => Step::CertificateVerify,
            16 => Step::ClientKeyExchange,
            20 => Step::Finished,
            22 => Step::CertificateStatus,
            24 => Step::KeyUpdate,
            25 => Step::CompressedCertificate,
            _ => Step::OtherHandshake,
        }
    }
}

/// Reads a handshake message's header: type and length of its body.
pub fn handshake_header(octets: &[u8]) -> IResult<&[u8], (HandshakeType, u32)> {
    let (rest, kind) = be_u8(octets)?;
    let (rest, length) = be_u24(rest)?;
    Ok((rest, (HandshakeType(kind), length)))
}

/// Whether a record of this length can begin with this handshake header in clear. Only asked where it may as well be
/// protected: then the octets are as good as random, or an explicit nonce that counts from 0.
pub fn begins_clear_handshake(octets: &[u8], record_length: u16) -> bool {
    handshake_header(octets).map_or(false, |(_, (kind, length))| {
        let fits = length + HANDSHAKE_HEADER as u32 <= u32::from(record_length);
        match kind {
            HandshakeType::HELLO_REQUEST => length == 0 && record_length == HANDSHAKE_HEADER as u16,
            HandshakeType::SERVER_HELLO_DONE => length == 0,
            // Hellos may span records.
            HandshakeType::CLIENT_HELLO | HandshakeType::SERVER_HELLO => {
                (SHORTEST_HELLO..u32::from(MAXIMUM_CLEAR_LENGTH)).contains(&length)
            }
            _ => kind.step() != Step::OtherHandshake && length > 0 && fits,
        }
    })
}

/// Reads an extension's header: type and length (RFC 8446 4.2).
pub fn extension_header(octets: &[u8]) -> IResult<&[u8], (u16, u16)> {
    let (rest, kind) = be_u16(octets)?;
    let (rest, length) = be_u16(rest)?;
    Ok((rest, (kind, length)))
}

/// Reads a number of one or two octets, which is all that `octets` holds.
pub fn number(octets: &[u8]) -> u16 {
    let wide: IResult<&[u8], u16> = be_u16(octets);
    let narrow: IResult<&[u8], u8> = be_u8(octets);
    wide.map(|(_, value)| value).or_else(|_| narrow.map(|(_, value)| u16::from(value))).unwrap_or(0)
}

/// Cuts an alert: level and description.
pub fn alert(octets: &[u8]) -> IResult<&[u8], (u8, u8)> {
    let (rest, level) = be_u8(octets)?;
    let (rest, description) = be_u8(rest)?;
    Ok((rest, (level, description)))
}

/// Cuts the first `length` octets off, or as many as there are.
pub fn cut(octets: &[u8], length: usize) -> (&[u8], &[u8]) {
    let found: IResult<&[u8], &[u8]> = take(length.min(octets.len()))(octets);
    found.map_or((octets, &[]), |(rest, part)| (part, rest))
}
