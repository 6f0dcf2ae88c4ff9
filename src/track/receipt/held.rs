//! A receipt that is printed before its payment terminal has told of the payment.
//!
//! Two lines are read one after the other, and some tills print while the terminal is still at work. What the
//! terminal says within [`limits::RECEIPT_AWAITS_CARD`] still belongs to the receipt. At most one waits: the next
//! document of the till, the time, or the stop of the agent sends it as it is.

use tillgate_events::Record;

use super::draft::{Draft, Tender};
use super::sums::Sums;
use super::{ReceiptTracker, assemble};
use crate::decode::{DocumentEnd, PaymentFact};
use crate::limits;
use crate::time::{Mono, Now};

#[derive(Debug)]
pub struct Held {
    pub due: Mono,
    draft: Draft,
    end: DocumentEnd,
    id: String,
}

impl Held {
    pub fn new(now: Now, draft: Draft, end: DocumentEnd, id: String) -> Self {
        Self { due: now.mono.plus(limits::RECEIPT_AWAITS_CARD), draft, end, id }
    }

    /// The wall clock was set by so many milliseconds.
    pub fn clock_set(&mut self, by_ms: i64) {
        self.draft.last = self.draft.last.clock_set(by_ms);
    }

    /// The documents that it was printed on.
    pub fn papers(&self) -> &[u64] {
        &self.draft.papers
    }
}

/// Whether a payment terminal has something to say of this sale that it has not said yet.
pub fn awaits_card(draft: &Draft) -> bool {
    let by_card = draft.tenders.iter().any(|tender| tender.by_card() && tender.approved());
    let open = !by_card && !Sums::new(draft).is_paid();
    !draft.training && (open || draft.tenders.iter().any(Tender::awaits_terminal))
}

impl ReceiptTracker {
    /// This till's payment terminal is read too: a receipt that says nothing of its card payment, or not what only
    /// the terminal knows, waits for it up to [`limits::RECEIPT_AWAITS_CARD`].
    #[must_use]
    pub fn with_terminal(self) -> Self {
        Self { terminal: true, ..self }
    }

    /// Takes what the till's payment terminal says.
    pub fn payment(&mut self, now: Now, fact: PaymentFact, out: &mut Vec<Record>) {
        self.tick(now, out);
        self.cards.take(now, fact, out);
        self.settle_held(out);
    }

    /// Gives the receipt that waits what the terminal has said since.
    fn settle_held(&mut self, out: &mut Vec<Record>) {
        let Some(held) = &mut self.held else { return };
        let total = Sums::new(&held.draft).total;
        self.cards.settle(&mut held.draft, total);
        if !awaits_card(&held.draft) {
            self.release(out);
        }
    }

    /// Sends the receipt that waits as it is.
    pub(super) fn release(&mut self, out: &mut Vec<Record>) {
        if let Some(Held { draft, end, id, .. }) = self.held.take() {
            let receipt = assemble::receipt(&draft, end, &self.settings);
            self.send(&draft, receipt, &id, out);
        }
    }
}
