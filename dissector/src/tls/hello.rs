//! What a hello says (RFC 8446 4.1, RFC 5246 7.4.1), read field by field as the octets come.
//!
//! Hellos of several kilobytes and with the extensions in any order are usual (post-quantum key shares, GREASE), so a
//! hello is not kept: no more than one field of 32 octets is gathered at a time, and the names in it; everything else is
//! passed over.

use super::names::{HelloNames, Kept};
use super::parser::{cut, extension_header, number};

/// SHA-256("HelloRetryRequest"), the random of a Server Hello that is a Hello Retry Request (RFC 8446 4.1.3).
pub const RETRY_RANDOM: [u8; RANDOM] = [
    0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c, 0x02, 0x1e, 0x65, 0xb8, 0x91, 0xc2, 0xa2, 0x11,
    0x16, 0x7a, 0xbb, 0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c,
];

const RANDOM: usize = 32;
/// So many octets of a random are not alike by chance.
const RANDOM_ENOUGH: usize = 8;
const SERVER_NAME: u16 = 0;
/// The only kind of names of servers (RFC 6066 3).
const HOST_NAME: u8 = 0;
const ALPN: u16 = 16;
const PRE_SHARED_KEY: u16 = 41;
const EARLY_DATA: u16 = 42;
const SUPPORTED_VERSIONS: u16 = 43;
const ENCRYPTED_CLIENT_HELLO: u16 = 0xfe0d;
/// Both numbers of application_settings, which browsers offer (draft-vvv-tls-alps).
const APPLICATION_SETTINGS: [u16; 2] = [17513, 17613];
/// Up to draft 21 of TLS 1.3 this version stood in the Server Hello, which had no session id and no compression.
const DRAFT: u16 = 0x7f00;
/// Longer protocol names are none of those that matter.
const LONGEST_NAME: u16 = 8;

/// Application protocols (RFC 7301), a set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Alpn(u8);

impl Alpn {
    pub const NONE: Alpn = Alpn(0);
    pub const H2: Alpn = Alpn(1);
    pub const HTTP_1_1: Alpn = Alpn(2);
    pub const OTHER: Alpn = Alpn(4);

    /// Whether the set has no protocol.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    fn insert(&mut self, name: &[u8]) {
        self.0 |= match name {
            b"h2" => Alpn::H2.0,
            b"http/1.1" => Alpn::HTTP_1_1.0,
            _ => Alpn::OTHER.0,
        };
    }
}

/// What has been read of a hello.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HelloFacts {
    /// `legacy_version`, or what the supported_versions extension of a Server Hello selects.
    pub version: u16,
    /// What a Server Hello selects.
    pub cipher_suite: u16,
    /// The extension pre_shared_key is there.
    pub pre_shared_key: bool,
    /// The extension early_data is there.
    pub early_data: bool,
    /// The extension application_settings is there.
    pub application_settings: bool,
    /// Offered or selected protocols.
    pub alpn: Alpn,
    /// Every octet was captured.
    pub whole: bool,
}

/// Which message is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Client,
    Server,
    /// Encrypted Extensions, as decrypted (RFC 8446 4.3.1).
    Extensions,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Field {
    Version,
    Random,
    SessionIdLength,
    CipherSuitesLength,
    CipherSuite,
    CompressionMethodsLength,
    ExtensionsLength,
    ExtensionHeader,
    SelectedVersion,
    ServerNameHeader,
    ServerName,
    ProtocolListLength,
    ProtocolLength,
    Protocol,
    /// Octets were not captured.
    Lost,
}

/// A hello that is being read. Its size is its bound.
#[derive(Clone, Debug)]
pub struct Hello {
    kind: Kind,
    field: Field,
    /// Octets to pass over before the field.
    skip: u16,
    /// Octets of the field, of which `have` are gathered.
    want: u8,
    have: u8,
    gathered: [u8; RANDOM],
    /// Octets of the current extension after the field.
    extension_left: u16,
    retry: Option<bool>,
    facts: HelloFacts,
    /// Where the octets go that are passed over.
    kept: Option<Kept>,
    names: Option<Box<HelloNames>>,
}

impl Hello {
    pub fn new(kind: Kind) -> Hello {
        let (field, want) = match kind {
            Kind::Client | Kind::Server => (Field::Version, 2),
            Kind::Extensions => (Field::ExtensionsLength, 2),
        };
        let facts = HelloFacts { whole: true, ..HelloFacts::default() };
        let gathered = [0; RANDOM];
        Hello {
            kind,
            field,
            skip: 0,
            want,
            have: 0,
            gathered,
            extension_left: 0,
            retry: None,
            facts,
            kept: None,
            names: None,
        }
    }

    /// The names in it, once.
    pub fn take_names(&mut self) -> Option<Box<HelloNames>> {
        self.names.take()
    }

    fn names_mut(&mut self) -> &mut HelloNames {
        self.names.get_or_insert_with(Default::default)
    }

    /// What has been read so far.
    pub fn facts(&self) -> HelloFacts {
        self.facts
    }

    /// Whether a Server Hello is a Hello Retry Request; none while its octets do not tell.
    pub fn is_retry(&self) -> Option<bool> {
        match self.field {
            Field::Lost => Some(self.retry == Some(true)),
            Field::Random if !self.resembles_retry() => Some(false),
            _ => self.retry,
        }
    }

    /// Whether the random is that of a Hello Retry Request as far as it is there.
    fn resembles_retry(&self) -> bool {
        let have = usize::from(self.have);
        self.gathered.iter().zip(&RETRY_RANDOM).take(have).all(|(found, retry)| found == retry)
    }

    /// Octets of the hello were not captured: the rest cannot be read.
    pub fn loses(&mut self) {
        if self.field == Field::Random && usize::from(self.have) >= RANDOM_ENOUGH {
            self.retry = Some(self.resembles_retry());
        }
        self.field = Field::Lost;
        self.facts.whole = false;
    }

    /// Reads the next octets of the message.
    pub fn reads(&mut self, mut octets: &[u8]) {
        while !octets.is_empty() && self.field != Field::Lost {
            let (passed, rest) = cut(octets, usize::from(self.skip));
            self.skip -= passed.len() as u16;
            if let Some(which) = self.kept {
                self.names_mut().keep(which, passed);
            }
            let (part, rest) = cut(rest, usize::from(self.want.saturating_sub(self.have)));
            for (place, &octet) in self.gathered.iter_mut().skip(usize::from(self.have)).zip(part) {
                *place = octet;
            }
            self.have += part.len() as u8;
            octets = rest;
            if self.skip == 0 && self.have == self.want {
                self.takes_field();
            }
        }
    }

    fn expects(&mut self, skip: u16, field: Field, want: u8) {
        self.kept = None;
        self.skip = skip;
        self.field = field;
        self.want = want;
        self.have = 0;
    }

    /// The field is complete: keeps what matters and goes on to the next.
    fn takes_field(&mut self) {
        let (field, _) = self.gathered.split_at(usize::from(self.have).min(RANDOM));
        let value = number(field);
        let server = self.kind == Kind::Server;
        match self.field {
            Field::Version => {
                self.facts.version = value;
                self.expects(0, Field::Random, RANDOM as u8);
            }
            Field::Random => {
                self.retry = Some(self.gathered == RETRY_RANDOM);
                let draft = server && self.facts.version & 0xff00 == DRAFT;
                let (next, want) = if draft { (Field::CipherSuite, 2) } else { (Field::SessionIdLength, 1) };
                self.expects(0, next, want);
            }
            Field::SessionIdLength if server => self.expects(value, Field::CipherSuite, 2),
            Field::SessionIdLength => self.expects(value, Field::CipherSuitesLength, 2),
            Field::CipherSuitesLength => self.expects(value, Field::CompressionMethodsLength, 1),
            Field::CompressionMethodsLength => self.expects(value, Field::ExtensionsLength, 2),
            Field::CipherSuite => {
                self.facts.cipher_suite = value;
                let draft = self.facts.version & 0xff00 == DRAFT;
                self.expects(u16::from(!draft), Field::ExtensionsLength, 2);
            }
            Field::ExtensionsLength => self.expects(0, Field::ExtensionHeader, 4),
            _ => self.takes_extension(value),
        }
    }

    /// A field within the extensions is complete.
    fn takes_extension(&mut self, value: u16) {
        match self.field {
            Field::ExtensionHeader => self.begins_extension(),
            Field::SelectedVersion => {
                self.facts.version = value;
                self.ends_extension();
            }
            Field::ServerNameHeader => self.begins_server_name(),
            Field::ServerName => self.ends_extension(),
            Field::ProtocolListLength => self.expects_protocol(0),
            Field::ProtocolLength => {
                let length = value.min(self.extension_left);
                self.extension_left -= length;
                self.names_mut().begin_protocol();
                if length > LONGEST_NAME {
                    self.facts.alpn.insert(&[]);
                    self.expects_protocol(length);
                    self.kept = Some(Kept::Protocol);
                } else {
                    self.expects(0, Field::Protocol, length as u8);
                }
            }
            Field::Protocol => {
                let (name, _) = self.gathered.split_at(usize::from(self.have).min(RANDOM));
                self.facts.alpn.insert(name);
                let (name, gathered) = (name.len(), self.gathered);
                self.names_mut().keep(Kept::Protocol, &gathered[..name]);
                self.expects_protocol(0);
            }
            _ => self.loses(),
        }
    }

    fn begins_extension(&mut self) {
        let (kind, length) = extension_header(&self.gathered).map_or((0, 0), |(_, header)| header);
        self.extension_left = length;
        self.facts.pre_shared_key |= kind == PRE_SHARED_KEY;
        self.facts.early_data |= kind == EARLY_DATA;
        self.facts.application_settings |= APPLICATION_SETTINGS.contains(&kind);
        if kind == ENCRYPTED_CLIENT_HELLO && self.kind == Kind::Client {
            self.names_mut().has_encrypted_hello();
        }
        match kind {
            SERVER_NAME if self.kind == Kind::Client && length >= 5 => {
                self.extension_left -= 5;
                self.expects(2, Field::ServerNameHeader, 3);
            }
            SUPPORTED_VERSIONS if self.kind == Kind::Server && length >= 2 => {
                self.extension_left -= 2;
                self.expects(0, Field::SelectedVersion, 2);
            }
            ALPN if length >= 2 => {
                self.extension_left -= 2;
                self.expects(0, Field::ProtocolListLength, 2);
            }
            _ => self.ends_extension(),
        }
    }

    /// Nobody sends more than one.
    fn begins_server_name(&mut self) {
        let [kind, high, low] = [self.gathered[0], self.gathered[1], self.gathered[2]];
        let length = u16::from_be_bytes([high, low]).min(self.extension_left);
        if kind != HOST_NAME {
            return self.ends_extension();
        }
        self.extension_left -= length;
        self.expects(length, Field::ServerName, 0);
        self.kept = Some(Kept::Server);
    }

    /// The next name of the list, after so many octets of the one before.
    fn expects_protocol(&mut self, skip: u16) {
        if self.extension_left == 0 {
            return self.expects(skip, Field::ExtensionHeader, 4);
        }
        self.extension_left -= 1;
        self.expects(skip, Field::ProtocolLength, 1);
    }

    fn ends_extension(&mut self) {
        let left = self.extension_left;
        self.extension_left = 0;
        self.expects(left, Field::ExtensionHeader, 4);
    }
}
