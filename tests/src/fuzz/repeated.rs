//! A script again and again: what is kept and how long it takes grow with the segments, and no faster.

use super::tape::{steps, Player, View, LINES};
use crate::allocator::held;
use crate::growth::OF_A_CONNECTION_THAT_IS_READ;
use tcpphase::Classifier;

/// Segments that are shown; a quarter of them is compared with another.
const SEGMENTS: usize = 8_000;
/// Octets that are shown.
const OCTETS: usize = 4 << 20;
/// A segment with every fact that it can have; what is usual is in `growth`.
const OF_A_SEGMENT: f64 = 96.0;
/// What waits for octets before it, in so many connections at once, and pieces of tables.
const WAITING: f64 = 2.0 * 256.0 * 1024.0 * LINES as f64;
/// As many times longer the last quarter may take.
const LONGER: f64 = 3.5;
/// Nanoseconds that a clock may be wrong.
const BLURRED: f64 = 40e6;

/// What a quarter has taken.
#[derive(Clone, Copy, Debug, Default)]
struct Taken {
    octets: f64,
    time: f64,
    segments: f64,
    connections: f64,
}

/// Of this thread, whatever else the machine does.
fn time() -> f64 {
    let mut now = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the clock writes what it is lent.
    unsafe { libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &mut now) };
    now.tv_sec as f64 * 1e9 + now.tv_nsec as f64
}

fn connections(classifier: &Classifier) -> f64 {
    let (mut known, mut unknown) = (0, u32::MAX);
    while known < unknown {
        let middle = known + (unknown - known) / 2;
        if classifier.summary(middle).is_some() {
            known = middle + 1;
        } else {
            unknown = middle;
        }
    }
    f64::from(known)
}

/// Tries it.
///
/// # Panics
///
/// Where something does not hold.
pub fn run(data: &[u8]) {
    let (mode, data) = match data.split_first() {
        Some((mode, data)) => (*mode, data),
        None => return,
    };
    let mut steps = steps(data);
    steps.truncate(64);
    let octets: usize = steps.iter().map(|step| 60 + step.payload.len()).sum();
    if steps.is_empty() {
        return;
    }
    // Whole rounds, so that each quarter shows the same.
    let rounds = (SEGMENTS / steps.len()).min(OCTETS / octets) / 4;
    if rounds < 8 {
        return;
    }
    let (mut classifier, mut player) = (Classifier::new(), Player::new(View::default()));
    let mut quarters = [Taken::default(); 4];
    for (number, quarter) in quarters.iter_mut().enumerate() {
        let (octets, begin, before) = (held().taken, time(), connections(&classifier));
        for round in 0..rounds {
            for step in &steps {
                let mut shown = player.shows(step);
                if mode & 1 != 0 {
                    // Another connection each time.
                    let port = (number * rounds + round) as u16;
                    let at = if step.from_second { 2 } else { 0 };
                    shown.octets[at..at + 2].copy_from_slice(&port.to_be_bytes());
                }
                if mode & 2 != 0 {
                    // All in one frame, as with a read filter.
                    shown.frame = 1;
                }
                shown.to(&mut classifier);
            }
        }
        *quarter = Taken {
            octets: (held().taken - octets) as f64,
            time: time() - begin,
            segments: (rounds * steps.len()) as f64,
            connections: connections(&classifier) - before,
        };
    }
    let [first, _, third, last] = quarters;
    let octets = third.octets + last.octets;
    let at_most = OF_A_SEGMENT * (third.segments + last.segments)
        + OF_A_CONNECTION_THAT_IS_READ * (third.connections + last.connections)
        + WAITING;
    assert!(octets <= at_most, "{octets} octets, more than {at_most}: {quarters:?}");
    let longest = first.time * LONGER + BLURRED;
    assert!(
        last.time <= longest,
        "{} ns, longer than {longest}: {quarters:?}",
        last.time
    );
}
