//! Security codes: three or four digits behind a label that names them.

use super::{Fate, digit, set};

/// Labels in lower case, the longer of two that start alike first.
const LABELS: &[&str] = &[
    "card verification",
    "card security",
    "security code",
    "cvv2",
    "cvc2",
    "cvv",
    "cvc",
    "cid",
    "csc",
    "cav2",
];

/// Words that may stand between a label and the digits.
const FILLERS: &[&str] = &["code", "value", "number", "no", "is"];

/// Characters that may stand there.
const PUNCTUATION: &[char] = &[' ', '\n', ':', '=', '#', '.', '-', '(', ')', '/', '\u{FF1A}'];

/// Marks the digits of every labelled code.
pub(super) fn mark(chars: &[char], fates: &mut [Fate]) {
    for at in 0..chars.len() {
        let starts_word = at
            .checked_sub(1)
            .and_then(|before| chars.get(before))
            .is_none_or(|c| !c.is_alphabetic());
        let Some(label) =
            LABELS.iter().filter(|_| starts_word).find_map(|label| word(chars, at, label))
        else {
            continue;
        };
        let mut digits = label;
        loop {
            digits += chars.iter().skip(digits).take_while(|c| PUNCTUATION.contains(c)).count();
            match FILLERS.iter().find_map(|filler| word(chars, digits, filler)) {
                Some(after) => digits = after,
                None => break,
            }
        }
        let count = chars.iter().skip(digits).take_while(|c| digit(**c).is_some()).count();
        if matches!(count, 3 | 4) {
            set(fates, digits..digits + count, Fate::Mask);
        }
    }
}

/// Where `label` ends if it stands at `at` and no longer word does.
fn word(chars: &[char], at: usize, label: &str) -> Option<usize> {
    let rest = chars.get(at..)?;
    let end = at + label.len();
    let same = rest.len() >= label.len()
        && rest.iter().zip(label.chars()).all(|(c, l)| c.to_ascii_lowercase() == l);
    (same && chars.get(end).is_none_or(|c| !c.is_alphabetic())).then_some(end)
}
