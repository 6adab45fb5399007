//! The width of the column.

use super::tests::labelled;
use super::*;

/// Whether one segment can have these steps there, as far as it matters for the width.
fn is_possible(phase: Phase, steps: &[Step]) -> bool {
    let fins = steps.iter().filter(|step| matches!(step, Step::Fin | Step::PeerFin)).count();
    match phase {
        // Nobody finishes then what an early octet began, nor closes.
        Phase::TcpHandshake => {
            let all = [Step::TlsEarlyData, Step::Finished].iter().filter(|&step| steps.contains(step)).count() + fins;
            all <= 1
        }
        Phase::Close | Phase::Reset => fins <= 1,
        _ => fins == 0,
    }
}

/// All that nobody wants to miss, behind any two steps, in the column's width.
#[test]
fn no_label_is_wider_than_the_column() {
    let ends: [&[Step]; 6] = [
        &[],
        &[Step::Fin],
        &[Step::TlsEarlyData, Step::EndOfEarlyData, Step::Finished],
        &[Step::Finished, Step::TlsApplicationData, Step::PeerFin],
        &[Step::TlsEarlyData, Step::TlsCloseNotify, Step::Fin],
        &[Step::TlsEarlyData, Step::EndOfEarlyData, Step::Finished, Step::TlsApplicationData, Step::Fin],
    ];
    let words =
        [(Step::Finished, "Finished"), (Step::TlsEarlyData, "Early Data"), (Step::Fin, "FIN"), (Step::PeerFin, "FIN")];
    let check = |phase, steps: &[Step], (inferred, again, several): (bool, bool, bool)| {
        let text = labelled(phase, steps, |verdict| {
            verdict.sender = Sender::Server;
            verdict.message = Some(123_456);
            verdict.facts_mut().http.status = Some(200);
            verdict.facts_mut().http.more_messages[0] = if several { 123_457 } else { 0 };
            verdict.inferred = inferred;
            verdict.retransmission = again;
        });
        assert!(text.chars().count() <= WIDTH, "{text}");
        assert!(words.iter().all(|&(step, word)| !steps.contains(&step) || text.contains(word)), "{text}");
        assert_eq!((text.contains('?'), text.ends_with(" (again)")), (inferred, again), "{text}");
    };
    let phases = Phase::ALL.iter().filter(|&&phase| phase != Phase::Unknown);
    // Each end with all marks, each time behind other steps.
    let mut at = 0;
    for (&phase, end) in phases.flat_map(|phase| ends.iter().map(move |end| (phase, end))) {
        for first in Step::ALL.iter() {
            for marks in (0..8).map(|marks| (marks & 1 != 0, marks & 2 != 0, marks & 4 != 0)) {
                at = (at + 7) % Step::ALL.len();
                let steps: Vec<Step> = [*first, Step::ALL[at]].iter().chain(end.iter()).copied().collect();
                if is_possible(phase, &steps) {
                    check(phase, &steps, marks);
                }
            }
        }
    }
}
