//! Many segments in few connections.

use super::connections::{hello, record, REQUEST, RESPONSE};
use super::{Line, Pattern, Traffic, Unit, CLIENT, OF_A_SEGMENT, OF_A_SEGMENT_WITH_FACTS, SERVER};
use crate::segment::{ACK, FIN, RST, SYN};

const SECOND: i64 = 1_000_000_000;

/// In one connection.
fn one(traffic: &mut Traffic, count: u32, segment: impl Fn(&mut Traffic, &mut Line, u32)) {
    let mut line = traffic.opens(0);
    (0..count).for_each(|number| segment(traffic, &mut line, number));
}

/// In one connection that has begun so.
fn after(traffic: &mut Traffic, count: u32, begins: &[(usize, &[u8])], segment: impl Fn(&mut Traffic, &mut Line, u32)) {
    let mut line = traffic.opens(0);
    for (from, octets) in begins {
        traffic.sends(&mut line, *from, ACK, octets);
    }
    (0..count).for_each(|number| segment(traffic, &mut line, number));
}

fn acknowledgements(traffic: &mut Traffic, count: u32) {
    one(traffic, count, |traffic, line, _| {
        traffic.sends(line, CLIENT, ACK, &[]);
    });
}

fn body(traffic: &mut Traffic, count: u32) {
    let head = b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n";
    after(
        traffic,
        count,
        &[(CLIENT, REQUEST), (SERVER, head)],
        |traffic, line, _| {
            traffic.sends(line, SERVER, ACK, &[b'x'; 1400]);
        },
    );
}

fn body_in_single_octets(traffic: &mut Traffic, count: u32) {
    let head = b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n";
    after(
        traffic,
        count,
        &[(CLIENT, REQUEST), (SERVER, head)],
        |traffic, line, _| {
            traffic.sends(line, SERVER, ACK, b"x");
        },
    );
}

fn unknown_single_octets(traffic: &mut Traffic, count: u32) {
    one(traffic, count, |traffic, line, _| {
        traffic.sends(line, CLIENT, ACK, &[0xa5]);
    });
}

fn chunks_of_single_octets(traffic: &mut Traffic, count: u32) {
    let head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    after(
        traffic,
        count,
        &[(CLIENT, REQUEST), (SERVER, head)],
        |traffic, line, number| {
            let octet = b"1\r\nx\r\n"[number as usize % 6];
            traffic.sends(line, SERVER, ACK, &[octet]);
        },
    );
}

fn many_chunks(traffic: &mut Traffic, count: u32) {
    let head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    after(
        traffic,
        count,
        &[(CLIENT, REQUEST), (SERVER, head)],
        |traffic, line, _| {
            traffic.sends(line, SERVER, ACK, &b"1\r\nx\r\n".repeat(200));
        },
    );
}

fn endless_request_line(traffic: &mut Traffic, count: u32) {
    after(traffic, count, &[(CLIENT, b"GET /")], |traffic, line, _| {
        traffic.sends(line, CLIENT, ACK, &[b'a'; 1400]);
    });
}

fn endless_field_line(traffic: &mut Traffic, count: u32) {
    after(
        traffic,
        count,
        &[(CLIENT, b"GET / HTTP/1.1\r\nX: ")],
        |traffic, line, _| {
            traffic.sends(line, CLIENT, ACK, &[b'a'; 1400]);
        },
    );
}

fn endless_field_line_in_single_octets(traffic: &mut Traffic, count: u32) {
    after(
        traffic,
        count,
        &[(CLIENT, b"GET / HTTP/1.1\r\nX: ")],
        |traffic, line, _| {
            traffic.sends(line, CLIENT, ACK, b"a");
        },
    );
}

fn endless_field_section(traffic: &mut Traffic, count: u32) {
    after(
        traffic,
        count,
        &[(CLIENT, b"GET / HTTP/1.1\r\n")],
        |traffic, line, _| {
            traffic.sends(line, CLIENT, ACK, &b"Connection: a,b\r\n".repeat(80));
        },
    );
}

fn endless_chunk_line(traffic: &mut Traffic, count: u32) {
    let head = b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1;";
    after(traffic, count, &[(CLIENT, head)], |traffic, line, _| {
        traffic.sends(line, CLIENT, ACK, &[b'a'; 1400]);
    });
}

fn endless_smtp_line(traffic: &mut Traffic, count: u32) {
    after(traffic, count, &[(SERVER, b"220 mail ESMTP ")], |traffic, line, _| {
        traffic.sends(line, SERVER, ACK, &[b'a'; 1400]);
    });
}

fn smtp_commands(traffic: &mut Traffic, count: u32) {
    after(
        traffic,
        count,
        &[(SERVER, b"220 mail ESMTP\r\n")],
        |traffic, line, number| {
            let (from, octets): (usize, &[u8]) = match number % 2 {
                0 => (CLIENT, b"NOOP\r\n"),
                _ => (SERVER, b"250 OK\r\n"),
            };
            traffic.sends(line, from, ACK, octets);
        },
    );
}

fn empty_lines(traffic: &mut Traffic, count: u32) {
    after(
        traffic,
        count,
        &[(CLIENT, REQUEST), (SERVER, RESPONSE)],
        |traffic, line, _| {
            traffic.sends(line, CLIENT, ACK, &b"\r\n".repeat(700));
        },
    );
}

fn requests_and_responses(traffic: &mut Traffic, count: u32) {
    one(traffic, count, |traffic, line, number| {
        let (from, octets) = if number % 2 == 0 {
            (CLIENT, REQUEST)
        } else {
            (SERVER, RESPONSE)
        };
        traffic.sends(line, from, ACK, octets);
    });
}

const SHORT: &[u8] = b"GET / HTTP/1.1\r\n\r\n";

fn pipelined(traffic: &mut Traffic, count: u32) {
    one(traffic, count, |traffic, line, number| {
        let (from, octets) = match number % 2 {
            0 => (CLIENT, SHORT.repeat(40)),
            _ => (SERVER, b"HTTP/1.1 204 No\r\n\r\n".repeat(40)),
        };
        traffic.sends(line, from, ACK, &octets);
    });
}

fn pipelined_without_responses(traffic: &mut Traffic, count: u32) {
    one(traffic, count, |traffic, line, _| {
        traffic.sends(line, CLIENT, ACK, &SHORT.repeat(40));
    });
}

fn responses_without_requests(traffic: &mut Traffic, count: u32) {
    one(traffic, count, |traffic, line, _| {
        traffic.sends(line, SERVER, ACK, &b"HTTP/1.1 204 No\r\n\r\n".repeat(40));
    });
}

fn interim_responses(traffic: &mut Traffic, count: u32) {
    after(traffic, count, &[(CLIENT, REQUEST)], |traffic, line, _| {
        traffic.sends(line, SERVER, ACK, &b"HTTP/1.1 103 Early Hints\r\n\r\n".repeat(40));
    });
}

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";
const SETTINGS: &[u8] = b"\0\0\0\x04\0\0\0\0\0";

fn streams(traffic: &mut Traffic, count: u32) {
    after(
        traffic,
        count,
        &[(CLIENT, PREFACE), (SERVER, SETTINGS)],
        |traffic, line, number| {
            let mut octets = Vec::new();
            for place in 0..40 {
                octets.extend_from_slice(b"\0\0\x01\x01\x04");
                octets.extend_from_slice(&((number * 40 + place) * 2 + 1).to_be_bytes());
                octets.push(0x82);
            }
            traffic.sends(line, CLIENT, ACK, &octets);
        },
    );
}

fn http2_pings(traffic: &mut Traffic, count: u32) {
    after(
        traffic,
        count,
        &[(CLIENT, PREFACE), (SERVER, SETTINGS)],
        |traffic, line, number| {
            let (from, flags) = if number % 2 == 0 { (CLIENT, 0) } else { (SERVER, 1) };
            let mut octets = vec![0, 0, 8, 6, flags, 0, 0, 0, 0];
            octets.extend_from_slice(&u64::from(number / 2).to_be_bytes());
            traffic.time += 5 * SECOND;
            traffic.sends(line, from, ACK, &octets);
        },
    );
}

fn http2_pings_without_answers(traffic: &mut Traffic, count: u32) {
    after(
        traffic,
        count,
        &[(CLIENT, PREFACE), (SERVER, SETTINGS)],
        |traffic, line, number| {
            let mut octets = vec![0, 0, 8, 6, 0, 0, 0, 0, 0];
            octets.extend_from_slice(&u64::from(number).to_be_bytes());
            traffic.time += 5 * SECOND;
            traffic.sends(line, CLIENT, ACK, &octets.repeat(40));
        },
    );
}

const UPGRADE: &[u8] = b"GET / HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";
const SWITCHES: &[u8] = b"HTTP/1.1 101 Switching\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";

fn websocket_pings(traffic: &mut Traffic, count: u32) {
    after(
        traffic,
        count,
        &[(CLIENT, UPGRADE), (SERVER, SWITCHES)],
        |traffic, line, number| {
            traffic.time += 5 * SECOND;
            match number % 2 {
                0 => traffic.sends(line, SERVER, ACK, &[0x89, 0]),
                _ => traffic.sends(line, CLIENT, ACK, &[0x8a, 0x80, 1, 2, 3, 4]),
            }
        },
    );
}

fn websocket_fragments(traffic: &mut Traffic, count: u32) {
    after(
        traffic,
        count,
        &[(CLIENT, UPGRADE), (SERVER, SWITCHES)],
        |traffic, line, _| {
            traffic.sends(line, SERVER, ACK, &[0x01, 0].repeat(700));
        },
    );
}

/// A CONNECT of MQTT 3.1.1, and the CONNACK for it.
const CONNECT: &[u8] = b"\x10\x0e\0\x04MQTT\x04\x02\0\x05\0\x02ab";
const CONNACK: &[u8] = b"\x20\x02\0\0";

fn mqtt_pings(traffic: &mut Traffic, count: u32) {
    after(
        traffic,
        count,
        &[(CLIENT, CONNECT), (SERVER, CONNACK)],
        |traffic, line, number| {
            traffic.time += 5 * SECOND;
            match number % 2 {
                0 => traffic.sends(line, CLIENT, ACK, &[0xc0, 0]),
                _ => traffic.sends(line, SERVER, ACK, &[0xd0, 0]),
            }
        },
    );
}

fn mqtt_messages(traffic: &mut Traffic, count: u32) {
    after(
        traffic,
        count,
        &[(CLIENT, CONNECT), (SERVER, CONNACK)],
        |traffic, line, _| {
            traffic.sends(line, SERVER, ACK, &[0x30, 2, 0, 0].repeat(350));
        },
    );
}

fn records(traffic: &mut Traffic, count: u32, octets: &[u8]) {
    let server = [hello(2), record(23, &[0; 1000])].concat();
    let (client, finished) = (hello(1), record(23, &[0; 53]));
    let begins: [(usize, &[u8]); 4] = [
        (CLIENT, &client),
        (SERVER, &server),
        (CLIENT, &finished),
        (CLIENT, &record(23, &[0; 100])),
    ];
    after(traffic, count, &begins, |traffic, line, _| {
        traffic.sends(line, SERVER, ACK, octets);
    });
}

fn tls_records(traffic: &mut Traffic, count: u32) {
    records(traffic, count, &record(23, &[0; 1395]));
}

fn small_tls_records(traffic: &mut Traffic, count: u32) {
    records(traffic, count, &record(23, &[0; 20]).repeat(56));
}

fn tls_records_in_single_octets(traffic: &mut Traffic, count: u32) {
    records(traffic, count, &[23]);
}

fn tls_records_that_a_filter_drops(traffic: &mut Traffic, count: u32) {
    traffic.dropped = true;
    tls_records(traffic, count);
}

fn tls_alerts(traffic: &mut Traffic, count: u32) {
    records(traffic, count, &record(23, &[0; 19]));
}

fn tls_heartbeats(traffic: &mut Traffic, count: u32) {
    let (client, server) = (hello(1), hello(2));
    after(
        traffic,
        count,
        &[(CLIENT, &client), (SERVER, &server)],
        |traffic, line, number| {
            traffic.time += 5 * SECOND;
            traffic.sends(line, number as usize % 2, ACK, &record(24, &[1 + number as u8 % 2; 40]));
        },
    );
}

fn hellos(traffic: &mut Traffic, count: u32) {
    one(traffic, count, |traffic, line, _| {
        traffic.sends(line, CLIENT, ACK, &hello(1));
    });
}

fn empty_handshake_messages(traffic: &mut Traffic, count: u32) {
    let (client, server) = (hello(1), hello(2));
    after(
        traffic,
        count,
        &[(CLIENT, &client), (SERVER, &server)],
        |traffic, line, _| {
            traffic.sends(line, SERVER, ACK, &record(22, &[0; 4]).repeat(150));
        },
    );
}

fn empty_records(traffic: &mut Traffic, count: u32) {
    let (client, server) = (hello(1), hello(2));
    after(
        traffic,
        count,
        &[(CLIENT, &client), (SERVER, &server)],
        |traffic, line, _| {
            traffic.sends(line, SERVER, ACK, &record(23, &[]).repeat(280));
        },
    );
}

fn endless_certificate(traffic: &mut Traffic, count: u32) {
    let (client, server) = (hello(1), hello(2));
    let begins = record(22, &[11, 0xff, 0xff, 0xff]);
    after(
        traffic,
        count,
        &[(CLIENT, &client), (SERVER, &server), (SERVER, &begins)],
        |traffic, line, _| {
            traffic.sends(line, SERVER, ACK, &record(22, &[0; 1395]));
        },
    );
}

fn holes(traffic: &mut Traffic, count: u32) {
    one(traffic, count, |traffic, line, _| {
        line.next[SERVER] = line.next[SERVER].wrapping_add(10);
        traffic.sends(line, SERVER, ACK, &[0xa5; 10]);
    });
}

fn holes_in_http(traffic: &mut Traffic, count: u32) {
    after(traffic, count, &[(CLIENT, REQUEST)], |traffic, line, _| {
        line.next[SERVER] = line.next[SERVER].wrapping_add(10);
        traffic.sends(line, SERVER, ACK, &[b'a'; 1400]);
    });
}

/// A stride without a common divisor visits every place of a block once, in no order.
fn out_of_order(traffic: &mut Traffic, count: u32) {
    after(traffic, count, &[(CLIENT, REQUEST)], |traffic, line, number| {
        let (block, place) = (number / 1_009, number * 389 % 1_009);
        traffic.at(
            line,
            SERVER,
            ACK,
            line.next[SERVER].wrapping_add((block * 1_009 + place) * 10),
            &[b'a'; 10],
        );
    });
}

fn anywhere(traffic: &mut Traffic, count: u32) {
    one(traffic, count, |traffic, line, number| {
        traffic.at(line, SERVER, ACK, number.wrapping_mul(0x9e37_79b9), &[0xa5; 10]);
    });
}

fn the_same_octets_again(traffic: &mut Traffic, count: u32) {
    after(traffic, count, &[(CLIENT, REQUEST)], |traffic, line, _| {
        traffic.time += SECOND;
        traffic.at(
            line,
            CLIENT,
            ACK,
            line.next[CLIENT].wrapping_sub(REQUEST.len() as u32),
            REQUEST,
        );
    });
}

fn overlapping(traffic: &mut Traffic, count: u32) {
    after(traffic, count, &[(CLIENT, REQUEST)], |traffic, line, number| {
        traffic.at(
            line,
            CLIENT,
            ACK,
            line.next[CLIENT].wrapping_add(number * 3),
            &[b'a'; 40],
        );
    });
}

fn probe(traffic: &mut Traffic, line: &Line, octets: &[u8]) {
    traffic.time += 10 * SECOND;
    traffic.at(line, CLIENT, ACK, line.next[CLIENT].wrapping_sub(1), octets);
}

fn probes(traffic: &mut Traffic, count: u32) {
    after(
        traffic,
        count,
        &[(CLIENT, &[0xa5; 10]), (SERVER, &[0xa5; 10])],
        |traffic, line, number| match number % 2 {
            0 => probe(traffic, line, &[]),
            _ => traffic.sends(line, SERVER, ACK, &[]),
        },
    );
}

fn probes_of_an_octet(traffic: &mut Traffic, count: u32) {
    after(
        traffic,
        count,
        &[(CLIENT, &[0xa5; 10]), (SERVER, &[0xa5; 10])],
        |traffic, line, number| match number % 2 {
            0 => probe(traffic, line, &[0]),
            _ => traffic.sends(line, SERVER, ACK, &[]),
        },
    );
}

fn probes_without_answers(traffic: &mut Traffic, count: u32) {
    after(
        traffic,
        count,
        &[(CLIENT, &[0xa5; 10]), (SERVER, &[0xa5; 10])],
        |traffic, line, _| {
            probe(traffic, line, &[]);
        },
    );
}

fn synchronizations(traffic: &mut Traffic, count: u32) {
    (0..count).for_each(|_| {
        traffic.time += SECOND;
        traffic.sends(&mut Line::new(0), CLIENT, SYN, &[]);
    });
}

fn synchronizations_acknowledged_again(traffic: &mut Traffic, count: u32) {
    one(traffic, count, |traffic, line, _| {
        traffic.time += SECOND;
        traffic.at(line, SERVER, SYN | ACK, line.next[SERVER].wrapping_sub(1), &[]);
    });
}

fn resets(traffic: &mut Traffic, count: u32) {
    one(traffic, count, |traffic, line, _| {
        traffic.sends(line, CLIENT, RST, &[]);
    });
}

fn resets_beyond_the_window(traffic: &mut Traffic, count: u32) {
    one(traffic, count, |traffic, line, _| {
        traffic.at(line, CLIENT, RST, line.next[CLIENT].wrapping_add(1 << 31), &[]);
    });
}

fn refusals(traffic: &mut Traffic, count: u32) {
    (0..count).for_each(|number| {
        let mut line = Line::new(0);
        traffic.time += SECOND;
        traffic.sends(&mut line, CLIENT, SYN, &[]);
        if number % 2 == 1 {
            traffic.sends(&mut line, SERVER, RST | ACK, &[]);
        }
    });
}

fn finishes(traffic: &mut Traffic, count: u32) {
    one(traffic, count, |traffic, line, _| {
        traffic.time += SECOND;
        traffic.at(line, CLIENT, ACK | FIN, line.next[CLIENT], &[]);
    });
}

fn finishes_anywhere(traffic: &mut Traffic, count: u32) {
    one(traffic, count, |traffic, line, number| {
        traffic.at(
            line,
            CLIENT,
            ACK | FIN,
            line.next[CLIENT].wrapping_add(number % 60_000),
            &[],
        );
    });
}

fn strays(traffic: &mut Traffic, count: u32) {
    let mut line = traffic.opens(0);
    traffic.sends(&mut line, CLIENT, RST, &[]);
    (0..count).for_each(|number| {
        traffic.sends(&mut line, number as usize % 2, ACK, &[0xa5; 100]);
    });
}

fn windows(traffic: &mut Traffic, count: u32) {
    one(traffic, count, |traffic, line, number| {
        let acknowledgement = line.next[CLIENT].wrapping_sub(number);
        traffic.segment(line.client, SERVER, ACK, (line.next[SERVER], acknowledgement), &[]);
    });
}

pub fn patterns() -> Vec<Pattern> {
    let plain = Unit::Segment { octets: OF_A_SEGMENT };
    let facts = Unit::Segment {
        octets: OF_A_SEGMENT_WITH_FACTS,
    };
    let pattern = |name, unit, instructions, make| Pattern {
        name,
        unit,
        instructions,
        count: 24_576,
        make,
    };
    let heavy = |name, unit, instructions, make| Pattern {
        name,
        unit,
        instructions,
        count: 4_096,
        make,
    };
    vec![
        pattern("acknowledgements", plain, 1_000, acknowledgements),
        pattern("acknowledgements that go backwards", plain, 2_500, windows),
        pattern("a body", plain, 3_500, body),
        pattern("a body in single octets", plain, 1_500, body_in_single_octets),
        pattern("single octets that nobody knows", plain, 3_000, unknown_single_octets),
        pattern("chunks in single octets", plain, 3_500, chunks_of_single_octets),
        heavy("200 chunks in a segment", plain, 180_000, many_chunks),
        pattern("an endless request line", facts, 8_500, endless_request_line),
        pattern("an endless field line", facts, 6_500, endless_field_line),
        pattern(
            "an endless field line in single octets",
            facts,
            4_000,
            endless_field_line_in_single_octets,
        ),
        heavy("an endless field section", facts, 130_000, endless_field_section),
        pattern("an endless chunk line", facts, 6_000, endless_chunk_line),
        pattern("an endless line of SMTP", plain, 4_000, endless_smtp_line),
        pattern("commands of SMTP", plain, 1_500, smtp_commands),
        heavy("700 empty lines in a segment", plain, 18_000, empty_lines),
        pattern("requests and responses", facts, 7_500, requests_and_responses),
        pattern(
            "40 requests in a segment, and their responses",
            facts,
            99_000,
            pipelined,
        ),
        pattern("40 requests in a segment", facts, 89_000, pipelined_without_responses),
        pattern("40 responses in a segment", facts, 110_000, responses_without_requests),
        pattern("40 interim responses in a segment", facts, 91_000, interim_responses),
        heavy("40 streams of HTTP/2 in a segment", plain, 29_000, streams),
        pattern("PINGs of HTTP/2", facts, 6_000, http2_pings),
        pattern(
            "40 PINGs of HTTP/2 in a segment",
            facts,
            37_000,
            http2_pings_without_answers,
        ),
        pattern("pings of WebSocket", facts, 5_500, websocket_pings),
        heavy(
            "700 fragments of WebSocket in a segment",
            plain,
            420_000,
            websocket_fragments,
        ),
        pattern("pings of MQTT", facts, 5_500, mqtt_pings),
        heavy("350 messages of MQTT in a segment", plain, 220_000, mqtt_messages),
        pattern("TLS records", plain, 6_500, tls_records),
        heavy("56 TLS records in a segment", plain, 84_000, small_tls_records),
        pattern(
            "TLS records in single octets",
            plain,
            3_500,
            tls_records_in_single_octets,
        ),
        pattern(
            "TLS records that a read filter drops",
            plain,
            7_000,
            tls_records_that_a_filter_drops,
        ),
        pattern("TLS alerts", facts, 5_500, tls_alerts),
        pattern("heartbeats of TLS", facts, 7_000, tls_heartbeats),
        pattern("Client Hellos", facts, 8_000, hellos),
        heavy(
            "150 empty handshake messages in a segment",
            facts,
            230_000,
            empty_handshake_messages,
        ),
        heavy("280 empty TLS records in a segment", facts, 320_000, empty_records),
        pattern("an endless certificate", facts, 5_000, endless_certificate),
        pattern("holes", plain, 9_000, holes),
        pattern("holes in HTTP", plain, 10_000, holes_in_http),
        pattern("out of order", plain, 8_000, out_of_order),
        pattern("anywhere", plain, 6_000, anywhere),
        pattern("the same octets again", facts, 8_000, the_same_octets_again),
        pattern("octets that overlap", facts, 210_000, overlapping),
        pattern("keep-alives", facts, 3_000, probes),
        pattern("keep-alives of an octet", facts, 3_000, probes_of_an_octet),
        pattern("keep-alives without answers", facts, 3_000, probes_without_answers),
        pattern("the same SYN", facts, 2_000, synchronizations),
        pattern("the same SYN-ACK", facts, 2_500, synchronizations_acknowledged_again),
        pattern("RSTs", facts, 1_500, resets),
        pattern("RSTs beyond the window", facts, 2_000, resets_beyond_the_window),
        pattern("the same refusal", facts, 2_500, refusals),
        pattern("the same FIN", facts, 2_500, finishes),
        pattern("FINs anywhere", facts, 2_500, finishes_anywhere),
        pattern("segments behind an RST", plain, 2_000, strays),
    ]
}
