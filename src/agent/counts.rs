//! What the agent says of itself: a few counters in the four words. Written by one thread each, read by any.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// Counters since the start, and what waits now.
#[derive(Debug, Default)]
pub struct Counts {
    accepted: AtomicU64,
    rejected: AtomicU64,
    waiting_rows: AtomicU64,
    waiting_records: AtomicU64,
    waiting_bytes: AtomicU64,
}

impl Counts {
    /// So many more records were accepted.
    pub fn accepted(&self, records: u64) {
        self.accepted.fetch_add(records, Relaxed);
    }

    /// So many records could not be encoded: a bug, but one that loses itself only.
    pub fn rejected(&self, records: u64) {
        self.rejected.fetch_add(records, Relaxed);
    }

    /// What waits to be kept.
    pub fn waiting(&self, rows: u64, records: u64, bytes: u64) {
        self.waiting_rows.store(rows, Relaxed);
        self.waiting_records.store(records, Relaxed);
        self.waiting_bytes.store(bytes, Relaxed);
    }

    /// Whether anything waits to be kept.
    #[must_use]
    pub fn any_waiting(&self) -> bool {
        self.waiting_rows.load(Relaxed) > 0
    }

    /// One line for people.
    #[must_use]
    pub fn summary(&self) -> String {
        format!(
            "{} accepted, {} waiting in {} batches ({} bytes)",
            self.accepted.load(Relaxed),
            self.waiting_records.load(Relaxed),
            self.waiting_rows.load(Relaxed),
            self.waiting_bytes.load(Relaxed),
        )
    }
}
