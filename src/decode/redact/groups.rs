//! Groups of digits and what separates them: which of them someone would write as one number.

use std::ops::Range;

use super::brand::is_card;

/// Separators between two groups at most, spaces aside.
pub(super) const GAP_MAX: usize = 3;

/// Digits of a group at most, where groups are of all sizes: an article number with a count is no card.
const IRREGULAR_MAX: usize = 8;

/// Digits of an equal group at most, where a line end comes between.
const GROUP_MAX: usize = 9;

/// Groups at most, where they are of all sizes: more of them are a row of counts.
const IRREGULAR_GROUPS: usize = 6;

/// A maximal run of digits, and what stands before it in its chain.
pub(super) struct Group {
    pub start: usize,
    pub end: usize,
    pub gap: Gap,
}

impl Group {
    pub fn len(&self) -> usize {
        self.end - self.start
    }
}

/// What separates a group from the one before.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Gap {
    /// Nothing that could join them.
    Break,
    /// One separator, or several of a kind, with any spaces around: laying out a line widens the space
    /// behind enlarged digits.
    Same(char),
    /// Any other punctuation, control characters, what could not be read. It only counts between groups as
    /// brands print them: amounts, dates and times have it too.
    Rare([char; GAP_MAX]),
    /// `$` alone: displays are told a place by US `$` and two bytes, of which only `$` can be seen where
    /// nobody knows that it is a display's.
    Cursor,
    /// Different separators.
    Mixed,
    /// The end of a line, with any indent: it may cut a group.
    LineEnd,
}

/// The runs of digits in folded `chars` that `kept` does not cover.
pub(super) fn groups(chars: &[char], kept: &[Range<usize>]) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    let mut rest = 0;
    while let Some(start) = chars.iter().skip(rest).position(char::is_ascii_digit) {
        let mut start = rest + start;
        rest = start + chars.iter().skip(start).take_while(|c| c.is_ascii_digit()).count();
        let of_scanner = follows_aim(chars, start) && start + 1 < rest;
        // Letters may stand so by chance: a card's number with its first digit is one.
        start += usize::from(of_scanner && !is_card(&digits(chars, start..rest)));
        if kept.iter().any(|kept| kept.contains(&start)) {
            continue;
        }
        let between = |before: &Group| chars.get(before.end..start).unwrap_or_default();
        let gap = groups.last().map_or(Gap::Break, |before| gap(between(before)));
        groups.push(Group { start, end: rest, gap });
    }
    groups
}

fn digits(chars: &[char], range: Range<usize>) -> Vec<u8> {
    let digits = chars.get(range).unwrap_or_default().iter();
    digits.filter_map(|c| c.to_digit(10)).filter_map(|digit| u8::try_from(digit).ok()).collect()
}

/// Whether the digit at `at` ends a scanner's AIM identifier (`]Q1`) and belongs to no number.
pub(super) fn follows_aim(chars: &[char], at: usize) -> bool {
    let before = at.checked_sub(2).and_then(|from| chars.get(from..at));
    let ends = chars.get(at).is_some_and(char::is_ascii_digit);
    ends && matches!(before, Some([']', letter]) if letter.is_ascii_alphabetic())
}

/// Whether a sign may stand between two groups of one number.
pub(super) fn is_mark(c: &char) -> bool {
    c.is_ascii_punctuation() || c.is_control() || *c == '\u{FFFD}'
}

fn gap(between: &[char]) -> Gap {
    let marks = || between.iter().filter(|c| !c.is_whitespace());
    let count = marks().count();
    if between.is_empty() || GAP_MAX < count || !marks().all(is_mark) {
        return Gap::Break;
    }
    let joins = |c: &char| matches!(c, '-' | '.');
    let Some(first) = marks().next() else {
        return if between.contains(&'\n') { Gap::LineEnd } else { Gap::Same(' ') };
    };
    let same = marks().all(|c| c == first);
    match marks().all(joins) {
        true if same => Gap::Same(*first),
        true => Gap::Mixed,
        false if count == 1 && between.iter().all(|c| matches!(c, '$' | '\n')) => Gap::Cursor,
        false => {
            let mut all = ['\0'; GAP_MAX];
            // Several of a kind are as one.
            let shown = if same { 1 } else { count };
            all.iter_mut().zip(marks()).take(shown).for_each(|(slot, c)| *slot = *c);
            Gap::Rare(all)
        }
    }
}

/// Whether someone would write one number in these groups; `named`: a word says that it is one.
pub(super) fn is_grouping(window: &[Group], named: bool) -> bool {
    let sizes: Vec<usize> = window.iter().map(Group::len).collect();
    let (gaps, merged) = merged_at_line_ends(window);
    let fours = |sizes: &[usize]| sizes.iter().rev().skip(1).all(|size| *size == 4);
    if gaps.iter().any(|gap| matches!(gap, Gap::Rare(_) | Gap::Cursor)) {
        let uniform = gaps.iter().all(|gap| Some(gap) == gaps.first());
        let ones = merged.iter().all(|size| *size == 1);
        let dollars =
            gaps.iter().all(|gap| matches!(gap, Gap::Cursor | Gap::Rare(['$', '\0', ..])));
        let cursor = gaps.first() == Some(&Gap::Cursor);
        let printed = || fours(&merged) || matches!(merged[..], [4, 6, 4 | 5] | [8, 8]) || ones;
        // The places of single cells may be tabs and line ends.
        return uniform && (cursor || printed()) || ones && dollars;
    }
    let points = gaps.iter().filter(|gap| **gap == Gap::Same('.')).count();
    let decimals = gaps
        .iter()
        .zip(merged.iter().skip(1))
        .any(|(gap, size)| *gap == Gap::Same('.') && *size < 4);
    if decimals && points < gaps.len() && !fours(&sizes) && !fours(&merged) {
        return false; // a row of amounts
    }
    let one_line = window.iter().skip(1).all(|group| group.gap != Gap::LineEnd);
    // A long number and an amount on the line below are no card.
    let in_groups =
        |sizes: &[usize]| one_line || sizes.len() < 2 || sizes.first() <= Some(&GROUP_MAX);
    if [&sizes, &merged].into_iter().any(|sizes| is_regular(sizes) && in_groups(sizes)) {
        return true;
    }
    // Nor is a number and the date below it, nor a row with one separator here and another there.
    let uniform = gaps.iter().all(|gap| Some(gap) == gaps.first() && *gap != Gap::Mixed);
    let small = || merged.iter().all(|size| *size <= IRREGULAR_MAX);
    one_line && uniform && sizes.len() <= IRREGULAR_GROUPS && (named || small())
}

/// Gaps and group sizes as they were before a line end cut a group.
fn merged_at_line_ends(window: &[Group]) -> (Vec<Gap>, Vec<usize>) {
    let mut gaps = Vec::new();
    let mut sizes: Vec<usize> = Vec::new();
    for group in window {
        match sizes.last_mut() {
            Some(last) if group.gap == Gap::LineEnd => *last += group.len(),
            Some(_) => {
                gaps.push(group.gap);
                sizes.push(group.len());
            }
            None => sizes.push(group.len()),
        }
    }
    (gaps, sizes)
}

/// Equal groups, the last one perhaps shorter, or 4-6 and a rest as some brands print it.
fn is_regular(sizes: &[usize]) -> bool {
    match sizes {
        [4, 6, rest] => *rest <= 5,
        [first, middle @ .., last] => middle.iter().all(|size| size == first) && last <= first,
        _ => true,
    }
}
