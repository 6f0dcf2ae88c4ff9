//! What the cloud has on its disk: records, events and losses, out of the entries of its file.

use std::collections::BTreeMap;

use tillgate::ledger::{Entry, Kind};
use tillgate_events::{Header, Loss, Record, decode, expand};

use crate::oracle::Key;

/// What the cloud has on its disk.
#[derive(Default)]
pub struct Contents {
    records: BTreeMap<Key, Record>,
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
                    self.records.insert(key, record);
                }
            }
            (Kind::Records, Some((part, _))) => {
                let parts = self.parts.entry((head.class, head.epoch, head.first)).or_default();
                parts.insert(part, entry.payload.clone());
            }
            (Kind::Gap | Kind::Reserved | Kind::Thinned, _) => self.losses.extend(Loss::parse(&entry.payload)),
            (Kind::Again | Kind::Produced | Kind::Stream, _) => {}
        }
    }

    pub fn has(&self, key: Key, header: &Header, record: &Record) -> Has {
        if let Some(arrived) = self.records.get(&key) {
            return if arrived == record { Has::Same } else { Has::Other };
        }
        let Some(parts) = self.parts.get(&key) else { return Has::Nothing };
        let index = usize::try_from(key.2 - header.first_sequence).unwrap_or_default();
        let lines = expand(header, index, record).into_iter().map(|event| event.to_json_line());
        let lines: Vec<String> = lines.collect();
        if lines.len() != parts.len() {
            return Has::Nothing;
        }
        let same = lines
            .iter()
            .zip(parts.values())
            .all(|(line, part)| line.trim_end().as_bytes() == part.as_slice());
        if same { Has::Same } else { Has::Other }
    }

    pub fn reason(&self, (class, epoch, number): Key) -> Option<&str> {
        let names = |loss: &&Loss| {
            let numbers = loss.first_sequence..=loss.last_sequence;
            loss.class == class && loss.epoch == epoch && numbers.contains(&number)
        };
        self.losses.iter().find(names).map(|loss| loss.reason.as_str())
    }

    pub fn keys(&self) -> impl Iterator<Item = Key> {
        self.records.keys().chain(self.parts.keys()).copied()
    }
}
