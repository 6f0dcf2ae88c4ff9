//! What the cloud has on its disk: records, events and losses, out of the entries of its file.

use std::collections::BTreeMap;

use tillgate::ledger::{Entry, Kind};
use tillgate_events::{Header, Loss, Record, decode, expand};

use crate::oracle::Key;

/// What the cloud has on its disk.
#[derive(Default)]
pub struct Contents {
    /// With the header of the batch that they came in.
    records: BTreeMap<Key, (Header, Record)>,
    /// Lines of JSON by their part.
    parts: BTreeMap<Key, BTreeMap<u32, Vec<u8>>>,
    losses: Vec<Loss>,
}

/// What became of a record.
pub enum Has {
    Same,
    Other,
    Nothing,
}

impl Contents {
    pub fn take(&mut self, entry: &Entry) {
        let head = &entry.head;
        match (head.kind, head.part) {
            (Kind::Records, None) => {
                let Ok(batch) = decode(&entry.payload) else { return };
                for (index, record) in batch.records.into_iter().enumerate() {
                    let key = (head.class, head.epoch, batch.header.first_sequence + index as u64);
                    self.records.insert(key, (batch.header.clone(), record));
                }
            }
            (Kind::Records, Some((part, _))) => {
                let parts = self.parts.entry((head.class, head.epoch, head.first)).or_default();
                parts.insert(part, entry.payload.clone());
            }
            (Kind::Gap | Kind::Reserved | Kind::Thinned, _) => {
                self.losses.extend(Loss::parse(&entry.payload));
            }
            // Other records than those before: these are the ones that count.
            (Kind::Twice, None) => {
                let Ok(batch) = decode(&entry.payload) else { return };
                for (index, record) in batch.records.into_iter().enumerate() {
                    let key = (head.class, head.epoch, batch.header.first_sequence + index as u64);
                    self.records.entry(key).or_insert_with(|| (batch.header.clone(), record));
                }
            }
            _ => {}
        }
    }

    pub fn has(&self, key: Key, header: &Header, record: &Record) -> Has {
        if let Some((_, arrived)) = self.records.get(&key) {
            return if arrived == record { Has::Same } else { Has::Other };
        }
        let Some(parts) = self.parts.get(&key) else { return Has::Nothing };
        let lines = lines(key, header, record);
        if lines.len() != parts.len() {
            return Has::Nothing;
        }
        if lines.iter().eq(parts.values()) { Has::Same } else { Has::Other }
    }

    /// The events that arrived under this number, as JSON.
    pub fn lines(&self, key: Key) -> Vec<Vec<u8>> {
        match (self.records.get(&key), self.parts.get(&key)) {
            (Some((header, record)), _) => lines(key, header, record),
            (None, Some(parts)) => parts.values().cloned().collect(),
            (None, None) => Vec::new(),
        }
    }

    /// Why a number is gone. What was told as thinned and as lost is lost, in whatever order that was told.
    pub fn reason(&self, (class, epoch, number): Key) -> Option<&str> {
        let names = |loss: &&Loss| {
            let numbers = loss.first_sequence..=loss.last_sequence;
            loss.class == class && loss.epoch == epoch && numbers.contains(&number)
        };
        let mut reasons = self.losses.iter().filter(names).map(|loss| loss.reason.as_str());
        let first = reasons.next()?;
        if first == Loss::THINNED {
            reasons.find(|it| *it != first).or(Some(first))
        } else {
            Some(first)
        }
    }

    pub fn keys(&self) -> impl Iterator<Item = Key> {
        self.records.keys().chain(self.parts.keys()).copied()
    }
}

/// The events of a record as JSON; `header` is that of its batch.
pub fn lines(key: Key, header: &Header, record: &Record) -> Vec<Vec<u8>> {
    let index = usize::try_from(key.2 - header.first_sequence).unwrap_or_default();
    let events = expand(header, index, record).into_iter();
    events.map(|event| event.to_json_line().trim_end().as_bytes().to_vec()).collect()
}
