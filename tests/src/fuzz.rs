//! What any octets are made into, and what has to hold for all of them: the targets of `tests/fuzz`.
//!
//! A target takes octets and panics where something does not hold. `tests/fuzz` has them mutated by libFuzzer, which is
//! told what they reach; `tests/tests/fuzz.rs` replays seeds and a fixed number of mutations without it.

pub mod abi;
pub mod classifier;
pub mod mutation;
pub mod parsers;
pub mod repeated;
pub mod seeds;
pub mod streams;
pub mod tape;

/// A target: its name and what it does.
pub type Target = (&'static str, fn(&[u8]));

/// All of them.
pub const TARGETS: [Target; 5] = [
    ("classifier", classifier::run),
    ("streams", streams::run),
    ("repeated", repeated::run),
    ("parsers", parsers::run),
    ("abi", abi::run),
];
