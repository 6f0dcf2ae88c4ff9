//! What a document says beside a sale: stock, online orders, cash moved, operators.

use tillgate_events::{Body, Unknown};

use super::TillSettings;
use super::draft::Draft;
use crate::decode::PosFact;
use crate::limits;
use crate::track::order_slip::Order;
use crate::track::stock_slip;

/// The facts in words, one a line: what two prints of a slip have in common.
pub fn content(draft: &Draft) -> String {
    let lines: Vec<String> = draft.beside.iter().filter_map(PosFact::short).collect();
    lines.join("\n")
}

/// The same, as far as it may be told.
pub fn told(draft: &Draft, settings: &TillSettings) -> String {
    let facts = draft.beside.iter().map(|fact| may_be_told(fact, settings));
    let lines: Vec<String> = facts.filter_map(|fact| fact.short()).collect();
    lines.join("\n")
}

/// On a slip with a customer's address, what looks like the name of an article is one only if the catalogue knows it.
fn may_be_told(fact: &PosFact, settings: &TillSettings) -> PosFact {
    match fact {
        PosFact::OrderItem { sku, description: Some(_), quantity_milli } if settings.private => {
            let description = sku.is_none().then(|| "(name not told)".to_owned());
            PosFact::OrderItem { sku: sku.clone(), description, quantity_milli: *quantity_milli }
        }
        other => other.clone(),
    }
}

/// Whether what the slip says happens once only: an order leaves the shop once.
pub fn unique(draft: &Draft) -> bool {
    draft.beside.iter().any(|fact| matches!(fact, PosFact::Order { .. }))
}

/// One record for each fact.
pub fn bodies(draft: &Draft, settings: &TillSettings) -> Vec<Body> {
    let mut order: Option<Order> = None;
    let body = |fact: &PosFact| match fact {
        PosFact::Stock(moved) => {
            let booked = stock_slip::booked(moved, draft.number.as_deref(), &settings.catalog);
            booked.unwrap_or_else(|| unknown("stock_slip", fact))
        }
        PosFact::Order { number, mode } => {
            let order = order.insert(Order { number: number.clone(), mode: *mode });
            order.done(settings.store_id)
        }
        PosFact::OrderItem { sku, description, quantity_milli } => {
            let (sku, description) = (sku.as_deref(), description.as_deref());
            let booked = order.as_ref().and_then(|order| {
                order.booked(sku, description, *quantity_milli, &settings.catalog)
            });
            booked.unwrap_or_else(|| unknown("order_slip", &may_be_told(fact, settings)))
        }
        PosFact::CashMoved { amount, .. } => {
            unknown(if *amount < 0 { "cash_out" } else { "cash_in" }, fact)
        }
        PosFact::Operator { signed_on, .. } => {
            unknown(if *signed_on { "operator_signed_on" } else { "operator_signed_off" }, fact)
        }
        other => unknown("unparsed_document", other),
    };
    draft.beside.iter().map(body).collect()
}

fn unknown(kind: &str, fact: &PosFact) -> Body {
    let text = fact.short().unwrap_or_default();
    let text = text.chars().take(limits::UNPARSED_CHARS).collect();
    Body::Unknown(Unknown { kind: kind.to_owned(), text })
}
