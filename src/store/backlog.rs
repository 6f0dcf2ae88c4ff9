//! What is waiting, kept in memory beside the table, and the counters of the store.

use super::row::RowId;

/// Rows accepted and not yet freed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Backlog {
    /// How many.
    pub rows: u64,
    /// In all of them.
    pub records: u64,
    /// Bytes of payload.
    pub bytes: u64,
    /// No row is older than this one; `None` when there is no row.
    pub oldest: Option<RowId>,
}

/// What happened since the store was opened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StoreCounters {
    /// Transactions that added rows.
    pub commits: u64,
    /// Rows written.
    pub accepted_rows: u64,
    /// Records in them.
    pub accepted_records: u64,
    /// Bytes that the rows take in the database, rounded up.
    pub accepted_bytes: u64,
    /// Rows deleted because they are kept elsewhere.
    pub freed_rows: u64,
    /// Dropped because the cap was reached; the gap table names them.
    pub evicted_rows: u64,
    /// Records in the rows that the cap dropped.
    pub evicted_records: u64,
    /// Payload in the rows that the cap dropped.
    pub evicted_bytes: u64,
    /// Records that were joined to others at the cap: nothing of them is lost.
    pub thinned_records: u64,
    /// Rows with a wrong checksum, put aside; the gap table names them.
    pub damaged_rows: u64,
    /// Of these, rows whose numbers could not be told: no gap stands for them.
    pub unplaced_rows: u64,
    /// Rows of which only columns were damaged, written afresh.
    pub mended_rows: u64,
    /// Times the disk was full and the ballast was given up.
    pub disk_full: u64,
    /// Times the mark beside the database was written.
    pub marks: u64,
    /// Times the mark beside the database could not be written.
    pub mark_failures: u64,
    /// The last look found a file no longer where it was opened.
    pub files_gone: bool,
    /// Times the file was shrunk.
    pub shrunk: u64,
    /// Pages of documents written.
    pub pages: u64,
    /// Finished documents dropped at a bound of the journal.
    pub dropped_documents: u64,
}

/// Records of one class since the store was opened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Committed and synced.
    pub accepted: u64,
    /// Let go of, because whoever confirms has them.
    pub kept: u64,
}

/// One class: its numbering and its part of the backlog.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stream {
    /// The sequence number due next.
    pub next: u64,
    pub rows: u64,
    pub records: u64,
    pub bytes: u64,
    /// No row of the class has a smaller id.
    pub oldest: i64,
}

/// What the backlog knows of one row.
#[derive(Clone, Copy, Debug)]
pub(super) struct Size {
    pub id: i64,
    pub records: u64,
    pub bytes: u64,
}

impl Stream {
    pub(super) const NEW: Self = Self { next: 1, rows: 0, records: 0, bytes: 0, oldest: i64::MAX };

    pub(super) fn add(&mut self, size: Size) {
        self.rows += 1;
        self.records += size.records;
        self.bytes += size.bytes;
        self.oldest = self.oldest.min(size.id);
    }

    pub(super) fn remove(&mut self, size: Size) {
        self.rows = self.rows.saturating_sub(1);
        self.records = self.records.saturating_sub(size.records);
        self.bytes = self.bytes.saturating_sub(size.bytes);
        if self.oldest == size.id {
            self.oldest += 1;
        }
        if self.rows == 0 {
            *self = Self { next: self.next, ..Self::NEW };
        }
    }
}

impl Backlog {
    pub(super) fn of<'a>(streams: impl IntoIterator<Item = &'a Stream>) -> Self {
        let mut all = Self::default();
        for stream in streams.into_iter().filter(|stream| stream.rows > 0) {
            all.rows += stream.rows;
            all.records += stream.records;
            all.bytes += stream.bytes;
            let oldest = RowId(stream.oldest);
            all.oldest = Some(all.oldest.map_or(oldest, |other| other.min(oldest)));
        }
        all
    }
}
