//! Doors of the built agent, which is killed in between: what was counted and what was told agree, nobody is lost that
//! a cumulative counter counted, and nobody is told twice.

use std::path::Path;

use tempfile::TempDir;
use tillgate::store::Store;
use tillgate_events::{Body, UtcMs};
use tillgate_sim::pty::{Pty, Sink as _};

use crate::support::agent::{Agent, accepted};
use crate::support::wait_for;

/// What the database says after the agent ended.
#[derive(Debug, Default, PartialEq, Eq)]
struct Said {
    entered: u64,
    exited: u64,
    /// What the last crossing says of the people inside.
    inside: Option<u32>,
    opened: usize,
}

fn told(data: &Path) -> Said {
    let mut said = Said::default();
    for record in accepted(data) {
        match record.body {
            Body::CustomerEntered(it) => {
                said.entered += u64::from(it.customer_count);
                said.inside = it.occupancy;
            }
            Body::CustomerExited(it) => {
                said.exited += u64::from(it.customer_count);
                said.inside = it.occupancy;
            }
            Body::StoreOpened => said.opened += 1,
            _ => {}
        }
    }
    said
}

/// The running totals of the door, and how many are inside.
fn counted(data: &Path) -> Said {
    let (store, _) = Store::open(data, 64 * 1024 * 1024, UtcMs(0)).unwrap();
    let mut said = Said { inside: Some(0), ..Said::default() };
    for total in store.totals().unwrap() {
        let value = u64::try_from(total.value).unwrap();
        match (total.source.as_str(), total.what.as_str()) {
            ("main", "entered") => said.entered = value,
            ("main", "exited") => said.exited = value,
            ("", "inside") => said.inside = u32::try_from(value).ok(),
            ("", "open") => said.opened = 1,
            _ => {}
        }
    }
    said
}

fn configure(dir: &Path, port: &Path, door: &str) {
    let toml = format!(
        "[gateway]\nid = \"gw-d\"\ntenant = \"test\"\nstore_id = 7\ntimezone = \"UTC\"\ncurrency = \"EUR\"\n\
         occupancy = true\ndata_dir = \"{}\"\n\n[mqtt]\nurl = \"mqtt://127.0.0.1:1\"\n\n\
         [hours]\nopened_by = \"activity\"\n\n\
         [[door]]\nname = \"main\"\nzone = \"ENTRANCE\"\nkind = \"serial-counter\"\nport = \"{}\"\n{door}\n",
        dir.join("data").display(),
        port.display(),
    );
    std::fs::write(dir.join("tillgate.toml"), toml).unwrap();
}

/// Runs the agent again and again while a counter counts on, and kills it in between.
async fn check(door: &str, kills: u64) {
    let (dir, mut pty) = (TempDir::new().unwrap(), Pty::open().unwrap());
    configure(dir.path(), pty.path(), door);
    let data = dir.path().join("data");
    let (mut entered, mut exited) = (65_500_u64, 16_777_200_u64);
    let mut say = async |entered: u64, exited: u64| {
        // Of sixteen and of twenty-four bits: both begin again in between.
        let line = format!("IN={} OUT={}\r\n", entered % (1 << 16), exited % (1 << 24));
        pty.write_all(line.as_bytes()).await.unwrap();
    };
    let mut agent = Agent::start(dir.path());
    agent.says("running").await;
    say(entered, exited).await;
    for nth in 0..kills {
        for more in 0..5 {
            (entered, exited) = (entered + 2 + nth, exited + more % 2);
            say(entered, exited).await;
        }
        wait_for("somebody is told", || (agent.accepted("visit") > 0).then_some(())).await;
        (entered, exited) = (entered + 7, exited + 3);
        say(entered, exited).await;
        agent.kill();
        let (told, counted) = (told(&data), counted(&data));
        assert_eq!(told, counted, "after kill {nth}");
        // Somebody passes while nobody listens; the next line tells.
        (entered, exited) = (entered + 1, exited + 1);
        agent = Agent::start(dir.path());
        agent.says("running").await;
        say(entered, exited).await;
    }
    wait_for("somebody is told", || (agent.accepted("visit") > 0).then_some(())).await;
    assert_eq!(agent.stop(), Some(0));
    let (told, counted) = (told(&data), counted(&data));
    assert_eq!(told, counted);
    let truth = (entered - 65_500, exited - 16_777_200);
    assert_eq!(((told.entered, told.exited), told.opened), (truth, 1));
    assert_eq!(told.inside.map(u64::from), Some(truth.0 - truth.1));
}

#[tokio::test]
async fn after_every_kill_totals_and_events_agree_and_nobody_is_lost() {
    check("", 4).await;
}

#[tokio::test]
async fn a_window_that_a_kill_cut_short_is_told_by_the_next() {
    check("window_s = 10", 1).await;
}
