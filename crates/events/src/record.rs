//! Records: what one sequence number of a stream stands for, and what a gateway stores.
//!
//! Amounts are minor units of the receipt's currency. What can be derived (a receipt's largest tender, its
//! item count, decimals beside cents, store and gateway ids) is not stored here; expansion adds it.
//! New fields go at the end of a *new* version of the wire enum, never into these structs once released.

use serde::{Deserialize, Serialize};

use crate::{Class, Currency, UtcMs};

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// When it happened (event time).
    pub at: UtcMs,
    /// The source's name in the gateway's TOML.
    pub source: String,
    pub body: Body,
}

impl Record {
    /// The stream this record belongs to.
    pub fn class(&self) -> Class {
        self.body.class()
    }
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Body {
    Receipt(Box<Receipt>),
    ReceiptVoided(ReceiptVoided),
    NoSale(NoSale),
    BarcodeScanned(BarcodeScanned),
    WeightMeasured(WeightMeasured),
    CustomerEntered(Crossing),
    CustomerExited(Crossing),
    TagWindow(TagWindow),
    DeviceStatusChanged(DeviceStatusChanged),
    Unknown(Unknown),
}

impl Body {
    /// The stream this body belongs to.
    pub fn class(&self) -> Class {
        match self {
            Self::Receipt(_)
            | Self::ReceiptVoided(_)
            | Self::NoSale(_)
            | Self::BarcodeScanned(_)
            | Self::WeightMeasured(_) => Class::Pos,
            Self::CustomerEntered(_) | Self::CustomerExited(_) | Self::TagWindow(_) => Class::Visit,
            Self::DeviceStatusChanged(_) | Self::Unknown(_) => Class::Ops,
        }
    }
}

/// SALE, RETURN or EXCHANGE.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ReceiptType {
    Sale,
    Return,
    Exchange,
}

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

/// Why stock changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum StockReason {
    #[serde(rename = "SALE")]
    Sale,
    #[serde(rename = "RETURN")]
    Return,
    #[serde(rename = "INBOUND_SHIPMENT")]
    InboundShipment,
    #[serde(rename = "OUTBOUND_SHIPMENT")]
    OutboundShipment,
    #[serde(rename = "ADJUSTMENT")]
    Adjustment,
    #[serde(rename = "DAMAGED")]
    Damaged,
    #[serde(rename = "LOST")]
    Lost,
    #[serde(rename = "BOPIS")]
    Bopis,
}

/// `inventory_updated`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StockChange {
    pub dc_id: Option<u64>,
    pub product_id: u64,
    /// Never 0.
    pub quantity_delta: i64,
    pub reason: StockReason,
    pub sku: Option<String>,
    /// After the change; `None` while the product was never counted.
    pub on_hand: Option<i64>,
    pub counted: bool,
}

/// A cancelled or post-voided sale.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReceiptVoided {
    pub receipt_id: String,
    pub terminal_id: String,
    pub reason: Option<String>,
}

/// The drawer was opened without a sale.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoSale {
    pub terminal_id: String,
}

/// A scanned code, after redaction.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BarcodeScanned {
    pub terminal_id: String,
    pub symbology: String,
    pub gtin: Option<String>,
    pub data: String,
}

/// A reading of a scale.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WeightMeasured {
    pub terminal_id: String,
    pub grams: i64,
    pub stable: bool,
}

/// People through one door in one direction: a single crossing or a window of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Crossing {
    pub sensor_id: String,
    pub zone: String,
    /// At least 1.
    pub customer_count: u32,
    /// Seconds; 0 when unknown.
    pub dwell_time: u32,
    /// People inside after the crossing, where the store's doors are all counted.
    pub occupancy: Option<u32>,
    /// 0 for a single crossing.
    pub window_seconds: u32,
}

/// `ble_ping_detected`: one tag heard by one receiver in one window.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TagWindow {
    /// The receiver's name.
    pub beacon_id: String,
    /// Pseudonym of a customer's tag, or the id of a tag that is no person's.
    pub customer_ble_id: String,
    pub zone: String,
    pub ping_count: u32,
    /// Sum of the RSSI values in dBm; the mean is `rssi_sum / ping_count`, rounded half away from zero.
    pub rssi_sum: i64,
    pub rssi_min: i8,
    pub rssi_max: i8,
    pub first_seen: UtcMs,
    pub last_seen: UtcMs,
    /// Longest silence between two pings of the window.
    pub max_gap_ms: u32,
}

/// UP, DOWN or DEGRADED.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum DeviceStatus {
    Up,
    Down,
    Degraded,
}

/// A device came, went, or works badly.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceStatusChanged {
    pub device: String,
    pub status: DeviceStatus,
    pub reason: Option<String>,
}

/// What could not be understood, redacted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unknown {
    /// What kind of thing it is, e.g. `unparsed_line`, `graphic_receipt`.
    pub kind: String,
    pub text: String,
}
