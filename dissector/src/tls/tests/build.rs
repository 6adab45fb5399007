//! Builds TLS octets.

use crate::tls::hello::RETRY_RANDOM;

pub const TLS10: u16 = 0x0301;
pub const TLS12: u16 = 0x0303;
pub const TLS13: u16 = 0x0304;
pub const AES_128_GCM_SHA256: u16 = 0x1301;
pub const AES_256_GCM_SHA384: u16 = 0x1302;
pub const AES_128_CCM_8_SHA256: u16 = 0x1305;

/// The octets of all parts, one after the other.
pub fn all(parts: &[Vec<u8>]) -> Vec<u8> {
    parts.concat()
}

pub fn record(content: u8, body: &[u8]) -> Vec<u8> {
    let mut octets = vec![content, 3, 3];
    octets.extend_from_slice(&(body.len() as u16).to_be_bytes());
    octets.extend_from_slice(body);
    octets
}

/// A record of which only type and length can be read.
pub fn protected(content: u8, length: usize) -> Vec<u8> {
    let body: Vec<u8> = (0..length).map(|at| (at * 37 + length) as u8 | 0x80).collect();
    record(content, &body)
}

/// A protected record of TLS 1.3.
pub fn sealed(length: usize) -> Vec<u8> {
    protected(23, length)
}

pub fn message(kind: u8, body: &[u8]) -> Vec<u8> {
    let mut octets = vec![kind, 0];
    octets.extend_from_slice(&(body.len() as u16).to_be_bytes());
    octets.extend_from_slice(body);
    octets
}

/// A handshake message in a record of its own.
pub fn handshake(kind: u8, length: usize) -> Vec<u8> {
    record(22, &message(kind, &vec![0x55; length]))
}

pub fn change_cipher_spec() -> Vec<u8> {
    record(20, &[1])
}

pub fn alert(level: u8, description: u8) -> Vec<u8> {
    record(21, &[level, description])
}

pub fn extension(kind: u16, body: &[u8]) -> Vec<u8> {
    let mut octets = kind.to_be_bytes().to_vec();
    octets.extend_from_slice(&(body.len() as u16).to_be_bytes());
    octets.extend_from_slice(body);
    octets
}

pub fn early_data() -> Vec<u8> {
    extension(42, &[])
}

pub fn alpn(names: &[&str]) -> Vec<u8> {
    let list: Vec<u8> = names.iter().flat_map(|name| [&[name.len() as u8], name.as_bytes()].concat()).collect();
    extension(16, &[&(list.len() as u16).to_be_bytes()[..], &list].concat())
}

fn extensions(parts: &[Vec<u8>]) -> Vec<u8> {
    let body = parts.concat();
    [&(body.len() as u16).to_be_bytes()[..], &body].concat()
}

pub fn client_hello_message(parts: &[Vec<u8>]) -> Vec<u8> {
    let mut body = vec![3, 3];
    body.extend_from_slice(&[0x11; 32]);
    body.extend_from_slice(&[4, 1, 2, 3, 4]);
    body.extend_from_slice(&[0, 4, 0x13, 0x01, 0xc0, 0x2f]);
    body.extend_from_slice(&[1, 0]);
    body.extend_from_slice(&extensions(parts));
    message(1, &body)
}

pub fn client_hello(parts: &[Vec<u8>]) -> Vec<u8> {
    record(22, &client_hello_message(parts))
}

fn server_hello_message(random: &[u8; 32], cipher_suite: u16, parts: &[Vec<u8>]) -> Vec<u8> {
    let mut body = vec![3, 3];
    body.extend_from_slice(random);
    body.extend_from_slice(&[4, 1, 2, 3, 4]);
    body.extend_from_slice(&cipher_suite.to_be_bytes());
    body.push(0);
    body.extend_from_slice(&extensions(parts));
    message(2, &body)
}

/// A Server Hello of TLS 1.2.
pub fn server_hello() -> Vec<u8> {
    record(22, &server_hello_message(&[0x22; 32], 0xc02f, &[extension(0xff01, &[0])]))
}

/// A Server Hello of TLS 1.3.
pub fn server_hello_13(cipher_suite: u16, resumed: bool) -> Vec<u8> {
    let mut parts = vec![extension(43, &TLS13.to_be_bytes()), extension(51, &[7; 36])];
    if resumed {
        parts.push(extension(41, &[0, 0]));
    }
    record(22, &server_hello_message(&[0x22; 32], cipher_suite, &parts))
}

pub fn hello_retry_request() -> Vec<u8> {
    let parts = [extension(43, &TLS13.to_be_bytes()), extension(51, &[0, 29])];
    record(22, &server_hello_message(&RETRY_RANDOM, AES_128_GCM_SHA256, &parts))
}

/// A Client Hello in the form of SSL 2.0 (RFC 5246 E.2).
pub fn version_2_client_hello() -> Vec<u8> {
    let mut octets = vec![0x80, 28, 1, 3, 1, 0, 3, 0, 0, 0, 16, 0, 0, 0x2f];
    octets.extend_from_slice(&[0x33; 16]);
    octets
}

/// Server Hello to Server Hello Done of TLS 1.2.
pub fn server_flight() -> Vec<u8> {
    all(&[server_hello(), handshake(11, 60), handshake(12, 40), handshake(14, 0)])
}

/// Client Key Exchange to Finished of TLS 1.2.
pub fn client_finish() -> Vec<u8> {
    all(&[handshake(16, 33), change_cipher_spec(), protected(22, 40)])
}

/// Change Cipher Spec and Finished of TLS 1.2.
pub fn finish() -> Vec<u8> {
    all(&[change_cipher_spec(), protected(22, 40)])
}

/// Server Hello and the protected rest of a server's flight of TLS 1.3.
pub fn server_flight_13(cipher_suite: u16, resumed: bool) -> Vec<u8> {
    all(&[server_hello_13(cipher_suite, resumed), change_cipher_spec(), sealed(30), sealed(400), sealed(53)])
}
