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

mod rule;

#[cfg(test)]
mod tests;

pub use rule::{RuleError, WrongMeasure};

use super::gtin::Gtin;
use super::measure::Measures;
use crate::limits;
use rule::Rule;

/// Rules in the order they are tried.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rules(Vec<Rule>);

impl Rules {
    /// The rules of a country, if they are known here.
    #[must_use]
    pub fn of_country(code: &str) -> Option<Self> {
        let known = |codes: &&[&str]| codes.iter().any(|known| known.eq_ignore_ascii_case(code));
        let (_, rules) = COUNTRIES.iter().find(|(codes, _)| known(codes))?;
        Self::parse(rules).ok()
    }

    /// These rules, then those.
    #[must_use]
    pub fn then(mut self, others: Self) -> Self {
        self.0.extend(others.0);
        self
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
