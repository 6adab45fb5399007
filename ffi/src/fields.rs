//! The table of fields: all that a program has to know of each to register, read and show it. Whoever adds a fact to a
//! verdict or a summary adds its row in `rows`, and no other list of fields is kept.

use crate::types::*;
use once_cell::sync::Lazy;
use std::ffi::CString;
use std::mem::size_of;

mod rows;

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

/// The row at this place.
pub fn row(index: u32) -> Option<tcpphase_field> {
    let field = FIELDS.get(index as usize)?;
    let (name, title, description) = (field.name.as_ptr(), field.title.as_ptr(), field.description.as_ptr());
    Some(tcpphase_field { name, title, description, ..field.row })
}

#[cfg(test)]
#[path = "fields_tests.rs"]
mod tests;
