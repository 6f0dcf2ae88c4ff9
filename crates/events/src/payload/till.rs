//! What a till says beside receipts.

use serde::Serialize;

use crate::UtcMs;

/// `receipt_voided`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ReceiptVoided {
    pub receipt_id: String,
    pub store_id: u64,
    pub terminal_id: String,
    pub voided_at: UtcMs,
    pub reason: Option<String>,
}

/// `no_sale`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NoSale {
    pub store_id: u64,
    pub terminal_id: String,
    pub opened_at: UtcMs,
}

/// `barcode_scanned`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct BarcodeScanned {
    pub store_id: u64,
    pub terminal_id: String,
    pub symbology: String,
    pub gtin: Option<String>,
    pub data: String,
    pub scanned_at: UtcMs,
}

/// `weight_measured`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct WeightMeasured {
    pub store_id: u64,
    pub terminal_id: String,
    pub grams: i64,
    pub stable: bool,
    pub measured_at: UtcMs,
}
