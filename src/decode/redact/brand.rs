//! What makes digits a card number: a brand's prefix with a length that brand issues, and Luhn's check.

/// Shortest card number. Maestro's of twelve digits are not issued any more.
pub(super) const DIGITS_MIN: usize = 13;

/// Longest card number (ISO/IEC 7812).
pub(super) const DIGITS_MAX: usize = 19;

/// First and last prefix (compared over the prefix's own length), shortest and longest number.
///
/// Source: the ranges that the brands publish for acquirers, as the table "Payment card number" of
/// Wikipedia and the open list `braintree/credit-card-type` collect them. Where a range is shared or has
/// moved the wider one stands here: a number more that is hidden is better than one less. Closed systems
/// (fuel and gift cards beginning with 7, airlines with 1) are no payment cards in the sense of PCI DSS.
const BRANDS: &[(u32, u32, usize, usize)] = &[
    (4, 4, 13, 13), // Visa
    (4, 4, 16, 16),
    (4, 4, 18, 19),
    (51, 55, 16, 16), // Mastercard
    (2221, 2720, 16, 16),
    (34, 34, 15, 15), // American Express
    (37, 37, 15, 15),
    (300, 305, 14, 19), // Diners Club
    (3095, 3095, 14, 19),
    (36, 36, 14, 19),
    (38, 39, 14, 19),
    (6011, 6011, 16, 19), // Discover
    (644, 649, 16, 19),
    (65, 65, 16, 19),
    (3528, 3589, 16, 19), // JCB
    (1800, 1800, 15, 15),
    (2131, 2131, 15, 15),
    (62, 62, 16, 19), // UnionPay
    (81, 81, 16, 19),
    (50, 50, 13, 19), // Maestro, Dankort, Verve, Elo, girocard
    (56, 59, 13, 19),
    (60, 60, 13, 19), // RuPay, Hipercard
    (63, 63, 13, 19),
    (67, 69, 13, 19),
    (82, 82, 16, 16),
    (2200, 2205, 16, 19), // Mir, Borica
    (8600, 8600, 16, 16), // Uzcard
    (9112, 9112, 16, 16), // Belkart
    (9704, 9704, 16, 19), // Napas
    (9792, 9792, 16, 16), // Troy
    (9860, 9860, 16, 16), // Humo
];

/// Whether a card may have this number.
pub(super) fn is_card(digits: &[u8]) -> bool {
    let issued = |(low, high, shortest, longest): &(u32, u32, usize, usize)| {
        (*shortest..=*longest).contains(&digits.len()) && begins(digits, *low, *high)
    };
    BRANDS.iter().any(issued) && passes_luhn(digits)
}

/// Whether a card of the commonest kinds may have this number: Visa's and Mastercard's of sixteen digits,
/// American Express'.
pub(super) fn is_common(digits: &[u8]) -> bool {
    let kinds: &[(u32, u32)] = match digits.len() {
        16 => &[(4, 4), (51, 55), (2221, 2720)],
        15 => &[(34, 34), (37, 37)],
        _ => &[],
    };
    kinds.iter().any(|(low, high)| begins(digits, *low, *high)) && passes_luhn(digits)
}

/// Whether the number of a card may begin with these digits, of which there are four at least.
pub(super) fn may_begin_card(digits: &[u8]) -> bool {
    BRANDS.iter().any(|(low, high, ..)| begins(digits, *low, *high))
}

fn begins(digits: &[u8], low: u32, high: u32) -> bool {
    let length = low.ilog10() as usize + 1;
    let prefix = digits.iter().take(length).fold(0, |value, d| value * 10 + u32::from(*d));
    (low..=high).contains(&prefix)
}

fn passes_luhn(digits: &[u8]) -> bool {
    let weighted = digits.iter().rev().enumerate().map(|(place, d)| match (place % 2, d * 2) {
        (0, _) => *d,
        (_, double) if double > 9 => double - 9,
        (_, double) => double,
    });
    weighted.map(u32::from).sum::<u32>() % 10 == 0
}

/// Whether GS1 may have given this number to an article: length 8, 12, 13 or 14 and its check digit.
pub(super) fn is_gtin(digits: &[u8]) -> bool {
    matches!(digits.len(), 8 | 12..=14) && has_gs1_check(digits)
}

/// Whether GS1's check digit holds.
pub(super) fn has_gs1_check(digits: &[u8]) -> bool {
    let places = digits.iter().rev().enumerate();
    let weighted = places.map(|(place, d)| u32::from(*d) * (1 + 2 * (place as u32 % 2)));
    weighted.sum::<u32>() % 10 == 0
}
