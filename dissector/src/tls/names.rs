//! The names in hellos: the server's (RFC 6066 3), and those of protocols (RFC 7301 3.1).

/// A server's name has no more octets (RFC 1035 2.3.4).
const LONGEST_SERVER_NAME: usize = 255;
/// More octets of protocols' names than anybody offers are not kept.
const LONGEST_PROTOCOLS: usize = 96;

/// Those of a hello that is being read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HelloNames {
    server: Vec<u8>,
    protocols: Vec<u8>,
    /// There were more.
    more_protocols: bool,
    encrypted_hello: bool,
}

/// Which of them the next octets belong to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    Server,
    Protocol,
}

impl HelloNames {
    /// More octets of one.
    pub fn keep(&mut self, which: Kept, octets: &[u8]) {
        let (name, longest) = match which {
            Kept::Server => (&mut self.server, LONGEST_SERVER_NAME),
            Kept::Protocol => (&mut self.protocols, LONGEST_PROTOCOLS),
        };
        let room = longest.saturating_sub(name.len());
        name.extend_from_slice(&octets[..octets.len().min(room)]);
        self.more_protocols |= which == Kept::Protocol && octets.len() > room;
    }

    /// Another protocol's name begins.
    pub fn begin_protocol(&mut self) {
        if !self.protocols.is_empty() {
            self.keep(Kept::Protocol, b",");
        }
    }

    /// Those that there was room for, as whole names.
    fn whole_protocols(&self) -> &[u8] {
        let end = self.protocols.iter().rposition(|&octet| octet == b',').unwrap_or(0);
        &self.protocols[..if self.more_protocols { end } else { self.protocols.len() }]
    }

    /// The extension encrypted_client_hello is there (RFC 9849 5).
    pub fn has_encrypted_hello(&mut self) {
        self.encrypted_hello = true;
    }
}

const CHOSEN: u8 = 1;
const ENCRYPTED_HELLO: u8 = 2;

/// What the hellos of a connection name, in few octets: marks, the length of the server's name, that, and protocols.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlsNames(Box<[u8]>);

impl TlsNames {
    /// What a Client Hello offers.
    pub(crate) fn offered(names: &HelloNames) -> TlsNames {
        let marks = if names.encrypted_hello { ENCRYPTED_HELLO } else { 0 };
        TlsNames::packed(marks, &names.server, names.whole_protocols())
    }

    /// The same when the server has chosen a protocol. Without the offer nothing else is known.
    pub(crate) fn chosen(offered: Option<&TlsNames>, names: &HelloNames) -> TlsNames {
        let (marks, server) = offered.map_or((0, &[][..]), |offered| (offered.marks(), offered.server()));
        TlsNames::packed(marks | CHOSEN, server, names.whole_protocols())
    }

    /// Whether a server's hello names anything.
    pub(crate) fn are_chosen_in(names: &HelloNames) -> bool {
        !names.protocols.is_empty()
    }

    fn packed(marks: u8, server: &[u8], protocols: &[u8]) -> TlsNames {
        let server = &server[..server.len().min(LONGEST_SERVER_NAME)];
        let mut octets = Vec::with_capacity(2 + server.len() + protocols.len());
        octets.extend_from_slice(&[marks, server.len() as u8]);
        octets.extend_from_slice(server);
        octets.extend_from_slice(protocols);
        TlsNames(octets.into_boxed_slice())
    }

    fn marks(&self) -> u8 {
        self.0.first().copied().unwrap_or(0)
    }

    fn server(&self) -> &[u8] {
        let length = self.0.get(1).map_or(0, |&length| usize::from(length));
        self.0.get(2..2 + length).unwrap_or(&[])
    }

    /// The server's name as the Client Hello has it (RFC 6066 3), as on the wire. Where [`TlsNames::has_encrypted_hello`]
    /// it may be that of the outer hello.
    pub fn server_name(&self) -> Option<&[u8]> {
        Some(self.server()).filter(|name| !name.is_empty())
    }

    /// The protocol that the server has chosen, or all that the client offers, with commas between (RFC 7301), as on the
    /// wire.
    pub fn protocols(&self) -> Option<&[u8]> {
        self.0.get(2 + self.server().len()..).filter(|names| !names.is_empty())
    }

    /// Whether the server has chosen the protocol. In TLS 1.3 it does so within what only keys open.
    pub fn is_protocol_chosen(&self) -> bool {
        self.marks() & CHOSEN != 0
    }

    /// Whether the Client Hello offers an encrypted one (RFC 9849). Browsers do so whether or not they mean it.
    pub fn has_encrypted_hello(&self) -> bool {
        self.marks() & ENCRYPTED_HELLO != 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_choice_takes_the_place_of_the_offer() {
        let mut hello = HelloNames::default();
        hello.keep(Kept::Server, b"example.");
        hello.keep(Kept::Server, b"com");
        for protocol in [&b"h2"[..], b"http/1.1"] {
            hello.begin_protocol();
            hello.keep(Kept::Protocol, protocol);
        }
        let offered = TlsNames::offered(&hello);
        assert_eq!(offered.server_name(), Some(&b"example.com"[..]));
        assert_eq!(offered.protocols(), Some(&b"h2,http/1.1"[..]));
        assert!(!offered.is_protocol_chosen());
        let answer = HelloNames { protocols: b"h2".to_vec(), ..HelloNames::default() };
        let chosen = TlsNames::chosen(Some(&offered), &answer);
        assert_eq!(chosen.server_name(), Some(&b"example.com"[..]));
        assert_eq!(chosen.protocols(), Some(&b"h2"[..]));
        assert!(chosen.is_protocol_chosen());
        assert_eq!(TlsNames::chosen(None, &answer).server_name(), None);
    }

    #[test]
    fn no_more_is_kept_than_anybody_sends() {
        let mut hello = HelloNames::default();
        hello.keep(Kept::Server, &[b'a'; 70_000]);
        hello.keep(Kept::Protocol, &[b'b'; 70_000]);
        let names = TlsNames::offered(&hello);
        assert_eq!(names.server_name().map(<[u8]>::len), Some(LONGEST_SERVER_NAME));
        assert_eq!(names.protocols(), None, "a part of a name is none");
        let mut hello = HelloNames::default();
        hello.keep(Kept::Protocol, b"h2");
        hello.begin_protocol();
        hello.keep(Kept::Protocol, &[b'b'; 200]);
        assert_eq!(TlsNames::offered(&hello).protocols(), Some(&b"h2"[..]));
    }
}
