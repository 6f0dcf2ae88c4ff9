//! Running totals: numbers of devices and of the store that outlive a run, each under a name of its own.
//!
//! They are written in the transaction of the records that changed them, so that after a crash both agree. The table is
//! made when it is first needed: a database of this version may have none. One that is made anew begins at nothing.

use std::collections::BTreeMap;

use rusqlite::{Transaction, params};

use super::Store;
use super::error::StoreError;
use crate::limits;

/// One number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Total {
    /// The device's name; empty: the store's own.
    pub source: String,
    /// What it counts.
    pub what: String,
    /// How far it came.
    pub value: i64,
}

/// Numbers by source and name.
pub(super) type Totals = BTreeMap<(String, String), i64>;

const CREATE: &str = "CREATE TABLE IF NOT EXISTS total (source TEXT NOT NULL, what TEXT NOT NULL, \
                      value INTEGER NOT NULL, PRIMARY KEY (source, what)) STRICT, WITHOUT ROWID";

impl Store {
    /// Takes totals: they are written with the next commit that succeeds.
    pub fn keep_totals(&mut self, totals: impl IntoIterator<Item = Total>) {
        let keyed = totals.into_iter().map(|it| ((it.source, it.what), it.value));
        self.totals.extend(keyed);
    }

    /// All totals that were written.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn totals(&self) -> Result<Vec<Total>, StoreError> {
        let there = "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = 'total'";
        let tables: i64 = self.connection.query_row(there, [], |row| row.get(0))?;
        if tables == 0 {
            return Ok(Vec::new());
        }
        let sql = "SELECT source, what, value FROM total ORDER BY source, what LIMIT ?1";
        let mut select = self.connection.prepare(sql)?;
        let rows = select.query_map([limits::TOTALS], |row| {
            Ok(Total { source: row.get(0)?, what: row.get(1)?, value: row.get(2)? })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

/// Writes `totals` down.
pub(super) fn write(transaction: &Transaction<'_>, totals: &Totals) -> Result<(), StoreError> {
    if totals.is_empty() {
        return Ok(());
    }
    transaction.execute(CREATE, [])?;
    let sql = "INSERT OR REPLACE INTO total (source, what, value) VALUES (?1, ?2, ?3)";
    let mut put = transaction.prepare_cached(sql)?;
    for ((source, what), value) in totals {
        put.execute(params![source, what, value])?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::NewRow;
    use super::*;
    use crate::time::UtcMs;
    use tillgate_events::Class;

    fn open(dir: &std::path::Path) -> Store {
        Store::open(dir, 16 << 20, UtcMs(0)).unwrap().0
    }

    fn total(source: &str, value: i64) -> Total {
        Total { source: source.to_owned(), what: "entered".to_owned(), value }
    }

    fn row(first_sequence: u64) -> NewRow {
        NewRow { class: Class::Visit, first_sequence, count: 1, payload: vec![1] }
    }

    #[test]
    fn totals_are_there_after_a_restart_if_their_records_are() {
        let dir = tempfile::tempdir().unwrap();
        let mut store = open(dir.path());
        assert_eq!(store.totals().unwrap(), []);
        store.keep_totals([total("door", 1)]);
        store.commit(&[row(1)], &[]).unwrap();
        store.keep_totals([total("door", 2), total("", -4)]);
        assert!(store.commit(&[row(9)], &[]).is_err(), "a hole in the numbers");
        drop(store);
        let mut store = open(dir.path());
        assert_eq!(store.totals().unwrap(), [total("door", 1)]);
        store.keep_totals([total("door", 2), total("", -4)]);
        store.commit(&[row(2)], &[]).unwrap();
        drop(store);
        assert_eq!(open(dir.path()).totals().unwrap(), [total("", -4), total("door", 2)]);
    }
}
