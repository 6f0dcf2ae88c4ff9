//! The gateway with its broker, cloud and devices, what strikes them, and what is put right again.

use std::collections::VecDeque;
use std::fs;
use std::process::Command;
use std::time::{Duration, Instant};

use rustix::process::Signal;
use tempfile::TempDir;

use super::cage::{Cage, Pressure};
use super::lines::Lines;
use super::meter::{Sample, resident};
use super::{Away, Options, Strike, plan};
use crate::faults::fail::Fail;
use crate::faults::judge::{Report, verify};
use crate::faults::mosquitto::Mosquitto;
use crate::faults::process::{Ledger, Process};
use crate::limits;

/// The exit code of what can be tried again.
const TEMPORARY: i32 = 75;

/// When something was done to the agent, or to one line.
#[derive(Clone, Debug)]
pub struct Trouble {
    /// Only this device; none: all of them.
    pub device: Option<String>,
    /// From when.
    pub from: Instant,
    /// Until when.
    pub until: Instant,
}

/// See the module's documentation.
pub struct Gateway {
    /// What is asked for.
    pub options: Options,
    /// The devices.
    pub lines: Lines,
    /// What all agents said they accepted.
    pub ledger: Ledger,
    /// What was done to agent and lines.
    pub troubles: Vec<Trouble>,
    /// What no fault explains.
    pub surprises: Vec<String>,
    /// How often the agent was started.
    pub lives: u32,
    /// How often the broker went away.
    pub outages: u32,
    /// Why the agent has no cgroup.
    pub uncaged: Option<String>,
    born: Instant,
    agent: Option<Process>,
    agent_back: Option<Instant>,
    broker: Mosquitto,
    broker_back: Option<(Away, Instant)>,
    confirm: Option<Process>,
    // After the processes: they are ended first.
    cage: Option<Cage>,
    folder: TempDir,
}

impl Gateway {
    /// Starts everything.
    pub fn set(options: &Options) -> Result<Self, Fail> {
        let folder = tempfile::tempdir()?;
        let broker = Mosquitto::start("allow_anonymous true")?;
        let lines = Lines::open(folder.path(), options.seed)?;
        let (cage, uncaged) = match Cage::new() {
            Ok(cage) => (Some(cage), None),
            Err(why) => (None, Some(why)),
        };
        let mut gateway = Self {
            options: options.clone(),
            lines,
            ledger: Ledger::default(),
            troubles: Vec::new(),
            surprises: Vec::new(),
            lives: 0,
            outages: 0,
            uncaged,
            born: Instant::now(),
            agent: None,
            agent_back: None,
            broker,
            broker_back: None,
            confirm: None,
            cage,
            folder,
        };
        let tables: String = gateway.lines.ports.iter().map(|it| it.table.as_str()).collect();
        let toml = plan::toml(&gateway.folder.path().join("data"), gateway.broker.port(), &tables);
        fs::write(gateway.folder.path().join("tillgate.toml"), toml)?;
        let confirm = gateway.start_confirm()?;
        confirm.says("connected", limits::FAULT_STOP)?;
        gateway.confirm = Some(confirm);
        gateway.start(Instant::now())?;
        Ok(gateway)
    }

    fn start_confirm(&self) -> Result<Process, Fail> {
        let mut command = Command::new(&self.options.agent);
        let url = format!("mqtt://127.0.0.1:{}", self.broker.port());
        command
            .args(["confirm", "--broker", &url, "--store"])
            .arg(self.folder.path().join("cloud"));
        Process::start(command, &Ledger::default())
    }

    /// Starts the agent; it was away since then.
    fn start(&mut self, since: Instant) -> Result<(), Fail> {
        let wrapper = self.cage.as_ref().map(Cage::wrapper).unwrap_or_default();
        let mut words: VecDeque<_> = wrapper.into_iter().map(std::ffi::OsString::from).collect();
        words.push_back(self.options.agent.clone().into());
        let mut command = Command::new(words.pop_front().unwrap_or_default());
        command.args(words).args(["run", "--config"]).arg(self.folder.path().join("tillgate.toml"));
        command.env("TILLGATE_LOG", "info,tillgate::agent=debug");
        let agent = Process::start(command, &self.ledger)?;
        agent.says("answers", limits::FAULT_STOP)?;
        self.agent = Some(agent);
        self.agent_back = None;
        self.lives += 1;
        self.born = Instant::now();
        let until = self.born + limits::SOAK_READY;
        self.troubles.push(Trouble { device: None, from: since, until });
        Ok(())
    }

    /// Does it; in words, unless the same is away already.
    pub fn strike(&mut self, strike: Strike) -> Result<Option<String>, Fail> {
        let now = Instant::now();
        match strike {
            Strike::Broker(how, away) if self.broker_back.is_none() => {
                match how {
                    Away::Stopped => self.broker.stop()?,
                    Away::Killed => self.broker.kill()?,
                    Away::Paused => self.broker.signal(Signal::STOP),
                }
                self.outages += 1;
                self.broker_back = Some((how, now + away));
                Ok(Some(format!("the broker is {} for {} s", word(how), away.as_secs())))
            }
            Strike::Agent(how, away) if self.agent.is_some() => {
                self.end_agent(how)?;
                // What was read and not yet accepted goes with it: as of now, not of when it ended.
                self.troubles.push(Trouble { device: None, from: now, until: now + away });
                self.agent_back = Some(Instant::now() + away);
                Ok(Some(format!("the agent is {} for {} s", word(how), away.as_secs())))
            }
            Strike::Line(line, away) => {
                self.lines.unplug(line, away);
                let device = self.lines.ports.get(line).map(|port| port.name.clone());
                let words = device.as_deref().unwrap_or_default();
                let words = format!("{words} is unplugged for {} s", away.as_secs());
                let until = now + away + limits::SOAK_READY;
                self.troubles.push(Trouble { device, from: now, until });
                Ok(Some(words))
            }
            _ => Ok(None),
        }
    }

    fn end_agent(&mut self, how: Away) -> Result<(), Fail> {
        let Some(agent) = self.agent.take() else { return Ok(()) };
        if how == Away::Killed {
            return agent.kill();
        }
        let last = agent.last_words();
        let code = agent.stop()?;
        if code != 0 {
            self.surprises.push(format!("the agent ended with {code} after SIGTERM: {last}"));
        }
        Ok(())
    }

    /// Puts right what is due; says what it did and what it found.
    pub fn tend(&mut self) -> Result<Vec<String>, Fail> {
        let mut words = Vec::new();
        let now = Instant::now();
        if self.broker_back.is_some_and(|(_, at)| at <= now) {
            self.restore_broker()?;
            words.push("broker back".to_owned());
        }
        if let Some((code, last)) = ended(&mut self.agent)? {
            let surprise = format!("the agent ended by itself with {code}: {last}");
            words.push(surprise.clone());
            self.surprises.push(surprise);
            self.agent_back = Some(now);
        }
        if let Some((code, last)) = ended(&mut self.confirm)? {
            // As a service manager would: it ends so when its disk is full, and nothing is confirmed meanwhile.
            words.push(format!(
                "the cloud's process ended by itself with {code} and is started again: {last}"
            ));
            if code != TEMPORARY {
                self.surprises.push(format!("the cloud's process ended with {code}: {last}"));
            }
            self.confirm = Some(self.start_confirm()?);
        }
        if self.agent_back.is_some_and(|at| at <= now) {
            self.start(now)?;
            words.push("agent back".to_owned());
        }
        Ok(words)
    }

    fn restore_broker(&mut self) -> Result<(), Fail> {
        match self.broker_back.take() {
            Some((Away::Paused, _)) => self.broker.signal(Signal::CONT),
            Some(_) => self.broker.restart()?,
            None => {}
        }
        Ok(())
    }

    /// Puts everything right at once.
    pub fn heal(&mut self) -> Result<(), Fail> {
        self.restore_broker()?;
        if self.agent.is_none() {
            self.start(Instant::now())?;
        }
        Ok(())
    }

    /// What the cloud's store says.
    pub fn report(&self) -> Result<Report, Fail> {
        verify(&self.options.agent, &self.folder.path().join("cloud"))
    }

    /// Records that are stored.
    pub fn arrived(&self) -> Result<u64, Fail> {
        Ok(self.report()?.sum.arrived)
    }

    /// Whether all that was accepted is stored.
    pub fn drained(&self) -> Result<bool, Fail> {
        let report = self.report()?;
        Ok(report.short(&self.ledger.all()).is_none() && report.sum.lost == 0)
    }

    /// One look.
    pub fn sample(&self, seconds: f64, arrived: u64) -> Sample {
        let memory = self.agent.as_ref().and_then(|agent| resident(agent.id()));
        let (anon_kb, file_kb) = memory.unwrap_or_default();
        Sample {
            seconds,
            life: self.lives,
            age: self.born.elapsed().as_secs_f64(),
            anon_kb,
            file_kb,
            accepted: self.ledger.all().values().sum(),
            arrived,
            broker: self.broker_back.is_none(),
            agent: memory.is_some(),
        }
    }

    /// Ends the agent in good order, waits until its last words are stored, and ends the cloud; what memory went
    /// through, and where all is stored.
    pub fn end(&mut self) -> Result<(Option<Pressure>, std::path::PathBuf), Fail> {
        self.end_agent(Away::Stopped)?;
        let deadline = Instant::now() + limits::FAULT_STOP;
        while !self.drained()? && Instant::now() < deadline {
            crate::faults::wait::pass(Duration::from_millis(200));
        }
        if let Some(confirm) = self.confirm.take() {
            confirm.stop()?;
        }
        Ok((self.cage.as_ref().map(Cage::pressure), self.folder.path().join("cloud")))
    }

    /// Which kind of cgroup it has.
    pub fn cage(&self) -> Option<&'static str> {
        self.cage.as_ref().map(Cage::kind)
    }
}

/// The code and the last words of a process that has ended, which is taken away.
fn ended(process: &mut Option<Process>) -> Result<Option<(i32, String)>, Fail> {
    let Some(code) = process.as_mut().and_then(|it| it.ended().transpose()).transpose()? else {
        return Ok(None);
    };
    Ok(process.take().map(|it| (code, it.last_words())))
}

fn word(how: Away) -> &'static str {
    match how {
        Away::Stopped => "stopped",
        Away::Killed => "killed",
        Away::Paused => "paused",
    }
}
