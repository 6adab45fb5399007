//! Conversations, one segment a line, with what is expected of each below it:
//!
//! ```text
//! >>> GET / HTTP/1.1~~            from the client; ~ is CRLF, {9} is 9 octets of content
//!     HTTP Request #1             its steps and messages
//! <<< HTTP/1.1 200 OK~ [100]      from the server, and 100 octets more that were not captured
//! >>- 5                           5 octets from the client lie in a hole; without a number nobody knows how many
//! <<. and >>!                     FIN and RST
//! ...                             in front: the capture begins midway
//! ```
//!
//! Each runs as it is written, cut at every offset, and octet by octet: the same state, the same steps.

mod framing;
mod loss;
mod messages;
mod persistence;
mod recognition;
mod robustness;

use super::state::Http;
use crate::application::{Application, Numbers, Octets, Outcome, Recognition};
use crate::connection::Direction;
use crate::tcp::SequenceNumber;
use crate::verdict::{Step, Time, SECOND};

/// One line of a conversation, and when and where it was captured: a second and a frame each.
#[derive(Clone, Debug)]
struct Event {
    from: Direction,
    what: What,
    expected: Option<String>,
}

#[derive(Clone, Debug)]
enum What {
    Octets(Vec<u8>, u32),
    Gap(Option<u32>),
    Fin,
    Rst,
}

fn parse(script: &str) -> Vec<Event> {
    let mut events: Vec<Event> = Vec::new();
    for line in script.lines().map(str::trim).filter(|line| !matches!(*line, "" | "...")) {
        let from = match line.get(..2) {
            Some(">>") => Direction::Forth,
            Some("<<") => Direction::Back,
            _ => {
                let last = events.last_mut().expect("something before what is expected of it");
                last.expected = Some(line.to_string());
                continue;
            }
        };
        let text = line.get(3..).unwrap_or("").trim_start();
        let what = match &line[2..3] {
            "-" => What::Gap(text.parse().ok()),
            "." => What::Fin,
            "!" => What::Rst,
            _ => octets(text),
        };
        events.push(Event { from, what, expected: None });
    }
    events
}

fn octets(text: &str) -> What {
    let (text, missing) = match text.strip_suffix(']').and_then(|text| text.rsplit_once('[')) {
        Some((text, missing)) => (text.trim_end(), missing.parse().expect("a number of missing octets")),
        None => (text, 0),
    };
    let mut octets = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        octets.extend(before.replace('~', "\r\n").bytes());
        let (number, after) = after.split_once('}').expect("a closing brace");
        octets.extend(std::iter::repeat(b'x').take(number.parse().expect("a number of octets")));
        rest = after;
    }
    octets.extend(rest.replace('~', "\r\n").replace("\\n", "\n").bytes());
    What::Octets(octets, missing)
}

/// A connection in the hands of a caller.
#[derive(Clone, Default)]
struct Caller {
    http: Http,
    recognised: bool,
    held: [Vec<u8>; 2],
    switched: bool,
    /// Octets of each direction so far; each segment acknowledges them.
    sent: [u32; 2],
    /// A hole of unknown length has put an end to that.
    unnumbered: bool,
}

impl Caller {
    fn begins(script: &str) -> Caller {
        let mut caller = Caller::default();
        if script.trim_start().starts_with("...") {
            caller.http.begins_midway();
        }
        caller
    }

    fn hears(&mut self, from: Direction, captured: &[u8], missing: u32, time: Time, frame: u32) -> Outcome {
        let mut outcome = Outcome::default();
        if self.switched {
            return outcome;
        }
        self.sent[from as usize] = self.sent[from as usize].wrapping_add(captured.len() as u32);
        let mut held = std::mem::take(&mut self.held[from as usize]);
        held.extend_from_slice(captured);
        if !self.recognised && Http::recognises(&held) != Recognition::Yes {
            outcome.unplaced(false);
            self.held[from as usize] = held;
            return outcome;
        }
        self.recognised = true;
        let begin = self.sent[from as usize].wrapping_sub(held.len() as u32);
        let acknowledgement = Some(SequenceNumber(self.sent[from.reverse() as usize]));
        let numbers = Numbers { begin: SequenceNumber(begin), acknowledgement };
        self.http.numbers = (!self.unnumbered).then_some(numbers);
        self.sent[from as usize] = self.sent[from as usize].wrapping_add(missing);
        self.http.octets(&Octets { direction: from, captured: &held, missing, time, frame }, &mut outcome);
        self.switched = outcome.switch.is_some();
        outcome
    }

    fn plays(&mut self, event: &Event, time: Time, frame: u32) -> Outcome {
        let mut outcome = Outcome::default();
        match &event.what {
            What::Octets(captured, missing) => {
                outcome = self.hears(event.from, captured, *missing, time, frame);
                self.http.remember_place(frame, frame + 1000);
            }
            What::Gap(length) => {
                self.unnumbered |= length.is_none();
                self.sent[event.from as usize] = self.sent[event.from as usize].wrapping_add(length.unwrap_or(0));
                self.http.gap(event.from, *length);
            }
            What::Fin => self.http.ends(event.from, false, time, &mut outcome),
            What::Rst => self.http.ends(event.from, true, time, &mut outcome),
        }
        outcome
    }

    /// What has to be the same however the stream is cut.
    fn state(&self) -> String {
        let waiting: Vec<_> = self.http.outstanding.iter().map(|request| (request.number, request.method)).collect();
        let places = [self.http.sides[0].place, self.http.sides[1].place];
        format!(
            "{} {:?} {places:?} {waiting:?} {}",
            self.http.messages().unwrap_or(0),
            self.http.client,
            self.http.is_waiting()
        )
    }
}

fn steps(outcome: &Outcome) -> Vec<Step> {
    outcome.steps.iter().collect()
}

fn in_words(outcome: &Outcome) -> String {
    let names: Vec<&str> = outcome.steps.iter().map(Step::name).collect();
    let numbers: String = outcome.messages.as_slice().iter().map(|number| format!(" #{number}")).collect();
    format!("{}{}{}", names.join(", "), numbers, if outcome.after_gap { " after gap" } else { "" })
}

const START: Time = 1_000 * SECOND;

/// Plays a conversation as it is written. Frames count from 1, each a second after the one before.
#[track_caller]
fn whole(script: &str) -> (Caller, Vec<Outcome>) {
    let mut caller = Caller::begins(script);
    let mut outcomes = Vec::new();
    for (event, frame) in parse(script).iter().zip(1..) {
        let outcome = caller.plays(event, START + i64::from(frame) * SECOND, frame);
        if let Some(expected) = &event.expected {
            assert_eq!(&in_words(&outcome), expected, "frame {frame}: {event:?}");
        }
        outcomes.push(outcome);
    }
    (caller, outcomes)
}

/// Plays it as written, and cut in all ways.
#[track_caller]
fn conversation(script: &str) -> Vec<Outcome> {
    let (caller, outcomes) = whole(script);
    let events = parse(script);
    let cut = |offsets: &dyn Fn(usize, usize) -> Vec<usize>| {
        cut((&events, Caller::begins(script)), &outcomes, &caller, offsets);
    };
    for (number, event) in events.iter().enumerate() {
        let length = match &event.what {
            What::Octets(captured, _) => captured.len(),
            _ => 0,
        };
        for offset in 1..length {
            cut(&|event, _| if event == number { vec![offset] } else { Vec::new() });
        }
    }
    cut(&|_, length| (1..length).collect());
    outcomes
}

/// Plays it cut at the offsets that `offsets` gives for each event of some length, and compares.
#[track_caller]
fn cut(
    (events, mut caller): (&[Event], Caller),
    outcomes: &[Outcome],
    whole: &Caller,
    offsets: &dyn Fn(usize, usize) -> Vec<usize>,
) {
    let mut frame = 0;
    for (number, event) in events.iter().enumerate() {
        let time = START + (number as i64 + 1) * SECOND;
        let (captured, missing) = match &event.what {
            What::Octets(captured, missing) => (captured, *missing),
            _ => {
                frame += 1;
                caller.plays(event, time, frame);
                continue;
            }
        };
        let mut bounds = offsets(number, captured.len());
        bounds.push(captured.len());
        let (mut from, mut pieces, mut messages) = (0, Vec::new(), Vec::<u32>::new());
        for bound in bounds {
            frame += 1;
            let is_last = bound == captured.len();
            let missing = if is_last { missing } else { 0 };
            let undecided = !caller.recognised;
            let outcome = caller.hears(event.from, &captured[from..bound], missing, time, frame);
            if !undecided || caller.recognised {
                pieces.extend(steps(&outcome));
                // What may become a status-line is of the body before it as long as that is not told.
                let in_doubt = steps(&outcome) == [Step::HttpResponseBody] && !is_last;
                let known = outcomes[number].messages.as_slice();
                messages
                    .extend(outcome.messages.as_slice().iter().filter(|number| !in_doubt || known.contains(number)));
            }
            from = bound;
        }
        messages.dedup();
        assert_eq!(messages, outcomes[number].messages.as_slice(), "{event:?}");
        assert_eq!(normal(pieces, &outcomes[number]), steps(&outcomes[number]), "{event:?}");
    }
    assert_eq!(caller.state(), whole.state());
}

/// What cutting may change: a body shows behind the head's segment, or in what may begin the next one; empty lines stand alone, and a status that is not
/// there yet cannot be told.
fn normal(pieces: Vec<Step>, whole: &Outcome) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    for step in pieces {
        let last = steps.last().copied();
        let behind_head = match step {
            Step::HttpRequestBody => last == Some(Step::HttpRequest),
            Step::HttpResponseBody => last.map_or(!whole.steps.contains(step), |last| last != step),
            Step::Data => !whole.steps.contains(Step::Data),
            _ => false,
        };
        if matches!(step, Step::HttpUpgrade | Step::HttpInterimResponse | Step::HttpTunnel) {
            let before = steps.len().saturating_sub(1);
            if last == Some(Step::HttpResponse) && whole.steps.iter().nth(before) != last {
                steps.pop();
            }
        }
        if !behind_head && steps.last() != Some(&step) {
            steps.push(step);
        }
    }
    steps
}
