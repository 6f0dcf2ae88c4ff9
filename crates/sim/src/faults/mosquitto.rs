//! A real Mosquitto on a free port of 127.0.0.1, with what the defaults make of persistence and queues.

use std::fs;
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use super::fail::Fail;
use super::process::{Ledger, Process};
use super::wait::until;
use crate::limits;

/// Ends with this value.
pub struct Mosquitto {
    port: u16,
    child: Child,
    folder: TempDir,
}

impl Mosquitto {
    /// Starts one with these lines in its configuration; skipped where Mosquitto is not installed.
    pub fn start(config: &str) -> Result<Self, Fail> {
        if Command::new("mosquitto_pub").arg("--help").output().is_err() {
            return Err(Fail::Skipped("no Mosquitto; try `make setup`".to_owned()));
        }
        let port = free_port()?;
        let folder = tempfile::tempdir()?;
        // As root it would drop its rights and then fail to read what is written for it.
        let text = format!("user root\nlistener {port} 127.0.0.1\n{config}\n");
        fs::write(folder.path().join("mosquitto.conf"), text)?;
        let child = spawn(folder.path())?;
        let broker = Self { port, child, folder };
        broker.answers()?;
        Ok(broker)
    }

    /// The same before and after a restart.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// `kill -9`: what it had in memory is gone.
    pub fn kill(&mut self) -> Result<(), Fail> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }

    /// Starts it again on the same port.
    pub fn restart(&mut self) -> Result<(), Fail> {
        self.child = spawn(self.folder.path())?;
        self.answers()
    }

    /// Makes it read its access list and certificates again.
    pub fn reload(&self) {
        self.signal(Signal::HUP);
    }

    /// Sends it a signal.
    pub fn signal(&self, signal: Signal) {
        let pid = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw);
        // It may have ended a moment ago.
        let _gone = pid.map(|pid| kill_process(pid, signal));
    }

    /// Asks it to end and waits until it has.
    pub fn stop(&mut self) -> Result<(), Fail> {
        self.signal(Signal::TERM);
        self.child.wait()?;
        Ok(())
    }

    /// Publishes a retained message.
    pub fn publish_retained(&self, topic: &str, text: &str) -> Result<(), Fail> {
        let mut command = self.client("mosquitto_pub");
        let done = command.args(["-r", "-t", topic, "-m", text]).output()?;
        if done.status.success() {
            Ok(())
        } else {
            Err(Fail::Trouble("mosquitto_pub failed".into()))
        }
    }

    /// A subscriber; each line of its log is a topic and a text.
    pub fn subscribe(&self, filter: &str) -> Result<Process, Fail> {
        let mut command = self.client("mosquitto_sub");
        command.args(["-t", filter, "-F", "%t %p"]);
        Process::start(command, &Ledger::default())
    }

    fn client(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command.args(["-V", "mqttv5", "-q", "1", "-h", "127.0.0.1", "-p", &self.port.to_string()]);
        command
    }

    fn answers(&self) -> Result<(), Fail> {
        let connects = || Ok(TcpStream::connect(("127.0.0.1", self.port)).ok().map(drop));
        until("the broker listens", limits::FAULT_STOP, connects)
            .map_err(|fail| Fail::Trouble(fail.to_string()))
    }
}

impl Drop for Mosquitto {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A port that was free a moment ago.
pub fn free_port() -> Result<u16, Fail> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

fn spawn(folder: &Path) -> Result<Child, Fail> {
    // Not every user's path has it.
    let found = ["mosquitto", "/usr/sbin/mosquitto"].into_iter().find_map(|program| {
        let mut command = Command::new(program);
        command.arg("-c").arg(folder.join("mosquitto.conf"));
        command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().ok()
    });
    found.ok_or_else(|| Fail::Skipped("no Mosquitto; try `make setup`".to_owned()))
}
