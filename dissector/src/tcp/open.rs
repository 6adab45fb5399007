//! Judges the segments of an opening (RFC 9293 3.5).

use super::endpoint::Endpoint;
use super::{Flags, Segment, SequenceNumber};

/// Octets that acknowledge something this far beyond a SYN can be an answer to ones that were not captured.
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
    /// It would complete it, but acknowledges more than was sent, as far as can be known.
    TooFar,
    /// Complete, and the handshake ACK will not come: it was not captured.
    Open,
    /// An answer to a SYN that acknowledges something else (RFC 5961 4).
    ChallengeAck,
    /// More of the connection whose challenge ACK was seen.
    OfAnother,
    /// An acknowledgement of the SYN by a side that has yet to send its own (a split handshake).
    SynAcknowledged,
    /// Nothing that completes it.
    Ordinary,
}

/// Acknowledgements of more than was sent, as far as could be known, which nothing has refuted since.
#[derive(Clone, Copy, Debug, Default)]
pub struct TooFar {
    /// The sender's.
    pub of_sender: Option<SequenceNumber>,
    /// Its peer's.
    pub of_peer: Option<SequenceNumber>,
}

/// Judges a segment without SYN and RST of `sender` before completion.
pub fn judge(segment: &Segment, sender: &Endpoint, peer: &Endpoint, too_far: TooFar) -> Opening {
    if !segment.flags.has(Flags::ACK) {
        return Opening::Ordinary;
    }
    let peer_spoke = peer.opening.syn().is_some() || peer.opening.synack().is_some();
    if sender.opening.syn().is_some() {
        if peer_spoke {
            return answer_to_syn(segment, sender, peer, too_far.of_sender);
        }
        let after_syn = sender.after_syn().unwrap_or_default();
        let in_order = !segment.sequence.is_before(after_syn);
        return if in_order { Opening::HandshakeAck { inferred: true } } else { Opening::Ordinary };
    }
    if sender.opening.synack().is_some() {
        return server_before_third_segment(segment, peer, too_far.of_peer);
    }
    if peer.opening.synack().is_some() {
        return answer_to_syn(segment, sender, peer, too_far.of_sender);
    }
    responder_without_syn(segment, peer, too_far.of_sender.is_some())
}

/// The third segment: the first that acknowledges the peer's SYN.
fn answer_to_syn(segment: &Segment, sender: &Endpoint, peer: &Endpoint, too_far: Option<SequenceNumber>) -> Opening {
    let acknowledges = peer.initial.map_or(false, |initial| segment.acknowledgement.is_after(initial));
    let after_syn = sender.after_syn().unwrap_or_default();
    // Some stacks send it with the number of their SYN.
    let early = segment.sequence.is_before(after_syn.minus(1));
    if !acknowledges || early || !sender.syn_acknowledged() {
        return Opening::Ordinary;
    }
    // Who says so twice has got what was not captured.
    let repeats = too_far.map_or(false, |too_far| !segment.acknowledgement.is_before(too_far));
    if !repeats && !has_room_for(segment.acknowledgement, sender, peer) {
        return Opening::TooFar;
    }
    let plain = segment.sequence == after_syn || Some(segment.sequence) == sender.unacknowledged;
    Opening::HandshakeAck { inferred: !plain || repeats }
}

/// Whether the peer can have sent what is acknowledged: it was captured, or the window of the SYN had room for it (RFC
/// 9293 3.10.7.4), which is never scaled (RFC 7323 2.2).
fn has_room_for(acknowledgement: SequenceNumber, sender: &Endpoint, peer: &Endpoint) -> bool {
    let room = match (sender.opening.syn(), sender.window) {
        (Some(_), Some(window)) => window,
        _ => u32::from(u16::MAX),
    };
    let captured = peer.next.map_or(false, |next| !acknowledgement.is_after(next));
    captured || peer.after_syn().map_or(false, |after_syn| acknowledgement.is_within(after_syn, room))
}

/// The server after its SYN-ACK: with Fast Open it may speak first (RFC 7413 3), and the third segment can be late.
fn server_before_third_segment(segment: &Segment, peer: &Endpoint, too_far: Option<SequenceNumber>) -> Opening {
    let answered_beyond_syn =
        peer.initial.map_or(false, |initial| segment.acknowledgement.is_after(initial.plus(1).plus(peer.syn_octets)));
    let goes_on = too_far == Some(segment.sequence);
    if peer.opening.syn().is_none() || answered_beyond_syn || goes_on {
        Opening::Open
    } else {
        Opening::Ordinary
    }
}

/// A side that has sent no SYN, and its peer has.
fn responder_without_syn(segment: &Segment, peer: &Endpoint, has_challenged: bool) -> Opening {
    let bare = segment.is_pure_ack();
    if acknowledges_syn(segment.acknowledgement, peer) {
        return if bare { Opening::SynAcknowledged } else { Opening::Open };
    }
    let ahead = peer.initial.map_or(0, |initial| segment.acknowledgement.distance_from(initial));
    match (1..PLAUSIBLE_OCTETS).contains(&ahead) {
        _ if bare => Opening::ChallengeAck,
        _ if has_challenged => Opening::OfAnother,
        true => Opening::Open,
        false => Opening::Ordinary,
    }
}
