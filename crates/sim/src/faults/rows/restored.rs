//! The agent's folder goes back in time: whole, sound, and wrong about which numbers were given out.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::faults::fail::{Fail, Held};
use crate::faults::judge::Losses;
use crate::faults::scene::{BASE, Scene};
use crate::faults::wait::{pass, until};
use crate::faults::{Row, Stage};
use crate::limits;

pub const RESTORED: Row = Row {
    number: 22,
    name: "folder put back or wiped",
    made: "the agent stops, its folder is put back as it was some receipts ago, or wiped with the mark, and it goes on",
    holds: "the agent hears from the cloud that more was given out, begins an epoch, and every receipt is stored once",
    mutant: "what is retained on `…/ack` is cleared meanwhile, and nobody tells the agent before it has gone past the old \
             numbers",
    caught: "every receipt is stored",
    quick: true,
    play: restored,
};

fn restored(stage: &Stage) -> Held {
    let put_back = gone_back(stage, |copy, data| {
        fs::remove_dir_all(data)?;
        copy_folder(copy, data)
    })?;
    let wiped = gone_back(stage, |_, data| Ok(fs::remove_dir_all(data)?))?;
    Ok(format!("put back: {put_back}; wiped: {wiped}"))
}

/// Plays it; the mutant also serves where nothing else can be shown.
pub fn gone_back(stage: &Stage, go_back: fn(&Path, &Path) -> Result<(), Fail>) -> Held {
    let (scene, mut line) = Scene::set(stage)?;
    let confirm = scene.confirm()?;
    let agent = scene.agent()?;
    line.print(4)?;
    scene.accepts(4)?;
    stored(&scene)?;
    agent.stop()?;
    let copy = scene.folder().join("copy");
    copy_folder(&scene.data(), &copy)?;
    let agent = scene.agent()?;
    line.print(6)?;
    scene.accepts(10)?;
    stored(&scene)?;
    agent.stop()?;
    go_back(&copy, &scene.data())?;
    let confirm = if stage.is_mutant() {
        confirm.stop()?;
        scene.broker.publish_retained(&format!("{BASE}/ack"), "")?;
        None
    } else {
        Some(confirm)
    };
    let agent = scene.agent()?;
    let (after, all) = if stage.is_mutant() { (12, 22) } else { (3, 13) };
    line.print(after)?;
    scene.accepts(all)?;
    let confirm = if let Some(confirm) = confirm {
        confirm
    } else {
        agent.says("connected to the broker", stage.patience())?;
        // It waits in vain for a word, and sends; only then somebody listens.
        pass(limits::FAULT_UNASKED);
        scene.confirm()?
    };
    stored(&scene)?;
    scene.settle(agent, confirm, Losses::Told)
}

/// Waits until every receipt that was printed is stored.
fn stored(scene: &Scene<'_>) -> Result<(), Fail> {
    let all = || Ok(scene.has_sound(&scene.numbers())?.then_some(()));
    until("every receipt is stored", scene.patience(), all)
}

fn copy_folder(from: &Path, to: &Path) -> Result<(), Fail> {
    let done = Command::new("cp").arg("-a").args([from, to]).status()?;
    if done.success() { Ok(()) } else { Err(Fail::Trouble("cp failed".to_owned())) }
}
