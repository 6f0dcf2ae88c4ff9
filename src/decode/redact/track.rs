//! Magnetic stripe data (ISO/IEC 7813): dropped whole, it may never be stored.
//!
//! Track 1 is `%B` number `^` name `^` data `?`; track 2 is `;` number `=` data `?`. Chips repeat track 2
//! without sentinels and with `D` for `=`. A missing end sentinel drops the rest.

use super::{Fate, digit, set};

/// Digits of a number on a stripe.
const NUMBER: std::ops::RangeInclusive<usize> = 12..=19;

/// Digits after the separator that make a track without a start sentinel: expiry and service code.
const DISCRETIONARY: usize = 7;

/// Marks every track; returns where one begins that has a start sentinel and no end.
pub(super) fn mark(chars: &[char], fates: &mut [Fate]) -> Option<usize> {
    let mut at = 0;
    while at < chars.len() {
        let rest = chars.get(at..).unwrap_or_default();
        let length = one(rest).or_else(|| two(rest)).unwrap_or(0);
        set(fates, at..at + length, Fate::Drop);
        let open = 0 < length && matches!(rest, ['%' | ';', ..]) && !rest.contains(&'?');
        if open && at + length == chars.len() {
            return Some(at);
        }
        // Within a run of digits only its start can begin a bare track.
        let step = rest.iter().take_while(|c| digit(**c).is_some()).count().max(1);
        at += length.max(step);
    }
    None
}

/// Track 1 at the start of `chars`.
fn one(chars: &[char]) -> Option<usize> {
    let ['%', 'B' | 'b', number @ ..] = chars else { return None };
    let name = number.iter().position(|c| digit(*c).is_none() && !c.is_whitespace())?;
    let digits = number.iter().take(name).filter(|c| digit(**c).is_some()).count();
    (NUMBER.contains(&digits) && number.get(name) == Some(&'^')).then(|| to_end_sentinel(chars))
}

/// Track 2 at the start of `chars`, with or without its sentinels.
fn two(chars: &[char]) -> Option<usize> {
    let number = chars.strip_prefix(&[';']).unwrap_or(chars);
    let start = chars.len() - number.len();
    let mut digits = 0;
    let mut length = 0;
    for c in number {
        match digit(*c) {
            Some(_) => digits += 1,
            // A line end may cut the number.
            None if *c == '\n' && 0 < digits => {}
            None => break,
        }
        length += 1;
    }
    if !NUMBER.contains(&digits) || !matches!(number.get(length), Some('=' | 'D' | 'd')) {
        return None;
    }
    let data = number.get(length + 1..).unwrap_or_default();
    let following = data.iter().take_while(|c| digit(**c).is_some() || **c == '\n').count();
    match start {
        1 if number.get(length) == Some(&'=') => Some(to_end_sentinel(chars)),
        _ if DISCRETIONARY <= following => Some(start + length + 1 + following),
        _ => None,
    }
}

/// Length up to and including `?`, or all.
fn to_end_sentinel(chars: &[char]) -> usize {
    chars.iter().position(|c| *c == '?').map_or(chars.len(), |end| end + 1)
}
