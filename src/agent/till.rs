//! A till's half of the flow in one place: bytes to lines to facts to records.

use tillgate_events::Record;

use super::health::Tills;
use crate::decode::dialect::Grammar;
use crate::decode::document::{Printer, PrinterCounters};
use crate::decode::{DocumentFact, DrawerFact, PaymentFact, PosFact};
use crate::time::{Mono, Now};
use crate::track::receipt::{ReceiptCounters, ReceiptTracker};

/// One till.
pub struct Till {
    printer: Printer,
    grammar: Grammar,
    tracker: ReceiptTracker,
    /// Kept between calls so that a reading allocates nothing new.
    document: Vec<DocumentFact>,
    facts: Vec<PosFact>,
}

impl Till {
    /// A till that prints through `printer` in the dialect of `grammar`.
    #[must_use]
    pub fn new(printer: Printer, grammar: Grammar, tracker: ReceiptTracker) -> Self {
        Self { printer, grammar, tracker, document: Vec::new(), facts: Vec::new() }
    }

    /// Takes bytes.
    pub fn push(&mut self, now: Now, bytes: &[u8], out: &mut Vec<Record>) {
        self.printer.push(bytes, now.mono, &mut self.document);
        self.track(now, out);
    }

    /// Lets time pass: a document ends by silence, a drawer kick stays without a receipt.
    pub fn tick(&mut self, now: Now, out: &mut Vec<Record>) {
        self.printer.tick(now.mono, &mut self.document);
        self.track(now, out);
        self.tracker.tick(now, out);
    }

    /// The device went away, or bytes were lost: what is open ends incomplete.
    pub fn broken(&mut self, now: Now, out: &mut Vec<Record>) {
        self.printer.broken(&mut self.document);
        self.track(now, out);
        self.tracker.broken(now, out);
    }

    /// The agent stops: what waits is told as it is.
    pub fn finish(&mut self, now: Now, out: &mut Vec<Record>) {
        self.broken(now, out);
        self.tracker.finish(now, out);
    }

    /// Takes what this till's payment terminal said.
    pub fn payment(&mut self, now: Now, fact: PaymentFact, out: &mut Vec<Record>) {
        self.tracker.payment(now, fact, out);
    }

    /// Takes what its printer said of the drawer.
    pub fn drawer(&mut self, now: Now, fact: DrawerFact, out: &mut Vec<Record>) {
        self.tracker.drawer(now, fact, out);
    }

    /// When [`Till::tick`] has something to do.
    #[must_use]
    pub fn deadline(&self) -> Option<Mono> {
        [self.printer.deadline(), self.tracker.deadline()].into_iter().flatten().min()
    }

    /// What the decoder counted.
    #[must_use]
    pub fn counters(&self) -> &PrinterCounters {
        self.printer.counters()
    }

    /// Adds this till to all tills' health.
    pub fn add_health(&self, tills: &mut Tills) {
        add_receipts(tills, self.tracker.counters());
    }

    fn track(&mut self, now: Now, out: &mut Vec<Record>) {
        for fact in self.document.drain(..) {
            self.grammar.step(fact, &mut self.facts);
        }
        for fact in self.facts.drain(..) {
            self.tracker.step(now, fact, out);
        }
    }
}

/// Adds what became of one device's receipts to all tills' health.
pub(super) fn add_receipts(tills: &mut Tills, counters: ReceiptCounters) {
    tills.receipts += counters.receipts;
    tills.failed_checks += counters.failed_checks;
    tills.reprints += counters.reprints;
    tills.voided += counters.voided;
    tills.no_sales += counters.no_sales;
    tills.unparsed += counters.unparsed;
    tills.unmatched_lines += counters.unmatched_lines;
    tills.dropped_parts += counters.dropped_parts;
}
