//! ESC/POS: bytes to commands to laid-out lines.
//!
//! | file | job |
//! |---|---|
//! | `table` | how long each command is |
//! | [`token`] | bytes to commands and runs of text, resumable anywhere |
//! | `charset` | text bytes to characters |
//! | `layout`, `page` | glyphs at dot positions to lines |
//! | `symbol` | barcodes and QR codes |
//! | `command` | what each command does to the state below |
//! | `settings` | fonts, sizes, units, margin and tabs |
//! | `paper` | line ends, feeds, cuts and the print position |
//!
//! Constraints: no panic on any input, bounded memory, the same facts however the bytes are cut. An
//! unknown command costs its two bytes; a payload whose tail was lost is given up after
//! `limits::PAYLOAD_IDLE` of silence, and after noise the settings are forgotten at the next silence: what
//! comes then decodes again.

pub(in crate::decode) mod charset;
mod command;
pub(in crate::decode) mod layout;
pub(in crate::decode) mod page;
mod paper;
mod settings;
pub(in crate::decode) mod symbol;
mod table;
pub mod token;

#[cfg(test)]
mod tests;

use std::time::Duration;

use charset::Charset;
use layout::Line;
use page::Page;
use settings::PrinterState;
use symbol::Symbols;
use token::{Token, Tokenizer};

use super::codepage::{CodePage, PageMap};
use super::document::noise::Noise;
use super::document::{Document, PrinterCounters, Standing, Unknown};
use super::fact::{DocumentEnd, DocumentFact};
use crate::limits;
use crate::time::Mono;

/// What a carriage return does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CarriageReturn {
    /// It goes back to the start of the line, and what follows is a second pass over it.
    #[default]
    Return,
    /// It ends the line; with a line feed next to it both are one end.
    Newline,
}

/// How a model of printer differs from others.
#[derive(Clone, Debug)]
pub struct EscposOptions {
    /// What `ESC t n` selects.
    pub page_map: PageMap,
    /// The page in force after `ESC @` and at the start.
    pub default_page: CodePage,
    /// The page of double-byte characters between `FS &` and `FS .`.
    pub double_byte: CodePage,
    /// A paper cut ends the document; false where a till cuts between parts of one receipt.
    pub cut_ends_document: bool,
    /// What a carriage return does.
    pub carriage_return: CarriageReturn,
    /// Widths of fonts A, B and C in dots.
    pub cells: [u32; 3],
    /// Silence that ends a document.
    pub idle: Duration,
}

impl Default for EscposOptions {
    fn default() -> Self {
        Self {
            page_map: PageMap::epson(),
            default_page: CodePage::cp437(),
            double_byte: CodePage::shift_jis(),
            cut_ends_document: true,
            carriage_return: CarriageReturn::Return,
            cells: [12, 9, 8],
            idle: limits::DOCUMENT_IDLE,
        }
    }
}

/// Decodes the bytes sent to one printer.
pub struct Decoder {
    cut_ends_document: bool,
    carriage_return: CarriageReturn,
    idle: Duration,
    tokens: Tokenizer,
    charset: Charset,
    settings: PrinterState,
    line: Line,
    /// In page mode, the page.
    page: Option<Page>,
    symbols: Symbols,
    /// Dimensions of the downloaded image that `GS /` prints.
    downloaded: Option<(u32, u32)>,
    /// Only a graphic was printed since the last line end.
    graphic_line: bool,
    /// The line end that came last, while nothing but commands followed: its counterpart is part of it.
    line_end: Option<u8>,
    noise: Noise,
    document: Document,
    /// When the last byte came.
    last: Mono,
}

impl Decoder {
    /// A printer that was just switched on.
    #[must_use]
    pub fn new(options: EscposOptions) -> Self {
        Self {
            cut_ends_document: options.cut_ends_document,
            carriage_return: options.carriage_return,
            idle: options.idle,
            tokens: Tokenizer::default(),
            charset: Charset::new(options.page_map, options.default_page, options.double_byte),
            settings: PrinterState::new(options.cells),
            line: Line::default(),
            page: None,
            symbols: Symbols::default(),
            downloaded: None,
            graphic_line: false,
            line_end: None,
            noise: Noise::default(),
            document: Document::default(),
            last: Mono::default(),
        }
    }

    /// Takes bytes that arrived at `now`.
    pub fn push(&mut self, bytes: &[u8], now: Mono, out: &mut Vec<DocumentFact>) {
        self.tick(now, out);
        self.last = now;
        self.document.counters.bytes += bytes.len() as u64;
        let mut rest = bytes;
        while let Some(token) = self.tokens.next(&mut rest) {
            self.token(token, out);
        }
    }

    /// Gives up a payload or ends a document that silence ended.
    pub fn tick(&mut self, now: Mono, out: &mut Vec<DocumentFact>) {
        if self.deadline().is_some_and(|deadline| deadline <= now) {
            self.finish(out);
        }
    }

    /// When [`Self::tick`] has something to do.
    #[must_use]
    pub fn deadline(&self) -> Option<Mono> {
        if self.tokens.pending() {
            return Some(self.last.plus(limits::PAYLOAD_IDLE));
        }
        let waits = self.is_printing() || self.charset.waits() || self.noise.waits();
        waits.then(|| self.last.plus(self.idle))
    }

    /// The device went away or bytes were lost.
    pub fn broken(&mut self, out: &mut Vec<DocumentFact>) {
        self.end(DocumentEnd::Broken, out);
        self.noise.silence();
        self.forget();
    }

    /// No more bytes belong to what was begun.
    pub fn finish(&mut self, out: &mut Vec<DocumentFact>) {
        let pending = self.tokens.pending();
        if pending {
            self.tokens.abandon();
            self.document.counters.abandoned += 1;
        }
        self.end(if pending { DocumentEnd::Broken } else { DocumentEnd::Idle }, out);
        self.charset.interrupt();
        if self.noise.silence() {
            self.forget();
        }
    }

    /// As after [`Self::new`]: nothing of what was set is believed any more.
    fn forget(&mut self) {
        self.tokens.reset();
        self.initialise();
    }

    /// Where it stands.
    #[must_use]
    pub fn stands(&self) -> Standing {
        let middle = self.tokens.pending()
            || !self.line.is_empty()
            || self.charset.waits()
            || self.page.as_ref().is_some_and(|p| !p.is_empty());
        Standing { middle, characters: Some(self.charset.saved()), ..self.document.stands() }
    }

    /// Whether something printed is no fact yet.
    #[must_use]
    pub fn is_holding(&self) -> bool {
        self.document.is_holding()
    }

    /// Goes on where another one stood.
    pub fn resume(
        &mut self,
        printed: &[&DocumentFact],
        at: &Standing,
        now: Mono,
        out: &mut Vec<DocumentFact>,
    ) {
        if let Some(characters) = at.characters {
            self.charset.restore(characters);
        }
        self.wait_from(now);
        self.document.resume(printed, at, out);
    }

    /// Silence counts from here.
    pub fn wait_from(&mut self, now: Mono) {
        self.last = now;
    }

    /// What was taken in since the start.
    #[must_use]
    pub fn counters(&self) -> &PrinterCounters {
        &self.document.counters
    }

    fn is_printing(&self) -> bool {
        self.document.is_open()
            || !self.line.is_empty()
            || self.page.as_ref().is_some_and(|p| !p.is_empty())
    }

    fn token(&mut self, token: Token<'_>, out: &mut Vec<DocumentFact>) {
        if !matches!(token, Token::Text(_)) {
            self.charset.interrupt();
        }
        let counters = &mut self.document.counters;
        match token {
            Token::Text(bytes) => self.text(bytes, out),
            Token::LineFeed => self.control(0x0A, out),
            Token::CarriageReturn => self.control(0x0D, out),
            Token::Tab => self.tab(),
            Token::FormFeed => self.form_feed(out),
            Token::Cancel => self.cancel(),
            Token::Command(command) => {
                counters.commands += 1;
                self.command(command, out);
            }
            Token::Unknown { offset, lead, opcode } => {
                counters.unknown += 1;
                counters.last_unknown = Some(Unknown { offset, lead: lead.byte(), opcode });
                self.noise.sign();
            }
            Token::Dropped(byte) => {
                counters.dropped += 1;
                if byte != 0 {
                    self.noise.sign();
                }
            }
            Token::Display(bytes) => counters.display += bytes as u64,
        }
    }

    /// Prints text.
    fn text(&mut self, bytes: &[u8], out: &mut Vec<DocumentFact>) {
        self.line_end = None;
        let Self { charset, settings, line, page, document, .. } = self;
        charset.decode(bytes, |c, double| {
            let style = settings.style(double);
            if let Some(page) = page {
                let width = style.pitch * if double { 2 } else { 1 };
                page.print(line.x, width, c, style);
                line.x = line.x.saturating_add(width);
                // Looked at after each glyph: where a page is full must not depend on where a read ended.
                if page.is_full() {
                    page.print_on(line, document, out);
                    document.overflow(out);
                }
                return;
            }
            line.print(c, double, style);
            if line.is_full() {
                document.counters.long_lines += 1;
                document.line(line.lay_out(), out);
                line.clear(settings.margin);
            }
        });
    }
}
