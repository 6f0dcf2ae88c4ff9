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
    /// Starts `program run --config config`; what it writes goes to the log.
    pub fn start(program: &Path, config: &Path, log: &Path) -> Result<Self> {
        let mut command = Command::new(program);
        command.arg("run").arg("--config").arg(config);
        Self::spawn(command, log).with_context(|| format!("cannot start {}", program.display()))
    }

    fn spawn(mut command: Command, log: &Path) -> Result<Self> {
        let file = fs::File::create(log).context("the agent's log file")?;
        command.stdin(Stdio::null()).stdout(file.try_clone()?).stderr(file).kill_on_drop(true);
        Ok(Self { child: command.spawn()?, log: log.to_owned() })
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pty::Pty;

    fn shell(script: &str, folder: &Path) -> Agent {
        let mut command = Command::new("/bin/sh");
        command.arg("-c").arg(script);
        Agent::spawn(command, &folder.join("log")).unwrap()
    }

    async fn wait(mut done: impl FnMut() -> bool) {
        while !done() {
            tokio::task::yield_now().await;
        }
    }

    #[tokio::test]
    async fn only_lines_that_the_agent_opened_itself_count_as_open() {
        let folder = tempfile::tempdir().unwrap();
        let (one, two) = (Pty::open().unwrap(), Pty::open().unwrap());
        let ports = [one.path().to_owned(), two.path().to_owned()];
        let script = format!("exec 3<{}; echo; exec sleep 1000", ports[0].display());
        let agent = shell(&script, folder.path());
        wait(|| agent.has_open(&ports[..1])).await;
        assert!(!agent.has_open(&ports));
    }

    #[tokio::test]
    async fn an_agent_that_heeds_the_signal_ends_cleanly_and_leaves_its_log() {
        let folder = tempfile::tempdir().unwrap();
        let script = "trap 'echo bye; exit 0' TERM; echo ready; while :; do sleep 0.01; done";
        let mut agent = shell(script, folder.path());
        wait(|| agent.log() == "ready\n").await;
        agent.terminate();
        wait(|| agent.ended().unwrap()).await;
        assert!(agent.end().await);
        assert_eq!(agent.log(), "ready\nbye\n");
    }

    #[tokio::test]
    async fn an_agent_that_fails_or_stays_did_not_end_cleanly() {
        let folder = tempfile::tempdir().unwrap();
        let mut failed = shell("exit 70", folder.path());
        wait(|| failed.ended().unwrap()).await;
        assert!(!failed.end().await);
        let mut stays = shell("exec sleep 1000", folder.path());
        assert!(!stays.end().await && stays.ended().unwrap());
    }
}
