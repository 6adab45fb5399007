//! The text of the Phase column: the phase, then what the segment does there.

use crate::verdict::{method_name, KeepAliveStatus, Phase, Sender, Step, Verdict};
use std::fmt::Write;

/// About as many characters are shown in a column; past them steps are left out.
const WIDTH: usize = 44;

/// The column's text, phase first. Steps that rest on a guess end in `?`, retransmissions in `(again)`.
pub fn label(verdict: &Verdict) -> String {
    let mut label = String::from(verdict.phase.name());
    if verdict.phase == Phase::Unknown {
        return label;
    }
    let mut separator = " ";
    for step in verdict.steps.iter().filter(|step| step.name() != verdict.phase.name()) {
        let text = step_text(step, verdict);
        if label.len() + text.len() > WIDTH && separator != " " {
            label.push_str(", …");
            break;
        }
        label.push_str(separator);
        label.push_str(&text);
        separator = ", ";
    }
    if verdict.inferred {
        label.push('?');
    }
    if verdict.retransmission {
        label.push_str(" (again)");
    }
    label
}

/// A step in the words of the column.
fn step_text(step: Step, verdict: &Verdict) -> String {
    let plain = match step {
        Step::Syn | Step::SynAck | Step::HandshakeAck => return opening_text(step, verdict),
        Step::KeepAliveProbe => return probe_text(verdict),
        Step::Fin | Step::PeerFin => return by_sender("FIN", verdict.sender),
        Step::ResetInHandshake => return by_sender("in handshake", verdict.sender),
        Step::ConnectionAbort => return by_sender("abort", verdict.sender),
        Step::ResetAfterClose => return by_sender("after close", verdict.sender),
        Step::ResetOnKeepAlive => return by_sender("on keep-alive", verdict.sender),
        Step::ConnectionRefused => "connection refused",
        Step::HttpRequest
        | Step::HttpRequestBody
        | Step::HttpResponse
        | Step::HttpResponseBody
        | Step::HttpInterimResponse
        | Step::HttpUpgrade
        | Step::HttpTunnel => return message_text(step, verdict),
        Step::InvalidReset => "invalid",
        Step::KeepAliveAck => "ACK",
        Step::FinalAck => "final ACK",
        Step::ChallengeAck => "challenge ACK",
        Step::HalfCloseData => "half-close data",
        Step::Stray => "stray",
        other => other.name(),
    };
    String::from(plain)
}

/// The three segments of the handshake are counted; a simultaneous open has no third.
fn opening_text(step: Step, verdict: &Verdict) -> String {
    let (number, name) = match step {
        Step::Syn => ("1/3 ", "SYN"),
        Step::SynAck => ("2/3 ", "SYN-ACK"),
        _ => ("3/3 ", "ACK"),
    };
    let counted = verdict.phase == Phase::TcpHandshake && !verdict.facts().handshake.simultaneous;
    format!("{}{}", if counted { number } else { "" }, name)
}

/// An HTTP message with its number, and on its first segment the method or status code.
fn message_text(step: Step, verdict: &Verdict) -> String {
    let mut text = String::from(step.name());
    // With several messages in a segment the numbers are in the fields.
    let http = verdict.facts().http;
    if let (Some(number), 0) = (verdict.message, http.more_messages[0]) {
        let _ = write!(text, " #{number}");
    }
    let method = method_name(http.method);
    match (step, http.status) {
        (Step::HttpRequest, _) if !method.is_empty() => {
            let _ = write!(text, " {method}");
        }
        (Step::HttpResponse | Step::HttpInterimResponse | Step::HttpUpgrade | Step::HttpTunnel, Some(status)) => {
            let _ = write!(text, " {status}");
        }
        _ => {}
    }
    text
}

fn probe_text(verdict: &Verdict) -> String {
    let mut text = String::from("probe");
    let number =
        verdict.facts().keep_alive.number.filter(|_| verdict.facts().keep_alive.status == Some(KeepAliveStatus::Probe));
    if let Some(number) = number.filter(|&number| number > 1) {
        let _ = write!(text, " {number}, unanswered");
    }
    text
}

fn by_sender(text: &str, sender: Sender) -> String {
    match sender {
        Sender::Unknown => String::from(text),
        Sender::Client => format!("{text} by client"),
        Sender::Server => format!("{text} by server"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labelled(phase: Phase, steps: &[Step], change: impl Fn(&mut Verdict)) -> String {
        let mut verdict = Verdict::new(1, 0);
        verdict.phase = phase;
        steps.iter().for_each(|&step| verdict.steps.push(step));
        change(&mut verdict);
        label(&verdict)
    }

    #[test]
    fn the_handshake_is_counted() {
        let text = |step| labelled(Phase::TcpHandshake, &[step], |_| {});
        assert_eq!(text(Step::Syn), "TCP handshake 1/3 SYN");
        assert_eq!(text(Step::SynAck), "TCP handshake 2/3 SYN-ACK");
        assert_eq!(text(Step::HandshakeAck), "TCP handshake 3/3 ACK");
    }

    #[test]
    fn a_simultaneous_open_is_not_counted() {
        let text =
            labelled(Phase::TcpHandshake, &[Step::SynAck], |verdict| verdict.facts_mut().handshake.simultaneous = true);
        assert_eq!(text, "TCP handshake SYN-ACK");
    }

    #[test]
    fn the_close_names_the_side() {
        let steps = [Step::AckOfFin, Step::PeerFin];
        let text = labelled(Phase::Close, &steps, |verdict| verdict.sender = Sender::Server);
        assert_eq!(text, "Close ACK of FIN, FIN by server");
        assert_eq!(labelled(Phase::Close, &[Step::Fin], |_| {}), "Close FIN");
        assert_eq!(labelled(Phase::Close, &[Step::FinalAck], |_| {}), "Close final ACK");
    }

    #[test]
    fn unanswered_probes_are_counted() {
        let probe = |number| {
            labelled(Phase::KeepAlive, &[Step::KeepAliveProbe], |verdict| {
                verdict.facts_mut().keep_alive.status = Some(KeepAliveStatus::Probe);
                verdict.facts_mut().keep_alive.number = Some(number);
            })
        };
        assert_eq!(probe(1), "Keep-alive probe");
        assert_eq!(probe(3), "Keep-alive probe 3, unanswered");
    }

    #[test]
    fn data_is_not_said_twice() {
        assert_eq!(labelled(Phase::Data, &[Step::Data], |_| {}), "Data");
        assert_eq!(labelled(Phase::Close, &[Step::AckOfFin, Step::Data], |_| {}), "Close ACK of FIN, Data");
    }

    #[test]
    fn guesses_and_repetitions_are_marked() {
        let text = labelled(Phase::TcpHandshake, &[Step::HandshakeAck], |verdict| verdict.inferred = true);
        assert_eq!(text, "TCP handshake 3/3 ACK?");
        let text = labelled(Phase::TcpHandshake, &[Step::Syn], |verdict| verdict.retransmission = true);
        assert_eq!(text, "TCP handshake 1/3 SYN (again)");
    }

    #[test]
    fn what_does_not_fit_is_left_out() {
        let steps = [Step::ServerHello, Step::Certificate, Step::ServerKeyExchange, Step::ServerHelloDone];
        let text = labelled(Phase::TlsHandshake, &steps, |_| {});
        assert_eq!(text, "TLS handshake Server Hello, Certificate, …");
    }
}
