//! The C interface of [`tcpphase`]: the one place with unsafe code.
//!
//! `guard` checks what C hands over and stops panics, `convert` copies between the classifier's values
//! and the structs of `types`, `tables` holds the names, `fields` the table of fields. The contract that each `# Safety` below
//! refers to stands at the top of `include/tcpphase.h`, which cbindgen makes from this crate: the first
//! line of a comment is what C reads.

#![deny(missing_docs, unsafe_op_in_unsafe_fn)]
#![allow(non_camel_case_types)] // Types are spelled as in C.
#![allow(clippy::incompatible_msrv)] // libc passes on newer compilers' own c_char.

mod convert;
mod fields;
mod guard;
mod rows;
mod tables;
mod types;

pub use guard::tcpphase_engine;
use guard::{Failure, Output, TextBuffer};
use libc::{c_char, size_t};
use tcpphase::verdict::Note;
use tcpphase::Evidence;
pub use types::*;

/// The TCPPHASE_ABI_VERSION that the library was built with.
///
/// # Safety
/// Always safe.
#[no_mangle]
pub unsafe extern "C" fn tcpphase_abi_version() -> u32 {
    TCPPHASE_ABI_VERSION
}

/// The library's version, as in "0.1.0".
///
/// # Safety
/// Always safe.
#[no_mangle]
pub unsafe extern "C" fn tcpphase_version() -> *const c_char {
    concat!(env!("CARGO_PKG_VERSION"), "\0").as_ptr().cast()
}

/// English text for a result; never NULL.
///
/// # Safety
/// Always safe.
#[no_mangle]
pub unsafe extern "C" fn tcpphase_result_text(result: i32) -> *const c_char {
    let text = match result {
        TCPPHASE_OK => "done\0",
        TCPPHASE_NULL_ARGUMENT => "a pointer is NULL that must not be\0",
        TCPPHASE_BAD_SIZE => "a struct or buffer is too small\0",
        TCPPHASE_BAD_VALUE => "a number is out of its range\0",
        TCPPHASE_NOT_FOUND => "there is no such thing\0",
        TCPPHASE_POISONED => "the library met a bug of its own; this engine is of no further use\0",
        _ => "no such result\0",
    };
    text.as_ptr().cast()
}

/// Makes an engine: one for each capture.
///
/// # Safety
/// As the header's contract says.
#[no_mangle]
pub unsafe extern "C" fn tcpphase_engine_new(engine_out: *mut *mut tcpphase_engine) -> i32 {
    guard::run(|| {
        let engine_out = guard::place(engine_out)?;
        let engine = Box::into_raw(Box::new(tcpphase_engine::new()));
        // SAFETY: not NULL; the rest is the caller's promise.
        unsafe { engine_out.write(engine) };
        Ok(())
    })
}

/// Frees an engine, also a poisoned one; NULL is fine, the same engine twice is not.
///
/// # Safety
/// As the header's contract says.
#[no_mangle]
pub unsafe extern "C" fn tcpphase_engine_free(engine: *mut tcpphase_engine) {
    guard::run(|| {
        if !engine.is_null() {
            // SAFETY: `tcpphase_engine_new` made it of a Box; the caller promises not to use it again.
            drop(unsafe { Box::from_raw(engine) });
        }
        Ok(())
    });
}

/// Labels a segment, once and in the order of the capture; `*notes_out` gets its notes and TCPPHASE_SEALED.
///
/// # Safety
/// As the header's contract says.
#[no_mangle]
pub unsafe extern "C" fn tcpphase_engine_segment(
    engine: *mut tcpphase_engine,
    segment: *const tcpphase_segment,
    notes_out: *mut u32,
) -> i32 {
    let body = |engine: &mut tcpphase_engine| {
        let notes_out = guard::place(notes_out)?;
        // SAFETY: the caller's promise.
        let captured = unsafe { convert::captured(guard::input(segment)?)? };
        let classifier = engine.classifier_at(captured.frame)?;
        #[cfg(feature = "test-panic")]
        assert_ne!(captured.frame, u32::MAX, "a panic to test with");
        let notes = classifier.segment(&captured);
        let sealed = if classifier.is_sealed() { TCPPHASE_SEALED } else { 0 };
        // SAFETY: not NULL; the rest is the caller's promise.
        unsafe { notes_out.write(notes.0 | sealed) };
        Ok(())
    };
    // SAFETY: the caller's promise.
    unsafe { guard::change(engine, body) }
}

/// Labels a TCPPHASE_SEALED segment again, once, with the plaintext of its records; `*notes_out` gets its notes.
///
/// # Safety
/// As the header's contract says; `records` points to `count` of them.
#[no_mangle]
pub unsafe extern "C" fn tcpphase_engine_plaintext(
    engine: *mut tcpphase_engine,
    frame: u32,
    index: u32,
    sequence: u32,
    records: *const tcpphase_record,
    count: u32,
    notes_out: *mut u32,
) -> i32 {
    let body = |engine: &mut tcpphase_engine| {
        let notes_out = guard::place(notes_out)?;
        // SAFETY: the caller's promise.
        let records = unsafe { convert::decrypted(records, count)? };
        #[cfg(feature = "test-panic")]
        assert_ne!(frame, u32::MAX, "a panic to test with");
        let notes = engine.classifier_mut().plaintext(frame, index, sequence, &records);
        // SAFETY: not NULL; the rest is the caller's promise.
        unsafe { notes_out.write(notes.ok_or(Failure::NotFound)?.0) };
        Ok(())
    };
    // SAFETY: the caller's promise.
    unsafe { guard::change(engine, body) }
}

/// The verdict of a frame's segment number `index` (from 0), provided that its sequence number is this one.
///
/// # Safety
/// As the header's contract says.
#[no_mangle]
pub unsafe extern "C" fn tcpphase_engine_verdict(
    engine: *const tcpphase_engine,
    frame: u32,
    index: u32,
    sequence: u32,
    verdict_out: *mut tcpphase_verdict,
) -> i32 {
    let body = |engine: &tcpphase_engine| {
        // SAFETY: the caller's promise.
        let verdict_out = unsafe { Output::new(verdict_out)? };
        let verdict = engine.classifier().verdict(frame, index, sequence);
        verdict_out.write(convert::verdict_to_c(&verdict.ok_or(Failure::NotFound)?));
        Ok(())
    };
    // SAFETY: the caller's promise.
    unsafe { guard::read(engine, body) }
}

/// What is known so far of the connection with the number that a verdict gave.
///
/// # Safety
/// As the header's contract says.
#[no_mangle]
pub unsafe extern "C" fn tcpphase_engine_summary(
    engine: *const tcpphase_engine,
    connection: u32,
    summary_out: *mut tcpphase_summary,
) -> i32 {
    let body = |engine: &tcpphase_engine| {
        // SAFETY: the caller's promise.
        let summary_out = unsafe { Output::new(summary_out)? };
        let summary = engine.classifier().summary(connection);
        summary_out.write(convert::summary_to_c(&summary.ok_or(Failure::NotFound)?));
        Ok(())
    };
    // SAFETY: the caller's promise.
    unsafe { guard::read(engine, body) }
}

/// One of TCPPHASE_TEXT_* about a connection, cut as a label is; TCPPHASE_NOT_FOUND without any.
///
/// What comes from the wire is valid UTF-8, with control characters escaped.
///
/// # Safety
/// As the header's contract says.
#[no_mangle]
pub unsafe extern "C" fn tcpphase_engine_text(
    engine: *const tcpphase_engine,
    connection: u32,
    text: u32,
    buffer: *mut c_char,
    size: size_t,
) -> i32 {
    let body = |engine: &tcpphase_engine| {
        // SAFETY: the caller's promise.
        let buffer = unsafe { TextBuffer::new(buffer, size)? };
        let summary = engine.classifier().summary(connection).ok_or(Failure::NotFound)?;
        let needs_evidence = text == TCPPHASE_TEXT_STORY;
        let evidence = if needs_evidence { engine.evidence(connection) } else { Evidence::default() };
        buffer.write(&convert::text(&summary, &evidence, text)?.ok_or(Failure::NotFound)?);
        Ok(())
    };
    // SAFETY: the caller's promise.
    unsafe { guard::read(engine, body) }
}

/// A connection's row in one of TCPPHASE_ROW_*, without a line's end; TCPPHASE_BAD_SIZE where it does not fit.
///
/// # Safety
/// As the header's contract says; the texts of `row` end in a NUL.
#[no_mangle]
pub unsafe extern "C" fn tcpphase_engine_row(
    engine: *const tcpphase_engine,
    row: *const tcpphase_row,
    format: u32,
    buffer: *mut c_char,
    size: size_t,
) -> i32 {
    let body = |engine: &tcpphase_engine| {
        // SAFETY: the caller's promise.
        let (row, buffer) = unsafe { (guard::input(row)?, TextBuffer::new(buffer, size)?) };
        // SAFETY: the caller's promise.
        let (sender, receiver) = unsafe { (guard::text(row.sender_address)?, guard::text(row.receiver_address)?) };
        let summary = engine.classifier().summary(row.connection).ok_or(Failure::NotFound)?;
        buffer.write_whole(&rows::row(&rows::Place { row, sender: &sender, receiver: &receiver }, &summary, format)?)
    };
    // SAFETY: the caller's promise.
    unsafe { guard::read(engine, body) }
}

/// Adds a segment's verdict to its connection's row: call it for each, in the order of the capture, from a row of zeros on.
///
/// # Safety
/// As the header's contract says.
#[no_mangle]
pub unsafe extern "C" fn tcpphase_row_follow(row: *mut tcpphase_row, verdict: *const tcpphase_verdict) -> i32 {
    guard::run(|| {
        // SAFETY: the caller's promise.
        let (before, output) = unsafe { (*guard::input(row)?, Output::new(row)?) };
        // SAFETY: the caller's promise.
        let verdict = unsafe { guard::earlier_input(verdict)? };
        let mut evidence = convert::evidence_of(&before);
        evidence.take(&convert::verdict_from_c(&verdict)?);
        output.write(convert::row_with(&before, &evidence));
        Ok(())
    })
}

/// What stands above rows: the columns' names in CSV, nothing in JSON; TCPPHASE_BAD_SIZE as above.
///
/// # Safety
/// As the header's contract says.
#[no_mangle]
pub unsafe extern "C" fn tcpphase_row_heading(format: u32, buffer: *mut c_char, size: size_t) -> i32 {
    guard::run(|| {
        // SAFETY: the caller's promise.
        let buffer = unsafe { TextBuffer::new(buffer, size)? };
        buffer.write_whole(&rows::heading(format)?)
    })
}

/// A JSON Schema of the rows in JSON; TCPPHASE_BAD_SIZE as above.
///
/// # Safety
/// As the header's contract says.
#[no_mangle]
pub unsafe extern "C" fn tcpphase_row_schema(buffer: *mut c_char, size: size_t) -> i32 {
    guard::run(|| {
        // SAFETY: the caller's promise.
        let buffer = unsafe { TextBuffer::new(buffer, size)? };
        buffer.write_whole(&rows::schema())
    })
}

/// Where the connections 0 to `count` - 1 begin, as far as there are so many; `*connections_out` says how many there are.
///
/// # Safety
/// As the header's contract says; `origins_out` points to `count` structs.
#[no_mangle]
pub unsafe extern "C" fn tcpphase_engine_origins(
    engine: *const tcpphase_engine,
    origins_out: *mut tcpphase_origin,
    count: u32,
    connections_out: *mut u32,
) -> i32 {
    let body = |engine: &tcpphase_engine| {
        let connections_out = guard::place(connections_out)?;
        // SAFETY: the caller's promise.
        let origins_out = unsafe { guard::outputs(origins_out, count)? };
        let origins = engine.classifier().origins();
        let connections = u32::try_from(origins.len()).map_err(|_| Failure::BadValue)?;
        for (output, origin) in origins_out.into_iter().zip(&origins) {
            output.write(convert::origin_to_c(origin));
        }
        // SAFETY: not NULL; the rest is the caller's promise.
        unsafe { connections_out.write(connections) };
        Ok(())
    };
    // SAFETY: the caller's promise.
    unsafe { guard::read(engine, body) }
}

/// The column's text for a verdict, cut at a character where `size` octets do not hold it.
///
/// # Safety
/// As the header's contract says.
#[no_mangle]
pub unsafe extern "C" fn tcpphase_label(verdict: *const tcpphase_verdict, buffer: *mut c_char, size: size_t) -> i32 {
    guard::run(|| {
        // SAFETY: the caller's promise.
        let (verdict, buffer) = unsafe { (guard::earlier_input(verdict)?, TextBuffer::new(buffer, size)?) };
        buffer.write(&tcpphase::label::label(&convert::verdict_from_c(&verdict)?));
        Ok(())
    })
}

/// The text of a note that a verdict carries, cut likewise; TCPPHASE_NOT_FOUND where it does not carry it.
///
/// # Safety
/// As the header's contract says.
#[no_mangle]
pub unsafe extern "C" fn tcpphase_note_text(
    verdict: *const tcpphase_verdict,
    note: u32,
    buffer: *mut c_char,
    size: size_t,
) -> i32 {
    guard::run(|| {
        // SAFETY: the caller's promise.
        let (verdict, buffer) = unsafe { (guard::earlier_input(verdict)?, TextBuffer::new(buffer, size)?) };
        let note = u8::try_from(note).ok().and_then(Note::from_number);
        let note = note.ok_or(Failure::BadValue)?;
        let text = tcpphase::note::text(&convert::verdict_from_c(&verdict)?, note);
        buffer.write(&text.ok_or(Failure::NotFound)?);
        Ok(())
    })
}

/// Entry `index` (from 0) of one of TCPPHASE_TABLE_*: a number and its name; TCPPHASE_NOT_FOUND past the end.
///
/// # Safety
/// As the header's contract says.
#[no_mangle]
pub unsafe extern "C" fn tcpphase_name(
    table: u32,
    index: u32,
    value_out: *mut u32,
    name_out: *mut *const c_char,
) -> i32 {
    guard::run(|| {
        let (value_out, name_out) = (guard::place(value_out)?, guard::place(name_out)?);
        let table = tables::find(table).ok_or(Failure::BadValue)?;
        let (value, name) = table.entry(index).ok_or(Failure::NotFound)?;
        // SAFETY: not NULL; the rest is the caller's promise.
        unsafe {
            value_out.write(value);
            name_out.write(name.as_ptr());
        }
        Ok(())
    })
}

/// Field `index` (from 0) of verdicts and summaries, in the order in which they are shown; TCPPHASE_NOT_FOUND past the end.
///
/// # Safety
/// As the header's contract says.
#[no_mangle]
pub unsafe extern "C" fn tcpphase_field(index: u32, field_out: *mut types::tcpphase_field) -> i32 {
    guard::run(|| {
        // SAFETY: the caller's promise.
        let field_out = unsafe { Output::new(field_out)? };
        field_out.write(fields::row(index).ok_or(Failure::NotFound)?);
        Ok(())
    })
}

#[cfg(test)]
mod layout_tests;
