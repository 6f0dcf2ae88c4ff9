//! When the store is open by its hours: pure, in the store's time zone, with exceptions by date.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use tillgate_events::UtcMs;

use crate::config::Hours;
use crate::limits::HOURS_DAYS;

/// Minutes of a day.
const DAY: u16 = 24 * 60;

/// The store opens or closes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Change {
    pub at: UtcMs,
    pub open: bool,
}

/// The changes of the days around `wall`, in order, opening and closing by turns. Times that a change of the clocks
/// leaves out are later by what it leaves out; of those that come twice the first is meant.
#[must_use]
pub fn around(hours: &Hours, wall: UtcMs, zone: &TimeZone) -> Vec<Change> {
    let Ok(now) = Timestamp::from_millisecond(wall.0) else { return Vec::new() };
    let today = now.to_zoned(zone.clone()).date();
    let days = (-HOURS_DAYS..=HOURS_DAYS)
        .filter_map(|day| today.checked_add(jiff::Span::new().days(day)).ok());
    let mut open: Vec<(i64, i64)> = days.flat_map(|day| stretches(hours, day, zone)).collect();
    open.sort_unstable();
    let mut changes: Vec<Change> = Vec::new();
    for (opens, closes) in open {
        match changes.last_mut() {
            // Hours that touch are one stretch.
            Some(last) if opens <= last.at.0 => last.at.0 = last.at.0.max(closes),
            _ => {
                let both = [(opens, true), (closes, false)];
                changes.extend(both.map(|(at, open)| Change { at: UtcMs(at), open }));
            }
        }
    }
    changes
}

/// The stretches of a day as moments in milliseconds.
fn stretches(hours: &Hours, day: Date, zone: &TimeZone) -> Vec<(i64, i64)> {
    let weekday = usize::try_from(day.weekday().to_monday_zero_offset()).unwrap_or_default();
    let exception = hours.exceptions.get(&(day.year(), day.month(), day.day()));
    let Some(stretches) = exception.or_else(|| hours.week.get(weekday)) else { return Vec::new() };
    let moments = stretches.iter().filter_map(|stretch| {
        let later = if stretch.closes > stretch.opens { 0 } else { DAY };
        Some((moment(day, stretch.opens, zone)?, moment(day, stretch.closes + later, zone)?))
    });
    moments.filter(|(opens, closes)| opens < closes).collect()
}

fn moment(day: Date, minutes: u16, zone: &TimeZone) -> Option<i64> {
    let time = day.at(0, 0, 0, 0).checked_add(jiff::Span::new().minutes(minutes)).ok()?;
    Some(zone.to_zoned(time).ok()?.timestamp().as_millisecond())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::config::Stretch;

    fn time(text: &str) -> UtcMs {
        UtcMs(text.parse::<Timestamp>().unwrap().as_millisecond())
    }

    fn stretch(opens: u16, closes: u16) -> Stretch {
        Stretch { opens: opens * 60, closes: closes * 60 }
    }

    /// The two changes before `now` and the two after it, as opening (+) and closing (-).
    fn check(hours: &Hours, zone: &str, now: &str, expected: &str) {
        let (zone, now) = (TimeZone::get(zone).unwrap(), time(now));
        let changes = around(hours, now, &zone);
        let next = changes.iter().position(|change| change.at > now).unwrap_or(changes.len());
        let near = changes.iter().take(next + 2).skip(next.saturating_sub(2));
        let told = near.map(|change| {
            let at = Timestamp::from_millisecond(change.at.0).unwrap();
            format!("{}{}", if change.open { '+' } else { '-' }, at.strftime("%d %H:%M"))
        });
        assert_eq!(told.collect::<Vec<_>>().join(" "), expected, "at {now:?}");
    }

    /// The same hours on every day.
    fn daily(stretches: &[Stretch]) -> Hours {
        Hours { week: std::array::from_fn(|_| stretches.to_vec()), exceptions: BTreeMap::new() }
    }

    #[test]
    fn hours_are_of_the_zone_on_every_day_of_the_year() {
        let shop = daily(&[stretch(8, 20)]);
        let now = "2026-11-21T12:00:00Z";
        check(&shop, "Europe/Berlin", now, "-20 19:00 +21 07:00 -21 19:00 +22 07:00");
        check(&shop, "America/New_York", now, "+20 13:00 -21 01:00 +21 13:00 -22 01:00");
        // Clocks go forward on 29 March, and back on 25 October 2026.
        let now = "2026-03-28T22:00:00Z";
        check(&shop, "Europe/Berlin", now, "+28 07:00 -28 19:00 +29 06:00 -29 18:00");
        let now = "2026-10-24T22:00:00Z";
        check(&shop, "Europe/Berlin", now, "+24 06:00 -24 18:00 +25 07:00 -25 19:00");
    }

    #[test]
    fn a_time_that_the_clocks_leave_out_or_repeat_is_one_moment() {
        let early = daily(&[Stretch { opens: 150, closes: 600 }]);
        let now = "2026-03-29T05:00:00Z";
        check(&early, "Europe/Berlin", now, "-28 09:00 +29 01:30 -29 08:00 +30 00:30");
        let now = "2026-10-25T05:00:00Z";
        check(&early, "Europe/Berlin", now, "-24 08:00 +25 00:30 -25 09:00 +26 01:30");
    }

    #[test]
    fn a_bar_closes_after_midnight_and_who_never_closes_never_does() {
        let bar = daily(&[stretch(18, 2)]);
        check(&bar, "UTC", "2026-11-21T01:00:00Z", "-20 02:00 +20 18:00 -21 02:00 +21 18:00");
        let always = daily(&[stretch(0, 24)]);
        check(&always, "UTC", "2026-11-21T01:00:00Z", "+12 00:00 -01 00:00");
    }

    #[test]
    fn a_date_of_its_own_stands_for_its_weekday() {
        let mut shop = daily(&[stretch(8, 12), stretch(14, 18)]);
        shop.exceptions.insert((2026, 12, 24), vec![stretch(8, 13)]);
        shop.exceptions.insert((2026, 12, 25), Vec::new());
        let now = "2026-12-24T12:30:00Z";
        check(&shop, "UTC", now, "-23 18:00 +24 08:00 -24 13:00 +26 08:00");
    }

    #[test]
    fn a_store_without_hours_and_times_beyond_the_calendar_have_no_changes() {
        check(&Hours::default(), "UTC", "2026-11-21T12:00:00Z", "");
        for wall in [i64::MIN, i64::MAX, -377_705_023_201_000, 253_402_207_200_000] {
            let _ = around(&daily(&[stretch(8, 20)]), UtcMs(wall), &TimeZone::UTC);
        }
    }
}
