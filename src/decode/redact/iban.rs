//! Account numbers (IBAN, ISO 13616): no card data, so they stay. Their groups of four digits may look like
//! a card's, and a receipt of a transfer or a refund would lose half of one.
//!
//! Only a country's own length with a right check (ISO 7064, modulo 97) counts.

use std::ops::Range;

/// Country and length. Source: the IBAN registry that SWIFT publishes.
const COUNTRIES: &[(&str, usize)] = &[
    ("AT", 20),
    ("BE", 16),
    ("BG", 22),
    ("CH", 21),
    ("CY", 28),
    ("CZ", 24),
    ("DE", 22),
    ("DK", 18),
    ("EE", 20),
    ("ES", 24),
    ("FI", 18),
    ("FR", 27),
    ("GB", 22),
    ("GR", 27),
    ("HR", 21),
    ("HU", 28),
    ("IE", 22),
    ("IS", 26),
    ("IT", 27),
    ("LI", 21),
    ("LT", 20),
    ("LU", 20),
    ("LV", 21),
    ("MC", 27),
    ("MT", 31),
    ("NL", 18),
    ("NO", 15),
    ("PL", 28),
    ("PT", 25),
    ("RO", 24),
    ("RS", 22),
    ("SE", 24),
    ("SI", 19),
    ("SK", 24),
    ("SM", 27),
    ("TR", 26),
];

/// Where account numbers stand in folded `chars`, one behind the other.
pub(super) fn find(chars: &[char]) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = Vec::new();
    for (at, pair) in chars.windows(2).enumerate() {
        let [first, second] = pair else { continue };
        let begins = first.is_ascii_uppercase()
            && second.is_ascii_uppercase()
            && found.last().is_none_or(|last| last.end <= at)
            && at
                .checked_sub(1)
                .and_then(|before| chars.get(before))
                .is_none_or(|c| !c.is_alphanumeric());
        if !begins {
            continue;
        }
        let country =
            COUNTRIES.iter().find(|(country, _)| country.chars().eq(pair.iter().copied()));
        if let Some(end) = country.and_then(|(_, length)| end(chars, at, *length)) {
            found.push(at..end);
        }
    }
    found
}

/// Where the account number of `length` that begins at `at` ends: a country, two check digits, the rest,
/// together or in groups of four.
fn end(chars: &[char], at: usize, length: usize) -> Option<usize> {
    let mut number = Vec::with_capacity(length);
    let mut end = at;
    while number.len() < length {
        match *chars.get(end)? {
            c if c.is_ascii_digit() => number.push(c),
            c if c.is_ascii_uppercase() && !matches!(number.len(), 2 | 3) => number.push(c),
            ' ' if number.len() % 4 == 0 && chars.get(end + 1) != Some(&' ') => {}
            _ => return None,
        }
        end += 1;
    }
    let alone = chars.get(end).is_none_or(|c| !c.is_alphanumeric());
    (alone && remainder(&number) == 1).then_some(end)
}

/// The first four characters go to the end, letters count from ten.
fn remainder(number: &[char]) -> u32 {
    let (head, tail) = number.split_at_checked(4).unwrap_or_default();
    tail.iter().chain(head).filter_map(|c| c.to_digit(36)).fold(0, |rest, value| {
        if value < 10 { (rest * 10 + value) % 97 } else { (rest * 100 + value) % 97 }
    })
}
