//! H1: the length of a body (RFC 9112 6.3). C7: the close that ends one.

use super::{conversation, whole};
use crate::application::Application;
use crate::verdict::HttpFraming;

/// A response with this head, after a request; then content, and a response that is seen only if the length is right.
#[track_caller]
fn response_is_followed(method: &str, head: &str, content: &str) -> Option<HttpFraming> {
    let script = format!(
        ">>> {method} / HTTP/1.1~~
         >>> GET /next HTTP/1.1~~
         <<< HTTP/1.1 {head}~~{content}HTTP/1.1 404 Not Found~Content-Length: 0~~
             HTTP Response #1 #2"
    );
    conversation(&script)[2].framing
}

#[track_caller]
fn request_is_followed(head: &str, content: &str) -> Option<HttpFraming> {
    let script = format!(
        ">>> POST / HTTP/1.1~{head}~~{content}GET /next HTTP/1.1~~
             HTTP Request #1 #2"
    );
    conversation(&script)[0].framing
}

#[test]
fn h1_no_content_after_head_204_and_304() {
    response_is_followed("HEAD", "200 OK~Content-Length: 100", "");
    response_is_followed("HEAD", "200 OK~Transfer-Encoding: chunked", "");
    response_is_followed("HEAD", "200 OK", "");
    response_is_followed("GET", "204 No Content~Content-Length: 100", "");
    response_is_followed("GET", "304 Not Modified~Content-Length: 100", "");
}

#[test]
fn h1_content_length_counts() {
    response_is_followed("GET", "200 OK~Content-Length: 3", "abc");
    response_is_followed("GET", "200 OK~CONTENT-LENGTH:3", "abc");
    response_is_followed("GET", "205 Reset Content~content-length: \t3 \t", "abc");
    request_is_followed("Content-Length: 3", "abc");
    request_is_followed("Content-Length: 0", "");
    request_is_followed("Host: a", "");
}

#[test]
fn h1_white_space_that_recipients_take_differently_is_told() {
    let odd = Some(HttpFraming::OddWhiteSpace);
    assert_eq!(response_is_followed("GET", "200 OK~Content-Length : 3", "abc"), odd);
    assert_eq!(response_is_followed("GET", "200 OK~Transfer-Encoding:\x0bchunked", "3~abc~0~~"), odd);
    assert_eq!(request_is_followed("Content-Length\t: 3", "abc"), odd);
    assert_eq!(request_is_followed("Transfer-Encoding: gzip,\x0cchunked", "3~abc~0~~"), odd);
    assert_eq!(request_is_followed("Server : a~Content-Length:\t 3 ", "abc"), None);
    let both = Some(HttpFraming::CodingAndLength);
    assert_eq!(request_is_followed("Content-Length : 3~Transfer-Encoding: chunked", "3~abc~0~~"), both);
}

#[test]
fn h1_equal_lengths_are_one() {
    assert_eq!(response_is_followed("GET", "200 OK~Content-Length: 3, 3", "abc"), None);
    assert_eq!(response_is_followed("GET", "200 OK~Content-Length: 3~Content-Length: 03", "abc"), None);
    assert_eq!(request_is_followed("Content-Length: 3~Content-Length: 3", "abc"), None);
}

#[test]
fn h1_chunks_count_with_extensions_and_trailers() {
    response_is_followed("GET", "200 OK~Transfer-Encoding: chunked", "3~abc~0~~");
    response_is_followed("GET", "200 OK~Transfer-Encoding: Chunked", "3;a=b;c=\"d\"~abc~A ;x~0123456789~000~~");
    response_is_followed("GET", "200 OK~Transfer-Encoding: chunked", "1~\\n~0~Expires: never~X: y~~");
    response_is_followed("GET", "200 OK~Transfer-Encoding: gzip, chunked", "3~abc~0~~");
    response_is_followed("GET", "200 OK~Transfer-Encoding: gzip~Transfer-Encoding: chunked", "3~abc~0~~");
    response_is_followed("GET", "200 OK~Transfer-Encoding: identity, chunked;q=1", "3~abc~0~~");
    request_is_followed("Transfer-Encoding: chunked", "b~hello world~0~~");
}

#[test]
fn h1_line_feeds_alone_and_folded_fields_are_read() {
    response_is_followed("GET", "200 OK\\nTransfer-Encoding:\\n chunked", "3\\nabc\\n0\\n\\n");
    response_is_followed("GET", "200 OK~Transfer-Encoding: gzip,~\t chunked", "3~abc~0~~");
    response_is_followed("GET", "200 OK~Content-Length:~ 3", "abc");
    response_is_followed("GET", "200 OK~Content-Length : 3", "abc");
    response_is_followed("GET", "200 OK~no field at all~Content-Length: 3~: none", "abc");
}

#[test]
fn h1_transfer_coding_beats_content_length_and_is_noted() {
    let both = Some(HttpFraming::CodingAndLength);
    assert_eq!(response_is_followed("GET", "200 OK~Content-Length: 1~Transfer-Encoding: chunked", "3~abc~0~~"), both);
    assert_eq!(request_is_followed("Transfer-Encoding: chunked~Content-Length: 99", "3~abc~0~~"), both);
}

#[test]
fn h1_identity_says_nothing() {
    assert_eq!(response_is_followed("GET", "200 OK~Transfer-Encoding: identity~Content-Length: 3", "abc"), None);
}

#[test]
fn h1_chunked_twice_is_noted() {
    let twice = Some(HttpFraming::ChunkedTwice);
    assert_eq!(response_is_followed("GET", "200 OK~Transfer-Encoding: chunked, chunked", "3~abc~0~~"), twice);
}

#[test]
fn h1_chunks_in_http_1_0_are_noted() {
    let script = ">>> GET / HTTP/1.0~~
                  <<< HTTP/1.0 200 OK~Transfer-Encoding: chunked~~0~~";
    assert_eq!(conversation(script)[1].framing, Some(HttpFraming::CodingInHttp10));
}

#[test]
fn h1_c7_a_response_without_length_lasts_until_the_close() {
    for head in [
        "HTTP/1.1 200 OK~~",
        "HTTP/1.0 200 OK~Transfer-Encoding: gzip~~",
        "HTTP/1.1 200 OK~Transfer-Encoding: chunked, gzip~~",
    ] {
        let script = format!(
            ">>> GET / HTTP/1.1~~
             <<< {head}
                 HTTP Response #1
             <<< {{1460}}
                 HTTP Response Body #1
             <<< HTTP/1.1 200 OK~Content-Length: 0~~
                 HTTP Response Body #1"
        );
        conversation(&script);
        let (mut caller, _) = whole(&script);
        assert!(caller.http.is_waiting());
        let mut outcome = Default::default();
        caller.http.ends(crate::connection::Direction::Back, false, 0, &mut outcome);
        assert!(!caller.http.is_waiting());
    }
}

#[test]
fn h1_lengths_that_contradict_each_other_are_no_lengths() {
    for (fields, framing) in [
        ("Content-Length: 3~Content-Length: 4", HttpFraming::DifferentLengths),
        ("Content-Length: 3, 4", HttpFraming::DifferentLengths),
        ("Content-Length: -3", HttpFraming::InvalidLength),
        ("Content-Length: 3~ 4", HttpFraming::InvalidLength),
        ("Content-Length: +3", HttpFraming::InvalidLength),
        ("Content-Length: 0x3", HttpFraming::InvalidLength),
        ("Content-Length: 99999999999999999999999999", HttpFraming::InvalidLength),
    ] {
        let script = format!(
            ">>> GET / HTTP/1.1~~
             <<< HTTP/1.1 200 OK~{fields}~~
                 HTTP Response #1
             <<< HTTP/1.1 200 OK~Content-Length: 0~~
                 HTTP Response Body #1
             >>> GET /next HTTP/1.1~~
                 HTTP Request #2
             <<< HTTP/1.1 200 OK~Content-Length: 0~~
                 HTTP Response #2"
        );
        // Cutting the last response would not show it at its first octets.
        assert_eq!(whole(&script).1[1].framing, Some(framing), "{fields}");
    }
}

#[test]
fn h1_a_request_whose_last_coding_is_not_chunked_has_no_length() {
    let script = ">>> POST / HTTP/1.1~Transfer-Encoding: chunked, gzip~~
                      HTTP Request #1
                  >>> GET / HTTP/1.1~~
                      HTTP Request Body #1
                  <<< HTTP/1.1 400 Bad Request~Content-Length: 0~~
                      HTTP Response #1
                  >>> GET / HTTP/1.1~~
                      HTTP Request #2";
    assert_eq!(whole(script).1[0].framing, Some(HttpFraming::ChunkedNotLast));
}

#[test]
fn h1_a_body_of_4_gb_is_counted() {
    let script = ">>> GET / HTTP/1.1~~GET / HTTP/1.1~~
                  <<< HTTP/1.1 200 OK~Content-Length: 4294967306~~
                  <<- 4294967295
                  <<< {11}HTTP/1.1 200 OK~
                      HTTP Response Body, HTTP Response #1 #2";
    conversation(script);
}

#[test]
fn broken_chunks_stay_a_body_whose_end_nobody_knows() {
    let script = ">>> GET / HTTP/1.1~~
                  <<< HTTP/1.1 200 OK~Transfer-Encoding: chunked~~3~abcd~0~~
                      HTTP Response #1
                  <<< more
                      HTTP Response Body #1
                  >>> GET / HTTP/1.1~~
                      HTTP Request #2
                  <<< HTTP/1.1 200 OK~Content-Length: 0~~
                      HTTP Response #2";
    whole(script);
}
