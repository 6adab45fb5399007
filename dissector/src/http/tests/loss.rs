//! G2: octets that were not captured.

use super::{conversation, in_words, parse, whole, Caller, START};
use crate::application::Application;

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
    assert_eq!(caller.http.messages(), Some(4));
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
             HTTP Response
         >>> GET / HTTP/1.1~~
             HTTP Request #3",
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
fn h3_a_response_after_lost_octets_answers_the_oldest_request_that_is_not_known_to_be_answered() {
    let (_, outcomes) = whole(
        ">>> GET /1 HTTP/1.1~~
         <<- 900
         <<< {100}
             Data after gap
         >>> GET /2 HTTP/1.1~~
         <<- 900
         <<< {100}
             Data after gap
         >>> GET /3 HTTP/1.1~~
         <<< HTTP/1.1 200 OK~Content-Length: 0~~
             HTTP Response #3
         >>> GET /4 HTTP/1.1~~
         <<- 1000
         >>> GET /5 HTTP/1.1~~
         <<< HTTP/1.1 200 OK~Content-Length: 0~~
             HTTP Response #5",
    );
    assert_eq!((outcomes[7].inferred, outcomes[7].request_frame), (false, Some(7)));
    assert_eq!((outcomes[11].inferred, outcomes[11].request_frame), (false, Some(11)));
}

#[test]
fn h3_so_it_does_where_nobody_knows_numbers() {
    let (_, outcomes) = whole(
        ">>> GET /1 HTTP/1.1~~
         <<-
         <<< {100}
         >>> GET /2 HTTP/1.1~~
         <<< {100}
         >>> GET /3 HTTP/1.1~~
         <<< HTTP/1.1 200 OK~Content-Length: 0~~
             HTTP Response #3",
    );
    assert!(!outcomes[6].inferred);
}

#[test]
fn g2_the_request_that_acknowledges_a_hole_may_pass_before_anybody_sees_it() {
    whole(
        ">>> GET /1 HTTP/1.1~~
         <<< HTTP/1.1 200 OK~Transfer-Encoding: chunked~~20~{10}
         <<- 100
         >>> GET /2 HTTP/1.1~~
         <<< HTTP/1.1 200 OK~Content-Length: 0~~
             HTTP Response #2",
    );
}

#[test]
fn g2_a_response_that_begins_later_than_its_request_asks_is_not_taken_for_one() {
    whole(
        ">>> GET /1 HTTP/1.1~~
         <<< HTTP/1.1 200 OK~Transfer-Encoding: chunked~~20~{10}
         <<- 100
         >>> GET /2 HTTP/1.1~~
         <<- 100
         <<< HTTP/1.1 200 OK is what this log is about
             Data after gap
         >>> GET /3 HTTP/1.1~~
         <<< HTTP/1.1 200 OK~Content-Length: 0~~
             HTTP Response #3",
    );
}

#[test]
fn h2_the_final_response_is_found_behind_an_interim_one_that_is_lost() {
    whole(
        ">>> PUT /1 HTTP/1.1~Expect: 100-continue~Content-Length: 20~~
         <<- 25
         >>> {20}
             HTTP Request Body #1
         <<< HTTP/1.1 201 Created~Content-Length: 0~~
             HTTP Response #1",
    );
}

#[test]
fn g7_a_message_is_found_again_though_its_first_octets_stand_alone() {
    whole(
        ">>> GET /1 HTTP/1.1~~
         <<- 100
         >>> GET /2 HTTP/1.1~~
         <<< HTT
             HTTP Response #2
         <<< P/1.1 200 OK~Content-Length: 0~~
             HTTP Response #2
         >>- 100
         <<< HTTP/1.1 200 OK~Content-Length: 0~~
         >>> G
             HTTP Request #4
         >>> ET /4 HTTP/1.1~~
             HTTP Request #4",
    );
    whole(
        ">>> GET /1 HTTP/1.1~~
         <<- 100
         >>> GET /2 HTTP/1.1~~
         <<< HTT
         <<< HTTP/1.1 200 OK~Content-Length: 0~~
             Data
         >>> GET /3 HTTP/1.1~~
             HTTP Request #3
         <<< HTTP/1.1 200 OK~Content-Length: 0~~
             HTTP Response #3",
    );
}

#[test]
fn h3_two_responses_to_one_request_are_no_two_requests() {
    let (caller, outcomes) = whole(
        ">>> GET / HTTP/1.1~~
         <<< HTTP/1.1 200 OK~Content-Length: 0~~
             HTTP Response #1
         <<< HTTP/1.1 400 Bad Request~Content-Length: 3~~abc
             HTTP Response
         >>> GET / HTTP/1.1~~
             HTTP Request #2
         <<< HTTP/1.1 200 OK~Content-Length: 0~~
             HTTP Response #2
         >>- 100
         >>> {10}
             Data after gap
         <<< HTTP/1.1 200 OK~Content-Length: 0~~
             HTTP Response #3
         <<< HTTP/1.1 400 Bad Request~Content-Length: 0~~
             HTTP Response",
    );
    let doubts: Vec<bool> = outcomes.iter().map(|outcome| outcome.inferred).collect();
    assert_eq!(doubts, [false, false, true, false, false, false, false, false, true]);
    assert_eq!(caller.http.messages(), Some(3));
}

#[test]
fn h3_nobody_has_asked_for_what_a_server_says_first() {
    for status in ["200 OK", "400 Bad Request"] {
        let (caller, outcomes) = whole(&format!(
            "<<< HTTP/1.1 {status}~Content-Length: 3~~abc
                 HTTP Response
             <<< HTTP/1.1 {status}~Content-Length: 3~~abc
                 HTTP Response"
        ));
        assert!(outcomes[0].inferred && outcomes[1].inferred);
        assert_eq!(caller.http.messages(), Some(0));
    }
}

#[test]
fn h1_the_answer_to_an_unseen_request_has_no_body_where_a_status_line_follows() {
    for length in ["Content-Length: 500~", "Transfer-Encoding: chunked~", ""] {
        whole(&format!(
            "...
             <<< HTTP/1.1 200 OK~{length}~
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
        "...
         <<< HTTP/1.1 200 OK~Content-Length: 49~~
             HTTP Response #1
         <<< HTTP/1.1 is what this text is about~
             HTTP Response Body #1
         <<< HTTP/1.1 200
             HTTP Response Body #1
         <<< HTTP/1.1 200 OK~Content-Length: 100~~
             HTTP Response #2
         <<< HTTP/1.1 20
             HTTP Response Body #2
         <<< 000
             HTTP Response Body #2",
    );
    assert!(outcomes.iter().all(|outcome| !outcome.inferred));
    // Its request is there.
    whole(
        ">>> GET / HTTP/1.1~~
         <<< HTTP/1.1 200 OK~Content-Length: 500~~
         <<< HTTP/1.1 404 Not Found~Content-Length: 3~~abc
             HTTP Response Body #1",
    );
}

#[test]
fn g7_whether_it_has_one_is_the_same_however_it_is_cut() {
    for length in ["Content-Length: 500~", "Transfer-Encoding: chunked~", ""] {
        conversation(&format!(
            "...
             <<< HTTP/1.1 200 OK~{length}~
             <<< HTTP/1.1 304 Not Modified~~
                 HTTP Response #2
             <<< HTTP/1.0 200~{length}~
             <<< HTTP/1.1  404\\nContent-Length: 3~~abc
                 HTTP Response #4"
        ));
    }
    for text in ["HTT!", "HHTTP/", "HTTP/1.1 20 x", "HTTP/1.1 2000", "HTTP/1.1200", "HTTP/2 200 x", "HTTP/1.1  ~"] {
        conversation(&format!(
            "...
             <<< HTTP/1.1 200 OK~Content-Length: {}~~
                 HTTP Response #1
             <<< {text}
                 HTTP Response Body #1
             <<< HTTP/1.1 304 Not Modified~~
                 HTTP Response #2",
            text.replace('~', "\r\n").len()
        ));
    }
    // A body that ends within what may become a status-line.
    conversation(
        "...
         <<< HTTP/1.1 200 OK~Content-Length: 1~~
         <<< HHTTP/1.1 304 Not Modified~~
             HTTP Response Body, HTTP Response #1 #2",
    );
}

#[test]
fn h1_a_request_that_comes_behind_its_response_tells_what_was_held() {
    let mut caller = Caller::default();
    caller.http.begins_midway();
    let mut frame = 0;
    let mut plays = |caller: &mut Caller, script: &str| {
        frame += 1;
        in_words(&caller.plays(&parse(script)[0], START, frame))
    };
    caller.http.answers_unseen(true);
    (caller.http.has_asked, caller.sent[0]) = (true, 19);
    assert_eq!(plays(&mut caller, "<<< HTTP/1.1 200 OK~Content-Length: 9~~"), "HTTP Response #1");
    let mut other = caller.clone();
    assert_eq!(plays(&mut caller, "<<< HTT"), "HTTP Response Body #1");
    assert_eq!(plays(&mut other, "<<< HTT"), "HTTP Response Body #1");
    // The client's octets so far are those of the request.
    (caller.sent[0], other.sent[0]) = (0, 0);
    assert_eq!(plays(&mut caller, ">>> HEAD / HTTP/1.1~~"), "HTTP Request #1");
    assert_eq!(plays(&mut other, ">>> GET / HTTP/1.1~~"), "HTTP Request #1");
    (caller.sent[0], other.sent[0]) = (40, 40);
    assert_eq!(plays(&mut caller, "<<< P/1.1 200 OK~~"), "HTTP Response #2");
    assert_eq!(plays(&mut other, "<<< P/1.1 HTTP/1.1 200 OK~~"), "HTTP Response Body, HTTP Response #1 #2");
}
