//! Card numbers: 13 to 19 digits, a brand's prefix with a length that brand issues, and Luhn's check.
//!
//! Luhn alone would hit one digit run in eight of ordinary receipts. Digits may be grouped; which
//! groupings count is kept narrow, because a row of amounts is a row of digit groups too.

use super::{Fate, digit, set};

/// Longest card number.
const DIGITS_MAX: usize = 19;

/// Shortest card number.
const DIGITS_MIN: usize = 13;

/// Separators between two groups at most.
const GAP_MAX: usize = 3;

/// First and last prefix (compared over the prefix's own length), shortest and longest number.
/// Source: the issuers' published ranges (ISO/IEC 7812).
const BRANDS: &[(u32, u32, usize, usize)] = &[
    (4, 4, 13, 13), (4, 4, 16, 16), (4, 4, 19, 19),      // Visa
    (51, 55, 16, 16), (2221, 2720, 16, 16),              // Mastercard
    (34, 34, 15, 15), (37, 37, 15, 15),                  // American Express
    (300, 305, 14, 19), (3095, 3095, 14, 19), (36, 36, 14, 19), (38, 39, 14, 19), // Diners Club
    (6011, 6011, 16, 19), (644, 649, 16, 19), (65, 65, 16, 19), // Discover
    (3528, 3589, 16, 19),                                // JCB
    (62, 62, 16, 19), (81, 81, 16, 19),                  // UnionPay
    (50, 50, 13, 19), (56, 58, 13, 19), (60, 60, 13, 19), (63, 63, 13, 19), (67, 69, 13, 19), // Maestro, debit
    (2200, 2204, 16, 19),                                // Mir
    (9792, 9792, 16, 16),                                // Troy
    (82, 82, 16, 16),                                    // RuPay
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
    /// So many of one separator.
    Same(char, usize),
    /// Different separators.
    Mixed,
    /// The end of a line, with any indent.
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
    let is_separator = |c: &char| matches!(c, ' ' | '-' | '.' | '\u{2010}'..='\u{2015}' | '\u{3000}' | '·');
    match between {
        [] => Gap::Break,
        _ if between.contains(&'\n') => {
            let blank = between.iter().all(|c| c.is_whitespace() || is_separator(c));
            if blank { Gap::LineEnd } else { Gap::Break }
        }
        _ if GAP_MAX < between.len() || !between.iter().all(is_separator) => Gap::Break,
        [first, rest @ ..] if rest.iter().all(|c| c == first) => Gap::Same(*first, between.len()),
        _ => Gap::Mixed,
    }
}

/// Whether someone would write one number in these groups.
fn is_grouping(window: &[Group]) -> bool {
    let Some((_, joined)) = window.split_first() else { return false };
    let sizes = || window.iter().map(|group| group.end - group.start);
    let lines = joined.iter().filter(|group| group.gap != Gap::LineEnd);
    let uniform = {
        let mut gaps = lines.clone().map(|group| group.gap);
        let first = gaps.next();
        gaps.all(|gap| Some(gap) == first && gap != Gap::Mixed)
    };
    // 4-4-4-4, 4-4-4-4-3, 4-6-5, 4-6-4.
    let card_like = sizes().take(window.len() - 1).all(|size| size == 4)
        || (window.len() == 3 && sizes().take(2).eq([4, 6]));
    let spelled = sizes().all(|size| size == 1);
    // Not a row of amounts: those have short groups behind a point.
    let single = lines.clone().all(|group| match group.gap {
        Gap::Same('.', 1) => 4 <= group.end - group.start,
        Gap::Same(_, 1) => true,
        _ => false,
    });
    uniform || card_like || spelled || single
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
    let weighted = digits.iter().rev().enumerate().map(|(place, d)| u32::from(*d) * (1 + 2 * (place as u32 % 2)));
    matches!(digits.len(), 13 | 14) && weighted.sum::<u32>() % 10 == 0
}
