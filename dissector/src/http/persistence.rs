//! Whether the connection stays open for the next request (RFC 9112 9.3). Pure.

use super::fields::Fields;
use super::parser::Version;
use crate::application::Persistence;
use crate::verdict::PersistentBasis;

/// What one side has announced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Announced {
    /// Connection: close.
    Close,
    /// HTTP/1.1 without it.
    Default11,
    /// HTTP/1.0 with Connection: keep-alive.
    KeepAlive10,
    /// HTTP/1.0 without it.
    Default10,
}

/// What a head announces. HTTP/1.1 without a field is no "no".
pub fn announced(version: Version, fields: &Fields) -> Announced {
    match (fields.close, version >= Version::HTTP_1_1, fields.keep_alive) {
        (true, _, _) => Announced::Close,
        (false, true, _) => Announced::Default11,
        (false, false, true) => Announced::KeepAlive10,
        (false, false, false) => Announced::Default10,
    }
}

fn yes(basis: Option<PersistentBasis>) -> Persistence {
    Persistence { persistent: true, basis }
}

fn no(basis: PersistentBasis) -> Persistence {
    Persistence { persistent: false, basis: Some(basis) }
}

/// What the client allows.
pub fn allowed(client: Announced) -> Persistence {
    match client {
        Announced::Close => no(PersistentBasis::CloseByClient),
        Announced::Default11 => yes(Some(PersistentBasis::Http11Default)),
        Announced::KeepAlive10 => yes(None),
        Announced::Default10 => no(PersistentBasis::Http10Default),
    }
}

/// What both have announced. Of a client that was not captured nothing is known. A client of HTTP/1.0 knows nothing of
/// HTTP/1.1's default, so it needs to be told; one of HTTP/1.1 takes a keep-alive from HTTP/1.0 as it is.
#[rustfmt::skip]
pub fn agreed(client: Option<Announced>, server: Announced, server_keep_alive: bool, until_close: bool) -> Persistence {
    match (client, server) {
        (Some(Announced::Close), _)                       => no(PersistentBasis::CloseByClient),
        (_, Announced::Close)                             => no(PersistentBasis::CloseByServer),
        (Some(Announced::Default10), _)                   => no(PersistentBasis::Http10Default),
        (_, Announced::Default10)                         => no(PersistentBasis::Http10Default),
        (Some(Announced::KeepAlive10), _)
            if !server_keep_alive                         => no(PersistentBasis::Http10Default),
        _ if until_close                                  => no(PersistentBasis::BodyEndsWithConnection),
        (Some(Announced::KeepAlive10), _)                 => yes(Some(PersistentBasis::KeepAliveInBoth)),
        (Some(_), Announced::KeepAlive10)                 => yes(Some(PersistentBasis::KeepAliveInBoth)),
        (None, Announced::KeepAlive10)                    => yes(None),
        (_, Announced::Default11)                         => yes(Some(PersistentBasis::Http11Default)),
    }
}
