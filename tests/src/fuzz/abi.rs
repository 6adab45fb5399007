//! The C functions, each pointer to a block that is as large as was said and no larger.
//!
//! What goes beyond a block is found by a sanitizer, or by Miri; what is written where nothing should be, here.

use super::tape::{decrypted, steps, Player, Shown, View};
use std::ffi::CStr;
use std::mem::size_of;
use std::os::raw::c_char;
use std::ptr;
use tcpphase_ffi::*;

/// What stands in a block before anything is written there.
const UNTOUCHED: u64 = 0xa5a5_a5a5_a5a5_a5a5;
/// A mode: structs as a later version may have them.
const LARGER: u8 = 1;
/// A mode: structs that are too small.
const SMALLER: u8 = 2;
/// A mode: pointers that must not be NULL are.
const NULLS: u8 = 4;

/// Room for a struct, aligned, of exactly so many octets: a multiple of eight.
struct Block(Box<[u64]>);

impl Block {
    fn new(size: usize) -> Block {
        let mut block = Block(vec![UNTOUCHED; size / 8].into_boxed_slice());
        block.0[0] = size as u64;
        block
    }

    /// Like the struct, or larger or smaller, as the mode says.
    fn of<T>(mode: u8) -> Block {
        let size = size_of::<T>();
        match mode {
            mode if mode & SMALLER != 0 => Block::new(8 + usize::from(mode) % (size / 8 - 1) * 8),
            mode if mode & LARGER != 0 => Block::new(size + 8 + usize::from(mode >> 3) * 8),
            _ => Block::new(size),
        }
    }

    fn pointer<T>(&mut self) -> *mut T {
        self.0.as_mut_ptr().cast()
    }

    fn is_untouched(&self) -> bool {
        self.0[1..].iter().all(|&word| word == UNTOUCHED)
    }

    fn write<T: Copy>(&mut self, value: T) {
        let size = self.0[0];
        let room = self.0.len() * 8;
        // SAFETY: both are at least as long as what is copied, and any octets will do.
        unsafe {
            ptr::copy_nonoverlapping(
                ptr::addr_of!(value).cast::<u8>(),
                self.pointer(),
                size_of::<T>().min(room),
            );
        }
        self.0[0] = size;
    }

    /// After a call: what it has written.
    fn check<T: Copy>(&self, result: i32) -> Option<T> {
        let size = size_of::<T>();
        assert_ne!(result, TCPPHASE_POISONED, "a panic");
        if result != TCPPHASE_OK {
            assert!(self.is_untouched(), "a call that failed has written");
            return None;
        }
        assert_eq!(self.0[0] as usize, self.0.len() * 8, "struct_size was changed");
        assert!(
            self.0[size / 8..].iter().all(|&word| word == UNTOUCHED),
            "written behind the struct"
        );
        // SAFETY: the block is as large, and the library has filled it.
        Some(unsafe { self.0.as_ptr().cast::<T>().read() })
    }
}

/// Octets in a block of their own; none at all is NULL.
fn exact(octets: &[u8]) -> Box<[u8]> {
    octets.to_vec().into_boxed_slice()
}

fn pointer(octets: &[u8]) -> *const u8 {
    if octets.is_empty() {
        ptr::null()
    } else {
        octets.as_ptr()
    }
}

struct Engine {
    engine: *mut tcpphase_engine,
    mode: u8,
}

impl Engine {
    fn new(mode: u8) -> Engine {
        let mut engine = ptr::null_mut();
        // SAFETY: there is room for the pointer.
        unsafe {
            assert_eq!(tcpphase_engine_new(ptr::null_mut()), TCPPHASE_NULL_ARGUMENT);
            assert_eq!(tcpphase_engine_new(&mut engine), TCPPHASE_OK);
        }
        Engine { engine, mode }
    }

    fn segment(&self, shown: &Shown) -> Option<u32> {
        let addresses = [exact(&shown.addresses[0]), exact(&shown.addresses[1])];
        let octets = exact(&shown.octets[..shown.octets.len().min(shown.reported_length as usize)]);
        let mut block = Block::of::<tcpphase_segment>(self.mode);
        block.write(tcpphase_segment {
            struct_size: 0,
            frame: shown.frame,
            flags: if shown.quoted { TCPPHASE_SEGMENT_QUOTED } else { 0 }
                | if shown.fragment { TCPPHASE_SEGMENT_FRAGMENT } else { 0 },
            time: shown.time.unwrap_or(TCPPHASE_TIME_ABSENT),
            source: pointer(&addresses[0]),
            destination: pointer(&addresses[1]),
            address_length: addresses[0].len() as u32,
            identification: shown.identification.map_or(TCPPHASE_IDENTIFICATION_NONE, u32::from),
            octets: pointer(&octets),
            captured_length: octets.len() as u32,
            reported_length: shown.reported_length,
        });
        let mut notes = u32::MAX;
        // SAFETY: every block lives and is as large as it says.
        let result = unsafe { tcpphase_engine_segment(self.engine, block.pointer(), &mut notes) };
        self.check_result(result);
        assert_eq!(
            result != TCPPHASE_OK,
            notes == u32::MAX,
            "notes of a call that failed, or none"
        );
        (result == TCPPHASE_OK).then_some(notes)
    }

    fn check_result(&self, result: i32) {
        assert_ne!(result, TCPPHASE_POISONED, "a panic");
        assert_eq!(result == TCPPHASE_BAD_SIZE, self.mode & SMALLER != 0, "{result}");
    }

    fn opens(&self, shown: &Shown, index: u32) {
        let plaintext = shown.plaintext();
        let records: Vec<Box<[u8]>> = plaintext.iter().map(|(_, octets)| exact(octets)).collect();
        let size = Block::of::<tcpphase_record>(self.mode).0.len();
        let mut array = vec![UNTOUCHED; size * records.len()];
        for (place, (record, octets)) in decrypted(&plaintext).iter().zip(&records).enumerate() {
            let mut block = Block::of::<tcpphase_record>(self.mode);
            block.write(tcpphase_record {
                struct_size: 0,
                octets: pointer(octets),
                length: octets.len() as u32,
                content_type: u32::from(record.content),
            });
            array[place * size..(place + 1) * size].copy_from_slice(&block.0);
        }
        let mut notes = 0;
        // SAFETY: as many records as are said, each of the size that it says.
        let result = unsafe {
            let records = if array.is_empty() {
                ptr::null()
            } else {
                array.as_ptr().cast()
            };
            let count = plaintext.len() as u32;
            tcpphase_engine_plaintext(
                self.engine,
                shown.frame,
                index,
                shown.sequence(),
                records,
                count,
                &mut notes,
            )
        };
        assert_ne!(result, TCPPHASE_POISONED, "a panic");
    }

    fn verdict(&self, frame: u32, index: u32, sequence: u32) -> Option<tcpphase_verdict> {
        let mut block = Block::of::<tcpphase_verdict>(self.mode);
        // SAFETY: the block is as large as it says.
        let result = unsafe { tcpphase_engine_verdict(self.engine, frame, index, sequence, block.pointer()) };
        block.check(result)
    }

    fn connections(&self) {
        let mut count = u32::MAX;
        // SAFETY: there is no room and none is said to be.
        let result = unsafe { tcpphase_engine_origins(self.engine, ptr::null_mut(), 0, &mut count) };
        assert_eq!(result, TCPPHASE_OK);
        let size = Block::of::<tcpphase_origin>(self.mode).0.len();
        let mut array = vec![UNTOUCHED; size * count as usize];
        array.chunks_mut(size).for_each(|origin| origin[0] = size as u64 * 8);
        let mut again = 0;
        // SAFETY: as many as are said, each of the size that it says.
        let result = unsafe {
            let room = if array.is_empty() {
                ptr::null_mut()
            } else {
                array.as_mut_ptr().cast()
            };
            tcpphase_engine_origins(self.engine, room, count, &mut again)
        };
        assert_ne!(result, TCPPHASE_POISONED, "a panic");
        assert!(result != TCPPHASE_OK || again == count, "as many as before");
        for connection in [0, count.saturating_sub(1), count, u32::MAX] {
            let mut block = Block::of::<tcpphase_summary>(self.mode);
            // SAFETY: the block is as large as it says.
            let result = unsafe { tcpphase_engine_summary(self.engine, connection, block.pointer()) };
            let summary: Option<tcpphase_summary> = block.check(result);
            assert!(summary.is_none() || connection < count, "of no connection");
        }
    }

    fn nulls(&self) {
        let mut number = 7;
        // SAFETY: NULL is what is to be refused.
        unsafe {
            let refused = [
                tcpphase_engine_segment(self.engine, ptr::null(), &mut number),
                tcpphase_engine_segment(ptr::null_mut(), ptr::null(), &mut number),
                tcpphase_engine_verdict(self.engine, 1, 0, 0, ptr::null_mut()),
                tcpphase_engine_summary(self.engine, 0, ptr::null_mut()),
                tcpphase_engine_origins(self.engine, ptr::null_mut(), 1, &mut number),
                tcpphase_engine_plaintext(self.engine, 1, 0, 0, ptr::null(), 1, &mut number),
                tcpphase_label(ptr::null(), ptr::null_mut(), 0),
                tcpphase_name(1, 0, ptr::null_mut(), ptr::null_mut()),
            ];
            assert_eq!(refused, [TCPPHASE_NULL_ARGUMENT; 8]);
        }
        assert_eq!(number, 7);
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        // SAFETY: it is freed once.
        unsafe { tcpphase_engine_free(self.engine) };
    }
}

/// Text for a verdict, whoever filled it: whole characters and a NUL, and no panic.
fn text(verdict: &tcpphase_verdict, size: usize, write: impl Fn(*const tcpphase_verdict, *mut c_char, usize) -> i32) {
    let mut block = Block::of::<tcpphase_verdict>(0);
    block.write(*verdict);
    let mut buffer = vec![0x7f_u8; size].into_boxed_slice();
    let result = write(block.pointer(), buffer.as_mut_ptr().cast(), size);
    assert_ne!(result, TCPPHASE_POISONED, "a panic");
    let expected = if size == 0 { TCPPHASE_BAD_SIZE } else { result };
    assert_eq!(result, expected);
    match result {
        TCPPHASE_OK => {
            let text =
                CStr::from_bytes_with_nul(&buffer[..=buffer.iter().position(|&octet| octet == 0).expect("a NUL")]);
            assert!(text.expect("a text").to_str().is_ok(), "whole characters");
        }
        _ => assert!(
            buffer.iter().all(|&octet| octet == 0x7f),
            "a call that failed has written"
        ),
    }
}

fn texts(verdict: &tcpphase_verdict, size: usize) {
    // SAFETY: verdict and buffer are as large as is said.
    text(verdict, size, |verdict, buffer, size| unsafe {
        tcpphase_label(verdict, buffer, size)
    });
    for note in 0..33 {
        // SAFETY: likewise.
        text(verdict, size, |verdict, buffer, size| unsafe {
            tcpphase_note_text(verdict, note, buffer, size)
        });
    }
}

/// Octets that are no verdict's.
fn damaged(verdict: &tcpphase_verdict, data: &[u8]) -> tcpphase_verdict {
    let mut block = Block::of::<tcpphase_verdict>(0);
    block.write(*verdict);
    for pair in data.chunks_exact(3).take(8) {
        let at = 1 + usize::from(pair[0]) % (block.0.len() - 1);
        let shift = u32::from(pair[1]) % 8 * 8;
        block.0[at] = block.0[at] & !(0xff << shift) | u64::from(pair[2]) << shift;
    }
    // SAFETY: it has the size, and any octets are a value of it.
    unsafe { block.pointer::<tcpphase_verdict>().read() }
}

/// Tries them.
///
/// # Panics
///
/// Where something does not hold.
pub fn run(data: &[u8]) {
    let (mode, data) = match data.split_first() {
        Some((mode, data)) => (*mode, data),
        None => return,
    };
    let engine = Engine::new(mode);
    let mut player = Player::new(View::default());
    let (mut frame, mut index) = (0, 0);
    for step in steps(data).iter().take(200) {
        let shown = player.shows(step);
        index = if shown.frame == frame { index } else { 0 };
        frame = shown.frame;
        let notes = engine.segment(&shown);
        if step.quoted || notes.is_none() {
            continue;
        }
        if step.opened {
            engine.opens(&shown, index);
        }
        if let Some(verdict) = engine.verdict(frame, index, shown.sequence()) {
            texts(&verdict, usize::from(step.identification));
            texts(&damaged(&verdict, &step.payload), 128);
        }
        index += 1;
    }
    if mode & NULLS != 0 {
        engine.nulls();
    }
    engine.connections();
}
