//! Element strings (GS1 General Specifications): a card number as the value of an element whose
//! identifier is glued to it, where a reader would not find it by its digits alone.
//!
//! Elements of fixed length are stepped over; what follows the first identifier of variable length is its
//! value, to the next separator or the end.

use std::ops::Range;

use super::inside::TOUCHING;
use super::pan::{hide_but_four, values};
use super::{Fate, apply, brand, plain};

/// Identifiers of fixed length and the digits of their value. Source: GS1's table of predefined lengths.
const FIXED: &[(&str, usize)] = &[
    ("00", 18),
    ("01", 14),
    ("02", 14),
    ("03", 14),
    ("11", 6),
    ("12", 6),
    ("13", 6),
    ("15", 6),
    ("16", 6),
    ("17", 6),
    ("20", 2),
    ("31", 8),
    ("32", 8),
    ("33", 8),
    ("34", 8),
    ("35", 8),
    ("36", 8),
    ("41", 14),
];

/// Identifiers of variable length by their first digits, and the length of the identifier.
const VARIABLE: &[(&str, usize)] = &[
    ("10", 2),
    ("21", 2),
    ("22", 2),
    ("235", 3),
    ("24", 3),
    ("25", 3),
    ("30", 2),
    ("37", 2),
    ("39", 4),
    ("40", 3),
    ("42", 3),
    ("7", 4),
    ("80", 4),
    ("81", 4),
    ("82", 4),
    ("9", 2),
];

/// What AIM identifiers of codes that hold elements begin with.
const AIM: &[&str] = &["]C1", "]e0", "]d2", "]Q3", "]J1"];

/// FNC1 within an element string.
const SEPARATOR: char = '\u{1D}';

/// `data` with the card numbers among its elements hidden; all else as it is.
pub(super) fn redacted(symbology: &str, data: &str) -> String {
    let holds = symbology.starts_with("GS1")
        || matches!(symbology, "CODE128" | "DATAMATRIX" | "QR" | "DOTCODE");
    if AIM.iter().any(|aim| data.starts_with(aim)) || !holds {
        // The former are found in any text.
        return data.to_owned();
    }
    let all: Vec<char> = data.chars().collect();
    let mut fates = vec![Fate::Keep; all.len()];
    mark(&plain::fold(&all), 0..all.len(), &mut fates);
    apply(&all, &fates)
}

/// Marks the card numbers among the elements behind every identifier that a scanner sent.
pub(super) fn mark_scanned(chars: &[char], fates: &mut [Fate]) {
    for (at, head) in chars.windows(3).enumerate() {
        let same = |aim: &&str| aim.chars().eq(head.iter().copied());
        if head.first() == Some(&']') && AIM.iter().any(same) {
            let rest = chars.iter().skip(at);
            let end = at + rest.take_while(|c| **c != ' ' && **c != '\n').count();
            mark(chars, at + head.len()..end, fates);
        }
    }
}

/// Whether these digits read as element strings throughout, and begin with a number of goods whose check
/// digit holds.
pub(super) fn holds(digits: &[u8]) -> bool {
    let (key, length) = match digits {
        [0, 0, ..] => (digits.get(2..20), 20),
        [0, 1 | 2, ..] => (digits.get(2..16), 16),
        _ => return false,
    };
    let chars: Vec<char> =
        digits.iter().map(|d| char::from_digit((*d).into(), 10).unwrap_or('0')).collect();
    let whole = |at: usize| value(&chars, at).is_some_and(|value| value < chars.len());
    key.is_some_and(brand::has_gs1_check)
        && (digits.len() == length || ends_with_fixed(&chars, length) || whole(length))
}

/// Whether nothing but elements of fixed length stands from `at` to the end.
fn ends_with_fixed(chars: &[char], mut at: usize) -> bool {
    while let Some((_, length)) = FIXED.iter().find(|(id, _)| begins(chars.get(at..), id)) {
        at += 2 + length;
    }
    at == chars.len()
}

/// Marks the card numbers among the elements in `range` of folded `chars`.
pub(super) fn mark(all: &[char], range: Range<usize>, fates: &mut [Fate]) {
    let mut chars = all.get(..range.end).unwrap_or_default().to_vec();
    // Separators are control characters, which folding leaves alone, or what printers take for one.
    for at in range.clone() {
        if let Some([c @ '{', digit @ ('1' | '3')]) = chars.get_mut(at..).and_then(pair) {
            (*c, *digit) = (SEPARATOR, SEPARATOR);
        }
    }
    for c in &mut chars {
        *c = if c.is_control() { SEPARATOR } else { *c };
    }
    let mut at = range.start;
    while let Some(value) = value(&chars, at) {
        if let Some(end) = card(&chars, value) {
            hide_but_four(&chars, value..end, fates);
        }
        at = value + chars.iter().skip(value).take_while(|c| **c != SEPARATOR).count() + 1;
    }
}

fn pair(rest: &mut [char]) -> Option<&mut [char; 2]> {
    rest.first_chunk_mut()
}

/// Where the card number ends that begins at `start`: with its digits, or where another identifier follows,
/// because printers leave the separator out of what they are sent. Of the commonest kinds a few digits of what
/// followed may be left: a separator is half a command to a printer.
fn card(chars: &[char], start: usize) -> Option<usize> {
    let rest = chars.get(start..)?;
    let run = rest.iter().take_while(|c| c.is_ascii_digit()).count();
    let digits: Vec<u8> = values(chars, start..start + run).collect();
    let ends = |length: &usize| {
        let known = || FIXED.iter().chain(VARIABLE).any(|(id, _)| begins(rest.get(*length..), id));
        let touched =
            || run - length <= TOUCHING && digits.get(..*length).is_some_and(brand::is_common);
        digits.get(..*length).is_some_and(brand::is_card)
            && (*length == run || known() || touched())
    };
    (brand::DIGITS_MIN..=brand::DIGITS_MAX.min(run)).rev().find(ends).map(|length| start + length)
}

/// Where the next value of variable length begins.
fn value(chars: &[char], start: usize) -> Option<usize> {
    let mut at = start;
    loop {
        let rest = chars.get(at..).filter(|rest| !rest.is_empty())?;
        if rest.first() == Some(&SEPARATOR) {
            at += 1;
        } else if let Some((_, length)) =
            FIXED.iter().find(|(identifier, _)| begins(Some(rest), identifier))
        {
            at += 2 + length;
        } else {
            return VARIABLE
                .iter()
                .find(|(identifier, _)| begins(Some(rest), identifier))
                .map(|(_, length)| at + length);
        }
    }
}

fn begins(rest: Option<&[char]>, identifier: &str) -> bool {
    let same = identifier.chars().zip(rest.unwrap_or_default()).take_while(|(a, b)| a == *b);
    same.count() == identifier.len()
}
