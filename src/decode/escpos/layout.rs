//! One line of paper: runs of text at dot positions, put on a grid of characters.
//!
//! Many emitters send no spaces between columns but move the print position, so a line is its runs with
//! their places, not its bytes. Nothing is printed over: of two runs in one place the first stays where it
//! is, the second moves right of it, and a run that repeats the first (double strike) is dropped.
//! Enlarged glyphs are written once, and alignment is left out: emitters that centre by it do not pad.
//!
//! Bounded by `limits::LINE_CHARS` glyphs; buffers are used again for the next line.

use std::ops::Range;

use crate::decode::codepage::is_wide;
use crate::decode::redact::RawLine;
use crate::limits;

/// Positions beyond this are outside of any paper: `ESC $` and its kin are ignored.
pub(super) const DOTS_MAX: u32 = limits::LINE_CHARS as u32 * 12;

/// How the next glyph is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Style {
    /// Dots from one glyph to the next, as wide as a cell of one column is.
    pub cell: u32,
    /// Dots that a glyph of one column takes: cell times width, plus spacing.
    pub pitch: u32,
    pub enlarged: bool,
    pub bold: bool,
}

/// Contiguous glyphs of one style.
#[derive(Clone, Debug)]
struct Run {
    x: u32,
    end: u32,
    style: Style,
    text: Range<usize>,
}

/// The line that is being printed.
#[derive(Clone, Default)]
pub(super) struct Line {
    text: String,
    glyphs: usize,
    runs: Vec<Run>,
    /// Print position in dots, margin included.
    pub x: u32,
}

impl Line {
    pub fn is_empty(&self) -> bool {
        self.runs.is_empty()
    }

    /// Whether no glyph more fits.
    pub fn is_full(&self) -> bool {
        self.glyphs >= limits::LINE_CHARS
    }

    /// Starts over at `x`.
    pub fn clear(&mut self, x: u32) {
        self.text.clear();
        self.runs.clear();
        self.glyphs = 0;
        self.x = x;
    }

    /// Prints one glyph and moves on. `double`: it was sent as a double-byte character.
    pub fn print(&mut self, c: char, double: bool, style: Style) {
        let columns = if double || is_wide(c) { 2 } else { 1 };
        let start = self.text.len();
        self.text.push(c);
        self.glyphs += 1;
        let end = self.x.saturating_add(style.pitch * columns);
        match self.runs.last_mut() {
            Some(run) if run.end == self.x && run.style == style && run.text.end == start => {
                run.end = end;
                run.text.end = self.text.len();
            }
            _ => self.runs.push(Run { x: self.x, end, style, text: start..self.text.len() }),
        }
        self.x = end;
    }

    /// Moves the print position if it stays on paper.
    pub fn move_to(&mut self, x: u32) {
        if x <= DOTS_MAX {
            self.x = x;
        }
    }

    /// The line as a person reads it.
    pub fn lay_out(&self) -> RawLine {
        let mut order: Vec<&Run> = self.runs.iter().collect();
        order.sort_by_key(|run| run.x);
        // One cell of the smallest font on the line is one column.
        let cell = order.iter().map(|run| run.style.cell).min().unwrap_or(1).max(1);
        let mut line = RawLine::default();
        let mut column = 0;
        let mut previous: Option<&Run> = None;
        for run in order {
            let text = self.text.get(run.text.clone()).unwrap_or_default();
            if previous.is_some_and(|before| before.x == run.x && self.text.get(before.text.clone()) == Some(text)) {
                continue;
            }
            let gap = run.x.saturating_sub(previous.map_or(0, |before| before.end));
            if cell <= gap.saturating_mul(2) {
                let wanted = (run.x.saturating_add(cell / 2) / cell) as usize;
                let wanted = if wanted <= limits::LINE_CHARS { wanted } else { 0 };
                let wanted = wanted.max(column + usize::from(previous.is_some()));
                line.text.extend(std::iter::repeat_n(' ', wanted - column));
                column = wanted;
            }
            line.text.push_str(text);
            column += text.chars().map(|c| if is_wide(c) { 2 } else { 1 }).sum::<usize>();
            let visible = !text.trim().is_empty();
            line.enlarged |= visible && run.style.enlarged;
            line.bold |= visible && run.style.bold;
            if previous.is_none_or(|before| before.end < run.end) {
                previous = Some(run);
            }
        }
        line.text.truncate(line.text.trim_end().len());
        line
    }
}
