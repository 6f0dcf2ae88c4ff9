//! `[hours]`: what tells that the store opens and closes.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::civil::Date;

use super::model::{DoorConfig, DoorKind};
use crate::limits;
use crate::spanned::{Fault, Table, quote};

/// Minutes of a day.
const DAY: u16 = 24 * 60;

/// One stretch of a day, in minutes since its midnight. An end that is not after its begin is of the next day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stretch {
    /// At most a day.
    pub opens: u16,
    /// Likewise.
    pub closes: u16,
}

/// The hours of a store.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hours {
    /// From Monday on.
    pub week: [Vec<Stretch>; 7],
    /// Days that are not as their weekday: (year, month, day).
    pub exceptions: BTreeMap<(i16, i8, i8), Vec<Stretch>>,
}

/// What tells that the store opens and closes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OpenedBy {
    /// Its hours.
    Hours(Hours),
    /// The first and the last thing that happens; closed after so long without anything.
    Activity {
        /// At least a minute.
        idle: Duration,
    },
    /// A contact, of a shutter or a lock.
    Contact {
        /// The name of its `[[door]]`.
        door: String,
        /// How long it must stay closed.
        hold: Duration,
    },
}

#[derive(Clone, Copy, PartialEq)]
enum By {
    Hours,
    Activity,
    Contact,
}

const BY: &[(&str, By)] =
    &[("hours", By::Hours), ("activity", By::Activity), ("contact", By::Contact)];

/// From Monday on.
const WEEKDAYS: [&str; 7] =
    ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

/// Reads the section.
pub fn read(table: &mut Table<'_>) -> Option<OpenedBy> {
    let by = table.or("opened_by", By::Hours, |v| v.one_of(BY))?;
    let week = WEEKDAYS.map(|day| table.or(day, Vec::new(), |v| stretches(v.str()?)));
    let exceptions = table.section("exceptions", exceptions);
    let has_exceptions = table.has("exceptions");
    let idle = table.or("idle_min", 180, |v| v.integer(1..=1440));
    let contact = table.optional("contact", |v| v.str().map(str::to_owned));
    let hold = table.or("hold_s", 60, |v| v.integer(0..=3600));
    refuse_useless(table, by);
    match by {
        By::Hours => {
            let mut hours = Hours::default();
            for (place, day) in hours.week.iter_mut().zip(week) {
                *place = day?;
            }
            hours.exceptions = if has_exceptions { exceptions? } else { BTreeMap::new() };
            if hours.week.iter().all(Vec::is_empty) {
                let fault = Fault::new("[hours] names no day, so the store never opens");
                table.mistake("", fault.hint("write `monday = \"08:00-20:00\"` and so on"));
                return None;
            }
            Some(OpenedBy::Hours(hours))
        }
        By::Activity => Some(OpenedBy::Activity { idle: Duration::from_secs(60 * idle?) }),
        By::Contact => {
            if contact.is_none() && !table.has("contact") {
                let fault = Fault::new("`opened_by = \"contact\"` without `contact`");
                table.mistake("opened_by", fault.hint("name the [[door]] of the contact"));
            }
            Some(OpenedBy::Contact { door: contact?, hold: Duration::from_secs(hold?) })
        }
    }
}

/// A key that says nothing with this `opened_by`.
fn refuse_useless(table: &Table<'_>, by: By) {
    let of = |key: &str| match key {
        "idle_min" => By::Activity,
        "contact" | "hold_s" => By::Contact,
        _ => By::Hours,
    };
    for key in WEEKDAYS.into_iter().chain(["exceptions", "idle_min", "contact", "hold_s"]) {
        if table.has(key) && of(key) != by {
            let name = BY.iter().find(|(_, it)| *it == by).map_or("", |(name, _)| name);
            let fault = Fault::new(format!("`{key}` says nothing with `opened_by = \"{name}\"`"));
            table.mistake(key, fault.hint("take one of them away"));
        }
    }
}

/// What no section can tell by itself: the contact must be there, and it then counts nobody.
pub fn join(by: Option<&OpenedBy>, doors: &mut [DoorConfig], table: &Table<'_>) {
    let Some(OpenedBy::Contact { door: name, .. }) = by else { return };
    let contact = |door: &&mut DoorConfig| {
        matches!(door.kind, DoorKind::GpioContact { .. } | DoorKind::BleContact { .. })
    };
    match doors.iter_mut().find(|door| door.name == *name) {
        Some(door) if contact(&door) => door.counts_openings = false,
        Some(_) => {
            let fault = Fault::new(format!("the door {} is no contact", quote(name)));
            table.mistake("contact", fault.hint("kind = \"gpio-contact\" or \"ble-contact\""));
        }
        None => {
            let fault = Fault::new(format!("there is no [[door]] {}", quote(name)));
            table.mistake("contact", fault.hint("the shutter or lock is a [[door]] of its own"));
        }
    }
}

fn exceptions(table: &mut Table<'_>) -> Option<BTreeMap<(i16, i8, i8), Vec<Stretch>>> {
    let mut days = BTreeMap::new();
    let mut good = true;
    let pairs = table.pairs();
    if pairs.len() > limits::HOURS_EXCEPTIONS {
        let what = format!("more than {} days of their own", limits::HOURS_EXCEPTIONS);
        table.mistake("", Fault::new(what).hint("leave out those that are over"));
        return None;
    }
    for ((day, at), (text, text_at)) in pairs {
        let Ok(date) = day.parse::<Date>() else {
            let fault = Fault::new(format!("{} is no date", quote(&day)));
            table.remarks().mistake(&at, fault.hint("as \"2026-12-24\""));
            good = false;
            continue;
        };
        match stretches(&text) {
            Ok(hours) => {
                days.insert((date.year(), date.month(), date.day()), hours);
            }
            Err(fault) => {
                table.remarks().mistake(&text_at, fault);
                good = false;
            }
        }
    }
    good.then_some(days)
}

/// `08:00-12:30, 14:00-20:00`, or `closed`.
fn stretches(text: &str) -> Result<Vec<Stretch>, Fault> {
    if text.trim() == "closed" {
        return Ok(Vec::new());
    }
    let mut all: Vec<Stretch> = Vec::new();
    for part in text.split(',') {
        let times = part.split_once('-').and_then(|(opens, closes)| {
            Some(Stretch { opens: minutes(opens)?, closes: minutes(closes)? })
        });
        let fits = |it: &Stretch| {
            it.opens != it.closes
                && all.last().is_none_or(|last| last.opens < last.closes && last.closes < it.opens)
        };
        match times.filter(fits) {
            Some(stretch) => all.push(stretch),
            None => {
                let fault = Fault::new(format!("{} are no hours", quote(text)));
                return Err(
                    fault.hint("as \"08:00-20:00\", \"08:00-12:30, 14:00-20:00\" or \"closed\"")
                );
            }
        }
    }
    Ok(all)
}

/// `24:00` is the end of the day.
fn minutes(text: &str) -> Option<u16> {
    let number = |text: &str| -> Option<u16> {
        let digits = text.len() == 2 && text.bytes().all(|b| b.is_ascii_digit());
        text.parse().ok().filter(|_| digits)
    };
    let (hour, minute) = text.trim().split_once(':')?;
    let (hour, minute) = (number(hour)?, number(minute)?);
    let minutes = hour * 60 + minute;
    (minute < 60 && minutes <= DAY).then_some(minutes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Option<&[(u16, u16)]>) {
        let found = stretches(text).ok();
        let found: Option<Vec<_>> =
            found.map(|all| all.iter().map(|it| (it.opens, it.closes)).collect());
        assert_eq!(found.as_deref(), expected, "{text:?}");
    }

    #[test]
    fn hours_of_a_day_are_stretches_in_order() {
        check("closed", Some(&[]));
        check("08:00-20:00", Some(&[(480, 1200)]));
        check("08:00-12:30, 14:00-24:00", Some(&[(480, 750), (840, 1440)]));
        check("18:00-02:00", Some(&[(1080, 120)]));
        check("00:00-24:00", Some(&[(0, 1440)]));
    }

    #[test]
    fn what_is_no_hours_is_refused() {
        for text in [
            "",
            "open",
            "8:00-20:00",
            "08:00",
            "08:00-08:00",
            "08:60-20:00",
            "08:00-24:01",
            "14:00-20:00, 08:00-12:00",
            "18:00-02:00, 03:00-04:00",
            "08:00-12:00,",
            "+8:00-20:00",
            "99:99-99:99",
            "08:00-12:00, 12:00-14:00",
        ] {
            check(text, None);
        }
    }
}
