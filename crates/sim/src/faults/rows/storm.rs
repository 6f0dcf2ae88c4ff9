//! A crowd of beacons.

use std::time::Instant;

use crate::faults::fail::{Held, must};
use crate::faults::judge::Losses;
use crate::faults::scene::Scene;
use crate::faults::till::Line;
use crate::faults::wait::until;
use crate::faults::{Row, Stage};
use crate::store::{Device as _, Receiver};

pub const STORM: Row = Row {
    number: 15,
    name: "beacon storm",
    made: "a serial receiver tells 5000 advertisements a second for 10 s, or as many as are read, nearly all of addresses \
           that never come again, while a till prints",
    holds: "the agent's memory stays below 64 MiB, the till's receipts are accepted meanwhile, and nothing is lost",
    mutant: "the storm is on the till's line",
    caught: "are accepted",
    quick: false,
    play: storm,
};

/// Advertisements in one piece of the storm, and pieces.
const PIECE: usize = 100;
const PIECES: usize = 500;

fn storm(stage: &Stage) -> Held {
    let (mut scene, mut till) = Scene::set(stage)?;
    let mut air = Line::beside(&till, "air", stage.seed ^ 1)?;
    scene.settings.tables = format!(
        "[[receiver]]\nname = \"air\"\nkind = \"serial\"\nzone = \"GROCERY\"\nport = \"{}\"\nbaud = 921600\n",
        air.path()
    );
    let confirm = scene.confirm()?;
    let agent = scene.agent()?;
    let both = || Ok((agent.count("answers") >= 2).then_some(()));
    until("both ports answer", scene.patience(), both)?;
    let mut crowd = Receiver::new("air", 0, 4, 7, stage.seed);
    let (start, mut largest) = (Instant::now(), 0);
    for nth in 0..PIECES {
        let say = |_| crowd.next(start.elapsed()).bytes;
        let bytes: Vec<u8> = (0..PIECE).flat_map(say).collect();
        let line = if stage.is_mutant() { &mut till } else { &mut air };
        line.write(&bytes)?;
        if nth % 25 == 0 {
            till.print(1)?;
            largest = largest.max(agent.resident_mib()?);
        }
    }
    let (seconds, printed) = (start.elapsed().as_secs().max(1), PIECES.div_ceil(25) as u64);
    scene.accepts(printed)?;
    must(largest < 64, || format!("the agent took {largest} MiB"))?;
    let seen = scene.settle(agent, confirm, Losses::None)?;
    let rate = (PIECE * PIECES) as u64 / seconds;
    Ok(format!("{rate} advertisements a second, {largest} MiB at most: {seen}"))
}
