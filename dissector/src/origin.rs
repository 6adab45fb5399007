//! Where a connection begins.

use crate::connection::Direction;
use crate::flow::Endpoints;
use crate::history::Beginning;

/// The first segment of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Origin {
    /// Number of the frame.
    pub frame: u32,
    /// Who sent it, and to whom; none of IPv6, whose addresses are not kept.
    pub sent: Option<Sent>,
}

/// From where to where a segment of IPv4 goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sent {
    /// The source address.
    pub source: [u8; 4],
    /// The source port.
    pub source_port: u16,
    /// The destination address.
    pub destination: [u8; 4],
    /// The destination port.
    pub destination_port: u16,
}

impl Origin {
    /// Of a connection between these endpoints.
    pub(crate) fn new(first: Beginning, endpoints: Option<Endpoints>) -> Origin {
        let sent = endpoints.map(|[lower, higher]| {
            let ((source, source_port), (destination, destination_port)) = match first.direction {
                Direction::Forth => (lower, higher),
                Direction::Back => (higher, lower),
            };
            Sent { source, source_port, destination, destination_port }
        });
        Origin { frame: first.frame, sent }
    }
}
