//! The stock vectors: changes and counts as two till systems write them, and what must be on the shelf.

mod month;
mod orders;
mod outside;

use std::path::{Path, PathBuf};

use jiff::tz::TimeZone;
use tillgate::decode::stock_feed::{FeedReader, ProductRef, StockLine};
use tillgate::time::UtcMs;
use tillgate::track::stock::{Change, Count, Ledger, key};

/// The folder of stock vectors, or nothing and a loud word.
fn vectors() -> Option<PathBuf> {
    let root = std::env::var_os("TILLGATE_CORPUS").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus"),
        PathBuf::from,
    );
    let path = root.join("stock");
    if path.is_dir() {
        return Some(path);
    }
    let why = format!("no corpus at {} (set TILLGATE_CORPUS)", path.display());
    crate::support::skipped("stock vectors", &why);
    None
}

fn text(folder: &Path, name: &str) -> String {
    std::fs::read_to_string(folder.join(name)).unwrap()
}

/// The ledger of a store after these lines; lines that are refused are returned with why.
fn play(store: u64, lines: &[&str]) -> (Ledger, Vec<String>) {
    let (mut ledger, mut refused) = (Ledger::default(), Vec::new());
    let mut reader = FeedReader::new(store, TimeZone::UTC);
    for line in lines {
        let id = |product: &ProductRef| match product {
            ProductRef::Id(id) => *id,
            ProductRef::Code(code) => panic!("{code}"),
        };
        match reader.line(line) {
            Ok(None | Some(StockLine::Noted)) => {}
            Ok(Some(StockLine::Count { product, at, quantity })) => {
                ledger.count(Count { product: id(&product), at, quantity }).unwrap();
            }
            Ok(Some(StockLine::Change { id: number, product, at, quantity: delta, reason })) => {
                let (product, key) = (id(&product), key(&number));
                let change = Change { product, at, delta, reason, key, once: true };
                ledger.change(change).unwrap();
            }
            Err(error) => refused.push(error.to_string()),
        }
    }
    (ledger, refused)
}

/// As the expected file writes it: every product that was counted.
fn current(store: u64, ledger: &Ledger) -> Vec<String> {
    let mut items: Vec<_> = ledger.items().filter(|(_, item)| item.newest.is_some()).collect();
    items.sort_by_key(|(product, _)| *product);
    let row = |(product, item): &(u64, &tillgate::track::stock::Item)| {
        let counted = item.newest.unwrap().quantity;
        let at = shown(item.as_of().unwrap());
        let (changed, on_hand) = (item.changed(), item.on_hand().unwrap());
        format!("{store},{product},{counted},{changed},{on_hand},{at}")
    };
    items.iter().map(row).collect()
}

fn shown(at: UtcMs) -> String {
    at.to_string().replace('T', " ").replace(".000Z", "")
}

#[test]
fn the_ledger_agrees_with_the_stock_vectors_in_any_order_and_however_often() {
    let Some(folder) = vectors() else { return };
    let expected = text(&folder, "expected_inventory_current.csv");
    let expected: Vec<&str> = expected.lines().skip(1).collect();
    for (times, turned) in [(1, false), (1, true), (3, false), (2, true)] {
        let mut found = Vec::new();
        for (store, name) in [(0, "online"), (1, "store001")] {
            let changes = text(&folder, &format!("inventory_change_{name}.txt"));
            let counts = text(&folder, &format!("inventory_snapshot_{name}.txt"));
            // Without their first lines: the number of fields tells what a line is.
            let lines = changes.lines().skip(1).chain(counts.lines().skip(1));
            let mut lines: Vec<&str> = lines.collect::<Vec<_>>().repeat(times);
            if turned {
                lines.reverse();
            }
            let (ledger, refused) = play(store, &lines);
            found.extend(current(store, &ledger));
            let unknown = usize::try_from(store).unwrap() * times;
            assert_eq!(refused.len(), unknown, "{store}: {refused:?}");
        }
        assert_eq!(found, expected, "{times} times, turned round: {turned}");
    }
}

#[test]
fn a_file_with_its_line_of_names_reads_the_same() {
    let Some(folder) = vectors() else { return };
    let file = text(&folder, "inventory_snapshot_store001.txt")
        + "\n"
        + &text(&folder, "inventory_change_store001.txt");
    let (ledger, refused) = play(1, &file.lines().collect::<Vec<_>>());
    let expected = text(&folder, "expected_inventory_current.csv");
    let expected: Vec<&str> = expected.lines().filter(|line| line.starts_with("1,")).collect();
    assert_eq!(current(1, &ledger), expected);
    assert_eq!(refused, ["`change_type_id` is not one that is known"]);
}
