//! A receipt and its children.

use super::{Origin, number_children, stock};
use crate::payload::{PaymentProcessed, PromotionApplied, ReceiptCreated, ReceiptLineAdded};
use crate::{
    Currency, Envelope, Line, Payload, Payment, PaymentMethod, PaymentStatus, Promotion, Receipt,
};

/// The receipt, then its lines, payments, promotions and stock changes.
pub fn expand(origin: &Origin<'_>, receipt: &Receipt) -> Vec<Envelope> {
    let Receipt { lines, payments, promotions, stock_changes, .. } = receipt;
    let children = lines.len() + payments.len() + promotions.len() + stock_changes.len();
    let mut events = Vec::with_capacity(1 + children);
    events.push(origin.event(Payload::ReceiptCreated(created(origin, receipt))));
    events.extend(lines.iter().zip(1..).map(|(line, number)| {
        origin.event(Payload::ReceiptLineAdded(line_added(receipt, line, number)))
    }));
    let payer = Payer {
        receipt_id: Some(&receipt.receipt_id),
        order_id: None,
        customer_id: receipt.customer_id,
        currency: receipt.currency,
    };
    events.extend(payer.payments(origin, payments));
    events.extend(promotions.iter().map(|promotion| {
        origin.event(Payload::PromotionApplied(promotion_applied(origin, receipt, promotion)))
    }));
    events.extend(stock_changes.iter().map(|change| {
        let cause = Some(receipt.receipt_id.clone());
        origin.event(Payload::InventoryUpdated(stock::change(origin, change, cause)))
    }));
    number_children(&mut events, &receipt.receipt_id);
    events
}

fn created(origin: &Origin<'_>, receipt: &Receipt) -> ReceiptCreated {
    let decimal = |minor| receipt.currency.decimal(minor);
    ReceiptCreated {
        store_id: origin.header.store_id,
        customer_id: receipt.customer_id,
        receipt_id: receipt.receipt_id.clone(),
        subtotal: decimal(receipt.subtotal),
        tax: decimal(receipt.tax),
        total: decimal(receipt.total),
        tender_type: tender_type(&receipt.payments),
        item_count: item_count(&receipt.lines),
        campaign_id: receipt.campaign_id.clone(),
        impression_id: receipt.impression_id.clone(),
        gross_subtotal_cents: receipt.gross_subtotal,
        discount_cents: receipt.discount,
        subtotal_cents: receipt.subtotal,
        tax_cents: receipt.tax,
        total_cents: receipt.total,
        receipt_type: receipt.receipt_type,
        terminal_id: receipt.terminal_id.clone(),
        currency: receipt.currency,
        printed_at: receipt.printed_at.clone(),
        complete: receipt.complete,
        checks_passed: receipt.checks_passed,
        training: receipt.training,
    }
}

fn line_added(receipt: &Receipt, line: &Line, line_number: u32) -> ReceiptLineAdded {
    ReceiptLineAdded {
        receipt_id: receipt.receipt_id.clone(),
        line_number,
        product_id: line.product_id,
        quantity: line.quantity,
        unit_price: receipt.currency.decimal(line.unit_price),
        extended_price: receipt.currency.decimal(line.extended_price),
        promo_code: line.promo_code.clone(),
        sku: line.sku.clone(),
        description: line.description.clone(),
        unit_price_cents: line.unit_price,
        extended_price_cents: line.extended_price,
        discount_cents: line.discount,
        weight_grams: line.weight_grams,
        department: line.department.clone(),
        tax_code: line.tax_code.clone(),
        voided: line.voided,
    }
}

fn promotion_applied(
    origin: &Origin<'_>,
    receipt: &Receipt,
    promotion: &Promotion,
) -> PromotionApplied {
    PromotionApplied {
        receipt_id: receipt.receipt_id.clone(),
        promo_code: promotion.promo_code.clone(),
        discount_amount: receipt.currency.decimal(promotion.discount),
        discount_cents: promotion.discount,
        discount_type: promotion.discount_type,
        product_count: promotion.product_count,
        product_ids: promotion.product_ids.clone(),
        store_id: origin.header.store_id,
        customer_id: receipt.customer_id,
        line_number: promotion.line_number,
    }
}

/// What a payment is for: a receipt or an order.
pub struct Payer<'a> {
    pub receipt_id: Option<&'a str>,
    pub order_id: Option<&'a str>,
    pub customer_id: Option<u64>,
    pub currency: Currency,
}

impl Payer<'_> {
    /// One event per payment. A payment without a transaction id gets `<receipt or order id>-p<n>`.
    pub fn payments(
        &self,
        origin: &Origin<'_>,
        payments: &[Payment],
    ) -> impl Iterator<Item = Envelope> {
        payments.iter().zip(1..).map(|(payment, number)| {
            origin.event(Payload::PaymentProcessed(self.processed(origin, payment, number)))
        })
    }

    fn processed(&self, origin: &Origin<'_>, payment: &Payment, number: u32) -> PaymentProcessed {
        let paid_for = self.receipt_id.or(self.order_id).unwrap_or_default();
        let transaction_id = payment.transaction_id.clone();
        PaymentProcessed {
            receipt_id: self.receipt_id.map(str::to_owned),
            order_id: self.order_id.map(str::to_owned),
            payment_method: payment.method,
            amount: self.currency.decimal(payment.amount),
            amount_cents: payment.amount,
            transaction_id: transaction_id.unwrap_or_else(|| format!("{paid_for}-p{number}")),
            processing_time: origin.record.at,
            processing_time_ms: payment.processing_time_ms,
            status: payment.status,
            decline_reason: payment.decline_reason.clone(),
            store_id: origin.header.store_id,
            customer_id: self.customer_id,
            change_cents: payment.change,
            card_last4: payment.card_last4.clone(),
        }
    }
}

/// The method of the largest approved payment net of change (the first of equals), OTHER without one.
/// Refunds are negative: the size counts, not the sign.
pub fn tender_type(payments: &[Payment]) -> PaymentMethod {
    let size = |payment: &Payment| payment.amount.saturating_sub(payment.change).unsigned_abs();
    let approved = payments.iter().filter(|payment| payment.status == PaymentStatus::Approved);
    // The last of equals wins, hence backwards.
    let largest = approved.rev().max_by_key(|payment| size(payment));
    largest.map_or(PaymentMethod::Other, |payment| payment.method)
}

fn item_count(lines: &[Line]) -> i64 {
    let counted = lines.iter().filter(|line| !line.voided);
    counted.fold(0, |sum: i64, line| sum.saturating_add(line.quantity.saturating_abs()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use PaymentMethod::{Cash, CreditCard, GiftCard, Other};
    use PaymentStatus::{Approved, Declined};

    #[test]
    fn the_tender_type_is_the_largest_approved_one_net_of_change() {
        let check = |payments: &[(PaymentMethod, i64, i64, PaymentStatus)], expected| {
            let payments: Vec<Payment> = payments.iter().map(|&payment| tender(payment)).collect();
            assert_eq!(tender_type(&payments), expected);
        };
        check(&[], Other);
        check(&[(CreditCard, 900, 0, Declined)], Other);
        check(&[(CreditCard, 900, 0, Declined), (Cash, 900, 0, Approved)], Cash);
        check(&[(Cash, 5000, 4500, Approved), (GiftCard, 600, 0, Approved)], GiftCard);
        check(&[(Cash, 500, 0, Approved), (GiftCard, 500, 0, Approved)], Cash);
        check(&[(Cash, -100, 0, Approved), (GiftCard, -500, 0, Approved)], GiftCard);
        check(&[(Cash, i64::MIN, i64::MAX, Approved)], Cash);
    }

    fn tender(
        (method, amount, change, status): (PaymentMethod, i64, i64, PaymentStatus),
    ) -> Payment {
        Payment {
            method,
            amount,
            change,
            status,
            decline_reason: None,
            card_last4: None,
            transaction_id: None,
            processing_time_ms: 0,
        }
    }
}
