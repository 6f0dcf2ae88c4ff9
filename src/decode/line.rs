//! Splits a byte stream of a counter or receiver into text lines; CR, LF and CRLF all end a line. [`LineReader`] reads
//! them where each says one thing.
//!
//! Bounded: a line longer than `limits::TEXT_LINE_BYTES` is dropped up to its end and counted. Bytes that
//! are not UTF-8 become U+FFFD, so that a pattern cannot match half a byte. After a loss of bytes the rest of
//! the line is dropped too, because half a line may read as a whole one.

use crate::limits;

/// Keeps the unfinished line between two pushes. Its `Debug` shows no byte of it: a till may be plugged in where a
/// counter belongs.
#[derive(Default)]
pub struct LineSplitter {
    partial: Vec<u8>,
    /// Everything up to the next line end is dropped.
    skipping: bool,
    too_long: u64,
}

impl LineSplitter {
    /// Calls `take` for each line that `bytes` completes, without its end; empty lines are left out.
    pub fn push(&mut self, bytes: &[u8], mut take: impl FnMut(&str)) {
        let mut rest = bytes;
        while let Some(end) = memchr::memchr2(b'\r', b'\n', rest) {
            let (head, tail) = rest.split_at(end);
            self.extend(head);
            if !self.skipping && !self.partial.is_empty() {
                take(&String::from_utf8_lossy(&self.partial));
            }
            self.clear();
            rest = tail.get(1..).unwrap_or_default();
        }
        self.extend(rest);
    }

    /// Forgets the unfinished line.
    pub fn clear(&mut self) {
        self.partial.clear();
        self.skipping = false;
    }

    /// Forgets the unfinished line and drops the rest of it.
    pub fn skip(&mut self) {
        self.partial.clear();
        self.skipping = true;
    }

    /// Lines that were dropped for their length.
    #[must_use]
    pub fn too_long(&self) -> u64 {
        self.too_long
    }

    fn extend(&mut self, bytes: &[u8]) {
        if self.skipping {
            return;
        }
        if self.partial.len() + bytes.len() > limits::TEXT_LINE_BYTES {
            self.too_long += 1;
            self.skip();
        } else {
            self.partial.extend_from_slice(bytes);
        }
    }
}

impl std::fmt::Debug for LineSplitter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LineSplitter")
            .field("partial", &self.partial.len())
            .field("skipping", &self.skipping)
            .field("too_long", &self.too_long)
            .finish()
    }
}

/// Lines that say one thing each. What is no such line, or too long for one, is counted and left.
#[derive(Debug)]
pub struct LineReader<T> {
    lines: LineSplitter,
    parse: fn(&str) -> Option<T>,
    malformed: u64,
}

impl<T> LineReader<T> {
    /// `parse` reads one line.
    #[must_use]
    pub fn new(parse: fn(&str) -> Option<T>) -> Self {
        Self { lines: LineSplitter::default(), parse, malformed: 0 }
    }

    /// Takes bytes; calls `said` with what each line in them says.
    pub fn push(&mut self, bytes: &[u8], mut said: impl FnMut(T)) {
        let Self { lines, parse, malformed } = self;
        lines.push(bytes, |line| match parse(line) {
            Some(it) => said(it),
            None => *malformed += 1,
        });
    }

    /// Bytes were lost: what comes up to the next line end is the rest of some line, and says nothing.
    pub fn broken(&mut self) {
        self.lines.skip();
    }

    /// The device went away or came back: what it says next is the start of a line.
    pub fn started(&mut self) {
        self.lines.clear();
    }

    /// Lines that were not understood or too long.
    #[must_use]
    pub fn malformed(&self) -> u64 {
        self.malformed + self.lines.too_long()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(chunks: &[&[u8]]) -> (Vec<String>, u64) {
        let (mut splitter, mut found) = (LineSplitter::default(), Vec::new());
        for chunk in chunks {
            splitter.push(chunk, |line| found.push(line.to_owned()));
        }
        (found, splitter.too_long())
    }

    #[test]
    fn any_line_end_and_any_chunking_give_the_same_lines() {
        let expected = (vec!["IN".to_owned(), "OUT 2".to_owned()], 0);
        for text in ["IN\r\nOUT 2\r\n", "IN\nOUT 2\n", "\rIN\rOUT 2\r"] {
            assert_eq!(lines(&[text.as_bytes()]), expected);
            let bytes: Vec<&[u8]> = text.as_bytes().chunks(1).collect();
            assert_eq!(lines(&bytes), expected);
        }
    }

    #[test]
    fn an_endless_line_is_dropped_and_counted_and_the_next_one_is_read() {
        let noise = vec![b'x'; limits::TEXT_LINE_BYTES + 1];
        assert_eq!(lines(&[&noise, &noise, b"\nIN\n"]), (vec!["IN".to_owned()], 1));
    }
}
