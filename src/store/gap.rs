//! Gaps: sequence numbers that were given out and will never be sent. What had them is lost, but for `thinned`: those
//! records were joined to others.
//!
//! # Invariants
//! - A gap is written in the transaction that drops its rows.
//! - It leaves only when whoever confirms has been told of all of it: one that changed meanwhile stays.
//! - What was told as `thinned` and is lost later is told again as lost ([`record_over`]): no number is in two gaps.
//! - Neighbouring losses with one reason are one gap, so that the table grows with holes and not with rows.

use rusqlite::{Connection, Transaction, params};
use tillgate_events::{Class, Loss};

use super::Store;
use super::error::StoreError;
use super::schema::{GAP_ID, class_number};
use crate::limits::GAPS_AT_ONCE;

/// A gap in the store; never reused while the store is open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct GapId(pub i64);

/// Sequence numbers that were given out and will never be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gap {
    /// Its key in the table.
    pub id: GapId,
    /// Of which stream.
    pub class: Class,
    /// Of which numbering.
    pub epoch: u32,
    /// The first number missing.
    pub first_sequence: u64,
    /// Never 0.
    pub count: u64,
    /// Bytes of payload dropped.
    pub bytes: u64,
    /// Why they are.
    pub reason: GapReason,
}

/// Why numbers will never be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GapReason {
    /// The cap of the buffer was reached.
    Cap,
    /// The row was damaged where it was kept.
    Damage,
    /// The database was damaged; these may have been in it, or delivered long ago: nobody knows.
    Salvage,
    /// At the cap records were joined to others, which follow; nothing is lost as long as these are not.
    Thinned,
    /// The database was lost; these were set aside, and nobody knows whether any record ever had them.
    Reserved,
}

impl GapReason {
    /// The word in the store and on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Cap => "cap",
            Self::Damage => "damage",
            Self::Salvage => "salvage",
            Self::Thinned => Loss::THINNED,
            Self::Reserved => Loss::RESERVED,
        }
    }

    fn from_name(name: &str) -> Self {
        let all = [Self::Cap, Self::Damage, Self::Salvage, Self::Thinned, Self::Reserved];
        all.into_iter().find(|reason| reason.name() == name).unwrap_or(Self::Damage)
    }
}

/// The numbers of one row that is lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Lost {
    pub class: Class,
    pub epoch: u32,
    pub first: u64,
    pub count: u64,
    pub bytes: u64,
}

impl Store {
    /// What was dropped and not yet told, by class, at most [`GAPS_AT_ONCE`] of a class: the first hole of each
    /// epoch, then the second ones. Whoever confirms stands before the first hole of some epoch, so what it
    /// waits for is always among them, however many others nobody comes to.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn gaps(&self) -> Result<Vec<Gap>, StoreError> {
        self.damage.watch(read_gaps(&self.connection))
    }

    /// Lets go of gaps that were told. One that grew since it was read stays, to be told again.
    ///
    /// # Errors
    /// When the database cannot be written; the gaps stay, and telling them again does no harm.
    pub fn settle(&mut self, told: &[Gap]) -> Result<(), StoreError> {
        let forgotten = self.forget_gaps(told);
        self.damage.watch(forgotten)
    }

    fn forget_gaps(&mut self, told: &[Gap]) -> Result<(), StoreError> {
        let transaction = self.connection.transaction()?;
        {
            let sql = "DELETE FROM gap WHERE id = ?1 AND epoch = ?2 AND first = ?3 AND count = ?4 \
                       AND reason = ?5";
            let mut delete = transaction.prepare_cached(sql)?;
            for Gap { id, epoch, first_sequence, count, reason, .. } in told {
                let (first, count) = (first_sequence.cast_signed(), count.cast_signed());
                delete.execute(params![id.0, epoch, first, count, reason.name()])?;
            }
        }
        Ok(transaction.commit()?)
    }
}

pub(super) fn read_gaps(connection: &Connection) -> Result<Vec<Gap>, StoreError> {
    let sql = "SELECT id, epoch, first, count, bytes, reason FROM (SELECT *, \
               row_number() OVER (PARTITION BY epoch ORDER BY first) AS nth \
               FROM gap WHERE class = ?1) ORDER BY nth, epoch LIMIT ?2";
    let mut select = connection.prepare_cached(sql)?;
    let mut gaps = Vec::new();
    for class in Class::ALL {
        let of_class = select.query_map(params![class_number(class), GAPS_AT_ONCE], |row| {
            Ok(Gap {
                id: GapId(row.get(0)?),
                class,
                epoch: row.get(1)?,
                first_sequence: row.get::<_, i64>(2)?.unsigned_abs(),
                count: row.get::<_, i64>(3)?.unsigned_abs(),
                bytes: row.get::<_, i64>(4)?.unsigned_abs(),
                reason: GapReason::from_name(row.get_ref(5)?.as_str()?),
            })
        })?;
        for gap in of_class {
            gaps.push(gap?);
        }
    }
    Ok(gaps)
}

/// As [`record`], of numbers some of which are in gaps: those make way for what is told now.
pub(super) fn record_over(
    transaction: &Transaction<'_>,
    mut lost: Lost,
    reason: GapReason,
) -> Result<(), StoreError> {
    let (class, first) = (class_number(lost.class), lost.first.cast_signed());
    let end = lost.first.saturating_add(lost.count).cast_signed();
    let sql = "INSERT OR REPLACE INTO counter (key, value) SELECT ?1, max(coalesce(max(id), 0), \
               coalesce((SELECT value FROM counter WHERE key = ?1), 0)) FROM gap";
    transaction.prepare_cached(sql)?.execute([GAP_ID])?;
    let sql = "DELETE FROM gap WHERE class = ?1 AND epoch = ?2 AND first >= ?3 AND first < ?4 \
               RETURNING bytes";
    let mut delete = transaction.prepare_cached(sql)?;
    let taken = delete.query_map(params![class, lost.epoch, first, end], |row| row.get(0))?;
    for bytes in taken {
        lost.bytes = lost.bytes.saturating_add(bytes.map(i64::unsigned_abs)?);
    }
    // One that begins before keeps what is before.
    let sql = "UPDATE gap SET count = ?3 - first WHERE first + count > ?3 AND id = (SELECT id FROM gap \
               WHERE class = ?1 AND epoch = ?2 AND first < ?3 ORDER BY first DESC LIMIT 1)";
    transaction.prepare_cached(sql)?.execute(params![class, lost.epoch, first])?;
    record(transaction, lost, reason)
}

/// Adds the numbers to the gap right before them, or opens another.
pub(super) fn record(
    transaction: &Transaction<'_>,
    lost: Lost,
    reason: GapReason,
) -> Result<(), StoreError> {
    let (first, count) = (lost.first.cast_signed(), lost.count.cast_signed());
    let (class, bytes) = (class_number(lost.class), lost.bytes.cast_signed());
    let arguments = params![class, lost.epoch, first, count, bytes, reason.name()];
    let extend = "UPDATE gap SET count = count + ?4, bytes = bytes + ?5 \
                  WHERE id = (SELECT id FROM gap WHERE class = ?1 AND epoch = ?2 AND first < ?3 \
                  ORDER BY first DESC LIMIT 1) AND first + count = ?3 AND reason = ?6";
    if transaction.prepare_cached(extend)?.execute(arguments)? == 0 {
        let open = "INSERT INTO gap (id, class, epoch, first, count, bytes, reason) \
                    SELECT max(coalesce(max(id), 0), \
                    coalesce((SELECT value FROM counter WHERE key = ?7), 0)) + 1, \
                    ?1, ?2, ?3, ?4, ?5, ?6 FROM gap";
        let arguments = params![class, lost.epoch, first, count, bytes, reason.name(), GAP_ID];
        transaction.prepare_cached(open)?.execute(arguments)?;
    }
    Ok(())
}
