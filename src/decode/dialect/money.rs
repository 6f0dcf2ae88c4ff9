//! Amounts, quantities and weights as receipts print them, read into integers.
//!
//! The locale says which sign is the decimal one: `1.234` is never interpreted by its looks. No floats.
//! What does not fit exactly (three decimals in a currency with two, broken groups) is refused, not rounded.

use super::Locale;

/// Signs and codes that may stand before or after an amount.
pub const CURRENCIES: &[&str] = &[
    "AED", "AUD", "BHD", "BRL", "CAD", "CHF", "CLP", "CNY", "CZK", "DKK", "EUR", "GBP", "HKD",
    "HUF", "IDR", "INR", "ISK", "JPY", "KRW", "KWD", "MXN", "MYR", "NOK", "NZD", "PHP", "PLN",
    "RON", "SEK", "SGD", "THB", "TND", "TRY", "TWD", "USD", "VND", "ZAR", "US$", "A$", "C$", "R$",
    "USD$", "S$", "HK$", "NT$", "RM", "Rp", "Rs.", "Rs", "SFr.", "Fr.", "kr.", "kr", "zł", "Kč",
    "Ft", "lei", "\\", "$", "€", "£", "¥", "￥", "₩", "₹", "₺", "₫", "฿", "円", "元", "원", "R",
];

/// Amounts and quantities from here on are refused: sums of a receipt's parts can then never overflow.
const TOO_LARGE: i64 = 10_000_000_000_000;

/// Reads an amount into minor units of the locale's currency.
///
/// Understands signs before and after, `CR`, parentheses, currency signs and groups of thousands.
#[must_use]
pub fn amount(text: &str, locale: &Locale) -> Option<i64> {
    let (negative, digits) = unsigned(text);
    let value = decimal(digits, locale, locale.minor)?;
    Some(if negative { -value } else { value })
}

/// Reads a quantity into thousandths.
#[must_use]
pub fn quantity(text: &str, locale: &Locale) -> Option<i64> {
    let (negative, digits) = unsigned(text);
    let value = decimal(digits, locale, 3)?;
    Some(if negative { -value } else { value })
}

/// Reads a whole number, such as loyalty points.
#[must_use]
pub fn count(text: &str, locale: &Locale) -> Option<i64> {
    let (negative, digits) = unsigned(text);
    let value = decimal(digits, locale, 0)?;
    Some(if negative { -value } else { value })
}

/// Reads a percentage (with or without its sign) into hundredths.
#[must_use]
pub fn percent(text: &str) -> Option<u32> {
    let plain: String = text
        .chars()
        .filter(|c| !c.is_whitespace() && *c != '%')
        .map(|c| if c == ',' { '.' } else { c })
        .collect();
    let (whole, part) = plain.split_once('.').unwrap_or((&plain, ""));
    u32::try_from(join(whole, part, 2)?).ok()
}

/// Reads a weight such as `0.256 kg`, `1.14 lb` or `350g`: the printed number in thousandths, and grams.
#[must_use]
pub fn weight(text: &str, locale: &Locale) -> Option<(i64, i64)> {
    let split = text.find(|c: char| c.is_alphabetic())?;
    let (number, unit) = text.split_at_checked(split)?;
    let milli = quantity(number, locale)?;
    let nanograms = match unit.trim().to_ascii_lowercase().as_str() {
        "kg" | "kgs" | "kilo" => 1_000_000_000_000,
        "g" | "gr" | "gm" => 1_000_000_000,
        // International avoirdupois pound and ounce, exact.
        "lb" | "lbs" => 453_592_370_000,
        "oz" => 28_349_523_125,
        _ => return None,
    };
    let grams = (i128::from(milli) * nanograms + 500_000_000_000) / 1_000_000_000_000;
    Some((milli, i64::try_from(grams).ok()?))
}

/// The decimal sign that is not the locale's.
#[must_use]
pub fn other_sign(locale: &Locale) -> char {
    if locale.decimal == ',' { '.' } else { ',' }
}

/// Whether a line ends in an amount that is none in this locale and is one with the other decimal sign; a currency or
/// a tax mark may stand behind it.
#[must_use]
pub fn has_other_sign(line: &str, locale: &Locale) -> bool {
    let decimal = other_sign(locale);
    let words = || line.split_whitespace().rev().take(2).filter(|word| word.contains(decimal));
    if words().next().is_none() {
        return false;
    }
    let group = vec![locale.decimal, '\''];
    let other = Locale { decimal, group, minor: locale.minor, dates: Vec::new() };
    let exact = |text: &str| {
        let decimals = unsigned(text).1.rsplit_once(decimal).map(|(_, part)| part.len());
        locale.minor > 0 && decimals == usize::try_from(locale.minor).ok()
    };
    let is_other = |text: &str| {
        exact(text) && amount(text, &other).is_some() && amount(text, locale).is_none()
    };
    words().any(is_other)
}

/// Takes signs, brackets and currency off; true when the amount is negative.
fn unsigned(text: &str) -> (bool, &str) {
    let mut rest = text.trim();
    let mut negative = false;
    // Nothing stands around a bare number, which most are.
    let digit = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_digit);
    if digit(rest.as_bytes().first()) && digit(rest.as_bytes().last()) {
        return (false, rest);
    }
    loop {
        let before = rest;
        if let Some(inner) = rest.strip_prefix('(').and_then(|r| r.strip_suffix(')')) {
            (rest, negative) = (inner, true);
        }
        for sign in ['-', '\u{2212}'] {
            if let Some(inner) = rest.strip_prefix(sign).or_else(|| rest.strip_suffix(sign)) {
                (rest, negative) = (inner, true);
            }
        }
        if let Some(inner) = strip_suffix_ignoring_case(rest, "CR") {
            (rest, negative) = (inner, true);
        }
        // Fiscal printers fill the place in front of an amount with a star or an equals sign.
        rest = rest.strip_prefix(['+', '*', '=']).unwrap_or(rest);
        for currency in CURRENCIES {
            let inner = strip_prefix_ignoring_case(rest, currency)
                .or_else(|| strip_suffix_ignoring_case(rest, currency));
            rest = inner.unwrap_or(rest);
        }
        rest = rest.trim();
        if rest == before {
            return (negative, rest);
        }
    }
}

fn strip_prefix_ignoring_case<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let head = text.get(..prefix.len())?;
    head.eq_ignore_ascii_case(prefix).then(|| text.get(prefix.len()..)).flatten()
}

fn strip_suffix_ignoring_case<'a>(text: &'a str, suffix: &str) -> Option<&'a str> {
    let start = text.len().checked_sub(suffix.len())?;
    text.get(start..)?.eq_ignore_ascii_case(suffix).then(|| text.get(..start)).flatten()
}

/// Digits with groups and at most one decimal sign, scaled by ten to the power of `scale`.
fn decimal(text: &str, locale: &Locale, scale: u32) -> Option<i64> {
    let (whole, part) = match text.rsplit_once(locale.decimal) {
        Some((whole, part)) if !part.is_empty() => (whole, part),
        Some(_) => return None,
        None => (text, ""),
    };
    join(&ungrouped(whole, locale)?, part, scale)
}

/// Takes the group separators out; the last group has three digits, those before two or three
/// (`1,00,000` is how India writes a lakh).
fn ungrouped(whole: &str, locale: &Locale) -> Option<String> {
    let groups: Vec<&str> = whole.split(|c| locale.is_group(c)).collect();
    let (first, rest) = groups.split_first()?;
    let (last, middle) = match rest.split_last() {
        Some((last, middle)) => (Some(last), middle),
        None => (None, rest),
    };
    let fits = last.is_none_or(|group| group.len() == 3 && (1..=3).contains(&first.len()))
        && middle.iter().all(|group| (2..=3).contains(&group.len()));
    fits.then(|| groups.concat())
}

/// `whole.part` times ten to the power of `scale`; digits that do not fit must be zeros.
fn join(whole: &str, part: &str, scale: u32) -> Option<i64> {
    let scale = usize::try_from(scale).ok()?;
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if (whole.is_empty() && part.is_empty()) || !digits(whole) || !digits(part) {
        return None;
    }
    let (kept, rest) = part.split_at_checked(scale.min(part.len()))?;
    if rest.bytes().any(|byte| byte != b'0') {
        return None;
    }
    let value: i64 = format!("0{whole}{kept:0<scale$}").parse().ok()?;
    Some(value).filter(|value| *value < TOO_LARGE)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn locale(decimal: char, group: &str, minor: u32) -> Locale {
        Locale { decimal, group: group.chars().collect(), minor, dates: Vec::new() }
    }

    fn check(decimal: char, group: &str, minor: u32, cases: &[(&str, Option<i64>)]) {
        for (text, expected) in cases {
            assert_eq!(amount(text, &locale(decimal, group, minor)), *expected, "{text:?}");
        }
    }

    #[test]
    fn amounts_with_a_decimal_point_are_read_exactly() {
        check(
            '.',
            ",' ",
            2,
            &[
                ("5.00", Some(500)),
                (".65", Some(65)),
                ("RM.50", Some(50)),
                ("-5.00", Some(-500)),
                ("5.00-", Some(-500)),
                ("5.00 CR", Some(-500)),
                ("(5.00)", Some(-500)),
                ("-$5.00", Some(-500)),
                ("$-5.00", Some(-500)),
                ("RM  327.00", Some(32_700)),
                ("1,234.56", Some(123_456)),
                ("1'234.56", Some(123_456)),
                ("1 234.56", Some(123_456)),
                ("1\u{a0}234.56", Some(123_456)),
                ("1,00,000.00", Some(10_000_000)),
                ("Rs. 12.50", Some(1250)),
                ("12.50 EUR", Some(1250)),
                ("7", Some(700)),
                ("1.2", Some(120)),
                ("=45.00", Some(4500)),
                ("=-45.00", Some(-4500)),
            ],
        );
    }

    #[test]
    fn what_the_locale_does_not_allow_is_refused_and_not_guessed() {
        check(
            '.',
            ",",
            2,
            &[
                ("1.234", None),
                ("1,23", None),
                ("12,34.00", None),
                ("1234,567.00", None),
                ("5.", None),
                (".", None),
                ("", None),
                ("abc", None),
                ("99999999999999999999.00", None),
            ],
        );
    }

    #[test]
    fn the_decimal_comma_and_other_currencies_have_their_own_shape() {
        check(
            ',',
            ".' ",
            2,
            &[("1.234,56 €", Some(123_456)), ("5,00-", Some(-500)), ("1.234", Some(123_400))],
        );
        check('.', ",", 0, &[("¥1,000", Some(1000)), ("1,000円", Some(1000)), ("10.5", None)]);
        check('.', ",", 3, &[("1.234", Some(1234)), ("KWD 2.500", Some(2500))]);
    }

    #[test]
    fn the_other_decimal_sign_is_known_by_amounts_that_are_none_here() {
        let (point, comma) = (locale('.', ",' ", 2), locale(',', ".' ", 2));
        for (line, by_point, by_comma) in [
            ("Kaffee  3,50", true, false),
            ("Kaffee  3,50 EUR", true, false),
            ("Fernseher  1.234,50- A", true, false),
            ("TEA  3.50", false, true),
            ("TV  1,234.50", false, true),
            ("LOT  1,234", false, false),
            ("21.11.26", false, false),
            ("12,5 kg", false, false),
            ("", false, false),
        ] {
            assert_eq!(has_other_sign(line, &point), by_point, "{line}");
            assert_eq!(has_other_sign(line, &comma), by_comma, "{line}");
        }
        assert!(!has_other_sign("1,50", &locale('.', ",", 0)));
    }

    #[test]
    fn weights_become_grams() {
        let here = locale('.', ",", 2);
        for (text, expected) in [
            ("0.256 kg", Some((256, 256))),
            ("1.14 lb", Some((1140, 517))),
            ("8oz", Some((8000, 227))),
            ("350g", Some((350_000, 350))),
            ("3 pcs", None),
        ] {
            assert_eq!(weight(text, &here), expected, "{text}");
        }
    }

    #[test]
    fn percentages_are_hundredths() {
        assert_eq!(percent("7,5 %"), Some(750));
        assert_eq!(percent("20%"), Some(2000));
        assert_eq!(percent("%"), None);
    }

    proptest! {
        #[test]
        fn an_amount_survives_printing_and_reading(
            value in -99_999_999_999i64..99_999_999_999,
            minor in 0u32..4,
            comma: bool,
        ) {
            let here = if comma { locale(',', ".", minor) } else { locale('.', ",'", minor) };
            prop_assert_eq!(amount(&print(value, &here), &here), Some(value));
        }

        #[test]
        fn no_text_makes_reading_panic(text in "\\PC{0,24}") {
            let here = locale('.', ",' ", 2);
            let _ = has_other_sign(&text, &here);
            let _ = (amount(&text, &here), quantity(&text, &here), weight(&text, &here), percent(&text));
        }
    }

    /// Prints with groups of three.
    fn print(value: i64, locale: &Locale) -> String {
        let scale = 10u64.pow(locale.minor);
        let (whole, part) = (value.unsigned_abs() / scale, value.unsigned_abs() % scale);
        let mut grouped = String::new();
        let digits = whole.to_string();
        for (index, digit) in digits.chars().enumerate() {
            if index > 0 && (digits.len() - index) % 3 == 0 {
                grouped.push(locale.group[0]);
            }
            grouped.push(digit);
        }
        let sign = if value < 0 { "-" } else { "" };
        match locale.minor {
            0 => format!("{sign}{grouped}"),
            minor => {
                format!("{sign}{grouped}{}{part:0width$}", locale.decimal, width = minor as usize)
            }
        }
    }
}
