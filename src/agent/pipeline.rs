//! The pipeline: owns every device's chain and the store. A reading goes in, records come out, and what they change
//! is committed in one transaction.
//!
//! Invariants: one thread, no locks; only what is committed is shown to the forwarder. When the store refuses,
//! records wait in the acceptor and no further reading is taken, so that the bound moves outwards to the readers,
//! which count what they must drop. Timers follow the readings, not the clock, while readings wait ([`Pace`]);
//! commits follow the clock always.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tillgate_events::{Body, Class, ClockQuality, Record, Unknown, Watermarks};

use super::accept::Acceptor;
use super::correct::Corrector;
use super::health::snapshot::{Passed, Snapshot, written_bytes};
use super::health::{Health, Records, StoreHealth, Waiting};
use super::identity::DayKey;
use super::lateness::Lateness;
use super::mend::Mend;
use super::pace::Pace;
use super::router::Router;
use super::seal::Identity;
use super::steady::Steady;
use super::stock;
use crate::forward::{Answer, LinkState};
use crate::limits;
use crate::source::Reading;
use crate::store::{Gap, JournalDocument, Numbering, Page, RowId, Store, StoreError};
use crate::time::{Mono, Now};
use crate::track::catalog::Catalog;
use crate::track::stock::Book;
use crate::track::stock::book::Moment;

/// The source of what is the gateway's own and no device's.
const GATEWAY: &str = "gateway";

/// All state of the flow's middle.
pub struct Pipeline {
    devices: Router,
    day: DayKey,
    clock: Steady,
    pace: Pace,
    lateness: Lateness,
    acceptor: Acceptor<Store>,
    corrector: Corrector,
    mend: Mend,
    stock: Book,
    /// Kept between calls so that a reading allocates nothing new.
    records: Vec<Record>,
    booked: Vec<Record>,
    pages: Vec<Page>,
}

impl Pipeline {
    /// A pipeline with these devices, by the order of their source ids.
    #[must_use]
    pub fn new(
        identity: Identity,
        devices: Router,
        interval: Duration,
        store: Store,
        day: DayKey,
    ) -> Self {
        let corrector = Corrector::new(identity.boot_id, &store);
        let acceptor = Acceptor::new(identity, interval, store);
        Self {
            devices,
            day,
            clock: Steady::default(),
            pace: Pace::default(),
            lateness: Lateness::default(),
            acceptor,
            corrector,
            mend: Mend::default(),
            stock: Book::default(),
            records: Vec::new(),
            booked: Vec::new(),
            pages: Vec::new(),
        }
    }

    /// From now on products are these.
    pub fn set_catalog(&mut self, catalog: Arc<Catalog>) {
        self.devices.set_catalog(&catalog);
        self.stock.set_catalog(catalog);
    }

    /// Puts back what was open when the agent died, and the stock as it was; before anything else at a start.
    ///
    /// # Errors
    /// When the journal cannot be read.
    pub fn resume(&mut self, now: Now) -> Result<(), StoreError> {
        self.follow_clock(now);
        let catalog = self.stock.catalog();
        self.stock = stock::restore(self.acceptor.outbox_mut(), self.devices.feeds())?;
        self.stock.set_catalog(catalog);
        let counters = self.acceptor.outbox_mut().kept()?;
        self.devices.restore_counters(now.mono, counters);
        self.devices.restore_totals(now, &self.acceptor.outbox().totals()?);
        self.devices.restore_stays(now, self.acceptor.outbox().stays()?);
        for document in self.acceptor.outbox_mut().open_documents()? {
            let device = &document.device;
            if self.devices.resume(now, &document, &mut self.records) {
                tracing::info!(device, "the agent ended in the middle of a document: it goes on");
                continue;
            }
            tracing::warn!(device, "this device is gone: its open document stays in the journal");
            let JournalDocument { device, paper, .. } = document;
            let page = Page { device, paper, at: now.wall, ends: true, ..Page::default() };
            self.acceptor.journal([page]);
        }
        self.collect(now);
        Ok(())
    }

    /// Takes a reading at `now`.
    pub fn reading(&mut self, now: Mono, mut reading: Reading) {
        let at = reading.at.mono;
        self.pace.taken(at, now);
        self.lateness.taken(&reading, now);
        reading.at = self.clock.tell(reading.at);
        let told = Now { mono: at, wall: reading.at.wall };
        self.devices.step(reading, self.day.names(), &mut self.records);
        self.acceptor.keep(at, self.devices.counters_to_keep());
        self.collect(told);
    }

    /// The thread meant to be here at `planned`: where it was held up, sources get time to tell what came meanwhile.
    pub fn woke(&mut self, planned: Mono, now: Mono) {
        self.pace.woke(planned, now);
    }

    /// Lets time pass for every device, no further than `next`, the stamp of the reading that is taken next; and
    /// commits what is due.
    ///
    /// Returns the newest row when there is a new one.
    pub fn tick(&mut self, now: Now, next: Option<Now>) -> Option<RowId> {
        self.follow_clock(now);
        if let Some(time) = self.pace.timers(now, next) {
            self.run_timers(self.clock.tell(time));
        }
        let journal = self.journal_due().is_some_and(|due| due <= now.mono);
        if journal || self.acceptor.deadline().is_some_and(|due| due <= now.mono) {
            self.gather(now);
        }
        let newest = self.acceptor.commit_if_due(now);
        if next.is_none() {
            self.mend.step(now.mono, self.acceptor.outbox_mut());
        }
        newest
    }

    /// Whether a damaged database is being taken over, or rows get other numbers: until that is done no row can be
    /// handed out.
    #[must_use]
    pub fn withholds_rows(&self) -> bool {
        self.acceptor.outbox().withholds_rows()
    }

    /// When [`Pipeline::tick`] has something to do, unless a reading is taken before.
    #[must_use]
    pub fn deadline(&self, reading_waits: bool) -> Option<Mono> {
        let timer = self.devices.deadline().and_then(|due| self.pace.wake_at(due, reading_waits));
        let mend = self.mend.due(self.acceptor.outbox()).filter(|_| !reading_waits);
        let store = self.acceptor.deadline().into_iter().chain(self.journal_due());
        timer.into_iter().chain(store).chain(mend).min()
    }

    /// Whether the store met damage: only a new start can salvage it.
    #[must_use]
    pub fn is_damaged(&self) -> bool {
        self.acceptor.outbox().is_damaged()
    }

    /// Looks whether the store's files are where they were; see [`Store::look_after_files`].
    pub fn look_after_files(&mut self) -> Option<PathBuf> {
        self.acceptor.outbox_mut().look_after_files()
    }

    /// See [`Store::can_write_anew`].
    #[must_use]
    pub fn can_write_anew(&self) -> bool {
        self.acceptor.outbox().can_write_anew()
    }

    /// The last thing before the end; see [`Store::write_anew`].
    ///
    /// # Errors
    /// When the disk does not obey.
    pub fn write_anew(&mut self, now: Now, alive: &mut dyn FnMut()) -> Result<(), StoreError> {
        self.acceptor.outbox_mut().write_anew(now.wall, alive)
    }

    /// Whether another reading may be taken.
    #[must_use]
    pub fn has_room(&self) -> bool {
        self.acceptor.has_room()
    }

    /// Rows of a class for the forwarder, oldest first, and what was lost.
    ///
    /// # Errors
    /// When the store cannot be read now.
    pub fn rows_of(
        &mut self,
        class: Class,
        after: RowId,
        max_rows: usize,
        now: Now,
    ) -> Result<Answer, StoreError> {
        self.follow_clock(now);
        let clock = self.acceptor.clock_quality(now);
        let store = self.acceptor.outbox_mut();
        let mut rows = store.rows_of(class, after, max_rows, limits::FETCH_BYTES)?;
        self.corrector.hand_out(class, &mut rows, (now, clock), store);
        Ok(Answer { rows, gaps: store.hand_out_gaps()? })
    }

    /// So far each class was delivered with success; see [`Store::delivered`].
    pub fn delivered(&mut self, upto: &Watermarks) {
        self.acceptor.outbox_mut().delivered(upto);
    }

    /// Nothing is sent any more; see [`Store::ended`].
    pub fn ended(&mut self, taken: &Watermarks) {
        self.acceptor.outbox_mut().ended(taken);
    }

    /// Compares what the cloud says with what was handed out; see [`Store::compare`], and where it `contradicts` for
    /// certain [`Store::contradicted`].
    ///
    /// # Errors
    /// When the store cannot be written now.
    pub fn compare(
        &mut self,
        marks: &Watermarks,
        contradicts: bool,
    ) -> Result<Numbering, StoreError> {
        let store = self.acceptor.outbox_mut();
        let found = if contradicts { store.contradicted(marks) } else { store.compare(marks) }?;
        if found.begins {
            tracing::warn!(
                "the cloud has numbers that no broker took from this folder (was it put back or wiped?): numbering begins \
                 anew in epoch {}, and what waits moves there; …/gap tells what may be lost",
                found.epoch
            );
        }
        Ok(found)
    }

    /// Rows of all classes and what was lost, for whoever only looks: nothing counts as sent.
    ///
    /// # Errors
    /// When the store cannot be read now.
    pub fn look_after(&self, after: RowId, max_rows: usize) -> Result<Answer, StoreError> {
        let store = self.acceptor.outbox();
        let rows = store.look_after(after, max_rows, limits::FETCH_BYTES)?;
        Ok(Answer { rows, gaps: store.gaps()? })
    }

    /// These losses were told.
    pub fn settle(&mut self, gaps: &[Gap]) {
        if let Err(error) = self.acceptor.outbox_mut().settle(gaps) {
            tracing::error!(%error, "told losses are still written down and will be told again");
        }
    }

    /// The cloud or broker has these rows: they go with the next commit.
    pub fn free(&mut self, now: Mono, rows: &[RowId]) {
        self.acceptor.free(now, rows);
    }

    /// No reading comes any more: ends what is open and commits everything.
    pub fn finish(&mut self, now: Now) -> Option<RowId> {
        self.follow_clock(now);
        self.run_timers(now);
        self.devices.finish(now, self.day.names(), &mut self.records);
        self.collect(now);
        self.gather(now);
        self.acceptor.commit(now)
    }

    /// How everything here is now.
    #[must_use]
    pub fn health(&self) -> Health {
        let (store, counters) = (self.acceptor.outbox(), self.acceptor.counters());
        let (backlog, stored) = (store.backlog(), store.counters());
        let mut health = Health {
            records: Records {
                accepted: stored.accepted_records,
                not_yet_accepted: self.acceptor.waiting() as u64,
                unwritable: counters.unwritable,
            },
            waiting: Waiting { rows: backlog.rows, records: backlog.records, bytes: backlog.bytes },
            store: StoreHealth {
                commits: stored.commits,
                refusals: counters.refusals,
                freed_rows: stored.freed_rows,
                evicted_records: stored.evicted_records,
                thinned_records: stored.thinned_records,
                damaged_rows: stored.damaged_rows,
                salvage_pages_left: store.salvage_pages_left(),
                disk_full: stored.disk_full,
                mark_failures: stored.mark_failures,
                files_gone: u64::from(stored.files_gone),
                corrected_rows: self.corrector.corrected(),
                journal_pages: stored.pages,
                journal_dropped: stored.dropped_documents,
                journal_holes: self.acceptor.holes(),
            },
            ..Health::default()
        };
        self.devices.add_health(&mut health);
        health.tags.wait_ms = self.lateness.longest_ms();
        health.tags.dropped = self.lateness.dropped();
        health
    }

    /// The same, with what takes a look at the database and the system. What the forwarder did is `link`'s to say.
    #[must_use]
    pub fn look(&mut self, now: Now, link: LinkState) -> Snapshot {
        self.lateness.pass(now.mono);
        let mut health = self.health();
        health.cloud = link.progress;
        let clock = self.acceptor.clock_quality(now);
        let waiting = self.acceptor.waiting_by_class();
        let store = self.acceptor.outbox();
        let passed = |class: Class| {
            let tally = store.tally(class);
            let seen = tally.accepted + waiting.get(&class).copied().unwrap_or(0);
            let sent = link.sent.get(&class).copied().unwrap_or(0);
            (class, Passed { seen, accepted: tally.accepted, sent, kept: tally.kept })
        };
        Snapshot {
            at: now,
            streams: Class::ALL.into_iter().map(passed).collect(),
            // Where it cannot be read the next look may; damage is remembered by the store.
            vitals: store.vitals().ok(),
            accepted_bytes: store.counters().accepted_bytes,
            written_bytes: written_bytes(),
            clock,
            link,
            devices: self.devices.states(),
            health,
        }
    }

    /// Looks whether the wall clock was set. What has not happened to its end moves along; no timer notices.
    fn follow_clock(&mut self, now: Now) {
        let Some(step) = self.clock.look(now) else { return };
        let seconds = step.by_ms as f64 / 1000.0;
        tracing::warn!("the clock was set by {seconds:+.3} s; it is now {}", now.wall);
        self.devices.clock_set(step.by_ms);
        self.acceptor.clock_set(now, step);
        let text = format!("[clock set by {seconds:+.3} s]");
        let body = Body::Unknown(Unknown { kind: "clock_set".to_owned(), text });
        self.acceptor.push(now.mono, Record { at: now.wall, source: GATEWAY.to_owned(), body });
    }

    fn run_timers(&mut self, now: Now) {
        if self.day.is_over(now.mono) {
            self.devices.close_windows(now, self.day.names(), &mut self.records);
            self.day.renew(now);
        }
        self.devices.tick(now, self.day.names(), &mut self.records);
        self.collect(now);
    }

    /// When lines of an open document have waited long enough for a commit to go with.
    fn journal_due(&self) -> Option<Mono> {
        let since = self.devices.journal_since()?;
        Some(self.acceptor.journal_due(since.plus(limits::JOURNAL_PACE)))
    }

    /// Hands pages on, for a commit that follows.
    fn gather(&mut self, now: Now) {
        self.devices.gather(now, &mut self.pages);
        self.acceptor.journal(self.pages.drain(..));
    }

    /// Books new records and hands them on; `now` is when they came about.
    fn collect(&mut self, now: Now) {
        if let Some(stays) = self.devices.stays_to_keep(now.mono) {
            self.acceptor.keep_stays(now.mono, stays);
        }
        if self.records.is_empty() {
            return;
        }
        let believed = self.acceptor.clock_quality(now) != ClockQuality::Unsynced;
        let moment = Moment { wall: now.wall, believed };
        for record in self.records.drain(..) {
            self.stock.book(record, moment, &mut self.booked);
        }
        for record in self.booked.drain(..) {
            self.acceptor.push(now.mono, record);
        }
        if let Some(writes) = stock::writes(&mut self.stock) {
            self.acceptor.outbox_mut().book(writes);
        }
        self.acceptor.keep_totals(now.mono, self.devices.totals_to_keep());
    }
}

#[cfg(test)]
mod tests;
