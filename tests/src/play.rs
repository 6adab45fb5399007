//! Plays cases to the classifier in many disguises, and compares.

use crate::script::{cases, duration, Case, Content, Expected, Fact, Item, Nanoseconds, Number, SegmentOption, Sent};
use crate::segment::{filler, Segment};
use std::collections::BTreeMap;
use tcpphase::label::label;
use tcpphase::verdict::{KeepAliveStatus, NotKeepAlive, Note, Phase, Probing, Sender, Summary, Verdict};
use tcpphase::{Captured, Classifier};

/// What must not make a difference.
#[derive(Clone, Copy, Debug)]
pub struct Disguise {
    /// Initial sequence number of A.
    pub isn_a: u32,
    /// Initial sequence number of B.
    pub isn_b: u32,
    /// Addresses and ports.
    pub addresses: Addresses,
    /// Number of the first frame.
    pub first_frame: u32,
}

/// Who lives where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Addresses {
    /// A has the lower IPv4 address and the higher port.
    Ipv4,
    /// A has the higher IPv4 address and the lower port.
    Ipv4Swapped,
    /// Both have the same address.
    Loopback,
    /// A has the lower IPv6 address.
    Ipv6,
    /// A has the higher IPv6 address.
    Ipv6Swapped,
}

impl Addresses {
    fn of_a_and_b(self) -> [Vec<u8>; 2] {
        let ipv6 = |last: u8| {
            let mut address = vec![0x20, 0x01, 0x0d, 0xb8];
            address.resize(15, 0);
            address.push(last);
            address
        };
        match self {
            Addresses::Ipv4 => [vec![192, 0, 2, 1], vec![198, 51, 100, 2]],
            Addresses::Ipv4Swapped => [vec![203, 0, 113, 9], vec![198, 51, 100, 2]],
            Addresses::Loopback => [vec![127, 0, 0, 1], vec![127, 0, 0, 1]],
            Addresses::Ipv6 => [ipv6(1), ipv6(2)],
            Addresses::Ipv6Swapped => [ipv6(2), ipv6(1)],
        }
    }

    fn ports_of_a_and_b(self, flow: u16) -> [u16; 2] {
        match self {
            Addresses::Ipv4Swapped | Addresses::Ipv6Swapped => [443, 50000 + flow],
            _ => [40000 + flow, 443],
        }
    }

    fn is_ipv4(self) -> bool {
        !matches!(self, Addresses::Ipv6 | Addresses::Ipv6Swapped)
    }
}

/// Every disguise: sequence numbers that cross 2^32 at once, after a few octets, and not at all.
pub fn disguises() -> Vec<Disguise> {
    let plain = 0x1000_0000;
    let numbers = [
        (plain, 0x2000_0000),
        (u32::MAX, plain),
        (plain, u32::MAX),
        (u32::MAX, u32::MAX),
        (u32::MAX - 1, u32::MAX - 2),
        (u32::MAX - 50, plain),
        (plain, u32::MAX - 50),
        (u32::MAX - 120, u32::MAX - 150),
        (0, 0x7fff_fff0),
        (0x7fff_ffff, 0x8000_0000),
    ];
    let addresses = [
        Addresses::Ipv4,
        Addresses::Ipv4Swapped,
        Addresses::Loopback,
        Addresses::Ipv6,
        Addresses::Ipv6Swapped,
    ];
    let mut disguises = Vec::new();
    for addresses in addresses {
        for (isn_a, isn_b) in numbers {
            let first_frame = if isn_a == plain { 1 } else { 1_000_001 };
            disguises.push(Disguise {
                isn_a,
                isn_b,
                addresses,
                first_frame,
            });
        }
    }
    disguises
}

/// Plays every case of a script in every disguise. What differs is told, once for each case.
pub fn script(text: &str) -> Result<(), String> {
    let wanted = std::env::var("CASE").unwrap_or_default();
    let cases = cases(text)?;
    let mut faults = Vec::new();
    let played = cases.iter().filter(|case| case.heading.contains(&wanted));
    for case in played.clone() {
        let disguises = disguises().into_iter();
        let disguises: Vec<_> = disguises
            .filter(|disguise| disguise.addresses.is_ipv4() || !case.heading.contains("(IPv4)"))
            .collect();
        let told: Vec<_> = disguises
            .iter()
            .filter_map(|&disguise| play(case, disguise).err())
            .collect();
        if let Some(first) = told.first() {
            let often = format!("in {} of {} disguises", told.len(), disguises.len());
            faults.push(format!("== {} (line {}), {often}\n{first}", case.heading, case.line));
        }
    }
    match faults.len() {
        0 => Ok(()),
        count => Err(format!(
            "{count} of {} cases:\n\n{}",
            played.count(),
            faults.join("\n\n")
        )),
    }
}

/// Plays one case in one disguise. All the faults of the case are told.
pub fn play(case: &Case, disguise: Disguise) -> Result<(), String> {
    let mut player = Player::new(disguise);
    for item in &case.items {
        player.item(item);
    }
    player.hindsight();
    if player.faults.is_empty() {
        return Ok(());
    }
    Err(format!("{}\n  disguise: {disguise:x?}", player.faults.join("\n")))
}

/// A segment that was played.
struct Played<'a> {
    item: &'a Item,
    expected: &'a Expected,
    frame: u32,
    index: u32,
    sequence: u32,
    verdict: Option<Verdict>,
}

struct Player<'a> {
    disguise: Disguise,
    classifier: Classifier,
    next_frame: u32,
    last: (u32, u32),
    played: Vec<Played<'a>>,
    notes: BTreeMap<&'static str, usize>,
    faults: Vec<String>,
}

impl<'a> Player<'a> {
    fn new(disguise: Disguise) -> Player<'a> {
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

    fn item(&mut self, item: &'a Item) {
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
    fn hindsight(&mut self) {
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

/// A verdict as at the first visit.
pub fn without_hindsight(verdict: &Verdict) -> Verdict {
    let mut verdict = verdict.clone();
    if verdict.has_facts() {
        verdict.facts_mut().keep_alive.answer_frame = None;
    }
    verdict
}

fn on_the_wire(number: Number, initial: u32) -> u32 {
    match number {
        Number::Relative(number) => initial.wrapping_add(number as u32),
        Number::Absolute(number) => number,
    }
}

/// A value that the classifier gave.
#[derive(Clone, Debug)]
enum Got {
    None,
    Word(String),
    Time(Nanoseconds),
}

impl Got {
    fn flag(flag: bool) -> Got {
        Got::Word(flag.to_string())
    }

    fn word(word: Option<&str>) -> Got {
        word.map_or(Got::None, |word| Got::Word(word.to_string()))
    }

    fn number(number: Option<u32>) -> Got {
        number.map_or(Got::None, |number| Got::Word(number.to_string()))
    }

    fn time(time: Option<Nanoseconds>) -> Got {
        time.map_or(Got::None, Got::Time)
    }
}

fn difference<T: std::fmt::Debug + PartialEq + ?Sized, U: std::fmt::Debug + std::borrow::Borrow<T>>(
    name: &str,
    expected: &T,
    got: &U,
) -> Option<String> {
    (expected != got.borrow()).then(|| format!("{name}: expected {expected:?}, got {got:?}"))
}

/// The difference between a value as written and a value.
fn differs(name: &str, written: &str, got: &Got) -> Option<String> {
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

fn differences_of_summary(summary: &Summary, facts: &[Fact]) -> Vec<String> {
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
        let got = match name.as_str() {
            "opened" => Got::word(Some(summary.opened.name())),
            "ended" => Got::word(Some(summary.ended.name())),
            "closed_by" => Got::word(Some(summary.closed_by.name())),
            "duration" => Got::Time(summary.duration),
            "setup_time" => Got::time(summary.setup_time),
            "max_idle" => Got::time(summary.max_idle),
            "keepalives" => Got::number(Some(summary.keep_alives)),
            "keepalives_answered" => Got::number(Some(summary.keep_alives_answered)),
            "unanswered_max" => Got::number(Some(summary.unanswered_max)),
            "verdict" => Got::word(summary.keep_alive_verdict.map(|verdict| verdict.name())),
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
