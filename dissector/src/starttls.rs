//! Recognises the command that asks for TLS on a connection that began without it, and its acceptance: SMTP (RFC 3207),
//! IMAP (RFC 9051 6.2.1), POP3 (RFC 2595 4) and FTP (RFC 4217 4.1). Behind the acceptance the caller goes on with TLS.
//!
//! The commands have their place at the beginning of a session, so [`StartTls`] stops looking soon: at the first mail,
//! at binary octets, or past some lines. It does not read what else these protocols say.

use crate::application::{line_end, Octets, Outcome, Protocol, Switch};
use crate::connection::Direction;
use crate::verdict::Step;

/// As much of a line as is looked at: more than any of the commands, a tag included.
const LINE_MAXIMUM: usize = 64;
/// These protocols have no longer lines: twice RFC 5321 4.5.3.1.5.
const LENGTH_MAXIMUM: u32 = 1024;
/// Nobody asks for TLS after this many lines, or octets.
const LINES_MAXIMUM: u32 = 128;
const OCTETS_MAXIMUM: u32 = 65_536;

/// A command that asks for TLS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Command {
    Smtp,
    Imap { tag: [u8; LINE_MAXIMUM], length: usize },
    Pop3,
    Ftp,
}

/// What a line of the server is to such a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reply {
    Accepts,
    /// Accepts; more lines follow.
    Continues,
    Refuses,
    /// It answers something else.
    Unrelated,
}

#[derive(Clone, Copy, Debug)]
struct Side {
    line: [u8; LINE_MAXIMUM],
    /// Octets of the line so far, those not kept included.
    length: u32,
    lines: u32,
    octets: u32,
}

/// One connection that nobody has recognised.
#[derive(Clone, Debug)]
pub struct StartTls {
    sides: [Side; 2],
    /// The side that has greeted.
    server: Option<Direction>,
    /// A command that waits for its reply, and who sent it.
    pending: Option<(Command, Direction)>,
    is_over: bool,
}

impl Default for StartTls {
    fn default() -> StartTls {
        StartTls::new()
    }
}

impl StartTls {
    /// Nothing is known yet.
    pub fn new() -> StartTls {
        let side = Side { line: [0; LINE_MAXIMUM], length: 0, lines: 0, octets: 0 };
        StartTls { sides: [side; 2], server: None, pending: None, is_over: false }
    }

    /// Whether it has stopped looking.
    pub fn is_over(&self) -> bool {
        self.is_over
    }

    /// Looks at octets of one direction. Steps are added only to a command and its acceptance.
    pub fn octets(&mut self, octets: &Octets, outcome: &mut Outcome) {
        outcome.beyond_heartbeats = true;
        let mut position = 0;
        while let Some(rest) = octets.captured.get(position..).filter(|rest| !rest.is_empty()) {
            if self.is_over {
                return;
            }
            position += self.advance(octets.direction, rest, position, outcome);
        }
        self.is_over |= octets.missing > 0;
    }

    /// Octets were lost.
    pub fn gap(&mut self) {
        self.is_over = true;
    }

    /// Reads to the end of a line. Returns how much that is, at least 1.
    fn advance(&mut self, direction: Direction, rest: &[u8], position: usize, outcome: &mut Outcome) -> usize {
        let side = &mut self.sides[direction as usize];
        let (text, whole, taken) = match line_end(rest) {
            Some(end) => (rest.get(..end).unwrap_or(rest), true, end + 1),
            None => (rest, false, rest.len()),
        };
        let kept = usize::try_from(side.length).unwrap_or(LINE_MAXIMUM).min(LINE_MAXIMUM);
        let room = side.line.get_mut(kept..).unwrap_or(&mut []);
        room.iter_mut().zip(text).for_each(|(to, from)| *to = *from);
        side.length = side.length.saturating_add(u32::try_from(text.len()).unwrap_or(u32::MAX));
        side.octets = side.octets.saturating_add(u32::try_from(taken).unwrap_or(u32::MAX));
        let line = *side;
        if whole {
            side.length = 0;
            side.lines = side.lines.saturating_add(1);
        }
        self.is_over |= line.length > LENGTH_MAXIMUM || line.lines >= LINES_MAXIMUM || line.octets >= OCTETS_MAXIMUM;
        self.line(direction, &line, whole, position + taken, outcome);
        taken
    }

    fn line(&mut self, direction: Direction, line: &Side, whole: bool, end: usize, outcome: &mut Outcome) {
        let text = line.text();
        if !is_text(text) {
            self.is_over = true;
            return;
        }
        if let Some((command, client)) = self.pending.filter(|(_, client)| *client != direction) {
            match reply(&command, text) {
                Reply::Accepts | Reply::Continues if !whole => outcome.steps.push(Step::StartTls),
                Reply::Continues => outcome.steps.push(Step::StartTls),
                Reply::Accepts => self.accepts(client, end, outcome),
                Reply::Refuses if whole => self.pending = None,
                Reply::Refuses | Reply::Unrelated => {}
            }
            return;
        }
        if !whole {
            return;
        }
        if self.server.is_none() && line.lines == 0 && is_greeting(text) {
            self.server = Some(direction);
        }
        // All begin with a greeting.
        self.is_over |= self.server.is_none() && self.sides.iter().all(|side| side.lines > 0);
        if self.server == Some(direction) {
            // Servers list STARTTLS and AUTH TLS among what they can do.
            self.is_over |= text.starts_with(b"354");
        } else if let Some(command) = command(text, self.server.is_some()) {
            self.pending = Some((command, direction));
            outcome.steps.push(Step::StartTls);
        } else if text.starts_with(b"354") || text.eq_ignore_ascii_case(b"DATA") {
            // RFC 5321 4.1.1.4: what follows is mail.
            self.is_over = true;
        }
    }

    fn accepts(&mut self, client: Direction, offset: usize, outcome: &mut Outcome) {
        outcome.steps.push(Step::StartTls);
        outcome.client = Some(client);
        outcome.switch = Some(Switch { protocol: Protocol::Tls, offset });
        self.is_over = true;
    }
}

impl Side {
    /// What is kept of the line, without a carriage return.
    fn text(&self) -> &[u8] {
        let length = usize::try_from(self.length).unwrap_or(LINE_MAXIMUM).min(LINE_MAXIMUM);
        let line = self.line.get(..length).unwrap_or(&self.line);
        line.strip_suffix(b"\r").unwrap_or(line)
    }
}

/// Greetings may be in any language.
fn is_text(line: &[u8]) -> bool {
    // To the end in any case: so many octets are compared at a time.
    line.iter().fold(true, |so_far, &octet| so_far & (octet >= b' ' || octet == b'\t'))
}

fn is_greeting(line: &[u8]) -> bool {
    let greetings: [&[u8]; 4] = [b"220", b"+OK", b"* OK", b"* PREAUTH"];
    greetings.iter().any(|greeting| line.starts_with(greeting))
}

fn command(line: &[u8], is_client: bool) -> Option<Command> {
    let is_reply = line.starts_with(b" ") || line.get(..3).map_or(false, |code| code.iter().all(u8::is_ascii_digit));
    if is_reply && !is_client {
        // A code, or a feature of FTP (RFC 2389 3.2).
        return None;
    }
    let mut words = line.split(|&octet| octet == b' ').filter(|word| !word.is_empty());
    let (first, second, third) = (words.next()?, words.next(), words.next());
    match (second, third) {
        (None, _) if first.eq_ignore_ascii_case(b"STARTTLS") => Some(Command::Smtp),
        (None, _) if first.eq_ignore_ascii_case(b"STLS") => Some(Command::Pop3),
        (Some(word), None) if word.eq_ignore_ascii_case(b"STARTTLS") => {
            let mut tag = [0; LINE_MAXIMUM];
            tag.iter_mut().zip(first).for_each(|(to, from)| *to = *from);
            Some(Command::Imap { tag, length: first.len() })
        }
        (Some(mechanism), None) if first.eq_ignore_ascii_case(b"AUTH") => {
            let known: [&[u8]; 4] = [b"TLS", b"TLS-C", b"TLS-P", b"SSL"];
            known.iter().any(|known| known.eq_ignore_ascii_case(mechanism)).then_some(Command::Ftp)
        }
        _ => None,
    }
}

fn reply(command: &Command, line: &[u8]) -> Reply {
    match command {
        Command::Smtp => reply_code(line, b"220"),
        Command::Ftp => reply_code(line, b"234"),
        Command::Pop3 if line.starts_with(b"+OK") => Reply::Accepts,
        Command::Pop3 if line.starts_with(b"-ERR") => Reply::Refuses,
        Command::Imap { tag, length } => {
            let rest = line.strip_prefix(tag.get(..*length).unwrap_or(&[])).and_then(|rest| rest.strip_prefix(b" "));
            match rest.and_then(|rest| rest.get(..2)) {
                Some(status) if status.eq_ignore_ascii_case(b"OK") => Reply::Accepts,
                Some(_) => Reply::Refuses,
                None => Reply::Unrelated,
            }
        }
        Command::Pop3 => Reply::Unrelated,
    }
}

/// RFC 5321 4.2.1: a hyphen after the code says that more lines follow.
fn reply_code(line: &[u8], accepted: &[u8]) -> Reply {
    match (line.get(..3), line.get(3)) {
        (Some(code), Some(b'-')) if code == accepted => Reply::Continues,
        (Some(code), _) if code == accepted => Reply::Accepts,
        (Some(code), _) if code.iter().all(u8::is_ascii_digit) => Reply::Refuses,
        _ => Reply::Unrelated,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::connection::Direction::{Back, Forth};

    /// Plays segments, `>` from the client; returns which of them have the step, and where TLS begins.
    fn played(segments: &[(&str, &str)], size: usize) -> (Vec<bool>, Option<usize>, bool) {
        let (mut starttls, mut steps, mut offset) = (StartTls::new(), Vec::new(), None);
        for (from, text) in segments {
            let direction = if *from == ">" { Forth } else { Back };
            let mut has_step = false;
            for (index, captured) in text.as_bytes().chunks(size).enumerate() {
                let mut outcome = Outcome::default();
                starttls.octets(&Octets { direction, captured, missing: 0, time: 0, frame: 0 }, &mut outcome);
                has_step |= outcome.steps.contains(Step::StartTls);
                if let Some(switch) = outcome.switch {
                    assert_eq!((switch.protocol, outcome.client), (Protocol::Tls, Some(Forth)));
                    offset = Some(index * size + switch.offset);
                }
            }
            steps.push(has_step);
        }
        (steps, offset, starttls.is_over())
    }

    #[track_caller]
    fn accepted(segments: &[(&str, &str)], expected: &[bool]) {
        let last = segments.last().map_or(0, |(_, text)| text.len());
        for size in [1, 2, 3, 5, 8, 1000] {
            let (steps, offset, _) = played(segments, size);
            assert_eq!((&steps[..], offset), (expected, Some(last)), "{size}");
        }
    }

    #[track_caller]
    fn not_accepted(segments: &[(&str, &str)]) {
        for size in [1, 1000] {
            assert_eq!(played(segments, size).1, None);
        }
    }

    #[test]
    fn smtp() {
        let greeting = [("<", "220 mail ESMTP\r\n"), (">", "EHLO a\r\n"), ("<", "250-mail\r\n250 STARTTLS\r\n")];
        let command = [(">", "starttls\r\n"), ("<", "220-one\r\n220 Go ahead\r\n")];
        accepted(&[&greeting[..], &command[..]].concat(), &[false, false, false, true, true]);
        not_accepted(&[&greeting[..], &[(">", "STARTTLS\r\n"), ("<", "454 No\r\n"), (">", "x\r\n")]].concat());
    }

    #[test]
    fn imap() {
        accepted(&[("<", "* OK hi\r\n"), (">", "a1 STARTTLS\r\n"), ("<", "* x\r\na1 OK go\r\n")], &[false, true, true]);
        accepted(&[("<", "* OK hi\r\n"), (">", "1001 STARTTLS\r\n"), ("<", "1001 OK\r\n")], &[false, true, true]);
        not_accepted(&[(">", "a1 STARTTLS\r\n"), ("<", "a1 BAD\r\n"), ("<", "a1 OK\r\n")]);
    }

    #[test]
    fn pop3_and_ftp() {
        accepted(&[("<", "+OK\r\n"), (">", "STLS\r\n"), ("<", "+OK Begin\r\n")], &[false, true, true]);
        accepted(&[("<", "220 ftp\r\n"), (">", "AUTH TLS\r\n"), ("<", "234 ok\r\n")], &[false, true, true]);
        not_accepted(&[("<", "220 ftp\r\n"), (">", "AUTH TLS\r\n"), ("<", "534 no\r\n")]);
        let features = [("<", "220 ftp\r\n"), (">", "FEAT\r\n"), ("<", "211-Features\r\n AUTH TLS\r\n211 End\r\n")];
        accepted(
            &[&features[..], &[(">", "AUTH TLS\r\n"), ("<", "234 ok\r\n")]].concat(),
            &[false, false, false, true, true],
        );
        assert_eq!(played(&features[1..], 1000).0, [false, false]);
        not_accepted(&[("<", "220 smtp\r\n"), (">", "AUTH PLAIN\r\n"), ("<", "234 x\r\n")]);
    }

    #[test]
    fn it_stops_looking() {
        let over = |segments: &[(&str, &str)]| played(segments, 1000).2;
        assert!(over(&[(">", "\u{1}\u{2}\r\n")]));
        assert!(over(&[(">", "DATA\r\n")]));
        assert!(over(&[("<", "354 go\r\n"), (">", "STARTTLS\r\n")]));
        assert!(over(&[(">", &"noop\r\n".repeat(200))]));
        assert!(over(&[(">", &"x".repeat(70_000))]));
        assert!(!over(&[("<", "220 ready\r\n")]));
    }
}
