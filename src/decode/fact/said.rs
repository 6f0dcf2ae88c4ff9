//! What a device said, before a dialect says what it means. Redacted.

use super::{DocumentFact, PaymentFact, ScaleFact, ScanFact};

/// One thing that a device said, the same for every dialect: what a grammar is given, and what the journal and
/// recordings hold, so that it can be given again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said {
    /// A step of a printed document, a record that is read as a line, or the end of a document.
    Printed(DocumentFact),
    /// A record of a machine, cut into fields.
    Fields(Vec<String>),
    /// Not said: the dialect ended the document here.
    Closed,
    /// Of a card payment.
    Payment(PaymentFact),
    /// A scan.
    Scan(ScanFact),
    /// A weight.
    Scale(ScaleFact),
}
