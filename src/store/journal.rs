//! The journal: what the devices' documents said, redacted, so that an open one survives a crash and a finished one
//! can be read again.
//!
//! # Invariants
//! - A device may have several open documents: one that is being printed, and those printed to their end of which
//!   something still waits.
//! - A document's last page says that it ended, and is written in the transaction that accepts what came of it: it
//!   is never sent twice.
//! - Finished documents are a ring: beyond the bounds the oldest goes first. An open document never goes; its size
//!   is bounded where it is decoded (`limits::DOCUMENT_BYTES`).
//! - A page whose checksum is wrong is not handed out; its document says that something is missing.
//!
//! # How
//! Pages are only appended, so that a commit touches few of the database's pages. The pages of a document lie
//! between its first and its last one, so no index is needed. What the text means is the writer's business; so are
//! the numbers by which it tells a device's documents apart, which live no longer than the store is open.

use std::collections::BTreeMap;
use std::time::Duration;

use crc::{CRC_32_ISCSI, Crc};
use rusqlite::{Connection, OptionalExtension as _, Transaction, params};

use super::Store;
use super::error::StoreError;
use crate::limits;
use crate::time::UtcMs;

const CRC: Crc<u32> = Crc::<u32>::new(&CRC_32_ISCSI);

/// Bytes that a page takes beside its texts, rounded up.
const PAGE_OVERHEAD: u64 = 64;

/// What one commit adds to an open document of a device; the first page of a number begins a document.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// Whose document.
    pub device: String,
    /// Which of the device's open documents.
    pub paper: u64,
    /// When.
    pub at: UtcMs,
    /// Nothing more belongs to the document.
    pub ends: bool,
    /// Redacted, one fact a line.
    pub text: String,
    /// What counts only while this is the document's last page.
    pub tail: String,
}

impl Page {
    pub(super) fn bytes(&self) -> u64 {
        PAGE_OVERHEAD + (self.device.len() + self.text.len() + self.tail.len()) as u64
    }
}

/// A document of the journal.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct JournalDocument {
    /// Whose.
    pub device: String,
    /// The number that further pages of an open one have to bear. Later documents have higher ones.
    pub paper: u64,
    /// When its last page was written.
    pub at: UtcMs,
    /// False for one that is open.
    pub ended: bool,
    /// All its pages' texts.
    pub text: String,
    /// The last page's.
    pub tail: String,
    /// A page of it cannot be read.
    pub damaged: bool,
}

/// How much is kept of finished documents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct JournalBounds {
    /// Of all pages.
    pub bytes: u64,
    /// Since its last page was written.
    pub age: Duration,
}

impl Default for JournalBounds {
    fn default() -> Self {
        Self { bytes: limits::JOURNAL_BYTES, age: limits::JOURNAL_AGE }
    }
}

/// What is known of the table without reading it.
#[derive(Clone, Debug)]
pub(super) struct Journal {
    next: i64,
    /// The open documents by device and number.
    open: BTreeMap<(String, u64), i64>,
    bytes: u64,
    bounds: JournalBounds,
    /// Documents dropped because of a bound.
    pub dropped: u64,
}

impl Store {
    /// Sets how much is kept of finished documents, from the next page on.
    pub fn keep_journal(&mut self, bounds: JournalBounds) {
        self.journal.bounds = bounds;
    }

    /// The documents that are open: those that the last run did not end.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn open_documents(&mut self) -> Result<Vec<JournalDocument>, StoreError> {
        let read = |((_, paper), id): (&(String, u64), &i64)| {
            let found = document(&self.connection, *id)?;
            Ok(JournalDocument { paper: *paper, ..found })
        };
        self.damage.watch(self.journal.open.iter().map(read).collect())
    }
}

impl Journal {
    /// Looks at the table; reads no text. What is open bears the number of its first page.
    pub fn read(connection: &Connection) -> Result<Self, rusqlite::Error> {
        let bounds = JournalBounds::default();
        let mut open = BTreeMap::new();
        let mut journal = Self { next: 1, open: BTreeMap::new(), bytes: 0, bounds, dropped: 0 };
        let sql = "SELECT id, document, device, ends, \
                   length(device) + length(text) + length(tail) FROM journal ORDER BY id";
        let mut select = connection.prepare(sql)?;
        let mut rows = select.query([])?;
        while let Some(row) = rows.next()? {
            // What damage made of a row is found when its document is read.
            let (id, document): (i64, i64) = (row.get(0)?, row.get(1).unwrap_or(0));
            let device: String = row.get(2).unwrap_or_default();
            let ends = row.get(3).unwrap_or(1_i64) != 0;
            journal.bytes += PAGE_OVERHEAD + row.get(4).unwrap_or(0_u32) as u64;
            journal.next = id.saturating_add(1);
            if ends {
                open.remove(&document);
            } else {
                open.insert(document, device);
            }
        }
        let named = |(id, device): (i64, String)| ((device, id.unsigned_abs()), id);
        journal.open = open.into_iter().map(named).collect();
        Ok(journal)
    }

    /// Adds pages, and lets go of what is beyond the bounds.
    pub fn write(
        &mut self,
        transaction: &Transaction<'_>,
        pages: &[Page],
    ) -> Result<(), StoreError> {
        let sql = "INSERT INTO journal (id, document, device, at, ends, crc, text, tail) \
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
        let mut insert = transaction.prepare_cached(sql)?;
        for page in pages {
            let id = self.next;
            let document = *self.open.entry((page.device.clone(), page.paper)).or_insert(id);
            let crc = checksum(id, document, page);
            let Page { device, at, ends, text, tail, .. } = page;
            insert.execute(params![id, document, device, at.0, ends, crc, text, tail])?;
            self.next += 1;
            self.bytes += page.bytes();
            if *ends {
                self.open.remove(&(page.device.clone(), page.paper));
            }
        }
        if let Some(now) = pages.iter().map(|page| page.at).max() {
            while self.is_beyond(transaction, now)? && self.drop_oldest(transaction)? {}
        }
        Ok(())
    }

    /// The first pages of the open documents.
    pub fn open_ids(&self) -> Vec<i64> {
        self.open.values().copied().collect()
    }

    /// Pages of an earlier database came, of so many bytes.
    pub fn came_late(&mut self, bytes: u64) {
        self.bytes += bytes;
    }

    /// Leaves numbers free for pages that may still come.
    pub fn leave_numbers(&mut self) {
        self.next = self.next.saturating_add(limits::SALVAGE_IDS);
    }

    /// Its bytes, and how many documents are open.
    pub fn size(&self) -> (u64, u64) {
        (self.bytes, self.open.len() as u64)
    }

    /// Drops the oldest finished document; false when there is none.
    pub fn drop_oldest(&mut self, transaction: &Transaction<'_>) -> Result<bool, StoreError> {
        let Some((last, document, _)) = oldest(transaction)? else { return Ok(false) };
        let sql = "DELETE FROM journal WHERE id BETWEEN ?1 AND ?2 AND document = ?1 \
                   OR id = ?2 RETURNING length(device) + length(text) + length(tail)";
        let mut delete = transaction.prepare_cached(sql)?;
        let mut rows = delete.query(params![document, last])?;
        while let Some(row) = rows.next()? {
            let bytes = PAGE_OVERHEAD + row.get(0).unwrap_or(0_u32) as u64;
            self.bytes = self.bytes.saturating_sub(bytes);
        }
        self.dropped += 1;
        Ok(true)
    }

    /// Whether the oldest finished document is one too many.
    fn is_beyond(&self, connection: &Connection, now: UtcMs) -> Result<bool, StoreError> {
        if self.bounds.bytes < self.bytes {
            return Ok(true);
        }
        let age = i64::try_from(self.bounds.age.as_millis()).unwrap_or(i64::MAX);
        let at = oldest(connection)?.map(|(_, _, at)| at);
        Ok(at.is_some_and(|at| at.saturating_add(age) <= now.0))
    }
}

/// Last page, document and time of the finished document that ended first.
fn oldest(connection: &Connection) -> Result<Option<(i64, i64, i64)>, rusqlite::Error> {
    let sql = "SELECT id, document, at FROM journal WHERE ends <> 0 ORDER BY id LIMIT 1";
    let mut select = connection.prepare_cached(sql)?;
    select.query_row([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).optional()
}

/// All documents of a database that were written to since `since`, by device and in their order.
pub(super) fn documents(
    connection: &Connection,
    since: UtcMs,
) -> Result<Vec<JournalDocument>, StoreError> {
    let sql = "SELECT document, max(at) FROM journal GROUP BY document HAVING max(at) >= ?1 \
               ORDER BY device, document";
    let mut select = connection.prepare(sql)?;
    let ids = select.query_map(params![since.0], |row| row.get(0))?;
    let ids = ids.collect::<Result<Vec<i64>, _>>()?;
    ids.into_iter().map(|id| document(connection, id)).collect()
}

fn document(connection: &Connection, id: i64) -> Result<JournalDocument, StoreError> {
    let sql = "SELECT id, device, at, ends, crc, text, tail FROM journal \
               WHERE id >= ?1 AND document = ?1 ORDER BY id";
    let mut select = connection.prepare_cached(sql)?;
    let mut rows = select.query(params![id])?;
    let mut found = JournalDocument::default();
    while let Some(row) = rows.next()? {
        let Some(page) = parse(id, row) else {
            found.damaged = true;
            continue;
        };
        found.device = page.device;
        found.at = page.at;
        found.ended |= page.ends;
        found.text += &page.text;
        found.tail = page.tail;
    }
    Ok(found)
}

/// A page whose columns fit their types and its checksum.
pub(super) fn parse(document: i64, row: &rusqlite::Row<'_>) -> Option<Page> {
    let id: i64 = row.get(0).ok()?;
    let page = Page {
        device: row.get(1).ok()?,
        paper: 0,
        at: UtcMs(row.get(2).ok()?),
        ends: row.get(3).ok()?,
        text: row.get(5).ok()?,
        tail: row.get(6).ok()?,
    };
    let stored: u32 = row.get(4).ok()?;
    (stored == checksum(id, document, &page)).then_some(page)
}

pub(super) fn checksum(id: i64, document: i64, page: &Page) -> u32 {
    let mut digest = CRC.digest();
    for number in [id, document, page.at.0, page.ends.into()] {
        digest.update(&number.to_le_bytes());
    }
    for text in [&page.device, &page.text, &page.tail] {
        digest.update(&(text.len() as u64).to_le_bytes());
        digest.update(text.as_bytes());
    }
    digest.finalize()
}

#[cfg(test)]
mod tests;
