//! Perl's classes without the tables of all scripts.
//!
//! `\w`, `\s`, `\d` and their opposites stand in nearly every pattern, often. As Unicode defines them they have
//! hundreds of ranges each, which makes a dialect's automata many times larger and slower than what a till can
//! print needs. Here a word is made of ASCII letters and digits, `_`, and blocks of letters of living scripts;
//! a space is a space, a tab, or one of the fixed-width ones; a digit is an ASCII digit. Signs, currency symbols,
//! bullets and brackets are no words, as before.

/// Letters and digits: Latin with accents, Greek to Georgian and beyond, kana, Han, Hangul and full-width forms.
const WORD: &[(u32, u32)] = &[
    (0x30, 0x39),
    (0x41, 0x5A),
    (0x5F, 0x5F),
    (0x61, 0x7A),
    (0xC0, 0xD6),
    (0xD8, 0xF6),
    (0xF8, 0x1FFF),
    (0x3005, 0x3007),
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

/// The pattern with its classes narrowed.
pub fn narrow(pattern: &str) -> String {
    let mut out = String::with_capacity(pattern.len() * 2);
    let mut depth = 0_usize;
    let mut chars = pattern.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => escape(chars.next(), depth > 0, &mut out),
            '[' => {
                depth += 1;
                out.push(c);
            }
            ']' => {
                depth = depth.saturating_sub(1);
                out.push(c);
            }
            _ => out.push(c),
        }
    }
    out
}

fn escape(letter: Option<char>, in_class: bool, out: &mut String) {
    let Some(letter) = letter else { return out.push('\\') };
    let ranges = match letter.to_ascii_lowercase() {
        'w' => WORD,
        's' => SPACE,
        'd' => DIGIT,
        _ => {
            out.push('\\');
            return out.push(letter);
        }
    };
    let not = letter.is_ascii_uppercase();
    out.push_str(match (in_class, not) {
        (true, false) => "",
        (true, true) => "[^",
        (false, false) => "[",
        (false, true) => "[^",
    });
    for (first, last) in ranges {
        out.push_str(&format!("\\u{{{first:x}}}-\\u{{{last:x}}}"));
    }
    if !in_class || not {
        out.push(']');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(pattern: &str, matches: &[&str], others: &[&str]) {
        let regex = regex::Regex::new(&format!("^(?:{})$", narrow(pattern))).unwrap();
        assert!(matches.iter().all(|text| regex.is_match(text)), "{pattern} {matches:?}");
        assert!(!others.iter().any(|text| regex.is_match(text)), "{pattern} {others:?}");
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
