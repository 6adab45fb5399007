//! Closure alerts, truncation, and heartbeats.

use super::build::*;
use super::*;
use crate::tls::Heartbeat;

/// A TLS 1.2 handshake.
fn open() -> Vec<Turn> {
    vec![client(&[client_hello(&[])]), server(&[server_flight()]), client(&[client_finish()]), server(&[finish()])]
}

/// A TLS 1.3 handshake.
fn open_13() -> Vec<Turn> {
    let flight = server_flight_13(AES_128_GCM_SHA256, false);
    vec![client(&[client_hello(&[])]), server(&[flight]), client(&[sealed(53)])]
}

#[track_caller]
fn expect_after(mut turns: Vec<Turn>, rows: &[(Turn, &str)]) -> Vec<Findings> {
    let opening = turns.len();
    turns.extend(rows.iter().map(|(turn, _)| turn.clone()));
    let (_, found) = talk(&turns);
    let found = found[opening..].to_vec();
    let told: Vec<String> = found.iter().map(words).collect();
    let expected: Vec<&str> = rows.iter().map(|(_, words)| *words).collect();
    assert_eq!(told, expected);
    found
}

#[test]
fn c11_a_protected_alert_after_completion_is_close_notify() {
    let found = expect_after(
        open(),
        &[
            (client(&[protected(23, 90)]), "TLS Application Data"),
            (client(&[protected(21, 26)]), "TLS close_notify ?"),
            (client(&[]).fin(), ""),
            (server(&[]).fin(), ""),
        ],
    );
    assert!(found[1].is_close_notify_only());
    assert!(!found[1].handshake);
}

#[test]
fn c11_data_without_close_notify_is_truncated() {
    for (end, by) in [(server(&[]).fin(), Back), (reset(Forth), Forth)] {
        assert_eq!(end.direction, by);
        expect_after(
            open(),
            &[
                (client(&[protected(23, 90)]), "TLS Application Data"),
                (server(&[protected(23, 900)]), "TLS Application Data"),
                (end, " [truncated]"),
                // The peer only follows.
                (Turn { end: Some(End::Fin), ..reset(by.reverse()) }, ""),
            ],
        );
    }
}

#[test]
fn c11_a_record_cut_off_is_truncated() {
    let mut half = protected(23, 900);
    half.truncate(400);
    expect_after(open(), &[(server(&[half]).fin(), "TLS Application Data [truncated]")]);
}

#[test]
fn c11_no_data_no_truncation() {
    expect_after(open(), &[(server(&[]).fin(), ""), (client(&[]).fin(), "")]);
}

#[test]
fn c11_whoever_sends_data_after_the_peers_closure_owes_one_again() {
    expect_after(
        open(),
        &[
            (client(&[protected(23, 90)]), "TLS Application Data"),
            (client(&[protected(21, 26)]), "TLS close_notify ?"),
            (server(&[protected(23, 90)]), "TLS Application Data"),
            (server(&[]).fin(), " [truncated]"),
        ],
    );
}

#[test]
fn c11_tls_1_3_shows_no_more_than_an_alert() {
    let found = expect_after(
        open_13(),
        &[
            (client(&[sealed(90)]), "TLS Application Data"),
            (client(&[sealed(19)]), "TLS Alert ?"),
            (client(&[]).fin(), ""),
        ],
    );
    assert!(!found[1].is_close_notify_only());
    expect_after(open_13(), &[(client(&[sealed(90)]), "TLS Application Data"), (client(&[]).fin(), " [truncated]")]);
}

#[test]
fn c11_tls_1_3_who_may_have_been_told_of_a_closure_owes_none() {
    expect_after(
        open_13(),
        &[
            (client(&[sealed(90)]), "TLS Application Data"),
            (server(&[sealed(900)]), "TLS Application Data"),
            (client(&[sealed(19)]), "TLS Alert ?"),
            (server(&[]).fin(), ""),
        ],
    );
}

#[test]
fn c11_tls_1_3_an_alert_right_before_a_fin_is_close_notify() {
    let turns = [open_13(), vec![client(&[sealed(90)]), client(&[sealed(19)]).fin()]].concat();
    let (_, found) = talk_whole(&turns);
    assert_eq!(words(&found[4]), "TLS close_notify ?");
    assert!(found[4].is_close_notify_only());
}

#[test]
fn c11_tls_1_3_a_record_that_may_be_a_padded_closure_is_one_for_all_that_is_known() {
    let flight = [server_hello_13(AES_128_GCM_SHA256, false), sealed(272), sealed(1040), sealed(528), sealed(272)];
    let handshake = vec![client(&[client_hello(&[])]), server(&flight), client(&[sealed(272)])];
    let talk = [
        (server(&[sealed(272)]), "New Session Ticket ? [complete]"),
        (client(&[sealed(272)]), "TLS Application Data"),
        (server(&[sealed(528), sealed(272)]), "TLS Application Data"),
    ];
    let ends = [
        (client(&[sealed(272)]).fin(), "TLS Application Data"),
        (server(&[sealed(272)]).fin(), "TLS Application Data"),
    ];
    expect_after(handshake.clone(), &[&talk[..], &ends].concat());
    // Longer than another one of its sender: an alert would be as short.
    let ends = [(server(&[sealed(528)]).fin(), "TLS Application Data [truncated]"), (client(&[]).fin(), "")];
    expect_after(handshake, &[&talk[..], &ends].concat());
}

#[test]
fn c11_tls_1_3_who_does_not_pad_the_finished_does_not_pad_the_closure() {
    // The server's flight in one record shows nothing.
    let flight = [server_hello_13(AES_128_GCM_SHA256, false), sealed(900)];
    let handshake = vec![client(&[client_hello(&[])]), server(&flight), client(&[sealed(53)])];
    let more = (client(&[sealed(30)]), "TLS Application Data");
    for (answer, end) in [(sealed(30), ""), (sealed(300), " [truncated]")] {
        let tickets = (server(&[sealed(250)]), "New Session Ticket ?");
        let answer = (server(&[answer]), "TLS Application Data");
        expect_after(handshake.clone(), &[tickets, more.clone(), answer, (server(&[]).fin(), end)]);
    }
    expect_after(handshake, &[more.clone(), (client(&[]).fin(), " [truncated]")]);
    expect_after(
        open_13(),
        &[more, (server(&[sealed(30)]), "TLS Application Data"), (server(&[]).fin(), " [truncated]")],
    );
}

#[test]
fn an_empty_websocket_ping_of_an_alerts_size_does_not_close() {
    expect_after(
        open_13(),
        &[
            (client(&[sealed(90)]), "TLS Application Data"),
            (server(&[sealed(19)]), "TLS Alert ?"),
            (server(&[sealed(90)]), "TLS Application Data"),
            (server(&[]).fin(), " [truncated]"),
        ],
    );
}

#[test]
fn clear_text_may_follow_a_closure() {
    // The Clear Command Channel of FTP (RFC 4217 12.3).
    expect_after(
        open(),
        &[(client(&[protected(21, 26)]), "TLS close_notify ?"), (client(&[b"PORT 1\r\n".to_vec()]), " [not TLS]")],
    );
}

#[test]
fn k11_heartbeats_in_clear_say_what_they_are() {
    let found = expect_after(
        vec![client(&[client_hello(&[])])],
        &[
            (client(&[record(24, &[1, 0, 3, 1, 2, 3])]), "TLS Heartbeat Request"),
            (server(&[record(24, &[2, 0, 3, 1, 2, 3])]), "TLS Heartbeat Response"),
        ],
    );
    assert_eq!(found[0].heartbeat, Some(Heartbeat::Request));
    assert!(found[1].is_heartbeat_only());
}

#[test]
fn k11_a_heartbeat_is_one_however_many_segments_it_has() {
    let octets = record(24, &[1; 90]);
    let mut turns = vec![client(&[client_hello(&[])])];
    turns.extend(octets.chunks(30).map(|part| client(&[part.to_vec()])));
    let (_, found) = talk(&turns);
    let counted = found.iter().filter(|findings| findings.heartbeat.is_some()).count();
    assert_eq!((counted, found.len()), (1, 5));
    assert!(found[1..].iter().all(|findings| findings.is_heartbeat_only()));
}

#[test]
fn alerts_may_share_a_record() {
    expect_after(
        vec![client(&[client_hello(&[])])],
        &[(server(&[record(21, &[1, 112, 2, 40])]), "TLS Alert [handshake] [failed]")],
    );
}

#[test]
fn k11_protected_heartbeats_are_inferred() {
    expect_after(
        open(),
        &[
            (client(&[protected(24, 61)]), "TLS Heartbeat Request ?"),
            (client(&[protected(24, 61)]), "TLS Heartbeat Request ?"),
            (server(&[protected(24, 61)]), "TLS Heartbeat Response ?"),
            // Each has its own.
            (server(&[protected(24, 61)]), "TLS Heartbeat Response ?"),
            (server(&[protected(24, 61)]), "TLS Heartbeat Request ?"),
        ],
    );
}

#[test]
fn k11_g7_each_heartbeat_of_a_segment_counts() {
    let requests = || vec![protected(24, 61); 3];
    let (_, found) = talk_whole(&[open(), vec![client(&requests()), server(&requests())]].concat());
    assert_eq!((words(&found[4]).as_str(), found[4].heartbeats), ("TLS Heartbeat Request ?", [3, 0]));
    assert_eq!((words(&found[5]).as_str(), found[5].heartbeats), ("TLS Heartbeat Response ?", [0, 3]));
    // One that answers and asks.
    let both = vec![client(&requests()[..1]), server(&requests()[..2])];
    let (_, found) = talk_whole(&[open(), both].concat());
    let told = "TLS Heartbeat Response, TLS Heartbeat Request ?";
    assert_eq!((words(&found[5]).as_str(), found[5].heartbeats), (told, [1, 1]));
}

#[test]
fn k11_a_response_that_fills_records_is_one() {
    let turns = [open(), vec![client(&[protected(24, 61)]), server(&[protected(24, 16_400), protected(24, 90)])]];
    let (_, found) = talk_whole(&turns.concat());
    assert_eq!(words(&found[5]), "TLS Heartbeat Response ?");
}

#[test]
fn t2_after_the_clients_fin_the_servers_flight_is_still_handshake_and_nothing_is_truncated() {
    let flight = || server_flight_13(AES_128_GCM_SHA256, false);
    let told = "Server Hello, Change Cipher Spec, Encrypted Handshake";
    expect_after(
        vec![],
        &[
            (client(&[client_hello(&[])]), "Client Hello [handshake]"),
            (client(&[]).fin(), " [failed]"),
            (server(&[flight()]), told),
            (server(&[sealed(900), sealed(53)]), "Encrypted Handshake"),
            (server(&[sealed(19)]), "TLS Alert ?"),
            (server(&[]).fin(), ""),
        ],
    );
    expect_after(
        vec![],
        &[
            (client(&[client_hello(&[])]), "Client Hello [handshake]"),
            (server(&[flight()]), "Server Hello, Change Cipher Spec, Encrypted Handshake [handshake]"),
            (server(&[]).fin(), " [failed]"),
            (client(&[sealed(53)]), "Encrypted Handshake"),
            (client(&[sealed(90)]), "TLS Application Data"),
        ],
    );
}
