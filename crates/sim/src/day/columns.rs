//! The columns of every table, with their types as Parquet names them: `string` unless something else stands here.

use super::tables::Kind;

/// One column: its name and its type.
pub type Column = (&'static str, &'static str);

/// Name, columns that are its key, all columns.
type Form = (&'static str, usize, &'static [Column]);

/// Of a table.
pub fn form(kind: Kind) -> Form {
    match kind {
        Kind::Receipts => ("receipts", 1, RECEIPTS),
        Kind::Lines => ("receipt_lines", 2, LINES),
        Kind::Payments => ("payments", 2, PAYMENTS),
        Kind::Promotions => ("promotions", 2, PROMOTIONS),
        Kind::StockChanges => ("stock_changes", 3, CHANGES),
        Kind::Counts => ("stock_counts", 2, COUNTS),
        Kind::Voids => ("voids", 1, VOIDS),
        Kind::NoSales => ("no_sales", 1, NO_SALES),
        Kind::Orders => ("online_orders", 2, ORDERS),
        Kind::Crossings => ("crossings", 1, CROSSINGS),
        Kind::Pings => ("tag_pings", 2, PINGS),
        Kind::Showings => ("showings", 1, SHOWINGS),
        Kind::Signals => ("stock_signals", 2, SIGNALS),
        Kind::Notes => ("notes", 2, NOTES),
        Kind::StockHours => ("stock_hours", 2, STOCK_HOURS),
        Kind::Vanished => ("vanished", 2, VANISHED),
        Kind::LostSales => ("lost_sales", 2, LOST_SALES),
        Kind::Lifts => ("promotion_lifts", 2, LIFTS),
        Kind::Visits => ("visits", 1, VISITS),
        Kind::Zones => ("visit_zones", 2, ZONES),
        Kind::Trucks => ("trucks", 1, TRUCKS),
        Kind::Temperatures => ("temperatures", 2, TEMPERATURES),
        Kind::Impressions => ("impressions", 1, IMPRESSIONS),
    }
}

const RECEIPTS: &[Column] = &[
    ("receipt_id", "string"),
    ("type", "string"),
    ("terminal_id", "string"),
    ("printed_at", "timestamp"),
    ("gross_cents", "int64"),
    ("discount_cents", "int64"),
    ("subtotal_cents", "int64"),
    ("tax_cents", "int64"),
    ("total_cents", "int64"),
    ("item_count", "int64"),
    ("training", "bool"),
    ("complete", "bool"),
    ("checks_passed", "bool"),
];
const LINES: &[Column] = &[
    ("receipt_id", "string"),
    ("line_number", "int32"),
    ("product_id", "int64"),
    ("sku", "string"),
    ("description", "string"),
    ("quantity", "int64"),
    ("unit_price_cents", "int64"),
    ("extended_price_cents", "int64"),
    ("discount_cents", "int64"),
    ("promo_code", "string"),
    ("weight_grams", "int64"),
    ("voided", "bool"),
];
const PAYMENTS: &[Column] = &[
    ("receipt_id", "string"),
    ("payment_number", "int32"),
    ("method", "string"),
    ("amount_cents", "int64"),
    ("change_cents", "int64"),
    ("status", "string"),
    ("decline_reason", "string"),
    ("card_last4", "string"),
];
const PROMOTIONS: &[Column] = &[
    ("receipt_id", "string"),
    ("promotion_number", "int32"),
    ("promo_code", "string"),
    ("discount_cents", "int64"),
    ("discount_type", "string"),
    ("product_count", "int32"),
    ("product_ids", "string"),
    ("line_number", "int32"),
];
const CHANGES: &[Column] = &[
    ("cause", "string"),
    ("product_id", "int64"),
    ("change_number", "int32"),
    ("quantity_delta", "int64"),
    ("reason", "string"),
];
const COUNTS: &[Column] = &[
    ("product_id", "int64"),
    ("count_number", "int32"),
    ("quantity", "int64"),
    ("expected_quantity", "int64"),
];
const VOIDS: &[Column] =
    &[("receipt_id", "string"), ("terminal_id", "string"), ("reason", "string")];
const NO_SALES: &[Column] = &[("terminal_id", "string"), ("count", "int64")];
const ORDERS: &[Column] =
    &[("order_id", "string"), ("what", "string"), ("fulfillment_mode", "string")];
const CROSSINGS: &[Column] = &[("door", "string"), ("entered", "int64"), ("exited", "int64")];
const PINGS: &[Column] =
    &[("receiver", "string"), ("tag", "string"), ("pings", "int64"), ("rssi_sum", "int64")];
const SHOWINGS: &[Column] = &[
    ("impression_id", "string"),
    ("campaign_id", "string"),
    ("creative_id", "string"),
    ("channel", "string"),
    ("zone", "string"),
    ("cost_cents", "int64"),
    ("dwell_seconds", "int32"),
];
const SIGNALS: &[Column] =
    &[("product_id", "int64"), ("what", "string"), ("count", "int64"), ("missing", "int64")];
const NOTES: &[Column] = &[("source", "string"), ("kind", "string"), ("count", "int64")];
const STOCK_HOURS: &[Column] =
    &[("at", "timestamp"), ("product_id", "int64"), ("on_shelf", "int64"), ("booked", "int64")];
const VANISHED: &[Column] =
    &[("at", "timestamp"), ("product_id", "int64"), ("pieces", "int64"), ("value_cents", "int64")];
const LOST_SALES: &[Column] =
    &[("at", "timestamp"), ("product_id", "int64"), ("pieces", "int64"), ("value_cents", "int64")];
const LIFTS: &[Column] =
    &[("date", "date"), ("product_id", "int64"), ("true_lift_percent", "int32")];
const VISITS: &[Column] = &[
    ("visit_id", "string"),
    ("entered_at", "timestamp"),
    ("left_at", "timestamp"),
    ("door", "string"),
    ("tag", "string"),
    ("receipt_id", "string"),
];
const ZONES: &[Column] = &[
    ("visit_id", "string"),
    ("zone_number", "int32"),
    ("zone", "string"),
    ("entered_at", "timestamp"),
    ("dwell_seconds", "int64"),
];
const TRUCKS: &[Column] = &[
    ("shipment_id", "string"),
    ("truck_id", "string"),
    ("planned_arrival", "timestamp"),
    ("arrived_at", "timestamp"),
    ("departed_at", "timestamp"),
    ("minutes_late", "int32"),
    ("on_time", "bool"),
    ("reefer", "bool"),
];
const TEMPERATURES: &[Column] =
    &[("sensor_id", "string"), ("at", "timestamp"), ("milli_celsius", "int32")];
const IMPRESSIONS: &[Column] = &[
    ("impression_id", "string"),
    ("campaign_id", "string"),
    ("screen", "string"),
    ("at", "timestamp"),
    ("visit_id", "string"),
    ("dwell_seconds", "int32"),
    ("attributed_receipt_id", "string"),
    ("attributed_revenue_cents", "int64"),
];
