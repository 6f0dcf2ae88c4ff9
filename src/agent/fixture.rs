//! Devices and pipelines for the tests of this module.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::tz::TimeZone;
use tillgate_events::{BootId, Currency, Record, decode};

use super::chain::{Chain, Kind};
use super::identity::DayKey;
use super::machine::{Machine, Trackers};
use super::pipeline::Pipeline;
use super::router::Router;
use super::seal::Identity;
use super::till::Till;
use crate::decode::device::Device;
use crate::decode::dialect::{Dialect, Grammar, Setting};
use crate::source::{Body, Reading, SourceId};
use crate::store::{RowId, Store};
use crate::time::{Now, UtcMs};
use crate::track::receipt::{ReceiptTracker, TillSettings};
use crate::track::speaker::Speaker;

/// A till that prints plain text.
pub fn till(name: &str) -> Chain {
    till_of(name, "text-generic")
}

/// The same beside a payment terminal: a receipt that was paid by card waits for its word.
pub fn card_till(name: &str) -> Chain {
    chain_of(name, "text-generic", ReceiptTracker::with_terminal)
}

/// A till that prints ESC/POS.
pub fn escpos_till(name: &str) -> Chain {
    till_of(name, "escpos-generic")
}

/// A till that tells single records.
pub fn monitored_till(name: &str) -> Chain {
    till_of(name, "posnet-monitor")
}

/// A built-in dialect, read once.
fn dialect_of(id: &str, currency: Currency) -> Arc<Dialect> {
    static READ: Mutex<BTreeMap<String, Arc<Dialect>>> = Mutex::new(BTreeMap::new());
    let setting = Setting { currency, decimal: None };
    let read = || Arc::new(Dialect::builtin(id, &setting).unwrap().unwrap());
    Arc::clone(READ.lock().unwrap().entry(id.to_owned()).or_insert_with(read))
}

fn till_of(name: &str, dialect: &str) -> Chain {
    chain_of(name, dialect, |receipts| receipts)
}

fn chain_of(name: &str, dialect: &str, beside: fn(ReceiptTracker) -> ReceiptTracker) -> Chain {
    let currency = Currency::new("EUR").unwrap();
    let dialect = dialect_of(dialect, currency);
    let settings = TillSettings {
        source: name.to_owned(),
        terminal: name.to_owned(),
        currency,
        store_id: 7,
        zone: TimeZone::UTC,
        business_day_starts: Duration::ZERO,
        checks: dialect.checks,
        key: dialect.key,
        no_sale_after: dialect.no_sale_after,
        private: dialect.private,
        catalog: Arc::default(),
    };
    let receipts = beside(ReceiptTracker::new(settings));
    if let Some(device) = Device::new(&dialect).unwrap() {
        let speaker = Speaker { source: name.to_owned(), terminal: name.to_owned() };
        let machine = Machine::new(device, Trackers::new(receipts, speaker));
        return Chain::new(name, Kind::Machine(Box::new(machine)));
    }
    let till = Till::new(dialect.framer.printer(), Grammar::new(dialect), receipts);
    Chain::new(name, Kind::Till(Box::new(till)))
}

/// A pipeline of these devices with its store in `dir`.
pub fn pipeline(dir: &Path, chains: Vec<Chain>, now: Now) -> Pipeline {
    let (store, _) = Store::open(dir, 64 * 1024 * 1024, UtcMs(0)).unwrap();
    let identity =
        Identity { gateway_id: "gw-1".to_owned(), store_id: 7, boot_id: BootId::default() };
    let day = DayKey::new(TimeZone::UTC, now).unwrap();
    let interval = Duration::from_millis(100);
    let mut devices = Router::default();
    for chain in chains {
        devices.add(chain, None);
    }
    Pipeline::new(identity, devices, interval, store, day)
}

/// What was accepted into the store in `dir`, once its pipeline is gone.
pub fn accepted(dir: &Path) -> Vec<Record> {
    let (mut store, _) = Store::open(dir, 64 * 1024 * 1024, UtcMs(0)).unwrap();
    let rows = store.rows_after(RowId(0), usize::MAX >> 1, usize::MAX).unwrap();
    rows.iter().flat_map(|row| decode(&row.payload).unwrap().records).collect()
}

/// Bytes that the first device said at `at`.
pub fn bytes(at: Now, text: &str) -> Reading {
    Reading { source: SourceId(0), at, body: Body::Bytes(text.as_bytes().to_vec()) }
}
