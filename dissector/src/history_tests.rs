use super::*;
use crate::verdict::{HandshakeFacts, KeepAliveFacts, Note};

fn rich(frame: u32) -> Verdict {
    let mut verdict = Verdict::new(frame, 0xffff_fff0);
    verdict.connection = Some(7);
    verdict.phase = Phase::KeepAlive;
    verdict.steps.push(Step::AckOfFin);
    verdict.steps.push(Step::Data);
    verdict.steps.push(Step::PeerFin);
    verdict.sender = Sender::Server;
    verdict.basis = Basis::HttpMessage;
    (verdict.retransmission, verdict.inferred, verdict.after_gap) = (true, false, true);
    verdict.facts_mut().duplicate_of = Some(3);
    verdict.initiator = Some(Initiator::Both);
    verdict.facts_mut().close_idle = Some(-5);
    verdict.facts_mut().handshake = HandshakeFacts {
        syn_frame: Some(1),
        synack_frame: Some(u32::MAX),
        time: Some(i64::MAX),
        server_time: Some(0),
        client_time: Some(i64::MIN),
        attempt: Some(2),
        retry_cost: Some(1_000_000_000),
        simultaneous: true,
    };
    verdict.facts_mut().keep_alive = KeepAliveFacts {
        status: Some(KeepAliveStatus::Probe),
        layer: Some(Layer::WebSocket),
        number: Some(9),
        idle: Some(7_200_000_000_000),
        interval: Some(75),
        probe_frame: Some(8),
        response_time: Some(1),
        answer_frame: None,
        context: Some(Context::WaitingForResponse),
    };
    verdict.facts_mut().not_keep_alive = Some(NotKeepAlive::StaleAck);
    verdict.facts_mut().notes.insert(Note::KeepAliveStorm);
    verdict.facts_mut().notes.insert(Note::SynRetransmitted);
    verdict
}

#[test]
fn every_fact_comes_back() {
    let mut history = History::default();
    let (place, answer_place) = history.keep(&rich(5));
    assert_eq!(history.at(place), Some(rich(5)));
    history.answer(answer_place, 99);
    let mut answered = rich(5);
    answered.facts_mut().keep_alive.answer_frame = Some(99);
    assert_eq!(history.verdict(5, 0), Some(answered));
}

#[test]
fn the_numbers_of_messages_come_back() {
    for more in [&[][..], &[8], &[8, 9, 10], &[9], &[8, 9, 11], &[7, 7], &[6, 5, 4], &[u32::MAX; 15]] {
        let mut verdict = Verdict::new(1, 2);
        verdict.message = Some(7);
        verdict.steps.push(Step::HttpResponse);
        verdict.facts_mut().http.status = Some(200);
        verdict.facts_mut().http.more_messages[..more.len()].copy_from_slice(more);
        let mut history = History::default();
        let (place, _) = history.keep(&verdict);
        assert_eq!(history.at(place), Some(verdict));
    }
}

#[test]
fn frames_are_found_across_pieces_with_several_segments_each() {
    let mut history = History::default();
    for frame in 0..PIECE as u32 * 2 {
        let mut verdict = Verdict::new(frame * 3, frame);
        verdict.connection = Some(frame);
        history.keep(&verdict);
        history.keep(&rich(frame * 3));
    }
    assert_eq!(history.verdict(3 * 5000, 0).and_then(|verdict| verdict.connection), Some(5000));
    assert_eq!(history.verdict(3 * 5000, 1), Some(rich(3 * 5000)));
    assert_eq!(history.verdict(3 * 5000, 2), None);
    assert_eq!(history.verdict(3 * 5000 + 1, 0), None);
    assert_eq!(history.verdict(u32::MAX, 0), None);
}

#[test]
fn a_plain_segment_takes_no_more_than_24_octets() {
    assert!(std::mem::size_of::<Record>() <= 24);
    let mut history = History::default();
    let mut verdict = Verdict::new(1, 2);
    verdict.steps.push(Step::Data);
    history.keep(&verdict);
    assert!(history.facts.is_empty());
}

#[test]
fn a_beginning_is_remembered_also_when_its_verdict_is_revised() {
    let mut history = History::default();
    let (place, _) = history.keep(&rich(5));
    history.begins(Direction::Back);
    history.keep(&rich(6));
    history.keep(&rich(7));
    history.begins(Direction::Forth);
    history.revise(place, &rich(5));
    let expected = [(5, Direction::Back), (7, Direction::Forth)];
    assert!(history.beginnings().eq(expected.map(|(frame, direction)| Beginning { frame, direction })));
    assert_eq!(history.at(place), Some(rich(5)));
}
