//! Which numbers of earlier epochs may be lost with a database, and their gaps.
//!
//! # Invariants
//! - After a new epoch has begun for want of the database, each number that was given out before it is in a row, or
//!   stands in a gap, or was freed from a database that is still there.
//! - `Salvage`: numbers that were given out, though their records may have been delivered long ago. `Reserved`:
//!   numbers of which nobody knows whether they were given out.

use std::collections::BTreeMap;

use rusqlite::{Connection, Transaction};
use tillgate_events::Class;

use super::error::StoreError;
use super::gap::{GapReason, Lost, record};
use super::given::{Given, Reach};
use super::schema::class_of;

/// The first number after the rows of a class and epoch.
type Ends = BTreeMap<(Class, u32), u64>;

/// What a database knew of its numbering.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Due {
    pub epoch: u32,
    pub next: BTreeMap<Class, u64>,
}

/// What is known of the numbers given out before the new epoch.
#[derive(Debug, Default)]
pub(super) struct Before {
    /// How far each epoch came.
    pub given: Given,
    /// A database that is whole, but behind: what lies before these numbers is in it, or was freed from it.
    pub whole: Option<Due>,
    /// Nothing is told of later epochs than this one.
    pub last: u32,
}

impl Before {
    /// Nothing but the mark is left.
    pub fn lost(given: Given, last_epoch: u32) -> Self {
        let mut before = Self { given, whole: None, last: last_epoch };
        before.given.0.retain(|epoch, _| *epoch <= last_epoch);
        before.know_of(last_epoch);
        before
    }

    /// Damaged databases, and what could be read of their numbering.
    pub fn damaged(mut given: Given, due: &[Due], last_epoch: u32) -> Self {
        for Due { epoch, next } in due {
            let known = given.0.entry(*epoch).or_default();
            for (class, next) in next {
                let reach = known.entry(*class).or_insert(Reach::NONE);
                *reach = reach.at(reach.next.max(*next));
            }
        }
        Self::lost(given, last_epoch)
    }

    /// A whole database that is behind.
    pub fn behind(given: Given, whole: Due, last_epoch: u32) -> Self {
        let mut before = Self::lost(given, last_epoch);
        if whole.epoch > 0 {
            before.know_of(whole.epoch);
        }
        before.whole = Some(whole);
        before
    }

    /// An epoch that was used, but of which nothing is known, has no known end.
    fn know_of(&mut self, epoch: u32) {
        let unknown = || Class::ALL.map(|class| (class, Reach::UNKNOWN)).into();
        self.given.0.entry(epoch).or_insert_with(unknown);
    }

    /// The first number that may be lost.
    fn first(&self, epoch: u32, class: Class) -> u64 {
        match &self.whole {
            Some(whole) if epoch < whole.epoch => u64::MAX,
            Some(whole) if epoch == whole.epoch => whole.next.get(&class).copied().unwrap_or(1),
            _ => 1,
        }
    }

    /// Writes down what is in no row. How many numbers that is.
    pub fn record(&self, transaction: &Transaction<'_>) -> Result<u64, StoreError> {
        let (ends, mut holes) = self.between(transaction)?;
        let mut known = Self { given: self.given.clone(), ..Self::default() };
        for (_, epoch) in ends.keys() {
            known.know_of(*epoch);
        }
        for (epoch, class) in
            known.given.0.keys().flat_map(|epoch| Class::ALL.map(|class| (*epoch, class)))
        {
            let reach = known.given.reach(epoch, class).unwrap_or(Reach::UNKNOWN);
            let first = self.first(epoch, class);
            let from = ends.get(&(class, epoch)).copied().unwrap_or(first);
            holes.add(class, epoch, (from, reach.next), GapReason::Salvage);
            holes.add(class, epoch, (from.max(reach.next), reach.bound), GapReason::Reserved);
        }
        let mut all = 0_u64;
        for (lost, reason) in holes.0 {
            record(transaction, lost, reason)?;
            all = all.saturating_add(lost.count);
        }
        Ok(all)
    }

    /// Where the rows of each class and epoch end, and the holes before and between them. What was told to be lost
    /// already is no hole.
    fn between(&self, connection: &Connection) -> Result<(Ends, Holes), StoreError> {
        let (mut ends, mut holes) = (Ends::new(), Holes::default());
        let sql = "SELECT class, epoch, first, count FROM outbox WHERE epoch <= ?1 \
                   UNION ALL SELECT class, epoch, first, count FROM gap WHERE epoch <= ?1 \
                   ORDER BY 1, 2, 3";
        let mut select = connection.prepare(sql)?;
        let mut rows = select.query([self.last])?;
        while let Some(row) = rows.next()? {
            let Some(class) = class_of(row.get(0)?) else { continue };
            let (epoch, first): (u32, i64) = (row.get(1)?, row.get(2)?);
            let (first, count) = (first.unsigned_abs(), row.get::<_, i64>(3)?.unsigned_abs());
            let end = ends.entry((class, epoch)).or_insert_with(|| self.first(epoch, class));
            holes.add(class, epoch, (*end, first), GapReason::Salvage);
            *end = first.saturating_add(count).max(*end);
        }
        Ok((ends, holes))
    }
}

#[derive(Default)]
struct Holes(Vec<(Lost, GapReason)>);

impl Holes {
    fn add(&mut self, class: Class, epoch: u32, (first, end): (u64, u64), reason: GapReason) {
        if first < end {
            self.0.push((Lost { class, epoch, first, count: end - first, bytes: 0 }, reason));
        }
    }
}
