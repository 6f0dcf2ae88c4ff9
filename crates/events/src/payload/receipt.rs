//! A receipt and its children.

use serde::Serialize;

use crate::{Currency, Decimal, DiscountType, PaymentMethod, PaymentStatus, ReceiptType, UtcMs};

/// `receipt_created`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ReceiptCreated {
    pub store_id: u64,
    pub customer_id: Option<u64>,
    pub receipt_id: String,
    pub subtotal: Decimal,
    pub tax: Decimal,
    pub total: Decimal,
    /// Of the largest approved tender net of change; OTHER when there is none.
    pub tender_type: PaymentMethod,
    /// Sum of the absolute quantities of the lines that are not voided.
    pub item_count: i64,
    pub campaign_id: Option<String>,
    pub impression_id: Option<String>,
    pub gross_subtotal_cents: i64,
    pub discount_cents: i64,
    pub subtotal_cents: i64,
    pub tax_cents: i64,
    pub total_cents: i64,
    pub receipt_type: ReceiptType,
    pub terminal_id: String,
    pub currency: Currency,
    /// As printed, without a zone.
    pub printed_at: Option<String>,
    pub complete: bool,
    pub checks_passed: bool,
    pub training: bool,
}

/// `receipt_line_added`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ReceiptLineAdded {
    pub receipt_id: String,
    /// From 1.
    pub line_number: u32,
    pub product_id: Option<u64>,
    /// Negative on a return.
    pub quantity: i64,
    pub unit_price: Decimal,
    pub extended_price: Decimal,
    pub promo_code: Option<String>,
    pub sku: Option<String>,
    pub description: String,
    pub unit_price_cents: i64,
    pub extended_price_cents: i64,
    pub discount_cents: i64,
    pub weight_grams: Option<i64>,
    pub department: Option<String>,
    pub tax_code: Option<String>,
    pub voided: bool,
}

/// `payment_processed`, of a receipt or of an online order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PaymentProcessed {
    pub receipt_id: Option<String>,
    pub order_id: Option<String>,
    pub payment_method: PaymentMethod,
    pub amount: Decimal,
    /// As tendered, before change.
    pub amount_cents: i64,
    pub transaction_id: String,
    pub processing_time: UtcMs,
    pub processing_time_ms: u32,
    pub status: PaymentStatus,
    pub decline_reason: Option<String>,
    pub store_id: u64,
    pub customer_id: Option<u64>,
    pub change_cents: i64,
    pub card_last4: Option<String>,
}

/// `promotion_applied`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PromotionApplied {
    pub receipt_id: String,
    pub promo_code: String,
    pub discount_amount: Decimal,
    pub discount_cents: i64,
    pub discount_type: DiscountType,
    pub product_count: u32,
    pub product_ids: Vec<u64>,
    pub store_id: u64,
    pub customer_id: Option<u64>,
    /// Null: on the whole receipt.
    pub line_number: Option<u32>,
}
