//! The built agent as a child of the test, with its log as it comes. A test that fails does not leave it running: an
//! agent without its test would take the ptys of the next one.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex};

use tillgate::store::{RowId, Store};
use tillgate_events::{Record, UtcMs};

use super::wait_for;

pub struct Agent {
    child: Child,
    pub log: Arc<Mutex<Vec<String>>>,
}

impl Agent {
    /// `tillgate run` with the configuration `tillgate.toml` of the folder.
    pub fn start(dir: &Path) -> Self {
        Self::start_with(dir, &[])
    }

    /// The same, with something more in its environment.
    pub fn start_with(dir: &Path, set: &[(&str, &str)]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_tillgate"))
            .args(["run", "--config"])
            .arg(dir.join("tillgate.toml"))
            .env("TILLGATE_LOG", "info,tillgate::agent=debug")
            .envs(set.iter().copied())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let log = Arc::new(Mutex::new(Vec::new()));
        let (lines, sink) = (BufReader::new(child.stderr.take().unwrap()).lines(), log.clone());
        std::thread::spawn(move || {
            lines.map_while(Result::ok).for_each(|line| sink.lock().unwrap().push(line));
        });
        Self { child, log }
    }

    /// Records of the class that this process says it accepted; of all classes for "".
    pub fn accepted(&self, class: &str) -> usize {
        let log = self.log.lock().unwrap();
        let counts = log.iter().filter_map(|line| {
            let said = line.split("accepted class=\"").nth(1)?;
            let (name, rest) = said.split_once("\" records=")?;
            let count = rest.split_whitespace().next()?.parse::<usize>().ok()?;
            (class.is_empty() || name == class).then_some(count)
        });
        counts.sum()
    }

    /// Lines of its log that hold these words.
    pub fn count(&self, words: &str) -> usize {
        self.log.lock().unwrap().iter().filter(|line| line.contains(words)).count()
    }

    pub async fn says(&self, words: &str) {
        wait_for(words, || (0 < self.count(words)).then_some(())).await;
    }

    /// Its process.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Asks it to stop, and does not wait.
    pub fn terminate(&self) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
    }

    /// How it ended, once it has.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().unwrap()
    }

    /// Its resident memory, in KiB.
    pub fn resident(&self) -> u64 {
        resident(self.pid())
    }

    /// As a power cut: it has no time for anything.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Asks it to stop; its exit code.
    pub fn stop(mut self) -> Option<i32> {
        self.terminate();
        self.child.wait().unwrap().code()
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        // It has ended already where the test went well; where not, what it said is shown.
        if let Ok(log) = self.log.lock() {
            log.iter().for_each(|line| println!("{line}"));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Resident memory of a process, in KiB.
pub fn resident(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

/// What was accepted into the store in `data` of an agent that stopped.
pub fn accepted(data: &Path) -> Vec<Record> {
    let (mut store, _) = Store::open(data, 64 * 1024 * 1024, UtcMs(0)).unwrap();
    let rows = store.rows_after(RowId(0), 10_000, 64 * 1024 * 1024).unwrap();
    rows.iter().flat_map(|row| tillgate_events::decode(&row.payload).unwrap().records).collect()
}
