//! Numbers that a till has masked itself, but not enough: of a card no more than the first six digits and
//! the last four may be shown. What is masked well stays as it was printed.

use super::brand::{DIGITS_MAX, DIGITS_MIN, is_gtin, may_begin_card};
use super::pan::{hide_but_four, values};
use super::{Fate, set};

/// Digits at the front that may be shown.
const FRONT: usize = 6;

/// Mask characters in a row that make a number a masked one.
pub(super) const MASKED_MIN: usize = 2;

/// The same where the digits before them do not say that it is a card's.
const MASKED_ALONE: usize = 3;

/// Digits behind or before masks at least of which one may be hidden: four of those behind stay.
pub(super) const LEAST: usize = 5;

pub(super) fn is_mask(c: char) -> bool {
    matches!(c, '*' | 'x' | 'X' | '#' | '•' | '●' | '■' | '█')
}

/// Marks what is shown too much in folded `chars`.
pub(super) fn mark(chars: &[char], fates: &mut [Fate]) {
    if !chars.windows(MASKED_MIN).any(|row| row.iter().all(|c| is_mask(*c))) {
        return;
    }
    let mut at = 0;
    while let Some(start) = chars.iter().skip(at).position(|c| c.is_ascii_digit() || is_mask(*c)) {
        let start = at + start;
        let front = span(chars, start, |c| c.is_ascii_digit());
        let masked = span(chars, front, is_mask);
        let back = span(chars, masked, |c| c.is_ascii_digit());
        let within = |range: std::ops::Range<usize>| chars.get(range).unwrap_or_default().iter();
        let masks = within(front..masked).filter(|c| is_mask(**c)).count();
        let all = masks + values(chars, start..back).count();
        let framed = chars.get(back).is_some_and(|c| is_mask(*c));
        let least = if is_cards(chars, start..front, masked) { MASKED_MIN } else { MASKED_ALONE };
        if least <= masks && (DIGITS_MIN..=DIGITS_MAX).contains(&all) && !framed {
            cover(chars, [start, front, masked, back], fates);
        }
        let run = within(start..front).take_while(|c| c.is_ascii_digit()).count();
        at = if run == 0 { masked.max(start + 1) } else { start + run };
    }
}

/// Whether the digits of `front`, and the masks glued to them up to `masked`, are a card's by themselves: more
/// than a till may show, and no article's number with stars that say something of it.
fn is_cards(chars: &[char], front: std::ops::Range<usize>, masked: usize) -> bool {
    let glued = chars.get(front.end..masked).is_some_and(|masks| !masks.contains(&' '));
    let digits: Vec<u8> = values(chars, front).collect();
    glued && FRONT < digits.len() && !is_gtin(&digits)
}

/// Where what `belongs` ends; one space or dash may stand before each part of it.
fn span(chars: &[char], start: usize, belongs: impl Fn(char) -> bool) -> usize {
    let is = |at: usize| chars.get(at).is_some_and(|c| belongs(*c));
    let mut end = start;
    loop {
        let joined = matches!(chars.get(end), Some(' ' | '-'));
        end += match () {
            () if is(end) => 1,
            () if joined && is(end + 1) => 2,
            () => return end,
        };
    }
}

fn cover(chars: &[char], [start, front, masked, back]: [usize; 4], fates: &mut [Fate]) {
    let digits: Vec<u8> = values(chars, start..front).collect();
    if FRONT < digits.len() && may_begin_card(&digits) {
        let places = (start..front).filter(|at| chars.get(*at).is_some_and(char::is_ascii_digit));
        for at in places.skip(FRONT) {
            set(fates, at..at + 1, Fate::Mask);
        }
    }
    // Behind a mask alone the number stands close, or it is another one after a row of stars.
    if start < front || chars.get(masked..back).is_some_and(|text| !text.contains(&' ')) {
        hide_but_four(chars, masked..back, fates);
    }
}
