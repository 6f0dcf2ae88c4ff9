//! Plain text journals: bytes to lines.
//!
//! CR, LF, CRLF and LFCR are one line end each. Tabs go to columns of eight. Cursor sequences of terminals
//! (`ESC [ … letter`) are skipped; those that move to another line or clear the screen end the line. A form
//! feed or silence ends the document. Other control bytes are counted and dropped.
//!
//! A journal of which nobody said its code page is read line by line as UTF-8 where the line is UTF-8, else
//! as the page of the IBM PC: text in a code page is hardly ever UTF-8 by chance.
//!
//! Bounded: a line of `limits::LINE_CHARS` characters is broken there; a sequence holds no bytes.

mod line;

#[cfg(test)]
mod tests;

use std::time::Duration;

use super::codepage::CodePage;
use super::document::charset::Charset;
use super::document::{Decode, Document, Drive, Unknown};
use super::fact::{DocumentEnd, DocumentFact};
use super::redact::RawLine;
use crate::limits;
use crate::time::Mono;
use line::Line;

/// How a journal differs from others.
#[derive(Clone, Debug)]
pub struct TextOptions {
    /// What bytes from 80h on mean; nothing said: see the module's doc.
    pub page: Option<CodePage>,
    /// Bit 7 is parity: the device sends 7E1 or 7O1 and the port reads 8N1.
    pub strip_bit7: bool,
    /// Silence that ends a document.
    pub idle: Duration,
}

impl Default for TextOptions {
    fn default() -> Self {
        Self { page: None, strip_bit7: false, idle: limits::DOCUMENT_IDLE }
    }
}

/// Parameter bytes that a cursor sequence has at most; after that it is text again.
const SEQUENCE_MAX: u8 = 32;

/// Where in a sequence the last byte left off.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Ground,
    Escape,
    /// Within `ESC [`, so many bytes.
    Sequence(u8),
}

/// Decodes the bytes of one journal.
pub type Decoder = Drive<Text>;

/// The state of a journal.
pub struct Text {
    strip_bit7: bool,
    idle: Duration,
    state: State,
    line: Line,
    /// The line end that came last, if nothing followed: its counterpart is part of it.
    line_end: Option<u8>,
    document: Document,
}

impl Drive<Text> {
    /// A journal of which nothing was read yet.
    #[must_use]
    pub fn new(options: TextOptions) -> Self {
        Self::of(Text {
            strip_bit7: options.strip_bit7,
            idle: options.idle,
            state: State::Ground,
            line: Line::new(options.page),
            line_end: None,
            document: Document::default(),
        })
    }
}

impl Decode for Text {
    fn take(&mut self, bytes: &[u8], _now: Mono, out: &mut Vec<DocumentFact>) {
        let start = self.document.counters.bytes - bytes.len() as u64;
        let mask = if self.strip_bit7 { 0x7F } else { 0xFF };
        for (byte, offset) in bytes.iter().zip(start..) {
            self.byte(byte & mask, offset, out);
        }
    }

    fn deadline(&self, last: Mono) -> Option<Mono> {
        let begun = self.document.is_open() || !self.line.is_empty() || self.state != State::Ground;
        begun.then(|| last.plus(self.idle))
    }

    fn broken(&mut self, out: &mut Vec<DocumentFact>) {
        self.end(DocumentEnd::Broken, out);
    }

    fn finish(&mut self, out: &mut Vec<DocumentFact>) {
        self.end(DocumentEnd::Idle, out);
    }

    fn is_middle(&self) -> bool {
        !self.line.is_empty() || self.state != State::Ground
    }

    fn state(&self) -> (&Document, Option<&Charset>) {
        (&self.document, None)
    }

    fn state_mut(&mut self) -> (&mut Document, Option<&mut Charset>) {
        (&mut self.document, None)
    }
}

impl Text {
    fn byte(&mut self, byte: u8, offset: u64, out: &mut Vec<DocumentFact>) {
        match self.state {
            State::Ground => self.ground(byte, out),
            State::Escape if byte == b'[' => self.state = State::Sequence(0),
            State::Escape => {
                self.state = State::Ground;
                let counters = &mut self.document.counters;
                counters.unknown += 1;
                counters.last_unknown =
                    Some(Unknown { offset: offset.saturating_sub(1), lead: 0x1B, opcode: byte });
                // A control byte is not part of the sequence it cut short.
                if byte < 0x20 {
                    self.ground(byte, out);
                }
            }
            State::Sequence(length) => match byte {
                0x20..=0x3F if length < SEQUENCE_MAX => self.state = State::Sequence(length + 1),
                0x40..=0x7E => {
                    self.state = State::Ground;
                    self.document.counters.commands += 1;
                    if matches!(byte, b'A' | b'B' | b'E' | b'F' | b'H' | b'J' | b'f')
                        && !self.line.is_empty()
                    {
                        self.end_line(out);
                    }
                }
                _ => {
                    self.state = State::Ground;
                    self.ground(byte, out);
                }
            },
        }
    }

    fn ground(&mut self, byte: u8, out: &mut Vec<DocumentFact>) {
        let before = self.line_end.take();
        match byte {
            0x0A | 0x0D if before.is_some_and(|end| end != byte) => {}
            0x0A | 0x0D => {
                self.line_end = Some(byte);
                self.end_line(out);
            }
            0x0C => self.end(DocumentEnd::Cut, out),
            0x1B => self.state = State::Escape,
            0x09 | 0x20..=0x7E | 0x80.. => {
                self.line.push(byte);
                if self.line.is_full() {
                    self.document.counters.long_lines += 1;
                    self.print_line(Line::take_whole, out);
                }
            }
            _ => self.document.counters.dropped += 1,
        }
    }

    fn end_line(&mut self, out: &mut Vec<DocumentFact>) {
        self.print_line(Line::take, out);
    }

    fn print_line(&mut self, take: fn(&mut Line) -> String, out: &mut Vec<DocumentFact>) {
        let text = take(&mut self.line);
        self.document.line(RawLine { text, enlarged: false, bold: false }, out);
    }

    fn end(&mut self, why: DocumentEnd, out: &mut Vec<DocumentFact>) {
        self.state = State::Ground;
        self.line_end = None;
        let cut_off = !self.line.is_empty() && why == DocumentEnd::Idle;
        if !self.line.is_empty() {
            self.end_line(out);
        }
        if cut_off {
            self.document.cut_off();
        }
        self.document.end(why, out);
    }
}
