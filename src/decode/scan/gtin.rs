//! Article numbers: GTIN-8, -12, -13 and -14, UPC-E, and the check digits of GS1 keys.
//!
//! A [`Gtin`] always has fourteen digits, zeros in front: one article is one number, whether it was scanned
//! as UPC-E, UPC-A, EAN-13 or from an element string. GS1 recommends this form for storage.
//!
//! Source: GS1 General Specifications, chapters 1.4 (restricted circulation), 3.3.2 and 7.9 to 7.11.

/// Digits of every [`Gtin`].
pub const GTIN_DIGITS: usize = 14;

/// An article number whose check digit is right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gtin([u8; GTIN_DIGITS]);

/// The shortest of GS1's lengths that holds a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GtinFormat {
    /// Eight digits.
    Gtin8,
    /// Twelve digits: UPC-A.
    Gtin12,
    /// Thirteen digits.
    Gtin13,
    /// Fourteen digits: a trade unit.
    Gtin14,
}

/// Who may give a restricted circulation number a meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Circulation {
    /// A country: prefixes 02 and 20 to 29. It may hold a price or a weight.
    Region,
    /// A company: prefix 04, and eight digits that begin with 0 or 2.
    Company,
}

impl Gtin {
    /// Reads 8, 12, 13 or 14 digits with their check digit.
    #[must_use]
    pub fn parse(digits: &str) -> Option<Self> {
        matches!(digits.len(), 8 | 12..=14).then_some(())?;
        let gtin = Self::padded(digits)?;
        has_check_digit(digits).then_some(gtin)
    }

    /// Expands UPC-E: six digits, with a number system 0 or 1 before them and a check digit after them, or
    /// without the check digit, or without both.
    #[must_use]
    pub fn from_upc_e(digits: &str) -> Option<Self> {
        digits.bytes().all(|b| b.is_ascii_digit()).then_some(())?;
        let (system, body, check) = match digits.len() {
            6 => ("0", digits, ""),
            7 => (digits.get(..1)?, digits.get(1..)?, ""),
            8 => (digits.get(..1)?, digits.get(1..7)?, digits.get(7..)?),
            _ => return None,
        };
        let (head, last) = body.split_at_checked(5)?;
        let (company, item) = match last {
            "0" | "1" | "2" => (format!("{}{last}00", head.get(..2)?), head.get(2..)?),
            "3" => (format!("{}00", head.get(..3)?), head.get(3..)?),
            "4" => (format!("{}0", head.get(..4)?), head.get(4..)?),
            _ => (head.to_owned(), last),
        };
        let payload = format!("{system}{company}{item:0>5}");
        let computed = check_digit(&payload)?.to_string();
        let right = matches!(system, "0" | "1") && (check.is_empty() || check == computed);
        right.then_some(())?;
        Self::padded(&format!("{payload}{computed}"))
    }

    /// Makes a number from all its digits but the check digit.
    #[must_use]
    pub fn from_payload(digits: &str) -> Option<Self> {
        Self::parse(&format!("{digits}{}", check_digit(digits)?))
    }

    /// The fourteen digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// The number as GTIN-13, if it is not a GTIN-14.
    #[must_use]
    pub fn as_gtin13(&self) -> Option<&str> {
        self.as_str().strip_prefix('0')
    }

    /// Which of the four it was printed as.
    #[must_use]
    pub fn format(&self) -> GtinFormat {
        match self.0.iter().take_while(|digit| **digit == b'0').count() {
            0 => GtinFormat::Gtin14,
            1 => GtinFormat::Gtin13,
            2..=5 => GtinFormat::Gtin12,
            _ => GtinFormat::Gtin8,
        }
    }

    /// Whether the number means something in one country or company only.
    #[must_use]
    pub fn circulation(&self) -> Option<Circulation> {
        let digits = self.as_gtin13()?;
        match self.format() {
            GtinFormat::Gtin8 => {
                let first = digits.get(5..6)?;
                matches!(first, "0" | "2").then_some(Circulation::Company)
            }
            _ => match digits.get(..2)? {
                "04" => Some(Circulation::Company),
                "02" | "20" | "21" | "22" | "23" | "24" | "25" | "26" | "27" | "28" | "29" => {
                    Some(Circulation::Region)
                }
                _ => None,
            },
        }
    }

    fn padded(digits: &str) -> Option<Self> {
        digits.bytes().all(|b| b.is_ascii_digit()).then_some(())?;
        let mut all = [b'0'; GTIN_DIGITS];
        let place = GTIN_DIGITS.checked_sub(digits.len())?;
        all.get_mut(place..)?.copy_from_slice(digits.as_bytes());
        Some(Self(all))
    }
}

/// Whether the last digit is the check digit of the others; for every GS1 key of digits.
#[must_use]
pub fn has_check_digit(digits: &str) -> bool {
    let parts = digits.split_at_checked(digits.len().saturating_sub(1));
    parts.is_some_and(|(payload, check)| {
        check_digit(payload).is_some_and(|digit| check == digit.to_string())
    })
}

/// The check digit of `payload`, if that is one digit or more and nothing else.
#[must_use]
pub fn check_digit(payload: &str) -> Option<u32> {
    let mut sum = 0;
    for (place, c) in payload.chars().rev().enumerate() {
        sum += c.to_digit(10)? * if place % 2 == 0 { 3 } else { 1 };
    }
    (!payload.is_empty()).then_some((10 - sum % 10) % 10)
}

/// Digits of the longest PLU.
const PLU_DIGITS: usize = 5;

/// A code in the one form of all its spellings: letters and digits alone, in one case; a GTIN has fourteen digits, a
/// PLU no zeros in front.
#[must_use]
pub fn article_code(text: &str) -> String {
    let bare = text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase);
    let code: String = bare.collect();
    if let Some(gtin) = Gtin::parse(&code) {
        return gtin.as_str().to_owned();
    }
    let plu = code.trim_start_matches('0');
    let is_plu = (1..=PLU_DIGITS).contains(&plu.len()) && plu.bytes().all(|b| b.is_ascii_digit());
    if is_plu { plu.to_owned() } else { code }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(digits: &str, expected: Option<&str>) {
        assert_eq!(Gtin::parse(digits).as_ref().map(Gtin::as_str), expected, "{digits}");
    }

    fn upc_e(digits: &str, expected: Option<&str>) {
        assert_eq!(Gtin::from_upc_e(digits).as_ref().map(Gtin::as_str), expected, "{digits}");
    }

    #[test]
    fn every_length_becomes_fourteen_digits() {
        check("96385074", Some("00000096385074"));
        check("036000291452", Some("00036000291452"));
        check("5901234123457", Some("05901234123457"));
        check("98765432109213", Some("98765432109213"));
    }

    #[test]
    fn a_wrong_check_digit_length_or_letter_is_no_article() {
        for digits in ["5901234123458", "590123412345", "0", "", "59012341234５7", "59012341234 7"]
        {
            check(digits, None);
        }
    }

    #[test]
    fn upc_e_expands_by_its_last_digit() {
        upc_e("425261", Some("00042100005264"));
        upc_e("0425261", Some("00042100005264"));
        upc_e("04252614", Some("00042100005264"));
        upc_e("123453", Some("00012300000451"));
        upc_e("123454", Some("00012340000053"));
        upc_e("123457", Some("00012345000072"));
        upc_e("12345670", Some("00123456000070"));
    }

    #[test]
    fn upc_e_of_another_number_system_or_with_a_wrong_check_digit_is_none() {
        for digits in ["04252613", "5703538", "12345", "123456789", "12345a"] {
            upc_e(digits, None);
        }
    }

    #[test]
    fn restricted_numbers_tell_who_gives_them_meaning() {
        for (digits, expected) in [
            ("2001234567893", Some(Circulation::Region)),
            ("0211111111114", Some(Circulation::Region)),
            ("401111111119", Some(Circulation::Company)),
            ("00011112", Some(Circulation::Company)),
            ("96385074", None),
            ("5901234123457", None),
            ("12991111111110", None),
        ] {
            let gtin = Gtin::parse(digits).unwrap();
            assert_eq!(gtin.circulation(), expected, "{digits}");
        }
    }
}
