//! Checks of what an element string says: check digits, dates, and the like.
//!
//! They have the names of the linters of the GS1 Barcode Syntax Dictionary; the rules are those of the GS1
//! General Specifications. Lists of countries and currencies, and coupons, are not checked.

use super::date;
use super::gtin::has_check_digit;

/// Every check that the table may name; the empty one always holds.
#[cfg(test)]
pub(super) const NAMES: [&str; 23] = [
    "",
    "csum",
    "csumalpha",
    "yymmd0",
    "yymmdd",
    "yyyymmdd",
    "hhmi",
    "hh",
    "mi",
    "ss",
    "nonzero",
    "zero",
    "winding",
    "yesno",
    "iso5218",
    "pieceoftotal",
    "nozeroprefix",
    "hasnondigit",
    "hyphen",
    "iban",
    "latitude",
    "longitude",
    "pcenc",
];

/// Whether `data`, whose characters and length are right already, passes the check of this name.
pub(super) fn holds(name: &str, data: &str) -> bool {
    let number = data.parse::<u64>();
    let between = |low, high| number.as_ref().is_ok_and(|n| (low..=high).contains(n));
    match name {
        "csum" => has_check_digit(data),
        "csumalpha" => has_check_pair(data),
        "yymmd0" => date::is_day(data, 2, true),
        "yymmdd" => date::is_day(data, 2, false),
        "yyyymmdd" => date::is_day(data, 4, false),
        // 9999 says that the day is meant as a whole.
        "hhmi" => data == "9999" || pair(data, is_hour, is_sixtieth),
        "hh" => is_hour(data),
        "mi" | "ss" => is_sixtieth(data),
        "nonzero" => data.bytes().any(|b| b != b'0'),
        "zero" => data.bytes().all(|b| b == b'0'),
        "winding" => matches!(data, "0" | "1" | "9"),
        "yesno" => matches!(data, "0" | "1"),
        "iso5218" => matches!(data, "0" | "1" | "2" | "9"),
        "pieceoftotal" => {
            pair(data, |piece| piece != "00", |total| total != "00") && in_order(data)
        }
        "nozeroprefix" => data == "0" || !data.starts_with('0'),
        "hasnondigit" => !data.bytes().all(|b| b.is_ascii_digit()),
        "hyphen" => data.bytes().all(|b| b == b'-'),
        "iban" => is_iban(data),
        "latitude" => between(0, 1_800_000_000),
        "longitude" => between(0, 3_600_000_000),
        "pcenc" => is_percent_encoded(data),
        _ => true,
    }
}

/// Whether the check of this name is that of a date or of a time.
pub(super) fn is_moment(name: &str) -> bool {
    matches!(name, "yymmd0" | "yymmdd" | "yyyymmdd" | "hhmi" | "hh" | "mi" | "ss")
}

fn is_hour(data: &str) -> bool {
    data.parse::<u32>().is_ok_and(|hour| hour < 24)
}

fn is_sixtieth(data: &str) -> bool {
    data.parse::<u32>().is_ok_and(|value| value < 60)
}

/// Whether both halves of four digits pass.
fn pair(data: &str, first: impl Fn(&str) -> bool, second: impl Fn(&str) -> bool) -> bool {
    data.split_at_checked(2).is_some_and(|(a, b)| first(a) && second(b))
}

fn in_order(data: &str) -> bool {
    data.split_at_checked(2).is_some_and(|(piece, total)| piece <= total)
}

/// The two check characters of a GS1 key that may hold letters: weighted by primes, modulo 1021.
fn has_check_pair(data: &str) -> bool {
    const SET: &str =
        "!\"%&'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz";
    const CHECKS: &str = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ";
    const PRIMES: [usize; 23] =
        [2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83];
    let Some((key, check)) = data.split_at_checked(data.len().saturating_sub(2)) else {
        return false;
    };
    if key.len() > PRIMES.len() || check.len() != 2 {
        return false;
    }
    let values = key.chars().rev().map(|c| SET.find(c).unwrap_or(0));
    let sum = values.zip(PRIMES).map(|(value, prime)| value * prime).sum::<usize>() % 1021;
    let wanted = [CHECKS.chars().nth(sum >> 5), CHECKS.chars().nth(sum & 31)];
    check.chars().map(Some).eq(wanted)
}

/// ISO 13616: the first four characters moved to the end, letters as two digits, modulo 97.
fn is_iban(data: &str) -> bool {
    let Some((head, tail)) = data.split_at_checked(4) else { return false };
    let mut rest = 0;
    for c in tail.chars().chain(head.chars()) {
        let Some(value) = c.to_digit(36).filter(|_| !c.is_ascii_lowercase()) else { return false };
        rest = (rest * if value < 10 { 10 } else { 100 } + value) % 97;
    }
    rest == 1 && !tail.is_empty()
}

fn is_percent_encoded(data: &str) -> bool {
    data.split('%')
        .skip(1)
        .all(|after| after.get(..2).is_some_and(|hex| hex.bytes().all(|b| b.is_ascii_hexdigit())))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(name: &str, good: &[&str], bad: &[&str]) {
        for data in good {
            assert!(holds(name, data), "{name} {data}");
        }
        for data in bad {
            assert!(!holds(name, data), "{name} {data}");
        }
    }

    #[test]
    fn dates_are_days_of_the_calendar() {
        check("yymmd0", &["210228", "200229", "211200"], &["210229", "000000", "211301", "210431"]);
        check("yymmdd", &["210228"], &["211200"]);
        check("yyyymmdd", &["20000229"], &["19000229", "20001301"]);
        check("hhmi", &["0000", "2359", "9999"], &["2400", "1260"]);
        check("hh", &["23"], &["24"]);
        check("mi", &["59"], &["60"]);
    }

    #[test]
    fn numbers_and_words_keep_their_rules() {
        check("csum", &["96385074", "376130321109103420"], &["96385075", "", "x"]);
        check("csumalpha", &["1987654Ad4X4bL5ttr2310c2K"], &["1987654Ad4X4bL5ttr2310c2L", "A", ""]);
        check("pieceoftotal", &["0102", "0202"], &["0302", "0001", "0000"]);
        check("nonzero", &["0001"], &["0000"]);
        check("zero", &["0"], &["1"]);
        check("nozeroprefix", &["0", "10"], &["01"]);
        check("hasnondigit", &["1a"], &["11"]);
        check("hyphen", &["-"], &["+"]);
        check("winding", &["9"], &["2"]);
        check("yesno", &["1"], &["2"]);
        check("iso5218", &["9"], &["3"]);
        check("latitude", &["1800000000"], &["1800000001"]);
        check("longitude", &["3600000000"], &["3600000001"]);
        check("pcenc", &["a%20b", "ab"], &["a%2", "%zz"]);
        check("iban", &["GB82WEST12345698765432"], &["GB82WEST12345698765433", "GB82", "gb82west"]);
    }
}
