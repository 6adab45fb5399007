//! From addresses and ports to a connection's number.

use crate::connection::Direction;
use std::collections::hash_map::RandomState;
use std::collections::HashMap;
use std::hash::{BuildHasher, Hasher};

/// Addresses and ports of both endpoints, the lower endpoint first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Wide {
    endpoints: [[u8; 18]; 2],
    address_length: u8,
}

/// The same for IPv4, address and port of each in one number.
type Narrow = (u64, u64);

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

impl Flow {
    /// Where a segment goes. Octets of an address past the sixteenth do not count.
    #[inline(always)] // Every segment comes here.
    pub fn new(source: &[u8], source_port: u16, destination: &[u8], destination_port: u16) -> Flow {
        if let (Ok(source), Ok(destination)) = (<[u8; 4]>::try_from(source), <[u8; 4]>::try_from(destination)) {
            let source = u64::from(u32::from_be_bytes(source)) << 16 | u64::from(source_port);
            let destination = u64::from(u32::from_be_bytes(destination)) << 16 | u64::from(destination_port);
            let key = Key::Narrow((source.min(destination), source.max(destination)));
            return Flow { key, direction: Direction::from_lower(source <= destination) };
        }
        Flow::wide(source, source_port, destination, destination_port)
    }

    #[inline(never)]
    fn wide(source: &[u8], source_port: u16, destination: &[u8], destination_port: u16) -> Flow {
        let (from, to) = (endpoint(source, source_port), endpoint(destination, destination_port));
        let endpoints = if from <= to { [from, to] } else { [to, from] };
        let key = Key::Wide(Wide { endpoints, address_length: source.len().min(16) as u8 });
        Flow { key, direction: Direction::from_lower(from <= to) }
    }

    /// Which way the segment goes.
    pub fn direction(&self) -> Direction {
        self.direction
    }
}

/// Address, padded, then port.
fn endpoint(address: &[u8], port: u16) -> [u8; 18] {
    let mut octets = [0; 18];
    let length = address.len().min(16);
    octets[..length].copy_from_slice(&address[..length]);
    octets[16..].copy_from_slice(&port.to_be_bytes());
    octets
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
    narrow: HashMap<Narrow, u32, Secret>,
    wide: HashMap<Wide, u32, Secret>,
    last: Option<(Key, u32)>,
}

impl Flows {
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
            Key::Narrow(key) => self.narrow.get(key).copied(),
            Key::Wide(key) => self.wide.get(key).copied(),
        }
    }

    /// Makes a connection the flow's newest.
    pub fn set(&mut self, flow: &Flow, number: u32) {
        match flow.key {
            Key::Narrow(key) => self.narrow.insert(key, number),
            Key::Wide(key) => self.wide.insert(key, number),
        };
        self.last = Some((flow.key, number));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ways_are_one_flow() {
        let there = Flow::new(&[192, 0, 2, 1], 40000, &[192, 0, 2, 2], 80);
        let back_again = Flow::new(&[192, 0, 2, 2], 80, &[192, 0, 2, 1], 40000);
        assert_eq!(there.key, back_again.key);
        assert_eq!((there.direction, back_again.direction), (Direction::Forth, Direction::Back));
    }

    #[test]
    fn ports_tell_connections_of_one_host_with_itself_apart() {
        let there = Flow::new(&[127, 0, 0, 1], 40000, &[127, 0, 0, 1], 80);
        let back_again = Flow::new(&[127, 0, 0, 1], 80, &[127, 0, 0, 1], 40000);
        assert_eq!(there.key, back_again.key);
        assert_ne!(there.direction, back_again.direction);
    }

    #[test]
    fn addresses_of_other_lengths_never_meet_ipv4() {
        let mut flows = Flows::default();
        let narrow = Flow::new(&[1, 2, 3, 4], 5, &[1, 2, 3, 5], 6);
        let wide = Flow::new(&[1, 2, 3, 4, 0], 5, &[1, 2, 3, 5, 0], 6);
        flows.set(&narrow, 1);
        flows.set(&wide, 2);
        assert_eq!((flows.get(&narrow), flows.get(&wide)), (Some(1), Some(2)));
    }
}
