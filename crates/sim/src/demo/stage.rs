//! The demo from the first to the last act. See the module above for the order of events.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use jiff::tz::TimeZone;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::mpsc;
use tokio::time::{Instant, Interval, MissedTickBehavior, interval};

use super::Options;
use super::agent::Agent;
use super::arrivals::Arrivals;
use super::board::{self, DeviceRow, View};
use super::check::{Report, find_numbers};
use super::devices::Devices;
use super::paint::Screen;
use super::plan::{self, gateway_toml};
use super::subscriber::{News, subscribe};
use crate::broker::{Behaviour, Broker};
use crate::limits;
use crate::store::{Direction, Said, Truth};

/// Between two pictures.
const FRAME: Duration = Duration::from_millis(250);
/// Between two lines of progress, in pictures.
const PROGRESS_FRAMES: u64 = 20;
/// Silence after which open windows of tags are not waited for any longer.
const QUIET: Duration = Duration::from_secs(3);
/// Silence after which nothing more is expected from an agent that has ended.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// Runs the demo; whether everything that was said has arrived.
pub async fn run(options: &Options) -> Result<bool> {
    let folder = tempfile::tempdir().context("a temporary folder")?;
    let mut stage = Stage::set(options).await?;
    let (config, log) = (folder.path().join("tillgate.toml"), folder.path().join("agent.log"));
    let data_dir = folder.path().join("data");
    std::fs::create_dir(&data_dir)?;
    let (broker, devices) = (stage.broker.port(), &stage.devices);
    std::fs::write(&config, gateway_toml(broker, &data_dir, devices.planned(), devices.ports()))?;

    ensure!(
        stage.pump(limits::AGENT_START, |stage| Ok(stage.subscribed)).await?,
        "no subscription"
    );
    let mut agent = Agent::start(&options.agent, &config, &log)?;
    let played = stage.play(&mut agent).await;
    stage.screen.leave()?;
    let clean = match played {
        Ok(clean) => clean,
        Err(error) => {
            stage.screen.print(&last_words(&agent))?;
            return Err(error);
        }
    };
    let leaks = stage.leaks(folder.path())?;
    let mut report = Report::new(&stage.truth, &stage.arrivals, &leaks);
    report.require("agent ended cleanly", clean);
    stage.screen.print(&stage.view().lines(stage.screen.paint))?;
    stage.screen.print(&board::report_lines(&report, stage.screen.paint))?;
    if !report.passed() {
        stage.screen.print(&last_words(&agent))?;
    }
    Ok(report.passed())
}

fn last_words(agent: &Agent) -> Vec<String> {
    let log = agent.log();
    let lines: Vec<&str> = log.lines().collect();
    let from = lines.len().saturating_sub(limits::DIFFERENCES_SHOWN);
    let heading = std::iter::once("The agent's last words:".to_owned());
    heading.chain(lines.iter().skip(from).map(|line| format!("  {line}"))).collect()
}

/// Everything on the stage.
struct Stage {
    run: Duration,
    broker: Broker,
    devices: Devices,
    said: mpsc::Receiver<Said>,
    news: mpsc::Receiver<News>,
    interrupts: Signal,
    screen: Screen,
    frames: Interval,
    frame: u64,
    phase: &'static str,
    truth: Truth,
    arrivals: Arrivals,
    subscribed: bool,
    interrupted: bool,
    /// When the devices began to speak.
    opened: Option<Instant>,
    /// When something arrived last.
    heard: Instant,
    rows: Vec<DeviceRow>,
    /// What was on its way, a point for each second.
    backlog: Vec<u64>,
}

impl Stage {
    async fn set(options: &Options) -> Result<Self> {
        let opened = jiff::Timestamp::now().to_zoned(TimeZone::UTC).datetime();
        let broker = Broker::start_new(Behaviour::default()).await.context("the broker")?;
        let news = subscribe(broker.port());
        let planned = plan::devices(options.tills, opened, options.seed);
        let (devices, said) = Devices::attach(planned).context("pseudo-terminals")?;
        let rows = devices.planned().iter().zip(devices.ports()).map(|(device, port)| DeviceRow {
            name: device.name.clone(),
            kind: device.kind,
            port: port.display().to_string(),
            ..DeviceRow::default()
        });
        let mut frames = interval(FRAME);
        frames.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Ok(Self {
            run: options.run,
            rows: rows.collect(),
            broker,
            devices,
            said,
            news,
            interrupts: signal(SignalKind::interrupt())?,
            screen: Screen::new(options.plain)?,
            frames,
            frame: 0,
            phase: "the agent starts",
            truth: Truth::default(),
            arrivals: Arrivals::default(),
            subscribed: false,
            interrupted: false,
            opened: None,
            heard: Instant::now(),
            backlog: Vec::new(),
        })
    }

    /// All acts; whether the agent ended cleanly.
    async fn play(&mut self, agent: &mut Agent) -> Result<bool> {
        let ports = self.devices.ports().to_vec();
        let open = |agent: &mut Agent| {
            if agent.ended()? { bail!("the agent ended") } else { Ok(agent.has_open(&ports)) }
        };
        ensure!(
            self.pump(limits::AGENT_START, |_| open(agent)).await?,
            "the agent opened not all lines"
        );
        self.sell(agent).await?;
        self.phase = "the devices fall silent";
        self.devices.stop();
        ensure!(
            self.pump(limits::SETTLE, |stage| stage.devices.silent()).await?,
            "a line is stuck"
        );
        self.phase = "waiting for the rest";
        self.pump(limits::SETTLE, |stage| Ok(stage.is_settled())).await?;
        self.phase = "the agent ends";
        agent.terminate();
        self.pump(limits::AGENT_STOP, |_| agent.ended()).await?;
        let clean = agent.end().await;
        self.heard = Instant::now();
        self.pump(limits::SETTLE, |stage| Ok(stage.heard.elapsed() > LAST_WORDS)).await?;
        self.phase = "done";
        Ok(clean)
    }

    /// The devices speak; in the middle the broker is away.
    async fn sell(&mut self, agent: &mut Agent) -> Result<()> {
        let outage = plan::outage(self.run);
        let mut over = |stage: &mut Self| {
            ensure!(!agent.ended()?, "the agent ended while the store was open");
            Ok(stage.interrupted)
        };
        self.phase = "selling";
        self.opened = Some(Instant::now());
        self.devices.start();
        self.pump(outage.start, &mut over).await?;
        self.broker.stop().await;
        self.pump(outage.end - outage.start, &mut over).await?;
        self.broker.start().await.context("the broker's second start")?;
        self.pump(self.run.saturating_sub(outage.end), &mut over).await?;
        Ok(())
    }

    /// Lets things happen until `done`, or no longer than `limit`; whether it was done.
    async fn pump(
        &mut self,
        limit: Duration,
        mut done: impl FnMut(&mut Self) -> Result<bool>,
    ) -> Result<bool> {
        let end = Instant::now() + limit;
        while !done(self)? {
            if Instant::now() >= end {
                return Ok(false);
            }
            tokio::select! {
                Some(said) = self.said.recv() => self.note(&said),
                Some(news) = self.news.recv() => self.hear(news),
                _ = self.frames.tick() => self.show()?,
                _ = self.interrupts.recv() => {
                    ensure!(!self.interrupted, "interrupted twice");
                    self.interrupted = true;
                }
            }
        }
        Ok(true)
    }

    fn note(&mut self, said: &Said) {
        self.truth.record(said);
        if let Some(row) = self.rows.iter_mut().find(|row| row.name == said.device()) {
            row.note(said);
        }
    }

    fn hear(&mut self, news: News) {
        self.heard = Instant::now();
        match news {
            News::Subscribed => self.subscribed = true,
            News::Message(message) => self.arrivals.take(&message.topic, &message.payload),
        }
    }

    /// What was said and has not arrived; strangers are not meant to.
    fn on_its_way(&self) -> u64 {
        let queued = self.said.len() as u64;
        let rows = self.rows.iter();
        queued
            + rows
                .map(|row| row.said.saturating_sub(self.arrivals.of_source(&row.name)))
                .sum::<u64>()
    }

    /// All has arrived but pings, which a gateway may hold back until their window or its own life ends.
    fn is_settled(&self) -> bool {
        let arrived = &self.arrivals;
        let people = |way| self.truth.crossed(way) == arrived.crossed(way);
        let all_else = self.truth.receipts.len() == arrived.receipts.len()
            && people(Direction::In)
            && people(Direction::Out);
        self.on_its_way() == 0 || all_else && self.said.is_empty() && self.heard.elapsed() > QUIET
    }

    fn show(&mut self) -> Result<()> {
        for row in &mut self.rows {
            row.arrived = self.arrivals.of_source(&row.name);
        }
        if self.frame.is_multiple_of(4) {
            self.backlog.push(self.on_its_way());
        }
        if self.screen.live() {
            self.screen.draw(&self.view().lines(self.screen.paint))?;
        } else if self.frame.is_multiple_of(PROGRESS_FRAMES) {
            self.screen.print(&[self.view().short()])?;
        }
        self.frame += 1;
        Ok(())
    }

    fn view(&self) -> View<'_> {
        View {
            elapsed: self.opened.map(|opened| opened.elapsed()).unwrap_or_default(),
            run: self.run,
            phase: self.phase,
            broker_up: self.broker.is_up(),
            devices: &self.rows,
            classes: self
                .arrivals
                .tallies
                .iter()
                .map(|(class, tally)| (*class, tally.clone()))
                .collect(),
            backlog: &self.backlog,
            state: &self.arrivals.state,
        }
    }

    /// Where a card number that a till printed in full turns up: in what arrived, or in the agent's files.
    fn leaks(&self, folder: &Path) -> Result<Vec<String>> {
        let numbers: Vec<&str> = self.truth.card_numbers().collect();
        let texts =
            self.arrivals.texts.iter().map(|text| ("a message".to_owned(), text.as_bytes()));
        let mut found = find_numbers(&numbers, texts);
        for folder in [folder, &folder.join("data")] {
            for entry in std::fs::read_dir(folder)?.flatten().filter(|entry| entry.path().is_file())
            {
                let bytes = std::fs::read(entry.path())?;
                let name = entry.path().display().to_string();
                found.extend(find_numbers(&numbers, std::iter::once((name, bytes.as_slice()))));
            }
        }
        Ok(found)
    }
}
