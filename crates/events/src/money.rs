//! Money: minor units as `i64` beside an ISO-4217 code, never a float.

use std::fmt;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer, ser};

/// An ISO-4217 currency: three upper-case letters. In JSON a string, in binary formats three bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Currency([u8; 3]);

impl Currency {
    /// The currency with this code; `None` unless it is three upper-case letters.
    pub fn new(code: &str) -> Option<Self> {
        let bytes: [u8; 3] = code.as_bytes().try_into().ok()?;
        bytes.iter().all(u8::is_ascii_uppercase).then_some(Self(bytes))
    }

    /// The three letters.
    pub fn code(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("XXX")
    }

    /// How many decimals the currency has: 0 for JPY, 3 for KWD, 2 for most (ISO 4217).
    pub fn minor_digits(self) -> u32 {
        match self.code() {
            "BIF" | "CLP" | "DJF" | "GNF" | "ISK" | "JPY" | "KMF" | "KRW" | "PYG" | "RWF"
            | "UGX" | "UYI" | "VND" | "VUV" | "XAF" | "XOF" | "XPF" => 0,
            "BHD" | "IQD" | "JOD" | "KWD" | "LYD" | "OMR" | "TND" => 3,
            _ => 2,
        }
    }

    /// An amount of minor units as a decimal with exactly this currency's digits.
    pub fn decimal(self, minor: i64) -> Decimal {
        Decimal { units: minor, digits: self.minor_digits() }
    }
}

/// `units / 10^digits`, written with exactly `digits` decimals. In JSON a number, made without floats.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Decimal {
    /// The digits, without the point.
    pub units: i64,
    /// How many of them are decimals.
    pub digits: u32,
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = self.digits as usize;
        // One digit more than the decimals, so that there is one before the point.
        let text = format!("{:0width$}", self.units.unsigned_abs(), width = digits + 1);
        let (whole, decimals) = text.split_at_checked(text.len() - digits).unwrap_or((&text, ""));
        let sign = if self.units < 0 { "-" } else { "" };
        let point = if digits == 0 { "" } else { "." };
        write!(f, "{sign}{whole}{point}{decimals}")
    }
}

impl Serialize for Decimal {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let number: serde_json::Number = self.to_string().parse().map_err(ser::Error::custom)?;
        number.serialize(serializer)
    }
}

impl Serialize for Currency {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            serializer.serialize_str(self.code())
        } else {
            self.0.serialize(serializer)
        }
    }
}

impl<'de> Deserialize<'de> for Currency {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let currency = if deserializer.is_human_readable() {
            Self::new(&String::deserialize(deserializer)?)
        } else {
            let bytes = <[u8; 3]>::deserialize(deserializer)?;
            std::str::from_utf8(&bytes).ok().and_then(Self::new)
        };
        currency.ok_or_else(|| D::Error::custom("not a currency code"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_decimal_has_exactly_the_digits_of_its_currency() {
        let check = |minor, code, expected: &str| {
            let decimal = Currency::new(code).unwrap().decimal(minor);
            assert_eq!(serde_json::to_string(&decimal).unwrap(), expected, "{minor} {code}");
        };
        check(1230, "EUR", "12.30");
        check(-5, "EUR", "-0.05");
        check(0, "EUR", "0.00");
        check(12, "JPY", "12");
        check(-12, "JPY", "-12");
        check(1, "KWD", "0.001");
        check(i64::MIN, "EUR", "-92233720368547758.08");
        check(i64::MAX, "KWD", "9223372036854775.807");
    }

    #[test]
    fn a_code_is_three_capitals() {
        let check = |code, expected| assert_eq!(Currency::new(code).is_some(), expected, "{code}");
        check("EUR", true);
        check("eur", false);
        check("EURO", false);
        check("E\"R", false);
        assert!(serde_json::from_str::<Currency>("\"usd\"").is_err());
        assert!(postcard::from_bytes::<Currency>(b"U\"D").is_err());
    }
}
