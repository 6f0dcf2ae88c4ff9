//! Magnetic stripe data (ISO/IEC 7813, track 3 of ISO/IEC 4909): dropped whole, it may never be stored.
//!
//! Track 1 is `%B` number `^` name `^` data `?`; tracks 2 and 3 are `;` number `=` data `?`. Chips repeat
//! track 2 without sentinels and with `D` for `=`, perhaps behind the head of the data element (57h and a
//! length). A missing end sentinel drops the rest; a beginning that got lost is known by what follows it.

use super::inside::is_expiry;
use super::pan::values;
use super::{Fate, brand, set};

/// Digits of a number behind a start sentinel; track 3 has two more in front.
const NUMBER: std::ops::RangeInclusive<usize> = NUMBER_MIN..=21;

/// Digits of a track's number at least.
pub(super) const NUMBER_MIN: usize = 12;

/// The same without one; the head of a chip's data element is four.
const BARE: std::ops::RangeInclusive<usize> = NUMBER_MIN..=23;

/// Digits after the separator that make a track without a start sentinel: expiry and service code.
const DISCRETIONARY: usize = 7;

/// The same where nothing but the end of a track is left.
pub(super) const TAIL: usize = 10;

/// Marks every track in folded `chars`; returns where one begins that has a start sentinel and no end.
pub(super) fn mark(chars: &[char], fates: &mut [Fate]) -> Option<usize> {
    let separates = |pair: &[char]| {
        matches!(pair, [_, '=' | '^'] | ['0'..='9' | '\n', 'D' | 'd'] | ['=' | '^', _])
    };
    if !chars.windows(2).any(separates) {
        return None;
    }
    let mut at = 0;
    while at < chars.len() {
        let rest = chars.get(at..).unwrap_or_default();
        let length = one(rest).or_else(|| two(rest)).or_else(|| tail(rest)).unwrap_or(0);
        set(fates, at..at + length, Fate::Drop);
        let open = 0 < length && matches!(rest, ['%' | ';' | '+', ..]) && !rest.contains(&'?');
        if open && at + length == chars.len() {
            return Some(at);
        }
        // Within a run of digits only its start can begin a bare track.
        let step = rest.iter().take_while(|c| c.is_ascii_digit()).count().max(1);
        at += length.max(step);
    }
    None
}

/// Track 1 at the start of `chars`, with or without its start sentinel.
fn one(chars: &[char]) -> Option<usize> {
    let (['%', 'B' | 'b', number @ ..] | ['B' | 'b', number @ ..]) = chars else { return None };
    let name = number.iter().position(|c| !c.is_ascii_digit() && !c.is_whitespace())?;
    let digits = number.iter().take(name).filter(|c| c.is_ascii_digit()).count();
    (NUMBER.contains(&digits) && number.get(name) == Some(&'^')).then(|| to_end_sentinel(chars))
}

/// Track 2 or 3 at the start of `chars`, with or without its sentinels.
fn two(chars: &[char]) -> Option<usize> {
    let number = chars.strip_prefix(&[';']).or_else(|| chars.strip_prefix(&['+'])).unwrap_or(chars);
    let start = chars.len() - number.len();
    let (digits, length) = number_at(number);
    let separator = number.get(length)?;
    if !matches!(separator, '=' | 'D' | 'd') {
        return None;
    }
    let data = number.get(length + 1..).unwrap_or_default();
    let following =
        data.iter().take_while(|c| c.is_ascii_digit() || matches!(c, '\n' | '=')).count();
    match start {
        1 if *separator == '=' && NUMBER.contains(&digits) => Some(to_end_sentinel(chars)),
        _ if BARE.contains(&digits) && DISCRETIONARY <= following => {
            Some(start + length + 1 + following)
        }
        _ if ends_in_card(chars, start + length) => Some(start + length + 1 + following),
        _ => None,
    }
}

/// Whether a card's number ends at the separator `at`, and the month of its expiry follows: a chip may keep
/// nothing more, and other elements may stand before it.
fn ends_in_card(chars: &[char], at: usize) -> bool {
    let digits = chars.get(..at).unwrap_or_default();
    let run = digits.iter().rev().take_while(|c| c.is_ascii_digit()).count();
    let digits: Vec<u8> = values(chars, at - run..at).collect();
    let behind = chars.iter().skip(at + 1).take_while(|c| c.is_ascii_digit()).count();
    let behind: Vec<u8> = values(chars, at + 1..at + 1 + behind).collect();
    let card = |count: usize| digits.len().checked_sub(count).and_then(|from| digits.get(from..));
    is_expiry(&behind)
        && (brand::DIGITS_MIN..=brand::DIGITS_MAX).filter_map(card).any(brand::is_card)
}

/// Digits at the start of `chars` and the characters they take: a line end may cut the number, and single
/// spaces or dashes may group it.
fn number_at(chars: &[char]) -> (usize, usize) {
    let digit = |at: usize| chars.get(at).is_some_and(char::is_ascii_digit);
    let (mut digits, mut length) = (0, 0);
    loop {
        match chars.get(length) {
            Some(_) if digit(length) => digits += 1,
            Some('\n') if 0 < digits => {}
            Some(' ' | '-') if 0 < digits && digit(length + 1) && digit(length - 1) => {}
            _ => return (digits, length),
        }
        length += 1;
    }
}

/// What is left of a track whose beginning was lost: a separator, many digits, the end sentinel.
fn tail(chars: &[char]) -> Option<usize> {
    let number = chars.iter().take_while(|c| c.is_ascii_digit()).count();
    let ['=' | '^', data @ ..] = chars.get(number..)? else { return None };
    let following = data.iter().take_while(|c| c.is_ascii_digit() || **c == '\n').count();
    let ends = data.get(following) == Some(&'?');
    (ends && TAIL <= following).then_some(number + 1 + following + 1)
}

/// Length up to and including `?`, or all.
fn to_end_sentinel(chars: &[char]) -> usize {
    chars.iter().position(|c| *c == '?').map_or(chars.len(), |end| end + 1)
}
