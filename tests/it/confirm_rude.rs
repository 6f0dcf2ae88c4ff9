//! `confirm` as built, against what it cannot choose: a broker that sends all at once, gateways that give numbers out
//! twice or forgot how far they were, and a disk that changes what is on it.

use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;
use tillgate::ledger::{Kind, MAGIC, read};
use tillgate_sim::store::Style;

use crate::confirm::{Confirm, arrived, stored, verify};
use crate::end_to_end::{Printing, gateway_config};
use crate::support::agent::Agent;
use crate::support::mosquitto::{Broker, Subscriber, publish, publish_lines, publish_retained};
use crate::support::{skipped, wait_for};

const ROOT: &str = "tillgate/v1/acme/7/gw";
/// As many as a broker keeps here for a session.
const WAITING: u64 = 4000;

/// Record 1 of epoch 1, said by such a till.
fn event(broker: &Broker, till: &str) {
    let text = format!(
        r#"{{"event_type":"no_sale","payload":{{}},"trace_id":"gw-pos-1-1-1","ingest_timestamp":"2026-11-21T14:05:00.000Z","schema_version":"1.0","source":"tillgate/gw/{till}","correlation_id":null,"partition_key":"store_1","session_id":null,"parent_event_id":null}}"#
    );
    let property = |name| ["-D", "publish", "user-property", name, "1"];
    let topic = format!("{ROOT}/evt/pos");
    let words = [&property("part")[..], &property("parts"), &["-t", &topic, "-m", &text]].concat();
    publish(broker, &words);
}

fn sums(report: &Value) -> [u64; 4] {
    let sum = |name: &str| report["sum"][name].as_u64().unwrap_or(u64::MAX);
    [sum("arrived"), sum("duplicated"), sum("twice"), sum("lost")]
}

#[tokio::test]
async fn whatever_a_session_holds_is_taken_over_one_connection() {
    let Some(broker) = Broker::start("allow_anonymous true\nmax_queued_messages 0").await else {
        return skipped("confirm", "no Mosquitto; try `make setup`");
    };
    let dir = TempDir::new().unwrap();
    let confirm = Confirm::start(&dir, &broker);
    confirm.says("connected").await;
    event(&broker, "till-1");
    confirm.says("pos epoch 1: 1-1 stored").await;
    assert_eq!(confirm.stop(), Some(0));
    let loss = |number| {
        format!(
            "{{\"gateway\":\"gw\",\"class\":\"pos\",\"epoch\":1,\"first_sequence\":{number},\
             \"last_sequence\":{number},\"count\":1,\"bytes\":9,\"reason\":\"cap\"}}\n"
        )
    };
    publish_lines(&broker, &format!("{ROOT}/gap"), &(2..=WAITING).map(loss).collect::<String>());
    let confirm = Confirm::start(&dir, &broker);
    confirm.says(&format!("complete up to {WAITING}")).await;
    let connected = |line: &&String| line.contains("connected") || line.contains("trying again");
    let said = confirm.said.lock().unwrap().iter().filter(connected).cloned().collect::<Vec<_>>();
    assert_eq!(said, ["connected to the broker"]);
    assert_eq!(confirm.stop(), Some(0));
    let (report, code) = verify(&dir.path().join("cloud"));
    assert_eq!((sums(&report), code), ([1, 0, 0, 0], 0));
}

#[tokio::test]
async fn numbers_given_out_twice_are_told_and_both_records_kept() {
    let Some(broker) = Broker::start("allow_anonymous true").await else {
        return skipped("confirm", "no Mosquitto; try `make setup`");
    };
    let dir = TempDir::new().unwrap();
    let cloud = dir.path().join("cloud");
    let confirm = Confirm::start(&dir, &broker);
    confirm.says("connected").await;
    let acks = Subscriber::start(&broker, &format!("{ROOT}/ack"), "%t %p").await;
    event(&broker, "till-1");
    confirm.says("1-1 stored; complete").await;
    event(&broker, "till-1");
    confirm.says("1-1 came again").await;
    assert_eq!((sums(&verify(&cloud).0), verify(&cloud).1), ([1, 1, 0, 0], 0));
    confirm.kill();
    // What was stored before is known after a start.
    let confirm = Confirm::start(&dir, &broker);
    confirm.says("connected").await;
    event(&broker, "till-2");
    confirm.says("given out twice; both are kept").await;
    wait_for("both are there", || (sums(&verify(&cloud).0)[2] == 1).then_some(())).await;
    assert_eq!((sums(&verify(&cloud).0), verify(&cloud).1), ([1, 1, 1, 0], 1));
    let bytes = std::fs::read(cloud.join("00000001.tgledger")).unwrap();
    let both = ["gw/till-1", "gw/till-2"];
    assert!(both.iter().all(|it| bytes.windows(it.len()).any(|part| part == it.as_bytes())));

    // A birth that the broker kept, as of a gateway that has sent since; then one that is behind.
    let before = acks.lines().len();
    let birth = |start: &str| {
        format!(
            r#"{{"status":"online","gateway":"gw","epoch":1,"next":{{"pos":1}},"started":"{start}"}}"#
        )
    };
    publish_retained(&broker, &format!("{ROOT}/state"), &birth("b"));
    confirm.says("it begins with pos epoch 1 after 0, and is confirmed in epoch 1 up to 1").await;
    let again = || (acks.lines().len() > before).then_some(());
    wait_for("the watermark is published again", again).await;
    assert_eq!(confirm.stop(), Some(0));
    let confirm = Confirm::start(&dir, &broker);
    confirm.says("connected").await;
    publish_retained(&broker, &format!("{ROOT}/state"), &birth("b"));
    event(&broker, "till-3");
    confirm.says("given out twice").await;
    let said = confirm.said.lock().unwrap().join("\n");
    assert!(!said.contains("it begins"), "{said}");
}

/// Flips a bit in the payload of the nth of the entries that hold receipts; how many records it has.
fn flip_receipt(file: &Path, nth: impl Fn(usize) -> usize) -> u64 {
    let mut bytes = std::fs::read(file).unwrap();
    let (mut rest, mut at, mut receipts) = (&bytes[MAGIC.len()..], MAGIC.len(), Vec::new());
    while let Some((entry, length)) = read(&mut rest).unwrap() {
        at += length as usize;
        if entry.head.kind == Kind::Records && entry.head.class.name() == "pos" {
            receipts.push((at - 1, entry.head.last - entry.head.first + 1));
        }
    }
    let (at, records) = receipts[nth(receipts.len())];
    bytes[at] ^= 1;
    std::fs::write(file, bytes).unwrap();
    records
}

#[tokio::test]
async fn a_flipped_bit_is_repaired_and_what_it_cost_is_told() {
    let Some(broker) = Broker::start("allow_anonymous true").await else {
        return skipped("confirm", "no Mosquitto; try `make setup`");
    };
    let dir = TempDir::new().unwrap();
    let cloud = dir.path().join("cloud");
    let mut till = Printing::new("till-1", Style::Columns, fastrand::u64(..));
    let mut toml =
        gateway_config(&dir, broker.port).replace("confirm = \"broker\"", "confirm = \"cloud\"");
    let port = till.pty.path().display();
    write!(toml, "\n[[serial]]\nname = \"till-1\"\nport = \"{port}\"\nbaud = 115200\n").unwrap();
    toml.push_str("dialect = \"escpos-generic\"\n");
    std::fs::write(dir.path().join("tillgate.toml"), toml).unwrap();
    let mut confirm = Confirm::start(&dir, &broker);
    confirm.says("connected").await;
    let agent = Agent::start(dir.path());
    let (mut printed, mut lost) = (0, 0);
    // In the middle, then in the last receipt that was confirmed.
    for nth in [|_: usize| 1, |count: usize| count - 1] {
        // Each in a message of its own.
        for _ in 0..4 {
            till.print(1).await;
            printed += 1;
            stored(&cloud, printed - lost).await;
        }
        assert_eq!(confirm.stop(), Some(0));
        lost += flip_receipt(&cloud.join("00000001.tgledger"), nth);
        let (report, code) = verify(&cloud);
        assert_eq!((code, report["sum"]["lost"].as_u64()), (1, Some(lost)));
        let url = format!("mqtt://127.0.0.1:{}", broker.port);
        let refused = Command::new(env!("CARGO_BIN_EXE_tillgate"))
            .args(["confirm", "--broker", &url, "--store"])
            .arg(&cloud)
            .output()
            .unwrap();
        assert_eq!(refused.status.code(), Some(65));
        assert!(String::from_utf8_lossy(&refused.stderr).contains("--repair"));
        confirm = Confirm::start_with(&dir, &broker, &["--repair"]);
        confirm.says("were confirmed and cannot be read: lost here").await;
        confirm.says("connected").await;
    }
    till.print(3).await;
    stored(&cloud, 11 - lost).await;
    // The watermark goes on: nothing waits for what will never come.
    let marks = Subscriber::start(&broker, "tillgate/v1/+/+/+/ack", "%t %p").await;
    let all = "\"pos\":{\"epoch\":1,\"sequence\":11}";
    wait_for("the watermark of all", || marks.lines().concat().contains(all).then_some(())).await;
    assert_eq!(agent.stop(), Some(0));
    assert_eq!(confirm.stop(), Some(0));
    let (report, code) = verify(&cloud);
    assert_eq!((code, sums(&report)[3], report["bad"].as_u64()), (1, lost, Some(0)));
    assert_eq!(arrived(&report, "pos"), 11 - lost);
    assert!(cloud.join("00000001.damaged-2").exists());
}
