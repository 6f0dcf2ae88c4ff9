//! The paper of a printer that places what it prints: the line at hand, the page in page mode, the document.
//!
//! A language says when something is printed, fed or cut; what that does is said here once for all of them.
//! Dots are those of the print head.
//!
//! Invariant: outside of page mode an empty line stands at the margin, or where the printer moved it since.

mod placing;

use super::layout::{Line, Style};
use super::noise::Noise;
use super::page::Page;
use super::{Document, Unknown};
use crate::decode::fact::{DocumentEnd, DocumentFact};

/// What a carriage return does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CarriageReturn {
    /// It goes back to the start of the line, and what follows is a second pass over it.
    #[default]
    Return,
    /// It ends the line; with a line feed next to it both are one end.
    Newline,
}

/// See the module's doc.
pub(in crate::decode) struct Paper {
    cut_ends_document: bool,
    carriage_return: CarriageReturn,
    pub line: Line,
    /// In page mode, the page.
    pub page: Option<Page>,
    /// Where a line starts, in dots.
    margin: u32,
    /// Dots that a line feed moves down a page.
    pub line_spacing: u32,
    /// Rows of dots since the last print of anything else: width of the widest, and how many.
    rows: Option<(u32, u32)>,
    /// Only a graphic was printed since the last line end.
    graphic_line: bool,
    /// The line end that came last, while nothing but commands followed: its counterpart is part of it.
    line_end: Option<u8>,
    pub noise: Noise,
    pub document: Document,
}

impl Paper {
    /// The paper of a printer that was just switched on.
    pub fn new(
        cut_ends_document: bool,
        carriage_return: CarriageReturn,
        line_spacing: u32,
    ) -> Self {
        Self {
            cut_ends_document,
            carriage_return,
            line: Line::default(),
            page: None,
            margin: 0,
            line_spacing,
            rows: None,
            graphic_line: false,
            line_end: None,
            noise: Noise::default(),
            document: Document::default(),
        }
    }

    /// What a printer forgets on `ESC @`: all but the document.
    pub fn initialise(&mut self, line_spacing: u32) {
        self.page = None;
        self.margin = 0;
        self.line_spacing = line_spacing;
        self.rows = None;
        self.graphic_line = false;
        self.line_end = None;
        self.line.clear(0);
    }

    /// Whether anything was printed that no document's end followed.
    pub fn is_printing(&self) -> bool {
        self.document.is_open() || self.is_middle() || self.rows.is_some()
    }

    /// Whether there is text that is not yet part of a document.
    pub fn is_middle(&self) -> bool {
        !self.line.is_empty() || self.page.as_ref().is_some_and(|page| !page.is_empty())
    }

    /// A command that no table knows.
    pub fn unknown(&mut self, unknown: Unknown) {
        self.document.counters.unknown += 1;
        self.document.counters.last_unknown = Some(unknown);
        self.noise.sign();
    }

    /// A control byte that means nothing.
    pub fn dropped(&mut self, byte: u8) {
        self.document.counters.dropped += 1;
        if byte != 0 {
            self.noise.sign();
        }
    }

    /// Text begins: nothing that came before is part of it.
    pub fn begin_text(&mut self, out: &mut Vec<DocumentFact>) {
        self.line_end = None;
        self.end_rows(out);
    }

    /// Prints a glyph. `double`: it was sent as a double-byte character.
    pub fn print(&mut self, c: char, double: bool, style: Style, out: &mut Vec<DocumentFact>) {
        if let Some(page) = &mut self.page {
            let width = style.pitch * if double { 2 } else { 1 };
            page.print(self.line.x, width, c, style);
            self.line.x = self.line.x.saturating_add(width);
            return;
        }
        self.line.print(c, double, style);
        if self.line.is_full() {
            self.document.counters.long_lines += 1;
            self.document.line(self.line.lay_out(), out);
            self.line.clear(self.margin);
        }
    }

    /// Prints all of a text in ASCII; false where it must be printed glyph by glyph.
    pub fn print_all(&mut self, text: &str, style: Style) -> bool {
        self.page.is_none() && self.line.print_all(text, style)
    }

    /// Prints a barcode.
    pub fn barcode(&mut self, symbology: &'static str, data: &str, out: &mut Vec<DocumentFact>) {
        self.end_line(out);
        self.document.barcode(symbology, data, out);
    }

    /// Prints an image. Dots.
    pub fn graphic(&mut self, width: u32, height: u32, out: &mut Vec<DocumentFact>) {
        self.graphic_line = true;
        self.document.graphic(width, height, out);
    }

    /// Prints a row of `width` dots, which begins a new one or goes over the last.
    pub fn row(&mut self, width: u32, new: bool) {
        let (widest, count) = self.rows.unwrap_or_default();
        self.rows = Some((widest.max(width), count.saturating_add(u32::from(new)).max(1)));
    }

    /// Throws away the rows that were not printed.
    pub fn clear_rows(&mut self) {
        self.rows = None;
    }

    /// Rows of dots are one graphic, however long each of them was.
    pub fn end_rows(&mut self, out: &mut Vec<DocumentFact>) {
        if let Some((width, height)) = self.rows.take() {
            self.document.graphic(width, height, out);
        }
    }

    /// Line feed or carriage return.
    pub fn line_end(&mut self, byte: u8, out: &mut Vec<DocumentFact>) {
        if byte == 0x0D && self.carriage_return == CarriageReturn::Return {
            self.move_to(0);
            return;
        }
        if self.line_end.take().is_some_and(|before| before != byte) {
            return;
        }
        self.line_end = Some(byte);
        self.line_feed(out);
    }

    /// A feed by so many lines or dots ends a line, but is no blank line itself.
    pub fn feed(&mut self, out: &mut Vec<DocumentFact>) {
        if self.page.is_some() { self.line_feed(out) } else { self.end_line(out) }
    }

    /// Cuts the paper.
    pub fn cut(&mut self, out: &mut Vec<DocumentFact>) {
        if self.cut_ends_document {
            self.end(DocumentEnd::Cut, out);
        } else {
            self.end_line(out);
        }
    }

    /// Prints what is there and ends the document.
    pub fn end(&mut self, why: DocumentEnd, out: &mut Vec<DocumentFact>) {
        let cut_off = !self.line.is_empty() && why == DocumentEnd::Idle;
        self.end_line(out);
        self.print_page(out);
        if cut_off {
            self.document.cut_off();
        }
        self.document.end(why, out);
        self.noise.cut();
    }

    /// Nothing more belongs to what was begun; `abandoned`: a payload stopped in the middle of it.
    pub fn end_by_silence(&mut self, abandoned: bool, out: &mut Vec<DocumentFact>) {
        self.document.counters.abandoned += u64::from(abandoned);
        self.end(if abandoned { DocumentEnd::Broken } else { DocumentEnd::Idle }, out);
    }

    /// Prints the line unless it is empty.
    pub fn end_line(&mut self, out: &mut Vec<DocumentFact>) {
        self.end_rows(out);
        self.graphic_line = false;
        if self.page.is_some() {
            return;
        }
        if self.line.is_empty() {
            self.line.clear(self.margin);
        } else {
            self.print_line(out);
        }
    }

    fn line_feed(&mut self, out: &mut Vec<DocumentFact>) {
        if let Some(page) = &mut self.page {
            page.y = page.y.saturating_add(self.line_spacing);
            self.line.clear(0);
        } else if self.line.is_empty() && self.graphic_line {
            self.graphic_line = false;
            self.line.clear(self.margin);
        } else {
            self.print_line(out);
        }
    }

    fn print_line(&mut self, out: &mut Vec<DocumentFact>) {
        self.graphic_line = false;
        self.document.line(self.line.lay_out(), out);
        self.line.clear(self.margin);
    }
}
