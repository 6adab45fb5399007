//! RFC 9293 figure 5, pair by pair, as an observer of one endpoint sees it.
//!
//! An arrow of the figure that has a segment received and one sent in answer is two events here: the state moves with
//! the one that shows it. CLOSE, ABORT and time-outs cannot be seen: what follows from them has no row that moves.

use super::Event::{FinAcknowledged, Opens, ReceivesFin, ReceivesSyn, Reset, SendsFin, SendsSyn, SendsSynAck};
use super::State::{
    CloseWait, Closed, Closing, Established, FinWait1, FinWait2, LastAck, Listen, SynReceived, SynSent, TimeWait,
};
use super::{Event, State};

const EVENTS: [Event; 8] = [ReceivesSyn, SendsSyn, SendsSynAck, Opens, SendsFin, ReceivesFin, FinAcknowledged, Reset];

const TABLE: [(State, Event, State); 88] = [
    // An active open begins with a SYN sent; a passive one is seen from the first SYN on.
    (Closed, ReceivesSyn, Listen),
    (Closed, SendsSyn, SynSent),
    // Its peer's SYN was not captured.
    (Closed, SendsSynAck, SynReceived),
    // The capture begins midway.
    (Closed, Opens, Established),
    (Closed, SendsFin, Closed),
    (Closed, ReceivesFin, Closed),
    (Closed, FinAcknowledged, Closed),
    (Closed, Reset, Closed),
    //
    (Listen, ReceivesSyn, Listen),
    // SEND in LISTEN, or a split handshake.
    (Listen, SendsSyn, SynSent),
    (Listen, SendsSynAck, SynReceived),
    // Its SYN-ACK was not captured.
    (Listen, Opens, Established),
    (Listen, SendsFin, Listen),
    // 3.10.7.4, eighth: a FIN means nothing in CLOSED, LISTEN and SYN-SENT.
    (Listen, ReceivesFin, Listen),
    (Listen, FinAcknowledged, Listen),
    (Listen, Reset, Closed),
    // A simultaneous open (figure 7): it is the SYN-ACK that shows SYN-RECEIVED.
    (SynSent, ReceivesSyn, SynSent),
    (SynSent, SendsSyn, SynSent),
    (SynSent, SendsSynAck, SynReceived),
    (SynSent, Opens, Established),
    (SynSent, SendsFin, SynSent),
    (SynSent, ReceivesFin, SynSent),
    (SynSent, FinAcknowledged, SynSent),
    (SynSent, Reset, Closed),
    //
    (SynReceived, ReceivesSyn, SynReceived),
    (SynReceived, SendsSyn, SynReceived),
    (SynReceived, SendsSynAck, SynReceived),
    (SynReceived, Opens, Established),
    (SynReceived, SendsFin, FinWait1),
    (SynReceived, ReceivesFin, CloseWait),
    (SynReceived, FinAcknowledged, SynReceived),
    // Back to LISTEN is another connection.
    (SynReceived, Reset, Closed),
    //
    (Established, ReceivesSyn, Established),
    (Established, SendsSyn, Established),
    (Established, SendsSynAck, Established),
    (Established, Opens, Established),
    (Established, SendsFin, FinWait1),
    (Established, ReceivesFin, CloseWait),
    (Established, FinAcknowledged, Established),
    (Established, Reset, Closed),
    //
    (FinWait1, ReceivesSyn, FinWait1),
    (FinWait1, SendsSyn, FinWait1),
    (FinWait1, SendsSynAck, FinWait1),
    // A FIN from SYN-RECEIVED; the opening completes later.
    (FinWait1, Opens, FinWait1),
    (FinWait1, SendsFin, FinWait1),
    (FinWait1, ReceivesFin, Closing),
    (FinWait1, FinAcknowledged, FinWait2),
    (FinWait1, Reset, Closed),
    //
    (FinWait2, ReceivesSyn, FinWait2),
    (FinWait2, SendsSyn, FinWait2),
    (FinWait2, SendsSynAck, FinWait2),
    (FinWait2, Opens, FinWait2),
    (FinWait2, SendsFin, FinWait2),
    (FinWait2, ReceivesFin, TimeWait),
    (FinWait2, FinAcknowledged, FinWait2),
    (FinWait2, Reset, Closed),
    //
    (CloseWait, ReceivesSyn, CloseWait),
    (CloseWait, SendsSyn, CloseWait),
    (CloseWait, SendsSynAck, CloseWait),
    (CloseWait, Opens, CloseWait),
    (CloseWait, SendsFin, LastAck),
    (CloseWait, ReceivesFin, CloseWait),
    (CloseWait, FinAcknowledged, CloseWait),
    (CloseWait, Reset, Closed),
    //
    (Closing, ReceivesSyn, Closing),
    (Closing, SendsSyn, Closing),
    (Closing, SendsSynAck, Closing),
    (Closing, Opens, Closing),
    (Closing, SendsFin, Closing),
    (Closing, ReceivesFin, Closing),
    (Closing, FinAcknowledged, TimeWait),
    (Closing, Reset, Closed),
    //
    (LastAck, ReceivesSyn, LastAck),
    (LastAck, SendsSyn, LastAck),
    (LastAck, SendsSynAck, LastAck),
    (LastAck, Opens, LastAck),
    (LastAck, SendsFin, LastAck),
    (LastAck, ReceivesFin, LastAck),
    (LastAck, FinAcknowledged, Closed),
    (LastAck, Reset, Closed),
    // 2 MSL cannot be seen; a SYN in TIME-WAIT is another connection.
    (TimeWait, ReceivesSyn, TimeWait),
    (TimeWait, SendsSyn, TimeWait),
    (TimeWait, SendsSynAck, TimeWait),
    (TimeWait, Opens, TimeWait),
    (TimeWait, SendsFin, TimeWait),
    (TimeWait, ReceivesFin, TimeWait),
    (TimeWait, FinAcknowledged, TimeWait),
    (TimeWait, Reset, Closed),
];

/// The place of an event in `EVENTS`. A new event does not compile here until it has one.
fn place(event: Event) -> usize {
    match event {
        ReceivesSyn => 0,
        SendsSyn => 1,
        SendsSynAck => 2,
        Opens => 3,
        SendsFin => 4,
        ReceivesFin => 5,
        FinAcknowledged => 6,
        Reset => 7,
    }
}

/// The state's name in RFC 9293 3.3.2, and its place in `State::ALL`. A new state does not compile here either.
fn spelling(state: State) -> (usize, &'static str) {
    match state {
        Closed => (0, "CLOSED"),
        Listen => (1, "LISTEN"),
        SynSent => (2, "SYN-SENT"),
        SynReceived => (3, "SYN-RECEIVED"),
        Established => (4, "ESTABLISHED"),
        FinWait1 => (5, "FIN-WAIT-1"),
        FinWait2 => (6, "FIN-WAIT-2"),
        CloseWait => (7, "CLOSE-WAIT"),
        Closing => (8, "CLOSING"),
        LastAck => (9, "LAST-ACK"),
        TimeWait => (10, "TIME-WAIT"),
    }
}

#[test]
fn every_event_moves_every_state_as_in_figure_5() {
    for (state, event, after) in TABLE {
        assert_eq!(state.transition(event), after, "{state} {event:?}");
    }
}

#[test]
fn every_pair_has_one_row() {
    for (number, event) in EVENTS.into_iter().enumerate() {
        assert_eq!(place(event), number, "{event:?}");
        for state in State::ALL {
            let rows = TABLE.iter().filter(|row| (row.0, row.1) == (state, event)).count();
            assert_eq!(rows, 1, "rows of {state} {event:?}");
        }
    }
}

#[test]
fn states_are_spelled_as_in_the_rfc() {
    for (number, state) in State::ALL.into_iter().enumerate() {
        assert_eq!((number, state.name()), spelling(state));
        assert_eq!(state.to_string(), state.name());
    }
}

#[test]
fn a_fin_is_known_to_be_sent_in_the_states_after_one() {
    let sent: Vec<State> = State::ALL.into_iter().filter(|state| state.has_sent_fin()).collect();
    assert_eq!(sent, [FinWait1, FinWait2, Closing, LastAck, TimeWait]);
}

/// The ways through the figure from both ends to both ends, each with the states it passes.
#[test]
fn whole_lives_pass_the_states_of_their_figures() {
    let lives: [(&str, &[Event], &[State]); 8] = [
        (
            "figure 6 and 12, the side that opens and closes",
            &[SendsSyn, Opens, SendsFin, FinAcknowledged, ReceivesFin],
            &[SynSent, Established, FinWait1, FinWait2, TimeWait],
        ),
        (
            "figure 6 and 12, the other side",
            &[ReceivesSyn, SendsSynAck, Opens, ReceivesFin, SendsFin, FinAcknowledged],
            &[Listen, SynReceived, Established, CloseWait, LastAck, Closed],
        ),
        (
            "figure 7, simultaneous open",
            &[SendsSyn, ReceivesSyn, SendsSynAck, Opens],
            &[SynSent, SynSent, SynReceived, Established],
        ),
        (
            "figure 13, simultaneous close",
            &[Opens, SendsFin, ReceivesFin, FinAcknowledged],
            &[Established, FinWait1, Closing, TimeWait],
        ),
        (
            "one FIN,ACK is both: acknowledged first, then its FIN",
            &[Opens, SendsFin, FinAcknowledged, ReceivesFin],
            &[Established, FinWait1, FinWait2, TimeWait],
        ),
        (
            "closed before the opening is complete",
            &[ReceivesSyn, SendsSynAck, SendsFin, Opens, FinAcknowledged],
            &[Listen, SynReceived, FinWait1, FinWait1, FinWait2],
        ),
        ("refused", &[SendsSyn, Reset], &[SynSent, Closed]),
        ("aborted after a half-close", &[Opens, ReceivesFin, Reset], &[Established, CloseWait, Closed]),
    ];
    for (life, events, states) in lives {
        let mut state = Closed;
        let mut passed = Vec::new();
        for &event in events {
            state = state.transition(event);
            passed.push(state);
        }
        assert_eq!(passed, states, "{life}");
    }
}
