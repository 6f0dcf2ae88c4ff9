//! Online orders. Their partition and their session is the order.

use super::receipt::{Payer, tender_type};
use super::{Origin, number_children};
use crate::payload::{OnlineOrderCreated, OnlineOrderPicked, OnlineOrderShipped};
use crate::{Envelope, Fulfillment, OnlineOrder, Payload};

/// The order, then its payments.
pub fn created(origin: &Origin<'_>, order: &OnlineOrder) -> Vec<Envelope> {
    let Fulfillment { order_id, node_type, node_id, mode } = &order.fulfillment;
    let decimal = |minor| order.currency.decimal(minor);
    let created = Payload::OnlineOrderCreated(OnlineOrderCreated {
        order_id: order_id.clone(),
        node_type: *node_type,
        node_id: *node_id,
        fulfillment_mode: *mode,
        customer_id: order.customer_id,
        item_count: order.item_count,
        subtotal: decimal(order.subtotal),
        tax: decimal(order.tax),
        total: decimal(order.total),
        tender_type: tender_type(&order.payments),
        campaign_id: order.campaign_id.clone(),
        impression_id: order.impression_id.clone(),
        gross_subtotal_cents: order.gross_subtotal,
        discount_cents: order.discount,
        subtotal_cents: order.subtotal,
        tax_cents: order.tax,
        total_cents: order.total,
    });
    let payer = Payer {
        receipt_id: None,
        order_id: Some(order_id),
        customer_id: order.customer_id,
        currency: order.currency,
    };
    let mut events = Vec::with_capacity(1 + order.payments.len());
    events.push(of_order(order_id, origin.event(created)));
    let payments = payer.payments(origin, &order.payments);
    events.extend(payments.map(|payment| of_order(order_id, payment)));
    number_children(&mut events, order_id);
    events
}

/// `online_order_picked`.
pub fn picked(origin: &Origin<'_>, step: &Fulfillment) -> Envelope {
    let payload = Payload::OnlineOrderPicked(OnlineOrderPicked {
        order_id: step.order_id.clone(),
        node_type: step.node_type,
        node_id: step.node_id,
        fulfillment_mode: step.mode,
        picked_time: origin.record.at,
    });
    of_order(&step.order_id, origin.event(payload))
}

/// `online_order_shipped`.
pub fn shipped(origin: &Origin<'_>, step: &Fulfillment) -> Envelope {
    let payload = Payload::OnlineOrderShipped(OnlineOrderShipped {
        order_id: step.order_id.clone(),
        node_type: step.node_type,
        node_id: step.node_id,
        fulfillment_mode: step.mode,
        shipped_time: origin.record.at,
    });
    of_order(&step.order_id, origin.event(payload))
}

fn of_order(order_id: &str, event: Envelope) -> Envelope {
    Envelope {
        partition_key: format!("order_{order_id}"),
        session_id: Some(order_id.to_owned()),
        ..event
    }
}
