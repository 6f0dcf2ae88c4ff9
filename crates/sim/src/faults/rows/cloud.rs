//! The broker and the subscriber are killed.

use std::time::Duration;

use crate::faults::fail::{Held, must};
use crate::faults::judge::Losses;
use crate::faults::scene::{BASE, Scene};
use crate::faults::wait::{pass, until};
use crate::faults::{Row, Stage};
use crate::limits;

/// What the agent says of each connection.
const CONNECTED: &str = "connected to the broker";

pub const BROKER_KILLED: Row = Row {
    number: 8,
    name: "broker killed",
    made: "`kill -9` of Mosquitto with its default persistence (none for 30 minutes) while the subscriber is away and \
           its session holds what was acknowledged",
    holds: "nothing accepted is lost: a PUBACK frees no row, only the watermark does",
    mutant: "`confirm = \"broker\"`: a PUBACK frees the row",
    caught: ": accepted",
    quick: false,
    play: broker_killed,
};

fn broker_killed(stage: &Stage) -> Held {
    let (mut scene, mut line) = Scene::set(stage)?;
    if stage.is_mutant() {
        scene.settings.confirm = "broker";
    }
    let mut confirm = scene.confirm()?;
    let agent = scene.agent()?;
    let rounds = stage.rounds.div_ceil(8);
    for _ in 0..rounds {
        let (before, arrived) = (scene.ledger.accepted("pos"), scene.verify()?.arrived("pos"));
        line.print(2)?;
        scene.accepts(before + 2)?;
        let stored = || Ok((scene.verify()?.arrived("pos") > arrived).then_some(()));
        until("the link works", limits::FAULT_PATIENCE, stored)?;
        confirm.stop()?;
        line.print(5)?;
        scene.accepts(before + 7)?;
        // Until the broker has acknowledged them.
        pass(2 * limits::FAULT_MOMENT);
        scene.broker.kill()?;
        scene.broker.restart()?;
        confirm = scene.confirm()?;
    }
    let seen = scene.settle(agent, confirm, Losses::None)?;
    Ok(format!("{rounds} kills: {seen}"))
}

pub const SUBSCRIBER_KILLED: Row = Row {
    number: 21,
    name: "subscriber killed",
    made: "`kill -9` of `tillgate confirm` at random moments between storing and telling its watermark, at last together \
           with the broker",
    holds: "each record is stored once after dedupe, nothing is lost, the watermark never goes back",
    mutant: "somebody tells the watermark before anything is stored",
    caught: ": accepted",
    quick: false,
    play: subscriber_killed,
};

fn subscriber_killed(stage: &Stage) -> Held {
    let (mut scene, mut line) = Scene::set(stage)?;
    let watcher = scene.broker.subscribe(&format!("{BASE}/ack"))?;
    let mut confirm = scene.confirm()?;
    let agent = scene.agent()?;
    let mut rng = stage.rng();
    for _ in 0..stage.rounds {
        line.print(rng.usize(1..4))?;
        pass(Duration::from_micros(rng.u64(0..300_000)));
        confirm.kill()?;
        confirm = scene.confirm()?;
    }
    let printed = scene.printed.lock().map_or(0, |all| all.len()) as u64;
    scene.accepts(printed)?;
    confirm.kill()?;
    line.print(3)?;
    scene.accepts(printed + 3)?;
    // The broker acknowledges them, and then forgets them.
    pass(2 * limits::FAULT_MOMENT);
    let connections = agent.count(CONNECTED);
    scene.broker.kill()?;
    scene.broker.restart()?;
    if stage.is_mutant() {
        let all = scene.ledger.accepted("pos");
        let mark = format!("{{\"pos\": {{\"epoch\": 1, \"sequence\": {all}}}}}");
        scene.broker.publish_retained(&format!("{BASE}/ack"), &mark)?;
        let again = || Ok((agent.count(CONNECTED) > connections).then_some(()));
        until("the agent is connected again", scene.patience(), again)?;
        pass(4 * limits::FAULT_MOMENT);
    }
    let confirm = scene.confirm()?;
    let seen = scene.settle(agent, confirm, Losses::None)?;
    let marks = watcher.log();
    let sequence = |line: &String| -> Option<u64> {
        let mark: serde_json::Value = serde_json::from_str(line.split_once(' ')?.1).ok()?;
        mark.get("pos")?.get("sequence")?.as_u64()
    };
    let told: Vec<u64> = marks.iter().filter_map(sequence).collect();
    must(told.is_sorted(), || format!("the watermark went back: {told:?}"))?;
    Ok(format!("{} kills, {} watermarks: {seen}", stage.rounds + 1, told.len()))
}
