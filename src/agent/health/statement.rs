//! What stands on `…/health` and in `health.json`: one JSON object; `docs/health.md` has every field.
//!
//! Numbers that cannot be known are null, never 0. Counters grow since `started`.

use std::collections::BTreeMap;

use serde::Serialize;
use tillgate_events::{BootId, Class};

use super::rates::{DayRate, ShortRates, hours_left};
use super::snapshot::{DeviceHealth, Passed, Snapshot};
use super::{Docks, Doors, Records, Screens, StoreHealth, Tags, Tills};
use crate::forward::{LinkState, Progress};
use crate::store::Vitals;
use crate::time::Now;

/// What does not change while the agent runs.
#[derive(Clone, Debug)]
pub struct About {
    /// The gateway's name.
    pub gateway: String,
    /// When the agent started.
    pub started: Now,
    /// This boot.
    pub boot_id: BootId,
    /// Cap on the database with its log.
    pub max_bytes: u64,
    /// Seconds between two statements on `…/health`; 0 for never.
    pub interval_s: u64,
}

/// The object.
#[derive(Clone, Debug, Serialize)]
pub struct Statement {
    gateway: String,
    version: &'static str,
    at: String,
    started: String,
    /// Since the agent started.
    pub uptime_s: u64,
    interval_s: u64,
    /// Whether the wall clock can be believed.
    pub clock: &'static str,
    /// Each class.
    pub streams: BTreeMap<&'static str, Stream>,
    /// Losses.
    pub gaps: Gaps,
    /// The outbox's room.
    pub buffer: Buffer,
    /// The way to the cloud.
    pub cloud: Cloud,
    /// The outbox's work.
    pub store: Work,
    /// As in [`Health`](super::Health).
    pub records: Records,
    tills: Tills,
    doors: Doors,
    tags: Tags,
    docks: Docks,
    screens: Screens,
    /// In the order of the configuration.
    pub devices: Vec<DeviceHealth>,
}

/// One class.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Stream {
    /// Records that passed.
    #[serde(flatten)]
    pub passed: Passed,
    /// Batches accepted and not kept.
    pub waiting_rows: Option<u64>,
    /// Records in them.
    pub waiting_records: Option<u64>,
    /// Their payload.
    pub waiting_bytes: Option<u64>,
    /// Age of the oldest; null without one.
    pub oldest_s: Option<u64>,
}

/// Losses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Gaps {
    /// Not told, or not confirmed.
    pub untold: Option<u64>,
    /// Records in these.
    pub untold_records: Option<u64>,
    /// Records that were joined to others, as far as the cloud has not heard of it.
    pub untold_thinned: Option<u64>,
    /// Told and let go of since the start.
    pub told: u64,
}

/// The outbox's room.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Buffer {
    /// The cap.
    pub max_bytes: u64,
    /// Of pages in use and the log.
    pub used_bytes: Option<u64>,
    /// That the file system would give.
    pub disk_free_bytes: Option<u64>,
    /// Of that, the journal of documents, whose finished ones give way.
    pub journal_bytes: Option<u64>,
    /// Documents that are open.
    pub journal_open: Option<u64>,
    /// That can still be accepted.
    pub room_bytes: Option<u64>,
    /// Accepted, over the last day or since the start; null while that is too short.
    pub bytes_per_hour: Option<u64>,
    /// Over how long that was measured.
    pub measured_s: u64,
    /// Until the room is used up if nothing is sent; null where nobody can know.
    pub hours_left: Option<u64>,
}

/// The way to the cloud.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Cloud {
    /// Always true on `…/health` itself.
    pub connected: bool,
    since: String,
    error: Option<String>,
    /// The gateway's clock is probably why there is no connection.
    pub clock_suspect: bool,
    refused_class: Option<&'static str>,
    refused_reason: Option<u8>,
    #[serde(flatten)]
    progress: Progress,
}

/// The outbox's work.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Work {
    #[serde(flatten)]
    counters: StoreHealth,
    /// Damaged rows kept for inspection.
    pub quarantine: Option<u64>,
    /// By the whole process.
    pub written_bytes: Option<u64>,
    commits_per_s: f64,
    written_bytes_per_s: Option<f64>,
}

impl Statement {
    /// What is said of `snapshot`.
    #[must_use]
    pub fn new(about: &About, snapshot: &Snapshot, day: DayRate, short: ShortRates) -> Self {
        let Snapshot { at, health, vitals, .. } = snapshot;
        let vitals = vitals.as_ref();
        Self {
            gateway: about.gateway.clone(),
            version: env!("CARGO_PKG_VERSION"),
            at: at.wall.to_string(),
            started: about.started.wall.to_string(),
            uptime_s: at.mono.since(about.started.mono).as_secs(),
            interval_s: about.interval_s,
            clock: snapshot.clock.name(),
            streams: streams(about, snapshot),
            gaps: Gaps {
                untold: vitals.map(|it| it.gaps),
                untold_records: vitals.map(|it| it.gap_records),
                untold_thinned: vitals.map(|it| it.thinned_records),
                told: snapshot.link.progress.gaps_told,
            },
            buffer: buffer(about.max_bytes, vitals, day),
            cloud: cloud(&snapshot.link),
            store: Work {
                counters: health.store.clone(),
                quarantine: vitals.map(|it| it.quarantine),
                written_bytes: snapshot.written_bytes,
                commits_per_s: short.commits,
                written_bytes_per_s: short.written_bytes,
            },
            records: health.records.clone(),
            tills: health.tills.clone(),
            doors: health.doors.clone(),
            tags: health.tags.clone(),
            docks: health.docks.clone(),
            screens: health.screens.clone(),
            devices: snapshot.devices.clone(),
        }
    }

    /// As text, in one line.
    #[must_use]
    pub fn to_json(&self) -> String {
        // Writing numbers and text into memory does not fail.
        serde_json::to_string(self).unwrap_or_default()
    }
}

fn streams(about: &About, snapshot: &Snapshot) -> BTreeMap<&'static str, Stream> {
    let stream = |(class, passed): (&Class, &Passed)| {
        let waiting = snapshot.vitals.as_ref().and_then(|it| it.waiting.get(class));
        let oldest = waiting.and_then(|it| it.oldest);
        let stream = Stream {
            passed: *passed,
            waiting_rows: waiting.map(|it| it.rows),
            waiting_records: waiting.map(|it| it.records),
            waiting_bytes: waiting.map(|it| it.bytes),
            oldest_s: oldest.map(|stamp| stamp.age_s(snapshot.at, about.boot_id)),
        };
        (class.name(), stream)
    };
    snapshot.streams.iter().map(stream).collect()
}

/// The outbox's room and how long it lasts.
#[must_use]
pub fn buffer(max_bytes: u64, vitals: Option<&Vitals>, day: DayRate) -> Buffer {
    let room = vitals.map(|it| it.room(max_bytes));
    Buffer {
        max_bytes,
        used_bytes: vitals.map(|it| it.used_bytes),
        journal_bytes: vitals.map(|it| it.journal_bytes),
        journal_open: vitals.map(|it| it.journal_open),
        disk_free_bytes: vitals.and_then(|it| it.disk_free_bytes),
        room_bytes: room,
        bytes_per_hour: day.bytes_per_hour,
        measured_s: day.measured.as_secs(),
        hours_left: room.and_then(|room| hours_left(room, day)),
    }
}

fn cloud(link: &LinkState) -> Cloud {
    Cloud {
        connected: link.connected,
        since: link.since.to_string(),
        error: link.last_error.clone(),
        clock_suspect: link.clock_suspect,
        refused_class: link.refused.map(|(class, _)| class.name()),
        refused_reason: link.refused.map(|(_, reason)| reason),
        progress: link.progress,
    }
}

#[cfg(test)]
pub mod samples;
#[cfg(test)]
mod tests;
