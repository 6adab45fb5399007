//! The text of the Phase column: the phase, then what the segment does there.

use crate::verdict::{method_name, KeepAliveStatus, Phase, Sender, Step, Verdict, MORE_MESSAGES};
use std::fmt::Write;

/// About as many characters are shown in a column; past them steps are left out.
const WIDTH: usize = 44;
/// So many with the numbers of several messages; past them the numbers are left to the fields.
const NUMBERED_WIDTH: usize = 46;

/// The column's text, phase first. The step that rests on a guess ends in `?`, a retransmission in `(again)`.
pub fn label(verdict: &Verdict) -> String {
    let mut label = String::from(verdict.phase.name());
    if verdict.phase == Phase::Unknown {
        return label;
    }
    let steps: Vec<Step> = verdict.steps.iter().filter(|step| step.name() != verdict.phase.name()).collect();
    let guess = if verdict.inferred { guessed(&steps) } else { None };
    let (texts, shown, last) = texts(&steps, verdict, label.len());
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

/// The steps in words, how many are shown from the first on, and which one after those that are left out.
fn texts(steps: &[Step], verdict: &Verdict, phase: usize) -> (Vec<String>, usize, Option<usize>) {
    let numbers = messages(verdict);
    let texts = |numbers: &[u32]| -> Vec<String> {
        (0..steps.len()).map(|place| step_text(steps, place, verdict, numbers)).collect()
    };
    let mut chosen = texts(&numbers);
    if numbers.len() > 1 {
        if fitting(&chosen, phase, NUMBERED_WIDTH) == steps.len() {
            return (chosen, steps.len(), None);
        }
        chosen = texts(&[]);
    }
    let (shown, last) = choose(steps, &chosen, phase);
    (chosen, shown, last)
}

/// What stands before the step with that place, a separator in front of each.
fn before(place: usize, texts: &[String], phase: usize) -> usize {
    phase + texts.iter().take(place).map(|text| text.len() + 2).sum::<usize>()
}

/// How many steps fit, the first one in any case.
fn fitting(texts: &[String], phase: usize, width: usize) -> usize {
    let is_beyond = |&place: &usize| before(place, texts, phase) - 1 + texts[place].len() > width;
    (1..texts.len()).find(is_beyond).unwrap_or(texts.len())
}

/// How many steps are shown from the first on, and which one after those that are left out.
fn choose(steps: &[Step], texts: &[String], phase: usize) -> (usize, Option<usize>) {
    let mut shown = fitting(texts, phase, WIDTH);
    let last = steps.iter().rposition(|&step| is_conclusive(step)).filter(|&last| last >= shown);
    if let Some(last) = last {
        while shown > 1 && before(shown, texts, phase) - 1 + texts[last].len() > WIDTH {
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

/// A step in the words of the column, one of these, with the numbers of the segment's messages.
fn step_text(steps: &[Step], place: usize, verdict: &Verdict, numbers: &[u32]) -> String {
    let plain = match steps[place] {
        step @ (Step::Syn | Step::SynAck | Step::HandshakeAck) => return opening_text(step, verdict),
        Step::KeepAliveProbe => return probe_text(verdict),
        Step::Fin | Step::PeerFin => return by_sender("FIN", verdict.sender),
        Step::ResetInHandshake => return by_sender("in handshake", verdict.sender),
        Step::ConnectionAbort => return by_sender("abort", verdict.sender),
        Step::ResetAfterClose => return by_sender("after close", verdict.sender),
        Step::ResetOnKeepAlive => return by_sender("on keep-alive", verdict.sender),
        Step::ConnectionRefused => "connection refused",
        step if is_body(step) || is_head(step) => return message_text(steps, place, verdict, numbers),
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

fn is_body(step: Step) -> bool {
    matches!(step, Step::HttpRequestBody | Step::HttpResponseBody)
}

fn is_head(step: Step) -> bool {
    let response =
        matches!(step, Step::HttpResponse | Step::HttpInterimResponse | Step::HttpUpgrade | Step::HttpTunnel);
    response || step == Step::HttpRequest
}

/// The numbers of the HTTP messages that a segment has a part in.
pub(crate) fn messages(verdict: &Verdict) -> Vec<u32> {
    let more = verdict.facts().http.more_messages;
    verdict.message.into_iter().chain(more.into_iter().take_while(|&number| number != 0)).collect()
}

/// HTTP messages with their numbers, and the method or status code of the first one that begins.
fn message_text(steps: &[Step], place: usize, verdict: &Verdict, numbers: &[u32]) -> String {
    let step = steps[place];
    let mut text = String::from(step.name());
    let numbers = numbers_of(steps, place, numbers);
    if let Some(number) = numbers.first() {
        let _ = write!(text, " #{number}");
    }
    let http = verdict.facts().http;
    let method = method_name(http.method);
    let first_head = steps.iter().position(|&step| is_head(step)) == Some(place);
    match (step, http.status) {
        _ if !first_head => {}
        (Step::HttpRequest, _) if !method.is_empty() => {
            let _ = write!(text, " {method}");
        }
        (Step::HttpRequest, _) | (_, None) => {}
        (_, Some(status)) => {
            let _ = write!(text, " {status}");
        }
    }
    match *numbers {
        [_, last] => {
            let _ = write!(text, ", #{last}");
        }
        [_, second, .., last] => {
            let gapless = last.wrapping_sub(second) as usize == numbers.len() - 2;
            let _ = write!(text, ", #{second}{}#{last}", if gapless { "-" } else { "…" });
        }
        _ => {}
    }
    if numbers.len() > MORE_MESSAGES {
        text.push('…');
    }
    text
}

/// Which of the numbers are those of this step: where the first one is a body's, it has the first, and the heads
/// behind it have the others. Where there are several heads only that of the first is known.
fn numbers_of<'a>(steps: &[Step], place: usize, numbers: &'a [u32]) -> &'a [u32] {
    let messages: Vec<usize> = (0..steps.len()).filter(|&at| is_body(steps[at]) || is_head(steps[at])).collect();
    let first_is_body = messages.first().map_or(false, |&first| is_body(steps[first]));
    match (messages.as_slice(), numbers) {
        ([_], _) => numbers,
        // One of them has none.
        (_, [_]) if first_is_body => &[],
        (_, [_]) => numbers,
        ([first, ..], [number, ..]) if *first == place => std::slice::from_ref(number),
        ([_, _], [_, others @ ..]) if first_is_body => others,
        _ => &[],
    }
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
    fn every_message_of_a_segment_has_its_number() {
        let text = |phase, steps: &[Step], numbers: &[u32], method| {
            labelled(phase, steps, |verdict| {
                verdict.sender = Sender::Server;
                verdict.message = numbers.first().copied();
                let http = &mut verdict.facts_mut().http;
                http.more_messages.iter_mut().zip(&numbers[1..]).for_each(|(place, &number)| *place = number);
                match method {
                    Some(method) => http.method = method,
                    None => http.status = Some(200),
                }
            })
        };
        let get = Some(crate::http::Method::from_token(b"GET").code());
        let requests = |numbers: &[u32]| text(Phase::Data, &[Step::HttpRequest], numbers, get);
        assert_eq!(requests(&[1]), "Data HTTP Request #1 GET");
        assert_eq!(requests(&[1, 2]), "Data HTTP Request #1 GET, #2");
        assert_eq!(requests(&[1, 2, 3, 4]), "Data HTTP Request #1 GET, #2-#4");
        assert_eq!(requests(&[1, 2, 4]), "Data HTTP Request #1 GET, #2…#4");
        let many: Vec<u32> = (7..23).collect();
        assert_eq!(requests(&many), "Data HTTP Request #7 GET, #8-#22…", "there is no room for more numbers");

        let responses = |phase, steps: &[Step], numbers: &[u32]| text(phase, steps, numbers, None);
        let steps = [Step::HttpResponse, Step::PeerFin];
        assert_eq!(responses(Phase::Close, &steps, &[2, 3, 4]), "Close HTTP Response #2 200, #3-#4, FIN by server");
        assert_eq!(responses(Phase::Close, &steps, &[12, 13, 14]), "Close HTTP Response 200, FIN by server");
        let steps = [Step::HttpResponseBody, Step::HttpResponse];
        assert_eq!(responses(Phase::Data, &steps, &[1, 2]), "Data HTTP Response Body #1, HTTP Response #2 200");
        assert_eq!(responses(Phase::Data, &steps, &[11, 12]), "Data HTTP Response Body, HTTP Response 200");
        // Which of these is the third one's, nobody has kept.
        let steps = [Step::HttpResponse, Step::HttpInterimResponse];
        assert_eq!(responses(Phase::Data, &steps, &[1, 2, 3]), "Data HTTP Response #1 200, HTTP Interim Response");
    }

    #[test]
    fn a_status_is_the_first_heads() {
        let text = |steps: &[Step], number| {
            labelled(Phase::Data, steps, |verdict| {
                verdict.message = number;
                verdict.facts_mut().http.status = Some(103);
            })
        };
        let steps = [Step::HttpInterimResponse, Step::HttpResponse];
        assert_eq!(text(&steps, None), "Data HTTP Interim Response 103, HTTP Response");
        assert_eq!(text(&steps, Some(1)), "Data HTTP Interim Response #1 103, …");
        // One of the two has no number.
        let steps = [Step::HttpResponseBody, Step::HttpResponse];
        assert_eq!(text(&steps, Some(1)), "Data HTTP Response Body, HTTP Response 103");
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
