//! Element strings (GS1 General Specifications): a card number as the value of an element whose
//! identifier is glued to it, where a reader would not find it by its digits alone.
//!
//! Elements of fixed length are stepped over; what follows the first identifier of variable length is its
//! value, to the next separator or the end.

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
    let aim = AIM.iter().find_map(|aim| data.strip_prefix(aim));
    let holds = symbology.starts_with("GS1")
        || matches!(symbology, "CODE128" | "DATAMATRIX" | "QR" | "DOTCODE");
    if aim.is_none() && !holds {
        return data.to_owned();
    }
    let all: Vec<char> = data.chars().collect();
    let mut chars = plain::fold(&all);
    // Separators are control characters, which folding leaves alone, or what printers take for one.
    for at in 0..chars.len() {
        if matches!(chars.get(at..), Some(['{', '1' | '3', ..])) {
            chars.splice(at..at + 2, [SEPARATOR; 2]);
        }
    }
    for c in &mut chars {
        *c = if c.is_control() { SEPARATOR } else { *c };
    }
    let mut fates = vec![Fate::Keep; chars.len()];
    let mut at = if aim.is_some() { 3 } else { 0 };
    while let Some(value) = value(&chars, at) {
        if let Some(end) = card(&chars, value) {
            hide_but_four(&chars, value..end, &mut fates);
        }
        at = value + chars.iter().skip(value).take_while(|c| **c != SEPARATOR).count() + 1;
    }
    apply(&all, &fates)
}

/// Where the card number ends that begins at `start`: with its digits, or where another identifier follows,
/// because printers leave the separator out of what they are sent.
fn card(chars: &[char], start: usize) -> Option<usize> {
    let rest = chars.get(start..)?;
    let run = rest.iter().take_while(|c| c.is_ascii_digit()).count();
    let digits: Vec<u8> = values(chars, start..start + run).collect();
    let ends = |length: &usize| {
        let known = || FIXED.iter().chain(VARIABLE).any(|(id, _)| begins(rest.get(*length..), id));
        digits.get(..*length).is_some_and(brand::is_card) && (*length == run || known())
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
