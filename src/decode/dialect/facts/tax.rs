//! Tax lines: which of the amounts on one is the tax.

use super::super::{Locale, money};
use super::Reader;
use crate::decode::PosFact;

impl Reader<'_> {
    /// A tax line. Where net, tax and gross stand on it, in any order and with words between, the sum tells which is
    /// which; else a rate and two amounts; else the smallest of the amounts that the rule captured.
    pub(super) fn tax(&self) -> Option<Option<PosFact>> {
        let locale = &self.dialect.locale;
        let captured = match self.fields.get("amounts") {
            Some(amounts) => smallest(&amounts_of(amounts, locale))?,
            None => self.amount()?,
        };
        let all = amounts_of(self.text, locale);
        let amount = of_sum(&all).or_else(|| of_rate(&all, rate(self.text)?)).unwrap_or(captured);
        let fact =
            PosFact::Tax { code: self.text("code"), amount, included: self.means.set.included };
        Some((amount != 0).then_some(fact))
    }
}

/// The amounts among words. Beside amounts with decimals a number without them, or before `%`, is a rate.
fn amounts_of(text: &str, locale: &Locale) -> Vec<i64> {
    let rates = locale.minor > 0 && text.contains(locale.decimal);
    let words: Vec<&str> = text.split_whitespace().collect();
    let behind = words.iter().skip(1).copied().chain([""]);
    let amounts = words.iter().zip(behind).filter(|(word, behind)| {
        let percent = word.ends_with('%') || behind.starts_with('%');
        !percent && (!rates || word.contains(locale.decimal))
    });
    amounts.filter_map(|(word, _)| money::amount(word, locale)).collect()
}

fn smallest(amounts: &[i64]) -> Option<i64> {
    amounts.iter().copied().min_by_key(|amount| amount.abs())
}

/// Three amounts of which two make the third: the smaller part is the tax.
fn of_sum(amounts: &[i64]) -> Option<i64> {
    let &[a, b, c] = amounts else { return None };
    let is_sum = |x: i64, y: i64, whole: i64| x.checked_add(y) == Some(whole);
    let parts = [(a, b, c), (a, c, b), (b, c, a)];
    let (x, y, _) = parts.into_iter().find(|(x, y, whole)| is_sum(*x, *y, *whole))?;
    smallest(&[x, y])
}

/// Two amounts and a rate in hundredths of a percent: the tax is that share of the other, or contained in it.
fn of_rate(amounts: &[i64], rate: u32) -> Option<i64> {
    let &[a, b] = amounts else { return None };
    let (tax, whole) = if a.abs() < b.abs() { (a, b) } else { (b, a) };
    let near = |parts: i128| {
        (i128::from(tax) * parts - i128::from(whole) * i128::from(rate)).abs() <= parts
    };
    (near(10_000) || near(10_000 + i128::from(rate))).then_some(tax)
}

/// The first percentage of a text, in hundredths.
fn rate(text: &str) -> Option<u32> {
    let before = text.split_once('%')?.0.trim_end();
    let from = before.rfind(|c: char| !c.is_ascii_digit() && c != '.' && c != ',');
    let number = match from.and_then(|at| before.get(at..)) {
        Some(number) => number.trim_start_matches(|c: char| !c.is_ascii_digit()),
        None => before,
    };
    money::percent(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(amounts: &[i64], percent: Option<u32>, tax: Option<i64>) {
        let found = of_sum(amounts).or_else(|| of_rate(amounts, percent?));
        assert_eq!(found, tax, "{amounts:?} {percent:?}");
    }

    #[test]
    fn the_amounts_themselves_say_which_one_is_the_tax() {
        check(&[309, 22, 331], None, Some(22));
        check(&[22, 309, 331], None, Some(22));
        check(&[331, 309, 22], None, Some(22));
        check(&[-309, -22, -331], None, Some(-22));
        check(&[200, 1200], Some(2000), Some(200));
        check(&[1000, 200], Some(2000), Some(200));
        check(&[1000, 300], Some(2000), None);
        check(&[309, 22, 400], None, None);
        check(&[331], Some(700), None);
    }

    #[test]
    fn a_rate_is_read_in_hundredths_of_a_percent() {
        for (text, expected) in [
            ("VAT 20%", Some(2000)),
            ("A 7,0% Netto", Some(700)),
            ("20.0 %", Some(2000)),
            ("TAX", None),
            ("x%", None),
        ] {
            assert_eq!(rate(text), expected, "{text}");
        }
    }
}
