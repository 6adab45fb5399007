//! The name tables, NUL-terminated: built once, from the names in [`tcpphase::verdict`].

use crate::types::*;
use once_cell::sync::Lazy;
use std::ffi::{CStr, CString};
use tcpphase::verdict::*;
use tcpphase::words;

struct Entry {
    value: u32,
    name: CString,
}

/// The names of one enumeration.
pub struct Table {
    number: u32,
    entries: Vec<Entry>,
}

macro_rules! table {
    ($number:ident, $enumeration:ident) => {
        Table {
            number: $number,
            entries: $enumeration::ALL
                .iter()
                .map(|&value| Entry {
                    value: value as u32,
                    name: CString::new(value.name()).expect("names hold no NUL"),
                })
                .collect(),
        }
    };
}

/// The methods that have a name.
fn methods() -> Table {
    let named = (1..=u8::MAX).map(|code| (code, method_name(code))).take_while(|(_, name)| !name.is_empty());
    let entry = |(code, name): (u8, &str)| Some(Entry { value: u32::from(code), name: CString::new(name).ok()? });
    Table { number: TCPPHASE_TABLE_HTTP_METHOD, entries: named.filter_map(entry).collect() }
}

fn entries(number: u32, named: &[(u32, &str)]) -> Table {
    let entry = |&(value, name): &(u32, &str)| Some(Entry { value, name: CString::new(name).ok()? });
    Table { number, entries: named.iter().filter_map(entry).collect() }
}

/// The alerts that have a name.
fn alerts() -> Table {
    let named = (0..=u8::MAX).map(|description| (description, words::alert_name(description)));
    let entry = |(description, name): (u8, Option<&str>)| {
        Some(Entry { value: u32::from(description), name: CString::new(name?).ok()? })
    };
    Table { number: TCPPHASE_TABLE_TLS_ALERT, entries: named.filter_map(entry).collect() }
}

/// The wire's versions (RFC 8446 4.2.1 and D).
const TLS_VERSIONS: [(u32, &str); 5] =
    [(0x0300, "SSL 3.0"), (0x0301, "TLS 1.0"), (0x0302, "TLS 1.1"), (0x0303, "TLS 1.2"), (0x0304, "TLS 1.3")];

/// What fields are shown under.
const GROUPS: [(u32, &str); 5] = [
    (TCPPHASE_GROUP_HANDSHAKE, "Handshake"),
    (TCPPHASE_GROUP_TLS, "TLS"),
    (TCPPHASE_GROUP_HTTP, "HTTP"),
    (TCPPHASE_GROUP_KEEPALIVE, "Keep-alive"),
    (TCPPHASE_GROUP_CONNECTION, "Connection"),
];

static TABLES: Lazy<Vec<Table>> = Lazy::new(|| {
    vec![
        table!(TCPPHASE_TABLE_PHASE, Phase),
        table!(TCPPHASE_TABLE_STEP, Step),
        table!(TCPPHASE_TABLE_SENDER, Sender),
        table!(TCPPHASE_TABLE_BASIS, Basis),
        table!(TCPPHASE_TABLE_KEEPALIVE_STATUS, KeepAliveStatus),
        table!(TCPPHASE_TABLE_LAYER, Layer),
        table!(TCPPHASE_TABLE_CONTEXT, Context),
        table!(TCPPHASE_TABLE_KEEPALIVE_VERDICT, KeepAliveVerdict),
        table!(TCPPHASE_TABLE_INITIATOR, Initiator),
        table!(TCPPHASE_TABLE_OPENED, Opened),
        table!(TCPPHASE_TABLE_ENDED, Ended),
        table!(TCPPHASE_TABLE_NOT_KEEPALIVE, NotKeepAlive),
        table!(TCPPHASE_TABLE_PERSISTENT, Persistent),
        table!(TCPPHASE_TABLE_PERSISTENT_BASIS, PersistentBasis),
        table!(TCPPHASE_TABLE_NOTE, Note),
        methods(),
        table!(TCPPHASE_TABLE_HTTP_FRAMING, HttpFraming),
        table!(TCPPHASE_TABLE_TLS_CAUSE, TlsFailureCause),
        table!(TCPPHASE_TABLE_SILENT, Silent),
        entries(TCPPHASE_TABLE_TLS_VERSION, &TLS_VERSIONS),
        entries(TCPPHASE_TABLE_GROUP, &GROUPS),
        table!(TCPPHASE_TABLE_TLS_OUTCOME, TlsOutcome),
        alerts(),
        table!(TCPPHASE_TABLE_HTTP_UNFINISHED, HttpUnfinished),
    ]
});

/// The table with this number.
pub fn find(number: u32) -> Option<&'static Table> {
    TABLES.iter().find(|table| table.number == number)
}

impl Table {
    /// The number and the name at this place.
    pub fn entry(&'static self, index: u32) -> Option<(u32, &'static CStr)> {
        let entry = self.entries.get(index as usize)?;
        Some((entry.value, entry.name.as_c_str()))
    }
}

impl Table {
    /// The name of a value.
    pub fn name(&'static self, value: u32) -> Option<&'static str> {
        let entry = self.entries.iter().find(|entry| entry.value == value)?;
        entry.name.to_str().ok()
    }

    /// All names.
    pub fn names(&'static self) -> impl Iterator<Item = &'static str> {
        self.entries.iter().filter_map(|entry| entry.name.to_str().ok())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_note_has_its_bit() {
        let bits = include_str!("types.rs");
        for note in Note::ALL {
            let line = format!("pub const TCPPHASE_NOTE_{}: u32 = 1 << {};", note.name().to_uppercase(), *note as u8);
            assert!(bits.contains(&line), "{line}");
        }
    }

    #[test]
    fn every_table_has_its_own_number_and_names() {
        for (table, number) in TABLES.iter().zip(1..) {
            assert_eq!(table.number, number);
            assert!(!table.entries.is_empty() && number <= TCPPHASE_TABLE_LAST);
            for pair in table.entries.windows(2) {
                assert!(pair[0].value < pair[1].value, "table {}", number);
                assert_ne!(pair[0].name, pair[1].name, "table {}", number);
            }
        }
    }
}
