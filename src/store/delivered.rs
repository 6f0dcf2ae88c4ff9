//! Which numbers a broker took: a watermark that contradicts this numbering frees these and no others.
//!
//! # Invariants
//! - A number below [`Delivered::first`] was acknowledged with success, over a connection on which the cloud had
//!   agreed with this numbering, and so was all before it. What a broker refused or left unanswered is never below.
//! - It stands in the database before it is relied on after a start, but needs no commit of its own: what is
//!   forgotten counts as not delivered, and comes rather twice than never.
//! - It holds for one epoch. An epoch that begins has nothing delivered.

use std::collections::BTreeMap;

use rusqlite::Connection;
use tillgate_events::{Class, Watermarks};

use super::Store;
use super::doubt::Doubt;
use super::open::counter;
use super::schema::{DELIVERED_EPOCH, delivered_key};
use super::sent::put;

/// See the module's documentation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Delivered {
    epoch: u32,
    next: BTreeMap<Class, u64>,
    /// The database does not say so yet.
    pub unwritten: bool,
}

impl Delivered {
    /// Nothing was delivered of an epoch that begins.
    pub fn none(epoch: u32) -> Self {
        Self { epoch, ..Self::default() }
    }

    /// What the database says of this epoch.
    pub fn read(connection: &Connection, epoch: u32) -> Result<Self, rusqlite::Error> {
        let mut found = Self::none(epoch);
        if counter(connection, DELIVERED_EPOCH)? == Some(epoch.into()) {
            for class in Class::ALL {
                let next = counter(connection, delivered_key(class))?.unwrap_or(1);
                found.next.insert(class, next.unsigned_abs());
            }
        }
        Ok(found)
    }

    /// The first number of the class that was not surely delivered.
    pub fn first(&self, class: Class) -> u64 {
        self.next.get(&class).copied().unwrap_or(1)
    }

    /// Writes it down, where it changed.
    pub fn write(&self, connection: &Connection) -> Result<(), rusqlite::Error> {
        if !self.unwritten {
            return Ok(());
        }
        put(connection, DELIVERED_EPOCH, self.epoch.into())?;
        self.next.iter().try_for_each(|(class, next)| {
            put(connection, delivered_key(*class), next.cast_signed())
        })
    }
}

impl Store {
    /// Of these classes all up to these numbers was delivered. Stands in the database with the next commit.
    pub fn delivered(&mut self, upto: &Watermarks) {
        for (class, mark) in upto.iter().filter(|(_, mark)| mark.epoch == self.epoch) {
            let next = mark.sequence.saturating_add(1).min(self.next_sequence(*class));
            if self.delivered.first(*class) < next {
                self.delivered.next.insert(*class, next);
                self.delivered.unwritten = true;
            }
        }
    }

    /// Nothing is sent any more before the store is closed, and of these classes no broker can have more than up to
    /// these numbers. The next start knows then which numbers nobody can confirm.
    pub fn ended(&mut self, taken: &Watermarks) {
        self.taken = Some(taken.clone());
    }

    /// Of each class the first number that no broker can have, as far as is known at a start.
    #[must_use]
    pub fn untaken(&self) -> BTreeMap<Class, u64> {
        let doubt = self.doubt.as_ref().map(|doubt| doubt.next.clone());
        doubt.unwrap_or_else(|| self.next_sequences())
    }

    /// At the end. What cannot be written counts as taken and not as delivered.
    pub(super) fn close_delivered(&mut self) {
        let _ = self.delivered.write(&self.connection);
        let Some(taken) = self.taken.take().filter(|_| self.doubt.is_none()) else { return };
        if self.withholds_rows() {
            return;
        }
        let untaken = |(class, next): (Class, u64)| {
            let mark = taken.get(&class).filter(|mark| mark.epoch == self.epoch);
            (class, mark.map_or(1, |mark| mark.sequence.saturating_add(1)).min(next))
        };
        let next = self.next_sequences().into_iter().map(untaken).collect();
        let _ = Doubt { row: self.next_row - 1, next }.write(&mut self.connection);
    }
}
