//! Which patterns cannot match a line, found out without trying them.
//!
//! A dialect has a hundred patterns and more, and nearly none of them matches a given line. From each pattern
//! [`Needs`] are computed once: the bytes that a match can begin and end with, how many digits, decimal signs
//! and spaces it has at least, and lists of words of which one must be there. One pass over the line answers
//! all of it.
//!
//! Every need is a *necessary* condition: a pattern that is passed over could not have matched. Where the
//! analysis does not know, it needs nothing. A property test holds both.

mod shape;
mod words;

use std::collections::{BTreeMap, HashMap};

use aho_corasick::Input;
use aho_corasick::automaton::Automaton as _;
use aho_corasick::nfa::contiguous::NFA;
use regex_syntax::hir::Hir;

use super::recall::is_blind_to;
use crate::limits;

use shape::Counts;
pub use shape::{Bytes, begins};

/// What every match of one pattern has.
#[derive(Clone, Debug, Default)]
pub struct Needs {
    /// The line's first byte is one of these.
    first: Option<Box<Bytes>>,
    /// The line's last byte is one of these.
    last: Option<Box<Bytes>>,
    counts: Counts,
    /// Of each of these lists one word is on the line: numbers in [`Prefilter::lists_of`].
    lists: Vec<u16>,
    /// None of it makes a difference between the digits from 1 to 9.
    pub blind: bool,
}

/// Gathers the needs of all patterns of a dialect.
#[derive(Debug, Default)]
pub struct Builder {
    /// Lists of words by their content: patterns share many.
    lists: BTreeMap<Vec<String>, u16>,
    words: usize,
    folds: words::Folds,
}

impl Builder {
    /// The needs of a pattern.
    pub fn add(&mut self, hir: &Hir) -> Needs {
        let mut needs = Needs {
            first: shape::first(hir).map(Box::new),
            last: shape::last(hir).map(Box::new),
            counts: shape::counts(hir),
            lists: Vec::new(),
            blind: true,
        };
        let even = |ends: &Option<Box<Bytes>>| ends.as_ref().is_none_or(|ends| ends.is_blind());
        needs.blind = even(&needs.first) && even(&needs.last);
        for list in words::lists(hir, &mut self.folds) {
            needs.blind &= list.iter().all(|word| is_blind_to(word.as_bytes()));
            needs.lists.extend(self.list(list));
        }
        needs
    }

    /// The number of a list; none when there is no room for its words, which only costs time.
    fn list(&mut self, list: Vec<String>) -> Option<u16> {
        if let Some(known) = self.lists.get(&list) {
            return Some(*known);
        }
        let number = u16::try_from(self.lists.len()).ok()?;
        let words = self.words + list.len();
        if words > limits::DIALECT_WORDS {
            return None;
        }
        self.words = words;
        self.lists.insert(list, number);
        Some(number)
    }

    pub fn build(self) -> Prefilter {
        let mut of_word: BTreeMap<&str, Vec<u16>> = BTreeMap::new();
        for (list, number) in &self.lists {
            for word in list {
                of_word.entry(word).or_default().push(*number);
            }
        }
        let words = NFA::builder().prefilter(false).build(of_word.keys()).ok();
        Prefilter {
            words,
            lists_of: of_word.into_values().collect(),
            lists: self.lists.len(),
            folds: self.folds.into_map(),
        }
    }
}

/// Answers for one line at a time what is on it.
#[derive(Debug, Default)]
pub struct Prefilter {
    /// All words of all lists, folded.
    words: Option<NFA>,
    /// The lists that each word stands in.
    lists_of: Vec<Vec<u16>>,
    lists: usize,
    /// How characters beyond ASCII are folded, where a word has one.
    folds: HashMap<char, char>,
}

/// What is on a line. Kept from line to line so that its memory is.
#[derive(Clone, Debug, Default)]
pub struct Scan {
    first: u8,
    last: u8,
    counts: Counts,
    /// Bit per list of words.
    found: Vec<u64>,
    folded: String,
}

impl Prefilter {
    /// Looks at a line.
    pub fn scan(&self, line: &str, scan: &mut Scan) {
        let bytes = line.as_bytes();
        scan.first = bytes.first().copied().unwrap_or_default();
        scan.last = bytes.last().copied().unwrap_or_default();
        scan.counts = Counts::of_line(bytes);
        scan.found.clear();
        scan.found.resize(self.lists.div_ceil(64), 0);
        scan.folded.clear();
        scan.folded.extend(line.chars().map(|c| self.fold(c)));
        let all = || vec![u64::MAX; self.lists.div_ceil(64)];
        let Some(Ok(matches)) = self
            .words
            .as_ref()
            .map(|words| words.try_find_overlapping_iter(Input::new(&scan.folded)))
        else {
            scan.found = all();
            return;
        };
        for found in matches {
            let lists = self.lists_of.get(found.pattern().as_usize());
            for list in lists.into_iter().flatten() {
                if let Some(bits) = scan.found.get_mut(usize::from(list / 64)) {
                    *bits |= 1 << (list % 64);
                }
            }
        }
    }

    fn fold(&self, c: char) -> char {
        if c.is_ascii() { c.to_ascii_lowercase() } else { self.folds.get(&c).copied().unwrap_or(c) }
    }
}

impl Scan {
    /// False when a pattern with these needs cannot match the line.
    pub fn meets(&self, needs: &Needs) -> bool {
        let listed = |list: &u16| {
            let bits = self.found.get(usize::from(list / 64)).copied().unwrap_or(u64::MAX);
            bits & (1 << (list % 64)) != 0
        };
        needs.counts.at_most(&self.counts)
            && needs.first.as_ref().is_none_or(|bytes| bytes.has(self.first))
            && needs.last.as_ref().is_none_or(|bytes| bytes.has(self.last))
            && needs.lists.iter().all(listed)
    }
}

#[cfg(test)]
mod tests;
