//! Rows of the outbox and pages of the journal, found by their shape on the pages of a database, whatever became of its
//! schema and its trees.
//!
//! Format: "Database File Format" of sqlite.org, sections 1.6 (pages of trees) and 2.1 (records). A row is believed
//! only with its checksum, so other tables, and pages that only look like leaves, yield nothing.
//!
//! # Invariants
//! - Pure, and total: any bytes give rows or none. At most [`SALVAGE_ROW_BYTES`] are gathered for a row.

use super::check::checksum_of;
use super::journal::Page;
use super::journal_restore::StoredPage;
use super::row::{Row, RowId};
use super::schema::class_of;
use crate::limits::{SALVAGE_ROW_BYTES, STORE_PAGE_BYTES};
use crate::time::UtcMs;

/// The mark of a leaf of a table's tree.
const LEAF: u8 = 0x0d;
/// Where a leaf counts its cells, and where their places begin.
const CELLS_AT: usize = 3;
const PLACES_AT: usize = 8;

/// What is whole on a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Whole {
    Row(Row),
    Page(StoredPage),
}

impl Whole {
    /// Of what it holds, rounded down.
    pub fn bytes(&self) -> u64 {
        match self {
            Self::Row(row) => row.payload.len() as u64,
            Self::Page(stored) => stored.page.bytes(),
        }
    }
}

/// All that is whole on a page; `read` gives other pages by number.
pub(super) fn whole_on(page: &[u8], read: &dyn Fn(u32) -> Option<Vec<u8>>) -> Vec<Whole> {
    if page.first() != Some(&LEAF) {
        return Vec::new();
    }
    let cells = usize::from(number16(page, CELLS_AT).unwrap_or(0));
    let places = (0..cells).map_while(|cell| number16(page, PLACES_AT + 2 * cell));
    places.filter_map(|place| whole(page.get(usize::from(place)..)?, read)).collect()
}

fn whole(cell: &[u8], read: &dyn Fn(u32) -> Option<Vec<u8>>) -> Option<Whole> {
    let (length, cell) = varint(cell)?;
    let (id, cell) = varint(cell)?;
    let record = record(length.cast_unsigned(), cell, read)?;
    let mut columns = Columns::of(&record)?;
    if columns.kinds.first() != Some(&0) {
        return None;
    }
    columns.integer()?;
    match columns.kinds.len() {
        7 => row(id, columns).map(Whole::Row),
        8 => page(id, columns).map(Whole::Page),
        _ => None,
    }
}

fn page(id: i64, mut columns: Columns<'_>) -> Option<StoredPage> {
    let document = columns.integer()?;
    let device = columns.text()?;
    let (at, ends, crc) = (columns.integer()?, columns.integer()?, columns.integer()?);
    let (text, tail) = (columns.text()?, columns.text()?);
    let page = Page { device, paper: 0, at: UtcMs(at), ends: ends != 0, text, tail };
    let stored = StoredPage { id, document, page };
    (crc == i64::from(stored.checksum())).then_some(stored)
}

fn row(id: i64, mut columns: Columns<'_>) -> Option<Row> {
    let row = Row {
        id: RowId(id),
        class: class_of(columns.integer()?)?,
        epoch: u32::try_from(columns.integer()?).ok()?,
        first_sequence: u64::try_from(columns.integer()?).ok()?,
        count: u32::try_from(columns.integer()?).ok()?,
        payload: Vec::new(),
    };
    let crc = u32::try_from(columns.integer()?).ok()?;
    let row = Row { payload: columns.blob()?, ..row };
    (crc == checksum_of(&row)).then_some(row)
}

/// Gathers a record from its cell and the pages that it goes on.
fn record(length: u64, cell: &[u8], read: &dyn Fn(u32) -> Option<Vec<u8>>) -> Option<Vec<u8>> {
    if length > SALVAGE_ROW_BYTES {
        return None;
    }
    let length = usize::try_from(length).ok()?;
    let page = STORE_PAGE_BYTES as usize;
    let (most, least) = (page - 35, (page - 12) * 32 / 255 - 23);
    let here = match length {
        _ if length <= most => length,
        _ => Some(least + (length - least) % (page - 4)).filter(|it| *it <= most).unwrap_or(least),
    };
    let mut record = cell.get(..here)?.to_vec();
    let mut next = cell.get(here..).and_then(|rest| number32(rest, 0)).unwrap_or(0);
    while record.len() < length {
        let page = read(next)?;
        let content = page.get(4..)?;
        record.extend(content.iter().take(length - record.len()));
        next = number32(&page, 0)?;
    }
    Some(record)
}

/// The columns of a record, in order.
struct Columns<'a> {
    kinds: Vec<i64>,
    at: usize,
    content: &'a [u8],
}

impl<'a> Columns<'a> {
    fn of(record: &'a [u8]) -> Option<Self> {
        let (header, mut rest) = varint(record)?;
        let header = usize::try_from(header).ok()?;
        let content = record.get(header..)?;
        let mut kinds = Vec::new();
        while rest.len() > content.len() {
            let (kind, after) = varint(rest)?;
            kinds.push(kind);
            rest = after;
        }
        Some(Self { kinds, at: 0, content })
    }

    fn kind(&mut self) -> Option<i64> {
        self.at += 1;
        self.kinds.get(self.at - 1).copied()
    }

    fn take(&mut self, bytes: usize) -> Option<&'a [u8]> {
        let (value, rest) = self.content.split_at_checked(bytes)?;
        self.content = rest;
        Some(value)
    }

    /// An integer; what is null (the id: it is the cell's key) counts as 0.
    fn integer(&mut self) -> Option<i64> {
        let bytes = match self.kind()? {
            0 | 8 => return Some(0),
            9 => return Some(1),
            kind @ 1..=4 => usize::try_from(kind).ok()?,
            5 => 6,
            6 => 8,
            _ => return None,
        };
        let value = self.take(bytes)?;
        let sign = if value.first()? & 0x80 == 0 { 0 } else { -1 };
        Some(value.iter().fold(sign, |value, byte| value << 8 | i64::from(*byte)))
    }

    fn text(&mut self) -> Option<String> {
        let kind = self.kind().filter(|kind| *kind >= 13 && kind % 2 == 1)?;
        String::from_utf8(self.take(usize::try_from((kind - 13) / 2).ok()?)?.to_vec()).ok()
    }

    fn blob(&mut self) -> Option<Vec<u8>> {
        let kind = self.kind().filter(|kind| *kind >= 12 && kind % 2 == 0)?;
        self.take(usize::try_from((kind - 12) / 2).ok()?).map(<[u8]>::to_vec)
    }
}

/// A number of one to nine bytes, and what follows it.
fn varint(bytes: &[u8]) -> Option<(i64, &[u8])> {
    let mut value = 0_i64;
    for (index, byte) in bytes.iter().enumerate().take(9) {
        let rest = bytes.get(index + 1..)?;
        if index == 8 {
            return Some((value << 8 | i64::from(*byte), rest));
        }
        value = value << 7 | i64::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            return Some((value, rest));
        }
    }
    None
}

fn number16(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_be_bytes(bytes.get(at..)?.first_chunk().copied()?))
}

pub(super) fn number32(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_be_bytes(bytes.get(at..)?.first_chunk().copied()?))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn any_bytes_give_rows_or_none(
            mut page in proptest::collection::vec(any::<u8>(), 0..1024),
            other in proptest::collection::vec(any::<u8>(), 0..1024),
            cells in 0_u8..40,
        ) {
            if let Some(start) = page.get_mut(..8) {
                start.copy_from_slice(&[LEAF, 0, 0, 0, cells, 0, 0, 0]);
            }
            let rows = whole_on(&page, &|number| (number < 1000).then(|| other.clone()));
            prop_assert!(rows.is_empty(), "a checksum fits by chance once in four billion");
        }
    }

    #[test]
    fn numbers_of_any_length_are_read() {
        let known: [(&[u8], i64); 4] = [
            (&[0x7f], 127),
            (&[0x81, 0x00], 128),
            (&[0xff; 9], -1),
            (&[0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x07], 7),
        ];
        for (bytes, expected) in known {
            assert_eq!(varint(bytes).map(|it| it.0), Some(expected));
            assert!(varint(&bytes[..bytes.len() - 1]).is_none());
        }
    }
}
