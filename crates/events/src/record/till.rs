//! What a till says beside receipts.

use serde::{Deserialize, Serialize};

/// A cancelled or post-voided sale.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReceiptVoided {
    /// The receipt it belongs to.
    pub receipt_id: String,
    /// The register.
    pub terminal_id: String,
    /// Why, in words.
    pub reason: Option<String>,
}

/// The drawer was opened without a sale.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoSale {
    /// The register.
    pub terminal_id: String,
}

/// A scanned code, after redaction.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BarcodeScanned {
    /// The register.
    pub terminal_id: String,
    /// The kind of code.
    pub symbology: String,
    /// The article's number (GTIN), where it is one: always fourteen digits, zeros in front, so that one article
    /// has one number whatever code bears it.
    pub gtin: Option<String>,
    /// What the code says, redacted; empty where it names a person.
    pub data: String,
}

/// A reading of a scale.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WeightMeasured {
    /// The register.
    pub terminal_id: String,
    /// The weight.
    pub grams: i64,
    /// The scale had come to rest.
    pub stable: bool,
}
