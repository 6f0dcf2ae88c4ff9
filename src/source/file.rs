//! A file that is read anew whenever it changed: the delivery plan.
//!
//! Invariants: each reading of bytes is the whole file; it is at most [`limits::PLAN_BYTES`] long. It is looked at
//! every [`limits::PLAN_POLL`], because a look works on every file system; one that changed is read when it was
//! found the same twice, so that half a file that is still being written is rarely read.

use std::fs::Metadata;
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::time::{MissedTickBehavior, interval};

use super::reopen::{Device, End, Host};
use super::{Body, DownReason, Outlet, Stop};
use crate::clock::Clock;
use crate::limits;

/// Watches `path` until it is told to stop or the pipeline is gone. `seed` decides the waits between attempts.
pub async fn run(path: PathBuf, clock: Clock, out: Outlet, stop: Stop, seed: u64) {
    let watcher = Watcher { path, every: limits::PLAN_POLL };
    Host::new(clock, out, stop, seed).keep_open(watcher).await;
}

struct Watcher {
    path: PathBuf,
    every: Duration,
}

/// What tells one version of a file from another.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Stamp {
    inode: u64,
    length: u64,
    modified: (i64, i64),
}

impl Device for Watcher {
    async fn session(&mut self, host: &mut Host) -> End {
        let (mut read, bytes) = match whole(&self.path).await {
            Ok(read) => read,
            Err(reason) => return End::Gone(reason),
        };
        let now = host.up();
        put(host, now, bytes);
        let mut seen = read;
        let mut look = interval(self.every);
        look.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                biased;
                () = host.stop.requested() => return End::Stopped,
                drained = host.out.drain(), if host.out.is_waiting() => {
                    if drained.is_err() {
                        return End::PipelineGone;
                    }
                }
                _ = look.tick() => {
                    let stamp = match tokio::fs::metadata(&self.path).await {
                        Ok(found) => Stamp::of(&found),
                        Err(error) => return End::Gone(gone(&error)),
                    };
                    let same = std::mem::replace(&mut seen, stamp) == stamp;
                    if same && stamp != read {
                        match whole(&self.path).await {
                            Ok((stamp, bytes)) => {
                                read = stamp;
                                let now = host.clock.now();
                                put(host, now, bytes);
                            }
                            Err(reason) => return End::Gone(reason),
                        }
                    }
                }
            }
        }
    }
}

/// An empty file is one line end: a reading of bytes is never empty.
fn put(host: &mut Host, now: crate::time::Now, bytes: Vec<u8>) {
    let bytes = if bytes.is_empty() { vec![b'\n'] } else { bytes };
    host.out.put(now, Body::Bytes(bytes));
}

async fn whole(path: &Path) -> Result<(Stamp, Vec<u8>), DownReason> {
    let found = tokio::fs::metadata(path).await.map_err(|error| DownReason::of(&error))?;
    if !found.is_file() {
        return Err(DownReason::Other("it is no file".to_owned()));
    }
    if found.len() > limits::PLAN_BYTES as u64 {
        return Err(DownReason::Other(format!("it is longer than {} bytes", limits::PLAN_BYTES)));
    }
    let bytes = tokio::fs::read(path).await.map_err(|error| DownReason::of(&error))?;
    if bytes.len() > limits::PLAN_BYTES {
        return Err(DownReason::Other(format!("it is longer than {} bytes", limits::PLAN_BYTES)));
    }
    Ok((Stamp::of(&found), bytes))
}

fn gone(error: &io::Error) -> DownReason {
    match DownReason::of(error) {
        DownReason::Missing => DownReason::Unplugged,
        other => other,
    }
}

impl Stamp {
    fn of(found: &Metadata) -> Self {
        let modified = (found.mtime(), found.mtime_nsec());
        Self { inode: found.ino(), length: found.len(), modified }
    }
}

#[cfg(test)]
mod tests {
    use tokio::sync::{mpsc, watch};

    use super::*;
    use crate::source::SourceId;

    #[tokio::test]
    async fn a_file_is_told_whole_when_it_is_there_and_whenever_it_changed() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("plan.csv");
        let (sender, mut readings) = mpsc::channel(8);
        let (stop, stopped) = watch::channel(false);
        let out = Outlet::for_bytes(SourceId(0), sender);
        let host = Host::new(Clock::start(), out, Stop::new(stopped), 1);
        let watcher = Watcher { path: path.clone(), every: Duration::from_millis(5) };
        let watching = tokio::spawn(host.keep_open(watcher));
        let mut next = async || readings.recv().await.unwrap().body;
        assert_eq!(next().await, Body::Down(DownReason::Missing));
        std::fs::write(&path, "one").unwrap();
        assert_eq!(next().await, Body::Up);
        assert_eq!(next().await, Body::Bytes(b"one".to_vec()));
        std::fs::write(dir.path().join("new"), "three").unwrap();
        std::fs::rename(dir.path().join("new"), &path).unwrap();
        assert_eq!(next().await, Body::Bytes(b"three".to_vec()));
        std::fs::remove_file(&path).unwrap();
        assert_eq!(next().await, Body::Down(DownReason::Unplugged));
        stop.send_replace(true);
        watching.await.unwrap();
    }

    #[tokio::test]
    async fn a_file_that_is_too_long_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("plan.csv");
        std::fs::write(&path, vec![b'x'; limits::PLAN_BYTES]).unwrap();
        assert!(whole(&path).await.is_ok());
        std::fs::write(&path, vec![b'x'; limits::PLAN_BYTES + 1]).unwrap();
        assert!(whole(&path).await.is_err());
        assert!(whole(dir.path()).await.is_err());
    }
}
