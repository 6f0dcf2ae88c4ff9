//! The agent is killed, stopped under load, or started twice.

use std::fs;
use std::time::{Duration, Instant};

use rustix::process::Signal;

use crate::faults::fail::{Fail, Held, must};
use crate::faults::judge::Losses;
use crate::faults::process::Process;
use crate::faults::scene::Scene;
use crate::faults::tools::tracer;
use crate::faults::wait::{pass, until};
use crate::faults::{Row, Stage};
use crate::limits;

pub const KILLED: Row = Row {
    number: 3,
    name: "agent killed",
    made: "`kill -9` at random moments while a till prints and the cloud confirms",
    holds: "nothing accepted is lost, no receipt counts twice, no sound one has a wrong value",
    mutant: "the write-ahead log is deleted after each kill",
    caught: ": accepted",
    quick: true,
    play: killed,
};

fn killed(stage: &Stage) -> Held {
    let (mut scene, line) = Scene::set(stage)?;
    let confirm = scene.confirm()?;
    let mut agent = scene.agent()?;
    let till = line.busy(Duration::from_millis(20));
    let mut rng = stage.rng();
    for _ in 0..stage.rounds {
        scene.accepts(scene.ledger.accepted("pos") + rng.u64(1..6))?;
        pass(Duration::from_micros(rng.u64(0..120_000)));
        agent = killed_once(&scene, agent)?;
    }
    let mut line = till.quiet()?;
    // Once more while only the disk knows what was accepted.
    scene.broker.kill()?;
    let before = scene.ledger.accepted("pos");
    line.print(5)?;
    scene.accepts(before + 5)?;
    agent = killed_once(&scene, agent)?;
    scene.broker.restart()?;
    line.print(2)?;
    let seen = scene.settle(agent, confirm, Losses::None)?;
    Ok(format!("{} kills: {seen}", stage.rounds + 1))
}

fn killed_once(scene: &Scene<'_>, agent: Process) -> Result<Process, Fail> {
    agent.kill()?;
    if scene.stage.is_mutant() {
        fs::remove_file(scene.data().join("outbox.db-wal"))?;
    }
    scene.agent()
}

pub const SECOND: Row = Row {
    number: 17,
    name: "second agent",
    made: "another `tillgate run` on the same folder while the first one accepts",
    holds: "the second ends with 75 and names the folder, the first goes on and loses nothing",
    mutant: "the second has a folder of its own",
    caught: "it ends by itself",
    quick: true,
    play: second,
};

fn second(stage: &Stage) -> Held {
    let (scene, mut line) = Scene::set(stage)?;
    let confirm = scene.confirm()?;
    let agent = scene.agent()?;
    line.print(2)?;
    scene.accepts(2)?;
    let data = if stage.is_mutant() { scene.folder().join("elsewhere") } else { scene.data() };
    let patience = scene.patience().min(limits::FAULT_STOP);
    let (code, log) = scene.start_without_devices(&data)?.end(patience)?;
    must(code == 75, || format!("the second agent ends with {code}"))?;
    let named = log.iter().any(|line| line.contains("another tillgate holds the database"));
    must(named, || format!("the second agent says only: {}", log.join(" / ")))?;
    line.print(2)?;
    scene.accepts(4)?;
    until("both are stored", scene.patience(), || {
        Ok((scene.verify()?.arrived("pos") >= 4).then_some(()))
    })?;
    scene.settle(agent, confirm, Losses::None)
}

/// A wrapper by which each sync takes so many microseconds longer.
fn disk_of(micros: u64) -> Result<Vec<String>, Fail> {
    let syncs = ["fdatasync", "fsync"];
    let delay = format!("fdatasync,fsync:delay_enter={micros}");
    if micros == 0 { Ok(Vec::new()) } else { tracer(&syncs, &delay) }
}

pub const STOPPED: Row = Row {
    number: 19,
    name: "stopped under load",
    made: "SIGTERM again and again while a till prints and the cloud confirms; in between with a disk that takes 0.5 to \
           1.3 s for each sync (`strace`)",
    holds: "the agent ends with 0, in 10 s at most, with the slow disk in 20 s, and nothing accepted is lost",
    mutant: "SIGKILL instead",
    caught: "ends with -9",
    quick: false,
    play: stopped,
};

fn stopped(stage: &Stage) -> Held {
    let (mut scene, line) = Scene::set(stage)?;
    let mut rng = stage.rng();
    let confirm = scene.confirm()?;
    let till = line.busy(Duration::from_millis(10));
    let signal = if stage.is_mutant() { Signal::KILL } else { Signal::TERM };
    let mut longest = Duration::ZERO;
    for round in 0..stage.rounds.div_ceil(2) {
        let slow = if round % 4 == 1 { rng.u64(500_000..1_300_000) } else { 0 };
        scene.settings.wrapper = disk_of(slow)?;
        let agent = scene.agent()?;
        scene.accepts(scene.ledger.accepted("pos") + 5)?;
        let start = Instant::now();
        agent.signal(signal);
        let most = if slow > 0 { limits::FAULT_STOP } else { limits::FAULT_STOP_AGENT };
        let (code, log) = agent.end(most)?;
        longest = longest.max(start.elapsed());
        let told = log.iter().rev().find(|line| line.contains("ERROR"));
        let last = told.cloned().unwrap_or_default();
        must(code == 0, || format!("it ends with {code} (a sync takes {slow} µs): {last}"))?;
    }
    let mut line = till.quiet()?;
    scene.settings.wrapper.clear();
    let agent = scene.agent()?;
    line.print(2)?;
    let seen = scene.settle(agent, confirm, Losses::None)?;
    Ok(format!(
        "{} stops, the longest {} ms: {seen}",
        stage.rounds.div_ceil(2),
        longest.as_millis()
    ))
}
