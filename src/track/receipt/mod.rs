//! Receipts: the facts of one till to records.
//!
//! A document becomes at most one receipt. Cross-checks lower `checks_passed` and never drop one. Nothing
//! vanishes in silence: what is no sale is told of as `unknown_event` of one of these kinds.
//!
//! | kind | what it is | text |
//! |---|---|---|
//! | `reprint` | a copy of a receipt of the last day, whether or not it is marked as one | the receipt's id |
//! | `reprint_unseen` | marked as a copy, of a receipt that was not seen | its id, total and content |
//! | `graphic_receipt` | only images | their sizes |
//! | `unparsed_document` | anything else that is no receipt | the lines that no rule took |
//!
//! A copy is never counted as a sale, because the till may print any number of them, days later. Whoever misses
//! the sale itself (the gateway was off when it was printed) finds its content in `reprint_unseen`.
//!
//! Memory is one open document, [`limits::RECEIPT_IDENTITIES`] identities and one drawer kick.

mod assemble;
mod draft;
mod identity;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use jiff::tz::TimeZone;
use tillgate_events::{Body, Currency, NoSale, Receipt, ReceiptVoided, Record, Unknown, UtcMs};

use self::draft::Draft;
use self::identity::{Identities, Seen};
use crate::decode::dialect::{Checks, Key};
use crate::decode::{DocumentEnd, PosFact};
use crate::limits;
use crate::time::{Mono, Now};
use crate::track::catalog::Catalog;

/// What a tracker knows of its till.
#[derive(Clone, Debug)]
pub struct TillSettings {
    /// The source's name in the gateway's TOML.
    pub source: String,
    /// Used where the receipt names no register.
    pub terminal: String,
    /// The till's.
    pub currency: Currency,
    /// The store's number: an online order says who hands it over.
    pub store_id: u64,
    /// Where the shop is: a receipt without a printed date belongs to the local day.
    pub zone: TimeZone,
    /// How long after midnight the shop's day begins: what is sold before belongs to the day before.
    pub business_day_starts: Duration,
    /// Which sums must agree.
    pub checks: Checks,
    /// What two prints of one receipt have in common.
    pub key: Key,
    /// How long a drawer kick may wait for its receipt before it is a `no_sale`; `None`: a kick alone means nothing.
    pub no_sale_after: Option<Duration>,
    /// To know products by what is printed.
    pub catalog: Arc<Catalog>,
}

/// What a tracker has done, for health and replay.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ReceiptCounters {
    /// Receipts sent.
    pub receipts: u64,
    /// Receipts whose sums do not agree.
    pub failed_checks: u64,
    /// Copies, whether or not of a receipt that was seen.
    pub reprints: u64,
    /// Receipts cancelled.
    pub voided: u64,
    /// Drawer openings without a sale.
    pub no_sales: u64,
    /// Documents that are no receipts.
    pub unparsed: u64,
    /// Lines that no rule took.
    pub unmatched_lines: u64,
    /// Parts of receipts beyond [`limits::RECEIPT_PARTS`].
    pub dropped_parts: u64,
}

/// Follows one till.
#[derive(Debug)]
pub struct ReceiptTracker {
    settings: TillSettings,
    draft: Option<Draft>,
    /// A drawer kick that waits for its receipt.
    kick: Option<Now>,
    /// When the last receipt ended.
    receipt_ended: Option<Mono>,
    identities: Identities,
    counters: ReceiptCounters,
}

impl ReceiptTracker {
    /// A tracker that has seen nothing yet.
    #[must_use]
    pub fn new(settings: TillSettings) -> Self {
        Self {
            settings,
            draft: None,
            kick: None,
            receipt_ended: None,
            identities: Identities::default(),
            counters: ReceiptCounters::default(),
        }
    }

    /// Takes a fact; a document's end appends its records.
    pub fn step(&mut self, now: Now, fact: PosFact, out: &mut Vec<Record>) {
        self.tick(now, out);
        match fact {
            PosFact::DrawerKick => self.kicked(now),
            PosFact::End(end) => self.end(now, end, out),
            fact => {
                let draft = self.draft.get_or_insert_with(Draft::default);
                self.counters.unmatched_lines += u64::from(matches!(fact, PosFact::Unmatched(_)));
                draft.last = now;
                draft.take(fact);
            }
        }
    }

    /// Lets time pass: a drawer kick that no receipt explains becomes a `no_sale`.
    pub fn tick(&mut self, now: Now, out: &mut Vec<Record>) {
        let due = self.deadline().is_some_and(|deadline| deadline <= now.mono);
        if let Some(kick) = self.kick.take_if(|_| due) {
            self.no_sale(kick.wall, out);
        }
    }

    /// When [`ReceiptTracker::tick`] has something to do. An open document may still explain the kick.
    #[must_use]
    pub fn deadline(&self) -> Option<Mono> {
        let kick = self.kick.filter(|_| self.draft.is_none())?;
        Some(kick.mono.plus(limits::KICK_WINDOW))
    }

    /// What it has done so far.
    #[must_use]
    pub fn counters(&self) -> ReceiptCounters {
        self.counters
    }

    fn kicked(&mut self, now: Now) {
        let explained =
            self.receipt_ended.is_some_and(|end| now.mono.since(end) <= limits::KICK_WINDOW);
        if self.draft.is_some() || !explained {
            self.kick.get_or_insert(now);
        }
    }

    fn end(&mut self, now: Now, end: DocumentEnd, out: &mut Vec<Record>) {
        let Some(mut draft) = self.draft.take() else { return };
        self.counters.dropped_parts += draft.dropped;
        let at = draft.last.wall;
        if draft.cancelled.is_some() || draft.is_receipt() {
            self.kick = None;
            self.receipt_ended = Some(now.mono);
        }
        if let Some((number, reason)) = draft.cancelled.clone() {
            self.voided(at, &draft, number, reason, out);
        } else if draft.is_receipt() {
            self.receipt(now, end, &draft, out);
        } else if draft.no_sale {
            self.kick = None;
            self.receipt_ended = Some(now.mono);
            self.no_sale(at, out);
        } else if !draft.is_empty() {
            self.counters.unparsed += 1;
            self.unknown(at, draft.kind(), draft.unmatched, out);
        }
    }

    fn receipt(&mut self, now: Now, end: DocumentEnd, draft: &Draft, out: &mut Vec<Record>) {
        let mut receipt = assemble::receipt(draft, end, &self.settings);
        let identity = identity::of(&receipt, draft, &self.settings, draft.last.wall);
        match self.identities.see(now.mono, &identity) {
            Seen::Reprint => return self.copy(draft.last.wall, "reprint", &identity.id, out),
            Seen::UnseenReprint => {
                let text = unseen(&identity.id, &receipt);
                return self.copy(draft.last.wall, "reprint_unseen", &text, out);
            }
            Seen::New { id } => receipt.receipt_id = id,
        }
        self.counters.receipts += 1;
        self.counters.failed_checks += u64::from(!receipt.checks_passed);
        self.push(draft.last.wall, Body::Receipt(Box::new(receipt)), out);
    }

    fn copy(&mut self, at: UtcMs, kind: &str, text: &str, out: &mut Vec<Record>) {
        self.counters.reprints += 1;
        self.unknown(at, kind, text.chars().take(limits::UNPARSED_CHARS).collect(), out);
    }

    fn voided(
        &mut self,
        at: UtcMs,
        draft: &Draft,
        number: Option<String>,
        reason: Option<String>,
        out: &mut Vec<Record>,
    ) {
        let mut receipt = assemble::receipt(draft, DocumentEnd::Cut, &self.settings);
        let mut of = draft.clone();
        of.number = number.or(of.number);
        receipt.receipt_id = identity::of(&receipt, &of, &self.settings, at).id;
        self.counters.voided += 1;
        let body = ReceiptVoided {
            receipt_id: receipt.receipt_id,
            terminal_id: receipt.terminal_id,
            reason,
        };
        self.push(at, Body::ReceiptVoided(body), out);
    }

    fn no_sale(&mut self, at: UtcMs, out: &mut Vec<Record>) {
        self.counters.no_sales += 1;
        let body = NoSale { terminal_id: self.settings.terminal.clone() };
        self.push(at, Body::NoSale(body), out);
    }

    fn unknown(&self, at: UtcMs, kind: &str, text: String, out: &mut Vec<Record>) {
        self.push(at, Body::Unknown(Unknown { kind: kind.to_owned(), text }), out);
    }

    fn push(&self, at: UtcMs, body: Body, out: &mut Vec<Record>) {
        out.push(Record { at, source: self.settings.source.clone(), body });
    }
}

/// A receipt in words: id and total first, so that they stay where the text is cut.
fn unseen(id: &str, receipt: &Receipt) -> String {
    let (currency, total) = (receipt.currency.code(), receipt.total);
    let printed = receipt.printed_at.as_deref().unwrap_or("no date");
    format!("{id}\n[total {total} {currency}, {printed}]\n{}", identity::content(receipt))
}
