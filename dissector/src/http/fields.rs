//! The fields of a head that decide something: the length of the body, persistence, a switch.

use super::parser::{decimal, elements, field_line, trimmed};
use crate::application::Protocol;

/// What Content-Length says (RFC 9110 8.6).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ContentLength {
    /// Nothing.
    Absent,
    /// So many octets; a repeated equal value counts once (RFC 9112 6.3).
    Octets(u64),
    /// Different values.
    Contradictory,
    /// No number, or one past all bounds.
    Invalid,
}

/// What Transfer-Encoding says (RFC 9112 6.1). The obsolete "identity" says nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TransferCoding {
    /// There is a coding.
    pub present: bool,
    /// The last one is chunked.
    pub chunked_last: bool,
    /// Chunked was there before the last one, or twice.
    pub chunked_before: bool,
}

/// A field that decides something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Name {
    ContentLength,
    TransferEncoding,
    Connection,
    KeepAlive,
    Upgrade,
    WebSocketExtensions,
    WebSocketProtocol,
    Other,
}

const NAMES: [(&[u8], Name); 7] = [
    (b"content-length", Name::ContentLength),
    (b"transfer-encoding", Name::TransferEncoding),
    (b"connection", Name::Connection),
    (b"keep-alive", Name::KeepAlive),
    (b"upgrade", Name::Upgrade),
    (b"sec-websocket-extensions", Name::WebSocketExtensions),
    (b"sec-websocket-protocol", Name::WebSocketProtocol),
];

/// What the field section has said so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fields {
    /// Content-Length.
    pub content_length: ContentLength,
    /// Transfer-Encoding.
    pub transfer_coding: TransferCoding,
    /// Connection: close.
    pub close: bool,
    /// Connection: keep-alive.
    pub keep_alive: bool,
    /// Keep-Alive: timeout, in seconds (RFC 2068 19.7.1.1; no later RFC has it).
    pub timeout: Option<u32>,
    /// The first protocol of Upgrade.
    pub upgrade: Option<Protocol>,
    /// Sec-WebSocket-Extensions is there (RFC 6455 9.1).
    pub extensions: bool,
    /// Sec-WebSocket-Protocol is MQTT (MQTT 5 6).
    pub carries_mqtt: bool,
    /// White space where none belongs, around a field that tells the length.
    pub odd_white_space: bool,
    current: Name,
    /// The field on the last line had no value yet: a folded one may follow.
    value_expected: bool,
}

impl Default for Fields {
    fn default() -> Fields {
        Fields {
            content_length: ContentLength::Absent,
            transfer_coding: TransferCoding::default(),
            close: false,
            keep_alive: false,
            timeout: None,
            upgrade: None,
            extensions: false,
            carries_mqtt: false,
            odd_white_space: false,
            current: Name::Other,
            value_expected: false,
        }
    }
}

impl Fields {
    /// Takes a line of the field section. What is no field is passed over.
    pub fn line(&mut self, line: &[u8], overlong: bool) {
        if line.first().map_or(false, |octet| matches!(octet, b' ' | b'\t')) {
            // obs-fold (RFC 9112 5.2) stands for a space.
            let value = trimmed(line);
            let (name, first) = (self.current, self.value_expected);
            self.value(name, value, overlong, first);
            self.value_expected &= value.is_empty();
            return;
        }
        // Most fields decide nothing, and their first letter shows it.
        let may_decide = line.first().filter(|first| b"CKSTUckstu".contains(first));
        let field = match may_decide.and_then(|_| field_line(line).ok()) {
            Some((_, field)) => field,
            None => {
                self.current = Name::Other;
                return;
            }
        };
        let known = NAMES.iter().find(|(known, _)| known.eq_ignore_ascii_case(field.name));
        self.current = known.map_or(Name::Other, |&(_, name)| name);
        let tells_length = matches!(self.current, Name::ContentLength | Name::TransferEncoding);
        self.odd_white_space |= tells_length && field.has_odd_white_space();
        self.value_expected = field.value.is_empty();
        self.value(self.current, field.value, overlong, true);
    }

    fn value(&mut self, name: Name, value: &[u8], overlong: bool, first: bool) {
        match name {
            Name::ContentLength if overlong => self.content_length = ContentLength::Invalid,
            Name::ContentLength if !value.is_empty() => self.content_length(value, first),
            Name::TransferEncoding if overlong => {
                self.transfer_coding.present = true;
                self.transfer_coding.chunked_last = false;
            }
            Name::TransferEncoding => self.transfer_encoding(value),
            Name::Connection => self.connection(value),
            Name::KeepAlive => self.timeout = self.timeout.or_else(|| elements(value).find_map(timeout)),
            Name::Upgrade => {
                let first = elements(value).next().map(protocol);
                self.upgrade = self.upgrade.or(first);
            }
            Name::WebSocketExtensions => self.extensions |= !value.is_empty(),
            Name::WebSocketProtocol => {
                self.carries_mqtt = value.eq_ignore_ascii_case(b"mqtt") || value.eq_ignore_ascii_case(b"mqttv3.1");
            }
            Name::ContentLength | Name::Other => {}
        }
    }

    fn content_length(&mut self, value: &[u8], first: bool) {
        if !first {
            // A number that is folded is two words.
            self.content_length = ContentLength::Invalid;
        }
        for element in value.split(|&octet| octet == b',') {
            self.content_length = match (self.content_length, decimal(trimmed(element))) {
                (ContentLength::Invalid, _) | (_, None) => ContentLength::Invalid,
                (ContentLength::Absent, Some(length)) => ContentLength::Octets(length),
                (ContentLength::Octets(before), Some(length)) if before == length => ContentLength::Octets(length),
                _ => ContentLength::Contradictory,
            };
        }
    }

    fn transfer_encoding(&mut self, value: &[u8]) {
        for coding in elements(value) {
            if coding.eq_ignore_ascii_case(b"identity") {
                continue;
            }
            let codings = &mut self.transfer_coding;
            codings.present = true;
            codings.chunked_before |= codings.chunked_last;
            codings.chunked_last = coding.eq_ignore_ascii_case(b"chunked");
        }
    }

    fn connection(&mut self, value: &[u8]) {
        for option in elements(value) {
            self.close |= option.eq_ignore_ascii_case(b"close");
            self.keep_alive |= option.eq_ignore_ascii_case(b"keep-alive");
        }
    }
}

/// The seconds of "timeout=5", a parameter of Keep-Alive.
fn timeout(parameter: &[u8]) -> Option<u32> {
    let equals = parameter.iter().position(|&octet| octet == b'=')?;
    let (name, value) = (trimmed(&parameter[..equals]), trimmed(&parameter[equals + 1..]));
    let seconds = decimal(value).filter(|_| name.eq_ignore_ascii_case(b"timeout"))?;
    u32::try_from(seconds).ok()
}

/// The protocol behind a name of the Upgrade field (RFC 9110 7.8).
fn protocol(name: &[u8]) -> Protocol {
    let upgrades: [(&[u8], Protocol); 3] =
        [(b"websocket", Protocol::WebSocket), (b"h2c", Protocol::Http2), (b"tls", Protocol::Tls)];
    let plain = name.split(|&octet| octet == b'/').next().unwrap_or(name);
    let known = upgrades.iter().find(|(known, _)| known.eq_ignore_ascii_case(plain));
    known.map_or(Protocol::Other, |&(_, protocol)| protocol)
}
