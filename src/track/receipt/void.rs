//! Receipts that do not count: cancelled before their end, voided afterwards, or printed again in full.
//!
//! A void names the receipt by the id that it was sent with, if it is remembered; else by the number that the paper
//! names, on the day of the void.

use tillgate_events::{Body, Receipt, ReceiptVoided, Record, UtcMs};

use super::draft::Draft;
use super::memory::Seen;
use super::{ReceiptTracker, assemble, identity};
use crate::decode::DocumentEnd;
use crate::time::Now;

/// Why a receipt is voided that was cut short and printed again.
const REPLACED: &str = "cut short, printed again in full";

impl ReceiptTracker {
    pub(super) fn voided(&mut self, now: Now, draft: &Draft, out: &mut Vec<Record>) {
        let at = draft.last.wall;
        let (number, reason) = draft.cancelled.clone().unwrap_or_default();
        let receipt = assemble::receipt(draft, DocumentEnd::Cut, &self.settings);
        let numbered = number.is_some() || draft.number.is_some();
        let sent = number.as_deref().map(identity::bare_number);
        let receipt_id = match sent.and_then(|number| self.memory.receipt(&number)) {
            Some(id) => id.to_owned(),
            None => {
                let mut of = draft.clone();
                of.number = number.or(of.number);
                identity::of_receipt(&receipt, &of, &self.settings, at).id
            }
        };
        if draft.training {
            return self.unknown(at, "training", &format!("[void of {receipt_id}]"), out);
        }
        let void = identity::of_void(&receipt_id, draft, &self.settings, at, numbered);
        match self.memory.see(now.mono, void) {
            Seen::Reprint => return self.copy(at, "reprint", &receipt_id, out),
            Seen::UnseenReprint => {
                let text = format!("{receipt_id}\n[void]");
                return self.copy(at, "reprint_unseen", &text, out);
            }
            Seen::New { .. } => {}
        }
        self.counters.voided += 1;
        let body = ReceiptVoided { receipt_id, terminal_id: receipt.terminal_id, reason };
        self.push(at, Body::ReceiptVoided(body), out);
    }

    /// A receipt that was cut short was printed again: only the whole one counts.
    pub(super) fn replaced(
        &mut self,
        at: UtcMs,
        receipt_id: String,
        by: &Receipt,
        out: &mut Vec<Record>,
    ) {
        self.counters.voided += 1;
        let (terminal_id, reason) = (by.terminal_id.clone(), Some(REPLACED.to_owned()));
        let body = ReceiptVoided { receipt_id, terminal_id, reason };
        self.push(at, Body::ReceiptVoided(body), out);
    }
}
