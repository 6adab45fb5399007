//! What is written beside what the classifier says.

use crate::script::{duration, Fact, Nanoseconds};
use tcpphase::verdict::{Probing, Sender, Summary, Traffic};
use tcpphase::words;

/// A value that the classifier gave.
#[derive(Clone, Debug)]
pub enum Got {
    None,
    Word(String),
    Time(Nanoseconds),
}

impl Got {
    pub fn flag(flag: bool) -> Got {
        Got::Word(flag.to_string())
    }

    pub fn word(word: Option<&str>) -> Got {
        word.map_or(Got::None, |word| Got::Word(word.to_string()))
    }

    pub fn number(number: Option<u32>) -> Got {
        number.map_or(Got::None, |number| Got::Word(number.to_string()))
    }

    pub fn time(time: Option<Nanoseconds>) -> Got {
        time.map_or(Got::None, Got::Time)
    }
}

pub fn difference<T: std::fmt::Debug + PartialEq + ?Sized, U: std::fmt::Debug + std::borrow::Borrow<T>>(
    name: &str,
    expected: &T,
    got: &U,
) -> Option<String> {
    (expected != got.borrow()).then(|| format!("{name}: expected {expected:?}, got {got:?}"))
}

/// The difference between a value as written and a value.
pub fn differs(name: &str, written: &str, got: &Got) -> Option<String> {
    let (same, got) = match got {
        Got::None => (written == "none", "none".to_string()),
        Got::Word(word) => (written == word, word.clone()),
        Got::Time(time) => {
            let seconds = format!(
                "{}.{:09}",
                time.div_euclid(1_000_000_000),
                time.rem_euclid(1_000_000_000)
            );
            (
                duration(written) == Ok(*time),
                seconds.trim_end_matches('0').trim_end_matches('.').to_string(),
            )
        }
    };
    (!same).then(|| format!("{name}: expected {written}, got {got}"))
}

/// The keep-alives of TCP that one side sent.
fn probing(summary: &Summary, side: Sender) -> Probing {
    let probing = summary
        .details
        .as_ref()
        .map_or_else(Default::default, |details| details.probing);
    match summary.client_is_higher {
        Some(higher) => probing[usize::from(higher == (side == Sender::Client))],
        None => Probing::default(),
    }
}

/// What one side has sent; nothing while nobody knows which it is.
fn sent(summary: &Summary, side: Sender) -> Traffic {
    summary.client_is_higher.map_or_else(Traffic::default, |higher| {
        summary.traffic[usize::from(higher == (side == Sender::Client))]
    })
}

pub fn differences_of_summary(summary: &Summary, facts: &[Fact]) -> Vec<String> {
    let mut differences = Vec::new();
    let one_direction = facts
        .iter()
        .any(|fact| fact.name == "one_direction" && fact.value != "any");
    let direction_matters = one_direction || !facts.iter().any(|fact| fact.name == "one_direction");
    if direction_matters {
        differences.extend(difference("one_direction", &one_direction, &summary.one_direction));
    }
    for Fact { name, value } in facts
        .iter()
        .filter(|fact| fact.name != "one_direction" && fact.value != "any")
    {
        let names = summary.tls_names.as_ref();
        let octets = |side| Got::Word(sent(summary, side).octets.to_string());
        let got = match name.as_str() {
            "opened" => Got::word(Some(summary.opened.name())),
            "ended" => Got::word(Some(summary.ended.name())),
            "closed_by" => Got::word(Some(summary.closed_by.name())),
            "reset_by" => Got::word(summary.reset_by.map(|by| by.name())),
            "unanswered_by" => Got::word(summary.unanswered_by.map(|by| by.name())),
            "waits_for" => Got::word(summary.waits_for.map(|side| side.name())),
            "duration" => Got::Time(summary.duration),
            "setup_time" => Got::time(summary.setup_time),
            "max_idle" => Got::time(summary.max_idle),
            "keepalives" => Got::number(Some(summary.keep_alives)),
            "keepalives_answered" => Got::number(Some(summary.keep_alives_answered)),
            "unanswered_max" => Got::number(Some(summary.unanswered_max)),
            "verdict" => Got::word(summary.keep_alive_verdict.map(|verdict| verdict.name())),
            "mqtt_keep_alive" => Got::time(summary.details.as_ref().and_then(|details| details.mqtt_keep_alive)),
            "messages" => Got::number(Some(summary.messages)),
            "tls" => Got::word(Some(words::tls(summary).as_str()).filter(|words| !words.is_empty())),
            "server_name" => Got::word(
                names
                    .and_then(|names| names.server_name())
                    .map(words::escaped)
                    .as_deref(),
            ),
            "alpn" => {
                // A comma would end the fact.
                let names = names.and_then(|names| names.protocols()).map(words::escaped);
                Got::word(names.map(|names| names.replace(',', "+")).as_deref())
            }
            "alpn_chosen" => Got::flag(names.map_or(false, |names| names.is_protocol_chosen())),
            "encrypted_hello" => Got::flag(names.map_or(false, |names| names.has_encrypted_hello())),
            "client_octets" => octets(Sender::Client),
            "client_segments" => Got::number(Some(sent(summary, Sender::Client).segments)),
            "client_retransmitted" => Got::number(Some(sent(summary, Sender::Client).retransmitted)),
            "server_octets" => octets(Sender::Server),
            "server_segments" => Got::number(Some(sent(summary, Sender::Server).segments)),
            "server_retransmitted" => Got::number(Some(sent(summary, Sender::Server).retransmitted)),
            "round_trip" => Got::time(summary.round_trip),
            "syn_attempts" => Got::number(Some(summary.syn_attempts)),
            "end_idle" => Got::time(summary.end_idle),
            "client_idle" => Got::time(probing(summary, Sender::Client).idle),
            "client_interval" => Got::time(probing(summary, Sender::Client).interval),
            "client_unanswered_max" => Got::number(Some(probing(summary, Sender::Client).unanswered_max)),
            "server_idle" => Got::time(probing(summary, Sender::Server).idle),
            "server_interval" => Got::time(probing(summary, Sender::Server).interval),
            "server_unanswered_max" => Got::number(Some(probing(summary, Sender::Server).unanswered_max)),
            _ => {
                differences.push(format!("no field of the summary has the name {name}"));
                continue;
            }
        };
        differences.extend(differs(name, value, &got));
    }
    differences
}
