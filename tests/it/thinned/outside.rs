//! The built agent at its cap, killed with `kill -9`; a real broker and `confirm` as built: people that arrived and
//! people told as lost are all that went through the door.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;
use tillgate::ledger::{Kind, MAGIC, read};
use tillgate::store::{NewRow, Store};
use tillgate_events::{Body, Class, Record, Unknown, UtcMs, decode};

use super::{batch, count};
use crate::confirm::verify;
use crate::devices::cable;
use crate::support::agent::Agent;
use crate::support::mosquitto::Broker;
use crate::support::{skipped, wait_for};

/// The smallest cap that the configuration allows.
const MAX_BYTES: u64 = 16 * 1024 * 1024;
const PEOPLE: u64 = 400;

/// Fills the outbox with what is worth more, to a little below the cap.
fn fill(data: &Path) {
    let mut random = fastrand::Rng::with_seed(7);
    // A log counts, and is gone after a start: so until nothing more goes in after one.
    for (left, records) in [(100, 40), (12, 1)] {
        while 0 < fill_once(data, (left * 1024, records), &mut random) {}
    }
}

/// Commits batches of so many records until `left` bytes are free, and says how many.
fn fill_once(data: &Path, (left, records): (u64, u32), random: &mut fastrand::Rng) -> usize {
    let (mut store, _) = Store::open(data, MAX_BYTES, UtcMs(0)).unwrap();
    let mut batches = 0;
    while store.vitals().unwrap().used_bytes + left < MAX_BYTES {
        let mut page = || {
            let text: String = (0..1500).map(|_| random.alphanumeric()).collect();
            let body = Body::Unknown(Unknown { kind: "unparsed_document".to_owned(), text });
            Record { at: UtcMs(1), source: "till-1".to_owned(), body }
        };
        let page: Vec<Record> = (0..records).map(|_| page()).collect();
        let (class, first_sequence) = (Class::Pos, store.next_sequence(Class::Pos));
        let payload = batch(class, store.epoch(), first_sequence, page);
        store.commit(&[NewRow { class, first_sequence, count: records, payload }], &[]).unwrap();
        batches += 1;
    }
    batches
}

fn configure(dir: &Path, broker: u16, door: &str) {
    let toml = format!(
        "[gateway]\nid = \"gw\"\ntenant = \"acme\"\nstore_id = 7\ntimezone = \"UTC\"\ncurrency = \"EUR\"\n\
         data_dir = \"{}\"\n\n[mqtt]\nurl = \"mqtt://127.0.0.1:{broker}\"\n\n[buffer]\nmax_bytes = \"16MiB\"\n\n\
         [[door]]\nname = \"main\"\nzone = \"ENTRANCE\"\nkind = \"serial-counter\"\nport = \"{door}\"\n",
        dir.join("data").display(),
    );
    fs::write(dir.join("tillgate.toml"), toml).unwrap();
}

struct Confirm(Child);

impl Drop for Confirm {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// People of the records that are stored.
fn people(cloud: &Path) -> u64 {
    let mut people = 0;
    for file in fs::read_dir(cloud).unwrap() {
        let bytes = fs::read(file.unwrap().path()).unwrap();
        let Some(mut rest) = bytes.strip_prefix(MAGIC.as_slice()) else { continue };
        while let Ok(Some((entry, _))) = read(&mut rest) {
            if entry.head.kind == Kind::Records && entry.head.class == Class::Visit {
                people += decode(&entry.payload).unwrap().records.iter().map(count).sum::<u64>();
            }
        }
    }
    people
}

#[tokio::test]
async fn people_that_arrived_and_people_told_as_lost_are_all_that_came() {
    let Some(mut broker) = Broker::start("allow_anonymous true\nmax_queued_messages 0").await
    else {
        return skipped("thinned", "no Mosquitto; try `make setup`");
    };
    let dir = TempDir::new().unwrap();
    let (mut door, path) = cable();
    configure(dir.path(), broker.port, &path.display().to_string());
    fill(&dir.path().join("data"));
    broker.stop();
    let agent = Agent::start(dir.path());
    agent.says("running").await;
    // Nothing can be written before the agent has opened the line.
    wait_for("the door is listened to", || door.write_all(b"\r\n").ok()).await;
    for nth in 1..=PEOPLE {
        door.write_all(b"IN\r\n").unwrap();
        if nth.is_multiple_of(4) {
            let enough = || (agent.accepted("visit") as u64 >= nth).then_some(());
            wait_for(&format!("{nth} people are accepted"), enough).await;
        }
    }
    agent.kill();
    broker.restart().await;
    let url = format!("mqtt://127.0.0.1:{}", broker.port);
    let cloud = dir.path().join("cloud");
    let confirm = Command::new(env!("CARGO_BIN_EXE_tillgate"))
        .args(["confirm", "--broker", &url, "--store"])
        .arg(&cloud)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    let _confirm = Confirm(confirm.unwrap());
    wait_for("the cloud's file", || cloud.join("00000001.tgledger").exists().then_some(())).await;
    let agent = Agent::start(dir.path());
    let (row, told) = wait_for("all of it arrived or was told", || {
        let (report, code) = verify(&cloud);
        let rows = report["streams"].as_array()?.clone();
        let row = rows.into_iter().find(|row| row["class"] == "visit")?;
        (code == 0 && row["produced"] == PEOPLE).then(|| (row.clone(), row.to_string()))
    })
    .await;
    assert_eq!(agent.stop(), Some(0));
    let evicted = row["evicted"].as_u64().unwrap();
    assert!(evicted > 0, "nothing gave way: {told}");
    assert_eq!(people(&cloud) + evicted, PEOPLE, "{told}");
}
