//! Many connections, each of which goes a little way.

use super::{Line, Pattern, Traffic, Unit, CLIENT, SERVER};
use super::{
    OF_AN_UNDECIDED_CONNECTION, OF_A_CLOSED_CONNECTION, OF_A_CONNECTION, OF_A_CONNECTION_THAT_IS_READ,
    OF_A_HALF_OPEN_CONNECTION, OF_A_SEGMENT, OF_A_SEGMENT_WITH_FACTS,
};
use crate::segment::{ACK, FIN, RST, SYN};

const SECOND: i64 = 1_000_000_000;
/// How long a connection that is over is kept whole, and a little more.
const LET_GO: i64 = 241 * SECOND;
/// 2106-02-07, the last second that fits 32 bits.
const END_OF_TIME: i64 = 0xffff_ffff * SECOND;

pub const REQUEST: &[u8] = b"GET /index.html HTTP/1.1\r\nHost: www.example.org\r\nAccept: */*\r\n\r\n";
pub const RESPONSE: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";

/// A record of TLS.
pub fn record(content: u8, body: &[u8]) -> Vec<u8> {
    let mut octets = vec![content, 3, 3];
    octets.extend_from_slice(&(body.len() as u16).to_be_bytes());
    octets.extend_from_slice(body);
    octets
}

/// A Client Hello or a Server Hello of TLS 1.3.
pub fn hello(kind: u8) -> Vec<u8> {
    let (suites, versions): (&[u8], &[u8]) = match kind {
        1 => (&[0, 2, 0x13, 1, 1, 0], &[2, 3, 4]),
        _ => (&[0x13, 1, 0], &[3, 4]),
    };
    let mut body = vec![3, 3];
    body.extend_from_slice(&[0x5a; 32]);
    body.push(0);
    body.extend_from_slice(suites);
    body.extend_from_slice(&(4 + versions.len() as u16).to_be_bytes());
    body.extend_from_slice(&[0, 0x2b, 0, versions.len() as u8]);
    body.extend_from_slice(versions);
    let mut message = vec![kind, 0, 0, body.len() as u8];
    message.extend_from_slice(&body);
    record(22, &message)
}

fn each(traffic: &mut Traffic, count: u32, one: impl Fn(&mut Traffic, u32)) {
    (0..count).for_each(|client| one(traffic, client));
}

/// Those before are let go when another one comes that much later.
fn later(traffic: &mut Traffic, count: u32) {
    traffic.time += LET_GO;
    traffic.opens(count);
}

fn syns(traffic: &mut Traffic, count: u32) {
    each(traffic, count, |traffic, client| {
        traffic.sends(&mut Line::new(client), CLIENT, SYN, &[]);
    });
}

fn syns_of_ipv6(traffic: &mut Traffic, count: u32) {
    traffic.ipv6 = true;
    syns(traffic, count);
}

fn syns_on_the_same_ports(traffic: &mut Traffic, count: u32) {
    each(traffic, count, |traffic, number| {
        traffic.segment(0, CLIENT, SYN, (number.wrapping_mul(70_000), 0), &[]);
    });
}

fn syns_with_octets(traffic: &mut Traffic, count: u32) {
    each(traffic, count, |traffic, client| {
        traffic.sends(&mut Line::new(client), CLIENT, SYN, &[b'a'; 1400]);
    });
}

fn resets_midway(traffic: &mut Traffic, count: u32) {
    each(traffic, count, |traffic, client| {
        traffic.sends(&mut Line::new(client), CLIENT, RST, &[]);
    });
}

fn acknowledgements_midway(traffic: &mut Traffic, count: u32) {
    each(traffic, count, |traffic, client| {
        traffic.sends(&mut Line::new(client), CLIENT, ACK, &[]);
    });
}

fn single_octets_midway(traffic: &mut Traffic, count: u32) {
    each(traffic, count, |traffic, client| {
        traffic.sends(&mut Line::new(client), CLIENT, ACK, b"x");
    });
}

fn single_octets_of_http_midway(traffic: &mut Traffic, count: u32) {
    each(traffic, count, |traffic, client| {
        traffic.sends(&mut Line::new(client), CLIENT, ACK, b"G");
    });
}

fn unknown_octets(traffic: &mut Traffic, count: u32) {
    each(traffic, count, |traffic, client| {
        let mut line = traffic.opens(client);
        traffic.sends(&mut line, CLIENT, ACK, &[0xa5; 1400]);
        traffic.sends(&mut line, SERVER, ACK, &[0x5a; 1400]);
    });
}

fn openings(traffic: &mut Traffic, count: u32) {
    each(traffic, count, |traffic, client| {
        traffic.opens(client);
    });
}

fn openings_and_an_octet(traffic: &mut Traffic, count: u32) {
    each(traffic, count, |traffic, client| {
        let mut line = traffic.opens(client);
        traffic.sends(&mut line, CLIENT, ACK, b"x");
    });
}

fn openings_and_a_request(traffic: &mut Traffic, count: u32) {
    each(traffic, count, |traffic, client| {
        let mut line = traffic.opens(client);
        traffic.sends(&mut line, CLIENT, ACK, REQUEST);
    });
}

fn openings_and_half_a_request(traffic: &mut Traffic, count: u32) {
    each(traffic, count, |traffic, client| {
        let mut line = traffic.opens(client);
        traffic.sends(&mut line, CLIENT, ACK, &REQUEST[..40]);
    });
}

fn openings_and_http(traffic: &mut Traffic, count: u32) {
    each(traffic, count, |traffic, client| {
        let mut line = traffic.opens(client);
        traffic.sends(&mut line, CLIENT, ACK, REQUEST);
        traffic.sends(&mut line, SERVER, ACK, RESPONSE);
    });
}

fn openings_and_a_hello(traffic: &mut Traffic, count: u32) {
    let hello = hello(1);
    each(traffic, count, |traffic, client| {
        let mut line = traffic.opens(client);
        traffic.sends(&mut line, CLIENT, ACK, &hello);
    });
}

fn talks_tls(traffic: &mut Traffic, line: &mut Line) {
    traffic.sends(line, CLIENT, ACK, &hello(1));
    traffic.sends(line, SERVER, ACK, &[hello(2), record(23, &[0; 1000])].concat());
    traffic.sends(line, CLIENT, ACK, &record(23, &[0; 53]));
    traffic.sends(line, CLIENT, ACK, &record(23, &[0; 100]));
    traffic.sends(line, SERVER, ACK, &record(23, &[0; 900]));
}

fn openings_and_tls(traffic: &mut Traffic, count: u32) {
    each(traffic, count, |traffic, client| {
        let mut line = traffic.opens(client);
        talks_tls(traffic, &mut line);
    });
}

fn openings_and_holes(traffic: &mut Traffic, count: u32) {
    each(traffic, count, |traffic, client| {
        let mut line = traffic.opens(client);
        for _ in 0..20 {
            line.next[CLIENT] = line.next[CLIENT].wrapping_add(100);
            traffic.sends(&mut line, CLIENT, ACK, &[0xa5; 10]);
        }
    });
}

fn openings_and_requests_out_of_order(traffic: &mut Traffic, count: u32) {
    each(traffic, count, |traffic, client| {
        let line = traffic.opens(client);
        for place in (0..20).rev() {
            traffic.at(
                &line,
                CLIENT,
                ACK,
                line.next[CLIENT].wrapping_add(1400 * place),
                &[b'a'; 1400],
            );
        }
    });
}

fn closes(traffic: &mut Traffic, line: &mut Line) {
    traffic.sends(line, CLIENT, ACK | FIN, &[]);
    traffic.sends(line, SERVER, ACK | FIN, &[]);
    traffic.sends(line, CLIENT, ACK, &[]);
}

fn closed(traffic: &mut Traffic, count: u32) {
    each(traffic, count, |traffic, client| {
        let mut line = traffic.opens(client);
        traffic.sends(&mut line, CLIENT, ACK, REQUEST);
        traffic.sends(&mut line, SERVER, ACK, RESPONSE);
        closes(traffic, &mut line);
    });
    later(traffic, count);
}

fn closed_tls(traffic: &mut Traffic, count: u32) {
    each(traffic, count, |traffic, client| {
        let mut line = traffic.opens(client);
        talks_tls(traffic, &mut line);
        closes(traffic, &mut line);
    });
    later(traffic, count);
}

/// One that ended when its clock had gone mad.
fn closed_behind_2106(traffic: &mut Traffic, count: u32) {
    let mut line = traffic.opens(count + 1);
    let now = std::mem::replace(&mut traffic.time, END_OF_TIME);
    closes(traffic, &mut line);
    traffic.time = now;
    closed(traffic, count);
}

/// The clock goes backwards.
fn closed_backwards(traffic: &mut Traffic, count: u32) {
    each(traffic, count, |traffic, client| {
        let mut line = traffic.opens(client);
        closes(traffic, &mut line);
        traffic.time -= SECOND;
    });
}

fn refused(traffic: &mut Traffic, count: u32) {
    each(traffic, count, |traffic, client| {
        let mut line = Line::new(client);
        traffic.sends(&mut line, CLIENT, SYN, &[]);
        traffic.sends(&mut line, SERVER, RST | ACK, &[]);
    });
    later(traffic, count);
}

/// Their octets were not taken.
fn refused_with_octets(traffic: &mut Traffic, count: u32) {
    each(traffic, count, |traffic, client| {
        let mut line = Line::new(client);
        traffic.sends(&mut line, CLIENT, SYN, &[b'a'; 1400]);
        traffic.sends(&mut line, SERVER, RST | ACK, &[]);
    });
}

fn openings_that_leave_octets(traffic: &mut Traffic, count: u32) {
    each(traffic, count, |traffic, client| {
        let mut line = Line::new(client);
        traffic.sends(&mut line, CLIENT, SYN, &[b'a'; 1400]);
        line.next[CLIENT] = line.next[CLIENT].wrapping_sub(1400);
        traffic.sends(&mut line, SERVER, SYN | ACK, &[]);
        traffic.sends(&mut line, CLIENT, ACK, &[]);
    });
}

/// Ports that are used again at once.
fn on_the_same_ports(traffic: &mut Traffic, count: u32) {
    each(traffic, count, |traffic, number| {
        let mut line = Line {
            client: 0,
            next: [number << 16; 2],
        };
        traffic.sends(&mut line, CLIENT, SYN, &[]);
        traffic.sends(&mut line, SERVER, SYN | ACK, &[]);
        traffic.sends(&mut line, CLIENT, ACK, &[]);
        traffic.sends(&mut line, CLIENT, RST, &[]);
    });
}

fn kept_alive(traffic: &mut Traffic, count: u32) {
    each(traffic, count, |traffic, client| {
        let mut line = traffic.opens(client);
        traffic.sends(&mut line, CLIENT, ACK, &[0xa5; 5000]);
        traffic.sends(&mut line, SERVER, ACK, &[0xa5; 5000]);
        for _ in 0..12 {
            let probe = line.next[CLIENT].wrapping_sub(1);
            traffic.at(&line, CLIENT, ACK, probe, &[]);
            traffic.sends(&mut line, SERVER, ACK, &[]);
        }
    });
}

/// Beside what is stored for every segment: that so many of a connection's have more to say.
fn with_facts(octets: f64, segments: f64) -> Unit {
    let octets = octets + segments * (OF_A_SEGMENT_WITH_FACTS - OF_A_SEGMENT);
    Unit::Connection { octets }
}

pub fn patterns() -> Vec<Pattern> {
    let half_open = Unit::Connection {
        octets: OF_A_HALF_OPEN_CONNECTION,
    };
    let midway = Unit::Connection {
        octets: OF_A_CONNECTION,
    };
    // The handshake ACK has more to say, and so do requests and responses.
    let open = with_facts(OF_A_CONNECTION, 1.0);
    let undecided = with_facts(OF_AN_UNDECIDED_CONNECTION, 1.0);
    let read = with_facts(OF_A_CONNECTION_THAT_IS_READ, 3.0);
    let closed_unit = with_facts(OF_A_CLOSED_CONNECTION, 3.0);
    // Octets of twenty segments wait for those before them.
    let waiting = |octets| Unit::Connection {
        octets: 20.0 * (octets + 64.0) + OF_A_CONNECTION_THAT_IS_READ,
    };
    // So have probes and answers.
    let probed = with_facts(OF_A_CONNECTION, 25.0);
    let pattern = |name, unit, instructions, make| Pattern {
        name,
        unit,
        instructions,
        count: 10_000,
        make,
    };
    vec![
        pattern("SYNs that nobody answers", half_open, 3_000, syns),
        pattern("SYNs of IPv6 that nobody answers", half_open, 3_500, syns_of_ipv6),
        pattern("SYNs on the same ports", half_open, 6_000, syns_on_the_same_ports),
        pattern("SYNs with 1,400 octets", half_open, 8_000, syns_with_octets),
        pattern("RSTs midway", midway, 3_500, resets_midway),
        pattern("acknowledgements midway", midway, 4_000, acknowledgements_midway),
        pattern("single octets midway", undecided, 9_000, single_octets_midway),
        pattern(
            "single octets that may be HTTP midway",
            undecided,
            7_500,
            single_octets_of_http_midway,
        ),
        pattern("openings", open, 3_500, openings),
        pattern("openings and an octet", undecided, 4_500, openings_and_an_octet),
        pattern("openings and octets that nobody knows", open, 4_000, unknown_octets),
        pattern("openings and an HTTP request", read, 6_000, openings_and_a_request),
        pattern(
            "openings and half an HTTP request",
            read,
            5_500,
            openings_and_half_a_request,
        ),
        pattern(
            "openings, an HTTP request and its response",
            read,
            6_500,
            openings_and_http,
        ),
        pattern("openings and a Client Hello", read, 5_500, openings_and_a_hello),
        pattern("openings and TLS", read, 5_500, openings_and_tls),
        pattern("openings and twenty holes", waiting(48.0), 5_000, openings_and_holes),
        pattern(
            "openings and twenty segments backwards",
            waiting(1_400.0),
            5_500,
            openings_and_requests_out_of_order,
        ),
        pattern("closed, 241 s later", closed_unit, 5_500, closed),
        pattern("closed with TLS, 241 s later", closed_unit, 5_500, closed_tls),
        pattern(
            "closed behind one that ended in 2106",
            closed_unit,
            5_500,
            closed_behind_2106,
        ),
        pattern(
            "closed while the clock goes backwards",
            closed_unit,
            3_500,
            closed_backwards,
        ),
        pattern("refused, 241 s later", closed_unit, 4_500, refused),
        pattern("refused with 1,400 octets in the SYN", open, 8_500, refused_with_octets),
        pattern(
            "openings that leave the SYN's octets",
            open,
            7_000,
            openings_that_leave_octets,
        ),
        pattern("the same ports again and again", closed_unit, 3_500, on_the_same_ports),
        pattern("openings and keep-alives", probed, 3_000, kept_alive),
    ]
}
