//! Reads a fixed header (MQTT 5 2.1). No state.

use nom::bytes::complete::take_while_m_n;
use nom::error::{Error, ErrorKind};
use nom::number::complete::be_u8;
use nom::IResult;

/// Octets of the longest fixed header.
pub const HEADER_MAXIMUM: usize = 5;
/// Each octet of a length but the last has it.
const MORE: u8 = 0x80;

/// What a packet is (MQTT 5 2.1.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PacketType(pub u8);

impl PacketType {
    /// The client begins.
    pub const CONNECT: PacketType = PacketType(1);
    /// The server lets it in, or does not.
    pub const CONNACK: PacketType = PacketType(2);
    /// A message, either way.
    pub const PUBLISH: PacketType = PacketType(3);
    /// Answers a message of quality of service 1.
    pub const PUBACK: PacketType = PacketType(4);
    /// Answers a message of quality of service 2.
    pub const PUBREC: PacketType = PacketType(5);
    /// Answers that.
    pub const PUBREL: PacketType = PacketType(6);
    /// Asks for messages.
    pub const SUBSCRIBE: PacketType = PacketType(8);
    /// Answers that.
    pub const SUBACK: PacketType = PacketType(9);
    /// Wants them no longer.
    pub const UNSUBSCRIBE: PacketType = PacketType(10);
    /// Answers that.
    pub const UNSUBACK: PacketType = PacketType(11);
    /// Keeps the connection alive.
    pub const PINGREQ: PacketType = PacketType(12);
    /// Answers that.
    pub const PINGRESP: PacketType = PacketType(13);
    /// The last packet of its sender.
    pub const DISCONNECT: PacketType = PacketType(14);
    /// Of MQTT 5: authentication that takes more than CONNECT and CONNACK.
    pub const AUTH: PacketType = PacketType(15);

    /// The type in the first octet of a packet.
    pub const fn of(first: u8) -> PacketType {
        PacketType(first >> 4)
    }
}

/// A fixed header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FixedHeader {
    /// Type and flags.
    pub first: u8,
    /// How many octets follow.
    pub length: u32,
}

/// A fixed header: type, flags, and a length of one to four octets of seven bits, the lowest first.
pub fn fixed_header(octets: &[u8]) -> IResult<&[u8], FixedHeader> {
    let (rest, first) = be_u8(octets)?;
    let (rest, higher) = take_while_m_n(0, HEADER_MAXIMUM - 2, |octet| octet & MORE != 0)(rest)?;
    let (rest, last) = be_u8(rest)?;
    if last & MORE != 0 {
        return Err(nom::Err::Error(Error::new(octets, ErrorKind::TooLarge)));
    }
    let length = higher.iter().rev().fold(u32::from(last), |length, octet| length << 7 | u32::from(octet & !MORE));
    Ok((rest, FixedHeader { first, length }))
}

/// Whether octets that are no whole fixed header yet can become one.
pub fn may_become_header(octets: &[u8]) -> bool {
    octets.len() < HEADER_MAXIMUM
}

/// What rules packets out for one side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// It is the client.
    pub is_client: bool,
    /// It has sent a packet before.
    pub has_begun: bool,
    /// MQTT 5.
    pub is_5: bool,
}

impl Limits {
    /// Whether a packet of this type and flags can come next (MQTT 5 2.1.2, 2.1.3, 3.1 and 3.2).
    pub fn allow_first(&self, first: u8) -> bool {
        let packet = PacketType::of(first);
        let begins = match self.is_client {
            true => packet == PacketType::CONNECT,
            false => packet == PacketType::CONNACK || (self.is_5 && packet == PacketType::AUTH),
        };
        let again = packet == PacketType::CONNECT || (packet == PacketType::CONNACK && self.is_client);
        let in_turn = if self.has_begun { !again } else { begins };
        in_turn && self.is_theirs(packet) && allow_flags(packet, first & 0x0f)
    }

    fn is_theirs(&self, packet: PacketType) -> bool {
        match packet {
            PacketType::CONNECT | PacketType::SUBSCRIBE | PacketType::UNSUBSCRIBE | PacketType::PINGREQ => {
                self.is_client
            }
            PacketType::CONNACK | PacketType::SUBACK | PacketType::UNSUBACK | PacketType::PINGRESP => !self.is_client,
            PacketType::DISCONNECT => self.is_client || self.is_5,
            PacketType::AUTH => self.is_5,
            PacketType(packet) => packet != 0,
        }
    }

    /// Whether a packet may be so long.
    pub fn allow(&self, header: &FixedHeader) -> bool {
        let length = header.length;
        let exactly = |expected: u32| if self.is_5 { length >= expected } else { length == expected };
        match PacketType::of(header.first) {
            PacketType::PINGREQ | PacketType::PINGRESP => length == 0,
            PacketType::DISCONNECT => exactly(0),
            PacketType::CONNACK | PacketType::UNSUBACK => exactly(2),
            PacketType(4..=7) => exactly(2),
            PacketType::PUBLISH => length >= 2,
            PacketType::SUBACK => length >= 3,
            PacketType::UNSUBSCRIBE => length >= 4,
            PacketType::SUBSCRIBE => length >= 5,
            _ => true,
        }
    }
}

/// MQTT 5 2.1.3: flags are reserved, but for those of PUBLISH.
fn allow_flags(packet: PacketType, flags: u8) -> bool {
    match packet {
        // DUP, two of the quality of service, RETAIN: 3 is no quality, and what asks for no answer goes once.
        PacketType::PUBLISH => flags & 0x06 != 0x06 && flags & 0x0e != 0x08,
        PacketType::PUBREL | PacketType::SUBSCRIBE | PacketType::UNSUBSCRIBE => flags == 0x02,
        _ => flags == 0,
    }
}
