//! What holds for all segments, whatever their order, numbers and damage.
//!
//! `SEQUENCES=20000 cargo test --release --test properties` tries more of them.

use tcpphase::verdict::{KeepAliveFacts, KeepAliveStatus, Opened, Phase, Step};
use tcpphase_tests::play::without_hindsight;
use tcpphase_tests::random::Random;
use tcpphase_tests::segment::{ACK, FIN, RST, SYN};
use tcpphase_tests::traffic::{holds, play, random, Addresses, Packet, Playing, View, FRAMES_APART};

const SCRIPTS: &[&str] = &[
    include_str!("../scripts/opening.pkt"),
    include_str!("../scripts/keep_alive.pkt"),
    include_str!("../scripts/close.pkt"),
    include_str!("../scripts/reset.pkt"),
    include_str!("../scripts/general.pkt"),
    include_str!("../scripts/connections.pkt"),
];

/// A property that compares two ways of seeing the same segments.
fn same_story(packets: &[Packet], one: &Playing, other: &Playing, what: &str) -> Result<(), String> {
    let stories = one.story().into_iter().zip(other.story()).zip(packets);
    for ((one, other), packet) in stories {
        if one != other {
            return Err(format!(
                "{what} changes what is said of\n  {packet}\n  {one:?}\n  {other:?}"
            ));
        }
    }
    for (number, (one, other)) in one.summaries().iter().zip(other.summaries()).enumerate() {
        if *one != other {
            return Err(format!("{what} changes connection {number}\n  {one:?}\n  {other:?}"));
        }
    }
    match one.summaries().len() == other.summaries().len() {
        true => Ok(()),
        false => Err(format!("{what} changes the number of connections")),
    }
}

#[test]
fn every_segment_has_a_phase_and_steps_that_show_its_flags() {
    holds(SCRIPTS, |packets| {
        let playing = play(packets, View::default());
        for (packet, said) in packets.iter().zip(&playing.said) {
            let verdict = match &said.verdict {
                None if packet.quoted => continue,
                None => return Err(format!("nothing is said of\n  {packet}")),
                Some(verdict) => verdict,
            };
            let steps = &verdict.steps;
            let syn = packet.has(SYN) && !packet.has(RST);
            let fin = steps.contains(Step::Fin) || steps.contains(Step::PeerFin);
            let reset = steps.codes().iter().any(|code| (80..=85).contains(code));
            let facts = [
                ("a phase but Unknown", verdict.phase != Phase::Unknown, true),
                ("a step", !steps.is_empty(), true),
                ("a connection", verdict.connection.is_some(), true),
                ("SYN", steps.contains(Step::Syn), syn && !packet.has(ACK)),
                ("SYN-ACK", steps.contains(Step::SynAck), syn && packet.has(ACK)),
                // C6: one outside the window is none, inferred.
                (
                    "FIN or Peer FIN",
                    fin || packet.has(FIN) && verdict.inferred,
                    packet.has(FIN),
                ),
                ("a step of a reset", reset, packet.has(RST)),
                (
                    "phase Reset on an RST",
                    packet.has(RST) && verdict.phase != Phase::Reset,
                    false,
                ),
            ];
            let unreadable = [
                ("phase Unknown", verdict.phase == Phase::Unknown, true),
                ("no connection", verdict.connection.is_none(), true),
            ];
            let facts = if packet.is_readable() {
                &facts[..]
            } else {
                &unreadable[..]
            };
            for (name, got, wanted) in facts {
                if got != wanted {
                    let steps: Vec<&str> = steps.iter().map(Step::name).collect();
                    return Err(format!(
                        "{name}: {got}, not {wanted}, of\n  {packet}\n  {:?} {steps:?}",
                        verdict.phase
                    ));
                }
            }
        }
        Ok(())
    });
}

/// Else the properties would say little.
#[test]
fn random_sequences_show_every_step_of_tcp() {
    let mut shown = [0_u32; 256];
    for seed in 0..300 {
        for said in play(&random(seed, 200), View::default()).said {
            let verdict = said.verdict.into_iter();
            verdict.for_each(|verdict| {
                verdict
                    .steps
                    .codes()
                    .iter()
                    .for_each(|&code| shown[usize::from(code)] += 1)
            });
        }
    }
    for step in [1..=4, 54..=61, 70..=73, 76..=77, 80..=85].into_iter().flatten() {
        let name = Step::from_number(step).map_or("", Step::name);
        assert!(shown[usize::from(step)] > 5, "{name}: {}", shown[usize::from(step)]);
    }
}

#[test]
fn no_view_makes_it_panic() {
    holds(SCRIPTS, |packets| {
        for addresses in [Addresses::Plain, Addresses::Ipv6] {
            for initial in [[0, 0], [u32::MAX, u32::MAX], [0x7fff_ffff, 0x8000_0000]] {
                let view = View {
                    initial,
                    addresses,
                    snap: Some(0),
                };
                play(packets, view).summaries();
            }
        }
        Ok(())
    });
}

#[test]
fn what_was_said_is_recalled_and_nothing_else() {
    holds(SCRIPTS, |packets| {
        let playing = play(packets, View::default());
        let mut segments_of_frame = 0;
        for (place, said) in playing.said.iter().enumerate() {
            let recall = |frame, index, sequence| playing.classifier.verdict(frame, index, sequence);
            if packets[place].quoted {
                continue;
            }
            segments_of_frame = if said.index == 0 { 1 } else { segments_of_frame + 1 };
            let now = recall(said.frame, said.index, said.sequence);
            if now.as_ref().map(without_hindsight) != said.verdict.as_ref().map(without_hindsight) {
                return Err(format!(
                    "frame {} has changed: {:?} -> {now:?}",
                    said.frame, said.verdict
                ));
            }
            for wrong in [1, u32::MAX, 1 << 31].map(|off| said.sequence.wrapping_add(off)) {
                if recall(said.frame, said.index, wrong).is_some() {
                    return Err(format!("frame {} is recalled by a wrong number", said.frame));
                }
            }
            let last_of_frame = playing
                .said
                .get(place + 1)
                .map_or(true, |next| next.frame != said.frame);
            if last_of_frame && recall(said.frame, segments_of_frame, said.sequence).is_some() {
                return Err(format!("frame {} has one segment too many", said.frame));
            }
            for frame in [said.frame - 1, said.frame + 1] {
                if recall(frame, 0, said.sequence).is_some() {
                    return Err(format!("frame {frame} was never seen"));
                }
            }
        }
        Ok(())
    });
}

/// A probe names the frame of its answer, and that one names the probe's.
#[test]
fn probes_and_answers_name_each_other() {
    holds(SCRIPTS, |packets| {
        let playing = play(packets, View::default());
        let now = |said: &tcpphase_tests::traffic::Said| {
            let verdict = playing.classifier.verdict(said.frame, said.index, said.sequence)?;
            Some((verdict.facts().keep_alive, verdict.steps.contains(Step::Stray)))
        };
        let facts: Vec<_> = playing
            .said
            .iter()
            .map(|said| (said.frame, now(said).unwrap_or_default()))
            .collect();
        // C9: a reset that is taken back shows that a stray was a probe or an answer; its own verdict stays.
        let of_frame = |frame| facts.iter().filter(move |(number, _)| *number == frame);
        for &(frame, (keep_alive, _)) in facts.iter() {
            if let Some(answer) = keep_alive.answer_frame {
                let names = |facts: &KeepAliveFacts, stray: bool| stray || facts.probe_frame == Some(frame);
                if answer < frame || !of_frame(answer).any(|(_, (facts, stray))| names(facts, *stray)) {
                    return Err(format!("frame {answer} does not answer {frame}"));
                }
            }
            if let Some(probe) = keep_alive.probe_frame {
                // A reset that is taken back was no answer; a later one is.
                let by_reset = keep_alive.status == Some(KeepAliveStatus::AnsweredByReset);
                let named = |facts: &KeepAliveFacts, stray: bool| {
                    let later = by_reset && facts.answer_frame > Some(frame);
                    stray || later || facts.answer_frame == Some(frame)
                };
                if probe > frame || !of_frame(probe).any(|(_, (facts, stray))| named(facts, *stray)) {
                    return Err(format!("frame {probe} is not answered by {frame}"));
                }
            }
        }
        Ok(())
    });
}

#[test]
fn frames_out_of_order_change_nothing_and_get_no_verdict() {
    holds(SCRIPTS, |packets| {
        let straight = play(packets, View::default());
        let mut disturbed = Playing::new(View::default());
        let mut random = Random::new(packets.len() as u64);
        for packet in packets {
            disturbed.play(packet);
            let reached = disturbed.said.last().map_or(0, |said| said.frame);
            let visitor = &packets[random.below(packets.len() as u64) as usize];
            // A frame that was never seen, and one that was: a second pass.
            for frame in [reached - FRAMES_APART / 2, reached - FRAMES_APART] {
                let (sequence, notes) = disturbed.visit(visitor, frame);
                let unseen = frame % FRAMES_APART != 0;
                if !notes.is_empty() || unseen && disturbed.classifier.verdict(frame, 0, sequence).is_some() {
                    return Err(format!("frame {frame} was judged behind frame {reached}\n  {visitor}"));
                }
            }
        }
        same_story(packets, &straight, &disturbed, "a frame out of order")
    });
}

/// What an ICMP error quotes is no exception.
#[test]
fn a_quoted_syn_out_of_order_changes_nothing() {
    let syn = random(0, 200).into_iter().find(|packet| packet.flags == SYN);
    let syn = Packet {
        time: Some(0),
        ..syn.expect("a SYN")
    };
    let later = Packet {
        flow: syn.flow + 1,
        ..syn.clone()
    };
    let error = Packet {
        quoted: true,
        ..syn.clone()
    };
    let mut playing = Playing::new(View::default());
    playing.play(&syn);
    playing.play(&later);
    playing.visit(&error, FRAMES_APART + 1);
    let opened = |playing: &Playing| playing.classifier.summary(0).map(|summary| summary.opened);
    assert_eq!(opened(&playing), Some(Opened::Incomplete));
    playing.play(&error);
    assert_eq!(opened(&playing), Some(Opened::Unreachable));
}

#[test]
fn other_initial_sequence_numbers_change_nothing() {
    holds(SCRIPTS, |packets| {
        let plain = play(packets, View::default());
        let mut random = Random::new(packets.len() as u64);
        let chosen = [
            [u32::MAX, u32::MAX],
            [u32::MAX - 1, 0],
            [u32::MAX - 700, u32::MAX - 90],
            [0x7fff_ffff, 0x8000_0000],
            [random.bits() as u32, random.bits() as u32],
        ];
        for initial in chosen {
            let view = View {
                initial,
                ..View::default()
            };
            same_story(
                packets,
                &plain,
                &play(packets, view),
                &format!("beginning at {initial:x?}"),
            )?;
        }
        Ok(())
    });
}

#[test]
fn other_addresses_change_nothing() {
    holds(SCRIPTS, |packets| {
        let pairs = [
            (Addresses::Plain, Addresses::Swapped),
            (Addresses::Plain, Addresses::Loopback),
            (Addresses::Ipv6, Addresses::Ipv6Swapped),
        ];
        for (one, other) in pairs {
            let at = |addresses| {
                let view = View {
                    addresses,
                    ..View::default()
                };
                play(packets, view)
            };
            same_story(packets, &at(one), &at(other), &format!("{other:?} after {one:?}"))?;
        }
        Ok(())
    });
}

#[test]
fn cutting_payloads_changes_nothing() {
    holds(SCRIPTS, |packets| {
        // A header that lies about its length puts other octets on the same numbers, which shows only where they were
        // captured (G9).
        let packets: Vec<Packet> = packets
            .iter()
            .map(|packet| Packet {
                offset: None,
                ..packet.clone()
            })
            .collect();
        let packets = packets.as_slice();
        for addresses in [Addresses::Plain, Addresses::Ipv6] {
            let whole = View {
                addresses,
                ..View::default()
            };
            let whole_story = play(packets, whole);
            for snap in [0, 1, 54] {
                let cut = View {
                    snap: Some(snap),
                    ..whole
                };
                let what = format!("capturing {snap} octets of payload");
                same_story(packets, &whole_story, &play(packets, cut), &what)?;
            }
        }
        Ok(())
    });
}

/// G4: a copy comes within a millisecond, and a fast link carries many segments in that time.
#[test]
fn mirrored_copies_are_told_behind_a_hundred_others() {
    let sample = random(0, 1).remove(0);
    let (mut missed, rounds) = (0, 1000);
    let mut playing = Playing::new(View::default());
    let mut random = Random::new(1);
    for round in 0..rounds {
        let sequences: Vec<u32> = (0..=102).map(|_| random.bits() as u32).collect();
        let segment = |flow: u16, number: u32| Packet {
            time: Some(i64::from(round) * 1_000_000_000 + i64::from(number) * 5_000),
            flow,
            from_a: true,
            flags: ACK,
            sequence: sequences[number as usize],
            acknowledgement: 0,
            identification: number as u16,
            same_frame: false,
            ..sample.clone()
        };
        playing.play(&segment(0, 1));
        (2..=101).for_each(|number| playing.play(&segment(1 + number as u16 % 7, number)));
        playing.play(&Packet {
            time: segment(0, 102).time,
            ..segment(0, 1)
        });
        let copy = playing.said.last().and_then(|said| said.verdict.clone());
        missed += u32::from(copy.map_or(true, |copy| copy.facts().duplicate_of.is_none()));
    }
    assert_eq!(
        missed, 0,
        "of {rounds} copies, each half a millisecond after its original"
    );
}
