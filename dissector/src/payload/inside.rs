//! TLS, and the protocol within it where Wireshark holds the keys.
//!
//! Decrypted records come after the segment that they end in, so what the segment said without them is told anew
//! (T12). A FIN behind the last record waits for it.

use super::first::First;
use super::{Reader, Report, SWITCHES};
use crate::application::Octets;
use crate::connection::Direction;
use crate::heartbeat::Heartbeats;
use crate::reassembly::Came;
use crate::tls::{self, Alpn, Plaintext, Tls, Within};
use crate::verdict::{Layer, Steps, Time};

/// TLS on one connection.
#[derive(Clone, Debug)]
pub struct TlsReader {
    pub tls: Tls,
    pub heartbeats: Heartbeats,
    /// Octets that are not TLS, as long as they may become HTTP.
    pub in_clear: Option<Box<(Direction, First)>>,
    /// Octets of another protocol stood before it, and its server has not answered yet.
    pub unconfirmed: bool,
    inside: Option<Box<Inside>>,
    /// By direction: the last records that keys may open were not opened.
    unopened: [bool; 2],
}

/// The protocol within.
#[derive(Clone, Debug)]
struct Inside {
    reader: Reader,
    /// The client's early data are part of it.
    early: bool,
    /// The end of a direction, not heard of yet, and whether it was an RST.
    ending: Option<(Direction, bool, Time)>,
}

/// A segment whose records have been opened.
#[derive(Clone, Copy, Debug)]
pub struct Unsealed<'a> {
    pub direction: Direction,
    pub time: Time,
    pub frame: u32,
    /// What it said without keys.
    pub heartbeat: Option<tls::Heartbeat>,
    pub records: &'a [Plaintext<'a>],
}

impl TlsReader {
    pub fn new(tls: Tls) -> TlsReader {
        TlsReader {
            tls,
            heartbeats: Heartbeats::new(0, true),
            in_clear: None,
            unconfirmed: false,
            inside: None,
            unopened: [false; 2],
        }
    }

    /// TLS that begins behind octets of another protocol.
    pub fn behind_others() -> TlsReader {
        TlsReader { unconfirmed: true, ..TlsReader::new(Tls::new()) }
    }

    /// Reads octets as they are on the wire.
    pub fn reads(&mut self, octets: &Octets, before_fin: bool, report: &mut Report) {
        let Octets { direction, captured, missing, time, frame } = *octets;
        self.settles();
        let outcome = report.tls.get_or_insert_with(Default::default);
        let octets = tls::Octets { direction, captured, missing, time, before_fin };
        let told = outcome.findings.heartbeats;
        self.tls.octets(&octets, outcome);
        self.unconfirmed &= outcome.findings.not_tls || self.tls.client() != Some(direction.reverse());
        let findings = outcome.findings;
        self.takes_heartbeats(&findings, told, direction, Came { time, frame }, report);
        if findings.heartbeat.is_none() && findings.is_beyond_heartbeats() {
            self.heartbeats.other(time, true);
        }
        self.unopened[direction as usize] |= self.tls.is_sealed();
        report.layer = Some(Layer::Tls);
    }

    /// Takes octets of a segment that are nothing but application data. Whether records end in them; none if there can be
    /// anything else.
    pub fn takes_data(&mut self, direction: Direction, captured: &[u8], time: Time) -> Option<bool> {
        self.settles();
        if self.unconfirmed || !self.tls.takes_data(direction, captured, time) {
            return None;
        }
        self.heartbeats.other(time, true);
        let sealed = self.tls.is_sealed();
        self.unopened[direction as usize] |= sealed;
        Some(sealed)
    }

    /// The heartbeat messages of a segment but those told before, the last one's kind last.
    fn takes_heartbeats(
        &mut self,
        findings: &tls::Findings,
        told: [u16; 2],
        direction: Direction,
        came: Came,
        report: &mut Report,
    ) {
        let Came { time, frame } = came;
        let responds_last = findings.heartbeat == Some(tls::Heartbeat::Response);
        for responds in [!responds_last, responds_last] {
            for _ in told[usize::from(responds)]..findings.heartbeats[usize::from(responds)] {
                let heartbeat = if responds {
                    self.heartbeats.answers(direction, time)
                } else {
                    self.heartbeats.probes(direction, time, frame)
                };
                report.outcome.takes_heartbeat(heartbeat, frame);
            }
        }
    }

    /// A FIN or RST.
    pub fn ends(&mut self, direction: Direction, by_reset: bool, time: Time, report: &mut Report) {
        self.settles();
        self.tls.ends(direction, by_reset, time, report.tls.get_or_insert_with(Default::default));
        if let Some(inside) = &mut self.inside {
            inside.ending = Some((direction, by_reset, time));
        }
    }

    /// The segment before has no more to say: its FIN has its turn.
    pub fn settles(&mut self) {
        if let Some(inside) = &mut self.inside {
            if let Some((direction, by_reset, time)) = inside.ending.take() {
                inside.reader.ends(direction, by_reset, time, &mut Report::default());
            }
        }
    }

    /// The protocol within, if any of it could be read.
    pub(super) fn within(&self) -> Option<&Reader> {
        self.inside.as_ref().map(|inside| &inside.reader)
    }

    /// Whether a direction of the protocol within can no longer be read.
    pub fn is_unheard(&self, direction: Direction) -> bool {
        self.inside.is_some() && self.unopened[direction as usize]
    }

    /// Where the verdict of a frame keeps what hindsight fills in.
    pub fn remember_place(&mut self, frame: u32, place: u32) {
        self.heartbeats.remember_place(frame, place);
        if let Some(inside) = &mut self.inside {
            inside.reader.remember_place(frame, place);
        }
    }

    /// Tells a segment anew, its records decrypted.
    pub fn unseals(&mut self, unsealed: &Unsealed) -> Report {
        let Unsealed { direction, time, frame, .. } = *unsealed;
        let mut report = Report::default();
        self.unopened[direction as usize] = false;
        let TlsReader { tls, inside, .. } = self;
        let findings = tls.plaintext(direction, unsealed.records, &mut |within| match within {
            Within::Data { octets, early, early_rejected, selected } => {
                let restarts = |inside: &Inside| inside.early && early_rejected && !early;
                if inside.as_deref().map_or(false, restarts) {
                    *inside = None;
                }
                let inside = inside.get_or_insert_with(|| Box::new(Inside::new(selected)));
                inside.early |= early;
                inside.reads(&Octets { direction, captured: octets, missing: 0, time, frame }, &mut report)
            }
            Within::Gap => {
                match inside {
                    Some(inside) => inside.reader.gap(direction, None),
                    None => *inside = Some(Box::new(Inside::midway())),
                }
                Steps::default()
            }
            Within::End => {
                if let Some(inside) = inside {
                    inside.reader.ends(direction, false, time, &mut Report::default());
                }
                Steps::default()
            }
        });
        self.settles();
        if unsealed.heartbeat.is_none() && findings.heartbeat.is_some() {
            self.takes_heartbeats(&findings, [0; 2], direction, Came { time, frame }, &mut report);
            report.layer = Some(Layer::Tls);
        }
        report.tls = Some(tls::Outcome::from(findings));
        report
    }
}

impl Inside {
    fn new(selected: Alpn) -> Inside {
        let reader = if selected == Alpn::H2 { Reader::Http2(Box::default()) } else { Reader::undecided(false, None) };
        Inside { reader, early: false, ending: None }
    }

    /// The first octets are not known.
    fn midway() -> Inside {
        Inside { reader: Reader::undecided(true, None), early: false, ending: None }
    }

    /// Reads application data. Returns their steps.
    fn reads(&mut self, octets: &Octets, report: &mut Report) -> Steps {
        let before = std::mem::take(&mut report.outcome.steps);
        self.reader.reads(octets, false, report, SWITCHES);
        let mut steps = std::mem::take(&mut report.outcome.steps);
        if let Some(tls) = report.tls.take() {
            report.handshake_within |= tls.findings.handshake;
            report.outcome.inferred |= tls.findings.inferred;
            report.outcome.beyond_heartbeats |= !tls.findings.is_heartbeat_only();
            tls.findings.steps.iter().for_each(|step| steps.push(step));
        }
        report.outcome.steps = before;
        steps.iter().for_each(|step| report.outcome.steps.push(step));
        steps
    }
}
