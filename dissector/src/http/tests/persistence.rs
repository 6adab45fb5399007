//! H4: whether the connection stays open, and how that is known.

use super::conversation;
use crate::verdict::PersistentBasis::{self, *};
use crate::verdict::SECOND;

type Said = Option<(bool, Option<PersistentBasis>)>;

/// What a request and a response with these heads say.
#[track_caller]
fn said(request: &str, response: &str) -> (Said, Said) {
    let outcomes = conversation(&format!(">>> GET / {request}~~\n<<< {response}~~"));
    let said = |index: usize| {
        let outcome: &crate::application::Outcome = &outcomes[index];
        outcome.persistence.map(|persistence| (persistence.persistent, persistence.basis))
    };
    (said(0), said(1))
}

const YES: Said = Some((true, Some(Http11Default)));

fn no(basis: PersistentBasis) -> Said {
    Some((false, Some(basis)))
}

#[test]
fn h4_http_1_1_persists_without_a_word() {
    assert_eq!(said("HTTP/1.1", "HTTP/1.1 200 OK~Content-Length: 0"), (YES, YES));
    let keep_alive = "HTTP/1.1 200 OK~Content-Length: 0~Connection: Keep-Alive~Keep-Alive: timeout=5";
    assert_eq!(said("HTTP/1.1~Connection: keep-alive", keep_alive), (YES, YES));
    assert_eq!(said("HTTP/1.1", "HTTP/1.1 304 Not Modified"), (YES, YES));
}

#[test]
fn h4_either_side_may_say_close() {
    let response = "HTTP/1.1 200 OK~Content-Length: 0";
    let closing = "HTTP/1.1 200 OK~Content-Length: 0~connection: foo , CLOSE";
    assert_eq!(said("HTTP/1.1~Connection: close", response), (no(CloseByClient), no(CloseByClient)));
    assert_eq!(said("HTTP/1.1", closing), (YES, no(CloseByServer)));
    assert_eq!(said("HTTP/1.1~Connection: close", closing), (no(CloseByClient), no(CloseByClient)));
    assert_eq!(said("HTTP/1.1~Connection: Upgrade~Connection: close", response).0, no(CloseByClient));
}

#[test]
fn h4_http_1_0_closes_unless_both_say_keep_alive() {
    let plain = "HTTP/1.0 200 OK~Content-Length: 0";
    let keep_alive = "HTTP/1.0 200 OK~Content-Length: 0~Connection: Keep-Alive";
    let newer = "HTTP/1.1 200 OK~Content-Length: 0";
    let newer_keep_alive = "HTTP/1.1 200 OK~Content-Length: 0~Connection: keep-alive";
    let both = Some((true, Some(KeepAliveInBoth)));
    assert_eq!(said("HTTP/1.0", plain), (no(Http10Default), no(Http10Default)));
    assert_eq!(said("HTTP/1.0", keep_alive).1, no(Http10Default));
    assert_eq!(said("HTTP/1.0~Connection: keep-alive", plain), (Some((true, None)), no(Http10Default)));
    assert_eq!(said("HTTP/1.0~Connection: keep-alive", keep_alive).1, both);
    assert_eq!(said("HTTP/1.0~Connection: keep-alive", newer).1, no(Http10Default));
    assert_eq!(said("HTTP/1.0~Connection: keep-alive", newer_keep_alive).1, both);
    assert_eq!(said("HTTP/1.1", plain).1, no(Http10Default));
    assert_eq!(said("HTTP/1.1", keep_alive).1, both);
}

#[test]
fn h4_a_body_that_ends_with_the_connection_ends_it() {
    assert_eq!(said("HTTP/1.1", "HTTP/1.1 200 OK"), (YES, no(BodyEndsWithConnection)));
    assert_eq!(said("HTTP/1.1", "HTTP/1.1 200 OK~Connection: close").1, no(CloseByServer));
    assert_eq!(said("HTTP/1.0", "HTTP/1.0 200 OK").1, no(Http10Default));
}

#[test]
fn h4_an_interim_response_says_nothing() {
    assert_eq!(said("HTTP/1.1", "HTTP/1.1 100 Continue").1, None);
}

#[test]
fn h4_it_is_said_where_the_head_ends() {
    let outcomes = conversation(
        ">>> GET / HTTP/1.1~Connection: clo
         >>> se~
         >>> ~",
    );
    let said: Vec<bool> = outcomes.iter().map(|outcome| outcome.persistence.is_some()).collect();
    assert_eq!(said, [false, false, true]);
}

#[test]
fn h4_the_servers_timeout_is_a_hint() {
    let timeout = |field: &str| {
        let outcomes = conversation(&format!(
            ">>> GET / HTTP/1.1~Keep-Alive: timeout=7~~\n<<< HTTP/1.1 200 OK~Content-Length: 0~{field}~~"
        ));
        assert_eq!(outcomes[0].timeout, None, "the client's word does not count");
        outcomes[1].timeout.map(|time| time / SECOND)
    };
    assert_eq!(timeout("Keep-Alive: timeout=5, max=100"), Some(5));
    assert_eq!(timeout("keep-alive: max=100 , Timeout = 0"), Some(0));
    assert_eq!(timeout("Keep-Alive: timeout=4294967295"), Some(4_294_967_295));
    for nonsense in
        ["Keep-Alive: 5", "Keep-Alive: timeout=", "Keep-Alive: timeout=-5", "Keep-Alive: timeout=4294967296"]
    {
        assert_eq!(timeout(nonsense), None, "{nonsense}");
    }
}
