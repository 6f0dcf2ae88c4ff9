//! The wire to the broker, and who listens behind it.

use std::time::{Duration, Instant};

use rustix::process::Signal;

use crate::faults::fail::{Held, must};
use crate::faults::judge::Losses;
use crate::faults::proxy::{Proxy, Wire};
use crate::faults::scene::Scene;
use crate::faults::wait::{pass, until};
use crate::faults::{Row, Stage};
use crate::limits;

/// What the agent says of each connection.
const CONNECTED: &str = "connected to the broker";

pub const PARTITION: Row = Row {
    number: 11,
    name: "wire cut",
    made: "a proxy before Mosquitto swallows everything while connections stand, then breaks them every 100 ms for ten \
           seconds, then lets 64 kbit/s through, while a till prints; long partitions are `make sim`'s",
    holds: "the half-open connection is given up, no more than a connection a second is tried, nothing accepted is lost",
    mutant: "a keep-alive of five minutes",
    caught: "no longer answers",
    quick: false,
    play: partition,
};

fn partition(stage: &Stage) -> Held {
    let (mut scene, mut line) = Scene::set(stage)?;
    let proxy = Proxy::start(scene.broker.port())?;
    scene.settings.url = Some(format!("mqtt://127.0.0.1:{}", proxy.port()));
    let keep_alive = if stage.is_mutant() { 300 } else { 5 };
    scene.settings.mqtt = format!("keep_alive_s = {keep_alive}\n");
    let confirm = scene.confirm()?;
    let agent = scene.agent()?;
    agent.says(CONNECTED, limits::FAULT_STOP)?;
    proxy.set(Wire::Swallows);
    line.print(5)?;
    scene.accepts(5)?;
    agent.says("no longer answers", scene.patience())?;
    proxy.set(Wire::Whole);
    let connections = agent.count(CONNECTED);
    let again = || Ok((agent.count(CONNECTED) > connections).then_some(()));
    until("the agent is connected again", scene.patience(), again)?;

    let (before, start) = (proxy.attempts(), Instant::now());
    for nth in 0..100 {
        proxy.set(if nth % 2 == 0 { Wire::Cut } else { Wire::Whole });
        pass(Duration::from_millis(100));
        if nth % 20 == 0 {
            line.print(1)?;
        }
    }
    let (tried, most) = (proxy.attempts() - before, start.elapsed().as_secs() as usize + 3);
    must(tried <= most, || format!("{tried} connections were tried, not {most}"))?;

    proxy.set(Wire::Thin);
    line.print(20)?;
    scene.accepts(30)?;
    let seen = scene.settle(agent, confirm, Losses::None)?;
    Ok(format!("{tried} connections tried in 10 s of flapping: {seen}"))
}

pub const SLOW_CONSUMER: Row = Row {
    number: 13,
    name: "slow consumer",
    made: "the subscriber is stopped (SIGSTOP) for half a minute while a till prints all the time and the broker \
           acknowledges; then the broker is killed, and the subscriber goes on",
    holds: "the agent's memory stays below 64 MiB, what is printed meanwhile is accepted, and nothing is lost",
    mutant: "`confirm = \"broker\"`: a PUBACK frees the row",
    caught: ": accepted",
    quick: false,
    play: slow_consumer,
};

fn slow_consumer(stage: &Stage) -> Held {
    let (mut scene, line) = Scene::set(stage)?;
    if stage.is_mutant() {
        scene.settings.confirm = "broker";
    }
    let confirm = scene.confirm()?;
    let agent = scene.agent()?;
    let till = line.busy(Duration::from_millis(20));
    scene.accepts(20)?;
    confirm.signal(Signal::STOP);
    let before = scene.ledger.accepted("pos");
    let mut largest = 0;
    for _ in 0..30 {
        pass(Duration::from_secs(1));
        largest = largest.max(agent.resident_mib()?);
    }
    let line = till.quiet()?;
    drop(line);
    let behind = scene.ledger.accepted("pos") - before;
    must(behind > 0, || "nothing was accepted meanwhile".to_owned())?;
    must(largest < 64, || format!("the agent took {largest} MiB"))?;
    scene.broker.kill()?;
    scene.broker.restart()?;
    confirm.signal(Signal::CONT);
    scene.flows()?;
    let seen = scene.settle(agent, confirm, Losses::None)?;
    Ok(format!("{behind} records behind, {largest} MiB at most: {seen}"))
}
