//! The cap: when the database would outgrow it, the oldest rows of the least valuable class give way, and the
//! gap table says which numbers will never come.

use std::collections::BTreeMap;

use rusqlite::{Connection, Transaction, params};
use tillgate_events::Class;

use super::backlog::{Size, Stream};
use super::error::StoreError;
use super::gap::{GapReason, Lost, record};
use super::journal::Journal;
use super::schema::class_number;
use super::write::size_of;
use crate::limits::{EVICT_ROWS, STORE_PAGE_BYTES};

/// Which class gives way first when the cap is reached.
const EVICTION_ORDER: [Class; 5] =
    [Class::Visit, Class::Ops, Class::Dock, Class::Stock, Class::Pos];

/// A row that gave way.
#[derive(Clone, Copy)]
pub(super) struct Evicted {
    epoch: u32,
    first: u64,
    pub size: Size,
}

impl Evicted {
    fn lost(self, class: Class) -> Lost {
        let Self { epoch, first, size } = self;
        Lost { class, epoch, first, count: size.records, bytes: size.bytes }
    }
}

/// Evicts until `needed` more bytes fit below the cap, and a little beyond, so that it is not done each time. What was
/// sent goes before what was not: finished documents of the journal go first.
pub(super) fn make_room(
    transaction: &Transaction<'_>,
    max_bytes: u64,
    needed: u64,
    streams: &mut BTreeMap<Class, Stream>,
    journal: &mut Journal,
) -> Result<Vec<Evicted>, StoreError> {
    let mut gone = Vec::new();
    if used_bytes(transaction)? + needed <= max_bytes {
        return Ok(gone);
    }
    let target = max_bytes - max_bytes / 64;
    while used_bytes(transaction)? + needed > target && journal.drop_oldest(transaction)? {}
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
        // A damaged row may hold anything, and must not stop the others from leaving.
        let epoch = u32::try_from(row.get::<_, i64>(1)?).unwrap_or(0);
        Ok(Evicted { epoch, first: row.get::<_, i64>(2)?.unsigned_abs(), size })
    })?;
    let mut evicted = dropped.collect::<Result<Vec<_>, _>>()?;
    evicted.sort_by_key(|row| row.size.id);
    for row in &evicted {
        stream.remove(row.size);
        stream.oldest = stream.oldest.max(row.size.id + 1);
        record(transaction, row.lost(class), GapReason::Cap)?;
    }
    if evicted.is_empty() {
        stream.rows = 0;
    }
    Ok(evicted)
}

/// A number that SQLite knows of the database.
pub(super) fn pragma(connection: &Connection, name: &str) -> Result<u64, rusqlite::Error> {
    connection.pragma_query_value(None, name, |row| row.get::<_, u32>(0)).map(u64::from)
}
