//! Card numbers: 13 to 19 digits, a brand's prefix with a length that brand issues, and Luhn's check.
//!
//! Luhn alone would hit one digit run in eight of ordinary receipts. Digits may be grouped; a grouping
//! counts if it is regular, or short and evenly separated, but not where it reads as a row of amounts.

use super::{Fate, digit, set};

/// Longest card number.
const DIGITS_MAX: usize = 19;

/// Shortest card number.
const DIGITS_MIN: usize = 13;

/// Separators between two groups at most, spaces aside.
const GAP_MAX: usize = 3;

/// Digits of a group at most, where groups are of all sizes: an article number with a count is no card.
const IRREGULAR_MAX: usize = 8;

/// Digits of an equal group at most, where a line end comes between.
const GROUP_MAX: usize = 9;

/// First and last prefix (compared over the prefix's own length), shortest and longest number.
/// Source: the issuers' published ranges (ISO/IEC 7812).
const BRANDS: &[(u32, u32, usize, usize)] = &[
    (4, 4, 13, 13),
    (4, 4, 16, 16),
    (4, 4, 19, 19), // Visa
    (51, 55, 16, 16),
    (2221, 2720, 16, 16), // Mastercard
    (34, 34, 15, 15),
    (37, 37, 15, 15), // American Express
    (300, 305, 14, 19),
    (3095, 3095, 14, 19),
    (36, 36, 14, 19),
    (38, 39, 14, 19), // Diners Club
    (6011, 6011, 16, 19),
    (644, 649, 16, 19),
    (65, 65, 16, 19),     // Discover
    (3528, 3589, 16, 19), // JCB
    (62, 62, 16, 19),
    (81, 81, 16, 19), // UnionPay
    (50, 50, 13, 19),
    (56, 58, 13, 19),
    (60, 60, 13, 19),
    (63, 63, 13, 19),
    (67, 69, 13, 19),     // Maestro, debit
    (2200, 2204, 16, 19), // Mir
    (9792, 9792, 16, 16), // Troy
    (82, 82, 16, 16),     // RuPay
];

/// A maximal run of digits, and what stands before it in its chain.
struct Group {
    start: usize,
    end: usize,
    gap: Gap,
}

/// What separates a group from the one before.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Gap {
    /// Nothing that could join them.
    Break,
    /// One separator, or several of a kind, with any spaces around: laying out a line widens the space
    /// behind enlarged digits.
    Same(char),
    /// Different separators.
    Mixed,
    /// The end of a line, with any indent: it may cut a group.
    LineEnd,
}

/// Marks all digits but the last four of every card number.
pub(super) fn mark(chars: &[char], fates: &mut [Fate]) {
    let groups = groups(chars);
    for first in 0..groups.len() {
        let mut digits = [0u8; DIGITS_MAX];
        let mut count = 0;
        for last in first..groups.len() {
            let Some(window) = groups.get(first..=last) else { break };
            let Some(group) = window.last() else { break };
            let joined = last == first || group.gap != Gap::Break;
            if !joined || count + (group.end - group.start) > DIGITS_MAX {
                break;
            }
            let added = chars.get(group.start..group.end).unwrap_or_default();
            for (slot, c) in digits.iter_mut().skip(count).zip(added) {
                *slot = digit(*c).unwrap_or(0);
            }
            count += group.end - group.start;
            let number = digits.get(..count).unwrap_or_default();
            if DIGITS_MIN <= count && is_card(number, window.len() == 1) && is_grouping(window) {
                mask(chars, fates, window);
            }
        }
    }
}

/// Masks the digits of `window` but the last four.
fn mask(chars: &[char], fates: &mut [Fate], window: &[Group]) {
    let (Some(first), Some(last)) = (window.first(), window.last()) else { return };
    let is_digit = |at: &usize| chars.get(*at).is_some_and(|c| digit(*c).is_some());
    for at in (first.start..last.end).filter(is_digit).rev().skip(4) {
        set(fates, at..at + 1, Fate::Mask);
    }
}

fn groups(chars: &[char]) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    let mut rest = 0;
    while let Some(start) = chars.iter().skip(rest).position(|c| digit(*c).is_some()) {
        let start = rest + start;
        let length = chars.iter().skip(start).take_while(|c| digit(**c).is_some()).count();
        let gap = groups.last().map_or(Gap::Break, |before: &Group| {
            gap(chars.get(before.end..start).unwrap_or_default())
        });
        rest = start + length;
        groups.push(Group { start, end: rest, gap });
    }
    groups
}

fn gap(between: &[char]) -> Gap {
    let is_separator = |c: &char| matches!(c, '-' | '.' | '\u{2010}'..='\u{2015}' | '·');
    let marks = || between.iter().filter(|c| !c.is_whitespace());
    if between.is_empty() || !marks().all(is_separator) || GAP_MAX < marks().count() {
        return Gap::Break;
    }
    match marks().next() {
        None if between.contains(&'\n') => Gap::LineEnd,
        None => Gap::Same(' '),
        Some(first) if marks().all(|c| c == first) => Gap::Same(*first),
        Some(_) => Gap::Mixed,
    }
}

/// Whether someone would write one number in these groups.
fn is_grouping(window: &[Group]) -> bool {
    let sizes: Vec<usize> = window.iter().map(|group| group.end - group.start).collect();
    let (gaps, merged) = merged_at_line_ends(window);
    let points = gaps.iter().filter(|gap| **gap == Gap::Same('.')).count();
    let decimals = gaps
        .iter()
        .zip(merged.iter().skip(1))
        .any(|(gap, size)| *gap == Gap::Same('.') && *size < 4);
    let fours = |sizes: &[usize]| sizes.iter().rev().skip(1).all(|size| *size == 4);
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
    one_line && uniform && merged.iter().all(|size| *size <= IRREGULAR_MAX)
}

/// Gaps and group sizes as they were before a line end cut a group.
fn merged_at_line_ends(window: &[Group]) -> (Vec<Gap>, Vec<usize>) {
    let mut gaps = Vec::new();
    let mut sizes: Vec<usize> = Vec::new();
    for group in window {
        let size = group.end - group.start;
        match sizes.last_mut() {
            Some(last) if group.gap == Gap::LineEnd => *last += size,
            Some(_) => {
                gaps.push(group.gap);
                sizes.push(size);
            }
            None => sizes.push(size),
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

/// `whole`: the digits stand together, so they may be an article number as well.
fn is_card(digits: &[u8], whole: bool) -> bool {
    let article = whole && is_gtin(digits) && !issues_like_an_article(digits);
    is_brand(digits) && passes_luhn(digits) && !article
}

/// Brands whose numbers can be as long as a GTIN: Visa (13 digits) and Diners Club (14).
fn issues_like_an_article(digits: &[u8]) -> bool {
    matches!((digits.first(), digits.len()), (Some(4), 13) | (Some(3), 14))
}

fn is_brand(digits: &[u8]) -> bool {
    BRANDS.iter().any(|(low, high, shortest, longest)| {
        let length = low.ilog10() as usize + 1;
        let prefix = digits.iter().take(length).fold(0, |value, d| value * 10 + u32::from(*d));
        (*low..=*high).contains(&prefix) && (*shortest..=*longest).contains(&digits.len())
    })
}

fn passes_luhn(digits: &[u8]) -> bool {
    let weighted = digits.iter().rev().enumerate().map(|(place, d)| match (place % 2, d * 2) {
        (0, _) => *d,
        (_, double) if double > 9 => double - 9,
        (_, double) => double,
    });
    weighted.map(u32::from).sum::<u32>() % 10 == 0
}

/// GS1's check digit, lengths 13 and 14.
fn is_gtin(digits: &[u8]) -> bool {
    let weighted = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(place, d)| u32::from(*d) * (1 + 2 * (place as u32 % 2)));
    matches!(digits.len(), 13 | 14) && weighted.sum::<u32>() % 10 == 0
}
