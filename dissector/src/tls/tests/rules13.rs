//! The rules for TLS 1.3 without keys: what is concluded, and what is not.

use super::build::*;
use super::*;
use crate::tls::Cause;

const FLIGHT: &str = "Server Hello, Change Cipher Spec, Encrypted Handshake [handshake]";

/// The hellos and the server's flight.
fn opening(cipher_suite: u16) -> Vec<(Turn, &'static str)> {
    vec![
        (client(&[client_hello(&[])]), "Client Hello [handshake]"),
        (server(&[server_flight_13(cipher_suite, false)]), FLIGHT),
    ]
}

#[track_caller]
fn expect_after(mut rows: Vec<(Turn, &'static str)>, more: &[(Turn, &'static str)]) -> (Tls, Vec<Findings>) {
    rows.extend_from_slice(more);
    expect(&rows)
}

#[test]
fn t1_the_version_is_in_supported_versions() {
    let (tls, _) = expect(&opening(AES_128_GCM_SHA256));
    assert_eq!(tls.progress.version, Some(TLS13));
    assert_eq!(tls.progress.resumed, Some(false));
}

#[test]
fn t1_a_hello_retry_request_means_two_of_each_hello() {
    let (tls, found) = expect(&[
        (client(&[client_hello(&[])]), "Client Hello [handshake]"),
        (server(&[hello_retry_request(), change_cipher_spec()]), "Hello Retry Request, Change Cipher Spec [handshake]"),
        (client(&[change_cipher_spec(), client_hello(&[])]), "Change Cipher Spec, Client Hello [handshake]"),
        (
            server(&[server_hello_13(AES_128_GCM_SHA256, false), sealed(400)]),
            "Server Hello, Encrypted Handshake [handshake]",
        ),
        (client(&[sealed(53)]), "Finished ? [handshake] [complete]"),
    ]);
    assert_eq!(tls.progress.version, Some(TLS13));
    assert_eq!(found[4].time, Some(4 * PAUSE), "from the first Client Hello on");
}

#[test]
fn t2_the_clients_record_of_a_finisheds_size_completes() {
    for (cipher_suite, length) in [(AES_128_GCM_SHA256, 53), (AES_256_GCM_SHA384, 69), (AES_128_CCM_8_SHA256, 45)] {
        let (tls, found) = expect_after(
            opening(cipher_suite),
            &[
                (
                    client(&[change_cipher_spec(), sealed(length)]),
                    "Change Cipher Spec, Finished ? [handshake] [complete]",
                ),
                (server(&[sealed(250), sealed(250)]), "New Session Ticket ?"),
                (client(&[sealed(100)]), "TLS Application Data"),
                (server(&[sealed(250)]), "TLS Application Data"),
            ],
        );
        assert!(!tls.is_handshaking());
        assert_eq!(found[2].time, Some(2 * PAUSE));
    }
}

#[test]
fn t2_another_suites_size_is_no_finished() {
    let (tls, _) =
        expect_after(opening(AES_256_GCM_SHA384), &[(client(&[sealed(53)]), "Encrypted Handshake [handshake]")]);
    assert!(tls.is_handshaking());
}

#[test]
fn t2_a_client_certificate_comes_before_the_finished() {
    expect_after(
        opening(AES_128_GCM_SHA256),
        &[
            (
                client(&[sealed(900), sealed(281), sealed(53), sealed(90)]),
                "Encrypted Handshake, Finished, TLS Application Data ? [handshake] [complete]",
            ),
            (server(&[sealed(250)]), "TLS Application Data"),
        ],
    );
}

#[test]
fn t2_a_server_that_speaks_first_sends_data() {
    expect_after(
        opening(AES_128_GCM_SHA256),
        &[
            (client(&[sealed(53)]), "Finished ? [handshake] [complete]"),
            (server(&[sealed(60)]), "TLS Application Data ?"),
        ],
    );
}

#[test]
fn t2_padding_hides_the_finished_and_is_no_failure() {
    let (tls, _) = expect_after(
        opening(AES_128_GCM_SHA256),
        &[
            (client(&[sealed(273)]), "Encrypted Handshake [handshake]"),
            (client(&[sealed(273)]), "Encrypted Handshake [handshake]"),
            // It has all of that.
            (server(&[sealed(273)]), "New Session Ticket ? [complete]"),
            (client(&[sealed(273)]), "TLS Application Data"),
            (server(&[sealed(273)]), "TLS Application Data"),
            (client(&[sealed(272)]).fin(), "TLS Application Data"),
        ],
    );
    assert!(!tls.is_handshaking());
    // Its first records cross the client's last.
    expect_after(
        opening(AES_128_GCM_SHA256),
        &[
            (client(&[sealed(273)]), "Encrypted Handshake [handshake]"),
            (server(&[sealed(273)]).crossing(), "TLS Application Data ?"),
            (client(&[sealed(273)]), "TLS Application Data ?"),
            (server(&[sealed(273)]), "TLS Application Data ? [complete]"),
            (client(&[sealed(273)]), "TLS Application Data"),
        ],
    );
    // An alert may reject its certificate.
    expect_after(
        opening(AES_128_GCM_SHA256),
        &[
            (client(&[sealed(273)]), "Encrypted Handshake [handshake]"),
            (server(&[sealed(19)]), "TLS Alert ? [handshake] [failed]"),
        ],
    );
    // Nor if nothing more comes.
    expect_after(
        opening(AES_128_GCM_SHA256),
        &[(client(&[sealed(273)]).fin(), "Encrypted Handshake [handshake]"), (reset(Back), "")],
    );
}

/// Client, with application settings of this number, server.
fn opening_with_settings(number: u16, cipher_suite: u16) -> Vec<(Turn, &'static str)> {
    let mut rows = opening(cipher_suite);
    rows[0].0 = client(&[client_hello(&[extension(number, b"\0\x03\x02h2")])]);
    rows
}

#[test]
fn t2_with_application_settings_the_finished_stands_behind_encrypted_extensions() {
    for (number, cipher_suite, length) in
        [(17513, AES_128_GCM_SHA256, 63), (17613, AES_128_GCM_SHA256, 63), (17613, AES_256_GCM_SHA384, 79)]
    {
        let (tls, found) = expect_after(
            opening_with_settings(number, cipher_suite),
            &[
                (
                    client(&[change_cipher_spec(), sealed(length)]),
                    "Change Cipher Spec, Finished ? [handshake] [complete]",
                ),
                (client(&[sealed(length)]), "TLS Application Data"),
                (server(&[sealed(250)]), "TLS Application Data"),
            ],
        );
        assert!(!tls.is_handshaking());
        assert_eq!(found[2].time, Some(2 * PAUSE));
    }
}

#[test]
fn t2_application_settings_that_the_server_does_not_take_change_nothing() {
    expect_after(
        opening_with_settings(17513, AES_128_GCM_SHA256),
        &[
            (client(&[sealed(53)]), "Finished ? [handshake] [complete]"),
            (client(&[sealed(63)]), "TLS Application Data"),
        ],
    );
    // Not offered, or not the first: nothing tells.
    expect_after(
        opening(AES_128_GCM_SHA256),
        &[
            (client(&[sealed(63)]), "Encrypted Handshake [handshake]"),
            (client(&[sealed(53)]), "Finished ? [handshake] [complete]"),
        ],
    );
    expect_after(
        opening_with_settings(17513, AES_128_GCM_SHA256),
        &[(client(&[sealed(700), sealed(63)]), "Encrypted Handshake [handshake]")],
    );
}

#[test]
fn t2_a_flight_whose_finished_cannot_be_told_ends_when_the_server_goes_on_behind_it() {
    // A certificate, its proof and Finished in one record, in two segments.
    let flight = sealed(900);
    let (tls, found) = expect_after(
        opening(AES_128_GCM_SHA256),
        &[
            (client(&[flight[..500].to_vec()]), "Encrypted Handshake [handshake]"),
            (client(&[flight[500..].to_vec()]), "Encrypted Handshake [handshake]"),
            (server(&[sealed(80)]), "TLS Application Data ? [complete]"),
            (client(&[sealed(80)]), "TLS Application Data"),
        ],
    );
    assert!(!tls.is_handshaking());
    assert_eq!(found[4].time, Some(3 * PAUSE), "to the end of the flight");
}

#[test]
fn t3_a_second_record_of_an_alerts_size_shows_that_both_are_none() {
    // MQTT's PINGREQ and PINGRESP.
    let (tls, _) = expect_after(
        opening(AES_128_GCM_SHA256),
        &[
            (client(&[sealed(53)]), "Finished ? [handshake] [complete]"),
            (client(&[sealed(19)]), "TLS Alert ?"),
            (server(&[sealed(19)]), "TLS Alert ?"),
            (client(&[sealed(19)]), "TLS Application Data"),
            (server(&[sealed(19), sealed(19)]), "TLS Application Data"),
        ],
    );
    assert!(!tls.is_handshaking());
    let (_, found) = talk_whole(&[client_hello_and_flight(), pings()].concat());
    assert_eq!(words(&found[5]), "TLS Application Data, TLS close_notify ?", "before its FIN");
}

fn client_hello_and_flight() -> Vec<Turn> {
    let rows = opening(AES_128_GCM_SHA256).into_iter().map(|(turn, _)| turn);
    rows.chain([client(&[sealed(53)])]).collect()
}

fn pings() -> Vec<Turn> {
    vec![client(&[sealed(19)]), client(&[sealed(19)]), client(&[sealed(19), sealed(19)]).fin()]
}

#[test]
fn t2_the_padding_of_java_is_known() {
    for (cipher_suite, length) in [(AES_128_GCM_SHA256, 69), (AES_256_GCM_SHA384, 85)] {
        let (tls, _) = expect_after(
            opening(cipher_suite),
            &[
                (
                    client(&[change_cipher_spec(), sealed(length)]),
                    "Change Cipher Spec, Finished ? [handshake] [complete]",
                ),
                (server(&[sealed(250), sealed(250)]), "New Session Ticket ?"),
                (client(&[sealed(39)]), "TLS Application Data"),
                // Its close_notify.
                (client(&[sealed(35)]).fin(), "TLS Application Data"),
            ],
        );
        assert!(!tls.is_handshaking());
    }
    // An empty Certificate before it.
    expect_after(
        opening(AES_256_GCM_SHA384),
        &[(client(&[sealed(41), sealed(85)]), "Encrypted Handshake, Finished ? [handshake] [complete]")],
    );
}

#[test]
fn t3_an_alert_that_java_has_padded_rejects_the_server() {
    let (_, found) =
        expect_after(opening(AES_128_GCM_SHA256), &[(client(&[sealed(35)]), "TLS Alert ? [handshake] [failed]")]);
    let failure = found[2].failure.expect("a failure");
    assert_eq!((failure.by, failure.cause, failure.inferred), (Forth, Cause::ProtectedAlert, true));
    // Nothing of it is an alert once a Certificate has gone.
    expect_after(
        opening(AES_128_GCM_SHA256),
        &[(client(&[sealed(900), sealed(35)]), "Encrypted Handshake [handshake]")],
    );
}

#[test]
fn t2_server_data_and_tickets_before_the_finished_are_not_told_apart() {
    expect_after(
        opening(AES_128_GCM_SHA256),
        &[
            (server(&[sealed(700), sealed(60)]), "Encrypted Handshake [handshake]"),
            (client(&[sealed(53)]), "Finished ? [handshake] [complete]"),
        ],
    );
}

#[test]
fn t2_a_change_cipher_spec_means_nothing() {
    let (_, found) = expect_after(
        opening(AES_128_GCM_SHA256),
        &[
            (client(&[change_cipher_spec()]), "Change Cipher Spec [handshake]"),
            (client(&[sealed(53)]), "Finished ? [handshake] [complete]"),
        ],
    );
    assert_eq!(found[2].resumed, Some(false));
}

#[test]
fn t3_an_alert_instead_of_the_finished_rejects_the_server() {
    let (tls, found) = expect_after(
        opening(AES_128_GCM_SHA256),
        &[
            (client(&[change_cipher_spec(), sealed(19)]), "Change Cipher Spec, TLS Alert ? [handshake] [failed]"),
            (client(&[]).fin(), ""),
        ],
    );
    let failure = found[2].failure.expect("a failure");
    assert_eq!((failure.by, failure.cause, failure.inferred), (Forth, Cause::ProtectedAlert, true));
    assert!(!tls.is_handshaking());
}

#[test]
fn t3_the_alert_is_smaller_with_a_short_tag() {
    expect_after(opening(AES_128_CCM_8_SHA256), &[(client(&[sealed(11)]), "TLS Alert ? [handshake] [failed]")]);
}

#[test]
fn t4_a_pre_shared_key_in_the_server_hello_resumes() {
    let (tls, _) = expect(&[
        (client(&[client_hello(&[extension(41, &[0; 9])])]), "Client Hello [handshake]"),
        (
            server(&[server_hello_13(AES_128_GCM_SHA256, true), sealed(80)]),
            "Server Hello, Encrypted Handshake [handshake]",
        ),
    ]);
    assert_eq!(tls.progress.resumed, Some(true));
    // Offered is not accepted.
    let (tls, _) = talk(&[
        client(&[client_hello(&[extension(41, &[0; 9])])]),
        server(&[server_hello_13(AES_128_GCM_SHA256, false)]),
    ]);
    assert_eq!(tls.progress.resumed, Some(false));
}

/// A Client Hello with early data behind it, and a server that resumes or not.
fn early(resumed: bool) -> Vec<(Turn, &'static str)> {
    vec![
        (
            client(&[client_hello(&[early_data()]), change_cipher_spec(), sealed(53)]),
            "Client Hello, Change Cipher Spec, TLS Early Data [handshake]",
        ),
        (server(&[server_flight_13(AES_128_GCM_SHA256, resumed)]), FLIGHT),
    ]
}

#[test]
fn t4_early_data_ends_with_end_of_early_data() {
    let (_, found) = expect_after(
        early(true),
        &[
            // Of a Finished's size, and of that of the early data before: it may still be under way.
            (client(&[sealed(53)]), "TLS Early Data ?"),
            (client(&[sealed(21), sealed(53)]), "End Of Early Data, Finished ? [handshake] [complete]"),
            (client(&[sealed(53)]), "TLS Application Data"),
        ],
    );
    assert_eq!(found[3].resumed, Some(true));
}

#[test]
fn t4_an_answer_to_early_data_is_no_ticket() {
    expect_after(
        early(true),
        &[
            (client(&[sealed(21), sealed(53)]), "End Of Early Data, Finished ? [handshake] [complete]"),
            (server(&[sealed(273)]), "TLS Application Data"),
        ],
    );
}

#[test]
fn t4_a_server_that_does_not_resume_rejects_early_data() {
    expect_after(early(false), &[(client(&[sealed(53)]), "Finished ? [handshake] [complete]")]);
}

#[test]
fn t4_a_finished_without_an_end_of_early_data_shows_a_rejection() {
    expect(&[
        (client(&[client_hello(&[early_data()]), sealed(90)]), "Client Hello, TLS Early Data [handshake]"),
        (server(&[server_flight_13(AES_128_GCM_SHA256, true)]), FLIGHT),
        (client(&[sealed(120)]), "TLS Early Data ?"),
        (client(&[sealed(53)]), "Finished ? [handshake] [complete]"),
        (server(&[sealed(250)]), "New Session Ticket ?"),
        (client(&[sealed(90)]), "TLS Application Data"),
        (server(&[sealed(250)]), "TLS Application Data"),
    ]);
}

#[test]
fn t4_early_data_whose_end_is_hidden_is_not_guessed() {
    let (tls, _) = expect_after(
        early(true),
        &[
            (client(&[sealed(273)]), "TLS Early Data ?"),
            (server(&[sealed(273)]), "Encrypted Handshake [handshake]"),
            (client(&[sealed(273)]), "TLS Application Data ?"),
            (client(&[]).fin(), " [truncated]"),
        ],
    );
    assert!(!tls.is_handshaking());
}

#[test]
fn t4_a_hello_retry_request_rejects_early_data() {
    expect(&[
        (
            client(&[client_hello(&[early_data()]), change_cipher_spec(), sealed(90)]),
            "Client Hello, Change Cipher Spec, TLS Early Data [handshake]",
        ),
        (server(&[hello_retry_request()]), "Hello Retry Request [handshake]"),
        (client(&[sealed(90), client_hello(&[])]), "TLS Early Data, Client Hello [handshake]"),
        (
            server(&[server_hello_13(AES_128_GCM_SHA256, true), sealed(80)]),
            "Server Hello, Encrypted Handshake [handshake]",
        ),
        (client(&[sealed(53)]), "Finished ? [handshake] [complete]"),
    ]);
}

#[test]
fn t6_after_the_handshake_everything_is_data() {
    let (tls, found) = expect_after(
        opening(AES_128_GCM_SHA256),
        &[
            (client(&[sealed(53)]), "Finished ? [handshake] [complete]"),
            (server(&[sealed(250)]), "New Session Ticket ?"),
            (client(&[sealed(22)]), "TLS Application Data"),
        ],
    );
    assert!(found[3..].iter().all(|findings| !findings.handshake));
    assert!(!tls.is_handshaking());
}

#[test]
fn t9_a_side_that_leaves_before_the_clients_flight_has_failed() {
    for (turn, by) in [(reset(Forth), Forth), (server(&[]).fin(), Back)] {
        let (_, found) = expect_after(opening(AES_128_GCM_SHA256), &[(turn, " [failed]")]);
        assert_eq!(found[2].failure.map(|failure| failure.by), Some(by));
    }
}

#[test]
fn t9_an_alert_in_clear_after_the_server_hello() {
    expect_after(opening(AES_128_GCM_SHA256), &[(client(&[alert(2, 48)]), "TLS Alert [handshake] [failed]")]);
    // RFC 8446 6: the level means nothing.
    expect_after(opening(AES_128_GCM_SHA256), &[(client(&[alert(1, 48)]), "TLS Alert [handshake] [failed]")]);
}

#[test]
fn drafts_count_as_tls_1_3() {
    // Up to draft 21: the version in the Server Hello, no session id, no compression, no Change Cipher Spec.
    let mut body = vec![0x7f, 0x12];
    body.extend_from_slice(&[0x22; 32]);
    body.extend_from_slice(&[0x13, 0x01, 0, 6, 0, 41, 0, 2, 0, 0]);
    let (tls, _) = expect(&[
        (client(&[client_hello(&[])]), "Client Hello [handshake]"),
        (server(&[record(22, &message(2, &body)), sealed(90)]), "Server Hello, Encrypted Handshake [handshake]"),
        (client(&[sealed(53)]), "Finished ? [handshake] [complete]"),
    ]);
    assert_eq!((tls.progress.version, tls.progress.resumed), (Some(TLS13), Some(true)));
}
