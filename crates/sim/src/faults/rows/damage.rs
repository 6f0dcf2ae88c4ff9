//! The files of the outbox are damaged, of another version, or cannot be written.

use std::fs;
use std::path::Path;

use super::restored::gone_back;
use crate::faults::fail::{Fail, Held, must};
use crate::faults::judge::Losses;
use crate::faults::process::Process;
use crate::faults::scene::Scene;
use crate::faults::wait::{pass, until};
use crate::faults::{Row, Stage};
use crate::limits;

pub const DAMAGED: Row = Row {
    number: 7,
    name: "files damaged",
    made: "after a kill: bits flipped and sectors wiped at random places of the database or of the log's first half, the \
           database cut short, emptied or deleted, the log deleted or swapped for another file, the mark deleted",
    holds: "the agent comes up, what is whole arrives, each other number is told to be lost, no value is wrong",
    mutant: "the folder is wiped, the mark too, and what is retained on `…/ack` is cleared: numbers are given out twice, \
             and nobody can know",
    caught: "lost in silence",
    quick: false,
    play: damaged,
};

type Injury = (&'static str, fn(&Path, &mut fastrand::Rng) -> std::io::Result<()>);

const INJURIES: [Injury; 10] = [
    ("a bit of the database", |data, rng| flip(&data.join("outbox.db"), rng)),
    ("a bit of the log", |data, rng| flip(&data.join("outbox.db-wal"), rng)),
    ("a sector of the database", |data, rng| wipe(&data.join("outbox.db"), rng)),
    ("a sector of the log", |data, rng| wipe(&data.join("outbox.db-wal"), rng)),
    ("the database's end", |data, rng| cut(&data.join("outbox.db"), rng)),
    ("all of the database's bytes", |data, _| fs::write(data.join("outbox.db"), b"")),
    ("the log", |data, _| fs::remove_file(data.join("outbox.db-wal"))),
    ("the log's place", |data, _| fs::write(data.join("outbox.db-wal"), vec![0x37; 40_000])),
    ("the database", |data, _| fs::remove_file(data.join("outbox.db"))),
    ("the mark", |data, _| fs::remove_file(data.join("outbox.mark"))),
];

/// Injuries of one gateway before it may send: the mark knows the numbers of a few epochs.
const AT_ONCE: usize = 5;

fn damaged(stage: &Stage) -> Held {
    if stage.is_mutant() {
        return gone_back(stage, |_, data| Ok(fs::remove_dir_all(data)?));
    }
    let mut rng = stage.rng();
    let rounds = stage.rounds.max(INJURIES.len());
    let all: Vec<&Injury> = INJURIES.iter().cycle().take(rounds).collect();
    let mut seen = String::new();
    for injuries in all.chunks(AT_ONCE) {
        let names: Vec<&str> = injuries.iter().map(|(name, _)| *name).collect();
        let told = |fail| match fail {
            Fail::Broken(why) => Fail::Broken(format!("{}: {why}", names.join(", "))),
            other => other,
        };
        seen = injured(stage, injuries, &mut rng).map_err(told)?;
    }
    Ok(format!("{rounds} injuries; the last gateway: {seen}"))
}

fn injured(stage: &Stage, injuries: &[&Injury], rng: &mut fastrand::Rng) -> Held {
    let (mut scene, mut line) = Scene::set(stage)?;
    scene.broker.kill()?;
    let mut agent = scene.agent()?;
    for (name, injure) in injuries {
        let before = scene.ledger.accepted("pos");
        line.print(4)?;
        scene.accepts(before + 4)?;
        agent.kill()?;
        let done = injure(&scene.data(), rng);
        done.map_err(|error| Fail::Trouble(format!("{name}: {error}")))?;
        agent = scene.agent()?;
    }
    scene.broker.restart()?;
    let confirm = scene.confirm()?;
    let agent = supervised(&scene, agent)?;
    scene.settle(agent, confirm, Losses::Told)
}

/// As systemd does: an agent that met damage ended with 75, and is started again.
fn supervised(scene: &Scene<'_>, mut agent: Process) -> Result<Process, Fail> {
    for _ in 0..limits::FAULT_DRAINS {
        pass(2 * limits::FAULT_MOMENT);
        match agent.ended()? {
            None if agent.count("connected to the broker") > 0 => return Ok(agent),
            None => {}
            Some(75) => agent = scene.agent()?,
            Some(code) => return Err(Fail::Broken(format!("the agent ended with {code}"))),
        }
    }
    Ok(agent)
}

/// Damage in a log's last commit looks as if the power had been cut in it, and is taken for that.
fn end(file: &Path, bytes: &[u8]) -> usize {
    if file.extension().is_some_and(|ending| ending == "db-wal") {
        bytes.len() / 2
    } else {
        bytes.len()
    }
    .max(1)
}

fn flip(file: &Path, rng: &mut fastrand::Rng) -> std::io::Result<()> {
    let mut bytes = fs::read(file)?;
    let at = rng.usize(0..end(file, &bytes));
    if let Some(byte) = bytes.get_mut(at) {
        *byte ^= 1 << rng.u32(0..8);
    }
    fs::write(file, bytes)
}

fn wipe(file: &Path, rng: &mut fastrand::Rng) -> std::io::Result<()> {
    let mut bytes = fs::read(file)?;
    let sector = rng.usize(0..end(file, &bytes).div_ceil(512));
    bytes.iter_mut().skip(512 * sector).take(512).for_each(|byte| *byte = 0);
    fs::write(file, bytes)
}

fn cut(file: &Path, rng: &mut fastrand::Rng) -> std::io::Result<()> {
    let mut bytes = fs::read(file)?;
    bytes.truncate(rng.usize(0..bytes.len().max(1)));
    fs::write(file, bytes)
}

pub const FUTURE: Row = Row {
    number: 20,
    name: "database of a later version",
    made: "the version in the header of a stopped agent's database is raised",
    holds: "the agent ends with 78 and changes no byte of the file; with the old version back, nothing is lost",
    mutant: "the version is one that the agent knows",
    caught: "it ends by itself",
    quick: true,
    play: future,
};

/// Where SQLite keeps the `user_version`, big-endian.
const VERSION_AT: std::ops::Range<usize> = 60..64;

fn future(stage: &Stage) -> Held {
    let (scene, mut line) = Scene::set(stage)?;
    let confirm = scene.confirm()?;
    let agent = scene.agent()?;
    line.print(3)?;
    scene.accepts(3)?;
    agent.stop()?;
    let file = scene.data().join("outbox.db");
    let whole = fs::read(&file)?;
    let mut later = whole.clone();
    let known = whole.get(VERSION_AT).and_then(|it| it.last()).copied().unwrap_or(0);
    let version = if stage.is_mutant() { known } else { 99 };
    if let Some(place) = later.get_mut(VERSION_AT) {
        place.copy_from_slice(&u32::from(version).to_be_bytes());
    }
    fs::write(&file, &later)?;
    let patience = scene.patience().min(limits::FAULT_STOP);
    let (code, log) = scene.start()?.end(patience)?;
    must(code == 78, || format!("it ends with {code}"))?;
    let told = log.iter().any(|line| line.contains("schema is version 99"));
    must(told, || format!("it says only: {}", log.join(" / ")))?;
    must(fs::read(&file)? == later, || "the file was changed".to_owned())?;
    fs::write(&file, &whole)?;
    let agent = scene.agent()?;
    line.print(2)?;
    until("it accepts again", scene.patience(), || {
        Ok((scene.ledger.accepted("pos") >= 5).then_some(()))
    })?;
    scene.settle(agent, confirm, Losses::None)
}
