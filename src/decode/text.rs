//! Plain text journals: bytes to lines.
//!
//! CR, LF, CRLF and LFCR are one line end each. Tabs go to columns of eight. Cursor sequences of terminals
//! (`ESC [ … letter`) are skipped; those that move to another line or clear the screen end the line. A form
//! feed or silence ends the document. Other control bytes are counted and dropped.
//!
//! Bounded: a line of `limits::LINE_CHARS` characters is broken there; a sequence holds no bytes.

use std::time::Duration;

use super::codepage::CodePage;
use super::document::{Document, PrinterCounters, Unknown};
use super::fact::{DocumentEnd, DocumentFact};
use super::redact::RawLine;
use crate::limits;
use crate::time::Mono;

/// How a journal differs from others.
#[derive(Clone, Debug)]
pub struct TextOptions {
    /// How bytes from 80h on are read.
    pub page: CodePage,
    /// Bit 7 is parity: the device sends 7E1 or 7O1 and the port reads 8N1.
    pub strip_bit7: bool,
    /// Silence that ends a document.
    pub idle: Duration,
}

impl Default for TextOptions {
    fn default() -> Self {
        Self { page: CodePage::cp437(), strip_bit7: false, idle: limits::DOCUMENT_IDLE }
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
pub struct Decoder {
    options: TextOptions,
    state: State,
    line: String,
    glyphs: usize,
    /// Bytes of a character that is not complete.
    partial: Vec<u8>,
    /// The line end that came last, if nothing followed: its counterpart is part of it.
    line_end: Option<u8>,
    document: Document,
    last: Mono,
}

impl Decoder {
    /// A journal of which nothing was read yet.
    #[must_use]
    pub fn new(options: TextOptions) -> Self {
        Self {
            options,
            state: State::Ground,
            line: String::new(),
            glyphs: 0,
            partial: Vec::new(),
            line_end: None,
            document: Document::default(),
            last: Mono::default(),
        }
    }

    /// Takes bytes that arrived at `now`.
    pub fn push(&mut self, bytes: &[u8], now: Mono, out: &mut Vec<DocumentFact>) {
        self.tick(now, out);
        self.last = now;
        self.document.counters.bytes += bytes.len() as u64;
        let start = self.document.counters.bytes - bytes.len() as u64;
        let mask = if self.options.strip_bit7 { 0x7F } else { 0xFF };
        for (byte, offset) in bytes.iter().zip(start..) {
            self.byte(byte & mask, offset, out);
        }
    }

    /// Ends a document that silence ended.
    pub fn tick(&mut self, now: Mono, out: &mut Vec<DocumentFact>) {
        if self.deadline().is_some_and(|deadline| deadline <= now) {
            self.finish(out);
        }
    }

    /// When [`Self::tick`] has something to do.
    #[must_use]
    pub fn deadline(&self) -> Option<Mono> {
        let begun = self.document.is_open() || !self.line.is_empty() || self.state != State::Ground;
        begun.then(|| self.last.plus(self.options.idle))
    }

    /// The device went away or bytes were lost.
    pub fn broken(&mut self, out: &mut Vec<DocumentFact>) {
        self.end(DocumentEnd::Broken, out);
    }

    /// No more bytes belong to what was begun.
    pub fn finish(&mut self, out: &mut Vec<DocumentFact>) {
        self.end(DocumentEnd::Idle, out);
    }

    /// What was taken in since the start.
    #[must_use]
    pub fn counters(&self) -> &PrinterCounters {
        &self.document.counters
    }

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
            0x09 => (0..8 - self.glyphs % 8).for_each(|_| self.print(' ', out)),
            0x0C => self.end(DocumentEnd::Cut, out),
            0x1B => self.state = State::Escape,
            0x00..0x20 | 0x7F => self.document.counters.dropped += 1,
            _ if self.partial.is_empty() && byte < 0x80 => self.print(char::from(byte), out),
            _ => self.high(byte, out),
        }
    }

    /// One byte of a character that is not ASCII.
    fn high(&mut self, byte: u8, out: &mut Vec<DocumentFact>) {
        if self.partial.is_empty()
            && let Some(c) = self.options.page.high(byte)
        {
            return self.print(c, out);
        }
        self.partial.push(byte);
        if self.partial.len() < self.options.page.width(&self.partial).min(4) {
            return;
        }
        let bytes = std::mem::take(&mut self.partial);
        let chars: Vec<char> = self.options.page.sequence(&bytes).collect();
        for c in chars {
            self.print(c, out);
        }
    }

    fn print(&mut self, c: char, out: &mut Vec<DocumentFact>) {
        self.line.push(c);
        self.glyphs += 1;
        if limits::LINE_CHARS <= self.glyphs {
            self.document.counters.long_lines += 1;
            self.end_line(out);
        }
    }

    fn end_line(&mut self, out: &mut Vec<DocumentFact>) {
        self.partial.clear();
        self.glyphs = 0;
        let text = self.line.trim_end().to_owned();
        self.line.clear();
        self.document.line(RawLine { text, enlarged: false, bold: false }, out);
    }

    fn end(&mut self, why: DocumentEnd, out: &mut Vec<DocumentFact>) {
        self.state = State::Ground;
        self.line_end = None;
        if !self.line.is_empty() {
            self.end_line(out);
        }
        self.document.end(why, out);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decode(options: TextOptions, bytes: &[u8]) -> (Vec<DocumentFact>, PrinterCounters) {
        let mut decoder = Decoder::new(options);
        let mut out = Vec::new();
        decoder.push(bytes, Mono(0), &mut out);
        decoder.finish(&mut out);
        (out, decoder.counters().clone())
    }

    fn lines(facts: &[DocumentFact]) -> Vec<&str> {
        let line = |fact: &'_ DocumentFact| matches!(fact, DocumentFact::Line(_));
        facts
            .iter()
            .filter(|f| line(f))
            .map(|f| match f {
                DocumentFact::Line(line) => line.text.as_str(),
                _ => unreachable!(),
            })
            .collect()
    }

    fn check(bytes: &[u8], expected: &[&str]) {
        let (facts, _) = decode(TextOptions::default(), bytes);
        assert_eq!(lines(&facts), expected);
        assert_eq!(facts.last(), Some(&DocumentFact::End(DocumentEnd::Idle)));
    }

    #[test]
    fn every_kind_of_line_end_is_one_line_end() {
        check(b"a\rb\nc\r\nd\n\re\n\nf", &["a", "b", "c", "d", "e", "", "f"]);
    }

    #[test]
    fn tabs_go_to_columns_of_eight() {
        check(b"ab\tc\t\td\n", &["ab      c               d"]);
    }

    #[test]
    fn cursor_sequences_are_skipped_and_a_move_to_another_row_ends_the_line() {
        check(
            b"\x1B[2J\x1B[1;1HMILK\x1B[1m 1.00\x1B[2;1HBREAD 2.00\r\n",
            &["MILK 1.00", "BREAD 2.00"],
        );
    }

    #[test]
    fn a_form_feed_ends_the_document() {
        let (facts, counters) = decode(TextOptions::default(), b"one\r\n\x0Ctwo\r\n");
        let ends = facts.iter().filter(|f| matches!(f, DocumentFact::End(_))).count();
        assert_eq!((ends, counters.documents, counters.understood()), (2, 2, true));
    }

    #[test]
    fn silence_ends_the_document() {
        let mut decoder = Decoder::new(TextOptions::default());
        let mut out = Vec::new();
        decoder.push(b"TOTAL 1.00\r\n", Mono(1), &mut out);
        let deadline = decoder.deadline().unwrap();
        assert_eq!(deadline, Mono(1).plus(limits::DOCUMENT_IDLE));
        decoder.tick(deadline, &mut out);
        assert_eq!(lines(&out), ["TOTAL 1.00"]);
        assert_eq!(decoder.deadline(), None);
    }

    #[test]
    fn parity_in_bit_7_is_stripped() {
        let parity: Vec<u8> =
            b"TOTAL 12.50\r\n".iter().map(|b| b | (b.count_ones() as u8 % 2) << 7).collect();
        let options = TextOptions { strip_bit7: true, ..TextOptions::default() };
        assert_eq!(lines(&decode(options, &parity).0), ["TOTAL 12.50"]);
    }

    #[test]
    fn other_control_bytes_and_sequences_are_counted() {
        let (facts, counters) = decode(TextOptions::default(), b"\x00\x02A\x1B(B\x03\r\n");
        assert_eq!(lines(&facts), ["AB"]);
        assert_eq!((counters.dropped, counters.unknown), (3, 1));
    }

    #[test]
    fn an_endless_line_is_broken() {
        let (facts, counters) =
            decode(TextOptions::default(), &b"x".repeat(limits::LINE_CHARS * 3));
        assert_eq!((lines(&facts).len(), counters.long_lines), (3, 3));
    }

    #[test]
    fn double_byte_text_survives_any_cut() {
        let options = || TextOptions { page: CodePage::shift_jis(), ..TextOptions::default() };
        let mut decoder = Decoder::new(options());
        let mut out = Vec::new();
        for byte in b"\x8D\x87\x8Cv 100\n" {
            decoder.push(&[*byte], Mono(0), &mut out);
        }
        decoder.finish(&mut out);
        assert_eq!(lines(&out), ["合計 100"]);
    }
}
