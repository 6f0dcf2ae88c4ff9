//! Dates and times as printed, read into ISO form without a zone.
//!
//! Which order day and month have is the locale's business. Only a date that is none in that order, and is one in
//! the other, is read the other way round: the thirteenth month proves it. What fits neither is no date.

use jiff::civil::{Date, Time};
use jiff::fmt::strtime::BrokenDownTime;

/// No till is older.
const FIRST_YEAR: i16 = 1970;

/// Reads a date by the first format (strptime's signs) that fits; true beside it when day and month stand in the
/// other order than the formats say.
#[must_use]
pub fn date(text: &str, formats: &[String]) -> Option<(Date, bool)> {
    let text = text.trim();
    let by = |format: &str| {
        let date = BrokenDownTime::parse(format, text).ok()?.to_date().ok()?;
        // `%Y` takes two digits too and makes a year of antiquity of them.
        Some(date).filter(|date| date.year() >= FIRST_YEAR)
    };
    let told = formats.iter().find_map(|format| by(format));
    let proven =
        || formats.iter().filter_map(|format| turned(format)).find_map(|format| by(&format));
    told.map(|date| (date, false)).or_else(|| Some((proven()?, true)))
}

/// Whether a format tells a date: what it writes of one, it reads as the same.
#[must_use]
pub fn is_date_format(format: &str) -> bool {
    let day = jiff::civil::date(2019, 11, 21).at(14, 5, 9, 0);
    let written = jiff::fmt::strtime::format(format, day).ok();
    let read = written.and_then(|text| BrokenDownTime::parse(format, text).ok()?.to_date().ok());
    read == Some(day.date())
}

/// A format that begins with day and month as numbers, with both in the other order.
fn turned(format: &str) -> Option<String> {
    let (first, rest) = format.split_at_checked(2)?;
    let (sign, rest) = rest.split_at_checked(1)?;
    let (second, year) = rest.split_at_checked(2)?;
    matches!((first, second), ("%d", "%m") | ("%m", "%d"))
        .then(|| format!("{second}{sign}{first}{year}"))
}

/// Reads `14:05`, `14:05:09`, `2:05 pm`, `14h05`; true beside it when seconds were printed.
#[must_use]
pub fn time(text: &str) -> Option<(Time, bool)> {
    let text = text.trim().to_ascii_lowercase();
    let clock = text.trim_end_matches(|c: char| !c.is_ascii_digit());
    let half_day = text.get(clock.len()..).and_then(|rest| rest.trim().chars().next());
    let mut parts = clock.split([':', 'h']).map(|part| part.trim().parse::<i8>().ok());
    let (hour, minute) = (parts.next()??, parts.next()??);
    let second = parts.next();
    let hour = match half_day {
        Some('p') if hour < 12 => hour + 12,
        Some('a') if hour == 12 => 0,
        _ => hour,
    };
    let time = Time::new(hour, minute, second.flatten().unwrap_or(0), 0).ok()?;
    Some((time, second.is_some()))
}

/// `2026-11-21T14:05:00`; without a printed time only the date.
#[must_use]
pub fn iso(date: Date, time: Option<Time>) -> String {
    match time {
        Some(time) => format!("{date}T{time}"),
        None => date.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_format_tells_day_month_and_year() {
        for format in
            ["%d.%m.%Y", "%m/%d/%y", "%d %b %Y", "%Y年%m月%d日", "%a %d-%m-%Y", "%e.%m.%y"]
        {
            assert!(is_date_format(format), "{format}");
        }
        for format in ["%Q.%m", "%d.%m", "%H:%M", "", "%", "day", "%d.%d.%Y"] {
            assert!(!is_date_format(format), "{format}");
        }
    }

    #[test]
    fn dates_are_read_by_the_first_format_that_fits() {
        let formats: Vec<String> =
            ["%d/%m/%Y", "%d-%m-%y", "%d %b %Y", "%Y年%m月%d日"].map(String::from).to_vec();
        for (text, expected) in [
            ("15/06/2017", Some("2017-06-15")),
            ("19-03-18", Some("2018-03-19")),
            ("10 MAR 2018", Some("2018-03-10")),
            ("2026年1月2日", Some("2026-01-02")),
            ("13/13/2017", None),
            ("", None),
        ] {
            let found = date(text, &formats).map(|(date, turned)| format!("{date}{turned}"));
            assert_eq!(found, expected.map(|date| format!("{date}false")), "{text}");
        }
    }

    #[test]
    fn the_thirteenth_month_proves_the_other_order_and_nothing_else_does() {
        let check = |format: &str, text: &str, expected: Option<(&str, bool)>| {
            let found = date(text, &[format.to_owned()]);
            let found = found.map(|(date, turned)| (date.to_string(), turned));
            assert_eq!(found, expected.map(|(date, turned)| (date.to_owned(), turned)), "{text}");
        };
        check("%d/%m/%Y", "11/21/2026", Some(("2026-11-21", true)));
        check("%d/%m/%Y", "11/12/2026", Some(("2026-12-11", false)));
        check("%m/%d/%y", "21/11/26", Some(("2026-11-21", true)));
        check("%d.%m.%Y", "31.31.2026", None);
        check("%Y-%m-%d", "2026-21-11", None);
        check("%d %b %Y", "11/21/2026", None);
    }

    #[test]
    fn times_are_read_on_both_clocks() {
        for (text, expected) in [
            ("14:05", Some("14:05:00")),
            ("9:44:09", Some("09:44:09")),
            ("1:22:56PM", Some("13:22:56")),
            ("12:00 am", Some("00:00:00")),
            ("14h05", Some("14:05:00")),
            ("25:00", None),
            ("x", None),
        ] {
            assert_eq!(time(text).map(|(t, _)| t.to_string()).as_deref(), expected, "{text}");
        }
    }
}
