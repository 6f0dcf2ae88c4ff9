//! Receipts: one record carries lines, payments, promotions and stock changes.

use serde::{Deserialize, Serialize};

use super::StockChange;
use crate::Currency;

/// A receipt with all that hangs on it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// Unique within the store: terminal, business day and printed number, or a hash of the body.
    pub receipt_id: String,
    /// Sale, return or exchange.
    pub receipt_type: ReceiptType,
    /// The register.
    pub terminal_id: String,
    /// The customer's number, where known.
    pub customer_id: Option<u64>,
    /// The advertising campaign it is credited to.
    pub campaign_id: Option<String>,
    /// The advertisement's showing it is credited to.
    pub impression_id: Option<String>,
    /// What the amounts are in.
    pub currency: Currency,
    /// Sum of the lines before discounts.
    pub gross_subtotal: i64,
    /// All discounts, positive.
    pub discount: i64,
    /// `gross_subtotal - discount`.
    pub subtotal: i64,
    /// All taxes.
    pub tax: i64,
    /// What was to be paid.
    pub total: i64,
    /// Date and time as printed, without a zone.
    pub printed_at: Option<String>,
    /// False when the document was cut short.
    pub complete: bool,
    /// False when lines do not sum to the total, or tenders less change do not.
    pub checks_passed: bool,
    /// Rung up in training mode: no sale.
    pub training: bool,
    /// Its articles.
    pub lines: Vec<Line>,
    /// How it was paid.
    pub payments: Vec<Payment>,
    /// Its discounts.
    pub promotions: Vec<Promotion>,
    /// What left the shelves, or came back.
    pub stock_changes: Vec<StockChange>,
}

/// SALE, RETURN or EXCHANGE.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ReceiptType {
    /// Goods were sold.
    Sale,
    /// Goods came back.
    Return,
    /// Both.
    Exchange,
}

/// One article line. Line numbers are the positions, from 1.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// As printed.
    pub description: String,
    /// The article number or barcode, as printed.
    pub sku: Option<String>,
    /// The product's number in the catalogue.
    pub product_id: Option<u64>,
    /// Negative on a return; 1 for weighed goods.
    pub quantity: i64,
    /// Of one piece, or of one unit of weight.
    pub unit_price: i64,
    /// Net of the line's discounts.
    pub extended_price: i64,
    /// Positive.
    pub discount: i64,
    /// The promotion's code or words.
    pub promo_code: Option<String>,
    /// Of weighed goods.
    pub weight_grams: Option<i64>,
    /// The department, as printed.
    pub department: Option<String>,
    /// The tax mark, as printed.
    pub tax_code: Option<String>,
    /// Taken back: counts in no sum.
    pub voided: bool,
}

/// CASH, CREDIT_CARD and so on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum PaymentMethod {
    /// Notes and coins.
    Cash,
    /// A credit card.
    CreditCard,
    /// A debit card.
    DebitCard,
    /// A cheque.
    Check,
    /// A telephone or watch.
    MobilePay,
    /// Points of a loyalty programme.
    LoyaltyPoints,
    /// A gift card or voucher.
    GiftCard,
    /// Anything else, or not known.
    Other,
}

/// APPROVED or DECLINED.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum PaymentStatus {
    /// Paid.
    Approved,
    /// Refused.
    Declined,
}

/// One tender.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payment {
    /// How it was paid.
    pub method: PaymentMethod,
    /// As tendered, before change.
    pub amount: i64,
    /// Given back on this tender.
    pub change: i64,
    /// What came of it.
    pub status: PaymentStatus,
    /// Why it was declined.
    pub decline_reason: Option<String>,
    /// The last four digits of the card: all that is ever kept of it.
    pub card_last4: Option<String>,
    /// As printed; expansion makes one from the receipt id where there is none.
    pub transaction_id: Option<String>,
    /// How long the payment took, in milliseconds; 0 when unknown.
    pub processing_time_ms: u32,
}

/// PERCENTAGE, FIXED_AMOUNT or BOGO.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum DiscountType {
    /// So many hundredths of the price.
    #[serde(rename = "PERCENTAGE")]
    Percentage,
    /// An amount.
    #[serde(rename = "FIXED_AMOUNT")]
    FixedAmount,
    /// One bought, another one free or cheaper.
    #[serde(rename = "BOGO")]
    Bogo,
}

/// A discount, on a line or on the receipt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Promotion {
    /// The promotion's code or words.
    pub promo_code: String,
    /// Positive.
    pub discount: i64,
    /// How the discount was reckoned.
    pub discount_type: DiscountType,
    /// At least 1.
    pub product_count: u32,
    /// The products it was on, where known.
    pub product_ids: Vec<u64>,
    /// `None`: on the whole receipt.
    pub line_number: Option<u32>,
}
