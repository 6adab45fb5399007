//! What stands before the protocol that a connection carries: the headers of a proxy (PROXY protocol, versions 1 and 2)
//! and the exchange with one (SOCKS 4, 4a and 5). What follows begins as any connection does.

mod parser;
#[cfg(test)]
mod tests;

use crate::connection::Direction;
use nom::IResult;
use parser::Message;

/// A method of SOCKS 5 that changes all that follows (RFC 1961), and the answer that none is acceptable.
const GSSAPI: u8 = 1;
const NOT_ACCEPTABLE: u8 = 0xff;
/// Commands of SOCKS (RFC 1928 4); the second one has two replies.
const CONNECT: u8 = 1;
const BIND: u8 = 2;
/// Codes of a reply that grants the request, in SOCKS 4 and 5.
const GRANTED_4: u8 = 90;
const GRANTED_5: u8 = 0;
/// No message is as long.
const LENGTH_MAXIMUM: usize = 600;

/// What octets are to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// They may be of the protocol that is carried.
    Whole,
    /// They are from this offset on.
    From(usize),
    /// They are not.
    None,
}

/// What stands before the protocol, as long as it goes on.
#[derive(Clone, Debug)]
pub struct Preamble {
    /// Who opened the connection, where that is known.
    client: Option<Direction>,
    sides: [Side; 2],
    /// How many replies of the server are to come.
    replies: u8,
}

/// What comes next in a direction, and what is there of it.
#[derive(Clone, Debug)]
struct Side {
    next: Next,
    held: Vec<u8>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Next {
    /// The first octets, or what follows a header.
    Begin,
    /// So many octets of a header.
    Header(usize),
    /// A client of SOCKS 5: authentication, or its request.
    Request,
    /// A server of SOCKS 5: its method.
    Method,
    /// Then the status of an authentication, or a reply.
    Reply,
    /// A server of SOCKS 4: its reply.
    Reply4,
    /// What is carried, or nothing that is known.
    Carried,
}

impl Preamble {
    /// Its first octets come next, or none of it. `client` is who opened the connection, where that is known.
    pub fn new(client: Option<Direction>) -> Preamble {
        let side = || Side { next: Next::Begin, held: Vec::new() };
        Preamble { client, sides: [side(), side()], replies: 1 }
    }

    /// Who opened the connection, where that is known.
    pub fn client(&self) -> Option<Direction> {
        self.client
    }

    /// Whether it may begin with these octets.
    pub fn may_begin(octets: &[u8]) -> bool {
        matches!(octets.first(), Some(b'P' | b'\r' | 0 | 4 | 5))
    }

    /// Whether nothing more of it is to come.
    pub fn is_over(&self) -> bool {
        self.sides.iter().all(|side| side.next == Next::Carried)
    }

    /// Whether another one may begin.
    pub fn is_done(&self) -> bool {
        self.sides.iter().all(|side| side.next == Next::Begin && side.held.is_empty())
    }

    /// Looks at octets that come next in a direction. `decided`: it is known already what is carried.
    pub fn looks_at(&mut self, direction: Direction, captured: &[u8], decided: bool) -> Part {
        let next = self.side(direction).next;
        if decided && next == Next::Begin {
            self.side_mut(direction).carries();
        }
        match self.takes(direction, captured) {
            Some(from) => Part::From(from),
            None if decided && !matches!(next, Next::Begin | Next::Carried) => Part::None,
            None => Part::Whole,
        }
    }

    fn side(&self, direction: Direction) -> &Side {
        &self.sides[direction as usize]
    }

    fn side_mut(&mut self, direction: Direction) -> &mut Side {
        &mut self.sides[direction as usize]
    }

    /// Takes octets of a direction. Returns where behind them what is carried begins, if it does.
    fn takes(&mut self, direction: Direction, captured: &[u8]) -> Option<usize> {
        let (client, mut position, mut from) = (self.client, 0, None);
        if self.side(direction).next == Next::Carried {
            return None;
        }
        while let Some(rest) = captured.get(position..).filter(|rest| !rest.is_empty()) {
            let side = self.side_mut(direction);
            if let Next::Header(left) = side.next {
                let taken = left.min(rest.len());
                position += taken;
                side.next = if taken == left { Next::Begin } else { Next::Header(left - taken) };
                from = if taken == left { Some(position) } else { None };
                continue;
            }
            let held = side.held.len();
            side.held.extend_from_slice(rest.get(..LENGTH_MAXIMUM.min(rest.len())).unwrap_or(rest));
            let parsed = message(side.next, client.map(|client| client == direction), &side.held);
            let parsed = parsed.map(|(behind, message)| (side.held.len() - behind.len(), message));
            match parsed {
                Ok((length, message)) => {
                    side.held.clear();
                    position += length - held.min(length);
                    from = if self.moves(direction, message) { Some(position) } else { None };
                }
                Err(nom::Err::Incomplete(_)) if side.held.len() < LENGTH_MAXIMUM => break,
                Err(_) => {
                    self.ends(direction);
                    break;
                }
            }
        }
        from
    }

    /// A message has come. Whether what is carried begins behind it.
    fn moves(&mut self, direction: Direction, message: Message) -> bool {
        let other = direction.reverse();
        let (next, others) = match message {
            Message::Proxy { left } => {
                self.side_mut(direction).next = if left > 0 { Next::Header(usize::from(left)) } else { Next::Begin };
                return left == 0;
            }
            Message::Greeting => (Next::Request, Some(Next::Method)),
            Message::Method(method) if method != GSSAPI && method != NOT_ACCEPTABLE => (Next::Reply, None),
            Message::Authentication => (Next::Request, None),
            Message::Status(0) => (Next::Reply, None),
            Message::Request4(command) if matches!(command, CONNECT | BIND) => {
                self.replies = command;
                (Next::Carried, Some(Next::Reply4))
            }
            Message::Request5(command) if matches!(command, CONNECT | BIND) => {
                self.replies = command;
                (Next::Carried, None)
            }
            Message::Reply4(GRANTED_4) | Message::Reply5(GRANTED_5) => {
                self.replies = self.replies.saturating_sub(1);
                (if self.replies == 0 { Next::Carried } else { self.side(direction).next }, None)
            }
            _ => {
                self.ends(direction);
                return false;
            }
        };
        self.side_mut(direction).next = next;
        // A server that was heard first has said what it is.
        if let Some(others) = others.filter(|_| self.side(other).next == Next::Begin) {
            self.side_mut(other).next = others;
        }
        next == Next::Carried
    }

    /// It is none, or nothing that can be read comes of it.
    fn ends(&mut self, direction: Direction) {
        let has_begun = !matches!(self.side(direction).next, Next::Begin | Next::Carried);
        self.side_mut(direction).carries();
        let other = self.side_mut(direction.reverse());
        if has_begun || other.next == Next::Begin {
            other.carries();
        }
    }
}

impl Side {
    fn carries(&mut self) {
        self.next = Next::Carried;
        self.held = Vec::new();
    }
}

/// The message that comes next, of the client or not, or of nobody knows whom.
fn message(next: Next, client: Option<bool>, octets: &[u8]) -> IResult<&[u8], Message> {
    match next {
        Next::Begin => match client {
            Some(true) => parser::first(octets),
            Some(false) => parser::first_answer(octets),
            None => parser::header(octets),
        },
        Next::Request => parser::request(octets),
        Next::Method => parser::method(octets),
        Next::Reply => parser::reply(octets),
        Next::Reply4 => parser::reply4(octets),
        Next::Header(_) | Next::Carried => parser::none(octets),
    }
}
