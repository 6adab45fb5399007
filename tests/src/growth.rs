//! What a capture costs as it grows: patterns of segments that want much of the classifier, and how much each may take.
//!
//! `tests/tests/memory` measures their octets, `tests/growth.py` their instructions too.

mod connections;
mod segments;
mod traffic;

pub use traffic::{Line, Traffic, CLIENT, SERVER};

/// What a pattern repeats, and what one more may take.
#[derive(Clone, Copy, Debug)]
pub enum Unit {
    /// A segment, whatever else it is part of.
    Segment {
        /// Octets kept.
        octets: f64,
    },
    /// A connection, beside what its segments may take.
    Connection {
        /// Octets kept.
        octets: f64,
    },
}

/// Stored for each segment, all included.
pub const OF_A_SEGMENT: f64 = 24.0;
/// Where a segment has more to say than its phase and step.
pub const OF_A_SEGMENT_WITH_FACTS: f64 = 48.0;
/// Stored for a connection of which nothing but a SYN was captured.
pub const OF_A_HALF_OPEN_CONNECTION: f64 = 128.0;
/// Stored for a connection that is over, once it is let go.
pub const OF_A_CLOSED_CONNECTION: f64 = 400.0;
/// Stored for any other connection, as long as nobody reads what is above TCP.
pub const OF_A_CONNECTION: f64 = 600.0;
/// Stored for a connection whose first octets do not tell yet what is above TCP: they are kept, and whatever it takes to
/// read every protocol that they may become.
pub const OF_AN_UNDECIDED_CONNECTION: f64 = 1500.0;
/// Stored for a connection with TLS or HTTP.
pub const OF_A_CONNECTION_THAT_IS_READ: f64 = 2100.0;

/// Segments that want much.
#[derive(Clone, Copy)]
pub struct Pattern {
    /// Its name.
    pub name: &'static str,
    /// What is counted.
    pub unit: Unit,
    /// Instructions that a segment of it may take.
    pub instructions: u32,
    /// How many units are enough to see what one takes.
    pub count: u32,
    /// Makes so many units.
    pub make: fn(&mut Traffic, u32),
}

/// All of them.
pub fn patterns() -> Vec<Pattern> {
    [connections::patterns(), segments::patterns()].concat()
}
