//! The outbox of an agent that does not run, looked at without changing it.
//!
//! It takes the agent's lock for as long as it looks: an agent that is started meanwhile refuses and is started again
//! by systemd. Nothing is written: the log is not written back, and a damaged row is passed over, not put aside.

use std::path::{Path, PathBuf};

use rusqlite::config::DbConfig;
use rusqlite::params;

use super::aside::unfinished;
use super::error::StoreError;
use super::gap::{Gap, read_gaps};
use super::journal::Journal;
use super::open::{connect, counter, read_streams};
use super::place::{is_left_over, refuse_others};
use super::read::parse;
use super::row::{Row, RowId};
use super::salvage::Progress;
use super::schema::{self, SENT};
use super::sent::put;
use super::vitals::{Vitals, vitals};

/// See the module's documentation.
pub struct Inspection {
    connection: rusqlite::Connection,
    /// Its bytes, and how many documents are open.
    journal: (u64, u64),
    log_file: PathBuf,
}

impl Inspection {
    /// Opens the outbox in `dir`; `None` where there is none yet.
    ///
    /// # Errors
    /// [`StoreError::Busy`] when an agent has it open, [`StoreError::Refuse`] when it is another program's or of
    /// another version; the others when it cannot be read.
    pub fn open(dir: &Path) -> Result<Option<Self>, StoreError> {
        refuse_others(dir)?;
        let file = dir.join("outbox.db");
        if !file.try_exists().map_err(super::error::file_error(&file))? {
            return Ok(None);
        }
        schema::inspect(&file)?;
        let connection = connect(&file)?;
        // The last one who closes a database would write its log back.
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
        connection.pragma_update(None, "query_only", true)?;
        let Some(version) = schema::recheck(&file, &connection)? else { return Ok(None) };
        let journal = if version < schema::WITH_JOURNAL {
            (0, 0)
        } else {
            Journal::read(&connection)?.size()
        };
        Ok(Some(Self { connection, journal, log_file: dir.join("outbox.db-wal") }))
    }

    /// Whether there is none in `dir` although there was.
    #[must_use]
    pub fn is_gone(dir: &Path) -> bool {
        is_left_over(dir) && !dir.join("outbox.db").exists()
    }

    /// How it is.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn vitals(&self) -> Result<Vitals, StoreError> {
        let streams = read_streams(&self.connection)?;
        vitals(&self.connection, &streams, self.journal, &self.log_file)
    }

    /// Pages of a damaged database in `dir` that the agent has still to look at; 0 when none is being taken over.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn salvage_pages_left(&self, dir: &Path) -> Result<u64, StoreError> {
        let progress = Progress::read(&self.connection)?;
        let files = unfinished(&dir.join("outbox.db"));
        Ok(progress.map_or(0, |(progress, _)| progress.pages_left(&files)))
    }

    /// Notes that all rows may have been sent: they are about to leave by another way, and must not change after that.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn hand_out(&self) -> Result<(), StoreError> {
        let newest = "SELECT coalesce(max(id), 0) FROM outbox";
        let newest: i64 = self.connection.query_row(newest, [], |row| row.get(0))?;
        self.connection.pragma_update(None, "query_only", false)?;
        let put =
            put(&self.connection, SENT, newest.max(counter(&self.connection, SENT)?.unwrap_or(0)));
        self.connection.pragma_update(None, "query_only", true)?;
        Ok(put?)
    }

    /// Losses that were not told, as [`Store::gaps`](super::Store::gaps) has them.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn gaps(&self) -> Result<Vec<Gap>, StoreError> {
        read_gaps(&self.connection)
    }

    /// Hands every whole row to `take`, in order, until that fails; how many were damaged and left out.
    ///
    /// # Errors
    /// The inner error is `take`'s.
    pub fn rows<E>(
        &self,
        mut take: impl FnMut(Row) -> Result<(), E>,
    ) -> Result<Result<u64, E>, StoreError> {
        let sql = "SELECT id, class, epoch, first, count, crc, payload FROM outbox ORDER BY id";
        let mut select = self.connection.prepare(sql)?;
        let mut rows = select.query(params![])?;
        let mut damaged = 0;
        while let Some(columns) = rows.next()? {
            match parse(RowId(columns.get(0)?), columns) {
                Some(row) => {
                    if let Err(error) = take(row) {
                        return Ok(Err(error));
                    }
                }
                None => damaged += 1,
            }
        }
        Ok(Ok(damaged))
    }
}
