//! Values of fields: packed decimal numbers, text, and what may be seen of a card number.

use crate::decode::codepage::CodePage;
use crate::decode::redact;

/// The number that the half bytes of `bytes` are the digits of.
pub(super) fn decimal(bytes: &[u8]) -> Option<i64> {
    halves(bytes).try_fold(0i64, |sum, digit| {
        let digit = (digit < 10).then_some(i64::from(digit))?;
        sum.checked_mul(10)?.checked_add(digit)
    })
}

/// The same for numbers of few digits.
pub(super) fn small(bytes: &[u8]) -> Option<u32> {
    decimal(bytes).and_then(|number| u32::try_from(number).ok())
}

/// The digits themselves, leading zeros kept.
pub(super) fn digits(bytes: &[u8]) -> Option<String> {
    halves(bytes).map(|half| char::from_digit(u32::from(half), 10)).collect()
}

/// What may be known of the card number in a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum CardNumber {
    /// The terminal hid the rest.
    Last4(String),
    /// All of it is there, so nothing of it is taken.
    Clear,
    /// No number.
    Nothing,
}

/// Half bytes: digits, E for a digit that is hidden, F behind the last of an odd number.
pub(super) fn card_number(bytes: &[u8]) -> CardNumber {
    let mut number: Vec<u8> = halves(bytes).collect();
    if number.last() == Some(&0x0F) {
        number.pop();
    }
    let hidden = number.iter().any(|half| *half > 9);
    // Shortened numbers are the last four digits, or the first six and the last four.
    if !hidden && !matches!(number.len(), 4 | 10) {
        return if number.is_empty() { CardNumber::Nothing } else { CardNumber::Clear };
    }
    let last4 = number.len().checked_sub(4).and_then(|from| number.get(from..)).unwrap_or_default();
    let last4: Option<String> =
        last4.iter().map(|half| char::from_digit(u32::from(*half), 10)).collect();
    match last4 {
        Some(digits) if !digits.is_empty() => CardNumber::Last4(digits),
        _ => CardNumber::Nothing,
    }
}

/// Text without control bytes, one byte a character. Not redacted.
pub(super) fn raw_text(bytes: &[u8], page: &CodePage) -> String {
    let character = |byte: &u8| match byte {
        0x00..0x20 | 0x7F => None,
        0x20..0x7F => Some(char::from(*byte)),
        high => Some(page.high(*high).unwrap_or('\u{FFFD}')),
    };
    bytes.iter().filter_map(character).collect()
}

/// A name, redacted; `None` if it is blank.
pub(super) fn name(bytes: &[u8], page: &CodePage) -> Option<String> {
    let text = redact::text(raw_text(bytes, page).trim());
    (!text.is_empty()).then_some(text)
}

fn halves(bytes: &[u8]) -> impl Iterator<Item = u8> {
    bytes.iter().flat_map(|byte| [byte >> 4, byte & 0x0F])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_packed_decimals() {
        assert_eq!(decimal(&[0x00, 0x00, 0x00, 0x00, 0x25, 0x00]), Some(2500));
        assert_eq!(decimal(&[0x00, 0x0A]), None);
        assert_eq!(decimal(&[0x99; 12]), None);
        assert_eq!(digits(&[0x00, 0x17]), Some("0017".to_owned()));
    }

    fn check(bytes: &[u8], expected: &CardNumber) {
        assert_eq!(card_number(bytes), *expected, "{bytes:02x?}");
    }

    #[test]
    fn only_a_hidden_or_shortened_card_number_shows_its_end() {
        let last4 = |digits: &str| CardNumber::Last4(digits.to_owned());
        check(&[0x55, 0x98, 0x83, 0xEE, 0xEE, 0xEE, 0x80, 0x74], &last4("8074"));
        check(&[0xEE, 0xEE, 0xEE, 0x12, 0x34, 0x5F], &last4("2345"));
        check(&[0x12, 0x34], &last4("1234"));
        check(&[0x41, 0x11, 0x11, 0x12, 0x34], &last4("1234"));
        check(&[0x41, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11], &CardNumber::Clear);
        check(&[0x41, 0x11, 0x11, 0xEE], &CardNumber::Nothing);
        check(&[0xEE, 0xE1], &CardNumber::Nothing);
        check(&[], &CardNumber::Nothing);
    }
}
