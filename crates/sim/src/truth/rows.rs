//! Records as rows of the truth's tables: what must come and what came go the same way, so they can be held against
//! each other field by field.

use std::collections::BTreeMap;

use tillgate_events::{
    AdImpression, Body, Fulfillment, Promotion, Receipt, Record, StockChange, TagWindow,
};

use crate::day::tables::{Kind, Tables};

/// How many lines of counts a product had, and changes a cause.
type Numbers = BTreeMap<(Kind, String), u32>;

/// The tables of all records, in their order.
pub fn tables<'a>(records: impl IntoIterator<Item = &'a Record>) -> Tables {
    let mut all = Rows::default();
    records.into_iter().for_each(|record| all.record(record));
    all.tables
}

#[derive(Default)]
struct Rows {
    tables: Tables,
    numbers: Numbers,
}

impl Rows {
    fn record(&mut self, record: &Record) {
        let source = record.source.as_str();
        match &record.body {
            Body::Receipt(receipt) => self.receipt(receipt),
            Body::ReceiptVoided(it) => {
                let reason = it.reason.clone().unwrap_or_default();
                let row = vec![it.receipt_id.clone(), it.terminal_id.clone(), reason];
                self.tables.push(Kind::Voids, row);
            }
            Body::NoSale(it) => self.tables.add(Kind::NoSales, &[&it.terminal_id], &[1]),
            Body::InventoryUpdated(it) => {
                self.change(it.cause.as_deref().unwrap_or_default(), &it.change);
            }
            Body::InventoryCounted(it) => {
                let product = it.product_id.to_string();
                let number = self.next(Kind::Counts, &product).to_string();
                let expected = optional(it.expected_quantity);
                let row = vec![product, number, it.quantity.to_string(), expected];
                self.tables.push(Kind::Counts, row);
            }
            Body::OnlineOrderPicked(it) => self.order(it, "picked"),
            Body::OnlineOrderShipped(it) => self.order(it, "shipped"),
            Body::CustomerEntered(it) => {
                self.tables.add(Kind::Crossings, &[source], &[i64::from(it.customer_count), 0]);
            }
            Body::CustomerExited(it) => {
                self.tables.add(Kind::Crossings, &[source], &[0, i64::from(it.customer_count)]);
            }
            Body::TagWindow(window) => self.window(source, window),
            Body::AdImpression(it) => self.tables.push(Kind::Showings, shown(it)),
            Body::StockoutDetected(it) => self.signal(it.product_id, "stockout", 0),
            Body::ReorderTriggered(it) => self.signal(it.product_id, "reorder", 0),
            Body::ShrinkDetected(it) => self.signal(it.product_id, "shrink", it.missing_quantity),
            Body::Unknown(it) if it.kind != PASSERS_BY => {
                self.tables.add(Kind::Notes, &[source, &it.kind], &[1]);
            }
            _ => {}
        }
    }

    fn receipt(&mut self, it: &Receipt) {
        let id = &it.receipt_id;
        let open = it.lines.iter().filter(|line| !line.voided);
        let row = vec![
            id.clone(),
            word(it.receipt_type),
            it.terminal_id.clone(),
            it.printed_at.clone().unwrap_or_default(),
            it.gross_subtotal.to_string(),
            it.discount.to_string(),
            it.subtotal.to_string(),
            it.tax.to_string(),
            it.total.to_string(),
            open.map(|line| line.quantity).sum::<i64>().to_string(),
            it.training.to_string(),
            it.complete.to_string(),
            it.checks_passed.to_string(),
        ];
        self.tables.push(Kind::Receipts, row);
        self.lines(it);
        for (number, payment) in (1..).zip(&it.payments) {
            let row = vec![
                id.clone(),
                i32::to_string(&number),
                word(payment.method),
                payment.amount.to_string(),
                payment.change.to_string(),
                word(payment.status),
                payment.decline_reason.clone().unwrap_or_default(),
                payment.card_last4.clone().unwrap_or_default(),
            ];
            self.tables.push(Kind::Payments, row);
        }
        for (number, promotion) in (1..).zip(&it.promotions) {
            self.tables.push(Kind::Promotions, promoted(id, number, promotion));
        }
        it.stock_changes.iter().for_each(|change| self.change(id, change));
    }

    fn lines(&mut self, it: &Receipt) {
        for (number, line) in (1..).zip(&it.lines) {
            let row = vec![
                it.receipt_id.clone(),
                i32::to_string(&number),
                optional(line.product_id),
                line.sku.clone().unwrap_or_default(),
                line.description.clone(),
                line.quantity.to_string(),
                line.unit_price.to_string(),
                line.extended_price.to_string(),
                line.discount.to_string(),
                line.promo_code.clone().unwrap_or_default(),
                optional(line.weight_grams),
                line.voided.to_string(),
            ];
            self.tables.push(Kind::Lines, row);
        }
    }

    /// In which order the changes of one cause are told says nothing.
    fn change(&mut self, cause: &str, it: &StockChange) {
        let (product, delta) = (it.product_id.to_string(), it.quantity_delta.to_string());
        let number = self.next(Kind::StockChanges, &format!("{cause} {product}")).to_string();
        let row = vec![cause.to_owned(), product, number, delta, word(it.reason)];
        self.tables.push(Kind::StockChanges, row);
    }

    fn order(&mut self, it: &Fulfillment, what: &str) {
        self.tables.push(Kind::Orders, vec![it.order_id.clone(), what.to_owned(), word(it.mode)]);
    }

    fn signal(&mut self, product: u64, what: &str, missing: i64) {
        self.tables.add(Kind::Signals, &[&product.to_string(), what], &[1, missing]);
    }

    /// Customers' tags have a pseudonym of the day: all of a receiver's are one row.
    fn window(&mut self, source: &str, it: &TagWindow) {
        let things = ["truck-", "reefer-"];
        let own = things.iter().any(|thing| it.customer_ble_id.starts_with(thing));
        let tag = if own { it.customer_ble_id.as_str() } else { "" };
        let numbers = [i64::from(it.ping_count), it.rssi_sum];
        self.tables.add(Kind::Pings, &[source, tag], &numbers);
    }

    fn next(&mut self, kind: Kind, key: &str) -> u32 {
        let number = self.numbers.entry((kind, key.to_owned())).or_default();
        *number += 1;
        *number
    }
}

/// Devices of nobody that a receiver hears: nobody says how many there are.
pub const PASSERS_BY: &str = "unknown_devices";

fn shown(it: &AdImpression) -> Vec<String> {
    vec![
        it.impression_id.clone(),
        it.campaign_id.clone(),
        it.creative_id.clone(),
        it.channel.clone(),
        it.zone.clone().unwrap_or_default(),
        it.cost.to_string(),
        optional(it.dwell_seconds),
    ]
}

fn promoted(id: &str, number: i32, it: &Promotion) -> Vec<String> {
    let products: Vec<String> = it.product_ids.iter().map(ToString::to_string).collect();
    vec![
        id.to_owned(),
        number.to_string(),
        it.promo_code.clone(),
        it.discount.to_string(),
        word(it.discount_type),
        it.product_count.to_string(),
        products.join(" "),
        optional(it.line_number),
    ]
}

fn optional(value: Option<impl ToString>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

/// As the contract spells it.
fn word(value: impl serde::Serialize) -> String {
    let text = serde_json::to_value(value).ok();
    text.and_then(|text| text.as_str().map(str::to_owned)).unwrap_or_default()
}
