//! One round's surroundings: a folder, a till's line, the cloud's broker and subscriber, and a peer between them.

use std::path::Path;
use std::time::Duration;

use anyhow::{Result, ensure};
use tempfile::TempDir;
use tokio::process::{Child, Command};
use tokio::time::{Instant, sleep, timeout};

use super::Options;
use super::broker::{Broker, free_port};
use super::lines::{self, ARTICLES};
use super::process::Cost;
use super::rival::{Place, Rival, Running};
use super::tally::Subscriber;
use crate::pty::{Pty, Sink as _};

/// Between two looks at what arrived.
const LOOK: Duration = Duration::from_millis(20);
/// Until a peer has brought the first receipt.
const START: Duration = Duration::from_secs(60);
/// How often the first receipt is printed until then.
const ATTEMPTS: u32 = 15;
/// Until nothing more is expected of a peer that brings nothing new.
const QUIET: Duration = Duration::from_secs(15);

/// A peer at work.
pub struct Scene<'a> {
    rival: &'a Rival,
    pub pty: Pty,
    pub broker: Broker,
    pub subscriber: Subscriber,
    pub running: Option<Running>,
    local: u16,
    /// What processes used that were killed.
    before: Cost,
    cloud: Option<Child>,
    pub folder: TempDir,
}

impl<'a> Scene<'a> {
    /// Everything in place, and the first receipt (number 0) through.
    pub async fn set(options: &Options, rival: &'a Rival) -> Result<Self> {
        let folder = tempfile::tempdir_in(&options.folder)?;
        let broker = Broker::start(folder.path()).await?;
        let subscriber = Subscriber::start(broker.port);
        let pty = Pty::open()?;
        let local = free_port()?;
        let cloud = rival.is_ours().then(|| confirm(options, folder.path(), broker.port));
        let mut scene = Self {
            rival,
            pty,
            broker,
            subscriber,
            running: None,
            local,
            before: Cost::default(),
            cloud: cloud.transpose()?,
            folder,
        };
        scene.until(START, |scene| scene.subscriber.tally().subscribed).await;
        scene.start()?;
        ensure!(scene.warm().await?, "{} brought nothing: {}", rival.name, scene.log());
        Ok(scene)
    }

    /// Whether the first receipt is through. It is printed again if need be, because some peers throw away what came
    /// before they opened the line.
    async fn warm(&mut self) -> Result<bool> {
        let through = |scene: &Self| scene.subscriber.tally().arrived == u64::from(ARTICLES);
        for _ in 0..ATTEMPTS {
            self.pty.write_all(&lines::receipts(0, 1)).await?;
            if self.until(START / ATTEMPTS, through).await {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Starts the peer, again after a kill.
    pub fn start(&mut self) -> Result<()> {
        let place = Place {
            folder: &self.folder.path().join("peer"),
            tty: self.pty.path(),
            port: self.broker.port,
            local: self.local,
        };
        std::fs::create_dir_all(place.folder)?;
        self.running = Some(self.rival.start(&place)?);
        Ok(())
    }

    /// `kill -9` to the peer.
    pub async fn kill(&mut self) -> Result<()> {
        self.before = self.cost();
        match self.running.take() {
            Some(running) => running.kill().await,
            None => Ok(()),
        }
    }

    /// What the peer has used so far.
    pub fn cost(&self) -> Cost {
        let now = self.running.as_ref().map(|running| running.tree().cost());
        self.before + now.unwrap_or_default()
    }

    /// Waits until all articles below this number are there, or nothing new has come for long.
    pub async fn settle(&self, articles: u32) {
        let begun = Instant::now();
        loop {
            let (arrived, last) = {
                let tally = self.subscriber.tally();
                (tally.arrived, tally.last_new)
            };
            let quiet = last.map_or(begun, |last| last.max(begun)).elapsed();
            if arrived >= u64::from(articles) || quiet > QUIET {
                return;
            }
            sleep(LOOK).await;
        }
    }

    /// Waits until the peer has read all that was written; false when it stops reading.
    pub async fn taken(&self) -> bool {
        self.until(QUIET, |scene| scene.pty.unread().is_ok_and(|bytes| bytes == 0)).await
    }

    async fn until(&self, limit: Duration, done: impl Fn(&Self) -> bool) -> bool {
        let wait = async {
            while !done(self) {
                sleep(LOOK).await;
            }
        };
        timeout(limit, wait).await.is_ok()
    }

    fn log(&self) -> String {
        let text = std::fs::read(self.folder.path().join("peer/peer.log")).unwrap_or_default();
        let text = String::from_utf8_lossy(&text).into_owned();
        let from = text.char_indices().rev().nth(1500).map_or(0, |(at, _)| at);
        text.get(from..).unwrap_or_default().to_owned()
    }
}

impl Drop for Scene<'_> {
    fn drop(&mut self) {
        // Dropping a child kills it, but not what it started.
        if let Some(running) = &self.running {
            running.tree().kill();
        }
        if let Some(cloud) = &mut self.cloud {
            // It may have ended by itself.
            let _gone = cloud.start_kill();
        }
    }
}

/// The cloud's side of ours: it stores what arrives and publishes the watermark. Its cost is the cloud's.
fn confirm(options: &Options, folder: &Path, port: u16) -> Result<Child> {
    let mut command = Command::new(&options.agent);
    command.args(["confirm", "--broker", &format!("mqtt://127.0.0.1:{port}"), "--store"]);
    command.arg(folder.join("cloud")).kill_on_drop(true);
    let log = std::fs::File::create(folder.join("cloud.log"))?;
    command.stdin(std::process::Stdio::null()).stdout(log.try_clone()?).stderr(log);
    Ok(command.spawn()?)
}
