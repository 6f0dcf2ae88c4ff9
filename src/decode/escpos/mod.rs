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
use super::document::{CarriageReturn, Commanded, Drive, Unknown};
use super::fact::DocumentFact;
use crate::limits;

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
pub type Decoder = Drive<Escpos>;

/// The state of an ESC/POS printer.
pub struct Escpos {
    idle: Duration,
    tokens: Tokenizer,
    charset: Charset,
    settings: PrinterState,
    symbols: Symbols,
    /// Dimensions of the downloaded image that `GS /` prints.
    downloaded: Option<(u32, u32)>,
    paper: Paper,
}

impl Drive<Escpos> {
    /// A printer that was just switched on.
    #[must_use]
    pub fn new(options: EscposOptions) -> Self {
        let EscposOptions { cut_ends_document, carriage_return, .. } = options;
        Self::of(Escpos {
            idle: options.idle,
            tokens: Tokenizer::default(),
            charset: Charset::new(options.page_map, options.default_page, options.double_byte),
            settings: PrinterState::new(options.cells),
            symbols: Symbols::default(),
            downloaded: None,
            paper: Paper::new(cut_ends_document, carriage_return, LINE_SPACING),
        })
    }
}

impl Commanded for Escpos {
    fn read(&mut self, mut bytes: &[u8], out: &mut Vec<DocumentFact>) {
        while let Some(token) = self.tokens.next(&mut bytes) {
            self.token(token, out);
        }
    }

    fn pending(&self) -> bool {
        self.tokens.pending()
    }

    fn abandon(&mut self) {
        self.tokens.abandon();
    }

    fn forget(&mut self) {
        self.tokens.reset();
        self.initialise();
    }

    fn idle(&self) -> Duration {
        self.idle
    }

    fn parts(&self) -> (&Paper, &Charset) {
        (&self.paper, &self.charset)
    }

    fn parts_mut(&mut self) -> (&mut Paper, &mut Charset) {
        (&mut self.paper, &mut self.charset)
    }
}

impl Escpos {
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
        if charset.plain(bytes).is_some_and(|text| paper.print_all(text, settings.style(false))) {
            return;
        }
        charset.decode(bytes, |c, double| {
            paper.print(c, double, settings.style(double), out);
            // Looked at after each glyph: where a page is full must not depend on where a read ended.
            paper.spill_page(out);
        });
    }
}
