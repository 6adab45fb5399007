//! Rule G7: cutting a stream differently changes no step, total, completion or message number. The streams are those of
//! the project's captures, cut at random and octet by octet.

use std::collections::{BTreeMap, BTreeSet};
use tcpphase::verdict::{Opened, Phase, Step, Summary, Verdict};
use tcpphase::Classifier;
use tcpphase_tests::capture::{captures, read as read_all, Packet};
use tcpphase_tests::random::Random;

const FIN: u8 = 0x01;
const SYN: u8 = 0x02;
const RST: u8 = 0x04;
const PSH: u8 = 0x08;
/// How often each capture is cut at random.
const ROUNDS: u64 = 12;
/// A verdict keeps 15 steps: with fewer than this none was left out.
const COMPLETE: usize = 12;

/// What is said of a capture: of each packet the verdicts on its pieces, and of each connection.
struct Told {
    verdicts: Vec<Vec<Verdict>>,
    summaries: Vec<Option<Summary>>,
}

/// Shows the packets, each in the pieces that `cuts` gives.
fn tell(packets: &[Packet], mut cuts: impl FnMut(usize, &Packet) -> Vec<usize>) -> Told {
    let mut classifier = Classifier::new();
    let mut frame = 0;
    let mut places = Vec::new();
    for (number, packet) in packets.iter().enumerate() {
        let pieces = pieces(packet, &cuts(number, packet));
        places.push(Vec::new());
        for piece in pieces {
            frame += 1;
            piece.show(&mut classifier, frame);
            places[number].push((frame, piece.sequence()));
        }
    }
    let verdict = |&(frame, sequence): &(u32, u32)| classifier.verdict(frame, 0, sequence).expect("a verdict");
    let verdicts: Vec<Vec<Verdict>> = places
        .iter()
        .map(|places| places.iter().map(verdict).collect())
        .collect();
    let connections = verdicts
        .iter()
        .flatten()
        .filter_map(|verdict| verdict.connection)
        .max()
        .map_or(0, |last| last + 1);
    let summaries = (0..connections)
        .map(|connection| classifier.summary(connection))
        .collect();
    Told { verdicts, summaries }
}

fn pieces(packet: &Packet, cuts: &[usize]) -> Vec<Packet> {
    if cuts.is_empty() {
        return vec![packet.clone()];
    }
    let (header, payload) = packet.octets.split_at(packet.payload_offset());
    let bounds: Vec<usize> = [0].iter().chain(cuts).chain(&[payload.len()]).copied().collect();
    let mut pieces = Vec::new();
    for bound in bounds.windows(2) {
        let mut octets = [header, &payload[bound[0]..bound[1]]].concat();
        octets[4..8].copy_from_slice(&packet.sequence().wrapping_add(bound[0] as u32).to_be_bytes());
        if bound[1] < payload.len() {
            octets[13] &= !(FIN | PSH);
        }
        let reported_length = octets.len() as u32;
        pieces.push(Packet {
            octets,
            reported_length,
            identification: None,
            ..packet.clone()
        });
    }
    pieces
}

/// Connections in which every octet came once and in order: of others a piece may tell what the whole does not, and
/// where a segment begins decides where the place in the stream is found again (G2).
fn plain_connections(packets: &[Packet], whole: &Told) -> BTreeSet<u32> {
    let mut plain = BTreeSet::new();
    let mut others = BTreeSet::new();
    let mut of_ends = BTreeMap::new();
    for (packet, verdicts) in packets.iter().zip(&whole.verdicts) {
        let verdict = &verdicts[0];
        let connection = match verdict.connection {
            Some(connection) => connection,
            None => continue,
        };
        let cut_short = packet.octets.len() < packet.reported_length as usize;
        let windows = [Step::ZeroWindow, Step::ZeroWindowProbe, Step::ZeroWindowProbeAck];
        let odd = verdict.retransmission
            || verdict.after_gap
            || verdict.facts().duplicate_of.is_some()
            || cut_short
            || packet.flags() & (SYN | RST) != 0 && !packet.payload().is_empty()
            || windows.iter().any(|&step| verdict.steps.contains(step))
            // Ports used again.
            || *of_ends.entry(packet.ends()).or_insert(connection) != connection;
        let midway = whole.summaries[connection as usize]
            .as_ref()
            .map_or(true, |summary| summary.opened == Opened::Midway);
        plain.insert(connection);
        if odd || midway {
            others.insert(connection);
        }
    }
    &plain - &others
}

/// The steps of the pieces together, without what cutting may add: octets that do not tell yet, a body behind its
/// head's segment, a response whose status is not there yet.
fn together(pieces: &[Verdict], whole: &Verdict) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    for step in pieces.iter().flat_map(|verdict| verdict.steps.iter()) {
        let last = steps.last().copied();
        let extra = match step {
            Step::HttpRequestBody => last == Some(Step::HttpRequest),
            Step::HttpResponseBody => last.map_or(false, |last| (42..=46).contains(&(last as u8)) && last != step),
            // A header of WebSocket alone, behind which MQTT begins.
            Step::WebSocketData => !whole.steps.contains(step),
            Step::Data | Step::HalfCloseData | Step::Http2Frames => !whole.steps.contains(step),
            _ => false,
        };
        if matches!(step, Step::HttpUpgrade | Step::HttpInterimResponse | Step::HttpTunnel)
            && last == Some(Step::HttpResponse)
            && whole.steps.iter().nth(steps.len() - 1) != last
        {
            steps.pop();
        }
        if !extra && steps.last() != Some(&step) {
            steps.push(step);
        }
    }
    steps
}

fn messages<'a>(verdicts: impl IntoIterator<Item = &'a Verdict>) -> Vec<u32> {
    let mut numbers = Vec::new();
    for verdict in verdicts {
        numbers.extend(verdict.message);
        numbers.extend(verdict.facts().http.more_messages.iter().filter(|&&number| number > 0));
    }
    numbers.dedup();
    numbers
}

/// TLS: the version, whether it resumes, completes and fails here, and how long it took.
fn handshake(verdicts: &[Verdict]) -> String {
    let facts: Vec<_> = verdicts.iter().map(|verdict| verdict.facts().tls).collect();
    let time = facts.iter().find_map(|facts| facts.time);
    let failure = facts
        .iter()
        .find_map(|facts| facts.failed_by.map(|by| (by, facts.cause, facts.after, facts.alert)));
    let complete = facts.iter().any(|facts| facts.complete);
    let last = facts.last().expect("a verdict");
    format!(
        "version {:?} resumed {} complete {complete} {time:?} failed {failure:?}",
        last.version, last.resumed
    )
}

/// Compares; tells the first difference.
fn compare(plain: &BTreeSet<u32>, whole: &Told, cut: &Told) -> Result<(), String> {
    for (number, (one, pieces)) in whole.verdicts.iter().zip(&cut.verdicts).enumerate() {
        let one = &one[0];
        if !one.connection.map_or(false, |connection| plain.contains(&connection)) {
            continue;
        }
        let expected: Vec<Step> = one.steps.iter().collect();
        let found = if pieces.len() == 1 {
            pieces[0].steps.iter().collect()
        } else {
            together(pieces, one)
        };
        let last = pieces.last().expect("a verdict");
        let pairs = [
            (format!("{expected:?}"), format!("{found:?}")),
            (format!("{:?}", messages([one])), format!("{:?}", messages(pieces))),
            (handshake(std::slice::from_ref(one)), handshake(pieces)),
            (
                format!("{:?} {:?}", one.connection, one.sender),
                format!("{:?} {:?}", last.connection, last.sender),
            ),
        ];
        let phase = one.phase == last.phase || one.phase == Phase::TcpHandshake || expected.len() > 1;
        let differs = pairs.iter().find(|(one, other)| one != other);
        if let (Some((one, other)), true) = (differs, expected.len() < COMPLETE) {
            return Err(format!("segment {number}: whole {one}, cut {other}"));
        }
        if !phase {
            return Err(format!("segment {number}: whole {:?}, cut {:?}", one.phase, last.phase));
        }
    }
    let farewells = farewells(whole);
    for &connection in plain {
        let summary = |told: &Told| {
            let mut summary = told.summaries[connection as usize].clone();
            if let Some(summary) = summary.as_mut() {
                summary
                    .traffic
                    .iter_mut()
                    .for_each(|side| (side.segments, side.retransmitted) = (0, 0));
            }
            if let Some(summary) = summary.as_mut().filter(|_| farewells.contains(&connection)) {
                (summary.end_idle, summary.max_idle) = (None, None);
            }
            summary
        };
        let (one, other) = (summary(whole), summary(cut));
        if one != other {
            return Err(format!("connection {connection}: whole {one:?}, cut {other:?}"));
        }
    }
    Ok(())
}

/// Connections that announce their end, which ends no idle time: a part of that which does not tell yet is traffic.
fn farewells(whole: &Told) -> BTreeSet<u32> {
    let verdicts = whole.verdicts.iter().map(|verdicts| &verdicts[0]);
    verdicts
        .filter(|verdict| verdict.steps.iter().any(Step::is_farewell))
        .filter_map(|verdict| verdict.connection)
        .collect()
}

fn each_capture(cut: impl Fn(&[Packet], &BTreeSet<u32>, &Told) -> Result<(), String>) {
    let (mut faults, mut segments) = (Vec::new(), 0);
    for path in captures() {
        let packets = read(&path);
        let whole = tell(&packets, |_, _| Vec::new());
        let plain = plain_connections(&packets, &whole);
        let counts = |verdict: &&Vec<Verdict>| verdict[0].connection.map_or(false, |number| plain.contains(&number));
        segments += whole.verdicts.iter().filter(counts).count();
        if let Err(fault) = cut(&packets, &plain, &whole) {
            faults.push(format!("{}: {fault}", path.display()));
        }
    }
    assert!(segments > 0, "nothing to cut");
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// Which packets may be cut.
fn is_plain(packet: &Packet, verdict: &Verdict, plain: &BTreeSet<u32>) -> bool {
    packet.payload().len() > 1
        && verdict
            .connection
            .map_or(false, |connection| plain.contains(&connection))
}

#[test]
fn cut_at_random() {
    each_capture(|packets, plain, whole| {
        for round in 0..ROUNDS {
            let mut random = Random::new(round);
            let cut = tell(packets, |number, packet| {
                let length = packet.payload().len() as u64;
                if !is_plain(packet, &whole.verdicts[number][0], plain) || random.once_in(3) {
                    return Vec::new();
                }
                let most = 1 + random.below(5);
                let cuts: BTreeSet<usize> = (0..most).map(|_| 1 + random.below(length - 1) as usize).collect();
                cuts.into_iter().collect()
            });
            compare(plain, whole, &cut).map_err(|fault| format!("round {round}: {fault}"))?;
        }
        Ok(())
    });
}

#[test]
fn octet_by_octet() {
    each_capture(|packets, plain, whole| {
        let cut = tell(packets, |number, packet| {
            match is_plain(packet, &whole.verdicts[number][0], plain) {
                true => (1..packet.payload().len()).collect(),
                false => Vec::new(),
            }
        });
        compare(plain, whole, &cut)
    });
}

/// The segments of a capture that have a verdict: those quoted in ICMP errors have none.
fn read(path: &std::path::Path) -> Vec<Packet> {
    read_all(path).into_iter().filter(|packet| !packet.quoted).collect()
}
