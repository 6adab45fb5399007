//! The whole classifier.

use super::tape::{decrypted, steps, Player, Shown, Step, View};
use crate::play::without_hindsight;
use tcpphase::verdict::{Note, Notes, Summary, Verdict};
use tcpphase::{label, note, Classifier};

/// What was said of a segment.
struct Said {
    frame: u32,
    index: u32,
    sequence: u32,
    notes: Notes,
    verdict: Verdict,
}

/// What was said of a script.
struct Told {
    said: Vec<Said>,
    summaries: Vec<Summary>,
}

fn tells(steps: &[Step], view: View) -> Told {
    let (mut classifier, mut player) = (Classifier::new(), Player::new(view));
    let mut said: Vec<Said> = Vec::new();
    for step in steps {
        let shown = player.shows(step);
        let before = said
            .last()
            .filter(|said| said.frame == shown.frame)
            .map(|said| said.index);
        let index = before.map_or(0, |before| before + 1);
        let notes = shown.to(&mut classifier);
        let sealed = classifier.is_sealed();
        if shown.quoted {
            assert!(
                notes.is_empty() && !sealed,
                "something is said of what an ICMP error quotes"
            );
            continue;
        }
        let notes = if sealed && shown.opened {
            opens(&mut classifier, &shown, index).unwrap_or(notes)
        } else {
            notes
        };
        let sequence = shown.sequence();
        let verdict = classifier
            .verdict(shown.frame, index, sequence)
            .expect("a verdict for each segment");
        assert_eq!(verdict.notes(), notes, "the notes that were returned");
        puts_into_words(&verdict);
        said.push(Said {
            frame: shown.frame,
            index,
            sequence,
            notes,
            verdict,
        });
    }
    let summaries: Vec<Summary> = (0..).map_while(|number| classifier.summary(number)).collect();
    is_recalled(&classifier, &said, summaries.len());
    Told { said, summaries }
}

fn opens(classifier: &mut Classifier, shown: &Shown, index: u32) -> Option<Notes> {
    let records = shown.plaintext();
    let notes = classifier.plaintext(shown.frame, index, shown.sequence(), &decrypted(&records));
    let again = classifier.plaintext(shown.frame, index, shown.sequence(), &decrypted(&records));
    assert!(again.is_none(), "a segment was opened twice");
    notes
}

fn puts_into_words(verdict: &Verdict) {
    assert!(!verdict.steps.is_empty(), "no step");
    let text = label::label(verdict);
    assert!(!text.is_empty() && text.len() < 128, "{text:?}");
    for number in 0..=u8::MAX {
        if let Some(note) = Note::from_number(number) {
            let text = note::text(verdict, note);
            assert_eq!(text.is_some(), verdict.notes().contains(note), "{text:?}");
        }
    }
}

/// Never changed later but for hindsight, and for what a later segment of the same frame tells of TLS.
fn is_recalled(classifier: &Classifier, said: &[Said], connections: usize) {
    for (place, then) in said.iter().enumerate() {
        let now = classifier
            .verdict(then.frame, then.index, then.sequence)
            .expect("a verdict for each segment");
        let mut expected = without_hindsight(&then.verdict);
        if said.get(place + 1).map_or(false, |next| next.frame == then.frame) {
            let tls = now.facts().tls;
            if tls.version.is_some() || tls.resumed {
                let known = &mut expected.facts_mut().tls;
                (known.version, known.resumed) = (tls.version, tls.resumed);
            }
        }
        assert_eq!(without_hindsight(&now), expected, "what was said has changed");
        for answer in [now.facts().keep_alive.answer_frame, now.facts().http.response_frame]
            .into_iter()
            .flatten()
        {
            assert!(answer >= then.frame, "{answer} answers {}", then.frame);
        }
        let known = now.connection.map_or(true, |number| (number as usize) < connections);
        assert!(known, "a connection that nothing is known of");
    }
    assert_eq!(classifier.origins().len(), connections);
}

/// Without what the view itself changes.
fn in_view(mut summary: Summary, view: View) -> Summary {
    if view.swapped {
        summary.client_is_higher = summary.client_is_higher.map(|higher| !higher);
        summary.traffic.swap(0, 1);
        if let Some(details) = summary.details.as_mut() {
            details.probing.swap(0, 1);
            details.probing_above.iter_mut().for_each(|above| above.swap(0, 1));
        }
    }
    summary
}

/// Tries it.
///
/// # Panics
///
/// Where something does not hold.
pub fn run(data: &[u8]) {
    let steps = steps(data);
    let plain = tells(&steps, View::default());
    let views = [
        (
            "other numbers",
            View {
                initial: [u32::MAX - 70, 0x7fff_ffb0],
                ..View::default()
            },
        ),
        (
            "swapped endpoints",
            View {
                swapped: true,
                ..View::default()
            },
        ),
        (
            "octets behind the reported length",
            View {
                trailer: 13,
                ..View::default()
            },
        ),
    ];
    for (what, view) in views {
        let other = tells(&steps, view);
        assert_eq!(plain.said.len(), other.said.len());
        for (one, other) in plain.said.iter().zip(&other.said) {
            assert_eq!(one.notes, other.notes, "{what} change a note of frame {}", one.frame);
            let verdict = Verdict {
                sequence: one.sequence,
                ..other.verdict.clone()
            };
            assert_eq!(one.verdict, verdict, "{what} change frame {}", one.frame);
        }
        for (number, (one, other)) in plain.summaries.iter().zip(other.summaries).enumerate() {
            assert_eq!(*one, in_view(other, view), "{what} change connection {number}");
        }
    }
}
