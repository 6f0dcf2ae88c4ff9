//! Lines that are what their words say, or an article whose name begins with them.
//!
//! Where the line makes the sum of what stands above it, it is the total. Else it counts as an article until the end of
//! the document: a total that comes later wins, and the sums of the whole paper tell what the line was. A discount and
//! a void count as what they say, unless the sums agree only if they were articles.

use super::{Discount, Draft, DraftLine, Perhaps, VOID_OF_NOTHING};
use crate::decode::{Item, PosFact};
use crate::limits;
use crate::order;
use crate::track::receipt::TillSettings;
use crate::track::receipt::sums::{Sums, sum};

impl Draft {
    pub(super) fn perhaps(&mut self, item: Item, fact: PosFact) {
        match fact {
            PosFact::Total(_) => self.total_or_item(item),
            PosFact::Discount { on_receipt, code, description, percent, amount } => {
                let discount = Discount { code, description, percent, amount };
                self.doubt(item, Some(discount.clone()));
                self.discount(on_receipt, discount);
            }
            PosFact::VoidItem { description, amount } => {
                if !self.void(description.as_deref(), amount) {
                    self.doubt(item, None);
                }
            }
            other => self.take(other),
        }
    }

    fn doubt(&mut self, item: Item, discount: Option<Discount>) {
        if self.perhaps.len() < limits::DOUBTFUL_LINES {
            self.perhaps.push(Perhaps { place: self.lines.len(), item, discount });
        }
    }

    fn total_or_item(&mut self, item: Item) {
        let sums = Sums::new(self);
        let is_sum = [sums.total, sums.net()].contains(&item.amount) && !self.lines.is_empty();
        if self.total.is_some() || is_sum {
            self.total = Some(item.amount);
        } else {
            self.push(DraftLine { doubtful: true, ..DraftLine::new(item) });
        }
    }

    /// The document is whole: decides what the doubtful lines were.
    pub fn decide(&mut self, settings: &TillSettings) {
        self.decide_totals(settings);
        self.decide_articles(settings);
        self.decide_late(settings);
        if settings.checks.total_is_sum {
            self.complete_sums();
        }
        self.decide_cash_back();
        if let Some((number, _)) = &mut self.cancelled {
            *number = number.take().or(self.original.take());
        }
    }

    /// The fewest lines are articles after all with which the sums agree.
    fn decide_articles(&mut self, settings: &TillSettings) {
        let perhaps = std::mem::take(&mut self.perhaps);
        let agrees = |draft: &Self| draft.total.is_some() && Sums::new(draft).lines_agree(settings);
        let mut choices: Vec<u32> = (0..1_u32 << perhaps.len()).collect();
        order::by_key(&mut choices, |choice| choice.count_ones());
        let choice = if agrees(self) {
            0
        } else {
            let fits = |choice: &u32| agrees(&self.with_articles(&perhaps, *choice));
            choices.into_iter().find(fits).unwrap_or(0)
        };
        *self = self.with_articles(&perhaps, choice);
        let voids = perhaps.iter().zip(0..).filter(|(it, _)| it.discount.is_none());
        for _ in voids.filter(|(_, bit)| choice & 1 << bit == 0) {
            self.note(VOID_OF_NOTHING);
        }
    }

    /// The document with the chosen lines as articles.
    fn with_articles(&self, perhaps: &[Perhaps], choice: u32) -> Self {
        let mut draft = self.clone();
        let chosen = perhaps.iter().zip(0..).filter(|(_, bit)| choice & 1 << bit != 0);
        // From the end, so that the places before stay true.
        for (it, _) in chosen.collect::<Vec<_>>().into_iter().rev() {
            if let Some(discount) = &it.discount {
                draft.forget(discount);
            }
            let lines = draft.lines.len();
            if draft.fits(lines) {
                draft.lines.insert(it.place.min(lines), DraftLine::new(it.item.clone()));
            }
        }
        draft
    }

    fn forget(&mut self, discount: &Discount) {
        let of_lines = self.lines.iter_mut().map(|line| &mut line.discounts);
        for discounts in of_lines.chain([&mut self.discounts]) {
            if let Some(place) = discounts.iter().position(|known| known == discount) {
                discounts.remove(place);
                return;
            }
        }
    }

    /// What a machine does not tell because it follows from the rest: total, last payment and change.
    fn complete_sums(&mut self) {
        if self.lines.is_empty() || self.is_cancelled() {
            return;
        }
        self.total = self.total.or(Some(Sums::new(self).total));
        let unpaid = Sums::new(self).unpaid();
        let due = self.tenders.iter_mut().rev().find(|it| it.approved() && it.amount == 0);
        if let Some(tender) = due {
            tender.amount = unpaid;
        } else if unpaid < 0 && self.change() == 0 {
            self.give_change(unpaid.saturating_neg());
        }
    }

    /// Service and tips below the total that are paid with it belong to it.
    fn decide_late(&mut self, settings: &TillSettings) {
        let late = sum(self.lines.iter().filter(|line| line.late).map(|line| line.item.amount));
        let Some(total) = self.total.filter(|_| late != 0) else { return };
        let mut whole = self.clone();
        whole.total = Some(total.saturating_add(late));
        let sums = Sums::new(&whole);
        if sums.is_paid() && sums.lines_agree(settings) {
            *self = whole;
        }
    }

    /// Money paid out on a card was given back where the payment contains it.
    fn decide_cash_back(&mut self) {
        let amount = std::mem::take(&mut self.cash_back);
        if amount == 0 || Sums::new(self).is_paid() {
            return;
        }
        let mut given = self.clone();
        given.give_change(amount);
        if Sums::new(&given).is_paid() {
            *self = given;
        }
    }

    fn decide_totals(&mut self, settings: &TillSettings) {
        for place in (0..self.lines.len()).rev() {
            let doubtful = self.lines.get(place).is_some_and(|line| line.doubtful);
            if let Some(total) = doubtful.then(|| self.as_total(place)).flatten()
                && self.is_rather(&total, place, settings)
            {
                *self = total;
            }
        }
    }

    /// The document with the line as its total, or as one of its totals.
    fn as_total(&self, place: usize) -> Option<Self> {
        let mut draft = self.clone();
        let amount = self.lines.get(place)?.item.amount;
        draft.lines.remove(place);
        draft.total = self.total.or(Some(amount));
        Some(draft)
    }

    /// Whether the line is rather a total than an article.
    fn is_rather(&self, as_total: &Self, place: usize, settings: &TillSettings) -> bool {
        let amount = self.lines.get(place).map_or(0, |line| line.item.amount);
        let above: Vec<_> = self.lines.iter().take(place).map(|line| line.item.amount).collect();
        let like_sum =
            !above.is_empty() && amount >= above.iter().fold(0, |a, b| a.saturating_add(*b));
        let last = place + 1 == self.lines.len();
        match self.total {
            None => {
                last && (like_sum
                    || (!as_total.tenders.is_empty() && Sums::new(as_total).is_paid()))
            }
            Some(_) if Sums::new(self).lines_agree(settings) => false,
            Some(_) => like_sum || Sums::new(as_total).lines_agree(settings),
        }
    }
}
