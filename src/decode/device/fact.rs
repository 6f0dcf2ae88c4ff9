//! What devices say that are no printers.

use crate::decode::dialect::Grammar;
use crate::decode::fact::{DocumentFact, PaymentFact, PosFact, Said, ScaleFact, ScanFact};

/// What a device says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DeviceFact {
    /// Of a sale.
    Pos(PosFact),
    /// Of a card payment.
    Payment(PaymentFact),
    /// A scan.
    Scan(ScanFact),
    /// A weight.
    Scale(ScaleFact),
}

impl DeviceFact {
    /// What was said, of those that mean just that.
    pub(super) fn said(&self) -> Option<Said> {
        match self {
            Self::Payment(PaymentFact::Slip(fact)) => Some(Said::Printed(fact.clone())),
            Self::Payment(fact) => Some(Said::Payment(fact.clone())),
            Self::Scale(fact) => Some(Said::Scale(*fact)),
            Self::Pos(_) | Self::Scan(_) => None,
        }
    }
}

/// A scan to the rules for barcodes. A document of a person has nothing to ask them about.
pub(super) fn scanned(scan: ScanFact, rules: Option<&mut Grammar>, out: &mut Vec<DeviceFact>) {
    let data = if scan.data.is_empty() { scan.gtin.clone() } else { Some(scan.data.clone()) };
    let (Some(rules), Some(data), false) = (rules, data, scan.id) else {
        return out.push(DeviceFact::Scan(scan));
    };
    let mut read = Vec::new();
    rules.step(DocumentFact::Barcode { symbology: scan.symbology, data }, &mut read);
    let taken = !read.iter().any(|fact| matches!(fact, PosFact::Barcode { .. }));
    out.extend(read.into_iter().filter(|_| taken).map(DeviceFact::Pos));
    if !taken {
        out.push(DeviceFact::Scan(scan));
    }
}
