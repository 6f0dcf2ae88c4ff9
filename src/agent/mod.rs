//! The only wiring: channels, threads, shutdown order.
//!
//! Two threads. The caller's runs a single-threaded runtime with every source, the forwarder and the signals;
//! the pipeline's owns all tracking state and the store. Shutdown goes with the flow: sources stop, what is
//! open ends and is accepted, the forwarder gets a few seconds to send, then the process ends. A task that
//! ends before it is told to is a bug: the agent stops in order and says so, and systemd starts it again.

mod build;
mod chain;
mod counts;
#[cfg(test)]
mod fixture;
mod identity;
mod pipeline;
mod sources;
mod thread;
pub mod till;

use std::sync::Arc;

use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::{JoinSet, LocalSet};

use crate::clock::Clock;
use crate::config::Config;
use crate::forward::{self, BadLevel, LinkState, Topics};
use crate::limits;
use crate::store::{OpenReport, RowId, Store, StoreError};
use counts::Counts;
use pipeline::{Identity, Pipeline};
use thread::Inbox;

pub use build::{BuildError, dialect};

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
    System { what: &'static str, source: std::io::Error },
    /// A task ended that never should.
    #[error("a task ended early: {0}")]
    Ended(String),
}

/// Runs the agent until it is told to stop.
///
/// # Errors
/// Before anything is opened for [`AgentError::Config`] and [`AgentError::Store`]; later for the others.
pub fn run(config: &Config) -> Result<(), AgentError> {
    let clock = Clock::start();
    let (store, report) = Store::open(&config.gateway.data_dir, config.buffer.max_bytes)?;
    tell_opened(&report, &store);
    let started = clock.now().wall;
    let counts = Arc::new(Counts::default());
    let epoch = store.epoch();
    let pipeline = pipeline(config, store, started, Arc::clone(&counts))?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|source| AgentError::System { what: "the runtime cannot start", source })?;
    let settings = forward::Settings {
        mqtt: config.mqtt.clone(),
        topics: Topics::new(&config.gateway.tenant, config.gateway.store_id, &config.gateway.id)?,
        gateway_id: config.gateway.id.clone(),
        epoch,
        started,
        stop_within: limits::STOP_FORWARD,
    };
    // Sources run on this thread: what BlueZ's client hands out cannot leave it.
    let supervise = supervise(config, settings, pipeline, report.newest, clock, &counts);
    let ended = runtime.block_on(LocalSet::new().run_until(supervise));
    // A source that hangs in a driver must not keep the process.
    runtime.shutdown_timeout(limits::STOP_SOURCES);
    ended
}

fn pipeline(
    config: &Config,
    store: Store,
    started: crate::time::UtcMs,
    counts: Arc<Counts>,
) -> Result<Pipeline, AgentError> {
    let identity = Identity {
        gateway_id: config.gateway.id.clone(),
        store_id: config.gateway.store_id,
        boot_id: identity::boot_id(),
    };
    let day = identity::DayKey::new(build::time_zone(config)?, started)
        .map_err(|source| AgentError::System { what: "no random numbers", source })?;
    let chains = build::chains(config)?;
    Ok(Pipeline::new(identity, chains, config.buffer.commit_interval, store, day, counts))
}

async fn supervise(
    config: &Config,
    settings: forward::Settings,
    pipeline: Pipeline,
    newest: RowId,
    clock: Clock,
    counts: &Counts,
) -> Result<(), AgentError> {
    let (stop_sources, sources_told) = watch::channel(false);
    let (stop_forward, forward_told) = watch::channel(false);
    let (readings_in, readings) = mpsc::channel(limits::READINGS_QUEUE);
    let (requests_in, requests) = mpsc::channel(limits::REQUESTS_QUEUE);
    let (newest, newest_seen) = watch::channel(newest);
    let (settled_in, mut settled) = oneshot::channel();
    let (done_in, done) = oneshot::channel();
    let inbox = Inbox { readings, requests, newest, settled: settled_in };
    std::thread::Builder::new()
        .name("pipeline".to_owned())
        .spawn(move || {
            let served = thread::serve(pipeline, inbox, clock);
            // Nobody listens once the agent has given up waiting.
            let _ = done_in.send(served);
        })
        .map_err(|source| AgentError::System { what: "no thread", source })?;

    let mut sources = JoinSet::new();
    sources::spawn(config, &mut sources, &readings_in, &sources_told, clock);
    drop(readings_in);
    let (state, _) = watch::channel(LinkState::default());
    let link = forward::Link { requests: requests_in, newest: newest_seen, state };
    let mut forwarder = tokio::spawn(forward::run(settings, link, told(forward_told), clock));
    tell_ready(config);

    let reason = tokio::select! {
        told = told_to_stop() => told,
        Some(ended) = sources.join_next() => Err(AgentError::Ended(words("a source", &ended))),
        ended = &mut forwarder => Err(AgentError::Ended(words("the forwarder", &ended))),
        _ = &mut settled => Err(AgentError::Ended("the pipeline".to_owned())),
    };
    let _ = sd_notify::notify(&[sd_notify::NotifyState::Stopping]);
    stop_sources.send_replace(true);
    let _ = tokio::time::timeout(limits::STOP_SOURCES, drain(&mut sources)).await;
    sources.abort_all();
    drain(&mut sources).await;
    if !settled.is_terminated() {
        let _ = tokio::time::timeout(limits::STOP_SOURCES, settled).await;
    }
    // It sends what waits, says farewell, and bounds both itself.
    stop_forward.send_replace(true);
    if !forwarder.is_finished() {
        let _ = tokio::time::timeout(2 * limits::STOP_FORWARD, &mut forwarder).await;
    }
    // Its end of the requests is gone: the pipeline lets go of the last confirmed rows and ends.
    let _ = tokio::time::timeout(limits::STOP_SOURCES, done).await;
    tracing::info!("stopped: {}", counts.summary());
    reason
}

async fn drain<T: 'static>(tasks: &mut JoinSet<T>) {
    while tasks.join_next().await.is_some() {}
}

/// Returns once the value is true, or nobody can make it so any more.
async fn told(mut signal: watch::Receiver<bool>) {
    let _ = signal.wait_for(|&stop| stop).await;
}

async fn told_to_stop() -> Result<(), AgentError> {
    let system = |source| AgentError::System { what: "no signals", source };
    let mut terminate = signal(SignalKind::terminate()).map_err(system)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(system)?;
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    Ok(())
}

fn words<T, E: std::fmt::Display>(what: &str, ended: &Result<T, E>) -> String {
    match ended {
        Ok(_) => what.to_owned(),
        Err(error) => format!("{what}: {error}"),
    }
}

fn tell_opened(report: &OpenReport, store: &Store) {
    let backlog = store.backlog();
    tracing::info!(epoch = store.epoch(), ?report, "the store is open, {} rows wait", backlog.rows);
}

fn tell_ready(config: &Config) {
    let (tills, doors, receivers) =
        (config.serial.len(), config.doors.len(), config.receivers.len());
    tracing::info!(tills, doors, receivers, "running");
    let _ = sd_notify::notify(&[sd_notify::NotifyState::Ready]);
}
