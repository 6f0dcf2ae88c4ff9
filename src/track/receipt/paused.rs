//! A sale that stopped before its sum.
//!
//! Silence ends a document, but a till may print the articles as they are rung up, and its sums when the customer pays.
//! Articles that end by silence, without a sum and without a payment, wait for the rest up to
//! [`limits::RECEIPT_PAUSE`]. What comes next is read twice, as the rest and as a document of its own; where it ends
//! shows which it was. Without a rest the articles are a receipt that is incomplete.
//!
//! At most one sale waits, as two drafts: alone, and with what came since.

use tillgate_events::Record;

use super::draft::Draft;
use super::sums::Sums;
use super::{ReceiptTracker, TillSettings};
use crate::decode::{DocumentEnd, PosFact};
use crate::limits;
use crate::time::{Mono, Now};

#[derive(Debug)]
pub struct Paused {
    /// As it stopped.
    alone: Draft,
    /// With what was printed since.
    joined: Draft,
}

impl Paused {
    fn new(draft: Draft) -> Self {
        Self { alone: draft.clone(), joined: draft }
    }

    /// Reads a fact of the next document as if it belonged to the sale.
    pub fn read(&mut self, now: Now, paper: u64, fact: &PosFact) {
        self.joined.last = now;
        if self.joined.papers.last() != Some(&paper) {
            self.joined.papers.push(paper);
        }
        self.joined.take(fact.clone());
    }

    /// The wall clock was set by so many milliseconds.
    pub fn clock_set(&mut self, by_ms: i64) {
        for draft in [&mut self.alone, &mut self.joined] {
            draft.last = draft.last.clock_set(by_ms);
        }
    }

    /// The documents that it was printed on.
    pub fn papers(&self) -> &[u64] {
        &self.alone.papers
    }

    /// When it has waited long enough, if nothing is being printed.
    pub fn due(&self) -> Mono {
        self.alone.last.mono.plus(limits::RECEIPT_PAUSE)
    }

    /// Whether `next` goes on with the sale. A head of its own, or articles of its own, need sums that say so.
    fn goes_on(&self, next: &Draft, end: DocumentEnd, settings: &TillSettings) -> bool {
        let same = |a: &Option<String>, b: &Option<String>| a.is_none() || b.is_none() || a == b;
        let alone = &self.alone;
        let clash = !same(&alone.number, &next.number)
            || !same(&alone.terminal, &next.terminal)
            || (next.training && !alone.training)
            || (next.refund && !alone.refund)
            || next.reprint != alone.reprint
            || self.joined.dropped > 0;
        if clash {
            return false;
        }
        let head = next.number.is_some() || next.printed_at.is_some();
        let agrees = |draft: &Draft| Sums::new(draft).lines_agree(settings);
        match (next.stopped_short(), next.lines.is_empty()) {
            (true, _) => !head && end == DocumentEnd::Idle,
            (false, true) if !head => next.total.is_some() || next.is_cancelled(),
            (false, _) => next.total.is_some() && agrees(&self.joined) && !agrees(next),
        }
    }

    /// Whether `next` is a paper in between that says nothing of a sale.
    fn outlasts(&self, next: &Draft) -> bool {
        !next.may_be_sale() && (next.number.is_none() || next.number == self.alone.number)
    }
}

impl ReceiptTracker {
    /// A document ended by silence.
    pub(super) fn fell_silent(&mut self, now: Now, out: &mut Vec<Record>) {
        let Some(draft) = self.draft.take() else { return };
        let draft = self.join(draft, DocumentEnd::Idle, out);
        let mut decided = draft.clone();
        decided.decide(&self.settings);
        if decided.stopped_short() {
            // Whoever waits already did so for nothing: another sale has begun.
            self.give_up_pause(out);
            self.paused = Some(Paused::new(draft));
        } else {
            self.document(now, DocumentEnd::Idle, draft, out);
        }
    }

    /// The document with the sale that waits for it, if it is its rest. If it is a sale of its own, the one that
    /// waits is told as it is.
    pub(super) fn join(&mut self, next: Draft, end: DocumentEnd, out: &mut Vec<Record>) -> Draft {
        let Some(paused) = self.paused.take() else { return next };
        if paused.goes_on(&next, end, &self.settings) {
            return paused.joined;
        }
        let waits = paused.outlasts(&next);
        self.paused = Some(Paused::new(paused.alone));
        if !waits {
            self.give_up_pause(out);
        }
        next
    }

    /// Tells a sale that waits for its rest as it is.
    pub(super) fn give_up_pause(&mut self, out: &mut Vec<Record>) {
        if let Some(Paused { alone, .. }) = self.paused.take() {
            self.document(alone.last, DocumentEnd::Idle, alone, out);
        }
    }
}
