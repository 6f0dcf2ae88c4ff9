//! How the outbox is: what waits and since when, what was lost, how much room is left. Reads little: sums, and one
//! row of each class.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, OptionalExtension as _, params};
use tillgate_events::{BootId, Class, UtcMs, decode};

use super::Store;
use super::backlog::Stream;
use super::error::StoreError;
use super::evict::pragma;
use super::schema::class_number;
use crate::limits::STORE_PAGE_BYTES;
use crate::time::{Mono, Now};

/// See the module's documentation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Vitals {
    /// Each class, also one of which nothing waits.
    pub waiting: BTreeMap<Class, Waiting>,
    /// Losses that were not told, or not heard of.
    pub gaps: u64,
    /// Records that these losses are of.
    pub gap_records: u64,
    /// Records that were joined to others, as far as the cloud has not heard of it. No losses.
    pub thinned_records: u64,
    /// Damaged rows kept for inspection.
    pub quarantine: u64,
    /// Of the journal of documents. Finished ones give way to records.
    pub journal_bytes: u64,
    /// Documents that are being printed, or were when the agent died.
    pub journal_open: u64,
    /// Of the database's pages in use and its log.
    pub used_bytes: u64,
    /// Of the database's pages that wait to be used again.
    pub free_bytes: u64,
    /// That the file system would give this user; `None` where it cannot be asked.
    pub disk_free_bytes: Option<u64>,
}

/// What of one class is accepted and not freed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Waiting {
    /// Batches.
    pub rows: u64,
    /// In these batches.
    pub records: u64,
    /// Of payload.
    pub bytes: u64,
    /// When the oldest batch was accepted; `None` without one, and where it cannot be read.
    pub oldest: Option<Stamp>,
}

/// When a batch was accepted, by both clocks of the boot that it was accepted in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// Wall clock.
    pub wall: UtcMs,
    /// Monotonic clock.
    pub mono: Mono,
    /// Which boot it counts from.
    pub boot_id: BootId,
}

impl Stamp {
    /// Whole seconds since: exact within one boot, by the wall clock beyond it, and never negative.
    #[must_use]
    pub fn age_s(&self, now: Now, boot_id: BootId) -> u64 {
        if self.boot_id == boot_id && boot_id != BootId::default() {
            return now.mono.since(self.mono).as_secs();
        }
        u64::try_from(now.wall.0.saturating_sub(self.wall.0) / 1000).unwrap_or(0)
    }
}

impl Vitals {
    /// Bytes that can still be accepted below the cap, or before the disk is full.
    #[must_use]
    pub fn room(&self, max_bytes: u64) -> u64 {
        let used = self.used_bytes.saturating_sub(self.journal_bytes);
        let below_cap = max_bytes.saturating_sub(used);
        let on_disk = self
            .disk_free_bytes
            .map(|free| free.saturating_add(self.free_bytes).saturating_add(self.journal_bytes));
        on_disk.map_or(below_cap, |on_disk| on_disk.min(below_cap))
    }
}

impl Store {
    /// How the outbox is.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn vitals(&self) -> Result<Vitals, StoreError> {
        self.damage.watch(vitals(
            &self.connection,
            &self.streams,
            self.journal.size(),
            &self.log_file,
        ))
    }
}

pub(super) fn vitals(
    connection: &Connection,
    streams: &BTreeMap<Class, Stream>,
    (journal_bytes, journal_open): (u64, u64),
    log_file: &Path,
) -> Result<Vitals, StoreError> {
    let mut waiting = BTreeMap::new();
    for (class, stream) in streams {
        let Stream { rows, records, bytes, .. } = *stream;
        let oldest = if rows > 0 { oldest(connection, *class, stream.oldest)? } else { None };
        waiting.insert(*class, Waiting { rows, records, bytes, oldest });
    }
    let count = |sql: &str| connection.query_row(sql, [], |row| row.get::<_, i64>(0));
    let sum = "SELECT coalesce(sum(count), 0) FROM gap WHERE reason";
    let gap_records = count(&format!("{sum} <> 'thinned'"))?.unsigned_abs();
    let thinned_records = count(&format!("{sum} = 'thinned'"))?.unsigned_abs();
    let page = u64::from(STORE_PAGE_BYTES);
    let (pages, free) = (pragma(connection, "page_count")?, pragma(connection, "freelist_count")?);
    let log_bytes = fs::metadata(log_file).map_or(0, |meta| meta.len());
    Ok(Vitals {
        waiting,
        gaps: count("SELECT count(*) FROM gap WHERE reason <> 'thinned'")?.unsigned_abs(),
        gap_records,
        thinned_records,
        quarantine: count("SELECT count(*) FROM quarantine")?.unsigned_abs(),
        journal_bytes,
        journal_open,
        used_bytes: pages.saturating_sub(free) * page + log_bytes,
        free_bytes: free * page,
        disk_free_bytes: disk_free(log_file),
    })
}

/// When the oldest row of a class was accepted. A damaged one says nothing: it is dealt with when it is sent.
fn oldest(
    connection: &Connection,
    class: Class,
    from: i64,
) -> Result<Option<Stamp>, rusqlite::Error> {
    let sql = "SELECT payload FROM outbox WHERE id >= ?1 AND class = ?2 ORDER BY id LIMIT 1";
    let mut select = connection.prepare_cached(sql)?;
    let payload = select.query_row(params![from, class_number(class)], |row| {
        Ok(row.get_ref(0)?.as_blob().map(<[u8]>::to_vec).unwrap_or_default())
    });
    let batch = payload.optional()?.and_then(|payload| decode(&payload).ok());
    Ok(batch.map(|batch| {
        let header = batch.header;
        Stamp { wall: header.wall, mono: Mono(header.mono_us), boot_id: header.boot_id }
    }))
}

pub(super) fn disk_free(file: &Path) -> Option<u64> {
    let folder = file.parent().map(PathBuf::from)?;
    let disk = rustix::fs::statvfs(&folder).ok()?;
    disk.f_bavail.checked_mul(disk.f_frsize)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stamp() -> Stamp {
        Stamp { wall: UtcMs(10_000), mono: Mono(5_000_000), boot_id: BootId([1; 16]) }
    }

    fn check(mono: u64, wall: i64, boot: u8, expected: u64) {
        let now = Now { mono: Mono(mono * 1_000_000), wall: UtcMs(wall * 1000) };
        assert_eq!(stamp().age_s(now, BootId([boot; 16])), expected);
    }

    #[test]
    fn ages_are_told_by_the_clock_that_can_be_believed() {
        check(65, 9, 1, 60);
        check(65, 3610, 2, 3600);
        check(65, 9, 2, 0);
        check(4, 99, 1, 0);
    }

    #[test]
    fn room_ends_at_the_cap_or_at_the_end_of_the_disk() {
        let check = |disk_free_bytes, expected| {
            let vitals = Vitals {
                used_bytes: 45,
                journal_bytes: 5,
                free_bytes: 10,
                disk_free_bytes,
                ..Vitals::default()
            };
            assert_eq!(vitals.room(100), expected, "{disk_free_bytes:?}");
        };
        check(None, 60);
        check(Some(1000), 60);
        check(Some(20), 35);
        check(Some(0), 15);
        assert_eq!(Vitals { used_bytes: 200, ..Vitals::default() }.room(100), 0);
    }
}
