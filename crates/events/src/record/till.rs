//! What a till says beside receipts.

use serde::{Deserialize, Serialize};

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
