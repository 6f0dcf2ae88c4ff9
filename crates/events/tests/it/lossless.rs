//! Nothing of a receipt is lost when it is expanded: it can be put together again from its events.

use proptest::prelude::*;
use tillgate_events::*;

use crate::{samples, strategies};

proptest! {
    #[test]
    fn a_receipt_can_be_put_together_from_its_events(
        header in strategies::header(),
        receipt in strategies::receipt(),
    ) {
        let body = Body::Receipt(Box::new(receipt.clone()));
        let record = Record { at: samples::AT, source: "till".into(), body };
        prop_assert_eq!(collapse(&expand(&header, 0, &record)), receipt);
    }

    #[test]
    fn different_receipts_expand_differently(
        header in strategies::header(),
        receipts in (strategies::receipt(), strategies::receipt()),
    ) {
        let events = |receipt: &Receipt| {
            let body = Body::Receipt(Box::new(receipt.clone()));
            expand(&header, 0, &Record { at: samples::AT, source: "till".into(), body })
        };
        let equal = events(&receipts.0) == events(&receipts.1);
        prop_assert_eq!(equal, receipts.0 == receipts.1);
    }

    #[test]
    fn anything_expands_to_json_lines_with_distinct_trace_ids(batch in strategies::batch()) {
        let events: Vec<Envelope> = expand_batch(&batch).collect();
        prop_assert!(events.len() >= batch.records.len());
        for event in &events {
            let line = event.to_json_line();
            prop_assert!(!line.contains('\n'));
            let value: serde_json::Value = serde_json::from_str(&line).unwrap();
            // Numbers and key order survive: nothing went through a float.
            prop_assert_eq!(value.to_string(), line);
        }
        let mut ids: Vec<_> = events.iter().map(|event| &event.trace_id).collect();
        ids.sort();
        ids.dedup();
        let saturated = batch.header.first_sequence > u64::MAX - 6;
        prop_assert!(saturated || ids.len() == events.len());
    }
}

#[test]
fn children_are_numbered_and_name_their_receipt() {
    let (till, body) = samples::full().remove(0);
    let events = samples::events_of((till, body));
    let told: Vec<String> = events
        .iter()
        .map(|event| {
            let parent = event.parent_event_id.as_deref().unwrap_or("-");
            format!("{} {} {parent}", event.event_type().name(), event.trace_id)
        })
        .collect();
    expect_test::expect![[r#"
        receipt_created gw-0007-pos-3-1001 -
        receipt_line_added gw-0007-pos-3-1001-1 1-20261121-000123
        receipt_line_added gw-0007-pos-3-1001-2 1-20261121-000123
        payment_processed gw-0007-pos-3-1001-3 1-20261121-000123
        payment_processed gw-0007-pos-3-1001-4 1-20261121-000123
        promotion_applied gw-0007-pos-3-1001-5 1-20261121-000123
        inventory_updated gw-0007-pos-3-1001-6 1-20261121-000123"#]]
    .assert_eq(&told.join("\n"));
}

fn collapse(events: &[Envelope]) -> Receipt {
    let Payload::ReceiptCreated(created) = &events[0].payload else { panic!("no receipt first") };
    let created = created.clone();
    let mut receipt = Receipt {
        receipt_id: created.receipt_id,
        receipt_type: created.receipt_type,
        terminal_id: created.terminal_id,
        customer_id: created.customer_id,
        campaign_id: created.campaign_id,
        impression_id: created.impression_id,
        currency: created.currency,
        gross_subtotal: created.gross_subtotal_cents,
        discount: created.discount_cents,
        subtotal: created.subtotal_cents,
        tax: created.tax_cents,
        total: created.total_cents,
        printed_at: created.printed_at,
        complete: created.complete,
        checks_passed: created.checks_passed,
        training: created.training,
        lines: vec![],
        payments: vec![],
        promotions: vec![],
        stock_changes: vec![],
    };
    events[1..].iter().for_each(|event| add(&mut receipt, event.payload.clone()));
    receipt
}

fn add(receipt: &mut Receipt, child: Payload) {
    match child {
        Payload::ReceiptLineAdded(line) => receipt.lines.push(Line {
            description: line.description,
            sku: line.sku,
            product_id: line.product_id,
            quantity: line.quantity,
            unit_price: line.unit_price_cents,
            extended_price: line.extended_price_cents,
            discount: line.discount_cents,
            promo_code: line.promo_code,
            weight_grams: line.weight_grams,
            department: line.department,
            tax_code: line.tax_code,
            voided: line.voided,
        }),
        Payload::PaymentProcessed(payment) => {
            let made = format!("{}-p{}", receipt.receipt_id, receipt.payments.len() + 1);
            receipt.payments.push(Payment {
                method: payment.payment_method,
                amount: payment.amount_cents,
                change: payment.change_cents,
                status: payment.status,
                decline_reason: payment.decline_reason,
                card_last4: payment.card_last4,
                transaction_id: (payment.transaction_id != made).then_some(payment.transaction_id),
                processing_time_ms: payment.processing_time_ms,
            });
        }
        Payload::PromotionApplied(promotion) => receipt.promotions.push(Promotion {
            promo_code: promotion.promo_code,
            discount: promotion.discount_cents,
            discount_type: promotion.discount_type,
            product_count: promotion.product_count,
            product_ids: promotion.product_ids,
            line_number: promotion.line_number,
        }),
        Payload::InventoryUpdated(change) => receipt.stock_changes.push(StockChange {
            dc_id: change.dc_id,
            product_id: change.product_id,
            quantity_delta: change.quantity_delta,
            reason: change.reason,
            sku: change.sku,
            on_hand: change.on_hand,
            counted: change.counted,
        }),
        other => panic!("{} is no child of a receipt", other.event_type().name()),
    }
}
