//! A device that is no printer: bytes to facts to records.

use std::sync::Arc;

use tillgate_events::Record;

use super::health::Tills;
use super::journal::text::Written;
use super::journal::{Log, Rest};
use super::till::add_receipts;
use crate::decode::device::{Device, DeviceFact};
use crate::decode::document::Standing;
use crate::decode::{PaymentFact, Said};
use crate::store::Page;
use crate::time::{Mono, Now};
use crate::track::catalog::Catalog;
use crate::track::receipt::{ReceiptCounters, ReceiptTracker};
use crate::track::speaker::{PaymentTracker, ScaleTracker, ScanTracker, Speaker};

/// One machine with records, payment terminal, scanner or scale.
pub struct Machine {
    device: Device,
    trackers: Trackers,
    /// Of a payment terminal that belongs to a till: what the till is to hear.
    for_till: Option<Vec<PaymentFact>>,
    log: Log,
    rest: Rest,
    /// Kept between calls so that a reading allocates nothing new.
    facts: Vec<DeviceFact>,
    said: Vec<Said>,
}

impl Machine {
    /// A device in its start state.
    #[must_use]
    pub fn new(device: Device, trackers: Trackers) -> Self {
        let (log, rest) = (Log::default(), Rest::default());
        Self { device, trackers, for_till: None, log, rest, facts: Vec::new(), said: Vec::new() }
    }

    /// It belongs to a till: what it says of payments is for that till's receipts.
    #[must_use]
    pub fn of_till(self) -> Self {
        Self { for_till: Some(Vec::new()), ..self }
    }

    /// What the till that it belongs to is to hear, once.
    pub fn take_payments(&mut self) -> impl Iterator<Item = PaymentFact> {
        self.for_till.as_mut().map(std::mem::take).unwrap_or_default().into_iter()
    }

    /// Takes what the payment terminal of this machine said.
    pub fn payment(&mut self, now: Now, fact: PaymentFact, out: &mut Vec<Record>) {
        self.trackers.receipts.payment(now, fact, out);
        self.settle(now);
    }

    /// Takes bytes.
    pub fn push(&mut self, now: Now, bytes: &[u8], out: &mut Vec<Record>) {
        self.rest.came();
        self.device.push(bytes, now.mono, &mut self.facts);
        self.track(now, out);
        self.log.touch(now);
    }

    /// Lets time pass.
    pub fn tick(&mut self, now: Now, out: &mut Vec<Record>) {
        if self.device.deadline().is_some_and(|due| due <= now.mono) {
            self.rest.missed();
        }
        self.device.tick(now.mono, &mut self.facts);
        self.track(now, out);
        self.trackers.tick(now, out);
        self.settle(now);
    }

    /// The device went away, or bytes were lost: what is open ends incomplete.
    pub fn broken(&mut self, now: Now, out: &mut Vec<Record>) {
        self.device.broken(&mut self.facts);
        self.track(now, out);
        self.trackers.receipts.broken(now, out);
        self.settle(now);
    }

    /// The agent stops: what waits is told as it is.
    pub fn finish(&mut self, now: Now, out: &mut Vec<Record>) {
        self.broken(now, out);
        self.trackers.receipts.finish(now, out);
        self.settle(now);
    }

    /// Goes on in a document that was open when the agent died.
    pub fn resume(&mut self, now: Now, paper: u64, written: Written, out: &mut Vec<Record>) {
        self.trackers.receipts.at_paper(paper);
        for (at, said) in written.said {
            self.device.resume(said, now.mono, &mut self.facts);
            let then = Now { wall: at, ..now };
            self.facts.drain(..).for_each(|fact| self.trackers.step(then, fact, out));
        }
        if self.device.is_open() {
            self.rest = Rest::Awaited { lost: written.hole };
        }
        self.log.resume(paper);
        self.settle(now);
    }

    /// From now on products are these.
    pub fn set_catalog(&mut self, catalog: Arc<Catalog>) {
        self.trackers.receipts.set_catalog(catalog);
    }

    /// The wall clock was set by so many milliseconds.
    pub fn clock_set(&mut self, by_ms: i64) {
        self.trackers.receipts.clock_set(by_ms);
        self.trackers.payments.clock_set(by_ms);
    }

    /// Whether the rest of a document that was put back may still come.
    #[must_use]
    pub fn awaits_rest(&self) -> bool {
        matches!(self.rest, Rest::Awaited { .. })
    }

    /// The device answers: what it still has comes now.
    pub fn wait_from(&mut self, now: Now) {
        self.device.wait_from(now.mono);
    }

    /// When the first record came that the journal should get.
    #[must_use]
    pub fn journal_since(&self) -> Option<Mono> {
        self.log.since()
    }

    /// Hands on what the journal does not have.
    pub fn gather(&mut self, device: &str, now: Now, out: &mut Vec<Page>) {
        self.log.gather(device, now, Standing::default, out);
    }

    /// When [`Machine::tick`] has something to do.
    #[must_use]
    pub fn deadline(&self) -> Option<Mono> {
        self.device.deadline().into_iter().chain(self.trackers.deadline()).min()
    }

    /// Pieces of input so far that could not be used.
    #[must_use]
    pub fn bad(&self) -> u64 {
        self.device.bad()
    }

    /// Adds this machine's receipts to all tills' health.
    pub fn add_health(&self, tills: &mut Tills) {
        add_receipts(tills, self.trackers.receipts());
    }

    fn track(&mut self, now: Now, out: &mut Vec<Record>) {
        self.trackers.receipts.at_paper(self.log.paper());
        for fact in self.facts.drain(..) {
            let fact = match fact {
                DeviceFact::Pos(fact) => DeviceFact::Pos(self.rest.end(fact)),
                fact => fact,
            };
            let fact = match &mut self.for_till {
                Some(said) => sort_out(fact, said),
                None => Some(fact),
            };
            fact.into_iter().for_each(|fact| self.trackers.step(now, fact, out));
        }
        self.device.take_said(&mut self.said);
        self.log.said(now, &self.said);
        self.said.clear();
        self.settle(now);
    }

    /// Scans have no documents in the journal: what they began counts for nothing here.
    fn settle(&mut self, now: Now) {
        let receipts = &self.trackers.receipts;
        self.log.settle(now, !self.device.is_open(), |paper| receipts.waits_of(paper));
    }
}

/// Puts aside what a payment terminal says for its till; anything else comes back.
fn sort_out(fact: DeviceFact, for_till: &mut Vec<PaymentFact>) -> Option<DeviceFact> {
    let payment = match fact {
        DeviceFact::Payment(payment) => payment,
        DeviceFact::Pos(fact) => match PaymentFact::of_record(&fact) {
            Some(payment) => payment,
            None => return Some(DeviceFact::Pos(fact)),
        },
        fact => return Some(fact),
    };
    for_till.push(payment);
    None
}

/// What makes records of the facts of such a device, whichever it is.
pub struct Trackers {
    /// Of records, and of scans in a stock mode.
    receipts: ReceiptTracker,
    payments: PaymentTracker,
    scans: ScanTracker,
    scales: ScaleTracker,
}

impl Trackers {
    /// For a device of the register that `speaker` names.
    #[must_use]
    pub fn new(receipts: ReceiptTracker, speaker: Speaker) -> Self {
        Self {
            receipts,
            payments: PaymentTracker::new(speaker.clone()),
            scans: ScanTracker::new(speaker.clone()),
            scales: ScaleTracker::new(speaker),
        }
    }

    /// Takes a fact; appends what it means.
    pub fn step(&mut self, now: Now, fact: DeviceFact, out: &mut Vec<Record>) {
        match fact {
            DeviceFact::Pos(fact) => self.receipts.step(now, fact, out),
            DeviceFact::Payment(fact) => self.payments.step(now, fact, out),
            DeviceFact::Scan(fact) => self.scans.step(now, fact, out),
            DeviceFact::Scale(fact) => self.scales.step(now, fact, out),
        }
    }

    /// Lets time pass.
    pub fn tick(&mut self, now: Now, out: &mut Vec<Record>) {
        self.receipts.tick(now, out);
        self.payments.tick(now, out);
        self.scans.tick(now, out);
        self.scales.tick(now, out);
    }

    /// When [`Trackers::tick`] has something to do.
    #[must_use]
    pub fn deadline(&self) -> Option<Mono> {
        let all = [
            self.receipts.deadline(),
            self.payments.deadline(),
            self.scans.deadline(),
            self.scales.deadline(),
        ];
        all.into_iter().flatten().min()
    }

    /// What became of receipts.
    #[must_use]
    pub fn receipts(&self) -> ReceiptCounters {
        self.receipts.counters()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use jiff::tz::TimeZone;
    use tillgate_events::{Body, Currency, UtcMs};

    use super::*;
    use crate::decode::dialect::{Dialect, Setting};
    use crate::track::receipt::TillSettings;

    const STOCK_MODE: &str = "schema = 1\nid = \"x\"\nextends = \"scanner-aim\"\n\
        [[rule]]\non = \"barcode\"\nevent = \"skip\"\nre = '^MODE-RESTOCK$'\ngoto = \"restock\"\n\
        [[rule]]\non = \"barcode\"\nevent = \"stock\"\nin = [\"restock\"]\nset = { reason = \"restock\" }\n\
        re = '^(?P<sku>\\d{8,14})$'\n";

    #[test]
    fn what_was_scanned_in_a_stock_mode_is_told_though_the_agent_stops_within_it() {
        let currency = Currency::new("EUR").unwrap();
        let setting = Setting { currency, decimal: None };
        let dialect = Arc::new(Dialect::parse("x", STOCK_MODE, &setting).unwrap());
        let receipts = ReceiptTracker::new(TillSettings {
            source: "s".to_owned(),
            terminal: "s".to_owned(),
            currency,
            store_id: 7,
            zone: TimeZone::UTC,
            business_day_starts: std::time::Duration::ZERO,
            checks: dialect.checks,
            key: dialect.key,
            no_sale_after: dialect.no_sale_after,
            private: dialect.private,
            catalog: Arc::default(),
        });
        let speaker = Speaker { source: "s".to_owned(), terminal: "s".to_owned() };
        let device = Device::new(&dialect).unwrap().unwrap();
        let mut machine = Machine::new(device, Trackers::new(receipts, speaker));
        let (now, mut out) = (Now { mono: Mono(0), wall: UtcMs(0) }, Vec::new());
        machine.push(now, b"]C0MODE-RESTOCK\r]E04006381333931\r", &mut out);
        assert_eq!(out.len(), 0);
        machine.broken(now, &mut out);
        assert!(
            matches!(out.as_slice(), [Record { body: Body::Unknown(slip), .. }] if slip.text.contains("4006381333931")),
            "{out:?}"
        );
    }
}
