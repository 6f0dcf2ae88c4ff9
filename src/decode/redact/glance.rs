//! A glance at a text: one pass that says which finders can find anything in it. Nearly always it is none.
//!
//! Invariant: a finder whose sign is missing finds nothing in the text. Signs are generous: a sign that stands
//! there in vain costs a closer look. A glance may go on from one line into the next, and what it says then
//! holds for both together; going on longer only makes it more generous.

use super::{brand, code, groups, plain, shown, track};

/// Which finders are worth asking.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Signs(u8);

impl Signs {
    /// As many digits as a card has, with nothing between that would part them.
    pub const CARD: Self = Self(1);
    /// The tag of a chip's data element.
    pub const CHIP: Self = Self(2);
    /// A scanner's identifier.
    pub const SCANNED: Self = Self(4);
    /// A masked number that shows digits.
    pub const SHOWN: Self = Self(8);
    /// A word that begins like the label of a security code.
    pub const CODE: Self = Self(16);
    /// A separator or an end of a magnetic track, and digits before it.
    pub const TRACK: Self = Self(32);

    #[cfg(test)]
    pub const ALL: Self = Self(63);

    pub fn is_none(self) -> bool {
        self.0 == 0
    }

    pub fn has(self, one: Self) -> bool {
        self.0 & one.0 != 0
    }

    pub fn add(&mut self, others: Self) {
        self.0 |= others.0;
    }
}

/// What a line says at a glance.
#[derive(Clone, Copy, Default)]
pub(super) struct Seen {
    pub signs: Signs,
    /// Digits, and bytes beyond ASCII, any of which may belong to one.
    pub digits: usize,
}

/// How far the glance came.
#[derive(Clone, Default)]
pub(super) struct Glance {
    /// Digits that one number may have so far, and the marks behind them.
    chain: usize,
    marks: usize,
    /// Digits that may be a track's.
    number: usize,
    /// Digits and line ends in a row.
    tail: usize,
    /// In a row of digits, masks, spaces and dashes: digits and masks.
    shown: usize,
    masks: usize,
    /// The character before.
    before: char,
    signs: Signs,
}

impl Glance {
    /// Goes on with a text; its signs, with those of what it is joined to.
    pub fn text(&mut self, text: &str) -> Seen {
        self.signs = Signs::default();
        let mut digits = 0;
        for (at, c) in text.char_indices() {
            let (c, count) = match c {
                '0'..='9' => (c, 1),
                ' '..='~' => (c, 0),
                _ => (plain::folded(c), if c.is_ascii() { 0 } else { c.len_utf8() }),
            };
            digits += count;
            self.take(c, text, at);
        }
        Seen { signs: self.signs, digits }
    }

    /// Goes on with the line below.
    pub fn line(&mut self, text: &str) -> Seen {
        self.take('\n', "", 0);
        self.text(text)
    }

    /// Takes the next character, which is folded and stands at `at` in `text`.
    fn take(&mut self, c: char, text: &str, at: usize) {
        match c {
            '0'..='9' => self.digit(),
            ' ' => self.tail = 0,
            '\n' => {
                self.tail += 1;
                (self.shown, self.masks) = (0, 0);
            }
            _ => self.other(c, text, at),
        }
        self.before = c;
    }

    fn digit(&mut self) {
        self.chain = if groups::GAP_MAX < self.marks { 1 } else { self.chain + 1 };
        self.marks = 0;
        self.number += 1;
        self.tail += 1;
        self.shown += 1;
        self.sign(brand::DIGITS_MIN <= self.chain, Signs::CARD);
        self.sign(self.shows(), Signs::SHOWN);
    }

    fn shows(&self) -> bool {
        shown::MASKED_MIN <= self.masks && shown::LEAST <= self.shown
    }

    fn other(&mut self, c: char, text: &str, at: usize) {
        let before = self.before;
        let letter = c.is_alphabetic();
        if groups::is_mark(&c) {
            self.marks += 1;
        } else {
            (self.chain, self.marks) = (0, 0);
        }
        if shown::is_mask(c) {
            self.masks += 1;
            self.sign(self.shows(), Signs::SHOWN);
        } else if c != '-' {
            (self.shown, self.masks) = (0, 0);
        }
        if letter {
            let begins =
                !before.is_alphabetic() && code::may_begin(text.get(at..).unwrap_or_default());
            self.sign(begins, Signs::CODE);
            self.sign(before == '5' && matches!(c, 'A' | 'a'), Signs::CHIP);
            self.sign(before == ']', Signs::SCANNED);
        }
        let separates = matches!(c, '=' | 'D' | 'd') && track::NUMBER_MIN <= self.number;
        let ends = c == '?' && track::TAIL <= self.tail;
        self.sign(separates || ends || c == '^', Signs::TRACK);
        self.number = if c == '-' { self.number } else { 0 };
        self.tail = 0;
    }

    fn sign(&mut self, stands: bool, sign: Signs) {
        if stands {
            self.signs.add(sign);
        }
    }
}
