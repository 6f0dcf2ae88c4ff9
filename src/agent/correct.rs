//! Corrects the times of rows that were accepted while nothing vouched for the clock, once something does.
//!
//! A batch tells its moment by both clocks and names its boot. When the clock is known to be right, the difference
//! between what it shows and what a batch of the same boot believed is what that batch's times are off by.
//!
//! # Invariants
//! - A row is corrected once, in the store, before the forwarder gets it for the first time: a resend sends the same
//!   bytes. Rows that may have been sent stay as they are.
//! - Nothing waits for the clock: rows that are asked for while nothing vouches for it go out as they are.
//! - Rows of an earlier boot stay as they are: nobody knows how long the machine was off.

use std::collections::BTreeMap;

use tillgate_events::{BootId, Class, ClockQuality, decode, encode};

use crate::store::{Row, RowId, Store, StoreError};
use crate::time::{Mono, Now};

/// What is known of the rows' times.
#[derive(Debug, Default)]
pub struct Corrector {
    boot_id: BootId,
    reaches: BTreeMap<Class, Reach>,
    /// Rows corrected since the start.
    corrected: u64,
}

/// How far rows of a class went.
#[derive(Clone, Copy, Debug, Default)]
struct Reach {
    /// Rows up to here may have been sent with the times that they have.
    handed: RowId,
    /// The same as it stands in the store, which is ahead.
    reserved: RowId,
}

impl Reach {
    fn of(class: Class, store: &Store) -> Self {
        // Where it cannot be read the store is damaged: all its rows may have been sent.
        let reserved = store.handed_unsynced(class).unwrap_or(RowId(i64::MAX));
        Self { handed: reserved.min(store.newest()), reserved }
    }
}

impl Corrector {
    /// For the rows of `store`, where this boot is `boot_id`.
    #[must_use]
    pub fn new(boot_id: BootId, store: &Store) -> Self {
        let reaches = Class::ALL.into_iter().map(|class| (class, Reach::of(class, store)));
        Self { boot_id, reaches: reaches.collect(), corrected: 0 }
    }

    /// Rows corrected since the start.
    #[must_use]
    pub fn corrected(&self) -> u64 {
        self.corrected
    }

    /// Takes rows of a class in the order of their ids just before the forwarder gets them, at `now` by a clock of this
    /// quality.
    pub fn hand_out(
        &mut self,
        class: Class,
        rows: &mut [Row],
        (now, clock): (Now, ClockQuality),
        store: &mut Store,
    ) {
        let done = match clock {
            ClockQuality::Synced => self.correct(class, rows, now, store),
            ClockQuality::Corrected | ClockQuality::Unsynced => self.note(class, rows, store),
        };
        // A full disk must not keep rows from leaving it.
        if let Err(error) = done {
            tracing::warn!(%error, "times of a clock that was not set are sent as they are");
        }
        let reach = self.reach(class);
        reach.handed = rows.last().map_or(reach.handed, |row| reach.handed.max(row.id));
    }

    fn reach(&mut self, class: Class) -> &mut Reach {
        self.reaches.entry(class).or_default()
    }

    fn correct(
        &mut self,
        class: Class,
        rows: &mut [Row],
        now: Now,
        store: &mut Store,
    ) -> Result<(), StoreError> {
        let handed = self.reach(class).handed;
        let unseen = rows.iter_mut().filter(|row| handed < row.id);
        let mut changed: Vec<(&mut Row, Row)> = Vec::new();
        for row in unseen {
            if let Some(payload) = corrected(&row.payload, self.boot_id, now) {
                let fresh = Row { payload, ..row.clone() };
                changed.push((row, fresh));
            }
        }
        if changed.is_empty() {
            return Ok(());
        }
        let fresh: Vec<Row> = changed.iter().map(|(_, fresh)| fresh.clone()).collect();
        store.rewrite(&fresh)?;
        self.corrected += fresh.len() as u64;
        for (row, fresh) in changed {
            *row = fresh;
        }
        Ok(())
    }

    fn note(&mut self, class: Class, rows: &[Row], store: &mut Store) -> Result<(), StoreError> {
        let reach = self.reach(class);
        if let Some(last) = rows.last()
            && reach.reserved < last.id
        {
            reach.reserved = store.hand_unsynced(class, last.id)?;
        }
        Ok(())
    }
}

/// The payload with right times, if it is of this boot and its times are of a clock that nothing vouched for.
fn corrected(payload: &[u8], boot_id: BootId, now: Now) -> Option<Vec<u8>> {
    let mut batch = decode(payload).ok()?;
    let header = &batch.header;
    let ours = header.boot_id == boot_id && boot_id != BootId::default();
    if !ours || header.clock != ClockQuality::Unsynced {
        return None;
    }
    let believed = Now { mono: Mono(header.mono_us), wall: header.wall };
    batch.correct(now.wall_at_boot().saturating_sub(believed.wall_at_boot()));
    encode(&batch).ok()
}

#[cfg(test)]
mod tests;
