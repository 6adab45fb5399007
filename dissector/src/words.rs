//! What is known of a connection, in a few words each.

use crate::tls::Alert;
use crate::verdict::{Sender, Summary, TlsEnd, TlsOutcome};
use std::fmt::Write;

/// Text from the wire as people and programs can read it: valid UTF-8, control characters escaped as `\x1b`.
pub fn escaped(octets: &[u8]) -> String {
    let mut text = String::with_capacity(octets.len());
    for character in String::from_utf8_lossy(octets).chars() {
        if character.is_control() || is_format(character) {
            // Writing to a String does not fail.
            let _ = write!(text, "\\x{:02x}", u32::from(character));
        } else if character == '\\' {
            text.push_str("\\\\");
        } else {
            text.push(character);
        }
    }
    text
}

/// Whether a character changes how others look: direction marks, and what has no width (Unicode's category Cf).
fn is_format(character: char) -> bool {
    matches!(character, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// The name of a TLS version as on the wire (RFC 8446 4.2.1).
pub fn tls_version(version: u16) -> &'static str {
    match version {
        0x0300 => "SSL 3.0",
        0x0301 => "TLS 1.0",
        0x0302 => "TLS 1.1",
        0x0303 => "TLS 1.2",
        0x0304 => "TLS 1.3",
        _ => "TLS",
    }
}

/// The name of a TLS alert (RFC 8446 6).
pub fn alert_name(description: u8) -> Option<&'static str> {
    Alert { level: 0, description }.name()
}

/// The same, or its number.
pub(crate) fn alert(description: u8) -> String {
    alert_name(description).map_or_else(|| format!("alert {}", description), str::to_string)
}

/// What became of a connection's TLS, as in "TLS 1.3", "failed: handshake_failure by server", "no answer to Client Hello";
/// empty where nothing is known of any. What rests on a guess ends in "?".
pub fn tls(summary: &Summary) -> String {
    let version = summary.tls_version.map_or("", tls_version);
    let resumed = if summary.tls_resumed { " resumed" } else { "" };
    let end = match summary.tls_end {
        Some(end) if end.outcome != TlsOutcome::Completed => end,
        Some(_) if version.is_empty() => return "TLS".to_string(),
        _ => return format!("{}{}", version, resumed),
    };
    let mark = if end.inferred { "?" } else { "" };
    format!("{}{}", failure(&end), mark)
}

fn failure(end: &TlsEnd) -> String {
    let by = match end.failed_by {
        Some(Sender::Client) => " by client",
        Some(Sender::Server) => " by server",
        Some(Sender::Unknown) | None => "",
    };
    let after = end.after.map_or_else(String::new, |step| format!(" after {}", step.name()));
    match end.outcome {
        TlsOutcome::Alert => format!("failed: {}{}", end.alert.map_or_else(|| "alert".to_string(), alert), by),
        TlsOutcome::Rejected => format!("rejected: {}{}", end.alert.map_or_else(|| "alert".to_string(), alert), by),
        TlsOutcome::EncryptedAlert => format!("failed: encrypted alert{}", by),
        TlsOutcome::NotTls => "not TLS".to_string(),
        TlsOutcome::Closed => format!("closed{}{}", by, after),
        TlsOutcome::Reset => format!("reset{}{}", by, after),
        TlsOutcome::NoAnswer => "no answer to Client Hello".to_string(),
        TlsOutcome::Unfinished => "unfinished".to_string(),
        TlsOutcome::Completed => "TLS".to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_from_the_wire_moves_the_cursor() {
        assert_eq!(escaped(b"www.example.com"), "www.example.com");
        assert_eq!(escaped(b"a\x1b[2J\nb\\\x00"), "a\\x1b[2J\\x0ab\\\\\\x00");
        assert_eq!(escaped(b"\xff\xc3\xbc"), "\u{fffd}\u{fc}");
        assert_eq!(escaped("a\u{202e}b".as_bytes()), "a\\x202eb");
    }
}
