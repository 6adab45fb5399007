//! HTTP/2 in clear text (RFC 9113), as far as frame headers say: enough for PING, GOAWAY and where frames end.
//!
//! [`Http2::recognises`] knows the client's preface and a server's first SETTINGS; [`Http2::upgraded`] follows a 101
//! (RFC 7540 3.2), whose request is stream 1. What the caller holds of the other direction, because it could still
//! become HTTP/2, it hands over as well. A side that has lost its place says Data from there on: nothing in a
//! stream of frames shows where one begins.
//!
//! Not here: field sections (HPACK), and so message numbers of other streams than an upgrade's; flow control.

pub(crate) mod parser;
pub(crate) mod recognition;
mod state;
#[cfg(test)]
mod tests;

pub use state::Http2;
