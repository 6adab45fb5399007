//! Octets that come before their turn: what a length makes of them that is known already, and when nobody waits any
//! longer for what is missing before them.

use super::{Arriving, Payload, Reader, Report};
use crate::verdict::{Duration, Step, SECOND};

/// A sender repeats what is lost within such a time (RFC 6298 2.4).
const PATIENCE: Duration = SECOND;

impl Payload {
    /// Where nothing of the peer was captured nobody acknowledges what is missing. It is given up once a message begins
    /// that shows that the one before has arrived, or when it should have come again.
    pub(super) fn gives_up(&mut self, arriving: &Arriving, report: &mut Report) {
        let Arriving { direction, segment, time, .. } = *arriving;
        let Payload { directions, reader, preamble, .. } = self;
        let reassembly = &mut directions[direction as usize];
        let missing = match reassembly.missing_before(segment) {
            Some(missing) if arriving.alone => missing,
            _ => return,
        };
        let patient = reassembly.waits_since().map_or(true, |since| time.saturating_sub(since) < PATIENCE);
        let begins = matches!(reader, Reader::Http(http)
            if http.begins_behind(direction, missing, segment.payload, segment.acknowledges()));
        if begins || !patient {
            let before = segment.octets_begin();
            reassembly.gives_up(before, &mut |piece| reader.takes(arriving, piece, preamble, report));
        }
    }
}

impl Reader {
    /// A segment waits for so many octets before it. What of it lies within a length that is known is what that makes it.
    pub(super) fn knows_early(&self, arriving: &Arriving, missing: u32, report: &mut Report) {
        let known = match self {
            Reader::Tls(reader) => reader.tls.known(arriving.direction),
            reader => reader.protocol().and_then(|protocol| protocol.known(arriving.direction)),
        };
        let (missing, length) = (u64::from(missing), u64::from(arriving.segment.payload_length));
        let known = match known {
            Some(known) if known.octets > missing => known,
            _ => return,
        };
        let beyond = known.octets - missing < length;
        if beyond && known.in_part {
            return;
        }
        let outcome = &mut report.outcome;
        outcome.steps.push(known.step);
        if beyond {
            outcome.steps.push(Step::Data);
        }
        known.message.into_iter().for_each(|message| outcome.messages.push(message));
        outcome.inferred |= known.inferred;
        outcome.beyond_heartbeats = true;
        report.handshake_within |= known.handshake;
    }
}
