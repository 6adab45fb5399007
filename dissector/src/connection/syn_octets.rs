//! What SYNs carry, until they are answered: the latest of all connections, for a flood of them must not fill memory.

use std::collections::VecDeque;

/// So much is kept, what it takes to find it included.
const ROOM: usize = 128 * 1024;
/// What it takes to find the octets of a SYN.
const OF_ONE: usize = 48;

/// Octets by the number of the connection, the oldest first.
#[derive(Debug, Default)]
pub struct SynOctets {
    kept: VecDeque<(u32, Vec<u8>)>,
    taken: usize,
}

impl SynOctets {
    /// Keeps the octets of the SYN that begins a connection; numbers rise.
    pub fn keep(&mut self, number: u32, octets: &[u8]) {
        if octets.is_empty() || octets.len() + OF_ONE > ROOM {
            return;
        }
        self.taken += octets.len() + OF_ONE;
        while self.taken > ROOM {
            self.forgets_oldest();
        }
        self.kept.push_back((number, octets.to_vec()));
    }

    /// Hands out the octets of a SYN; none where there were none, or so many others came since.
    pub fn take(&mut self, number: u32) -> Vec<u8> {
        let place = self.kept.binary_search_by_key(&number, |kept| kept.0);
        let octets = place.ok().and_then(|place| self.kept.get_mut(place)).map(|kept| std::mem::take(&mut kept.1));
        let octets = octets.unwrap_or_default();
        self.taken -= octets.len();
        while self.kept.front().map_or(false, |kept| kept.1.is_empty()) {
            self.forgets_oldest();
        }
        octets
    }

    fn forgets_oldest(&mut self) {
        if let Some((_, octets)) = self.kept.pop_front() {
            self.taken -= octets.len() + OF_ONE;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_handed_out_once() {
        let mut octets = SynOctets::default();
        octets.keep(3, b"three");
        octets.keep(5, b"");
        octets.keep(7, b"seven");
        assert_eq!((octets.take(7), octets.take(5), octets.take(4)), (b"seven".to_vec(), vec![], vec![]));
        assert_eq!((octets.take(7), octets.take(3)), (vec![], b"three".to_vec()));
        assert_eq!((octets.kept.len(), octets.taken), (0, 0));
    }

    #[test]
    fn the_oldest_make_room() {
        let mut octets = SynOctets::default();
        for number in 0..100_000 {
            octets.keep(number, &[1; 1400][..1 + number as usize % 1400]);
            assert!(octets.taken <= ROOM);
            if number % 3 == 0 {
                assert_eq!(octets.take(number).len(), 1 + number as usize % 1400);
            }
        }
        octets.keep(100_000, &[1; ROOM]);
        assert!(octets.take(100_000).is_empty());
        assert!(octets.take(0).is_empty());
        let held: usize = octets.kept.iter().map(|kept| kept.1.len() + OF_ONE).sum();
        assert_eq!(held, octets.taken);
    }
}
