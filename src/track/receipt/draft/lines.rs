//! Articles and discounts of the open document, and what takes them back.

use super::{Draft, DraftLine};
use crate::decode::Item;
use crate::limits;
use crate::track::catalog;
use crate::track::receipt::sums::sum;

/// A discount; `amount` is positive.
#[derive(Clone, Debug, PartialEq)]
pub struct Discount {
    pub code: Option<String>,
    pub description: String,
    pub percent: Option<u32>,
    pub amount: i64,
}

impl DraftLine {
    pub(super) fn new(item: Item) -> Self {
        Self {
            item,
            discounts: Vec::new(),
            voided: false,
            deposit: false,
            correction: false,
            doubtful: false,
            late: false,
        }
    }

    pub(super) fn says(&self, name: &str) -> bool {
        catalog::key(&self.item.description) == name
    }

    /// An article that was sold or came back.
    fn is_goods(&self) -> bool {
        !self.voided && !self.deposit
    }

    /// Whether no more than the article's amount is taken off with this discount too.
    fn covers(&self, discount: &Discount) -> bool {
        let all = sum(self.discounts.iter().chain([discount]).map(|it| it.amount));
        all.saturating_abs() <= self.item.amount.saturating_abs()
    }

    /// Whole pieces; `None` for weighed goods.
    fn pieces(&self) -> Option<i64> {
        let pieces = self.item.quantity_milli.saturating_abs() / 1000;
        let whole = self.item.quantity_milli % 1000 == 0 && self.item.weight_grams.is_none();
        (whole && pieces > 0).then_some(pieces)
    }

    /// The price of one piece, if the line is so many whole pieces.
    fn price(&self) -> Option<i64> {
        let pieces = self.pieces()?;
        let price = self.item.unit_price.unwrap_or(self.item.amount / pieces).checked_abs()?;
        let is_it = price.checked_mul(pieces) == self.item.amount.checked_abs();
        (is_it && price > 0).then_some(price)
    }
}

impl Draft {
    pub(super) fn item(&mut self, mut item: Item, deposit: bool) {
        if item.amount < 0 && self.take_back(&item.description, item.amount.saturating_neg()) {
            return;
        }
        if std::mem::take(&mut self.next_is_return) && item.amount > 0 {
            item.amount = item.amount.saturating_neg();
        }
        let correction = item.amount < 0 && self.corrects(&item);
        self.push(DraftLine { deposit, correction, ..DraftLine::new(item) });
    }

    pub(super) fn push(&mut self, line: DraftLine) {
        if self.fits(self.lines.len()) {
            let late = self.total.is_some();
            self.lines.push(DraftLine { late, ..line });
        }
    }

    /// An amount that repeats an article's words with the opposite sign takes that article back.
    fn take_back(&mut self, description: &str, amount: i64) -> bool {
        let name = catalog::key(description);
        let line = self.lines.iter_mut().rev().find(|line| {
            !line.voided && !line.correction && line.item.amount == amount && line.says(&name)
        });
        let found = line.is_some() && !self.refund;
        if let Some(line) = line.filter(|_| found) {
            line.voided = true;
        }
        found
    }

    /// Whether fewer pieces of an article come back than were rung up before, at the same price: a correction, not a
    /// return.
    fn corrects(&self, item: &Item) -> bool {
        let back = DraftLine::new(item.clone());
        let name = catalog::key(&item.description);
        let Some(price) = back.price().filter(|_| !self.refund) else { return false };
        let same =
            |line: &&DraftLine| !line.voided && line.says(&name) && line.price() == Some(price);
        let rung = sum(self.lines.iter().filter(same).map(|line| line.item.amount));
        rung.saturating_add(item.amount) > 0
    }

    /// Belongs to the article before it. Nobody gives a discount on a deposit, nor more of it than the article costs.
    pub(super) fn discount(&mut self, on_receipt: bool, discount: Discount) {
        if self.take_back(&discount.description, discount.amount) {
            return;
        }
        let place = if on_receipt { None } else { self.discounted(&discount) };
        let line = place.and_then(|place| self.lines.get_mut(place));
        let discounts = match line.filter(|line| line.covers(&discount)) {
            Some(line) => &mut line.discounts,
            None => &mut self.discounts,
        };
        if discounts.len() < limits::RECEIPT_PARTS {
            discounts.push(discount);
        } else {
            self.dropped += 1;
        }
    }

    /// The article that a discount is on: the last one, unless a percentage says otherwise. `None`: all so far.
    fn discounted(&self, discount: &Discount) -> Option<usize> {
        let last = self.lines.iter().rposition(DraftLine::is_goods);
        let Some(percent) = discount.percent else { return last };
        let is_share = |of: i64| {
            let share = i128::from(of) * i128::from(percent);
            (share - i128::from(discount.amount) * 10_000).abs() <= 10_000
        };
        let of = |line: &DraftLine| line.is_goods() && is_share(line.item.amount);
        if last.and_then(|last| self.lines.get(last)).is_some_and(of) {
            return last;
        }
        let goods = self.lines.iter().filter(|line| line.is_goods());
        if is_share(sum(goods.map(|line| line.item.amount))) {
            return None;
        }
        self.lines.iter().rposition(of).or(last)
    }

    /// A paper with nothing but negative amounts, which make its total, is a return that does not say so: what looked
    /// like discounts was brought back.
    pub fn find_returns(&mut self) {
        let back = sum(self.discounts.iter().map(|discount| discount.amount));
        if !self.lines.is_empty() || back == 0 || self.total != Some(back.saturating_neg()) {
            return;
        }
        for discount in std::mem::take(&mut self.discounts) {
            let Discount { description, amount, .. } = discount;
            let amount = amount.saturating_neg();
            self.push(DraftLine::new(Item {
                description,
                quantity_milli: 1000,
                amount,
                ..Item::default()
            }));
        }
    }

    /// A name and a negative amount. What is less than the dearest article is a discount; anything else came back,
    /// because nobody gives an article away without a word.
    pub(super) fn minus(&mut self, item: Item) {
        let amount = item.amount.saturating_abs();
        if self.take_back(&item.description, amount) {
            return;
        }
        let discount =
            Discount { code: None, description: item.description.clone(), percent: None, amount };
        let goods = self.lines.iter().filter(|line| line.is_goods());
        let dearest = goods.map(|line| line.item.amount).max();
        let share = item.description.contains('%');
        if share || dearest.is_none_or(|dearest| dearest > amount) {
            self.discount(false, discount);
        } else {
            let correction = self.corrects(&item);
            self.push(DraftLine { correction, ..DraftLine::new(item) });
        }
    }

    /// Marks the line that says the same, or takes some of its pieces back; false where there is none.
    pub(super) fn void(&mut self, description: Option<&str>, amount: Option<i64>) -> bool {
        let name = description.map(catalog::key);
        let amount = amount.map(i64::saturating_abs);
        let named = |line: &DraftLine| {
            !line.voided && !line.correction && name.as_ref().is_none_or(|name| line.says(name))
        };
        let same = |line: &&mut DraftLine| {
            named(line) && amount.is_none_or(|a| line.item.amount.saturating_abs() == a)
        };
        if let Some(line) = self.lines.iter_mut().rev().find(same) {
            line.voided = true;
            return true;
        }
        let some = |line: &DraftLine| part(line, amount?);
        let part = self.lines.iter().rev().filter(|l| name.is_some() && named(l)).find_map(some);
        let part = part.filter(|item| self.corrects(item));
        let found = part.is_some();
        if let Some(item) = part {
            self.push(DraftLine { correction: true, ..DraftLine::new(item) });
        }
        found
    }

    /// A price changed by hand: where the article was printed with the old one, it gets the new one.
    pub(super) fn override_price(&mut self, description: Option<&str>, was: i64, now: i64) {
        let name = description.map(catalog::key);
        let named = |line: &&mut DraftLine| {
            !line.voided && name.as_ref().is_none_or(|name| line.says(name))
        };
        let line = self.lines.iter_mut().rev().find(named);
        let Some(line) = line.filter(|line| line.item.amount > 0 && line.price() == Some(was))
        else {
            return;
        };
        if let Some(amount) = line.pieces().and_then(|pieces| pieces.checked_mul(now)) {
            line.item.amount = amount;
            line.item.unit_price = Some(now);
        }
    }
}

/// Some pieces of a line, taken back; `None` if the amount is not that of whole pieces of it.
fn part(line: &DraftLine, amount: i64) -> Option<Item> {
    let price = line.price().filter(|price| amount > 0 && amount % price == 0)?;
    let back = -(amount / price);
    let quantity_milli = back.checked_mul(1000)?;
    let item =
        Item { quantity_milli, amount: -amount, unit_price: Some(price), ..line.item.clone() };
    (amount < line.item.amount).then_some(item)
}
