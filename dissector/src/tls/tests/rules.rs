//! The rules for handshakes up to TLS 1.2, and those that hold for every version.

use super::build::*;
use super::*;
use crate::tls::{recognises, Alert, Alpn, Cause, Recognition};
use crate::verdict::Step;

#[test]
fn t1_versions_up_to_1_2_are_the_server_hellos() {
    let (tls, _) = expect(&[
        (client(&[client_hello(&[])]), "Client Hello [handshake]"),
        (server(&[server_hello()]), "Server Hello [handshake]"),
    ]);
    assert_eq!(tls.progress.version, Some(TLS12));
    assert_eq!(tls.client(), Some(Forth));
    assert!(tls.is_handshaking());
}

#[test]
fn t1_every_version_is_reported_as_sent() {
    for version in [0x0300_u16, TLS10, 0x0302, TLS12] {
        let mut hello = server_hello();
        hello[9..11].copy_from_slice(&version.to_be_bytes());
        let (_, found) = talk(&[client(&[client_hello(&[])]), server(&[hello])]);
        assert_eq!(found[1].version, Some(version));
    }
}

#[test]
fn the_time_begins_with_the_first_octet_of_the_client_hello() {
    let hello = client_hello(&[]);
    let mut turns: Vec<Turn> = [&hello[..2], &hello[2..7], &hello[7..]].map(|part| client(&[part.to_vec()])).to_vec();
    turns.extend([server(&[server_hello(), finish()]), client(&[finish()])]);
    let (_, found) = talk(&turns);
    assert_eq!(found[4].time, Some(4 * PAUSE));
}

#[test]
fn t4_a_full_handshake_is_no_resumption() {
    let (_, found) = expect(&[
        (client(&[client_hello(&[])]), "Client Hello [handshake]"),
        (server(&[server_flight()]), "Server Hello, Certificate, Server Key Exchange, Server Hello Done [handshake]"),
        (client(&[client_finish()]), "Client Key Exchange, Change Cipher Spec, Finished ? [handshake]"),
        (
            server(&[handshake(4, 170), finish()]),
            "New Session Ticket, Change Cipher Spec, Finished ? [handshake] [complete]",
        ),
    ]);
    assert_eq!(found[3].resumed, Some(false));
    assert_eq!(found[3].time, Some(3 * PAUSE));
}

#[test]
fn t4_an_abbreviated_handshake_resumes_a_session() {
    let (_, found) = expect(&[
        (client(&[client_hello(&[])]), "Client Hello [handshake]"),
        (server(&[server_hello(), finish()]), "Server Hello, Change Cipher Spec, Finished ? [handshake]"),
        (client(&[finish()]), "Change Cipher Spec, Finished ? [handshake] [complete]"),
    ]);
    assert_eq!(found[1].resumed, Some(true));
    assert_eq!(found[2].time, Some(2 * PAUSE));
}

#[test]
fn t4_a_renewed_ticket_may_stand_between() {
    let (tls, _) = expect(&[
        (client(&[client_hello(&[])]), "Client Hello [handshake]"),
        (
            server(&[server_hello(), handshake(4, 170), finish()]),
            "Server Hello, New Session Ticket, Change Cipher Spec, Finished ? [handshake]",
        ),
        (client(&[finish()]), "Change Cipher Spec, Finished ? [handshake] [complete]"),
    ]);
    assert_eq!(tls.progress.resumed, Some(true));
    assert!(!tls.is_handshaking());
}

/// A handshake of TLS 1.2 from hello to completion.
fn complete() -> Vec<(Turn, &'static str)> {
    vec![
        (client(&[client_hello(&[])]), "Client Hello [handshake]"),
        (server(&[server_flight()]), "Server Hello, Certificate, Server Key Exchange, Server Hello Done [handshake]"),
        (client(&[client_finish()]), "Client Key Exchange, Change Cipher Spec, Finished ? [handshake]"),
        (server(&[finish()]), "Change Cipher Spec, Finished ? [handshake] [complete]"),
    ]
}

#[track_caller]
fn expect_after_completion(rows: &[(Turn, &'static str)]) -> (Tls, Vec<Findings>) {
    let mut all = complete();
    all.extend_from_slice(rows);
    expect(&all)
}

#[test]
fn t5_false_start_sends_data_before_the_server_has_finished() {
    expect(&[
        (client(&[client_hello(&[])]), "Client Hello [handshake]"),
        (server(&[server_flight()]), "Server Hello, Certificate, Server Key Exchange, Server Hello Done [handshake]"),
        (
            client(&[client_finish(), protected(23, 100)]),
            "Client Key Exchange, Change Cipher Spec, Finished, TLS Application Data ? [handshake]",
        ),
        (client(&[protected(23, 100)]), "TLS Application Data"),
        (server(&[finish()]), "Change Cipher Spec, Finished ? [handshake] [complete]"),
    ]);
}

#[test]
fn t5_a_renegotiation_is_unfinished_until_both_have_finished_again() {
    let (tls, found) = expect_after_completion(&[
        (client(&[protected(22, 120)]), "Encrypted Handshake [handshake]"),
        (server(&[protected(22, 90), protected(22, 700)]), "Encrypted Handshake [handshake]"),
        (client(&[protected(22, 90), finish()]), "Encrypted Handshake, Change Cipher Spec, Finished ? [handshake]"),
        (server(&[protected(23, 90)]), "TLS Application Data"),
        (server(&[finish()]), "Change Cipher Spec, Finished ? [handshake] [complete]"),
        (client(&[protected(23, 90)]), "TLS Application Data"),
    ]);
    assert!(!tls.is_handshaking());
    // Its Client Hello cannot be read.
    assert_eq!(found[8].time, None);
}

#[test]
fn t5_a_hello_request_begins_one() {
    let (tls, _) = expect_after_completion(&[(server(&[protected(22, 28)]), "Encrypted Handshake [handshake]")]);
    assert!(tls.is_handshaking());
}

#[test]
fn t5_a_hello_request_may_be_ignored() {
    let (tls, _) = expect_after_completion(&[
        (server(&[protected(22, 28)]), "Encrypted Handshake [handshake]"),
        (client(&[protected(23, 90)]), "TLS Application Data"),
        (server(&[protected(23, 90)]), "TLS Application Data"),
    ]);
    assert!(!tls.is_handshaking());
}

#[test]
fn t5_a_refused_renegotiation_is_no_failure() {
    let (tls, _) = expect_after_completion(&[
        (server(&[protected(22, 28)]), "Encrypted Handshake [handshake]"),
        (client(&[protected(21, 26)]), "TLS Alert [handshake]"),
    ]);
    assert!(!tls.is_handshaking());
}

#[test]
fn t5_a_renegotiation_cut_off_is_a_failure() {
    let (_, found) = expect_after_completion(&[
        (client(&[protected(22, 120)]), "Encrypted Handshake [handshake]"),
        (server(&[]).fin(), " ? [failed]"),
    ]);
    assert_eq!(found[5].failure.map(|failure| failure.by), Some(Back));
}

#[test]
fn t5_next_protocol_before_the_finished_is_no_renegotiation() {
    let (tls, _) = expect(&[
        (client(&[client_hello(&[])]), "Client Hello [handshake]"),
        (server(&[server_hello(), finish()]), "Server Hello, Change Cipher Spec, Finished ? [handshake]"),
        (
            client(&[change_cipher_spec(), protected(22, 60), protected(22, 40)]),
            "Change Cipher Spec, Finished, Encrypted Handshake ? [handshake] [complete]",
        ),
    ]);
    assert!(!tls.is_handshaking());
}

#[test]
fn t7_a_client_hello_over_segments_is_one_on_each() {
    let hello = client_hello(&[extension(51, &[9; 1700])]);
    let (first, second) = hello.split_at(1448);
    expect(&[
        (client(&[first.to_vec()]), "Client Hello [handshake]"),
        (client(&[second.to_vec()]), "Client Hello [handshake]"),
        (server(&[server_hello()]), "Server Hello [handshake]"),
    ]);
}

#[test]
fn t8_messages_share_records_and_span_them() {
    let flight = [message(11, &[1; 90]), message(12, &[2; 40]), message(13, &[3; 9]), message(14, &[])].concat();
    let records: Vec<u8> = flight.chunks(7).flat_map(|part| record(22, part)).collect();
    expect(&[
        (client(&[client_hello(&[])]), "Client Hello [handshake]"),
        (
            server(&[server_hello(), records]),
            "Server Hello, Certificate, Server Key Exchange, Certificate Request, Server Hello Done [handshake]",
        ),
        (
            client(&[record(22, &[message(11, &[]), message(16, &[1; 33]), message(15, &[1; 70])].concat())]),
            "Certificate, Client Key Exchange, Certificate Verify [handshake]",
        ),
    ]);
}

#[test]
fn t8_a_hello_over_records_says_the_same() {
    let hello = client_hello_message(&[early_data(), alpn(&["h2", "http/1.1"])]);
    let records: Vec<u8> = hello.chunks(3).flat_map(|part| record(22, part)).collect();
    expect(&[(client(&[records]), "Client Hello [handshake]"), (client(&[sealed(80)]), "TLS Early Data")]);
}

#[test]
fn every_handshake_type_has_its_step() {
    let types = [
        (4, "New Session Ticket"),
        (8, "Encrypted Extensions"),
        (13, "Certificate Request"),
        (15, "Certificate Verify"),
        (21, "Other Handshake"),
        (22, "Certificate Status"),
        (24, "Key Update"),
        (25, "Compressed Certificate"),
        (99, "Other Handshake"),
    ];
    for (kind, step) in types {
        let words = format!("{step} [handshake]");
        expect(&[
            (client(&[client_hello(&[])]), "Client Hello [handshake]"),
            (server(&[server_hello()]), "Server Hello [handshake]"),
            (server(&[handshake(kind, 9)]), &words),
        ]);
    }
}

#[test]
fn the_selected_protocol_is_kept() {
    let mut hello = server_hello();
    let with_alpn = alpn(&["h2"]);
    // Adds the extension to record, message and extension block.
    for (at, wide) in [(4, 1), (8, 1), (hello.len() - 6, 1)] {
        hello[at] += with_alpn.len() as u8 * wide;
    }
    hello.extend_from_slice(&with_alpn);
    let (tls, _) =
        talk(&[client(&[client_hello(&[alpn(&["h2", "http/1.1", "a-rather-long-name"])])]), server(&[hello])]);
    assert_eq!(tls.progress.selected, Alpn::H2);
}

#[test]
fn t9_no_server_hello_is_a_failure() {
    for (turn, by, cause) in [
        (reset(Back), Back, Cause::Reset),
        (server(&[]).fin(), Back, Cause::Fin),
        (client(&[]).fin(), Forth, Cause::Fin),
    ] {
        let (tls, found) = expect(&[(client(&[client_hello(&[])]), "Client Hello [handshake]"), (turn, " [failed]")]);
        let failure = found[1].failure.expect("a failure");
        assert_eq!((failure.by, failure.cause, failure.after), (by, cause, Some(Step::ClientHello)));
        assert!(!tls.is_handshaking());
    }
}

#[test]
fn t9_a_fatal_alert_in_clear_is_a_failure() {
    let (tls, found) = expect(&[
        (client(&[client_hello(&[])]), "Client Hello [handshake]"),
        (server(&[alert(2, 40)]), "TLS Alert [handshake] [failed]"),
    ]);
    let failure = found[1].failure.expect("a failure");
    assert_eq!((failure.by, failure.cause), (Back, Cause::Alert(Alert { level: 2, description: 40 })));
    assert_eq!(Alert { level: 2, description: 40 }.name(), Some("handshake_failure"));
    assert!(tls.is_handshaking(), "until FIN or RST");
}

#[test]
fn t9_a_failure_is_told_once() {
    let (tls, _) = expect(&[
        (client(&[client_hello(&[])]), "Client Hello [handshake]"),
        (server(&[alert(2, 40)]), "TLS Alert [handshake] [failed]"),
        (client(&[alert(2, 80)]), "TLS Alert [handshake]"),
        (server(&[]).fin(), ""),
        (reset(Forth), ""),
    ]);
    assert!(!tls.is_handshaking());
}

#[test]
fn t9_a_warning_is_no_failure() {
    expect(&[
        (client(&[client_hello(&[])]), "Client Hello [handshake]"),
        (server(&[alert(1, 112), server_hello()]), "TLS Alert, Server Hello [handshake]"),
    ]);
}

#[test]
fn t9_a_closure_before_completion_is_a_failure() {
    expect(&[
        (client(&[client_hello(&[])]), "Client Hello [handshake]"),
        (server(&[server_hello()]), "Server Hello [handshake]"),
        (client(&[alert(1, 0)]), "TLS close_notify [handshake] [failed]"),
    ]);
}

#[test]
fn t9_an_alert_that_cannot_be_read_is_a_failure() {
    let (_, found) = expect(&[
        (client(&[client_hello(&[])]), "Client Hello [handshake]"),
        (server(&[server_flight()]), "Server Hello, Certificate, Server Key Exchange, Server Hello Done [handshake]"),
        (client(&[client_finish()]), "Client Key Exchange, Change Cipher Spec, Finished ? [handshake]"),
        (server(&[change_cipher_spec(), protected(21, 26)]), "Change Cipher Spec, TLS Alert ? [handshake] [failed]"),
    ]);
    assert_eq!(found[3].failure.map(|failure| failure.cause), Some(Cause::ProtectedAlert));
}

#[test]
fn t9_an_answer_that_is_not_tls_is_a_failure() {
    let (tls, found) = expect(&[
        (client(&[client_hello(&[])]), "Client Hello [handshake]"),
        (server(&[b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec()]), " [failed] [not TLS]"),
        (server(&[b"more".to_vec()]).fin(), " [not TLS]"),
    ]);
    let failure = found[1].failure.expect("a failure");
    assert_eq!((failure.by, failure.cause), (Back, Cause::NotTls));
    assert!(!tls.is_handshaking());
}

#[test]
fn t10_tls_begins_where_the_caller_says() {
    // After STARTTLS or CONNECT the client's next octets are asked about like a connection's first.
    let hello = client_hello(&[]);
    assert_eq!(recognises(&hello), Recognition::Yes);
    let (tls, _) = expect(&[(client(&[hello]), "Client Hello [handshake]")]);
    assert!(tls.is_handshaking());
    assert!(!Tls::new().is_handshaking());
}

#[test]
fn t11_a_fatal_alert_after_completion_is_a_rejection() {
    let (_, found) = expect_after_completion(&[(server(&[alert(2, 48)]), "TLS Alert [rejected]")]);
    assert_eq!(found[4].rejected, Some(Alert { level: 2, description: 48 }));
}

#[test]
fn t11_nothing_is_complete_after_it_has_failed() {
    expect(&[
        (client(&[client_hello(&[])]), "Client Hello [handshake]"),
        (server(&[server_flight()]), "Server Hello, Certificate, Server Key Exchange, Server Hello Done [handshake]"),
        (client(&[client_finish()]).fin(), "Client Key Exchange, Change Cipher Spec, Finished ? [handshake] [failed]"),
        (server(&[finish()]), "Change Cipher Spec, Finished ?"),
    ]);
}

#[test]
fn a_client_hello_in_the_form_of_ssl_2() {
    let (tls, _) = expect(&[
        (client(&[version_2_client_hello()]), "Client Hello [handshake]"),
        (server(&[server_hello()]), "Server Hello [handshake]"),
    ]);
    assert_eq!(tls.client(), Some(Forth));
}
