//! What a device that is no printer said, before a dialect says what it means. Redacted.

use super::{DocumentFact, PaymentFact, ScaleFact, ScanFact};

/// One thing that a device said: what recordings hold of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said {
    /// A record of a machine, cut into fields.
    Fields(Vec<String>),
    /// A record that is read as a line, or the end of a document.
    Printed(DocumentFact),
    /// Of a card payment.
    Payment(PaymentFact),
    /// A scan.
    Scan(ScanFact),
    /// A weight.
    Scale(ScaleFact),
}
