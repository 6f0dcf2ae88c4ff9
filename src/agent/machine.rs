//! A device that is no printer: bytes to facts to records.

use tillgate_events::Record;

use super::health::Tills;
use super::till::add_receipts;
use crate::decode::device::{Device, DeviceFact};
use crate::time::{Mono, Now};
use crate::track::receipt::{ReceiptCounters, ReceiptTracker};
use crate::track::speaker::{PaymentTracker, ScaleTracker, ScanTracker, Speaker};

/// One machine with records, payment terminal, scanner or scale.
pub struct Machine {
    device: Device,
    trackers: Trackers,
    /// Kept between calls so that a reading allocates nothing new.
    facts: Vec<DeviceFact>,
}

impl Machine {
    /// A device in its start state.
    #[must_use]
    pub fn new(device: Device, trackers: Trackers) -> Self {
        Self { device, trackers, facts: Vec::new() }
    }

    /// Takes bytes.
    pub fn push(&mut self, now: Now, bytes: &[u8], out: &mut Vec<Record>) {
        self.device.push(bytes, now.mono, &mut self.facts);
        self.track(now, out);
    }

    /// Lets time pass.
    pub fn tick(&mut self, now: Now, out: &mut Vec<Record>) {
        self.device.tick(now.mono, &mut self.facts);
        self.track(now, out);
        self.trackers.tick(now, out);
    }

    /// The device went away, bytes were lost, or no more come: what is open ends incomplete.
    pub fn broken(&mut self, now: Now, out: &mut Vec<Record>) {
        self.device.broken(&mut self.facts);
        self.track(now, out);
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
        for fact in self.facts.drain(..) {
            self.trackers.step(now, fact, out);
        }
    }
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
