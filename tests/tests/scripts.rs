//! The scripts, in every disguise. `CASE=text` plays only the cases whose heading contains the text.

use tcpphase::verdict::{Context, Ended, Initiator, KeepAliveStatus, KeepAliveVerdict, Note, Opened, Step};
use tcpphase_tests::script::{cases, Content};

/// One test for each script.
macro_rules! scripts {
    ($($name:ident)+) => {
        $(#[test]
        fn $name() {
            let text = include_str!(concat!("../scripts/", stringify!($name), ".pkt"));
            if let Err(faults) = tcpphase_tests::play::script(text) {
                panic!("scripts/{}.pkt: {faults}", stringify!($name));
            }
        })+

        /// Every script, for what the scripts show together.
        const SCRIPTS: &[&str] = &[$(include_str!(concat!("../scripts/", stringify!($name), ".pkt"))),+];
    };
}

scripts! { mqtt postgresql opening keep_alive close reset general connections payload http tls other_octets silence http_unfinished tls_outcome }

/// What the scripts expect of any segment or connection, under a fact's name.
fn expected(name: &str) -> Vec<String> {
    let mut values = Vec::new();
    for case in SCRIPTS.iter().flat_map(|text| cases(text).unwrap()) {
        for item in case.items {
            match item.content {
                Content::Segment(_, expected) => values.extend(expected.values(name).map(str::to_string)),
                Content::Summary(_, facts) => {
                    values.extend(
                        facts
                            .into_iter()
                            .filter(|fact| fact.name == name)
                            .map(|fact| fact.value),
                    );
                }
                Content::NoteCount(..) => {}
            }
        }
    }
    values
}

#[test]
fn every_value_that_concerns_tcp_occurs_in_a_script() {
    let steps: Vec<String> = expected("steps")
        .iter()
        .flat_map(|steps| steps.split(','))
        .map(str::to_string)
        .collect();
    let concerns_tcp = |step: &&Step| !step.is_payload() || matches!(step, Step::Data | Step::HalfCloseData);
    for step in Step::ALL.iter().filter(concerns_tcp) {
        assert!(steps.iter().any(|name| name == step.name()), "step {}", step.name());
    }
    let every = |name: &str, wanted: Vec<&str>| {
        let values = expected(name);
        wanted
            .iter()
            .for_each(|wanted| assert!(values.iter().any(|value| value == wanted), "{name} {wanted}"));
    };
    every("opened", Opened::ALL.iter().map(|value| value.name()).collect());
    every("ended", Ended::ALL.iter().map(|value| value.name()).collect());
    every("closed_by", Initiator::ALL.iter().map(|value| value.name()).collect());
    every(
        "verdict",
        KeepAliveVerdict::ALL.iter().map(|value| value.name()).collect(),
    );
    every(
        "keepalive.status",
        KeepAliveStatus::ALL.iter().map(|value| value.name()).collect(),
    );
    every(
        "keepalive.context",
        Context::ALL.iter().map(|value| value.name()).collect(),
    );
    every(
        "resembles",
        vec!["zero-window probe", "retransmitted octet", "stale ACK"],
    );
    // Notes of TLS and HTTP come with their own scripts.
    let told = |note: &&Note| !(14..=18).contains(&(**note as u8));
    let notes: Vec<&str> = Note::ALL.iter().filter(told).map(|note| note.name()).collect();
    let given = expected("note");
    // A note may be counted only, where its segment is open.
    let counted = SCRIPTS.join("\n");
    for note in notes {
        assert!(
            given.iter().any(|name| name == note) || counted.contains(&format!("= notes {note} 1")),
            "note {note}"
        );
    }
}

#[test]
fn every_rule_has_a_case() {
    let headings: Vec<String> = SCRIPTS
        .iter()
        .flat_map(|text| cases(text).unwrap())
        .map(|case| case.heading)
        .collect();
    let ranges = [("O", 1..=12), ("K", 1..=10), ("C", 1..=10), ("G", 1..=5)];
    for (letter, numbers) in ranges {
        for rule in numbers.map(|number| format!("{letter}{number}")) {
            let shown = headings
                .iter()
                .any(|heading| heading.split_whitespace().any(|word| word == rule));
            assert!(shown, "no case for rule {rule}");
        }
    }
}
