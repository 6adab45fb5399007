//! Whether a stream begins with HTTP/1.x.
//!
//! A request shows itself with the end of its method, a response with the end of its version. Other text protocols
//! share names with HTTP (OPTIONS in SIP and RTSP, CONNECT in NATS, HEAD in NNTP), so whatever else of the line is
//! there has to fit as well.

use super::line::LINE_MAXIMUM;
use super::method::Method;
use super::parser::{is_token_octet, is_white_space, may_become_version, request_line, version};
use crate::application::{line_end, Recognition};

/// Schemes of other protocols that ask in the same form: RFC 3261 19.1, RFC 2326 3.2, RFC 4975 6.
const OTHER_SCHEMES: [&[u8]; 8] = [b"sip:", b"sips:", b"tel:", b"rtsp:", b"rtspu:", b"rtsps:", b"msrp:", b"msrps:"];

/// Whether the first octets of one direction are a message of HTTP/1.x.
pub fn recognise(octets: &[u8]) -> Recognition {
    let octets = without_empty_lines(octets);
    match response(octets) {
        Recognition::No => request(octets),
        answer => answer,
    }
}

/// RFC 9112 2.2: empty lines before a request-line are passed over.
pub fn without_empty_lines(octets: &[u8]) -> &[u8] {
    let first = octets.iter().position(|octet| !matches!(octet, b'\r' | b'\n')).unwrap_or(octets.len());
    octets.get(first..).unwrap_or(&[])
}

/// Whether octets begin with a status-line. What a version of another kind begins (SIP/2.0, ICY) is no HTTP.
pub fn response(octets: &[u8]) -> Recognition {
    match version(octets) {
        Ok((_, found)) if found.major <= 1 => Recognition::Yes,
        Ok(_) => Recognition::No,
        Err(_) if may_become_version(octets) && only_digits_follow(octets) => Recognition::NeedMore,
        Err(_) => Recognition::No,
    }
}

fn only_digits_follow(octets: &[u8]) -> bool {
    let rest = octets.get(b"HTTP/".len()..).unwrap_or(&[]);
    rest.len() <= b"1.1".len() && rest.iter().all(|octet| octet.is_ascii_digit() || *octet == b'.')
}

/// Whether octets begin with a status-line, its code included.
pub fn status(octets: &[u8]) -> Recognition {
    let rest = match (response(octets), version(octets)) {
        (Recognition::Yes, Ok((rest, _))) => rest,
        (answer, _) => return answer,
    };
    let code = rest.iter().position(|&octet| !is_white_space(octet)).unwrap_or(rest.len());
    let (space, code) = rest.split_at(code);
    match code {
        [] => Recognition::NeedMore,
        _ if space.is_empty() => Recognition::No,
        [b'1'..=b'9'] => Recognition::NeedMore,
        [b'1'..=b'9', more @ ..] => {
            let digits = more.iter().take(2).take_while(|octet| octet.is_ascii_digit()).count();
            match more.get(digits) {
                None => Recognition::NeedMore,
                Some(&end) if digits == 2 && (is_white_space(end) || end == b'\n') => Recognition::Yes,
                Some(_) => Recognition::No,
            }
        }
        _ => Recognition::No,
    }
}

/// Whether octets begin with a request-line whose method is known.
pub fn request(octets: &[u8]) -> Recognition {
    let token_end = octets.iter().position(|&octet| !is_token_octet(octet)).unwrap_or(octets.len());
    let (token, rest) = octets.split_at(token_end);
    match rest.first() {
        None if Method::may_begin_with(token) => return Recognition::NeedMore,
        Some(b' ' | b'\t') if Method::from_token(token).is_known() => {}
        _ => return Recognition::No,
    }
    if may_have_target(octets) && may_end_in_version(octets) {
        Recognition::Yes
    } else {
        Recognition::No
    }
}

/// Whether octets begin with a whole request-line of any method.
pub fn any_request(octets: &[u8]) -> bool {
    line_end(octets).and_then(|end| octets.get(..end)).map_or(false, |line| request_line(line).is_ok())
}

/// Whether the line that octets begin with has a version at its end, if its end is there.
fn may_end_in_version(octets: &[u8]) -> bool {
    let end = line_end(octets);
    let line = end.and_then(|end| octets.get(..end));
    line.map_or(true, |line| line.len() > LINE_MAXIMUM || request_line(line).is_ok())
}

/// Whether what follows a method and white space can be a request-target of HTTP, as far as it is there.
fn may_have_target(octets: &[u8]) -> bool {
    let method = octets.iter().take_while(|octet| is_token_octet(**octet)).count();
    let space = octets.iter().skip(method).take_while(|octet| is_white_space(**octet)).count();
    let target = octets.get(method + space..).unwrap_or(&[]);
    let begins = |scheme: &[u8]| target.get(..scheme.len()).map_or(false, |start| start.eq_ignore_ascii_case(scheme));
    let is_possible = |first: u8| first.is_ascii_alphanumeric() || b"/*[?%.-_\n".contains(&first);
    target.first().map_or(true, |&first| is_possible(first)) && !OTHER_SCHEMES.iter().any(|scheme| begins(scheme))
}
