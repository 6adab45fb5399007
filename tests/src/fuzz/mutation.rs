//! Changes octets at random, the same at every run. What libFuzzer does, without being told what it reaches.

use crate::random::Random;

/// What protocols begin with and go on with.
pub const WORDS: &[&[u8]] = &[
    b"GET / HTTP/1.1\r\n",
    b"HEAD ",
    b"CONNECT a:1 HTTP/1.1\r\n\r\n",
    b"HTTP/1.1 200 OK\r\n",
    b"HTTP/1.1 101 Switching\r\n",
    b"HTTP/1.0 204 \r\n",
    b"HTTP/1.1 103 \r\n",
    b"Content-Length: 5\r\n",
    b"Transfer-Encoding: chunked\r\n",
    b"Connection: close\r\n",
    b"Connection: Upgrade\r\nUpgrade: websocket\r\n",
    b"Upgrade: h2c\r\n",
    b"Keep-Alive: timeout=5\r\n",
    b"\r\n\r\n",
    b"0\r\n\r\n",
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    b"\0\0\0\x04\0\0\0\0\0",
    b"\0\0\x08\x06\0\0\0\0\0ABCDEFGH",
    b"\0\0\x08\x06\x01\0\0\0\0ABCDEFGH",
    b"\0\0\x01\x01\x05\0\0\0\x01\x82",
    b"\x10\x0e\0\x04MQTT\x04\x02\0\x05\0\x02ab",
    b"\x20\x03\0\0\0",
    b"\0\0\0\x08\x04\xd2\x16\x2f",
    b"\0\0\0\x11\0\x03\0\0user\0me\0\0",
    b"Z\0\0\0\x05I",
    b"X\0\0\0\x04",
    b"\xc0\0\xd0\0\xe0\0",
    b"Sec-WebSocket-Protocol: mqtt\r\n",
    b"\x89\0",
    b"\x8a\x80abcd",
    b"\x16\x03\x01\0",
    b"\x16\x03\x03\0\x04\x0e\0\0\0",
    b"\x14\x03\x03\0\x01\x01",
    b"\x15\x03\x03\0\x02\x02\x28",
    b"\x17\x03\x03\0\x13",
    b"\x17\x03\x03\0\x35",
    b"\x18\x03\x03\0\x17",
    b"\0\x2b\0\x02\x03\x04",
    b"220 mail ESMTP\r\n",
    b"STARTTLS\r\n",
    b"* OK IMAP\r\n",
    b"+OK\r\n",
    b"STLS\r\n",
    b"\0\0\0\x08\x04\xd2\x16\x2f",
];

/// Changes octets, once or a few times; `other` lends some.
pub fn mutate(octets: &mut Vec<u8>, other: &[u8], random: &mut Random) {
    for _ in 0..=random.below(4) {
        once(octets, other, random);
    }
    octets.truncate(64 * 1024);
}

fn once(octets: &mut Vec<u8>, other: &[u8], random: &mut Random) {
    let length = octets.len() as u64;
    let at = random.below(length) as usize;
    let end = (at + 1 + random.below(64) as usize).min(octets.len());
    match random.below(10) {
        0 if length > 0 => octets[at] ^= 1 << random.below(8),
        1 if length > 0 => octets[at] = random.bits() as u8,
        2 if length > 0 => octets[at] = random.pick(&[0, 1, 2, 4, 0x10, 0x11, 0x14, 0x18, 0x7f, 0x80, 0xff]),
        3 if length > 0 => octets[at] = octets[at].wrapping_add(random.pick(&[1, 0xff, 4, 0xfc])),
        4 if length > 0 => drop(octets.drain(at..end)),
        5 if length > 0 => {
            let piece = octets[at..end].to_vec();
            let to = random.below(length) as usize;
            octets.splice(to..to, piece);
        }
        6 => {
            let word = random.pick(WORDS);
            octets.splice(at..at, word.iter().copied());
        }
        7 => {
            let word = random.pick(WORDS);
            let end = (at + word.len()).min(octets.len());
            octets.splice(at..end, word.iter().copied());
        }
        8 if !other.is_empty() => {
            let from = random.below(other.len() as u64) as usize;
            let to = (from + 1 + random.below(400) as usize).min(other.len());
            octets.splice(at..at, other[from..to].iter().copied());
        }
        _ => octets.truncate(at.max(1)),
    }
}
