//! The notes in words.

use crate::tls::Alert;
use crate::verdict::{Duration, HttpUnfinished, Note, Phase, Sender, Step, Unanswered, Verdict, SECOND};

/// The text of a note, if the verdict carries it.
pub fn text(verdict: &Verdict, note: Note) -> Option<String> {
    verdict.notes().contains(note).then(|| words(verdict, note))
}

fn words(verdict: &Verdict, note: Note) -> String {
    let side = side(verdict.sender);
    match note {
        Note::SynRetransmitted => {
            let attempt = verdict.facts().handshake.attempt.unwrap_or(0);
            let cost = seconds(verdict.facts().handshake.retry_cost.unwrap_or(0));
            format!("SYN sent for the {} time; waiting has cost {cost} so far", ordinal(attempt))
        }
        Note::SynAckRepeated => String::from(
            "SYN-ACK again although the handshake ACK was seen: deferred accept, a full queue, or a loss behind the \
             capture point",
        ),
        Note::Refused => format!("Connection refused by {side}"),
        Note::ResetInHandshake => format!("Opening reset by {side}"),
        Note::SimultaneousOpen => String::from("Simultaneous open: both sides sent a SYN (unusual, not wrong)"),
        Note::SimultaneousClose => String::from("Simultaneous close: the FINs crossed (unusual, not wrong)"),
        Note::HalfClose => format!("Half-closed: {side} still sends after its peer's FIN was acknowledged"),
        Note::NotKeepAlive => {
            let reason = verdict.facts().not_keep_alive.map_or("something else", |reason| reason.name());
            format!("Looks like a keep-alive and is {reason}")
        }
        Note::KeepAliveUnanswered => {
            let number = verdict.facts().keep_alive.number.unwrap_or(0);
            format!("{} keep-alive probe in a row without an answer", ordinal(number))
        }
        Note::KeepAliveReset => {
            format!("Keep-alive answered by a reset: {side}, or something between, has forgotten the connection")
        }
        Note::KeepAliveWaiting => {
            let idle = verdict.facts().keep_alive.idle;
            let silence = idle.map_or(String::new(), |idle| format!(", {} without octets", seconds(idle)));
            format!("Keep-alive while a response seems to be awaited{silence}: slow rather than idle")
        }
        Note::KeepAliveStorm => String::from("More keep-alives than anybody needs: over 10 in 60 s or 2 within 0.5 s"),
        Note::TlsFailed => tls_failure(verdict),
        Note::TlsRejected => format!("Fatal TLS alert after completion: {}", alert_name(verdict)),
        Note::TlsTruncated => format!("TLS ended by {side} without close_notify: its data may be cut off"),
        Note::HttpRace => {
            String::from("A request crossed the close of its persistent connection: it was not processed, try again")
        }
        Note::HttpUnfinished => unfinished(verdict),
        Note::HttpFraming => {
            let reason = verdict.facts().http.framing.map_or("lengths that contradict each other", |why| why.name());
            format!("The length of the HTTP message is in doubt: {reason}")
        }
        Note::InvalidReset => String::from("RST outside the window: it changed nothing"),
        Note::ResetDisproved => {
            String::from("Both sides go on as if the RST had never come: it did not arrive, or was forged")
        }
        Note::Unanswered => unanswered(verdict),
    }
}

fn unanswered(verdict: &Verdict) -> String {
    let Unanswered { transmissions, lasted, octets, how } = verdict.facts().unanswered;
    let what = if verdict.steps.contains(Step::ClientHello) {
        String::from("Client Hello")
    } else if let (true, Some(message)) = (verdict.steps.contains(Step::HttpRequest), verdict.message) {
        format!("HTTP request {message}")
    } else if octets == Some(0) {
        String::from("FIN")
    } else if octets == Some(1) {
        String::from("One octet")
    } else {
        format!("{} octets", octets.unwrap_or(0))
    };
    let how = how.map_or("no acknowledgement so far", |how| how.name());
    let (number, lasted) = (ordinal(transmissions.unwrap_or(0)), seconds(lasted.unwrap_or(0)));
    format!("{what} sent for the {number} time over {lasted}: {how}")
}

fn unfinished(verdict: &Verdict) -> String {
    let http = verdict.facts().http;
    let message = http.unfinished_message.unwrap_or(0);
    let did = if verdict.phase == Phase::Reset { "reset the connection" } else { "closed" };
    let octets = http.unfinished_octets.map_or_else(
        || "its last chunks".to_string(),
        |octets| match octets {
            1 => "1 octet".to_string(),
            _ => format!("{octets} octets"),
        },
    );
    match http.unfinished {
        Some(HttpUnfinished::CutResponse) => {
            format!("The response to HTTP request {message} lacks {octets}: the server {did} before its end")
        }
        Some(HttpUnfinished::CutRequest) => {
            format!("HTTP request {message} lacks {octets}: the client {did} before its end")
        }
        Some(HttpUnfinished::AbandonedResponse) => {
            format!("The client gave up the response to HTTP request {message}, which still lacks {octets}")
        }
        Some(HttpUnfinished::Unanswered) | None => format!("HTTP request {message} has no answer: the server {did}"),
    }
}

fn tls_failure(verdict: &Verdict) -> String {
    let tls = verdict.facts().tls;
    let side = side(tls.failed_by.unwrap_or(Sender::Unknown));
    let after = tls.after.map_or(String::new(), |step| format!(" after {}", step.name()));
    let cause = tls.cause.map_or("something", |cause| cause.name());
    let alert = tls.alert.map_or(String::new(), |_| format!(" ({})", alert_name(verdict)));
    format!("TLS handshake failed{after}: ended by {side} with {cause}{alert}")
}

fn alert_name(verdict: &Verdict) -> String {
    let description = verdict.facts().tls.alert.unwrap_or(0);
    let alert = Alert { level: 0, description };
    alert.name().map_or_else(|| description.to_string(), String::from)
}

fn side(sender: Sender) -> &'static str {
    match sender {
        Sender::Unknown => "one side",
        Sender::Client => "the client",
        Sender::Server => "the server",
    }
}

fn seconds(duration: Duration) -> String {
    let milliseconds = duration.max(0) / (SECOND / 1000);
    format!("{}.{:03} s", milliseconds / 1000, milliseconds % 1000)
}

fn ordinal(number: u32) -> String {
    let suffix = match (number % 10, number % 100) {
        (_, 11..=13) => "th",
        (1, _) => "st",
        (2, _) => "nd",
        (3, _) => "rd",
        _ => "th",
    };
    format!("{number}{suffix}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verdict::{NotKeepAlive, Silent};

    #[test]
    fn every_note_has_words_and_only_where_it_is_carried() {
        let mut verdict = Verdict::new(1, 0);
        for &note in Note::ALL {
            assert_eq!(text(&verdict, note), None);
            verdict.facts_mut().notes.insert(note);
            assert!(text(&verdict, note).map_or(false, |text| text.len() > 10), "{}", note.name());
        }
    }

    #[test]
    fn retries_say_what_they_cost() {
        let mut verdict = Verdict::new(1, 0);
        verdict.facts_mut().notes.insert(Note::SynRetransmitted);
        verdict.facts_mut().handshake.attempt = Some(3);
        verdict.facts_mut().handshake.retry_cost = Some(3_072_500_000);
        let expected = "SYN sent for the 3rd time; waiting has cost 3.072 s so far";
        assert_eq!(text(&verdict, Note::SynRetransmitted).as_deref(), Some(expected));
    }

    #[test]
    fn what_nothing_acknowledges_is_named() {
        let mut verdict = Verdict::new(1, 0);
        verdict.facts_mut().notes.insert(Note::Unanswered);
        verdict.facts_mut().unanswered = Unanswered {
            transmissions: Some(3),
            lasted: Some(7_000_000_000),
            octets: Some(0),
            how: Some(Silent::Nothing),
        };
        let words = |verdict: &Verdict| text(verdict, Note::Unanswered).unwrap_or_default();
        assert_eq!(words(&verdict), "FIN sent for the 3rd time over 7.000 s: nothing has come back since");
        verdict.facts_mut().unanswered.octets = Some(1);
        assert!(words(&verdict).starts_with("One octet sent for the 3rd time"));
        (verdict.facts_mut().unanswered.octets, verdict.facts_mut().unanswered.how) = (Some(1400), Some(Silent::Long));
        let expected =
            "1400 octets sent for the 3rd time over 7.000 s: all that was acknowledged was shorter, so the path may \
                        not carry such segments";
        assert_eq!(words(&verdict), expected);
        verdict.message = Some(2);
        verdict.steps.push(Step::HttpRequest);
        assert!(words(&verdict).starts_with("HTTP request 2 sent"));
        verdict.steps.push(Step::ClientHello);
        assert!(words(&verdict).starts_with("Client Hello sent"));
    }

    #[test]
    fn a_resemblance_is_explained() {
        let mut verdict = Verdict::new(1, 0);
        verdict.facts_mut().notes.insert(Note::NotKeepAlive);
        verdict.facts_mut().not_keep_alive = Some(NotKeepAlive::StaleAck);
        let expected = "Looks like a keep-alive and is a stale ACK";
        assert_eq!(text(&verdict, Note::NotKeepAlive).as_deref(), Some(expected));
    }

    #[test]
    fn ordinals_read_well() {
        let words: Vec<String> = [1, 2, 3, 4, 11, 12, 13, 21, 112].iter().map(|&number| ordinal(number)).collect();
        assert_eq!(words.join(" "), "1st 2nd 3rd 4th 11th 12th 13th 21st 112th");
    }
}
