//! A store full of strangers: the built agent hears 20,000 advertisements of 10,000 addresses as fast as a pty takes
//! them, while a till prints. Nothing is lost, nothing is remembered.

use std::fmt::Write as _;

use tempfile::TempDir;
use tillgate_events::{Body, Record};
use tillgate_sim::pty::{Pty, Sink as _};

use crate::support::agent::{Agent, accepted};
use crate::support::wait_for;

const ADDRESSES: u32 = 10_000;
const RECEIPTS: usize = 20;
/// What a flood may leave in memory: allocators do not give everything back.
const MEMORY_KB: u64 = 4096;

/// Advertisements of phones and foreign beacons, each by its own address.
fn flood(addresses: std::ops::Range<u32>) -> String {
    let mut lines = String::new();
    for n in addresses {
        // Half of them look like resolvable addresses.
        let top = if n % 2 == 0 { 0x40 } else { 0xc0 };
        writeln!(lines, "$GPRP,{top:02X}{n:010X},F008D1798C00,-70,0201060AFF4C001005{n:08X}00\r")
            .unwrap();
    }
    lines
}

fn receipt(number: usize) -> String {
    format!("RECEIPT # {number}\nTEA   1.00\nTOTAL   1.00\nCASH   1.00\n\x0c")
}

/// Floods the receiver while the till prints `receipts`, and waits until all of it was read.
async fn run(
    agent: &Agent,
    (receiver, till): (&mut Pty, &mut Pty),
    addresses: std::ops::Range<u32>,
    receipts: std::ops::Range<usize>,
) {
    let due = agent.accepted("pos") + receipts.len();
    let lines = flood(addresses);
    let print = async {
        for number in receipts {
            till.write_all(receipt(number).as_bytes()).await.unwrap();
        }
    };
    let hear = async { receiver.write_all(lines.as_bytes()).await.unwrap() };
    tokio::join!(print, hear);
    wait_for("the receipts", || (agent.accepted("pos") >= due).then_some(())).await;
}

#[tokio::test]
async fn a_flood_of_strangers_costs_no_receipt_and_no_memory() {
    let dir = TempDir::new().unwrap();
    let (mut receiver, mut till) = (Pty::open().unwrap(), Pty::open().unwrap());
    let data = dir.path().join("data");
    let toml = format!(
        "[gateway]\nid = \"gw-flood\"\ntenant = \"test\"\nstore_id = 7\ntimezone = \"UTC\"\ncurrency = \"EUR\"\n\
         data_dir = \"{}\"\n\n[mqtt]\nurl = \"mqtt://127.0.0.1:1\"\n\
         \n[[serial]]\nname = \"till\"\nport = \"{}\"\nbaud = 115200\ndialect = \"text-generic\"\n\
         \n[[receiver]]\nname = \"r\"\nzone = \"Z\"\nkind = \"serial\"\nport = \"{}\"\nbaud = 921600\n\
         \n[[tag]]\nid = \"cart\"\nclass = \"asset\"\nmatch = {{ mac = \"A4:C1:38:8D:18:B2\" }}\n",
        data.display(),
        till.path().display(),
        receiver.path().display(),
    );
    std::fs::write(dir.path().join("tillgate.toml"), toml).unwrap();
    let agent = Agent::start(dir.path());
    let lines = (&mut receiver, &mut till);
    run(&agent, (&mut *lines.0, &mut *lines.1), 0..1000, 0..2).await;
    let before = agent.resident();
    run(&agent, (&mut *lines.0, &mut *lines.1), 0..ADDRESSES, 2..RECEIPTS).await;
    run(&agent, (&mut *lines.0, &mut *lines.1), 0..ADDRESSES, RECEIPTS..RECEIPTS + 1).await;
    // The tag comes last: when it was heard, all before it were.
    receiver
        .write_all(b"$GPRP,A4C1388D18B2,F008D1798C00,-50,020106\r\n$GPRP,zz\r\n")
        .await
        .unwrap();
    agent.says("works badly").await;
    let after = agent.resident();
    assert_eq!(agent.stop(), Some(0));
    assert!(after <= before + MEMORY_KB, "{before} kB before, {after} kB after");
    println!("{before} kB before, {after} kB after {} adverts", 2 * ADDRESSES);
    check(&accepted(&data));
}

fn check(records: &[Record]) {
    let receipts = records.iter().filter(|record| {
        matches!(&record.body, Body::Receipt(receipt) if receipt.complete && receipt.checks_passed)
    });
    assert_eq!(receipts.count(), RECEIPTS + 1);
    let windows = records.iter().filter(|record| matches!(record.body, Body::TagWindow(_)));
    assert_eq!(windows.count(), 1);
    let lost = records.iter().any(|record| match &record.body {
        Body::DeviceStatusChanged(changed) => {
            changed.reason.as_ref().is_some_and(|reason| reason.contains("lost"))
        }
        _ => false,
    });
    assert!(!lost, "{records:?}");
    let told = records.iter().find_map(|record| match &record.body {
        Body::Unknown(unknown) if unknown.kind == "unknown_devices" => {
            unknown.text.split(' ').nth(1)?.parse::<u32>().ok()
        }
        _ => None,
    });
    assert!(told.is_some_and(|told| told.abs_diff(ADDRESSES) < ADDRESSES / 10), "{told:?}");
}
