//! The table of fields: all that a program has to know of each to register, read and show it. Whoever adds a fact to a
//! verdict or a summary adds its row in `rows`, and no other list of fields is kept.

use crate::types::*;
use once_cell::sync::Lazy;
use std::ffi::CString;
use std::mem::size_of;

mod rows;
use rows::summary_offset_of_probers;

/// A row, as [`tcpphase_field`] shows it.
struct Field {
    name: CString,
    title: CString,
    description: CString,
    /// Without the pointers to them.
    row: tcpphase_field,
}

// SAFETY: the only pointers in it, those of `row`, are NULL.
unsafe impl Send for Field {}
// SAFETY: as above.
unsafe impl Sync for Field {}

/// Where a value stands.
#[derive(Clone, Copy)]
struct Place {
    of: u32,
    offset: usize,
    size: usize,
}

fn text(text: &str) -> CString {
    CString::new(text).unwrap_or_default()
}

/// A number; 0 stands for none. What is known of a connection as a whole is hindsight.
fn number(name: &str, title: &str, description: &str, place: Place) -> Field {
    Field {
        name: text(name),
        title: text(title),
        description: text(description),
        row: tcpphase_field {
            struct_size: size_of::<tcpphase_field>(),
            name: std::ptr::null(),
            title: std::ptr::null(),
            description: std::ptr::null(),
            kind: TCPPHASE_KIND_NUMBER,
            table: 0,
            of: place.of,
            group: 0,
            offset: place.offset as u32,
            offset_swapped: place.offset as u32,
            size: place.size as u32,
            count: 1,
            mask: u32::MAX,
            when: 0,
            absent: 0,
            link: 0,
            severity: 0,
            topic: 0,
            is_hindsight: u32::from(place.of == TCPPHASE_OF_SUMMARY),
        },
    }
}

/// A number that a table names; 0 stands for none.
fn named(name: &str, table: u32, title: &str, description: &str, place: Place) -> Field {
    number(name, title, description, place).of_kind(TCPPHASE_KIND_NAME).table(table)
}

/// Somebody; [`TCPPHASE_INITIATOR_NONE`] stands for nobody.
fn side(name: &str, table: u32, title: &str, description: &str, place: Place) -> Field {
    named(name, table, title, description, place).absent(TCPPHASE_INITIATOR_NONE.into())
}

/// A length of time.
fn time(name: &str, title: &str, description: &str, place: Place) -> Field {
    number(name, title, description, place).of_kind(TCPPHASE_KIND_TIME).absent(TCPPHASE_TIME_ABSENT)
}

/// The number of a frame that this one has to do with; 0 stands for none.
fn frame(name: &str, link: u32, title: &str, description: &str, place: Place) -> Field {
    let mut field = number(name, title, description, place).of_kind(TCPPHASE_KIND_FRAME);
    field.row.link = link;
    field
}

/// A text of the connection.
fn words(name: &str, which: u32, title: &str, description: &str) -> Field {
    let place = Place { of: TCPPHASE_OF_CONNECTION, offset: which as usize, size: 1 };
    number(name, title, description, place).of_kind(TCPPHASE_KIND_TEXT).in_hindsight()
}

/// Something that is so, or is not: absent then.
fn flag(name: &str, title: &str, description: &str, place: Place) -> Field {
    number(name, title, description, place).of_kind(TCPPHASE_KIND_FLAG)
}

impl Field {
    fn of_kind(mut self, kind: u32) -> Field {
        self.row.kind = kind;
        self
    }

    fn table(mut self, table: u32) -> Field {
        self.row.table = table;
        self
    }

    fn absent(mut self, value: i64) -> Field {
        self.row.absent = value;
        self
    }

    /// Never absent: no value of the wire or of a table is below 0.
    fn always(self) -> Field {
        self.absent(-1)
    }

    fn mask(mut self, mask: u32) -> Field {
        self.row.mask = mask;
        self
    }

    /// So many values behind each other; an absent one ends them.
    fn many(mut self, count: usize) -> Field {
        self.row.count = count as u32;
        self.row.size /= count as u32;
        self
    }

    fn when(mut self, when: u32) -> Field {
        self.row.when |= when;
        self
    }

    fn in_hindsight(mut self) -> Field {
        self.row.is_hindsight = 1;
        self
    }

    /// Of one element of an array that has one for each of TCPPHASE_PROBER_*: the client's, or the server's.
    fn of_prober(self, number: usize) -> Field {
        self.one_of(number, TCPPHASE_PROBERS).when(TCPPHASE_WHEN_KEEPALIVES)
    }

    /// Of an array that has an element for the lower endpoint and one for the higher: the client's, or the server's.
    fn of_side(self, number: usize) -> Field {
        self.one_of(number, TCPPHASE_SIDES).always()
    }

    fn one_of(mut self, number: usize, count: usize) -> Field {
        let size = self.row.size / count as u32;
        let begin = self.row.offset;
        self.row.size = size;
        self.row.offset = begin + number as u32 * size;
        self.row.offset_swapped = begin + (number as u32 ^ 1) * size;
        self.when(TCPPHASE_WHEN_CLIENT_KNOWN)
    }
}

/// In the order in which they are shown.
static FIELDS: Lazy<Vec<Field>> = Lazy::new(rows::all);

/// A field's value, whatever it means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Value(pub i64);

/// The value of a field of summaries, if there is one: as whoever reads the table has to find it.
pub fn of_summary(field: &tcpphase_field, summary: &tcpphase_summary) -> Option<Value> {
    let when = |what: u32| field.when & what != 0;
    let swapped = when(TCPPHASE_WHEN_CLIENT_KNOWN) && summary.client_side == 2;
    let offset = if swapped { field.offset_swapped } else { field.offset } as usize;
    let prober = || offset.checked_sub(summary_offset_of_probers()).map_or(0, |octets| octets / field.size as usize);
    let probed = |prober: usize| {
        let known = |times: &[i64]| times.get(prober).map_or(false, |&time| time != TCPPHASE_TIME_ABSENT);
        let unanswered = summary.probe_unanswered_max.get(prober).map_or(false, |&probes| probes > 0);
        known(&summary.probe_idle) || known(&summary.probe_interval) || unanswered
    };
    let absent = when(TCPPHASE_WHEN_BOTH_DIRECTIONS) && summary.one_direction != 0
        || when(TCPPHASE_WHEN_KEEPALIVES) && summary.keepalives == 0
        || when(TCPPHASE_WHEN_CLIENT_KNOWN) && summary.client_side == 0
        || when(TCPPHASE_WHEN_PROBED) && !probed(prober());
    if field.of != TCPPHASE_OF_SUMMARY || absent {
        return None;
    }
    // SAFETY: a summary has no padding (layout_tests), so all its octets are set.
    let octets = unsafe {
        std::slice::from_raw_parts((summary as *const tcpphase_summary).cast::<u8>(), size_of::<tcpphase_summary>())
    };
    let octets = octets.get(offset..offset + field.size as usize)?;
    let mut room = [0; 8];
    room[..octets.len()].copy_from_slice(octets);
    let value = if cfg!(target_endian = "big") {
        u64::from_be_bytes(room) >> (64 - 8 * octets.len())
    } else {
        u64::from_le_bytes(room)
    };
    let value = if field.size == 8 { value as i64 } else { (value & u64::from(field.mask)) as i64 };
    Some(Value(value)).filter(|_| value != field.absent)
}

/// Every field with its name.
pub fn rows() -> impl Iterator<Item = (&'static str, tcpphase_field)> {
    FIELDS.iter().map(|field| (field.name.to_str().unwrap_or(""), field.row))
}

/// What is said of those that are wanted.
pub fn descriptions(wanted: fn(&tcpphase_field) -> bool) -> impl Iterator<Item = String> {
    let fields = FIELDS.iter().filter(move |field| wanted(&field.row));
    fields.map(|field| field.description.to_string_lossy().into_owned())
}

/// The row at this place.
pub fn row(index: u32) -> Option<tcpphase_field> {
    let field = FIELDS.get(index as usize)?;
    let (name, title, description) = (field.name.as_ptr(), field.title.as_ptr(), field.description.as_ptr());
    Some(tcpphase_field { name, title, description, ..field.row })
}

#[cfg(test)]
#[path = "fields_tests.rs"]
mod tests;
