//! Steps and numbers: H2 interim responses and switches, H3 pipelining, H6 continuations, H8 response times.

use super::{conversation, in_words, whole};
use crate::application::Application;
use crate::application::{Answered, Protocol};
use crate::verdict::SECOND;

#[test]
fn h6_the_field_section_keeps_its_step_and_its_end_hides_the_body() {
    conversation(
        ">>> POST / HTT
             HTTP Request #1
         >>> P/1.1~Content-Length: 20~X:
             HTTP Request #1
         >>> y~~{5}
             HTTP Request #1
         >>> {10}
             HTTP Request Body #1
         >>> {5}
             HTTP Request Body #1
         <<< HTTP/1.1 200 OK~Content-Le
             HTTP Response #1
         <<< ngth: 3~~
             HTTP Response #1
         <<< abc
             HTTP Response Body #1",
    );
}

#[test]
fn h6_an_overlong_field_section_is_scanned_for_its_end() {
    whole(
        ">>> GET /{9000} HTTP/1.0~
             HTTP Request #1
         >>> Cookie: {9000}
             HTTP Request #1
         >>> {20000}
             HTTP Request #1
         >>> ~~GET / HTTP/1.1~~
             HTTP Request #1 #2",
    );
}

#[test]
fn h6_two_messages_in_a_segment_are_two_steps() {
    conversation(
        ">>> POST / HTTP/1.1~Content-Length: 5~~
             HTTP Request #1
         >>> {5}GET / HTTP/1.1~~
             HTTP Request Body, HTTP Request #1 #2
         <<< HTTP/1.1 200 OK~Transfer-Encoding: chunked~~
             HTTP Response #1
         <<< 5~{5}~0~~HTTP/1.1 200 OK~Content-Length: 5~~{5}
             HTTP Response Body, HTTP Response #1 #2",
    );
}

#[test]
fn empty_lines_before_a_request_are_passed_over() {
    conversation(
        ">>> ~~GET / HTTP/1.1~~
             HTTP Request #1
         >>> ~
             Data
         >>> ~GET / HTTP/1.1~~~
             HTTP Request #2
         <<< HTTP/1.1 200 OK~Content-Length: 0~~~~HTTP/1.1 200 OK~Content-Length: 0~~
             HTTP Response #1 #2",
    );
}

#[test]
fn h2_interim_responses_do_not_move_the_number() {
    let outcomes = conversation(
        ">>> POST / HTTP/1.1~Expect: 100-continue~Content-Length: 5~~
             HTTP Request #1
         <<< HTTP/1.1 100 Continue~~
             HTTP Interim Response #1
         >>> {5}
             HTTP Request Body #1
         <<< HTTP/1.1 102 Processing~~
             HTTP Interim Response #1
         <<< HTTP/1.1 103 Early Hints~Link: x~~HTTP/1.1 200 OK~Content-Length: 0~~
             HTTP Interim Response, HTTP Response #1
         >>> GET / HTTP/1.1~~
             HTTP Request #2",
    );
    assert_eq!((outcomes[1].response_time, outcomes[1].answered.as_slice()), (None, &[][..]));
    // H8: not the wait for 100 Continue, but from the body's last octet.
    assert_eq!(outcomes[4].response_time, Some(2 * SECOND));
    assert_eq!(outcomes[4].request_frame, Some(1));
}

#[test]
fn h2_101_ends_http() {
    for (upgrade, protocol) in [
        ("websocket", Protocol::WebSocket),
        ("WebSocket", Protocol::WebSocket),
        ("h2c", Protocol::Http2),
        ("TLS/1.0", Protocol::Tls),
        ("tcp", Protocol::Other),
    ] {
        let script = format!(
            ">>> GET / HTTP/1.1~Connection: keep-alive, Upgrade~Upgrade: {upgrade}~~
                 HTTP Request #1
             <<< HTTP/1.1 101 Switching Protocols~Connection: Upgrade~Upgrade: {upgrade}~~{{7}}
                 HTTP Upgrade #1"
        );
        let switch = conversation(&script)[1].switch.expect("a switch");
        assert_eq!(switch.protocol, protocol, "{upgrade}");
        let head = "HTTP/1.1 101 Switching Protocols~Connection: Upgrade~Upgrade: ~~".replace('~', "\r\n").len();
        assert_eq!(switch.offset, head + upgrade.len());
        let (caller, _) = whole(&script);
        assert_eq!(caller.http.upgraded().map(|request| (request.number, request.frame)), Some((1, 1)));
    }
}

#[test]
fn h2_an_upgrade_that_is_declined_changes_nothing() {
    conversation(
        ">>> GET / HTTP/1.1~Connection: Upgrade~Upgrade: h2c~~
         <<< HTTP/1.1 200 OK~Upgrade: h2,h2c~Connection: Upgrade~Content-Length: 2~~ok
             HTTP Response #1
         >>> GET / HTTP/1.1~~
             HTTP Request #2",
    );
}

#[test]
fn t10_2xx_to_connect_opens_a_tunnel() {
    for status in ["200 Connection established", "204 Yes", "299 Sure~Content-Length: 10"] {
        let script = format!(
            ">>> CONNECT a:443 HTTP/1.1~Host: a:443~~
                 HTTP Request #1
             <<< HTTP/1.1 {status}~~{{3}}
                 HTTP Tunnel #1"
        );
        let switch = conversation(&script)[1].switch.expect("a switch");
        assert_eq!(switch.protocol, Protocol::Tunnel);
        assert_eq!(switch.offset, "HTTP/1.1 ".len() + status.replace('~', "\r\n").len() + 4);
    }
}

#[test]
fn t10_a_refused_connect_opens_none() {
    let outcomes = conversation(
        ">>> CONNECT a:443 HTTP/1.1~~
         <<< HTTP/1.1 407 Proxy Authentication Required~Content-Length: 2~~no
             HTTP Response #1
         >>> CONNECT a:443 HTTP/1.1~Proxy-Authorization: x~~
             HTTP Request #2
         <<< HTTP/1.1 200 OK~~
             HTTP Tunnel #2",
    );
    assert!(outcomes[1].switch.is_none() && outcomes[3].switch.is_some());
}

#[test]
fn t10_what_goes_before_the_tunnel_opens_is_not_read() {
    whole(
        ">>> CONNECT a:443 HTTP/1.1~~GET / HTTP/1.1~~
             HTTP Request, Data #1
         <<< HTTP/1.1 503 No~Content-Length: 0~~
             HTTP Response #1
         >>> GET / HTTP/1.1~~
             HTTP Request #2",
    );
}

#[test]
fn h3_first_in_first_out() {
    let (_, outcomes) = whole(
        ">>> GET /1 HTTP/1.1~~HEAD /2 HTTP/1.1~~GET /3 HTTP/1.1~~
             HTTP Request #1 #2 #3
         >>> GET /4 HTTP/1.1~~
             HTTP Request #4
         <<< HTTP/1.1 200 OK~Content-Length: 3~~abcHTTP/1.1 200 OK~Content-Length: 9~~HTTP/1.1 200 OK~Content-Length: 5~~ab
             HTTP Response #1 #2 #3
         <<< c
             HTTP Response Body #3
         <<< deHTTP/1.1 200 OK~Content-Length: 0~~
             HTTP Response Body, HTTP Response #3 #4",
    );
    let answered =
        |request_frame, response_frame| Answered { place: Some(request_frame + 1000), request_frame, response_frame };
    // The three of one frame are one entry.
    assert_eq!(outcomes[2].answered.as_slice(), [answered(1, 3)]);
    assert_eq!((outcomes[2].request_frame, outcomes[2].response_time), (Some(1), Some(2 * SECOND)));
    assert_eq!(outcomes[4].answered.as_slice(), [answered(2, 5)]);
    assert_eq!((outcomes[4].request_frame, outcomes[4].response_time), (Some(2), Some(3 * SECOND)));
    assert_eq!((outcomes[0].method.map(|method| method.name()), outcomes[2].status), (Some("GET"), Some(200)));
}

#[test]
fn h3_an_early_response_is_normal() {
    let outcomes = conversation(
        ">>> POST / HTTP/1.1~Content-Length: 10~~{5}
             HTTP Request #1
         <<< HTTP/1.1 413 Content Too Large~Content-Length: 0~~
             HTTP Response #1
         >>> {5}GET / HTTP/1.1~~
             HTTP Request Body, HTTP Request #1 #2
         <<< HTTP/1.1 200 OK~Content-Length: 0~~
             HTTP Response #2",
    );
    // H8: absent when the response starts first.
    assert_eq!((outcomes[1].response_time, outcomes[1].request_frame), (None, Some(1)));
    assert_eq!(outcomes[3].response_time, Some(SECOND));
}

#[test]
fn h3_a_response_that_nobody_asked_for_has_no_number() {
    conversation(
        ">>> GET / HTTP/1.1~~
         <<< HTTP/1.1 200 OK~Content-Length: 0~~
             HTTP Response #1
         <<< HTTP/1.1 408 Request Timeout~Content-Length: 0~~
             HTTP Response
         >>> GET / HTTP/1.1~~
             HTTP Request #2",
    );
    whole(
        "<<< HTTP/1.1 408 Request Timeout~Connection: close~Content-Length: 0~~
             HTTP Response",
    );
}

#[test]
fn h3_responses_whose_requests_were_not_captured_count() {
    whole(
        "...
         <<< HTTP/1.1 100 Continue~~
             HTTP Interim Response #1
         <<< HTTP/1.1 200 OK~Content-Length: 3~~abcHTTP/1.1 200 OK~Content-Length: 3~~a
             HTTP Response #1 #2
         <<< bc
             HTTP Response Body #2
         >>> GET / HTTP/1.1~~
             HTTP Request #3
         <<< HTTP/1.1 200 OK~Content-Length: 0~~
             HTTP Response #3",
    );
}

#[test]
fn h3_more_requests_than_are_kept_leave_the_rest_unnumbered() {
    let requests = "GET / HTTP/1.1~~".repeat(200);
    let responses = "HTTP/1.1 200 OK~Content-Length: 0~~".repeat(150);
    let (caller, outcomes) = whole(&format!(
        ">>> {requests}
         <<< {responses}
         >>> GET / HTTP/1.1~~
             HTTP Request #201
         <<< HTTP/1.1 200 OK~Content-Length: 0~~
             HTTP Response #201"
    ));
    assert_eq!(in_words(&outcomes[1]), "HTTP Response, Data #1 #2 #3 #4 #5 #6 #7 #8 #9 #10 #11 #12 #13 #14 #15 #16");
    assert_eq!(caller.http.messages(), Some(201));
}

#[test]
fn h8_a_response_time_is_from_the_last_octet_to_the_first() {
    let outcomes = conversation(
        ">>> POST / HTTP/1.1~Content-Length: 3~~ab
         >>> c
         <<< HTTP/1.1 2
             HTTP Response #1
         <<< 00 OK~Content-Length: 3~~
         <<< abc",
    );
    assert_eq!(outcomes[2].request_frame, Some(1));
    // The status shows only then that it is final; the time is that of the first octet.
    assert_eq!((outcomes[2].response_time, outcomes[3].response_time), (None, Some(SECOND)));
    assert_eq!(outcomes[3].answered.as_slice().first().map(|answered| answered.response_frame), Some(3));
    assert_eq!(outcomes[4].request_frame, None);
}

#[test]
fn h5_a_request_that_crosses_the_fin_is_found() {
    let script = ">>> GET / HTTP/1.1~~
                  <<< HTTP/1.1 200 OK~Content-Length: 0~~
                  <<.
                  >>> POST / HTTP/1.1~Content-Length: 100~~
                      HTTP Request #2";
    let (caller, _) = whole(script);
    let server = crate::connection::Direction::Back;
    assert_eq!(caller.http.race(server, Some(SECOND)), Some(4));
    assert_eq!(caller.http.race(server.reverse(), Some(SECOND)), None);
    assert_eq!(caller.http.race(server, Some(SECOND / 10)), None);
    let (answered, _) = whole(
        ">>> GET / HTTP/1.1~~
                               <<< HTTP/1.1 200 OK~Content-Length: 0~~
                               <<.",
    );
    assert_eq!(answered.http.race(server, Some(SECOND)), None);
}
