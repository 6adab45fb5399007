//! PostgreSQL's protocol 3 (its manual, chapter "Frontend/Backend Protocol"): how a connection starts, who has the turn, and
//! Terminate.
//!
//! Recognised by what a client sends first: a request for TLS or GSSAPI, a request to cancel, or a startup message. Behind an
//! accepted request for TLS the caller goes on with TLS. A side whose octets cannot be messages, or that has lost its place,
//! says Data from there on.
//!
//! Not here: what is asked, and what within GSSAPI.

pub(crate) mod parser;
mod state;
#[cfg(test)]
mod tests;

pub use state::PostgreSql;
