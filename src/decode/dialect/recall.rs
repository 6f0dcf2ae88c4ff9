//! What patterns said of lines that were printed before: most lines of a till come again and again.
//!
//! Lines of one *shape* differ in their digits from 1 to 9 alone. A pattern that makes no difference between these
//! digits matches all lines of a shape or none, and its groups stand at the same places. So what it said of one of
//! them holds for the next: nothing is guessed. A pattern that does make a difference is asked each time, unless
//! what is known of its [`Needs`] makes none and passes it over.
//!
//! Bounded by `limits::RECALLED_LINES` of at most `limits::RECALLED_BYTES`, twice: when as many came the older half
//! is forgotten, but for those that came again.

use std::collections::HashMap;

use regex_syntax::hir::{Class, Hir, HirKind};

use super::engine::Slots;
use super::prefilter::{Needs, Prefilter, Scan};
use crate::limits;

/// Patterns by their number in their dialect.
const PATTERNS: usize = limits::DIALECT_RULES.next_multiple_of(64);

/// What is known of lines of one shape.
#[derive(Clone, Debug, Default, PartialEq)]
struct Known {
    /// Bit per pattern: it matches none of them.
    none: [u64; PATTERNS / 64],
    /// Patterns that match all of them, and where their groups stand.
    all: Vec<(u16, Slots)>,
}

/// See the module's doc.
#[derive(Debug, Default)]
pub(super) struct Recall {
    /// The present line's shape, and what is known of it.
    shape: Vec<u8>,
    known: Known,
    /// What is on the present line, once that was asked.
    scan: Scan,
    scanned: bool,
    /// Lines that came, and those that came before them.
    young: HashMap<Box<[u8]>, Known>,
    old: HashMap<Box<[u8]>, Known>,
}

/// What is known of a pattern and the present line.
pub(super) enum Answer<'r> {
    No,
    Yes(&'r Slots),
    Unknown,
}

impl Recall {
    /// Turns to another line.
    pub fn turn_to(&mut self, line: &str) {
        self.keep();
        self.scanned = false;
        self.shape.clear();
        self.shape.extend(line.bytes().map(|byte| if is_folded(byte) { b'1' } else { byte }));
        let shape = self.shape.as_slice();
        self.known =
            self.young.remove(shape).or_else(|| self.old.remove(shape)).unwrap_or_default();
    }

    /// Keeps what was found out of the present line.
    fn keep(&mut self) {
        if self.known.is_empty() || limits::RECALLED_BYTES < self.shape.len() {
            return;
        }
        if limits::RECALLED_LINES <= self.young.len() {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(self.shape.as_slice().into(), std::mem::take(&mut self.known));
    }

    /// Whether the pattern of this number is known to match no line like this one.
    pub fn is_none(&self, number: u16) -> bool {
        let place = usize::from(number);
        self.known.none.get(place / 64).is_some_and(|bits| bits & (1 << (place % 64)) != 0)
    }

    /// What the pattern of this number said of a line like this one.
    pub fn answer(&self, number: u16) -> Answer<'_> {
        if self.is_none(number) {
            return Answer::No;
        }
        let found = self.known.all.iter().find(|(known, _)| *known == number);
        found.map_or(Answer::Unknown, |(_, slots)| Answer::Yes(slots))
    }

    /// False when a pattern with these needs cannot match the line.
    pub fn meets(&mut self, prefilter: &Prefilter, line: &str, needs: &Needs) -> bool {
        if !std::mem::replace(&mut self.scanned, true) {
            prefilter.scan(line, &mut self.scan);
        }
        self.scan.meets(needs)
    }

    /// Notes that a pattern matches no line of this shape.
    pub fn matches_none(&mut self, number: u16) {
        let place = usize::from(number);
        if let Some(bits) = self.known.none.get_mut(place / 64) {
            *bits |= 1 << (place % 64);
        }
    }

    /// Notes that a pattern matches all lines of this shape, and how.
    pub fn matches_all(&mut self, number: u16, slots: Slots) {
        if usize::from(number) < PATTERNS {
            self.known.all.push((number, slots));
        }
    }
}

impl Known {
    fn is_empty(&self) -> bool {
        self.all.is_empty() && self.none.iter().all(|bits| *bits == 0)
    }
}

/// Whether a byte is one of those that lines of a shape differ in.
fn is_folded(byte: u8) -> bool {
    matches!(byte, b'1'..=b'9')
}

/// Whether a pattern makes no difference between the digits from 1 to 9.
pub(super) fn is_blind(hir: &Hir) -> bool {
    // How many of the nine are in a range.
    let within = |first: u32, last: u32| (first.max(b'1'.into())..=last.min(b'9'.into())).count();
    let even = |count: usize| matches!(count, 0 | 9);
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => true,
        HirKind::Literal(literal) => is_blind_to(&literal.0),
        HirKind::Class(Class::Unicode(class)) => {
            let ranges = class.ranges().iter();
            even(ranges.map(|range| within(range.start().into(), range.end().into())).sum())
        }
        HirKind::Class(Class::Bytes(class)) => {
            let ranges = class.ranges().iter();
            even(ranges.map(|range| within(range.start().into(), range.end().into())).sum())
        }
        HirKind::Repetition(repetition) => is_blind(&repetition.sub),
        HirKind::Capture(capture) => is_blind(&capture.sub),
        HirKind::Concat(parts) | HirKind::Alternation(parts) => parts.iter().all(is_blind),
    }
}

/// Whether a text has none of these digits.
pub(super) fn is_blind_to(text: &[u8]) -> bool {
    !text.iter().copied().any(is_folded)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_that_knows_a_digit_by_its_value_is_not_blind() {
        let check = |pattern: &str, expected: bool| {
            assert_eq!(is_blind(&regex_syntax::parse(pattern).unwrap()), expected, "{pattern}");
        };
        check(r"^[1-9][0-9]{0,2}[.,]00?$", true);
        check(r"(?:0|[^0-9])+\b(?P<a>\w*|.)", true);
        check(r"(?-u:[0-9])x", true);
        check(r"[0-9]|2 for", false);
        check(r"a(?:[1-4])?", false);
        check(r"[^5]*", false);
        check(r"(?-u:[0-8])", false);
    }

    #[test]
    fn what_came_long_ago_is_forgotten_and_what_comes_again_is_not() {
        let mut recall = Recall::default();
        let knows = |recall: &mut Recall, line: &str| {
            recall.turn_to(line);
            matches!(recall.answer(7), Answer::No)
        };
        for n in 0..limits::RECALLED_LINES * 5 {
            assert_eq!(knows(&mut recall, "TOTAL 12.90"), n != 0, "{n}");
            recall.matches_none(7);
            // As many zeros as it takes to be another shape each.
            let other = format!("{n:b}").replace('1', "A");
            assert!(!knows(&mut recall, &other));
            recall.matches_none(7);
        }
        assert!(knows(&mut recall, "TOTAL 93.40") && !knows(&mut recall, "TOTAL 90.40"));
        assert!(!knows(&mut recall, "A"));
        assert!(recall.young.len() + recall.old.len() <= 2 * limits::RECALLED_LINES);
        let long = "x".repeat(limits::RECALLED_BYTES + 1);
        recall.turn_to(&long);
        recall.matches_none(7);
        assert!(!knows(&mut recall, &long));
    }
}
