//! The boundary's guard: NULL, sizes, poison, panics. Every exported body is one call through it.

use crate::types;
use libc::{c_char, size_t};
use std::cell::{Cell, RefCell};
use std::ffi::CStr;
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::{ptr, slice};
use tcpphase::{Classifier, Evidence};

#[cfg(not(panic = "unwind"))]
compile_error!("a panic can only be caught where it unwinds: build with panic = \"unwind\"");

/// Why a call failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(i32)]
pub enum Failure {
    /// A pointer is NULL that must not be.
    NullArgument = types::TCPPHASE_NULL_ARGUMENT,
    /// A struct or buffer is too small.
    BadSize = types::TCPPHASE_BAD_SIZE,
    /// A number is out of its range.
    BadValue = types::TCPPHASE_BAD_VALUE,
    /// There is no such thing.
    NotFound = types::TCPPHASE_NOT_FOUND,
    /// A panic was caught.
    Poisoned = types::TCPPHASE_POISONED,
}

/// What the body of an exported function ends in.
pub type Outcome = Result<(), Failure>;

fn code(outcome: Outcome) -> i32 {
    match outcome {
        Ok(()) => types::TCPPHASE_OK,
        Err(failure) => failure as i32,
    }
}

/// Labels the segments of one capture.
pub struct tcpphase_engine {
    classifier: Classifier,
    latest_frame: u32,
    poisoned: Cell<bool>,
    /// Where in the capture stands what is said of each connection, and after how many segments that was found.
    evidence: RefCell<(usize, Vec<Evidence>)>,
}

impl tcpphase_engine {
    /// An engine that knows nothing yet.
    pub(crate) fn new() -> tcpphase_engine {
        tcpphase_engine {
            classifier: Classifier::new(),
            latest_frame: 0,
            poisoned: Cell::new(false),
            evidence: RefCell::default(),
        }
    }

    /// The classifier.
    pub(crate) fn classifier(&self) -> &Classifier {
        &self.classifier
    }

    /// Where in the capture stands what is said of a connection: looked up anew once there are more segments.
    pub(crate) fn evidence(&self, connection: u32) -> Evidence {
        let mut known = self.evidence.borrow_mut();
        if known.0 != self.classifier.segments() {
            *known = (self.classifier.segments(), self.classifier.evidence());
        }
        known.1.get(connection as usize).copied().unwrap_or_default()
    }

    /// The classifier, to change.
    pub(crate) fn classifier_mut(&mut self) -> &mut Classifier {
        &mut self.classifier
    }

    /// The classifier, ready for a segment of this frame: verdicts are found by frames that never fall.
    pub(crate) fn classifier_at(&mut self, frame: u32) -> Result<&mut Classifier, Failure> {
        if frame == 0 || frame < self.latest_frame {
            return Err(Failure::BadValue);
        }
        self.latest_frame = frame;
        Ok(&mut self.classifier)
    }
}

/// Runs a body that needs no engine.
pub fn run(body: impl FnOnce() -> Outcome) -> i32 {
    code(catch_unwind(AssertUnwindSafe(body)).unwrap_or(Err(Failure::Poisoned)))
}

/// Runs a body that reads an engine; a panic in it poisons the engine.
///
/// # Safety
/// `engine` is NULL or an engine that nobody changes meanwhile.
pub unsafe fn read(engine: *const tcpphase_engine, body: impl FnOnce(&tcpphase_engine) -> Outcome) -> i32 {
    // SAFETY: the caller's promise.
    let engine = match unsafe { engine.as_ref() } {
        Some(engine) => engine,
        None => return code(Err(Failure::NullArgument)),
    };
    if engine.poisoned.get() {
        return code(Err(Failure::Poisoned));
    }
    let result = run(|| body(engine));
    engine.poisoned.set(result == types::TCPPHASE_POISONED);
    result
}

/// Runs a body that changes an engine; a panic in it poisons the engine.
///
/// # Safety
/// `engine` is NULL or an engine that nobody else uses meanwhile.
pub unsafe fn change(engine: *mut tcpphase_engine, body: impl FnOnce(&mut tcpphase_engine) -> Outcome) -> i32 {
    // SAFETY: the caller's promise.
    let engine = match unsafe { engine.as_mut() } {
        Some(engine) => engine,
        None => return code(Err(Failure::NullArgument)),
    };
    if engine.poisoned.get() {
        return code(Err(Failure::Poisoned));
    }
    let result = run(|| body(engine));
    engine.poisoned.set(result == types::TCPPHASE_POISONED);
    result
}

/// A struct that carries its own size.
///
/// # Safety
/// It is `repr(C)`, its first field is `struct_size: size_t`, and any octets make a valid value of it.
pub unsafe trait Versioned: Copy {
    /// Its size in the first version that had it.
    const FIRST_SIZE: usize = std::mem::size_of::<Self>();
}

/// The size that a struct says it has.
///
/// # Safety
/// `pointer` is NULL, or points to a struct whose `struct_size` is set and true.
unsafe fn checked_size<T: Versioned>(pointer: *const T) -> Result<size_t, Failure> {
    if pointer.is_null() {
        return Err(Failure::NullArgument);
    }
    // SAFETY: `Versioned` puts the size first; the rest may be shorter than T, so T is not touched.
    let size = unsafe { pointer.cast::<size_t>().read() };
    if size < T::FIRST_SIZE {
        return Err(Failure::BadSize);
    }
    Ok(size)
}

/// Borrows a struct that C fills.
///
/// # Safety
/// `pointer` is NULL, or points to as many octets as its `struct_size` says, all of them set; nobody changes them
/// while the result lives.
pub unsafe fn input<'a, T: Versioned>(pointer: *const T) -> Result<&'a T, Failure> {
    // SAFETY: the caller's promise; the size is checked before the rest is lent.
    unsafe {
        if checked_size(pointer)? < std::mem::size_of::<T>() {
            return Err(Failure::BadSize);
        }
        Ok(&*pointer)
    }
}

/// Copies a struct that C fills, perhaps one of an earlier version: what that did not have is 0.
///
/// # Safety
/// As for `input`.
pub unsafe fn earlier_input<T: Versioned>(pointer: *const T) -> Result<T, Failure> {
    // SAFETY: the caller's promise; any octets make a valid value of it.
    unsafe {
        let size = checked_size(pointer)?.min(std::mem::size_of::<T>());
        let mut value = std::mem::zeroed::<T>();
        ptr::copy_nonoverlapping(pointer.cast::<u8>(), (&mut value as *mut T).cast::<u8>(), size);
        Ok(value)
    }
}

/// Borrows an array of structs that C fills, all of the same size.
///
/// # Safety
/// `pointer` is NULL, or points to `count` structs, each as `input` wants them.
pub unsafe fn inputs<'a, T: Versioned>(pointer: *const T, count: u32) -> Result<Vec<&'a T>, Failure> {
    // SAFETY: the caller's promise.
    let elements = unsafe { elements(pointer, count)? };
    // SAFETY: the caller's promise.
    elements.into_iter().map(|element| unsafe { input(element) }).collect()
}

/// Room for structs that we fill, all of the same size.
///
/// # Safety
/// `pointer` is NULL, or points to `count` structs, each as `Output::new` wants them.
pub unsafe fn outputs<T: Versioned>(pointer: *mut T, count: u32) -> Result<Vec<Output<T>>, Failure> {
    // SAFETY: the caller's promise.
    let elements = unsafe { elements(pointer, count)? };
    // SAFETY: the caller's promise.
    elements.into_iter().map(|element| unsafe { Output::new(element as *mut T) }).collect()
}

/// Where the elements of an array of structs begin, each of which says the same size.
///
/// # Safety
/// `pointer` is NULL, or points to `count` structs whose `struct_size` is set and true.
unsafe fn elements<T: Versioned>(pointer: *const T, count: u32) -> Result<Vec<*const T>, Failure> {
    if count == 0 {
        return Ok(Vec::new());
    }
    // SAFETY: the caller's promise.
    let size = unsafe { checked_size(pointer)? };
    if size % std::mem::align_of::<T>() != 0 {
        return Err(Failure::BadSize);
    }
    // No array is larger than what a pointer's difference can say.
    let octets = size.checked_mul(count as usize).filter(|&octets| isize::try_from(octets).is_ok());
    octets.ok_or(Failure::BadSize)?;
    let element = |index: u32| {
        // SAFETY: the caller's promise: so many structs of this size follow each other.
        let element = unsafe { pointer.cast::<u8>().add(index as usize * size).cast::<T>() };
        // SAFETY: the caller's promise.
        match unsafe { checked_size(element)? } {
            own if own == size => Ok(element),
            _ => Err(Failure::BadSize),
        }
    };
    (0..count).map(element).collect()
}

/// Room for a struct that we fill.
pub struct Output<T> {
    pointer: *mut T,
    size: size_t,
}

impl<T: Versioned> Output<T> {
    /// # Safety
    /// `pointer` is NULL, or points to as many octets as its `struct_size` says, for as long as this lives.
    pub unsafe fn new(pointer: *mut T) -> Result<Output<T>, Failure> {
        // SAFETY: the caller's promise.
        let size = unsafe { checked_size(pointer)? };
        Ok(Output { pointer, size })
    }

    /// Fills as much as there is room for, but `struct_size`, which is C's.
    pub fn write(self, value: T) {
        let size = self.size.min(std::mem::size_of::<T>());
        // SAFETY: there are `size` octets on both sides; `Versioned` puts the struct's size first, which fits.
        unsafe {
            ptr::copy_nonoverlapping((&value as *const T).cast::<u8>(), self.pointer.cast::<u8>(), size);
            self.pointer.cast::<size_t>().write(self.size);
        }
    }
}

/// Room for a number or a pointer.
pub fn place<T>(pointer: *mut T) -> Result<*mut T, Failure> {
    if pointer.is_null() {
        return Err(Failure::NullArgument);
    }
    Ok(pointer)
}

/// Octets that C lends; NULL will do for none.
///
/// # Safety
/// `pointer` is NULL, or points to `length` octets that nobody changes while the slice lives.
pub unsafe fn octets<'a>(pointer: *const u8, length: u32) -> Result<&'a [u8], Failure> {
    match (pointer.is_null(), length) {
        (_, 0) => Ok(&[]),
        (true, _) => Err(Failure::NullArgument),
        // SAFETY: the caller's promise; u32 fits usize wherever an operating system runs.
        (false, _) => Ok(unsafe { slice::from_raw_parts(pointer, length as usize) }),
    }
}

/// Text that C lends.
///
/// # Safety
/// `pointer` is NULL, or points to text that ends in a NUL.
pub unsafe fn text(pointer: *const c_char) -> Result<String, Failure> {
    if pointer.is_null() {
        return Err(Failure::NullArgument);
    }
    // SAFETY: the caller's promise.
    Ok(unsafe { CStr::from_ptr(pointer) }.to_string_lossy().into_owned())
}

/// Room for text.
pub struct TextBuffer {
    buffer: *mut c_char,
    size: size_t,
}

impl TextBuffer {
    /// # Safety
    /// `buffer` is NULL, or points to `size` octets, for as long as this lives.
    pub unsafe fn new(buffer: *mut c_char, size: size_t) -> Result<TextBuffer, Failure> {
        match (buffer.is_null(), size) {
            (true, _) => Err(Failure::NullArgument),
            (false, 0) => Err(Failure::BadSize),
            (false, _) => Ok(TextBuffer { buffer, size }),
        }
    }

    /// Writes all of it, and a NUL, or nothing.
    pub fn write_whole(self, text: &str) -> Outcome {
        if text.len() >= self.size {
            return Err(Failure::BadSize);
        }
        self.write(text);
        Ok(())
    }

    /// Writes as many whole characters as fit, and a NUL.
    pub fn write(self, text: &str) {
        let mut length = text.len().min(self.size - 1);
        while !text.is_char_boundary(length) {
            length -= 1;
        }
        // SAFETY: `new` has checked that the buffer holds at least one octet, and length < size.
        unsafe {
            ptr::copy_nonoverlapping(text.as_ptr().cast(), self.buffer, length);
            self.buffer.add(length).write(0);
        }
    }
}

#[cfg(test)]
#[path = "guard_tests.rs"]
mod tests;
