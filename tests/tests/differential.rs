//! Shows the same octets to the classifier and to parsers of others, and compares what each says: octets from the
//! project's captures, as they are and with some of them changed at random.
//!
//! Others are often stricter. What they reject is only shown to the classifier, which must come through it.

use std::collections::BTreeMap;
use tcpphase::verdict::{method_name, Step, Verdict};
use tcpphase::{Captured, Classifier};
use tcpphase_tests::capture::{captures, read};
use tcpphase_tests::random::Random;
use tcpphase_tests::segment::{Segment, ACK, PSH, SYN};
use tls_parser::{TlsMessage, TlsMessageHandshake};

/// How often each sample is changed.
const CHANGES: u64 = 60;
/// SHA-256 of "HelloRetryRequest" (RFC 8446 4.1.3).
const RETRY: [u8; 32] = [
    0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c, 0x02, 0x1e, 0x65, 0xb8, 0x91, 0xc2, 0xa2, 0x11,
    0x16, 0x7a, 0xbb, 0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c,
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum From {
    Client,
    Server,
}

/// An open connection.
struct Connection {
    classifier: Classifier,
    frame: u32,
    next: [u32; 2],
}

impl Connection {
    fn open() -> Connection {
        let mut connection = Connection {
            classifier: Classifier::new(),
            frame: 0,
            next: [0; 2],
        };
        connection.segment(From::Client, SYN, &[]);
        connection.next[0] = 1;
        connection.segment(From::Server, SYN | ACK, &[]);
        connection.next[1] = 1;
        connection.segment(From::Client, ACK, &[]);
        connection
    }

    fn segment(&mut self, from: From, flags: u16, payload: &[u8]) -> Verdict {
        let (own, peer, ports, addresses) = match from {
            From::Client => (0, 1, (40000, 443), ([192, 0, 2, 1], [192, 0, 2, 2])),
            From::Server => (1, 0, (443, 40000), ([192, 0, 2, 2], [192, 0, 2, 1])),
        };
        let segment = Segment {
            source_port: ports.0,
            destination_port: ports.1,
            sequence: self.next[own],
            acknowledgement: if flags & ACK == 0 { 0 } else { self.next[peer] },
            flags,
            payload: payload.to_vec(),
            ..Segment::default()
        };
        self.frame += 1;
        let octets = segment.octets();
        self.classifier.segment(&Captured {
            frame: self.frame,
            time: Some(i64::from(self.frame) * 1_000_000),
            source: &addresses.0,
            destination: &addresses.1,
            identification: None,
            octets: &octets,
            reported_length: octets.len() as u32,
            quoted: false,
            fragment: false,
        });
        self.next[own] += payload.len() as u32;
        self.classifier
            .verdict(self.frame, 0, segment.sequence)
            .expect("a verdict")
    }

    fn hears(&mut self, from: From, octets: &[u8]) -> Verdict {
        self.segment(from, ACK | PSH, octets)
    }
}

/// A connection of a capture: the client's end, and of each direction the octets so far and the number of the next.
#[derive(Default)]
struct Stream {
    client: Vec<u8>,
    octets: [Vec<u8>; 2],
    next: [Option<u32>; 2],
}

/// Both directions of every connection in the captures, the client's first; each up to its first hole.
fn streams() -> Vec<[Vec<u8>; 2]> {
    let mut streams = Vec::new();
    for path in captures() {
        let mut open: BTreeMap<Vec<Vec<u8>>, Stream> = BTreeMap::new();
        for packet in read(&path) {
            let port = packet.octets.get(..2).unwrap_or(&[]).to_vec();
            let end = [packet.source.clone(), port].concat();
            let stream = open.entry(packet.ends()).or_default();
            if stream.client.is_empty() {
                stream.client = end.clone();
            }
            let own = usize::from(stream.client != end);
            let begin = packet.sequence().wrapping_add(u32::from(packet.flags() & 2 != 0));
            if *stream.next[own].get_or_insert(begin) == begin {
                stream.octets[own].extend_from_slice(packet.payload());
                stream.next[own] = Some(begin.wrapping_add(packet.payload().len() as u32));
            }
        }
        streams.extend(open.into_values().map(|stream| stream.octets));
    }
    streams
}

/// Other octets in a few places.
fn changed(octets: &[u8], random: &mut Random) -> Vec<u8> {
    let mut octets = octets.to_vec();
    for _ in 0..=random.below(3) {
        let at = random.below(octets.len() as u64) as usize;
        octets[at] = match random.below(3) {
            0 => random.bits() as u8,
            1 => octets[at] ^ (1 << random.below(8)),
            _ => random.pick(b"\r\n :,/0123456789HT\t\0"),
        };
    }
    octets
}

mod tls {
    use super::*;

    /// Records in clear, up to the first that is not.
    pub fn records(stream: &[u8]) -> Vec<&[u8]> {
        let (mut rest, mut records) = (stream, Vec::new());
        while let Ok((after, record)) = tls_parser::parse_tls_raw_record(rest) {
            if record.hdr.record_type != tls_parser::TlsRecordType::Handshake {
                break;
            }
            records.push(&rest[..rest.len() - after.len()]);
            rest = after;
        }
        records
    }

    /// What the other parser makes of a record: its messages, and the version that a Server Hello chooses.
    pub fn theirs(record: &[u8]) -> Option<(Vec<Step>, Option<u16>)> {
        let (_, raw) = tls_parser::parse_tls_raw_record(record).ok()?;
        let plausible = (0x0300..=0x0304).contains(&raw.hdr.version.0) && raw.hdr.len <= 1 << 14;
        let (rest, messages) = tls_parser::parse_tls_record_with_header(raw.data, &raw.hdr).ok()?;
        if !rest.is_empty() || !plausible || record.len() != 5 + usize::from(raw.hdr.len) {
            return None;
        }
        let mut steps: Vec<Step> = Vec::new();
        let mut version = None;
        for message in &messages {
            let step = match message {
                TlsMessage::Handshake(TlsMessageHandshake::ServerHello(hello)) => {
                    version = Some(chosen(hello.version.0, hello.ext)?);
                    if raw.data.get(6..38) == Some(&RETRY) {
                        Step::HelloRetryRequest
                    } else {
                        Step::ServerHello
                    }
                }
                TlsMessage::Handshake(handshake) => step(handshake)?,
                _ => return None,
            };
            if steps.last() != Some(&step) {
                steps.push(step);
            }
        }
        Some((steps, version))
    }

    /// RFC 8446 4.2.1. The parser passes over extensions whose lengths do not fit; then 0, for not known.
    fn chosen(version: u16, extensions: Option<&[u8]>) -> Option<u16> {
        let extensions = match extensions.map(tls_parser::parse_tls_extensions) {
            Some(Ok((&[], extensions))) if !extensions.is_empty() => extensions,
            _ => return Some(0),
        };
        let supported = extensions.iter().find_map(|extension| match extension {
            tls_parser::TlsExtension::SupportedVersions(versions) => versions.first().map(|version| version.0),
            _ => None,
        });
        Some(supported.unwrap_or(version))
    }

    fn step(handshake: &TlsMessageHandshake) -> Option<Step> {
        Some(match handshake {
            TlsMessageHandshake::HelloRequest => Step::HelloRequest,
            TlsMessageHandshake::ClientHello(_) => Step::ClientHello,
            TlsMessageHandshake::NewSessionTicket(_) => Step::NewSessionTicket,
            TlsMessageHandshake::EndOfEarlyData => Step::EndOfEarlyData,
            TlsMessageHandshake::Certificate(_) => Step::Certificate,
            TlsMessageHandshake::ServerKeyExchange(_) => Step::ServerKeyExchange,
            TlsMessageHandshake::CertificateRequest(_) => Step::CertificateRequest,
            TlsMessageHandshake::ServerDone(_) => Step::ServerHelloDone,
            TlsMessageHandshake::CertificateVerify(_) => Step::CertificateVerify,
            TlsMessageHandshake::ClientKeyExchange(_) => Step::ClientKeyExchange,
            TlsMessageHandshake::Finished(_) => Step::Finished,
            TlsMessageHandshake::CertificateStatus(_) => Step::CertificateStatus,
            TlsMessageHandshake::KeyUpdate(_) => Step::KeyUpdate,
            // Drafts, and a message of one protocol that came to nothing.
            _ => return None,
        })
    }

    /// Shows the records of both sides, in the order in which they are sent; counts what could be compared.
    pub fn compare(records: &[(From, Vec<u8>)]) -> usize {
        let mut connection = Connection::open();
        let mut compared = 0;
        let mut doubtful = false;
        for (number, (from, record)) in records.iter().enumerate() {
            let verdict = connection.hears(*from, record);
            let said = theirs(record).filter(|(steps, _)| number > 0 || steps.first() == Some(&Step::ClientHello));
            let (steps, version) = match said {
                Some(said) if !doubtful => said,
                // From here on both may take the stream for something else.
                _ => {
                    doubtful = true;
                    continue;
                }
            };
            let ours: Vec<Step> = verdict.steps.iter().collect();
            assert_eq!(ours, steps, "record {number} of {from:?}: {record:02x?}");
            if let Some(version) = version.filter(|version| (0x0300..=0x0304).contains(version)) {
                if !steps.contains(&Step::HelloRetryRequest) {
                    assert_eq!(verdict.facts().tls.version.unwrap_or(version), version, "{record:02x?}");
                }
                doubtful |= version == 0x0304 && !steps.contains(&Step::HelloRetryRequest);
            } else {
                doubtful |= version.is_some();
            }
            compared += 1;
        }
        compared
    }
}

#[test]
fn tls_handshake_messages() {
    let mut random = Random::new(1);
    let (mut compared, mut compared_changed) = (0, 0);
    for [client, server] in streams() {
        let (client, server) = (tls::records(&client), tls::records(&server));
        let first = client.iter().take(1).map(|record| (From::Client, record.to_vec()));
        let records: Vec<(From, Vec<u8>)> = first
            .chain(server.iter().map(|record| (From::Server, record.to_vec())))
            .collect();
        if records.len() < 2 {
            continue;
        }
        compared += tls::compare(&records);
        for _ in 0..CHANGES {
            let mut records = records.clone();
            let one = random.below(records.len() as u64) as usize;
            records[one].1 = changed(&records[one].1, &mut random);
            compared_changed += tls::compare(&records);
        }
    }
    println!("{compared} records, {compared_changed} with others changed");
    assert!(compared > 1 && compared_changed > 40, "{compared} {compared_changed}");
}

mod http {
    use super::*;

    pub const FIELDS: usize = 64;

    /// The head that octets begin with, as far as the other parser knows; what follows it is left out.
    pub fn head(octets: &[u8]) -> Option<&[u8]> {
        let mut fields = [httparse::EMPTY_HEADER; FIELDS];
        let request = httparse::Request::new(&mut fields).parse(octets);
        let mut fields = [httparse::EMPTY_HEADER; FIELDS];
        let response = httparse::Response::new(&mut fields).parse(octets);
        match (request, response) {
            (Ok(httparse::Status::Complete(length)), _) | (_, Ok(httparse::Status::Complete(length))) => {
                octets.get(..length)
            }
            _ => None,
        }
    }

    /// Length of the content by RFC 9112 6.3, where the fields say it simply; 0 octets without any.
    pub fn length(fields: &[httparse::Header]) -> Option<Option<u64>> {
        let of = |name: &'static str| fields.iter().filter(move |field| field.name.eq_ignore_ascii_case(name));
        if of("transfer-encoding").next().is_some() || of("content-length").count() > 1 {
            return None;
        }
        match of("content-length").next() {
            None => Some(None),
            Some(field) => {
                let value = std::str::from_utf8(field.value).ok()?.trim();
                let digits = !value.is_empty() && value.bytes().all(|octet| octet.is_ascii_digit());
                Some(Some(value.parse().ok().filter(|_| digits)?))
            }
        }
    }

    fn is_known(method: &str) -> bool {
        (1..=u8::MAX).any(|code| method_name(code) == method)
    }

    /// Whether anything was compared.
    pub fn request(octets: &[u8]) -> bool {
        let mut fields = [httparse::EMPTY_HEADER; FIELDS];
        let mut theirs = httparse::Request::new(&mut fields);
        let parsed = theirs.parse(octets);
        let mut connection = Connection::open();
        let verdict = connection.hears(From::Client, octets);
        let method = match theirs.method.filter(|method| is_known(method)) {
            Some(method) => method.to_string(),
            None => return false,
        };
        // The forms of a request-target begin so (RFC 9112 3.2); schemes of other protocols are theirs.
        let target = theirs.path.unwrap_or("");
        let is_target = target.starts_with(|first: char| first.is_ascii_alphanumeric() || "/*[".contains(first));
        if !is_target
            || target
                .split('/')
                .next()
                .map_or(false, |scheme| scheme.ends_with(':') && !scheme.starts_with("http"))
        {
            return false;
        }
        let facts = verdict.facts().http;
        match parsed {
            Ok(httparse::Status::Complete(length)) if length == octets.len() => {
                assert_eq!(method_name(facts.method), method, "{}", text(octets));
                assert!(verdict.steps.contains(Step::HttpRequest), "{}", text(octets));
                assert!(facts.persistent.is_some(), "the head ends: {}", text(octets));
                let content = match self::length(theirs.headers) {
                    Some(content) if method != "CONNECT" => content.unwrap_or(0),
                    _ => return true,
                };
                if content < 100_000 {
                    let mut rest = vec![b'x'; content as usize];
                    rest.extend_from_slice(b"GET /next HTTP/1.1\r\n\r\n");
                    let verdict = connection.hears(From::Client, &rest);
                    let numbers = verdict.facts().http.more_messages;
                    let last = numbers.iter().copied().rfind(|&number| number > 0).or(verdict.message);
                    assert_eq!(last, Some(2), "content of {content}: {}", text(octets));
                }
                true
            }
            Ok(httparse::Status::Partial) => {
                assert!(facts.persistent.is_none(), "the head goes on: {}", text(octets));
                true
            }
            _ => false,
        }
    }

    /// Whether anything was compared.
    pub fn response(octets: &[u8]) -> bool {
        let mut fields = [httparse::EMPTY_HEADER; FIELDS];
        let mut theirs = httparse::Response::new(&mut fields);
        let parsed = theirs.parse(octets);
        let mut connection = Connection::open();
        connection.hears(From::Client, b"GET /1 HTTP/1.1\r\n\r\nGET /2 HTTP/1.1\r\n\r\n");
        let verdict = connection.hears(From::Server, octets);
        let facts = verdict.facts().http;
        let code = match (parsed, theirs.code) {
            (Ok(httparse::Status::Complete(length)), Some(code)) if length == octets.len() && code >= 100 => code,
            _ => return false,
        };
        assert_eq!(facts.status, Some(code), "{}", text(octets));
        let step = match code {
            101 => return true,
            100..=199 => Step::HttpInterimResponse,
            _ => Step::HttpResponse,
        };
        assert!(verdict.steps.contains(step), "{}", text(octets));
        let content = match (self::length(theirs.headers), code) {
            (_, 100..=199 | 204 | 304) => Some(0),
            (Some(content), _) => content,
            (None, _) => return true,
        };
        let mut rest = vec![b'x'; content.unwrap_or(0).min(100_000) as usize];
        rest.extend_from_slice(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        let verdict = connection.hears(From::Server, &rest);
        let begins = content.map_or(false, |content| content < 100_000);
        assert_eq!(
            verdict.steps.contains(Step::HttpResponse),
            begins,
            "{content:?}: {}",
            text(octets)
        );
        true
    }

    fn text(octets: &[u8]) -> String {
        String::from_utf8_lossy(octets).escape_debug().to_string()
    }
}

#[test]
fn http_heads() {
    let mut random = Random::new(2);
    let (mut compared, mut compared_changed) = (0, 0);
    for octets in streams().iter().flatten() {
        let head = match http::head(octets) {
            Some(head) => head,
            None => continue,
        };
        let compare = if head.starts_with(b"HTTP/") {
            http::response
        } else {
            http::request
        };
        compared += usize::from(compare(head));
        for _ in 0..CHANGES {
            compared_changed += usize::from(compare(&changed(head, &mut random)));
        }
    }
    println!("{compared} heads, {compared_changed} changed ones");
    assert!(compared > 1 && compared_changed > 40, "{compared} {compared_changed}");
}
