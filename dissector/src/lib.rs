//! Tells, for every TCP segment of a capture, where its connection is in its life.
//!
//! Data goes one way: [`Classifier::segment`] takes a segment as captured; `tcp::parser` reads it; `flow` finds its
//! [`connection`](crate::verdict::Verdict::connection); `mirror` sets copies aside; `connection` judges it and moves
//! both endpoints; `history` keeps the [`Verdict`](verdict::Verdict). [`label`] and [`note`] put verdicts into words.
//!
//! A verdict depends on earlier frames only. There is no clock, no input or output and no global: the same segments
//! give the same verdicts.

#![forbid(unsafe_code)]
#![deny(missing_docs)]

mod application;
mod captured;
mod classifier;
mod connection;
mod evidence;
mod flow;
mod heartbeat;
mod history;
mod http;
mod http2;
pub mod label;
mod lingering;
mod mirror;
mod mqtt;
mod names;
pub mod note;
mod origin;
#[cfg(feature = "parsers")]
pub mod parsers;
mod payload;
mod postgresql;
mod reassembly;
mod repetition;
mod starttls;
pub mod story;
mod tcp;
mod timeline;
mod tls;
pub mod verdict;
mod websocket;
pub mod words;

pub use captured::{Captured, Decrypted};
pub use classifier::Classifier;
pub use evidence::Evidence;
pub use origin::{Origin, Sent};
