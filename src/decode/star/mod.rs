//! Star Line Mode and StarPRNT: bytes to commands to laid-out lines.
//!
//! | file | job |
//! |---|---|
//! | `table` | how long each command is |
//! | `command` | what each command does to the state below |
//! | `settings` | font, size, spacing, tab stops |
//! | `symbol` | barcodes, QR codes, PDF417 |
//!
//! Many opcodes are those of ESC/POS with another meaning and length (`ESC d` cuts, `ESC a` feeds), so a
//! device needs one decoder or the other; [`super::detect`] tells them apart. Character sets
//! and the paper are in [`super::document`], shared with ESC/POS.
//!
//! Constraints: no panic on any input, bounded memory, the same facts however the bytes are cut. An unknown
//! command costs its two bytes; a payload whose tail was lost is given up after `limits::PAYLOAD_IDLE` of
//! silence; after more than `limits::NOISE_COMMANDS` signs of noise the next silence resets the printer, for
//! noise may have changed any setting.

mod command;
mod settings;
mod symbol;
mod table;

#[cfg(test)]
mod tests;

use std::time::Duration;

use settings::{LINE_SPACING, Settings};
use symbol::Symbols;
use table::StarTable;

use super::codepage::{CodePage, PageMap};
use super::document::charset::Charset;
use super::document::paper::Paper;
use super::document::tokens::{Token, Tokens};
use super::document::{CarriageReturn, Commanded, Drive};
use super::fact::DocumentFact;
use crate::limits;

/// How a model of printer differs from others.
#[derive(Clone, Debug)]
pub struct StarOptions {
    /// What `ESC GS t n` selects.
    pub page_map: PageMap,
    /// The page in force after `ESC @` and at the start. Chinese and Korean printers have a double-byte one.
    pub default_page: CodePage,
    /// The page of the characters of `ESC $` and `ESC p`.
    pub double_byte: CodePage,
    /// A paper cut ends the document; false where a till cuts between parts of one receipt.
    pub cut_ends_document: bool,
    /// What a carriage return does; by default it ends the line.
    pub carriage_return: CarriageReturn,
    /// Silence that ends a document.
    pub idle: Duration,
}

impl Default for StarOptions {
    fn default() -> Self {
        Self {
            page_map: PageMap::star(),
            default_page: CodePage::cp437(),
            double_byte: CodePage::shift_jis(),
            cut_ends_document: true,
            carriage_return: CarriageReturn::Newline,
            idle: limits::DOCUMENT_IDLE,
        }
    }
}

/// Decodes the bytes sent to one printer.
pub type Decoder = Drive<Star>;

/// The state of a Star printer.
pub struct Star {
    idle: Duration,
    tokens: Tokens<StarTable>,
    charset: Charset,
    /// `ESC GS t` chose a page.
    page_chosen: bool,
    /// `ESC $` chose Shift_JIS.
    shift_jis: bool,
    settings: Settings,
    symbols: Symbols,
    paper: Paper,
}

impl Drive<Star> {
    /// A printer that was just switched on.
    #[must_use]
    pub fn new(options: StarOptions) -> Self {
        let StarOptions { cut_ends_document, carriage_return, .. } = options;
        Self::of(Star {
            idle: options.idle,
            tokens: Tokens::new(StarTable::default()),
            charset: Charset::new(options.page_map, options.default_page, options.double_byte),
            page_chosen: false,
            shift_jis: false,
            settings: Settings::default(),
            symbols: Symbols::default(),
            paper: Paper::new(cut_ends_document, carriage_return, LINE_SPACING),
        })
    }
}

impl Commanded for Star {
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
        self.tokens.abandon();
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

impl Star {
    fn token(&mut self, token: Token<'_>, out: &mut Vec<DocumentFact>) {
        if !matches!(token, Token::Text(_)) {
            self.charset.interrupt();
        }
        match token {
            Token::Text(bytes) => self.text(bytes, out),
            Token::Command => {
                self.paper.document.counters.commands += 1;
                self.command(out);
            }
            Token::Unknown(unknown) => {
                self.paper.unknown(unknown);
                // Text in raster mode: its end was lost, or noise began it.
                if self.paper.noise.is_heard() {
                    self.tokens.table.raster = false;
                }
            }
            Token::Dropped(byte) => self.paper.dropped(byte),
        }
    }

    /// Prints text.
    fn text(&mut self, bytes: &[u8], out: &mut Vec<DocumentFact>) {
        let Self { charset, settings, paper, .. } = self;
        paper.begin_text(out);
        charset.decode(bytes, |c, double| {
            // What follows a full page goes on at its place in the line.
            let x = paper.line.x;
            paper.spill_page(out);
            paper.line.move_to(x);
            paper.print(c, double, settings.style(double), out);
        });
    }
}
