//! The store, a real Mosquitto, the built agent and a subscriber: what is said, when, and what is waited for.
//!
//! Invariants: one document or line after the other, in the order of the store's own time; a barrier lets nothing pass
//! before all earlier papers are accepted; every wait is bounded, and one that ran out shows as a difference.

use std::collections::BTreeMap;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use std::{fs, io};

use anyhow::{Context, Result, ensure};
use tillgate_events::{Class, Record};
use tokio::time::{Instant, sleep, sleep_until, timeout};

use super::arrived::{Arrived, Tally};
use super::plan;
use crate::day::{At, Device, Script, Spoken};
use crate::demo::{News, subscribe};
use crate::faults::mosquitto::Mosquitto;
use crate::faults::process::{Ledger, Process};
use crate::limits;
use crate::pty::{Pty, Sink as _};

/// Everything on the stage.
pub struct Stage {
    agent_path: PathBuf,
    folder: PathBuf,
    config: PathBuf,
    broker: Mosquitto,
    agent: Option<Process>,
    ledger: Ledger,
    lines: BTreeMap<Device, Pty>,
    arrived: Arc<Mutex<Arrived>>,
    /// What the car park's counter told last.
    totals: Option<Spoken>,
    /// Waits that ran out.
    late: Vec<String>,
}

impl Stage {
    /// Broker, subscriber, lines and agent.
    pub async fn set(agent: &Path, folder: &Path) -> Result<Self> {
        // A subscriber's queue and session outlive a restart; nothing is dropped from them.
        let kept = folder.join("broker");
        fs::create_dir_all(&kept)?;
        let broker = Mosquitto::start(&format!(
            "allow_anonymous true\npersistence true\npersistence_location {}/\nmax_queued_messages 0",
            kept.display()
        ))?;
        let arrived = Arc::new(Mutex::new(Arrived::default()));
        let mut news = subscribe(broker.port());
        ensure!(
            matches!(timeout(limits::AGENT_START, news.recv()).await, Ok(Some(News::Subscribed))),
            "no subscription"
        );
        let taken = arrived.clone();
        tokio::spawn(async move {
            while let Some(news) = news.recv().await {
                if let News::Message(message) = news {
                    lock(&taken).take(&message.topic, &message.payload);
                }
            }
        });
        let config = plan::write(folder, broker.port())?;
        let mut stage = Self {
            agent_path: agent.to_owned(),
            folder: folder.to_owned(),
            config,
            broker,
            agent: None,
            ledger: Ledger::default(),
            lines: BTreeMap::new(),
            arrived,
            totals: None,
            late: Vec::new(),
        };
        Device::ALL.into_iter().try_for_each(|it| stage.plug(it))?;
        stage.start()?;
        Ok(stage)
    }

    /// Says a part of the script, `speed` times as fast as the store's own time; as fast as it is read without one.
    /// Only devices that are `heard` speak.
    pub async fn say(
        &mut self,
        script: &Script,
        part: &[Spoken],
        speed: Option<f64>,
        heard: impl Fn(Device) -> bool,
    ) -> Result<()> {
        let Some(first) = part.first() else { return Ok(()) };
        let began = Instant::now();
        for spoken in part.iter().filter(|spoken| heard(spoken.device)) {
            if let Some(speed) = speed {
                let past = (spoken.at - first.at) as f64 / 1000.0 / speed;
                sleep_until(began + Duration::from_secs_f64(past)).await;
            }
            if spoken.barrier {
                self.accept(papers(script, |at, _| at < spoken.at)).await;
            }
            self.write(spoken.device, &spoken.bytes).await?;
            if spoken.device == Device::CarParkDoor {
                self.totals = Some(spoken.clone());
            }
            if spoken.barrier {
                let said = |at, source: &str| {
                    at < spoken.at || at == spoken.at && source == spoken.device.name()
                };
                self.accept(papers(script, said)).await;
            }
        }
        Ok(())
    }

    async fn write(&mut self, device: Device, bytes: &[u8]) -> Result<()> {
        let Some(line) = self.lines.get_mut(&device) else { return Ok(()) };
        let written = timeout(limits::FAULT_WRITE, line.write_all(bytes)).await;
        Ok(written.with_context(|| format!("nobody reads {}", device.name()))??)
    }

    /// Waits until all that was said up to this moment has arrived; without `windows`, all but tags' open windows.
    pub async fn arrive(&mut self, script: &Script, at: At, windows: bool) {
        let totals = self.totals.as_ref().map_or(0, |spoken| spoken.at);
        let mut due = due(script, at, totals);
        if !windows {
            due.pings = 0;
        }
        self.wait("what was said", due).await;
    }

    /// Waits until so many papers are accepted: with a broker or without.
    async fn accept(&mut self, due: Accepted) {
        let ledger = self.ledger.clone();
        let there = || due.iter().all(|(class, count)| ledger.accepted(class) >= *count);
        if !eventually(self.patience(), there).await {
            let came = self.so_far();
            self.late.push(format!("waited in vain for papers: {came:?} of {due:?} were accepted"));
        }
    }

    /// What was late once is not waited for again for so long.
    fn patience(&self) -> Duration {
        if self.late.is_empty() { limits::TRUTH_PATIENCE } else { limits::FAULT_SILENCE }
    }

    async fn wait(&mut self, what: &str, due: Tally) {
        let arrived = self.arrived.clone();
        let done = move || lock(&arrived).tally.covers(&due);
        if !eventually(self.patience(), done).await {
            let came = lock(&self.arrived).tally;
            self.late.push(format!("waited in vain for {what}: {came:?} of {due:?}"));
        }
    }

    /// The broker ends in order, and its sessions with it.
    pub fn broker_stops(&mut self) -> Result<()> {
        Ok(self.broker.stop()?)
    }

    /// The broker is back on its port, with its sessions.
    pub fn broker_starts(&mut self) -> Result<()> {
        Ok(self.broker.restart()?)
    }

    /// Between two documents a device is pulled out, and plugged into another port.
    pub async fn replug(&mut self, device: Device) -> Result<()> {
        let Some(line) = self.lines.get(&device) else { return Ok(()) };
        let read = || line.unread().is_ok_and(|left| left == 0);
        ensure!(eventually(limits::TRUTH_PATIENCE, read).await, "a line is stuck");
        // What was read is taken in before the port is found to be gone.
        sleep(limits::FAULT_MOMENT).await;
        self.lines.remove(&device);
        fs::remove_file(plan::port(&self.folder, device))?;
        Ok(self.plug(device)?)
    }

    fn plug(&mut self, device: Device) -> io::Result<()> {
        let line = Pty::open()?;
        symlink(line.path(), plan::port(&self.folder, device))?;
        self.lines.insert(device, line);
        Ok(())
    }

    /// Waits until so many more records were accepted since `before`.
    pub async fn accepted(&mut self, before: &Accepted, more: &Accepted) -> Result<()> {
        let ledger = self.ledger.clone();
        let there = |class: &str| {
            let sum = |of: &Accepted| of.get(class).copied().unwrap_or_default();
            ledger.accepted(class) >= sum(before) + sum(more)
        };
        let all = || more.keys().all(|class| there(class));
        ensure!(eventually(limits::TRUTH_PATIENCE, all).await, "not accepted");
        // A commit interval and a sync later the rest of the same documents is on disk, too.
        sleep(limits::FAULT_MOMENT).await;
        Ok(())
    }

    /// What was accepted so far, by class.
    pub fn so_far(&self) -> Accepted {
        let classes = ["pos", "stock", "visit", "ops"];
        classes.into_iter().map(|class| (class, self.ledger.accepted(class))).collect()
    }

    /// `kill -9`, and another start.
    pub async fn kill(&mut self) -> Result<()> {
        if let Some(agent) = self.agent.take() {
            agent.kill()?;
        }
        self.start()?;
        // A counter tells its totals again and again: its next line says where it stands.
        if let Some(spoken) = self.totals.clone() {
            self.write(spoken.device, &spoken.bytes).await?;
        }
        Ok(())
    }

    fn start(&mut self) -> Result<()> {
        let mut command = Command::new(&self.agent_path);
        command.arg("run").arg("--config").arg(&self.config);
        // What it accepts is said in its log.
        command.env("TILLGATE_LOG", "info,tillgate::agent=debug");
        let agent = Process::start(command, &self.ledger)?;
        // Who ends because of a mistake says so here.
        agent.says("answers", limits::FAULT_STOP)?;
        self.agent = Some(agent);
        Ok(())
    }

    /// SIGTERM: open windows are closed and sent. Then what arrived; the agent's last words where it failed.
    pub async fn end(mut self, script: &Script) -> Result<(Arrived, Vec<String>)> {
        if let Some(agent) = self.agent.take() {
            let words = agent.last_words();
            let code = agent.stop()?;
            if code != 0 {
                self.late.push(format!("the agent ended with {code}: {words}"));
            }
        }
        self.wait("the rest", due(script, At::MAX, At::MAX)).await;
        let arrived = std::mem::take(&mut *lock(&self.arrived));
        Ok((arrived, self.late))
    }
}

/// Records by class.
pub type Accepted = BTreeMap<&'static str, u64>;

/// What must come of all that was said up to a moment; the car park's counter told its totals at `totals` last.
fn due(script: &Script, at: At, totals: At) -> Tally {
    let mut due = Tally::default();
    let told = |record: &&Record| {
        let counter = record.source == Device::CarParkDoor.name();
        record.at.0 <= if counter { at.min(totals) } else { at }
    };
    script.expected.iter().filter(told).for_each(|record| due.add(record));
    due
}

/// Records of the two classes of papers, of those that were `said` by their moment and source.
fn papers(script: &Script, said: impl Fn(At, &str) -> bool) -> Accepted {
    let mut papers = Accepted::new();
    let all = script.expected.iter().filter(|it| said(it.at.0, &it.source));
    for record in all.filter(|it| matches!(it.class(), Class::Pos | Class::Stock)) {
        *papers.entry(record.class().name()).or_default() += 1;
    }
    papers
}

/// Looks until it is so; false when that takes too long.
async fn eventually(patience: Duration, is: impl Fn() -> bool) -> bool {
    let end = Instant::now() + patience;
    while !is() {
        if Instant::now() > end {
            return false;
        }
        sleep(limits::FAULT_LOOK).await;
    }
    true
}

fn lock(arrived: &Mutex<Arrived>) -> MutexGuard<'_, Arrived> {
    arrived.lock().unwrap_or_else(PoisonError::into_inner)
}
