//! The read path: rows in order, each checked; damaged ones are put aside and never handed out.

use std::collections::BTreeMap;

use rusqlite::params;
use tillgate_events::Class;

use super::check::checksum_of;
use super::error::StoreError;
use super::open::read_streams;
use super::row::{Row, RowId};
use super::schema::class_of;
use super::{Store, backlog::Stream};
use crate::limits::QUARANTINE_ROWS;

/// Sequence numbers that were given out and will never be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gap {
    /// Of which stream.
    pub class: Class,
    /// Of which numbering.
    pub epoch: u32,
    /// The first number missing.
    pub first_sequence: u64,
    /// How many numbers are missing.
    pub count: u64,
    /// Bytes of payload dropped.
    pub bytes: u64,
    /// Why they are.
    pub reason: String,
}

/// One reading of the table.
#[derive(Default)]
struct Page {
    good: Vec<Row>,
    damaged: Vec<RowId>,
    /// The last row looked at; `None` at the end of the table.
    last: Option<RowId>,
}

impl Store {
    /// The accepted rows after `after` in order, at most `max_rows` of them, and of at most `max_bytes` payload
    /// unless the first is larger. Rows whose checksum is wrong are put aside and counted.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn rows_after(
        &mut self,
        after: RowId,
        max_rows: usize,
        max_bytes: usize,
    ) -> Result<Vec<Row>, StoreError> {
        let mut from = after;
        loop {
            let page = self.read_page(from, max_rows, max_bytes)?;
            if !page.damaged.is_empty() {
                self.quarantine(&page.damaged)?;
            }
            match page.last {
                // All of these were damaged: look further.
                Some(last) if page.good.is_empty() => from = last,
                _ => return Ok(page.good),
            }
        }
    }

    /// What was dropped, oldest first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn gaps(&self) -> Result<Vec<Gap>, StoreError> {
        let sql = "SELECT class, epoch, first, count, bytes, reason FROM gap ORDER BY id";
        let mut select = self.connection.prepare_cached(sql)?;
        let gaps = select.query_map([], |row| {
            Ok(Gap {
                class: class_of(row.get(0)?).unwrap_or(Class::Ops),
                epoch: row.get(1)?,
                first_sequence: row.get::<_, i64>(2)?.unsigned_abs(),
                count: row.get::<_, i64>(3)?.unsigned_abs(),
                bytes: row.get::<_, i64>(4)?.unsigned_abs(),
                reason: row.get(5)?,
            })
        })?;
        Ok(gaps.collect::<Result<_, _>>()?)
    }

    fn read_page(
        &self,
        after: RowId,
        max_rows: usize,
        max_bytes: usize,
    ) -> Result<Page, StoreError> {
        let sql = "SELECT id, class, epoch, first, count, crc, payload FROM outbox \
                   WHERE id > ?1 ORDER BY id LIMIT ?2";
        let mut select = self.connection.prepare_cached(sql)?;
        let limit = i64::try_from(max_rows).unwrap_or(i64::MAX);
        let mut rows = select.query(params![after.0, limit])?;
        let mut page = Page::default();
        let mut bytes = 0;
        let mut numbering = BTreeMap::new();
        while let Some(columns) = rows.next()? {
            let id = RowId(columns.get(0)?);
            match parse(id, columns).filter(|row| follows(&mut numbering, row)) {
                Some(row) => {
                    bytes += row.payload.len();
                    if bytes > max_bytes && !page.good.is_empty() {
                        break;
                    }
                    page.good.push(row);
                }
                None => page.damaged.push(id),
            }
            page.last = Some(id);
        }
        Ok(page)
    }

    /// Moves damaged rows out of the way in one transaction.
    fn quarantine(&mut self, damaged: &[RowId]) -> Result<(), StoreError> {
        let transaction = self.connection.transaction()?;
        for id in damaged {
            let keep = "INSERT OR REPLACE INTO quarantine SELECT * FROM outbox WHERE id = ?1";
            transaction.execute(keep, params![id.0])?;
            transaction.execute("DELETE FROM outbox WHERE id = ?1", params![id.0])?;
        }
        let trim = "DELETE FROM quarantine WHERE id NOT IN \
                    (SELECT id FROM quarantine ORDER BY id DESC LIMIT ?1)";
        transaction.execute(trim, params![QUARANTINE_ROWS])?;
        // What a damaged row said of its class and size cannot be trusted: count afresh.
        let counted = read_streams(&transaction)?;
        transaction.commit()?;
        self.counters.damaged_rows += damaged.len() as u64;
        for (class, stream) in &mut self.streams {
            let fresh = counted.get(class).copied().unwrap_or(Stream::NEW);
            *stream = Stream { next: stream.next, ..fresh };
        }
        Ok(())
    }
}

/// A row whose columns fit their types and its checksum.
fn parse(id: RowId, columns: &rusqlite::Row<'_>) -> Option<Row> {
    let row = Row {
        id,
        class: class_of(columns.get(1).ok()?)?,
        epoch: columns.get(2).ok()?,
        first_sequence: u64::try_from(columns.get::<_, i64>(3).ok()?).ok()?,
        count: columns.get(4).ok()?,
        payload: columns.get(6).ok()?,
    };
    let stored: u32 = columns.get(5).ok()?;
    (stored == checksum_of(&row)).then_some(row)
}

/// Whether the numbers of a class only grow: the pair of the check before the insert.
fn follows(numbering: &mut BTreeMap<Class, (u32, u64)>, row: &Row) -> bool {
    let due = numbering.entry(row.class).or_default();
    let found = (row.epoch, row.first_sequence);
    if found < *due {
        return false;
    }
    *due = (row.epoch, row.first_sequence.saturating_add(row.count.into()));
    true
}
