//! The cap: when the database would outgrow it, the oldest rows of the least valuable class give way, and the
//! gap table says which numbers will never come.

use std::collections::BTreeMap;

use rusqlite::{Connection, Transaction, params};
use tillgate_events::Class;

use super::backlog::{Size, Stream};
use super::error::StoreError;
use super::schema::class_number;
use super::write::size_of;
use crate::limits::{EVICT_ROWS, STORE_PAGE_BYTES};

/// Which class gives way first when the cap is reached.
const EVICTION_ORDER: [Class; 5] =
    [Class::Visit, Class::Ops, Class::Dock, Class::Stock, Class::Pos];

/// A row that gave way.
#[derive(Clone, Copy)]
pub(super) struct Evicted {
    epoch: i64,
    first: i64,
    pub size: Size,
}

/// Evicts until `needed` more bytes fit below the cap, and a little beyond, so that it is not done each time.
pub(super) fn make_room(
    transaction: &Transaction<'_>,
    max_bytes: u64,
    needed: u64,
    streams: &mut BTreeMap<Class, Stream>,
) -> Result<Vec<Evicted>, StoreError> {
    let mut gone = Vec::new();
    if used_bytes(transaction)? + needed <= max_bytes {
        return Ok(gone);
    }
    let target = max_bytes - max_bytes / 64;
    for class in EVICTION_ORDER {
        while used_bytes(transaction)? + needed > target {
            let evicted = evict(transaction, class, streams)?;
            if evicted.is_empty() {
                break;
            }
            gone.extend(evicted);
        }
    }
    Ok(gone)
}

/// Bytes of the pages in use; free pages are reused before the file grows.
fn used_bytes(connection: &Connection) -> Result<u64, rusqlite::Error> {
    let pages = pragma(connection, "page_count")? - pragma(connection, "freelist_count")?;
    Ok(pages * u64::from(STORE_PAGE_BYTES))
}

/// Drops the oldest rows of a class and writes down which.
fn evict(
    transaction: &Transaction<'_>,
    class: Class,
    streams: &mut BTreeMap<Class, Stream>,
) -> Result<Vec<Evicted>, StoreError> {
    let Some(stream) = streams.get_mut(&class).filter(|stream| stream.rows > 0) else {
        return Ok(Vec::new());
    };
    let sql = "DELETE FROM outbox WHERE id IN \
               (SELECT id FROM outbox WHERE class = ?1 AND id >= ?2 ORDER BY id LIMIT ?3) \
               RETURNING id, epoch, first, count, length(payload)";
    let mut delete = transaction.prepare_cached(sql)?;
    let arguments = params![class_number(class), stream.oldest, EVICT_ROWS];
    let dropped = delete.query_map(arguments, |row| {
        let size = size_of(row.get(0)?, row.get(3), row.get(4));
        Ok(Evicted { epoch: row.get(1)?, first: row.get(2)?, size })
    })?;
    let mut evicted = dropped.collect::<Result<Vec<_>, _>>()?;
    evicted.sort_by_key(|row| row.size.id);
    for row in &evicted {
        stream.remove(row.size);
        stream.oldest = stream.oldest.max(row.size.id + 1);
        record_gap(transaction, class, *row)?;
    }
    if evicted.is_empty() {
        stream.rows = 0;
    }
    Ok(evicted)
}

/// Adds a dropped row to the last gap of its class, or opens another.
fn record_gap(transaction: &Transaction<'_>, class: Class, row: Evicted) -> Result<(), StoreError> {
    let Evicted { epoch, first, size } = row;
    let (count, bytes) = (size.records.cast_signed(), size.bytes.cast_signed());
    let class = class_number(class);
    let extend = "UPDATE gap SET count = count + ?4, bytes = bytes + ?5 \
                  WHERE id = (SELECT max(id) FROM gap WHERE class = ?1) \
                  AND epoch = ?2 AND first + count = ?3 AND reason = 'cap'";
    let arguments = params![class, epoch, first, count, bytes];
    if transaction.prepare_cached(extend)?.execute(arguments)? == 0 {
        let open = "INSERT INTO gap (class, epoch, first, count, bytes, reason) \
                    VALUES (?1, ?2, ?3, ?4, ?5, 'cap')";
        transaction.prepare_cached(open)?.execute(arguments)?;
    }
    Ok(())
}

/// A number that SQLite knows of the database.
pub(super) fn pragma(connection: &Connection, name: &str) -> Result<u64, rusqlite::Error> {
    connection.pragma_query_value(None, name, |row| row.get::<_, u32>(0)).map(u64::from)
}
