//! What arrived at the subscriber: each record once, in the order of its stream, and what the transport says.

use std::collections::BTreeMap;

use tillgate_events::{Body, Class, Record};

use super::rows::PASSERS_BY;

/// Everything that arrived.
#[derive(Default)]
pub struct Arrived {
    /// By stream and number.
    pub records: BTreeMap<(Class, u32, u64), Record>,
    /// Records that had arrived before.
    pub again: u64,
    /// Messages that could not be decoded, with the reason.
    pub unreadable: Vec<String>,
    /// Losses that the gateway told.
    pub told: Vec<String>,
    /// What was counted so far.
    pub tally: Tally,
}

/// How much there is of what must come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Receipts, voids, slips, counts, orders and notes.
    pub papers: u64,
    /// People through doors, and those who looked at a screen.
    pub people: u64,
    /// Times that tags were heard.
    pub pings: u64,
}

impl Tally {
    /// Adds a record.
    pub fn add(&mut self, record: &Record) {
        match &record.body {
            Body::Receipt(_)
            | Body::ReceiptVoided(_)
            | Body::NoSale(_)
            | Body::InventoryUpdated(_)
            | Body::InventoryCounted(_)
            | Body::OnlineOrderPicked(_)
            | Body::OnlineOrderShipped(_) => self.papers += 1,
            Body::Unknown(it) if it.kind != PASSERS_BY => self.papers += 1,
            Body::CustomerEntered(it) | Body::CustomerExited(it) => {
                self.people += u64::from(it.customer_count);
            }
            Body::AdImpression(_) => self.people += 1,
            Body::TagWindow(it) => self.pings += u64::from(it.ping_count),
            _ => {}
        }
    }

    /// Whether all of this is there.
    pub fn covers(&self, all: &Self) -> bool {
        self.papers >= all.papers && self.people >= all.people && self.pings >= all.pings
    }
}

impl Arrived {
    /// Takes a message.
    pub fn take(&mut self, topic: &str, payload: &[u8]) {
        if topic.ends_with("/gap") {
            self.told.push(String::from_utf8_lossy(payload).into_owned());
        }
        if !topic.contains("/evt/") {
            return;
        }
        let batch = match tillgate_events::decode(payload) {
            Ok(batch) => batch,
            Err(error) => return self.unreadable.push(format!("{topic}: {error}")),
        };
        for (index, record) in batch.records.iter().enumerate() {
            let key = (batch.header.class, batch.header.epoch, batch.header.sequence(index));
            if self.records.contains_key(&key) {
                self.again += 1;
            } else {
                self.tally.add(record);
                self.records.insert(key, record.clone());
            }
        }
    }

    /// Numbers that are missing, one text for each hole. A stream begins with 1.
    pub fn holes(&self) -> Vec<String> {
        let mut holes = Vec::new();
        let mut due: BTreeMap<(Class, u32), u64> = BTreeMap::new();
        for (class, epoch, sequence) in self.records.keys() {
            let due = due.entry((*class, *epoch)).or_insert(1);
            if sequence > due {
                holes.push(format!("{} epoch {epoch}: {due} to {}", class.name(), sequence - 1));
            }
            *due = sequence + 1;
        }
        holes
    }
}
