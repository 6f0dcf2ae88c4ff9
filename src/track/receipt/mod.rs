//! Receipts: the facts of one till to records.
//!
//! A document becomes at most one receipt, and one record for each thing that it says beside the sale: stock moved,
//! an online order handed over. Cross-checks lower `checks_passed` and never drop a receipt. Nothing vanishes in
//! silence: what the contract has no event for is an `unknown_event` of one of these kinds.
//!
//! | kind | what it is | text |
//! |---|---|---|
//! | `reprint` | a copy of a paper of the last day, whether or not it is marked as one | the paper's id |
//! | `reprint_unseen` | marked as a copy, of a paper that was not seen | its id, total and content |
//! | `receipt_notes` | points, prices changed by hand, payments taken back | the receipt's id, then one a line |
//! | `stock_slip`, `order_slip` | a line that cannot be booked: no such product, part of a piece | the line |
//! | `cash_in`, `cash_out` | money put into the drawer or taken out without a sale | minor units, reason |
//! | `operator_signed_on`, `operator_signed_off` | who works at the till | the operator |
//! | `training` | a slip or a void in training mode: nothing of it is booked | what it says |
//! | `graphic_receipt` | only images | their sizes |
//! | `unparsed_document` | anything else that is no receipt | the lines that no rule took |
//! | those of [`speaker`](super::speaker) | the till's payment terminal and drawer | |
//!
//! A copy is never counted as a sale and never booked, because the till may print any number of them, days later.
//! Whoever misses the sale itself (the gateway was off when it was printed) finds its content in `reprint_unseen`.
//! A receipt that was cut short and is printed again in full is voided, and the full one is the sale.
//!
//! A document ends with its end. Facts that come without one (scans in a stock mode, a till that tells single
//! records) end with silence: [`limits::SLIP_IDLE`], or [`limits::RECEIPT_IDLE`] where a sale may go on.
//!
//! Memory is one open document, [`limits::RECEIPT_IDENTITIES`] identities, [`limits::CARD_PAYMENTS`] card payments, one
//! drawer kick, one sale that waits for its sum, and one receipt that waits for its payment terminal.

mod assemble;
mod cards;
mod clock;
mod draft;
mod held;
mod identity;
mod kick;
mod memory;
mod paused;
mod settings;
mod slip;
mod sums;
#[cfg(test)]
mod tests;
mod void;

pub use settings::{ReceiptCounters, TillSettings};
use std::sync::Arc;

use tillgate_events::{Body, NoSale, Receipt, Record, UtcMs};

use self::cards::Cards;
use self::draft::Draft;
use self::held::Held;
use self::kick::Kicks;
use self::memory::{Memory, Seen};
use self::paused::Paused;
use crate::decode::{DocumentEnd, DrawerFact, PosFact};
use crate::limits;
use crate::time::{Mono, Now};
use crate::track::catalog::Catalog;
use crate::track::speaker::Speaker;
use crate::track::speaker::drawer::LeftOpen;

/// Follows one till.
#[derive(Debug)]
pub struct ReceiptTracker {
    settings: TillSettings,
    speaker: Speaker,
    /// Which of the till's documents the next fact belongs to.
    paper: u64,
    draft: Option<Draft>,
    paused: Option<Paused>,
    kicks: Kicks,
    left_open: LeftOpen,
    cards: Cards,
    /// A payment terminal's word is handed in too.
    terminal: bool,
    held: Option<Held>,
    memory: Memory,
    counters: ReceiptCounters,
}

impl ReceiptTracker {
    /// A tracker that has seen nothing yet.
    #[must_use]
    pub fn new(settings: TillSettings) -> Self {
        let (source, terminal) = (settings.source.clone(), settings.terminal.clone());
        let speaker = Speaker { source, terminal };
        Self {
            paper: 0,
            draft: None,
            paused: None,
            kicks: Kicks::new(settings.no_sale_after),
            left_open: LeftOpen::default(),
            cards: Cards::new(speaker.clone()),
            terminal: false,
            held: None,
            memory: Memory::default(),
            counters: ReceiptCounters::default(),
            settings,
            speaker,
        }
    }

    /// From now on products are these.
    pub fn set_catalog(&mut self, catalog: Arc<Catalog>) {
        self.settings.catalog = catalog;
    }

    /// Takes a fact; a document's end appends its records.
    pub fn step(&mut self, now: Now, fact: PosFact, out: &mut Vec<Record>) {
        self.tick(now, out);
        match fact {
            PosFact::DrawerKick => self.kicks.kicked(now, self.open()),
            // A till that prints openings need not print closings: neither says how long the drawer stood open.
            PosFact::Drawer { open: true } => self.kicks.opened(now, self.open()),
            PosFact::Drawer { open: false } => {}
            PosFact::End(end) => {
                match end {
                    DocumentEnd::Idle => self.fell_silent(now, out),
                    end => self.end(now, end, out),
                }
                self.paper += 1;
            }
            fact => {
                if let Some(paused) = &mut self.paused {
                    paused.read(now, self.paper, &fact);
                }
                let draft = self.draft.get_or_insert_with(|| Draft::on(self.paper));
                self.counters.unmatched_lines += u64::from(matches!(fact, PosFact::Unmatched(_)));
                draft.last = now;
                draft.take(fact);
            }
        }
    }

    /// Takes what the till's drawer says: an opening that no sale explains is a `no_sale`, kick or not.
    pub fn drawer(&mut self, now: Now, fact: DrawerFact, out: &mut Vec<Record>) {
        self.tick(now, out);
        if self.left_open.edge(now, fact) {
            self.kicks.opened(now, self.open());
        }
    }

    /// Lets time pass: what waited for something that did not come is told as it is.
    pub fn tick(&mut self, now: Now, out: &mut Vec<Record>) {
        if self.idle().is_some_and(|due| due <= now.mono) {
            let last = self.draft.as_ref().map_or(now, |draft| draft.last);
            self.end(last, DocumentEnd::Idle, out);
        }
        if self.pause_ends().is_some_and(|due| due <= now.mono) {
            self.give_up_pause(out);
        }
        if self.held.as_ref().is_some_and(|held| held.due <= now.mono) {
            self.release(out);
        }
        let open = self.open();
        if !open && let Some(kick) = self.kicks.due(now) {
            self.no_sale(kick.wall, out);
        }
        out.extend(self.left_open.tick(now, &self.speaker));
        self.cards.tick(now, open, out);
    }

    /// When [`ReceiptTracker::tick`] has something to do. An open document may still explain a kick or a payment.
    #[must_use]
    pub fn deadline(&self) -> Option<Mono> {
        let open = self.open();
        let kick = self.kicks.deadline().filter(|_| !open);
        let held = self.held.as_ref().map(|held| held.due);
        let others = [self.left_open.deadline(), self.cards.deadline(open), held];
        [self.idle(), self.pause_ends(), kick].into_iter().chain(others).flatten().min()
    }

    /// The agent stops: what waits is told as it is.
    pub fn finish(&mut self, now: Now, out: &mut Vec<Record>) {
        self.broken(now, out);
        self.give_up_pause(out);
        self.release(out);
        self.cards.finish(out);
    }

    /// The device went away or input was lost: the open document is taken as it is. What waits goes on waiting.
    pub fn broken(&mut self, now: Now, out: &mut Vec<Record>) {
        let sale = self.draft.as_ref().is_some_and(Draft::may_be_sale);
        self.end(now, if sale { DocumentEnd::Broken } else { DocumentEnd::Idle }, out);
    }

    /// Whether nothing is open that a further fact may belong to: no document, and no kick that waits for one.
    #[must_use]
    pub fn is_at_rest(&self) -> bool {
        self.draft.is_none() && self.kicks.deadline().is_none()
    }

    /// The facts that follow belong to this document of the till; each end of one counts on.
    pub fn at_paper(&mut self, paper: u64) {
        self.paper = paper;
    }

    /// Whether a receipt waits, or a sale, that was printed on this document.
    #[must_use]
    pub fn waits_of(&self, paper: u64) -> bool {
        let held = self.held.as_ref().map(Held::papers);
        let paused = self.paused.as_ref().map(Paused::papers);
        held.into_iter().chain(paused).any(|papers| papers.contains(&paper))
    }

    /// What it has done so far.
    #[must_use]
    pub fn counters(&self) -> ReceiptCounters {
        self.counters
    }

    /// Whether a sale is being printed, as far as anybody knows.
    fn open(&self) -> bool {
        self.draft.is_some() || self.paused.is_some()
    }

    /// When a sale has waited long enough for its rest. What is being printed may be it.
    fn pause_ends(&self) -> Option<Mono> {
        self.paused.as_ref().filter(|_| self.draft.is_none()).map(Paused::due)
    }

    /// When the open document ends by silence.
    fn idle(&self) -> Option<Mono> {
        let draft = self.draft.as_ref()?;
        let slip = !draft.beside.is_empty() && !draft.may_be_sale();
        let idle = if slip { limits::SLIP_IDLE } else { limits::RECEIPT_IDLE };
        Some(draft.last.mono.plus(idle))
    }

    fn end(&mut self, now: Now, end: DocumentEnd, out: &mut Vec<Record>) {
        let Some(draft) = self.draft.take() else { return };
        let draft = self.join(draft, end, out);
        self.document(now, end, draft, out);
    }

    fn document(&mut self, now: Now, end: DocumentEnd, mut draft: Draft, out: &mut Vec<Record>) {
        draft.decide(&self.settings);
        self.release(out);
        self.counters.dropped_parts += draft.dropped;
        if draft.opens_drawer() {
            self.kicks.explain(now);
        }
        let at = draft.last.wall;
        let slip = !draft.beside.is_empty();
        if draft.cancelled.is_some() {
            self.voided(now, &draft, out);
        } else if draft.is_receipt() {
            // A copy of a receipt is a copy of all that stands on it.
            return self.receipt(now, end, draft, out);
        } else if draft.no_sale {
            self.no_sale(at, out);
        } else if !slip && let Some((kind, text)) = draft.unparsed() {
            self.counters.unparsed += 1;
            let lines = || format!("[lines not told: {}]", text.lines().count());
            let text = if self.settings.private { lines() } else { text };
            self.unknown(at, kind, &text, out);
        }
        if slip {
            self.slip(now, &draft, out);
        }
    }

    fn receipt(&mut self, now: Now, end: DocumentEnd, mut draft: Draft, out: &mut Vec<Record>) {
        let at = draft.last.wall;
        draft.find_returns();
        draft.name_tenders();
        let mut receipt = assemble::receipt(&draft, end, &self.settings);
        let identity = identity::of_receipt(&receipt, &draft, &self.settings, at);
        let paper = identity.id.clone();
        let id = match self.memory.see(now.mono, identity) {
            Seen::Reprint => return self.copy(at, "reprint", &paper, out),
            Seen::UnseenReprint => {
                let text = unseen(&paper, &receipt);
                return self.copy(at, "reprint_unseen", &text, out);
            }
            Seen::New { id, replaces } => {
                if let Some(receipt_id) = replaces {
                    self.replaced(at, receipt_id, &receipt, out);
                }
                id
            }
        };
        if !draft.training && self.cards.settle(&mut draft, receipt.total) {
            receipt = assemble::receipt(&draft, end, &self.settings);
        }
        if self.terminal && receipt.complete && held::awaits_card(&draft) {
            self.held = Some(Held::new(now, draft, end, id));
        } else {
            self.send(&draft, receipt, &id, out);
        }
    }

    fn send(&mut self, draft: &Draft, mut receipt: Receipt, id: &str, out: &mut Vec<Record>) {
        let at = draft.last.wall;
        self.counters.receipts += 1;
        self.counters.failed_checks += u64::from(!receipt.checks_passed);
        id.clone_into(&mut receipt.receipt_id);
        self.push(at, Body::Receipt(Box::new(receipt)), out);
        if !draft.notes.is_empty() {
            self.unknown(at, "receipt_notes", &format!("{id}\n{}", draft.notes), out);
        }
        self.booked(at, draft, out);
    }

    /// What stands on a document that is no receipt.
    fn slip(&mut self, now: Now, draft: &Draft, out: &mut Vec<Record>) {
        let at = draft.last.wall;
        let content = slip::content(draft);
        let unique = slip::unique(draft);
        let identity = identity::of_slip(draft, &self.settings, at, &content, unique);
        let paper = identity.id.clone();
        match self.memory.see(now.mono, identity) {
            Seen::Reprint => self.copy(at, "reprint", &paper, out),
            Seen::UnseenReprint => {
                let told = slip::told(draft, &self.settings);
                self.copy(at, "reprint_unseen", &format!("{paper}\n{told}"), out);
            }
            Seen::New { .. } => self.booked(at, draft, out),
        }
    }

    /// Tells of stock, orders, cash and operators; in training mode only that it was exercised.
    fn booked(&mut self, at: UtcMs, draft: &Draft, out: &mut Vec<Record>) {
        if draft.training && !draft.beside.is_empty() {
            let told = slip::told(draft, &self.settings);
            return self.unknown(at, "training", &told, out);
        }
        let bodies = slip::bodies(draft, &self.settings);
        self.counters.slips += bodies.len() as u64;
        bodies.into_iter().for_each(|body| self.push(at, body, out));
    }

    fn copy(&mut self, at: UtcMs, kind: &str, text: &str, out: &mut Vec<Record>) {
        self.counters.reprints += 1;
        self.unknown(at, kind, text, out);
    }

    fn no_sale(&mut self, at: UtcMs, out: &mut Vec<Record>) {
        self.counters.no_sales += 1;
        let body = NoSale { terminal_id: self.settings.terminal.clone() };
        self.push(at, Body::NoSale(body), out);
    }

    fn unknown(&self, at: UtcMs, kind: &str, text: &str, out: &mut Vec<Record>) {
        out.push(self.speaker.unknown(at, kind, text));
    }

    fn push(&self, at: UtcMs, body: Body, out: &mut Vec<Record>) {
        out.push(self.speaker.record(at, body));
    }
}

/// A receipt in words: id and total first, so that they stay where the text is cut.
fn unseen(id: &str, receipt: &Receipt) -> String {
    let (currency, total) = (receipt.currency.code(), receipt.total);
    let printed = receipt.printed_at.as_deref().unwrap_or("no date");
    format!("{id}\n[total {total} {currency}, {printed}]\n{}", identity::content(receipt))
}
