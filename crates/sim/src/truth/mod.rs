//! The store's days through the built agent and a real broker to a subscriber, and the judgement.
//!
//! How a day is made short: it is said as fast as the agent reads it (or at any speed), one document after the other in
//! the order of the store's own time. Times that the tills print are the store's; the gateway stamps its own. So papers
//! are compared by identity and content, with the minutes that they bear; people and tags are compared as sums;
//! stock by order, which holds because nothing passes a count, a delivery or a return (`stage`'s barriers).
//!
//! With faults: the broker is stopped and started while tills print, lines are unplugged between documents, and the
//! agent is killed with `kill -9` holding records that it accepted and could not send. The answer must be the same.

mod arrived;
mod figures;
mod others;
mod plan;
mod report;
mod rows;
mod stage;
#[cfg(test)]
mod tests;

use std::path::PathBuf;

use anyhow::{Context, Result};
pub use report::{Line, Report, Verdict};
use tillgate_events::{Body, Record};

use crate::day::tables::Tables;
use crate::day::{Device, Script, Setting, Spoken};
use stage::{Accepted, Stage};

/// What is asked for.
#[derive(Clone, Debug)]
pub struct Options {
    /// The agent's binary.
    pub agent: PathBuf,
    /// The store.
    pub setting: Setting,
    /// How many times as fast as the store's own time; as fast as it is read without one.
    pub speed: Option<f64>,
    /// Whether things go wrong.
    pub faults: bool,
}

/// How many parts a run with faults has: what happens to each is said in [`with_faults`].
const PARTS: usize = 8;

/// All tables of a script: what no event tells, and what must come of the rest.
pub fn truth(script: &Script) -> Tables {
    let mut tables = rows::tables(&script.expected);
    tables.append(script.beside.clone());
    tables
}

/// Plays the days and judges; `tell` hears what happens.
pub async fn run(options: &Options, tell: &mut dyn FnMut(&str)) -> Result<Report> {
    let script = Script::new(&options.setting);
    tell(&format!("{} documents, lines and advertisements to say", script.spoken.len()));
    let folder = tempfile::tempdir().context("a temporary folder")?;
    let mut stage = Stage::set(&options.agent, folder.path()).await?;
    if options.faults {
        with_faults(&mut stage, &script, options.speed, tell).await?;
    } else {
        stage.say(&script, &script.spoken, options.speed, |_| true).await?;
    }
    tell("all is said; the rest is on its way");
    if let Some(last) = script.spoken.last() {
        stage.arrive(&script, last.at, false).await;
    }
    let (arrived, late) = stage.end(&script).await?;
    let mut report = Report::new(&script, &arrived);
    report.none("waits in vain", &late);
    Ok(report)
}

async fn with_faults(
    stage: &mut Stage,
    script: &Script,
    speed: Option<f64>,
    tell: &mut dyn FnMut(&str),
) -> Result<()> {
    let size = script.spoken.len().div_ceil(PARTS).max(1);
    for (n, part) in script.spoken.chunks(size).enumerate() {
        match n {
            1 | 5 => {
                tell("the broker is away");
                stage.broker_stops()?;
                stage.say(script, part, speed, |_| true).await?;
                stage.broker_starts()?;
            }
            3 => {
                tell("the agent is killed with what it could not send");
                killed(stage, script, part, speed).await?;
            }
            _ => stage.say(script, part, speed, |_| true).await?,
        }
        if n == 2 {
            tell("lines are plugged into other ports");
            for device in [Device::Till1, Device::Till3, Device::Office, Device::MainDoor] {
                stage.replug(device).await?;
            }
        }
        if n == 6 {
            tell("the agent is killed when all has arrived");
            settle(stage, script, part).await;
            stage.kill().await?;
        }
    }
    Ok(())
}

/// While the broker is away tills and a door speak; all of it is accepted, and the agent is killed. Tags are silent
/// meanwhile: their open windows are what a kill may lose.
async fn killed(
    stage: &mut Stage,
    script: &Script,
    part: &[Spoken],
    speed: Option<f64>,
) -> Result<()> {
    if let Some(first) = part.first() {
        stage.arrive(script, first.at - 1, true).await;
    }
    stage.broker_stops()?;
    let before = stage.so_far();
    let certain = |device: Device| device.prints() || device == Device::MainDoor;
    stage.say(script, part, speed, certain).await?;
    stage.accepted(&before, &expected(script, part, certain)).await?;
    stage.kill().await?;
    stage.broker_starts()?;
    stage.say(script, part, speed, |device| !certain(device)).await
}

async fn settle(stage: &mut Stage, script: &Script, part: &[Spoken]) {
    if let Some(last) = part.last() {
        stage.arrive(script, last.at, true).await;
    }
}

/// How many records of each class must come of what these devices said in a part.
fn expected(script: &Script, part: &[Spoken], speaks: impl Fn(Device) -> bool) -> Accepted {
    let (Some(first), Some(last)) = (part.first(), part.last()) else { return Accepted::new() };
    let mut classes = Accepted::new();
    let said = |record: &&Record| {
        let device = Device::ALL.into_iter().find(|device| device.name() == record.source);
        (first.at..last.at).contains(&record.at.0) && device.is_some_and(&speaks)
    };
    for record in script.expected.iter().filter(said) {
        // Devices that come and go are told among the notes.
        if !matches!(record.body, Body::Unknown(_)) {
            *classes.entry(record.class().name()).or_default() += 1;
        }
    }
    classes
}
