//! Writes what is said about every segment and connection of captures and scripts, in a stable form: what `compare.sh`
//! compares. Arguments are captures (.pcap, .pcapng, also packed), scripts (.pkt), and folders with them.
//!
//! A line for each segment and each connection: where it is, then `field=value` for everything that is said, under the
//! fields' public names, as little as possible of what is absent.

use std::fmt::{Display, Write as _};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use tcpphase::label::label;
use tcpphase::verdict::{method_name, Duration, Note, Notes, Probing, Summary, Verdict};
use tcpphase::Classifier;
use tcpphase::{note, words};
use tcpphase_tests::{capture, play};

fn main() -> std::io::Result<()> {
    let mut paths: Vec<PathBuf> = Vec::new();
    for argument in std::env::args_os().skip(1) {
        find(Path::new(&argument), &mut paths)?;
    }
    paths.sort();
    let mut output = BufWriter::new(std::io::stdout().lock());
    for path in paths {
        writeln!(output, "== {}", path.display())?;
        let is_script = path.extension().map_or(false, |end| end == "pkt");
        let lines = if is_script { script(&path) } else { of_capture(&path) };
        output.write_all(lines.as_bytes())?;
    }
    output.flush()
}

/// The captures and scripts in a folder and those below.
fn find(path: &Path, found: &mut Vec<PathBuf>) -> std::io::Result<()> {
    if path.is_dir() {
        for file in std::fs::read_dir(path)? {
            find(&file?.path(), found)?;
        }
        return Ok(());
    }
    let name = path.to_string_lossy();
    let name = name.strip_suffix(".gz").unwrap_or(&name);
    if [".pcap", ".pcapng", ".cap", ".pkt", ".trace"]
        .iter()
        .any(|end| name.ends_with(end))
    {
        found.push(path.to_path_buf());
    }
    Ok(())
}

fn of_capture(path: &Path) -> String {
    let mut classifier = Classifier::new();
    let (mut lines, mut segments) = (Vec::new(), Vec::new());
    let (mut last_frame, mut index) = (0, 0);
    for packet in capture::read(path) {
        packet.show(&mut classifier, packet.frame);
        if packet.quoted {
            continue;
        }
        index = if packet.frame == last_frame { index + 1 } else { 0 };
        last_frame = packet.frame;
        // One without a readable header is kept under the number that stands where its sequence number would.
        let verdict = classifier.verdict(packet.frame, index, packet.sequence());
        lines.push(verdict.as_ref().map_or_else(|| "nothing".to_string(), segment));
        segments.push((packet.frame, index, packet.sequence()));
    }
    let mut text = String::new();
    for ((frame, index, sequence), line) in segments.into_iter().zip(lines) {
        let hindsight = classifier
            .verdict(frame, index, sequence)
            .map_or_else(String::new, |verdict| hindsight(&verdict));
        let _ = writeln!(text, "{frame}.{index} {line}{hindsight}");
    }
    summaries(&classifier, &mut text);
    text
}

fn script(path: &Path) -> String {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    let mut lines = String::new();
    play::follow(&text, |heading, classifier, verdicts| {
        let _ = writeln!(lines, "-- {heading}");
        for (at, verdict) in verdicts {
            let now = verdict
                .as_ref()
                .and_then(|verdict| classifier.verdict(verdict.frame, 0, verdict.sequence));
            let said = verdict.as_ref().map_or_else(|| "nothing".to_string(), segment);
            let _ = writeln!(lines, "{at} {said}{}", now.as_ref().map_or_else(String::new, hindsight));
        }
        summaries(classifier, &mut lines);
    });
    lines
}

fn summaries(classifier: &Classifier, text: &mut String) {
    for number in 0.. {
        match classifier.summary(number) {
            Some(summary) => {
                let _ = writeln!(text, "[{number}] {}", connection(&summary));
            }
            None => return,
        }
    }
}

/// Collects `field=value`.
#[derive(Default)]
struct Fields(String);

impl Fields {
    fn add(&mut self, name: &str, value: impl Display) {
        let _ = write!(self.0, " {name}={value}");
    }

    fn option(&mut self, name: &str, value: Option<impl Display>) {
        if let Some(value) = value {
            self.add(name, value);
        }
    }

    fn flag(&mut self, name: &str, value: bool) {
        if value {
            self.add(name, 1);
        }
    }

    fn count(&mut self, name: &str, value: u32) {
        if value > 0 {
            self.add(name, value);
        }
    }

    fn time(&mut self, name: &str, value: Option<Duration>) {
        self.option(name, value);
    }
}

/// What is said of a segment from what came before.
fn segment(verdict: &Verdict) -> String {
    let facts = verdict.facts();
    let mut fields = Fields(label(verdict));
    let steps: Vec<&str> = verdict.steps.iter().map(|step| step.name()).collect();
    fields.add("step", steps.join(","));
    fields.option("connection", verdict.connection);
    fields.add("sender", verdict.sender.name());
    fields.add("sender_basis", verdict.basis.name());
    fields.flag("retransmission", verdict.retransmission);
    fields.flag("inferred", verdict.inferred);
    fields.flag("after_gap", verdict.after_gap);
    fields.option("close.initiator", verdict.initiator.map(|initiator| initiator.name()));
    fields.time("close.idle", facts.close_idle);
    fields.option("duplicate_of", facts.duplicate_of);
    let handshake = facts.handshake;
    fields.option("handshake.syn_frame", handshake.syn_frame);
    fields.option("handshake.synack_frame", handshake.synack_frame);
    fields.time("handshake.time", handshake.time);
    fields.time("handshake.server_time", handshake.server_time);
    fields.time("handshake.client_time", handshake.client_time);
    fields.option("handshake.attempt", handshake.attempt);
    let keep_alive = facts.keep_alive;
    fields.option("keepalive.status", keep_alive.status.map(|status| status.name()));
    fields.option("keepalive.layer", keep_alive.layer.map(|layer| layer.name()));
    fields.option("keepalive.number", keep_alive.number);
    fields.time("keepalive.idle", keep_alive.idle);
    fields.time("keepalive.interval", keep_alive.interval);
    fields.option("keepalive.probe_frame", keep_alive.probe_frame);
    fields.time("keepalive.response_time", keep_alive.response_time);
    fields.option("keepalive.context", keep_alive.context.map(|context| context.name()));
    let tls = facts.tls;
    fields.option("tls.version", tls.version.map(|version| format!("{version:#06x}")));
    fields.flag("tls.resumed", tls.resumed);
    fields.flag("tls.complete", tls.complete);
    fields.flag("tls.hello_spans", tls.hello_spans);
    fields.time("tls.time", tls.time);
    fields.option("tls.failed_by", tls.failed_by.map(|side| side.name()));
    http(verdict, &mut fields);
    fields.option(
        "http.unfinished",
        verdict.facts().http.unfinished.map(|what| what.name()),
    );
    notes(verdict, verdict.notes(), &mut fields);
    fields.0
}

fn http(verdict: &Verdict, fields: &mut Fields) {
    let http = verdict.facts().http;
    let more = http.more_messages.iter().copied().take_while(|&number| number > 0);
    let numbers: Vec<String> = verdict
        .message
        .into_iter()
        .chain(more)
        .map(|number| number.to_string())
        .collect();
    if !numbers.is_empty() {
        fields.add("http.message", numbers.join(","));
    }
    fields.option("http.persistent", http.persistent.map(|persistent| persistent.name()));
    fields.option("http.persistent_basis", http.basis.map(|basis| basis.name()));
    fields.option("method", Some(method_name(http.method)).filter(|name| !name.is_empty()));
    fields.option("status", http.status);
    fields.option("http.request_frame", http.request_frame);
    fields.time("http.response_time", http.response_time);
    fields.time("http.timeout", http.timeout);
    fields.time("mqtt.keep_alive", verdict.facts().mqtt_keep_alive);
}

fn notes(verdict: &Verdict, notes: Notes, fields: &mut Fields) {
    for &kind in Note::ALL.iter().filter(|&&kind| notes.contains(kind)) {
        fields.add(
            &format!("note.{}", kind.name()),
            note::text(verdict, kind).unwrap_or_default(),
        );
    }
}

/// What is said of it once later ones are known.
fn hindsight(verdict: &Verdict) -> String {
    let mut fields = Fields::default();
    fields.option("keepalive.answer_frame", verdict.facts().keep_alive.answer_frame);
    fields.option("http.response_frame", verdict.facts().http.response_frame);
    fields.0
}

fn connection(summary: &Summary) -> String {
    let mut fields = Fields::default();
    fields.add("conn.opened", summary.opened.name());
    fields.add("conn.ended", summary.ended.name());
    fields.add("conn.closed_by", summary.closed_by.name());
    fields.option("conn.reset_by", summary.reset_by.map(|by| by.name()));
    fields.option("conn.unanswered_by", summary.unanswered_by.map(|by| by.name()));
    fields.option("conn.waits_for", summary.waits_for.map(|side| side.name()));
    fields.flag("conn.one_direction", summary.one_direction);
    fields.time("conn.duration", Some(summary.duration));
    fields.time("conn.setup_time", summary.setup_time);
    fields.time("conn.max_idle", summary.max_idle);
    fields.time("conn.idle_at_end", summary.end_idle);
    fields.count("conn.syn_attempts", summary.syn_attempts);
    fields.option("client_is_higher", summary.client_is_higher);
    fields.count("conn.keepalives", summary.keep_alives);
    fields.count("conn.keepalives_answered", summary.keep_alives_answered);
    fields.count("keepalive.unanswered_max", summary.unanswered_max);
    fields.option(
        "keepalive.verdict",
        summary.keep_alive_verdict.map(|verdict| verdict.name()),
    );
    fields.option(
        "conn.tls_version",
        summary.tls_version.map(|version| format!("{version:#06x}")),
    );
    fields.flag("conn.tls_resumed", summary.tls_resumed);
    fields.time("conn.tls_time", summary.tls_time);
    if let Some(end) = summary.tls_end {
        fields.add("conn.tls_outcome", end.outcome.name());
        fields.option("conn.tls_failed_by", end.failed_by.map(|by| by.name()));
        fields.option("conn.tls_alert", end.alert);
        fields.option("conn.tls_after", end.after.map(|step| step.name()));
        fields.flag("conn.tls_inferred", end.inferred);
    }
    if let Some(names) = &summary.tls_names {
        fields.option("conn.server_name", names.server_name().map(words::escaped));
        fields.flag("conn.encrypted_hello", names.has_encrypted_hello());
        fields.option("conn.alpn", names.protocols().map(words::escaped));
        fields.flag("conn.alpn_chosen", names.is_protocol_chosen());
    }
    for (side, traffic) in ["lower", "higher"].iter().zip(summary.traffic) {
        fields.add(&format!("conn.{side}.octets"), traffic.octets);
        fields.add(&format!("conn.{side}.segments"), traffic.segments);
        fields.count(&format!("conn.{side}.retransmitted"), traffic.retransmitted);
    }
    fields.time("conn.round_trip", summary.round_trip);
    fields.count("conn.messages", summary.messages);
    if let Some(details) = &summary.details {
        fields.time("conn.slowest_response", details.slowest_response);
        fields.time("conn.http_timeout", details.http_timeout);
        fields.time("conn.mqtt_keep_alive", details.mqtt_keep_alive);
        probing("keepalive", &details.probing, &mut fields);
        if let Some(above) = &details.probing_above {
            probing("keepalive.above", above, &mut fields);
            fields.option("keepalive.above.layer", details.layer_above.map(|layer| layer.name()));
        }
    }
    fields.0
}

fn probing(name: &str, sides: &[Probing; 2], fields: &mut Fields) {
    for (side, probing) in ["lower", "higher"].iter().zip(sides) {
        fields.time(&format!("{name}.{side}.idle"), probing.idle);
        fields.time(&format!("{name}.{side}.interval"), probing.interval);
        fields.count(&format!("{name}.{side}.unanswered_max"), probing.unanswered_max);
    }
}
