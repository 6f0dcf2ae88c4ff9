//! Card numbers that are a part of a longer run of digits.
//!
//! A run of twenty digits has thirty places and lengths for a card's number, and one run in three has one that
//! passes by chance. So a part is hidden only where something says that it is one:
//!
//! - zeros that fill a field stand before it, and nothing behind;
//! - its length stands before it, as in messages of payments (ISO 8583: `16` and sixteen digits);
//! - the month of expiry stands behind it, with anything after that;
//! - a date stands before it, and nothing or a time behind;
//! - a word nearby names a card;
//! - a few digits touch one end of it, and it is of the commonest kinds: unless a word says what else the run
//!   is. About one run in twenty of 17 to 20 digits is hidden so by chance, as of those that are no longer.
//!
//! What reads as element strings of GS1 throughout is left to [`element`]. A chip's data (EMV, BER-TLV) is read
//! byte by byte: `5A`, a length, the number in as many bytes.

use super::brand::{DIGITS_MAX, DIGITS_MIN, is_card, is_common, is_gtin, may_begin_card};
use super::context::{is_named, is_other};
use super::groups::Group;
use super::pan::{hide_but_four, values};
use super::{Fate, element, set};

/// Digits that may touch a number where nothing else says that it is one.
pub(super) const TOUCHING: usize = 4;

/// Digits before a number of any brand at most, where the last of them tell its length.
const LENGTH_DIGITS: usize = 4;

/// A run of digits, and what is said of it.
struct Run<'d> {
    digits: &'d [u8],
    named: bool,
    other: bool,
}

/// Marks the card numbers within `group`.
pub(super) fn mark(chars: &[char], group: &Group, fates: &mut [Fate]) {
    let digits: Vec<u8> = values(chars, group.start..group.end).collect();
    if element::holds(&digits) {
        return element::mark(chars, group.start..group.end, fates);
    }
    let other = is_other(chars, group.start);
    let named = is_named(chars, group.start, group.end) && !other;
    let run = Run { digits: &digits, named, other };
    for at in 0..=digits.len().saturating_sub(DIGITS_MIN) {
        if !digits.get(at..).is_some_and(may_begin_card) {
            continue;
        }
        for length in DIGITS_MIN..=DIGITS_MAX.min(digits.len() - at) {
            if run.is_likely(at, length) {
                let start = group.start + at;
                hide_but_four(chars, start..start + length, fates);
                if is_expiry(digits.get(at + length..).unwrap_or_default()) {
                    set(fates, start + length..group.end, Fate::Mask);
                }
            }
        }
    }
}

impl Run<'_> {
    /// Whether `length` digits at `at` are a card's number, by what stands around them.
    fn is_likely(&self, at: usize, length: usize) -> bool {
        let Some((front, rest)) = self.digits.split_at_checked(at) else { return false };
        let Some((number, back)) = rest.split_at_checked(length) else { return false };
        if front.is_empty() && back.is_empty() || !is_card(number) {
            return false;
        }
        let common = is_common(number);
        let zeros = !front.is_empty() && front.iter().all(|digit| *digit == 0);
        let told = front.last_chunk().is_some_and(|[a, b]| usize::from(10 * a + b) == length);
        let told = told && (front.len() <= LENGTH_DIGITS || common);
        let expiry = is_expiry(back) && (front.is_empty() || zeros || told || common);
        let filled = zeros && back.is_empty() && (self.named || !self.is_article(number));
        let dated = is_date(front) && (back.is_empty() || is_time(back));
        let edge = front.is_empty() || back.is_empty();
        let touched = edge && front.len() + back.len() <= TOUCHING;
        let named = self.named && (touched || common);
        // Mastercard's newer numbers read as the dates of these years that receipts' numbers are made of.
        let date = matches!(number, [2, ..]) && number.get(..6).is_some_and(is_date);
        let alone = touched && common && !date && !self.other;
        told || expiry || filled || dated || named || alone
    }

    /// An article's number is filled with zeros too.
    fn is_article(&self, number: &[u8]) -> bool {
        is_gtin(self.digits) || is_gtin(number)
    }
}

/// Marks the numbers in a chip's data elements (tag `5A`) in folded `chars`: hexadecimal digits, filled up
/// with `F` to whole bytes.
pub(super) fn mark_elements(chars: &[char], fates: &mut [Fate]) {
    for (at, head) in chars.windows(4).enumerate() {
        let ['5', 'A' | 'a', tens, ones] = head else { continue };
        let (Some(tens), Some(ones)) = (tens.to_digit(16), ones.to_digit(16)) else { continue };
        let (start, room) = (at + head.len(), 2 * (16 * tens + ones) as usize);
        let value = chars.get(start..start + room).unwrap_or_default();
        let count = value.iter().take_while(|c| c.is_ascii_digit()).count();
        let filled = value.iter().skip(count).all(|c| matches!(c, 'F' | 'f'));
        let digits: Vec<u8> = values(chars, start..start + count).collect();
        if filled && is_card(&digits) {
            hide_but_four(chars, start..start + count, fates);
        }
    }
}

/// Whether a month of expiry comes next: year and month, or month and year.
pub(super) fn is_expiry(digits: &[u8]) -> bool {
    let month = |tens: u8, ones: u8| (1..=12).contains(&(10 * tens + ones));
    let year = |tens: u8| (2..=4).contains(&tens);
    matches!(digits, [a, b, c, d, ..] if month(*a, *b) && year(*c) || year(*a) && month(*c, *d))
}

/// Whether these digits are a date, perhaps with a time: `20261121`, `21112026`, `261121`, `20261121140500`.
fn is_date(digits: &[u8]) -> bool {
    let date = |year: u8, month: u8, day: u8| {
        (20..50).contains(&year) && (1..=12).contains(&month) && (1..=31).contains(&day)
    };
    let (pairs, _) = digits.as_chunks::<2>();
    let pairs: Vec<u8> = pairs.iter().map(|[tens, ones]| 10 * tens + ones).collect();
    match (digits.len(), &pairs[..]) {
        (6, [year, month, day]) => date(*year, *month, *day),
        (8, [20, year, month, day]) => date(*year, *month, *day),
        (8, [day, month, 20, year]) => date(*year, *month, *day),
        (14, [20, year, month, day, ..]) => {
            date(*year, *month, *day) && digits.get(8..).is_some_and(is_time)
        }
        _ => false,
    }
}

/// Whether these digits are a time of day, with or without seconds.
fn is_time(digits: &[u8]) -> bool {
    let (pairs, _) = digits.as_chunks::<2>();
    let within = |([tens, ones], limit): (&[u8; 2], u8)| 10 * tens + ones < limit;
    matches!(digits.len(), 4 | 6) && pairs.iter().zip([24, 60, 60]).all(within)
}
