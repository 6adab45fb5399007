//! Every field of a verdict crosses and comes back; numbers that mean nothing are refused.

use super::*;
use tcpphase::verdict::{Ended, KeepAliveVerdict, Note, Opened, Probing, TlsEnd, TlsOutcome, Traffic};

/// Every field differs from its default and from its neighbours.
fn full() -> Verdict {
    let mut steps = Steps::default();
    Step::ALL.iter().take(Steps::MAXIMUM).for_each(|&step| steps.push(step));
    let mut notes = Notes::default();
    notes.insert(Note::SynRetransmitted);
    notes.insert(Note::InvalidReset);
    Verdict {
        frame: 1,
        sequence: 0xffff_fff0,
        connection: Some(2),
        phase: Phase::KeepAlive,
        steps,
        sender: Sender::Server,
        basis: Basis::TlsHello,
        retransmission: true,
        inferred: true,
        after_gap: true,
        initiator: Some(Initiator::Unknown),
        message: Some(18),
        facts: Some(full_facts(notes)),
    }
}

fn full_facts(notes: Notes) -> Facts {
    Facts {
        duplicate_of: Some(3),
        close_idle: Some(4),
        handshake: HandshakeFacts {
            syn_frame: Some(5),
            synack_frame: Some(6),
            time: Some(-7),
            server_time: Some(0),
            client_time: Some(9),
            attempt: Some(10),
            retry_cost: Some(11),
            simultaneous: true,
        },
        keep_alive: KeepAliveFacts {
            status: Some(KeepAliveStatus::AnsweredByData),
            layer: Some(Layer::WebSocket),
            number: Some(12),
            idle: Some(13),
            interval: Some(14),
            probe_frame: Some(15),
            response_time: Some(16),
            answer_frame: Some(17),
            context: Some(Context::WaitingForResponse),
        },
        not_keep_alive: Some(NotKeepAlive::StaleAck),
        unanswered: Unanswered {
            transmissions: Some(3),
            lasted: Some(24),
            octets: Some(0),
            how: Some(Silent::Ignored),
        },
        tls: TlsFacts {
            version: Some(0x0304),
            resumed: true,
            complete: true,
            hello_spans: true,
            time: Some(19),
            failed_by: Some(Sender::Unknown),
            cause: Some(TlsFailureCause::NotTls),
            after: Some(Step::ServerHello),
            alert: Some(0),
        },
        mqtt_keep_alive: Some(25),
        http: HttpFacts {
            persistent: Some(Persistent::No),
            basis: Some(PersistentBasis::CloseByServer),
            method: 20,
            status: Some(404),
            more_messages: [21; MORE_MESSAGES],
            request_frame: Some(22),
            response_frame: Some(23),
            response_time: Some(24),
            framing: Some(HttpFraming::ChunkedTwice),
            unfinished: Some(HttpUnfinished::CutRequest),
            unfinished_message: Some(77),
            unfinished_octets: Some(1 << 40),
            timeout: Some(25),
        },
        notes,
    }
}

#[track_caller]
fn assert_returns(verdict: Verdict) {
    let returned = verdict_from_c(&verdict_to_c(&verdict));
    assert_eq!(returned, Ok(verdict));
}

#[test]
fn a_verdict_crosses_and_comes_back() {
    assert_returns(full());
    assert_returns(Verdict::new(1, 2));
    for &phase in Phase::ALL {
        assert_returns(Verdict { phase, ..full() });
    }
    for mark in 0..8 {
        assert_returns(Verdict {
            retransmission: mark & 1 != 0,
            inferred: mark & 2 != 0,
            after_gap: mark & 4 != 0,
            ..full()
        });
    }
}

#[track_caller]
fn assert_refused(spoil: impl FnOnce(&mut tcpphase_verdict)) {
    let mut verdict = verdict_to_c(&full());
    spoil(&mut verdict);
    assert_eq!(verdict_from_c(&verdict), Err(Failure::BadValue));
}

#[test]
fn numbers_without_a_meaning_are_refused() {
    assert_refused(|verdict| verdict.marks = 8);
    assert_refused(|verdict| verdict.phase = 7);
    assert_refused(|verdict| verdict.sender = 3);
    assert_refused(|verdict| verdict.sender_basis = 0xff);
    assert_refused(|verdict| verdict.step_count = 16);
    assert_refused(|verdict| verdict.steps[14] = 0);
    assert_refused(|verdict| verdict.close_initiator = 0xfe);
    assert_refused(|verdict| verdict.simultaneous_open = 2);
    assert_refused(|verdict| verdict.keepalive_status = 0xff);
    assert_refused(|verdict| verdict.keepalive_layer = 0xff);
    assert_refused(|verdict| verdict.keepalive_context = 0xff);
    assert_refused(|verdict| verdict.not_keepalive = 0xff);
}

fn probing(number: u32) -> Probing {
    let idle = i64::from(number);
    Probing { idle: Some(idle), interval: Some(idle + 1), unanswered_max: number + 2, ..Probing::default() }
}

#[test]
fn a_summary_crosses() {
    let summary = summary_to_c(&Summary {
        opened: Opened::Midway,
        ended: Ended::Reset,
        closed_by: Initiator::Server,
        reset_by: Some(Sender::Client),
        unanswered_by: Some(Sender::Server),
        waits_for: None,
        one_direction: true,
        duration: 1,
        setup_time: Some(2),
        max_idle: None,
        keep_alives: 3,
        keep_alives_answered: 4,
        unanswered_max: 5,
        keep_alive_verdict: Some(KeepAliveVerdict::PathDead),
        syn_attempts: 6,
        tls_time: Some(7),
        messages: 8,
        end_idle: Some(9),
        client_is_higher: Some(true),
        tls_version: Some(0x0304),
        tls_resumed: true,
        tls_end: Some(TlsEnd {
            outcome: TlsOutcome::Alert,
            failed_by: Some(Sender::Server),
            alert: Some(40),
            after: Some(Step::ClientHello),
            inferred: true,
        }),
        tls_names: None,
        traffic: [
            Traffic { octets: 1 << 40, segments: 30, retransmitted: 31 },
            Traffic { octets: 32, segments: 33, retransmitted: 34 },
        ],
        round_trip: Some(35),
        details: Some(Box::new(Details {
            probing: [10, 13].map(probing),
            probing_above: Some(Box::new([16, 19].map(probing))),
            layer_above: Some(Layer::Http2),
            messages: 0,
            slowest_response: Some(22),
            http_timeout: Some(23),
            mqtt_keep_alive: Some(24),
        })),
    });
    assert_eq!((summary.tls_time, summary.messages), (7, 8));
    assert_eq!((summary.end_idle, summary.client_side), (9, 2));
    assert_eq!((summary.tls_version, summary.tls_resumed), (0x0304, 1));
    assert_eq!((summary.above_layer, summary.slowest_response, summary.http_timeout), (3, 22, 23));
    assert_eq!(summary.mqtt_keep_alive, 24);
    assert_eq!(summary.probe_idle, [10, 13, 16, 19]);
    assert_eq!(summary.probe_interval, [11, 14, 17, 20]);
    assert_eq!(summary.probe_unanswered_max, [12, 15, 18, 21]);
    assert_eq!(summary.opened, 4);
    assert_eq!(summary.ended, 5);
    assert_eq!((summary.closed_by, summary.reset_by), (2, 1));
    assert_eq!((summary.unanswered_by, summary.waits_for), (2, TCPPHASE_INITIATOR_NONE));
    assert_eq!(summary.one_direction, 1);
    assert_eq!(summary.duration, 1);
    assert_eq!(summary.setup_time, 2);
    assert_eq!(summary.max_idle, TCPPHASE_TIME_ABSENT);
    assert_eq!(summary.keepalives, 3);
    assert_eq!(summary.keepalives_answered, 4);
    assert_eq!(summary.unanswered_max, 5);
    assert_eq!(summary.keepalive_verdict, 3);
    assert_eq!(summary.syn_attempts, 6);
    assert_eq!((summary.tls_outcome, summary.tls_failed_by, summary.tls_alert), (2, 2, 40));
    assert_eq!((summary.tls_after, summary.tls_inferred), (10, 1));
    assert_eq!((summary.octets, summary.segments, summary.retransmitted), ([1 << 40, 32], [30, 33], [31, 34]));
    assert_eq!(summary.round_trip, 35);
}
