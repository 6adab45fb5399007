//! A connection as a row for programs: one JSON object on a line, or a line of comma-separated values (RFC 8259, RFC 4180).
//! What it has beside addresses and frames is what the table of fields has of connections; a JSON Schema is made of the same.

use crate::fields::{self, Value};
use crate::guard::Failure;
use crate::types::*;
use crate::{convert, tables};
use std::fmt::Write;
use tcpphase::verdict::{Note, Notes, Summary};
use tcpphase::{story, Evidence};

/// Who and where, which the caller knows: with its texts.
pub struct Place<'a> {
    /// As C gave it.
    pub row: &'a tcpphase_row,
    /// The sender of the first segment captured, as text.
    pub sender: &'a str,
    /// Its receiver.
    pub receiver: &'a str,
}

/// A cell.
enum Cell {
    Number(u64),
    /// A number with a fraction, as text.
    Seconds(String),
    Text(String),
    Words(Vec<&'static str>),
    Yes,
}

type Cells = Vec<(String, Option<Cell>)>;

/// The name of a field in a row: what stands behind "conn.", with underscores.
fn column(name: &str) -> String {
    name.strip_prefix("conn.").unwrap_or(name).replace('.', "_")
}

fn frame(number: u32) -> Option<Cell> {
    Some(Cell::Number(number.into())).filter(|_| number != 0)
}

fn time(time: i64) -> Option<Cell> {
    Some(Cell::Text(utc(time))).filter(|_| time != TCPPHASE_TIME_ABSENT)
}

fn notes(notes: u32) -> Option<Cell> {
    let named = Note::ALL.iter().filter(|&&note| Notes(notes).contains(note)).map(|note| note.name());
    Some(named.collect::<Vec<_>>()).filter(|names| !names.is_empty()).map(Cell::Words)
}

/// Seconds with nine places.
fn seconds(nanoseconds: i64) -> String {
    let sign = if nanoseconds < 0 { "-" } else { "" };
    let nanoseconds = nanoseconds.unsigned_abs();
    format!("{}{}.{:09}", sign, nanoseconds / 1_000_000_000, nanoseconds % 1_000_000_000)
}

/// A time since the epoch as in RFC 3339: `2023-11-14T22:13:20.000000000Z`.
fn utc(time: i64) -> String {
    let (seconds, nanoseconds) = (time.div_euclid(1_000_000_000), time.rem_euclid(1_000_000_000));
    let (days, second) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    let (year, month, day) = date(days);
    let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
    format!("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:09}Z", year, month, day, hour, minute, second, nanoseconds)
}

/// The day of the Gregorian calendar so many days after the epoch. Years are counted from March, eras have 400 years.
fn date(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let (era, day) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (400 * era + year + i64::from(month <= 2), month, day)
}

/// The columns before those of the table, with what they say and whether they hold a number.
const PLACES: [(&str, &str, bool); 23] = [
    ("connection", "The connection's number in this capture, from 0", true),
    ("stream", "Wireshark's number of the stream, as in tcp.stream", true),
    ("start", "When its first segment was captured, in UTC", false),
    ("end", "When its last segment was captured, in UTC", false),
    ("first_frame", "Frame of its first segment", true),
    ("last_frame", "Frame of its last segment", true),
    ("handshake_frame", "Frame of the third segment of the TCP handshake", true),
    ("tls_first_frame", "Frame of the first Client Hello", true),
    ("tls_last_frame", "Frame in which the first TLS handshake is complete, or has failed", true),
    ("slowest_frame", "Frame of the slowest HTTP response", true),
    ("close_frame", "Frame of the first FIN or RST that counts", true),
    ("reset_frame", "Frame of the first RST that counts", true),
    ("race_frame", "Frame of the first request that crossed a close", true),
    ("unanswered_frame", "Frame of the last segment that goes again and again, and is not acknowledged", true),
    ("notes", "The notes that its segments have, as in tcpphase.note", false),
    ("sender_address", "Address of the first segment's sender", false),
    ("sender_port", "Port of the first segment's sender", true),
    ("receiver_address", "Address of the first segment's receiver", false),
    ("receiver_port", "Port of the first segment's receiver", true),
    ("client_address", "Address of the client, where that is known", false),
    ("client_port", "Port of the client, where that is known", true),
    ("server_address", "Address of the server, where that is known", false),
    ("server_port", "Port of the server, where that is known", true),
];

fn places(place: &Place, summary: &tcpphase_summary) -> Cells {
    let row = place.row;
    let known = summary.client_side != 0;
    let sender_is_client = (summary.client_side == 1) == (row.sender_is_lower != 0);
    let text = |text: &str| Some(Cell::Text(text.to_string()));
    let port = |port: u32| Some(Cell::Number(port.into()));
    let ends = [(place.sender, row.sender_port), (place.receiver, row.receiver_port)];
    let (client, server) = if sender_is_client { (ends[0], ends[1]) } else { (ends[1], ends[0]) };
    let cells = vec![
        Some(Cell::Number(row.connection.into())),
        Some(Cell::Number(row.stream.into())).filter(|_| row.stream != TCPPHASE_CONNECTION_NONE),
        time(row.first_time),
        time(row.last_time),
        frame(row.first_frame),
        frame(row.last_frame),
        frame(row.handshake_frame),
        frame(row.tls_first_frame),
        frame(row.tls_last_frame),
        frame(row.slowest_frame),
        frame(row.close_frame),
        frame(row.reset_frame),
        frame(row.race_frame),
        frame(row.unanswered_frame),
        notes(row.notes),
        text(place.sender),
        port(row.sender_port),
        text(place.receiver),
        port(row.receiver_port),
        text(client.0).filter(|_| known),
        port(client.1).filter(|_| known),
        text(server.0).filter(|_| known),
        port(server.1).filter(|_| known),
    ];
    PLACES.iter().zip(cells).map(|(&(name, ..), cell)| (name.to_string(), cell)).collect()
}

fn name_of(table: u32, value: i64) -> String {
    let entry = tables::find(table).and_then(|table| table.name(u32::try_from(value).ok()?));
    entry.map_or_else(|| value.to_string(), str::to_string)
}

fn cell(field: &tcpphase_field, summary: &Summary, numbers: &tcpphase_summary, evidence: &Evidence) -> Option<Cell> {
    if field.kind == TCPPHASE_KIND_TEXT {
        return convert::text(summary, evidence, field.offset).ok().flatten().map(Cell::Text);
    }
    let Value(value) = fields::of_summary(field, numbers)?;
    Some(match field.kind {
        TCPPHASE_KIND_FLAG => Cell::Yes,
        TCPPHASE_KIND_TIME => Cell::Seconds(seconds(value)),
        TCPPHASE_KIND_NAME | TCPPHASE_KIND_WIRE => Cell::Text(name_of(field.table, value)),
        _ => Cell::Number(value as u64),
    })
}

/// The fields of connections, in their order, under their names in a row.
fn columns() -> impl Iterator<Item = (String, tcpphase_field)> {
    fields::rows().filter(|(_, field)| field.of != TCPPHASE_OF_VERDICT).map(|(name, field)| (column(name), field))
}

fn cells(place: &Place, summary: &Summary) -> Cells {
    let numbers = convert::summary_to_c(summary);
    let evidence = convert::evidence_of(place.row);
    let mut cells = places(place, &numbers);
    cells.extend(columns().map(|(name, field)| (name, cell(&field, summary, &numbers, &evidence))));
    cells
}

/// A connection's row in one of TCPPHASE_ROW_*, without a line's end.
pub fn row(place: &Place, summary: &Summary, format: u32) -> Result<String, Failure> {
    if format == TCPPHASE_ROW_STORY {
        return Ok(told(place, summary));
    }
    let cells = cells(place, summary);
    match format {
        TCPPHASE_ROW_JSON => Ok(json(&cells)),
        TCPPHASE_ROW_CSV => Ok(csv(cells.iter().map(|(_, cell)| cell.as_ref()))),
        _ => Err(Failure::BadValue),
    }
}

/// What stands above rows: the columns' names in CSV, nothing in JSON.
pub fn heading(format: u32) -> Result<String, Failure> {
    let names = PLACES.iter().map(|&(name, ..)| name.to_string()).chain(columns().map(|(name, _)| name));
    match format {
        TCPPHASE_ROW_JSON | TCPPHASE_ROW_STORY => Ok(String::new()),
        TCPPHASE_ROW_CSV => Ok(names.collect::<Vec<String>>().join(",")),
        _ => Err(Failure::BadValue),
    }
}

/// `192.0.2.10:40001 > 198.51.100.20:80: Opened in 11 ms (frames 1-3). ...`
fn told(place: &Place, summary: &Summary) -> String {
    let end = |address: &str, port: u32| {
        if address.contains(':') {
            format!("[{}]:{}", address, port)
        } else {
            format!("{}:{}", address, port)
        }
    };
    let (sender, receiver) = (end(place.sender, place.row.sender_port), end(place.receiver, place.row.receiver_port));
    format!("{} > {}: {}", sender, receiver, story::story(summary, &convert::evidence_of(place.row)))
}

fn json(cells: &Cells) -> String {
    let mut line = String::from("{");
    for (name, cell) in cells {
        let cell = match cell {
            Some(cell) => cell,
            None => continue,
        };
        let comma = if line.len() > 1 { "," } else { "" };
        // Writing to a String does not fail.
        let _ = write!(line, "{}\"{}\":", comma, name);
        match cell {
            Cell::Number(number) => drop(write!(line, "{}", number)),
            Cell::Seconds(seconds) => line.push_str(seconds),
            Cell::Text(text) => push_quoted(&mut line, text),
            Cell::Words(words) => drop(write!(line, "[\"{}\"]", words.join("\",\""))),
            Cell::Yes => line.push_str("true"),
        }
    }
    line.push('}');
    line
}

/// RFC 8259 7.
fn push_quoted(line: &mut String, text: &str) {
    line.push('"');
    for character in text.chars() {
        match character {
            '"' | '\\' => {
                line.push('\\');
                line.push(character);
            }
            _ if character.is_control() => drop(write!(line, "\\u{:04x}", u32::from(character))),
            _ => line.push(character),
        }
    }
    line.push('"');
}

fn csv<'a>(cells: impl Iterator<Item = Option<&'a Cell>>) -> String {
    let texts: Vec<String> = cells
        .map(|cell| match cell {
            None => String::new(),
            Some(Cell::Number(number)) => number.to_string(),
            Some(Cell::Seconds(seconds)) => seconds.clone(),
            Some(Cell::Yes) => "true".to_string(),
            Some(Cell::Words(words)) => words.join(" "),
            Some(Cell::Text(text)) => separated(text),
        })
        .collect();
    texts.join(",")
}

/// RFC 4180 2; a spreadsheet takes what begins like a formula for one.
fn separated(text: &str) -> String {
    let formula = text.starts_with(['=', '+', '-', '@']);
    let text = if formula { format!("'{}", text) } else { text.to_string() };
    if text.contains([',', '"', '\r', '\n']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text
    }
}

/// A JSON Schema (draft 2020-12) of the rows.
pub fn schema() -> String {
    let mut properties = Vec::new();
    for (name, description, is_number) in PLACES {
        let kind = match (is_number, name) {
            (true, _) => "\"type\": \"integer\", \"minimum\": 0".to_string(),
            (false, "notes") => {
                let names: Vec<String> = Note::ALL.iter().map(|note| format!("\"{}\"", note.name())).collect();
                format!("\"type\": \"array\", \"items\": {{ \"enum\": [{}] }}", names.join(", "))
            }
            (false, "start" | "end") => "\"type\": \"string\", \"format\": \"date-time\"".to_string(),
            _ => "\"type\": \"string\"".to_string(),
        };
        properties.push((name.to_string(), kind, description.to_string()));
    }
    for ((name, field), description) in columns().zip(descriptions()) {
        properties.push((name, kind_in_schema(&field), description));
    }
    let lines: Vec<String> = properties
        .iter()
        .map(|(name, kind, description)| {
            let mut text = String::new();
            push_quoted(&mut text, description);
            format!("    \"{}\": {{ {}, \"description\": {} }}", name, kind, text)
        })
        .collect();
    format!(
        "{{\n  \"$schema\": \"https://json-schema.org/draft/2020-12/schema\",\n  \"title\": \"A TCP connection, as \
         TCP Phase tells it\",\n  \"type\": \"object\",\n  \"required\": [\"connection\", \"opened\", \"ended\", \
         \"closed_by\"],\n  \"additionalProperties\": false,\n  \"properties\": {{\n{}\n  }}\n}}\n",
        lines.join(",\n")
    )
}

fn descriptions() -> impl Iterator<Item = String> {
    fields::descriptions(|field| field.of != TCPPHASE_OF_VERDICT)
}

fn kind_in_schema(field: &tcpphase_field) -> String {
    match field.kind {
        TCPPHASE_KIND_FLAG => "\"const\": true".to_string(),
        TCPPHASE_KIND_TIME => "\"type\": \"number\", \"minimum\": 0".to_string(),
        TCPPHASE_KIND_TEXT => "\"type\": \"string\"".to_string(),
        TCPPHASE_KIND_NAME | TCPPHASE_KIND_WIRE => {
            let names = tables::find(field.table).into_iter().flat_map(|table| table.names());
            let names: Vec<String> = names.map(|name| format!("\"{}\"", name)).collect();
            if field.kind == TCPPHASE_KIND_WIRE {
                // The wire can have others, which stand there as numbers.
                return format!("\"type\": \"string\", \"examples\": [{}]", names.join(", "));
            }
            format!("\"enum\": [{}]", names.join(", "))
        }
        _ => "\"type\": \"integer\", \"minimum\": 0".to_string(),
    }
}

#[cfg(test)]
#[path = "rows_tests.rs"]
mod tests;
