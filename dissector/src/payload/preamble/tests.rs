//! Exchanges cut in all ways: what is carried begins at the same octet.

use super::{Part, Preamble};
use crate::connection::Direction;

const ADDRESS: [&[u8]; 3] = [
    &[1, 192, 0, 2, 1, 0, 80],
    b"\x03\x0bexample.com\0\x50",
    &[4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 80],
];
const SIGNATURE: &[u8] = b"\r\n\r\n\0\r\nQUIT\n";

/// Octets of each direction in turns, the client's first. How many of each were there when what is carried began.
fn begins(turns: &[Vec<u8>], size: usize, known: bool) -> [Option<usize>; 2] {
    let mut preamble = Preamble::new(known.then_some(Direction::Forth));
    if !turns.first().map_or(false, |turn| Preamble::may_begin(turn)) {
        return [None; 2];
    }
    let (mut begins, mut sent) = ([None; 2], [0; 2]);
    for (turn, direction) in turns.iter().zip([Direction::Forth, Direction::Back].iter().cycle()) {
        for octets in turn.chunks(size) {
            if let Part::From(offset) = preamble.looks_at(*direction, octets, false) {
                begins[*direction as usize] = Some(sent[*direction as usize] + offset);
            }
            sent[*direction as usize] += octets.len();
        }
    }
    begins
}

/// In pieces of every size.
#[track_caller]
fn check(turns: &[Vec<u8>], expected: [Option<usize>; 2]) {
    for size in 1..=turns.iter().map(Vec::len).max().unwrap_or(1) {
        assert_eq!(begins(turns, size, true), expected, "{size}");
    }
}

fn with(parts: &[&[u8]]) -> Vec<u8> {
    parts.concat()
}

#[test]
fn socks_5_in_all_its_forms() {
    for address in ADDRESS {
        let request = with(&[&[5, 1, 0], address]);
        let reply = with(&[&[5, 0, 0], address, b"SSH"]);
        let length = Some(3 + request.len());
        let replied = Some(2 + reply.len() - 3);
        check(&[vec![5, 1, 0], vec![5, 0], request.clone(), reply.clone(), b"GET".to_vec()], [length, replied]);
        // With user and password, and a client that does not wait.
        let all = with(&[&[5, 2, 0, 2, 1, 1, b'a', 1, b'b'], &request, b"GET"]);
        let answers = with(&[&[5, 2, 1, 0], &reply]);
        check(&[all.clone(), answers.clone()], [Some(all.len() - 3), Some(answers.len() - 3)]);
    }
}

#[test]
fn socks_5_that_comes_to_nothing() {
    let request = with(&[&[5, 1, 0], ADDRESS[0]]);
    let carried = Some(3 + request.len());
    check(&[vec![5, 1, 0], vec![5, 0xff], b"GET".to_vec()], [None, None]);
    check(&[vec![5, 1, 1], vec![5, 1], vec![1, 1, 0, 1, 0]], [None, None]);
    check(&[vec![5, 1, 2], vec![5, 2], vec![1, 1, b'a', 1, b'b'], vec![1, 1]], [None, None]);
    check(&[vec![5, 1, 0], vec![5, 0], request.clone(), with(&[&[5, 5, 0], ADDRESS[0]])], [carried, None]);
    check(&[vec![5, 1, 0], vec![5, 0], with(&[&[5, 3, 0], ADDRESS[0]])], [None, None]);
    check(&[vec![5, 0, 11, 3]], [None, None]);
    // A server that listens says so, and then who has come.
    let twice = with(&[&[5, 0, 0], ADDRESS[0], &[5, 0, 0], ADDRESS[0]]);
    let bound = Some(2 + twice.len());
    check(&[vec![5, 1, 0], vec![5, 0], with(&[&[5, 2, 0], ADDRESS[0]]), twice], [carried, bound]);
}

#[test]
fn socks_4_and_4a() {
    let reply = with(&[&[0, 90, 0, 0, 0, 0, 0, 0], b"SSH"]);
    let named = with(&[&[4, 1, 0, 80, 0, 0, 0, 7], b"me\0example.com\0GET"]);
    check(&[named.clone(), reply.clone()], [Some(named.len() - 3), Some(8)]);
    let plain = with(&[&[4, 1, 0, 80, 192, 0, 2, 1], b"\0GET"]);
    check(&[plain.clone(), reply], [Some(plain.len() - 3), Some(8)]);
    check(&[plain.clone(), vec![0, 91, 0, 0, 0, 0, 0, 0]], [Some(plain.len() - 3), None]);
    check(&[with(&[&[4, 1, 0, 80, 192, 0, 2, 1], &[b'a'; 300], b"\0GET"])], [None, None]);
}

#[test]
fn headers_of_proxies() {
    for line in [
        "PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n",
        "PROXY TCP6 ::1 ::2 1 2\r\n",
        "PROXY UNKNOWN\r\n",
        "PROXY UNKNOWN a b\r\n",
    ] {
        let header = line.as_bytes();
        check(&[with(&[header, b"GET"])], [Some(header.len()), None]);
        check(&[with(&[header, header, b"GET"])], [Some(2 * header.len()), None]);
    }
    for (command, family, length) in [(0x20, 0, 0), (0x21, 0x11, 12), (0x21, 0x21, 36 + 300), (0x21, 0x31, 216)] {
        let header = with(&[SIGNATURE, &[command, family, (length >> 8) as u8, length as u8], &vec![b'G'; length]]);
        check(&[with(&[&header, b"GET"])], [Some(header.len()), None]);
        check(
            &[with(&[&header, &[5, 1, 0, 5, 1, 0], ADDRESS[1], b"GET"]), vec![5, 0]],
            [Some(header.len() + 6 + ADDRESS[1].len()), None],
        );
    }
}

#[test]
fn what_is_no_header() {
    for text in ["PROPFIND / HTTP/1.1\r\n\r\n", "PROXY GET\r\n\r\n", "PROXY TCP4 192.0.2.1\n", "\r\n\r\nGET /", "P"] {
        check(&[text.as_bytes().to_vec()], [None, None]);
    }
    check(&[with(&[b"PROXY UNKNOWN ", &[b'a'; 120], b"\r\nGET"])], [None, None]);
    check(&[with(&[SIGNATURE, &[0x11, 0, 0, 0], b"GET"])], [None, None]);
    // A server's, or one of nobody knows whom.
    let header = b"PROXY UNKNOWN\r\n".to_vec();
    check(&[b"+".to_vec(), header.clone()], [None, None]);
    assert_eq!(begins(std::slice::from_ref(&header), 99, false), [Some(header.len()), None]);
    assert_eq!(begins(&[vec![5, 1, 0], vec![5, 0]], 99, false), [None, None]);
}
