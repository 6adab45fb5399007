//! T12: with keys the decrypted records decide, on the segment in which they end.

use super::build::*;
use super::*;
use crate::tls::{Alert, Alpn, Cause, ContentType, Heartbeat, Plaintext, Within};
use crate::verdict::Step;

const HANDSHAKE: ContentType = ContentType::HANDSHAKE;
const DATA: ContentType = ContentType::APPLICATION_DATA;

/// Tells a segment, and then the records that end in it, decrypted.
pub fn tell_opened(tls: &mut Tls, turn: &Turn, time: Time, records: &[(ContentType, Vec<u8>)]) -> (String, Findings) {
    let mut outcome = Outcome::default();
    let before_fin = turn.end == Some(End::Fin);
    let Turn { direction, octets, .. } = turn;
    tls.octets(&Octets { direction: *direction, captured: octets, missing: 0, time, before_fin }, &mut outcome);
    if let Some(end) = turn.end {
        tls.ends(*direction, end == End::Reset, time, &mut outcome);
    }
    let first = outcome.findings;
    let findings = open(tls, *direction, records, Steps::default()).unwrap_or(first);
    (words(&first), findings)
}

/// Opens the records that ended in a segment; none if nothing can be opened.
fn open(tls: &mut Tls, direction: Direction, records: &[(ContentType, Vec<u8>)], inside: Steps) -> Option<Findings> {
    let records: Vec<Plaintext> =
        records.iter().map(|(content, octets)| Plaintext { content: *content, octets }).collect();
    if records.is_empty() || !tls.is_sealed() {
        return None;
    }
    Some(tls.plaintext(direction, &records, &mut |within| match within {
        Within::Data { .. } => inside,
        Within::Gap | Within::End => Steps::default(),
    }))
}

#[track_caller]
fn expect_opened(tls: &mut Tls, turn: &Turn, records: &[(ContentType, Vec<u8>)], first: &str, then: &str) -> Findings {
    let (told, findings) = tell_opened(tls, turn, 7 * PAUSE, records);
    assert_eq!(told, first);
    assert_eq!(words(&findings), then);
    findings
}

/// TLS 1.3, the server's flight decrypted.
fn opening_13() -> Tls {
    let mut tls = Tls::new();
    tell_opened(&mut tls, &client(&[client_hello(&[])]), PAUSE, &[]);
    let flight = [message(8, &[0, 0]), message(11, &[1; 600]), message(15, &[2; 70]), message(20, &[3; 32])].concat();
    let (first, second) = flight.split_at(300);
    expect_opened(
        &mut tls,
        &server(&[server_hello_13(AES_128_GCM_SHA256, false), change_cipher_spec(), sealed(317), sealed(500)]),
        &[(HANDSHAKE, first.to_vec()), (HANDSHAKE, second.to_vec())],
        "Server Hello, Change Cipher Spec, Encrypted Handshake [handshake]",
        "Server Hello, Change Cipher Spec, Encrypted Extensions, Certificate, Certificate Verify, Finished [handshake]",
    );
    tls
}

#[test]
fn t12_decrypted_records_complete_the_handshake() {
    let mut tls = opening_13();
    let findings = expect_opened(
        &mut tls,
        &client(&[change_cipher_spec(), sealed(53)]),
        &[(HANDSHAKE, message(20, &[1; 32]))],
        "Change Cipher Spec, Finished ? [handshake] [complete]",
        "Change Cipher Spec, Finished [handshake] [complete]",
    );
    assert_eq!((findings.time, findings.version), (Some(6 * PAUSE), Some(TLS13)));
    expect_opened(
        &mut tls,
        &server(&[sealed(250), sealed(300)]),
        &[(HANDSHAKE, message(4, &[1; 200])), (DATA, vec![1; 283])],
        "TLS Application Data",
        "New Session Ticket, TLS Application Data",
    );
}

#[test]
fn t12_g2_a_handshake_whose_server_hello_was_not_captured_goes_on_from_its_encrypted_extensions() {
    let mut tls = Tls::new();
    tell_opened(&mut tls, &client(&[client_hello(&[])]), PAUSE, &[]);
    // A hole: a Hello Retry Request, a second Client Hello, and the Server Hello that nobody can find in it.
    tls.gap(Back, Some(99));
    tell_opened(&mut tls, &client(&[change_cipher_spec(), client_hello(&[])]), PAUSE, &[]);
    let flight = [sealed(30), sealed(700), sealed(53)].concat();
    let (first, rest) = flight.split_at(200);
    let hello = server_hello_13(AES_128_GCM_SHA256, false);
    expect_opened(
        &mut tls,
        &server(&[hello, change_cipher_spec(), first.to_vec()]),
        &[(HANDSHAKE, message(8, &[0, 0]))],
        "Change Cipher Spec, TLS Application Data ? [handshake] [lost]",
        "Change Cipher Spec, Encrypted Extensions, Encrypted Handshake [handshake] [lost]",
    );
    expect_opened(
        &mut tls,
        &server(&[rest.to_vec()]),
        &[(HANDSHAKE, message(11, &[1; 679])), (HANDSHAKE, message(20, &[1; 32]))],
        "Encrypted Handshake ? [handshake]",
        "Certificate, Finished [handshake]",
    );
    let finish = [sealed(700), sealed(53)].concat();
    let (first, rest) = finish.split_at(200);
    expect_opened(
        &mut tls,
        &client(&[first.to_vec()]),
        &[],
        "Encrypted Handshake [handshake]",
        "Encrypted Handshake [handshake]",
    );
    let findings = expect_opened(
        &mut tls,
        &client(&[rest.to_vec()]),
        &[(HANDSHAKE, message(11, &[1; 679])), (HANDSHAKE, message(20, &[1; 32]))],
        "Encrypted Handshake, Finished ? [handshake] [complete]",
        "Certificate, Finished [handshake] [complete]",
    );
    assert_eq!((findings.time, findings.version), (Some(6 * PAUSE), Some(TLS13)));
}

#[test]
fn t12_g2_behind_a_hole_of_the_client_it_may_be_over() {
    let mut tls = opening_13();
    tls.gap(Forth, None);
    let found = [protected(23, 90), sealed(90)].concat();
    expect_opened(&mut tls, &client(&[found]), &[], "TLS Application Data ? [lost]", "TLS Application Data ? [lost]");
    assert!(!tls.is_handshaking());
}

#[test]
fn t12_a_padded_finished_completes() {
    let mut tls = opening_13();
    expect_opened(
        &mut tls,
        &client(&[sealed(273)]),
        &[(HANDSHAKE, message(20, &[1; 32]))],
        "Encrypted Handshake [handshake]",
        "Finished [handshake] [complete]",
    );
    assert!(!tls.is_handshaking());
}

#[test]
fn t12_a_finished_that_was_none_is_taken_back() {
    let mut tls = opening_13();
    expect_opened(
        &mut tls,
        &client(&[sealed(53)]),
        &[(HANDSHAKE, message(11, &[1; 32]))],
        "Finished ? [handshake] [complete]",
        "Certificate [handshake]",
    );
    assert!(tls.is_handshaking());
    expect_opened(
        &mut tls,
        &client(&[sealed(53)]),
        &[(HANDSHAKE, message(20, &[1; 32]))],
        "Finished ? [handshake] [complete]",
        "Finished [handshake] [complete]",
    );
}

#[test]
fn t12_a_record_is_decided_where_it_ends() {
    let mut tls = opening_13();
    tell_opened(&mut tls, &client(&[sealed(53)]), 0, &[(HANDSHAKE, message(20, &[1; 32]))]);
    let octets = [sealed(400), sealed(500)].concat();
    let (first, rest) = octets.split_at(200);
    let (second, third) = rest.split_at(400);
    let ticket = (HANDSHAKE, message(4, &[1; 300]));
    expect_opened(&mut tls, &server(&[first.to_vec()]), &[], "TLS Application Data", "TLS Application Data");
    expect_opened(
        &mut tls,
        &server(&[second.to_vec()]),
        &[ticket],
        "TLS Application Data",
        "New Session Ticket, TLS Application Data",
    );
    let update = (HANDSHAKE, message(24, &[0]));
    expect_opened(&mut tls, &server(&[third.to_vec()]), &[update], "TLS Application Data", "Key Update");
}

#[test]
fn t12_the_protocol_within_has_its_steps() {
    let mut tls = opening_13();
    tell_opened(&mut tls, &client(&[sealed(53)]), 0, &[(HANDSHAKE, message(20, &[1; 32]))]);
    let mut outcome = Outcome::default();
    let captured = [sealed(100), sealed(100), sealed(19)].concat();
    let octets = Octets { direction: Back, captured: &captured, missing: 0, time: 0, before_fin: false };
    tls.octets(&octets, &mut outcome);
    let mut inside = Steps::default();
    inside.push(Step::HttpResponse);
    let records = [(HANDSHAKE, message(4, &[1; 60])), (DATA, vec![1; 83]), (ContentType::ALERT, vec![1, 0])];
    let findings = open(&mut tls, Back, &records, inside).unwrap();
    assert_eq!(words(&findings), "New Session Ticket, HTTP Response, TLS close_notify");
}

#[test]
fn t12_a_rejected_client_certificate() {
    let mut tls = opening_13();
    tell_opened(&mut tls, &client(&[sealed(53)]), 0, &[(HANDSHAKE, message(20, &[1; 32]))]);
    let findings = expect_opened(
        &mut tls,
        &server(&[sealed(19)]).fin(),
        &[(ContentType::ALERT, vec![2, 116])],
        "TLS close_notify ?",
        "TLS Alert [rejected]",
    );
    assert_eq!(findings.rejected.and_then(|alert| alert.name()), Some("certificate_required"));
}

#[test]
fn t12_the_alert_is_the_cause_and_not_the_fin_behind_it() {
    let mut tls = opening_13();
    let findings = expect_opened(
        &mut tls,
        &client(&[sealed(19)]).fin(),
        &[(ContentType::ALERT, vec![2, 48])],
        "TLS Alert ? [handshake] [failed]",
        "TLS Alert [handshake] [failed]",
    );
    let cause = findings.failure.map(|failure| failure.cause);
    assert_eq!(cause, Some(Cause::Alert(Alert { level: 2, description: 48 })));
}

#[test]
fn t12_the_server_may_send_data_after_its_finished() {
    let mut tls = opening_13();
    expect_opened(
        &mut tls,
        &server(&[sealed(90)]),
        &[(DATA, vec![1; 73])],
        "TLS Application Data",
        "TLS Application Data",
    );
    assert!(tls.is_handshaking());
}

#[test]
fn t12_early_data_and_its_end() {
    let mut tls = Tls::new();
    expect_opened(
        &mut tls,
        &client(&[client_hello(&[early_data()]), sealed(100)]),
        &[(DATA, vec![1; 83])],
        "Client Hello, TLS Early Data [handshake]",
        "Client Hello, TLS Early Data [handshake]",
    );
    let extensions = [message(8, &[&[0, 4][..], &early_data()].concat()), message(20, &[1; 32])].concat();
    tell_opened(
        &mut tls,
        &server(&[server_hello_13(AES_128_GCM_SHA256, true), sealed(63)]),
        0,
        &[(HANDSHAKE, extensions)],
    );
    expect_opened(
        &mut tls,
        &client(&[sealed(53), sealed(300), sealed(300)]),
        &[(DATA, vec![1; 36]), (HANDSHAKE, message(5, &[])), (HANDSHAKE, message(20, &[1; 32]))],
        "TLS Early Data ?",
        "TLS Early Data, End Of Early Data, Finished [handshake] [complete]",
    );
}

#[test]
fn t12_encrypted_extensions_select_the_protocol_and_reject_early_data() {
    let mut tls = Tls::new();
    tell_opened(&mut tls, &client(&[client_hello(&[early_data(), alpn(&["h2"])]), sealed(100)]), 0, &[]);
    let h2 = alpn(&["h2"]);
    let extensions = message(8, &[&[0, h2.len() as u8][..], &h2].concat());
    let flight = server(&[server_hello_13(AES_128_GCM_SHA256, true), sealed(63)]);
    tell_opened(&mut tls, &flight, 0, &[(HANDSHAKE, extensions)]);
    assert_eq!(tls.progress.selected, Alpn::H2);
    let (told, _) = tell_opened(&mut tls, &client(&[sealed(53)]), 0, &[]);
    assert_eq!(told, "Finished ? [handshake] [complete]");
}

#[test]
fn t12_a_renegotiation_can_be_read() {
    let mut tls = Tls::new();
    let turns = [client(&[client_hello(&[])]), server(&[server_flight()]), client(&[client_finish()])];
    for turn in turns {
        tell(&mut tls, &turn, 0, &[]);
    }
    let finished = (HANDSHAKE, message(20, &[1; 12]));
    expect_opened(
        &mut tls,
        &server(&[finish()]),
        std::slice::from_ref(&finished),
        "Change Cipher Spec, Finished ? [handshake] [complete]",
        "Change Cipher Spec, Finished [handshake] [complete]",
    );
    expect_opened(
        &mut tls,
        &client(&[protected(22, 150)]),
        &[(HANDSHAKE, client_hello_message(&[]))],
        "Encrypted Handshake [handshake]",
        "Client Hello [handshake]",
    );
    let hello = server_hello();
    tell_opened(
        &mut tls,
        &server(&[protected(22, 150), finish()]),
        0,
        &[(HANDSHAKE, hello[5..].to_vec()), finished.clone()],
    );
    let findings = expect_opened(
        &mut tls,
        &client(&[protected(22, 61), change_cipher_spec(), protected(22, 40)]),
        &[(HANDSHAKE, message(16, &[1; 33])), finished],
        "Encrypted Handshake, Change Cipher Spec, Finished ? [handshake] [complete]",
        "Client Key Exchange, Change Cipher Spec, Finished [handshake] [complete]",
    );
    assert_eq!(findings.time, Some(0), "from the decrypted Client Hello on");
    assert_eq!(findings.resumed, Some(true));
}

#[test]
fn t12_heartbeats_and_a_hello_request() {
    let mut tls = Tls::new();
    let turns =
        [client(&[client_hello(&[])]), server(&[server_flight()]), client(&[client_finish()]), server(&[finish()])];
    for turn in turns {
        tell(&mut tls, &turn, 0, &[]);
    }
    let response = (ContentType::HEARTBEAT, vec![2, 0, 0]);
    let findings = expect_opened(
        &mut tls,
        &client(&[protected(24, 61)]),
        &[response],
        "TLS Heartbeat Request ?",
        "TLS Heartbeat Response",
    );
    assert_eq!(findings.heartbeat, Some(Heartbeat::Response));
    let request = (HANDSHAKE, message(0, &[]));
    expect_opened(
        &mut tls,
        &server(&[protected(22, 28)]),
        &[request],
        "Encrypted Handshake [handshake]",
        "Hello Request [handshake]",
    );
    let refusal = (ContentType::ALERT, vec![1, 100]);
    expect_opened(
        &mut tls,
        &client(&[protected(21, 26)]),
        &[refusal],
        "TLS Alert [handshake]",
        "TLS Alert [handshake]",
    );
    assert!(!tls.is_handshaking());
}

#[test]
fn t12_many_records_in_a_segment() {
    let mut tls = opening_13();
    tell_opened(&mut tls, &client(&[sealed(53)]), 0, &[(HANDSHAKE, message(20, &[1; 32]))]);
    let records: Vec<Vec<u8>> = (0..60).map(|at| sealed(if at % 2 == 0 { 100 } else { 200 })).collect();
    let plain: Vec<(ContentType, Vec<u8>)> = (0..60).map(|_| (HANDSHAKE, message(4, &[1; 9]))).collect();
    let (first, findings) = tell_opened(&mut tls, &server(&records), 0, &plain);
    assert_eq!((&first[..], &words(&findings)[..]), ("TLS Application Data", "New Session Ticket"));
    // Plaintext for which there is no record changes nothing.
    let (first, findings) = tell_opened(&mut tls, &server(&[]), 0, &[(DATA, vec![1; 9])]);
    assert_eq!((&first[..], &words(&findings)[..]), ("", ""));
}

#[test]
fn t12_records_that_were_not_opened_stay_what_they_were() {
    let mut tls = opening_13();
    tell_opened(&mut tls, &client(&[sealed(53)]), 0, &[(HANDSHAKE, message(20, &[1; 32]))]);
    let flight = server(&[sealed(100), sealed(217), sealed(300), sealed(400)]);
    // The lengths tell which they are.
    let ticket = (HANDSHAKE, message(4, &[1; 196]));
    let data = (DATA, vec![1; 383]);
    expect_opened(
        &mut tls,
        &flight,
        &[ticket.clone(), data.clone()],
        "TLS Application Data",
        "TLS Application Data, New Session Ticket, TLS Application Data",
    );
    // More than there are: those that fit.
    expect_opened(&mut tls, &server(&[sealed(217)]), &[data, ticket], "TLS Application Data", "New Session Ticket");
}

#[test]
fn t12_a_message_does_not_go_on_behind_a_record_that_was_not_opened() {
    let mut tls = opening_13();
    tell_opened(&mut tls, &client(&[sealed(53)]), 0, &[(HANDSHAKE, message(20, &[1; 32]))]);
    let half = (HANDSHAKE, message(4, &[20; 300])[..100].to_vec());
    expect_opened(&mut tls, &server(&[sealed(117)]), &[half], "TLS Application Data", "New Session Ticket");
    expect_opened(&mut tls, &server(&[sealed(117)]), &[], "TLS Application Data", "TLS Application Data");
    let update = (HANDSHAKE, message(24, &[0]));
    expect_opened(&mut tls, &server(&[sealed(22)]), &[update], "TLS Application Data", "Key Update");
}

#[test]
fn t12_the_protocol_within_hears_of_gaps_and_of_the_end() {
    let mut tls = opening_13();
    tell_opened(&mut tls, &client(&[sealed(53)]), 0, &[(HANDSHAKE, message(20, &[1; 32]))]);
    let mut outcome = Outcome::default();
    let captured = [sealed(50), sealed(117), sealed(19)].concat();
    tls.octets(&Octets { direction: Back, captured: &captured, missing: 0, time: 0, before_fin: false }, &mut outcome);
    let data = Plaintext { content: DATA, octets: &[1; 100] };
    let alert = Plaintext { content: ContentType::ALERT, octets: &[1, 0] };
    let mut heard = Vec::new();
    tls.plaintext(Back, &[data, alert], &mut |within| {
        heard.push(match within {
            Within::Data { octets, early, .. } => format!("{} octets, early: {early}", octets.len()),
            Within::Gap => String::from("gap"),
            Within::End => String::from("end"),
        });
        Steps::default()
    });
    assert_eq!(heard, ["gap", "100 octets, early: false", "end"]);
}
