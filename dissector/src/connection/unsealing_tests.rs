//! T12, K11 and C11 with keys: whole segments, and the plaintext of their records.

use crate::label::label;
use crate::tls::tests::build::*;
use crate::verdict::{Context, Layer, Note, Phase, Step, Summary, Verdict, SECOND};
use crate::{Captured, Classifier, Decrypted};

const FIN: u8 = 1;
const RST: u8 = 4;
const ACK: u8 = 16;
const HANDSHAKE: u8 = 22;
const DATA: u8 = 23;

/// A plaintext: its content type, and itself.
type Plain = (u8, Vec<u8>);

fn data(octets: &[u8]) -> Plain {
    (DATA, octets.to_vec())
}

/// The record of a plaintext in TLS 1.3.
fn seal(plain: &Plain) -> Vec<u8> {
    sealed(plain.1.len() + 17)
}

/// Two sides, the client first.
struct Talk {
    classifier: Classifier,
    next: [u32; 2],
    /// Sequence number of the last segment.
    last: u32,
    frame: u32,
    time: i64,
}

impl Talk {
    /// Opened, with a TLS 1.3 handshake whose hellos are in clear; no record has been decrypted yet.
    fn new() -> Talk {
        let mut talk = Talk { classifier: Classifier::new(), next: [100, 1000], last: 0, frame: 0, time: 0 };
        talk.segment(0, 2, &[]);
        talk.segment(1, 2 | ACK, &[]);
        talk.segment(0, ACK, &[]);
        talk.segment(0, ACK, &client_hello(&[]));
        talk
    }

    /// The handshake is over, all of it decrypted.
    fn connected() -> Talk {
        let mut talk = Talk::new();
        let flight = (HANDSHAKE, [message(8, &[0, 0]), message(11, &[1; 600]), message(20, &[3; 32])].concat());
        let hello = server_hello_13(AES_128_GCM_SHA256, false);
        talk.segment(1, ACK, &[hello, seal(&flight)].concat());
        talk.open(&[flight]);
        let finished = (HANDSHAKE, message(20, &[1; 32]));
        assert_eq!(talk.says(0, &[finished]), "TLS handshake Finished");
        talk
    }

    /// A segment as captured. Returns its label.
    fn segment(&mut self, side: usize, flags: u8, payload: &[u8]) -> String {
        self.frame += 1;
        self.time += SECOND / 100;
        let sequence = self.next[side];
        self.last = sequence;
        let mut octets = vec![0x9c, 0x40, 1, 0xbb, 0, 0, 0, 0, 0, 0, 0, 0, 0x50, flags, 0xff, 0xff, 0, 0, 0, 0];
        if side == 1 {
            octets[..4].copy_from_slice(&[1, 0xbb, 0x9c, 0x40]);
        }
        octets[4..8].copy_from_slice(&sequence.to_be_bytes());
        octets[8..12].copy_from_slice(&self.next[1 - side].to_be_bytes());
        octets.extend_from_slice(payload);
        let ends: [&[u8]; 2] = [&[192, 0, 2, 1], &[198, 51, 100, 2]];
        self.classifier.segment(&Captured {
            frame: self.frame,
            time: Some(self.time),
            source: ends[side],
            destination: ends[1 - side],
            identification: None,
            octets: &octets,
            reported_length: octets.len() as u32,
            quoted: false,
            fragment: false,
        });
        let numbered = if flags & (2 | FIN) != 0 { 1 } else { 0 };
        self.next[side] = sequence.wrapping_add(payload.len() as u32 + numbered);
        label(&self.verdict())
    }

    /// The verdict of the last segment.
    fn verdict(&self) -> Verdict {
        self.classifier.verdict(self.frame, 0, self.last).unwrap()
    }

    /// The last segment completes these records. Returns its verdict.
    fn open(&mut self, records: &[Plain]) -> Verdict {
        let records: Vec<Decrypted> =
            records.iter().map(|(content, octets)| Decrypted { content: *content, octets }).collect();
        assert!(self.classifier.is_sealed());
        self.classifier.plaintext(self.frame, 0, self.last, &records).unwrap();
        self.verdict()
    }

    /// A segment of whole records that are decrypted. Returns its label.
    fn says(&mut self, side: usize, records: &[Plain]) -> String {
        label(&self.tells(side, ACK, records))
    }

    /// The same, with these flags. Returns its verdict.
    fn tells(&mut self, side: usize, flags: u8, records: &[Plain]) -> Verdict {
        let octets: Vec<u8> = records.iter().flat_map(seal).collect();
        self.segment(side, flags, &octets);
        self.open(records)
    }

    fn pause(&mut self) {
        self.time += 5 * SECOND;
    }

    fn summary(&self) -> Summary {
        self.classifier.summary(0).unwrap()
    }
}

const GET: &[u8] = b"GET / HTTP/1.1\r\n\r\n";
const OK: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";

#[test]
fn t12_http_is_read_inside_tls() {
    let mut talk = Talk::connected();
    assert_eq!(talk.says(1, &[(HANDSHAKE, message(4, &[1; 60]))]), "Data New Session Ticket");
    let request = talk.tells(0, ACK, &[data(GET)]);
    assert_eq!((label(&request), request.phase), (String::from("Data HTTP Request #1 GET"), Phase::Data));
    let response = talk.tells(1, ACK, &[data(OK)]);
    assert_eq!(label(&response), "Data HTTP Response #1 200");
    assert_eq!(response.facts().http.request_frame, Some(request.frame));
    assert_eq!(response.facts().http.response_time, Some(SECOND / 100));
    let request = talk.classifier.verdict(request.frame, 0, request.sequence).unwrap();
    assert_eq!(request.facts().http.response_frame, Some(response.frame), "hindsight");
    assert!(!request.inferred && !response.inferred);
    assert_eq!(talk.says(0, &[data(GET)]), "Data HTTP Request #2 GET");
    assert_eq!(talk.summary().messages, 2);
    assert!(talk.summary().tls_time.is_some());
}

#[test]
fn t12_a_record_over_segments_is_decided_by_the_last() {
    let mut talk = Talk::connected();
    talk.says(0, &[data(GET)]);
    let octets = seal(&data(OK));
    assert_eq!(talk.segment(1, ACK, &octets[..30]), "Data TLS Application Data");
    assert!(!talk.classifier.is_sealed());
    talk.segment(1, ACK, &octets[30..]);
    let verdict = talk.open(&[data(OK)]);
    assert_eq!(label(&verdict), "Data HTTP Response #1 200");
    let first = talk.classifier.verdict(talk.frame - 1, 0, verdict.sequence - 30).unwrap();
    assert_eq!(label(&first), "Data TLS Application Data", "earlier segments stay as they were");
}

#[test]
fn t12_a_filled_hole_shows_what_it_completed() {
    let mut talk = Talk::connected();
    talk.says(0, &[data(GET)]);
    let octets = seal(&data(OK));
    let begin = talk.next[1];
    talk.next[1] = begin + 30;
    assert_eq!(talk.segment(1, ACK, &octets[30..]), "Data");
    talk.next[1] = begin;
    talk.segment(1, ACK, &octets[..30]);
    assert_eq!(label(&talk.open(&[data(OK)])), "Data HTTP Response #1 200");
}

#[test]
fn t12_wrong_guesses_are_taken_back() {
    let mut talk = Talk::new();
    let hello = server_hello_13(AES_128_GCM_SHA256, false);
    talk.segment(1, ACK, &[hello, sealed(500)].concat());
    talk.open(&[(HANDSHAKE, [message(8, &[0, 0]), message(11, &[1; 437]), message(20, &[3; 32])].concat())]);
    let certificate = talk.tells(0, ACK, &[(HANDSHAKE, message(11, &[1; 32]))]);
    assert_eq!(label(&certificate), "TLS handshake Certificate");
    assert!(!certificate.facts().tls.complete && certificate.facts().tls.time.is_none());
    assert_eq!(talk.summary().tls_time, None);
    let finished = talk.tells(0, ACK, &[(HANDSHAKE, message(20, &[1; 32]))]);
    assert!(finished.facts().tls.complete && !finished.inferred);
    assert_eq!(talk.summary().tls_time, finished.facts().tls.time);
}

#[test]
fn t12_without_keys_the_first_verdict_stands() {
    let mut talk = Talk::connected();
    assert_eq!(talk.segment(0, ACK, &sealed(100)), "Data TLS Application Data");
    assert!(talk.classifier.is_sealed());
    assert_eq!(talk.segment(1, ACK, &sealed(19)), "Data TLS Alert?");
    // The keys come late: nobody knows what the request was.
    assert_eq!(talk.says(1, &[data(OK)]), "Data HTTP Response #1 200");
}

#[test]
fn t12_it_comes_before_the_next_segment_of_the_connection() {
    let mut talk = Talk::connected();
    let sequence = talk.next[0];
    talk.segment(0, ACK, &seal(&data(GET)));
    let frame = talk.frame;
    talk.segment(1, ACK, &[]);
    let records = [Decrypted { content: DATA, octets: GET }];
    assert_eq!(talk.classifier.plaintext(frame, 0, sequence, &records), None);
    assert_eq!(label(&talk.classifier.verdict(frame, 0, sequence).unwrap()), "Data TLS Application Data");
}

/// A frame of HTTP/2, of stream 1 if it has one.
fn frame(kind: u8, flags: u8, body: &[u8]) -> Vec<u8> {
    [&[0, 0, body.len() as u8, kind, flags, 0, 0, 0, u8::from(kind < 2)], body].concat()
}

fn preface() -> Vec<u8> {
    [&b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"[..], &frame(4, 0, &[])].concat()
}

/// Connected, with HTTP/2 begun, and then nothing for a while.
fn http2() -> Talk {
    let mut talk = Talk::connected();
    assert_eq!(talk.says(0, &[data(&preface())]), "Data HTTP/2 Frames");
    talk.says(1, &[data(&frame(4, 0, &[]))]);
    talk.pause();
    talk
}

#[test]
fn k9_a_wait_is_told_once_with_keys_too() {
    let mut talk = http2();
    let ping = || [data(&frame(6, 0, &[1; 8]))];
    assert_eq!(talk.tells(0, ACK, &ping()).facts().keep_alive.context, Some(Context::Idle));
    talk.says(1, &[data(&frame(6, 1, &[1; 8]))]);
    talk.says(0, &[data(&frame(1, 5, &[2; 20]))]);
    for first in [true, false] {
        talk.pause();
        let told = talk.tells(0, ACK, &ping());
        assert_eq!(told.facts().keep_alive.context, Some(Context::WaitingForResponse));
        assert_eq!(told.notes().contains(Note::KeepAliveWaiting), first);
        talk.says(1, &[data(&frame(6, 1, &[1; 8]))]);
    }
    talk.says(1, &[data(&frame(1, 5, &[2; 20]))]);
    talk.pause();
    assert_eq!(talk.tells(0, ACK, &ping()).facts().keep_alive.context, Some(Context::Idle));
}

#[test]
fn k11_what_nobody_can_read_may_be_the_answer() {
    let mut talk = http2();
    for _ in 0..2 {
        talk.says(0, &[data(&frame(6, 0, &[1; 8]))]);
        talk.pause();
    }
    assert_eq!(talk.summary().unanswered_max, 2);
    talk.segment(1, ACK, &seal(&data(&frame(6, 1, &[1; 8]))));
    assert_eq!(talk.summary().unanswered_max, 0);
}

#[test]
fn k11_http2_inside_tls_keeps_the_connection_alive() {
    let mut talk = http2();
    let ping = talk.tells(0, ACK, &[data(&frame(6, 0, &[1; 8]))]);
    assert_eq!((label(&ping), ping.phase), (String::from("Keep-alive HTTP/2 PING"), Phase::KeepAlive));
    assert_eq!(ping.facts().keep_alive.layer, Some(Layer::Http2));
    let answer = talk.tells(1, ACK, &[data(&frame(6, 1, &[1; 8]))]);
    assert_eq!(answer.phase, Phase::KeepAlive);
    assert_eq!(answer.facts().keep_alive.probe_frame, Some(ping.frame));
    let ping = talk.classifier.verdict(ping.frame, 0, ping.sequence).unwrap();
    assert_eq!(ping.facts().keep_alive.answer_frame, Some(answer.frame));
    assert_eq!((talk.summary().keep_alives, talk.summary().keep_alives_answered), (1, 1));
    // A record that goes on hides what it is.
    let octets = [seal(&data(&frame(6, 0, &[1; 8]))), sealed(900)[..40].to_vec()].concat();
    talk.segment(0, ACK, &octets);
    assert_eq!(talk.open(&[data(&frame(6, 0, &[1; 8]))]).phase, Phase::Data);
    let mut talk = http2();
    assert_eq!(talk.says(0, &[data(&frame(7, 0, &[0; 8]))]), "Close HTTP/2 GOAWAY");
}

#[test]
fn k11_mqtt_inside_tls() {
    let mut talk = Talk::connected();
    talk.says(0, &[data(b"\x10\x0e\0\x04MQTT\x04\x02\0\x05\0\x02ab")]);
    assert_eq!(talk.says(1, &[data(b"\x20\x02\0\0")]), "Data MQTT CONNACK");
    assert_eq!(talk.says(0, &[data(b"\xc0\0")]), "Keep-alive MQTT PINGREQ");
    assert_eq!(talk.says(1, &[data(b"\xd0\0")]), "Keep-alive MQTT PINGRESP");
    assert_eq!(talk.says(0, &[data(b"\xc0"), data(b"\0")]), "Keep-alive MQTT PINGREQ");
    assert_eq!(talk.says(1, &[data(b"\xd0\0"), data(b"\x30\x02\0\0")]), "Data MQTT PINGRESP, MQTT Packets");
    assert_eq!(talk.says(0, &[data(b"\xe0\0")]), "Close MQTT DISCONNECT");
}

#[test]
fn k11_websocket_inside_tls() {
    let mut talk = Talk::connected();
    talk.says(0, &[data(b"GET / HTTP/1.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n")]);
    let switch = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n";
    assert_eq!(talk.says(1, &[data(switch)]), "Data HTTP Upgrade #1 101");
    talk.pause();
    assert_eq!(talk.says(1, &[data(&[0x89, 0])]), "Keep-alive WebSocket Ping");
    assert_eq!(talk.says(0, &[data(&[0x8a, 0x80, 1, 2, 3, 4])]), "Keep-alive WebSocket Pong");
    assert_eq!(talk.says(0, &[data(&[0x81, 0x81, 1, 2, 3, 4, 5])]), "Data WebSocket Data");
    assert_eq!(talk.says(0, &[data(&[0x88, 0x80, 1, 2, 3, 4])]), "Close WebSocket Close");
}

#[test]
fn t10_tls_inside_tls_is_no_keep_alive() {
    let mut talk = Talk::connected();
    talk.says(0, &[data(b"CONNECT www.example.com:443 HTTP/1.1\r\n\r\n")]);
    assert_eq!(talk.says(1, &[data(b"HTTP/1.1 200 OK\r\n\r\n")]), "Data HTTP Tunnel #1 200");
    assert_eq!(talk.says(0, &[data(&client_hello(&[]))]), "TLS handshake Client Hello");
    assert_eq!(talk.says(1, &[data(&server_hello_13(AES_128_GCM_SHA256, false))]), "TLS handshake Server Hello");
    assert_eq!(talk.says(1, &[data(&sealed(600))]), "TLS handshake Encrypted Handshake");
    assert_eq!(talk.says(0, &[data(&sealed(53))]), "TLS handshake Finished?");
    assert_eq!(talk.says(0, &[data(&sealed(90))]), "Data TLS Application Data");
}

#[test]
fn c11_close_notify_is_certain_and_its_lack_too() {
    let mut talk = Talk::connected();
    talk.says(0, &[data(GET)]);
    talk.says(1, &[data(OK)]);
    let closing = talk.tells(1, ACK, &[(21, vec![1, 0])]);
    assert_eq!((label(&closing), closing.inferred), (String::from("Close TLS close_notify"), false));
    assert_eq!(closing.initiator, None, "the connection closes with its first FIN");
    assert_eq!(talk.segment(1, FIN | ACK, &[]), "Close FIN by server");
    let mut talk = Talk::connected();
    talk.says(0, &[data(GET)]);
    let last = talk.tells(1, FIN | ACK, &[data(OK)]);
    assert_eq!(label(&last), "Close HTTP Response #1 200, FIN by server");
    assert!(last.notes().contains(Note::TlsTruncated));
}

#[test]
fn c11_a_fin_in_the_same_segment_ends_what_is_within_behind_it() {
    let mut talk = Talk::connected();
    talk.says(0, &[data(GET)]);
    let until_close = b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nall of it";
    let closing = (21, vec![1, 0]);
    let last = talk.tells(1, FIN | ACK, &[data(until_close), closing]);
    assert_eq!(last.steps.codes(), [Step::HttpResponse as u8, Step::TlsCloseNotify as u8, Step::Fin as u8]);
    assert!(last.notes().is_empty());
    // The request after it has crossed the FIN.
    talk.says(0, &[data(GET)]);
    talk.segment(1, RST, &[]);
    assert!(talk.verdict().notes().contains(Note::HttpRace));
}

#[test]
fn c11_what_is_said_before_a_fin_does_not_end_the_idle_time() {
    let idle = |talk: &mut Talk| {
        talk.segment(1, ACK | FIN, &[]);
        talk.verdict().facts().close_idle.map(|idle| idle / SECOND)
    };
    let mut talk = Talk::connected();
    talk.says(0, &[data(GET)]);
    talk.pause();
    talk.segment(1, ACK, &sealed(19));
    assert_eq!(talk.summary().max_idle.map(|idle| idle / SECOND), Some(5));
    assert_eq!((idle(&mut talk), talk.summary().end_idle.map(|idle| idle / SECOND)), (Some(5), Some(5)));
    let mut talk = http2();
    talk.says(1, &[data(&frame(7, 0, &[0; 8]))]);
    talk.says(1, &[(21, vec![1, 0])]);
    assert_eq!(idle(&mut talk), Some(5), "with keys");
    let mut talk = http2();
    talk.says(1, &[data(&frame(7, 0, &[0; 8]))]);
    talk.says(1, &[data(&frame(0, 1, &[0; 8]))]);
    assert_eq!(idle(&mut talk), Some(0), "a response follows");
    let mut talk = Talk::connected();
    talk.pause();
    talk.segment(0, ACK | FIN, &seal(&data(&[b'x'; 300])));
    assert_eq!(talk.verdict().facts().close_idle, Some(0), "octets");
    let mut talk = Talk::connected();
    talk.says(0, &[data(GET)]);
    talk.says(1, &[data(OK)]);
    talk.pause();
    talk.segment(1, ACK, &sealed(39));
    talk.time -= SECOND / 100;
    assert_eq!(idle(&mut talk), Some(5), "a GOAWAY that nobody can read");
}

#[test]
fn t4_rejected_early_data_are_sent_again() {
    let mut talk = Talk { classifier: Classifier::new(), next: [100, 1000], last: 0, frame: 0, time: 0 };
    talk.segment(0, 2, &[]);
    talk.segment(1, 2 | ACK, &[]);
    talk.segment(0, ACK, &[]);
    talk.segment(0, ACK, &[client_hello(&[early_data()]), seal(&data(GET))].concat());
    let early = talk.open(&[data(GET)]);
    assert_eq!(early.steps.codes()[1..], [Step::TlsEarlyData as u8, Step::HttpRequest as u8]);
    let flight = (HANDSHAKE, [message(8, &[0, 0]), message(20, &[3; 32])].concat());
    talk.segment(1, ACK, &[server_hello_13(AES_128_GCM_SHA256, true), seal(&flight)].concat());
    talk.open(&[flight]);
    talk.says(0, &[(HANDSHAKE, message(20, &[1; 32]))]);
    assert_eq!(talk.says(0, &[data(GET)]), "Data HTTP Request #1 GET");
}

#[test]
fn what_is_repeated_says_what_was_decrypted() {
    let mut talk = Talk::connected();
    let begin = talk.next[0];
    talk.says(0, &[data(GET)]);
    talk.pause();
    talk.next[0] = begin;
    assert_eq!(talk.segment(0, ACK, &seal(&data(GET))), "Data HTTP Request #1 GET (again)");
    assert!(!talk.classifier.is_sealed());
}

#[test]
fn t4_a_renegotiation_that_resumes_does_not_make_the_first_handshake_resumed() {
    let mut talk = Talk::new();
    talk.segment(1, ACK, &[server_hello(), server_flight()].concat());
    talk.segment(0, ACK, &client_finish());
    assert_eq!(talk.segment(1, ACK, &finish()), "TLS handshake Change Cipher Spec, Finished?");
    let plain = |octets: Vec<u8>| (HANDSHAKE, octets);
    let time = talk.summary().tls_time;
    // Hellos, then the server's Change Cipher Spec: abbreviated.
    talk.segment(0, ACK, &protected(22, 80));
    talk.open(&[plain(client_hello_message(&[]))]);
    talk.segment(1, ACK, &[protected(22, 80), finish()].concat());
    talk.open(&[plain(server_hello()[5..].to_vec()), plain(message(20, &[1; 12]))]);
    talk.segment(0, ACK, &finish());
    talk.open(&[plain(message(20, &[1; 12]))]);
    assert_eq!((talk.summary().tls_time, talk.summary().tls_resumed), (time, false));
    assert!(time.is_some() && !talk.verdict().facts().tls.resumed);
}
