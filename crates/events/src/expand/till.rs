//! What a till says beside receipts.

use super::Origin;
use crate::{BarcodeScanned, Envelope, NoSale, Payload, ReceiptVoided, WeightMeasured, payload};

/// `receipt_voided`.
pub fn receipt_voided(origin: &Origin<'_>, body: &ReceiptVoided) -> Envelope {
    origin.event(Payload::ReceiptVoided(payload::ReceiptVoided {
        receipt_id: body.receipt_id.clone(),
        store_id: origin.header.store_id,
        terminal_id: body.terminal_id.clone(),
        voided_at: origin.record.at,
        reason: body.reason.clone(),
    }))
}

/// `no_sale`.
pub fn no_sale(origin: &Origin<'_>, body: &NoSale) -> Envelope {
    origin.event(Payload::NoSale(payload::NoSale {
        store_id: origin.header.store_id,
        terminal_id: body.terminal_id.clone(),
        opened_at: origin.record.at,
    }))
}

/// `barcode_scanned`.
pub fn barcode_scanned(origin: &Origin<'_>, body: &BarcodeScanned) -> Envelope {
    origin.event(Payload::BarcodeScanned(payload::BarcodeScanned {
        store_id: origin.header.store_id,
        terminal_id: body.terminal_id.clone(),
        symbology: body.symbology.clone(),
        gtin: body.gtin.clone(),
        data: body.data.clone(),
        scanned_at: origin.record.at,
    }))
}

/// `weight_measured`.
pub fn weight_measured(origin: &Origin<'_>, body: &WeightMeasured) -> Envelope {
    origin.event(Payload::WeightMeasured(payload::WeightMeasured {
        store_id: origin.header.store_id,
        terminal_id: body.terminal_id.clone(),
        grams: body.grams,
        stable: body.stable,
        measured_at: origin.record.at,
    }))
}
