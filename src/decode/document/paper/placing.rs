//! Where on the paper the next glyph is printed: positions, the margin, page mode.

use super::Paper;
use crate::decode::document::layout::DOTS_MAX;
use crate::decode::document::page::Page;
use crate::decode::fact::DocumentFact;

impl Paper {
    /// Moves to so many dots from the start of the line, if that is on paper.
    pub fn move_to(&mut self, dots: u32) {
        self.line.move_to(self.start_of_line() + dots);
    }

    /// Moves to the next of the tab `stops`, which count from the start of the line. Behind the last of them
    /// a tab still separates, by `cell` dots.
    pub fn tab(&mut self, stops: &[u32], cell: u32) {
        let (start, here) = (self.start_of_line(), self.line.x);
        let next = stops.iter().map(|stop| start + stop).find(|stop| here < *stop);
        self.line.move_to(next.unwrap_or(here.saturating_add(cell)));
    }

    /// Sets the margin, in dots. One beyond the paper is a mistake: printers then print from its start.
    pub fn set_margin(&mut self, dots: u32) {
        self.margin = if dots < DOTS_MAX { dots } else { 0 };
        if self.page.is_none() && self.line.is_empty() {
            self.line.clear(self.margin);
        }
    }

    /// Page mode begins, or goes on.
    pub fn enter_page(&mut self, out: &mut Vec<DocumentFact>) {
        self.end_line(out);
        self.page.get_or_insert_default();
        self.line.clear(0);
    }

    /// Page mode ends: what is on the page is thrown away, and so is the line.
    pub fn leave_page(&mut self) {
        self.page = None;
        self.line.clear(self.margin);
    }

    /// The origin of the area of the page that is printed next. Nothing outside of page mode.
    pub fn page_area(&mut self, left: u32, top: u32) {
        if let Some(page) = &mut self.page {
            (page.left, page.top, page.y) = (left, top, 0);
            self.line.clear(0);
        }
    }

    /// Moves so many dots below the top of the page's area.
    pub fn page_to(&mut self, dots: u32) {
        if let Some(page) = &mut self.page {
            page.y = dots;
        }
    }

    /// Moves down the page, or up.
    pub fn page_by(&mut self, dots: i32) {
        if let Some(page) = &mut self.page {
            page.y = page.y.saturating_add_signed(dots);
        }
    }

    /// Prints the page and keeps page mode.
    pub fn print_page(&mut self, out: &mut Vec<DocumentFact>) {
        if let Self { page: Some(page), line, document, .. } = self {
            page.print_on(line, document, out);
        }
    }

    /// Prints a page on which nothing more fits, as a document that was cut short.
    pub fn spill_page(&mut self, out: &mut Vec<DocumentFact>) {
        if self.page.as_ref().is_some_and(Page::is_full) {
            self.print_page(out);
            self.document.overflow(out);
        }
    }

    fn start_of_line(&self) -> u32 {
        if self.page.is_some() { 0 } else { self.margin }
    }
}
