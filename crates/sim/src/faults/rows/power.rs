//! The power goes, the disk is full.

use std::fs;
use std::time::Duration;

use crate::faults::disk::Disk;
use crate::faults::fail::{Fail, Held, must};
use crate::faults::judge::Losses;
use crate::faults::scene::Scene;
use crate::faults::tools::tracer;
use crate::faults::wait::{pass, until};
use crate::faults::{Row, Stage};
use crate::limits;

pub const POWER_CUT: Row = Row {
    number: 1,
    name: "power cut",
    made: "an ext4 of its own is shut down without flushing its journal at random moments while a till prints and only \
           the disk knows what was accepted; the agent is killed, the disk mounted again",
    holds: "nothing accepted is lost, the database opens, the next record is accepted",
    mutant: "a disk whose syncs do nothing (fdatasync returns success at once)",
    caught: ": accepted",
    quick: false,
    play: power_cut,
};

fn power_cut(stage: &Stage) -> Held {
    let (mut scene, line) = Scene::set(stage)?;
    let disk = Disk::ext4(scene.folder(), 48)?;
    scene.settings.data = Some(disk.path().join("data"));
    if stage.is_mutant() {
        scene.settings.wrapper = tracer(&["fdatasync"], "fdatasync:retval=0")?;
    }
    scene.broker.kill()?;
    let mut rng = stage.rng();
    let till = line.busy(Duration::from_millis(5));
    for _ in 0..stage.rounds {
        let agent = scene.agent()?;
        scene.accepts(scene.ledger.accepted("pos") + rng.u64(1..20))?;
        pass(Duration::from_micros(rng.u64(0..150_000)));
        disk.cut()?;
        agent.kill()?;
        disk.power_on()?;
    }
    let mut line = till.quiet()?;
    scene.settings.wrapper.clear();
    scene.broker.restart()?;
    let confirm = scene.confirm()?;
    let agent = scene.agent()?;
    line.print(2)?;
    let seen = scene.settle(agent, confirm, Losses::None)?;
    Ok(format!("{} cuts: {seen}", stage.rounds))
}

pub const DISK_FULL: Row = Row {
    number: 6,
    name: "disk filled by a neighbour",
    made: "another file takes the last byte of the agent's tmpfs, also across a restart, and is removed later",
    holds: "the agent neither ends nor calls anything accepted that is not; on the full disk it still frees what the \
            cloud has, and accepts again; with room it goes on within 10 s; nothing accepted is lost",
    mutant: "no ballast: the file kept back for a full disk is gone before the disk fills",
    caught: "accepts again",
    quick: false,
    play: disk_full,
};

fn disk_full(stage: &Stage) -> Held {
    let (mut scene, mut line) = Scene::set(stage)?;
    let disk = Disk::in_memory(scene.folder(), 6)?;
    scene.settings.data = Some(disk.path().join("data"));
    scene.broker.kill()?;
    let mut agent = scene.agent()?;
    line.print(10)?;
    scene.accepts(10)?;
    if stage.is_mutant() {
        fs::remove_file(scene.data().join("ballast"))?;
    }
    disk.fill()?;
    // Until not even the ballast's room is left.
    until("the disk is full for the agent too", limits::FAULT_PATIENCE, || {
        line.print(20)?;
        Ok((agent.count("the store refuses") > 0).then_some(()))
    })?;
    must(agent.ended()?.is_none(), || "the agent ended on a full disk".to_owned())?;
    scene.broker.restart()?;
    let confirm = scene.confirm()?;
    agent
        .says("the store accepts again", scene.patience())
        .map_err(|fail| Fail::Broken(format!("never accepts again on the full disk: {fail}")))?;
    must(agent.ended()?.is_none(), || "the agent ended on a full disk".to_owned())?;
    agent.stop()?;
    let agent = scene.agent()?;
    disk.relieve()?;
    let before = scene.ledger.accepted("pos");
    line.print(3)?;
    until("it accepts with room", Duration::from_secs(10), || {
        Ok((scene.ledger.accepted("pos") >= before + 3).then_some(()))
    })?;
    scene.settle(agent, confirm, Losses::None)
}
