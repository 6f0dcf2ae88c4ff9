//! Star Line Mode and StarPRNT: bytes to commands to laid-out lines.
//!
//! | file | job |
//! |---|---|
//! | `table` | how long each command is |
//! | `command` | what each command does to the state below |
//! | `paper` | ends of lines, pages and documents |
//! | `settings` | font, size, spacing, tab stops |
//! | `symbol` | barcodes, QR codes, PDF417 |
//!
//! Many opcodes are those of ESC/POS with another meaning and length (`ESC d` cuts, `ESC a` feeds), so a
//! device needs one decoder or the other; [`super::detect`] tells them apart. Line grid, page, character
//! sets and redaction are shared with ESC/POS.
//!
//! Constraints: no panic on any input, bounded memory, the same facts however the bytes are cut. An unknown
//! command costs its two bytes; a payload whose tail was lost is given up after `limits::PAYLOAD_IDLE` of
//! silence; after more than `limits::NOISE_COMMANDS` signs of noise the next silence resets the printer, for
//! noise may have changed any setting.

mod command;
mod paper;
mod settings;
mod symbol;
mod table;

#[cfg(test)]
mod tests;

use std::time::Duration;

use settings::Settings;
use symbol::Symbols;
use table::StarTable;

use super::codepage::{CodePage, PageMap};
use super::document::noise::Noise;
use super::document::tokens::{Token, Tokens};
use super::document::{Document, PrinterCounters, Standing};
use super::escpos::CarriageReturn;
use super::escpos::charset::Charset;
use super::escpos::layout::Line;
use super::escpos::page::Page;
use super::fact::{DocumentEnd, DocumentFact};
use crate::limits;
use crate::time::Mono;

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
pub struct Decoder {
    cut_ends_document: bool,
    carriage_return: CarriageReturn,
    idle: Duration,
    tokens: Tokens<StarTable>,
    charset: Charset,
    /// `ESC GS t` chose a page.
    page_chosen: bool,
    /// `ESC $` chose Shift_JIS.
    shift_jis: bool,
    settings: Settings,
    line: Line,
    /// In page mode, the page.
    page: Option<Page>,
    symbols: Symbols,
    /// Rows of dots since the last print of anything else: width of the widest, and how many.
    raster: Option<(u32, u32)>,
    /// Only a graphic was printed since the last line end.
    graphic_line: bool,
    /// The line end that came last, while nothing but commands followed: its counterpart is part of it.
    line_end: Option<u8>,
    document: Document,
    noise: Noise,
    /// When the last byte came.
    last: Mono,
}

impl Decoder {
    /// A printer that was just switched on.
    #[must_use]
    pub fn new(options: StarOptions) -> Self {
        Self {
            cut_ends_document: options.cut_ends_document,
            carriage_return: options.carriage_return,
            idle: options.idle,
            tokens: Tokens::new(StarTable::default()),
            charset: Charset::new(options.page_map, options.default_page, options.double_byte),
            page_chosen: false,
            shift_jis: false,
            settings: Settings::default(),
            line: Line::default(),
            page: None,
            symbols: Symbols::default(),
            raster: None,
            graphic_line: false,
            line_end: None,
            document: Document::default(),
            noise: Noise::default(),
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

    /// Gives up a payload, ends a document that silence ended, forgets what noise may have set.
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
        (self.is_printing() || self.noise.waits()).then(|| self.last.plus(self.idle))
    }

    /// The device went away or bytes were lost.
    pub fn broken(&mut self, out: &mut Vec<DocumentFact>) {
        self.tokens.abandon();
        self.end(DocumentEnd::Broken, out);
        self.noise.silence();
        self.initialise();
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
            self.initialise();
        }
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
            || self.raster.is_some()
            || self.page.as_ref().is_some_and(|p| !p.is_empty())
    }

    fn token(&mut self, token: Token<'_>, out: &mut Vec<DocumentFact>) {
        let counters = &mut self.document.counters;
        if !matches!(token, Token::Text(_)) {
            self.charset.interrupt();
        }
        match token {
            Token::Text(bytes) => self.text(bytes, out),
            Token::Command => {
                counters.commands += 1;
                self.command(out);
            }
            Token::Unknown(unknown) => {
                counters.unknown += 1;
                counters.last_unknown = Some(unknown);
                self.noise.sign();
                // Text in raster mode: its end was lost, or noise began it.
                if self.noise.is_heard() {
                    self.tokens.table.raster = false;
                }
            }
            Token::Dropped(byte) => {
                counters.dropped += 1;
                if byte != 0 {
                    self.noise.sign();
                }
            }
        }
    }

    /// Prints text.
    fn text(&mut self, bytes: &[u8], out: &mut Vec<DocumentFact>) {
        self.line_end = None;
        self.end_raster(out);
        let Self { charset, settings, line, page, document, .. } = self;
        charset.decode(bytes, |c, double| {
            let style = settings.style(double);
            let Some(page) = page else {
                line.print(c, double, style);
                if line.is_full() {
                    document.counters.long_lines += 1;
                    document.line(line.lay_out(), out);
                    line.clear(settings.margin);
                }
                return;
            };
            if page.is_full() {
                let x = line.x;
                page.print_on(line, document, out);
                document.overflow(out);
                line.move_to(x);
            }
            let width = style.pitch * if double { 2 } else { 1 };
            page.print(line.x, width, c, style);
            line.x = line.x.saturating_add(width);
        });
    }
}
