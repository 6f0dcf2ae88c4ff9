//! The stock ledger on disk: written in the transaction that accepts the records which say the same.
//!
//! # Invariants
//! - What is booked waits for the next commit that accepts records, and goes with it or not at all: a kill leaves the
//!   ledger and the events agreeing. A commit that only frees rows or writes the journal takes nothing of it along.
//! - A row whose checksum is wrong is left out when the ledger is read; how many were is told.
//! - The ledger is no part of the buffer: nothing that waits to be sent gives way to it. Its size is bounded by the
//!   numbers of products and moves (`limits::STOCK_ITEMS`, `limits::STOCK_MOVES`).
//!
//! # How
//! Moves are appended, so that a commit touches few pages; a product's row is written anew with each. A new database
//! (the first, or one after damage) has an empty ledger: products are uncounted until their next count.

use std::collections::BTreeMap;
use std::path::Path;

use crc::{CRC_32_ISCSI, Crc};
use rusqlite::{Connection, Transaction, params};

use super::Store;
use super::error::StoreError;
use super::journal_file::{too_old, with_copy};
use super::schema;
use crate::time::UtcMs;

const CRC: Crc<u32> = Crc::<u32>::new(&CRC_32_ISCSI);

/// Bytes that a product and a move take in the database, rounded up.
const ITEM_BYTES: u64 = 96;
const MOVE_BYTES: u64 = 64;

/// A product.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StockItem {
    /// Its number.
    pub product: u64,
    /// The newest count, and the one before: when, and how many pieces.
    pub counted: Option<(UtcMs, i64)>,
    /// See `counted`.
    pub before: Option<(UtcMs, i64)>,
    /// Changes at or after the newest count that have no row.
    pub base: i64,
    /// Before this changes may have no row.
    pub floor: UtcMs,
    /// An order was told of.
    pub ordered: bool,
}

/// A change of a product.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StockMove {
    /// Where it stands.
    pub row: i64,
    /// Whose.
    pub product: u64,
    /// When.
    pub at: UtcMs,
    /// Pieces.
    pub delta: i64,
    /// The number of its reason.
    pub reason: u8,
    /// What it is part of.
    pub key: u64,
}

/// What is to be written; nothing where a row goes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StockWrites {
    /// By product.
    pub items: BTreeMap<u64, StockItem>,
    /// By row.
    pub moves: BTreeMap<i64, Option<StockMove>>,
    /// Names that no product has, and how often.
    pub names: BTreeMap<String, Option<u64>>,
    /// Products and moves in all, afterwards.
    pub held: (u64, u64),
}

impl StockWrites {
    fn is_empty(&self) -> bool {
        self.items.is_empty() && self.moves.is_empty() && self.names.is_empty()
    }

    /// Bytes that the ledger takes, rounded up.
    pub(super) fn held_bytes(&self) -> u64 {
        self.held.0 * ITEM_BYTES + self.held.1 * MOVE_BYTES
    }
}

/// The ledger as it stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stock {
    /// All products.
    pub items: Vec<StockItem>,
    /// All moves, in the order of their rows.
    pub moves: Vec<StockMove>,
    /// Names that no product has, the most frequent first.
    pub names: Vec<(String, u64)>,
    /// Rows that were left out because they are damaged.
    pub damaged: u64,
}

impl Store {
    /// The ledger, at a start.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn stock(&mut self) -> Result<Stock, StoreError> {
        let stock = self.damage.watch(read(&self.connection))?;
        self.stock.held = (stock.items.len() as u64, stock.moves.len() as u64);
        Ok(stock)
    }

    /// Takes what is to be written with the next records that are accepted.
    pub fn book(&mut self, writes: StockWrites) {
        let StockWrites { items, moves, names, held } = writes;
        self.stock.items.extend(items);
        self.stock.moves.extend(moves);
        self.stock.names.extend(names);
        self.stock.held = held;
    }

    /// It was written.
    pub(super) fn booked(&mut self) {
        self.stock = StockWrites { held: self.stock.held, ..StockWrites::default() };
    }
}

/// The ledger in the database `file`, which an agent may have open.
///
/// # Errors
/// [`StoreError::Refuse`] when it is no database of ours or has no ledger yet; [`StoreError::Busy`] when it changed
/// whenever it was copied.
pub fn read_stock(file: &Path) -> Result<Stock, StoreError> {
    with_copy(file, |connection, version| {
        if version < schema::WITH_STOCK {
            let reason = "it has no stock ledger yet: this version of the agent has not run on it";
            return Err(too_old(file, reason));
        }
        read(connection)
    })
}

/// Writes what waits.
pub(super) fn write(
    transaction: &Transaction<'_>,
    writes: &StockWrites,
) -> Result<(), rusqlite::Error> {
    if writes.is_empty() {
        return Ok(());
    }
    let sql = "INSERT OR REPLACE INTO stock_item (product, counted_at, counted, before_at, before, base, floor, \
               ordered, crc) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
    let mut put = transaction.prepare_cached(sql)?;
    for item in writes.items.values() {
        let (counted_at, counted) = split(item.counted);
        let (before_at, before) = split(item.before);
        let (product, crc) = (item.product as i64, item_crc(item));
        let (base, floor) = (item.base, item.floor.0);
        let row = params![
            product,
            counted_at,
            counted,
            before_at,
            before,
            base,
            floor,
            item.ordered,
            crc
        ];
        put.execute(row)?;
    }
    let sql = "INSERT OR REPLACE INTO stock_move (id, product, at, delta, reason, key, crc) \
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
    let mut put = transaction.prepare_cached(sql)?;
    let mut delete = transaction.prepare_cached("DELETE FROM stock_move WHERE id = ?1")?;
    for (row, it) in &writes.moves {
        let Some(it) = it else {
            delete.execute([row])?;
            continue;
        };
        let (product, key, crc) = (it.product as i64, it.key as i64, move_crc(it));
        put.execute(params![row, product, it.at.0, it.delta, it.reason, key, crc])?;
    }
    write_names(transaction, &writes.names)
}

fn write_names(
    transaction: &Transaction<'_>,
    names: &BTreeMap<String, Option<u64>>,
) -> Result<(), rusqlite::Error> {
    let mut put = transaction
        .prepare_cached("INSERT OR REPLACE INTO stock_unmatched (name, count) VALUES (?1, ?2)")?;
    let mut delete = transaction.prepare_cached("DELETE FROM stock_unmatched WHERE name = ?1")?;
    for (name, count) in names {
        match count {
            Some(count) => put.execute(params![name, *count as i64])?,
            None => delete.execute([name])?,
        };
    }
    Ok(())
}

fn read(connection: &Connection) -> Result<Stock, StoreError> {
    let mut stock = Stock::default();
    let sql = "SELECT product, counted_at, counted, before_at, before, base, floor, ordered, crc FROM stock_item";
    let mut select = connection.prepare(sql)?;
    let mut rows = select.query([])?;
    while let Some(row) = rows.next()? {
        match item(row).ok().filter(|(item, crc)| item_crc(item) == *crc) {
            Some((item, _)) => stock.items.push(item),
            None => stock.damaged += 1,
        }
    }
    let sql = "SELECT id, product, at, delta, reason, key, crc FROM stock_move ORDER BY id";
    let mut select = connection.prepare(sql)?;
    let mut rows = select.query([])?;
    while let Some(row) = rows.next()? {
        match moved(row).ok().filter(|(it, crc)| move_crc(it) == *crc) {
            Some((it, _)) => stock.moves.push(it),
            None => stock.damaged += 1,
        }
    }
    let sql = "SELECT name, count FROM stock_unmatched ORDER BY count DESC, name";
    let mut select = connection.prepare(sql)?;
    let names = select.query_map([], |row| Ok((row.get(0)?, row.get::<_, i64>(1)? as u64)))?;
    stock.names = names.filter_map(Result::ok).collect();
    Ok(stock)
}

fn item(row: &rusqlite::Row<'_>) -> Result<(StockItem, u32), rusqlite::Error> {
    let pair = |at: usize| -> Result<Option<(UtcMs, i64)>, rusqlite::Error> {
        let (time, pieces): (Option<i64>, Option<i64>) = (row.get(at)?, row.get(at + 1)?);
        Ok(time.map(UtcMs).zip(pieces))
    };
    let item = StockItem {
        product: row.get::<_, i64>(0)? as u64,
        counted: pair(1)?,
        before: pair(3)?,
        base: row.get(5)?,
        floor: UtcMs(row.get(6)?),
        ordered: row.get::<_, i64>(7)? != 0,
    };
    Ok((item, row.get(8)?))
}

fn moved(row: &rusqlite::Row<'_>) -> Result<(StockMove, u32), rusqlite::Error> {
    let it = StockMove {
        row: row.get(0)?,
        product: row.get::<_, i64>(1)? as u64,
        at: UtcMs(row.get(2)?),
        delta: row.get(3)?,
        reason: row.get(4)?,
        key: row.get::<_, i64>(5)? as u64,
    };
    Ok((it, row.get(6)?))
}

fn split(pair: Option<(UtcMs, i64)>) -> (Option<i64>, Option<i64>) {
    (pair.map(|(at, _)| at.0), pair.map(|(_, pieces)| pieces))
}

fn item_crc(item: &StockItem) -> u32 {
    let pair =
        |pair: Option<(UtcMs, i64)>| pair.map_or([0, 0, 0], |(at, pieces)| [1, at.0, pieces]);
    let [a, b, c] = pair(item.counted);
    let [d, e, f] = pair(item.before);
    crc(&[item.product as i64, a, b, c, d, e, f, item.base, item.floor.0, item.ordered.into()])
}

fn move_crc(it: &StockMove) -> u32 {
    crc(&[it.row, it.product as i64, it.at.0, it.delta, it.reason.into(), it.key as i64])
}

fn crc(numbers: &[i64]) -> u32 {
    let mut digest = CRC.digest();
    numbers.iter().for_each(|number| digest.update(&number.to_le_bytes()));
    digest.finalize()
}

#[cfg(test)]
mod tests;
