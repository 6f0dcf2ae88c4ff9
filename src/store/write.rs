//! The write path: one transaction frees, thins, evicts, inserts and moves the numbering on.

use std::collections::BTreeMap;
use std::fs;

use rusqlite::{Connection, Transaction, TransactionBehavior, params};
use tillgate_events::Class;

use super::Store;
use super::backlog::{Size, Stream, Tally};
use super::check::checksum;
use super::error::StoreError;
use super::evict::{Need, Room, make_room, pragma};
use super::given::Reach;
use super::holder::Holder;
use super::journal::{Journal, Page};
use super::kept;
use super::row::{NewRow, RowId};
use super::schema::{NEXT_ROW, class_number, class_of};
use super::sent::Sent;
use super::stay;
use super::stock;
use super::total;
use super::vitals::disk_free;
use crate::limits::{
    STORE_DISK_RESERVE, STORE_MARK_COMMITS, STORE_PAGE_BYTES, STORE_SHRINK_BYTES,
    STORE_SHRINK_WAITING, STORE_WAL_PAGES,
};

/// Bytes that a row takes in the database beside its payload, rounded up.
pub(super) const ROW_OVERHEAD: u64 = 128;

/// What a transaction changes in memory once it is committed.
pub(super) struct Change {
    streams: BTreeMap<Class, Stream>,
    tallies: BTreeMap<Class, Tally>,
    next_row: i64,
    freed: u64,
    room: Room,
    journal: Journal,
    sent: Sent,
    /// Whether the stock ledger was written.
    booked: bool,
}

impl Store {
    /// Accepts `rows` and lets go of `freed` in one synced transaction. Each class's rows must continue its
    /// numbering without a hole. When the cap is reached, older rows give way and stand in the gap table.
    ///
    /// # Errors
    /// [`StoreError::Sequence`] when numbers do not follow; otherwise nothing was accepted and the call can be
    /// repeated.
    pub fn commit(&mut self, rows: &[NewRow], freed: &[RowId]) -> Result<Vec<RowId>, StoreError> {
        self.commit_with(rows, freed, &[])
    }

    /// As [`Store::commit`], and adds `pages` to the journal in the same transaction.
    ///
    /// # Errors
    /// As [`Store::commit`].
    pub fn commit_with(
        &mut self,
        rows: &[NewRow],
        freed: &[RowId],
        pages: &[Page],
    ) -> Result<Vec<RowId>, StoreError> {
        let ends = self.check_sequences(rows)?;
        self.set_aside(&ends);
        let first = self.next_row;
        let written = self.write_or_relieve(rows, freed, pages);
        let change = self.damage.watch(written)?;
        self.counters.commits += 1;
        self.counters.accepted_rows += rows.len() as u64;
        self.counters.accepted_records += rows.iter().map(|row| u64::from(row.count)).sum::<u64>();
        self.counters.accepted_bytes += rows.iter().map(NewRow::stored_bytes).sum::<u64>();
        self.take(change);
        if !rows.is_empty() {
            self.tip.write(self.mark().mark, &self.next_sequences());
        }
        self.counters.pages += pages.len() as u64;
        self.housekeeping();
        Ok((first..self.next_row).map(RowId).collect())
    }

    /// What a committed transaction changed.
    pub(super) fn take(&mut self, change: Change) {
        self.counters.freed_rows += change.freed;
        let Room { rows, records, bytes, thinned } = change.room;
        self.counters.evicted_rows += rows;
        self.counters.evicted_records += records;
        self.counters.evicted_bytes += bytes;
        self.counters.thinned_records += thinned;
        self.sent = change.sent;
        self.delivered.unwritten = false;
        self.kept.clear();
        self.totals.clear();
        self.stays = None;
        if change.booked {
            self.booked();
        }
        self.streams = change.streams;
        self.tallies = change.tallies;
        self.next_row = change.next_row;
        self.counters.dropped_documents += change.journal.dropped - self.journal.dropped;
        self.journal = change.journal;
    }

    /// Lets go of rows while there is nothing to accept. Unknown ids are passed over.
    ///
    /// # Errors
    /// When the database cannot be written; the call can be repeated.
    pub fn free(&mut self, rows: &[RowId]) -> Result<(), StoreError> {
        self.commit(&[], rows).map(|_| ())
    }

    /// Refuses numbers that leave a hole or come twice, before anything is written. The numbers due afterwards.
    fn check_sequences(&self, rows: &[NewRow]) -> Result<BTreeMap<Class, u64>, StoreError> {
        let mut due: BTreeMap<Class, u64> = BTreeMap::new();
        for row in rows {
            let class = row.class;
            let expected = due.entry(class).or_insert_with(|| self.next_sequence(class));
            if row.first_sequence != *expected || row.count == 0 {
                let found = row.first_sequence;
                return Err(StoreError::Sequence { class, expected: *expected, found });
            }
            *expected += u64::from(row.count);
        }
        Ok(due)
    }

    /// Sees to it that the mark bounds the numbers up to `ends` before they are given out.
    fn set_aside(&mut self, ends: &BTreeMap<Class, u64>) {
        let is_within = |(class, end): (&Class, &u64)| {
            let reach = self.marked.given.reach(self.epoch, *class).unwrap_or(Reach::NONE);
            *end <= reach.bound
        };
        if !ends.iter().all(is_within) {
            self.write_mark(ends);
        }
    }

    /// Writes the mark, and sets numbers aside beyond `ends`. Rows are accepted even where this fails: then only the
    /// loss of the whole database would lose some in silence. It is counted, and tried again with the next commit.
    pub(super) fn write_mark(&mut self, ends: &BTreeMap<Class, u64>) {
        let mut mark = self.mark();
        mark.given.set_aside(self.epoch, ends, &self.marked.given);
        match mark.write(&self.mark_file) {
            Ok(()) => {
                self.counters.marks += 1;
                self.marked = mark;
            }
            Err(_) => self.counters.mark_failures += 1,
        }
        self.unmarked = 0;
    }

    pub(super) fn write(
        &mut self,
        rows: &[NewRow],
        freed: &[RowId],
        pages: &[Page],
    ) -> Result<Change, StoreError> {
        let log_bytes = self.log_bytes();
        let scarce = disk_free(&self.log_file).is_some_and(|free| free < STORE_DISK_RESERVE);
        let behavior = TransactionBehavior::Immediate;
        let mut change = Change {
            streams: self.streams.clone(),
            tallies: self.tallies.clone(),
            next_row: self.next_row,
            freed: 0,
            room: Room::default(),
            journal: self.journal.clone(),
            sent: self.sent.in_doubt_from(self.doubt.as_ref().map_or(0, |it| it.row)),
            booked: !rows.is_empty(),
        };
        let transaction = self.connection.transaction_with_behavior(behavior)?;
        free(&transaction, freed, &mut change)?;
        if !rows.is_empty() {
            let bytes: u64 = rows.iter().map(NewRow::stored_bytes).sum();
            let bytes = bytes + pages.iter().map(Page::bytes).sum::<u64>();
            // The ledger is beside the buffer.
            let max_bytes = self.max_bytes + self.stock.held_bytes();
            let need = Need { max_bytes, log_bytes, bytes, scarce };
            let Change { streams, journal, sent, .. } = &mut change;
            change.room = make_room(&transaction, need, (streams, journal, sent))?;
            insert(&transaction, rows, self.epoch, &mut change)?;
            stock::write(&transaction, &self.stock)?;
        }
        if !pages.is_empty() {
            change.journal.write(&transaction, pages)?;
        }
        change.sent.write(&transaction)?;
        self.delivered.write(&transaction)?;
        kept::write(&transaction, &self.kept, self.next_row)?;
        total::write(&transaction, &self.totals)?;
        stay::write(&transaction, self.stays.as_deref())?;
        transaction.commit()?;
        Ok(change)
    }

    /// Bytes of the log. A log that one large transaction blew up is written back and cut first, so that no
    /// row gives way to it.
    fn log_bytes(&self) -> u64 {
        let measure = || fs::metadata(&self.log_file).map_or(0, |meta| meta.len());
        let usual = u64::from(STORE_WAL_PAGES) * u64::from(STORE_PAGE_BYTES);
        let bytes = measure();
        if bytes <= 2 * usual {
            return bytes;
        }
        let _ = write_back(&self.connection);
        measure()
    }

    /// What is due now and then after a commit. The rows are accepted already, so nothing here may fail the
    /// call: failures are counted, or show in the next commit.
    fn housekeeping(&mut self) {
        self.unmarked += 1;
        if self.unmarked >= STORE_MARK_COMMITS {
            let next = self.next_sequences();
            self.write_mark(&next);
        }
        if !self.ballast_on_board && self.unmarked.is_multiple_of(64) {
            let _ = self.has_ballast_again();
        }
        if self.backlog().bytes <= STORE_SHRINK_WAITING && self.shrink().is_ok_and(|shrunk| shrunk)
        {
            self.counters.shrunk += 1;
        }
    }

    /// Gives the disk back once little waits and much of the file is free.
    fn shrink(&self) -> Result<bool, rusqlite::Error> {
        let pages = pragma(&self.connection, "freelist_count")?;
        if pages * u64::from(STORE_PAGE_BYTES) <= STORE_SHRINK_BYTES {
            return Ok(false);
        }
        self.connection.execute_batch("VACUUM")?;
        write_back(&self.connection)?;
        Ok(true)
    }
}

impl NewRow {
    /// Bytes that the row takes in the database, rounded up.
    pub(super) fn stored_bytes(&self) -> u64 {
        ROW_OVERHEAD + self.payload.len() as u64
    }
}

/// Writes the log back into the database and cuts it to nothing.
pub(super) fn write_back(connection: &Connection) -> Result<(), rusqlite::Error> {
    connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
}

fn free(
    transaction: &Transaction<'_>,
    freed: &[RowId],
    change: &mut Change,
) -> Result<(), StoreError> {
    let sql = "DELETE FROM outbox WHERE id = ?1 RETURNING class, count, length(payload)";
    let mut delete = transaction.prepare_cached(sql)?;
    for id in freed {
        let mut rows = delete.query(params![id.0])?;
        while let Some(row) = rows.next()? {
            let size = size_of(id.0, row.get(1), row.get(2));
            change.freed += 1;
            if id.0 <= change.sent.joined {
                Holder::take(transaction, id.0)?;
            }
            let class = class_of(row.get(0)?);
            if let Some(class) = class {
                change.tallies.entry(class).or_default().kept += size.records;
            }
            if let Some(stream) = class.and_then(|class| change.streams.get_mut(&class)) {
                stream.remove(size);
            }
        }
    }
    Ok(())
}

fn insert(
    transaction: &Transaction<'_>,
    rows: &[NewRow],
    epoch: u32,
    change: &mut Change,
) -> Result<(), StoreError> {
    let sql = "INSERT INTO outbox (id, class, epoch, first, count, crc, payload) \
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
    let mut insert = transaction.prepare_cached(sql)?;
    let mut moved: BTreeMap<Class, u64> = BTreeMap::new();
    for row in rows {
        let NewRow { class, first_sequence, count, payload } = row;
        let id = RowId(change.next_row);
        let checksum = checksum(id, *class, epoch, (*first_sequence, *count), payload);
        let first = i64::try_from(*first_sequence).unwrap_or(i64::MAX);
        let number = class_number(*class);
        insert.execute(params![id.0, number, epoch, first, count, checksum, payload])?;
        change.next_row += 1;
        let next = first_sequence + u64::from(*count);
        moved.insert(*class, next);
        change.tallies.entry(*class).or_default().accepted += u64::from(*count);
        if let Some(stream) = change.streams.get_mut(class) {
            stream.next = next;
            let bytes = payload.len() as u64;
            stream.add(Size { id: id.0, records: (*count).into(), bytes });
        }
    }
    let mut count = transaction.prepare_cached("UPDATE counter SET value = ?2 WHERE key = ?1")?;
    for (class, next) in moved {
        count.execute(params![class_number(class), i64::try_from(next).unwrap_or(i64::MAX)])?;
    }
    count.execute(params![NEXT_ROW, change.next_row])?;
    Ok(())
}

/// A size out of columns that a damaged row may have made senseless.
pub(super) fn size_of(
    id: i64,
    records: rusqlite::Result<u32>,
    bytes: rusqlite::Result<u32>,
) -> Size {
    Size { id, records: records.unwrap_or(0).into(), bytes: bytes.unwrap_or(0).into() }
}
