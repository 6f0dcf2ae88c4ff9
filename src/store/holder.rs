//! Rows that others were joined to (`thin`): what they stand for beside their own numbers, so that it is lost with
//! them.
//!
//! # Invariants
//! - A row without an entry stands for its own numbers alone. An entry leaves with its row.
//! - All numbers from `since` up to the row's own first one are told: the first ones as `thinned`, the rest as lost.
//! - When the row is lost, all from `since` on is told again, in *one* gap with the row's own numbers. Nobody was told
//!   of those before: so a watermark beyond them proves that all of it was heard, also what it had passed already.
//! - An entry that was damaged is damage of the database: what is salvaged is told without it.
//!
//! Rows that an earlier version thinned have no entry.

use crc::{CRC_32_ISCSI, Crc};
use rusqlite::{OptionalExtension as _, Transaction, ffi, params};
use tillgate_events::Class;

use super::error::StoreError;
use super::gap::Lost;
use super::row::Row;

const CRC: Crc<u32> = Crc::<u32>::new(&CRC_32_ISCSI);

/// What a row stands for beside its own numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Holder {
    /// Of which numbering.
    pub epoch: u32,
    /// The first number of it, and of the row's own.
    pub since: u64,
    pub first: u64,
    /// Numbers told as `thinned` whose records were of what is worth least, and of all else.
    pub least: u64,
    pub others: u64,
}

impl Holder {
    /// Takes the entry of a row away.
    pub fn take(transaction: &Transaction<'_>, row: i64) -> Result<Option<Self>, StoreError> {
        let sql =
            "DELETE FROM holder WHERE id = ?1 RETURNING epoch, since, first, least, others, crc";
        let mut delete = transaction.prepare_cached(sql)?;
        let found = delete.query_row(params![row], |columns| {
            let number = |at| columns.get::<_, i64>(at).map(i64::unsigned_abs);
            let (since, first, least, others) = (number(1)?, number(2)?, number(3)?, number(4)?);
            let epoch = u32::try_from(columns.get::<_, i64>(0)?).unwrap_or(0);
            Ok((Self { epoch, since, first, least, others }, columns.get::<_, i64>(5)?))
        });
        match found.optional()? {
            Some((holder, crc)) if crc != i64::from(holder.checksum(row)) => {
                Err(StoreError::Damaged(rusqlite::Error::SqliteFailure(
                    ffi::Error::new(ffi::SQLITE_CORRUPT),
                    Some("a holder's checksum is wrong".to_owned()),
                )))
            }
            found => Ok(found.map(|(holder, _)| holder)),
        }
    }

    /// Writes it down for a row that has none. One that stands for nothing else needs none.
    pub fn put(self, transaction: &Transaction<'_>, row: i64) -> Result<(), StoreError> {
        if self.thinned() > 0 {
            let sql = "INSERT OR REPLACE INTO holder (id, epoch, since, first, least, others, crc) \
                       VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
            let [since, first, least, others] = self.numbers().map(u64::cast_signed);
            let crc = self.checksum(row);
            let values = params![row, self.epoch, since, first, least, others, crc];
            transaction.prepare_cached(sql)?.execute(values)?;
        }
        Ok(())
    }

    /// Numbers told as `thinned` whose records are in the row.
    pub fn thinned(self) -> u64 {
        self.least.saturating_add(self.others)
    }

    /// Of a row that stands for itself.
    pub fn none(row: &Row) -> Self {
        let first = row.first_sequence;
        Self { epoch: row.epoch, since: first, first, least: 0, others: 0 }
    }

    /// What is lost with the row that is lost. The row's columns may be damaged, these are not.
    pub fn lost_with(self, row: Lost) -> Lost {
        let Self { epoch, since, first, .. } = self;
        let count = row.count.saturating_add(first.saturating_sub(since));
        Lost { epoch, first: since, count, ..row }
    }

    /// What is lost where these of the row's own numbers go, the first ones, with all that is worth least; and what
    /// the row stands for then. What is lost lies above what is not, so that it is told together with new numbers.
    pub fn without_least(self, own: Lost) -> (Lost, Self) {
        let more = self.least.min(self.first.saturating_sub(self.since));
        let lost = Lost { first: self.first - more, count: own.count.saturating_add(more), ..own };
        (lost, Self { first: self.first.saturating_add(own.count), least: 0, ..self })
    }

    /// What it stands for alone: numbers told as `thinned`, from the first on.
    pub fn alone(self, class: Class) -> Option<Lost> {
        let Self { epoch, since: first, .. } = self;
        let count = self.thinned();
        (count > 0).then_some(Lost { class, epoch, first, count, bytes: 0 })
    }

    fn checksum(self, row: i64) -> u32 {
        let mut digest = CRC.digest();
        digest.update(&row.to_le_bytes());
        digest.update(&self.epoch.to_le_bytes());
        for number in self.numbers() {
            digest.update(&number.to_le_bytes());
        }
        digest.finalize()
    }

    fn numbers(self) -> [u64; 4] {
        [self.since, self.first, self.least, self.others]
    }
}

#[cfg(test)]
mod tests;
