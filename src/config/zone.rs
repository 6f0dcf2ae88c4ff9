//! `[zones]`: how it is decided where a tag is, and when it is there.

use std::ops::RangeInclusive;
use std::time::Duration;

use super::zone_model::{PresenceByClass, PresenceConfig, ZoneConfig};
use crate::spanned::{Fault, Table, Value};

/// What may be set, in seconds. An exit that takes longer than a gap that ends any visit would never be seen.
const TAU_S: RangeInclusive<u64> = 1..=120;
const HOLD_S: RangeInclusive<u64> = 0..=120;
const EXPIRY_S: RangeInclusive<u64> = 5..=600;
const EXIT_S: RangeInclusive<u64> = 10..=1800;
const REENTRY_S: RangeInclusive<u64> = 0..=7200;

/// `[zones]` with its classes; all of it has a default.
pub fn zones(root: &mut Table<'_>) -> Option<ZoneConfig> {
    if root.has("zones") { root.section("zones", read) } else { Some(ZoneConfig::default()) }
}

/// Whole decibels, or dBm, within `range`.
pub fn decibels(value: Value<'_>, range: RangeInclusive<i64>) -> Result<i8, Fault> {
    let number = value.signed()?;
    let (low, high) = (*range.start(), *range.end());
    let fault = || Fault::new(format!("`{number}` is not within {low} to {high}"));
    i8::try_from(number).ok().filter(|_| range.contains(&number)).ok_or_else(fault)
}

fn read(table: &mut Table<'_>) -> Option<ZoneConfig> {
    let usual = ZoneConfig::default();
    let tau = seconds(table, "tau_s", usual.tau, TAU_S);
    let hysteresis_db = table.or("hysteresis_db", usual.hysteresis_db, |v| v.integer(0..=40));
    let hold = seconds(table, "hold_s", usual.hold, HOLD_S);
    let expiry = seconds(table, "expiry_s", usual.expiry, EXPIRY_S);
    let all = presence(table, PresenceConfig::default());
    let base = all.unwrap_or_default();
    let mut class = |key: &'static str| {
        let read = table.section(key, |it| presence(it, base));
        if table.has(key) { read } else { Some(base) }
    };
    let [customer, asset, truck, reference] =
        [class("customer"), class("asset"), class("truck"), class("reference")];
    all?;
    Some(ZoneConfig {
        tau: tau?,
        hysteresis_db: hysteresis_db?,
        hold: hold?,
        expiry: expiry?,
        presence: PresenceByClass {
            customer: customer?,
            asset: asset?,
            truck: truck?,
            reference: reference?,
        },
    })
}

/// When a tag is there; what is not set is as `usual`.
fn presence(table: &mut Table<'_>, usual: PresenceConfig) -> Option<PresenceConfig> {
    let exit = seconds(table, "exit_s", usual.exit, EXIT_S);
    let reentry = seconds(table, "reentry_s", usual.reentry, REENTRY_S);
    let min_adverts = table.or("min_adverts", usual.min_adverts, |v| v.integer(1..=100));
    let enter_dbm = table.or("enter_dbm", usual.enter_dbm, |v| decibels(v, -127..=0));
    Some(PresenceConfig {
        exit: exit?,
        reentry: reentry?,
        min_adverts: min_adverts?,
        enter_dbm: enter_dbm?,
    })
}

fn seconds(
    table: &mut Table<'_>,
    key: &'static str,
    usual: Duration,
    range: RangeInclusive<u64>,
) -> Option<Duration> {
    table.or(key, usual, |v| v.integer(range).map(Duration::from_secs))
}
