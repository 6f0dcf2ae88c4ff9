//! The agent under the flood: what it says it accepted and when, and what it uses.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context as _, Result};
use rustix::process::{Pid, Signal, kill_process};
use tokio::time::Instant;

use crate::peers::Tree;

/// A running agent; killed when dropped.
pub struct Agent {
    child: Child,
    said: Arc<Mutex<Said>>,
}

#[derive(Default)]
struct Said {
    /// When each receipt was accepted.
    accepted: Vec<Instant>,
    /// Advertisements of strangers, told at the end.
    strangers: Option<u64>,
}

impl Agent {
    /// With this configuration, and all its files in `folder`.
    pub fn start(program: &Path, folder: &Path, config: &str) -> Result<Self> {
        let path = folder.join("tillgate.toml");
        fs::write(&path, config)?;
        let mut child = Command::new(program)
            .args(["run", "--config"])
            .arg(path)
            .env("TILLGATE_LOG", "info,tillgate::agent=debug")
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .context("the agent")?;
        let said = Arc::<Mutex<Said>>::default();
        let (output, sink) = (child.stderr.take().context("no log")?, Arc::clone(&said));
        std::thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                sink.lock().unwrap_or_else(PoisonError::into_inner).note(&line);
            }
        });
        Ok(Self { child, said })
    }

    /// When each receipt so far was accepted.
    pub fn accepted(&self) -> Vec<Instant> {
        self.said.lock().unwrap_or_else(PoisonError::into_inner).accepted.clone()
    }

    /// Seconds of CPU that it has used.
    pub fn cpu(&self) -> f64 {
        Tree::below(&[self.child.id()]).cost().cpu
    }

    /// Resident memory that is nobody else's, in kB.
    pub fn memory(&self) -> Result<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:"));
        let number = line.and_then(|line| line.split_whitespace().next()?.parse().ok());
        number.context("no RssAnon in /proc/PID/status")
    }

    /// Stops it in order; how many advertisements of strangers it took.
    pub async fn stop(mut self) -> Result<u64> {
        let pid = Pid::from_raw(i32::try_from(self.child.id())?).context("no process")?;
        kill_process(pid, Signal::TERM)?;
        self.child.wait()?;
        let said = Arc::clone(&self.said);
        let strangers = move || said.lock().unwrap_or_else(PoisonError::into_inner).strangers;
        super::until("the agent's last words", || strangers().is_some()).await?;
        Ok(strangers().unwrap_or_default())
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        // It may have ended.
        let _gone = self.child.kill();
        let _gone = self.child.wait();
    }
}

impl Said {
    fn note(&mut self, line: &str) {
        let after = |words: &str| {
            let rest = line.split_once(words)?.1;
            rest.split_whitespace().next()?.parse::<u64>().ok()
        };
        if let Some(records) = after("accepted class=\"pos\" records=") {
            self.accepted.extend((0..records).map(|_| Instant::now()));
        }
        if line.contains("stopped: ") {
            self.strangers = Some(after("tags.strangers=").unwrap_or(0));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn receipts_and_strangers_are_read_off_the_log() {
        let mut said = Said::default();
        for line in [
            "T DEBUG tillgate::agent::accept: accepted class=\"ops\" records=1",
            "T DEBUG tillgate::agent::accept: accepted class=\"pos\" records=2",
            "T INFO tillgate::agent::stop: stopped: records.accepted=3 tags.strangers=4118 tags.wait_ms=14",
        ] {
            said.note(line);
        }
        assert_eq!((said.accepted.len(), said.strangers), (2, Some(4118)));
        said.note("T INFO tillgate::agent::stop: stopped: records.accepted=3");
        assert_eq!(said.strangers, Some(0), "what is nothing is not told");
    }
}
