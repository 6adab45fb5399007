//! G2: octets that were not captured.

use super::{conversation, whole};

#[test]
fn g2_a_body_of_known_length_is_counted_through_a_hole() {
    conversation(
        ">>> GET / HTTP/1.1~~
         <<< HTTP/1.1 200 OK~Content-Length: 100~~{10}
         <<- 80
         <<< {10}
             HTTP Response Body #1
         >>> GET / HTTP/1.1~~
         <<< HTTP/1.1 200 OK~Transfer-Encoding: chunked~~20~{10}
         <<- 22
         <<< ~3~abc~0~~
             HTTP Response Body #2",
    );
}

#[test]
fn g2_a_hole_may_end_a_body() {
    let (_, outcomes) = whole(
        ">>> PUT / HTTP/1.1~Content-Length: 100~~{10}
         >>- 90
         <<< HTTP/1.1 200 OK~Content-Length: 5~~ [5]
             HTTP Response #1
         >>> GET / HTTP/1.1~~
             HTTP Request #2
         <<< HTTP/1.1 200 OK~Content-Length: 0~~
             HTTP Response #2",
    );
    // Nobody saw when the request ended.
    assert_eq!(outcomes[2].response_time, None);
    assert!(outcomes[4].response_time.is_some());
}

#[test]
fn g2_content_is_not_taken_for_a_message_after_a_hole() {
    conversation(
        ">>> GET /log HTTP/1.1~~
         <<< HTTP/1.1 200 OK~Transfer-Encoding: chunked~~20~{10}
         <<- 100
         <<< HTTP/1.1 200 OK~Content-Length: 0~~
             Data after gap
         <<< more
             Data after gap",
    );
    conversation(
        ">>> PUT /log HTTP/1.1~Transfer-Encoding: chunked~~20~{10}
         >>-
         >>> GET / HTTP/1.1~~
             Data after gap",
    );
}

#[test]
fn g2_the_next_exchange_is_found() {
    whole(
        ">>> GET /1 HTTP/1.1~~
         <<< HTTP/1.1 200 OK~Transfer-Encoding: chunked~~20~{10}
         <<- 100
         <<< {30}
             Data after gap
         >>> GET /2 HTTP/1.1~~
             HTTP Request #2
         <<< HTTP/1.1 200 OK~Content-Length: 0~~
             HTTP Response #2
         >>- 100
         <<< HTTP/1.1 200 OK~Content-Length: 0~~
             HTTP Response #3
         >>> GET /4 HTTP/1.1~~
             HTTP Request #4",
    );
}

#[test]
fn g2_a_client_that_does_not_wait_leaves_a_doubt() {
    let (_, outcomes) = whole(
        ">>> GET /1 HTTP/1.1~~GET /2 HTTP/1.1~~GET /3 HTTP/1.1~~
         <<< HTTP/1.1 200 OK~Content-Length: 5~~
         <<- 100
         >>> GET /4 HTTP/1.1~~
         <<< HTTP/1.1 200 OK~Content-Length: 0~~
             HTTP Response #4",
    );
    assert!(outcomes[4].inferred);
}

#[test]
fn g2_snap_length_cuts_heads_and_bodies() {
    let (caller, outcomes) = whole(
        ">>> GET /1 HTTP/1.1~Host: a~Acc [300]
             HTTP Request #1
         <<< HTTP/1.1 200 OK~Server: [1400]
             HTTP Response #1
         <<< {60} [1400]
             Data after gap
         >>> GET /2 HTTP/1.1~Host: a~Acc [300]
             HTTP Request #2
         <<< HTTP/1.1 404 Not Found~Serv [1400]
             HTTP Response #2
         >>> GET /3 HTTP/1.1~~
             HTTP Request #3
         <<< HTTP/1.1 200 OK~Content-Length: 1000~~{20} [480]
             HTTP Response #3
         <<< [500]
             HTTP Response Body #3
         >>> GET /4 HTTP/1.1~~
             HTTP Request #4
         <<< HTTP/1.1 200 OK~Content-Length: 0~~
             HTTP Response #4",
    );
    assert_eq!(caller.http.messages(), 4);
    assert_eq!(outcomes[1].response_time, None);
}

#[test]
fn g2_octets_that_are_no_message_are_data_until_the_next_exchange() {
    whole(
        ">>> GET / HTTP/1.1~~
         <<< HTTP/1.1 200 OK~Content-Length: 3~~abcdef
             HTTP Response, Data #1
         <<< HTTP/1.1 200 OK~Content-Length: 3~~abc
             Data
         >>> GET / HTTP/1.1~~
             HTTP Request #2
         <<< HTTP/1.1 200 OK~Content-Length: 3~~abc
             HTTP Response #2
         >>> \u{1}\u{2}\u{3}
             Data
         <<< HTTP/1.1 400 Bad Request~Content-Length: 0~~
             HTTP Response #3
         >>> GET / HTTP/1.1~~
             HTTP Request #4",
    );
}

#[test]
fn g2_lost_from_the_first_octet_of_a_server() {
    whole(
        ">>> GET / HTTP/1.1~~
         <<- 100
         <<< {1460}
             Data after gap
         >>> GET / HTTP/1.1~~
             HTTP Request #2
         <<< HTTP/1.1 200 OK~Content-Length: 0~~
             HTTP Response #2",
    );
}

#[test]
fn h1_the_answer_to_an_unseen_request_has_no_body_where_a_status_line_follows() {
    for length in ["Content-Length: 500~", "Transfer-Encoding: chunked~", ""] {
        whole(&format!(
            "<<< HTTP/1.1 200 OK~{length}~
                 HTTP Response #1
             <<< HTTP/1.1 200 OK~{length}~HTTP/1.1 404 Not Found~Content-Length: 3~~abc
                 HTTP Response #2 #3
             <<< HTTP/1.1 200 OK~Content-Length: 3~~abc
                 HTTP Response #4"
        ));
    }
}

#[test]
fn h1_else_it_has_one() {
    let (_, outcomes) = whole(
        "<<< HTTP/1.1 200 OK~Content-Length: 49~~
             HTTP Response #1
         <<< HTTP/1.1 is what this text is about~
             HTTP Response Body #1
         <<< HTTP/1.1 200
             HTTP Response Body #1
         <<< HTTP/1.1 200 OK~Content-Length: 100~~
             HTTP Response #2
         <<< HTTP/1.1 200 O
             HTTP Response Body #2",
    );
    let doubts: Vec<bool> = outcomes.iter().map(|outcome| outcome.inferred).collect();
    assert_eq!(doubts, [false, false, false, false, true]);
    // Its request is there.
    whole(
        ">>> GET / HTTP/1.1~~
         <<< HTTP/1.1 200 OK~Content-Length: 500~~
         <<< HTTP/1.1 404 Not Found~Content-Length: 3~~abc
             HTTP Response Body #1",
    );
}
