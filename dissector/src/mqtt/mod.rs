//! MQTT 3.1.1 and 5 (OASIS): fixed headers, so that PINGREQ, PINGRESP and DISCONNECT are seen between other packets, and
//! of CONNECT and CONNACK the keep-alive time.
//!
//! Recognised by a CONNECT alone, the first packet that a client sends (3.1.1 3.1). A side whose octets cannot be packets,
//! or that has lost its place, says Data from there on: nothing in a stream of packets shows where one begins.
//!
//! Not here: topics, payloads, what a session remembers of an earlier connection.

mod connect;
pub(crate) mod parser;
mod state;
#[cfg(test)]
mod tests;

pub use state::Mqtt;
