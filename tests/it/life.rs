//! The built agent's start and end: what stops it before it runs, and what it says once.

use std::fs::OpenOptions;
use std::path::Path;

use rustix::fs::Mode;
use tempfile::TempDir;
use tillgate_sim::pty::{Pty, Sink as _};

use crate::support::agent::Agent;
use crate::support::mosquitto::{Broker, Subscriber};
use crate::support::{skipped, wait_for};

const SALE: &str = "RECEIPT # 1\nTEA   1.00\nTOTAL   1.00\nCASH   1.00\n\x0c";

fn configure(dir: &Path, broker: u16, more: &str) {
    let toml = format!(
        "[gateway]\nid = \"gw-l\"\ntenant = \"test\"\nstore_id = 7\ntimezone = \"UTC\"\ncurrency = \"EUR\"\n\
         data_dir = \"{}\"\n\n[mqtt]\nurl = \"mqtt://127.0.0.1:{broker}\"\n\n{more}",
        dir.join("data").display(),
    );
    std::fs::write(dir.join("tillgate.toml"), toml).unwrap();
}

#[tokio::test]
async fn a_stop_that_comes_while_the_database_opens_is_obeyed_in_order() {
    let dir = TempDir::new().unwrap();
    configure(dir.path(), 1, "");
    let data = dir.path().join("data");
    std::fs::create_dir(&data).unwrap();
    // A note that is read while the database opens, and holds that up until somebody writes it.
    let note = data.join("outbox.salvaging");
    rustix::fs::mknodat(
        rustix::fs::CWD,
        &note,
        rustix::fs::FileType::Fifo,
        Mode::RUSR | Mode::WUSR,
        0,
    )
    .unwrap();
    let mut agent = Agent::start(dir.path());
    wait_for("it opens", || data.join("outbox.db").exists().then_some(())).await;
    agent.terminate();
    let status = wait_for("it ends", || {
        let _written = OpenOptions::new().read(true).write(true).open(&note).unwrap();
        agent.ended()
    })
    .await;
    assert_eq!(status.code(), Some(0), "{status}");
    assert_eq!(agent.count("stopped: "), 1);
}

#[tokio::test]
async fn a_gateway_is_born_once_even_where_no_cloud_says_how_far_it_is() {
    let Some(broker) = Broker::start("allow_anonymous true").await else {
        return skipped("a_gateway_is_born_once", "no Mosquitto; try `make setup`");
    };
    let (dir, mut pty) = (TempDir::new().unwrap(), Pty::open().unwrap());
    let port = pty.path().display();
    let till =
        format!("[[serial]]\nname = \"till-1\"\nport = \"{port}\"\ndialect = \"text-generic\"\n");
    configure(dir.path(), broker.port, &till);
    let subscriber = Subscriber::start(&broker, "tillgate/v1/#", "%t").await;
    let agent = Agent::start(dir.path());
    agent.says("answers").await;
    pty.write_all(SALE.as_bytes()).await.unwrap();
    let count = |end: &str| subscriber.lines().iter().filter(|topic| topic.ends_with(end)).count();
    wait_for("the receipt arrives", || (0 < count("/evt/pos")).then_some(())).await;
    assert_eq!(count("/state"), 1);
    assert_eq!(agent.stop(), Some(0));
}
