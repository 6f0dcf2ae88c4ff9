//! Dates and times as printed, read into ISO form without a zone.
//!
//! Which order day and month have is the locale's business; a date that fits none of its formats is no date.

use jiff::civil::{Date, Time};
use jiff::fmt::strtime::BrokenDownTime;

/// No till is older.
const FIRST_YEAR: i16 = 1970;

/// Reads a date by the first format (strptime's signs) that fits.
#[must_use]
pub fn date(text: &str, formats: &[String]) -> Option<Date> {
    formats.iter().find_map(|format| {
        let date = BrokenDownTime::parse(format, text.trim()).ok()?.to_date().ok()?;
        // `%Y` takes two digits too and makes a year of antiquity of them.
        Some(date).filter(|date| date.year() >= FIRST_YEAR)
    })
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
            assert_eq!(date(text, &formats).map(|d| d.to_string()).as_deref(), expected, "{text}");
        }
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
