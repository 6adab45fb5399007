//! The first octets (G7).

use super::build::*;
use crate::tls::{recognises, recognises_client_hello, recognises_midway, Recognition};

#[track_caller]
fn assert_recognised(octets: &[u8]) {
    for length in 0..octets.len() {
        let expected = if length < 6 { Recognition::NeedMore } else { Recognition::Yes };
        assert_eq!(recognises(&octets[..length]), expected, "{length} octets");
    }
}

#[test]
fn g7_tls_from_the_sixth_octet_on() {
    assert_recognised(&client_hello(&[]));
    assert_recognised(&server_hello());
    assert_recognised(&alert(2, 40));
    assert_recognised(&version_2_client_hello());
}

#[test]
fn what_is_no_tls_is_told_at_its_first_octet() {
    for octets in [&b"GET / HTTP/1.1"[..], b"SSH-2.0-x", b"\x16\x03\x09\x01\x00\x01", b"\x16\x03\x01\x49\x00\x01"] {
        assert_eq!(recognises(octets), Recognition::No);
    }
    assert_eq!(recognises(b"G"), Recognition::No);
    assert_eq!(recognises(b"\x16\x04"), Recognition::No);
    assert_eq!(recognises(b"\x80\x2e\x02"), Recognition::No);
}

#[test]
fn a_record_that_cannot_come_first_is_recognised_midway() {
    for octets in [protected(23, 90), change_cipher_spec(), protected(22, 40), protected(21, 26), protected(24, 61)] {
        assert_eq!(recognises(&octets), Recognition::No);
        assert_eq!(recognises_midway(&octets), Recognition::Yes);
        assert_eq!(recognises_midway(&octets[..5]), Recognition::NeedMore);
    }
    assert_eq!(recognises_midway(b"\x14\x03\x03\x00\x01\x02"), Recognition::No);
}

#[test]
fn t10_a_client_hello_behind_another_protocol_fills_its_record() {
    let hello = client_hello(&[]);
    for length in 0..hello.len() {
        let expected = if length < 11 { Recognition::NeedMore } else { Recognition::Yes };
        assert_eq!(recognises_client_hello(&hello[..length]), expected, "{length} octets");
    }
    for place in [0, 1, 2, 4, 5, 8, 9] {
        let mut damaged = hello.clone();
        damaged[place] ^= 0x40;
        assert_eq!(recognises_client_hello(&damaged), Recognition::No, "octet {place}");
    }
    for other in [server_hello(), alert(2, 40), protected(23, 90), version_2_client_hello()] {
        assert_eq!(recognises_client_hello(&other), Recognition::No);
    }
}
