//! From a frame to the TCP segments in it.

use super::{big_endian, Packet};

/// No more layers than this in a frame.
const LAYERS: usize = 16;

/// What comes next in a frame.
enum Layer {
    /// Named by an EtherType.
    EtherType(u32),
    Ethernet,
    Ip,
    Ppp,
}

/// Octets on their way to TCP, and how many there were when sent.
#[derive(Clone, Copy)]
struct Rest<'a> {
    octets: &'a [u8],
    sent: usize,
}

impl<'a> Rest<'a> {
    fn number(&self, at: usize, length: usize) -> Option<u32> {
        self.octets.get(at..at + length).map(big_endian)
    }

    fn skip(&self, length: usize) -> Option<Rest<'a>> {
        Some(Rest {
            octets: self.octets.get(length..)?,
            sent: self.sent.checked_sub(length)?,
        })
    }
}

/// The segments of a frame.
pub fn segments(link: u32, octets: &[u8], sent: usize, frame: u32, time: i64) -> Vec<Packet> {
    let mut reader = Reader {
        frame,
        time,
        packets: Vec::new(),
    };
    let rest = Rest { octets, sent };
    let (layer, header) = match link {
        0 | 108 => (Some(Layer::Ip), 4),
        1 => (Some(Layer::Ethernet), 0),
        9 => (Some(Layer::Ppp), 0),
        12 | 14 | 101 | 228 | 229 => (Some(Layer::Ip), 0),
        104 => (rest.number(2, 2).map(Layer::EtherType), 4),
        113 => (rest.number(14, 2).map(Layer::EtherType), 16),
        276 => (rest.number(0, 2).map(Layer::EtherType), 20),
        _ => (None, 0),
    };
    if let (Some(layer), Some(rest)) = (layer, rest.skip(header)) {
        reader.layer(layer, rest, LAYERS);
    }
    reader.packets
}

struct Reader {
    frame: u32,
    time: i64,
    packets: Vec<Packet>,
}

impl Reader {
    fn layer(&mut self, layer: Layer, rest: Rest, left: usize) -> Option<()> {
        let left = left.checked_sub(1)?;
        match layer {
            Layer::Ethernet => {
                let kind = rest.number(12, 2)?;
                self.layer(Layer::EtherType(kind), rest.skip(14)?, left)
            }
            Layer::EtherType(0x0800 | 0x86dd) => self.layer(Layer::Ip, rest, left),
            Layer::EtherType(0x8100 | 0x88a8 | 0x9100) => {
                let kind = rest.number(2, 2)?;
                self.layer(Layer::EtherType(kind), rest.skip(4)?, left)
            }
            Layer::EtherType(0x8864) => self.layer(Layer::Ppp, rest.skip(6)?, left),
            Layer::EtherType(0x6558) => self.layer(Layer::Ethernet, rest, left),
            Layer::EtherType(0x8847) => {
                let is_last = rest.number(2, 1)? & 1 == 1;
                let kind = if is_last { Layer::Ip } else { Layer::EtherType(0x8847) };
                self.layer(kind, rest.skip(4)?, left)
            }
            Layer::Ppp => {
                let rest = if rest.octets.starts_with(&[0xff, 3]) {
                    rest.skip(2)?
                } else {
                    rest
                };
                matches!(rest.number(0, 2), Some(0x21 | 0x57)).then_some(())?;
                self.layer(Layer::Ip, rest.skip(2)?, left)
            }
            Layer::Ip if rest.octets.first()? >> 4 == 4 => self.ipv4(rest, left, false),
            Layer::Ip => self.ipv6(rest, left, false),
            Layer::EtherType(_) => None,
        }
    }

    fn ipv4(&mut self, rest: Rest, left: usize, quoted: bool) -> Option<()> {
        let header = usize::from(rest.octets.first()? & 15) * 4;
        let length = (rest.number(2, 2)? as usize).min(rest.sent);
        // Offloaded to the card: the length was not filled in.
        let length = if length == 0 { rest.sent } else { length };
        let (fragment, protocol) = (rest.number(6, 2)? & 0x3fff, rest.octets.get(9)?);
        if fragment & 0x1fff != 0 {
            return None;
        }
        let payload = Rest {
            octets: rest.octets.get(..length.min(rest.octets.len()))?,
            sent: length,
        }
        .skip(header)?;
        let ends = (
            rest.octets.get(12..16)?,
            rest.octets.get(16..20)?,
            Some(rest.number(4, 2)? as u16),
        );
        self.above_ip(*protocol, payload, ends, (quoted, fragment != 0), left)
    }

    fn ipv6(&mut self, rest: Rest, left: usize, quoted: bool) -> Option<()> {
        let (length, mut protocol) = (rest.number(4, 2)? as usize, *rest.octets.get(6)?);
        let sent = if length == 0 {
            rest.sent
        } else {
            (length + 40).min(rest.sent)
        };
        let mut payload = Rest {
            octets: rest.octets.get(..sent.min(rest.octets.len()))?,
            sent,
        }
        .skip(40)?;
        let (mut fragment, destination) = (false, rest.octets.get(24..40)?);
        for _ in 0..LAYERS {
            let header = match protocol {
                0 | 43 | 60 | 135 => (usize::from(*payload.octets.get(1)?) + 1) * 8,
                44 => {
                    let offset = payload.number(2, 2)?;
                    (offset & 0xfff8 == 0).then_some(())?;
                    fragment |= offset & 1 != 0;
                    8
                }
                51 => (usize::from(*payload.octets.get(1)?) + 2) * 4,
                _ => break,
            };
            protocol = *payload.octets.first()?;
            payload = payload.skip(header)?;
        }
        self.above_ip(
            protocol,
            payload,
            (rest.octets.get(8..24)?, destination, None),
            (quoted, fragment),
            left,
        )
    }

    fn above_ip(
        &mut self,
        protocol: u8,
        payload: Rest,
        (source, destination, identification): (&[u8], &[u8], Option<u16>),
        (quoted, fragment): (bool, bool),
        left: usize,
    ) -> Option<()> {
        match protocol {
            6 => self.packets.push(Packet {
                frame: self.frame,
                time: self.time,
                source: source.to_vec(),
                destination: destination.to_vec(),
                identification,
                octets: payload.octets.to_vec(),
                reported_length: payload.sent as u32,
                quoted,
                fragment,
            }),
            _ if quoted || fragment => {}
            1 if matches!(payload.octets.first()?, 3 | 4 | 5 | 11 | 12) => self.ipv4(payload.skip(8)?, left, true)?,
            58 if matches!(payload.octets.first()?, 1..=4) => self.ipv6(payload.skip(8)?, left, true)?,
            4 | 41 => self.layer(Layer::Ip, payload, left)?,
            47 => {
                let flags = payload.number(0, 2)?;
                let optional = [0x8000, 0x2000, 0x1000]
                    .iter()
                    .filter(|&&flag| flags & flag != 0)
                    .count();
                (flags & 7 == 0).then_some(())?;
                self.layer(
                    Layer::EtherType(payload.number(2, 2)?),
                    payload.skip(4 + 4 * optional)?,
                    left,
                )?;
            }
            17 if payload.number(2, 2)? == 4789 => self.layer(Layer::Ethernet, payload.skip(16)?, left)?,
            _ => {}
        }
        Some(())
    }
}
