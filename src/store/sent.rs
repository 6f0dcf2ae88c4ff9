//! Which rows may have been sent: those are never changed, because the cloud may have a part of them.
//!
//! # Invariants
//! - A row that was handed out by [`Store::rows_after`], in this run or an earlier one, counts as sent.
//! - The first of a run ends the doubt in the numbering (`doubt`), and does not go before that is durable.
//! - That is durable before it is handed out: a bound in the database that is a little ahead
//!   ([`limits::SENT_RESERVE`]) goes with commits, and has one of its own only where rows that waited go out.
//! - Where nobody knows (a database of an earlier version, an old copy, a salvage), all rows count as sent.
//!
//! After an orderly stop the bound is exact. While there is no connection nothing is handed out, so all that is
//! accepted in an outage may be thinned.

use rusqlite::{Connection, params};

use super::Store;
use super::error::StoreError;
use super::open::counter;
use super::row::RowId;
use super::schema::{JOINED, SENT, STRIPPED};
use crate::limits;

/// What is known of that, and how far thinning came.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Sent {
    /// Earlier runs may have sent these and all before.
    before: i64,
    /// This run handed out these; 0 for none.
    handed: i64,
    /// What the database says.
    bound: i64,
    /// What was handed out could not be written down.
    unwritten: bool,
    /// Rows get other numbers: none may change in another way.
    pub held: bool,
    /// The newest row whose numbers are not in doubt, while others are: no row after it becomes one with them.
    doubtful: i64,
    /// Rows up to here were thinned, or cannot be.
    pub joined: i64,
    /// From rows up to here what is worth least was taken out.
    pub stripped: i64,
}

impl Sent {
    /// `newest` is the newest row of the database.
    pub fn read(connection: &Connection, newest: i64) -> Result<Self, rusqlite::Error> {
        let bound = counter(connection, SENT)?.unwrap_or(newest);
        let joined = counter(connection, JOINED)?.unwrap_or(0);
        let stripped = counter(connection, STRIPPED)?.unwrap_or(0);
        // Rows that are still to come were not sent, though the bound was ahead of them.
        Ok(Self { before: bound.min(newest), bound, joined, stripped, ..Self::default() })
    }

    /// The same, where the numbers of rows after this one are in doubt; 0 for none.
    pub fn in_doubt_from(self, row: i64) -> Self {
        Self { doubtful: row, ..self }
    }

    /// Whether two rows can become one: not where the numbers of one alone are in doubt.
    pub fn alike(&self, before: i64, after: i64) -> bool {
        after <= self.doubtful || self.doubtful < before
    }

    /// No row beyond this one was ever sent.
    pub fn limit(&self) -> i64 {
        if self.unwritten || self.held { i64::MAX } else { self.before.max(self.handed) }
    }

    /// Writes the bound in a transaction, where it is soon too low.
    pub fn write(&mut self, connection: &Connection) -> Result<(), rusqlite::Error> {
        if 0 < self.handed && self.bound < self.handed + limits::SENT_RESERVE / 2 {
            let bound = self.handed + limits::SENT_RESERVE;
            put(connection, SENT, bound)?;
            (self.bound, self.unwritten) = (bound, false);
        }
        Ok(())
    }
}

impl Store {
    /// Notes that rows up to `last` are about to be sent.
    ///
    /// # Errors
    /// When the disk is full: then they must not be sent, and can be asked for again. Where the disk takes no write for
    /// another reason they are sent all the same, and nothing is thinned from then on.
    pub(super) fn hand_out(&mut self, last: RowId) -> Result<(), StoreError> {
        self.end_doubt()?;
        let handed = last.0.max(self.sent.handed);
        let sent = Sent { handed, ..self.sent };
        if handed <= sent.bound {
            self.sent = sent;
            return Ok(());
        }
        let mut written = self.write_sent(sent);
        if matches!(written, Err(StoreError::Full)) {
            self.relieve();
            written = self.write_sent(sent);
        }
        match self.damage.watch(written) {
            Ok(sent) => self.sent = sent,
            Err(error @ (StoreError::Full | StoreError::Damaged(_))) => return Err(error),
            Err(error) => {
                if !self.sent.unwritten {
                    tracing::warn!(%error, "what is sent cannot be written down: nothing is thinned");
                }
                self.sent = Sent { unwritten: true, ..sent };
            }
        }
        Ok(())
    }

    fn write_sent(&mut self, mut sent: Sent) -> Result<Sent, StoreError> {
        sent.write(&self.connection)?;
        Ok(sent)
    }

    /// At the end nothing more is sent. Where it cannot be written, too much counts as sent.
    pub(super) fn close_sent(&self) {
        let exact = Sent { held: false, ..self.sent }.limit();
        if exact < self.sent.bound {
            let _ = put(&self.connection, SENT, exact);
        }
    }
}

/// Sets a counter.
pub(super) fn put(connection: &Connection, key: i64, value: i64) -> Result<(), rusqlite::Error> {
    let sql = "INSERT OR REPLACE INTO counter (key, value) VALUES (?1, ?2)";
    connection.prepare_cached(sql)?.execute(params![key, value]).map(|_| ())
}
