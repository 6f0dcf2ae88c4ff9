//! Prices and weights inside scanned data: element strings, and restricted circulation numbers.

use serde::{Deserialize, Serialize};

use super::element::Element;
use super::gtin::Gtin;
use crate::decode::scale::Unit;

/// An amount as a label states it; what one unit of currency is, the reader must know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScanPrice {
    /// The amount times 10^`decimals`.
    pub value: i64,
    /// Digits of `value` behind the point.
    pub decimals: u8,
    /// ISO 4217 number of the currency, where the label says it.
    pub currency: Option<u16>,
}

impl ScanPrice {
    /// Minor units of a currency with `digits` after the point; nothing if that would need rounding.
    #[must_use]
    pub fn minor(self, digits: u8) -> Option<i64> {
        let (from, to) = (u32::from(self.decimals), u32::from(digits));
        if from <= to {
            return self.value.checked_mul(10_i64.checked_pow(to - from)?);
        }
        let divisor = 10_i64.checked_pow(from - to)?;
        (self.value % divisor == 0).then_some(self.value / divisor)
    }
}

/// What one item's label tells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Measures {
    /// The article, its field zeroed.
    pub gtin: Option<Gtin>,
    /// What stands in the field of a price.
    pub price: Option<ScanPrice>,
    /// What stands in the field of a weight.
    pub weight_grams: Option<i64>,
    /// What stands in the field of a count.
    pub count: Option<u32>,
}

/// The measures of a consumer item in `elements`; those that do not hold are passed over.
///
/// Only what the customer takes counts: net weights (310n, 320n, 356n), amounts for the item (392n, 393n) and
/// its pieces (30). Gross weights and logistic measures are left to the elements.
#[must_use]
pub fn of_elements(elements: &[Element]) -> Measures {
    let mut found = Measures::default();
    for element in elements.iter().filter(|element| element.valid) {
        let value = element.value.as_str();
        let mantissa = || Some((value.parse::<i64>().ok()?, element.decimals()?));
        match element.ai.get(..3).unwrap_or(&element.ai) {
            "01" => found.gtin = Gtin::parse(value),
            // A piece of an article: its number, and which piece of how many.
            "800" if element.ai == "8006" => found.gtin = value.get(..14).and_then(Gtin::parse),
            "30" => found.count = value.parse().ok(),
            "310" => found.weight_grams = mantissa().and_then(|(m, d)| Unit::Kilogram.grams(m, d)),
            "320" => found.weight_grams = mantissa().and_then(|(m, d)| Unit::Pound.grams(m, d)),
            "356" => found.weight_grams = mantissa().and_then(|(m, d)| Unit::TroyOunce.grams(m, d)),
            "392" => {
                let price = |(value, decimals)| ScanPrice { value, decimals, currency: None };
                found.price = mantissa().map(price);
            }
            "393" => found.price = with_currency(value, element.decimals()),
            _ => {}
        }
    }
    found
}

/// Three digits of currency, then the amount.
fn with_currency(value: &str, decimals: Option<u8>) -> Option<ScanPrice> {
    let (currency, amount) = value.split_at_checked(3)?;
    let value = amount.parse().ok()?;
    Some(ScanPrice { value, decimals: decimals?, currency: currency.parse().ok() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::scan::element::{self, Misprint};

    fn check(data: &str, expected: (Option<i64>, Option<i64>, Option<u32>)) {
        let found = of_elements(&element::parse(data, Misprint::Refused).unwrap());
        let price = found.price.and_then(|price| price.minor(2));
        assert_eq!((found.weight_grams, price, found.count), expected, "{data}");
    }

    #[test]
    fn net_weight_price_and_count_are_those_of_the_item() {
        check("010703206980498831030010863922001234", (Some(1086), Some(1234), None));
        check("0107032069804988320200010039319781234", (Some(454), Some(12340), None));
        check("0107032069804988303", (None, None, Some(3)));
        check("01070320698049883303001086", (None, None, None));
    }

    #[test]
    fn amounts_change_their_digits_only_without_loss() {
        let price = |value, decimals| ScanPrice { value, decimals, currency: None };
        assert_eq!(price(1234, 2).minor(2), Some(1234));
        assert_eq!(price(1230, 3).minor(2), Some(123));
        assert_eq!(price(1234, 3).minor(2), None);
        assert_eq!(price(1234, 0).minor(2), Some(123_400));
        assert_eq!(price(i64::MAX, 0).minor(2), None);
        assert_eq!(price(1, 0).minor(255), None);
    }
}
