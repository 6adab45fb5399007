//! What a segment says that repeats others: a retransmission of what it repeats, a mirrored copy of its original.

use crate::label::messages;
use crate::verdict::{Phase, Step, Steps, Verdict};
use std::slice;

/// Tells a retransmission by the segments that it repeats, if anything is known of them. `handshaking`: the connection's
/// TLS handshake goes on.
pub fn tells_again(originals: &[Verdict], handshaking: bool, verdict: &mut Verdict) {
    let known = |step: &Step| step.is_payload() && !matches!(step, Step::Data | Step::HalfCloseData);
    let is_known = |original: &&Verdict| original.steps.iter().any(|step| known(&step));
    let first = match originals.iter().find(is_known) {
        Some(first) => first,
        None => return,
    };
    let mut steps = Steps::default();
    for step in verdict.steps.iter() {
        match step {
            Step::Data | Step::HalfCloseData => {
                for original in originals {
                    original.steps.iter().filter(known).for_each(|step| steps.push(step));
                    if !is_known(&original) {
                        steps.push(Step::Data);
                    }
                }
            }
            _ => steps.push(step),
        }
    }
    verdict.steps = steps;
    verdict.inferred |= originals.iter().filter(is_known).any(|original| original.inferred);
    copy_messages(originals, first, verdict);
    if verdict.phase == Phase::Data {
        if originals.iter().any(|original| original.phase == Phase::TlsHandshake) {
            if handshaking {
                verdict.phase = Phase::TlsHandshake;
            }
        } else if matches!(first.phase, Phase::KeepAlive | Phase::Close)
            && originals.iter().all(|original| original.phase == first.phase)
        {
            // Nothing but keep-alives, or close_notify and its like.
            verdict.phase = first.phase;
        }
    }
}

/// The verdict of a mirrored copy, in another frame.
pub fn copy(original: &Verdict, frame: u32) -> Verdict {
    let mut copy = Verdict::new(frame, original.sequence);
    copy.connection = original.connection;
    (copy.phase, copy.steps) = (original.phase, original.steps);
    (copy.sender, copy.basis) = (original.sender, original.basis);
    (copy.inferred, copy.after_gap) = (original.inferred, original.after_gap);
    copy.retransmission = original.retransmission;
    copy.initiator = original.initiator;
    copy_messages(slice::from_ref(original), original, &mut copy);
    copy.facts_mut().duplicate_of = Some(original.frame);
    copy
}

/// The numbers of all HTTP messages that the originals have a part in, and what the label says of the first one's.
fn copy_messages(originals: &[Verdict], first: &Verdict, copy: &mut Verdict) {
    let mut numbers: Vec<u32> = originals.iter().flat_map(messages).collect();
    numbers.dedup();
    if let Some((&number, more)) = numbers.split_first() {
        copy.message = Some(number);
        if !more.is_empty() {
            let places = copy.facts_mut().http.more_messages.iter_mut();
            places.zip(more).for_each(|(place, &number)| *place = number);
        }
    }
    let http = first.facts().http;
    if http.method != 0 || http.status.is_some() {
        let copied = &mut copy.facts_mut().http;
        (copied.method, copied.status) = (http.method, http.status);
    }
}
