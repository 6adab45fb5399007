//! Reads one message of what stands before a protocol. No state.

use nom::branch::alt;
use nom::bytes::streaming::{tag, take, take_until};
use nom::combinator::verify;
use nom::number::streaming::{be_u16, be_u8};
use nom::{IResult, Parser};

/// What begins a header of version 2 (HAProxy's proxy-protocol.txt, 2.2).
const SIGNATURE: &[u8] = b"\r\n\r\n\0\r\nQUIT\n";
/// Version 2, and a command that is known: LOCAL or PROXY.
const COMMANDS: [u8; 2] = [0x20, 0x21];
/// The longest header of version 1 (2.1).
const LINE_MAXIMUM: usize = 107;
/// RFC 1928 5.
const IPV4: u8 = 1;
const DOMAIN: u8 = 3;
const IPV6: u8 = 4;

/// A message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Message {
    /// A header of the PROXY protocol, as far as so many octets before its end.
    Proxy {
        left: u16,
    },
    /// The methods of a client of SOCKS 5.
    Greeting,
    /// The method of its server.
    Method(u8),
    /// User and password (RFC 1929), and their status.
    Authentication,
    Status(u8),
    /// A request with its command, of SOCKS 4 or 5.
    Request4(u8),
    Request5(u8),
    /// A reply with its code.
    Reply4(u8),
    Reply5(u8),
}

/// The first message of a client, or a header that follows another.
pub fn first(octets: &[u8]) -> IResult<&[u8], Message> {
    alt((header, greeting, request4)).parse(octets)
}

/// A header of the PROXY protocol.
pub fn header(octets: &[u8]) -> IResult<&[u8], Message> {
    alt((line, binary_header)).parse(octets)
}

fn line(octets: &[u8]) -> IResult<&[u8], Message> {
    let (rest, _) = tag("PROXY ")(octets)?;
    let (rest, _) = alt((tag("TCP4 "), tag("TCP6 "), tag("UNKNOWN"))).parse(rest)?;
    let (rest, _) = verify(take_until("\r\n"), |addresses: &[u8]| addresses.len() < LINE_MAXIMUM).parse(rest)?;
    let (rest, _) = tag("\r\n")(rest)?;
    Ok((rest, Message::Proxy { left: 0 }))
}

fn binary_header(octets: &[u8]) -> IResult<&[u8], Message> {
    let (rest, _) = tag(SIGNATURE)(octets)?;
    let (rest, _) = verify(be_u8, |command| COMMANDS.contains(command)).parse(rest)?;
    let (rest, _family) = be_u8(rest)?;
    let (rest, left) = be_u16(rest)?;
    Ok((rest, Message::Proxy { left }))
}

fn greeting(octets: &[u8]) -> IResult<&[u8], Message> {
    let (rest, _) = tag(&[5][..])(octets)?;
    let (rest, methods) = verify(be_u8, |&methods| methods > 0).parse(rest)?;
    let (rest, _) = take(methods)(rest)?;
    Ok((rest, Message::Greeting))
}

/// SOCKS 4; with an address 0.0.0.x a name follows (SOCKS 4a).
fn request4(octets: &[u8]) -> IResult<&[u8], Message> {
    let (rest, _) = tag(&[4][..])(octets)?;
    let (rest, command) = be_u8(rest)?;
    let (rest, _port) = be_u16(rest)?;
    let (rest, address) = take(4_usize)(rest)?;
    let (mut rest, _user) = text(rest)?;
    if matches!(address, [0, 0, 0, 1..=255]) {
        rest = text(rest)?.0;
    }
    Ok((rest, Message::Request4(command)))
}

/// Text up to a NUL.
fn text(octets: &[u8]) -> IResult<&[u8], &[u8]> {
    let (rest, text) = verify(take_until("\0"), |text: &[u8]| text.len() < 256).parse(octets)?;
    let (rest, _) = take(1_usize)(rest)?;
    Ok((rest, text))
}

/// What a client of SOCKS 5 says behind its methods.
pub fn request(octets: &[u8]) -> IResult<&[u8], Message> {
    alt((authentication, request5)).parse(octets)
}

fn authentication(octets: &[u8]) -> IResult<&[u8], Message> {
    let (rest, _) = tag(&[1][..])(octets)?;
    let (rest, user) = be_u8(rest)?;
    let (rest, _) = take(user)(rest)?;
    let (rest, password) = be_u8(rest)?;
    let (rest, _) = take(password)(rest)?;
    Ok((rest, Message::Authentication))
}

fn request5(octets: &[u8]) -> IResult<&[u8], Message> {
    let (rest, command) = with_address(octets)?;
    Ok((rest, Message::Request5(command)))
}

/// The first message of a server of SOCKS, where the client's is not known.
pub fn first_answer(octets: &[u8]) -> IResult<&[u8], Message> {
    alt((method, reply4)).parse(octets)
}

/// The method of a server of SOCKS 5.
pub fn method(octets: &[u8]) -> IResult<&[u8], Message> {
    let (rest, _) = tag(&[5][..])(octets)?;
    let (rest, method) = be_u8(rest)?;
    Ok((rest, Message::Method(method)))
}

/// The reply of a server of SOCKS 4.
pub fn reply4(octets: &[u8]) -> IResult<&[u8], Message> {
    let (rest, _) = tag(&[0][..])(octets)?;
    let (rest, code) = verify(be_u8, |code| (90..=93).contains(code)).parse(rest)?;
    let (rest, _) = take(6_usize)(rest)?;
    Ok((rest, Message::Reply4(code)))
}

/// What a server of SOCKS 5 says behind its method.
pub fn reply(octets: &[u8]) -> IResult<&[u8], Message> {
    alt((status, reply5)).parse(octets)
}

fn status(octets: &[u8]) -> IResult<&[u8], Message> {
    let (rest, _) = tag(&[1][..])(octets)?;
    let (rest, status) = be_u8(rest)?;
    Ok((rest, Message::Status(status)))
}

fn reply5(octets: &[u8]) -> IResult<&[u8], Message> {
    let (rest, code) = with_address(octets)?;
    Ok((rest, Message::Reply5(code)))
}

/// Version 5, a command or code, a reserved octet, an address and a port (RFC 1928 4 and 6).
fn with_address(octets: &[u8]) -> IResult<&[u8], u8> {
    let (rest, _) = tag(&[5][..])(octets)?;
    let (rest, code) = be_u8(rest)?;
    let (rest, _reserved) = be_u8(rest)?;
    let (rest, kind) = verify(be_u8, |kind| matches!(*kind, IPV4 | DOMAIN | IPV6)).parse(rest)?;
    let (rest, length) = match kind {
        IPV4 => (rest, 4),
        IPV6 => (rest, 16),
        _ => be_u8(rest)?,
    };
    let (rest, _) = take(length)(rest)?;
    let (rest, _port) = be_u16(rest)?;
    Ok((rest, code))
}

/// No message.
pub fn none(octets: &[u8]) -> IResult<&[u8], Message> {
    Err(nom::Err::Error(nom::error::Error::new(octets, nom::error::ErrorKind::Verify)))
}
