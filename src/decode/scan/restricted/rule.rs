//! One rule: which digits of a number are price, weight or count.

use crate::decode::scale::Unit;
use crate::decode::scan::gtin::Gtin;
use crate::decode::scan::measure::{Measures, ScanPrice};
use crate::limits;

/// Digits of the numbers that rules read.
const DIGITS: usize = 13;

/// One rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Rule {
    signs: Vec<char>,
    field: char,
    /// Digits after the point.
    decimals: u8,
}

impl Rule {
    pub fn parse(text: &str) -> Result<Self, RuleError> {
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

    pub fn matches(&self, digits: &str) -> bool {
        let fits = |(sign, digit): (&char, char)| !sign.is_ascii_digit() || *sign == digit;
        self.signs.iter().zip(digits.chars()).all(fits)
    }

    pub fn read(&self, digits: &str) -> Result<Measures, WrongMeasure> {
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

/// What is wrong with a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RuleError {
    /// It is as long as an EAN-13.
    #[error("a rule has thirteen digits, this one has {0}")]
    Length(usize),
    /// A sign without a meaning.
    #[error("`{0}` means nothing in a rule: use digits, I, P, W, L, N, V, C and a point")]
    Sign(char),
    /// The check digit is missing, or there are two.
    #[error("a rule ends in C, the check digit, and has no other")]
    Check,
    /// No field, or more than one, or one in pieces.
    #[error("a rule has one field of P, W, L or N, all its digits together")]
    Field,
    /// A point where no decimals can be.
    #[error("the point stands inside the field, once")]
    Point,
    /// A verifier that checks nothing.
    #[error("V checks a field of four or five digits, once")]
    Verifier,
    /// More than the bound of `limits`.
    #[error("more than {} rules", limits::SCAN_RULES)]
    TooMany,
}

/// The check digit inside a number is not that of its price or weight.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the check digit of the price or weight is wrong")]
pub struct WrongMeasure;

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
pub(super) fn measure_check(field: &str) -> Option<u32> {
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
