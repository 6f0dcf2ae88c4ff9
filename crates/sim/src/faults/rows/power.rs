//! The power goes, the disk is full.

use std::time::Duration;

use crate::faults::disk::Disk;
use crate::faults::fail::{Fail, Held, must};
use crate::faults::judge::Losses;
use crate::faults::process::Process;
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
            cloud has; with room it goes on within 10 s; every receipt arrives, and what gave way to them is told",
    mutant: "a few rows always fit into the log that is there, so no change from outside shows it; \
             `on_a_full_disk_new_rows_do_not_take_the_room_that_freeing_needs` failed before the ballast was kept for \
             freeing alone",
    caught: "",
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
    disk.fill()?;
    // Until not even the ballast's room is left.
    until("the disk is full for the agent too", limits::FAULT_PATIENCE, || {
        line.print(10)?;
        Ok((agent.count("the store refuses") > 0).then_some(()))
    })?;
    // And takes what the agent gave back meanwhile.
    disk.fill()?;
    must(agent.ended()?.is_none(), || "the agent ended on a full disk".to_owned())?;
    scene.broker.restart()?;
    let confirm = scene.confirm()?;
    until("all that was accepted is stored", limits::FAULT_STOP, || {
        let report = scene.verify()?;
        Ok((report.arrived("pos") >= scene.ledger.accepted("pos")).then_some(()))
    })?;
    let agent = freed(&scene, agent)?;
    disk.relieve()?;
    let before = scene.ledger.accepted("pos");
    line.print(3)?;
    until("it accepts with room", Duration::from_secs(10), || {
        Ok((scene.ledger.accepted("pos") >= before + 3).then_some(()))
    })?;
    scene.settle(agent, confirm, Losses::Told)
}

/// Waits on the full disk until nothing waits that the cloud has. The agent is killed for each look: its watermark is
/// retained, and what it has not accepted it has not promised.
fn freed(scene: &Scene<'_>, mut agent: Process) -> Result<Process, Fail> {
    let mut waiting = 0;
    for _ in 0..limits::FAULT_DRAINS {
        pass(5 * limits::FAULT_MOMENT);
        must(agent.ended()?.is_none(), || "the agent ended on a full disk".to_owned())?;
        agent.kill()?;
        waiting = scene.waiting()?;
        agent = scene.agent()?;
        if waiting == 0 {
            return Ok(agent);
        }
        agent.says("connected to the broker", limits::FAULT_STOP)?;
    }
    Err(Fail::Broken(format!("{waiting} records that the cloud has fill the full disk")))
}
