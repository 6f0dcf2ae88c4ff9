//! Wall-clock time as the contract writes it: ISO-8601 UTC, milliseconds, literal `Z`.
//!
//! Integer arithmetic only, and no value panics: years outside 0–9999 are written with a sign and six
//! digits, as ISO 8601 has it.

use std::fmt;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

const DAY_MS: i64 = 86_400_000;
/// Days of 400 years, after which the Gregorian calendar repeats.
const ERA_DAYS: i64 = 146_097;
/// Days from 0000-03-01 to 1970-01-01.
const EPOCH_DAYS: i64 = 719_468;

/// Milliseconds since 1970-01-01T00:00:00Z. In JSON it is a string, in binary formats the number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct UtcMs(pub i64);

impl UtcMs {
    /// Reads `2026-11-21T14:05:00.000Z`, and nothing that is written differently.
    pub fn parse(text: &str) -> Option<Self> {
        let number = |from: usize, to: usize| text.get(from..to)?.parse::<i64>().ok();
        let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
        let minutes = number(11, 13)? * 60 + number(14, 16)?;
        let millis = (minutes * 60 + number(17, 19)?) * 1000 + number(20, 23)?;
        let time = Self(days_from_date(year, month, day) * DAY_MS + millis);
        // What is not a date, or is spelled otherwise, comes back different.
        (time.to_string() == text).then_some(time)
    }
}

impl fmt::Display for UtcMs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = date_from_days(self.0.div_euclid(DAY_MS));
        let millis = self.0.rem_euclid(DAY_MS);
        let (hour, minute) = (millis / 3_600_000, millis / 60_000 % 60);
        let (second, milli) = (millis / 1000 % 60, millis % 1000);
        match year {
            0..=9999 => write!(f, "{year:04}")?,
            _ => write!(f, "{year:+07}")?,
        }
        write!(f, "-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{milli:03}Z")
    }
}

/// Year, month and day of a number of days since 1970-01-01. Counts years from March, so that the leap day
/// is the last one: every month's start is then a linear function of its number.
fn date_from_days(days: i64) -> (i64, i64, i64) {
    let days = days + EPOCH_DAYS;
    let (era, day_of_era) = (days.div_euclid(ERA_DAYS), days.rem_euclid(ERA_DAYS));
    let leap_days = day_of_era / 1460 - day_of_era / 36_524 + day_of_era / (ERA_DAYS - 1);
    let year_of_era = (day_of_era - leap_days) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let march_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * march_month + 2) / 5 + 1;
    let month = if march_month < 10 { march_month + 3 } else { march_month - 9 };
    (era * 400 + year_of_era + i64::from(month <= 2), month, day)
}

/// The inverse of [`date_from_days`], for numbers of few digits.
fn days_from_date(year: i64, month: i64, day: i64) -> i64 {
    let march_year = if month <= 2 { year - 1 } else { year };
    let (era, year_of_era) = (march_year.div_euclid(400), march_year.rem_euclid(400));
    let march_month = (month + 9) % 12;
    let day_of_year = (153 * march_month + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * ERA_DAYS + day_of_era - EPOCH_DAYS
}

impl Serialize for UtcMs {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            serializer.collect_str(self)
        } else {
            self.0.serialize(serializer)
        }
    }
}

impl<'de> Deserialize<'de> for UtcMs {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if deserializer.is_human_readable() {
            let text = String::deserialize(deserializer)?;
            Self::parse(&text).ok_or_else(|| D::Error::custom("not a UTC time with milliseconds"))
        } else {
            i64::deserialize(deserializer).map(Self)
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn any_number_of_milliseconds_is_written() {
        let check = |ms, expected: &str| assert_eq!(UtcMs(ms).to_string(), expected);
        check(0, "1970-01-01T00:00:00.000Z");
        check(-1, "1969-12-31T23:59:59.999Z");
        check(951_782_400_000, "2000-02-29T00:00:00.000Z");
        check(-62_167_219_200_000, "0000-01-01T00:00:00.000Z");
        check(-62_167_219_200_001, "-000001-12-31T23:59:59.999Z");
        check(253_402_300_800_000, "+010000-01-01T00:00:00.000Z");
        check(i64::MAX, "+292278994-08-17T07:12:55.807Z");
        check(i64::MIN, "-292275055-05-16T16:47:04.192Z");
    }

    #[test]
    fn only_the_one_spelling_of_a_real_date_is_read() {
        let check = |text, expected| assert_eq!(UtcMs::parse(text), expected, "{text}");
        check("2026-11-21T14:05:00.000Z", Some(UtcMs(1_795_269_900_000)));
        check("2026-02-29T14:05:00.000Z", None);
        check("2026-11-21T24:00:00.000Z", None);
        check("2026-11-21T14:05:00Z", None);
        check("2026-11-21T14:05:00.000+00:00", None);
        check("2026-11-21 14:05:00.000Z", None);
        check("+026-11-21T14:05:00.000Z", None);
        check("2026-11-21T14:05:00.00é", None);
        check("", None);
    }

    proptest! {
        #[test]
        fn dates_agree_with_another_implementation(ms in -62_167_219_200_000i64..253_402_207_200_000) {
            let other = Timestamp::from_millisecond(ms).unwrap();
            let text = UtcMs(ms).to_string();
            prop_assert_eq!(&text, &other.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string());
            prop_assert_eq!(UtcMs::parse(&text), Some(UtcMs(ms)));
        }

        #[test]
        fn no_time_panics(ms in any::<i64>(), text in ".{0,30}") {
            prop_assert!(UtcMs(ms).to_string().ends_with('Z'));
            let _ = UtcMs::parse(&text);
        }
    }
}
