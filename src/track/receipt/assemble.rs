//! From the gathered document to the receipt of the contract, with its cross-checks.
//!
//! On a return every amount is negative, whichever way the paper prints it.

use tillgate_events::{
    DiscountType, Line, Payment, PaymentMethod, Promotion, Receipt, ReceiptType, StockChange,
    StockReason,
};

use super::TillSettings;
use super::draft::{Discount, Draft, DraftLine, Tender};
use super::sums::{Sums, signed, sum};
use crate::decode::DocumentEnd;
use crate::limits;
use crate::track::catalog::Entry;

/// Makes the receipt; its id is the caller's business.
pub fn receipt(draft: &Draft, end: DocumentEnd, settings: &TillSettings) -> Receipt {
    let mut draft = draft.clone();
    turn_refund(&mut draft);
    let fell_silent = end == DocumentEnd::Idle && draft.stopped_short();
    let sums = Sums::new(&draft);
    let (lines, promotions, stock_changes) = parts(&draft, settings);
    Receipt {
        receipt_id: String::new(),
        receipt_type: receipt_type(&draft, sums.total),
        terminal_id: draft.terminal.clone().unwrap_or_else(|| settings.terminal.clone()),
        customer_id: draft.customer_id,
        campaign_id: None,
        impression_id: None,
        currency: settings.currency,
        gross_subtotal: sums.gross,
        discount: sums.discount,
        subtotal: sums.net(),
        tax: sums.tax,
        total: sums.total,
        printed_at: draft.printed_at.clone(),
        complete: end.complete() && draft.dropped == 0 && !fell_silent && draft.says_what_is_due(),
        checks_passed: sums.lines_agree(settings) && sums.tenders_agree(settings),
        training: draft.training,
        payments: payments(&draft, sums.total),
        lines,
        promotions,
        stock_changes,
    }
}

/// Makes a return's amounts negative when the paper prints them as positive. A discount is what the customer does not
/// get back: it always stands against the articles.
fn turn_refund(draft: &mut Draft) {
    if !draft.refund {
        return;
    }
    let printed_positive = draft.total.is_none_or(|total| total >= 0)
        && draft.lines.iter().all(|line| line.item.amount >= 0);
    let of_lines = draft.lines.iter_mut().flat_map(|line| &mut line.discounts);
    of_lines
        .chain(&mut draft.discounts)
        .for_each(|discount| discount.amount = discount.amount.saturating_neg());
    if !printed_positive {
        return;
    }
    draft.lines.iter_mut().for_each(|line| line.item.amount = line.item.amount.saturating_neg());
    draft.taxes.iter_mut().for_each(|(amount, _)| *amount = amount.saturating_neg());
    draft.rounding = draft.rounding.saturating_neg();
    draft.subtotal = draft.subtotal.map(i64::saturating_neg);
    draft.total = draft.total.map(i64::saturating_neg);
}

fn receipt_type(draft: &Draft, total: i64) -> ReceiptType {
    let beside = |line: &DraftLine| line.voided || line.deposit || line.correction;
    let goods = draft.lines.iter().filter(|line| !beside(line));
    let mut amounts = goods.map(|line| line.item.amount);
    let (back, sold) = (amounts.clone().any(|a| a < 0), amounts.any(|a| a > 0));
    match (back, sold) {
        (true, true) => ReceiptType::Exchange,
        (true, false) => ReceiptType::Return,
        (false, false) if draft.refund || total < 0 => ReceiptType::Return,
        (false, _) => ReceiptType::Sale,
    }
}

fn payments(draft: &Draft, total: i64) -> Vec<Payment> {
    let payment = |(tender, change): (&Tender, i64)| Payment {
        // An unnamed payment that change was given on was cash.
        method: match tender.method {
            PaymentMethod::Other if change != 0 => PaymentMethod::Cash,
            method => method,
        },
        amount: signed(tender.amount, total),
        change,
        status: tender.status,
        decline_reason: tender.decline_reason.clone(),
        card_last4: tender.card_last4.clone(),
        transaction_id: tender.transaction_id.clone(),
        processing_time_ms: tender.processing_ms,
    };
    draft.tenders.iter().zip(draft.changes()).map(payment).collect()
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
            stock.extend(stock_change(&line, drafted, draft.training));
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
    let pieces = item.quantity_milli.saturating_abs() / 1000;
    let whole = !weighed && pieces > 0 && item.quantity_milli % 1000 == 0;
    let pieces = if whole { pieces } else { 1 };
    let discount = sum(drafted.discounts.iter().map(|discount| discount.amount));
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
            .map_or(item.amount.saturating_abs() / pieces, i64::saturating_abs),
        extended_price: item.amount.saturating_sub(discount),
        discount: discount.saturating_abs(),
        promo_code: codes,
        weight_grams: item.weight_grams.map(i64::saturating_abs),
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
        discount: discount.amount.saturating_abs(),
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

fn stock_change(line: &Line, drafted: &DraftLine, training: bool) -> Option<StockChange> {
    let product_id = line.product_id.filter(|_| !training && line.quantity != 0)?;
    Some(StockChange {
        dc_id: None,
        product_id,
        quantity_delta: -line.quantity,
        reason: match line.quantity < 0 && !drafted.correction {
            true => StockReason::Return,
            false => StockReason::Sale,
        },
        sku: line.sku.clone(),
        on_hand: None,
        counted: false,
    })
}
