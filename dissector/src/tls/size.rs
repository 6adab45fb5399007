//! What the length of a protected TLS 1.3 record tells (RFC 8446 5.2): its content, one octet of content type, the
//! authentication tag, and padding, which hides all of it.

/// The class of a record's length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Size {
    /// An alert's: 2 octets.
    Alert,
    /// An End Of Early Data's: a header.
    EndOfEarlyData,
    /// A Finished's: a header and a hash.
    Finished,
    /// Any other below [`TICKET`].
    Short,
    /// Any other from there on.
    Long,
    /// A full record's: what it holds may go on in the next.
    Full,
}

/// From this length on a record after the handshake can be a New Session Ticket.
const TICKET: u16 = 150;
/// The most that a record may hold (RFC 8446 5.1).
const FULL: u16 = 1 << 14;
const CONTENT_TYPE: u16 = 1;
const ALERT: u16 = 2;
const HANDSHAKE_HEADER: u16 = 4;
/// The client's Encrypted Extensions with empty application settings: header, length of the list, header of the extension.
const EMPTY_SETTINGS: u16 = HANDSHAKE_HEADER + 2 + 4;
const TAG: u16 = 16;
const SHORT_TAG: u16 = 8;
const SHA256: u16 = 32;
const SHA384: u16 = 48;
/// Java's own TLS pads every record by this much.
const JAVA_PADDING: u16 = 16;
const AES_256_GCM_SHA384: u16 = 0x1302;
const AES_128_CCM_8_SHA256: u16 = 0x1305;

impl Size {
    /// The class of a length with a cipher suite (RFC 8446 B.4).
    pub fn of(length: u16, cipher_suite: u16) -> Size {
        let tag = if cipher_suite == AES_128_CCM_8_SHA256 { SHORT_TAG } else { TAG };
        let hash = if cipher_suite == AES_256_GCM_SHA384 { SHA384 } else { SHA256 };
        let content = length.saturating_sub(CONTENT_TYPE + tag);
        match content {
            ALERT => Size::Alert,
            HANDSHAKE_HEADER => Size::EndOfEarlyData,
            _ if content == HANDSHAKE_HEADER + hash => Size::Finished,
            _ if length < TICKET => Size::Short,
            _ if length < FULL => Size::Long,
            _ => Size::Full,
        }
    }

    /// The same without the client's Encrypted Extensions with empty application settings, which go before it.
    pub fn behind_settings(length: u16, cipher_suite: u16) -> Size {
        Size::of(length.saturating_sub(EMPTY_SETTINGS), cipher_suite)
    }

    /// The same, if Java has padded the record.
    pub fn padded_by_java(length: u16, cipher_suite: u16) -> Size {
        Size::of(length.saturating_sub(JAVA_PADDING), cipher_suite)
    }
}
