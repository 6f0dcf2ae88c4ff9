//! Times that are corrected before anybody saw them, and how far rows with other times were handed out.
//!
//! # Invariants
//! - A row is rewritten in one synced transaction, with all its numbers as they were: only its payload differs.
//! - How far rows were handed out is durable before they are: after a crash none of them counts as never seen.

use rusqlite::{OptionalExtension as _, params};
use tillgate_events::Class;

use super::Store;
use super::check::checksum_of;
use super::error::StoreError;
use super::row::{Row, RowId};
use super::schema::{class_number, handed_key};
use crate::limits::UNSYNCED_RESERVE;

impl Store {
    /// Puts the payloads of `rows` in the place of those that they had. A row that is gone stays gone.
    ///
    /// # Errors
    /// When the database cannot be written; then all rows are as they were.
    pub fn rewrite(&mut self, rows: &[Row]) -> Result<(), StoreError> {
        let written = self.write_again(rows);
        let sizes = self.damage.watch(written)?;
        for (row, (before, after)) in rows.iter().zip(sizes) {
            if let Some(stream) = self.streams.get_mut(&row.class) {
                stream.bytes = stream.bytes.saturating_sub(before) + after;
            }
        }
        Ok(())
    }

    /// Bytes of each row's payload before and after; zeros of a row that is gone.
    fn write_again(&mut self, rows: &[Row]) -> Result<Vec<(u64, u64)>, StoreError> {
        let transaction = self.connection.transaction()?;
        let mut sizes = Vec::with_capacity(rows.len());
        {
            let sql = "SELECT length(payload) FROM outbox WHERE id = ?1 AND class = ?2";
            let mut select = transaction.prepare_cached(sql)?;
            let sql = "UPDATE outbox SET payload = ?2, crc = ?3 WHERE id = ?1";
            let mut update = transaction.prepare_cached(sql)?;
            for row in rows {
                let found = select.query_row(params![row.id.0, class_number(row.class)], |it| {
                    it.get::<_, u32>(0)
                });
                let Some(before) = found.optional()? else {
                    sizes.push((0, 0));
                    continue;
                };
                update.execute(params![row.id.0, row.payload, checksum_of(row)])?;
                sizes.push((before.into(), row.payload.len() as u64));
            }
        }
        transaction.commit()?;
        Ok(sizes)
    }

    /// Rows of a class up to this one may have been handed out with times that nothing vouched for.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn handed_unsynced(&self, class: Class) -> Result<RowId, StoreError> {
        let sql = "SELECT value FROM counter WHERE key = ?1";
        let read =
            self.connection.query_row(sql, params![handed_key(class)], |row| row.get(0)).optional();
        let handed: Option<i64> = self.damage.watch(read.map_err(StoreError::from))?;
        Ok(RowId(handed.unwrap_or(0)))
    }

    /// Rows up to this one, and [`UNSYNCED_RESERVE`] after it, count as handed out so from now on. Returns up to which.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn hand_unsynced(&mut self, class: Class, upto: RowId) -> Result<RowId, StoreError> {
        let reserved = upto.0.saturating_add(UNSYNCED_RESERVE);
        let sql = "INSERT INTO counter (key, value) VALUES (?1, ?2) \
                   ON CONFLICT (key) DO UPDATE SET value = max(value, excluded.value)";
        let written = self.connection.execute(sql, params![handed_key(class), reserved]);
        self.damage.watch(written.map_err(StoreError::from))?;
        Ok(RowId(reserved))
    }
}

#[cfg(test)]
mod tests {
    use tillgate_events::UtcMs;

    use super::*;
    use crate::store::NewRow;

    fn new_row(first_sequence: u64) -> NewRow {
        NewRow { class: Class::Pos, first_sequence, count: 2, payload: vec![1; 10] }
    }

    #[test]
    fn a_rewritten_row_keeps_its_numbers_and_survives() {
        let dir = tempfile::tempdir().unwrap();
        let open = || Store::open(dir.path(), 64 << 20, UtcMs(0)).unwrap().0;
        let mut store = open();
        store.commit(&[new_row(1), new_row(3)], &[]).unwrap();
        let mut rows = store.rows_after(RowId(0), 9, 1 << 20).unwrap();
        rows[1].payload = vec![2; 14];
        let gone = Row { id: RowId(99), ..rows[1].clone() };
        store.rewrite(&[rows[1].clone(), gone]).unwrap();
        assert_eq!(store.rows_after(RowId(0), 9, 1 << 20).unwrap(), rows);
        assert_eq!(store.backlog().bytes, 24);
        drop(store);
        let mut store = open();
        assert_eq!(store.rows_after(RowId(0), 9, 1 << 20).unwrap(), rows);
        assert_eq!(store.backlog().bytes, 24);
    }

    #[test]
    fn how_far_rows_were_handed_out_survives_and_never_goes_back() {
        let dir = tempfile::tempdir().unwrap();
        let open = || Store::open(dir.path(), 64 << 20, UtcMs(0)).unwrap().0;
        let mut store = open();
        assert_eq!(store.handed_unsynced(Class::Visit).unwrap(), RowId(0));
        let reserved = store.hand_unsynced(Class::Visit, RowId(5)).unwrap();
        assert_eq!(reserved, RowId(5 + UNSYNCED_RESERVE));
        store.hand_unsynced(Class::Visit, RowId(1)).unwrap();
        drop(store);
        assert_eq!(open().handed_unsynced(Class::Visit).unwrap(), reserved);
        assert_eq!(open().handed_unsynced(Class::Pos).unwrap(), RowId(0));
    }
}
