//! T12, G7: decrypted records that begin in one segment and end in another, wherever they are cut.

use super::build::*;
use super::plaintext::*;
use super::*;
use crate::tls::{Cause, ContentType};

const HANDSHAKE: ContentType = ContentType::HANDSHAKE;
const DATA: ContentType = ContentType::APPLICATION_DATA;

/// The plaintext of a record.
type Plain = (ContentType, Vec<u8>);
/// A record, and what is in it where keys open it.
type Opened = (Vec<u8>, Option<Plain>);

/// What one side sends, in records.
#[derive(Clone, Debug)]
struct Records {
    direction: Direction,
    records: Vec<Opened>,
    end: Option<End>,
}

impl Records {
    fn fin(mut self) -> Records {
        self.end = Some(End::Fin);
        self
    }
}

fn of_client(records: &[Opened]) -> Records {
    Records { direction: Forth, records: records.to_vec(), end: None }
}

fn of_server(records: &[Opened]) -> Records {
    Records { direction: Back, records: records.to_vec(), end: None }
}

/// A record in clear.
fn in_clear(octets: Vec<u8>) -> Opened {
    (octets, None)
}

/// A record of TLS 1.3, opened.
fn opened(content: ContentType, plain: Vec<u8>) -> Opened {
    (sealed(plain.len() + 17), Some((content, plain)))
}

/// A record of TLS 1.2, opened.
fn opened_12(content: ContentType, plain: Vec<u8>) -> Opened {
    (protected(content.0, plain.len() + 24), Some((content, plain)))
}

/// A Change Cipher Spec, and a Finished of TLS 1.2, opened.
fn finish_opened() -> [Opened; 2] {
    [in_clear(change_cipher_spec()), opened_12(HANDSHAKE, message(20, &[1; 12]))]
}

/// Tells what one side sends, cut before these offsets; each record is opened where it ends.
fn tell_records(tls: &mut Tls, sent: &Records, time: Time, cuts: &[usize]) -> Findings {
    let octets: Vec<u8> = sent.records.iter().flat_map(|(octets, _)| octets.clone()).collect();
    let mut ends = 0;
    let ends: Vec<(usize, Option<Plain>)> = sent
        .records
        .iter()
        .map(|(octets, plain)| {
            ends += octets.len();
            (ends, plain.clone())
        })
        .collect();
    let mut together = Findings::default();
    let mut from = 0;
    for to in cuts.iter().copied().chain([octets.len()]) {
        let end = sent.end.filter(|_| to == octets.len());
        let turn = Turn { direction: sent.direction, octets: octets[from..to].to_vec(), end, crosses: false };
        let within = ends.iter().filter(|(at, _)| from < *at && *at <= to);
        let plain: Vec<Plain> = within.filter_map(|(_, plain)| plain.clone()).collect();
        join(&mut together, &tell_opened(tls, &turn, time, &plain).1);
        from = to;
    }
    together
}

/// Tells a conversation with its segments whole, and cut at each offset: what it comes to is the same.
#[track_caller]
fn talk_opened(sent: &[Records]) -> (Tls, Vec<Findings>) {
    let talk_cut = |cut: &dyn Fn(usize) -> Vec<usize>| {
        let mut tls = Tls::new();
        let told = sent.iter().enumerate().map(|(at, sent)| tell_records(&mut tls, sent, at as Time * PAUSE, &cut(at)));
        let found: Vec<Findings> = told.collect();
        (tls, found)
    };
    let length = |at: usize| sent[at].records.iter().map(|(octets, _)| octets.len()).sum::<usize>();
    let (tls, whole) = talk_cut(&|_| Vec::new());
    let same = |(tls_now, found): (Tls, Vec<Findings>), how: &str| {
        assert_eq!(tls_now.is_handshaking(), tls.is_handshaking(), "{how}");
        for (turn, (part, whole)) in found.iter().zip(&whole).enumerate() {
            let how = format!("turn {turn}, {how}");
            assert_eq!((part.complete, part.truncated), (whole.complete, whole.truncated), "{how}");
            assert_eq!((part.resumed, part.version), (whole.resumed, whole.version), "{how}");
            let blame = |findings: &Findings| findings.failure.map(|failure| (failure.by, failure.cause));
            assert_eq!((blame(part), part.rejected), (blame(whole), whole.rejected), "{how}");
        }
    };
    for split in 0..sent.len() {
        for offset in 1..length(split) {
            let cut = |at: usize| if at == split { vec![offset] } else { Vec::new() };
            same(talk_cut(&cut), &format!("turn {split} split at {offset}"));
        }
    }
    same(talk_cut(&|at| (1..length(at)).collect()), "octet by octet");
    (tls, whole)
}

/// A handshake of TLS 1.2.
fn handshake_12() -> Vec<Records> {
    let client_key_exchange = in_clear(handshake(16, 33));
    vec![
        of_client(&[in_clear(client_hello(&[]))]),
        of_server(&[in_clear(server_flight())]),
        of_client(&[&[client_key_exchange][..], &finish_opened()].concat()),
        of_server(&finish_opened()),
    ]
}

/// A handshake of TLS 1.3 as far as the server's Finished.
fn server_finished_13() -> Vec<Records> {
    let flight = [message(8, &[0, 0]), message(11, &[1; 60]), message(15, &[2; 30]), message(20, &[3; 32])].concat();
    vec![
        of_client(&[in_clear(client_hello(&[]))]),
        of_server(&[in_clear(server_hello_13(AES_128_GCM_SHA256, false)), opened(HANDSHAKE, flight)]),
    ]
}

fn finished_13() -> Opened {
    opened(HANDSHAKE, message(20, &[1; 32]))
}

#[test]
fn t12_a_renegotiation_resumes_wherever_its_server_hello_is_cut() {
    let hello = server_hello()[5..].to_vec();
    let mut sent = handshake_12();
    sent.extend([
        of_client(&[opened_12(HANDSHAKE, client_hello_message(&[]))]),
        of_server(&[&[opened_12(HANDSHAKE, hello)][..], &finish_opened()].concat()),
        of_client(&finish_opened()),
    ]);
    let (_, found) = talk_opened(&sent);
    assert_eq!((found[5].resumed, found[6].complete), (Some(true), true));
}

#[test]
fn t12_a_renegotiation_is_refused_wherever_its_client_hello_is_cut() {
    let refusal = opened_12(ContentType::ALERT, vec![1, 100]);
    for request in [Vec::new(), vec![of_server(&[opened_12(HANDSHAKE, message(0, &[]))])]] {
        let hello = of_client(&[opened_12(HANDSHAKE, client_hello_message(&[]))]);
        let refused = of_server(std::slice::from_ref(&refusal));
        let sent = [handshake_12(), request, vec![hello, refused]].concat();
        assert!(!talk_opened(&sent).0.is_handshaking());
    }
}

#[test]
fn t12_a_ticket_over_segments_owes_no_close_notify() {
    let ticket = opened(HANDSHAKE, message(4, &[1; 200]));
    let mut sent = server_finished_13();
    sent.extend([of_client(&[finished_13()]), of_server(&[ticket]).fin()]);
    assert!(!talk_opened(&sent).1[3].truncated);
    let data = opened(DATA, vec![1; 200]);
    sent[3] = of_server(&[data]).fin();
    assert!(talk_opened(&sent).1[3].truncated);
}

#[test]
fn t12_a_client_certificate_over_segments_is_no_finished() {
    let certificate = opened(HANDSHAKE, message(11, &[1; 200]));
    let mut sent = server_finished_13();
    sent.extend([of_client(&[certificate]), of_server(&[]).fin()]);
    let (_, found) = talk_opened(&sent);
    assert_eq!(found[3].failure.map(|failure| (failure.by, failure.cause)), Some((Back, Cause::Fin)));
}

#[test]
fn t12_early_data_over_segments_end_where_they_end() {
    let extensions = [message(8, &[&[0, 4][..], &early_data()].concat()), message(20, &[1; 32])].concat();
    let end = opened(HANDSHAKE, message(5, &[]));
    // The second is as long as an End Of Early Data.
    let data = [opened(DATA, vec![1; 100]), opened(DATA, vec![1; 4])];
    let (tls, found) = talk_opened(&[
        of_client(&[in_clear(client_hello(&[early_data()])), data[0].clone()]),
        of_server(&[in_clear(server_hello_13(AES_128_GCM_SHA256, true))]),
        of_client(&data),
        of_server(&[opened(HANDSHAKE, extensions)]),
        of_client(&data),
        of_client(&[end, finished_13()]),
    ]);
    assert!(found[5].complete && !tls.is_handshaking());
    assert_eq!(words(&found[4]), "TLS Early Data");
}
