//! What the classifier is given.

use crate::verdict::Time;

/// One segment as captured.
#[derive(Clone, Copy, Debug)]
pub struct Captured<'a> {
    /// Number of the frame.
    pub frame: u32,
    /// Nanoseconds since the epoch, where known.
    pub time: Option<Time>,
    /// Octets of the source address.
    pub source: &'a [u8],
    /// Octets of the destination address.
    pub destination: &'a [u8],
    /// IPv4 identification.
    pub identification: Option<u16>,
    /// TCP header and payload, as far as captured.
    pub octets: &'a [u8],
    /// Their length when sent.
    pub reported_length: u32,
    /// Quoted in an ICMP error: it says only that its SYN did not arrive.
    pub quoted: bool,
    /// First fragment of a datagram that could not be put together: the length is not known.
    pub fragment: bool,
}

/// The plaintext of a TLS record.
#[derive(Clone, Copy, Debug)]
pub struct Decrypted<'a> {
    /// Its content type (RFC 8446 5.1), in TLS 1.3 the inner one.
    pub content: u8,
    /// Its content, without padding.
    pub octets: &'a [u8],
}
