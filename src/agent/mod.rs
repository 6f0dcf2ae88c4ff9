//! The only wiring: channels, threads, shutdown order.
//!
//! Two threads. The caller's runs a single-threaded runtime with every source, the forwarder and the signals;
//! the pipeline's owns all tracking state and the store. Shutdown goes with the flow: sources stop, what is
//! open ends and is accepted, the forwarder gets a few seconds to send, then the process ends. A task that
//! ends before it is told to is a bug: the agent stops in order and says so, and systemd starts it again.

mod accept;
mod answers;
mod build;
pub mod catalog;
mod chain;
mod correct;
mod deliveries;
mod docks;
pub mod door;
pub mod feed;
#[cfg(test)]
mod fixture;
mod health;
mod identity;
pub mod journal;
mod lateness;
pub mod machine;
mod mend;
pub mod metrics;
mod notify;
mod pace;
mod pipeline;
mod queue;
mod receiver;
mod report;
mod router;
mod seal;
mod sources;
mod steady;
pub mod stock;
mod stop;
#[cfg(test)]
mod tests;
mod thread;
pub mod till;
mod visits;
mod watchdog;

use std::sync::Arc;

use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::{JoinSet, LocalSet};

use crate::clock::Clock;
use crate::config::Config;
use crate::forward::{self, BadLevel, LinkState, Topics};
use crate::limits;
use crate::source::Poll;
use crate::store::{EpochReason, JournalBounds, OpenReport, RowId, Store, StoreError};
use crate::time::Now;
use crate::track::catalog::Catalog;
use health::snapshot::Snapshot;
use health::statement::About;
use report::Reports;
use stop::{Running, Signals};
use thread::Inbox;
use watchdog::Watchdog;

pub use build::{BuildError, dialect, enrolled};
pub use chain::{Chain, Kind};
pub use health::Health;
pub use health::rates::DayRate;
pub use health::statement::{Buffer, buffer};
pub use identity::{DayKey, boot_id};
pub use pipeline::Pipeline;
pub use receiver::{Listening, Receiver};
pub use report::HEALTH_FILE;
pub use router::Router;
pub use seal::Identity;

/// Why the agent ended; what the caller does next is the exit code.
#[derive(Debug, thiserror::Error)]
pub enum AgentError {
    /// A mistake in the configuration that the check could not see: do not restart before it is mended.
    #[error(transparent)]
    Config(#[from] BuildError),
    /// The store cannot be used: another agent, a later version, a broken disk.
    #[error("{0}")]
    Store(#[from] StoreError),
    /// Likewise: a name that cannot stand in a topic.
    #[error(transparent)]
    Topic(#[from] BadLevel),
    /// The system refused something that a later start may get.
    #[error("{what}: {source}")]
    System {
        /// What was wanted.
        what: &'static str,
        /// What the system said.
        source: std::io::Error,
    },
    /// A task ended that never should, or not as it should.
    #[error("a task ended early: {0}")]
    Ended(String),
    /// The store met damage while it was open.
    #[error("the database is damaged; the next start salvages it")]
    Damaged,
    /// Files of the store were deleted or replaced while it was open.
    #[error(
        "the database's files were deleted or replaced under the running agent; it has to be started again"
    )]
    FilesGone,
    /// It was told to stop, and the pipeline was not through with what was read when the time was over.
    #[error("the disk is too slow: what was read last may not be accepted")]
    Slow,
    /// The store refused to the end: so many records were seen and are lost.
    #[error("records seen and not accepted, which are lost: {0}")]
    NotAccepted(u64),
}

/// Runs the agent until it is told to stop.
///
/// # Errors
/// Before the disk is touched for [`AgentError::Config`] and [`AgentError::Topic`], before anything else is opened
/// for [`AgentError::Store`]; later for the others.
pub fn run(config: &Config) -> Result<(), AgentError> {
    let clock = Clock::start();
    let begun = clock.now();
    let started = begun.wall;
    let system = |what| move |source| AgentError::System { what, source };
    let gateway = &config.gateway;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(system("the runtime cannot start"))?;
    let signals = {
        let _inside = runtime.enter();
        Signals::listen()?
    };
    let topics = Topics::new(&gateway.tenant, gateway.store_id, &gateway.id)?;
    let devices = build::devices(config)?;
    let polls = devices.polls();
    let day = DayKey::new(build::time_zone(config)?, begun).map_err(system("no random numbers"))?;
    let (mut store, report) = Store::open(&gateway.data_dir, config.buffer.max_bytes, started)?;
    let (bytes, age) = (config.buffer.journal_bytes, config.buffer.journal_age);
    store.keep_journal(JournalBounds { bytes, age });
    tell_opened(&report);
    let settings = forward::ForwardSettings {
        mqtt: config.mqtt.clone(),
        topics,
        gateway_id: gateway.id.clone(),
        epoch: store.epoch(),
        next: store.next_sequences(),
        untaken: store.untaken(),
        started,
        stop_within: limits::STOP_FORWARD,
    };
    let interval = config.buffer.commit_interval;
    let mut pipeline = Pipeline::new(identity(config), devices, interval, store, day);
    let products = Arc::new(catalog::catalog(&config.products));
    pipeline.set_catalog(Arc::clone(&products));
    pipeline.resume(clock.now())?;
    // Sources run on this thread: what BlueZ's client hands out cannot leave it.
    let supervise = supervise(
        config,
        settings,
        (pipeline, products),
        report.newest,
        &polls,
        (clock, begun, signals),
    );
    let ended = runtime.block_on(LocalSet::new().run_until(supervise));
    // A source that hangs in a driver must not keep the process.
    runtime.shutdown_timeout(limits::STOP_SOURCES);
    ended
}

fn identity(config: &Config) -> Identity {
    Identity {
        gateway_id: config.gateway.id.clone(),
        store_id: config.gateway.store_id,
        boot_id: identity::boot_id(),
    }
}

fn about(config: &Config, started: Now) -> About {
    About {
        gateway: config.gateway.id.clone(),
        started,
        boot_id: identity::boot_id(),
        max_bytes: config.buffer.max_bytes,
        interval_s: config.health.interval_s,
    }
}

async fn supervise(
    config: &Config,
    settings: forward::ForwardSettings,
    (pipeline, products): (Pipeline, Arc<Catalog>),
    newest: RowId,
    polls: &[Option<Poll>],
    (clock, started, signals): (Clock, Now, Signals),
) -> Result<(), AgentError> {
    let (stop_sources, sources_told) = watch::channel(false);
    let (stop_forward, forward_told) = watch::channel(false);
    let (readings_in, readings) = mpsc::channel(limits::READINGS_QUEUE);
    let (requests_in, requests) = mpsc::channel(limits::REQUESTS_QUEUE);
    let (newest, newest_seen) = watch::channel(newest);
    let (health_in, health) = watch::channel(Snapshot::default());
    let (topic, topic_seen) = watch::channel(String::new());
    let (metrics, metrics_seen) = watch::channel(None);
    let (state, state_seen) = watch::channel(LinkState::default());
    let (settled_in, settled) = oneshot::channel();
    let (done_in, done) = oneshot::channel();
    let (catalog_in, catalog) = watch::channel(products);
    let inbox = Inbox {
        readings,
        requests,
        newest,
        link: state_seen,
        health: health_in,
        watchdog: Watchdog::of_service(),
        stop: sources_told.clone(),
        catalog,
        settled: settled_in,
    };
    std::thread::Builder::new()
        .name("pipeline".to_owned())
        .spawn(move || {
            let served = thread::serve(pipeline, inbox, clock);
            // Nobody listens once the agent has given up waiting.
            let _ = done_in.send(served);
        })
        .map_err(|source| AgentError::System { what: "no thread", source })?;

    let mut sources = JoinSet::new();
    sources::spawn(config, polls, &mut sources, &readings_in, &sources_told, clock);
    drop(readings_in);
    let mut reporters = JoinSet::new();
    let reports = Reports {
        snapshots: health.clone(),
        topic,
        metrics,
        data_dir: config.gateway.data_dir.clone(),
    };
    reporters.spawn(report::run(about(config, started), reports));
    // It goes with this function.
    let mut follower = JoinSet::new();
    if let Some(source) = catalog::Source::of(config) {
        follower.spawn(catalog::follow(source, catalog_in));
    }
    if let Some(address) = config.metrics.listen {
        reporters.spawn(metrics::serve(address, metrics_seen));
    }
    let link =
        forward::Link { requests: requests_in, newest: newest_seen, state, health: topic_seen };
    let forwarder = tokio::spawn(forward::run(settings, link, stop::told(forward_told), clock));
    tell_ready(config);
    let running = Running {
        signals,
        sources,
        forwarder,
        settled,
        done,
        health,
        reporters,
        stop_sources,
        stop_forward,
    };
    running.until_the_end().await
}

fn tell_opened(report: &OpenReport) {
    if let Some(salvage) = &report.salvage {
        let (file, rows) = (salvage.file.display(), salvage.rows);
        let left = match salvage.pages_left {
            0 => String::new(),
            left => format!(" so far; {left} pages are left, and nothing is sent before they are"),
        };
        let reason = &salvage.reason;
        tracing::error!("{reason}; it is now {file}, {rows} rows of it are taken over{left}");
    }
    match report.reason {
        EpochReason::First | EpochReason::Continued => {
            tracing::info!("the store is open: {report}");
        }
        _ => tracing::warn!("the store is open: {report}"),
    }
}

fn tell_ready(config: &Config) {
    let (tills, doors, receivers) =
        (config.serial.len(), config.doors.len(), config.receivers.len());
    let (docks, screens, feeds) =
        (config.docks.docks.len(), config.screens.len(), config.feeds.len());
    tracing::info!(tills, doors, receivers, docks, screens, feeds, "running");
    if tills + doors + receivers + screens + feeds == 0 {
        tracing::warn!(
            "no device is configured: nothing is read, and only this gateway's state is sent"
        );
    }
    let _ = notify::notify(notify::READY);
}
