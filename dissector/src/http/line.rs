//! Cuts octets into lines. Only a line that spans segments is buffered, and only so much of it.

use crate::application::line_end;
use std::borrow::Cow;

/// A longer line loses what is between its beginning and its last octets. RFC 9112 3 asks recipients for 8000.
pub const LINE_MAXIMUM: usize = 8192;
/// Enough for the HTTP-version that ends a request-line.
const TAIL: usize = 16;
const KEPT: usize = LINE_MAXIMUM - TAIL;

/// A whole line without its end.
#[derive(Debug)]
pub struct Whole<'a> {
    /// Its octets, or the first and the last of them.
    pub octets: Cow<'a, [u8]>,
    /// Octets in between were left out.
    pub overlong: bool,
}

/// A line on its way.
#[derive(Clone, Debug, Default)]
pub struct Line {
    buffer: Vec<u8>,
    overlong: bool,
}

impl Line {
    /// Takes octets up to the end of the line: CRLF, or LF alone (RFC 9112 2.2). Returns the line, once it is whole,
    /// and how many octets were taken.
    pub fn take<'a>(&mut self, octets: &'a [u8]) -> (Option<Whole<'a>>, usize) {
        let end = match line_end(octets) {
            Some(end) => end,
            None => {
                self.append(octets);
                return (None, octets.len());
            }
        };
        let last = octets.get(..end).unwrap_or(octets);
        let octets = if self.buffer.is_empty() && last.len() <= LINE_MAXIMUM {
            Cow::Borrowed(without_return(last))
        } else {
            self.append(last);
            let mut whole = std::mem::take(&mut self.buffer);
            whole.truncate(without_return(&whole).len());
            Cow::Owned(whole)
        };
        let overlong = std::mem::replace(&mut self.overlong, false);
        (Some(Whole { octets, overlong }), end + 1)
    }

    /// What is there of a line that is not whole yet.
    pub fn partial(&self) -> &[u8] {
        &self.buffer
    }

    /// Forgets it.
    pub fn clear(&mut self) {
        *self = Line::default();
    }

    fn append(&mut self, octets: &[u8]) {
        let room = LINE_MAXIMUM - self.buffer.len().min(LINE_MAXIMUM);
        if octets.len() <= room && !self.overlong {
            self.buffer.extend_from_slice(octets);
            return;
        }
        self.overlong = true;
        let (head, rest) = octets.split_at(KEPT.saturating_sub(self.buffer.len()).min(octets.len()));
        self.buffer.extend_from_slice(head);
        let mut tail = self.buffer.split_off(KEPT.min(self.buffer.len()));
        tail.extend_from_slice(rest.get(rest.len().saturating_sub(TAIL)..).unwrap_or(rest));
        self.buffer.extend_from_slice(tail.get(tail.len().saturating_sub(TAIL)..).unwrap_or(&tail));
    }
}

fn without_return(line: &[u8]) -> &[u8] {
    line.strip_suffix(b"\r").unwrap_or(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The lines of a text cut at these distances.
    fn lines(text: &[u8], step: usize) -> Vec<(Vec<u8>, bool)> {
        let mut line = Line::default();
        let mut lines = Vec::new();
        for mut octets in text.chunks(step) {
            while !octets.is_empty() {
                let (whole, taken) = line.take(octets);
                lines.extend(whole.map(|whole| (whole.octets.into_owned(), whole.overlong)));
                octets = &octets[taken..];
            }
        }
        lines
    }

    #[test]
    fn both_line_ends_count() {
        let expected = [(b"a".to_vec(), false), (b"b".to_vec(), false), (Vec::new(), false)];
        assert_eq!(lines(b"a\r\nb\n\r\nrest", 100), expected);
        assert_eq!(lines(b"a\r\nb\n\r\nrest", 1), expected);
    }

    #[test]
    fn an_overlong_line_keeps_both_ends_however_it_is_cut() {
        for length in [LINE_MAXIMUM - 1, LINE_MAXIMUM, LINE_MAXIMUM + 1, 3 * LINE_MAXIMUM] {
            let mut text: Vec<u8> = (0..length).map(|number| b'a' + (number % 26) as u8).collect();
            text.push(b'\n');
            let whole = lines(&text, text.len());
            assert_eq!(whole[0].0.len(), length.min(LINE_MAXIMUM));
            assert_eq!(whole[0].1, length > LINE_MAXIMUM);
            assert_eq!(whole[0].0[..KEPT], text[..KEPT]);
            assert!(text[..length].ends_with(&whole[0].0[KEPT..]));
            for step in [1, 7, 1460, KEPT, LINE_MAXIMUM] {
                assert_eq!(lines(&text, step), whole, "{length} {step}");
            }
        }
    }
}
