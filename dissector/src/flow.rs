//! From addresses and ports to a connection's number.

use crate::connection::Direction;
use std::collections::hash_map::RandomState;
use std::collections::HashMap;
use std::hash::{BuildHasher, Hash, Hasher};

/// Addresses and ports of both endpoints of IPv4, the lower endpoint first, address and port of each in one number.
type Narrow = (u64, u64);

/// Fingerprint of the addresses and ports of any others: they themselves would be twice as long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Wide([u32; 4]);

impl Hash for Wide {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(u64::from(self.0[0]) << 32 | u64::from(self.0[1]));
    }
}

/// A connection's addresses and ports, and which way a segment goes there.
#[derive(Clone, Copy, Debug)]
pub struct Flow {
    key: Key,
    direction: Direction,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Key {
    Narrow(Narrow),
    Wide(Wide),
}

/// The same in a table: without the room that an address in a word of its own leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Packed {
    hosts: [u32; 2],
    ports: [u16; 2],
}

impl Packed {
    #[inline(always)]
    fn of(key: Narrow) -> Packed {
        Packed { hosts: [(key.0 >> 16) as u32, (key.1 >> 16) as u32], ports: [key.0 as u16, key.1 as u16] }
    }
}

impl Hash for Packed {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let both = |low: u32, high: u32| u64::from(high) << 32 | u64::from(low);
        state.write_u64(both(self.hosts[0], self.hosts[1]));
        state.write_u64(both(self.ports[0].into(), self.ports[1].into()));
    }
}

impl Flow {
    /// Which way the segment goes.
    pub fn direction(&self) -> Direction {
        self.direction
    }
}

/// Address, padded, and port.
fn endpoint(address: &[u8], port: u16) -> (u128, u16) {
    let mut octets = [0; 16];
    let length = address.len().min(16);
    octets[..length].copy_from_slice(&address[..length]);
    (u128::from_be_bytes(octets), port)
}

/// Makes fingerprints with numbers that no capture can know: two different ones of what they are made of are the same
/// with probability 2^-128, whoever chooses the addresses (Lemire, Kaser: Strongly universal string hashing is fast).
#[derive(Debug)]
struct Fingerprinter([[u128; Fingerprinter::WORDS + 1]; 2]);

impl Fingerprinter {
    const WORDS: usize = 5;

    fn fingerprint(&self, words: [u64; Fingerprinter::WORDS]) -> Wide {
        let half = |[first, others @ ..]: &[u128; Fingerprinter::WORDS + 1]| {
            let product = |(&word, number): (&u64, &u128)| number.wrapping_mul(u128::from(word));
            let sum = words.iter().zip(others).map(product).fold(*first, u128::wrapping_add);
            [(sum >> 96) as u32, (sum >> 64) as u32]
        };
        let ([a, b], [c, d]) = (half(&self.0[0]), half(&self.0[1]));
        Wide([a, b, c, d])
    }
}

impl Default for Fingerprinter {
    fn default() -> Fingerprinter {
        let random = || u128::from(Secret::default().0) << 64 | u128::from(Secret::default().0);
        Fingerprinter([(); 2].map(|()| [(); Fingerprinter::WORDS + 1].map(|()| random())))
    }
}

/// 2^64 divided by the golden ratio: its multiples lie far apart.
const MULTIPLIER: u64 = 0x9e37_79b9_7f4a_7c15;

/// Hashes addresses and ports with a number that no capture can know, so that none can be made of collisions.
#[derive(Clone, Debug)]
struct Secret(u64);

impl Default for Secret {
    fn default() -> Secret {
        Secret(RandomState::new().build_hasher().finish())
    }
}

impl BuildHasher for Secret {
    type Hasher = Mixer;

    fn build_hasher(&self) -> Mixer {
        Mixer(self.0)
    }
}

/// Multiplies word by word and folds the halves of the product together.
#[derive(Debug)]
struct Mixer(u64);

impl Hasher for Mixer {
    fn write(&mut self, octets: &[u8]) {
        for part in octets.chunks(8) {
            let mut word = [0; 8];
            word[..part.len()].copy_from_slice(part);
            self.write_u64(u64::from_ne_bytes(word));
        }
    }

    fn write_u64(&mut self, word: u64) {
        let product = u128::from(self.0 ^ word) * u128::from(MULTIPLIER);
        self.0 = product as u64 ^ (product >> 64) as u64;
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

/// The newest connection of each flow.
#[derive(Debug, Default)]
pub struct Flows {
    narrow: HashMap<Packed, u32, Secret>,
    wide: HashMap<Wide, u32, Secret>,
    fingerprinter: Fingerprinter,
    last: Option<(Key, u32)>,
    /// Connections of IPv4 that are not the newest of their flow any more, and the next one of each.
    followed: Vec<(u32, u32)>,
}

/// Address and port of both endpoints of IPv4, the lower endpoint first.
pub type Endpoints = [([u8; 4], u16); 2];

impl Flows {
    /// The flow of a segment. Octets of an address past the sixteenth do not count.
    #[inline(always)] // Every segment comes here.
    pub fn flow(&self, source: &[u8], source_port: u16, destination: &[u8], destination_port: u16) -> Flow {
        if let (Ok(source), Ok(destination)) = (<[u8; 4]>::try_from(source), <[u8; 4]>::try_from(destination)) {
            let source = u64::from(u32::from_be_bytes(source)) << 16 | u64::from(source_port);
            let destination = u64::from(u32::from_be_bytes(destination)) << 16 | u64::from(destination_port);
            let key = Key::Narrow((source.min(destination), source.max(destination)));
            return Flow { key, direction: Direction::from_lower(source <= destination) };
        }
        self.wide_flow(source, source_port, destination, destination_port)
    }

    #[inline(never)]
    fn wide_flow(&self, source: &[u8], source_port: u16, destination: &[u8], destination_port: u16) -> Flow {
        let (from, to) = (endpoint(source, source_port), endpoint(destination, destination_port));
        let (lower, higher) = (from.min(to), from.max(to));
        let half = |address: u128| [(address >> 64) as u64, address as u64];
        let ([a, b], [c, d]) = (half(lower.0), half(higher.0));
        let length = source.len().max(destination.len()).min(16) as u64;
        let rest = u64::from(lower.1) << 32 | u64::from(higher.1) << 16 | length;
        let key = Key::Wide(self.fingerprinter.fingerprint([a, b, c, d, rest]));
        Flow { key, direction: Direction::from_lower(from <= to) }
    }

    /// The number of the flow's newest connection.
    #[inline(always)] // Every segment comes here.
    pub fn get(&mut self, flow: &Flow) -> Option<u32> {
        if let Some((last, number)) = &self.last {
            if *last == flow.key {
                return Some(*number);
            }
        }
        let number = self.look_up(flow)?;
        self.last = Some((flow.key, number));
        Some(number)
    }

    /// The same, for a look that does not count as traffic.
    pub fn look_up(&self, flow: &Flow) -> Option<u32> {
        match &flow.key {
            Key::Narrow(key) => self.narrow.get(&Packed::of(*key)).copied(),
            Key::Wide(key) => self.wide.get(key).copied(),
        }
    }

    /// Makes a connection the flow's newest.
    pub fn set(&mut self, flow: &Flow, number: u32) {
        match flow.key {
            Key::Narrow(key) => {
                let before = self.narrow.insert(Packed::of(key), number);
                self.followed.extend(before.map(|before| (before, number)));
            }
            Key::Wide(key) => {
                self.wide.insert(key, number);
            }
        }
        self.last = Some((flow.key, number));
    }

    /// The endpoints of so many connections, by number; none of IPv6.
    pub fn by_number(&self, count: usize) -> Vec<Option<Endpoints>> {
        let mut endpoints = vec![None; count];
        for (&Packed { hosts, ports }, &number) in &self.narrow {
            if let Some(place) = endpoints.get_mut(number as usize) {
                *place = Some([(hosts[0].to_be_bytes(), ports[0]), (hosts[1].to_be_bytes(), ports[1])]);
            }
        }
        // The newest first: whoever followed is known by then.
        for &(before, number) in self.followed.iter().rev() {
            let known = endpoints.get(number as usize).copied().flatten();
            if let Some(place) = endpoints.get_mut(before as usize) {
                *place = known;
            }
        }
        endpoints
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ways_are_one_flow() {
        let flows = Flows::default();
        for (one, other) in [(&[192, 0, 2, 1][..], &[192, 0, 2, 2][..]), (&[1; 16], &[2; 16]), (&[1; 6], &[1; 8])] {
            let there = flows.flow(one, 40000, other, 80);
            let back_again = flows.flow(other, 80, one, 40000);
            assert_eq!(there.key, back_again.key);
            assert_eq!((there.direction, back_again.direction), (Direction::Forth, Direction::Back));
        }
    }

    #[test]
    fn ports_tell_connections_of_one_host_with_itself_apart() {
        let flows = Flows::default();
        for host in [&[127, 0, 0, 1][..], &[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]] {
            let there = flows.flow(host, 40000, host, 80);
            let back_again = flows.flow(host, 80, host, 40000);
            assert_eq!(there.key, back_again.key);
            assert_ne!(there.direction, back_again.direction);
        }
    }

    #[test]
    fn addresses_of_other_lengths_never_meet_ipv4() {
        let mut flows = Flows::default();
        let narrow = flows.flow(&[1, 2, 3, 4], 5, &[1, 2, 3, 5], 6);
        let wide = flows.flow(&[1, 2, 3, 4, 0], 5, &[1, 2, 3, 5, 0], 6);
        flows.set(&narrow, 1);
        flows.set(&wide, 2);
        assert_eq!((flows.get(&narrow), flows.get(&wide)), (Some(1), Some(2)));
    }

    #[test]
    fn endpoints_are_found_by_number_also_of_connections_that_others_have_followed() {
        let mut flows = Flows::default();
        let narrow = flows.flow(&[192, 0, 2, 2], 80, &[192, 0, 2, 1], 40000);
        let wide = flows.flow(&[1; 16], 443, &[2; 16], 50000);
        for (number, flow) in [(0, narrow), (1, wide), (2, narrow), (3, narrow), (4, wide)] {
            flows.set(&flow, number);
        }
        let known = Some([([192, 0, 2, 1], 40000), ([192, 0, 2, 2], 80)]);
        assert_eq!(flows.by_number(6), [known, None, known, known, None, None]);
    }

    #[test]
    fn every_octet_of_an_address_and_every_bit_of_a_port_counts() {
        let flows = Flows::default();
        let (source, destination) = ([7; 16], [9; 16]);
        let key = |source: [u8; 16], source_port, destination: [u8; 16], destination_port| {
            flows.flow(&source, source_port, &destination, destination_port).key
        };
        let mut keys = vec![key(source, 1000, destination, 2000)];
        for bit in 0..128 {
            let flip = |mut address: [u8; 16]| {
                address[bit / 8] ^= 1 << (bit % 8);
                address
            };
            keys.push(key(flip(source), 1000, destination, 2000));
            keys.push(key(source, 1000, flip(destination), 2000));
        }
        for bit in 0..16 {
            keys.push(key(source, 1000 ^ 1 << bit, destination, 2000));
            keys.push(key(source, 1000, destination, 2000 ^ 1 << bit));
        }
        for (place, one) in keys.iter().enumerate() {
            assert!(keys[..place].iter().all(|other| one != other), "{place}");
        }
    }

    #[test]
    fn each_capture_has_fingerprints_of_its_own() {
        let flow = |flows: Flows| flows.flow(&[1; 16], 1, &[2; 16], 2).key;
        assert_ne!(flow(Flows::default()), flow(Flows::default()));
    }
}
