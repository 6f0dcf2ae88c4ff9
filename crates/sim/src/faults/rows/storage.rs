//! The disk does not obey.

use crate::faults::fail::{Held, must};
use crate::faults::judge::Losses;
use crate::faults::scene::Scene;
use crate::faults::tools::tracer;
use crate::faults::wait::pass;
use crate::faults::{Row, Stage};
use crate::limits;

pub const SYNC_FAILS: Row = Row {
    number: 4,
    name: "sync fails",
    made: "`strace` makes one fdatasync fail with EIO, and then all from the fortieth on",
    holds: "what was not synced is not called accepted; after one failure the agent goes on by itself, after many it \
            waits; started on a disk that works again it loses nothing",
    mutant: "the failing syncs report success and do nothing, as if the agent ignored their errors",
    caught: "the store refuses",
    quick: false,
    play: sync_fails,
};

fn sync_fails(stage: &Stage) -> Held {
    let (mut scene, mut line) = Scene::set(stage)?;
    let fault = if stage.is_mutant() { "retval=0" } else { "error=EIO" };
    scene.settings.wrapper = tracer(&["fdatasync"], &format!("fdatasync:{fault}:when=12"))?;
    let agent = scene.agent()?;
    for _ in 0..12 {
        line.print(1)?;
        scene.accepts(scene.ledger.accepted("pos") + 1)?;
    }
    agent.says("the store refuses", scene.patience())?;
    agent.says("the store accepts again", scene.patience())?;
    agent.kill()?;

    scene.settings.wrapper = tracer(&["fdatasync"], &format!("fdatasync:{fault}:when=12+"))?;
    let mut agent = scene.agent()?;
    let printed = || scene.printed.lock().map_or(0, |all| all.len());
    while agent.count("the store refuses") == 0 && printed() < 60 {
        line.print(1)?;
        pass(limits::FAULT_MOMENT);
    }
    agent.says("the store refuses", scene.patience())?;
    let before = scene.ledger.accepted("pos");
    line.print(5)?;
    pass(5 * limits::FAULT_MOMENT);
    let after = scene.ledger.accepted("pos");
    must(before == after, || format!("accepted {} records without a sync", after - before))?;
    let ended = agent.ended()?;
    must(ended.is_none_or(|code| code == 75), || format!("the agent ended with {ended:?}"))?;
    agent.kill()?;

    scene.settings.wrapper.clear();
    let confirm = scene.confirm()?;
    let agent = scene.agent()?;
    line.print(2)?;
    scene.accepts(before + 2)?;
    scene.settle(agent, confirm, Losses::None)
}
