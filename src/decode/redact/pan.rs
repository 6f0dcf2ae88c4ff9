//! Card numbers in text: digits that stand together, or in groups as someone would write them.
//!
//! Luhn's check alone would hit one digit run in eight of ordinary receipts, so a brand's prefix and length
//! are asked for as well. Digits may be grouped; a grouping counts if it is regular, or short and evenly
//! separated, but not where it reads as a row of amounts. A number that is an article's as well (GS1's check
//! digit) stays, unless a word nearby says that it is a card's.

use std::ops::Range;

use super::brand::{DIGITS_MAX, DIGITS_MIN, is_card, is_gtin};
use super::groups::{Gap, Group, groups, is_grouping};
use super::{Fate, digit, set};

/// Words that say "this is a card's number", in lower case.
const CARD_WORDS: &[&str] = &[
    "card", "karte", "kreditk", "kort", "kaart", "tarjeta", "carta", "carte", "cartao", "cartão",
    "visa", "diners", "maestro", "debit", "credit", "account",
];

/// How far before a number such a word may stand, and how far behind it, in characters.
const WORDS_BEFORE: usize = 40;
const WORDS_AFTER: usize = 24;

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
        within(chars, group, fates);
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
    is_grouping(window, named) && (named || !is_article(chars, window))
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

/// Whether a word near `start..end` names a card, with no other digit between.
fn is_named(chars: &[char], start: usize, end: usize) -> bool {
    let line = |c: &&char| **c != '\n';
    let before: Vec<char> =
        chars.get(start.saturating_sub(WORDS_BEFORE)..start).unwrap_or_default().to_vec();
    let from = before.iter().rposition(char::is_ascii_digit).map_or(0, |at| at + 1);
    let after = chars.get(end..).unwrap_or_default().iter().take(WORDS_AFTER).take_while(line);
    let after: String = after.take_while(|c| !c.is_ascii_digit()).collect();
    let before: String = before.get(from..).unwrap_or_default().iter().collect();
    [before, after].iter().any(|text| {
        let text = text.to_lowercase();
        CARD_WORDS.iter().any(|word| text.contains(word))
            || text.split(|c: char| !c.is_alphabetic()).any(|word| word == "pan")
    })
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

/// Card numbers that are a part of a run of digits: behind zeros that fill a field, behind the head of a
/// chip's data element (5Ah and its length), before the month of expiry.
fn within(chars: &[char], group: &Group, fates: &mut [Fate]) {
    let digits: Vec<u8> = values(chars, group.start..group.end).collect();
    let zeros = digits.iter().take_while(|d| **d == 0).count();
    let element = chars.get(group.start.saturating_sub(2)..group.start) == Some(&['5', 'A'])
        && matches!(digits[..], [0, 6..=9, ..]);
    // An article's number is filled with zeros too.
    let article = |zeros: usize| is_gtin(&digits) || digits.get(zeros..).is_some_and(is_gtin);
    let filled = 0 < zeros && (!article(zeros) || is_named(chars, group.start, group.end));
    let heads = [filled.then_some(zeros), element.then_some(2)];
    for head in heads.into_iter().flatten() {
        if digits.get(head..).is_some_and(is_card) {
            hide_but_four(chars, group.start + head..group.end, fates);
        }
    }
    let [number @ .., a, b, c, d] = &digits[..] else { return };
    let month = |tens: u8, ones: u8| (1..=12).contains(&(10 * tens + ones));
    let year = |tens: u8| (2..=4).contains(&tens);
    if is_card(number) && (month(*a, *b) && year(*c) || year(*a) && month(*c, *d)) {
        let end = group.start + number.len();
        hide_but_four(chars, group.start..end, fates);
        set(fates, end..group.end, Fate::Mask);
    }
}
