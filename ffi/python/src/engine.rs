//! The library's C interface, as safe functions: rows are made where the plugin's are made.

use crate::layers::Segment;
use std::ffi::CString;
use std::mem::{size_of, zeroed};
use tcpphase_ffi::*;

/// A connection whose row has not been written.
pub struct Row {
    /// What the library is told.
    pub inner: tcpphase_row,
    _addresses: [CString; 2],
}

// SAFETY: the pointers are to the texts beside them, which nobody changes.
unsafe impl Send for Row {}
// SAFETY: as above.
unsafe impl Sync for Row {}

/// Classifies the segments of one capture.
pub struct Engine(*mut tcpphase_engine);

// SAFETY: an engine belongs to no thread, and is changed by `&mut` alone.
unsafe impl Send for Engine {}
// SAFETY: as above.
unsafe impl Sync for Engine {}

impl Drop for Engine {
    fn drop(&mut self) {
        // SAFETY: made by `new`, freed once.
        unsafe { tcpphase_engine_free(self.0) };
    }
}

impl Engine {
    /// An engine that has seen nothing.
    pub fn new() -> Engine {
        let mut engine = std::ptr::null_mut();
        // SAFETY: there is a place for it.
        unsafe { tcpphase_engine_new(&mut engine) };
        Engine(engine)
    }

    /// Shows it a segment. False where the library has met a bug of its own: it is of no further use.
    pub fn segment(&mut self, segment: &Segment, frame: u32, time: Option<i64>) -> bool {
        let flag = |flag, is_set| if is_set { flag } else { 0 };
        let captured = tcpphase_segment {
            struct_size: size_of::<tcpphase_segment>(),
            frame,
            flags: flag(TCPPHASE_SEGMENT_QUOTED, segment.quoted) | flag(TCPPHASE_SEGMENT_FRAGMENT, segment.fragment),
            time: time.unwrap_or(TCPPHASE_TIME_ABSENT),
            source: segment.source.as_ptr(),
            destination: segment.destination.as_ptr(),
            address_length: segment.source.len() as u32,
            identification: segment.identification.map_or(TCPPHASE_IDENTIFICATION_NONE, u32::from),
            octets: segment.octets.as_ptr(),
            captured_length: segment.octets.len() as u32,
            reported_length: segment.sent,
        };
        let mut notes = 0;
        // SAFETY: all pointers are to what lives here.
        unsafe { tcpphase_engine_segment(self.0, &captured, &mut notes) != TCPPHASE_POISONED }
    }

    /// The verdict of a frame's segment number `index`.
    pub fn verdict(&self, frame: u32, index: u32, sequence: u32) -> Option<tcpphase_verdict> {
        // SAFETY: numbers and null pointers are what it holds.
        let mut verdict: tcpphase_verdict = unsafe { zeroed() };
        verdict.struct_size = size_of::<tcpphase_verdict>();
        // SAFETY: there is a place for it.
        let result = unsafe { tcpphase_engine_verdict(self.0, frame, index, sequence, &mut verdict) };
        (result == TCPPHASE_OK).then_some(verdict)
    }

    /// What is known of a connection.
    pub fn summary(&self, connection: u32) -> Option<tcpphase_summary> {
        // SAFETY: numbers are what it holds.
        let mut summary: tcpphase_summary = unsafe { zeroed() };
        summary.struct_size = size_of::<tcpphase_summary>();
        // SAFETY: there is a place for it.
        let result = unsafe { tcpphase_engine_summary(self.0, connection, &mut summary) };
        (result == TCPPHASE_OK).then_some(summary)
    }

    /// A connection's row as text.
    pub fn row(&self, row: &Row, format: u32) -> Option<String> {
        // SAFETY: the row's texts live as long as it.
        text(|buffer, size| unsafe { tcpphase_engine_row(self.0, &row.inner, format, buffer, size) })
    }
}

/// What stands above rows.
pub fn heading(format: u32) -> String {
    // SAFETY: the buffer is as long as is said.
    text(|buffer, size| unsafe { tcpphase_row_heading(format, buffer, size) }).unwrap_or_default()
}

fn text(write: impl Fn(*mut libc::c_char, usize) -> i32) -> Option<String> {
    let mut buffer = vec![0_u8; 16_384];
    if write(buffer.as_mut_ptr().cast(), buffer.len()) != TCPPHASE_OK {
        return None;
    }
    let length = buffer.iter().position(|&octet| octet == 0)?;
    buffer.truncate(length);
    String::from_utf8(buffer).ok()
}

impl Row {
    /// A connection that begins with this segment.
    pub fn new(connection: u32, segment: &Segment, time: i64) -> Row {
        let addresses = [&segment.source, &segment.destination]
            .map(|address| CString::new(address_text(address)).unwrap_or_default());
        let [source, destination] = segment.ports();
        let is_lower = (&segment.source, source) <= (&segment.destination, destination);
        // SAFETY: numbers and null pointers are what it holds.
        let mut inner: tcpphase_row = unsafe { zeroed() };
        inner.struct_size = size_of::<tcpphase_row>();
        inner.connection = connection;
        inner.stream = TCPPHASE_CONNECTION_NONE;
        inner.first_time = time;
        inner.last_time = time;
        inner.sender_is_lower = is_lower.into();
        inner.sender_address = addresses[0].as_ptr();
        inner.receiver_address = addresses[1].as_ptr();
        inner.sender_port = source;
        inner.receiver_port = destination;
        Row { inner, _addresses: addresses }
    }

    /// Adds a segment's verdict.
    pub fn follow(&mut self, verdict: &tcpphase_verdict) {
        // SAFETY: both are whole structs.
        unsafe { tcpphase_row_follow(&mut self.inner, verdict) };
    }
}

fn address_text(octets: &[u8]) -> String {
    if let Ok(four) = <[u8; 4]>::try_from(octets) {
        std::net::Ipv4Addr::from(four).to_string()
    } else if let Ok(sixteen) = <[u8; 16]>::try_from(octets) {
        std::net::Ipv6Addr::from(sixteen).to_string()
    } else {
        String::new()
    }
}
