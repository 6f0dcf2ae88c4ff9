//! Perl's classes without the tables of all scripts.
//!
//! `\w`, `\s`, `\d` and their opposites stand in nearly every pattern, often. As Unicode defines them they have
//! hundreds of ranges each, which makes a dialect's automata many times larger and slower than what a till can
//! print needs. Here a word is made of ASCII letters and digits, `_`, and blocks of letters of living scripts;
//! a space is a space, a tab, or one of the fixed-width ones; a digit is an ASCII digit. Signs, currency symbols,
//! bullets and brackets are no words, as before.

use std::fmt::Write as _;

/// Letters and digits: Latin with accents, Greek to Georgian and beyond, kana, Han, Hangul and full-width forms.
const WORD: &[(u32, u32)] = &[
    (0x30, 0x39),
    (0x41, 0x5A),
    (0x5F, 0x5F),
    (0x61, 0x7A),
    (0xC0, 0xD6),
    (0xD8, 0xF6),
    (0xF8, 0x1FFF),
    (0x3041, 0x30FA),
    (0x30FC, 0xD7FF),
    (0xFF10, 0xFF19),
    (0xFF21, 0xFF3A),
    (0xFF41, 0xFF5A),
    (0xFF66, 0xFFDC),
];
const SPACE: &[(u32, u32)] = &[
    (0x09, 0x0D),
    (0x20, 0x20),
    (0xA0, 0xA0),
    (0x2000, 0x200A),
    (0x202F, 0x202F),
    (0x3000, 0x3000),
];
const DIGIT: &[(u32, u32)] = &[(0x30, 0x39)];

/// The pattern with its classes narrowed. Where a class has no letters of its own it is exempt from folding
/// case, which would drag in single letters of many blocks.
pub fn narrow(pattern: &str) -> String {
    let mut out = String::with_capacity(pattern.len() * 2);
    let mut rest = pattern;
    while let Some(at) = rest.find(['\\', '[']) {
        let (before, from) = rest.split_at(at);
        out.push_str(before);
        let length = if from.starts_with('[') { bracket(from) } else { escape_length(from) };
        let (piece, behind) = from.split_at(length);
        match piece.strip_prefix('[') {
            Some(_) if has_letters(piece) => inside(piece, &mut out),
            Some(_) => {
                out.push_str("(?-i:");
                inside(piece, &mut out);
                out.push(')');
            }
            None => match ranges(piece) {
                Some((ranges, not)) => {
                    out.push_str(if not { "(?-i:[^" } else { "(?-i:[" });
                    push(ranges, &mut out);
                    out.push_str("])");
                }
                None => out.push_str(piece),
            },
        }
        rest = behind;
    }
    out.push_str(rest);
    out
}

/// Bytes of the escape that `text` begins with.
fn escape_length(text: &str) -> usize {
    1 + text.chars().nth(1).map_or(0, char::len_utf8)
}

/// Bytes of the bracketed class that `text` begins with; all of it where the end is missing.
fn bracket(text: &str) -> usize {
    let (mut depth, mut escaped) = (0_usize, false);
    for (at, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '[' => depth += 1,
            ']' if at > 0 => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 {
            return at + c.len_utf8();
        }
    }
    text.len()
}

/// Whether a bracketed class names letters itself.
fn has_letters(class: &str) -> bool {
    let mut escaped = false;
    class.chars().any(|c| {
        let letter = c.is_alphabetic() && !escaped;
        escaped = c == '\\' && !escaped;
        letter
    })
}

/// A bracketed class with the classes in it written out.
fn inside(class: &str, out: &mut String) {
    let mut rest = class;
    while let Some(at) = rest.find('\\') {
        let (before, from) = rest.split_at(at);
        let (piece, behind) = from.split_at(escape_length(from));
        out.push_str(before);
        match ranges(piece) {
            Some((ranges, false)) => push(ranges, out),
            Some((ranges, true)) => {
                out.push_str("[^");
                push(ranges, out);
                out.push(']');
            }
            None => out.push_str(piece),
        }
        rest = behind;
    }
    out.push_str(rest);
}

/// What an escape stands for, and whether for its opposite; `None` for any other escape.
fn ranges(escape: &str) -> Option<(&'static [(u32, u32)], bool)> {
    Some(match escape {
        "\\w" => (WORD, false),
        "\\W" => (WORD, true),
        "\\s" => (SPACE, false),
        "\\S" => (SPACE, true),
        "\\d" => (DIGIT, false),
        "\\D" => (DIGIT, true),
        _ => return None,
    })
}

fn push(ranges: &[(u32, u32)], out: &mut String) {
    for (first, last) in ranges {
        // Writing to a string cannot fail.
        let _ = write!(out, "\\u{{{first:x}}}-\\u{{{last:x}}}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::dialect::engine::Engine;

    fn check(pattern: &str, matches: &[&str], others: &[&str]) {
        let hir = regex_syntax::parse(&format!("^(?:{})$", narrow(pattern))).unwrap();
        let engine = Engine::new(&hir).unwrap();
        assert!(matches.iter().all(|text| engine.is_match(text)), "{pattern} {matches:?}");
        assert!(!others.iter().any(|text| engine.is_match(text)), "{pattern} {others:?}");
    }

    #[test]
    fn letters_of_living_scripts_are_words_and_signs_are_not() {
        check(
            r"\w+",
            &["Süß", "Ελλάδα", "Молоко", "お茶", "合計", "ｺｰﾋｰ", "１２"],
            &["€", "×", "•", "a b"],
        );
        check(r"\W", &["€", "×", "•", " ", "-", "、"], &["ß", "7", "_", "計"]);
        check(r"[^\W\d_]{2}", &["ab", "äö", "お茶"], &["a1", "a_", "a-"]);
    }

    #[test]
    fn spaces_and_digits_and_their_opposites() {
        check(r"\s", &[" ", "\t", "\u{a0}", "\u{3000}"], &["x", "_"]);
        check(r"\S\D", &["ab", "1b"], &[" b", "a1"]);
        check(r"[\s-]\d", &["-1", " 1"], &["x1", "-x"]);
        check(r"[\D]\[\\", &["x[\\"], &["1[\\"]);
    }
}
