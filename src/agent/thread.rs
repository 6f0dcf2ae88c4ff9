//! The pipeline's thread: waits for readings, for the forwarder's requests and for deadlines.
//!
//! It runs a runtime of its own for timers only; everything it calls is synchronous. It ends when both
//! channels are closed: first the readings (sources have stopped, what is open ends), then the requests. It ends
//! early, after a last commit, when the store's database is damaged: the next start salvages it; and when its files
//! were deleted under it: they are written anew, and the next start goes on with them.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot, watch};

use super::health::HealthLog;
use super::health::looks::Looks;
use super::health::snapshot::Snapshot;
use super::pipeline::Pipeline;
use super::queue::Queue;
use super::watchdog::Watchdog;
use crate::clock::Clock;
use crate::forward::{LinkState, Request};
use crate::limits;
use crate::source::Reading;
use crate::store::RowId;
use crate::track::catalog::Catalog;

/// The other ends are the sources', the forwarder's, and whoever waits for the end.
pub struct Inbox {
    pub readings: mpsc::Receiver<Reading>,
    pub requests: mpsc::Receiver<Request>,
    /// The newest accepted row, for the forwarder.
    pub newest: watch::Sender<RowId>,
    /// How the way to the cloud is.
    pub link: watch::Receiver<LinkState>,
    /// How the pipeline is, for whoever reports it.
    pub health: watch::Sender<Snapshot>,
    /// Fed while the pipeline moves.
    pub watchdog: Watchdog,
    /// True once the agent stops.
    pub stop: watch::Receiver<bool>,
    /// The products, whenever their file changed.
    pub catalog: watch::Receiver<Arc<Catalog>>,
    /// Told when the last reading was taken and its records were committed, or could not be.
    pub settled: oneshot::Sender<()>,
}

/// Why the thread ended early.
#[derive(Debug, thiserror::Error)]
pub enum ThreadError {
    /// The thread's timer cannot be made.
    #[error(transparent)]
    Timer(#[from] std::io::Error),
    /// The database must be salvaged, which the next start does.
    #[error("the database is damaged")]
    Damaged,
    /// The database was deleted or replaced.
    #[error("the database's files are gone")]
    FilesGone,
}

/// Runs the pipeline until both channels are closed.
///
/// # Errors
/// See [`ThreadError`].
pub fn serve(pipeline: Pipeline, inbox: Inbox, clock: Clock) -> Result<(), ThreadError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build()?;
    let Inbox { readings, mut requests, newest, link, health, watchdog, stop, catalog, settled } =
        inbox;
    let log = HealthLog::new(clock.now().mono);
    let (looks, asked, files_gone, leaves) = (Looks::default(), None, false, false);
    let mut worker = Worker {
        pipeline,
        clock,
        newest,
        link,
        health,
        looks,
        asked,
        log,
        watchdog,
        catalog,
        files_gone,
        leaves,
    };
    runtime.block_on(worker.work(Queue::new(readings), &mut requests, stop, settled));
    if worker.pipeline.is_damaged() {
        return Err(ThreadError::Damaged);
    }
    if worker.leaves { Err(ThreadError::FilesGone) } else { Ok(()) }
}

/// The pipeline and those it tells.
struct Worker {
    pipeline: Pipeline,
    clock: Clock,
    newest: watch::Sender<RowId>,
    link: watch::Receiver<LinkState>,
    health: watch::Sender<Snapshot>,
    /// When the health is told.
    looks: Looks,
    /// Files of the store are gone and cannot be written anew, and that was told.
    files_gone: bool,
    /// The store is to be written anew, and that is the end.
    leaves: bool,
    /// The forwarder's question, while rows are withheld: it has one at a time.
    asked: Option<Request>,
    log: HealthLog,
    watchdog: Watchdog,
    catalog: watch::Receiver<Arc<Catalog>>,
}

impl Worker {
    async fn work(
        &mut self,
        mut readings: Queue,
        requests: &mut mpsc::Receiver<Request>,
        mut stop: watch::Receiver<bool>,
        settled: oneshot::Sender<()>,
    ) {
        let (mut settled, mut requests_open) = (Some(settled), true);
        let mut planned = self.clock.now().mono;
        let ends = |it: &Self| it.pipeline.is_damaged() || it.leaves;
        while (settled.is_some() || requests_open) && !ends(self) {
            if settled.is_some() && *stop.borrow() {
                self.take_last(&mut readings).await;
                // Nobody waits any more: the agent is being dropped.
                settled.take().map(|settled| settled.send(()));
                continue;
            }
            let now = self.clock.now();
            let next = readings.next_stamp();
            self.pipeline.woke(planned, now.mono);
            let row = self.pipeline.tick(now, next);
            self.tell(row);
            self.answer_late();
            let wait = self.wait(next.is_some());
            // Without the time that a commit takes: that is a delay too.
            planned = now.mono.plus(wait);
            // Whoever stops has bounded what is still to come: it is taken even where there is no room.
            let takes = self.pipeline.has_room() || readings.is_closed();
            tokio::select! {
                biased;
                request = requests.recv(), if requests_open => match request {
                    Some(request) => self.answer(request),
                    None => requests_open = false,
                },
                reading = readings.next(), if settled.is_some() && takes => match reading {
                    Some(reading) => self.take(reading, &mut readings),
                    None => {
                        self.finish();
                        settled.take().map(|settled| settled.send(()));
                    }
                },
                Ok(()) = stop.changed(), if settled.is_some() => {}
                () = tokio::time::sleep(wait) => {}
            }
        }
        self.finish();
        if self.leaves && !self.pipeline.is_damaged() {
            // Whoever waits for the end does so until this value goes: now all is done.
            self.write_anew();
        }
    }

    /// Takes a reading and those that wait behind it, up to a bound, so that a busy device shares one commit.
    fn take(&mut self, first: Reading, readings: &mut Queue) {
        if self.catalog.has_changed().unwrap_or(false) {
            self.pipeline.set_catalog(Arc::clone(&self.catalog.borrow_and_update()));
        }
        let now = self.clock.now().mono;
        self.pipeline.reading(now, first);
        for _ in 1..limits::READINGS_AT_ONCE {
            if !self.pipeline.has_room() {
                break;
            }
            let Some(reading) = readings.waiting() else { break };
            self.pipeline.reading(now, reading);
        }
    }

    /// Takes all that the sources still have, and accepts it with one commit: on a slow disk there is no time for many.
    /// Sources end soon after the word to stop, so this does too. Until then the forwarder waits.
    async fn take_last(&mut self, readings: &mut Queue) {
        while let Some(reading) = readings.next().await {
            let now = self.clock.now().mono;
            self.watchdog.feed(now);
            self.pipeline.reading(now, reading);
        }
        self.finish();
    }

    /// Answers what was asked while rows were withheld, once they are not.
    fn answer_late(&mut self) {
        if !self.pipeline.withholds_rows()
            && let Some(request) = self.asked.take()
        {
            self.answer(request);
        }
    }

    fn answer(&mut self, request: Request) {
        match request {
            Request::Rows { .. } | Request::Compare { .. } if self.pipeline.withholds_rows() => {
                self.asked = Some(request);
            }
            // The forwarder may have lost interest; then the rows stay where they are.
            Request::Rows { class, after, max_rows, reply } => {
                let now = self.clock.now();
                let _ = reply.send(self.pipeline.rows_of(class, after, max_rows, now));
            }
            Request::Compare { contradicts, marks, reply } => {
                let _ = reply.send(self.pipeline.compare(&marks, contradicts));
            }
            Request::Delivered(upto) => self.pipeline.delivered(&upto),
            Request::Ended(taken) => self.pipeline.ended(&taken),
            Request::Settle(gaps) => self.pipeline.settle(&gaps),
            Request::Free(rows) => self.pipeline.free(self.clock.now().mono, &rows),
        }
    }

    fn finish(&mut self) {
        let row = self.pipeline.finish(self.clock.now());
        self.looks.hurry();
        self.tell(row);
    }

    /// Tells the forwarder of a new row, and the others, now and then, how things are.
    fn tell(&mut self, row: Option<RowId>) {
        if let Some(row) = row {
            self.newest.send_replace(row);
        }
        let now = self.clock.now();
        self.watchdog.feed(now.mono);
        let connected = self.link.borrow().connected;
        if !self.looks.is_due(now.mono, connected) {
            return;
        }
        self.look_after_files();
        let link = self.link.borrow().clone();
        let snapshot = self.pipeline.look(now, link);
        if self.log.is_due(now.mono, &snapshot.health) {
            tracing::info!("health: {}", snapshot.health);
        }
        self.health.send_replace(snapshot);
    }

    /// Once the files of the store are gone it is of no use to accept more into what goes with the process; but where
    /// they cannot be written anew, to go on saves what the cloud still takes.
    fn look_after_files(&mut self) {
        let Some(file) = self.pipeline.look_after_files() else {
            self.files_gone = false;
            return;
        };
        self.leaves = self.pipeline.can_write_anew();
        let file = file.display();
        if self.leaves {
            tracing::error!(
                "{file} was deleted or replaced under the running agent: all that is accepted is written anew, and the \
                 agent ends to be started again"
            );
        } else if !std::mem::replace(&mut self.files_gone, true) {
            tracing::error!(
                "{file} was deleted or replaced under the running agent, and cannot be written anew: make room; what \
                 the cloud does not take until the agent ends is lost"
            );
        }
    }

    fn write_anew(&mut self) {
        let (clock, watchdog) = (self.clock, &mut self.watchdog);
        let mut alive = || watchdog.feed(clock.now().mono);
        match self.pipeline.write_anew(clock.now(), &mut alive) {
            Ok(()) => tracing::warn!("the database is written anew: nothing of it is lost"),
            Err(error) => tracing::error!("the database cannot be written anew: {error}"),
        }
    }

    fn wait(&self, reading_waits: bool) -> Duration {
        let (now, due) = (self.clock.now().mono, self.pipeline.deadline(reading_waits));
        let due = due.map(|due| due.since(now));
        let most = self.watchdog.every().min(self.looks.wait(now));
        due.unwrap_or(most).min(most)
    }
}

#[cfg(test)]
mod tests;
