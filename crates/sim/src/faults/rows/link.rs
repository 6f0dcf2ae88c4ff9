//! The broker refuses or lies; a port goes away.

use std::fs;
use std::time::Duration;

use crate::faults::fail::{Held, must};
use crate::faults::judge::Losses;
use crate::faults::liar::Liar;
use crate::faults::scene::{BASE, Scene};
use crate::faults::till::Line;
use crate::faults::wait::{pass, until};
use crate::faults::{Row, Stage};
use crate::limits;

pub const REFUSED: Row = Row {
    number: 10,
    name: "broker refuses or lies",
    made: "Mosquitto's access list forbids the till's topic, then nobody has subscribed, then another broker acknowledges \
           everything and passes nothing on",
    holds: "nothing is freed, the refusal is told, and once it is allowed everything arrives without a restart",
    mutant: "`confirm = \"broker\"`: the liar's acknowledgement frees the rows",
    caught: "were freed",
    quick: false,
    play: refused,
};

fn refused(stage: &Stage) -> Held {
    let lists = tempfile::tempdir()?;
    let list = lists.path().join("acl");
    let others = "topic read #\ntopic write tillgate/v1/+/+/+/ack\n";
    let rules = format!("{others}topic write {BASE}/state\ntopic write {BASE}/evt/ops\n");
    fs::write(&list, rules)?;
    let config = format!("allow_anonymous true\nacl_file {}", list.display());
    let (mut scene, mut line) = Scene::with_broker(stage, &config)?;
    let agent = scene.agent()?;
    line.print(3)?;
    scene.accepts(3)?;
    agent.says("not delivered", scene.patience())?;
    agent.says("class=\"pos\" reason=135", scene.patience())?;
    agent.stop()?;
    keeps(&scene, 3)?;

    let liar = Liar::start()?;
    scene.settings.url = Some(format!("mqtt://127.0.0.1:{}", liar.port()));
    if stage.is_mutant() {
        scene.settings.confirm = "broker";
    }
    let agent = scene.agent()?;
    line.print(2)?;
    scene.accepts(5)?;
    agent.says("connected to the broker", scene.patience())?;
    pass(5 * limits::FAULT_MOMENT);
    agent.stop()?;
    keeps(&scene, 5)?;

    scene.settings.url = None;
    let confirm = scene.confirm()?;
    let agent = scene.agent()?;
    agent.says("reason=135", scene.patience())?;
    fs::write(&list, format!("{others}topic write {BASE}/#\n"))?;
    scene.broker.reload();
    scene.settle(agent, confirm, Losses::None)
}

/// So many records of the till, at least, are still in the outbox.
fn keeps(scene: &Scene<'_>, records: u64) -> Result<(), crate::faults::Fail> {
    let waiting = scene.waiting()?;
    must(waiting >= records, || format!("{} of {records} records were freed", records - waiting))
}

pub const UNPLUGGED: Row = Row {
    number: 16,
    name: "till unplugged",
    made: "a till's port vanishes while it prints and comes back later; another till prints all the time",
    holds: "the other till loses nothing meanwhile, the first is read again by itself, and both times are told",
    mutant: "it comes back under another name",
    caught: "records of the till are accepted",
    quick: true,
    play: unplugged,
};

fn unplugged(stage: &Stage) -> Held {
    let (mut scene, mut other) = Scene::set(stage)?;
    let link = scene.folder().join("tty-link");
    let mut till = Line::beside(&other, "till-2", stage.seed ^ 1)?;
    std::os::unix::fs::symlink(till.path(), &link)?;
    scene.settings.tables = format!(
        "[[serial]]\nname = \"till-2\"\nport = \"{}\"\nbaud = 115200\ndialect = \"escpos-generic\"\n",
        link.display()
    );
    let confirm = scene.confirm()?;
    let agent = scene.agent()?;
    let both = || Ok((agent.count("answers") >= 2).then_some(()));
    until("both tills answer", scene.patience(), both)?;
    till.print(2)?;
    scene.accepts(2)?;
    fs::remove_file(&link)?;
    till.replug()?;
    agent.says("does not answer", scene.patience())?;
    other.print(3)?;
    scene.accepts(5)?;
    let name = if stage.is_mutant() { scene.folder().join("tty-other") } else { link };
    std::os::unix::fs::symlink(till.path(), name)?;
    till.print(2)?;
    scene.accepts(7)?;
    let told = agent.count("answers");
    must(told >= 3, || "that it answers again is not told".to_owned())?;
    scene.settle(agent, confirm, Losses::None)
}

pub const OFFLINE: Row = Row {
    number: 9,
    name: "subscriber offline",
    made: "the subscriber is away while 300 receipts of 40 articles are printed at once (JSON, an event a message: \
           several thousand of a row), and Mosquitto's queue takes 1000; it acknowledges and drops the rest",
    holds: "nothing is lost once the subscriber is back",
    mutant: "`confirm = \"broker\"`: a PUBACK frees the row",
    caught: "pos: accepted",
    quick: false,
    play: offline,
};

fn offline(stage: &Stage) -> Held {
    let (mut scene, mut line) = Scene::set(stage)?;
    scene.settings.encoding = "json";
    if stage.is_mutant() {
        scene.settings.confirm = "broker";
    }
    // Its session stays with the broker.
    scene.confirm()?.stop()?;
    let agent = scene.agent()?;
    let receipts = 300;
    line.print_large(receipts, 40)?;
    until("the receipts are read", limits::FAULT_PATIENCE, || {
        Ok((scene.ledger.accepted("pos") >= receipts as u64).then_some(()))
    })?;
    pass(Duration::from_secs(3));
    let confirm = scene.confirm()?;
    scene.flows()?;
    let seen = scene.settle(agent, confirm, Losses::None)?;
    Ok(format!("{receipts} receipts: {seen}"))
}
