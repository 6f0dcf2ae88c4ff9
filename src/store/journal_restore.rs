//! The journal of a damaged database: its pages put back, and what becomes of its open documents.

use rusqlite::{Connection, params};

use super::journal::{Page, checksum, parse};

/// A page as it stands in the table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct StoredPage {
    pub id: i64,
    pub document: i64,
    pub page: Page,
}

impl StoredPage {
    pub fn checksum(&self) -> u32 {
        checksum(self.id, self.document, &self.page)
    }
}

/// The newest pages of a database up to so many bytes, as far as they are whole and can be read.
pub(super) fn whole_pages(connection: &Connection, most: u64) -> Vec<StoredPage> {
    let mut pages = Vec::new();
    // What cannot be read is looked for on the pages of the file later.
    let _ = read_pages(connection, most, &mut pages);
    pages
}

fn read_pages(
    connection: &Connection,
    most: u64,
    pages: &mut Vec<StoredPage>,
) -> Result<(), rusqlite::Error> {
    let sql =
        "SELECT id, device, at, ends, crc, text, tail, document FROM journal ORDER BY id DESC";
    let mut select = connection.prepare(sql)?;
    let mut rows = select.query([])?;
    let mut bytes = 0;
    while let Some(row) = rows.next()? {
        let document = row.get(7).unwrap_or(0);
        let Some(page) = parse(document, row) else { continue };
        bytes += page.bytes();
        if bytes > most {
            break;
        }
        pages.push(StoredPage { id: row.get(0)?, document, page });
    }
    Ok(())
}

/// Closes documents that came too late to go on: all that are open but for `open`. Their lines stay.
pub(super) fn close_late(connection: &Connection, open: &[i64]) -> Result<(), rusqlite::Error> {
    let sql = "SELECT DISTINCT document FROM journal \
               WHERE document NOT IN (SELECT document FROM journal WHERE ends <> 0)";
    let mut select = connection.prepare(sql)?;
    let found = select.query_map([], |row| row.get(0))?.collect::<Result<Vec<i64>, _>>()?;
    for document in found.into_iter().filter(|document| !open.contains(document)) {
        tracing::warn!(document, "an open document of the damaged database stays in the journal");
        let close = "UPDATE journal SET ends = 1 WHERE document = ?1";
        connection.execute(close, params![document])?;
    }
    Ok(())
}

/// Puts a page back where it stood. Its bytes; 0 where it is there already.
pub(super) fn restore(
    connection: &Connection,
    stored: &StoredPage,
) -> Result<u64, rusqlite::Error> {
    let sql = "INSERT OR IGNORE INTO journal (id, document, device, at, ends, crc, text, tail) \
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
    let StoredPage { id, document, page } = stored;
    let Page { device, at, ends, text, tail, .. } = page;
    let values = params![id, document, device, at.0, ends, stored.checksum(), text, tail];
    let inserted = connection.prepare_cached(sql)?.execute(values)?;
    Ok(if inserted == 1 { page.bytes() } else { 0 })
}

/// What is open under this name, as a condition.
const OPEN: &str = "document NOT IN (SELECT document FROM journal WHERE ends <> 0)";

/// After pages were put back, of which some may be missing: closes and marks what is open.
pub(super) fn settle_restored(connection: &Connection) -> Result<(), rusqlite::Error> {
    close_ended(connection)?;
    note_holes(connection)
}

/// Closes a document that others of its device were ended after: it had its end on a page that is missing, most
/// likely, and its records are accepted.
pub(super) fn close_ended(connection: &Connection) -> Result<(), rusqlite::Error> {
    let close = format!(
        "UPDATE journal SET ends = 1 WHERE {OPEN} AND EXISTS (SELECT 1 FROM journal AS later \
         WHERE later.device = journal.device AND later.ends <> 0 AND later.id > journal.id)"
    );
    connection.execute(&close, []).map(|_| ())
}

/// Where numbers of pages are missing since an open document began, it says so, because its own may be among them.
fn note_holes(connection: &Connection) -> Result<(), rusqlite::Error> {
    // A page with a wrong checksum: something is missing here.
    let holes = format!(
        "INSERT INTO journal SELECT (SELECT max(id) FROM journal) + row_number() OVER (), document, \
         device, max(at), 0, -1, '', '' FROM journal WHERE {OPEN} GROUP BY document, device HAVING \
         (SELECT max(all_of.id) + 1 - count(*) FROM journal AS all_of \
         WHERE all_of.id >= journal.document) > journal.document"
    );
    connection.execute(&holes, []).map(|_| ())
}
