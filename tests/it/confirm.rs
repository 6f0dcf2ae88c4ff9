//! `confirm` and `verify` as built, with the agent as built and a real broker: whatever is killed or restarted, at
//! the end nothing is lost and the outbox is empty; and `verify` can fail.

use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};

use serde_json::Value;
use tempfile::TempDir;
use tillgate::ledger::{Kind, MAGIC, read};
use tillgate::store::Store;
use tillgate_events::UtcMs;
use tillgate_sim::store::Style;

use crate::end_to_end::{Printing, gateway_config};
use crate::support::agent::Agent;
use crate::support::mosquitto::{Broker, Subscriber};
use crate::support::{skipped, wait_for};

/// `tillgate confirm` as built, with what it says as it comes.
pub struct Confirm {
    child: Child,
    pub said: Arc<Mutex<Vec<String>>>,
}

impl Confirm {
    pub fn start(dir: &TempDir, broker: &Broker) -> Self {
        Self::start_with(dir, broker, &[])
    }

    pub fn start_with(dir: &TempDir, broker: &Broker, arguments: &[&str]) -> Self {
        let url = format!("mqtt://127.0.0.1:{}", broker.port);
        let mut child = Command::new(env!("CARGO_BIN_EXE_tillgate"))
            .args(["confirm", "--file-mib", "1", "--broker", &url, "--store"])
            .arg(dir.path().join("cloud"))
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let said = Arc::new(Mutex::new(Vec::new()));
        let (out, told) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
        collect(out, &said);
        collect(told, &said);
        Self { child, said }
    }

    pub async fn says(&self, words: &str) {
        let says = |line: &String| line.contains(words);
        let said = || self.said.lock().unwrap().iter().any(says).then_some(());
        wait_for(&format!("confirm says {words}"), said).await;
    }

    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    pub fn stop(mut self) -> Option<i32> {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
        self.child.wait().unwrap().code()
    }
}

impl Drop for Confirm {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn collect(from: impl std::io::Read + Send + 'static, into: &Arc<Mutex<Vec<String>>>) {
    let sink = into.clone();
    std::thread::spawn(move || {
        for line in BufReader::new(from).lines().map_while(Result::ok) {
            sink.lock().unwrap().push(line);
        }
    });
}

/// What `tillgate verify` says of a folder or file, and its exit code.
pub fn verify(path: &Path) -> (Value, i32) {
    let done = Command::new(env!("CARGO_BIN_EXE_tillgate"))
        .args(["verify", "--json"])
        .arg(path)
        .output()
        .unwrap();
    let report = serde_json::from_slice(&done.stdout).unwrap_or_default();
    (report, done.status.code().unwrap())
}

/// Arrived records of a class.
pub fn arrived(report: &Value, class: &str) -> u64 {
    let rows = report["streams"].as_array().into_iter().flatten();
    rows.filter(|row| row["class"] == class).filter_map(|row| row["arrived"].as_u64()).sum()
}

/// Waits until so many receipts are stored.
pub async fn stored(cloud: &Path, receipts: u64) {
    let enough = || (arrived(&verify(cloud).0, "pos") >= receipts).then_some(());
    wait_for(&format!("{receipts} receipts are stored"), enough).await;
}

async fn accepted(agent: &Agent, receipts: u64) {
    let enough = || (agent.accepted("pos") as u64 >= receipts).then_some(());
    wait_for(&format!("{receipts} receipts are accepted"), enough).await;
}

async fn nothing_is_lost(encoding: &str) {
    let Some(mut broker) = Broker::start("allow_anonymous true").await else {
        return skipped("confirm", "no Mosquitto; try `make setup`");
    };
    let dir = TempDir::new().unwrap();
    let cloud = dir.path().join("cloud");
    let mut till = Printing::new("till-1", Style::Columns, fastrand::u64(..));
    let mut toml = gateway_config(&dir, broker.port).replace(
        "confirm = \"broker\"",
        &format!("confirm = \"cloud\"\nencoding = \"{encoding}\""),
    );
    let port = till.pty.path().display();
    write!(toml, "\n[[serial]]\nname = \"till-1\"\nport = \"{port}\"\nbaud = 115200\n").unwrap();
    toml.push_str("dialect = \"escpos-generic\"\n");
    std::fs::write(dir.path().join("tillgate.toml"), toml).unwrap();

    let confirm = Confirm::start(&dir, &broker);
    confirm.says("connected").await;
    let agent = Agent::start(dir.path());
    till.print(5).await;
    stored(&cloud, 5).await;

    // The subscriber is killed while receipts flow, and away for others.
    till.print(5).await;
    confirm.kill();
    till.print(5).await;
    accepted(&agent, 15).await;
    let confirm = Confirm::start(&dir, &broker);
    stored(&cloud, 15).await;

    // The broker loses its sessions and what it held; the agent is killed before it could send.
    broker.stop();
    till.print(5).await;
    accepted(&agent, 20).await;
    agent.kill();
    // The broker first: an agent that found none for a while may wait longer than this test does.
    broker.restart().await;
    let agent = Agent::start(dir.path());
    agent.says("running").await;
    till.print(5).await;
    stored(&cloud, 25).await;

    assert_eq!(agent.stop(), Some(0));
    let mut tries = 0;
    while waiting(&dir) > 0 {
        tries += 1;
        assert!(tries < 20, "{} rows stay in the outbox", waiting(&dir));
        // The watermark is retained: another start frees what the last one covers.
        let agent = Agent::start(dir.path());
        agent.says("connected to the broker").await;
        let marks = Subscriber::start(&broker, "tillgate/v1/+/+/+/ack", "%t %p").await;
        wait_for("a watermark", || marks.lines().first().map(|_| ())).await;
        assert_eq!(agent.stop(), Some(0));
    }
    stored(&cloud, 25).await;
    assert_eq!(confirm.stop(), Some(0));
    let (report, code) = verify(&cloud);
    assert_eq!(
        (code, report["sum"]["lost"].as_u64(), report["bad"].as_u64()),
        (0, Some(0), Some(0))
    );
    assert_eq!((arrived(&report, "pos"), &report["sum"]["evicted"]), (25, &Value::from(0)));
    assert_eq!(report["sum"]["produced"], report["sum"]["arrived"]);
    a_hole_is_found(&cloud, arrived(&report, "pos"));
}

fn waiting(dir: &TempDir) -> u64 {
    let (store, _) = Store::open(&dir.path().join("data"), 16 << 20, UtcMs(0)).unwrap();
    store.backlog().rows
}

/// Without one of its entries a file does not pass.
fn a_hole_is_found(cloud: &Path, receipts: u64) {
    let file = cloud.join("00000001.tgledger");
    let bytes = std::fs::read(&file).unwrap();
    let (mut rest, mut entries) = (&bytes[MAGIC.len()..], Vec::new());
    while let Some((entry, _)) = read(&mut rest).unwrap() {
        entries.push(entry);
    }
    let is_first = |kind, number| {
        move |entry: &&tillgate::ledger::Entry| {
            let head = &entry.head;
            head.kind == kind && head.class.name() == "pos" && head.first == number
        }
    };
    let victim = entries.iter().find(is_first(Kind::Records, 1)).unwrap().clone();
    let (first, last) = (victim.head.first, victim.head.last);
    let kept = entries.iter().filter(|entry| {
        let head = &entry.head;
        !(head.kind == Kind::Records && head.class == victim.head.class && head.first == first)
    });
    let mut without: Vec<u8> = MAGIC.to_vec();
    kept.for_each(|entry| without.extend(entry.to_bytes().unwrap()));
    std::fs::write(&file, &without).unwrap();
    let (report, code) = verify(cloud);
    let lost = last - first + 1;
    assert_eq!((code, report["sum"]["lost"].as_u64()), (1, Some(lost)));
    assert_eq!(arrived(&report, "pos"), receipts - lost);

    // Nor does one whose numbers were changed to hide it.
    let mut forged = bytes.clone();
    let mut liar = victim;
    liar.head.last += 100;
    forged.extend(liar.to_bytes().unwrap());
    std::fs::write(&file, &forged).unwrap();
    let (report, code) = verify(cloud);
    assert_eq!((code, report["bad"].as_u64()), (65, Some(1)));
    std::fs::write(&file, &bytes).unwrap();
    assert_eq!(verify(cloud).1, 0);
}

#[tokio::test]
async fn nothing_is_lost_when_subscriber_broker_and_agent_are_killed() {
    nothing_is_lost("postcard").await;
}

#[tokio::test]
async fn nothing_is_lost_either_when_each_event_is_a_message() {
    nothing_is_lost("json").await;
}

#[tokio::test]
async fn a_store_has_one_subscriber_and_flags_that_contradict_are_refused() {
    let dir = TempDir::new().unwrap();
    let check = |arguments: &[&str], code: i32, words: &str| {
        let done = Command::new(env!("CARGO_BIN_EXE_tillgate"))
            .args(arguments)
            .current_dir(dir.path())
            .output()
            .unwrap();
        let told = String::from_utf8(done.stderr).unwrap();
        assert_eq!(done.status.code(), Some(code), "{arguments:?}: {told}");
        assert!(told.contains(words), "{arguments:?}: {told}");
    };
    let url = "mqtt://127.0.0.1:1";
    check(&["confirm", "--broker", "mqtts://b.example", "--store", "s"], 64, "--ca");
    check(&["confirm", "--broker", "mqtt://b.example", "--store", "s"], 64, "in the clear");
    check(
        &["confirm", "--broker", url, "--store", "s", "--topics", "a/+"],
        64,
        "levels of a topic",
    );
    check(&["confirm", "--broker", url, "--store", "s", "--client-key", "k"], 64, "--client-cert");
    check(&["verify", "missing"], 66, "missing");
    std::fs::create_dir(dir.path().join("empty")).unwrap();
    check(&["verify", "empty"], 66, "");
    let _held = Command::new(env!("CARGO_BIN_EXE_tillgate"))
        .args(["confirm", "--broker", url, "--store", "s"])
        .current_dir(dir.path())
        .stderr(Stdio::piped())
        .spawn()
        .map(|child| Confirm { child, said: Arc::default() })
        .unwrap();
    wait_for("the store is there", || {
        dir.path().join("s/00000001.tgledger").exists().then_some(())
    })
    .await;
    check(&["confirm", "--broker", url, "--store", "s"], 75, "in use");
}
