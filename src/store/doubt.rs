//! Whether numbers were given out that this database knows nothing of: only the cloud can tell, asked at a start.
//!
//! A folder that was put back from an image, one that was wiped together with its mark, or a disk that lost whole
//! commits looks sound, and would give numbers out again. The cloud then confirms numbers that this database never
//! handed out.
//!
//! # Invariants
//! - Such a thing happens between two runs, never in one. So what is there at a start bears the numbers that it was
//!   sent with, if it was sent; the numbers given out from then on are in doubt.
//! - The first row that is handed out ends the doubt, and that is durable before: what may have been sent keeps its
//!   numbers. A doubt that no row ended goes on at the next start from where it began, because a disk may have gone
//!   back at either: rather twice than never.
//! - A watermark that no gateway can have reached says nothing, so that nobody can make epochs run away.

use std::collections::BTreeMap;

use rusqlite::{Connection, Transaction, params};
use tillgate_events::{Class, Loss, Watermark, Watermarks};

use super::Store;
use super::error::StoreError;
use super::gap::Gap;
use super::open::counter;
use super::schema::{DOUBT_ROW, SENT, doubt_key};
use super::sent::put;
use crate::limits::CLOUD_EPOCH_MAX;

/// Where the numbering came in doubt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Doubt {
    /// The newest row.
    pub row: i64,
    /// The first numbers that no broker can have: due next, or refused by all whom they were handed.
    pub next: BTreeMap<Class, u64>,
}

/// The numbering after the cloud was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Numbering {
    /// The epoch of new rows.
    pub epoch: u32,
    /// The number due next in each class.
    pub next: BTreeMap<Class, u64>,
    /// The cloud knew better: this epoch begins now, and rows with numbers in doubt move to it.
    pub begins: bool,
}

impl Doubt {
    /// At a start, where the numbering is as `self` says: as it was then, or further back where an earlier start's goes
    /// on. `goes_on`: no epoch begins.
    pub fn begin(self, connection: &mut Connection, goes_on: bool) -> Result<Self, StoreError> {
        if goes_on && let Some(before) = Self::read(connection)? {
            return Ok(before);
        }
        // Where there is no room it only lasts for this run.
        if let Err(error) = self.write(connection) {
            tracing::warn!(%error, "this start cannot be written down");
        }
        Ok(self)
    }

    /// One that is still valid: a version that knows of no doubts may have handed rows out since.
    fn read(connection: &Connection) -> Result<Option<Self>, rusqlite::Error> {
        let Some(row) = counter(connection, DOUBT_ROW)? else { return Ok(None) };
        let sent = counter(connection, SENT)?.unwrap_or(0);
        let mut next = BTreeMap::new();
        for class in Class::ALL {
            let number = counter(connection, doubt_key(class))?.unwrap_or(1);
            next.insert(class, number.unsigned_abs());
        }
        Ok((sent <= row).then_some(Self { row, next }))
    }

    pub fn write(&self, connection: &mut Connection) -> Result<(), rusqlite::Error> {
        let transaction = connection.transaction()?;
        put(&transaction, DOUBT_ROW, self.row)?;
        for (class, next) in &self.next {
            put(&transaction, doubt_key(*class), next.cast_signed())?;
        }
        let sent = counter(&transaction, SENT)?.unwrap_or(self.row);
        put(&transaction, SENT, sent.min(self.row))?;
        transaction.commit()
    }

    pub fn forget(transaction: &Connection) -> Result<(), rusqlite::Error> {
        let sql = "DELETE FROM counter WHERE key BETWEEN ?1 AND ?2";
        transaction.execute(sql, params![DOUBT_ROW - 5, DOUBT_ROW]).map(|_| ())
    }

    /// Whether one of these confirms numbers of `epoch` in doubt, or of a later one.
    fn is_contradicted(&self, epoch: u32, marks: &Watermarks) -> bool {
        marks.iter().any(|(class, mark)| {
            let due = self.next.get(class).copied().unwrap_or(1);
            mark.epoch > epoch || mark.epoch == epoch && mark.sequence >= due
        })
    }
}

/// Whether a gateway may have reached this, and an epoch may still begin after it.
#[must_use]
pub fn is_plausible(mark: Watermark) -> bool {
    (1..CLOUD_EPOCH_MAX).contains(&mark.epoch) && mark.sequence <= Loss::OPEN_END
}

fn plausible(marks: &Watermarks) -> Watermarks {
    marks.iter().filter(|(_, mark)| is_plausible(**mark)).map(|(it, mark)| (*it, *mark)).collect()
}

impl Store {
    /// Compares what the cloud says it has with what this database knows it handed out. Where the cloud has more, an
    /// epoch begins that is greater than both, and rows with numbers in doubt move to it before any row is handed out
    /// ([`Store::renumber_step`]). Without effect once a row was handed out.
    ///
    /// # Errors
    /// When the database cannot be written; the call can be repeated.
    pub fn compare(&mut self, marks: &Watermarks) -> Result<Numbering, StoreError> {
        let marks = plausible(marks);
        let contradicts = |it: &Doubt| it.is_contradicted(self.epoch, &marks);
        let begins = self.epoch < CLOUD_EPOCH_MAX && self.doubt.as_ref().is_some_and(contradicts);
        if begins {
            self.renumber(&marks)?;
        }
        Ok(self.numbering(begins))
    }

    /// The same while rows go: the cloud confirms numbers that no broker can have from here. An epoch begins, and all
    /// that is not surely delivered moves to it. Not for a watermark that no gateway can have reached.
    ///
    /// # Errors
    /// When the database cannot be written; the call can be repeated.
    pub fn contradicted(&mut self, marks: &Watermarks) -> Result<Numbering, StoreError> {
        let marks = plausible(marks);
        let begins = !marks.is_empty() && self.epoch < CLOUD_EPOCH_MAX;
        if begins {
            self.renumber(&marks)?;
        }
        Ok(self.numbering(begins))
    }

    fn numbering(&self, begins: bool) -> Numbering {
        Numbering { epoch: self.epoch, next: self.next_sequences(), begins }
    }

    /// What was lost, to be told: like a row that is handed out it ends the doubt, because the cloud may count it.
    ///
    /// # Errors
    /// When the database cannot be read, or has no room to note that the doubt ends.
    pub fn hand_out_gaps(&mut self) -> Result<Vec<Gap>, StoreError> {
        let gaps = self.gaps()?;
        if !gaps.is_empty() {
            self.end_doubt()?;
        }
        Ok(gaps)
    }

    /// A row is about to be handed out.
    pub(super) fn end_doubt(&mut self) -> Result<(), StoreError> {
        if self.doubt.is_none() {
            return Ok(());
        }
        let ended = self.written_or_relieved(|transaction| Ok(Doubt::forget(transaction)?));
        self.damage.watch(ended)?;
        self.doubt = None;
        Ok(())
    }

    /// Writes something small, with the ballast thrown overboard where the disk is full.
    pub(super) fn written_or_relieved<T>(
        &mut self,
        write: impl Fn(&Transaction<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let attempt = |connection: &mut Connection| {
            let transaction = connection.transaction()?;
            let done = write(&transaction)?;
            transaction.commit()?;
            Ok(done)
        };
        let mut written = attempt(&mut self.connection);
        if matches!(written, Err(StoreError::Full)) {
            self.relieve();
            written = attempt(&mut self.connection);
        }
        written
    }
}
