//! Card numbers in text: digits that stand together, or in groups as someone would write them.
//!
//! Luhn's check alone would hit one digit run in eight of ordinary receipts, so a brand's prefix and length
//! are asked for as well. Digits may be grouped; a grouping counts if it is regular, or short and evenly
//! separated, but not where it reads as a row of amounts. A number that is an article's as well (GS1's check
//! digit) stays, unless a word nearby says that it is a card's.

use std::ops::Range;

use super::brand::{DIGITS_MAX, DIGITS_MIN, is_card, is_gtin};
use super::context::is_named;
use super::groups::{Gap, Group, groups, is_grouping};
use super::{Fate, digit, inside, set};

/// Groups at least of which one can say that they count.
const COUNTED_MIN: usize = 4;

/// Marks all digits but the last four of every card number in folded `chars`; what `kept` covers stays.
pub(super) fn mark(chars: &[char], kept: &[Range<usize>], fates: &mut [Fate]) {
    if chars.iter().filter(|c| c.is_ascii_digit()).count() < DIGITS_MIN {
        return;
    }
    let groups = groups(chars, kept);
    for first in 0..groups.len() {
        let mut digits = Vec::with_capacity(DIGITS_MAX);
        for last in first..groups.len() {
            let Some(window) = groups.get(first..=last) else { break };
            let Some(group) = window.last() else { break };
            let joined = last == first || group.gap != Gap::Break;
            if !joined || DIGITS_MAX < digits.len() + group.len() {
                break;
            }
            digits.extend(values(chars, group.start..group.end));
            if DIGITS_MIN <= digits.len() && is_card(&digits) && is_written(chars, window) {
                hide(chars, window, fates);
            }
        }
    }
    for group in groups.iter().filter(|group| DIGITS_MIN < group.len()) {
        inside::mark(chars, group, fates);
    }
}

/// Digits that stand at `range`.
pub(super) fn values(chars: &[char], range: Range<usize>) -> impl Iterator<Item = u8> {
    chars.get(range).unwrap_or_default().iter().filter_map(|c| digit(*c))
}

/// Whether a card's number would be written so, and not something else.
fn is_written(chars: &[char], window: &[Group]) -> bool {
    let (Some(first), Some(last)) = (window.first(), window.last()) else { return false };
    let named = is_named(chars, first.start, last.end);
    let read = || !is_counting(chars, window) && !is_scanned(chars, window);
    is_grouping(window, named) && read() && (named || !is_article(chars, window))
}

/// Whether the digits are an article's number: alone, as EAN and UPC print it, or with a count behind it.
fn is_article(chars: &[char], window: &[Group]) -> bool {
    let sizes: Vec<usize> = window.iter().map(Group::len).collect();
    let all = || window.iter().flat_map(|group| values(chars, group.start..group.end));
    let printed = matches!(sizes[..], [13 | 14] | [1, 6, 6] | [1, 2, 5, 5, 1] | [1, 1, 6, 6]);
    if printed && is_gtin(&all().collect::<Vec<_>>()) {
        return true;
    }
    let counted = |group: &Group| {
        12 <= group.len() && is_gtin(&values(chars, group.start..group.end).collect::<Vec<_>>())
    };
    1 < window.len() && window.iter().any(counted)
}

/// Whether somebody counts: each group is one more than the one before.
fn is_counting(chars: &[char], window: &[Group]) -> bool {
    let value = |group: &Group| {
        values(chars, group.start..group.end)
            .fold(0_u64, |all, digit| all.saturating_mul(10).saturating_add(digit.into()))
    };
    let up = |pair: &[Group]| matches!(pair, [a, b] if value(a).checked_add(1) == Some(value(b)));
    COUNTED_MIN <= window.len() && window.windows(2).all(up)
}

/// Whether a scanner says that an article's number follows, though it misread a digit of it.
fn is_scanned(chars: &[char], window: &[Group]) -> bool {
    let [group] = window else { return false };
    let before = group.start.checked_sub(3).and_then(|from| chars.get(from..group.start));
    group.len() == 13 && matches!(before, Some([']', 'E', _]))
}

/// Hides the digits of `window` but the last four.
fn hide(chars: &[char], window: &[Group], fates: &mut [Fate]) {
    let (Some(first), Some(last)) = (window.first(), window.last()) else { return };
    hide_but_four(chars, first.start..last.end, fates);
}

/// Hides the digits of `range` but the last four.
pub(super) fn hide_but_four(chars: &[char], range: Range<usize>, fates: &mut [Fate]) {
    let is_digit = |at: &usize| chars.get(*at).is_some_and(char::is_ascii_digit);
    for at in range.filter(is_digit).rev().skip(4) {
        set(fates, at..at + 1, Fate::Mask);
    }
}
