//! Digits of other scripts, read as 0 to 9.
//!
//! Patterns, amounts and dates know 0 to 9 only. A line with other digits is read as if it had these; its Arabic
//! decimal sign is then the locale's own, and its Arabic separator of thousands is left out.

use std::borrow::Cow;

/// The zero of each script whose digits a till may print; nine more follow it. Full-width digits are not among them:
/// they stand in names.
const ZEROS: [u32; 16] = [
    0x0660, 0x06F0, 0x0966, 0x09E6, 0x0A66, 0x0AE6, 0x0B66, 0x0BE6, 0x0C66, 0x0CE6, 0x0D66, 0x0E50,
    0x0ED0, 0x0F20, 0x1040, 0x17E0,
];

const DECIMAL: char = '٫';
const GROUP: char = '٬';

/// A line with digits that patterns know.
#[must_use]
pub fn plain(line: &str, decimal: char) -> Cow<'_, str> {
    if line.is_ascii() || !line.chars().any(|c| digit(c).is_some()) {
        return Cow::Borrowed(line);
    }
    let one = |c: char| match c {
        DECIMAL => Some(decimal),
        GROUP => None,
        c => Some(digit(c).unwrap_or(c)),
    };
    Cow::Owned(line.chars().filter_map(one).collect())
}

/// Whether `read` is what was made of `printed`, in a locale of either sign.
#[must_use]
pub fn is_plain_of(read: &str, printed: &str) -> bool {
    read == printed || ['.', ','].iter().any(|sign| plain(printed, *sign) == read)
}

fn digit(c: char) -> Option<char> {
    let code = u32::from(c);
    let zero = ZEROS.iter().rev().find(|zero| **zero <= code)?;
    char::from_digit(code - zero, 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_of_other_scripts_are_read_and_nothing_else_changes() {
        let check = |line: &str, expected: &str| assert_eq!(plain(line, ','), expected);
        check("الإجمالي   ١٬٠٨٢٫٩٥", "الإجمالي   1082,95");
        check("۱۲/۰۳", "12/03");
        check("चाय २ ५०", "चाय 2 50");
        check("TEE 2,50 ü", "TEE 2,50 ü");
        check("ＴＥＡ ２", "ＴＥＡ ２");
        check("A٫B", "A٫B");
        assert!(is_plain_of("شاي 2.50", "شاي ٢٫٥٠") && !is_plain_of("شاي 3.50", "شاي ٢٫٥٠"));
    }
}
