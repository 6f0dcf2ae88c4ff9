//! The end: what makes the agent stop, in which order its parts do, and what they say of it.
//!
//! Each part has a share of the time, and the pipeline, which waits for the disk, all that is left of it. One that a
//! slow disk holds up is no bug: where the last reading was dealt with, nothing is lost when the process ends first.
//! Where it was not, that alone is waited for a little longer.

use std::pin::{Pin, pin};

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::{oneshot, watch};
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::{Sleep, sleep, timeout};

use super::AgentError;
use super::health::snapshot::Snapshot;
use super::notify;
use super::thread::ThreadError;
use crate::limits;

/// What the pipeline's thread says last; an error when it panicked.
type Done = Result<Result<(), ThreadError>, oneshot::error::RecvError>;

/// What tells the agent to stop.
pub struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    /// From now on a signal waits to be heard, and no longer ends the process. To be called before anything is opened:
    /// on a slow disk that takes seconds.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn listen() -> Result<Self, AgentError> {
        let listen = |kind| {
            let system = |source| AgentError::System { what: "no signals", source };
            signal(kind).map_err(system)
        };
        let terminate = listen(SignalKind::terminate())?;
        Ok(Self { terminate, interrupt: listen(SignalKind::interrupt())? })
    }

    async fn heard(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}

/// The running parts of the agent, and how to stop them.
pub struct Running {
    pub signals: Signals,
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
            () = self.signals.heard() => Ok(()),
            Some(ended) = self.sources.join_next() => Err(AgentError::Ended(words("a source", &ended))),
            ended = &mut self.forwarder => Err(AgentError::Ended(words("the forwarder", &ended))),
            Some(ended) = self.reporters.join_next() => Err(AgentError::Ended(words("a report", &ended))),
            _ = &mut self.settled => Err(AgentError::Ended("the pipeline".to_owned())),
        };
        let _ = notify::notify(notify::STOPPING);
        self.stop(reason).await
    }

    /// Stops all parts with the flow.
    async fn stop(mut self, reason: Result<(), AgentError>) -> Result<(), AgentError> {
        let mut over = pin!(sleep(limits::STOP_WITHIN));
        self.stop_sources.send_replace(true);
        let _ = timeout(limits::STOP_SOURCES, drain(&mut self.sources)).await;
        self.sources.abort_all();
        drain(&mut self.sources).await;
        if !self.settled.is_terminated() {
            let _ = timeout(limits::STOP_SOURCES, &mut self.settled).await;
        }
        // It sends what waits, says farewell, and bounds both itself.
        self.stop_forward.send_replace(true);
        if !self.forwarder.is_finished() {
            let _ = timeout(2 * limits::STOP_FORWARD, &mut self.forwarder).await;
            // It may wait for the pipeline, which waits for it to let go.
            self.forwarder.abort();
        }
        // Its end of the requests is gone: the pipeline lets go of the last confirmed rows and ends.
        let done = before(over.as_mut(), self.done).await;
        let mut settled = self.settled.is_terminated() || self.settled.try_recv().is_ok();
        if done.is_none() && !settled {
            settled = timeout(limits::STOP_SETTLE, self.settled).await.is_ok_and(|it| it.is_ok());
        }
        let health = self.health.borrow().health.clone();
        tracing::info!("stopped: {health}");
        both(reason, pipeline_end(done, settled, health.records.not_yet_accepted))
    }
}

/// What comes of it unless the time is over first.
async fn before<T>(over: Pin<&mut Sleep>, what: impl Future<Output = T>) -> Option<T> {
    tokio::select! {
        biased;
        found = what => Some(found),
        () = over => None,
    }
}

/// Returns once the value is true, or nobody can make it so any more.
pub async fn told(mut signal: watch::Receiver<bool>) {
    let _ = signal.wait_for(|&stop| stop).await;
}

async fn drain<T: 'static>(tasks: &mut JoinSet<T>) {
    while tasks.join_next().await.is_some() {}
}

/// What the end of the pipeline means; `done` is `None` when it did not end in time, `settled` whether it had dealt
/// with the last reading by then.
fn pipeline_end(done: Option<Done>, settled: bool, not_accepted: u64) -> Result<(), AgentError> {
    let ended = |why: &str| Err(AgentError::Ended(format!("the pipeline: {why}")));
    match done {
        Some(Ok(Err(ThreadError::Damaged))) => Err(AgentError::Damaged),
        Some(Ok(Err(ThreadError::FilesGone))) => Err(AgentError::FilesGone),
        Some(Ok(Err(error))) => ended(&error.to_string()),
        Some(Err(_)) => ended("it panicked"),
        _ if not_accepted > 0 => Err(AgentError::NotAccepted(not_accepted)),
        Some(Ok(Ok(()))) => Ok(()),
        None if settled => {
            tracing::warn!("the disk is slow: what was confirmed last is freed at the next start");
            Ok(())
        }
        None => Err(AgentError::Slow),
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
    use std::time::Duration;

    use super::*;

    /// How the pipeline ended, what was not accepted, and the error's words.
    fn check(done: Option<Done>, settled: bool, not_accepted: u64, expected: Option<&str>) {
        let told = pipeline_end(done, settled, not_accepted).err().map(|error| error.to_string());
        assert_eq!(told.as_deref(), expected);
    }

    #[tokio::test]
    async fn how_the_pipeline_ended_is_told() {
        let failed = std::io::Error::other("no timer");
        let (sender, gone) = oneshot::channel();
        drop(sender);
        check(Some(Ok(Ok(()))), true, 0, None);
        let damaged = "the database is damaged; the next start salvages it";
        check(Some(Ok(Err(ThreadError::Damaged))), true, 3, Some(damaged));
        let timer = "a task ended early: the pipeline: no timer";
        check(Some(Ok(Err(failed.into()))), true, 0, Some(timer));
        check(Some(gone.await), true, 0, Some("a task ended early: the pipeline: it panicked"));
        check(None, true, 0, None);
        let slow = "the disk is too slow: what was read last may not be accepted";
        check(None, false, 0, Some(slow));
        let lost = Some("records seen and not accepted, which are lost: 3");
        check(Some(Ok(Ok(()))), true, 3, lost);
        check(None, false, 3, lost);
    }

    /// The parts of an agent whose pipeline deals with the last reading after one time and ends after another; how the
    /// agent ends, which it does in its time.
    async fn stopped(settles: Duration, ends: Duration) -> Option<String> {
        let (settled_in, settled) = oneshot::channel();
        let (done_in, done) = oneshot::channel();
        let (_health, health) = watch::channel(Snapshot::default());
        let (stop_sources, _told) = watch::channel(false);
        let (stop_forward, told_forward) = watch::channel(false);
        tokio::spawn(async move {
            sleep(settles).await;
            let _ = settled_in.send(());
        });
        tokio::spawn(async move {
            sleep(ends).await;
            let _ = done_in.send(Ok(()));
        });
        let running = Running {
            signals: Signals::listen().unwrap(),
            sources: JoinSet::new(),
            forwarder: tokio::spawn(told(told_forward)),
            settled,
            done,
            health,
            reporters: JoinSet::new(),
            stop_sources,
            stop_forward,
        };
        let bound = limits::STOP_WITHIN + limits::STOP_SETTLE + Duration::from_millis(10);
        let ended = timeout(bound, running.stop(Ok(()))).await.unwrap();
        ended.err().map(|error| error.to_string())
    }

    #[tokio::test(start_paused = true)]
    async fn a_slow_disk_is_waited_for_and_is_no_bug() {
        let seconds = Duration::from_secs;
        for (settles, ends) in [(0, 0), (1, 5), (4, 6), (1, 60), (15, 20)] {
            assert_eq!(stopped(seconds(settles), seconds(ends)).await, None, "{settles} {ends}");
        }
        let slow = "the disk is too slow: what was read last may not be accepted".to_owned();
        assert_eq!(stopped(seconds(50), seconds(60)).await, Some(slow));
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
