//! Which classes a backlog may not hold up, and rows of one class.
//!
//! Order is kept within a class and nowhere else, so whole classes go first: what a shop does and how its gateway is,
//! which is little. `visit` is most of what a store makes (windows of tags).

use tillgate_events::Class;

use super::Store;
use super::error::StoreError;
use super::row::{Row, RowId};
use super::schema::class_number;

/// Which classes go first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tier {
    /// `pos`, `stock`, `dock` and `ops`.
    Prompt,
    /// `visit`.
    Bulk,
}

impl Tier {
    /// Of a class.
    #[must_use]
    pub fn of(class: Class) -> Self {
        match class {
            Class::Visit => Self::Bulk,
            Class::Pos | Class::Stock | Class::Dock | Class::Ops => Self::Prompt,
        }
    }
}

impl Store {
    /// As [`Store::rows_after`], of one class only. Reads nothing where none can be.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn rows_of(
        &mut self,
        class: Class,
        after: RowId,
        max_rows: usize,
        max_bytes: usize,
    ) -> Result<Vec<Row>, StoreError> {
        let Some(stream) = self.streams.get(&class).filter(|stream| stream.rows > 0) else {
            return Ok(Vec::new());
        };
        let after = after.max(RowId(stream.oldest.saturating_sub(1)));
        self.read_rows(Some(class_number(class)), after, max_rows, max_bytes)
    }
}

#[cfg(test)]
mod tests {
    use tillgate_events::UtcMs;

    use super::*;
    use crate::store::NewRow;

    #[test]
    fn every_row_is_of_one_class_and_keeps_its_order() {
        let dir = tempfile::tempdir().unwrap();
        let mut store = Store::open(dir.path(), 64 << 20, UtcMs(0)).unwrap().0;
        for sequence in 1..4 {
            let row =
                |class| NewRow { class, first_sequence: sequence, count: 1, payload: vec![1] };
            store.commit(&Class::ALL.map(row), &[]).unwrap();
        }
        let all = store.rows_after(RowId(0), 99, 1 << 20).unwrap();
        for class in Class::ALL {
            let expected: Vec<&Row> = all.iter().filter(|row| row.class == class).collect();
            let rows = store.rows_of(class, RowId(0), 99, 1 << 20).unwrap();
            assert_eq!(rows.iter().collect::<Vec<_>>(), expected);
            let after = store.rows_of(class, rows[1].id, 1, 1 << 20).unwrap();
            assert_eq!(after, rows[2..3]);
            store.free(&[rows[0].id, rows[1].id]).unwrap();
            assert_eq!(store.rows_of(class, RowId(0), 99, 1 << 20).unwrap(), rows[2..]);
            store.free(&[rows[2].id]).unwrap();
            assert_eq!(store.rows_of(class, RowId(0), 99, 1 << 20).unwrap(), []);
        }
    }
}
