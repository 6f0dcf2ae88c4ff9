//! Payments and change of the open document.

use tillgate_events::{PaymentMethod, PaymentStatus};

use super::Draft;
use crate::limits;
use crate::track::receipt::sums::Sums;

/// A payment as printed, or as a payment terminal tells it.
#[derive(Clone, Debug)]
pub struct Tender {
    pub method: PaymentMethod,
    pub amount: i64,
    pub status: PaymentStatus,
    pub decline_reason: Option<String>,
    pub card_last4: Option<String>,
    pub transaction_id: Option<String>,
    /// Milliseconds; 0 when unknown.
    pub processing_ms: u32,
    /// Given back on this tender.
    pub change: Option<i64>,
    /// The payment terminal told of it.
    pub told: bool,
}

impl Tender {
    pub fn approved(&self) -> bool {
        self.status == PaymentStatus::Approved
    }

    /// Anything but notes and coins.
    pub fn by_card(&self) -> bool {
        self.method != PaymentMethod::Cash
    }

    /// Whether a payment terminal is going to tell of it.
    pub fn awaits_terminal(&self) -> bool {
        use PaymentMethod::{CreditCard, DebitCard, MobilePay, Other};
        let card = [CreditCard, DebitCard, MobilePay, Other].contains(&self.method);
        card && self.approved() && !self.told
    }

    /// Whether the line below may say how this was paid.
    fn is_named_by(&self, below: &Self) -> bool {
        let named = self.method == PaymentMethod::Other && below.method != PaymentMethod::Other;
        named && self.approved() && below.approved() && self.amount == below.amount
    }
}

impl Draft {
    pub(super) fn tender(&mut self, mut tender: Tender) {
        if self.declines_last(&tender) || self.takes_tender_back(&tender) {
            return;
        }
        if tender.card_last4.is_none() && tender.by_card() {
            tender.card_last4 = self.card_last4.take();
        }
        self.add_tender(tender);
    }

    pub fn add_tender(&mut self, tender: Tender) {
        if self.fits(self.tenders.len()) {
            self.tenders.push(tender);
        }
    }

    /// `DECLINED` under a card's line means that card.
    fn declines_last(&mut self, tender: &Tender) -> bool {
        let bare = tender.status == PaymentStatus::Declined && tender.amount == 0;
        let card = self.tenders.last_mut().filter(|last| {
            let same = [last.method, PaymentMethod::Other].contains(&tender.method);
            bare && last.by_card() && last.approved() && same
        });
        let Some(last) = card else { return false };
        last.status = PaymentStatus::Declined;
        last.decline_reason.clone_from(&tender.decline_reason);
        true
    }

    /// A payment that was keyed in and then taken back is none. A till that prints all payments with a minus has no
    /// positive one before it.
    fn takes_tender_back(&mut self, tender: &Tender) -> bool {
        let same = |t: &Tender| {
            t.approved() && t.method == tender.method && t.amount == tender.amount.saturating_neg()
        };
        let taken = tender.amount < 0 && tender.approved();
        let place = self.tenders.iter().rposition(same).filter(|_| taken);
        let Some(place) = place else { return false };
        let tender = self.tenders.remove(place);
        self.note(&format!("[payment of {} taken back]", tender.amount));
        true
    }

    /// A payment without a name, and below it the same amount with one, are one payment where both are too much.
    pub fn name_tenders(&mut self) {
        if Sums::new(self).is_paid() {
            return;
        }
        let mut named: Vec<Tender> = Vec::with_capacity(self.tenders.len());
        for mut tender in self.tenders.clone() {
            if let Some(bare) = named.pop_if(|before| before.is_named_by(&tender)) {
                tender.change = tender.change.or(bare.change);
                tender.card_last4 = tender.card_last4.or(bare.card_last4);
                tender.transaction_id = tender.transaction_id.or(bare.transaction_id);
            }
            named.push(tender);
        }
        let printed = std::mem::replace(&mut self.tenders, named);
        if !Sums::new(self).is_paid() {
            self.tenders = printed;
        }
    }

    pub(super) fn card(&mut self, last4: String) {
        let last = self.tenders.last_mut();
        match last.filter(|tender| tender.card_last4.is_none() && tender.by_card()) {
            Some(tender) => tender.card_last4 = Some(last4),
            None => self.card_last4 = Some(last4),
        }
    }

    /// Change belongs to the payment before it. Printed again before another payment it is the same change.
    pub(super) fn give_change(&mut self, amount: i64) {
        match self.tenders.iter_mut().rev().find(|tender| tender.approved()) {
            Some(tender) => {
                tender.change = Some(amount);
                self.early_change = 0;
            }
            None => self.early_change = amount,
        }
    }

    /// All change given.
    pub fn change(&self) -> i64 {
        let given = self.tenders.iter().filter_map(|tender| tender.change);
        given.fold(self.early_change, i64::saturating_add)
    }

    /// Change on each payment, in their order. Change printed after a card, with cash before it, was given on the
    /// cash.
    pub fn changes(&self) -> Vec<i64> {
        let mut changes = vec![0_i64; self.tenders.len()];
        let printed = self.tenders.iter().enumerate().map(|(at, tender)| (at, tender.change));
        for (at, change) in std::iter::once((0, Some(self.early_change))).chain(printed) {
            let change = change.filter(|change| *change != 0);
            let place = change.and_then(|_| self.change_place(at));
            if let (Some(change), Some(slot)) = (change, place.and_then(|at| changes.get_mut(at))) {
                *slot = slot.saturating_add(change);
            }
        }
        changes
    }

    /// The payment that change printed after the payment `at` was given on.
    fn change_place(&self, at: usize) -> Option<usize> {
        let is = |at: usize, method: PaymentMethod| {
            self.tenders.get(at).is_some_and(|t| t.approved() && t.method == method)
        };
        let all = 0..self.tenders.len();
        let of = |method| {
            let before = (0..=at).rev().find(|place| is(*place, method));
            before.or_else(|| all.clone().find(|place| is(*place, method)))
        };
        of(PaymentMethod::Cash)
            .or_else(|| of(PaymentMethod::Other))
            .or_else(|| self.tenders.iter().rposition(Tender::approved))
    }

    pub(super) fn fits(&mut self, parts: usize) -> bool {
        let fits = parts < limits::RECEIPT_PARTS;
        self.dropped += u64::from(!fits);
        fits
    }
}
