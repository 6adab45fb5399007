//! From a frame to the TCP segments in it: the layers that Wireshark takes off as well.

use std::collections::{HashMap, VecDeque};

/// No more layers than this in a frame.
const LAYERS: usize = 16;
/// So many datagrams wait for their other fragments.
const DATAGRAMS: usize = 1024;
/// The fragments of one have no more octets together: twice what a datagram can have.
const LONGEST: usize = 2 * 65_535;

/// A TCP segment.
pub struct Segment {
    /// Source address.
    pub source: Vec<u8>,
    /// Destination address.
    pub destination: Vec<u8>,
    /// IPv4 identification.
    pub identification: Option<u16>,
    /// TCP header and payload as far as captured.
    pub octets: Vec<u8>,
    /// Their length when sent.
    pub sent: u32,
    /// Quoted in an ICMP error.
    pub quoted: bool,
    /// First fragment of a datagram that cannot be put together.
    pub fragment: bool,
}

enum Layer {
    EtherType(u32),
    Ethernet,
    Ip,
    Ppp,
}

#[derive(Clone, Copy)]
struct Rest<'a> {
    octets: &'a [u8],
    sent: usize,
}

impl<'a> Rest<'a> {
    fn number(&self, at: usize, length: usize) -> Option<u32> {
        let octets = self.octets.get(at..at + length)?;
        Some(octets.iter().fold(0, |number, &octet| number << 8 | u32::from(octet)))
    }

    fn skip(&self, length: usize) -> Option<Rest<'a>> {
        Some(Rest { octets: self.octets.get(length..)?, sent: self.sent.checked_sub(length)? })
    }

    fn cut(&self, length: usize) -> Rest<'a> {
        let sent = length.min(self.sent);
        Rest { octets: &self.octets[..sent.min(self.octets.len())], sent }
    }
}

/// What an IP header says.
#[derive(Clone, Copy)]
struct Header<'a> {
    source: &'a [u8],
    destination: &'a [u8],
    identification: Option<u16>,
    quoted: bool,
    fragment: bool,
}

struct Datagram {
    parts: Vec<(usize, Vec<u8>)>,
    /// Of all parts together.
    octets: usize,
    length: Option<usize>,
}

/// Takes frames apart, and puts fragments together.
#[derive(Default)]
pub struct Layers {
    segments: Vec<Segment>,
    waiting: HashMap<Vec<u8>, Datagram>,
    order: VecDeque<Vec<u8>>,
}

impl Layers {
    /// The segments of a frame; none where the link layer is not known.
    pub fn segments(&mut self, link: u32, octets: &[u8], sent: usize) -> Option<Vec<Segment>> {
        let rest = Rest { octets, sent };
        let (layer, header) = match link {
            0 | 108 => (Some(Layer::Ip), 4),
            1 => (Some(Layer::Ethernet), 0),
            9 => (Some(Layer::Ppp), 0),
            12 | 14 | 101 | 228 | 229 => (Some(Layer::Ip), 0),
            104 => (rest.number(2, 2).map(Layer::EtherType), 4),
            113 => (rest.number(14, 2).map(Layer::EtherType), 16),
            276 => (rest.number(0, 2).map(Layer::EtherType), 20),
            _ => return None,
        };
        if let (Some(layer), Some(rest)) = (layer, rest.skip(header)) {
            self.layer(layer, rest, LAYERS);
        }
        Some(std::mem::take(&mut self.segments))
    }

    fn layer(&mut self, layer: Layer, rest: Rest, left: usize) -> Option<()> {
        let left = left.checked_sub(1)?;
        match layer {
            Layer::Ethernet => self.layer(Layer::EtherType(rest.number(12, 2)?), rest.skip(14)?, left),
            Layer::EtherType(0x0800 | 0x86dd) => self.layer(Layer::Ip, rest, left),
            Layer::EtherType(0x8100 | 0x88a8 | 0x9100) => {
                self.layer(Layer::EtherType(rest.number(2, 2)?), rest.skip(4)?, left)
            }
            Layer::EtherType(0x8864) => self.layer(Layer::Ppp, rest.skip(6)?, left),
            Layer::EtherType(0x6558) => self.layer(Layer::Ethernet, rest, left),
            Layer::EtherType(0x8847) => {
                let is_last = rest.number(2, 1)? & 1 == 1;
                let next = if is_last { Layer::Ip } else { Layer::EtherType(0x8847) };
                self.layer(next, rest.skip(4)?, left)
            }
            Layer::EtherType(_) => None,
            Layer::Ppp => {
                let rest = if rest.octets.starts_with(&[0xff, 3]) { rest.skip(2)? } else { rest };
                matches!(rest.number(0, 2), Some(0x21 | 0x57)).then_some(())?;
                self.layer(Layer::Ip, rest.skip(2)?, left)
            }
            Layer::Ip => match rest.octets.first()? >> 4 {
                4 => self.ipv4(rest, left, false),
                6 => self.ipv6(rest, left, false),
                _ => None,
            },
        }
    }

    /// RFC 791.
    fn ipv4(&mut self, rest: Rest, left: usize, quoted: bool) -> Option<()> {
        let header = usize::from(rest.octets.first()? & 15) * 4;
        let length = rest.number(2, 2)? as usize;
        // Offloaded to the card: the length was not filled in.
        let rest = if length == 0 { rest } else { rest.cut(length) };
        let (fragment, protocol) = (rest.number(6, 2)? & 0x3fff, *rest.octets.get(9)?);
        let identification = rest.number(4, 2)?;
        let mut about = Header {
            source: rest.octets.get(12..16)?,
            destination: rest.octets.get(16..20)?,
            identification: Some(identification as u16),
            quoted,
            fragment: false,
        };
        let payload = rest.skip(header)?;
        if fragment == 0 {
            return self.above_ip(protocol, payload, about, left);
        }
        let (offset, more) = ((fragment & 0x1fff) as usize * 8, fragment & 0x2000 != 0);
        about.fragment = true;
        self.fragment(protocol, identification, payload, (offset, more), about, left)
    }

    /// RFC 8200.
    fn ipv6(&mut self, rest: Rest, left: usize, quoted: bool) -> Option<()> {
        let (length, mut protocol) = (rest.number(4, 2)? as usize, *rest.octets.get(6)?);
        let rest = if length == 0 { rest } else { rest.cut(length + 40) };
        let mut about = Header {
            source: rest.octets.get(8..24)?,
            destination: rest.octets.get(24..40)?,
            identification: None,
            quoted,
            fragment: false,
        };
        let mut payload = rest.skip(40)?;
        for _ in 0..LAYERS {
            let header = match protocol {
                0 | 43 | 60 | 135 => (usize::from(*payload.octets.get(1)?) + 1) * 8,
                44 => {
                    let (offset, identification) = (payload.number(2, 2)? as usize, payload.number(4, 4)?);
                    protocol = *payload.octets.first()?;
                    payload = payload.skip(8)?;
                    if offset & 0xfff9 != 0 {
                        about.fragment = true;
                        let place = (offset & 0xfff8, offset & 1 != 0);
                        return self.fragment(protocol, identification, payload, place, about, left);
                    }
                    continue;
                }
                51 => (usize::from(*payload.octets.get(1)?) + 2) * 4,
                _ => break,
            };
            protocol = *payload.octets.first()?;
            payload = payload.skip(header)?;
        }
        self.above_ip(protocol, payload, about, left)
    }

    /// A piece of a datagram, which is read with the last of them. What was cut cannot be put together.
    fn fragment(
        &mut self,
        protocol: u8,
        identification: u32,
        payload: Rest,
        (offset, more): (usize, bool),
        about: Header,
        left: usize,
    ) -> Option<()> {
        if about.quoted || payload.octets.len() < payload.sent {
            (offset == 0).then_some(())?;
            return self.above_ip(protocol, payload, about, left);
        }
        let mut key = [about.source, about.destination, &[protocol]].concat();
        key.extend(identification.to_be_bytes());
        if !self.waiting.contains_key(&key) {
            if self.order.len() >= DATAGRAMS {
                let oldest = self.order.pop_front()?;
                self.waiting.remove(&oldest);
            }
            self.order.push_back(key.clone());
        }
        let datagram = self.waiting.entry(key.clone()).or_insert(Datagram { parts: Vec::new(), octets: 0, length: None });
        datagram.octets += payload.octets.len();
        if datagram.octets > LONGEST {
            // Pieces that come again and again.
            self.waiting.remove(&key);
            self.order.retain(|other| *other != key);
            return None;
        }
        datagram.parts.push((offset, payload.octets.to_vec()));
        if !more {
            datagram.length = Some(offset + payload.octets.len());
        }
        let (length, mut whole) = (datagram.length?, Vec::new());
        datagram.parts.sort_by_key(|&(offset, _)| offset);
        for (offset, part) in &datagram.parts {
            let known = whole.len().checked_sub(*offset)?;
            whole.extend_from_slice(part.get(known..).unwrap_or(&[]));
        }
        (whole.len() == length).then_some(())?;
        self.waiting.remove(&key);
        self.order.retain(|other| *other != key);
        let rest = Rest { octets: &whole, sent: length };
        self.above_ip(protocol, rest, Header { fragment: false, ..about }, left)
    }

    fn above_ip(&mut self, protocol: u8, payload: Rest, about: Header, left: usize) -> Option<()> {
        match protocol {
            6 => self.segments.push(Segment {
                source: about.source.to_vec(),
                destination: about.destination.to_vec(),
                identification: about.identification,
                octets: payload.octets.to_vec(),
                sent: payload.sent as u32,
                quoted: about.quoted,
                fragment: about.fragment,
            }),
            _ if about.quoted || about.fragment => {}
            1 if matches!(payload.octets.first()?, 3 | 4 | 5 | 11 | 12) => self.ipv4(payload.skip(8)?, left, true)?,
            58 if matches!(payload.octets.first()?, 1..=4) => self.ipv6(payload.skip(8)?, left, true)?,
            4 | 41 => self.layer(Layer::Ip, payload, left)?,
            47 => self.gre(payload, left)?,
            17 => self.udp(payload.number(2, 2)?, payload.skip(8)?, left)?,
            _ => {}
        }
        Some(())
    }

    /// RFC 2784, RFC 2890.
    fn gre(&mut self, rest: Rest, left: usize) -> Option<()> {
        let flags = rest.number(0, 2)?;
        let optional = [0x8000, 0x2000, 0x1000].iter().filter(|&&flag| flags & flag != 0).count();
        (flags & 7 == 0).then_some(())?;
        self.layer(Layer::EtherType(rest.number(2, 2)?), rest.skip(4 + 4 * optional)?, left)
    }

    /// VXLAN (RFC 7348), GENEVE (RFC 8926), GTP-U (3GPP TS 29.281).
    fn udp(&mut self, port: u32, rest: Rest, left: usize) -> Option<()> {
        match port {
            4789 => self.layer(Layer::Ethernet, rest.skip(8)?, left),
            6081 => {
                let options = (rest.number(0, 1)? & 0x3f) as usize * 4;
                self.layer(Layer::EtherType(rest.number(2, 2)?), rest.skip(8 + options)?, left)
            }
            2152 if rest.number(0, 1)? >> 4 == 3 && rest.number(1, 1)? == 255 => {
                let flags = rest.number(0, 1)?;
                let mut inner = rest.skip(if flags & 7 == 0 { 8 } else { 12 })?;
                let mut extension = if flags & 4 == 0 { 0 } else { rest.number(11, 1)? };
                for _ in 0..LAYERS {
                    if extension == 0 {
                        return self.layer(Layer::Ip, inner, left);
                    }
                    let length = inner.number(0, 1)? as usize * 4;
                    extension = inner.number(length.checked_sub(1)?, 1)?;
                    inner = inner.skip(length)?;
                }
                None
            }
            _ => None,
        }
    }
}

impl Segment {
    /// Source and destination port.
    pub fn ports(&self) -> [u32; 2] {
        let port =
            |at: usize| self.octets.get(at..at + 2).map_or(0, |port| u32::from(port[0]) << 8 | u32::from(port[1]));
        [port(0), port(2)]
    }

    /// The sequence number; 0 where that was not captured.
    pub fn sequence(&self) -> u32 {
        self.octets.get(4..8).map_or(0, |octets| octets.iter().fold(0, |number, &octet| number << 8 | u32::from(octet)))
    }
}
