//! How long the body of a message is (RFC 9112 6.3). Pure.

use super::fields::{ContentLength, Fields};
use super::method::Method;
use super::parser::{StartLine, Version};
use crate::verdict::HttpFraming;

/// The length of a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BodyLength {
    /// So many octets.
    Octets(u64),
    /// Chunks say.
    Chunked,
    /// Until the connection closes.
    UntilClose,
    /// The RFC gives no answer: recipients close the connection.
    Unknown,
}

/// The length of the body, and what is wrong with it. Interim responses and those that end HTTP have none
/// and are not asked for. `asked` is the method of the request that a response answers.
pub fn body_length(start: StartLine, fields: &Fields, asked: Option<Method>) -> (BodyLength, Option<HttpFraming>) {
    let version = match start {
        StartLine::Response { status, .. }
            if asked == Some(Method::HEAD) || matches!(status, 100..=199 | 204 | 304) =>
        {
            return (BodyLength::Octets(0), None);
        }
        StartLine::Request { version, .. } | StartLine::Response { version, .. } => version,
    };
    let is_request = matches!(start, StartLine::Request { .. });
    let (length, framing) = told_length(is_request, version, fields);
    (length, framing.or_else(|| fields.odd_white_space.then_some(HttpFraming::OddWhiteSpace)))
}

fn told_length(is_request: bool, version: Version, fields: &Fields) -> (BodyLength, Option<HttpFraming>) {
    if fields.transfer_coding.present {
        return coded(is_request, version, fields);
    }
    match fields.content_length {
        ContentLength::Octets(length) => (BodyLength::Octets(length), None),
        ContentLength::Contradictory => (BodyLength::Unknown, Some(HttpFraming::DifferentLengths)),
        ContentLength::Invalid => (BodyLength::Unknown, Some(HttpFraming::InvalidLength)),
        ContentLength::Absent if is_request => (BodyLength::Octets(0), None),
        ContentLength::Absent => (BodyLength::UntilClose, None),
    }
}

/// A body with a transfer coding; Content-Length does not count then.
fn coded(is_request: bool, version: Version, fields: &Fields) -> (BodyLength, Option<HttpFraming>) {
    let coding = fields.transfer_coding;
    let length = match coding.chunked_last {
        true => BodyLength::Chunked,
        false if is_request => BodyLength::Unknown,
        false => BodyLength::UntilClose,
    };
    let framing = if length == BodyLength::Unknown {
        Some(HttpFraming::ChunkedNotLast)
    } else if fields.content_length != ContentLength::Absent {
        Some(HttpFraming::CodingAndLength)
    } else if coding.chunked_last && coding.chunked_before {
        Some(HttpFraming::ChunkedTwice)
    } else if version < Version::HTTP_1_1 {
        Some(HttpFraming::CodingInHttp10)
    } else {
        None
    };
    (length, framing)
}
