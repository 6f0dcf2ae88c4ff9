//! The sums of a document, and whether they agree.

use super::TillSettings;
use super::draft::Draft;

/// Minor units.
pub struct Sums {
    pub gross: i64,
    pub discount: i64,
    pub tax: i64,
    /// Tax that the paper does not call included.
    added_tax: i64,
    rounding: i64,
    pub total: i64,
    /// Approved payments less change; `None` when none was printed.
    paid: Option<i64>,
    has_lines: bool,
}

impl Sums {
    pub fn new(draft: &Draft) -> Self {
        let open = || draft.lines.iter().filter(|line| !line.voided);
        let added_tax = sum(draft.taxes.iter().filter(|(_, inside)| !inside).map(|(tax, _)| *tax));
        let line_discounts = open().flat_map(|line| &line.discounts);
        let discount = sum(line_discounts.chain(&draft.discounts).map(|d| d.amount));
        let gross = match draft.subtotal.or(draft.total) {
            Some(sum) if draft.lines.is_empty() => sum,
            _ => sum(open().map(|line| line.item.amount)),
        };
        let total = draft
            .total
            .unwrap_or_else(|| sum([gross, discount.saturating_neg(), added_tax, draft.rounding]));
        let approved = || draft.tenders.iter().filter(|tender| tender.approved());
        let paid = sum(approved().map(|tender| signed(tender.amount, total)));
        Self {
            gross,
            discount,
            tax: sum(draft.taxes.iter().map(|(amount, _)| *amount)),
            added_tax,
            rounding: draft.rounding,
            total,
            paid: approved().next().map(|_| paid.saturating_sub(draft.change())),
            has_lines: !draft.lines.is_empty(),
        }
    }

    /// The lines after all discounts.
    pub fn net(&self) -> i64 {
        self.gross.saturating_sub(self.discount)
    }

    /// What is still to be paid.
    pub fn unpaid(&self) -> i64 {
        self.total.saturating_sub(self.paid.unwrap_or(0))
    }

    /// The paper seldom says whether prices include the tax, and prints the total before or after
    /// rounding: either way of reading is agreement.
    pub fn lines_agree(&self, settings: &TillSettings) -> bool {
        let taxed = [self.net(), sum([self.net(), self.added_tax])];
        let mut sums = taxed.iter().flat_map(|net| [*net, sum([*net, self.rounding])]);
        !settings.checks.lines_sum_equals_total
            || (self.has_lines && sums.any(|sum| sum == self.total))
    }

    pub fn tenders_agree(&self, settings: &TillSettings) -> bool {
        !settings.checks.tenders_minus_change_equals_total || self.is_paid()
    }

    /// Neither too little nor too much was paid.
    pub fn is_paid(&self) -> bool {
        let paid = self.paid.unwrap_or(0);
        paid == self.total || paid == sum([self.total, self.rounding])
    }
}

/// Some tills print what they take with a minus: a payment has the sign of the total.
pub fn signed(amount: i64, total: i64) -> i64 {
    let amount = amount.saturating_abs();
    if total < 0 { -amount } else { amount }
}

/// A sum that cannot wrap: paper may say any number.
pub fn sum(amounts: impl IntoIterator<Item = i64>) -> i64 {
    amounts.into_iter().fold(0, i64::saturating_add)
}
