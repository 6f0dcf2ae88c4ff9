//! The text of a weight to grams.
//!
//! Spaces, a sign, digits with or without a point, a unit; pounds may be followed by ounces; `N` at the end
//! says net. Without a unit or a point it is what the scale was told to be.

use super::mass::Unit;

/// A weight as text says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Weight {
    pub grams: i64,
    pub net: bool,
}

/// Reads a weight; nothing if the text is none.
pub(super) fn parse(text: &str, unit: Unit, decimals: u8) -> Option<Weight> {
    let text = text.trim();
    let (text, net) = text.strip_suffix('N').map_or((text, false), |rest| (rest.trim_end(), true));
    let (text, negative) = match text.strip_prefix('-') {
        Some(rest) => (rest.trim_start(), true),
        None => (text.strip_prefix('+').unwrap_or(text).trim_start(), false),
    };
    let (first, rest) = one(text, Some(unit), decimals)?;
    let (second, rest) = if rest.is_empty() { (0, rest) } else { one(rest, None, 0)? };
    rest.is_empty().then_some(())?;
    let grams = first + second;
    Some(Weight { grams: if negative { -grams } else { grams }, net })
}

/// A number with its unit, or this one, in grams, and what follows.
fn one(text: &str, unit: Option<Unit>, decimals: u8) -> Option<(i64, &str)> {
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, rest) = text.split_at_checked(end)?;
    let rest = rest.trim_start();
    let letters = rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(rest.len());
    let (name, rest) = rest.split_at_checked(letters)?;
    let named = if name.is_empty() { unit? } else { Unit::named(name)? };
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let digits = format!("{whole}{fraction}");
    let implied = if number.contains('.') || !name.is_empty() { 0 } else { decimals };
    let decimals = implied.checked_add(u8::try_from(fraction.len()).ok()?)?;
    Some((named.grams(digits.parse().ok()?, decimals)?, rest.trim_start()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Option<(i64, bool)>) {
        let weight = parse(text, Unit::Kilogram, 3).map(|weight| (weight.grams, weight.net));
        assert_eq!(weight, expected, "{text:?}");
    }

    #[test]
    fn numbers_with_points_units_and_signs_are_weights() {
        check("01.086", Some((1086, false)));
        check("01.086N", Some((1086, true)));
        check("01086", Some((1086, false)));
        check("  1.086 kg", Some((1086, false)));
        check("-  0.250kg", Some((-250, false)));
        check("+000.5 g ", Some((1, false)));
        check("2.50lb", Some((1134, false)));
        check("2 lb 8.0 oz", Some((1134, false)));
        check("1086g", Some((1086, false)));
    }

    #[test]
    fn anything_else_is_none() {
        for text in [
            "",
            "kg",
            "1.2.3",
            "1,086",
            "- -1",
            "1 xx",
            "1kg 2",
            "99999999999999999999",
            "1kg2kg3kg",
        ] {
            check(text, None);
        }
    }
}
