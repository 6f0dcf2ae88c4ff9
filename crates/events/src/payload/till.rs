//! What a till says beside receipts.

use serde::Serialize;

use crate::UtcMs;

/// `receipt_voided`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ReceiptVoided {
    /// The receipt it belongs to.
    pub receipt_id: String,
    /// The store's number.
    pub store_id: u64,
    /// The register.
    pub terminal_id: String,
    /// When it was voided.
    pub voided_at: UtcMs,
    /// Why, in words.
    pub reason: Option<String>,
}

/// `no_sale`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NoSale {
    /// The store's number.
    pub store_id: u64,
    /// The register.
    pub terminal_id: String,
    /// When the drawer opened.
    pub opened_at: UtcMs,
}

/// `barcode_scanned`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct BarcodeScanned {
    /// The store's number.
    pub store_id: u64,
    /// The register.
    pub terminal_id: String,
    /// The kind of code.
    pub symbology: String,
    /// The article's number (GTIN), where it is one: always fourteen digits, zeros in front, so that one article
    /// has one number whatever code bears it.
    pub gtin: Option<String>,
    /// What the code says, redacted.
    pub data: String,
    /// When it was scanned.
    pub scanned_at: UtcMs,
}

/// `weight_measured`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct WeightMeasured {
    /// The store's number.
    pub store_id: u64,
    /// The register.
    pub terminal_id: String,
    /// The weight.
    pub grams: i64,
    /// The scale had come to rest.
    pub stable: bool,
    /// When it was weighed.
    pub measured_at: UtcMs,
}
