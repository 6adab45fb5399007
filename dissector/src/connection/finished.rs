//! A connection that is over: what hindsight shows, and enough to tell a stray, in little room. A capture has many of them.

use super::closing::describe_stray;
use super::{Arrival, Connection, Direction, Lasted, Predecessor};
use crate::tcp::{Flags, SequenceNumber};
use crate::verdict::{
    Basis, Details, Duration, Ended, Initiator, KeepAliveVerdict, Opened, Phase, Sender, Step, Summary, Time, TlsEnd,
    TlsNames, Traffic, Verdict,
};

/// A [`Summary`].
#[derive(Clone, Debug)]
struct Kept {
    duration: Duration,
    setup_time: Lasted,
    max_idle: Lasted,
    tls_time: Lasted,
    end_idle: Lasted,
    round_trip: Lasted,
    traffic: [Traffic; 2],
    tls_names: Option<Box<TlsNames>>,
    details: Option<Box<Details>>,
    keep_alives: u32,
    keep_alives_answered: u32,
    unanswered_max: u32,
    syn_attempts: u32,
    messages: u32,
    tls_version: Option<u16>,
    tls_end: Option<TlsEnd>,
    opened: Opened,
    ended: Ended,
    closed_by: Initiator,
    reset_by: Option<Sender>,
    unanswered_by: Option<Sender>,
    waits_for: Option<Sender>,
    keep_alive_verdict: Option<KeepAliveVerdict>,
    client_is_higher: Option<bool>,
    one_direction: bool,
    tls_resumed: bool,
}

/// Between the two: times change their form, all else stays.
macro_rules! kept {
    ($($time:ident)+; $($other:ident)+) => {
        impl From<Summary> for Kept {
            fn from(summary: Summary) -> Kept {
                Kept { $($time: Lasted::of(summary.$time),)+ $($other: summary.$other,)+ }
            }
        }

        impl Kept {
            fn summary(&self) -> Summary {
                Summary { $($time: self.$time.get(),)+ $($other: self.$other.clone(),)+ }
            }
        }
    };
}

kept! {
    setup_time max_idle tls_time end_idle round_trip;
    duration traffic tls_names details keep_alives keep_alives_answered unanswered_max syn_attempts messages tls_version
    tls_end opened ended closed_by reset_by unanswered_by waits_for keep_alive_verdict client_is_higher one_direction
    tls_resumed
}

impl Connection {
    /// All that is needed once it is over for good.
    pub fn finish(&self, now: Time) -> Finished {
        Finished {
            kept: self.summary(now).into(),
            number: self.number,
            predecessor: self.predecessor,
            client: self.client,
            basis: self.basis,
            initiator: self.initiator(),
            first_fin: self.first_fin,
            synack: self
                .client
                .map(|client| self.end(client.reverse()))
                .and_then(|end| end.opening.synack().and(end.initial)),
            tls_version_since: self.tls_known.version.map_or(0, |(_, since)| since),
            tls_resumed_since: self.tls_known.resumed.unwrap_or(0),
            was_reset: self.reset_after_close
                || (self.reset.is_some() && !self.endpoints.iter().all(|end| end.fin_acknowledged)),
        }
    }
}

/// A connection that is over.
#[derive(Clone, Debug)]
pub struct Finished {
    kept: Kept,
    number: u32,
    /// What may still belong to one before it goes there.
    pub predecessor: Predecessor,
    client: Option<Direction>,
    basis: Basis,
    initiator: Option<Initiator>,
    first_fin: Option<Direction>,
    /// The number of the server's SYN-ACK, where one was captured.
    synack: Option<SequenceNumber>,
    tls_version_since: u32,
    tls_resumed_since: u32,
    was_reset: bool,
}

impl Finished {
    /// What of TLS was known when this frame was captured.
    pub fn tls_known(&self, frame: u32) -> (Option<u16>, bool) {
        let version = self.kept.tls_version.filter(|_| frame >= self.tls_version_since);
        (version, self.kept.tls_resumed && frame >= self.tls_resumed_since)
    }

    /// What was known of it at its end.
    pub fn summary(&self) -> Summary {
        self.kept.summary()
    }

    /// Whether a segment is its SYN-ACK once more after an RST: the same attempt, however late.
    pub fn is_repeated_by(&self, arrival: &Arrival) -> bool {
        let from_server = self.client == Some(arrival.direction.reverse()) && arrival.segment.is_syn_ack();
        self.was_reset && from_server && self.synack == Some(arrival.segment.sequence)
    }

    /// Judges a segment that still comes.
    pub fn segment(&self, arrival: &Arrival, verdict: &mut Verdict) {
        let segment = &arrival.segment;
        verdict.connection = Some(self.number);
        verdict.basis = self.basis;
        verdict.initiator = self.initiator;
        verdict.sender = match self.client {
            None => Sender::Unknown,
            Some(client) if client == arrival.direction => Sender::Client,
            Some(_) => Sender::Server,
        };
        let fin_step = match self.first_fin {
            Some(first) if first != arrival.direction => Step::PeerFin,
            _ => Step::Fin,
        };
        let reset = segment.flags.has(Flags::RST);
        verdict.phase = match (reset || self.was_reset, segment.flags.has(Flags::SYN)) {
            (true, _) => Phase::Reset,
            (false, true) => Phase::TcpHandshake,
            (false, false) => Phase::Close,
        };
        let syn = segment.flags.has(Flags::SYN);
        if !reset && !syn {
            return describe_stray(segment, fin_step, verdict);
        }
        verdict.retransmission = !reset && self.is_repeated_by(arrival);
        verdict.steps.push(match (reset, segment.flags.has(Flags::ACK)) {
            (true, _) => Step::ResetAfterClose,
            (false, true) => Step::SynAck,
            (false, false) => Step::Syn,
        });
        if segment.flags.has(Flags::FIN) {
            verdict.steps.push(fin_step);
        }
    }
}
