//! Counts the octets of a body; none are kept. Chunks are RFC 9112 7.1.

use super::framing::BodyLength;
use super::line::Line;
use super::parser::chunk_size;

/// Where in a body its next octet is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Body {
    /// So many octets are still to come.
    Counted(u64),
    /// It ends with the connection.
    UntilClose,
    /// On the line of a chunk's size.
    ChunkSize,
    /// In a chunk's data, so many octets before its end.
    ChunkData(u64),
    /// On the line end after a chunk's data.
    ChunkEnd,
    /// In the trailer section.
    Trailers,
}

/// What octets did to a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// More is to come.
    More,
    /// It is complete; so many octets were its.
    Complete,
    /// Its chunks make no sense.
    Broken,
}

impl Body {
    /// The beginning of a body; none where it has no octets or nobody knows how many.
    pub fn begin(length: BodyLength) -> Option<Body> {
        match length {
            BodyLength::Octets(0) | BodyLength::Unknown => None,
            BodyLength::Octets(octets) => Some(Body::Counted(octets)),
            BodyLength::Chunked => Some(Body::ChunkSize),
            BodyLength::UntilClose => Some(Body::UntilClose),
        }
    }

    /// Moves over octets. Returns how many were the body's.
    pub fn take(&mut self, octets: &[u8], line: &mut Line) -> (Progress, usize) {
        let mut taken = 0;
        while let Some(rest) = octets.get(taken..).filter(|rest| !rest.is_empty()) {
            let (progress, octets) = self.step(rest, line);
            taken += octets;
            if progress != Progress::More {
                return (progress, taken);
            }
        }
        (Progress::More, taken)
    }

    /// How many octets are to come before anything of it has to be read.
    pub fn rest(&self) -> u64 {
        match *self {
            Body::Counted(rest) | Body::ChunkData(rest) => rest,
            Body::UntilClose => u64::MAX,
            Body::ChunkSize | Body::ChunkEnd | Body::Trailers => 0,
        }
    }

    /// Moves over octets that were not captured. None where the place behind them is not known.
    pub fn skip(&mut self, octets: u64) -> Option<Progress> {
        match self {
            Body::UntilClose => Some(Progress::More),
            Body::Counted(rest) | Body::ChunkData(rest) => {
                *rest = rest.checked_sub(octets)?;
                Some(self.counted_out())
            }
            Body::ChunkSize | Body::ChunkEnd | Body::Trailers => None,
        }
    }

    fn step(&mut self, octets: &[u8], line: &mut Line) -> (Progress, usize) {
        match self {
            Body::UntilClose => (Progress::More, octets.len()),
            Body::Counted(rest) | Body::ChunkData(rest) => {
                let taken = usize::try_from(*rest).unwrap_or(usize::MAX).min(octets.len());
                *rest = rest.saturating_sub(taken as u64);
                (self.counted_out(), taken)
            }
            Body::ChunkSize | Body::ChunkEnd | Body::Trailers => {
                let (whole, taken) = line.take(octets);
                (whole.map_or(Progress::More, |whole| self.line(&whole.octets)), taken)
            }
        }
    }

    fn counted_out(&mut self) -> Progress {
        match self {
            Body::Counted(0) => return Progress::Complete,
            Body::ChunkData(0) => *self = Body::ChunkEnd,
            _ => {}
        }
        Progress::More
    }

    fn line(&mut self, line: &[u8]) -> Progress {
        match (*self, chunk_size(line)) {
            (Body::ChunkSize, Ok((_, 0))) => *self = Body::Trailers,
            (Body::ChunkSize, Ok((_, size))) => *self = Body::ChunkData(size),
            (Body::ChunkEnd, _) if line.is_empty() => *self = Body::ChunkSize,
            (Body::Trailers, _) if line.is_empty() => return Progress::Complete,
            (Body::Trailers, _) => {}
            _ => return Progress::Broken,
        }
        Progress::More
    }
}
