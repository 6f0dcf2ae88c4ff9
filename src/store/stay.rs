//! Trucks at docks, so that a stay outlives the run that saw it begin.
//!
//! All of them are written anew in the transaction of the records that tell of them, so that after a crash both agree.
//! The table is made when it is first needed: a database of this version may have none. One that is made anew begins
//! with none.

use rusqlite::{Row, Transaction, params};

use super::Store;
use super::error::StoreError;
use crate::limits;
use crate::time::UtcMs;

/// A truck at a dock. Times are UTC.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptStay {
    /// The dock's name.
    pub dock: String,
    /// Its id; `None`: it has no tag.
    pub truck: Option<String>,
    /// What it brings.
    pub shipment: String,
    /// From which distribution centre, where the plan says so.
    pub dc_id: Option<u64>,
    /// How long unloading is expected to take.
    pub unload_minutes: u32,
    /// When it was to come.
    pub planned: Option<UtcMs>,
    /// How the dock's door stood, where that was known.
    pub open: Option<bool>,
    /// Since when it is here.
    pub arrived: UtcMs,
    /// When it was near last.
    pub near: UtcMs,
    /// When it was heard last.
    pub heard: UtcMs,
    /// When the door was opened for it.
    pub docked: Option<UtcMs>,
    /// When the door was shut last since then.
    pub shut: Option<UtcMs>,
}

const CREATE: &str = "CREATE TABLE IF NOT EXISTS stay (dock TEXT NOT NULL, truck TEXT, shipment TEXT NOT NULL, \
                      dc_id INTEGER, unload_minutes INTEGER NOT NULL, planned INTEGER, open INTEGER, \
                      arrived INTEGER NOT NULL, near INTEGER NOT NULL, heard INTEGER NOT NULL, docked INTEGER, \
                      shut INTEGER) STRICT";

impl Store {
    /// Takes all trucks at docks: they are written with the next commit that succeeds.
    pub fn keep_stays(&mut self, stays: Vec<KeptStay>) {
        self.stays = Some(stays);
    }

    /// Those that were written last, in the order of their arrival.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn stays(&self) -> Result<Vec<KeptStay>, StoreError> {
        let there = "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = 'stay'";
        let tables: i64 = self.connection.query_row(there, [], |row| row.get(0))?;
        if tables == 0 {
            return Ok(Vec::new());
        }
        let mut select = self.connection.prepare("SELECT * FROM stay ORDER BY rowid")?;
        let rows = select.query_map([], read)?.take(limits::STAYS);
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

fn read(row: &Row<'_>) -> rusqlite::Result<KeptStay> {
    let time = |column| row.get::<_, Option<i64>>(column).map(|it| it.map(UtcMs));
    let moment = |column| row.get(column).map(UtcMs);
    Ok(KeptStay {
        dock: row.get(0)?,
        truck: row.get(1)?,
        shipment: row.get(2)?,
        dc_id: row.get::<_, Option<i64>>(3)?.map(i64::cast_unsigned),
        unload_minutes: row.get(4)?,
        planned: time(5)?,
        open: row.get(6)?,
        arrived: moment(7)?,
        near: moment(8)?,
        heard: moment(9)?,
        docked: time(10)?,
        shut: time(11)?,
    })
}

/// Writes `stays` down in place of those before.
pub(super) fn write(
    transaction: &Transaction<'_>,
    stays: Option<&[KeptStay]>,
) -> Result<(), StoreError> {
    let Some(stays) = stays else { return Ok(()) };
    transaction.execute(CREATE, [])?;
    transaction.execute("DELETE FROM stay", [])?;
    let sql = "INSERT INTO stay VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)";
    let mut put = transaction.prepare_cached(sql)?;
    for it in stays {
        let [planned, docked, shut] = [it.planned, it.docked, it.shut].map(|at| at.map(|at| at.0));
        let dc_id = it.dc_id.map(u64::cast_signed);
        put.execute(params![
            it.dock,
            it.truck,
            it.shipment,
            dc_id,
            it.unload_minutes,
            planned,
            it.open,
            it.arrived.0,
            it.near.0,
            it.heard.0,
            docked,
            shut
        ])?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::UtcMs;

    fn open(dir: &std::path::Path) -> Store {
        Store::open(dir, 16 << 20, UtcMs(0)).unwrap().0
    }

    fn stay(truck: Option<&str>, dc_id: Option<u64>) -> KeptStay {
        KeptStay {
            dock: "north".to_owned(),
            truck: truck.map(str::to_owned),
            shipment: "S-1".to_owned(),
            dc_id,
            unload_minutes: 45,
            planned: dc_id.map(|_| UtcMs(-1)),
            open: truck.map(|_| true),
            arrived: UtcMs(1),
            near: UtcMs(2),
            heard: UtcMs(3),
            docked: dc_id.map(|_| UtcMs(4)),
            shut: truck.map(|_| UtcMs(5)),
        }
    }

    #[test]
    fn stays_are_there_after_a_restart_as_they_were_written_last() {
        let dir = tempfile::tempdir().unwrap();
        let mut store = open(dir.path());
        assert_eq!(store.stays().unwrap(), []);
        let stays = [stay(Some("t1"), None), stay(None, Some(u64::MAX))];
        store.keep_stays(stays.to_vec());
        drop(store);
        let mut store = open(dir.path());
        assert_eq!(store.stays().unwrap(), [], "no commit, nothing written");
        store.keep_stays(stays.to_vec());
        store.commit(&[], &[]).unwrap();
        store.commit(&[], &[]).unwrap();
        drop(store);
        let mut store = open(dir.path());
        assert_eq!(store.stays().unwrap(), stays);
        store.keep_stays(Vec::new());
        store.commit(&[], &[]).unwrap();
        drop(store);
        assert_eq!(open(dir.path()).stays().unwrap(), []);
    }
}
