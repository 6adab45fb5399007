//! Octets of a capture, from a file or standard input, packed or not, as they come.

use std::fs::File;
use std::io::{self, Cursor, Read};

const CHUNK: usize = 1 << 18;

/// What is being read: what was read and not used stays, also where a signal comes between.
pub struct Source {
    input: Box<dyn Read + Send + Sync>,
    buffer: Vec<u8>,
    used: usize,
    filled: usize,
}

impl Source {
    /// Opens a file, or standard input for `-`.
    pub fn open(path: &str) -> io::Result<Source> {
        let mut input: Box<dyn Read + Send + Sync> =
            if path == "-" { Box::new(Stdin) } else { Box::new(File::open(path)?) };
        let mut magic = Vec::new();
        input.by_ref().take(4).read_to_end(&mut magic)?;
        let packed = [magic.starts_with(&[0x1f, 0x8b]), magic == [0x28, 0xb5, 0x2f, 0xfd]];
        let input = Cursor::new(magic).chain(input);
        let input: Box<dyn Read + Send + Sync> = match packed {
            [true, _] => Box::new(flate2::read::MultiGzDecoder::new(input)),
            [_, true] => Box::new(zstd::stream::read::Decoder::new(input)?),
            _ => Box::new(input),
        };
        Ok(Source { input, buffer: vec![0; CHUNK], used: 0, filled: 0 })
    }

    /// The next so many octets, or fewer at the end. An error of kind `Interrupted` loses nothing.
    pub fn peek(&mut self, length: usize) -> io::Result<&[u8]> {
        while self.filled - self.used < length {
            if self.used > 0 {
                self.buffer.copy_within(self.used..self.filled, 0);
                self.filled -= self.used;
                self.used = 0;
            }
            if self.filled == self.buffer.len() {
                self.buffer.resize(self.filled + CHUNK, 0);
            }
            let read = self.input.read(&mut self.buffer[self.filled..])?;
            if read == 0 {
                break;
            }
            self.filled += read;
        }
        Ok(&self.buffer[self.used..self.filled.min(self.used + length)])
    }

    /// Goes on behind octets that were peeked at.
    pub fn advance(&mut self, length: usize) {
        self.used = self.filled.min(self.used + length);
    }
}

/// Without the standard library's lock and buffer, which would wait for more than is there.
struct Stdin;

impl Read for Stdin {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        // SAFETY: the buffer is as long as is said.
        let read = unsafe { libc::read(0, buffer.as_mut_ptr().cast(), buffer.len()) };
        usize::try_from(read).map_err(|_| io::Error::last_os_error())
    }
}
