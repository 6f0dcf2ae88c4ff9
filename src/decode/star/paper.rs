//! Where lines, pages and documents end, and what a new start forgets.

use super::settings::Settings;
use super::symbol::Symbols;
use super::{CarriageReturn, Decoder};
use crate::decode::fact::{DocumentEnd, DocumentFact};

impl Decoder {
    pub(super) fn line_end(&mut self, byte: u8, out: &mut Vec<DocumentFact>) {
        if byte == 0x0D && self.carriage_return == CarriageReturn::Return {
            self.line.move_to(self.start_of_line());
            return;
        }
        if self.line_end.take().is_some_and(|before| before != byte) {
            return;
        }
        self.line_end = Some(byte);
        self.line_feed(out);
    }

    fn line_feed(&mut self, out: &mut Vec<DocumentFact>) {
        if let Some(page) = &mut self.page {
            page.y = page.y.saturating_add(self.settings.line_spacing);
            self.line.clear(0);
        } else if self.line.is_empty() && self.graphic_line {
            self.graphic_line = false;
            self.line.clear(self.settings.margin);
        } else {
            self.print_line(out);
        }
    }

    /// A feed by so many lines or dots ends a line, but is no blank line itself.
    pub(super) fn feed(&mut self, out: &mut Vec<DocumentFact>) {
        if self.page.is_some() { self.line_feed(out) } else { self.end_line(out) }
    }

    pub(super) fn cut(&mut self, out: &mut Vec<DocumentFact>) {
        if self.cut_ends_document {
            self.end(DocumentEnd::Cut, out);
        } else {
            self.end_line(out);
        }
    }

    /// Prints what is there and ends the document.
    pub(super) fn end(&mut self, why: DocumentEnd, out: &mut Vec<DocumentFact>) {
        let cut_off = !self.line.is_empty() && why == DocumentEnd::Idle;
        self.end_line(out);
        self.print_page(out);
        if cut_off {
            self.document.cut_off();
        }
        self.document.end(why, out);
        self.noise.cut();
    }

    /// Prints the line unless it is empty.
    pub(super) fn end_line(&mut self, out: &mut Vec<DocumentFact>) {
        self.end_raster(out);
        self.graphic_line = false;
        if self.page.is_some() {
            return;
        }
        if self.line.is_empty() {
            self.line.clear(self.settings.margin);
        } else {
            self.print_line(out);
        }
    }

    fn print_line(&mut self, out: &mut Vec<DocumentFact>) {
        self.graphic_line = false;
        self.document.line(self.line.lay_out(), out);
        self.line.clear(self.settings.margin);
    }

    /// Prints the page and keeps page mode.
    pub(super) fn print_page(&mut self, out: &mut Vec<DocumentFact>) {
        let Self { page: Some(page), line, document, .. } = self else { return };
        page.print_on(line, document, out);
    }

    /// What a printer forgets on `ESC @`.
    pub(super) fn initialise(&mut self) {
        self.settings = Settings::default();
        self.charset.reset();
        self.page_chosen = false;
        self.shift_jis = false;
        self.page = None;
        self.symbols = Symbols::default();
        self.tokens.table.raster = false;
        self.raster = None;
        self.graphic_line = false;
        self.line_end = None;
        self.line.clear(0);
    }

    pub(super) fn start_of_line(&self) -> u32 {
        if self.page.is_some() { 0 } else { self.settings.margin }
    }
}
