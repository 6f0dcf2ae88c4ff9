//! The ledger of a copied database beside the catalogue.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use tillgate_events::{StockReason, UtcMs};

use super::StockError;
use crate::agent::{catalog, stock};
use crate::config::{Config, Product};
use crate::limits;
use crate::order;
use crate::store::read_stock;
use crate::track::stock::{Item, Ledger};

/// What is known of all products.
#[derive(Debug, Serialize)]
pub struct All {
    /// The gateway's store.
    pub store_id: u64,
    /// How many products are in which state.
    pub counts: BTreeMap<State, usize>,
    /// Every product of the catalogue and of the ledger, the most urgent state first, then by number.
    pub products: Vec<Row>,
    /// What receipts call things that no product has, the most frequent first.
    pub unmatched: Vec<Unmatched>,
    /// Rows of the ledger that are damaged: their products need a count.
    pub damaged_rows: u64,
}

/// How a product's stock is, the most urgent first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// More left than there was.
    Negative,
    /// Nothing is there.
    Out,
    /// At or below the reorder point or the safety stock.
    Low,
    /// Changes, and no count.
    NeverCounted,
    /// Enough.
    Ok,
    /// In the catalogue alone.
    Unknown,
}

/// One product.
#[derive(Clone, Debug, Serialize)]
pub struct Row {
    /// How it is.
    pub state: State,
    /// Its number.
    pub product_id: u64,
    /// As printed.
    pub sku: Option<String>,
    /// The catalogue's.
    pub name: Option<String>,
    /// The catalogue's.
    pub category: Option<String>,
    /// Pieces; null while it was never counted.
    pub on_hand: Option<i64>,
    /// By the newest count.
    pub counted: Option<i64>,
    /// When that was.
    pub counted_at: Option<UtcMs>,
    /// Changes since.
    pub changed: i64,
    /// When it last changed.
    pub as_of: Option<UtcMs>,
    /// The catalogue's.
    pub reorder_point: Option<i64>,
    /// An order was told of, and it was not replenished since.
    pub ordered: bool,
}

/// A name that no product has.
#[derive(Debug, Serialize)]
pub struct Unmatched {
    /// As printed.
    pub description: String,
    /// How many lines.
    pub lines: u64,
}

/// A product with its last movements.
#[derive(Debug, Serialize)]
pub struct One {
    /// How it is.
    #[serde(flatten)]
    pub row: Row,
    /// Pieces sold in the 28 days up to the last movement.
    pub sold_28_days: i64,
    /// The newest last.
    pub movements: Vec<Movement>,
}

/// What moved pieces.
#[derive(Debug, Serialize)]
pub struct Movement {
    /// When.
    pub at: UtcMs,
    /// Pieces.
    pub quantity: i64,
    /// Why.
    pub reason: StockReason,
    /// Whether it is in the stock: it came at or after the newest count.
    pub counts: bool,
}

/// Everything that was read.
pub struct Found {
    /// What is shown of all.
    pub all: All,
    ledger: Ledger,
}

/// Reads the ledger that the configuration names.
pub fn gather(config: &Config) -> Result<Found, StockError> {
    let file = config.gateway.data_dir.join("outbox.db");
    if !file.exists() {
        return Err(StockError::Nothing(config.gateway.data_dir.clone()));
    }
    let read = read_stock(&file)?;
    let ledger = stock::ledger(&read);
    let known: BTreeMap<u64, &Product> = config.products.iter().map(|it| (it.id, it)).collect();
    let ids: BTreeSet<u64> = known.keys().copied().chain(ledger.items().map(|it| it.0)).collect();
    let row = |id: u64| row(id, ledger.item(id), known.get(&id).copied());
    let mut products: Vec<Row> = ids.into_iter().map(row).collect();
    order::by_key(&mut products, |row| (row.state, row.product_id));
    let mut counts = BTreeMap::new();
    products.iter().for_each(|row| *counts.entry(row.state).or_default() += 1);
    let names = read.names.into_iter().take(limits::STOCK_UNMATCHED);
    let unmatched = names.map(|(description, lines)| Unmatched { description, lines }).collect();
    let (store_id, damaged_rows) = (config.gateway.store_id, read.damaged);
    Ok(Found { all: All { store_id, counts, products, unmatched, damaged_rows }, ledger })
}

impl Found {
    /// The product that is called `name`.
    pub fn one(&self, config: &Config, name: &str) -> Option<One> {
        let by_number = name.parse().ok().filter(|id| self.has(*id));
        let id = by_number.or_else(|| {
            let catalog = catalog::catalog(&config.products);
            catalog.find(Some(name), name).map(|entry| entry.product_id)
        })?;
        let row = self.all.products.iter().find(|row| row.product_id == id)?.clone();
        let item = self.ledger.item(id).cloned().unwrap_or_default();
        let last = item.moves().len().saturating_sub(limits::STOCK_SHOWN);
        let movement = |it: &crate::track::stock::Move| Movement {
            at: it.at,
            quantity: it.delta,
            reason: it.reason,
            counts: item.counted_at().is_some_and(|counted| counted <= it.at),
        };
        let movements = item.moves().iter().skip(last).map(movement).collect();
        let sold_28_days = item.as_of().map_or(0, |at| item.sold(at));
        Some(One { row, sold_28_days, movements })
    }

    fn has(&self, id: u64) -> bool {
        self.all.products.iter().any(|row| row.product_id == id)
    }
}

fn row(product_id: u64, item: Option<&Item>, product: Option<&Product>) -> Row {
    let reorder_point = product.and_then(|it| it.reorder).map(|(point, _)| point);
    let low = reorder_point.max(product.and_then(|it| it.safety_stock));
    let on_hand = item.and_then(Item::on_hand);
    let state = match on_hand {
        Some(pieces) if pieces < 0 => State::Negative,
        Some(0) => State::Out,
        Some(pieces) if low.is_some_and(|low| pieces <= low) => State::Low,
        Some(_) => State::Ok,
        None if item.is_some() => State::NeverCounted,
        None => State::Unknown,
    };
    let newest = item.and_then(|item| item.newest);
    Row {
        state,
        product_id,
        sku: product.and_then(|it| it.sku.clone()),
        name: product.and_then(|it| it.name.clone()),
        category: product.and_then(|it| it.category.clone()),
        on_hand,
        counted: newest.map(|it| it.quantity),
        counted_at: newest.map(|it| it.at),
        changed: item.map_or(0, Item::changed),
        as_of: item.and_then(Item::as_of),
        reorder_point,
        ordered: item.is_some_and(|item| item.ordered),
    }
}
