//! The pipeline's thread: waits for readings, for the forwarder's requests and for deadlines.
//!
//! It runs a runtime of its own for timers only; everything it calls is synchronous. It ends when both
//! channels are closed: first the readings (sources have stopped, what is open ends), then the requests.

use std::time::Duration;

use tokio::sync::{mpsc, oneshot, watch};

use super::pipeline::Pipeline;
use crate::clock::Clock;
use crate::forward::Request;
use crate::limits;
use crate::source::Reading;
use crate::store::RowId;

/// The other ends are the sources', the forwarder's, and whoever waits for the end.
pub struct Inbox {
    pub readings: mpsc::Receiver<Reading>,
    pub requests: mpsc::Receiver<Request>,
    /// The newest accepted row, for the forwarder.
    pub newest: watch::Sender<RowId>,
    /// Told when the last reading is accepted.
    pub settled: oneshot::Sender<()>,
}

/// Runs the pipeline until both channels are closed.
///
/// # Errors
/// When the thread's timer cannot be made.
pub fn serve(mut pipeline: Pipeline, inbox: Inbox, clock: Clock) -> std::io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build()?;
    runtime.block_on(work(&mut pipeline, inbox, clock));
    Ok(())
}

async fn work(pipeline: &mut Pipeline, inbox: Inbox, clock: Clock) {
    let Inbox { mut readings, mut requests, newest, settled } = inbox;
    let (mut settled, mut requests_open) = (Some(settled), true);
    let mut watchdog = Watchdog::default();
    while settled.is_some() || requests_open {
        if let Some(row) = pipeline.tick(clock.now()) {
            newest.send_replace(row);
        }
        watchdog.feed(&clock);
        let wait = wait(pipeline, &clock);
        tokio::select! {
            biased;
            request = requests.recv(), if requests_open => match request {
                Some(request) => answer(pipeline, request, &clock),
                None => requests_open = false,
            },
            reading = readings.recv(), if settled.is_some() && pipeline.has_room() => match reading {
                Some(reading) => take(pipeline, reading, &mut readings),
                None => {
                    if let Some(row) = pipeline.finish(clock.now()) {
                        newest.send_replace(row);
                    }
                    if let Some(settled) = settled.take() {
                        // Nobody waits any more: the agent is being dropped.
                        let _ = settled.send(());
                    }
                }
            },
            () = tokio::time::sleep(wait) => {}
        }
    }
    pipeline.finish(clock.now());
}

/// Takes a reading and those that wait behind it, up to a bound, so that a busy device shares one commit.
fn take(pipeline: &mut Pipeline, first: Reading, readings: &mut mpsc::Receiver<Reading>) {
    pipeline.reading(first);
    for _ in 1..limits::READINGS_AT_ONCE {
        let Ok(reading) = readings.try_recv() else { break };
        pipeline.reading(reading);
    }
}

fn answer(pipeline: &mut Pipeline, request: Request, clock: &Clock) {
    match request {
        // The forwarder may have lost interest; then the rows stay where they are.
        Request::Rows { after, max_rows, reply } => {
            let _ = reply.send(pipeline.rows_after(after, max_rows));
        }
        Request::Settle(gaps) => pipeline.settle(&gaps),
        Request::Free(rows) => pipeline.free(clock.now().mono, &rows),
    }
}

fn wait(pipeline: &Pipeline, clock: &Clock) -> Duration {
    let due = pipeline.deadline().map(|due| due.since(clock.now().mono));
    due.unwrap_or(limits::WATCHDOG_FEED).min(limits::WATCHDOG_FEED)
}

/// Feeds systemd's watchdog from the pipeline's own progress: a stuck pipeline starves it.
#[derive(Default)]
struct Watchdog {
    last: Option<crate::time::Mono>,
}

impl Watchdog {
    fn feed(&mut self, clock: &Clock) {
        let now = clock.now().mono;
        if self.last.is_none_or(|last| now.since(last) >= limits::WATCHDOG_FEED) {
            self.last = Some(now);
            // Without systemd there is nobody to tell.
            let _ = sd_notify::notify(&[sd_notify::NotifyState::Watchdog]);
        }
    }
}
