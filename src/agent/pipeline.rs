//! The pipeline: owns every chain and the store. A reading goes in, records come out, and what they change
//! is committed in one transaction.
//!
//! Invariants: one thread, no locks; records get their sequence numbers here, in the order of acceptance,
//! and only what is committed is shown to the forwarder. When the store refuses, records wait in the batcher
//! and no further reading is taken, so that the bound moves outwards to the readers, which count what they
//! must drop.

use std::sync::Arc;
use std::time::Duration;

use tillgate_events::{Batch, BootId, Class, ClockQuality, Header, Record, encode};

use super::chain::Chain;
use super::counts::Counts;
use super::identity::DayKey;
use crate::compact::Batcher;
use crate::limits;
use crate::source::Reading;
use crate::store::{NewRow, Row, RowId, Store, StoreError};
use crate::time::{Mono, Now, UtcMs};

/// A wall clock before this was never set: 2026-01-01T00:00:00Z.
const PLAUSIBLE_SINCE: UtcMs = UtcMs(1_767_225_600_000);

/// Who this gateway is, in every batch.
#[derive(Clone, Debug)]
pub struct Identity {
    pub gateway_id: String,
    pub store_id: u64,
    pub boot_id: BootId,
}

/// All state of the flow's middle.
pub struct Pipeline {
    identity: Identity,
    chains: Vec<Chain>,
    batcher: Batcher,
    store: Store,
    day: DayKey,
    records: Vec<Record>,
    freed: Vec<RowId>,
    freed_since: Option<Mono>,
    /// After a refusal by the store: not before this.
    retry_at: Option<Mono>,
    counts: Arc<Counts>,
}

impl Pipeline {
    /// A pipeline with these devices, by the order of their source ids.
    #[must_use]
    pub fn new(
        identity: Identity,
        chains: Vec<Chain>,
        interval: Duration,
        store: Store,
        day: DayKey,
        counts: Arc<Counts>,
    ) -> Self {
        Self {
            identity,
            chains,
            batcher: Batcher::new(interval),
            store,
            day,
            records: Vec::new(),
            freed: Vec::new(),
            freed_since: None,
            retry_at: None,
            counts,
        }
    }

    /// Takes a reading.
    pub fn reading(&mut self, reading: Reading) {
        let now = reading.at;
        if let Some(chain) = self.chains.get_mut(usize::from(reading.source.0)) {
            chain.step(reading, self.day.names(), &mut self.records);
        }
        self.collect(now);
    }

    /// Lets time pass for every device, and commits what is due.
    ///
    /// Returns the newest row when there is a new one.
    pub fn tick(&mut self, now: Now) -> Option<RowId> {
        if self.day.is_over(now.wall) {
            for chain in &mut self.chains {
                chain.close_windows(self.day.names(), &mut self.records);
            }
            self.day.renew(now.wall);
        }
        for chain in &mut self.chains {
            if chain.deadline().is_some_and(|due| due <= now.mono) {
                chain.tick(now, self.day.names(), &mut self.records);
            }
        }
        self.collect(now);
        self.commit_if_due(now)
    }

    /// When [`Pipeline::tick`] has something to do.
    #[must_use]
    pub fn deadline(&self) -> Option<Mono> {
        let commit = match (self.retry_at, self.batcher.deadline()) {
            (Some(retry), Some(_)) => Some(retry),
            (_, due) => due,
        };
        let free = self.freed_since.map(|since| since.plus(limits::FREE_IDLE));
        self.chains.iter().filter_map(Chain::deadline).chain(commit).chain(free).min()
    }

    /// Whether another reading may be taken: false while the store refuses and enough waits.
    #[must_use]
    pub fn has_room(&self) -> bool {
        self.retry_at.is_none() || self.batcher.len() < limits::WAITING_RECORDS
    }

    /// Rows for the forwarder, oldest first.
    pub fn rows_after(&mut self, after: RowId, max_rows: usize) -> Vec<Row> {
        match self.store.rows_after(after, max_rows, limits::FETCH_BYTES) {
            Ok(rows) => rows,
            Err(error) => {
                tracing::error!(%error, "the store could not be read; trying again");
                Vec::new()
            }
        }
    }

    /// The cloud or broker has these rows: they go with the next commit.
    pub fn free(&mut self, now: Mono, rows: &[RowId]) {
        self.freed.extend_from_slice(rows);
        self.freed_since.get_or_insert(now);
    }

    /// Ends what is open and commits everything: the agent stops.
    pub fn finish(&mut self, now: Now) -> Option<RowId> {
        for chain in &mut self.chains {
            chain.broken(now, self.day.names(), &mut self.records);
        }
        self.collect(now);
        self.commit(now)
    }

    fn collect(&mut self, now: Now) {
        for record in self.records.drain(..) {
            self.batcher.push(now.mono, record);
        }
    }

    fn commit_if_due(&mut self, now: Now) -> Option<RowId> {
        if self.retry_at.is_some_and(|retry| now.mono < retry) {
            return None;
        }
        let due = |moment: Option<Mono>| moment.is_some_and(|due| due <= now.mono);
        if due(self.batcher.deadline()) {
            return self.commit(now);
        }
        if due(self.freed_since.map(|since| since.plus(limits::FREE_IDLE))) {
            self.free_idle(now);
        }
        None
    }

    fn commit(&mut self, now: Now) -> Option<RowId> {
        if self.batcher.is_empty() {
            self.free_idle(now);
            return None;
        }
        let groups = self.batcher.take(now.mono);
        let rows = self.seal(now, &groups);
        match self.store.commit(&rows, &self.freed) {
            Ok(ids) => {
                for row in &rows {
                    self.counts.accepted(u64::from(row.count));
                    tracing::debug!("accepted class={:?} records={}", row.class.name(), row.count);
                }
                self.committed();
                ids.last().copied()
            }
            Err(error) => {
                self.refused(now, &error);
                self.batcher.put_back(groups);
                None
            }
        }
    }

    /// Gives records their numbers and freezes them.
    fn seal(&self, now: Now, groups: &[(Class, Vec<Record>)]) -> Vec<NewRow> {
        let mut rows: Vec<NewRow> = Vec::new();
        for (class, records) in groups {
            self.seal_group(now, *class, records, &mut rows);
        }
        rows
    }

    /// One row, or more where one would be too large for a message.
    fn seal_group(&self, now: Now, class: Class, records: &[Record], rows: &mut Vec<NewRow>) {
        let last = rows.iter().rev().find(|row| row.class == class);
        let first_sequence = last.map_or_else(
            || self.store.next_sequence(class),
            |row| row.first_sequence + u64::from(row.count),
        );
        let batch =
            Batch { header: self.header(now, class, first_sequence), records: records.to_vec() };
        match encode(&batch) {
            Ok(payload) if payload.len() <= limits::BATCH_BYTES || records.len() == 1 => {
                let count = u32::try_from(records.len()).unwrap_or(u32::MAX);
                rows.push(NewRow { class, first_sequence, count, payload });
            }
            Err(error) if records.len() < 2 => {
                self.counts.rejected(1);
                tracing::error!(%error, "a record cannot be written down and is left out");
            }
            Ok(_) | Err(_) => {
                let (head, tail) = records.split_at(records.len() / 2);
                self.seal_group(now, class, head, rows);
                self.seal_group(now, class, tail, rows);
            }
        }
    }

    fn header(&self, now: Now, class: Class, first_sequence: u64) -> Header {
        let set = now.wall >= PLAUSIBLE_SINCE;
        Header {
            gateway_id: self.identity.gateway_id.clone(),
            store_id: self.identity.store_id,
            class,
            epoch: self.store.epoch(),
            first_sequence,
            wall: now.wall,
            boot_id: self.identity.boot_id,
            mono_us: now.mono.0,
            clock: if set { ClockQuality::Synced } else { ClockQuality::Unsynced },
        }
    }

    fn free_idle(&mut self, now: Now) {
        if self.freed.is_empty() {
            return;
        }
        match self.store.free(&self.freed) {
            Ok(()) => self.committed(),
            Err(error) => self.refused(now, &error),
        }
    }

    fn committed(&mut self) {
        if self.retry_at.take().is_some() {
            tracing::info!("the store accepts again");
        }
        self.freed.clear();
        self.freed_since = None;
        let backlog = self.store.backlog();
        self.counts.waiting(backlog.rows, backlog.records, backlog.bytes);
    }

    fn refused(&mut self, now: Now, error: &StoreError) {
        if self.retry_at.replace(now.mono.plus(limits::STORE_RETRY)).is_none() {
            tracing::error!(%error, "the store refuses; records wait in memory");
        }
    }
}
