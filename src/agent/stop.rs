//! The end: what makes the agent stop, in which order its parts do, and what they say of it.

use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::{oneshot, watch};
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::timeout;

use super::AgentError;
use super::health::snapshot::Snapshot;
use super::thread::ThreadError;
use crate::limits;

/// What the pipeline's thread says last; an error when it panicked.
type Done = Result<Result<(), ThreadError>, oneshot::error::RecvError>;

/// The running parts of the agent, and how to stop them.
pub struct Running {
    pub sources: JoinSet<()>,
    pub forwarder: JoinHandle<()>,
    /// The pipeline has dealt with the last reading.
    pub settled: oneshot::Receiver<()>,
    /// The pipeline has let go of the store.
    pub done: oneshot::Receiver<Result<(), ThreadError>>,
    pub health: watch::Receiver<Snapshot>,
    /// What tells others how the agent is.
    pub reporters: JoinSet<()>,
    pub stop_sources: watch::Sender<bool>,
    pub stop_forward: watch::Sender<bool>,
}

impl Running {
    /// Waits until the agent is told to stop or a part of it ends, and stops the others with the flow.
    ///
    /// # Errors
    /// When a part ended early, or records could not be accepted.
    pub async fn until_the_end(mut self) -> Result<(), AgentError> {
        let reason = tokio::select! {
            told = told_to_stop() => told,
            Some(ended) = self.sources.join_next() => Err(AgentError::Ended(words("a source", &ended))),
            ended = &mut self.forwarder => Err(AgentError::Ended(words("the forwarder", &ended))),
            Some(ended) = self.reporters.join_next() => Err(AgentError::Ended(words("a report", &ended))),
            _ = &mut self.settled => Err(AgentError::Ended("the pipeline".to_owned())),
        };
        let _ = sd_notify::notify(&[sd_notify::NotifyState::Stopping]);
        self.stop_sources.send_replace(true);
        let _ = timeout(limits::STOP_SOURCES, drain(&mut self.sources)).await;
        self.sources.abort_all();
        drain(&mut self.sources).await;
        if !self.settled.is_terminated() {
            let _ = timeout(limits::STOP_SOURCES, self.settled).await;
        }
        // It sends what waits, says farewell, and bounds both itself.
        self.stop_forward.send_replace(true);
        if !self.forwarder.is_finished() {
            let _ = timeout(2 * limits::STOP_FORWARD, &mut self.forwarder).await;
        }
        // Its end of the requests is gone: the pipeline lets go of the last confirmed rows and ends.
        let done = timeout(limits::STOP_SOURCES, self.done).await.ok();
        let health = self.health.borrow().health.clone();
        tracing::info!("stopped: {health}");
        both(reason, pipeline_end(done, health.records.not_yet_accepted))
    }
}

/// Returns once the value is true, or nobody can make it so any more.
pub async fn told(mut signal: watch::Receiver<bool>) {
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

async fn drain<T: 'static>(tasks: &mut JoinSet<T>) {
    while tasks.join_next().await.is_some() {}
}

/// What the end of the pipeline means; `None` when it did not end in time.
fn pipeline_end(done: Option<Done>, not_accepted: u64) -> Result<(), AgentError> {
    let ended = |why: &str| Err(AgentError::Ended(format!("the pipeline: {why}")));
    match done {
        Some(Ok(Err(ThreadError::Damaged))) => Err(AgentError::Damaged),
        Some(Ok(Err(error))) => ended(&error.to_string()),
        Some(Err(_)) => ended("it panicked"),
        _ if not_accepted > 0 => Err(AgentError::NotAccepted(not_accepted)),
        Some(Ok(Ok(()))) => Ok(()),
        None => ended("it did not end in time"),
    }
}

/// Of two errors the pipeline's is handed on, because it says what was lost; the other is told here.
fn both(
    reason: Result<(), AgentError>,
    pipeline: Result<(), AgentError>,
) -> Result<(), AgentError> {
    match (reason, pipeline) {
        (Err(reason), Err(pipeline)) => {
            tracing::error!("{reason}");
            Err(pipeline)
        }
        (reason, pipeline) => pipeline.and(reason),
    }
}

fn words<T, E: std::fmt::Display>(what: &str, ended: &Result<T, E>) -> String {
    match ended {
        Ok(_) => what.to_owned(),
        Err(error) => format!("{what}: {error}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How the pipeline ended, what was not accepted, and the error's words.
    fn check(done: Option<Done>, not_accepted: u64, expected: Option<&str>) {
        let told = pipeline_end(done, not_accepted).err().map(|error| error.to_string());
        assert_eq!(told.as_deref(), expected);
    }

    #[tokio::test]
    async fn how_the_pipeline_ended_is_told() {
        let failed = std::io::Error::other("no timer");
        let (sender, gone) = oneshot::channel();
        drop(sender);
        check(Some(Ok(Ok(()))), 0, None);
        let damaged = "the database is damaged; the next start salvages it";
        check(Some(Ok(Err(ThreadError::Damaged))), 3, Some(damaged));
        check(Some(Ok(Err(failed.into()))), 0, Some("a task ended early: the pipeline: no timer"));
        check(Some(gone.await), 0, Some("a task ended early: the pipeline: it panicked"));
        check(None, 0, Some("a task ended early: the pipeline: it did not end in time"));
        let lost = Some("records seen and not accepted, which are lost: 3");
        check(Some(Ok(Ok(()))), 3, lost);
        check(None, 3, lost);
    }

    #[test]
    fn what_was_lost_goes_before_why_the_agent_stopped() {
        let early = || Err(AgentError::Ended("a source".to_owned()));
        let found = |reason, pipeline| both(reason, pipeline).err().map(|error| error.to_string());
        assert_eq!(found(Ok(()), Ok(())), None);
        assert_eq!(found(early(), Ok(())).as_deref(), Some("a task ended early: a source"));
        let lost = "records seen and not accepted, which are lost: 1";
        assert_eq!(found(early(), Err(AgentError::NotAccepted(1))).as_deref(), Some(lost));
    }
}
