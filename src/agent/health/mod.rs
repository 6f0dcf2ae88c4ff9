//! What the agent knows of itself: one value for the log; with more beside it ([`snapshot`]) for `…/health`, the
//! metrics and `tillgate outbox` ([`statement`]).
//!
//! Counters grow since the start; what waits and the devices' states are of this moment. Serialised as JSON it is
//! one object of objects of numbers; the log line is the same flattened, without what is zero, so that a new
//! counter needs no second place.

pub mod looks;
pub mod rates;
pub mod snapshot;
pub mod statement;

use std::fmt;

use serde::Serialize;
use serde_json::Value;

use crate::forward::Progress;
use crate::limits;
use crate::time::Mono;

/// The agent's health.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Health {
    /// On their way into the store.
    pub records: Records,
    /// Accepted, and not yet kept.
    pub waiting: Waiting,
    /// The outbox.
    pub store: StoreHealth,
    /// The way to the cloud.
    pub cloud: Progress,
    /// In which state they are.
    pub devices: Devices,
    /// All together.
    pub tills: Tills,
    /// All together.
    pub doors: Doors,
    /// All receivers together.
    pub tags: Tags,
    /// All docks together.
    pub docks: Docks,
    /// All screens together.
    pub screens: Screens,
}

/// Records on their way into the store.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Records {
    /// Committed and synced since the start.
    pub accepted: u64,
    /// Seen, and now in memory only.
    pub not_yet_accepted: u64,
    /// Could not be encoded and were left out: a bug.
    pub unwritable: u64,
}

/// Accepted, and not yet kept.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Waiting {
    /// Batches.
    pub rows: u64,
    /// In these batches.
    pub records: u64,
    /// Of payload.
    pub bytes: u64,
}

/// The outbox.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct StoreHealth {
    /// Transactions that succeeded.
    pub commits: u64,
    /// Commits that failed; their records were tried again.
    pub refusals: u64,
    /// Batches let go of.
    pub freed_rows: u64,
    /// Dropped at the configured cap; the gap table names them.
    pub evicted_records: u64,
    /// Joined to others at the cap: nothing of them is lost.
    pub thinned_records: u64,
    /// Put aside because of a wrong checksum.
    pub damaged_rows: u64,
    /// Times that the ballast was given up.
    pub disk_full: u64,
    /// Times that the mark beside the database could not be written.
    pub mark_failures: u64,
    /// 1 while the database or its log is deleted or replaced.
    pub files_gone: u64,
    /// Batches whose times were corrected once the clock was known.
    pub corrected_rows: u64,
    /// Pages of documents written to the journal.
    pub journal_pages: u64,
    /// Finished documents that left the journal at one of its bounds.
    pub journal_dropped: u64,
    /// Pages that were left out because too much waited for the store.
    pub journal_holes: u64,
    /// Pages of a damaged database that are still to be looked at; while there are, nothing is sent.
    pub salvage_pages_left: u64,
}

/// How many devices are in which state. One that never answered nor failed is in none.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Devices {
    /// They answer.
    pub up: u64,
    /// They do not.
    pub down: u64,
    /// They answer, and what they say suffers.
    pub degraded: u64,
    /// Pieces of input that could not be used.
    pub bad_input: u64,
}

/// All tills together.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Tills {
    /// Sent.
    pub receipts: u64,
    /// Of these, with sums that do not agree.
    pub failed_checks: u64,
    /// Copies.
    pub reprints: u64,
    /// Cancelled sales.
    pub voided: u64,
    /// Drawers opened without a sale.
    pub no_sales: u64,
    /// Documents that are no receipts.
    pub unparsed: u64,
    /// Lines that no rule took.
    pub unmatched_lines: u64,
    /// Parts of receipts beyond the bound.
    pub dropped_parts: u64,
}

/// All doors together.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Doors {
    /// Times that edges were lost.
    pub uncertain: u64,
    /// Times that totals jumped: how many passed is not known.
    pub new_bases: u64,
    /// Since the database was made: people who came in, as told.
    pub entered: u64,
    /// Likewise: people who went out, as told.
    pub exited: u64,
    /// Likewise: people who came and went back.
    pub turned_back: u64,
    /// Likewise: passages among those told that never blocked both beams.
    pub weak: u64,
    /// Likewise: people who passed while a beam was stuck, whose way nobody knows.
    pub undirected: u64,
    /// Likewise: people who may have walked close behind others; a guess that is not told.
    pub estimated: u64,
    /// Likewise: times that a beam was stuck.
    pub faults: u64,
    /// People inside now, where all doors are counted both ways.
    pub inside: Option<u64>,
}

/// All receivers together.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Tags {
    /// Adverts of devices that are not enrolled.
    pub strangers: u64,
    /// Windows closed early for want of room.
    pub closed_early: u64,
    /// Adverts with the address of an enrolled tag that do not prove to be its own.
    pub unproven: u64,
    /// Encrypted packets that somebody sent again.
    pub replayed: u64,
    /// Customers' tags that are there now, or away for a while.
    pub visitors: u64,
    /// Visits that ended early for want of room.
    pub visits_cut_short: u64,
    /// Adverts of adapters dropped because their queue was full.
    pub dropped: u64,
    /// The longest that one waited lately until it was taken, in milliseconds.
    pub wait_ms: u64,
}

/// All docks together.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Docks {
    /// Trucks that were forgotten or not told of for want of room.
    pub left_out: u64,
}

/// All screens together.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Screens {
    /// Keys in players' lines that mean nothing here.
    pub unknown_keys: u64,
}

impl fmt::Display for Health {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Ok(Value::Object(groups)) = serde_json::to_value(self) else { return Err(fmt::Error) };
        let mut between = "";
        for (group, counters) in &groups {
            for (name, value) in counters.as_object().into_iter().flatten() {
                if value.as_u64() != Some(0) && !value.is_null() {
                    write!(f, "{between}{group}.{name}={value}")?;
                    between = " ";
                }
            }
        }
        if between.is_empty() { f.write_str("nothing yet") } else { Ok(()) }
    }
}

/// Decides when the health line is due.
#[derive(Debug)]
pub struct HealthLog {
    looked: Mono,
    told: Health,
}

impl HealthLog {
    /// The first line comes after one interval.
    #[must_use]
    pub fn new(now: Mono) -> Self {
        Self { looked: now, told: Health::default() }
    }

    /// Whether to log this now: every [`limits::HEALTH_LOG`], if it changed.
    pub fn is_due(&mut self, now: Mono, health: &Health) -> bool {
        if now.since(self.looked) < limits::HEALTH_LOG {
            return false;
        }
        self.looked = now;
        let changed = self.told != *health;
        if changed {
            self.told.clone_from(health);
        }
        changed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_names_what_is_not_zero() {
        let mut health = Health::default();
        assert_eq!(health.to_string(), "nothing yet");
        health.tags.strangers = 4;
        health.records.accepted = 12;
        assert_eq!(health.to_string(), "records.accepted=12 tags.strangers=4");
    }

    #[test]
    fn the_line_comes_once_a_minute_and_only_with_news() {
        let mut log = HealthLog::new(Mono(0));
        let health = |accepted| {
            let records = Records { accepted, ..Records::default() };
            Health { records, ..Health::default() }
        };
        let due = [(0, 1), (59, 1), (60, 1), (61, 2), (119, 2), (120, 2), (180, 2), (240, 3)]
            .map(|(second, accepted)| log.is_due(Mono(second * 1_000_000), &health(accepted)));
        assert_eq!(due, [false, false, true, false, false, true, false, true]);
    }
}
