//! The table of the handshake, row by row.

use crate::tls::state::Input::{self, *};
use crate::tls::state::Stage::{self, *};

const STAGES: [Stage; 8] = [Start, WaitServerHello, WaitFinished, Connected, HelloRequested, Failed, Unclear, Ended];
const INPUTS: [Input; 8] = [ClientHello, ServerHello, HelloRequest, Midst, Finished, Fatal, WentOn, End];

/// For each stage, what follows each input, in the order of [`INPUTS`].
const EXPECTED: [[Stage; 8]; 8] = [
    [WaitServerHello, WaitFinished, HelloRequested, WaitFinished, Start, Start, Unclear, Start],
    [WaitServerHello, WaitFinished, WaitServerHello, WaitFinished, Connected, Failed, Unclear, Ended],
    [WaitServerHello, WaitFinished, WaitFinished, WaitFinished, Connected, Failed, Unclear, Ended],
    [WaitServerHello, Connected, HelloRequested, WaitFinished, Connected, Connected, Connected, Connected],
    [WaitServerHello, HelloRequested, HelloRequested, WaitFinished, HelloRequested, Failed, Connected, Ended],
    [Failed, Failed, Failed, Failed, Failed, Failed, Failed, Ended],
    [WaitServerHello, WaitFinished, HelloRequested, WaitFinished, Unclear, Unclear, Unclear, Unclear],
    [Ended, Ended, Ended, Ended, Ended, Ended, Ended, Ended],
];

#[test]
fn every_row_of_the_table() {
    for (stage, expected) in STAGES.iter().zip(&EXPECTED) {
        for (input, expected) in INPUTS.iter().zip(expected) {
            assert_eq!(stage.after(*input), *expected, "{stage:?} {input:?}");
        }
    }
}

#[test]
fn a_failed_handshake_is_unfinished_until_it_ends() {
    let handshaking: Vec<Stage> = STAGES.into_iter().filter(|stage| stage.is_handshaking()).collect();
    assert_eq!(handshaking, [WaitServerHello, WaitFinished, HelloRequested, Failed]);
}
