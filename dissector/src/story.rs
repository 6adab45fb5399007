//! A connection in words: what happened to it, in a few sentences, each of them with the frames that it rests on.
//!
//! Every sentence is a rule about facts: where the fact is absent there is no sentence. What the capture does not show is
//! said first, and nothing is said that would need it.

use crate::evidence::Evidence;
use crate::verdict::{
    Duration, Ended, Initiator, KeepAliveVerdict, Opened, Sender, Summary, TlsEnd, TlsOutcome, SECOND,
};
use crate::words;

/// A shorter silence is no idle time to speak of.
const WORTH_SAYING: Duration = SECOND;
/// Somebody, where nobody knows who is the client.
const ONE_SIDE: &str = "one side";

/// The story of a connection.
pub fn story(summary: &Summary, evidence: &Evidence) -> String {
    let teller = Teller { summary, evidence };
    let sentences = [
        teller.what_is_missing(),
        teller.opening(),
        teller.tls(),
        teller.requests(),
        teller.keep_alives(),
        teller.end(),
        teller.race(),
    ];
    sentences.into_iter().flatten().collect::<Vec<String>>().join(" ")
}

struct Teller<'a> {
    summary: &'a Summary,
    evidence: &'a Evidence,
}

/// As people say it: `18 us`, `0.3 ms`, `12 ms`, `1.5 s`, `350 s`.
fn lasted(duration: Duration) -> String {
    let milliseconds = duration as f64 / 1e6;
    match milliseconds {
        _ if milliseconds < 0.095 => format!("{:.0} us", milliseconds * 1e3),
        _ if milliseconds < 9.95 => format!("{:.1} ms", milliseconds),
        _ if milliseconds < 999.5 => format!("{:.0} ms", milliseconds),
        _ if milliseconds < 99_950.0 => format!("{:.1} s", milliseconds / 1e3),
        _ => format!("{:.0} s", milliseconds / 1e3),
    }
}

/// ` (frame 5)`, ` (frames 1-3)`; nothing where neither is known.
fn frames(first: u32, last: u32) -> String {
    match (first, last) {
        (0, 0) => String::new(),
        (first, 0) | (0, first) => format!(" (frame {})", first),
        (first, last) if first == last => format!(" (frame {})", first),
        (first, last) => format!(" (frames {}-{})", first, last),
    }
}

fn frame(number: u32) -> String {
    frames(number, 0)
}

fn side(sender: Sender) -> Option<&'static str> {
    match sender {
        Sender::Client => Some("the client"),
        Sender::Server => Some("the server"),
        Sender::Unknown => None,
    }
}

fn closer(initiator: Initiator) -> Option<&'static str> {
    match initiator {
        Initiator::Client => Some("the client"),
        Initiator::Server => Some("the server"),
        _ => None,
    }
}

/// `1 SYN`, `3 SYNs`.
fn counted(count: u32, what: &str) -> String {
    format!("{} {}{}", count, what, if count == 1 { "" } else { "s" })
}

fn capitalized(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map_or_else(String::new, |first| first.to_uppercase().chain(characters).collect())
}

impl Teller<'_> {
    fn what_is_missing(&self) -> Option<String> {
        let midway = self.summary.opened == Opened::Midway;
        match (midway, self.summary.one_direction) {
            (true, true) => Some(format!(
                "The capture begins in the midst of it and has one side only{}.",
                frame(self.evidence.first_frame)
            )),
            (true, false) => {
                Some(format!("The capture begins in the midst of it{}.", frame(self.evidence.first_frame)))
            }
            (false, true) => Some("The capture has one side of it only.".to_string()),
            (false, false) => None,
        }
    }

    fn opening(&self) -> Option<String> {
        let Evidence { first_frame, handshake_frame, reset_frame, last_frame, .. } = *self.evidence;
        let again = if self.summary.syn_attempts > 1 {
            format!(", after {}", counted(self.summary.syn_attempts, "SYN"))
        } else {
            String::new()
        };
        let took = self.summary.setup_time.map_or_else(String::new, |time| format!(" in {}", lasted(time)));
        Some(match self.summary.opened {
            Opened::Midway => return None,
            Opened::Handshake => format!("Opened{}{}{}.", took, again, frames(first_frame, handshake_frame)),
            Opened::FastOpen => format!("Opened{} with data in the SYN, by TCP Fast Open{}.", took, frame(first_frame)),
            Opened::Simultaneous => format!("Both sides opened it at the same time{}{}.", took, frame(first_frame)),
            Opened::Incomplete => format!("It was not open when the capture ended{}.", frames(first_frame, last_frame)),
            Opened::NoAnswer => format!(
                "Nobody answered the client's {}{}.",
                if self.summary.syn_attempts > 1 {
                    counted(self.summary.syn_attempts, "SYN")
                } else {
                    "SYN".to_string()
                },
                frames(first_frame, last_frame)
            ),
            Opened::Refused => format!("The server refused it{}{}.", again, frame(reset_frame)),
            Opened::Unreachable => format!("An ICMP error says that the SYN did not arrive{}.", frame(first_frame)),
            Opened::Reset => {
                let by = self.summary.reset_by.and_then(side).unwrap_or(ONE_SIDE);
                format!("{} reset it before it was open{}.", capitalized(by), frame(reset_frame))
            }
        })
    }

    fn tls(&self) -> Option<String> {
        let Evidence { tls_first_frame, tls_last_frame, unanswered_frame, .. } = *self.evidence;
        let end = self.summary.tls_end?;
        let name = self.summary.tls_names.as_ref().and_then(|names| names.server_name()).map(words::escaped);
        let with = name.map_or_else(String::new, |name| format!(" with {}", name));
        let version = self.summary.tls_version.map_or("TLS", words::tls_version);
        let resumed = if self.summary.tls_resumed { ", a resumed session" } else { "" };
        let took = self.summary.tls_time.map_or_else(String::new, |time| format!(", {}", lasted(time)));
        let places = frames(tls_first_frame, tls_last_frame);
        Some(match end.outcome {
            TlsOutcome::Completed => format!("{}{}{}{}{}.", version, with, resumed, took, places),
            TlsOutcome::Rejected => {
                let by = end.failed_by.and_then(side).unwrap_or(ONE_SIDE);
                let alert = end.alert.map_or_else(String::new, |alert| format!(": {}", words::alert(alert)));
                format!("{}{}{}{}{}; then {} rejected it{}.", version, with, resumed, took, places, by, alert)
            }
            TlsOutcome::NoAnswer => {
                format!("Nothing answered the Client Hello{}{}.", with, frames(tls_first_frame, unanswered_frame))
            }
            TlsOutcome::Unfinished => {
                format!("The TLS handshake{} was not over when the capture ended{}.", with, frame(tls_first_frame))
            }
            TlsOutcome::NotTls => {
                format!("The answer to the Client Hello{} was not TLS{}.", with, frame(tls_last_frame))
            }
            TlsOutcome::Alert | TlsOutcome::EncryptedAlert | TlsOutcome::Closed | TlsOutcome::Reset => {
                format!("The TLS handshake{} failed{}: {}.", with, frame(tls_last_frame), failure(&end))
            }
        })
    }

    fn requests(&self) -> Option<String> {
        let requests = Some(self.summary.messages).filter(|&count| count > 0)?;
        let slowest = self.summary.details.as_ref().and_then(|details| details.slowest_response);
        let slowest = slowest.map_or_else(String::new, |time| {
            format!(", the slowest response took {}{}", lasted(time), frame(self.evidence.slowest_frame))
        });
        Some(format!("{}{}.", counted(requests, "HTTP request"), slowest))
    }

    fn keep_alives(&self) -> Option<String> {
        let probes = Some(self.summary.keep_alives).filter(|&count| count > 0)?;
        let told = match (self.summary.keep_alive_verdict, self.summary.keep_alives_answered) {
            (Some(KeepAliveVerdict::Forgotten), _) => {
                "; a reset answered: the other side no longer knew it".to_string()
            }
            // Their answers may have gone unseen.
            _ if self.summary.one_direction => String::new(),
            (Some(KeepAliveVerdict::PathDead), 0) => ", unanswered: nobody was there any more".to_string(),
            (Some(KeepAliveVerdict::PathDead), answered) => {
                format!(", {} answered, then none: nobody was there any more", answered)
            }
            (_, 0) => ", unanswered".to_string(),
            (_, answered) if answered < probes => format!(", {} answered", answered),
            _ => if probes == 1 { ", answered" } else { ", all answered" }.to_string(),
        };
        Some(format!("{}{}.", counted(probes, "keep-alive probe"), told))
    }

    /// `Idle for 5.0 s; ` before what ended that.
    fn idle(&self) -> Option<String> {
        let idle = self.summary.end_idle.filter(|&idle| idle >= WORTH_SAYING)?;
        Some(format!("idle for {}", lasted(idle)))
    }

    fn end(&self) -> Option<String> {
        let Evidence { close_frame, reset_frame, unanswered_frame, .. } = *self.evidence;
        let closer = closer(self.summary.closed_by).unwrap_or(ONE_SIDE);
        let told = match self.summary.ended {
            Ended::NeverOpened => return None,
            Ended::Graceful => format!("{} closed{}{}", closer, self.announced(), frame(close_frame)),
            Ended::Simultaneous => format!("both sides closed at the same time{}", frame(close_frame)),
            Ended::Reset => {
                let by = self.summary.reset_by.and_then(side).unwrap_or(ONE_SIDE);
                if self.summary.closed_by == Initiator::Nobody || close_frame == 0 || close_frame == reset_frame {
                    format!("{} reset it{}", by, frame(reset_frame))
                } else {
                    // Of two sides that nobody can name, nobody knows whether they are one.
                    let same = by == closer && by != ONE_SIDE;
                    let reset = if same { "then".to_string() } else { format!("{} then", by) };
                    let closed = format!("{} closed{}{}", closer, self.announced(), frame(close_frame));
                    format!("{} and {} reset it{}", closed, reset, frame(reset_frame))
                }
            }
            Ended::HalfClosed => {
                let open = match self.summary.waits_for.and_then(side) {
                    Some(side) => format!("; {} had not when the capture ended", side),
                    None => String::new(),
                };
                format!("{} closed{}{}{}", closer, self.announced(), frame(close_frame), open)
            }
            Ended::Unanswered => {
                let what = match self.summary.unanswered_by.and_then(side) {
                    Some(side) => format!("what {} sent went again and again", side),
                    None => "octets went again and again".to_string(),
                };
                format!("{}, and nothing acknowledged it{}", what, frame(unanswered_frame))
            }
            Ended::Open => "the capture does not show its end".to_string(),
        };
        let sentence = match (self.idle(), self.summary.ended) {
            (Some(idle), Ended::Open) => format!("{}, {}", told, idle),
            (Some(idle), _) => format!("{}; {}", idle, told),
            (None, _) => told,
        };
        Some(format!("{}.", capitalized(&sentence)))
    }

    /// Whether the server closes at about the time that it has announced.
    fn announced(&self) -> String {
        let timeout = self.summary.details.as_ref().and_then(|details| details.http_timeout);
        match (timeout, self.summary.end_idle, self.summary.closed_by) {
            (Some(timeout), Some(idle), Initiator::Server) if idle >= timeout / 10 * 9 && idle <= timeout / 10 * 15 => {
                format!(", as announced by its timeout of {}", lasted(timeout))
            }
            _ => String::new(),
        }
    }

    fn race(&self) -> Option<String> {
        let race = Some(self.evidence.race_frame).filter(|&race| race != 0)?;
        Some(format!("A request had crossed the close{}.", frame(race)))
    }
}

fn failure(end: &TlsEnd) -> String {
    let by = end.failed_by.and_then(side);
    let after = end.after.map_or_else(String::new, |step| format!(" after {}", step.name()));
    let perhaps = if end.inferred { "probably " } else { "" };
    let of = by.map_or_else(String::new, |side| format!(" of {}", side));
    let by = by.unwrap_or(ONE_SIDE);
    match end.outcome {
        TlsOutcome::Alert => format!("alert {}{}", end.alert.map_or_else(String::new, words::alert), of),
        TlsOutcome::EncryptedAlert => format!("{}an encrypted alert{}", perhaps, of),
        TlsOutcome::Closed => format!("{}{} closed{}", perhaps, by, after),
        _ => format!("{}{} reset it{}", perhaps, by, after),
    }
}

#[cfg(test)]
#[path = "story_tests.rs"]
mod tests;
