//! The task that tells others how the agent is: `…/health` by the forwarder, `health.json` beside the database, and the
//! metrics.
//!
//! # Constraints
//! - It runs beside the sources, and touches the disk only by threads that may block: a disk that hangs must not stop
//!   a till's reader.
//! - `health.json` is replaced as a whole, for its user alone, and not synced: it is about now and worth nothing after
//!   a power cut.

use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::io::AsyncWriteExt as _;
use tokio::sync::watch;

use super::health::rates::{Rates, Totals};
use super::health::snapshot::Snapshot;
use super::health::statement::{About, Statement};
use crate::limits;
use crate::time::Mono;

/// The file beside the database.
pub const HEALTH_FILE: &str = "health.json";

/// Where the reports go.
pub struct Reports {
    /// Of the pipeline.
    pub snapshots: watch::Receiver<Snapshot>,
    /// To the forwarder; empty until there is something to say.
    pub topic: watch::Sender<String>,
    /// To whoever asks for metrics.
    pub metrics: watch::Sender<Option<Statement>>,
    /// The folder of the database.
    pub data_dir: PathBuf,
}

/// What is due, by time alone.
#[derive(Debug)]
struct Due {
    every: Option<Duration>,
    topic: Option<Mono>,
    file: Option<Mono>,
}

impl Due {
    fn new(interval_s: u64) -> Self {
        let every = (interval_s > 0).then(|| Duration::from_secs(interval_s));
        Self { every, topic: None, file: None }
    }

    /// Whether something is to stand on `…/health` now; the first time at once.
    fn topic(&mut self, now: Mono) -> bool {
        self.every.is_some_and(|every| due(&mut self.topic, every, now))
    }

    fn file(&mut self, now: Mono) -> bool {
        let every = self.every.map_or(limits::HEALTH_FILE, |every| every.min(limits::HEALTH_FILE));
        due(&mut self.file, every, now)
    }
}

fn due(last: &mut Option<Mono>, every: Duration, now: Mono) -> bool {
    let is_due = last.is_none_or(|at| now.since(at) >= every);
    if is_due {
        *last = Some(now);
    }
    is_due
}

/// Reports until it is dropped.
pub async fn run(about: About, mut reports: Reports) {
    let mut due = Due::new(about.interval_s);
    let mut rates = Rates::new(about.started.mono, Totals::default());
    let mut told = None;
    while reports.snapshots.changed().await.is_ok() {
        let snapshot = reports.snapshots.borrow_and_update().clone();
        let (now, totals) = (snapshot.at.mono, totals(&snapshot));
        rates.note(now, totals);
        let (topic, file) = (due.topic(now), due.file(now));
        let short = if topic || file { rates.short(now, totals) } else { Default::default() };
        let statement = Statement::new(&about, &snapshot, rates.day(now, totals), short);
        if topic {
            reports.topic.send_replace(statement.to_json());
        }
        if file {
            let written = replace(&reports.data_dir, statement.to_json().as_bytes()).await;
            let error = written.err().map(|error| error.to_string());
            if let Some(error) = error.as_ref().filter(|_| error != told) {
                tracing::warn!(error, "{HEALTH_FILE} cannot be written");
            }
            told = error;
        }
        reports.metrics.send_replace(Some(statement));
    }
    // The pipeline is gone: that is told elsewhere.
    std::future::pending::<()>().await;
}

fn totals(snapshot: &Snapshot) -> Totals {
    Totals {
        accepted_bytes: snapshot.accepted_bytes,
        commits: snapshot.health.store.commits,
        written_bytes: snapshot.written_bytes,
    }
}

/// Writes the file aside and puts it in the place of the last one.
async fn replace(dir: &Path, text: &[u8]) -> std::io::Result<()> {
    let (file, aside) = (dir.join(HEALTH_FILE), dir.join("health.tmp"));
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true).mode(0o600);
    let mut open = tokio::fs::OpenOptions::from(options).open(&aside).await?;
    open.write_all(text).await?;
    open.flush().await?;
    tokio::fs::rename(aside, file).await
}

#[cfg(test)]
mod tests {
    use super::*;

    /// At which of these seconds the topic and the file are due.
    fn check(interval_s: u64, seconds: &[u64], topic: &[u64], file: &[u64]) {
        let mut due = Due::new(interval_s);
        let (mut topics, mut files) = (Vec::new(), Vec::new());
        for second in seconds {
            let now = Mono(second * 1_000_000);
            topics.extend(due.topic(now).then_some(*second));
            files.extend(due.file(now).then_some(*second));
        }
        assert_eq!((topics.as_slice(), files.as_slice()), (topic, file), "{interval_s}");
    }

    #[test]
    fn each_report_comes_in_its_own_time_and_the_first_at_once() {
        let ten = [0, 10, 25, 60];
        check(10, &[0, 5, 10, 15, 25, 30, 60], &ten, &ten);
        check(120, &[0, 60, 119, 121], &[0, 121], &[0, 60, 121]);
        check(0, &[0, 60], &[], &[0, 60]);
    }

    #[tokio::test]
    async fn the_file_is_replaced_and_for_its_user_alone() {
        use std::os::unix::fs::PermissionsExt as _;
        let dir = tempfile::tempdir().unwrap();
        replace(dir.path(), b"a long first one").await.unwrap();
        replace(dir.path(), b"second").await.unwrap();
        let file = dir.path().join(HEALTH_FILE);
        assert_eq!(std::fs::read(&file).unwrap(), b"second");
        assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1);
    }
}
