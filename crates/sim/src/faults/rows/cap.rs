//! The buffer may not grow any more.

use crate::faults::disk::Disk;
use crate::faults::fail::{Held, must};
use crate::faults::judge::Losses;
use crate::faults::scene::Scene;
use crate::faults::till::Line;
use crate::faults::{Row, Stage};

pub const CAP: Row = Row {
    number: 5,
    name: "buffer full",
    made: "the broker is away, and the agent's tmpfs has 7 MiB, less than it leaves to others, so that its file may not grow \
           (`max_bytes`, 16 MiB at least, goes the same way); a till prints receipts, another one pages that nobody \
           understands",
    holds: "the pages give way and not one receipt, what gave way is told by its numbers, and nothing else is lost",
    mutant: "a disk with room",
    caught: "nothing gave way",
    quick: false,
    play: full,
};

/// Pages, and characters of each.
const PAGES: usize = 300;
const CHARACTERS: usize = 1800;

fn full(stage: &Stage) -> Held {
    let (mut scene, mut till) = Scene::set(stage)?;
    let disk = Disk::in_memory(scene.folder(), if stage.is_mutant() { 64 } else { 7 })?;
    scene.settings.data = Some(disk.path().join("data"));
    let mut other = Line::beside(&till, "till-2", stage.seed ^ 1)?;
    scene.settings.tables = format!(
        "[[serial]]\nname = \"till-2\"\nport = \"{}\"\nbaud = 115200\ndialect = \"escpos-generic\"\n",
        other.path()
    );
    scene.broker.kill()?;
    let agent = scene.agent()?;
    let mut rng = stage.rng();
    for nth in 1..=PAGES {
        let text: String =
            (0..CHARACTERS).map(|at| if at % 40 == 39 { '\n' } else { rng.alphabetic() }).collect();
        other.write(format!("\x1b@{text}\n\x1dV\x00").as_bytes())?;
        if nth.is_multiple_of(5) {
            till.print(1)?;
        }
    }
    scene.accepts((PAGES / 5) as u64)?;
    scene.broker.restart()?;
    let confirm = scene.confirm()?;
    let seen = scene.settle(agent, confirm, Losses::Told)?;
    let report = scene.verify()?;
    let (arrived, accepted) = (report.arrived("pos"), scene.ledger.accepted("pos"));
    must(arrived >= accepted, || format!("of {accepted} receipts only {arrived} arrived"))?;
    must(report.sum.evicted > 0, || "nothing gave way".to_owned())?;
    Ok(seen)
}
