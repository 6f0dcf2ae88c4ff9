//! Damaged rows: mended where the payload proves what its columns were, else put aside with a gap in their place.
//!
//! # How
//! A payload carries a checksum and its numbers of its own: when it is whole, only columns were damaged, and
//! they are written afresh. Otherwise the damage is most likely in the payload, and the columns say which
//! numbers are lost; they are believed only where they fit between the neighbours. A row that fits nowhere is
//! counted as unplaced: no gap is announced that may not be one. What had been joined to it is lost with it either way
//! (`holder`).

use rusqlite::{Connection, OptionalExtension as _, Transaction, params};
use tillgate_events::{Class, decode};

use super::Store;
use super::backlog::Stream;
use super::check::checksum_of;
use super::error::StoreError;
use super::gap::{GapReason, Lost, record_over};
use super::holder::Holder;
use super::open::read_streams;
use super::row::{Row, RowId};
use super::schema::{class_number, class_of};
use crate::limits::QUARANTINE_ROWS;

/// A row that cannot be handed out as it is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Damaged {
    pub id: RowId,
    /// The checksum is right, but the numbers do not follow: there is nothing to mend.
    pub intact: bool,
}

/// What one transaction did.
#[derive(Default)]
struct Outcome {
    mended: u64,
    unplaced: u64,
}

impl Store {
    /// Mends damaged rows or moves them out of the way, all in one transaction.
    pub(super) fn quarantine(&mut self, damaged: &[Damaged]) -> Result<(), StoreError> {
        let transaction = self.connection.transaction()?;
        let mut found = Vec::new();
        for row in damaged {
            found.push((row, look(&transaction, row.id)?));
            put_aside(&transaction, row.id)?;
        }
        let mut outcome = Outcome::default();
        for (row, look) in found {
            let next = |lost: &Lost| self.streams.get(&lost.class).map_or(1, |stream| stream.next);
            let fits = |lost: &Lost| fits(&transaction, row.id, lost, (self.epoch, next(lost)));
            match look {
                Look::Whole(lost, payload) if !row.intact && fits(&lost)? => {
                    put_back(&transaction, row.id, lost, payload)?;
                    outcome.mended += 1;
                }
                Look::Columns(lost) if fits(&lost)? => {
                    let holder = Holder::take(&transaction, row.id.0)?;
                    let lost = holder.map_or(lost, |holder| holder.lost_with(lost));
                    record_over(&transaction, lost, GapReason::Damage)?;
                }
                Look::Whole(..) | Look::Columns(_) | Look::Nothing => {
                    let holder = Holder::take(&transaction, row.id.0)?;
                    if let Some(lost) = holder.and_then(|it| it.alone(Class::Visit)) {
                        record_over(&transaction, lost, GapReason::Damage)?;
                    }
                    outcome.unplaced += 1;
                }
            }
        }
        trim(&transaction)?;
        // What a damaged row said of its class and size cannot be trusted: count afresh.
        let counted = read_streams(&transaction)?;
        transaction.commit()?;
        self.counters.mended_rows += outcome.mended;
        self.counters.unplaced_rows += outcome.unplaced;
        self.counters.damaged_rows += damaged.len() as u64 - outcome.mended;
        for (class, stream) in &mut self.streams {
            let fresh = counted.get(class).copied().unwrap_or(Stream::NEW);
            *stream = Stream { next: stream.next, ..fresh };
        }
        Ok(())
    }
}

/// What a damaged row says of itself.
enum Look {
    /// The payload is whole: these are its numbers.
    Whole(Lost, Vec<u8>),
    /// So the columns say.
    Columns(Lost),
    Nothing,
}

fn look(connection: &Connection, id: RowId) -> Result<Look, StoreError> {
    let sql = "SELECT class, epoch, first, count, payload FROM outbox WHERE id = ?1";
    let found = connection.query_row(sql, params![id.0], |row| {
        let payload: Vec<u8> = row.get(4).unwrap_or_default();
        Ok(match whole(&payload) {
            Some(lost) => Look::Whole(lost, payload),
            None => columns(row, payload.len()).map_or(Look::Nothing, Look::Columns),
        })
    });
    Ok(found.optional()?.unwrap_or(Look::Nothing))
}

fn whole(payload: &[u8]) -> Option<Lost> {
    let batch = decode(payload).ok()?;
    let header = &batch.header;
    Some(Lost {
        class: header.class,
        epoch: header.epoch,
        first: header.first_sequence,
        count: batch.records.len() as u64,
        bytes: payload.len() as u64,
    })
}

fn columns(row: &rusqlite::Row<'_>, bytes: usize) -> Option<Lost> {
    Some(Lost {
        class: class_of(row.get(0).ok()?)?,
        epoch: row.get(1).ok()?,
        first: u64::try_from(row.get::<_, i64>(2).ok()?).ok()?,
        count: row.get::<_, u32>(3).ok()?.into(),
        bytes: bytes as u64,
    })
}

/// Whether a row of this id may have had these numbers: they were given out, and no other row has them.
fn fits(
    connection: &Connection,
    id: RowId,
    lost: &Lost,
    (epoch, next): (u32, u64),
) -> Result<bool, StoreError> {
    let Some(end) = lost.first.checked_add(lost.count).filter(|_| lost.count > 0) else {
        return Ok(false);
    };
    let given_out = lost.epoch < epoch || lost.epoch == epoch && end <= next;
    let Ok(last) = i64::try_from(end) else { return Ok(false) };
    let sql = "SELECT count(*) FROM outbox WHERE class = ?1 AND epoch = ?2 \
               AND (id < ?3 AND first + count > ?4 OR id > ?3 AND first < ?5)";
    let numbers =
        params![class_number(lost.class), lost.epoch, id.0, lost.first.cast_signed(), last];
    let overlapping: i64 = connection.query_row(sql, numbers, |row| row.get(0))?;
    Ok(given_out && overlapping == 0)
}

fn put_aside(transaction: &Transaction<'_>, id: RowId) -> Result<(), rusqlite::Error> {
    let keep = "INSERT OR REPLACE INTO quarantine SELECT * FROM outbox WHERE id = ?1";
    transaction.execute(keep, params![id.0])?;
    transaction.execute("DELETE FROM outbox WHERE id = ?1", params![id.0]).map(|_| ())
}

/// Puts a row back with the columns that its payload proves.
fn put_back(
    transaction: &Transaction<'_>,
    id: RowId,
    lost: Lost,
    payload: Vec<u8>,
) -> Result<(), StoreError> {
    let Lost { class, epoch, first, count, .. } = lost;
    let count = u32::try_from(count).unwrap_or(u32::MAX);
    let row = Row { id, class, epoch, first_sequence: first, count, payload };
    let sql = "INSERT INTO outbox (id, class, epoch, first, count, crc, payload) \
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
    let number = class_number(class);
    let values =
        params![id.0, number, epoch, first.cast_signed(), count, checksum_of(&row), row.payload];
    transaction.execute(sql, values)?;
    transaction.execute("DELETE FROM quarantine WHERE id = ?1", params![id.0])?;
    Ok(())
}

fn trim(transaction: &Transaction<'_>) -> Result<(), rusqlite::Error> {
    let sql = "DELETE FROM quarantine WHERE id NOT IN \
               (SELECT id FROM quarantine ORDER BY id DESC LIMIT ?1)";
    transaction.execute(sql, params![QUARANTINE_ROWS]).map(|_| ())
}
