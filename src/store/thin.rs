//! Thinning: at the cap, rows that were never sent are made fewer before any is dropped.
//!
//! # Invariants
//! - Only rows beyond [`Sent::limit`] are touched.
//! - A row that is made of others keeps the *last* of their numbers, and the place of the last one. The numbers that
//!   become free are a gap in the same transaction: `thinned` where records became one, `cap` where they were dropped.
//! - What of these stands for others takes their numbers along: they were told as `thinned` and are told again
//!   (`holder`).
//! - So each number is in a row or in a gap, and numbers grow with the places, as for all rows.
//!
//! # How
//! Rows that follow each other are put together, as many as make one batch (`compact::thin`). Where all were, and it is
//! not enough, windows of tags are taken out of them, the oldest first: counts of people are worth more. How far both
//! came is in the database, so that each row is read once for each.

use std::collections::BTreeMap;

use rusqlite::{OptionalExtension as _, Transaction, params};
use tillgate_events::{Batch, Class, ClockQuality, Header, Record, decode, encode};

use super::backlog::{Size, Stream};
use super::check::checksum;
use super::error::StoreError;
use super::gap::{GapReason, Lost, record, record_over};
use super::holder::Holder;
use super::read::parse;
use super::row::{Row, RowId};
use super::schema::{JOINED, STRIPPED, class_number};
use super::sent::{Sent, put};
use super::write::ROW_OVERHEAD;
use crate::compact::thin::{Thinner, is_worth_least};
use crate::limits::{BATCH_BYTES, BATCH_RECORDS, THIN_ROWS};

/// The class whose records can be made fewer.
const CLASS: Class = Class::Visit;

/// What thinning changes.
pub(super) struct Thinning<'a> {
    pub streams: &'a mut BTreeMap<Class, Stream>,
    pub sent: &'a mut Sent,
    /// Records that became a part of others.
    pub joined: u64,
    /// Records that were dropped, with those that were a part of them, and their payload's bytes.
    pub dropped: (u64, u64),
}

/// Rows that become one.
#[derive(Default)]
struct Run {
    rows: Vec<Size>,
    header: Option<Header>,
    /// The number after the last record.
    end: u64,
    /// Of the records that were read, those that are worth least.
    least: u64,
    thinner: Thinner,
}

impl Thinning<'_> {
    /// Puts the next few rows together; false when there are none left.
    pub fn join(&mut self, transaction: &Transaction<'_>) -> Result<bool, StoreError> {
        let run = Run::read(transaction, self.sent)?;
        let (last, run) = match run {
            Found::Nothing => return Ok(false),
            Found::Unreadable(id) => (id, None),
            Found::Run(last, run) => (last, Some(run)),
        };
        if let Some(Run { rows, header: Some(mut header), end, least, thinner }) = run {
            let since = header.first_sequence;
            let records = thinner.finish();
            let first = end.saturating_sub(records.len() as u64);
            header.first_sequence = first;
            let left = records.iter().filter(|it| is_worth_least(it)).count() as u64;
            let least = least.saturating_sub(left);
            let free = first.saturating_sub(since);
            let before: u64 = rows.iter().map(|row| row.bytes + ROW_OVERHEAD).sum();
            let payload = encode(&Batch { header: header.clone(), records }).unwrap_or_default();
            let after = payload.len() as u64 + ROW_OVERHEAD;
            // One that cannot be encoded, or would be too large, leaves its parts as they are.
            if (1..=BATCH_BYTES).contains(&payload.len()) && after < before {
                let bytes = self.replace(transaction, &rows, &header, (first, end), &payload)?;
                if free > 0 {
                    let epoch = header.epoch;
                    let told = Lost { class: CLASS, epoch, first: since, count: free, bytes };
                    record(transaction, told, GapReason::Thinned)?;
                }
                let others = free.saturating_sub(least);
                Holder { epoch: header.epoch, since, first, least, others }
                    .put(transaction, last)?;
                self.joined += free;
            }
        }
        self.sent.joined = last;
        put(transaction, JOINED, last)?;
        Ok(true)
    }

    /// Takes what is worth least out of the next row; false when there is none left.
    pub fn strip(&mut self, transaction: &Transaction<'_>) -> Result<bool, StoreError> {
        let from = self.sent.stripped.max(self.sent.limit());
        let sql = "SELECT id, class, epoch, first, count, crc, payload FROM outbox \
                   WHERE class = ?1 AND id > ?2 ORDER BY id LIMIT 1";
        let mut select = transaction.prepare_cached(sql)?;
        let found = select.query_row(params![class_number(CLASS), from], |columns| {
            let id = columns.get(0)?;
            Ok((id, parse(RowId(id), columns)))
        });
        let Some((id, row)) = found.optional()? else { return Ok(false) };
        if let Some((row, batch)) = row.and_then(whole) {
            self.strip_row(transaction, &row, batch)?;
        }
        self.sent.stripped = id;
        put(transaction, STRIPPED, id)?;
        Ok(true)
    }

    fn strip_row(
        &mut self,
        transaction: &Transaction<'_>,
        row: &Row,
        batch: Batch,
    ) -> Result<(), StoreError> {
        let Batch { mut header, records } = batch;
        let end = row.first_sequence + u64::from(row.count);
        let records: Vec<Record> = records.into_iter().filter(|it| !is_worth_least(it)).collect();
        let left = records.len() as u64;
        if left == u64::from(row.count) {
            return Ok(());
        }
        header.first_sequence = end - left;
        let payload = match left {
            0 => Vec::new(),
            _ => match encode(&Batch { header: header.clone(), records }) {
                Ok(payload) => payload,
                Err(_) => return Ok(()),
            },
        };
        let numbers = (header.first_sequence, end);
        let bytes = self.replace(transaction, &[size(row)], &header, numbers, &payload)?;
        let (epoch, first) = (row.epoch, row.first_sequence);
        let own = Lost { class: CLASS, epoch, first, count: u64::from(row.count) - left, bytes };
        let holder = Holder::take(transaction, row.id.0)?;
        let (lost, holder) = holder.unwrap_or(Holder::none(row)).without_least(own);
        if left > 0 {
            holder.put(transaction, row.id.0)?;
        }
        let told = if lost == own { record } else { record_over };
        told(transaction, lost, GapReason::Cap)?;
        self.dropped = (self.dropped.0 + lost.count, self.dropped.1 + bytes);
        Ok(())
    }

    /// Puts one row, or none, in the place of others. How many bytes of payload that saves.
    fn replace(
        &mut self,
        transaction: &Transaction<'_>,
        rows: &[Size],
        header: &Header,
        (first, end): (u64, u64),
        payload: &[u8],
    ) -> Result<u64, StoreError> {
        let (Some(oldest), Some(last)) = (rows.first(), rows.last()) else { return Ok(0) };
        let (Header { epoch, .. }, class) = (header, class_number(CLASS));
        let sql = "DELETE FROM outbox WHERE class = ?1 AND id BETWEEN ?2 AND ?3";
        transaction.prepare_cached(sql)?.execute(params![class, oldest.id, last.id])?;
        let bytes = rows.iter().map(|row| row.bytes).sum::<u64>();
        let stream = self.streams.entry(CLASS).or_insert(Stream::NEW);
        rows.iter().for_each(|row| stream.remove(*row));
        let left = u32::try_from(end - first).unwrap_or(u32::MAX);
        if left > 0 {
            let crc = checksum(RowId(last.id), CLASS, *epoch, (first, left), payload);
            let size = Size { bytes: payload.len() as u64, records: left.into(), id: last.id };
            let sql = "INSERT INTO outbox (id, class, epoch, first, count, crc, payload) \
                       VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
            let values = params![last.id, class, epoch, first.cast_signed(), left, crc, payload];
            transaction.prepare_cached(sql)?.execute(values)?;
            stream.add(size);
        }
        Ok(bytes.saturating_sub(payload.len() as u64))
    }
}

/// What comes next to be put together.
enum Found {
    Nothing,
    /// A row that is damaged, or of a later version: it is dealt with where rows are read.
    Unreadable(i64),
    /// With its last row.
    Run(i64, Run),
}

impl Run {
    /// The next rows that can be one.
    fn read(transaction: &Transaction<'_>, sent: &Sent) -> Result<Found, StoreError> {
        let from = sent.joined.max(sent.limit());
        let sql = "SELECT id, class, epoch, first, count, crc, payload FROM outbox \
                   WHERE class = ?1 AND id > ?2 ORDER BY id LIMIT ?3";
        let mut select = transaction.prepare_cached(sql)?;
        let mut rows = select.query(params![class_number(CLASS), from, THIN_ROWS])?;
        let mut run = Self::default();
        while let Some(columns) = rows.next()? {
            let id: i64 = columns.get(0)?;
            match parse(RowId(id), columns).and_then(whole) {
                Some((row, batch)) if run.takes(&row, sent) => run.add(&row, batch),
                None if run.rows.is_empty() => return Ok(Found::Unreadable(id)),
                _ => break,
            }
        }
        let last = run.rows.last().map(|row| row.id);
        Ok(last.map_or(Found::Nothing, |last| Found::Run(last, run)))
    }

    /// Whether a row's numbers follow, and its records fit into one batch with what is left of the others.
    fn takes(&self, row: &Row, sent: &Sent) -> bool {
        let (Some(header), Some(last)) = (&self.header, self.rows.last()) else { return true };
        let follows = row.epoch == header.epoch && row.first_sequence == self.end;
        let follows = follows && sent.alike(last.id, row.id.0);
        follows && self.thinner.len() + row.count as usize <= BATCH_RECORDS
    }

    /// The batch is as old as its oldest part, and its times are believed where all are.
    fn add(&mut self, row: &Row, batch: Batch) {
        let header = self.header.get_or_insert_with(|| batch.header.clone());
        if batch.header.clock != ClockQuality::Synced {
            header.clock = batch.header.clock;
        }
        for record in batch.records {
            self.least += u64::from(is_worth_least(&record));
            self.thinner.push(record);
        }
        self.rows.push(size(row));
        self.end = row.first_sequence + u64::from(row.count);
    }
}

fn size(row: &Row) -> Size {
    Size { id: row.id.0, records: row.count.into(), bytes: row.payload.len() as u64 }
}

/// A row with its batch, if that says the same of its numbers.
fn whole(row: Row) -> Option<(Row, Batch)> {
    let batch = decode(&row.payload).ok()?;
    let Header { class, epoch, first_sequence, .. } = batch.header;
    let same = (class, epoch, first_sequence) == (row.class, row.epoch, row.first_sequence);
    let same = same && batch.records.len() as u64 == u64::from(row.count);
    same.then_some((row, batch))
}

#[cfg(test)]
mod tests;
