//! The full disk: what still happens there, and in which order.
//!
//! # Invariants
//! - The ballast's room is for letting go of rows: what is accepted never uses it up, so whatever else happens, the
//!   cloud's word frees rows on a full disk.
//! - New rows are taken on a full disk only into pages that are free in the database, or that less valuable rows leave:
//!   the log that they need is written back at once and written again from its beginning. It keeps its place on the
//!   disk, which a neighbour would take.
//! - Otherwise new rows are refused until the ballast is on board again.

use rusqlite::params;
use tillgate_events::Class;

use super::Store;
use super::ballast::BALLAST;
use super::error::StoreError;
use super::evict::pragma;
use super::journal::Page;
use super::row::{NewRow, RowId};
use super::write::Change;
use crate::limits::STORE_PAGE_BYTES;

impl Store {
    /// One transaction where there is room; on a full disk rows are let go of first, in one of their own.
    pub(super) fn write_or_relieve(
        &mut self,
        rows: &[NewRow],
        freed: &[RowId],
        pages: &[Page],
    ) -> Result<Change, StoreError> {
        if !self.disk_is_full {
            match self.write(rows, freed, pages) {
                Err(StoreError::Full) => {}
                other => {
                    self.has_room_again(other.is_ok());
                    return other;
                }
            }
            if !self.ballast_helps(rows, freed, pages)? {
                self.note_full();
                self.reuse_log();
                return self.write(rows, freed, pages);
            }
            self.relieve();
        }
        let written = self.write_tight(rows, freed, pages);
        self.reuse_log();
        written
    }

    /// Writes the log back, and begins it anew in its place. Where it fails there is less room for the next attempt.
    fn reuse_log(&self) {
        let _ = self.connection.query_row("PRAGMA wal_checkpoint(RESTART)", [], |_| Ok(()));
    }

    /// Whether there is anything that the ballast is for: it is not to be written again and again on a disk that stays
    /// full. Rows are let go of together, so the last one stands for all.
    fn ballast_helps(
        &self,
        rows: &[NewRow],
        freed: &[RowId],
        pages: &[Page],
    ) -> Result<bool, StoreError> {
        let sql = "SELECT count(*) FROM outbox WHERE id = ?1";
        let last = freed.last().map_or(0, |id| id.0);
        let there: i64 = self.connection.query_row(sql, params![last], |row| row.get(0))?;
        let only_frees = rows.is_empty() && pages.is_empty();
        Ok(there > 0 || only_frees || self.can_give_way() || self.fits_free_pages(rows, pages)?)
    }

    /// Whether there are rows that make room for receipts.
    fn can_give_way(&self) -> bool {
        self.streams.iter().any(|(class, stream)| *class != Class::Pos && stream.rows > 0)
    }

    /// The disk is full: gives up the ballast, then writes the log back.
    pub(super) fn relieve(&mut self) {
        self.counters.disk_full += 1;
        if self.ballast.drop() && !self.disk_is_full {
            tracing::warn!(
                "the disk is full: the ballast of {BALLAST} makes room to let go of rows"
            );
        }
        self.ballast_on_board = false;
        self.disk_is_full = true;
        self.reuse_log();
    }

    fn note_full(&mut self) {
        self.counters.disk_full += 1;
        if !self.full_is_told {
            tracing::warn!("the disk is full: a ballast of {BALLAST} is kept to let go of rows");
        }
        self.full_is_told = true;
    }

    fn write_tight(
        &mut self,
        rows: &[NewRow],
        freed: &[RowId],
        pages: &[Page],
    ) -> Result<Change, StoreError> {
        let only_frees = rows.is_empty() && pages.is_empty();
        if only_frees || !freed.is_empty() {
            let change = self.write(&[], freed, &[])?;
            if only_frees {
                return Ok(change);
            }
            self.take(change);
            self.reuse_log();
        }
        let fits = self.can_give_way() || self.fits_free_pages(rows, pages)?;
        if !fits && !self.has_ballast_again() {
            return Err(StoreError::Full);
        }
        self.write(rows, &[], pages)
    }

    /// Whether so much is free inside the database that the file need not grow, with room for the trees.
    fn fits_free_pages(&self, rows: &[NewRow], pages: &[Page]) -> Result<bool, StoreError> {
        let free = pragma(&self.connection, "freelist_count")? * u64::from(STORE_PAGE_BYTES);
        let rows: u64 = rows.iter().map(NewRow::stored_bytes).sum();
        Ok(2 * (rows + pages.iter().map(Page::bytes).sum::<u64>()) < free)
    }

    /// Whether the ballast is on board again, or something else than a full disk keeps it away.
    pub(super) fn has_ballast_again(&mut self) -> bool {
        let loaded = self.ballast.load();
        self.ballast_on_board = loaded.is_ok();
        self.disk_is_full = loaded.as_ref().is_err_and(is_no_room);
        !self.disk_is_full
    }

    fn has_room_again(&mut self, written: bool) {
        if written && self.full_is_told && self.ballast_on_board {
            tracing::info!("the disk has room again, also for the ballast of {BALLAST}");
            self.full_is_told = false;
        }
    }
}

/// Whether the system says that there is no room.
pub(super) fn is_no_room(error: &std::io::Error) -> bool {
    use std::io::ErrorKind::{FileTooLarge, QuotaExceeded, StorageFull};
    matches!(error.kind(), StorageFull | QuotaExceeded | FileTooLarge)
}
