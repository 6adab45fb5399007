//! Octets that are missing: snap length, holes, a capture that begins midway (G2).

use super::build::*;
use super::*;

fn piece(tls: &mut Tls, direction: Direction, captured: &[u8], missing: u32) -> String {
    let mut outcome = Outcome::default();
    tls.octets(&Octets { direction, captured, missing, time: 0, before_fin: false }, &mut outcome);
    words(&outcome.findings)
}

/// A TLS 1.2 connection with its handshake complete.
fn open() -> Tls {
    let turns =
        [client(&[client_hello(&[])]), server(&[server_flight()]), client(&[client_finish()]), server(&[finish()])];
    talk_whole(&turns).0
}

#[test]
fn g2_a_record_is_counted_over_octets_that_were_not_captured() {
    let mut tls = open();
    let octets = protected(23, 5000);
    assert_eq!(piece(&mut tls, Back, &octets[..60], 1388), "TLS Application Data");
    assert_eq!(piece(&mut tls, Back, &octets[1448..1500], 1396), "TLS Application Data");
    assert_eq!(piece(&mut tls, Back, &octets[2896..2900], 2105), "TLS Application Data");
    assert_eq!(piece(&mut tls, Back, &protected(21, 26), 0), "TLS close_notify ?");
}

#[test]
fn g2_a_header_that_was_not_captured_loses_the_place() {
    let mut tls = open();
    let octets = protected(23, 100);
    assert_eq!(piece(&mut tls, Back, &octets, 50), "TLS Application Data [lost]");
    assert_eq!(piece(&mut tls, Back, &[0xaa; 100], 0), " [lost]");
}

#[test]
fn g2_the_place_is_found_where_one_header_follows_another() {
    let mut tls = open();
    tls.gap(Back, None);
    let octets = [vec![0xaa; 200], protected(23, 100), protected(23, 200)].concat();
    assert_eq!(piece(&mut tls, Back, &octets[..150], 0), " [lost]");
    assert_eq!(piece(&mut tls, Back, &octets[150..302], 0), " [lost]");
    assert_eq!(piece(&mut tls, Back, &octets[302..306], 0), " [lost]");
    assert_eq!(piece(&mut tls, Back, &octets[306..], 0), "TLS Application Data");
    assert_eq!(piece(&mut tls, Back, &protected(23, 90), 0), "TLS Application Data");
}

#[test]
fn g2_an_alert_after_a_loss_in_the_handshake_is_no_failure() {
    let (mut tls, _) = talk_whole(&[client(&[client_hello(&[])]), server(&[server_flight()])]);
    tls.gap(Forth, None);
    assert_eq!(piece(&mut tls, Forth, &protected(23, 30), 0), " [lost]");
    let closes = piece(&mut tls, Forth, &protected(21, 26), 0);
    assert!(closes.starts_with("TLS close_notify ?") && !closes.contains("failed"), "{closes}");
    assert!(!tls.is_handshaking());
}

#[test]
fn g2_what_only_looks_like_a_header_is_given_up() {
    let mut tls = open();
    tls.gap(Back, None);
    let look_alike = [protected(23, 100), vec![0xaa; 40], protected(23, 60), protected(23, 70)].concat();
    assert_eq!(piece(&mut tls, Back, &look_alike, 0), "TLS Application Data [lost]");
}

#[test]
fn g2_a_hole_within_a_record_does_no_harm() {
    let mut tls = open();
    let octets = protected(23, 5000);
    piece(&mut tls, Back, &octets[..1448], 0);
    tls.gap(Back, Some(1448));
    assert_eq!(piece(&mut tls, Back, &octets[2896..], 0), "TLS Application Data");
    assert_eq!(piece(&mut tls, Back, &protected(23, 90), 0), "TLS Application Data");
    tls.gap(Back, Some(10));
    assert_eq!(piece(&mut tls, Back, &protected(23, 90), 0), " [lost]");
}

#[test]
fn g2_a_certificate_is_counted_over_a_hole() {
    let mut tls = Tls::new();
    piece(&mut tls, Forth, &client_hello(&[]), 0);
    let flight = [server_hello(), handshake(11, 3000), handshake(14, 0)].concat();
    assert_eq!(piece(&mut tls, Back, &flight[..400], 1000), "Server Hello, Certificate [handshake]");
    assert_eq!(piece(&mut tls, Back, &flight[1400..], 0), "Certificate, Server Hello Done [handshake]");
    assert_eq!(tls.progress.version, Some(TLS12));
}

#[test]
fn g2_a_hello_of_which_too_little_was_captured_has_no_version() {
    let mut tls = Tls::new();
    piece(&mut tls, Forth, &client_hello(&[]), 0);
    let hello = server_hello();
    let missing = hello.len() as u32 - 50;
    assert_eq!(piece(&mut tls, Back, &hello[..50], missing), "Server Hello [handshake]");
    assert_eq!(tls.progress.version, None);
    assert_eq!(
        piece(&mut tls, Back, &sealed(90), 0),
        "TLS Application Data ?",
        "TLS 1.3 has its handshake in these, too"
    );
    assert_eq!(piece(&mut tls, Back, &sealed(90), 0), "TLS Application Data");
    assert!(!tls.is_handshaking());
}

#[test]
fn t1_g2_a_hello_retry_request_is_told_by_the_beginning_of_its_random() {
    for (captured, step) in [(50, "Hello Retry Request"), (30, "Hello Retry Request"), (15, "Server Hello")] {
        let mut tls = Tls::new();
        piece(&mut tls, Forth, &client_hello(&[]), 0);
        let hello = all(&[hello_retry_request(), change_cipher_spec()]);
        let missing = (hello.len() - captured) as u32;
        assert_eq!(piece(&mut tls, Back, &hello[..captured], missing), format!("{step} [handshake] [lost]"));
        // Where that does not tell, the Change Cipher Spec may mean nothing.
        let second = all(&[change_cipher_spec(), client_hello(&[])]);
        assert_eq!(piece(&mut tls, Forth, &second, 0), "Change Cipher Spec, Client Hello [handshake]", "{captured}");
        assert!(tls.is_handshaking());
    }
}

#[test]
fn t5_g2_behind_a_hello_that_was_cut_off_a_finished_is_one_all_the_same() {
    let mut tls = Tls::new();
    piece(&mut tls, Forth, &client_hello(&[]), 0);
    piece(&mut tls, Back, &server_flight()[..20], server_flight().len() as u32 - 20);
    let flight = piece(&mut tls, Forth, &client_finish(), 0);
    assert_eq!(flight, "Client Key Exchange, Change Cipher Spec, Finished ? [handshake]");
}

#[test]
fn a_gap_in_a_handshake_is_nobodys_failure() {
    let mut tls = Tls::new();
    piece(&mut tls, Forth, &client_hello(&[]), 0);
    piece(&mut tls, Back, &server_flight(), 0);
    tls.gap(Forth, None);
    let mut outcome = Outcome::default();
    tls.ends(Forth, true, 0, &mut outcome);
    assert_eq!(words(&outcome.findings), "");
    assert!(!tls.is_handshaking());
}

#[test]
fn t11_g2_the_rest_of_a_handshake_that_is_over_is_none_that_an_alert_could_end() {
    let mut tls = Tls::new();
    piece(&mut tls, Forth, &client_hello(&[]), 0);
    piece(&mut tls, Back, &server_flight(), 0);
    piece(&mut tls, Forth, &client_finish(), 0);
    tls.knows_unseen(true, false);
    assert_eq!(piece(&mut tls, Forth, &protected(21, 26), 0), "TLS close_notify ? [handshake]");
    tls.knows_unseen(false, false);
    tls.gap(Back, None);
    piece(&mut tls, Back, &[change_cipher_spec(), protected(22, 40)].concat(), 0);
    assert_eq!(piece(&mut tls, Back, &protected(21, 26), 0), "TLS close_notify ? [handshake]");
}

#[test]
fn data_after_a_gap_shows_that_the_handshake_is_over() {
    let mut tls = Tls::new();
    piece(&mut tls, Forth, &client_hello(&[]), 0);
    piece(&mut tls, Back, &server_flight(), 0);
    tls.gap(Forth, None);
    assert_eq!(piece(&mut tls, Back, &finish(), 0), "Change Cipher Spec, Finished ? [handshake]");
    assert!(tls.is_handshaking());
    assert_eq!(piece(&mut tls, Back, &protected(23, 90), 0), "TLS Application Data");
    assert!(!tls.is_handshaking());
}

#[test]
fn a_gap_in_the_servers_flight_of_tls_1_3_matters_not() {
    let mut tls = Tls::new();
    piece(&mut tls, Forth, &client_hello(&[]), 0);
    piece(&mut tls, Back, &server_flight_13(AES_128_GCM_SHA256, false), 0);
    tls.gap(Back, None);
    assert_eq!(piece(&mut tls, Forth, &sealed(53), 0), "Finished ? [handshake] [complete]");
}

#[test]
fn a_capture_that_begins_midway_tells_what_it_can() {
    let mut tls = Tls::midway();
    assert_eq!(piece(&mut tls, Forth, &protected(23, 90), 0), "TLS Application Data");
    assert_eq!(piece(&mut tls, Back, &protected(21, 26), 0), "TLS close_notify ?");
    assert!(!tls.is_handshaking());
}

#[test]
fn a_capture_that_begins_in_a_handshake_tells_clear_from_protected() {
    let mut tls = Tls::midway();
    assert_eq!(piece(&mut tls, Forth, &handshake(16, 33), 0), "Client Key Exchange [handshake]");
    assert_eq!(piece(&mut tls, Forth, &finish(), 0), "Change Cipher Spec, Finished ? [handshake]");
    assert_eq!(piece(&mut tls, Back, &finish(), 0), "Change Cipher Spec, Finished ? [handshake] [complete]");
    let mut tls = Tls::midway();
    let certificate = handshake(11, 3000);
    assert_eq!(piece(&mut tls, Back, &certificate[..1400], 0), "Certificate [handshake]");
    assert_eq!(piece(&mut tls, Back, &certificate[1400..], 0), "Certificate [handshake]");
    // A nonce that counts from 0 looks like a Hello Request.
    let mut tls = Tls::midway();
    let nonce = [&[0; 8][..], &[0xaa; 60]].concat();
    assert_eq!(piece(&mut tls, Back, &record(22, &nonce), 0), "Encrypted Handshake [handshake]");
}

#[test]
fn a_whole_handshake_after_a_midway_start_is_like_any_other() {
    let mut tls = Tls::midway();
    piece(&mut tls, Forth, &client_hello(&[]), 0);
    piece(&mut tls, Back, &server_flight(), 0);
    piece(&mut tls, Forth, &client_finish(), 0);
    assert_eq!(piece(&mut tls, Back, &finish(), 0), "Change Cipher Spec, Finished ? [handshake] [complete]");
    assert_eq!(tls.progress.resumed, Some(false));
}

#[test]
fn t4_without_its_client_hello_a_session_is_resumed_all_the_same() {
    let mut tls = Tls::midway();
    piece(&mut tls, Back, &all(&[server_hello(), finish()]), 0);
    assert_eq!(tls.progress.resumed, Some(true));
}

#[test]
fn t4_octets_lost_behind_the_server_hello_may_have_been_a_certificate() {
    let mut tls = Tls::midway();
    piece(&mut tls, Back, &server_hello(), 0);
    tls.gap(Back, Some(2000));
    piece(&mut tls, Back, &finish(), 0);
    assert_eq!(tls.progress.resumed, None);
}

/// Server Hello to Server Hello Done in one record, cut off in the Server Hello and behind it.
fn cut_flights() -> Vec<(Vec<u8>, u32)> {
    let hello = server_hello()[5..].to_vec();
    let whole = record(22, &[hello.clone(), message(11, &[0x55; 600]), message(14, &[])].concat());
    let lengths = [hello.len(), 5 + hello.len(), 5 + hello.len() + 2];
    lengths.iter().map(|&length| (whole[..length].to_vec(), (whole.len() - length) as u32)).collect()
}

#[test]
fn t4_g2_a_handshake_is_full_where_the_client_changes_first() {
    for (captured, missing) in cut_flights() {
        let mut tls = Tls::new();
        piece(&mut tls, Forth, &client_hello(&[]), 0);
        piece(&mut tls, Back, &captured, missing);
        piece(&mut tls, Forth, &client_finish(), 0);
        piece(&mut tls, Back, &finish(), 0);
        assert_ne!(tls.progress.resumed, Some(true), "{}", captured.len());
    }
}

#[test]
fn t4_g2_of_the_server_alone_a_flight_that_was_cut_off_says_nothing() {
    for (captured, missing) in cut_flights() {
        let mut tls = Tls::midway();
        piece(&mut tls, Back, &captured, missing);
        piece(&mut tls, Back, &finish(), 0);
        assert_eq!(tls.progress.resumed, None, "{}", captured.len());
    }
}

#[test]
fn only_the_client_was_captured() {
    let mut tls = Tls::new();
    piece(&mut tls, Forth, &client_hello(&[]), 0);
    assert_eq!(
        piece(&mut tls, Forth, &client_finish(), 0),
        "Client Key Exchange, Change Cipher Spec, Finished ? [handshake]"
    );
    assert_eq!(piece(&mut tls, Forth, &protected(23, 90), 0), "TLS Application Data");
    assert!(!tls.is_handshaking());
    // Abbreviated, or TLS 1.3.
    let mut tls = Tls::new();
    piece(&mut tls, Forth, &client_hello(&[]), 0);
    assert_eq!(piece(&mut tls, Forth, &finish(), 0), "Change Cipher Spec, Finished ? [handshake]");
    let mut tls = Tls::new();
    piece(&mut tls, Forth, &client_hello(&[]), 0);
    assert_eq!(
        piece(&mut tls, Forth, &[change_cipher_spec(), sealed(53)].concat(), 0),
        "Change Cipher Spec, TLS Application Data ? [handshake]"
    );
    assert!(!tls.is_handshaking());
}

#[test]
fn only_the_server_was_captured() {
    let mut tls = Tls::new();
    assert_eq!(
        piece(&mut tls, Back, &server_flight_13(AES_128_GCM_SHA256, false), 0),
        "Server Hello, Change Cipher Spec, Encrypted Handshake ? [handshake]"
    );
    assert_eq!(tls.client(), Some(Forth));
    assert!(tls.is_handshaking());
    // Tickets, or an answer.
    assert_eq!(piece(&mut tls, Back, &sealed(250), 0), "TLS Application Data ?");
    assert_eq!(piece(&mut tls, Back, &sealed(250), 0), "TLS Application Data ?");
    assert_eq!(piece(&mut tls, Back, &sealed(30), 0), "TLS Application Data");
    assert_eq!(piece(&mut tls, Back, &sealed(250), 0), "TLS Application Data");
    assert!(!tls.is_handshaking());
    let mut tls = Tls::new();
    piece(&mut tls, Back, &[server_flight(), finish()].concat(), 0);
    assert_eq!(piece(&mut tls, Back, &protected(23, 90), 0), "TLS Application Data");
    assert!(!tls.is_handshaking());
}

#[test]
fn t2_a_servers_flight_alone_ends_with_its_finished() {
    let handshake = "Server Hello, Encrypted Handshake [handshake]";
    let guessed = "Server Hello, Encrypted Handshake ? [handshake]";
    let over = "Server Hello, Encrypted Handshake, TLS Application Data ? [handshake]";
    for (resumed, lengths, expected) in [
        (false, &[30][..], handshake),
        (false, &[30, 800], guessed),
        (false, &[30, 60, 800, 96, 53], guessed),
        (false, &[30, 800, 96, 53, 90], over),
        // All in one record, or so it seems where padding makes the first one longer.
        (false, &[900, 90], over),
        (false, &[272, 1040, 528, 272, 272], over),
        // A Finished that could not be told: it is the fifth at most.
        (false, &[100, 100, 100, 100, 100], guessed),
        (false, &[100, 100, 100, 100, 100, 100], over),
        (true, &[30, 53], guessed),
        (true, &[30, 53, 90], over),
        (true, &[80, 90], over),
    ] {
        let mut tls = Tls::new();
        let records = lengths.iter().map(|&length| sealed(length));
        let flight: Vec<Vec<u8>> =
            std::iter::once(server_hello_13(AES_128_GCM_SHA256, resumed)).chain(records).collect();
        assert_eq!(piece(&mut tls, Back, &flight.concat(), 0), expected, "{lengths:?}");
    }
    // A hole: what is behind it may be anything.
    let mut tls = Tls::new();
    piece(&mut tls, Back, &[server_hello_13(AES_128_GCM_SHA256, false), sealed(30)].concat(), 0);
    tls.gap(Back, None);
    let behind = [sealed(60), sealed(70)].concat();
    assert_eq!(piece(&mut tls, Back, &behind, 0), "TLS Application Data ? [lost]");
}

#[test]
fn an_answer_of_ssl_2_is_left_alone() {
    let mut tls = Tls::new();
    piece(&mut tls, Forth, &version_2_client_hello(), 0);
    assert_eq!(piece(&mut tls, Back, &[0x83, 0xb4, 4, 0, 1, 0, 2, 3], 0), " [not TLS]");
    assert_eq!(piece(&mut tls, Forth, &[0x81, 0x12, 2], 0), " [not TLS]");
    assert!(!tls.is_handshaking());
}
