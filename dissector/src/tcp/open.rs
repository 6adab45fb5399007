//! Judges the segments of an opening (RFC 9293 3.5).

use super::endpoint::Endpoint;
use super::{Flags, Segment, SequenceNumber};

/// An acknowledgement this far beyond a SYN can be one of octets that were not captured.
const PLAUSIBLE_OCTETS: i32 = 1 << 16;

/// Whether `acknowledgement` covers the SYN of `peer`, and no more than was sent with it (RFC 9293 3.10.7.3).
pub fn acknowledges_syn(acknowledgement: SequenceNumber, peer: &Endpoint) -> bool {
    match peer.initial {
        Some(initial) => acknowledgement.is_within(initial.plus(1), peer.syn_octets),
        None => false,
    }
}

/// What a segment without SYN and RST is to an opening that is not complete.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Opening {
    /// The segment that completes it: the third one, as a rule.
    HandshakeAck {
        /// Earlier segments were not captured.
        inferred: bool,
    },
    /// Complete, and the handshake ACK will not come: the side that sends it was not captured.
    Open,
    /// An answer to a SYN that acknowledges something else (RFC 5961 4).
    ChallengeAck,
    /// An acknowledgement of the SYN by a side that has yet to send its own (a split handshake).
    SynAcknowledged,
    /// Nothing that completes it.
    Ordinary,
}

/// Judges a segment without SYN and RST of `sender` before completion.
pub fn judge(segment: &Segment, sender: &Endpoint, peer: &Endpoint) -> Opening {
    if !segment.flags.has(Flags::ACK) {
        return Opening::Ordinary;
    }
    let peer_spoke = peer.syn.is_some() || peer.synack.is_some();
    if sender.syn.is_some() {
        if peer_spoke {
            return answer_to_syn(segment, sender, peer);
        }
        let after_syn = sender.after_syn().unwrap_or_default();
        let in_order = !segment.sequence.is_before(after_syn);
        return if in_order { Opening::HandshakeAck { inferred: true } } else { Opening::Ordinary };
    }
    if sender.synack.is_some() {
        return server_before_third_segment(segment, peer);
    }
    if peer.synack.is_some() {
        return answer_to_syn(segment, sender, peer);
    }
    responder_without_syn(segment, peer)
}

/// The third segment: the first that acknowledges the peer's SYN.
fn answer_to_syn(segment: &Segment, sender: &Endpoint, peer: &Endpoint) -> Opening {
    let acknowledges = peer.initial.map_or(false, |initial| segment.acknowledgement.is_after(initial));
    let after_syn = sender.after_syn().unwrap_or_default();
    // Some stacks send it with the number of their SYN.
    let early = segment.sequence.is_before(after_syn.minus(1));
    if !acknowledges || early || !sender.syn_acknowledged() {
        return Opening::Ordinary;
    }
    let plain = segment.sequence == after_syn || Some(segment.sequence) == sender.unacknowledged;
    Opening::HandshakeAck { inferred: !plain }
}

/// The server after its SYN-ACK: with Fast Open it may speak first (RFC 7413 3), and the third segment can be late.
fn server_before_third_segment(segment: &Segment, peer: &Endpoint) -> Opening {
    let answered_beyond_syn =
        peer.initial.map_or(false, |initial| segment.acknowledgement.is_after(initial.plus(1).plus(peer.syn_octets)));
    if peer.syn.is_none() || answered_beyond_syn {
        Opening::Open
    } else {
        Opening::Ordinary
    }
}

/// A side that has sent no SYN, and its peer has.
fn responder_without_syn(segment: &Segment, peer: &Endpoint) -> Opening {
    let bare = segment.is_pure_ack();
    if acknowledges_syn(segment.acknowledgement, peer) {
        return if bare { Opening::SynAcknowledged } else { Opening::Open };
    }
    let ahead = peer.initial.map_or(0, |initial| segment.acknowledgement.distance_from(initial));
    match (1..PLAUSIBLE_OCTETS).contains(&ahead) {
        true => Opening::Open,
        false if bare => Opening::ChallengeAck,
        false => Opening::Ordinary,
    }
}
