//! Conversations as text, one segment a line, in a notation close to packetdrill's:
//!
//! ```text
//! == O1 the same ISN again is a retransmission, numbered
//! 0     > S  0:0(0) <mss 1460,sackOK>  | TCP handshake 1/3 SYN
//! +1    > S  0:0(0) <mss 1460,sackOK>  | TCP handshake 1/3 SYN (again) {handshake.attempt=2 note=syn_retransmitted}
//! = opened Incomplete, syn_attempts 2
//! ```
//!
//! **Heading** A case begins with `==` and the rules that it shows. `(silent)` in it: the texts leave it open, and the
//! expectation is what a network engineer would expect. `(IPv4)`: only IPv4 has what the case needs.
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

use crate::segment as flag;

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

/// What the reader keeps from line to line.
struct Reader {
    time: Nanoseconds,
    window: u16,
}

impl Default for Reader {
    fn default() -> Reader {
        Reader { time: 0, window: 64240 }
    }
}

impl Reader {
    fn line(&mut self, line: &str) -> Result<Content, String> {
        if let Some(rest) = line.strip_prefix('=') {
            return summary(rest.trim());
        }
        let (segment, expected) = line.split_once('|').ok_or("nothing is expected: `|` is missing")?;
        let sent = self.sent(segment)?;
        let (label, facts) = match expected.find('{') {
            Some(place) => (&expected[..place], facts(&expected[place..])?),
            None => (expected, Vec::new()),
        };
        let label = Some(label.trim()).filter(|&label| label != "*").map(str::to_string);
        if label.as_deref() == Some("") {
            return Err("the label is missing".to_string());
        }
        Ok(Content::Segment(Box::new(sent), Expected { label, facts }))
    }

    fn sent(&mut self, text: &str) -> Result<Sent, String> {
        let (text, brackets) = cut_out(text, '[', ']')?;
        // The first `<` is not an option's.
        let (time, text) = first_word(&text);
        let (direction, text) = first_word(text);
        self.time = match time.strip_prefix('+') {
            Some(later) => self.time + duration(later)?,
            None => duration(time)?,
        };
        let from_a = match direction {
            ">" => true,
            "<" => false,
            other => return Err(format!("direction {other:?}")),
        };
        let (text, options) = cut_out(text, '<', '>')?;
        let mut sent = Sent {
            time: Some(self.time),
            from_a,
            flags: 0,
            sequence: Number::Relative(0),
            length: 0,
            acknowledgement: None,
            window: self.window,
            options: Vec::new(),
            flow: 0,
            identification: None,
            snap: None,
            reported: None,
            offset: None,
            raw: None,
            payload: None,
            quoted: false,
            fragment: false,
            frame: None,
            same_frame: false,
        };
        for bracket in &brackets {
            sent.bracket(bracket)?;
        }
        for option in options.iter().flat_map(|options| options.split(',')) {
            sent.options.push(segment_option(option.trim())?);
        }
        sent.header(&text)?;
        Ok(sent)
    }
}

impl Sent {
    fn header(&mut self, text: &str) -> Result<(), String> {
        let mut words = text.split_whitespace();
        let flags = match words.next() {
            Some(flags) => flags,
            None if self.raw.is_some() => return Ok(()),
            None => return Err("no flags".to_string()),
        };
        for letter in flags.chars() {
            self.flags |= match letter {
                'F' => flag::FIN,
                'S' => flag::SYN,
                'R' => flag::RST,
                'P' => flag::PSH,
                '.' => flag::ACK,
                'U' => flag::URG,
                'E' => flag::ECE,
                'W' => flag::CWR,
                'A' => flag::AE,
                '-' => 0,
                other => return Err(format!("flag {other:?}")),
            };
        }
        let numbers = words.next().ok_or("no sequence numbers")?;
        self.numbers(numbers)
            .ok_or_else(|| format!("sequence numbers {numbers:?}"))?;
        while let Some(word) = words.next() {
            let value = words.next().ok_or_else(|| format!("nothing after {word:?}"))?;
            match word {
                "ack" => self.acknowledgement = Some(number(value).ok_or_else(|| format!("ack {value:?}"))?),
                "win" => self.window = value.parse().map_err(|_| format!("win {value:?}"))?,
                other => return Err(format!("word {other:?}")),
            }
        }
        if self.acknowledgement.is_none() && self.flags & flag::ACK != 0 {
            return Err("ACK flag without acknowledgement number".to_string());
        }
        Ok(())
    }

    /// `SEQ:END(LENGTH)`, whose length has to be right.
    fn numbers(&mut self, text: &str) -> Option<()> {
        let (sequence, rest) = text.split_once(':')?;
        let (end, length) = rest.strip_suffix(')')?.split_once('(')?;
        self.length = length.parse().ok()?;
        self.sequence = number(sequence)?;
        let right = match (self.sequence, number(end)?) {
            (Number::Relative(sequence), Number::Relative(end)) => end - sequence == i64::from(self.length),
            (Number::Absolute(sequence), Number::Absolute(end)) => end.wrapping_sub(sequence) == self.length,
            _ => false,
        };
        right.then_some(())
    }

    fn bracket(&mut self, text: &str) -> Result<(), String> {
        let (word, value) = text.split_once(' ').unwrap_or((text, ""));
        let fault = || format!("bracket [{text}]");
        match (word, value) {
            ("quoted", "") => self.quoted = true,
            ("fragment", "") => self.fragment = true,
            ("timeless", "") => self.time = None,
            ("same", "frame") => self.same_frame = true,
            ("flow", value) => self.flow = value.parse().map_err(|_| fault())?,
            ("id", value) => self.identification = Some(value.parse().map_err(|_| fault())?),
            ("snap", value) => self.snap = Some(value.parse().map_err(|_| fault())?),
            ("length", value) => self.reported = Some(value.parse().map_err(|_| fault())?),
            ("offset", value) => self.offset = Some(value.parse().map_err(|_| fault())?),
            ("frame", value) => self.frame = Some(value.parse().map_err(|_| fault())?),
            ("raw", value) => self.raw = Some(hex(value)?),
            ("octets", value) => self.payload = Some(hex(value)?),
            _ => return Err(fault()),
        }
        Ok(())
    }
}

/// The text without its bracketed parts, and these.
fn cut_out(text: &str, begin: char, end: char) -> Result<(String, Vec<String>), String> {
    let (mut outside, mut inside) = (String::new(), Vec::new());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(begin) {
        let (part, after) = after.split_once(end).ok_or_else(|| format!("{end:?} is missing"))?;
        outside.push_str(before);
        inside.push(part.trim().to_string());
        rest = after;
        outside.push(' ');
    }
    outside.push_str(rest);
    Ok((outside, inside))
}

fn first_word(text: &str) -> (&str, &str) {
    let text = text.trim_start();
    text.split_once(char::is_whitespace).unwrap_or((text, ""))
}

/// A number of a script, `=N` as on the wire.
fn number(text: &str) -> Option<Number> {
    match text.strip_prefix('=') {
        Some(text) => text.parse().ok().map(Number::Absolute),
        None => text.parse().ok().map(Number::Relative),
    }
}

/// Decimal seconds, exactly.
pub fn duration(text: &str) -> Result<Nanoseconds, String> {
    let fault = || format!("time {text:?}");
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    if fraction.len() > 9 || !fraction.chars().all(|digit| digit.is_ascii_digit()) {
        return Err(fault());
    }
    let whole: i64 = whole.parse().map_err(|_| fault())?;
    let fraction: i64 = format!("{fraction:0<9}").parse().map_err(|_| fault())?;
    Ok(whole * 1_000_000_000 + fraction)
}

fn hex(text: &str) -> Result<Vec<u8>, String> {
    let digits: Vec<char> = text.chars().filter(|letter| !letter.is_whitespace()).collect();
    if digits.len() % 2 != 0 {
        return Err(format!("hexadecimal {text:?}"));
    }
    digits
        .chunks(2)
        .map(|pair| u8::from_str_radix(&pair.iter().collect::<String>(), 16))
        .collect::<Result<_, _>>()
        .map_err(|_| format!("hexadecimal {text:?}"))
}

fn segment_option(text: &str) -> Result<SegmentOption, String> {
    let fault = || format!("option {text:?}");
    let words: Vec<&str> = text.split_whitespace().collect();
    let value = |index: usize| {
        words
            .get(index)
            .and_then(|word| word.parse::<u32>().ok())
            .ok_or_else(fault)
    };
    let sized = |kind: u8, content: &[u8]| {
        let mut octets = vec![kind, content.len() as u8 + 2];
        octets.extend_from_slice(content);
        octets
    };
    Ok(SegmentOption::Octets(match words.first().copied() {
        Some("nop") => vec![1],
        Some("mss") => sized(2, &(value(1)? as u16).to_be_bytes()),
        Some("wscale") => sized(3, &[value(1)? as u8]),
        Some("sackOK") => sized(4, &[]),
        Some("sack") => {
            let (from, to) = words.get(1).and_then(|word| word.split_once(':')).ok_or_else(fault)?;
            return Ok(SegmentOption::Sack(
                number(from).ok_or_else(fault)?,
                number(to).ok_or_else(fault)?,
            ));
        }
        Some("TS") => {
            let mut content = value(2)?.to_be_bytes().to_vec();
            content.extend_from_slice(&value(4)?.to_be_bytes());
            sized(8, &content)
        }
        Some("FO") => sized(34, &hex(words.get(1).copied().unwrap_or(""))?),
        Some("FOEXP") => {
            let mut content = vec![0xf9, 0x89];
            content.extend_from_slice(&hex(words.get(1).copied().unwrap_or(""))?);
            sized(254, &content)
        }
        Some("opt") => {
            let (kind, content) = words.get(1).and_then(|word| word.split_once(':')).ok_or_else(fault)?;
            sized(kind.parse().map_err(|_| fault())?, &hex(content)?)
        }
        _ => return Err(fault()),
    }))
}

/// `{a=1 b two=x y}`: a word without `=` is a fact without a value, or goes on with the value before.
fn facts(text: &str) -> Result<Vec<Fact>, String> {
    let (outside, inside) = cut_out(text, '{', '}')?;
    if !outside.trim().is_empty() {
        return Err(format!("{:?} after the facts", outside.trim()));
    }
    let mut facts: Vec<Fact> = Vec::new();
    for word in inside.iter().flat_map(|part| part.split_whitespace()) {
        match (word.split_once('='), facts.last_mut()) {
            (Some((name, value)), _) => facts.push(Fact {
                name: name.to_string(),
                value: value.to_string(),
            }),
            (None, _) if ["retransmission", "inferred", "after_gap", "handshake.simultaneous"].contains(&word) => {
                facts.push(Fact {
                    name: word.to_string(),
                    value: "true".to_string(),
                });
            }
            (None, Some(last)) => {
                last.value.push(' ');
                last.value.push_str(word);
            }
            (None, None) => return Err(format!("fact {word:?}")),
        }
    }
    Ok(facts)
}

fn summary(text: &str) -> Result<Content, String> {
    if let Some(rest) = text.strip_prefix("notes ") {
        let (name, count) = rest.trim().split_once(' ').ok_or("notes NAME N")?;
        return Ok(Content::NoteCount(
            name.to_string(),
            count.trim().parse().map_err(|_| "notes NAME N")?,
        ));
    }
    let (text, connection) = cut_out(text, '[', ']')?;
    let connection = match connection.first() {
        Some(number) => number.parse().map_err(|_| format!("connection {number:?}"))?,
        None => 0,
    };
    let facts = text.split(',').map(|part| {
        let (name, value) = part.trim().split_once(' ').unwrap_or((part.trim(), "true"));
        Fact {
            name: name.to_string(),
            value: value.trim().to_string(),
        }
    });
    Ok(Content::Summary(connection, facts.collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

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
