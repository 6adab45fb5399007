//! An allocator that counts.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

/// Octets that a test holds.
#[derive(Clone, Copy, Debug, Default)]
pub struct Held {
    /// By the program.
    pub asked_for: isize,
    /// By the C library for it.
    pub taken: isize,
}

thread_local! {
    static HELD: Cell<Held> = const { Cell::new(Held { asked_for: 0, taken: 0 }) };
}

/// Counts for each thread, since each test has its own. Whoever counts makes it the global allocator.
#[derive(Debug)]
pub struct Counting;

/// What the GNU C library takes: a word of its own, in steps of 16 octets, at least 32.
fn taken(octets: usize) -> isize {
    ((octets + 8 + 15) / 16 * 16).max(32) as isize
}

fn count(octets: usize, sign: isize) {
    // While a thread ends there is nothing left to count in.
    let _ = HELD.try_with(|held| {
        let Held {
            asked_for,
            taken: before,
        } = held.get();
        held.set(Held {
            asked_for: asked_for + sign * octets as isize,
            taken: before + sign * taken(octets),
        });
    });
}

// SAFETY: everything is left to the system's allocator; counting allocates nothing.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size(), 1);
        System.alloc(layout)
    }

    unsafe fn dealloc(&self, octets: *mut u8, layout: Layout) {
        count(layout.size(), -1);
        System.dealloc(octets, layout);
    }

    unsafe fn realloc(&self, octets: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count(layout.size(), -1);
        count(size, 1);
        System.realloc(octets, layout, size)
    }
}

/// Octets held by this thread.
pub fn held() -> Held {
    HELD.with(Cell::get)
}
