//! WebSocket (RFC 6455 5): frame headers, so that pings, pongs and Close are seen between the fragments of messages.
//!
//! Begins behind a 101. A side that has lost its place says Data from there on: nothing in a stream of frames shows
//! where one begins.
//!
//! Not here: masking, extensions, message contents, close codes.

pub(crate) mod parser;
mod state;
#[cfg(test)]
mod tests;

pub use state::WebSocket;
