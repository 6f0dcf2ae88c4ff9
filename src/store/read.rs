//! The read path: rows in order, each checked; damaged ones are mended or put aside, never handed out.

use std::collections::BTreeMap;

use rusqlite::params;
use tillgate_events::Class;

use super::Store;
use super::check::checksum_of;
use super::error::StoreError;
use super::quarantine::Damaged;
use super::row::{Row, RowId};
use super::schema::class_of;

/// One reading of the table.
#[derive(Default)]
pub(super) struct Page {
    pub good: Vec<Row>,
    pub damaged: Vec<Damaged>,
}

impl Store {
    /// The accepted rows after `after` in order, at most `max_rows` of them, and of at most `max_bytes` payload
    /// unless the first is larger. Rows whose checksum is wrong are mended or put aside, and counted.
    ///
    /// They count as sent from then on. While a damaged database is taken over there are none: those that are still to
    /// come go before these. Nor are there any while rows get other numbers.
    ///
    /// # Errors
    /// When the database cannot be read, or has no room to note what is sent.
    pub fn rows_after(
        &mut self,
        after: RowId,
        max_rows: usize,
        max_bytes: usize,
    ) -> Result<Vec<Row>, StoreError> {
        self.read_rows(None, after, max_rows, max_bytes)
    }

    /// The whole rows after `after`, in order and within the same bounds, for whoever only looks: none counts as sent,
    /// and damaged ones are passed over as they are.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn look_after(
        &self,
        after: RowId,
        max_rows: usize,
        max_bytes: usize,
    ) -> Result<Vec<Row>, StoreError> {
        Ok(self.damage.watch(self.read_page(None, after, max_rows, max_bytes))?.good)
    }

    /// Rows of the class with this number, or of all.
    pub(super) fn read_rows(
        &mut self,
        class: Option<i64>,
        after: RowId,
        max_rows: usize,
        max_bytes: usize,
    ) -> Result<Vec<Row>, StoreError> {
        if self.withholds_rows() {
            return Ok(Vec::new());
        }
        loop {
            let page = self.damage.watch(self.read_page(class, after, max_rows, max_bytes))?;
            if page.damaged.is_empty() {
                if let Some(last) = page.good.last() {
                    self.hand_out(last.id)?;
                }
                return Ok(page.good);
            }
            // Each is gone or mended afterwards: this ends.
            let put_aside = self.quarantine(&page.damaged);
            self.damage.watch(put_aside)?;
        }
    }

    pub(super) fn read_page(
        &self,
        class: Option<i64>,
        after: RowId,
        max_rows: usize,
        max_bytes: usize,
    ) -> Result<Page, StoreError> {
        let condition = if class.is_some() { "AND class = ?3" } else { "AND ?3 IS NULL" };
        let sql = format!(
            "SELECT id, class, epoch, first, count, crc, payload FROM outbox \
             WHERE id > ?1 {condition} ORDER BY id LIMIT ?2"
        );
        let mut select = self.connection.prepare_cached(&sql)?;
        let limit = i64::try_from(max_rows).unwrap_or(i64::MAX);
        let mut rows = select.query(params![after.0, limit, class])?;
        let mut page = Page::default();
        let mut bytes = 0;
        let mut numbering = BTreeMap::new();
        while let Some(columns) = rows.next()? {
            let id = RowId(columns.get(0)?);
            let Some(row) = parse(id, columns) else {
                page.damaged.push(Damaged { id, intact: false });
                continue;
            };
            if !follows(&mut numbering, &row) {
                page.damaged.push(Damaged { id, intact: true });
                continue;
            }
            bytes += row.payload.len();
            if bytes > max_bytes && !page.good.is_empty() {
                break;
            }
            page.good.push(row);
        }
        Ok(page)
    }
}

/// A row whose columns fit their types and its checksum.
pub(super) fn parse(id: RowId, columns: &rusqlite::Row<'_>) -> Option<Row> {
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
