//! TCP as an observer sees it (RFC 9293).

pub mod endpoint;
mod holes;
pub mod keep_alive;
pub mod open;
pub mod parser;
pub mod reset;
pub mod seq;
pub mod state;

pub use parser::{Flags, Segment};
pub use seq::SequenceNumber;
