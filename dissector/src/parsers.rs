//! The parsers by themselves, for those who try them with any octets. Nobody else needs them: no part of the interface.

use crate::application::{self, Application};
use crate::http::fields::Fields;
use crate::http::{self, Http};
use crate::http2::{self, Http2};
use crate::mqtt::{parser as mqtt, Mqtt};
use crate::postgresql::{parser as postgresql, PostgreSql};
use crate::tcp;
use crate::tls::hello::{Hello, Kind};
use crate::tls::{self, parser as tls_parser};
use crate::websocket::parser as websocket;
use std::fmt::Debug;

/// How many octets were taken, and what was read.
pub type Read = Option<(usize, String)>;

/// Those that read the beginning of any octets: what follows changes nothing.
pub const BEGINNINGS: &[(&str, fn(&[u8]) -> Read)] = &[
    ("quoted TCP header", |octets| read(octets, tcp::parser::quoted(octets))),
    ("TLS record header", |octets| read(octets, tls_parser::record_header(octets))),
    ("TLS handshake header", |octets| read(octets, tls_parser::handshake_header(octets))),
    ("TLS extension header", |octets| read(octets, tls_parser::extension_header(octets))),
    ("TLS alert", |octets| read(octets, tls_parser::alert(octets))),
    ("SSL 2.0 Client Hello", |octets| read(octets, tls_parser::version_2_hello(octets))),
    ("HTTP/2 frame header", |octets| read(octets, http2::parser::frame_header(octets))),
    ("MQTT fixed header", |octets| read(octets, mqtt::fixed_header(octets))),
    ("PostgreSQL startup packet", |octets| read(octets, postgresql::startup(octets))),
    ("PostgreSQL message", |octets| read(octets, postgresql::message(octets))),
    ("WebSocket frame header", |octets| read(octets, websocket::frame_header(octets))),
];

/// Those that read all of their octets.
pub const WHOLES: &[(&str, fn(&[u8]) -> Read)] = &[
    ("TCP segment", |octets| read(octets, tcp::parser::segment(octets, octets.len() as u32))),
    ("TCP flags", |octets| tcp::parser::flags(octets).map(|flags| (0, format!("{flags:?}")))),
    ("TCP options", |octets| Some((0, format!("{:?}", tcp::parser::options(octets))))),
    ("HTTP version", |octets| read(octets, http::parser::version(octets))),
    ("HTTP request line", |octets| read(octets, http::parser::request_line(octets))),
    ("HTTP status line", |octets| read(octets, http::parser::status_line(octets))),
    ("HTTP field line", |octets| {
        let (rest, line) = http::parser::field_line(octets).ok()?;
        Some((octets.len() - rest.len(), format!("{:?}: {:?}", line.name, line.value)))
    }),
    ("HTTP field section", |octets| {
        let mut fields = Fields::default();
        octets.split(|&octet| octet == b'\n').for_each(|line| fields.line(line, false));
        Some((0, format!("{fields:?}")))
    }),
    ("HTTP chunk size", |octets| read(octets, http::parser::chunk_size(octets))),
    ("HTTP decimal", |octets| http::parser::decimal(octets).map(|number| (octets.len(), number.to_string()))),
    ("HTTP list", |octets| {
        let taken: usize = http::parser::elements(octets).map(<[u8]>::len).sum();
        Some((taken, String::new()))
    }),
];

/// Whether octets begin a protocol: `Some(true)` or `Some(false)`; none while they can still become both.
pub const RECOGNISERS: &[(&str, fn(&[u8]) -> Option<bool>)] = &[
    ("TLS", |octets| of_tls(tls::recognises(octets))),
    ("TLS midway", |octets| of_tls(tls::recognises_midway(octets))),
    ("Client Hello", |octets| of_tls(tls::recognises_client_hello(octets))),
    ("HTTP", |octets| decided(Http::recognises(octets))),
    ("HTTP/2", |octets| decided(Http2::recognises(octets))),
    ("PostgreSQL", |octets| decided(PostgreSql::recognises(octets))),
    ("MQTT", |octets| decided(Mqtt::recognises(octets))),
];

/// Those that read octets in pieces: how these are cut changes nothing.
pub const IN_PIECES: &[(&str, fn(&[&[u8]]) -> String)] = &[
    ("Client Hello", |pieces| hello(Kind::Client, pieces)),
    ("Server Hello", |pieces| hello(Kind::Server, pieces)),
    ("Encrypted Extensions", |pieces| hello(Kind::Extensions, pieces)),
];

fn read<T: Debug>(octets: &[u8], result: nom::IResult<&[u8], T>) -> Read {
    let (rest, value) = result.ok()?;
    Some((octets.len() - rest.len(), format!("{value:?}")))
}

fn of_tls(recognition: tls::Recognition) -> Option<bool> {
    match recognition {
        tls::Recognition::Yes => Some(true),
        tls::Recognition::No => Some(false),
        tls::Recognition::NeedMore => None,
    }
}

fn decided(recognition: application::Recognition) -> Option<bool> {
    match recognition {
        application::Recognition::Yes => Some(true),
        application::Recognition::No => Some(false),
        application::Recognition::NeedMore => None,
    }
}

fn hello(kind: Kind, pieces: &[&[u8]]) -> String {
    let mut hello = Hello::new(kind);
    pieces.iter().for_each(|piece| hello.reads(piece));
    format!("{:?} {:?}", hello.facts(), hello.is_retry())
}
