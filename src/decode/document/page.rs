//! Page mode: text is placed anywhere on a page and printed at once.
//!
//! Each piece of text keeps the vertical position it was written at; printing sorts the pieces by that
//! and puts what shares a row on one line. Print directions are not turned: a page that is written
//! sideways as a whole still reads row by row.
//!
//! Bounded by `limits::PAGE_RUNS` pieces.

use super::Document;
use super::layout::{Line, Style};
use crate::decode::fact::DocumentFact;
use crate::decode::redact::RawLine;
use crate::limits;

/// Pieces whose vertical positions differ by less share a row: half the height of a character.
const ROW_DOTS: u32 = 12;

/// Glyphs that touch.
struct Piece {
    y: u32,
    x: u32,
    /// Where the next glyph would touch the last.
    end: u32,
    text: String,
    style: Style,
}

/// The page under construction.
#[derive(Default)]
pub(in crate::decode) struct Page {
    pieces: Vec<Piece>,
    /// Origin of the print area.
    pub left: u32,
    pub top: u32,
    /// Vertical position within the print area.
    pub y: u32,
}

impl Page {
    pub fn is_empty(&self) -> bool {
        self.pieces.is_empty()
    }

    pub fn is_full(&self) -> bool {
        self.pieces.len() >= limits::PAGE_RUNS
    }

    /// Puts a glyph of `width` dots at horizontal position `x`; glyphs that touch become one piece.
    pub fn print(&mut self, x: u32, width: u32, c: char, style: Style) {
        let (y, x) = (self.top.saturating_add(self.y), self.left.saturating_add(x));
        let end = x.saturating_add(width);
        let touches = |last: &Piece| last.y == y && last.end == x && last.style == style;
        match self.pieces.last_mut() {
            Some(last) if touches(last) && last.text.len() < limits::LINE_CHARS => {
                last.text.push(c);
                last.end = end;
            }
            _ => self.pieces.push(Piece { y, x, end, text: c.to_string(), style }),
        }
    }

    /// Throws away what was not printed.
    pub fn clear(&mut self) {
        self.pieces.clear();
        self.y = 0;
    }

    /// Prints the page into `document` and starts it over; `line` is overwritten.
    pub fn print_on(
        &mut self,
        line: &mut Line,
        document: &mut Document,
        out: &mut Vec<DocumentFact>,
    ) {
        self.lay_out(line, |row| document.line(row, out));
        self.clear();
    }

    /// The page's lines from top to bottom.
    fn lay_out(&mut self, line: &mut Line, mut each: impl FnMut(RawLine)) {
        let mut pieces = std::mem::take(&mut self.pieces);
        pieces.sort_by_key(|piece| piece.y);
        let mut row = None;
        line.clear(0);
        for Piece { y, x, text, style, .. } in pieces {
            if row.is_some_and(|row| y - row >= ROW_DOTS) || line.is_full() {
                each(line.lay_out());
                line.clear(0);
                row = None;
            }
            row = row.or(Some(y));
            line.move_to(x);
            for c in text.chars() {
                line.print(c, false, style);
            }
        }
        if !line.is_empty() {
            each(line.lay_out());
        }
        line.clear(0);
    }
}
