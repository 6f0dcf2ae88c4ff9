//! Numbers that outlive a run: the counters of sensors' encrypted packets, each under a key that names nobody.
//!
//! They stand in the table of counters, far above the numbers of classes, and are written with the next commit. Behind
//! a number stands how many rows there were when it was written, by which the ones written longest ago are found: at a
//! start all but [`limits::KEPT_COUNTERS`] go. A database that is made anew has none.

use std::collections::BTreeMap;

use rusqlite::{Transaction, params};

use super::Store;
use super::error::StoreError;
use crate::limits;

/// Keys from here up are such numbers.
const FIRST_KEY: i64 = 1 << 62;

/// Bits of the number itself.
const NUMBER_BITS: u32 = 32;

impl Store {
    /// Takes numbers for the next commit. Their keys are at least 2^62; others are left out.
    pub fn keep(&mut self, numbers: impl IntoIterator<Item = (i64, u32)>) {
        self.kept.extend(numbers.into_iter().filter(|(key, _)| *key >= FIRST_KEY));
    }

    /// All such numbers. Those beyond the bound are forgotten.
    ///
    /// # Errors
    /// When the database cannot be read or written.
    pub fn kept(&mut self) -> Result<Vec<(i64, u32)>, StoreError> {
        let sql = "DELETE FROM counter WHERE key IN \
                   (SELECT key FROM counter WHERE key >= ?1 ORDER BY value DESC LIMIT -1 OFFSET ?2)";
        self.connection.execute(sql, params![FIRST_KEY, limits::KEPT_COUNTERS])?;
        let mut select =
            self.connection.prepare("SELECT key, value FROM counter WHERE key >= ?1")?;
        let rows = select.query_map([FIRST_KEY], |row| {
            let (key, value): (i64, i64) = (row.get(0)?, row.get(1)?);
            Ok((key, u32::try_from(value & i64::from(u32::MAX)).unwrap_or_default()))
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

/// Writes `numbers` down; `next_row` says when.
pub(super) fn write(
    transaction: &Transaction<'_>,
    numbers: &BTreeMap<i64, u32>,
    next_row: i64,
) -> Result<(), StoreError> {
    if numbers.is_empty() {
        return Ok(());
    }
    let sql = "INSERT OR REPLACE INTO counter (key, value) VALUES (?1, ?2)";
    let mut put = transaction.prepare_cached(sql)?;
    let age = next_row.clamp(0, i64::MAX >> NUMBER_BITS) << NUMBER_BITS;
    for (key, number) in numbers {
        put.execute(params![key, age | i64::from(*number)])?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::{NewRow, RowId};
    use super::*;
    use crate::time::UtcMs;
    use tillgate_events::Class;

    fn open(dir: &std::path::Path) -> Store {
        Store::open(dir, 16 << 20, UtcMs(0)).unwrap().0
    }

    fn row(first_sequence: u64) -> NewRow {
        NewRow { class: Class::Ops, first_sequence, count: 1, payload: vec![1] }
    }

    #[test]
    fn numbers_are_there_after_a_restart_once_something_was_committed() {
        let dir = tempfile::tempdir().unwrap();
        let mut store = open(dir.path());
        store.keep([(FIRST_KEY, 7), (i64::MAX, u32::MAX), (11, 5)]);
        drop(store);
        let mut store = open(dir.path());
        assert_eq!(store.kept().unwrap(), [], "nothing was committed");
        store.keep([(FIRST_KEY, 7), (i64::MAX, u32::MAX), (11, 5)]);
        store.commit(&[row(1)], &[]).unwrap();
        store.keep([(FIRST_KEY, 8)]);
        store.commit(&[], &[]).unwrap();
        drop(store);
        let mut store = open(dir.path());
        assert_eq!(store.kept().unwrap(), [(FIRST_KEY, 8), (i64::MAX, u32::MAX)]);
        assert_eq!(store.next_sequence(Class::Ops), 2, "the numbering is not touched");
    }

    #[test]
    fn beyond_the_bound_those_written_longest_ago_are_forgotten() {
        let dir = tempfile::tempdir().unwrap();
        let mut store = open(dir.path());
        let most = i64::from(limits::KEPT_COUNTERS);
        store.keep([(FIRST_KEY, u32::MAX)]);
        store.commit(&[row(1)], &[]).unwrap();
        store.keep((1..=most).map(|key| (FIRST_KEY + key, 1)));
        store.commit(&[row(2)], &[RowId(1)]).unwrap();
        let kept = store.kept().unwrap();
        assert_eq!(
            (kept.len() as u32, kept.first()),
            (limits::KEPT_COUNTERS, Some(&(FIRST_KEY + 1, 1)))
        );
    }
}
