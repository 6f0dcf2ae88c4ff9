//! Receipts: one record carries lines, payments, promotions and stock changes.

use serde::{Deserialize, Serialize};

use super::StockChange;
use crate::Currency;

/// A receipt with all that hangs on it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// Unique within the store: terminal, business day and printed number, or a hash of the body.
    pub receipt_id: String,
    pub receipt_type: ReceiptType,
    pub terminal_id: String,
    pub customer_id: Option<u64>,
    pub campaign_id: Option<String>,
    pub impression_id: Option<String>,
    pub currency: Currency,
    /// Sum of the lines before discounts.
    pub gross_subtotal: i64,
    /// All discounts, positive.
    pub discount: i64,
    /// `gross_subtotal - discount`.
    pub subtotal: i64,
    pub tax: i64,
    pub total: i64,
    /// Date and time as printed, without a zone.
    pub printed_at: Option<String>,
    /// False when the document was cut short.
    pub complete: bool,
    /// False when lines do not sum to the total, or tenders less change do not.
    pub checks_passed: bool,
    pub training: bool,
    pub lines: Vec<Line>,
    pub payments: Vec<Payment>,
    pub promotions: Vec<Promotion>,
    pub stock_changes: Vec<StockChange>,
}

/// SALE, RETURN or EXCHANGE.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ReceiptType {
    Sale,
    Return,
    Exchange,
}

/// One article line. Line numbers are the positions, from 1.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    pub description: String,
    pub sku: Option<String>,
    pub product_id: Option<u64>,
    /// Negative on a return; 1 for weighed goods.
    pub quantity: i64,
    pub unit_price: i64,
    /// Net of the line's discounts.
    pub extended_price: i64,
    /// Positive.
    pub discount: i64,
    pub promo_code: Option<String>,
    pub weight_grams: Option<i64>,
    pub department: Option<String>,
    pub tax_code: Option<String>,
    pub voided: bool,
}

/// CASH, CREDIT_CARD and so on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum PaymentMethod {
    Cash,
    CreditCard,
    DebitCard,
    Check,
    MobilePay,
    LoyaltyPoints,
    GiftCard,
    Other,
}

/// APPROVED or DECLINED.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum PaymentStatus {
    Approved,
    Declined,
}

/// One tender.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payment {
    pub method: PaymentMethod,
    /// As tendered, before change.
    pub amount: i64,
    /// Given back on this tender.
    pub change: i64,
    pub status: PaymentStatus,
    pub decline_reason: Option<String>,
    pub card_last4: Option<String>,
    /// As printed; expansion makes one from the receipt id where there is none.
    pub transaction_id: Option<String>,
    pub processing_time_ms: u32,
}

/// PERCENTAGE, FIXED_AMOUNT or BOGO.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum DiscountType {
    #[serde(rename = "PERCENTAGE")]
    Percentage,
    #[serde(rename = "FIXED_AMOUNT")]
    FixedAmount,
    #[serde(rename = "BOGO")]
    Bogo,
}

/// A discount, on a line or on the receipt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Promotion {
    pub promo_code: String,
    /// Positive.
    pub discount: i64,
    pub discount_type: DiscountType,
    /// At least 1.
    pub product_count: u32,
    pub product_ids: Vec<u64>,
    /// `None`: on the whole receipt.
    pub line_number: Option<u32>,
}
