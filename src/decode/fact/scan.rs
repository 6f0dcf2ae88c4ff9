//! Scans, redacted.

use serde::{Deserialize, Deserializer, Serialize};

use crate::decode::scan::{Element, ScanPrice, symbology_named};

/// One of the names that symbologies have here.
type Name = &'static str;

/// Something was scanned.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ScanFact {
    /// `EAN13`, `GS1-128`, …; `UNKNOWN` where neither scanner nor data tell.
    #[serde(deserialize_with = "symbology")]
    pub symbology: Name,
    /// The article in fourteen digits, zeros in front. A price or weight inside it is replaced by zeros, so
    /// that it is the same for every piece.
    pub gtin: Option<String>,
    /// What the scanner sent, without framing and identifiers, redacted. Empty where it names a person, or
    /// where an element string had to be redacted.
    pub data: String,
    /// Its GS1 element strings, redacted.
    pub elements: Vec<Element>,
    /// The price inside a restricted number or element.
    pub price: Option<ScanPrice>,
    /// Of weighed goods.
    pub weight_grams: Option<i64>,
    /// Pieces.
    pub count: Option<u32>,
    /// Two or five digits beside an EAN: the issue of a journal, the price of a book.
    pub add_on: Option<String>,
    /// A driving licence, a passport or the like: nothing of it is kept.
    pub id: bool,
}

fn symbology<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Name, D::Error> {
    Ok(symbology_named(&String::deserialize(deserializer)?))
}
