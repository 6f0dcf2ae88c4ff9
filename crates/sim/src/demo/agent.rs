//! The agent as a child process: started, watched, asked to end.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context, Result};
use rustix::process::{Pid, Signal, kill_process};
use tokio::process::{Child, Command};

/// A running agent; killed when dropped.
pub struct Agent {
    child: Child,
    log: PathBuf,
}

impl Agent {
    /// Starts `program run --config config`; what it writes goes to a file.
    pub fn start(program: &Path, config: &Path, log: &Path) -> Result<Self> {
        let file = fs::File::create(log).context("the agent's log file")?;
        let child = Command::new(program)
            .arg("run")
            .arg("--config")
            .arg(config)
            .stdin(Stdio::null())
            .stdout(file.try_clone()?)
            .stderr(file)
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("cannot start {}", program.display()))?;
        Ok(Self { child, log: log.to_owned() })
    }

    /// Whether it holds all these ports open.
    pub fn has_open(&self, ports: &[PathBuf]) -> bool {
        let Some(pid) = self.child.id() else { return false };
        let Ok(entries) = fs::read_dir(format!("/proc/{pid}/fd")) else { return false };
        let open: BTreeSet<PathBuf> =
            entries.flatten().filter_map(|entry| fs::read_link(entry.path()).ok()).collect();
        ports.iter().all(|port| open.contains(port))
    }

    /// Whether it has ended.
    pub fn ended(&mut self) -> Result<bool> {
        Ok(self.child.try_wait()?.is_some())
    }

    /// Asks it to end.
    pub fn terminate(&self) {
        let pid = self.child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
        if let Some(pid) = pid {
            // It may have ended a moment ago.
            let _gone = kill_process(pid, Signal::TERM);
        }
    }

    /// Whether it ended with success; it is killed if it has not ended.
    pub async fn end(&mut self) -> bool {
        match self.child.try_wait() {
            Ok(Some(status)) => status.success(),
            _ => {
                // A failure here means that it has ended after all.
                let _gone = self.child.kill().await;
                false
            }
        }
    }

    /// What it wrote.
    pub fn log(&self) -> String {
        String::from_utf8_lossy(&fs::read(&self.log).unwrap_or_default()).into_owned()
    }
}
