//! Rows that move to a new epoch, because the cloud has their numbers from another copy of this folder.
//!
//! # Invariants
//! - All rows of the epoch but those that are surely delivered (`delivered`), which the cloud has under their numbers.
//!   What a broker refused or never acknowledged moves: it may come twice, but is not lost under a number that the
//!   cloud has with another content.
//! - Numbers move together: of each class the first one that moves becomes 1, and so on. So gaps in between move too.
//! - The epoch begins in one transaction that also says what is to be moved; each step is another. After a crash it
//!   goes on at the next start. No row is handed out before the last step.
//! - What the old numbering leaves open is told: numbers from the first that moves, or from where the cloud stands, to
//!   no known end. The mark follows the database here, because no row of the epoch is there before it is.

use std::collections::BTreeMap;

use rusqlite::{Connection, OptionalExtension as _, Transaction, params};
use tillgate_events::{Class, Loss, Watermarks, decode, encode};

use super::Store;
use super::check::checksum_of;
use super::delivered::Delivered;
use super::doubt::Doubt;
use super::error::StoreError;
use super::gap::{GapReason, Lost, record};
use super::given::Reach;
use super::holder::Holder;
use super::open::counter;
use super::row::{Row, RowId};
use super::schema::{
    EPOCH, RENUMBER_DONE, RENUMBER_EPOCH, RENUMBER_LAST, class_number, renumber_key,
};
use super::sent::put;
use crate::limits::{RENUMBER_BYTES, RENUMBER_ROWS, STORE_MARK_EPOCHS};

/// What is being moved.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Renumbering {
    /// The epoch that it leaves.
    epoch: u32,
    /// Of each class the number that becomes 1.
    first: BTreeMap<Class, u64>,
    /// Rows up to here are done.
    done: i64,
    /// Rows up to here are to be done.
    last: i64,
    /// Rows moved since the store was opened.
    rows: u64,
}

impl Store {
    /// Whether no row is handed out for now: a damaged database is taken over, or rows get other numbers.
    #[must_use]
    pub fn withholds_rows(&self) -> bool {
        self.is_salvaging() || self.is_renumbering()
    }

    /// Whether rows get other numbers.
    #[must_use]
    pub fn is_renumbering(&self) -> bool {
        self.renumbering.is_some()
    }

    /// Begins the epoch after all that `marks` and this database know, and says what moves to it.
    pub(super) fn renumber(&mut self, marks: &Watermarks) -> Result<(), StoreError> {
        let known = marks.values().map(|mark| mark.epoch).fold(self.epoch, u32::max);
        let epoch = known.saturating_add(1);
        let first = self.damage.watch(self.firsts())?;
        let last = self.next_row - 1;
        let work = Renumbering { epoch: self.epoch, first, done: 0, last, rows: 0 };
        let next = work.moved(&self.next_sequences());
        let written = self.written_or_relieved(|transaction| {
            put(transaction, EPOCH, epoch.into())?;
            for (class, next) in &next {
                put(transaction, class_number(*class), next.cast_signed())?;
            }
            Doubt::forget(transaction)?;
            work.write(transaction)?;
            work.leave_open(transaction, epoch, marks)
        });
        self.damage.watch(written)?;
        for (class, stream) in &mut self.streams {
            stream.next = next.get(class).copied().unwrap_or(1);
        }
        let left = |first: &u64| Reach { next: *first, bound: Loss::OPEN_END + 1 };
        let left = work.first.iter().map(|(class, first)| (*class, left(first))).collect();
        self.marked.given.0.insert(self.epoch, left);
        self.marked.given.begin(epoch);
        (self.epoch, self.doubt, self.sent.held) = (epoch, None, true);
        self.delivered = Delivered::none(epoch);
        self.renumbering = Some(work);
        self.write_mark(&next);
        self.tip.write(self.mark().mark, &next);
        Ok(())
    }

    /// Of each class the first number that is not surely delivered and still here: it becomes 1.
    fn firsts(&self) -> Result<BTreeMap<Class, u64>, StoreError> {
        let sql = "SELECT min(first) FROM \
                   (SELECT first FROM outbox WHERE class = ?1 AND epoch = ?2 AND first >= ?3 UNION ALL \
                   SELECT max(first, ?3) FROM gap WHERE class = ?1 AND epoch = ?2 \
                   AND first + count > ?3 AND reason <> ?4)";
        let mut select = self.connection.prepare_cached(sql)?;
        let mut firsts = BTreeMap::new();
        for (class, next) in self.next_sequences() {
            let from = self.delivered.first(class).cast_signed();
            let values = params![class_number(class), self.epoch, from, GapReason::Reserved.name()];
            let found: Option<i64> = select.query_row(values, |row| row.get(0))?;
            firsts.insert(class, found.map_or(next, i64::unsigned_abs));
        }
        Ok(firsts)
    }

    /// Moves some rows, to be called again while [`Store::is_renumbering`]. How many were moved since the store was
    /// opened, once all are.
    ///
    /// # Errors
    /// When the database cannot be read or written; the call can be repeated.
    pub fn renumber_step(&mut self) -> Result<Option<u64>, StoreError> {
        let Some(mut work) = self.renumbering.clone() else { return Ok(None) };
        let page = self.read_page(None, RowId(work.done), RENUMBER_ROWS, RENUMBER_BYTES);
        let page = self.damage.watch(page)?;
        if !page.damaged.is_empty() {
            // Each is gone or mended afterwards: this ends.
            let put_aside = self.quarantine(&page.damaged);
            self.damage.watch(put_aside)?;
            return Ok(None);
        }
        let ends = page.good.last().is_none_or(|row| row.id.0 >= work.last);
        work.done = page.good.last().map_or(work.last, |row| row.id.0);
        let rows: Vec<(Row, u64)> =
            page.good.into_iter().filter_map(|row| work.renumbered(row, self.epoch)).collect();
        work.rows += rows.len() as u64;
        let epoch = self.epoch;
        let written = self.written_or_relieved(|transaction| {
            for (row, _) in &rows {
                write_row(transaction, row)?;
                work.move_holder(transaction, row)?;
            }
            if ends {
                work.move_gaps(transaction, epoch)?;
                Ok(Renumbering::forget(transaction)?)
            } else {
                Ok(put(transaction, RENUMBER_DONE, work.done)?)
            }
        });
        self.damage.watch(written)?;
        for (row, before) in &rows {
            if let Some(stream) = self.streams.get_mut(&row.class) {
                stream.bytes = stream.bytes.saturating_sub(*before) + row.payload.len() as u64;
            }
        }
        let moved = work.rows;
        self.renumbering = (!ends).then_some(work);
        self.sent.held = self.is_renumbering();
        Ok(ends.then_some(moved))
    }
}

impl Renumbering {
    /// What an earlier run did not come to the end of.
    pub fn read(connection: &Connection) -> Result<Option<Self>, rusqlite::Error> {
        let Some(epoch) = counter(connection, RENUMBER_EPOCH)? else { return Ok(None) };
        let mut first = BTreeMap::new();
        for class in Class::ALL {
            let number = counter(connection, renumber_key(class))?.unwrap_or(1);
            first.insert(class, number.unsigned_abs());
        }
        Ok(Some(Self {
            epoch: u32::try_from(epoch).unwrap_or(0),
            first,
            done: counter(connection, RENUMBER_DONE)?.unwrap_or(0),
            last: counter(connection, RENUMBER_LAST)?.unwrap_or(0),
            rows: 0,
        }))
    }

    fn write(&self, connection: &Connection) -> Result<(), rusqlite::Error> {
        put(connection, RENUMBER_EPOCH, self.epoch.into())?;
        put(connection, RENUMBER_LAST, self.last)?;
        put(connection, RENUMBER_DONE, self.done)?;
        for (class, first) in &self.first {
            put(connection, renumber_key(*class), first.cast_signed())?;
        }
        Ok(())
    }

    fn forget(connection: &Connection) -> Result<(), rusqlite::Error> {
        let sql = "DELETE FROM counter WHERE key BETWEEN ?1 AND ?2";
        connection.execute(sql, params![renumber_key(Class::Pos), RENUMBER_DONE]).map(|_| ())
    }

    fn first(&self, class: Class) -> u64 {
        self.first.get(&class).copied().unwrap_or(1)
    }

    /// Numbers due next, once moved.
    fn moved(&self, next: &BTreeMap<Class, u64>) -> BTreeMap<Class, u64> {
        let moved = |(class, next): (&Class, &u64)| {
            (*class, next.saturating_sub(self.first(*class)).saturating_add(1))
        };
        next.iter().map(moved).collect()
    }

    /// The row with its new numbers, and its bytes before; `None` where it keeps those that it has.
    fn renumbered(&self, mut row: Row, epoch: u32) -> Option<(Row, u64)> {
        let place = row.first_sequence.checked_sub(self.first(row.class))?;
        if row.epoch != self.epoch || row.id.0 > self.last {
            return None;
        }
        let before = row.payload.len() as u64;
        (row.epoch, row.first_sequence) = (epoch, place + 1);
        // One that this version cannot read goes out as it is: the cloud keeps such apart.
        if let Ok(mut batch) = decode(&row.payload) {
            (batch.header.epoch, batch.header.first_sequence) = (epoch, row.first_sequence);
            row.payload = encode(&batch).unwrap_or(row.payload);
        }
        Some((row, before))
    }

    /// Writes down what nobody here knows: which numbers were given out up to the epoch before `epoch`. What the cloud
    /// confirms is not among it.
    fn leave_open(
        &self,
        transaction: &Transaction<'_>,
        epoch: u32,
        marks: &Watermarks,
    ) -> Result<(), StoreError> {
        let oldest = epoch.saturating_sub(u32::try_from(STORE_MARK_EPOCHS).unwrap_or(1));
        let later = (self.epoch.saturating_add(1)).max(oldest)..epoch;
        for left in std::iter::once(self.epoch).chain(later) {
            for class in Class::ALL {
                let doubtful = if left == self.epoch { self.first(class) } else { 1 };
                let confirmed = marks.get(&class).filter(|mark| mark.epoch == left);
                let first = confirmed.map_or(doubtful, |mark| doubtful.max(mark.sequence + 1));
                let Some(count) = (Loss::OPEN_END + 1).checked_sub(first).filter(|it| *it > 0)
                else {
                    continue;
                };
                let lost = Lost { class, epoch: left, first, count, bytes: 0 };
                record(transaction, lost, GapReason::Reserved)?;
            }
        }
        Ok(())
    }

    /// What a row stands for moves with it.
    fn move_holder(&self, transaction: &Transaction<'_>, row: &Row) -> Result<(), StoreError> {
        let Some(holder) = Holder::take(transaction, row.id.0)? else { return Ok(()) };
        let since = holder.since.saturating_sub(self.first(row.class)).saturating_add(1);
        Holder { epoch: row.epoch, since, first: row.first_sequence, ..holder }
            .put(transaction, row.id.0)
    }

    /// Gaps among the numbers that move, such as of rows that gave way to the cap, move with them.
    fn move_gaps(&self, transaction: &Transaction<'_>, epoch: u32) -> Result<(), StoreError> {
        for (class, first) in &self.first {
            while let Some((id, begins, count)) = self.gap(transaction, *class)? {
                let keeps = first.saturating_sub(begins);
                let moves = count.saturating_sub(keeps).cast_signed();
                let to = begins.saturating_sub(*first).saturating_add(1).cast_signed();
                if keeps == 0 {
                    let sql = "UPDATE gap SET epoch = ?2, first = ?3 WHERE id = ?1";
                    transaction.prepare_cached(sql)?.execute(params![id, epoch, to])?;
                    continue;
                }
                let sql = "INSERT INTO gap (class, epoch, first, count, bytes, reason) \
                           SELECT class, ?2, 1, ?3, 0, reason FROM gap WHERE id = ?1";
                transaction.prepare_cached(sql)?.execute(params![id, epoch, moves])?;
                let sql = "UPDATE gap SET count = ?2 WHERE id = ?1";
                transaction.prepare_cached(sql)?.execute(params![id, keeps.cast_signed()])?;
            }
        }
        Ok(())
    }

    /// A gap that reaches into the numbers that move: its key, its first number and its count.
    fn gap(
        &self,
        transaction: &Transaction<'_>,
        class: Class,
    ) -> Result<Option<(i64, u64, u64)>, StoreError> {
        let sql = "SELECT id, first, count FROM gap WHERE class = ?1 AND epoch = ?2 \
                   AND first + count > ?3 AND reason <> ?4 LIMIT 1";
        let first = self.first(class).cast_signed();
        let values = params![class_number(class), self.epoch, first, GapReason::Reserved.name()];
        let mut select = transaction.prepare_cached(sql)?;
        let gap = select.query_row(values, |row| {
            let number = |at| row.get::<_, i64>(at).map(i64::unsigned_abs);
            Ok((row.get(0)?, number(1)?, number(2)?))
        });
        Ok(gap.optional()?)
    }
}

fn write_row(transaction: &Transaction<'_>, row: &Row) -> Result<(), StoreError> {
    let sql = "UPDATE outbox SET epoch = ?2, first = ?3, payload = ?4, crc = ?5 WHERE id = ?1";
    let (first, crc) = (row.first_sequence.cast_signed(), checksum_of(row));
    let values = params![row.id.0, row.epoch, first, row.payload, crc];
    transaction.prepare_cached(sql)?.execute(values)?;
    Ok(())
}

#[cfg(test)]
mod tests;
