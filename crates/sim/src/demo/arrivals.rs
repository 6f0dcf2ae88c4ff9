//! What arrived at the subscriber: decoded, counted once, summed up like the truth.
//!
//! Pure. A record counts once per (class, epoch, sequence); what comes again is a duplicate. Everything that
//! arrived is kept as text, because the search for card numbers must see all of it.

use std::collections::{BTreeMap, BTreeSet};

use tillgate_events::{Batch, Body, Class, PaymentMethod, PaymentStatus, Receipt, Record};

use crate::store::{Direction, Pings, ReceiptTruth};

/// Everything that arrived.
#[derive(Default)]
pub struct Arrivals {
    /// By class: what went over the wire.
    pub tallies: BTreeMap<Class, Tally>,
    /// By source and number.
    pub receipts: BTreeMap<(String, u32), Arrived>,
    /// By source and direction.
    pub crossings: BTreeMap<(String, Direction), u64>,
    /// Pings by source and pseudonym.
    pub pings: BTreeMap<(String, String), Pings>,
    /// Windows of tags.
    pub windows: u64,
    /// Records that had arrived before.
    pub duplicates: u64,
    /// Records of kinds that the simulated store gives no reason for.
    pub unexpected: Vec<String>,
    /// Messages that could not be decoded, with the reason.
    pub unreadable: Vec<String>,
    /// Losses that the gateway announced itself.
    pub announced: Vec<String>,
    /// The latest message on `…/state`.
    pub state: String,
    /// All that arrived, as text.
    pub texts: Vec<String>,
    seen: BTreeMap<(Class, u32), BTreeSet<u64>>,
}

/// One class on the wire.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    /// MQTT messages.
    pub messages: u64,
    /// Without duplicates.
    pub records: u64,
    /// Contract events that the records expand to.
    pub events: u64,
    /// Of payload.
    pub bytes: u64,
    /// What the last record was.
    pub last: String,
}

/// A receipt as it arrived, in the terms of the truth.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arrived {
    /// What it came to.
    pub sums: ReceiptTruth,
    /// Complete, and its cross-checks passed.
    pub sound: bool,
    /// Records with this number; 1 when all is well.
    pub times: u32,
}

impl Arrivals {
    /// Takes one message.
    pub fn take(&mut self, topic: &str, payload: &[u8]) {
        let text = || String::from_utf8_lossy(payload).into_owned();
        if topic.contains("/evt/") {
            self.batch(topic, payload);
        } else {
            self.texts.push(text());
            if topic.ends_with("/state") {
                self.state = text();
            } else if topic.ends_with("/gap") {
                self.announced.push(text());
            }
        }
    }

    fn batch(&mut self, topic: &str, payload: &[u8]) {
        let batch = match tillgate_events::decode(payload) {
            Ok(batch) => batch,
            Err(error) => return self.unreadable.push(format!("{topic}: {error}")),
        };
        let class = batch.header.class;
        let tally = self.tallies.entry(class).or_default();
        tally.messages += 1;
        tally.bytes += payload.len() as u64;
        for (index, record) in batch.records.iter().enumerate() {
            let sequence = batch.header.sequence(index);
            if self.seen.entry((class, batch.header.epoch)).or_default().insert(sequence) {
                self.expand(&batch, index, record);
                self.record(record);
            } else {
                self.duplicates += 1;
            }
        }
    }

    fn expand(&mut self, batch: &Batch, index: usize, record: &Record) {
        let envelopes = tillgate_events::expand(&batch.header, index, record);
        let tally = self.tallies.entry(batch.header.class).or_default();
        tally.records += 1;
        tally.events += envelopes.len() as u64;
        tally.last = summary(record);
        self.texts.extend(envelopes.iter().map(tillgate_events::Envelope::to_json_line));
    }

    fn record(&mut self, record: &Record) {
        let source = record.source.clone();
        match &record.body {
            Body::Receipt(receipt) => {
                let arrived = Arrived::new(&source, receipt);
                let key = (source, arrived.sums.number);
                self.receipts.entry(key).and_modify(|first| first.times += 1).or_insert(arrived);
            }
            Body::CustomerEntered(crossing) => {
                let key = (source, Direction::In);
                *self.crossings.entry(key).or_default() += u64::from(crossing.customer_count);
            }
            Body::CustomerExited(crossing) => {
                let key = (source, Direction::Out);
                *self.crossings.entry(key).or_default() += u64::from(crossing.customer_count);
            }
            Body::TagWindow(window) => {
                let key = (source, window.customer_ble_id.clone());
                let count = u64::from(window.ping_count);
                self.pings.entry(key).or_default().add(Pings { count, rssi_sum: window.rssi_sum });
                self.windows += 1;
            }
            // How many passers-by there were: nobody simulates a certain number of them.
            Body::Unknown(unknown) if unknown.kind == "unknown_devices" => {}
            Body::Unknown(_) | Body::NoSale(_) | Body::ReceiptVoided(_) => {
                self.unexpected.push(summary(record));
            }
            _ => {}
        }
    }

    /// Sequence numbers that are missing, one line for each hole. A stream begins with 0 or 1.
    pub fn holes(&self) -> Vec<String> {
        let mut holes = Vec::new();
        for ((class, epoch), seen) in &self.seen {
            let mut expected = u64::from(!seen.contains(&0));
            for sequence in seen {
                if *sequence > expected {
                    let last = sequence - 1;
                    holes.push(format!("{} epoch {epoch}: {expected} to {last}", class.name()));
                }
                expected = sequence + 1;
            }
        }
        holes
    }

    /// All doors together.
    pub fn crossed(&self, direction: Direction) -> u64 {
        self.crossings
            .iter()
            .filter(|((_, way), _)| *way == direction)
            .map(|(_, count)| count)
            .sum()
    }

    /// What has arrived of one device: receipts, people or pings.
    pub fn of_source(&self, source: &str) -> u64 {
        let receipts = self.receipts.keys().filter(|(name, _)| name == source).count() as u64;
        let people = self.crossings.iter().filter(|((name, _), _)| name == source);
        let pings = self.pings.iter().filter(|((name, _), _)| name == source);
        receipts
            + people.map(|(_, count)| count).sum::<u64>()
            + pings.map(|(_, pings)| pings.count).sum::<u64>()
    }
}

impl Arrived {
    fn new(source: &str, receipt: &Receipt) -> Self {
        let printed = receipt.receipt_id.rsplit('-').next().unwrap_or_default();
        let mut sums = ReceiptTruth {
            terminal: source.to_owned(),
            number: printed.parse().unwrap_or(0),
            total: receipt.total,
            tax: receipt.tax,
            discount: receipt.discount,
            items: receipt.lines.iter().filter(|line| !line.voided).map(|line| line.quantity).sum(),
            ..ReceiptTruth::default()
        };
        for payment in &receipt.payments {
            if payment.status == PaymentStatus::Approved {
                let cash = payment.method == PaymentMethod::Cash;
                *(if cash { &mut sums.cash } else { &mut sums.card }) +=
                    payment.amount - payment.change;
            }
        }
        Self { sums, sound: receipt.complete && receipt.checks_passed, times: 1 }
    }
}

/// A record in a few words.
fn summary(record: &Record) -> String {
    let source = &record.source;
    match &record.body {
        Body::Receipt(receipt) => {
            let total = crate::store::decimal(receipt.total);
            format!("{source}: {} items, {total} {}", receipt.lines.len(), receipt.currency.code())
        }
        Body::CustomerEntered(crossing) => format!("{source}: {} in", crossing.customer_count),
        Body::CustomerExited(crossing) => format!("{source}: {} out", crossing.customer_count),
        Body::TagWindow(window) => {
            let tag: String = window.customer_ble_id.chars().take(8).collect();
            format!("{source}: {tag}… {} pings in {}", window.ping_count, window.zone)
        }
        Body::DeviceStatusChanged(change) => {
            format!(
                "{}: {:?} {}",
                change.device,
                change.status,
                change.reason.as_deref().unwrap_or("")
            )
        }
        Body::Unknown(unknown) => format!("{source}: {}", unknown.kind),
        Body::NoSale(_) => format!("{source}: drawer opened"),
        Body::ReceiptVoided(voided) => format!("{source}: {} voided", voided.receipt_id),
        _ => source.clone(),
    }
}
