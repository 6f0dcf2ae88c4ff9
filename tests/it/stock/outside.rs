//! The built binary between a till and a stock feed, killed in the middle of the feed: what the ledger says is what the
//! accepted events say, before and after, and a feed that comes again changes nothing.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::process::{Command, Output};

use tempfile::TempDir;
use tillgate::store::{RowId, Store, read_stock};
use tillgate_events::{Body, Record, StockReason, UtcMs, decode};
use tillgate_sim::pty::{Pty, Sink as _};

use crate::support::agent::Agent;
use crate::support::wait_for;

/// Products that the feed counts; changes of each.
const PRODUCTS: u64 = 300;
const CHANGES: u64 = 10;

const CATALOG: &str = "id,sku,name,description,gtin,price,reorder_point,reorder_quantity\n\
    1,A-1,Apples,APPLE,4006381333931,1.20,90,50\n\
    2,A-2,Bread,BREAD|BREAD 500G,,3.50,,\n";

struct Shop {
    dir: TempDir,
    till: Pty,
    feed: Pty,
}

impl Shop {
    fn new() -> Self {
        let shop = Self {
            dir: TempDir::new().unwrap(),
            till: Pty::open().unwrap(),
            feed: Pty::open().unwrap(),
        };
        let catalog = shop.dir.path().join("catalog.csv");
        std::fs::write(&catalog, CATALOG).unwrap();
        let toml = format!(
            "catalog = \"{}\"\n\n[gateway]\nid = \"gw-s\"\ntenant = \"test\"\nstore_id = 7\ntimezone = \"UTC\"\n\
             currency = \"EUR\"\ndata_dir = \"{}\"\n\n[mqtt]\nurl = \"mqtt://127.0.0.1:1\"\n\n\
             [[serial]]\nname = \"till-1\"\nport = \"{}\"\nbaud = 9600\ndialect = \"text-generic\"\n\n\
             [[stock_feed]]\nname = \"back-office\"\nport = \"{}\"\nbaud = 115200\n",
            catalog.display(),
            shop.dir.path().join("data").display(),
            shop.till.path().display(),
            shop.feed.path().display(),
        );
        std::fs::write(shop.dir.path().join("tillgate.toml"), toml).unwrap();
        shop
    }

    /// All records that were accepted. Nobody may have the database open.
    fn accepted(&self) -> Vec<Record> {
        let (mut store, _) =
            Store::open(&self.dir.path().join("data"), 64 << 20, UtcMs(0)).unwrap();
        let rows = store.rows_after(RowId(0), usize::MAX >> 1, usize::MAX).unwrap();
        rows.iter().flat_map(|row| decode(&row.payload).unwrap().records).collect()
    }

    /// What is on the shelf by the ledger.
    fn ledger(&self) -> BTreeMap<u64, Option<i64>> {
        let stock = read_stock(&self.dir.path().join("data/outbox.db")).unwrap();
        assert_eq!(stock.damaged, 0);
        let ledger = tillgate::agent::stock::ledger(&stock);
        ledger.items().map(|(product, item)| (product, item.on_hand())).collect()
    }

    fn stock(&self, args: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_tillgate"))
            .args(["stock"])
            .arg(self.dir.path().join("tillgate.toml"))
            .args(args)
            .output()
            .unwrap()
    }
}

/// What is on the shelf by the events alone, as the contract says it.
fn by_events(records: &[Record]) -> BTreeMap<u64, Option<i64>> {
    let mut counts: BTreeMap<u64, (UtcMs, i64)> = BTreeMap::new();
    let mut changes: Vec<(u64, UtcMs, i64)> = Vec::new();
    for record in records {
        match &record.body {
            Body::InventoryCounted(it) => {
                let newest = counts.entry(it.product_id).or_insert((record.at, it.quantity));
                if newest.0 < record.at {
                    *newest = (record.at, it.quantity);
                }
            }
            Body::InventoryUpdated(it) => {
                changes.push((it.change.product_id, record.at, it.change.quantity_delta));
            }
            Body::Receipt(receipt) => {
                let parts = receipt.stock_changes.iter();
                changes.extend(parts.map(|it| (it.product_id, record.at, it.quantity_delta)));
            }
            _ => {}
        }
    }
    let products = counts.keys().copied().chain(changes.iter().map(|it| it.0));
    let mut shelf: BTreeMap<u64, Option<i64>> =
        products.map(|product| (product, counts.get(&product).map(|it| it.1))).collect();
    for (product, at, delta) in changes {
        if counts.get(&product).is_some_and(|count| count.0 <= at)
            && let Some(Some(pieces)) = shelf.get_mut(&product)
        {
            *pieces += delta;
        }
    }
    shelf
}

/// The whole feed: counts, then changes, some of them before the count.
fn feed() -> String {
    let mut text = String::from("trans_id,item_id,store_id,date_time,quantity,change_type_id\n");
    for product in 1..=PRODUCTS {
        writeln!(text, "{product},7,7,2026-01-06 00:00:00,100").unwrap();
    }
    for number in 0..PRODUCTS * CHANGES {
        let (product, day) = (1 + number % PRODUCTS, 1 + number / PRODUCTS);
        writeln!(text, "T{number},{product},7,2026-01-{day:02} 12:00:00,-3,1").unwrap();
    }
    text
}

fn fed() -> BTreeMap<u64, Option<i64>> {
    let after = i64::try_from(CHANGES).unwrap() - 5;
    (1..=PRODUCTS).map(|product| (product, Some(100 - 3 * after))).collect()
}

#[tokio::test]
async fn ledger_and_events_agree_though_the_agent_is_killed_in_the_middle_of_a_feed() {
    let mut shop = Shop::new();
    let text = feed();
    let agent = Agent::start(shop.dir.path());
    agent.says("running").await;
    shop.feed.write_all(&text.as_bytes()[..text.len() / 2]).await.unwrap();
    wait_for("some of the feed is accepted", || (200 <= agent.accepted("stock")).then_some(()))
        .await;
    agent.kill();
    assert_eq!(shop.ledger(), by_events(&shop.accepted()), "after the kill");

    let agent = Agent::start(shop.dir.path());
    agent.says("running").await;
    shop.feed.write_all(b"\n").await.unwrap();
    shop.feed.write_all(text.as_bytes()).await.unwrap();
    wait_for("the feed is in the ledger", || (shop.ledger() == fed()).then_some(())).await;
    shop.feed.write_all(text.as_bytes()).await.unwrap();
    let receipt = "SHOP\nRECEIPT # 1\nAPPLE   1.20\nBREAD 500G   3.50\nSODA   1.00\nTOTAL   5.70\nCASH   5.70\n\x0c";
    shop.till.write_all(receipt.as_bytes()).await.unwrap();
    let mut expected = fed();
    for product in [1, 2] {
        *expected.get_mut(&product).unwrap() = Some(84);
    }
    wait_for("a receipt is booked", || (shop.ledger() == expected).then_some(())).await;

    let table = shop.stock(&[]);
    let text = String::from_utf8(table.stdout).unwrap();
    assert!(
        text.contains("store 7: 300 products; 0 below zero, 0 out, 1 low, 0 never counted"),
        "{text}"
    );
    assert!(text.contains("SODA") && !text.contains('\x1b'), "{text}");
    let one = shop.stock(&["--json", "--product", "04006381333931"]);
    let one: serde_json::Value = serde_json::from_slice(&one.stdout).unwrap();
    assert_eq!(
        (&one["product_id"], &one["on_hand"], &one["state"]),
        (&1.into(), &84.into(), &"low".into())
    );
    assert_eq!(one["movements"].as_array().unwrap().len(), 11);
    assert_eq!(shop.stock(&["--product", "bananas"]).status.code(), Some(66));

    assert_eq!(agent.stop(), Some(0));
    let accepted = shop.accepted();
    assert_eq!(by_events(&accepted), expected, "no line of the feed counts twice");
    assert_eq!(shop.ledger(), expected);
    let receipt = accepted.iter().find_map(|it| match &it.body {
        Body::Receipt(receipt) => Some(receipt),
        _ => None,
    });
    let changes = &receipt.unwrap().stock_changes;
    assert_eq!(changes.len(), 2);
    assert!(changes.iter().all(|it| it.on_hand == Some(84) && it.reason == StockReason::Sale));
    let ordered = accepted.iter().filter(|it| matches!(it.body, Body::ReorderTriggered(_))).count();
    assert_eq!(ordered, 1, "product 1, once");
}

#[tokio::test]
async fn a_catalogue_that_changed_is_used_without_a_restart() {
    let mut shop = Shop::new();
    let agent = Agent::start(shop.dir.path());
    agent.says("running").await;
    let more = format!("{CATALOG}3,,Soda,,,,,\n");
    std::fs::write(shop.dir.path().join("catalog.csv"), more).unwrap();
    agent.says("catalog.csv changed: 3 products").await;
    let receipt = "SHOP\nRECEIPT # 1\nSODA   1.00\nTOTAL   1.00\nCASH   1.00\n\x0c";
    shop.till.write_all(receipt.as_bytes()).await.unwrap();
    wait_for("the new product sells", || shop.ledger().contains_key(&3).then_some(())).await;
    std::fs::write(shop.dir.path().join("catalog.csv"), "id,sku\nx,\n").unwrap();
    agent.says("products stay as they were").await;
    assert_eq!(agent.stop(), Some(0));
}
