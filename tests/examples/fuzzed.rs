//! Shows what a file of a fuzz target says: `fuzzed {classifier|streams|...} FILE`.

use tcpphase::label::label;
use tcpphase::Classifier;
use tcpphase_tests::fuzz::streams::turns;
use tcpphase_tests::fuzz::tape::{decrypted, steps, Player, View};
use tcpphase_tests::fuzz::TARGETS;

fn main() {
    let mut arguments = std::env::args().skip(1);
    let (target, path) = (
        arguments.next().unwrap_or_default(),
        arguments.next().unwrap_or_default(),
    );
    let octets = std::fs::read(path).expect("a file");
    match target.as_str() {
        "classifier" => script(&octets),
        "repeated" | "abi" => script(octets.get(1..).unwrap_or(&[])),
        "streams" => {
            for turn in turns(&octets) {
                let side = if turn.from_server { "server" } else { "client" };
                let end = if turn.resets {
                    " RST"
                } else if turn.ends {
                    " FIN"
                } else {
                    ""
                };
                println!("{side} +{} s {}{end}", turn.pause, turn.octets.escape_ascii());
            }
        }
        _ => println!("{}", octets.escape_ascii()),
    }
    let target = TARGETS.iter().find(|known| known.0 == target).expect("a target");
    target.1(&octets);
    println!("nothing found");
}

fn script(octets: &[u8]) {
    let (mut classifier, mut player) = (Classifier::new(), Player::new(View::default()));
    let (mut frame, mut index) = (0, 0);
    for step in steps(octets) {
        let shown = player.shows(&step);
        index = if shown.frame == frame { index } else { 0 };
        frame = shown.frame;
        shown.to(&mut classifier);
        let mut opened = "";
        if step.opened && classifier.is_sealed() {
            let records = shown.plaintext();
            classifier.plaintext(frame, index, shown.sequence(), &decrypted(&records));
            opened = " opened";
        }
        let verdict = classifier.verdict(frame, index, shown.sequence());
        let said = verdict.as_ref().map_or_else(String::new, label);
        let side = if step.from_second { '<' } else { '>' };
        println!(
            "{frame}.{index} {:?} {} {side} {:#04x} {:+}:{} ack {:+} win {}{}{opened} [{}] {said} {:?}",
            shown.time,
            step.line,
            step.flags,
            step.sequence,
            step.payload.len(),
            step.acknowledgement,
            step.window,
            if step.quoted { " quoted" } else { "" },
            step.payload
                .iter()
                .take(40)
                .copied()
                .collect::<Vec<u8>>()
                .escape_ascii(),
            verdict.map(|verdict| verdict.steps.codes().to_vec()),
        );
        index += u32::from(!step.quoted);
    }
}
