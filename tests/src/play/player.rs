//! One case in one disguise.

use super::comparison::{difference, differences_of_summary, differs, Got};
use super::{without_hindsight, Disguise};
use crate::script::{Content, Expected, Item, Number, SegmentOption, Sent};
use crate::segment::{filler, Segment};
use std::collections::BTreeMap;
use tcpphase::label::label;
use tcpphase::verdict::{KeepAliveStatus, NotKeepAlive, Note, Phase, Verdict};
use tcpphase::{Captured, Classifier};

/// A segment that was played.
struct Played<'a> {
    item: &'a Item,
    expected: &'a Expected,
    frame: u32,
    index: u32,
    sequence: u32,
    verdict: Option<Verdict>,
}

pub struct Player<'a> {
    disguise: Disguise,
    classifier: Classifier,
    next_frame: u32,
    last: (u32, u32),
    played: Vec<Played<'a>>,
    notes: BTreeMap<&'static str, usize>,
    pub faults: Vec<String>,
}

impl<'a> Player<'a> {
    pub fn new(disguise: Disguise) -> Player<'a> {
        Player {
            disguise,
            classifier: Classifier::new(),
            next_frame: disguise.first_frame,
            last: (0, 0),
            played: Vec::new(),
            notes: BTreeMap::new(),
            faults: Vec::new(),
        }
    }

    pub fn item(&mut self, item: &'a Item) {
        let differences = match &item.content {
            Content::Segment(sent, expected) => self.segment(item, sent, expected),
            Content::Summary(connection, facts) => match self.classifier.summary(*connection) {
                Some(summary) => differences_of_summary(&summary, facts),
                None => vec!["no such connection".to_string()],
            },
            Content::NoteCount(name, expected) => {
                let got = self.notes.get(name.as_str()).copied().unwrap_or(0);
                difference(name, expected, &got).into_iter().collect()
            }
        };
        self.tell(item, &differences, None);
    }

    pub fn classifier(&self) -> &Classifier {
        &self.classifier
    }

    /// What was said of each segment when it came, with its line.
    pub fn verdicts(&self) -> Vec<(usize, Option<Verdict>)> {
        self.played
            .iter()
            .map(|played| (played.item.line, played.verdict.clone()))
            .collect()
    }

    fn tell(&mut self, item: &Item, differences: &[String], got: Option<&Verdict>) {
        if differences.is_empty() {
            return;
        }
        let frame = got.map_or(String::new(), |got| format!(" (frame {})", self.in_script(got.frame)));
        let mut fault = format!("  line {}{frame}: {}", item.line, item.text);
        for difference in differences {
            fault.push_str("\n    ");
            fault.push_str(difference);
        }
        self.faults.push(fault);
    }

    fn in_script(&self, frame: u32) -> u32 {
        frame.wrapping_sub(self.disguise.first_frame).wrapping_add(1)
    }

    fn segment(&mut self, item: &'a Item, sent: &Sent, expected: &'a Expected) -> Vec<String> {
        let (frame, index) = match sent.frame {
            _ if sent.same_frame => (self.last.0, self.last.1 + 1),
            Some(frame) => (frame + self.disguise.first_frame - 1, 0),
            None => (self.next_frame, 0),
        };
        if sent.frame.is_none() && !sent.same_frame {
            self.next_frame += 1;
        }
        self.last = (frame, index);
        let wire = self.wire(sent);
        let octets = sent.raw.clone().unwrap_or_else(|| wire.octets());
        let reported_length = sent.reported.unwrap_or(octets.len() as u32);
        let captured = &octets[..sent.snap.unwrap_or(octets.len()).min(octets.len())];
        let [a, b] = self.disguise.addresses.of_a_and_b();
        let (source, destination) = if sent.from_a { (a, b) } else { (b, a) };
        let identification = sent
            .identification
            .unwrap_or((self.played.len() as u16).wrapping_add(1000));
        let notes = self.classifier.segment(&Captured {
            frame,
            time: sent.time.map(|time| time + 1_700_000_000_000_000_000),
            source: &source,
            destination: &destination,
            identification: Some(identification).filter(|_| self.disguise.addresses.is_ipv4()),
            octets: captured,
            reported_length,
            quoted: sent.quoted,
            fragment: sent.fragment,
        });
        if sent.quoted {
            return expected
                .label
                .iter()
                .map(|_| "a quoted segment has no label: expect `*`".to_string())
                .collect();
        }
        let sequence = match &sent.raw {
            Some(raw) if raw.len() < 8 => 0,
            Some(raw) => u32::from_be_bytes([raw[4], raw[5], raw[6], raw[7]]),
            None if captured.len() < 8 => 0,
            None => wire.sequence,
        };
        let verdict = self.classifier.verdict(frame, index, sequence);
        let mut differences = Vec::new();
        if let Some(verdict) = &verdict {
            differences.extend(difference("notes returned", &verdict.notes(), &notes));
            let answer_frame = verdict.facts().keep_alive.answer_frame;
            differences.extend(difference("answer_frame at the first visit", &None, &answer_frame));
            for note in Note::ALL.iter().filter(|&&note| notes.contains(note)) {
                *self.notes.entry(note.name()).or_insert(0) += 1;
            }
        }
        self.played.push(Played {
            item,
            expected,
            frame,
            index,
            sequence,
            verdict,
        });
        differences
    }

    /// The segment on the wire.
    fn wire(&self, sent: &Sent) -> Segment {
        let Disguise {
            isn_a,
            isn_b,
            addresses,
            ..
        } = self.disguise;
        let [port_a, port_b] = addresses.ports_of_a_and_b(sent.flow);
        let (own, peer, source_port, destination_port) = match sent.from_a {
            true => (isn_a, isn_b, port_a, port_b),
            false => (isn_b, isn_a, port_b, port_a),
        };
        let mut options = Vec::new();
        for option in &sent.options {
            match option {
                SegmentOption::Octets(octets) => options.extend_from_slice(octets),
                SegmentOption::Sack(from, to) => {
                    options.extend_from_slice(&[5, 10]);
                    options.extend_from_slice(&on_the_wire(*from, peer).to_be_bytes());
                    options.extend_from_slice(&on_the_wire(*to, peer).to_be_bytes());
                }
            }
        }
        let first = match sent.sequence {
            Number::Relative(number) => number,
            Number::Absolute(number) => i64::from(number),
        };
        let payload = (0..i64::from(sent.length))
            .map(|offset| filler(first + offset))
            .collect();
        Segment {
            source_port,
            destination_port,
            sequence: on_the_wire(sent.sequence, own),
            acknowledgement: sent.acknowledgement.map_or(0, |number| on_the_wire(number, peer)),
            flags: sent.flags,
            window: sent.window,
            options,
            offset: sent.offset,
            payload: sent.payload.clone().unwrap_or(payload),
        }
    }

    /// Compares what is said now with what was said and with what was expected.
    pub fn hindsight(&mut self) {
        for played in std::mem::take(&mut self.played) {
            let mut differences = Vec::new();
            let now = self.classifier.verdict(played.frame, played.index, played.sequence);
            if now.as_ref().map(without_hindsight) != played.verdict.as_ref().map(without_hindsight) {
                differences.push(format!("the verdict has changed: {:?} -> {now:?}", played.verdict));
            }
            // A frame that is seen out of order is not judged: it is Unknown.
            let verdict = now.unwrap_or_else(|| Verdict::new(played.frame, played.sequence));
            differences.extend(self.differences(&verdict, played.expected));
            self.tell(played.item, &differences, Some(&verdict));
        }
        self.faults.sort_by_key(|fault| {
            let digits = fault.trim_start().trim_start_matches("line ").chars();
            digits
                .take_while(char::is_ascii_digit)
                .collect::<String>()
                .parse::<usize>()
                .unwrap_or(0)
        });
    }

    fn differences(&self, verdict: &Verdict, expected: &Expected) -> Vec<String> {
        let mut differences = Vec::new();
        let expected_label = match &expected.label {
            Some(label) => label,
            None => return differences,
        };
        let steps = || {
            verdict
                .steps
                .iter()
                .map(|step| step.name())
                .collect::<Vec<_>>()
                .join(",")
        };
        if let Some(difference) = difference("label", expected_label, &label(verdict)) {
            differences.push(format!("{difference} (steps {})", steps()));
        }
        let phase = Phase::ALL.iter().find(|phase| expected_label.starts_with(phase.name()));
        match phase {
            Some(phase) => differences.extend(difference("phase", phase, &verdict.phase)),
            None => differences.push("the expected label begins with no phase".to_string()),
        }
        differences.extend(difference("inferred", &expected_label.contains('?'), &verdict.inferred));
        differences.extend(difference(
            "retransmission",
            &expected_label.contains("(again)"),
            &verdict.retransmission,
        ));
        let notes = |names: Vec<&str>| {
            let mut names = names;
            names.sort_unstable();
            names.join(" ")
        };
        let expected_notes = notes(expected.values("note").collect());
        if expected_notes != "any" {
            let got = Note::ALL
                .iter()
                .filter(|&&note| verdict.notes().contains(note))
                .map(|note| note.name())
                .collect();
            differences.extend(difference("notes", &expected_notes, &notes(got)));
        }
        let strict = [("after_gap", "false"), ("duplicate_of", "none"), ("connection", "0")].iter();
        let unreadable = verdict.phase == Phase::Unknown;
        let silent =
            strict.filter(|(name, _)| expected.value(name).is_none() && !(unreadable && *name == "connection"));
        let facts = expected.facts.iter().filter(|fact| fact.name != "note");
        let facts = facts
            .map(|fact| (fact.name.as_str(), fact.value.as_str()))
            .chain(silent.copied());
        for (name, value) in facts.filter(|(_, value)| *value != "any") {
            match self.fact(verdict, name) {
                Some(_) if name == "steps" => differences.extend(difference(name, value, &steps())),
                Some(got) => differences.extend(differs(name, value, &got)),
                None => differences.push(format!("no fact has the name {name}")),
            }
        }
        differences
    }

    fn fact(&self, verdict: &Verdict, name: &str) -> Option<Got> {
        let frame = |frame: Option<u32>| Got::number(frame.map(|frame| self.in_script(frame)));
        let facts = verdict.facts();
        let (handshake, keep_alive) = (&facts.handshake, &facts.keep_alive);
        Some(match name {
            "steps" => Got::None,
            "retransmission" => Got::flag(verdict.retransmission),
            "inferred" => Got::flag(verdict.inferred),
            "after_gap" => Got::flag(verdict.after_gap),
            "duplicate_of" => frame(facts.duplicate_of),
            "connection" => Got::number(verdict.connection),
            "sender" => Got::word(Some(verdict.sender.name())),
            "basis" | "sender_basis" => Got::word(Some(verdict.basis.name())),
            "initiator" | "close.initiator" => Got::word(verdict.initiator.map(|initiator| initiator.name())),
            "close.idle" => Got::time(facts.close_idle),
            "tls.complete" => Got::flag(facts.tls.complete),
            "tls.hello_spans" => Got::flag(facts.tls.hello_spans),
            "tls.time" => Got::time(facts.tls.time),
            "http.request_frame" => frame(facts.http.request_frame),
            "unanswered.how" => Got::word(facts.unanswered.how.map(|how| format!("{how:?}")).as_deref()),
            "unanswered.times" => Got::word(facts.unanswered.transmissions.map(|times| times.to_string()).as_deref()),
            "unanswered.time" => Got::time(facts.unanswered.lasted),
            "mqtt.keep_alive" => Got::time(facts.mqtt_keep_alive),
            "http.response_time" => Got::time(facts.http.response_time),
            "handshake.syn_frame" => frame(handshake.syn_frame),
            "handshake.synack_frame" => frame(handshake.synack_frame),
            "handshake.time" => Got::time(handshake.time),
            "handshake.server_time" => Got::time(handshake.server_time),
            "handshake.client_time" => Got::time(handshake.client_time),
            "handshake.attempt" => Got::number(handshake.attempt),
            "handshake.retry_cost" => Got::time(handshake.retry_cost),
            "handshake.simultaneous" => Got::flag(handshake.simultaneous),
            "keepalive.status" => Got::word(keep_alive.status.map(KeepAliveStatus::name)),
            "keepalive.layer" => Got::word(keep_alive.layer.map(|layer| layer.name())),
            "keepalive.number" => Got::number(keep_alive.number),
            "keepalive.idle" => Got::time(keep_alive.idle),
            "keepalive.interval" => Got::time(keep_alive.interval),
            "keepalive.probe_frame" => frame(keep_alive.probe_frame),
            "keepalive.response_time" => Got::time(keep_alive.response_time),
            "keepalive.answer_frame" => frame(keep_alive.answer_frame),
            "keepalive.context" => Got::word(keep_alive.context.map(|context| context.name())),
            "resembles" => Got::word(facts.not_keep_alive.map(|reason| match reason {
                NotKeepAlive::ZeroWindowProbe => "zero-window probe",
                NotKeepAlive::RetransmittedOctet => "retransmitted octet",
                NotKeepAlive::StaleAck => "stale ACK",
            })),
            _ => return None,
        })
    }
}
fn on_the_wire(number: Number, initial: u32) -> u32 {
    match number {
        Number::Relative(number) => initial.wrapping_add(number as u32),
        Number::Absolute(number) => number,
    }
}
