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
use super::storm::{STORE, TAGS};
use super::{Away, Options, Strike};
use crate::faults::fail::Fail;
use crate::faults::judge::{Report, verify};
use crate::faults::mosquitto::Mosquitto;
use crate::faults::process::{Ledger, Process};
use crate::limits;

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
        fs::write(gateway.folder.path().join("tillgate.toml"), gateway.toml())?;
        gateway.confirm = Some(gateway.start_confirm()?);
        gateway.start(Instant::now())?;
        Ok(gateway)
    }

    fn toml(&self) -> String {
        let tables: VecDeque<&str> = self.lines.ports.iter().map(|it| it.table.as_str()).collect();
        let tags = (1..=TAGS).map(|minor| {
            format!(
                "[[tag]]\nid = \"customer-{minor}\"\nclass = \"customer\"\nmatch = {{ ibeacon = \
                 \"f7826da6-4fa2-4e98-8024-bc5b71e0893e\", major = {STORE}, minor = {minor} }}\n"
            )
        });
        format!(
            "[gateway]\nid = \"gw-s\"\ntenant = \"test\"\nstore_id = {STORE}\ntimezone = \"UTC\"\n\
             currency = \"EUR\"\ndata_dir = \"{}\"\n\n[mqtt]\nurl = \"mqtt://127.0.0.1:{}\"\n\
             confirm = \"cloud\"\n\n{}\n{}",
            self.folder.path().join("data").display(),
            self.broker.port(),
            tables.into_iter().collect::<String>(),
            tags.collect::<String>()
        )
    }

    fn start_confirm(&self) -> Result<Process, Fail> {
        let mut command = Command::new(&self.options.agent);
        let url = format!("mqtt://127.0.0.1:{}", self.broker.port());
        command
            .args(["confirm", "--broker", &url, "--store"])
            .arg(self.folder.path().join("cloud"));
        let confirm = Process::start(command, &Ledger::default())?;
        confirm.says("connected", limits::FAULT_STOP)?;
        Ok(confirm)
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
        let log = agent.log();
        let code = agent.stop()?;
        if code != 0 {
            let last = log.get(log.len().saturating_sub(3)..).unwrap_or_default().join(" / ");
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
        if let Some(code) = self.agent.as_mut().and_then(|it| it.ended().transpose()).transpose()? {
            let log = self.agent.take().map(|agent| agent.log()).unwrap_or_default();
            let last = log.get(log.len().saturating_sub(3)..).unwrap_or_default().join(" / ");
            let surprise = format!("the agent ended by itself with {code}: {last}");
            words.push(surprise.clone());
            self.surprises.push(surprise);
            self.agent_back = Some(now);
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

fn word(how: Away) -> &'static str {
    match how {
        Away::Stopped => "stopped",
        Away::Killed => "killed",
        Away::Paused => "paused",
    }
}
