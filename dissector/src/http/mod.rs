//! HTTP/1.x (RFC 9110, RFC 9112): where in which message the octets of a connection are.
//!
//! The caller asks [`Http::recognises`] about the first octets of a direction, as long as the answer is to wait; then
//! it hands over everything from there on, those octets included, in order and per direction: [`Http::octets`],
//! [`Http::gap`] for what was not captured, [`Http::ends`] at a FIN or RST. [`Outcome`](crate::application::Outcome) says what the octets are.
//! A switch ends HTTP: the caller goes on with the new protocol, in both directions.
//!
//! Start lines and fields are read line by line; bodies are counted, never kept. A parser that has lost its place
//! says Data and finds it again only at a start line that begins a segment, once the other side has shown that the
//! lost message is over: the server by a complete response, the client by a new request.
//!
//! Not here: HTTP/0.9, contents, content codings, the meaning of most fields.

mod body;
mod client;
pub(crate) mod fields;
mod framing;
mod line;
mod loss;
mod method;
pub(crate) mod parser;
mod persistence;
pub(crate) mod recognition;
mod request;
mod server;
mod side;
mod state;
#[cfg(test)]
mod tests;

pub use method::Method;
pub use request::Request;
pub use state::Http;
