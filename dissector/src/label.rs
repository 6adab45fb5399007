//! The text of the Phase column: the phase, then what the segment does there.

use crate::verdict::{method_name, KeepAliveStatus, Note, Phase, Sender, Step, Verdict, MORE_MESSAGES};
use std::fmt::Write;

/// So many characters are shown in a column; no label is longer.
const WIDTH: usize = 43;

/// How much is said of each step.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Words {
    Full,
    /// Long names in short.
    Short,
    /// In short, and without the side that a FIN or RST is from.
    Terse,
}

/// How many steps are named.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Parts {
    All,
    /// As many as fit, from the first on, and what nobody wants to miss. With the first alone the last one too.
    Several,
    /// The same, but the first may be the only one.
    First,
}

/// The column's text, phase first. The step that rests on a guess ends in `?`, a retransmission in `(again)`.
pub fn label(verdict: &Verdict) -> String {
    if verdict.phase == Phase::Unknown {
        return String::from(verdict.phase.name());
    }
    let steps: Vec<Step> = verdict.steps.iter().filter(|step| step.name() != verdict.phase.name()).collect();
    let guess = if verdict.inferred { guessed(&steps, verdict.after_gap) } else { None };
    let line = Line { verdict, steps, guess };
    let all = messages(verdict);
    // The numbers of several messages go before steps do.
    let few: &[u32] = if all.len() > 1 { &[] } else { &all };
    let attempts: [(Parts, Words, &[u32]); 10] = [
        (Parts::All, Words::Full, &all),
        (Parts::All, Words::Short, &all),
        (Parts::All, Words::Full, &[]),
        (Parts::All, Words::Short, &[]),
        (Parts::Several, Words::Full, few),
        (Parts::Several, Words::Short, few),
        (Parts::First, Words::Full, few),
        (Parts::First, Words::Short, &[]),
        (Parts::All, Words::Terse, &all),
        (Parts::First, Words::Terse, &[]),
    ];
    let attempt = |&(parts, words, numbers): &(Parts, Words, &[u32])| line.attempt(parts, &line.texts(words, numbers));
    attempts.iter().find_map(attempt).unwrap_or_else(|| line.least())
}

/// A label in the making.
struct Line<'a> {
    verdict: &'a Verdict,
    steps: Vec<Step>,
    guess: Option<usize>,
}

impl Line<'_> {
    fn texts(&self, words: Words, numbers: &[u32]) -> Vec<String> {
        (0..self.steps.len()).map(|place| step_text(&self.steps, place, self.verdict, numbers, words)).collect()
    }

    /// With the steps that are kept, and the gap's sign for others, if that fits.
    fn fitting(&self, texts: &[String], kept: &[bool], gap: &str) -> Option<String> {
        Some(self.composed(texts, kept, gap)).filter(|label| label.chars().count() <= WIDTH)
    }

    fn attempt(&self, parts: Parts, texts: &[String]) -> Option<String> {
        let beside_first = 1..texts.len();
        let is_needed = |place: usize| parts == Parts::All || place == 0 || self.is_conclusive(place);
        let mut kept: Vec<bool> = (0..texts.len()).map(is_needed).collect();
        let mut label = self.fitting(texts, &kept, ", …")?;
        let mut keep = |place: usize| {
            let before = std::mem::replace(&mut kept[place], true);
            let longer = self.fitting(texts, &kept, ", …");
            kept[place] = before || longer.is_some();
            label = longer.unwrap_or_else(|| std::mem::take(&mut label));
            kept[place]
        };
        let is_alone = beside_first.clone().take_while(|&place| keep(place)).count() == 0;
        if parts != Parts::All && is_alone && !beside_first.clone().any(|place| self.is_conclusive(place)) {
            let shows_last = beside_first.last().map_or(false, keep);
            return Some(label).filter(|_| shows_last || parts == Parts::First);
        }
        Some(label)
    }

    /// What nobody wants to miss, and the first step and the gaps' signs if they fit.
    fn least(&self) -> String {
        let texts = self.texts(Words::Terse, &[]);
        let conclusive: Vec<bool> = (0..texts.len()).map(|place| self.is_conclusive(place)).collect();
        let mut first = conclusive.clone();
        first.iter_mut().take(1).for_each(|first| *first = true);
        self.fitting(&texts, &first, " …")
            .or_else(|| self.fitting(&texts, &conclusive, " …"))
            .unwrap_or_else(|| self.composed(&texts, &conclusive, ""))
    }

    fn composed(&self, texts: &[String], kept: &[bool], gap: &str) -> String {
        let mut label = String::from(self.verdict.phase.name());
        let phase = label.len();
        let (mut left_out, mut guess) = (false, false);
        for (place, text) in texts.iter().enumerate() {
            guess |= self.guess == Some(place);
            if !kept[place] {
                left_out = true;
                continue;
            }
            let is_first = label.len() == phase;
            if left_out && !gap.is_empty() {
                label.push_str(if is_first { " …" } else { gap });
                let is_here = self.guess == Some(place);
                mark(&mut label, guess && !is_here);
                guess = is_here;
                label.push(' ');
            } else {
                label.push_str(if is_first { " " } else { ", " });
            }
            label.push_str(text);
            mark(&mut label, guess);
            (left_out, guess) = (false, false);
        }
        label.push_str(if left_out { gap } else { "" });
        mark(&mut label, guess || self.verdict.inferred && texts.is_empty());
        if self.verdict.retransmission {
            label.push_str(" (again)");
        }
        label
    }

    /// The last one of its kind, where it is of one that nobody wants to miss.
    fn is_conclusive(&self, place: usize) -> bool {
        let step = self.steps[place];
        is_conclusive(step) && !self.steps[place + 1..].contains(&step)
    }
}

fn mark(label: &mut String, guess: bool) {
    if guess {
        label.push('?');
    }
}

/// What nobody wants to miss.
fn is_conclusive(step: Step) -> bool {
    matches!(step, Step::Finished | Step::TlsEarlyData | Step::Fin | Step::PeerFin)
}

/// Which of the steps is the guess: the last one that can be, above all one that is seldom certain. A FIN `after_gap` may
/// be none.
fn guessed(steps: &[Step], after_gap: bool) -> Option<usize> {
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
    let certain = |step: &Step| match step {
        Step::Fin | Step::PeerFin => !after_gap,
        _ => matches!(step, Step::AckOfFin | Step::FinalAck | Step::Syn | Step::SynAck),
    };
    steps
        .iter()
        .rposition(seldom_certain)
        .or_else(|| steps.iter().rposition(|step| !certain(step)))
        .or_else(|| steps.len().checked_sub(1))
}

/// A step in the words of the column, one of these, with the numbers of the segment's messages.
fn step_text(steps: &[Step], place: usize, verdict: &Verdict, numbers: &[u32], words: Words) -> String {
    let sender = if words == Words::Terse { Sender::Unknown } else { verdict.sender };
    let plain = match steps[place] {
        step @ (Step::Syn | Step::SynAck | Step::HandshakeAck) => return opening_text(step, verdict),
        Step::KeepAliveProbe => return probe_text(verdict),
        Step::Fin | Step::PeerFin => return by_sender("FIN", sender),
        Step::ResetInHandshake => return by_sender("in handshake", sender),
        Step::ConnectionAbort => return by_sender("abort", sender),
        Step::ResetAfterClose => return by_sender("after close", sender),
        Step::ResetOnKeepAlive => return by_sender("on keep-alive", sender),
        Step::ConnectionRefused => "connection refused",
        step if is_body(step) || is_head(step) => return message_text(steps, place, verdict, numbers, words),
        Step::InvalidReset => "invalid",
        Step::KeepAliveAck => "ACK",
        Step::FinalAck => "final ACK",
        Step::ChallengeAck => "challenge ACK",
        Step::HalfCloseData => "half-close data",
        Step::Stray => "stray",
        other => name(other, place, words),
    };
    String::from(plain)
}

/// The name of a step, in short where that is asked for. After another one, a message of HTTP or
/// PostgreSQL need not say that it is one.
fn name(step: Step, place: usize, words: Words) -> &'static str {
    match step {
        _ if words == Words::Full => step.name(),
        Step::ClientKeyExchange | Step::ServerKeyExchange => "Key Exchange",
        Step::ServerHelloDone => "Hello Done",
        Step::ChangeCipherSpec => "Change Cipher",
        Step::EncryptedExtensions => "Extensions",
        Step::EncryptedHandshake => "Encrypted",
        Step::CompressedCertificate => "Certificate",
        Step::CertificateVerify => "Verify",
        Step::NewSessionTicket => "Session Ticket",
        Step::TlsEarlyData => "Early Data",
        Step::TlsApplicationData => "Application Data",
        _ if place > 0 && (is_body(step) || is_head(step)) => step.name().trim_start_matches("HTTP "),
        _ if place > 0 => step.name().trim_start_matches("PostgreSQL "),
        _ => step.name(),
    }
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
fn message_text(steps: &[Step], place: usize, verdict: &Verdict, numbers: &[u32], words: Words) -> String {
    let step = steps[place];
    let mut text = String::from(name(step, place, words));
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
    } else if verdict.notes().contains(Note::KeepAliveWaiting) {
        text.push_str(", response awaited");
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
#[path = "label_tests.rs"]
mod width_tests;

#[cfg(test)]
mod tests {
    use super::*;

    pub(super) fn labelled(phase: Phase, steps: &[Step], change: impl Fn(&mut Verdict)) -> String {
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
        let text = labelled(Phase::KeepAlive, &[Step::KeepAliveProbe], |verdict| {
            verdict.facts_mut().notes.insert(Note::KeepAliveWaiting);
        });
        assert_eq!(text, "Keep-alive probe, response awaited");
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
        assert_eq!(responses(Phase::Close, &steps, &[2]), "Close HTTP Response #2 200, FIN by server");
        assert_eq!(responses(Phase::Close, &steps, &[2, 3, 4]), "Close HTTP Response 200, FIN by server");
        let steps = [Step::HttpResponseBody, Step::HttpResponse];
        assert_eq!(responses(Phase::Data, &steps, &[1, 2]), "Data HTTP Response Body #1, Response #2 200");
        assert_eq!(responses(Phase::Data, &steps, &[11, 12]), "Data HTTP Response Body, HTTP Response 200");
        // Which of these is the third one's, nobody has kept.
        let steps = [Step::HttpResponse, Step::HttpInterimResponse];
        assert_eq!(responses(Phase::Data, &steps, &[1, 2, 3]), "Data HTTP Response #1 200, Interim Response");
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
        assert_eq!(text(&steps, None), "Data HTTP Interim Response 103, Response");
        assert_eq!(text(&steps, Some(1)), "Data HTTP Interim Response 103, Response");
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
        // Where only the first fits, the last is shown too.
        let steps = [Step::ServerHello, Step::ChangeCipherSpec, Step::EncryptedHandshake];
        let text = labelled(Phase::TlsHandshake, &steps, |verdict| verdict.inferred = true);
        assert_eq!(text, "TLS handshake Server Hello, … Encrypted?");
    }

    #[test]
    fn what_is_long_is_said_in_short() {
        let tls = |steps: &[Step]| labelled(Phase::TlsHandshake, steps, |_| {});
        assert_eq!(tls(&[Step::Certificate, Step::ServerKeyExchange]), "TLS handshake Certificate, Key Exchange");
        assert_eq!(tls(&[Step::ServerKeyExchange]), "TLS handshake Server Key Exchange");
        let steps = [Step::HttpResponseBody, Step::PeerFin];
        let text = labelled(Phase::Close, &steps, |verdict| {
            verdict.sender = Sender::Server;
            verdict.message = Some(1);
            verdict.retransmission = true;
        });
        assert_eq!(text, "Close HTTP Response Body #1, FIN (again)");
    }

    #[test]
    fn what_ends_something_is_not_left_out() {
        let steps = [Step::ClientKeyExchange, Step::ChangeCipherSpec, Step::Finished];
        let text = labelled(Phase::TlsHandshake, &steps, |verdict| verdict.inferred = true);
        assert_eq!(text, "TLS handshake Key Exchange, … Finished?");
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
