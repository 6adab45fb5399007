//! Judges the classifier by its written rules.
//!
//! [`segment`] builds segments octet by octet, [`script`] reads conversations with what is expected of them, [`play`]
//! lets the classifier see them in many disguises (other sequence numbers, other addresses) and compares. The scripts
//! are in `scripts/`; their notation is described in [`script`]. [`traffic`] makes up segments, and tries what has to
//! hold for all of them. [`growth`] makes captures that grow, [`allocator`] counts what they take, and [`fuzz`] makes
//! something of any octets.

pub mod allocator;
pub mod capture;
pub mod fuzz;
pub mod growth;
pub mod play;
pub mod random;
pub mod script;
pub mod segment;
pub mod traffic;
