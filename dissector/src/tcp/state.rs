//! The state of one endpoint as observed, in RFC 9293's names (3.3.2).

use std::fmt;

/// What an endpoint's connection is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Nothing, or nothing any more.
    Closed,
    /// It has sent nothing yet and its peer has sent a SYN.
    Listen,
    /// It has sent a SYN.
    SynSent,
    /// It has sent a SYN that acknowledges its peer's.
    SynReceived,
    /// Both SYNs are acknowledged.
    Established,
    /// It has sent a FIN.
    FinWait1,
    /// Its FIN is acknowledged.
    FinWait2,
    /// Its peer has sent a FIN.
    CloseWait,
    /// Both have sent a FIN, its own first and not acknowledged when the other came.
    Closing,
    /// Both have sent a FIN, its own second.
    LastAck,
    /// Both FINs were seen and its own is acknowledged.
    TimeWait,
}

/// What happens to an endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// Its peer sends a SYN.
    ReceivesSyn,
    /// It sends a SYN.
    SendsSyn,
    /// It sends a SYN with an acknowledgement.
    SendsSynAck,
    /// Both SYNs are acknowledged, or the connection was open before the capture began.
    Opens,
    /// It sends a FIN.
    SendsFin,
    /// Its peer sends a FIN.
    ReceivesFin,
    /// Its FIN is acknowledged.
    FinAcknowledged,
    /// A valid RST from either side.
    Reset,
}

impl State {
    /// Every state.
    #[cfg(test)]
    pub const ALL: [State; 11] = [
        State::Closed,
        State::Listen,
        State::SynSent,
        State::SynReceived,
        State::Established,
        State::FinWait1,
        State::FinWait2,
        State::CloseWait,
        State::Closing,
        State::LastAck,
        State::TimeWait,
    ];

    /// The state after `event` (RFC 9293 figure 5). What has no row changes nothing.
    #[rustfmt::skip]
    pub const fn transition(self, event: Event) -> State {
        match (self, event) {
            // 3.5 Establishing a connection
            (State::Closed,                                       Event::ReceivesSyn)     => State::Listen,
            (State::Closed | State::Listen,                       Event::SendsSyn)        => State::SynSent,
            (State::Closed | State::Listen | State::SynSent,      Event::SendsSynAck)     => State::SynReceived,
            (State::Closed | State::Listen,                       Event::Opens)           => State::Established,
            (State::SynSent | State::SynReceived,                 Event::Opens)           => State::Established,
            // 3.6 Closing a connection
            (State::SynReceived | State::Established,             Event::SendsFin)        => State::FinWait1,
            (State::SynReceived | State::Established,             Event::ReceivesFin)     => State::CloseWait,
            (State::FinWait1,                                     Event::FinAcknowledged) => State::FinWait2,
            (State::FinWait1,                                     Event::ReceivesFin)     => State::Closing,
            (State::FinWait2,                                     Event::ReceivesFin)     => State::TimeWait,
            (State::Closing,                                      Event::FinAcknowledged) => State::TimeWait,
            (State::CloseWait,                                    Event::SendsFin)        => State::LastAck,
            (State::LastAck,                                      Event::FinAcknowledged) => State::Closed,
            // 3.5.2 Reset generation
            (_,                                                   Event::Reset)           => State::Closed,
            (state, _) => state,
        }
    }

    /// Whether the endpoint has sent its FIN and nobody has reset the connection.
    pub const fn has_sent_fin(self) -> bool {
        matches!(self, State::FinWait1 | State::FinWait2 | State::Closing | State::LastAck | State::TimeWait)
    }

    /// The name in RFC 9293's spelling.
    pub const fn name(self) -> &'static str {
        match self {
            State::Closed => "CLOSED",
            State::Listen => "LISTEN",
            State::SynSent => "SYN-SENT",
            State::SynReceived => "SYN-RECEIVED",
            State::Established => "ESTABLISHED",
            State::FinWait1 => "FIN-WAIT-1",
            State::FinWait2 => "FIN-WAIT-2",
            State::CloseWait => "CLOSE-WAIT",
            State::Closing => "CLOSING",
            State::LastAck => "LAST-ACK",
            State::TimeWait => "TIME-WAIT",
        }
    }
}

impl fmt::Display for State {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

#[cfg(test)]
#[path = "state_tests.rs"]
mod tests;
