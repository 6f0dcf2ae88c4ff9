//! A delivery plan: which truck is expected when, and what it brings. A file of one's own system: CSV, or TOML where
//! its name ends so.
//!
//! All mistakes are told at once, each with its line and column. A plan with a mistake is none: half a plan would make
//! the other half's trucks unplanned ones.
//!
//! CSV: the first line names the columns, in any order; `shipment_id` and `planned_arrival` must be there, `truck_id`,
//! `dock`, `unload_min` and `dc_id` may be. TOML: a `[[delivery]]` with the same keys for each. A time has an offset
//! (`2026-11-21T14:30:00+01:00`, or `Z`) or is the store's own (`2026-11-21 14:30`).

mod csv;
mod toml;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use crate::spanned::{Fault, Mistake, did_you_mean, quote};
use crate::time::UtcMs;

/// Characters of a name.
const NAME_CHARS: usize = 64;

/// What is expected.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// In the order of the file.
    pub deliveries: Vec<Delivery>,
}

/// One truck's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// Unique in the plan.
    pub shipment_id: String,
    /// The id of the truck's `[[tag]]`; `None`: whoever brings it.
    pub truck_id: Option<String>,
    /// Where it is expected.
    pub dock: Option<String>,
    /// When it is expected.
    pub planned: UtcMs,
    /// How long unloading takes, in minutes.
    pub unload_minutes: Option<u32>,
    /// The distribution centre that it comes from.
    pub dc_id: Option<u64>,
}

/// What a plan is read against.
#[derive(Clone, Debug)]
pub struct Yardstick {
    /// The store's.
    pub zone: TimeZone,
    /// Names of the docks.
    pub docks: Vec<String>,
}

/// Reads a plan; `file` is what messages call it.
///
/// # Errors
/// All its mistakes, never an empty list.
pub fn parse(file: &str, text: &str, by: &Yardstick) -> Result<Plan, Vec<Mistake>> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let is_toml = file.len() > 5 && file.get(file.len() - 5..).is_some_and(|end| end == ".toml");
    let (deliveries, mistakes) =
        if is_toml { toml::parse(file, text, by) } else { csv::parse(file, text, by) };
    if mistakes.is_empty() { Ok(Plan { deliveries }) } else { Err(mistakes) }
}

/// Shipments that were read, and on which line.
#[derive(Debug, Default)]
struct Seen(BTreeMap<String, usize>);

impl Seen {
    fn take(&mut self, shipment: &str, line: usize) -> Result<(), Fault> {
        match self.0.get(shipment) {
            Some(first) => {
                let fault = Fault::new(format!("the shipment {} is there twice", quote(shipment)));
                Err(fault.hint(format!("first on line {first}")))
            }
            None => {
                self.0.insert(shipment.to_owned(), line);
                Ok(())
            }
        }
    }
}

impl Yardstick {
    fn dock(&self, text: &str) -> Result<String, Fault> {
        if self.docks.iter().any(|dock| dock == text) {
            return Ok(text.to_owned());
        }
        let known = self.docks.iter().map(String::as_str);
        let fault = Fault::new(format!("no [[dock]] has the name {}", quote(text)));
        let near = did_you_mean(text, known.clone());
        let all = known.collect::<Vec<_>>().join(", ");
        Err(fault.hint(near.unwrap_or_else(|| format!("there are: {all}"))))
    }

    fn moment(&self, text: &str) -> Result<UtcMs, Fault> {
        let stamp = text.parse::<Timestamp>().ok();
        let own = || {
            let local: DateTime = text.parse().ok().filter(|_| text.contains(':'))?;
            self.zone.to_timestamp(local).ok()
        };
        let stamp = stamp.or_else(own).map(|stamp| UtcMs(stamp.as_millisecond()));
        stamp.ok_or_else(|| {
            let fault = Fault::new(format!("{} is no date with a time", quote(text)));
            fault.hint("as 2026-11-21 14:30 in the store's time, or 2026-11-21T14:30:00+01:00")
        })
    }
}

fn name(text: &str) -> Result<String, Fault> {
    let length = text.chars().count();
    if text.trim().is_empty() || length > NAME_CHARS || text.chars().any(char::is_control) {
        return Err(Fault::new(format!("{} is no name", quote(text))).hint("1 to 64 characters"));
    }
    Ok(text.to_owned())
}

fn minutes(text: &str) -> Result<u32, Fault> {
    let minutes = text.parse().ok().filter(|it| (1..=MOST_MINUTES).contains(it));
    minutes.ok_or_else(|| {
        Fault::new(format!("{} is not a number of minutes from 1 to {MOST_MINUTES}", quote(text)))
    })
}

fn number(text: &str) -> Result<u64, Fault> {
    let number = text.parse().ok().filter(|it| (1..=i64::MAX.unsigned_abs()).contains(it));
    number.ok_or_else(|| Fault::new(format!("{} is not a whole number above 0", quote(text))))
}

/// A day.
const MOST_MINUTES: u32 = 24 * 60;
