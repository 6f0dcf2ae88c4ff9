//! Fewer records that say the same in the sum: for a buffer that is full.
//!
//! | of | what becomes one | what it says |
//! |---|---|---|
//! | door counts | those of a sensor, zone and direction in a minute of the clock | the sum, `window_seconds` 60 |
//! | tag windows | those of a tag, receiver and zone that follow each other | all that each of them says |
//!
//! # Invariants
//! - People are neither lost nor made. Pings, their sum and their extremes are neither.
//! - Windows are joined over a silence of at most [`limits::THIN_TAG_GAP`] and up to [`limits::THIN_TAG_SPAN`]: the
//!   stays of a tag in a zone, told apart by any longer silence, are those of the pings, to the millisecond.
//! - Anything else stays as it is. What became one stands where its last part stood.
//! - Thinning what was thinned is allowed.

use std::collections::BTreeMap;

use tillgate_events::{Body, Crossing, Record, TagWindow};

use crate::limits;

/// A minute of the clock in milliseconds, and as windows tell it.
const MINUTE_MS: i64 = 60_000;
const MINUTE_S: u32 = 60;

/// Takes records of one class in their order.
#[derive(Debug, Default)]
pub struct Thinner {
    records: BTreeMap<usize, Record>,
    taken: usize,
    /// Where the record stands that the next of its kind may be joined to.
    open: BTreeMap<Kin, usize>,
}

/// What records must have in common to become one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Kin {
    source: String,
    /// Sensor or receiver.
    device: String,
    zone: String,
    what: What,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum What {
    Entries { minute: i64 },
    Exits { minute: i64 },
    Tag(String),
}

impl Thinner {
    /// Takes a record.
    pub fn push(&mut self, record: Record) {
        let place = self.taken;
        self.taken += 1;
        let Some(kin) = Kin::of(&record) else {
            self.records.insert(place, record);
            return;
        };
        let before = self.open.insert(kin, place);
        let joined = before.and_then(|before| {
            let joined = joined(self.records.get(&before)?, &record)?;
            self.records.remove(&before);
            Some(joined)
        });
        self.records.insert(place, joined.unwrap_or(record));
    }

    /// How many records are left.
    #[must_use]
    pub fn len(&self) -> usize {
        self.records.len()
    }

    /// Whether none is.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.records.is_empty()
    }

    /// What is left, in order.
    #[must_use]
    pub fn finish(self) -> Vec<Record> {
        self.records.into_values().collect()
    }
}

/// Whether it is worth least: where even the joined records are too many, these go first.
#[must_use]
pub fn is_worth_least(record: &Record) -> bool {
    matches!(record.body, Body::TagWindow(_))
}

impl Kin {
    fn of(record: &Record) -> Option<Self> {
        let minute = record.at.0.div_euclid(MINUTE_MS);
        let (device, zone, what) = match &record.body {
            Body::CustomerEntered(it) => (&it.sensor_id, &it.zone, What::Entries { minute }),
            Body::CustomerExited(it) => (&it.sensor_id, &it.zone, What::Exits { minute }),
            Body::TagWindow(it) => (&it.beacon_id, &it.zone, What::Tag(it.customer_ble_id.clone())),
            _ => return None,
        };
        let (device, zone) = (device.clone(), zone.clone());
        Some(Self { source: record.source.clone(), device, zone, what })
    }
}

/// One record for two, unless that would say something else.
fn joined(before: &Record, after: &Record) -> Option<Record> {
    let body = match (&before.body, &after.body) {
        (Body::CustomerEntered(a), Body::CustomerEntered(b)) => {
            Body::CustomerEntered(crossings(a, b)?)
        }
        (Body::CustomerExited(a), Body::CustomerExited(b)) => {
            Body::CustomerExited(crossings(a, b)?)
        }
        (Body::TagWindow(a), Body::TagWindow(b)) => Body::TagWindow(windows(a, b)?),
        _ => return None,
    };
    Some(Record { at: after.at, source: after.source.clone(), body })
}

fn crossings(before: &Crossing, after: &Crossing) -> Option<Crossing> {
    let short = |it: &Crossing| it.window_seconds <= MINUTE_S;
    if !short(before) || !short(after) || before.dwell_time != after.dwell_time {
        return None;
    }
    Some(Crossing {
        customer_count: before.customer_count.checked_add(after.customer_count)?,
        occupancy: after.occupancy.or(before.occupancy),
        window_seconds: MINUTE_S,
        ..after.clone()
    })
}

fn windows(before: &TagWindow, after: &TagWindow) -> Option<TagWindow> {
    let millis = |duration: std::time::Duration| i64::try_from(duration.as_millis()).ok();
    let gap = after.first_seen.0.checked_sub(before.last_seen.0)?;
    let span = after.last_seen.0.checked_sub(before.first_seen.0)?;
    // A clock that was set back makes neither.
    let follows = (0..=millis(limits::THIN_TAG_GAP)?).contains(&gap);
    if !follows || !(0..=millis(limits::THIN_TAG_SPAN)?).contains(&span) {
        return None;
    }
    let gap = u32::try_from(gap).ok()?;
    Some(TagWindow {
        ping_count: before.ping_count.checked_add(after.ping_count)?,
        rssi_sum: before.rssi_sum.checked_add(after.rssi_sum)?,
        rssi_min: before.rssi_min.min(after.rssi_min),
        rssi_max: before.rssi_max.max(after.rssi_max),
        first_seen: before.first_seen,
        max_gap_ms: before.max_gap_ms.max(after.max_gap_ms).max(gap),
        ..after.clone()
    })
}

#[cfg(test)]
mod tests;
