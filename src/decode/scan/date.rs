//! Dates in element strings: YYMMDD or YYYYMMDD, where day 00 may stand for the last of the month.
//!
//! Two digits of a year mean the one nearest to now, by GS1's rule: up to 49 years ahead and 50 back
//! (General Specifications 7.12).

/// The day that `data` begins with, as `2021-05-26`. `near`: the year now. Nothing if there is no such day.
pub(super) fn read(data: &str, years: usize, near: u32) -> Option<String> {
    let (year, rest) = data.split_at_checked(years)?;
    let (month, day) = rest.get(..4)?.split_at_checked(2)?;
    let (year, month, day): (u32, u32, u32) =
        (year.parse().ok()?, month.parse().ok()?, day.parse().ok()?);
    let year = if years == 2 { nearest(year, near) } else { year };
    let last = days(year, month)?;
    let day = if day == 0 { last } else { day };
    (day <= last).then(|| format!("{year:04}-{month:02}-{day:02}"))
}

/// Whether all of `data` is a day, of any century.
pub(super) fn is_day(data: &str, years: usize, zero_is_last: bool) -> bool {
    // Two digits are a year near 2000: every fourth is a leap year.
    let day_zero = data.ends_with("00");
    read(data, years, 2000).is_some() && (zero_is_last || !day_zero)
}

fn nearest(year: u32, near: u32) -> u32 {
    let century = near - near % 100;
    match i64::from(year) - i64::from(near % 100) {
        51..=99 => (century + year).saturating_sub(100),
        -99..=-50 => century + year + 100,
        _ => century + year,
    }
}

fn days(year: u32, month: u32) -> Option<u32> {
    let leap = year.is_multiple_of(4) && !year.is_multiple_of(100) || year.is_multiple_of(400);
    match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => Some(31),
        4 | 6 | 9 | 11 => Some(30),
        2 => Some(if leap { 29 } else { 28 }),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(data: &str, years: usize, near: u32, expected: Option<&str>) {
        assert_eq!(read(data, years, near).as_deref(), expected, "{data} near {near}");
    }

    #[test]
    fn two_digits_mean_the_nearest_year() {
        check("210526", 2, 2026, Some("2021-05-26"));
        check("751231", 2, 2026, Some("2075-12-31"));
        check("781231", 2, 2026, Some("1978-12-31"));
        check("010101", 2, 2090, Some("2101-01-01"));
        check("19781231", 4, 2026, Some("1978-12-31"));
    }

    #[test]
    fn day_zero_is_the_last_of_the_month() {
        check("200200", 2, 2026, Some("2020-02-29"));
        check("210200", 2, 2026, Some("2021-02-28"));
        check("211200", 2, 2026, Some("2021-12-31"));
    }

    #[test]
    fn no_such_day_is_none() {
        for data in ["210229", "000000", "211301", "210431", "21043", "2a0101", ""] {
            check(data, 2, 2026, None);
        }
    }
}
