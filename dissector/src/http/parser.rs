//! Reads the lines of HTTP/1.x: start line (RFC 9112 3, 4), field line (5), chunk size (7.1). No state.
//!
//! A line comes without its end. White space is read as leniently as the RFC lets a recipient.

use super::method::Method;
use nom::bytes::complete::{tag, take_while, take_while1};
use nom::character::complete::{char, digit1, hex_digit1};
use nom::combinator::{all_consuming, map_res};
use nom::sequence::preceded;
use nom::{IResult, Parser};
use std::str;

/// HTTP-version (RFC 9112 2.3), major before minor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version {
    /// Before the dot.
    pub major: u8,
    /// After it.
    pub minor: u8,
}

impl Version {
    /// The first version with chunks and persistent connections.
    pub const HTTP_1_1: Version = Version { major: 1, minor: 1 };
}

/// What a message begins with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StartLine {
    /// request-line (RFC 9112 3).
    Request {
        /// What is asked for.
        method: Method,
        /// The client's version.
        version: Version,
    },
    /// status-line (RFC 9112 4).
    Response {
        /// The three digits.
        status: u16,
        /// The server's version.
        version: Version,
    },
}

/// The white space between the words of a start line that a lenient recipient accepts (RFC 9112 3).
pub const fn is_white_space(octet: u8) -> bool {
    matches!(octet, b' ' | b'\t' | 0x0b | 0x0c | b'\r')
}

/// tchar (RFC 9110 5.6.2).
pub const fn is_token_octet(octet: u8) -> bool {
    matches!(
        octet,
        b'!' | b'#' | b'$' | b'%' | b'&' | b'\'' | b'*' | b'+' | b'-' | b'.' | b'^' | b'_' | b'`' | b'|' | b'~'
    ) || octet.is_ascii_alphanumeric()
}

fn is_optional_white_space(octet: u8) -> bool {
    matches!(octet, b' ' | b'\t')
}

fn number<T: str::FromStr>(digits: &[u8]) -> Option<T> {
    str::from_utf8(digits).ok()?.parse().ok()
}

fn failure<T>(octets: &[u8]) -> IResult<&[u8], T> {
    Err(nom::Err::Error(nom::error::Error::new(octets, nom::error::ErrorKind::Verify)))
}

/// HTTP-version: "HTTP/" DIGIT "." DIGIT, with more digits too.
pub fn version(octets: &[u8]) -> IResult<&[u8], Version> {
    let (rest, _) = tag("HTTP/")(octets)?;
    let (rest, major) = map_res(digit1, |digits| number(digits).ok_or(())).parse(rest)?;
    let (rest, _) = char('.')(rest)?;
    let (rest, minor) = map_res(digit1, |digits| number(digits).ok_or(())).parse(rest)?;
    Ok((rest, Version { major, minor }))
}

/// request-line: the first word is the method, the last one the version; what is between is not our business.
pub fn request_line(line: &[u8]) -> IResult<&[u8], StartLine> {
    let (rest, token) = take_while1(is_token_octet)(line)?;
    let (rest, _) = take_while1(is_white_space)(rest)?;
    let end = rest.iter().rposition(|&octet| !is_white_space(octet)).map_or(0, |last| last + 1);
    let rest = rest.get(..end).unwrap_or(rest);
    let last_word = rest.iter().rposition(|&octet| is_white_space(octet)).map_or(0, |space| space + 1);
    let (rest, version) = all_consuming(version).parse(rest.get(last_word..).unwrap_or(rest))?;
    Ok((rest, StartLine::Request { method: Method::from_token(token), version }))
}

/// status-line, as far as the status code; the reason phrase is not our business.
pub fn status_line(line: &[u8]) -> IResult<&[u8], StartLine> {
    let (rest, version) = version(line)?;
    let (rest, _) = take_while1(is_white_space)(rest)?;
    let (rest, status) = status_code(rest)?;
    Ok((rest, StartLine::Response { status, version }))
}

fn status_code(octets: &[u8]) -> IResult<&[u8], u16> {
    match octets {
        [a @ b'1'..=b'9', b, c, rest @ ..] if b.is_ascii_digit() && c.is_ascii_digit() => {
            let status = [a, b, c].iter().fold(0, |status, &&digit| status * 10 + u16::from(digit - b'0'));
            Ok((rest, status))
        }
        _ => failure(octets),
    }
}

/// A field-line: name, and value without white space around it.
pub struct FieldLine<'a> {
    pub name: &'a [u8],
    pub value: &'a [u8],
    before_colon: &'a [u8],
    behind_colon: &'a [u8],
}

impl FieldLine<'_> {
    /// White space stands before the colon, or another than space and tab behind it (RFC 9112 5): recipients differ.
    pub fn has_odd_white_space(&self) -> bool {
        let is_odd = |octet: &u8| is_white_space(*octet) && !is_optional_white_space(*octet);
        !self.before_colon.is_empty() || self.behind_colon.iter().any(is_odd)
    }
}

/// field-line. White space before the colon is not allowed (RFC 9112 5.1), but a proxy removes it, so it does not hide a
/// length.
pub fn field_line(line: &[u8]) -> IResult<&[u8], FieldLine<'_>> {
    let (rest, name) = take_while1(is_token_octet)(line)?;
    let (rest, before_colon) = take_while(is_optional_white_space)(rest)?;
    let (behind_colon, _) = char(':')(rest)?;
    Ok((&[], FieldLine { name, value: trimmed(behind_colon), before_colon, behind_colon }))
}

/// chunk-size with its extensions (RFC 9112 7.1). An error also where the size does not fit.
pub fn chunk_size(line: &[u8]) -> IResult<&[u8], u64> {
    let (rest, size) = map_res(hex_digit1, hexadecimal).parse(line)?;
    let (rest, _) = take_while(is_white_space)(rest)?;
    if rest.is_empty() {
        return Ok((rest, size));
    }
    let (rest, _) = preceded(char(';'), take_while(|_| true)).parse(rest)?;
    Ok((rest, size))
}

fn hexadecimal(digits: &[u8]) -> Result<u64, ()> {
    let digits = str::from_utf8(digits).map_err(drop)?;
    u64::from_str_radix(digits, 16).map_err(drop)
}

/// 1*DIGIT and nothing else, as in Content-Length (RFC 9110 8.6).
pub fn decimal(value: &[u8]) -> Option<u64> {
    let parsed: IResult<&[u8], &[u8]> = all_consuming(digit1).parse(value);
    parsed.ok().and_then(|(_, digits)| number(digits))
}

/// The elements of a comma list (RFC 9110 5.6.1) without white space and parameters; empty ones are left out.
pub fn elements(value: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut quoted = false;
    let split = move |&octet: &u8| {
        quoted ^= octet == b'"';
        octet == b',' && !quoted
    };
    let name = |element: &[u8]| element.iter().position(|&octet| octet == b';').unwrap_or(element.len());
    value
        .split(split)
        .map(move |element| trimmed(element.get(..name(element)).unwrap_or(element)))
        .filter(|element| !element.is_empty())
}

/// Without white space at both ends.
pub fn trimmed(octets: &[u8]) -> &[u8] {
    let is_value = |octet: &u8| !is_white_space(*octet);
    let first = octets.iter().position(is_value).unwrap_or(octets.len());
    let end = octets.iter().rposition(is_value).map_or(first, |last| last + 1);
    octets.get(first..end).unwrap_or(&[])
}

/// Whether octets can still become `HTTP/`.
pub fn may_become_version(octets: &[u8]) -> bool {
    b"HTTP/".starts_with(octets) || octets.starts_with(b"HTTP/")
}
