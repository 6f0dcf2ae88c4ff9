//! From the gathered document to the receipt of the contract, with its cross-checks.
//!
//! On a return every amount is negative, whichever way the paper prints it.

use tillgate_events::{
    DiscountType, Line, Payment, PaymentMethod, PaymentStatus, Promotion, Receipt, ReceiptType,
    StockChange, StockReason,
};

use super::TillSettings;
use super::draft::{Discount, Draft, DraftLine};
use crate::decode::DocumentEnd;
use crate::limits;
use crate::track::catalog::Entry;

/// Makes the receipt; its id is the caller's business.
pub fn receipt(draft: &Draft, end: DocumentEnd, settings: &TillSettings) -> Receipt {
    let mut draft = draft.clone();
    turn_refund(&mut draft);
    let sums = Sums::new(&draft);
    let (lines, promotions, stock_changes) = parts(&draft, settings);
    Receipt {
        receipt_id: String::new(),
        receipt_type: receipt_type(&draft, sums.total),
        terminal_id: draft.terminal.clone().unwrap_or_else(|| settings.terminal.clone()),
        customer_id: None,
        campaign_id: None,
        impression_id: None,
        currency: settings.currency,
        gross_subtotal: sums.gross,
        discount: sums.discount,
        subtotal: sums.net(),
        tax: sums.tax,
        total: sums.total,
        printed_at: draft.printed_at.clone(),
        complete: end.complete() && draft.dropped == 0,
        checks_passed: sums.lines_agree(settings) && sums.tenders_agree(settings),
        training: draft.training,
        payments: payments(&draft, sums.total),
        lines,
        promotions,
        stock_changes,
    }
}

/// Makes a return's amounts negative when the paper prints them as positive.
fn turn_refund(draft: &mut Draft) {
    let printed_positive = draft.total.is_none_or(|total| total >= 0)
        && draft.lines.iter().all(|line| line.item.amount >= 0);
    if !draft.refund || !printed_positive {
        return;
    }
    for line in &mut draft.lines {
        line.item.amount = -line.item.amount;
        line.discounts.iter_mut().for_each(|discount| discount.amount = -discount.amount);
    }
    draft.discounts.iter_mut().for_each(|discount| discount.amount = -discount.amount);
    draft.taxes.iter_mut().for_each(|(amount, _)| *amount = -*amount);
    draft.rounding = -draft.rounding;
    draft.subtotal = draft.subtotal.map(|amount| -amount);
    draft.total = draft.total.map(|amount| -amount);
}

fn receipt_type(draft: &Draft, total: i64) -> ReceiptType {
    let goods = draft.lines.iter().filter(|line| !line.voided && !line.deposit);
    let mut amounts = goods.map(|line| line.item.amount);
    let (back, sold) = (amounts.clone().any(|a| a < 0), amounts.any(|a| a > 0));
    match (back, sold) {
        (true, true) => ReceiptType::Exchange,
        (true, false) => ReceiptType::Return,
        (false, false) if draft.refund || total < 0 => ReceiptType::Return,
        (false, _) => ReceiptType::Sale,
    }
}

/// The sums of a document, and whether they agree.
struct Sums {
    gross: i64,
    discount: i64,
    tax: i64,
    /// Tax that the paper does not call included.
    added_tax: i64,
    rounding: i64,
    total: i64,
    /// Approved payments less change; `None` when none was printed.
    paid: Option<i64>,
    has_lines: bool,
}

impl Sums {
    fn new(draft: &Draft) -> Self {
        let open = || draft.lines.iter().filter(|line| !line.voided);
        let added_tax: i64 =
            draft.taxes.iter().filter(|(_, included)| !included).map(|(amount, _)| amount).sum();
        let line_discounts = open().flat_map(|line| &line.discounts);
        let discount = line_discounts.chain(&draft.discounts).map(|d| d.amount).sum();
        let gross = match draft.subtotal.or(draft.total) {
            Some(sum) if draft.lines.is_empty() => sum,
            _ => open().map(|line| line.item.amount).sum(),
        };
        let total = draft.total.unwrap_or(gross - discount + added_tax + draft.rounding);
        let approved = || draft.tenders.iter().filter(|t| t.status == PaymentStatus::Approved);
        let paid = approved().map(|tender| signed(tender.amount, total)).sum::<i64>();
        Self {
            gross,
            discount,
            tax: draft.taxes.iter().map(|(amount, _)| amount).sum(),
            added_tax,
            rounding: draft.rounding,
            total,
            paid: approved().next().map(|_| paid - draft.change),
            has_lines: !draft.lines.is_empty(),
        }
    }

    /// The lines after all discounts.
    fn net(&self) -> i64 {
        self.gross - self.discount
    }

    /// The paper seldom says whether prices include the tax, and prints the total before or after
    /// rounding: either way of reading is agreement.
    fn lines_agree(&self, settings: &TillSettings) -> bool {
        let taxed = [self.net(), self.net() + self.added_tax];
        let mut sums = taxed.iter().flat_map(|sum| [*sum, sum + self.rounding]);
        !settings.checks.lines_sum_equals_total
            || (self.has_lines && sums.any(|sum| sum == self.total))
    }

    fn tenders_agree(&self, settings: &TillSettings) -> bool {
        let paid = self.paid.unwrap_or(0);
        !settings.checks.tenders_minus_change_equals_total
            || paid == self.total
            || paid == self.total + self.rounding
    }
}

/// Some tills print what they take with a minus: a payment has the sign of the total.
fn signed(amount: i64, total: i64) -> i64 {
    if total < 0 { -amount.abs() } else { amount.abs() }
}

fn payments(draft: &Draft, total: i64) -> Vec<Payment> {
    let mut payments: Vec<Payment> = draft
        .tenders
        .iter()
        .map(|tender| Payment {
            method: tender.method,
            amount: signed(tender.amount, total),
            change: 0,
            status: tender.status,
            decline_reason: tender.decline_reason.clone(),
            card_last4: tender.card_last4.clone(),
            transaction_id: tender.transaction_id.clone(),
            processing_time_ms: 0,
        })
        .collect();
    if draft.change != 0 {
        give_change(&mut payments, draft.change);
    }
    payments
}

/// Change goes to the cash payment; an unnamed payment that was given change on was cash.
fn give_change(payments: &mut [Payment], change: i64) {
    let approved = |p: &Payment| p.status == PaymentStatus::Approved;
    let place = [PaymentMethod::Cash, PaymentMethod::Other]
        .iter()
        .find_map(|method| payments.iter().position(|p| approved(p) && p.method == *method))
        .or_else(|| payments.iter().rposition(approved));
    if let Some(payment) = place.and_then(|place| payments.get_mut(place)) {
        payment.change = change;
        if payment.method == PaymentMethod::Other {
            payment.method = PaymentMethod::Cash;
        }
    }
}

/// Lines, promotions and stock changes, in the order of the paper.
fn parts(draft: &Draft, settings: &TillSettings) -> (Vec<Line>, Vec<Promotion>, Vec<StockChange>) {
    let (mut lines, mut promotions, mut stock) = (Vec::new(), Vec::new(), Vec::new());
    let mut products = Vec::new();
    for (number, drafted) in (1..).zip(&draft.lines) {
        let item = &drafted.item;
        let entry = settings.catalog.find(item.sku.as_deref(), &item.description);
        let line = line(drafted, entry);
        if !drafted.voided {
            let product = line.product_id;
            products.extend(product);
            for discount in &drafted.discounts {
                let count = u32::try_from(line.quantity.unsigned_abs()).unwrap_or(u32::MAX);
                let ids = product.into_iter().collect();
                promotions.push(promotion(discount, count, ids, Some(number)));
            }
            stock.extend(stock_change(&line, draft.training));
        }
        lines.push(line);
    }
    let pieces: u64 = open_pieces(&lines);
    for discount in &draft.discounts {
        let count = u32::try_from(pieces).unwrap_or(u32::MAX);
        promotions.push(promotion(discount, count, products.clone(), None));
    }
    promotions.retain(|promotion| promotion.discount > 0);
    promotions.truncate(limits::RECEIPT_PARTS);
    (lines, promotions, stock)
}

fn open_pieces(lines: &[Line]) -> u64 {
    let open = lines.iter().filter(|line| !line.voided);
    open.fold(0, |sum, line| sum.saturating_add(line.quantity.unsigned_abs()))
}

fn line(drafted: &DraftLine, entry: Option<&Entry>) -> Line {
    let item = &drafted.item;
    let weighed = item.weight_grams.is_some();
    let pieces = item.quantity_milli.abs() / 1000;
    let whole = !weighed && pieces > 0 && item.quantity_milli % 1000 == 0;
    let pieces = if whole { pieces } else { 1 };
    let discount: i64 = drafted.discounts.iter().map(|discount| discount.amount).sum();
    let codes = drafted.discounts.iter().map(promo_code).next();
    Line {
        description: item.description.clone(),
        sku: item.sku.clone().or_else(|| entry.and_then(|entry| entry.sku.clone())),
        product_id: entry.map(|entry| entry.product_id),
        quantity: if item.amount < 0 || item.quantity_milli < 0 { -pieces } else { pieces },
        // Of weighed goods the price of a unit of weight, as printed.
        unit_price: item
            .unit_price
            .filter(|_| whole || weighed)
            .map_or(item.amount.abs() / pieces, i64::abs),
        extended_price: item.amount - discount,
        discount: discount.abs(),
        promo_code: codes,
        weight_grams: item.weight_grams.map(i64::abs),
        department: item.department.clone(),
        tax_code: item.tax_code.clone(),
        voided: drafted.voided,
    }
}

fn promotion(
    discount: &Discount,
    product_count: u32,
    product_ids: Vec<u64>,
    line_number: Option<u32>,
) -> Promotion {
    let promo_code = promo_code(discount);
    let discount_type = match discount.percent {
        _ if promo_code == "BOGO" => DiscountType::Bogo,
        Some(_) => DiscountType::Percentage,
        None => DiscountType::FixedAmount,
    };
    Promotion {
        promo_code,
        // Of a return: what the customer does not get back.
        discount: discount.amount.abs(),
        discount_type,
        product_count: product_count.max(1),
        product_ids,
        line_number,
    }
}

/// The printed code, else the description's letters and digits: never empty.
fn promo_code(discount: &Discount) -> String {
    let text = discount.code.as_ref().unwrap_or(&discount.description).to_uppercase();
    let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    let slug: String = words.collect::<Vec<_>>().join("-").chars().take(40).collect();
    if slug.is_empty() { "DISCOUNT".to_owned() } else { slug }
}

fn stock_change(line: &Line, training: bool) -> Option<StockChange> {
    let product_id = line.product_id.filter(|_| !training && line.quantity != 0)?;
    Some(StockChange {
        dc_id: None,
        product_id,
        quantity_delta: -line.quantity,
        reason: if line.quantity < 0 { StockReason::Return } else { StockReason::Sale },
        sku: line.sku.clone(),
        on_hand: None,
        counted: false,
    })
}
