//! Each parser by itself.

use tcpphase::parsers::{BEGINNINGS, IN_PIECES, RECOGNISERS, WHOLES};

/// As many first octets as any protocol is told by.
const DECIDING: usize = 40;

/// Tries them.
///
/// # Panics
///
/// Where something does not hold.
pub fn run(data: &[u8]) {
    for (name, read) in BEGINNINGS {
        if let Some((taken, value)) = read(data) {
            assert!(taken <= data.len(), "{name} has taken too much");
            let alone = read(&data[..taken]);
            assert_eq!(alone, Some((taken, value)), "{name} reads what follows");
            let less = taken.checked_sub(1).and_then(|less| read(&data[..less]));
            assert_eq!(less, None, "{name} does not need its last octet");
        }
    }
    for (name, read) in WHOLES {
        if let Some((taken, _)) = read(data) {
            assert!(taken <= data.len(), "{name} has taken too much");
        }
    }
    let first = &data[..data.len().min(DECIDING)];
    for (name, begins) in RECOGNISERS {
        for length in 0..first.len() {
            let (before, after) = (begins(&first[..length]), begins(&first[..length + 1]));
            // A line of HTTP can turn out to be none.
            let stays = before.is_none() || before == after || (*name == "HTTP" && before == Some(true));
            assert!(stays, "{name}: {before:?} after {length} octets, then {after:?}");
        }
    }
    for (name, read) in IN_PIECES {
        let whole = read(&[data]);
        for size in [1, 3, 7, 100] {
            let pieces: Vec<&[u8]> = data.chunks(size).collect();
            assert_eq!(read(&pieces), whole, "{name} in pieces of {size}");
        }
    }
}
