//! The contract's definitions, computed from tables and from stock: once from the truth, once from what arrived.
//!
//! Minutes are those that the tills printed: at the speed at which a day is played, the gateway's own clock sees it
//! pass in seconds.

use std::collections::BTreeMap;

use tillgate_events::{Body, Record, UtcMs};

use crate::day::tables::{Kind, Tables};
use crate::store::decimal;

/// What a definition came to, by name.
pub type Figures = Vec<(&'static str, Vec<(String, String)>)>;

/// All of them.
pub fn figures(tables: &Tables, records: &[&Record]) -> Figures {
    let sales = sales(tables);
    let receipts = sales.len() as i64;
    let total: i64 = sales.iter().map(|row| number(row, 8)).sum();
    let items: i64 = sales.iter().map(|row| number(row, 9)).sum();
    let entered: i64 = tables.rows(Kind::Crossings).iter().map(|row| number(row, 1)).sum();
    let left: i64 = tables.rows(Kind::Crossings).iter().map(|row| number(row, 2)).sum();
    let there = on_hand(records);
    vec![
        ("sales per minute", minutes(&sales)),
        ("tender mix", tenders(tables)),
        ("average ticket", one(ratio(total, receipts * 100))),
        ("items per transaction", one(ratio(items, receipts))),
        ("promotion discounts by code", codes(tables)),
        ("conversion", one(ratio(receipts, entered))),
        ("occupancy when all have left", one((entered - left).max(0).to_string())),
        ("on hand, as told last", told(records, &there)),
        ("on hand", there),
    ]
}

/// Receipts that are sales: complete, and nobody learning the till.
fn sales(tables: &Tables) -> Vec<&Vec<String>> {
    let is = |row: &[String], n: usize| row.get(n).is_some_and(|field| field == "true");
    tables.rows(Kind::Receipts).iter().filter(|row| !is(row, 10) && is(row, 11)).collect()
}

fn minutes(sales: &[&Vec<String>]) -> Vec<(String, String)> {
    let mut minutes: BTreeMap<String, i64> = BTreeMap::new();
    for row in sales {
        let minute = row.get(3).and_then(|at| at.get(..16)).unwrap_or_default();
        *minutes.entry(minute.to_owned()).or_default() += number(row, 8);
    }
    minutes.into_iter().map(|(minute, total)| (minute, decimal(total))).collect()
}

/// Approved payments of all sales, net of change.
fn tenders(tables: &Tables) -> Vec<(String, String)> {
    let sold: std::collections::BTreeSet<&str> =
        sales(tables).iter().filter_map(|row| row.first()).map(String::as_str).collect();
    let mut mix: BTreeMap<String, i64> = BTreeMap::new();
    for row in tables.rows(Kind::Payments) {
        let [id, _, method, _, _, status, ..] = row.as_slice() else { continue };
        if status == "APPROVED" && sold.contains(id.as_str()) {
            *mix.entry(method.clone()).or_default() += number(row, 3) - number(row, 4);
        }
    }
    mix.into_iter().map(|(method, amount)| (method, decimal(amount))).collect()
}

fn codes(tables: &Tables) -> Vec<(String, String)> {
    let mut codes: BTreeMap<String, i64> = BTreeMap::new();
    for row in tables.rows(Kind::Promotions) {
        *codes.entry(row.get(2).cloned().unwrap_or_default()).or_default() += number(row, 3);
    }
    codes.into_iter().map(|(code, amount)| (code, decimal(amount))).collect()
}

/// The latest count and the changes at or after it, by product, in the order of event time.
fn on_hand(records: &[&Record]) -> Vec<(String, String)> {
    let mut records = records.to_vec();
    // A change in the same instant as the count counts: counts go first.
    records.sort_by_key(|record| (record.at, !matches!(record.body, Body::InventoryCounted(_))));
    let mut stock: BTreeMap<u64, i64> = BTreeMap::new();
    for record in records {
        let changes = match &record.body {
            Body::Receipt(it) => it.stock_changes.as_slice(),
            Body::InventoryUpdated(it) => std::slice::from_ref(&it.change),
            Body::InventoryCounted(it) => {
                stock.insert(it.product_id, it.quantity);
                continue;
            }
            _ => continue,
        };
        for change in changes {
            // Never counted: changes, but no stock.
            if let Some(pieces) = stock.get_mut(&change.product_id) {
                *pieces += change.quantity_delta;
            }
        }
    }
    stock.into_iter().map(|(product, pieces)| (product.to_string(), pieces.to_string())).collect()
}

/// What the last change or count of each product says is there. Of several in one millisecond none is the last: one of
/// them must say what is there in the end.
fn told(records: &[&Record], on_hand: &[(String, String)]) -> Vec<(String, String)> {
    let mut last: BTreeMap<u64, (UtcMs, Vec<String>)> = BTreeMap::new();
    for record in records {
        let mut tell = |product: u64, told: Option<i64>| {
            let (at, all) = last.entry(product).or_insert((record.at, Vec::new()));
            if *at < record.at {
                (*at, *all) = (record.at, Vec::new());
            }
            if *at == record.at {
                all.push(told.map_or_else(String::new, |told| told.to_string()));
            }
        };
        match &record.body {
            Body::Receipt(it) => {
                it.stock_changes.iter().for_each(|it| tell(it.product_id, it.on_hand));
            }
            Body::InventoryUpdated(it) => tell(it.change.product_id, it.change.on_hand),
            Body::InventoryCounted(it) => tell(it.product_id, Some(it.quantity)),
            _ => {}
        }
    }
    let value = |(product, (_, all)): (u64, (UtcMs, Vec<String>))| {
        let key = product.to_string();
        let there =
            on_hand.iter().find(|(product, pieces)| *product == key && all.contains(pieces));
        let told = there.map(|(_, pieces)| pieces.clone());
        (key, told.or_else(|| all.into_iter().next_back()).unwrap_or_default())
    };
    last.into_iter().map(value).collect()
}

fn one(value: String) -> Vec<(String, String)> {
    vec![(String::new(), value)]
}

/// With four decimals; nothing divided by nothing is nothing.
fn ratio(of: i64, by: i64) -> String {
    if by == 0 { String::new() } else { format!("{:.4}", of as f64 / by as f64) }
}

fn number(row: &[String], place: usize) -> i64 {
    row.get(place).and_then(|field| field.parse().ok()).unwrap_or_default()
}
