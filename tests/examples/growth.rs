//! Makes a pattern of `tcpphase_tests::growth`, for growth.py: `growth` lists them; `growth NUMBER COUNT [made]` makes so
//! many units, or makes the segments without showing them to anybody, and prints the octets that are left and how many
//! segments there were.

use tcpphase_tests::allocator::{held, Counting};
use tcpphase_tests::growth::{patterns, Traffic, Unit};

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let patterns = patterns();
    let number = |place: usize| arguments.get(place).and_then(|text| text.parse::<usize>().ok());
    let (pattern, count) = match (number(0).and_then(|place| patterns.get(place)), number(1)) {
        (Some(pattern), Some(count)) => (pattern, count as u32),
        _ => {
            for pattern in patterns {
                let (unit, octets) = match pattern.unit {
                    Unit::Segment { octets } => ("segment", octets),
                    Unit::Connection { octets } => ("connection", octets),
                };
                println!(
                    "{}\t{}\t{octets}\t{}\t{}",
                    pattern.name, unit, pattern.instructions, pattern.count
                );
            }
            return;
        }
    };
    let begin = held().taken;
    let mut traffic = Traffic::new(arguments.len() < 3);
    (pattern.make)(&mut traffic, count);
    println!("{} {}", held().taken - begin, traffic.segments);
}
