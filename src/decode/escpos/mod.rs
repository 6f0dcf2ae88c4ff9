//! ESC/POS: bytes to commands to laid-out lines.
//!
//! | file | job |
//! |---|---|
//! | `table` | how long each command is |
//! | [`token`] | bytes to commands and runs of text, resumable anywhere |
//! | `symbol` | barcodes and QR codes |
//! | `command` | what each command does to the state below |
//! | `settings` | fonts, sizes, units and tabs |
//!
//! Character sets and the paper are in [`super::document`], shared with other languages.
//!
//! Constraints: no panic on any input, bounded memory, the same facts however the bytes are cut. An
//! unknown command costs its two bytes; a payload whose tail was lost is given up after
//! `limits::PAYLOAD_IDLE` of silence, and after noise the settings are forgotten at the next silence: what
//! comes then decodes again.

mod command;
mod settings;
pub(in crate::decode) mod symbol;
mod table;
pub mod token;

#[cfg(test)]
mod tests;

use std::time::Duration;

use settings::{LINE_SPACING, PrinterState};
use symbol::Symbols;
use token::{Token, Tokenizer};

use super::codepage::{CodePage, PageMap};
use super::document::charset::Charset;
use super::document::paper::Paper;
use super::document::{CarriageReturn, PrinterCounters, Standing, Unknown};
use super::fact::{DocumentEnd, DocumentFact};
use crate::limits;
use crate::time::Mono;

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
    idle: Duration,
    tokens: Tokenizer,
    charset: Charset,
    settings: PrinterState,
    symbols: Symbols,
    /// Dimensions of the downloaded image that `GS /` prints.
    downloaded: Option<(u32, u32)>,
    paper: Paper,
    /// When the last byte came.
    last: Mono,
}

impl Decoder {
    /// A printer that was just switched on.
    #[must_use]
    pub fn new(options: EscposOptions) -> Self {
        let EscposOptions { cut_ends_document, carriage_return, .. } = options;
        Self {
            idle: options.idle,
            tokens: Tokenizer::default(),
            charset: Charset::new(options.page_map, options.default_page, options.double_byte),
            settings: PrinterState::new(options.cells),
            symbols: Symbols::default(),
            downloaded: None,
            paper: Paper::new(cut_ends_document, carriage_return, LINE_SPACING),
            last: Mono::default(),
        }
    }

    /// Takes bytes that arrived at `now`.
    pub fn push(&mut self, bytes: &[u8], now: Mono, out: &mut Vec<DocumentFact>) {
        self.tick(now, out);
        self.last = now;
        self.paper.document.counters.bytes += bytes.len() as u64;
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
        let waits = self.paper.is_printing() || self.charset.waits() || self.paper.noise.waits();
        waits.then(|| self.last.plus(self.idle))
    }

    /// The device went away or bytes were lost.
    pub fn broken(&mut self, out: &mut Vec<DocumentFact>) {
        self.paper.end(DocumentEnd::Broken, out);
        self.paper.noise.silence();
        self.forget();
    }

    /// No more bytes belong to what was begun.
    pub fn finish(&mut self, out: &mut Vec<DocumentFact>) {
        let pending = self.tokens.pending();
        if pending {
            self.tokens.abandon();
            self.paper.document.counters.abandoned += 1;
        }
        self.paper.end(if pending { DocumentEnd::Broken } else { DocumentEnd::Idle }, out);
        self.charset.interrupt();
        if self.paper.noise.silence() {
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
        let middle = self.tokens.pending() || self.charset.waits() || self.paper.is_middle();
        Standing { middle, characters: Some(self.charset.saved()), ..self.paper.document.stands() }
    }

    /// Whether something printed is no fact yet.
    #[must_use]
    pub fn is_holding(&self) -> bool {
        self.paper.document.is_holding()
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
        self.paper.document.resume(printed, at, out);
    }

    /// Silence counts from here.
    pub fn wait_from(&mut self, now: Mono) {
        self.last = now;
    }

    /// What was taken in since the start.
    #[must_use]
    pub fn counters(&self) -> &PrinterCounters {
        &self.paper.document.counters
    }

    fn token(&mut self, token: Token<'_>, out: &mut Vec<DocumentFact>) {
        if !matches!(token, Token::Text(_)) {
            self.charset.interrupt();
        }
        match token {
            Token::Text(bytes) => self.text(bytes, out),
            Token::LineFeed => self.paper.line_end(0x0A, out),
            Token::CarriageReturn => self.paper.line_end(0x0D, out),
            Token::Tab => self.paper.tab(&self.settings.tabs, self.settings.cell()),
            Token::FormFeed => self.form_feed(out),
            Token::Cancel => self.cancel(),
            Token::Command(command) => {
                self.paper.document.counters.commands += 1;
                self.command(command, out);
            }
            Token::Unknown { offset, lead, opcode } => {
                self.paper.unknown(Unknown { offset, lead: lead.byte(), opcode });
            }
            Token::Dropped(byte) => self.paper.dropped(byte),
            Token::Display(bytes) => self.paper.document.counters.display += bytes as u64,
        }
    }

    /// Prints text.
    fn text(&mut self, bytes: &[u8], out: &mut Vec<DocumentFact>) {
        let Self { charset, settings, paper, .. } = self;
        paper.begin_text(out);
        charset.decode(bytes, |c, double| {
            paper.print(c, double, settings.style(double), out);
            // Looked at after each glyph: where a page is full must not depend on where a read ended.
            paper.spill_page(out);
        });
    }
}
