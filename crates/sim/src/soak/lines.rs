//! Four tills, two doors and a receiver of beacons, each on a line that can be unplugged.
//!
//! All speak in one thread. A line is a link that points to a pseudo-terminal: unplugged, both are gone, and another
//! terminal is there afterwards, as with a USB adapter. What is being said then is not said to its end.

use std::fs;
use std::io;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::runtime::Builder;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};

use super::plan::{Kind, plans};
use super::storm::Storm;
use crate::faults::fail::Fail;
use crate::pty::{Pace, Pty, Sink as _};
use crate::store::{Device, ReceiptTruth, Said, Truth};

/// A receipt, and when it was printed.
#[derive(Clone, Debug)]
pub struct Printed {
    /// What it came to.
    pub receipt: ReceiptTruth,
    /// The first byte.
    pub began: std::time::Instant,
    /// The last byte, or when it was unplugged.
    pub ended: std::time::Instant,
    /// Whether it was printed to the end.
    pub whole: bool,
}

/// All that was said so far.
#[derive(Debug, Default)]
pub struct Spoken {
    /// By the tills.
    pub receipts: Vec<Printed>,
    /// By the others, also what was cut off: more than this cannot have been heard. Of strangers only how many.
    pub others: Truth,
}

/// The same, while they speak.
pub type Log = Arc<Mutex<Spoken>>;

/// See the module's documentation.
pub struct Lines {
    /// The devices' names and links, with their part of the configuration.
    pub ports: Vec<Port>,
    /// What they said.
    pub log: Log,
    stop: watch::Sender<bool>,
    end: watch::Sender<bool>,
    plugs: Vec<mpsc::Sender<Duration>>,
    /// Receipts that are printed before the first fault.
    fill: usize,
    thread: Option<JoinHandle<io::Result<()>>>,
}

/// One device's port.
#[derive(Clone, Debug)]
pub struct Port {
    /// Its name.
    pub name: String,
    /// Its part of the configuration.
    pub table: String,
}

impl Lines {
    /// Opens all lines below this folder; nobody speaks yet.
    pub fn open(folder: &Path, seed: u64) -> Result<Self, Fail> {
        let plans = plans(seed);
        let link = |name: &str| folder.join(name);
        let ports = plans.iter().map(|plan| Port {
            name: plan.name.to_owned(),
            table: format!(
                "[[{}]]\nname = \"{}\"\nport = \"{}\"\nbaud = {}\n{}\n",
                plan.table,
                plan.name,
                link(plan.name).display(),
                plan.baud,
                plan.keys
            ),
        });
        let ports = ports.collect();
        let (log, (stop, stopped), (end, ended)) =
            (Log::default(), watch::channel(false), watch::channel(false));
        let (mut plugs, mut speakers) = (Vec::new(), Vec::new());
        let fill = plans.iter().map(|plan| plan.fill).sum();
        for (number, plan) in (0..).zip(plans) {
            let (plug, unplugged) = mpsc::channel(1);
            plugs.push(plug);
            let pace = Pace::new(plan.baud, seed ^ number);
            let (stopped, log, link) = (stopped.clone(), log.clone(), link(plan.name));
            speakers.push((
                plan.kind,
                Speaker { link, pace, log, stopped, unplugged, fill: plan.fill },
            ));
        }
        let thread = Some(std::thread::spawn(move || speak(speakers, ended)));
        Ok(Self { ports, log, stop, end, plugs, fill, thread })
    }

    /// Whether the tills have printed what they print before the first fault.
    pub fn filled(&self) -> bool {
        self.fill <= self.log.lock().unwrap_or_else(PoisonError::into_inner).receipts.len()
    }

    /// Pulls the plug of a line for so long.
    pub fn unplug(&self, line: usize, away: Duration) {
        // One that is unplugged already stays so.
        let _full = self.plugs.get(line).map(|plug| plug.try_send(away));
    }

    /// All finish what they are saying and fall silent.
    pub fn quiet(&self) {
        self.stop.send_replace(true);
    }

    /// Closes all lines.
    pub fn close(mut self) -> Result<(), Fail> {
        self.stop.send_replace(true);
        self.end.send_replace(true);
        match self.thread.take().map(JoinHandle::join) {
            Some(Ok(ended)) => Ok(ended?),
            _ => Err(Fail::Trouble("the lines' thread".to_owned())),
        }
    }
}

impl Drop for Lines {
    fn drop(&mut self) {
        self.stop.send_replace(true);
        self.end.send_replace(true);
    }
}

/// All lines, in a thread of their own, until the end.
fn speak(speakers: Vec<(Kind, Speaker)>, mut ended: watch::Receiver<bool>) -> io::Result<()> {
    Builder::new_current_thread().enable_all().build()?.block_on(async {
        let mut tasks = JoinSet::new();
        for (kind, speaker) in speakers {
            let line = open(&speaker.link)?;
            tasks.spawn(async move {
                match kind {
                    Kind::Device(device) => speaker.speak(device, line).await,
                    Kind::Storm(storm) => speaker.storm(storm, line).await,
                }
            });
        }
        let all = async {
            // A line that is closed would be an unplugged cable: they are held to the end.
            let mut held = Vec::new();
            while let Some(done) = tasks.join_next().await {
                held.push(done??);
            }
            std::future::pending().await
        };
        // What nobody reads any more is not waited for.
        tokio::select! {
            failed = all => failed,
            _ = ended.wait_for(|ended| *ended) => Ok(()),
        }
    })
}

/// A device at its line.
struct Speaker {
    link: PathBuf,
    pace: Pace,
    log: Log,
    stopped: watch::Receiver<bool>,
    unplugged: mpsc::Receiver<Duration>,
    fill: usize,
}

impl Speaker {
    async fn speak(mut self, mut device: Box<dyn Device>, mut line: Pty) -> io::Result<Pty> {
        let opened = Instant::now();
        for _ in 0..self.fill {
            let utterance = device.next(opened.elapsed());
            let began = std::time::Instant::now();
            line.write_all(&utterance.bytes).await?;
            self.note(utterance.said, began, true);
        }
        loop {
            let utterance = device.next(opened.elapsed());
            let pause = sleep(utterance.pause);
            let pulled = tokio::select! {
                () = pause => None,
                away = self.unplugged.recv() => away,
                _ = self.stopped.wait_for(|stop| *stop) => return Ok(line),
            };
            if let Some(away) = pulled {
                line = self.replug(line, away).await?;
                continue;
            }
            let began = std::time::Instant::now();
            let pulled = tokio::select! {
                written = self.pace.write(&mut line, &utterance.bytes) => written.map(|()| None)?,
                away = self.unplugged.recv() => away,
            };
            self.note(utterance.said, began, pulled.is_none());
            if let Some(away) = pulled {
                line = self.replug(line, away).await?;
            }
        }
    }

    async fn storm(mut self, mut storm: Storm, mut line: Pty) -> io::Result<Pty> {
        let opened = Instant::now();
        loop {
            let (bytes, said, pause) = storm.next(opened.elapsed());
            let began = std::time::Instant::now();
            // Cut off, it may have been heard all the same.
            said.into_iter().for_each(|said| self.note(said, began, true));
            let say = async {
                line.write_all(&bytes).await?;
                sleep(pause).await;
                io::Result::Ok(None)
            };
            let pulled = tokio::select! {
                written = say => written?,
                away = self.unplugged.recv() => away,
                _ = self.stopped.wait_for(|stop| *stop) => return Ok(line),
            };
            if let Some(away) = pulled {
                line = self.replug(line, away).await?;
            }
        }
    }

    fn note(&self, said: Said, began: std::time::Instant, whole: bool) {
        let mut log = self.log.lock().unwrap_or_else(PoisonError::into_inner);
        if let Said::Receipt(receipt) = said {
            let ended = std::time::Instant::now();
            log.receipts.push(Printed { receipt, began, ended, whole });
        } else {
            log.others.record(&said);
        }
    }

    async fn replug(&self, line: Pty, away: Duration) -> io::Result<Pty> {
        drop(line);
        fs::remove_file(&self.link)?;
        sleep(away).await;
        open(&self.link)
    }
}

/// Another terminal behind this link.
fn open(link: &Path) -> io::Result<Pty> {
    let line = Pty::open()?;
    symlink(line.path(), link)?;
    Ok(line)
}
