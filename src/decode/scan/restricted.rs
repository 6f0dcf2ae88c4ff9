//! Restricted circulation numbers: a price, a weight or a count inside an article number.
//!
//! Which digits mean what is a country's or a shop's own rule, so rules are text that a technician can write:
//!
//! | sign | digit |
//! |---|---|
//! | `0`–`9` | must be this one |
//! | `I` | article, any |
//! | `P`, `W`, `L`, `N` | price, weight in kg, weight in lb, pieces |
//! | `.` | no digit: the decimal point of the field it stands in |
//! | `V` | check digit of the field (GS1's for four or five digits) |
//! | `C` | check digit of the number; always last |
//!
//! `20IIIIIVPP.PPC` is a British price, `23IIIIIIW.WWWC` a Swedish weight. A rule has thirteen digits; a UPC-A
//! number is read with a zero in front. The first rule that matches is used.
//!
//! Without its measure (zeros in the field) a number is the same for every piece: that is the article.
//!
//! Source of the countries' rules: their GS1 organisations' guides to variable measure items. Norway publishes
//! none; labels there follow Sweden's.

use super::gtin::Gtin;
use super::measure::{Measures, ScanPrice};
use crate::decode::scale::Unit;
use crate::limits;

/// Rules by country (ISO 3166, two letters).
const COUNTRIES: [(&[&str], &[&str]); 6] = [
    (
        &["SE", "NO"],
        &[
            "20IIIIIIPP.PPC",
            "21IIIIIIPPP.PC",
            "22IIIIIIPPPPC",
            "23IIIIIIW.WWWC",
            "24IIIIIIWW.WWC",
            "25IIIIIIWWW.WC",
        ],
    ),
    (&["FI", "EE", "LV", "LT"], &["23IIIIIIW.WWWC", "24IIIIIIWW.WWC", "25IIIIIIWWW.WC"]),
    (
        &["DK"],
        &[
            "21IIIIPPPP.PPC",
            "22IIIIPPPP.PPC",
            "23IIIIPPPP.PPC",
            "24IIIIPPPP.PPC",
            "26IIIIWWW.WWWC",
            "27IIIIIWW.WWWC",
            "28IIIIWWW.WWWC",
        ],
    ),
    (
        &["DE"],
        &[
            "22IIIIVPPP.PPC",
            "23IIIIVPPP.PPC",
            "25IIIIVNNNNNC",
            "26IIIIVNNNNNC",
            "28IIIIVWW.WWWC",
            "29IIIIVWW.WWWC",
        ],
    ),
    (&["GB", "IE"], &["20IIIIIVPP.PPC"]),
    (&["US"], &["02IIIIIVPP.PPC"]),
];

/// Digits of the numbers that rules read.
const DIGITS: usize = 13;

/// Rules in the order they are tried.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rules(Vec<Rule>);

/// One rule.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Rule {
    signs: Vec<char>,
    field: char,
    /// Digits after the point.
    decimals: u8,
}

/// What is wrong with a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RuleError {
    #[error("a rule has thirteen digits, this one has {0}")]
    Length(usize),
    #[error("`{0}` means nothing in a rule: use digits, I, P, W, L, N, V, C and a point")]
    Sign(char),
    #[error("a rule ends in C, the check digit, and has no other")]
    Check,
    #[error("a rule has one field of P, W, L or N, all its digits together")]
    Field,
    #[error("the point stands inside the field, once")]
    Point,
    #[error("V checks a field of four or five digits, once")]
    Verifier,
    #[error("more than {} rules", limits::SCAN_RULES)]
    TooMany,
}

impl Rules {
    /// The rules of a country, if they are known here.
    #[must_use]
    pub fn of_country(code: &str) -> Option<Self> {
        let known = |codes: &&[&str]| codes.iter().any(|known| known.eq_ignore_ascii_case(code));
        let (_, rules) = COUNTRIES.iter().find(|(codes, _)| known(codes))?;
        Self::parse(rules).ok()
    }

    /// Reads rules.
    ///
    /// # Errors
    ///
    /// The first [`RuleError`].
    pub fn parse<S: AsRef<str>>(rules: &[S]) -> Result<Self, RuleError> {
        if rules.len() > limits::SCAN_RULES {
            return Err(RuleError::TooMany);
        }
        rules.iter().map(|rule| Rule::parse(rule.as_ref())).collect::<Result<_, _>>().map(Self)
    }

    /// What a restricted number holds by the first rule that matches, with the article's own number; nothing
    /// if none does. Numbers of a company's own use are read too: a shop may have rules for them.
    ///
    /// # Errors
    ///
    /// [`WrongMeasure`] where the field's own check digit is wrong.
    pub fn read(&self, gtin: Gtin) -> Result<Option<Measures>, WrongMeasure> {
        let digits = gtin.as_gtin13().filter(|_| gtin.circulation().is_some());
        let rule = digits.and_then(|digits| self.0.iter().find(|rule| rule.matches(digits)));
        rule.zip(digits).map(|(rule, digits)| rule.read(digits)).transpose()
    }
}

/// The check digit inside a number is not that of its price or weight.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the check digit of the price or weight is wrong")]
pub struct WrongMeasure;

impl Rule {
    fn parse(text: &str) -> Result<Self, RuleError> {
        let signs: Vec<char> = text.chars().filter(|sign| *sign != '.').collect();
        if signs.len() != DIGITS {
            return Err(RuleError::Length(signs.len()));
        }
        if let Some(sign) = signs.iter().find(|sign| !"0123456789IPWLNVC".contains(**sign)) {
            return Err(RuleError::Sign(*sign));
        }
        let count = |wanted| signs.iter().filter(|sign| **sign == wanted).count();
        if signs.last() != Some(&'C') || count('C') != 1 {
            return Err(RuleError::Check);
        }
        let field = *signs.iter().find(|sign| "PWLN".contains(**sign)).ok_or(RuleError::Field)?;
        let other = "PWLN".chars().any(|sign| sign != field && count(sign) > 0);
        if other || !is_together(&signs, field) {
            return Err(RuleError::Field);
        }
        match count('V') {
            0 => {}
            1 if matches!(count(field), 4 | 5) => {}
            _ => return Err(RuleError::Verifier),
        }
        Ok(Self { field, decimals: decimals(text, field)?, signs })
    }

    fn matches(&self, digits: &str) -> bool {
        let fits = |(sign, digit): (&char, char)| !sign.is_ascii_digit() || *sign == digit;
        self.signs.iter().zip(digits.chars()).all(fits)
    }

    fn read(&self, digits: &str) -> Result<Measures, WrongMeasure> {
        let pick = |wanted: char| -> String {
            let pairs = self.signs.iter().zip(digits.chars());
            pairs.filter(|(sign, _)| **sign == wanted).map(|(_, digit)| digit).collect()
        };
        let field = pick(self.field);
        let verifier = pick('V');
        if !verifier.is_empty() && measure_check(&field).map(|d| d.to_string()) != Some(verifier) {
            return Err(WrongMeasure);
        }
        let value: i64 = field.parse().unwrap_or(0);
        let mut found = Measures { gtin: self.article(digits), ..Measures::default() };
        match self.field {
            'P' => {
                let decimals = self.decimals;
                found.price = Some(ScanPrice { value, decimals, currency: None });
            }
            'W' => found.weight_grams = Unit::Kilogram.grams(value, self.decimals),
            'L' => found.weight_grams = Unit::Pound.grams(value, self.decimals),
            _ => found.count = u32::try_from(value).ok(),
        }
        Ok(found)
    }

    /// The number with zeros in the field and check digits that fit them. The check digit of zeros is zero.
    fn article(&self, digits: &str) -> Option<Gtin> {
        let pairs = self.signs.iter().zip(digits.chars()).take(DIGITS - 1);
        let zeroed = |sign: &char| *sign == self.field || *sign == 'V';
        let payload: String =
            pairs.map(|(sign, digit)| if zeroed(sign) { '0' } else { digit }).collect();
        Gtin::from_payload(&payload)
    }
}

fn is_together(signs: &[char], field: char) -> bool {
    let first = signs.iter().position(|sign| *sign == field).unwrap_or(0);
    let run = signs.iter().skip(first).take_while(|sign| **sign == field).count();
    run == signs.iter().filter(|sign| **sign == field).count()
}

/// Digits after the point, which has digits of the field on both sides.
fn decimals(text: &str, field: char) -> Result<u8, RuleError> {
    let Some((before, after)) = text.split_once('.') else { return Ok(0) };
    if after.contains('.') || !before.ends_with(field) || !after.starts_with(field) {
        return Err(RuleError::Point);
    }
    u8::try_from(after.chars().take_while(|sign| *sign == field).count())
        .map_err(|_| RuleError::Point)
}

/// GS1's check digit for a price or weight field of four or five digits (General Specifications 7.9.2 on).
///
/// Each digit is multiplied by 2 or 5 and the tens of the product are taken off (or, `5+`, added), or it is
/// multiplied by 3.
fn measure_check(field: &str) -> Option<u32> {
    let digits: Option<Vec<u32>> = field.chars().map(|c| c.to_digit(10)).collect();
    let two_minus = |d: u32| d * 2 + 10 - d * 2 / 10;
    let five_minus = |d: u32| d * 5 + 10 - d * 5 / 10;
    let five_plus = |d: u32| d * 5 + d * 5 / 10;
    match *digits?.as_slice() {
        [a, b, c, d] => Some((two_minus(a) + two_minus(b) + c * 3 + five_minus(d)) * 3 % 10),
        [a, b, c, d, e] => {
            let sum = five_plus(a) + two_minus(b) + five_minus(c) + five_plus(d) + two_minus(e);
            let wanted = (10 - sum % 10) % 10;
            (0..10).find(|digit| five_minus(*digit) % 10 == wanted)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `price 12.34`, `1086 g`, `12 pieces`, `wrong`, or nothing.
    fn shown(rules: &Rules, digits: &str) -> String {
        let gtin = Gtin::parse(digits).unwrap();
        let Ok(found) = rules.read(gtin) else { return "wrong".to_owned() };
        let Measures { price, weight_grams, count, .. } = found.unwrap_or_default();
        match (price, weight_grams, count) {
            (Some(price), None, None) => format!("price {}e-{}", price.value, price.decimals),
            (None, Some(grams), None) => format!("{grams} g"),
            (None, None, Some(count)) => format!("{count} pieces"),
            _ => String::new(),
        }
    }

    fn check(country: &str, digits: &str, expected: &str) {
        let rules = Rules::of_country(country).unwrap();
        assert_eq!(shown(&rules, digits), expected, "{country} {digits}");
    }

    #[test]
    fn countries_put_prices_weights_and_counts_into_numbers() {
        check("SE", "2088060112343", "price 1234e-2");
        check("SE", "2188060112340", "price 1234e-1");
        check("SE", "2288060112347", "price 1234e-0");
        check("SE", "2388060112344", "1234 g");
        check("SE", "2488060112341", "12340 g");
        check("SE", "2588060112348", "123400 g");
        check("no", "2302148210869", "1086 g");
        check("NO", "2368091402263", "226 g");
        check("FI", "2388060112344", "1234 g");
        check("EE", "2411111112342", "12340 g");
        check("LV", "2511111112349", "123400 g");
        check("LT", "2311111112345", "1234 g");
        check("DK", "2135040039753", "price 3975e-2");
        check("DK", "2435040039754", "price 3975e-2");
        check("DK", "2623570001505", "150 g");
        check("DK", "2712341002251", "225 g");
        check("DE", "2211114002394", "price 239e-2");
        check("DE", "02330714002396", "price 239e-2");
        check("DE", "2511119000129", "12 pieces");
        check("DE", "2930711068700", "6870 g");
        check("GB", "2011122912346", "price 1234e-2");
        check("IE", "2011122912346", "price 1234e-2");
    }

    #[test]
    fn a_number_without_a_rule_or_of_free_circulation_holds_nothing() {
        check("SE", "2911111111111", "");
        check("SE", "5901234123457", "");
        check("US", "401111111119", "");
    }

    #[test]
    fn a_price_whose_own_check_digit_is_wrong_is_wrong() {
        check("DE", "2511118000120", "wrong");
        check("GB", "2011122812349", "wrong");
    }

    #[test]
    fn the_article_is_the_same_whatever_it_weighs_or_costs() {
        for (country, numbers, article) in [
            ("NO", ["2302148210869", "2302148200006"], "02302148200006"),
            ("GB", ["2011122912346", "2011122000005"], "02011122000005"),
        ] {
            for digits in numbers {
                let rules = Rules::of_country(country).unwrap();
                let found = rules.read(Gtin::parse(digits).unwrap()).unwrap().unwrap();
                assert_eq!(found.gtin.as_ref().map(Gtin::as_str), Some(article), "{digits}");
            }
        }
    }

    #[test]
    fn field_check_digits_are_those_of_the_specification() {
        for (field, expected) in [("2875", 9), ("1234", 9), ("14685", 6), ("00239", 4), ("0000", 0)]
        {
            assert_eq!(measure_check(field), Some(expected), "{field}");
        }
        assert_eq!(measure_check("123"), None);
    }

    #[test]
    fn a_shop_writes_its_own_rule() {
        let rules = Rules::parse(&["299IIIIL.LLLLC", "29IIIIIIPP.PPC"]).unwrap();
        let number = |payload| Gtin::from_payload(payload).unwrap();
        assert_eq!(shown(&rules, number("299123410000").as_gtin13().unwrap()), "454 g");
        assert_eq!(shown(&rules, number("290000000150").as_gtin13().unwrap()), "price 150e-2");
    }

    #[test]
    fn a_broken_rule_is_told_with_its_reason() {
        for (rule, expected) in [
            ("20IIIIIIPPPP", RuleError::Length(12)),
            ("20IIIIIIPPPXC", RuleError::Sign('X')),
            ("20IIIIIIPPPPI", RuleError::Check),
            ("20IIIIICPPPPC", RuleError::Check),
            ("20IIIIIIIIIIC", RuleError::Field),
            ("20IIIIIIPPWWC", RuleError::Field),
            ("20IIIIIPIPPPC", RuleError::Field),
            ("20IIIIII.PPPPC", RuleError::Point),
            ("20IIIIIIP.P.PPC", RuleError::Point),
            ("20IIIIIVVPPPC", RuleError::Verifier),
            ("20IIIIIIVPPPC", RuleError::Verifier),
        ] {
            assert_eq!(Rules::parse(&[rule]), Err(expected), "{rule}");
        }
        let many = vec!["20IIIIIIPPPPC"; limits::SCAN_RULES + 1];
        assert_eq!(Rules::parse(&many), Err(RuleError::TooMany));
    }

    #[test]
    fn every_rule_of_every_country_is_one() {
        for (codes, rules) in COUNTRIES {
            assert_eq!(
                Rules::parse(rules).map(|rules| rules.0.len()),
                Ok(rules.len()),
                "{codes:?}"
            );
        }
    }
}
