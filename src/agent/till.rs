//! A till's half of the flow in one place: bytes to lines to facts to records.

use std::sync::Arc;

use tillgate_events::Record;

use super::health::Tills;
use super::journal::text::Written;
use super::journal::{Log, Rest};
use crate::decode::dialect::Grammar;
use crate::decode::document::{Printer, PrinterCounters};
use crate::decode::{DocumentFact, DrawerFact, PaymentFact, PosFact, Said};
use crate::store::Page;
use crate::time::{Mono, Now};
use crate::track::catalog::Catalog;
use crate::track::receipt::{ReceiptCounters, ReceiptTracker};

/// One till.
pub struct Till {
    printer: Printer,
    grammar: Grammar,
    tracker: ReceiptTracker,
    log: Log,
    rest: Rest,
    /// Kept between calls so that a reading allocates nothing new.
    document: Vec<DocumentFact>,
    facts: Vec<PosFact>,
    said: Vec<Said>,
}

impl Till {
    /// A till that prints through `printer` in the dialect of `grammar`.
    #[must_use]
    pub fn new(printer: Printer, grammar: Grammar, tracker: ReceiptTracker) -> Self {
        Self {
            printer,
            grammar,
            tracker,
            log: Log::default(),
            rest: Rest::default(),
            document: Vec::new(),
            facts: Vec::new(),
            said: Vec::new(),
        }
    }

    /// Takes bytes.
    pub fn push(&mut self, now: Now, bytes: &[u8], out: &mut Vec<Record>) {
        self.rest.came();
        self.printer.push(bytes, now.mono, &mut self.document);
        self.track(now, out);
        self.log.touch(now);
    }

    /// Lets time pass: a document ends by silence, a drawer kick stays without a receipt.
    pub fn tick(&mut self, now: Now, out: &mut Vec<Record>) {
        if self.printer.deadline().is_some_and(|due| due <= now.mono) {
            self.rest.missed();
        }
        self.printer.tick(now.mono, &mut self.document);
        self.track(now, out);
        self.tracker.tick(now, out);
        self.settle(now);
    }

    /// The device went away, or bytes were lost: what is open ends incomplete.
    pub fn broken(&mut self, now: Now, out: &mut Vec<Record>) {
        self.printer.broken(&mut self.document);
        self.track(now, out);
        self.tracker.broken(now, out);
        self.settle(now);
    }

    /// The agent stops: what waits is told as it is.
    pub fn finish(&mut self, now: Now, out: &mut Vec<Record>) {
        self.broken(now, out);
        self.tracker.finish(now, out);
        self.settle(now);
    }

    /// Goes on in a document that was open when the agent died.
    pub fn resume(&mut self, now: Now, paper: u64, written: &Written, out: &mut Vec<Record>) {
        self.log.resume(paper);
        self.tracker.at_paper(paper);
        for (at, said) in &written.said {
            if let Said::Printed(fact) = said {
                self.grammar.step(fact.clone(), &mut self.facts);
            }
            let then = Now { wall: *at, ..now };
            self.facts.drain(..).for_each(|fact| self.tracker.step(then, fact, out));
        }
        if written.whole && !self.grammar.is_open() {
            self.log.resumed_to_its_end();
        } else {
            self.go_on(now, written);
        }
        self.track(now, out);
    }

    /// The printer stands where it stood in the document that was put back.
    fn go_on(&mut self, now: Now, written: &Written) {
        let Written { said, standing, hole, .. } = written;
        let facts = said.iter().filter_map(|(_, said)| match said {
            Said::Printed(fact) => Some(fact),
            _ => None,
        });
        let facts: Vec<&DocumentFact> = facts.collect();
        let ended = |fact: &&DocumentFact| matches!(fact, DocumentFact::End(_));
        let printed = facts.rsplit(ended).next().unwrap_or_default();
        let printing = |fact: &&&DocumentFact| !matches!(fact, DocumentFact::DrawerKick);
        let printed: Vec<&DocumentFact> = printed.iter().filter(printing).copied().collect();
        self.printer.resume(&printed, standing, now.mono, &mut self.document);
        self.rest = Rest::Awaited { lost: standing.middle || *hole };
    }

    /// From now on products are these.
    pub fn set_catalog(&mut self, catalog: Arc<Catalog>) {
        self.tracker.set_catalog(catalog);
    }

    /// The wall clock was set by so many milliseconds.
    pub fn clock_set(&mut self, by_ms: i64) {
        self.tracker.clock_set(by_ms);
    }

    /// Whether the rest of a document that was put back may still come.
    #[must_use]
    pub fn awaits_rest(&self) -> bool {
        matches!(self.rest, Rest::Awaited { .. })
    }

    /// The device answers: what it still has comes now.
    pub fn wait_from(&mut self, now: Now) {
        self.printer.wait_from(now.mono);
    }

    /// When the first line came that the journal should get.
    #[must_use]
    pub fn journal_since(&self) -> Option<Mono> {
        self.log.since()
    }

    /// Hands on what the journal does not have.
    pub fn gather(&mut self, device: &str, now: Now, out: &mut Vec<Page>) {
        self.log.gather(device, now, || self.printer.stands(), out);
    }

    /// Takes what this till's payment terminal said.
    pub fn payment(&mut self, now: Now, fact: PaymentFact, out: &mut Vec<Record>) {
        self.tracker.payment(now, fact, out);
        self.settle(now);
    }

    /// Takes what its printer said of the drawer.
    pub fn drawer(&mut self, now: Now, fact: DrawerFact, out: &mut Vec<Record>) {
        self.tracker.drawer(now, fact, out);
        self.settle(now);
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
            self.tracker.at_paper(self.log.paper());
            self.grammar.step_noted(fact, &mut self.facts, &mut self.said);
            for fact in self.facts.drain(..) {
                self.tracker.step(now, self.rest.end(fact), out);
            }
            self.log.said(now, &self.said);
            self.said.clear();
        }
        self.settle(now);
    }

    fn settle(&mut self, now: Now) {
        let begun = self.grammar.is_open() || self.printer.is_holding();
        let at_rest = !begun && self.tracker.is_at_rest();
        self.log.settle(now, at_rest, |paper| self.tracker.waits_of(paper));
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
