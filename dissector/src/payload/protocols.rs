//! The table of the protocols above TCP: a row for each.

use super::inside::TlsReader;
use super::undecided::Undecided;
use crate::application::{Application, Recognition};
use crate::http::Http;
use crate::http2::Http2;
use crate::mqtt::Mqtt;
use crate::postgresql::PostgreSql;
use crate::websocket::WebSocket;

/// Declares who reads the octets of a connection. The first one that recognises them has them.
macro_rules! protocols {
    ($($name:ident,)+) => {
        /// Who reads the octets of a connection.
        #[derive(Clone, Debug)]
        pub(super) enum Reader {
            /// Nobody knows yet.
            Undecided(Box<Undecided>),
            Tls(Box<TlsReader>),
            $($name(Box<$name>),)+
            /// Nobody here reads it.
            Opaque,
        }

        impl Reader {
            /// The protocol, but for TLS, which is read as records and carries another one.
            pub fn protocol(&self) -> Option<&dyn Application> {
                match self {
                    $(Reader::$name(protocol) => Some(&**protocol),)+
                    Reader::Undecided(_) | Reader::Tls(_) | Reader::Opaque => None,
                }
            }

            /// The same, to change.
            pub fn protocol_mut(&mut self) -> Option<&mut dyn Application> {
                match self {
                    $(Reader::$name(protocol) => Some(&mut **protocol),)+
                    Reader::Undecided(_) | Reader::Tls(_) | Reader::Opaque => None,
                }
            }

            /// The protocol of a direction that begins so, if it is none of TLS, and whether it can still become one.
            pub fn recognised(octets: &[u8]) -> (Option<Reader>, bool) {
                let mut undecided = false;
                $(match $name::recognises(octets) {
                    Recognition::Yes => return (Some(Reader::$name(Box::default())), false),
                    Recognition::NeedMore => undecided = true,
                    Recognition::No => {}
                })+
                (None, undecided)
            }
        }
    };
}

protocols! {
    Http2,
    Http,
    Mqtt,
    PostgreSql,
    WebSocket,
}
