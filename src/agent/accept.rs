//! Acceptance: records wait here until they are committed, and confirmed rows until they are let go of.
//!
//! # Invariants
//! - Records get their sequence numbers in the order of acceptance; only what is committed is told of.
//! - A page of the journal that ends a document goes in the transaction of the records that came of its end.
//! - When the store refuses, nothing is lost: records come back with their lanes, and confirmed rows stay. The
//!   store is left alone for [`limits::STORE_RETRY`], and no deadline lies before that: whoever waits for it
//!   sleeps.
//! - What waits is bounded: at [`limits::WAITING_RECORDS`] there is no room, and no further reading is taken.

use std::collections::BTreeMap;
use std::time::Duration;

use tillgate_events::{Class, ClockQuality, Record};

use super::journal::Pages;
use super::seal::{Identity, Sealed, Sealer};
use super::steady::Step;
use crate::clock::TimeSync;
use crate::compact::Batcher;
use crate::limits;
use crate::store::{KeptStay, NewRow, Page, RowId, Store, StoreError, Total};
use crate::time::{Mono, Now, UtcMs};

/// What acceptance asks of the store.
pub trait Outbox {
    /// The epoch of new rows.
    fn epoch(&self) -> u32;
    /// The number due next in a class.
    fn next_sequence(&self, class: Class) -> u64;
    /// Writes rows and pages of the journal and lets go of other rows in one synced transaction; on an error nothing
    /// of it happened.
    fn commit(
        &mut self,
        rows: &[NewRow],
        freed: &[RowId],
        pages: &[Page],
    ) -> Result<Vec<RowId>, StoreError>;
    /// Takes numbers that outlive the run: they go with the next commit that succeeds.
    fn keep(&mut self, numbers: BTreeMap<i64, u32>);
    /// The same for running totals.
    fn keep_totals(&mut self, totals: Vec<Total>);
    /// The same for all trucks at docks.
    fn keep_stays(&mut self, stays: Vec<KeptStay>);
}

impl Outbox for Store {
    fn epoch(&self) -> u32 {
        Store::epoch(self)
    }

    fn next_sequence(&self, class: Class) -> u64 {
        Store::next_sequence(self, class)
    }

    fn commit(
        &mut self,
        rows: &[NewRow],
        freed: &[RowId],
        pages: &[Page],
    ) -> Result<Vec<RowId>, StoreError> {
        self.commit_with(rows, freed, pages)
    }

    fn keep(&mut self, numbers: BTreeMap<i64, u32>) {
        Store::keep(self, numbers);
    }

    fn keep_totals(&mut self, totals: Vec<Total>) {
        Store::keep_totals(self, totals);
    }

    fn keep_stays(&mut self, stays: Vec<KeptStay>) {
        Store::keep_stays(self, stays);
    }
}

/// Takes records and hands them to the store in batches.
pub struct Acceptor<O> {
    identity: Identity,
    batcher: Batcher,
    outbox: O,
    freed: Vec<RowId>,
    freed_since: Option<Mono>,
    /// Since when a number that outlives the run waits for a commit.
    kept_since: Option<Mono>,
    /// Running totals for the next commit that takes all records, and since when they wait.
    totals: Vec<Total>,
    /// Likewise trucks at docks.
    stays: Option<Vec<KeptStay>>,
    totals_since: Option<Mono>,
    pages: Pages,
    /// After a refusal by the store: not before this.
    retry_at: Option<Mono>,
    counters: Counters,
    time_sync: TimeSync,
}

/// Since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Times that the store refused.
    pub refusals: u64,
    /// Records that cannot be encoded: a bug, but one that loses itself only.
    pub unwritable: u64,
}

impl<O: Outbox> Acceptor<O> {
    /// Acceptance into `outbox` with at most one commit per `interval`.
    #[must_use]
    pub fn new(identity: Identity, interval: Duration, outbox: O) -> Self {
        Self {
            identity,
            batcher: Batcher::new(interval),
            outbox,
            freed: Vec::new(),
            freed_since: None,
            kept_since: None,
            totals: Vec::new(),
            stays: None,
            totals_since: None,
            pages: Pages::default(),
            retry_at: None,
            counters: Counters::default(),
            time_sync: TimeSync::default(),
        }
    }

    /// Takes a record.
    pub fn push(&mut self, now: Mono, record: Record) {
        self.batcher.push(now, record);
    }

    /// The cloud or broker has these rows: they go with the next commit.
    pub fn free(&mut self, now: Mono, rows: &[RowId]) {
        self.freed.extend_from_slice(rows);
        self.freed_since.get_or_insert(now);
    }

    /// Takes numbers that outlive the run: they go with the next commit, which is due in [`limits::KEPT_LINGER`].
    pub fn keep(&mut self, now: Mono, numbers: BTreeMap<i64, u32>) {
        if !numbers.is_empty() {
            self.kept_since.get_or_insert(now);
            self.outbox.keep(numbers);
        }
    }

    /// Takes running totals as they are after the records that were pushed: they go with the next commit of records, or
    /// one of their own in [`limits::TOTALS_LINGER`].
    pub fn keep_totals(&mut self, now: Mono, totals: Vec<Total>) {
        if !totals.is_empty() {
            self.totals_since.get_or_insert(now);
            self.totals.extend(totals);
        }
    }

    /// Takes all trucks at docks: they go with the records that tell of them, or wait as running totals do.
    pub fn keep_stays(&mut self, now: Mono, stays: Vec<KeptStay>) {
        self.totals_since.get_or_insert(now);
        self.stays = Some(stays);
    }

    /// Takes pages of the journal: they go with the next commit, which is due now.
    pub fn journal(&mut self, pages: impl IntoIterator<Item = Page>) {
        self.pages.push(pages);
    }

    /// The earliest time of a commit that `since` began to wait for: intervals lie between commits.
    #[must_use]
    pub fn journal_due(&self, since: Mono) -> Mono {
        self.batcher.interval_after(since)
    }

    /// When [`Acceptor::commit_if_due`] has something to do.
    #[must_use]
    pub fn deadline(&self) -> Option<Mono> {
        let pages = (!self.pages.waiting().is_empty()).then(Mono::default);
        let due =
            [self.batcher.deadline(), self.free_due(), self.kept_due(), self.totals_due(), pages];
        let due = due.into_iter().flatten().min()?;
        Some(self.retry_at.map_or(due, |retry| retry.max(due)))
    }

    /// Commits what is due. Returns the newest row when there is a new one.
    pub fn commit_if_due(&mut self, now: Now) -> Option<RowId> {
        if self.retry_at.is_some_and(|retry| now.mono < retry) {
            return None;
        }
        let due = |moment: Option<Mono>| moment.is_some_and(|due| due <= now.mono);
        if due(self.batcher.deadline()) || due(self.totals_due()) || self.pages.any_ends() {
            return self.commit(now);
        }
        if due(self.free_due()) || due(self.kept_due()) || !self.pages.waiting().is_empty() {
            self.batcher.committed(now.mono);
            self.write(now, &Sealed::default());
        }
        None
    }

    /// Commits all that waits, due or not, and even if the store has just refused.
    pub fn commit(&mut self, now: Now) -> Option<RowId> {
        let nothing =
            self.pages.waiting().is_empty() && self.freed.is_empty() && self.kept_since.is_none();
        if self.batcher.is_empty() && nothing && self.totals_since.is_none() {
            return None;
        }
        // Only here: a commit without the records must not have totals that count them.
        self.outbox.keep_totals(std::mem::take(&mut self.totals));
        if let Some(stays) = self.stays.take() {
            self.outbox.keep_stays(stays);
        }
        let groups = self.batcher.take(now.mono);
        let mut sealer =
            Sealer::new(&self.identity, self.outbox.epoch(), now, self.time_sync.quality(now));
        for (class, records) in &groups {
            sealer.group(*class, self.outbox.next_sequence(*class), records);
        }
        let newest = self.write(now, &sealer.finish());
        if self.retry_at.is_some() {
            self.batcher.put_back(groups);
        } else {
            self.totals_since = None;
        }
        newest
    }

    /// Whether another reading may be taken.
    #[must_use]
    pub fn has_room(&self) -> bool {
        self.batcher.len() < limits::WAITING_RECORDS
    }

    /// Records that are seen and not yet accepted.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.batcher.len()
    }

    /// The same, by class.
    #[must_use]
    pub fn waiting_by_class(&self) -> BTreeMap<Class, u64> {
        self.batcher.by_class()
    }

    /// Whether the wall clock can be believed.
    pub fn clock_quality(&mut self, now: Now) -> ClockQuality {
        self.time_sync.quality(now)
    }

    /// The clock was set: what waits for its commit moves along, and only newer evidence is believed.
    pub fn clock_set(&mut self, now: Now, step: Step) {
        self.batcher.clock_set(step.by_ms);
        let within = i64::try_from(step.within.as_millis()).unwrap_or(i64::MAX);
        // The file is stamped in whole ticks of the kernel, and the look took its time too.
        let after = now.wall.0.saturating_sub(within).saturating_sub(1000);
        self.time_sync.clock_set(UtcMs(after));
    }

    /// Pages of documents that were left out because too much waited.
    #[must_use]
    pub fn holes(&self) -> u64 {
        self.pages.holes()
    }

    /// What happened here.
    #[must_use]
    pub fn counters(&self) -> Counters {
        self.counters
    }

    /// The store, to be asked.
    #[must_use]
    pub fn outbox(&self) -> &O {
        &self.outbox
    }

    /// The store, to be read.
    pub fn outbox_mut(&mut self) -> &mut O {
        &mut self.outbox
    }

    fn free_due(&self) -> Option<Mono> {
        self.freed_since.map(|since| since.plus(limits::FREE_IDLE))
    }

    fn kept_due(&self) -> Option<Mono> {
        self.kept_since.map(|since| since.plus(limits::KEPT_LINGER))
    }

    fn totals_due(&self) -> Option<Mono> {
        self.totals_since.map(|since| since.plus(limits::TOTALS_LINGER))
    }

    /// One transaction. Afterwards `retry_at` says whether the store refused.
    fn write(&mut self, now: Now, sealed: &Sealed) -> Option<RowId> {
        match self.outbox.commit(&sealed.rows, &self.freed, self.pages.waiting()) {
            Ok(ids) => {
                self.accepted(sealed);
                ids.last().copied()
            }
            Err(error) => {
                self.refused(now, &error);
                None
            }
        }
    }

    fn accepted(&mut self, sealed: &Sealed) {
        if self.retry_at.take().is_some() {
            tracing::info!("the store accepts again");
        }
        for row in &sealed.rows {
            tracing::debug!("accepted class={:?} records={}", row.class.name(), row.count);
        }
        if let Some(error) = &sealed.reason {
            let records = sealed.unwritable;
            tracing::error!(records, error, "records cannot be written down and are left out");
        }
        self.counters.unwritable += sealed.unwritable;
        self.pages.written();
        self.freed.clear();
        self.freed_since = None;
        self.kept_since = None;
    }

    fn refused(&mut self, now: Now, error: &StoreError) {
        self.counters.refusals += 1;
        if self.retry_at.replace(now.mono.plus(limits::STORE_RETRY)).is_none() {
            tracing::error!(%error, "the store refuses; records wait in memory");
        }
    }
}

#[cfg(test)]
mod tests;
