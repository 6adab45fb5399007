//! Judges an RST (RFC 9293 3.5.3 and 3.10.7.4, RFC 5961 3).

use super::endpoint::Endpoint;
use super::keep_alive::ProbeRun;
use super::open::acknowledges_syn;
use super::{Flags, Segment};
use crate::verdict::Step;

/// What is known of the connection when an RST comes.
#[derive(Clone, Copy, Debug)]
pub struct Circumstances {
    /// The opening is complete.
    pub open: bool,
    /// Nothing of the connection was captured before.
    pub first_segment: bool,
    /// A valid RST was seen, or both FINs are acknowledged.
    pub over: bool,
    /// The RST that was seen is a refusal.
    pub refused: bool,
    /// The segment before it was a keep-alive probe of the receiver that nothing has answered.
    pub answers_probe: bool,
    /// It has the number that the receiver acknowledged last without having seen it.
    pub rejects: bool,
}

/// What an RST does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Judgement {
    /// Its class.
    pub step: Step,
    /// It rests on a guess: in the window but not exact, or nothing to compare with.
    pub inferred: bool,
}

/// Judges an RST of `sender`.
pub fn judge(segment: &Segment, sender: &Endpoint, receiver: &Endpoint, circumstances: Circumstances) -> Judgement {
    let exactly = |step| Judgement { step, inferred: false };
    if circumstances.over {
        // Each answers a SYN of its own; nothing was opened or closed.
        let again = circumstances.refused && refuses(segment, sender, receiver);
        return exactly(if again { Step::ConnectionRefused } else { Step::ResetAfterClose });
    }
    if circumstances.first_segment {
        return Judgement { step: Step::ConnectionAbort, inferred: true };
    }
    if !circumstances.open {
        return in_opening(segment, sender, receiver, circumstances.rejects);
    }
    let class = if sender.fin.is_some() {
        Step::ResetAfterClose
    } else if circumstances.answers_probe {
        Step::ResetOnKeepAlive
    } else {
        Step::ConnectionAbort
    };
    // RFC 9293 3.10.7.1: it has the probe's acknowledgement, which may be one too low.
    let answers = |run: &ProbeRun| circumstances.answers_probe && run.acknowledgement == segment.sequence;
    match acceptability(segment, sender, receiver) {
        _ if receiver.probes.as_deref().map_or(false, answers) => exactly(class),
        Acceptability::Exact => exactly(class),
        Acceptability::InWindow => Judgement { step: class, inferred: true },
        Acceptability::Outside => exactly(Step::InvalidReset),
    }
}

/// Before completion (RFC 9293 3.10.7.3): a refusal acknowledges the SYN; either side may also give up.
fn in_opening(segment: &Segment, sender: &Endpoint, receiver: &Endpoint, rejects: bool) -> Judgement {
    let exactly = |step| Judgement { step, inferred: false };
    let spoke = |end: &Endpoint| end.opening.syn().is_some() || end.opening.synack().is_some();
    if !spoke(sender) && receiver.opening.synack().is_none() {
        let refuses = refuses(segment, sender, receiver);
        return exactly(if refuses { Step::ConnectionRefused } else { Step::InvalidReset });
    }
    if !receiver.captured && (sender.opening.synack().is_some() || !has_own_number(segment, sender)) {
        // Whether it was open, or what the RST answers, was not captured.
        return Judgement { step: Step::ConnectionAbort, inferred: true };
    }
    let sequence = segment.sequence;
    let acknowledged = sender.unacknowledged == Some(sequence) || sender.next == Some(sequence);
    let answers = segment.flags.has(Flags::ACK) && acknowledges_syn(segment.acknowledgement, receiver);
    if has_own_number(segment, sender) || acknowledged || answers {
        return exactly(Step::ResetInHandshake);
    }
    match acceptability(segment, sender, receiver) {
        Acceptability::Outside if !rejects => exactly(Step::InvalidReset),
        _ => Judgement { step: Step::ResetInHandshake, inferred: true },
    }
}

/// The answer of a side that has sent nothing to a SYN.
fn refuses(segment: &Segment, sender: &Endpoint, receiver: &Endpoint) -> bool {
    sender.opening.syn().is_none()
        && sender.opening.synack().is_none()
        && segment.flags.has(Flags::ACK)
        && acknowledges_syn(segment.acknowledgement, receiver)
}

/// Whether an RST has the number of its sender's SYN or one after it.
fn has_own_number(segment: &Segment, sender: &Endpoint) -> bool {
    sender.initial.map_or(true, |initial| segment.sequence.is_within(initial, 1 + sender.syn_octets))
}

enum Acceptability {
    Exact,
    InWindow,
    Outside,
}

/// RFC 5961 3.2: exactly at RCV.NXT, or elsewhere in the window.
fn acceptability(segment: &Segment, sender: &Endpoint, receiver: &Endpoint) -> Acceptability {
    let sequence = Some(segment.sequence);
    // A side that has sent FIN often resets with the FIN's own number.
    let at_fin = sender.fin.map_or(false, |fin| segment.sequence.is_within(fin, 1));
    if sequence == sender.unacknowledged || sequence == sender.next || at_fin {
        return Acceptability::Exact;
    }
    // Where no acknowledgement was captured, it may be any of the octets' numbers.
    let start = match sender.unacknowledged.or_else(|| sender.first_captured()) {
        Some(start) => start,
        None => return Acceptability::InWindow,
    };
    let window = receiver.largest_window();
    if receiver.window.is_none() && !receiver.captured {
        return Acceptability::InWindow;
    }
    if window > 0 && segment.sequence.is_within(start, window - 1) {
        Acceptability::InWindow
    } else {
        Acceptability::Outside
    }
}
