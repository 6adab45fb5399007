//! Segments, octet by octet (RFC 9293 3.1).

/// FIN, as in the header's second flags octet.
pub const FIN: u16 = 0x001;
/// SYN.
pub const SYN: u16 = 0x002;
/// RST.
pub const RST: u16 = 0x004;
/// PSH.
pub const PSH: u16 = 0x008;
/// ACK.
pub const ACK: u16 = 0x010;
/// URG.
pub const URG: u16 = 0x020;
/// ECE (RFC 3168).
pub const ECE: u16 = 0x040;
/// CWR (RFC 3168).
pub const CWR: u16 = 0x080;
/// AE (RFC 9768).
pub const AE: u16 = 0x100;

/// A segment to build: each test shows only what differs from the default.
#[derive(Clone, Debug)]
pub struct Segment {
    /// Port of the sender.
    pub source_port: u16,
    /// Port of the receiver.
    pub destination_port: u16,
    /// Sequence number as on the wire.
    pub sequence: u32,
    /// Acknowledgement number as on the wire.
    pub acknowledgement: u32,
    /// Flags.
    pub flags: u16,
    /// Window as on the wire.
    pub window: u16,
    /// Options, not padded.
    pub options: Vec<u8>,
    /// Data offset in words, where it lies.
    pub offset: Option<u8>,
    /// Payload.
    pub payload: Vec<u8>,
}

impl Default for Segment {
    fn default() -> Segment {
        Segment {
            source_port: 40000,
            destination_port: 443,
            sequence: 0,
            acknowledgement: 0,
            flags: ACK,
            window: 64240,
            options: Vec::new(),
            offset: None,
            payload: Vec::new(),
        }
    }
}

impl Segment {
    /// Header and payload. The checksum is zero, as offloading leaves it.
    pub fn octets(&self) -> Vec<u8> {
        let mut options = self.options.clone();
        while options.len() % 4 != 0 {
            options.push(1);
        }
        let words = self.offset.unwrap_or((5 + options.len() / 4) as u8);
        let mut octets = Vec::with_capacity(20 + options.len() + self.payload.len());
        octets.extend_from_slice(&self.source_port.to_be_bytes());
        octets.extend_from_slice(&self.destination_port.to_be_bytes());
        octets.extend_from_slice(&self.sequence.to_be_bytes());
        octets.extend_from_slice(&self.acknowledgement.to_be_bytes());
        octets.push(words << 4 | (self.flags >> 8) as u8);
        octets.push(self.flags as u8);
        octets.extend_from_slice(&self.window.to_be_bytes());
        octets.extend_from_slice(&[0, 0, 0, 0]);
        octets.extend_from_slice(&options);
        octets.extend_from_slice(&self.payload);
        octets
    }
}

/// What a stream carries at an offset: octets that no protocol begins with, the same at every repetition.
pub fn filler(offset: i64) -> u8 {
    0xa0 | (offset & 0x0f) as u8
}
