//! What the till's payment terminal says, until the receipt that it pays is printed.
//!
//! A result completes the payment of the same amount that the receipt prints. Where the receipt prints none of the
//! card kind, and the results make what is left to pay, they are its payments. What belongs to no receipt
//! is told on its own after [`limits::CARD_WINDOW`]. At most [`limits::CARD_PAYMENTS`] wait; the oldest is told early.

use std::collections::VecDeque;

use tillgate_events::{PaymentMethod, Record};

use super::draft::{Draft, Tender};
use super::sums::Sums;
use crate::decode::{CardOperation, CardPayment, PaymentFact, PosFact};
use crate::limits;
use crate::time::{Mono, Now};
use crate::track::speaker::Speaker;
use crate::track::speaker::payment::{Slip, beside, payment_record};

#[derive(Debug)]
pub struct Cards {
    speaker: Speaker,
    /// Oldest first.
    waiting: VecDeque<Waiting>,
    slip: Slip,
}

#[derive(Debug)]
struct Waiting {
    since: Now,
    payment: CardPayment,
    tender: Tender,
}

impl Cards {
    pub fn new(speaker: Speaker) -> Self {
        Self { speaker, waiting: VecDeque::new(), slip: Slip::default() }
    }

    /// The wall clock was set by so many milliseconds.
    pub fn clock_set(&mut self, by_ms: i64) {
        for waiting in &mut self.waiting {
            waiting.since = waiting.since.clock_set(by_ms);
        }
        self.slip.clock_set(by_ms);
    }

    /// Takes what the terminal says; appends what no receipt is needed for.
    pub fn take(&mut self, now: Now, fact: PaymentFact, out: &mut Vec<Record>) {
        let PaymentFact::Result(payment) = fact else {
            return beside(&self.speaker, &mut self.slip, now, fact, out);
        };
        let Some(tender) = tender(&payment) else {
            out.push(payment_record(&self.speaker, now, &payment));
            return;
        };
        if self.waiting.len() >= limits::CARD_PAYMENTS {
            self.tell_oldest(out);
        }
        self.waiting.push_back(Waiting { since: now, payment: *payment, tender });
    }

    /// Gives the receipt what belongs to it; true when that changed it.
    pub fn settle(&mut self, draft: &mut Draft, total: i64) -> bool {
        let before = self.waiting.len();
        let back = draft.refund || total < 0;
        let (mut mine, others): (VecDeque<_>, VecDeque<_>) = self
            .waiting
            .drain(..)
            .partition(|w| (w.payment.operation == Some(CardOperation::Refund)) == back);
        self.waiting = others;
        mine.retain(|waiting| !complete(draft, &waiting.tender));
        let declined = |tender: &Tender, draft: &Draft| {
            let amounts = draft.tenders.iter().filter(|t| t.by_card()).map(|t| t.amount);
            let amount = tender.amount;
            !tender.approved() && amounts.chain([total]).any(|it| it.saturating_abs() == amount)
        };
        for waiting in self.paying(draft, mine) {
            draft.add_tender(waiting.tender);
        }
        let (refused, rest): (VecDeque<_>, VecDeque<_>) =
            self.waiting.drain(..).partition(|waiting| declined(&waiting.tender, draft));
        refused.into_iter().for_each(|waiting| draft.add_tender(waiting.tender));
        self.waiting = rest;
        self.waiting.len() != before
    }

    /// Those that make what is left to pay: all together, else the latest that does alone. The others go on waiting.
    fn paying(&mut self, draft: &Draft, mine: VecDeque<Waiting>) -> Vec<Waiting> {
        let unpaid = Sums::new(draft).unpaid().saturating_abs();
        let card_printed = draft.tenders.iter().any(|tender| tender.by_card() && tender.approved());
        let approved = |waiting: &&Waiting| waiting.tender.approved();
        let sum = mine.iter().filter(approved).map(|waiting| waiting.tender.amount);
        let all = sum.fold(0, i64::saturating_add) == unpaid;
        let latest = mine.iter().rposition(|w| w.tender.approved() && w.tender.amount == unpaid);
        let mut paying = Vec::new();
        for (place, waiting) in mine.into_iter().enumerate() {
            let pays = waiting.tender.approved() && (all || latest == Some(place));
            if pays && unpaid > 0 && !card_printed {
                paying.push(waiting);
            } else {
                self.waiting.push_back(waiting);
            }
        }
        self.waiting.make_contiguous().sort_by_key(|waiting| waiting.since.mono);
        paying
    }

    /// Lets time pass; `open`: a receipt is being printed, which may still take what waits.
    pub fn tick(&mut self, now: Now, open: bool, out: &mut Vec<Record>) {
        while !open && self.oldest_due().is_some_and(|due| due <= now.mono) {
            self.tell_oldest(out);
        }
        if self.slip.deadline().is_some_and(|due| due <= now.mono) {
            out.extend(self.slip.end(&self.speaker));
        }
    }

    /// When [`Cards::tick`] has something to do.
    pub fn deadline(&self, open: bool) -> Option<Mono> {
        let oldest = self.oldest_due().filter(|_| !open);
        [oldest, self.slip.deadline()].into_iter().flatten().min()
    }

    /// No receipt comes any more.
    pub fn finish(&mut self, out: &mut Vec<Record>) {
        while !self.waiting.is_empty() {
            self.tell_oldest(out);
        }
        out.extend(self.slip.end(&self.speaker));
    }

    fn oldest_due(&self) -> Option<Mono> {
        self.waiting.front().map(|waiting| waiting.since.mono.plus(limits::CARD_WINDOW))
    }

    fn tell_oldest(&mut self, out: &mut Vec<Record>) {
        if let Some(waiting) = self.waiting.pop_front() {
            out.push(payment_record(&self.speaker, waiting.since, &waiting.payment));
        }
    }
}

/// The payment as a positive tender; `None` if no money of a receipt moved.
fn tender(payment: &CardPayment) -> Option<Tender> {
    let PosFact::Tender { method, amount, status, decline_reason, card_last4, transaction_id } =
        payment.tender()?
    else {
        return None;
    };
    Some(Tender {
        method,
        amount: amount.saturating_abs(),
        status,
        decline_reason,
        card_last4,
        transaction_id,
        processing_ms: payment.processing_ms.unwrap_or(0),
        change: None,
        told: true,
    })
}

/// Adds what the terminal knows to the payment that the receipt prints; false when it prints none like this.
fn complete(draft: &mut Draft, told: &Tender) -> bool {
    let same = |printed: &Tender| {
        let last4 = match (&printed.card_last4, &told.card_last4) {
            (Some(printed), Some(told)) => printed == told,
            _ => true,
        };
        let bare = printed.amount == 0 && !printed.approved();
        let amount = bare || printed.amount.saturating_abs() == told.amount;
        printed.by_card() && printed.status == told.status && amount && last4
    };
    if let Some(printed) = draft.tenders.iter_mut().find(|it| !it.told && same(it)) {
        printed.told = true;
        if printed.method == PaymentMethod::Other {
            printed.method = told.method;
        }
        if printed.amount == 0 {
            printed.amount = told.amount;
        }
        printed.processing_ms = told.processing_ms;
        printed.card_last4 = printed.card_last4.take().or_else(|| told.card_last4.clone());
        printed.transaction_id =
            printed.transaction_id.take().or_else(|| told.transaction_id.clone());
        printed.decline_reason =
            printed.decline_reason.take().or_else(|| told.decline_reason.clone());
        return true;
    }
    false
}
