//! One direction: the place of its next octet, and the message that goes on there.

use super::body::Body;
use super::fields::Fields;
use super::line::Line;
use super::parser::StartLine;
use crate::application::Octets;
use crate::tcp::SequenceNumber;
use crate::verdict::Time;

/// Why and since when nobody knows where in a message the octets are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lost {
    /// Octets were lost; else they made no sense.
    pub after_gap: bool,
    /// They are surely of a body; only its end is not known.
    pub in_body: bool,
    /// The other side has shown since that the message is over.
    pub over: bool,
    /// Of a server: number of the newest request that is known to be answered, and whether octets came or were lost since.
    pub answered: u32,
    pub spoke: bool,
}

/// Where the next octet of a direction belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Behind a complete message.
    Between,
    /// In a start line.
    StartLine,
    /// In a field section.
    FieldSection,
    /// In a body.
    Body(Body),
    /// Behind a CONNECT: in the tunnel if it opens, else in the next request.
    Suspended {
        /// Octets went that were not read.
        skipped: bool,
    },
    /// Nobody knows.
    Lost(Lost),
    /// Behind a FIN, an RST or a switch.
    Ended,
}

/// One direction.
#[derive(Clone, Debug)]
pub struct Side {
    pub place: Place,
    pub line: Line,
    pub start: Option<StartLine>,
    pub fields: Fields,
    /// Number of the message that goes on.
    pub message: Option<u32>,
    /// Where it begins.
    pub begin: Option<SequenceNumber>,
    /// When and in which frame it began.
    pub began: Time,
    pub frame: u32,
    /// The last segment with octets of its head: a read filter gives a frame's number to several.
    pub end_of_head: Option<(u32, Time)>,
    /// Its head has ended, and the method that it answers is not known: after a HEAD it has no body. What has come behind
    /// it stands in `line`, as long as that may become a status-line.
    pub may_be_bodiless: bool,
    /// What its last octets acknowledge.
    pub acknowledged: Option<SequenceNumber>,
    /// The same of its last response that answers a request.
    pub answered: Option<SequenceNumber>,
    /// When the request ended that it answers.
    pub request_ended: Option<Time>,
    /// When the side's FIN went.
    pub fin: Option<Time>,
}

impl Side {
    /// At the beginning of a stream.
    pub fn new() -> Side {
        Side {
            place: Place::Between,
            line: Line::default(),
            start: None,
            fields: Fields::default(),
            message: None,
            begin: None,
            began: 0,
            frame: 0,
            end_of_head: None,
            may_be_bodiless: false,
            acknowledged: None,
            answered: None,
            request_ended: None,
            fin: None,
        }
    }

    /// A message begins.
    pub fn begins(&mut self, octets: &Octets) {
        self.place = Place::StartLine;
        self.line.clear();
        self.start = None;
        self.fields = Fields::default();
        self.message = None;
        self.may_be_bodiless = false;
        (self.began, self.frame) = (octets.time, octets.frame);
        self.request_ended = None;
    }
}
