//! Flights of a TLS 1.3 client whose Finished does not stand alone, without keys (T2, T3).

use super::build::*;
use super::*;
use crate::tls::Cause;

fn settings() -> Vec<u8> {
    extension(17613, b"\0\x03\x02h2")
}

/// What is told of these, after a server's flight to this hello.
#[track_caller]
fn expect_after(hello: &[Vec<u8>], resumed: bool, rows: &[(Turn, &str)]) -> Vec<Findings> {
    let mut turns = vec![client(hello), server(&[server_flight_13(AES_128_GCM_SHA256, resumed)])];
    turns.extend(rows.iter().map(|(turn, _)| turn.clone()));
    let (_, found) = talk(&turns);
    let told: Vec<String> = found[2..].iter().map(words).collect();
    let expected: Vec<&str> = rows.iter().map(|(_, words)| *words).collect();
    assert_eq!(told, expected);
    found[2..].to_vec()
}

#[test]
fn t2_t4_behind_early_data_application_settings_begin_the_flight_too() {
    let hello = [client_hello(&[settings(), early_data()]), change_cipher_spec(), sealed(90)];
    // Accepted; and not, with the session and without.
    let found = expect_after(
        &hello,
        true,
        &[
            (client(&[sealed(90)]), "TLS Early Data ?"),
            (client(&[sealed(21), sealed(63)]), "End Of Early Data, Finished ? [handshake] [complete]"),
            (client(&[sealed(63)]), "TLS Application Data"),
        ],
    );
    assert_eq!(found[1].resumed, Some(true));
    for resumed in [true, false] {
        expect_after(&hello, resumed, &[(client(&[sealed(63)]), "Finished ? [handshake] [complete]")]);
    }
    // Within early data nothing is one: not of the length of those before.
    let hello = [client_hello(&[settings(), early_data()]), sealed(63)];
    expect_after(&hello, true, &[(client(&[sealed(63)]), "TLS Early Data ?")]);
}

#[test]
fn t1_t2_after_a_hello_retry_request_the_second_hello_offers_application_settings() {
    for (first, second, told) in [
        (vec![], vec![settings()], "Finished ? [handshake] [complete]"),
        (vec![settings()], vec![], "Encrypted Handshake [handshake]"),
    ] {
        let (_, found) = talk(&[
            client(&[client_hello(&first)]),
            server(&[hello_retry_request(), change_cipher_spec()]),
            client(&[change_cipher_spec(), client_hello(&second)]),
            server(&[server_flight_13(AES_128_GCM_SHA256, false)]),
            client(&[sealed(63)]),
        ]);
        assert_eq!(words(&found[4]), told);
    }
}

#[test]
fn t3_an_alert_behind_a_flight_rejects_nobody() {
    // That flight may have held its Finished.
    let hello = [client_hello(&[])];
    expect_after(
        &hello,
        false,
        &[
            (client(&[sealed(120)]), "Encrypted Handshake [handshake]"),
            (client(&[sealed(19)]), "TLS Alert ? [handshake]"),
            (client(&[]).fin(), ""),
        ],
    );
    let (_, found) = talk_whole(&[
        client(&hello),
        server(&[server_flight_13(AES_128_GCM_SHA256, false)]),
        client(&[sealed(120), sealed(19)]).fin(),
        server(&[sealed(250)]),
    ]);
    assert_eq!(words(&found[2]), "Encrypted Handshake, TLS close_notify ? [handshake]");
    assert!(found.iter().all(|findings| findings.failure.is_none() && !findings.truncated));
}

#[test]
fn t3_before_a_fin_an_alert_is_a_closure_where_the_handshake_is_over_or_may_be() {
    // Its end was not seen.
    let (_, found) = talk_whole(&[
        client(&[client_hello(&[early_data()]), sealed(53)]),
        server(&[server_flight_13(AES_128_GCM_SHA256, true)]),
        client(&[sealed(273)]),
        server(&[sealed(273)]),
        client(&[sealed(273)]),
        client(&[sealed(19)]).fin(),
    ]);
    assert_eq!(words(&found[4]), "TLS Application Data ?");
    assert_eq!(words(&found[5]), "TLS close_notify ?");
    // In place of the flight it rejects the server.
    let rejected = [(client(&[sealed(19)]).fin(), "TLS Alert ? [handshake] [failed]")];
    let found = expect_after(&[client_hello(&[])], false, &rejected);
    assert_eq!(found[0].failure.map(|failure| failure.cause), Some(Cause::ProtectedAlert));
}

#[test]
fn t5_up_to_tls_1_2_application_data_are_no_flight() {
    // False Start, and no Finished of the server.
    let (_, found) = talk(&[
        client(&[client_hello(&[])]),
        server(&[server_flight()]),
        client(&[client_finish(), protected(23, 90)]).fin(),
    ]);
    let failure = found[2].failure.expect("a failure");
    assert_eq!((failure.by, failure.cause), (Forth, Cause::Fin));
    assert!(!found[2].truncated);
}

#[test]
fn t12_the_clients_encrypted_extensions_are_its_own() {
    use crate::tls::ContentType;
    let tell = |tls: &mut Tls, turn: &Turn, at: Time, messages: &[Vec<u8>]| {
        let opened: Vec<_> = messages.iter().map(|octets| (ContentType::HANDSHAKE, octets.clone())).collect();
        words(&super::plaintext::tell_opened(tls, turn, at * PAUSE, &opened).1)
    };
    let mut tls = Tls::new();
    tell(&mut tls, &client(&[client_hello(&[settings(), early_data()]), sealed(90)]), 0, &[]);
    let extensions = |parts: &[u8]| message(8, &[&[0, parts.len() as u8], parts].concat());
    let flight = [extensions(&early_data()), message(20, &[3; 32])].concat();
    let hello = server_hello_13(AES_128_GCM_SHA256, true);
    tell(&mut tls, &server(&[hello, sealed(flight.len() + 17)]), 1, &[flight]);
    let own = [extensions(&extension(17613, &[])), message(20, &[1; 32])].concat();
    assert_eq!(own.len() + 17, 63);
    let end = message(5, &[]);
    assert_eq!(
        tell(&mut tls, &client(&[sealed(21), sealed(63)]), 2, &[end, own]),
        "End Of Early Data, Encrypted Extensions, Finished [handshake] [complete]"
    );
    assert_eq!(tls.progress.early_data, crate::tls::progress::EarlyData::Ended);
}

#[test]
fn g2_what_a_capture_that_begins_midway_cannot_place_follows_octets_that_were_not_seen() {
    let mut tls = Tls::midway();
    assert_eq!(words(&tell(&mut tls, &client(&[sealed(40)]), 0, &[])), "TLS Application Data");
    let unknown = vec![vec![0xbb; 50]];
    assert_eq!(words(&tell(&mut tls, &server(&unknown), PAUSE, &[])), " [lost]");
    // Nothing is missing before these.
    assert_eq!(words(&tell(&mut tls, &client(&unknown), PAUSE, &[])), "");
}
