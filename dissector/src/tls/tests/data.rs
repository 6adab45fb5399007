//! Application data that passes unread leaves behind what reading it leaves.

use super::build::*;
use super::fuzz::Random;
use super::*;
use crate::tls::outcome::Contents;
use crate::verdict::Step;

/// Conversations of either version, up to the end of the handshake.
fn connected(version_13: bool) -> Tls {
    let finished = vec![change_cipher_spec(), sealed(53)];
    let turns = if version_13 {
        vec![client(&[client_hello(&[])]), server(&[server_flight_13(AES_128_GCM_SHA256, false)]), client(&finished)]
    } else {
        vec![client(&[client_hello(&[])]), server(&[server_flight()]), client(&[client_finish()]), server(&[finish()])]
    };
    talk_whole(&turns).0
}

/// All that decides what comes next.
fn state(tls: &Tls) -> String {
    let sides = [Forth, Back].map(|direction| {
        let reader = &tls.readers[direction as usize];
        (tls.rest_of_data(direction), reader.rest_of_data(), format!("{:?}", reader.end_place()))
    });
    format!("{:?} {:?} {:?}", tls.progress, tls.told, sides)
}

fn is_data_alone(findings: &Findings) -> bool {
    findings.steps.iter().eq([Step::TlsApplicationData])
        && findings.contents == Contents::APPLICATION_DATA
        && !findings.inferred
        && !findings.handshake
        && !findings.complete
        && findings.failure.is_none()
        && findings.heartbeat.is_none()
}

/// Records of lengths that tell something, and of others.
fn random_records(random: &mut Random) -> Vec<u8> {
    let mut octets = Vec::new();
    for _ in 0..=random.below(3) {
        let length = [19, 21, 53, 69, 100, 1000, 5000, 16384 + 17][random.below(8)];
        let content = [23, 23, 23, 23, 23, 23, 23, 23, 22, 21, 24, 20][random.below(12)];
        octets.extend(protected(content, if content == 20 { 1 } else { length }));
        if random.below(40) == 0 {
            let at = random.below(octets.len());
            octets[at] ^= 1 << random.below(8);
        }
    }
    octets
}

#[test]
fn data_that_pass_are_as_if_they_were_read() {
    let mut random = Random(0x6461_7461_2070_6173);
    let (mut passed, mut read) = (0, 0);
    for round in 0..250 {
        let mut passing = connected(round % 2 == 0);
        let mut reading = passing.clone();
        let mut queues = [Vec::new(), Vec::new()];
        for time in 0..60 {
            let direction = [Forth, Back][random.below(2)];
            let queue = &mut queues[direction as usize];
            if queue.is_empty() {
                queue.extend(random_records(&mut random));
            }
            let segment: Vec<u8> = queue.drain(..1 + random.below(queue.len()).min(2000)).collect();
            let octets = Octets { direction, captured: &segment, missing: 0, time, before_fin: false };
            let mut outcome = Outcome::default();
            reading.octets(&octets, &mut outcome);
            if passing.takes_data(direction, &segment, time) {
                assert!(is_data_alone(&outcome.findings), "{:?}", outcome.findings);
                passed += 1;
            } else {
                passing.octets(&octets, &mut Outcome::default());
                read += 1;
            }
            assert_eq!(state(&passing), state(&reading));
        }
    }
    assert!(passed > 2_000 && read > 2_000, "{passed} {read}");
}
