//! One line of a script at a time.

use super::{Content, Expected, Fact, Nanoseconds, Number, SegmentOption, Sent};
use crate::segment as flag;

/// What the reader keeps from line to line.
pub(super) struct Reader {
    time: Nanoseconds,
    /// Of segments that do not say theirs.
    pub window: u16,
}

impl Default for Reader {
    fn default() -> Reader {
        Reader { time: 0, window: 64240 }
    }
}

impl Reader {
    /// What a line says.
    pub fn line(&mut self, line: &str) -> Result<Content, String> {
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
