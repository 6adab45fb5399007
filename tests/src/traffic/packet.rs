//! A segment on its way, with all that can be wrong with it.

use super::SECOND;
use crate::segment::{ACK, FIN, PSH, RST, SYN};
use std::fmt;

/// A segment on its way. Sequence numbers count from the initial one of the side whose octets they count.
#[derive(Clone, Debug)]
pub struct Packet {
    /// Since the beginning.
    pub time: Option<i64>,
    /// Which of the port pairs.
    pub flow: u16,
    /// From the side A.
    pub from_a: bool,
    /// Flags of the header.
    pub flags: u16,
    /// Sequence number.
    pub sequence: u32,
    /// Acknowledgement number, also where the ACK flag is missing.
    pub acknowledgement: u32,
    /// Window as on the wire.
    pub window: u16,
    /// Options but SACK.
    pub options: Vec<u8>,
    /// A SACK block.
    pub sack: Option<(u32, u32)>,
    /// Octets of payload.
    pub length: u32,
    /// IPv4 identification; a mirrored copy has that of its original.
    pub identification: u16,
    /// A data offset that may not fit.
    pub offset: Option<u8>,
    /// Only so many octets were captured.
    pub captured: Option<usize>,
    /// A length when sent that may not fit.
    pub reported: Option<u32>,
    /// In an ICMP error.
    pub quoted: bool,
    /// The first fragment of a datagram that is not complete.
    pub fragment: bool,
    /// In one frame with the segment before.
    pub same_frame: bool,
}

impl Packet {
    pub(super) fn options(&self, peer_initial: u32) -> Vec<u8> {
        let mut options = self.options.clone();
        if let Some((left, right)) = self.sack {
            options.extend_from_slice(&[5, 10]);
            options.extend_from_slice(&peer_initial.wrapping_add(left).to_be_bytes());
            options.extend_from_slice(&peer_initial.wrapping_add(right).to_be_bytes());
        }
        options.truncate(40);
        options
    }

    /// Octets of the header as built, whatever its data offset says.
    pub fn header_length(&self) -> usize {
        20 + (self.options(0).len() + 3) / 4 * 4
    }

    /// Whether the header can be read, by the words of the contract: its twenty octets are there, and it has a length
    /// that a header can have.
    pub fn is_readable(&self) -> bool {
        let built = self.header_length();
        let claimed = self.offset.map_or(built, |words| usize::from(words) * 4);
        let sent = self.reported.unwrap_or(built as u32 + self.length) as usize;
        let captured = self.captured.unwrap_or(built).min(built + self.length as usize);
        !self.quoted && !self.fragment && captured >= 20 && claimed >= 20 && claimed <= sent
    }

    /// Whether all of the flags are set.
    pub fn has(&self, flags: u16) -> bool {
        self.flags & flags == flags
    }
}

impl fmt::Display for Packet {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let time = self.time.unwrap_or(0);
        let flags: String = [(FIN, 'F'), (SYN, 'S'), (RST, 'R'), (PSH, 'P'), (ACK, '.')]
            .iter()
            .filter(|(flag, _)| self.has(*flag))
            .map(|(_, letter)| *letter)
            .collect();
        write!(formatter, "{}.{:09} ", time / SECOND, (time % SECOND).abs())?;
        let end = i64::from(self.sequence) + i64::from(self.length);
        let direction = if self.from_a { '>' } else { '<' };
        write!(
            formatter,
            "{direction} {} {}:{end}({})",
            if flags.is_empty() { "-" } else { &flags },
            self.sequence,
            self.length
        )?;
        write!(
            formatter,
            " ack {} win {} [id {}]",
            self.acknowledgement, self.window, self.identification
        )?;
        let marks = [
            (self.flow != 0, format!("[flow {}]", self.flow)),
            (self.time.is_none(), "[timeless]".to_string()),
            (self.quoted, "[quoted]".to_string()),
            (self.fragment, "[fragment]".to_string()),
            (self.same_frame, "[same frame]".to_string()),
            (self.offset.is_some(), format!("[offset {}]", self.offset.unwrap_or(0))),
            (
                self.captured.is_some(),
                format!("[snap {}]", self.captured.unwrap_or(0)),
            ),
            (
                self.reported.is_some(),
                format!("[length {}]", self.reported.unwrap_or(0)),
            ),
            (
                !self.options.is_empty() || self.sack.is_some(),
                format!("options {:x?} sack {:?}", self.options, self.sack),
            ),
        ];
        for (_, mark) in marks.iter().filter(|(applies, _)| *applies) {
            write!(formatter, " {mark}")?;
        }
        Ok(())
    }
}
