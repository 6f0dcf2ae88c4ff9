//! Children: the agent, the cloud's side and whatever else is started, with their words as they come.
//!
//! Invariants: a child does not outlive its value; when [`Process::kill`] or [`Process::stop`] returned, all that it
//! said is in its log, so that nothing it accepted is missing from the count.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};

use super::fail::Fail;
use super::wait::until;
use crate::limits;

/// A class and the epoch of its numbers.
pub type Key = (String, u32);

/// How many records all agents of a scene said they accepted. Numbers begin with 1 in each epoch and have no holes, so
/// this is also the highest number.
#[derive(Clone, Debug, Default)]
pub struct Ledger(Arc<Mutex<Counts>>);

#[derive(Debug, Default)]
struct Counts {
    epoch: u32,
    accepted: BTreeMap<Key, u64>,
}

impl Ledger {
    /// Of one class, in all epochs.
    pub fn accepted(&self, class: &str) -> u64 {
        let counts = self.lock();
        counts.accepted.iter().filter(|((name, _), _)| name == class).map(|(_, count)| count).sum()
    }

    /// Of all.
    pub fn all(&self) -> BTreeMap<Key, u64> {
        self.lock().accepted.clone()
    }

    fn lock(&self) -> MutexGuard<'_, Counts> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts what this line says; false when it says nothing of the kind.
    fn count(&self, line: &str) -> bool {
        let said = || {
            let (class, rest) =
                line.split("accepted class=\"").nth(1)?.split_once("\" records=")?;
            Some((class, rest.split_whitespace().next()?.parse::<u64>().ok()?))
        };
        let begins = || {
            let told = ["the store is open: ", "the cloud has numbers "];
            let (_, rest) =
                told.iter().find_map(|it| line.split_once(it))?.1.split_once("in epoch ")?;
            rest.split(|c: char| !c.is_ascii_digit()).next()?.parse::<u32>().ok()
        };
        if let Some(epoch) = begins() {
            self.lock().epoch = epoch;
        }
        let Some((class, count)) = said() else { return false };
        let mut counts = self.lock();
        let key = (class.to_owned(), counts.epoch);
        *counts.accepted.entry(key).or_default() += count;
        true
    }
}

/// A child with its log.
pub struct Process {
    child: Child,
    log: Arc<Mutex<Vec<String>>>,
    readers: Vec<JoinHandle<()>>,
}

impl Process {
    /// Starts it. What it says on both outputs becomes its log; what it says to have accepted is counted.
    pub fn start(mut command: Command, ledger: &Ledger) -> Result<Self, Fail> {
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let name = command.get_program().display().to_string();
        let named = |error| Fail::Trouble(format!("{name}: {error}"));
        let mut child = command.spawn().map_err(named)?;
        let log = Arc::new(Mutex::new(Vec::new()));
        let mut readers = Vec::new();
        if let Some(out) = child.stdout.take() {
            readers.push(read(out, ledger, &log));
        }
        if let Some(err) = child.stderr.take() {
            readers.push(read(err, ledger, &log));
        }
        Ok(Self { child, log, readers })
    }

    /// Its log so far, without what it accepted.
    pub fn log(&self) -> Vec<String> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Lines of its log with these words.
    pub fn count(&self, words: &str) -> usize {
        self.log().iter().filter(|line| line.contains(words)).count()
    }

    /// Waits until it says these words.
    pub fn says(&self, words: &str, patience: Duration) -> Result<(), Fail> {
        until(&format!("\"{words}\""), patience, || Ok((self.count(words) > 0).then_some(())))
            .map_err(|fail| Fail::Broken(format!("{fail}; it said last: {}", self.last_words())))
    }

    /// Its exit code once it has ended; minus the signal's number when one ended it.
    pub fn ended(&mut self) -> Result<Option<i32>, Fail> {
        use std::os::unix::process::ExitStatusExt as _;
        let status = self.child.try_wait()?;
        Ok(status.map(|it| it.code().unwrap_or_else(|| -it.signal().unwrap_or(0))))
    }

    /// Its process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Its memory now.
    pub fn resident_mib(&self) -> Result<u64, Fail> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kib = line.and_then(|it| it.split_whitespace().next()?.parse::<u64>().ok());
        kib.map(|kib| kib / 1024).ok_or_else(|| Fail::Broken("the agent has ended".to_owned()))
    }

    /// Sends it a signal.
    pub fn signal(&self, signal: Signal) {
        let pid = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw);
        // It may have ended a moment ago.
        let _gone = pid.map(|pid| kill_process(pid, signal));
    }

    /// Kills it: it has no time for anything.
    pub fn kill(mut self) -> Result<(), Fail> {
        self.child.kill()?;
        self.child.wait()?;
        self.join();
        Ok(())
    }

    /// Asks it to stop and waits for its exit code.
    pub fn stop(mut self) -> Result<i32, Fail> {
        self.signal(Signal::TERM);
        let code = until("it ends after SIGTERM", limits::FAULT_STOP, || self.ended())?;
        self.join();
        Ok(code)
    }

    /// Waits for its exit code.
    pub fn end(mut self, patience: Duration) -> Result<(i32, Vec<String>), Fail> {
        let code = until("it ends by itself", patience, || self.ended())?;
        self.join();
        Ok((code, self.log()))
    }

    /// The end of its log.
    pub fn last_words(&self) -> String {
        let log = self.log();
        log.get(log.len().saturating_sub(3)..).unwrap_or_default().join(" / ")
    }

    fn join(&mut self) {
        for reader in self.readers.drain(..) {
            // One that panicked has nothing more to say.
            let _ended = reader.join();
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn read(
    from: impl Read + Send + 'static,
    ledger: &Ledger,
    log: &Arc<Mutex<Vec<String>>>,
) -> JoinHandle<()> {
    let (ledger, log) = (ledger.clone(), log.clone());
    std::thread::spawn(move || {
        for line in BufReader::new(from).lines().map_while(Result::ok) {
            if ledger.count(&line) {
                continue;
            }
            let mut log = log.lock().unwrap_or_else(PoisonError::into_inner);
            if log.len() >= limits::FAULT_LOG {
                log.remove(0);
            }
            log.push(line);
        }
    })
}
