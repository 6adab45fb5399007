//! Conversations as text, one segment a line, in a notation close to packetdrill's:
//!
//! ```text
//! == O1 the same ISN again is a retransmission, numbered
//! 0     > S  0:0(0) <mss 1460,sackOK>  | TCP handshake 1/3 SYN
//! +1    > S  0:0(0) <mss 1460,sackOK>  | TCP handshake 1/3 SYN (again) {handshake.attempt=2 note=syn_retransmitted}
//! = opened Incomplete, syn_attempts 2
//! ```
//!
//! **Heading** A case begins with `==` and the rules that it shows. `(silent)` in it: the RFCs leave it open, and what is
//! expected was decided here (`dissector/RULES.md`). `(IPv4)`: only IPv4 has what the case needs.
//!
//! **Segment** Time in seconds from the beginning of the case, or `+` seconds since the line before; `>` from the side
//! A, `<` from the side B; flags `S F R P . U E W A` (`.` is ACK, `A` is AE) or `-`; `SEQ:END(LENGTH)`, `ack N`, `win N`
//! (as on the wire, 64240 when absent), `<options>`, and in brackets what else there is to say. Sequence numbers count
//! from the initial one of the side whose octets they count; `=N` is a number as on the wire.
//!
//! **Options** `mss N`, `wscale N`, `sackOK`, `sack FROM:TO`, `TS val N ecr N`, `FO HEX`, `FOEXP HEX`, `nop`,
//! `opt KIND:HEX`.
//!
//! **Brackets** `[flow N]` other ports; `[id N]` the IPv4 identification (else each segment has its own); `[snap N]`
//! only N octets of the segment were captured; `[length N]` the segment's length when sent; `[offset N]` a data offset
//! that does not fit; `[raw HEX]` nothing but these octets; `[octets HEX]` the payload; `[quoted]` in an ICMP error;
//! `[fragment]` the first of a datagram that is not complete; `[frame N]` another frame number than the next; `[same
//! frame]` in one frame with the segment before; `[timeless]` no time was captured.
//!
//! **Expected** After `|` the label, or `*` where nothing is expected. It says the phase, `?` for inferred and
//! `(again)` for retransmission; these are compared with the verdict itself too. In braces follow facts by their field
//! names. `after_gap`, `duplicate_of`, `connection` (0 when absent) and notes are compared even when they are not
//! mentioned, `=none` says that a fact is absent and `=any` that it does not matter. Facts may go on over
//! several lines.
//!
//! **Summary** `= opened Handshake, ended Open, ...` is what is known of the connection where the line stands;
//! `= [1] ...` of connection 1; `= notes NAME N` counts a note in the whole case so far.
//!
//! **Prologues** `open` is a handshake without scaled windows (frames 1 to 3, at 0, 0.01 and 0.02 s), `open scaled` one
//! with a factor of 128 and windows of 502; `exchange` a request of 100 octets, its response of 200 and an ACK (at
//! 0.1, 0.12 and 0.13 s).

mod reader;

pub use reader::duration;
use reader::Reader;

/// Nanoseconds.
pub type Nanoseconds = i64;

/// A case of a script.
#[derive(Clone, Debug)]
pub struct Case {
    /// What it shows.
    pub heading: String,
    /// Where it begins.
    pub line: usize,
    /// What happens.
    pub items: Vec<Item>,
}

/// A line of a case.
#[derive(Clone, Debug)]
pub struct Item {
    /// The line's number.
    pub line: usize,
    /// The line as written.
    pub text: String,
    /// What it says.
    pub content: Content,
}

/// What a line says.
#[derive(Clone, Debug)]
pub enum Content {
    /// A segment and what is expected of it.
    Segment(Box<Sent>, Expected),
    /// A connection, and what is expected of it: fields and values.
    Summary(u32, Vec<Fact>),
    /// How often a note has been given so far.
    NoteCount(String, usize),
}

/// A number as the script says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Number {
    /// Counted from the initial sequence number.
    Relative(i64),
    /// As on the wire.
    Absolute(u32),
}

/// An option of a segment.
#[derive(Clone, Debug)]
pub enum SegmentOption {
    /// Ready octets.
    Octets(Vec<u8>),
    /// A selective acknowledgement of the peer's octets.
    Sack(Number, Number),
}

/// A segment as the script says it.
#[derive(Clone, Debug)]
pub struct Sent {
    /// Since the beginning of the case.
    pub time: Option<Nanoseconds>,
    /// From the side A.
    pub from_a: bool,
    /// Flags of the header.
    pub flags: u16,
    /// Sequence number.
    pub sequence: Number,
    /// Octets of payload.
    pub length: u32,
    /// Acknowledgement number.
    pub acknowledgement: Option<Number>,
    /// Window as on the wire.
    pub window: u16,
    /// Options in their order.
    pub options: Vec<SegmentOption>,
    /// `[flow N]`
    pub flow: u16,
    /// `[id N]`
    pub identification: Option<u16>,
    /// `[snap N]`
    pub snap: Option<usize>,
    /// `[length N]`
    pub reported: Option<u32>,
    /// `[offset N]`
    pub offset: Option<u8>,
    /// `[raw HEX]`
    pub raw: Option<Vec<u8>>,
    /// `[octets HEX]`
    pub payload: Option<Vec<u8>>,
    /// `[quoted]`
    pub quoted: bool,
    /// `[fragment]`
    pub fragment: bool,
    /// `[frame N]`
    pub frame: Option<u32>,
    /// `[same frame]`
    pub same_frame: bool,
}

/// What is expected of a segment.
#[derive(Clone, Debug)]
pub struct Expected {
    /// The label; none where nothing is expected.
    pub label: Option<String>,
    /// Further facts.
    pub facts: Vec<Fact>,
}

/// A fact and its value: `retransmission` is a fact without one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    /// The field's name without the prefix.
    pub name: String,
    /// The value, as written.
    pub value: String,
}

impl Expected {
    /// The value of a fact.
    pub fn value(&self, name: &str) -> Option<&str> {
        self.facts
            .iter()
            .find(|fact| fact.name == name)
            .map(|fact| fact.value.as_str())
    }

    /// All the values of a fact.
    pub fn values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.facts
            .iter()
            .filter(move |fact| fact.name == name)
            .map(|fact| fact.value.as_str())
    }
}

const OPEN: &str = "\
0    > S  0:0(0)       <mss 1460,sackOK> | TCP handshake 1/3 SYN
0.01 < S. 0:0(0) ack 1 <mss 1460,sackOK> | TCP handshake 2/3 SYN-ACK
0.02 > .  1:1(0) ack 1                   | TCP handshake 3/3 ACK";

const OPEN_SCALED: &str = "\
0    > S  0:0(0)       <mss 1460,wscale 7> | TCP handshake 1/3 SYN
0.01 < S. 0:0(0) ack 1 <mss 1460,wscale 7> | TCP handshake 2/3 SYN-ACK
0.02 > .  1:1(0) ack 1 win 502             | TCP handshake 3/3 ACK";

const EXCHANGE: &str = "\
0.1  > P. 1:101(100) ack 1   | Data
0.12 < P. 1:201(200) ack 101 | Data
0.13 > .  101:101(0) ack 201 | Data ACK";

/// Reads a script.
pub fn cases(text: &str) -> Result<Vec<Case>, String> {
    let mut cases: Vec<Case> = Vec::new();
    let mut reader = Reader::default();
    for (number, line) in joined(text) {
        let fault = |fault: String| format!("line {number}: {fault}\n  {line}");
        if let Some(heading) = line.strip_prefix("==") {
            cases.push(Case {
                heading: heading.trim().to_string(),
                line: number,
                items: Vec::new(),
            });
            reader = Reader::default();
            continue;
        }
        let case = cases.last_mut().ok_or_else(|| fault("no heading yet".to_string()))?;
        let prologue = match line.as_str() {
            "open" => Some(OPEN),
            "open scaled" => Some(OPEN_SCALED),
            "exchange" => Some(EXCHANGE),
            _ => None,
        };
        for text in prologue.unwrap_or(&line).lines() {
            let content = reader.line(text).map_err(fault)?;
            case.items.push(Item {
                line: number,
                text: text.to_string(),
                content,
            });
        }
        if line == "open scaled" {
            reader.window = 502;
        }
    }
    Ok(cases)
}

/// The lines that say something, with those that go on in braces put together.
fn joined(text: &str) -> Vec<(usize, String)> {
    let mut lines: Vec<(usize, String)> = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let line = line.trim();
        match lines.last_mut() {
            _ if line.is_empty() || line.starts_with('#') => {}
            Some((_, last)) if line.starts_with('{') || last.contains('{') && !last.contains('}') => {
                last.push(' ');
                last.push_str(line);
            }
            _ => lines.push((index + 1, line.to_string())),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::segment as flag;

    fn only(line: &str) -> (Sent, Expected) {
        let cases = cases(&format!("== case\n{line}")).unwrap();
        match cases[0].items[0].content.clone() {
            Content::Segment(sent, expected) => (*sent, expected),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_line_is_read() {
        let (sent, expected) =
            only("0.5 < FP. 1:11(10) ack 7 win 9 <mss 536,sack 1:2> [id 3] | Close X? {a=1 b=x, y inferred}");
        assert_eq!((sent.time, sent.from_a, sent.window), (Some(500_000_000), false, 9));
        assert_eq!(sent.flags, flag::FIN | flag::PSH | flag::ACK);
        assert_eq!((sent.sequence, sent.length), (Number::Relative(1), 10));
        assert_eq!(
            (sent.acknowledgement, sent.identification),
            (Some(Number::Relative(7)), Some(3))
        );
        assert_eq!(sent.options.len(), 2);
        assert_eq!(expected.label.as_deref(), Some("Close X?"));
        assert_eq!(
            (expected.value("b"), expected.value("inferred")),
            (Some("x, y"), Some("true"))
        );
    }

    #[test]
    fn mistakes_are_not_swallowed() {
        for line in [
            "0 > S 0:0(0)",
            "0 > S 0:0(0) |",
            "0 > S 0:1(0) | Data",
            "0 > . 0:0(0) | Data",
            "0 > SX 0:0(0) | Data",
            "0 ? S 0:0(0) | Data",
            "0 > S 0:0(0) <mess 2> | Data",
            "0 > S 0:0(0) [odd] | Data",
            "0 > S 0:0(0) | Data {b} c",
            "0.1234567891 > S 0:0(0) | Data",
        ] {
            assert!(cases(&format!("== case\n{line}")).is_err(), "{line}");
        }
        assert!(cases("0 > S 0:0(0) | Data").is_err());
    }
}
