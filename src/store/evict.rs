//! The cap: when the database would outgrow it, visits that were never sent are thinned (`thin`), then their tag
//! windows go, then the oldest rows of the least valuable class; the gap table says which numbers will never come.

use std::collections::BTreeMap;

use rusqlite::{Connection, Transaction, params};
use tillgate_events::Class;

use super::backlog::{Size, Stream};
use super::error::StoreError;
use super::gap::{GapReason, Lost, record, record_over};
use super::holder::Holder;
use super::journal::Journal;
use super::schema::class_number;
use super::sent::Sent;
use super::thin::Thinning;
use super::write::size_of;
use crate::limits::{EVICT_BYTES, EVICT_ROWS, STORE_PAGE_BYTES};

/// Which class gives way first when the cap is reached.
const EVICTION_ORDER: [Class; 5] =
    [Class::Visit, Class::Ops, Class::Dock, Class::Stock, Class::Pos];

/// What gave way.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Room {
    /// Rows that were dropped.
    pub rows: u64,
    /// Records that were dropped, with these rows or out of others, and those that had become a part of them.
    pub records: u64,
    /// Of their payload.
    pub bytes: u64,
    /// Records that became a part of others.
    pub thinned: u64,
}

impl Room {
    fn add(&mut self, more: Self) {
        self.rows += more.rows;
        self.records += more.records;
        self.bytes += more.bytes;
        self.thinned += more.thinned;
    }
}

/// A row that gave way.
#[derive(Clone, Copy)]
struct Evicted {
    epoch: u32,
    first: u64,
    size: Size,
    /// What others were joined to it.
    holder: Option<Holder>,
}

impl Evicted {
    fn lost(self, class: Class) -> Lost {
        let Self { epoch, first, size, holder } = self;
        let own = Lost { class, epoch, first, count: size.records, bytes: size.bytes };
        holder.map_or(own, |holder| holder.lost_with(own))
    }

    /// Records that are lost with it and were not before.
    fn records(self) -> u64 {
        self.size.records + self.holder.map_or(0, Holder::thinned)
    }
}

/// What a commit needs, and what there is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Need {
    /// The cap on the database with its log.
    pub max_bytes: u64,
    /// Of the log.
    pub log_bytes: u64,
    /// To be added.
    pub bytes: u64,
    /// Others have left less of the disk than [`STORE_DISK_RESERVE`]: the file should not grow.
    pub scarce: bool,
}

/// Makes room for what a commit needs: below the cap, and on a disk that is nearly full within the file as it is. There
/// receipts do not give way, and may use what is left of the disk.
pub(super) fn make_room(
    transaction: &Transaction<'_>,
    need: Need,
    (streams, journal, sent): (&mut BTreeMap<Class, Stream>, &mut Journal, &mut Sent),
) -> Result<Room, StoreError> {
    let mut room = Room::default();
    let needed = need.log_bytes + need.bytes;
    if need.scarce {
        let file = pragma(transaction, "page_count")? * u64::from(STORE_PAGE_BYTES);
        let max = (file + need.log_bytes).min(need.max_bytes);
        let kept = (&mut *streams, &mut *journal, &mut *sent);
        let [others @ .., _] = &EVICTION_ORDER;
        room.add(free_up(transaction, (max, needed), others, kept)?);
    }
    let kept = (streams, journal, sent);
    room.add(free_up(transaction, (need.max_bytes, needed), &EVICTION_ORDER, kept)?);
    Ok(room)
}

/// Frees until `needed` more bytes fit below `max_bytes`, and a little beyond, so that it is not done each time. What
/// was sent goes before what was not: finished documents of the journal go first. Then what can be said in fewer
/// words is, then rows of these classes go.
fn free_up(
    transaction: &Transaction<'_>,
    (max_bytes, needed): (u64, u64),
    classes: &[Class],
    (streams, journal, sent): (&mut BTreeMap<Class, Stream>, &mut Journal, &mut Sent),
) -> Result<Room, StoreError> {
    let mut room = Room::default();
    if used_bytes(transaction)? + needed <= max_bytes {
        return Ok(room);
    }
    let target = max_bytes - (max_bytes / 64).min(EVICT_BYTES);
    let is_short = || used_bytes(transaction).map(|used| used + needed > target);
    while is_short()? && journal.drop_oldest(transaction)? {}
    let mut thinning = Thinning { streams, sent, joined: 0, dropped: (0, 0) };
    while is_short()? && thinning.join(transaction)? {}
    while is_short()? && thinning.strip(transaction)? {}
    (room.thinned, (room.records, room.bytes)) = (thinning.joined, thinning.dropped);
    for class in classes {
        while is_short()? {
            let evicted = evict(transaction, *class, thinning.streams, thinning.sent.joined)?;
            if evicted.is_empty() {
                break;
            }
            room.rows += evicted.len() as u64;
            room.records += evicted.iter().map(|row| row.records()).sum::<u64>();
            room.bytes += evicted.iter().map(|row| row.size.bytes).sum::<u64>();
        }
    }
    Ok(room)
}

/// Bytes of the pages in use; free pages are reused before the file grows.
fn used_bytes(connection: &Connection) -> Result<u64, rusqlite::Error> {
    let pages = pragma(connection, "page_count")? - pragma(connection, "freelist_count")?;
    Ok(pages * u64::from(STORE_PAGE_BYTES))
}

/// Drops the oldest rows of a class and writes down which. Others were joined to none beyond `joined`.
fn evict(
    transaction: &Transaction<'_>,
    class: Class,
    streams: &mut BTreeMap<Class, Stream>,
    joined: i64,
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
        Ok(Evicted { epoch, first: row.get::<_, i64>(2)?.unsigned_abs(), size, holder: None })
    })?;
    let mut evicted = dropped.collect::<Result<Vec<_>, _>>()?;
    evicted.sort_by_key(|row| row.size.id);
    for row in &mut evicted {
        stream.remove(row.size);
        stream.oldest = stream.oldest.max(row.size.id + 1);
        if row.size.id <= joined {
            row.holder = Holder::take(transaction, row.size.id)?;
        }
        let told = if row.holder.is_some() { record_over } else { record };
        told(transaction, row.lost(class), GapReason::Cap)?;
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
