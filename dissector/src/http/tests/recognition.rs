//! G7: which octets decide that a stream is HTTP.

use crate::application::{Application, Octets, Outcome, Recognition};
use crate::connection::Direction;
use crate::http::Http;

/// The answers to every prefix, as a letter each: more, yes, no.
fn answers(text: &str) -> String {
    let answer = |length: usize| match Http::recognises(&text.as_bytes()[..length]) {
        Recognition::NeedMore => 'm',
        Recognition::Yes => 'y',
        Recognition::No => 'n',
    };
    (1..=text.len()).map(answer).collect()
}

#[test]
fn g7_a_request_shows_with_the_end_of_its_method() {
    assert_eq!(answers("GET / HTTP/1.1\r\n"), "mmmyyyyyyyyyyyyy");
    assert_eq!(answers("PROPFIND *"), "mmmmmmmmyy");
    assert_eq!(answers("\r\nGET "), "mmmmmy");
    assert_eq!(answers("CONNECT a:1 HTTP/1.1\r\n"), "mmmmmmmyyyyyyyyyyyyyyy");
    assert_eq!(answers("GET http://a/ HTTP/1.0\n"), "mmmyyyyyyyyyyyyyyyyyyyy");
}

#[test]
fn g7_a_response_shows_with_the_end_of_its_version() {
    assert_eq!(answers("HTTP/1.1 200 OK\r\n"), "mmmmmmmyyyyyyyyyy");
    assert_eq!(answers("HTTP/1.0\t"), "mmmmmmmyy");
}

#[test]
fn other_protocols_are_not_http() {
    for text in [
        "SIP/2.0 200 OK\r\n",
        "OPTIONS sip:a@b SIP/2.0\r\n",
        "OPTIONS rtsp://a/b RTSP/1.0\r\n",
        "OPTIONS * RTSP/1.0\r\n",
        "RTSP/1.0 200 OK\r\n",
        "ICY 200 OK\r\n",
        "CONNECT {\"verbose\":false}\r\n",
        "GET key\r\n",
        "GET /\r\n",
        "HEAD <id@host>\r\n",
        "HEAD 12\r\n",
        "GNUTELLA CONNECT/0.6\r\n",
        "get / HTTP/1.1\r\n",
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        "HTTPS/1.1",
        "HTTP/1x",
        "HTTP/2.0 200",
        "SSH-2.0-OpenSSH_9\r\n",
        "220 smtp\r\n",
        "GETS / HTTP/1.1\r\n",
        "\u{16}\u{3}\u{1}",
    ] {
        assert_eq!(Http::recognises(text.as_bytes()), Recognition::No, "{text}");
    }
}

#[test]
fn a_request_line_may_be_badly_spaced() {
    for text in ["GET  /a b  HTTP/1.1 \r\n", "GET\t/\tHTTP/1.1\r\n", "GET HTTP/1.1\r\n", "GET / HTTP/1.1\n"] {
        assert_eq!(Http::recognises(text.as_bytes()), Recognition::Yes, "{text}");
    }
}

#[test]
fn what_only_began_like_http_is_taken_back() {
    for text in ["GET key\r\n", "GET / RTSP/1.0\r\n", "OPTIONS sip:a SIP/2.0\r\n"] {
        let (mut http, mut outcome) = (Http::new(), Outcome::default());
        for octet in text.as_bytes().chunks(1) {
            let octets = Octets { direction: Direction::Forth, captured: octet, missing: 0, time: 0, frame: 1 };
            http.octets(&octets, &mut outcome);
        }
        assert!(outcome.mistaken, "{text}");
        assert_eq!(http.messages(), Some(0));
    }
}

#[test]
fn any_token_may_be_a_method_on_a_connection_that_speaks_http() {
    super::conversation(
        ">>> GET / HTTP/1.1~~
         >>> FROB / HTTP/1.1~~
             HTTP Request #2
         <<< HTTP/1.1 200 OK~Content-Length: 0~~
             HTTP Response #1",
    );
}
