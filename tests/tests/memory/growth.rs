//! The patterns of `growth`: what each leaves behind, at once and however long it lasts.

use tcpphase_tests::allocator::held;
use tcpphase_tests::growth::{patterns, Pattern, Traffic, Unit, OF_A_SEGMENT};

/// Octets that so many units leave behind, and of how many segments.
fn left_by(pattern: &Pattern, count: u32) -> (f64, f64) {
    let begin = held().taken;
    let mut traffic = Traffic::new(true);
    (pattern.make)(&mut traffic, count);
    ((held().taken - begin) as f64, f64::from(traffic.segments))
}

/// Octets of each unit.
fn each(pattern: &Pattern) -> f64 {
    let ((few, few_segments), (many, many_segments)) =
        (left_by(pattern, pattern.count), left_by(pattern, 2 * pattern.count));
    let count = f64::from(pattern.count);
    match pattern.unit {
        // What one connection keeps beside its segments does not grow with them.
        Unit::Segment { .. } => (many - few) / (many_segments - few_segments),
        // Tables are fuller or emptier.
        Unit::Connection { .. } => {
            ((few - OF_A_SEGMENT * few_segments) / count).max((many - OF_A_SEGMENT * many_segments) / (2.0 * count))
        }
    }
}

/// Millions of segments: `cargo test --release`.
#[test]
#[cfg_attr(debug_assertions, ignore)]
fn no_pattern_takes_more_than_it_may() {
    let mut above = Vec::new();
    for pattern in patterns() {
        let octets = each(&pattern);
        let (Unit::Segment { octets: at_most } | Unit::Connection { octets: at_most }) = pattern.unit;
        println!("{}: {octets:.1} octets, at most {at_most}", pattern.name);
        if octets > at_most {
            above.push(format!("{}: {octets:.1} octets, more than {at_most}", pattern.name));
        }
    }
    assert!(above.is_empty(), "{}", above.join("\n"));
}
