//! A receipt and its children.

use serde::Serialize;

use crate::{Currency, Decimal, DiscountType, PaymentMethod, PaymentStatus, ReceiptType, UtcMs};

/// `receipt_created`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ReceiptCreated {
    /// The store's number.
    pub store_id: u64,
    /// The customer's number, where known.
    pub customer_id: Option<u64>,
    /// Unique within the store.
    pub receipt_id: String,
    /// After discounts, before a tax that is added.
    pub subtotal: Decimal,
    /// All taxes.
    pub tax: Decimal,
    /// What was to be paid.
    pub total: Decimal,
    /// Of the largest approved tender net of change; OTHER when there is none.
    pub tender_type: PaymentMethod,
    /// Sum of the absolute quantities of the lines that are not voided.
    pub item_count: i64,
    /// The advertising campaign it is credited to.
    pub campaign_id: Option<String>,
    /// The advertisement's showing it is credited to.
    pub impression_id: Option<String>,
    /// Before discounts, minor units.
    pub gross_subtotal_cents: i64,
    /// Taken off, positive, minor units.
    pub discount_cents: i64,
    /// `subtotal` in minor units.
    pub subtotal_cents: i64,
    /// `tax` in minor units.
    pub tax_cents: i64,
    /// `total` in minor units: the one that counts.
    pub total_cents: i64,
    /// Sale, return or exchange.
    pub receipt_type: ReceiptType,
    /// The register.
    pub terminal_id: String,
    /// What the amounts are in.
    pub currency: Currency,
    /// As printed, without a zone.
    pub printed_at: Option<String>,
    /// False when the document was cut short.
    pub complete: bool,
    /// False when the sums do not agree.
    pub checks_passed: bool,
    /// Rung up in training mode: no sale.
    pub training: bool,
}

/// `receipt_line_added`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ReceiptLineAdded {
    /// The receipt it belongs to.
    pub receipt_id: String,
    /// From 1.
    pub line_number: u32,
    /// The product's number in the catalogue.
    pub product_id: Option<u64>,
    /// Negative on a return.
    pub quantity: i64,
    /// Of one piece, or of one unit of weight.
    pub unit_price: Decimal,
    /// Net of the line's discounts.
    pub extended_price: Decimal,
    /// The promotion's code or words.
    pub promo_code: Option<String>,
    /// The article number or barcode, as printed.
    pub sku: Option<String>,
    /// As printed.
    pub description: String,
    /// `unit_price` in minor units.
    pub unit_price_cents: i64,
    /// `extended_price` in minor units.
    pub extended_price_cents: i64,
    /// Taken off, positive, minor units.
    pub discount_cents: i64,
    /// Of weighed goods.
    pub weight_grams: Option<i64>,
    /// The department, as printed.
    pub department: Option<String>,
    /// The tax mark, as printed.
    pub tax_code: Option<String>,
    /// Taken back: counts in no sum.
    pub voided: bool,
}

/// `payment_processed`, of a receipt or of an online order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PaymentProcessed {
    /// The receipt it belongs to.
    pub receipt_id: Option<String>,
    /// The online order it belongs to.
    pub order_id: Option<String>,
    /// How it was paid.
    pub payment_method: PaymentMethod,
    /// As tendered, before change.
    pub amount: Decimal,
    /// As tendered, before change.
    pub amount_cents: i64,
    /// The payment's number.
    pub transaction_id: String,
    /// When it was paid.
    pub processing_time: UtcMs,
    /// How long the payment took, in milliseconds; 0 when unknown.
    pub processing_time_ms: u32,
    /// What came of it.
    pub status: PaymentStatus,
    /// Why it was declined.
    pub decline_reason: Option<String>,
    /// The store's number.
    pub store_id: u64,
    /// The customer's number, where known.
    pub customer_id: Option<u64>,
    /// Given back, minor units.
    pub change_cents: i64,
    /// The last four digits of the card: all that is ever kept of it.
    pub card_last4: Option<String>,
}

/// `promotion_applied`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PromotionApplied {
    /// The receipt it belongs to.
    pub receipt_id: String,
    /// The promotion's code or words.
    pub promo_code: String,
    /// What was taken off, positive.
    pub discount_amount: Decimal,
    /// Taken off, positive, minor units.
    pub discount_cents: i64,
    /// How the discount was reckoned.
    pub discount_type: DiscountType,
    /// How many products it was on.
    pub product_count: u32,
    /// The products it was on, where known.
    pub product_ids: Vec<u64>,
    /// The store's number.
    pub store_id: u64,
    /// The customer's number, where known.
    pub customer_id: Option<u64>,
    /// Null: on the whole receipt.
    pub line_number: Option<u32>,
}
