//! The text of the Phase column: the phase, then what the segment does there.

use crate::verdict::{method_name, KeepAliveStatus, Phase, Sender, Step, Verdict};
use std::fmt::Write;

/// About as many characters are shown in a column; past them steps are left out.
const WIDTH: usize = 44;

/// The column's text, phase first. The step that rests on a guess ends in `?`, a retransmission in `(again)`.
pub fn label(verdict: &Verdict) -> String {
    let mut label = String::from(verdict.phase.name());
    if verdict.phase == Phase::Unknown {
        return label;
    }
    let steps: Vec<Step> = verdict.steps.iter().filter(|step| step.name() != verdict.phase.name()).collect();
    let texts: Vec<String> = steps.iter().map(|&step| step_text(step, verdict)).collect();
    let guess = if verdict.inferred { guessed(&steps) } else { None };
    let (shown, last) = choose(&steps, &texts, label.len());
    for (place, text) in texts.iter().enumerate().take(shown) {
        label.push_str(if place == 0 { " " } else { ", " });
        label.push_str(text);
        mark(&mut label, guess == Some(place));
    }
    if shown < texts.len() {
        label.push_str(", …");
        mark(&mut label, guess.map_or(false, |guess| guess >= shown && Some(guess) != last));
    }
    if let Some(last) = last {
        label.push(' ');
        label.push_str(&texts[last]);
        mark(&mut label, guess == Some(last));
    }
    mark(&mut label, verdict.inferred && steps.is_empty());
    if verdict.retransmission {
        label.push_str(" (again)");
    }
    label
}

fn mark(label: &mut String, guess: bool) {
    if guess {
        label.push('?');
    }
}

/// How many steps are shown from the first on, and which one after those that are left out.
fn choose(steps: &[Step], texts: &[String], phase: usize) -> (usize, Option<usize>) {
    // What stands before the step with that place, a separator in front of each.
    let before = |place: usize| phase + texts.iter().take(place).map(|text| text.len() + 2).sum::<usize>();
    let mut shown =
        (1..texts.len()).find(|&place| before(place) - 1 + texts[place].len() > WIDTH).unwrap_or(texts.len());
    let last = steps.iter().rposition(|&step| is_conclusive(step)).filter(|&last| last >= shown);
    if let Some(last) = last {
        while shown > 1 && before(shown) - 1 + texts[last].len() > WIDTH {
            shown -= 1;
        }
    }
    (shown, last)
}

/// What nobody wants to miss where steps are left out.
fn is_conclusive(step: Step) -> bool {
    matches!(step, Step::Finished | Step::TlsEarlyData | Step::Fin | Step::PeerFin)
}

/// Which of the steps is the guess: the last one that can be, above all one that is seldom certain.
fn guessed(steps: &[Step]) -> Option<usize> {
    let seldom_certain = |step: &Step| {
        matches!(
            step,
            Step::HandshakeAck
                | Step::Finished
                | Step::EncryptedHandshake
                | Step::NewSessionTicket
                | Step::EndOfEarlyData
                | Step::HelloRequest
                | Step::TlsAlert
                | Step::TlsCloseNotify
                | Step::ZeroWindowProbe
        )
    };
    let certain = |step: &Step| {
        matches!(step, Step::Fin | Step::PeerFin | Step::AckOfFin | Step::FinalAck | Step::Syn | Step::SynAck)
    };
    steps
        .iter()
        .rposition(seldom_certain)
        .or_else(|| steps.iter().rposition(|step| !certain(step)))
        .or_else(|| steps.len().checked_sub(1))
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

    #[test]
    fn what_ends_something_is_not_left_out() {
        let steps = [Step::ClientKeyExchange, Step::ChangeCipherSpec, Step::Finished];
        let text = labelled(Phase::TlsHandshake, &steps, |verdict| verdict.inferred = true);
        assert_eq!(text, "TLS handshake Client Key Exchange, … Finished?");
        let steps = [Step::TlsApplicationData, Step::TlsCloseNotify, Step::Fin];
        let text = labelled(Phase::Close, &steps, |verdict| verdict.sender = Sender::Client);
        assert_eq!(text, "Close TLS Application Data, … FIN by client");
        let text = labelled(Phase::Close, &steps, |verdict| verdict.inferred = true);
        assert_eq!(text, "Close TLS Application Data, …? FIN");
    }

    #[test]
    fn the_guess_is_marked_and_not_what_is_certain() {
        let guess = |phase, steps: &[Step]| labelled(phase, steps, |verdict| verdict.inferred = true);
        assert_eq!(guess(Phase::TcpHandshake, &[Step::HandshakeAck, Step::Data]), "TCP handshake 3/3 ACK?, Data");
        assert_eq!(guess(Phase::Close, &[Step::TlsCloseNotify, Step::Fin]), "Close TLS close_notify?, FIN");
        assert_eq!(guess(Phase::Reset, &[Step::ConnectionAbort, Step::Fin]), "Reset abort?, FIN");
        assert_eq!(guess(Phase::Data, &[Step::Data]), "Data?");
    }
}
