//! One line of paper: words at dot positions, put on a grid of characters.
//!
//! Many emitters send no spaces between columns but move the print position, so a line is its words with
//! their places, not its bytes. A space is a move as well: it hides nothing that another pass over the
//! line printed there (two-colour printers return the carriage between passes). Words that meet are not
//! printed over each other: the first stays, the second moves right of it; one that repeats the first
//! (double strike) is dropped. Enlarged glyphs are written once, and alignment is left out: emitters that
//! centre by it do not pad.
//!
//! Bounded by `limits::LINE_CHARS` glyphs; buffers are used again for the next line.

use std::ops::Range;

use crate::decode::codepage::is_wide;
use crate::decode::redact::RawLine;
use crate::limits;

/// Positions beyond this are outside of any paper: `ESC $` and its kin are ignored.
pub(in crate::decode) const DOTS_MAX: u32 = limits::LINE_CHARS as u32 * 12;

/// How the next glyph is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::decode) struct Style {
    /// Dots from one glyph to the next, as wide as a cell of one column is.
    pub cell: u32,
    /// Dots that a glyph of one column takes: cell times width, plus spacing.
    pub pitch: u32,
    pub enlarged: bool,
    pub bold: bool,
}

/// Contiguous glyphs of one style.
#[derive(Clone, Debug, PartialEq)]
struct Run {
    x: u32,
    end: u32,
    /// Dots from glyph to glyph.
    step: u32,
    style: Style,
    text: Range<usize>,
}

/// Glyphs of one run without a space among them.
struct Word<'a> {
    x: u32,
    end: u32,
    run: usize,
    /// Spaces between it and the word before it in its run; none for the first.
    spaces: Option<usize>,
    text: &'a str,
}

/// The line that is being printed.
#[derive(Clone, Default)]
pub(in crate::decode) struct Line {
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
        let step = style.pitch * if double || is_wide(c) { 2 } else { 1 };
        let start = self.text.len();
        self.text.push(c);
        self.glyphs += 1;
        let end = self.x.saturating_add(step);
        match self.runs.last_mut() {
            Some(run) if run.end == self.x && run.style == style && run.step == step => {
                run.end = end;
                run.text.end = self.text.len();
            }
            _ => self.runs.push(Run { x: self.x, end, step, style, text: start..self.text.len() }),
        }
        self.x = end;
    }

    /// Prints all of a text in ASCII, as glyph after glyph would be; false where it may not fit.
    pub fn print_all(&mut self, text: &str, style: Style) -> bool {
        if limits::LINE_CHARS <= self.glyphs + text.len() {
            return false;
        }
        let (start, step) = (self.text.len(), style.pitch);
        self.text.push_str(text);
        self.glyphs += text.len();
        let wide = step.saturating_mul(u32::try_from(text.len()).unwrap_or(u32::MAX));
        let end = self.x.saturating_add(wide);
        match self.runs.last_mut() {
            _ if text.is_empty() => {}
            Some(run) if run.end == self.x && run.style == style && run.step == step => {
                run.end = end;
                run.text.end = self.text.len();
            }
            _ => self.runs.push(Run { x: self.x, end, step, style, text: start..self.text.len() }),
        }
        self.x = end;
        true
    }

    /// Moves the print position if it stays on paper.
    pub fn move_to(&mut self, x: u32) {
        if x <= DOTS_MAX {
            self.x = x;
        }
    }

    /// The line as a person reads it.
    pub fn lay_out(&self) -> RawLine {
        let mut words: Vec<Word> = Vec::new();
        for (index, run) in self.runs.iter().enumerate() {
            self.words(index, run, &mut words);
        }
        words.sort_by_key(|word| word.x);
        words.dedup_by(|second, first| second.x == first.x && second.text == first.text);
        let style = |word: &Word| self.runs.get(word.run).map(|run| run.style);
        let styles = || words.iter().filter_map(style);
        // One cell of the smallest font on the line is one column.
        let cell = styles().map(|style| style.cell).min().unwrap_or(1).max(1);
        RawLine {
            text: place(&words, cell),
            enlarged: styles().any(|style| style.enlarged),
            bold: styles().any(|style| style.bold),
        }
    }

    fn words<'a>(&'a self, index: usize, run: &Run, words: &mut Vec<Word<'a>>) {
        let mut rest = self.text.get(run.text.clone()).unwrap_or_default();
        let mut x = run.x;
        let mut first = true;
        loop {
            let spaces = rest.len() - rest.trim_start_matches(' ').len();
            let (text, after) = rest.split_at(spaces).1.split_once(' ').map_or_else(
                || (rest.trim_start_matches(' '), ""),
                |(text, _)| rest.split_at(spaces).1.split_at(text.len()),
            );
            if text.is_empty() {
                return;
            }
            x = x.saturating_add(run.step.saturating_mul(spaces as u32));
            let end = x.saturating_add(run.step.saturating_mul(text.chars().count() as u32));
            words.push(Word { x, end, run: index, spaces: (!first).then_some(spaces), text });
            (x, rest, first) = (end, after, false);
        }
    }
}

/// Puts words, sorted by place, on columns of `cell` dots.
fn place(words: &[Word], cell: u32) -> String {
    let mut line = String::new();
    let mut column = 0;
    let mut end = 0;
    let mut run = None;
    for word in words {
        let gap = word.x.saturating_sub(end);
        let pad = match word.spaces {
            // As they were sent: enlarged words are written narrower than they are printed.
            Some(spaces) if run == Some(word.run) => spaces,
            _ if cell <= gap.saturating_mul(2) => {
                let wanted = (word.x.saturating_add(cell / 2) / cell) as usize;
                let wanted = if wanted <= limits::LINE_CHARS { wanted } else { 0 };
                let apart = run.is_some() && cell < gap.saturating_mul(2);
                wanted.saturating_sub(column).max(usize::from(apart))
            }
            // In the place of another word: apart from it. Touching it: one word in two styles.
            _ => usize::from(cell <= end.saturating_sub(word.x).saturating_mul(2)),
        };
        line.extend(std::iter::repeat_n(' ', pad));
        line.push_str(word.text);
        column += pad + word.text.chars().map(|c| if is_wide(c) { 2 } else { 1 }).sum::<usize>();
        end = end.max(word.end);
        run = Some(word.run);
    }
    line
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_text_is_printed_as_its_glyphs_one_by_one(
            pieces in prop::collection::vec(("[ -~]{0,9}", 0..3_u32, 0..40_u32, any::<bool>()), 0..40),
        ) {
            let (mut whole, mut single) = (Line::default(), Line::default());
            for (text, size, moved, bold) in pieces {
                let style = Style { cell: 12, pitch: 12 * size, enlarged: size == 2, bold };
                if moved < 20 {
                    whole.x += moved;
                    single.x += moved;
                }
                if whole.print_all(&text, style) {
                    text.chars().for_each(|c| single.print(c, false, style));
                }
                prop_assert!(!whole.is_full());
                prop_assert_eq!((&whole.text, &whole.runs), (&single.text, &single.runs));
                prop_assert_eq!((whole.x, whole.glyphs), (single.x, single.glyphs));
            }
        }
    }
}
