//! The targets of `tests/fuzz` over their seeds and a fixed number of mutations of them.
//!
//! `MUTATIONS=100000 cargo test --release --test fuzz` tries more of them. What has been found once stands in
//! `tests/fuzz/found`, a folder for each target.

use std::panic::{catch_unwind, AssertUnwindSafe};
use std::path::{Path, PathBuf};
use tcpphase_tests::allocator::Counting;
use tcpphase_tests::fuzz::mutation::mutate;
use tcpphase_tests::fuzz::seeds::seeds;
use tcpphase_tests::fuzz::{Target, TARGETS};
use tcpphase_tests::random::Random;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn mutations() -> u64 {
    let wanted = std::env::var("MUTATIONS").ok().and_then(|text| text.parse().ok());
    wanted.unwrap_or(300)
}

/// What was found once.
fn found(target: &Target) -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/found").join(target.0);
    let files = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut paths: Vec<PathBuf> = files.map(|file| file.path()).collect();
    paths.sort();
    let read = |path: &PathBuf| (path.display().to_string(), std::fs::read(path).expect("a file"));
    paths.iter().map(read).collect()
}

fn tries(target: &Target, name: &str, octets: &[u8]) {
    if catch_unwind(AssertUnwindSafe(|| target.1(octets))).is_err() {
        let path = std::env::temp_dir().join(format!("tcpphase-{}-{:x}", target.0, octets.len()));
        std::fs::write(&path, octets).expect("a file");
        panic!("{}, {name}: see {}", target.0, path.display());
    }
}

fn replays(target: &Target, mutations: u64) {
    let mut seeds = seeds(target);
    seeds.extend(found(target));
    assert!(seeds.len() > 50, "seeds");
    seeds.iter().for_each(|(name, octets)| tries(target, name, octets));
    let mut random = Random::new(1);
    let mut one = |seeds: &[(String, Vec<u8>)]| random.below(seeds.len() as u64) as usize;
    let chosen: Vec<(usize, usize)> = (0..mutations).map(|_| (one(&seeds), one(&seeds))).collect();
    for (round, (seed, other)) in chosen.into_iter().enumerate() {
        let mut random = Random::new(round as u64);
        let (name, octets) = &seeds[seed];
        let mut octets = octets.clone();
        mutate(&mut octets, &seeds[other].1, &mut random);
        tries(target, &format!("{name}, mutated in round {round}"), &octets);
    }
}

#[test]
fn the_classifier() {
    replays(&TARGETS[0], mutations());
}

#[test]
fn streams() {
    replays(&TARGETS[1], mutations());
}

#[test]
fn repeated() {
    replays(&TARGETS[2], mutations() / 10);
}

#[test]
fn parsers() {
    replays(&TARGETS[3], mutations() * 10);
}

#[test]
fn the_c_interface() {
    replays(&TARGETS[4], mutations());
}
