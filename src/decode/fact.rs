//! Facts: what decoders say about the world, already redacted.
//!
//! Printer bytes become facts in two steps: the tokenizers yield [`DocumentFact`]s (laid-out lines, drawer
//! kicks, ends), and a dialect's grammar turns those into [`PosFact`]s.

use tillgate_events::{PaymentMethod, PaymentStatus};

use super::scan::{Element, ScanPrice};

/// One step of a printed document, the same for every printer language and for plain text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DocumentFact {
    Line(LayoutLine),
    /// The drawer was told to open.
    DrawerKick,
    /// A printed barcode or QR code, redacted.
    Barcode {
        symbology: &'static str,
        data: String,
    },
    /// A raster image: nothing to read in it.
    Graphic {
        width: u32,
        height: u32,
    },
    End(DocumentEnd),
}

/// A line as a person would read it, columns kept, redacted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LayoutLine {
    /// No trailing spaces.
    pub text: String,
    /// Any glyph of it was wider or taller than normal.
    pub enlarged: bool,
    /// Any glyph of it was emphasised.
    pub bold: bool,
}

/// Why a document ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DocumentEnd {
    /// Paper cut, or end of a page.
    Cut,
    /// The printer was initialised after something was printed.
    Init,
    /// Nothing came for a while.
    Idle,
    /// The device went away, or bytes were lost.
    Broken,
    /// A bound of `limits` was reached.
    Overflow,
}

impl DocumentEnd {
    /// Whether the document can be whole.
    #[must_use]
    pub fn complete(self) -> bool {
        !matches!(self, Self::Broken | Self::Overflow)
    }
}

/// What a grammar understood. Amounts are minor units of the dialect's currency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PosFact {
    /// Receipt number, as printed.
    Number(String),
    /// Register or terminal, as printed.
    Terminal(String),
    /// `2026-11-21T14:05:00`, or the date alone: what was printed, in ISO form, without a zone.
    PrintedAt(String),
    Item(Item),
    /// A discount, positive. `percent` in hundredths.
    Discount {
        on_receipt: bool,
        code: Option<String>,
        description: String,
        percent: Option<u32>,
        amount: i64,
    },
    /// The line before, or the one that says the same, is taken back.
    VoidItem {
        description: Option<String>,
        amount: Option<i64>,
    },
    Subtotal(i64),
    Tax {
        code: Option<String>,
        amount: i64,
        included: bool,
    },
    Total(i64),
    /// Rounding to the smallest coin, as it enters the total.
    Rounding(i64),
    Tender {
        method: PaymentMethod,
        amount: i64,
        status: PaymentStatus,
        decline_reason: Option<String>,
        card_last4: Option<String>,
        transaction_id: Option<String>,
    },
    /// Given back, positive.
    Change(i64),
    /// The last four digits of the card of the tender before.
    CardLast4(String),
    Training,
    Reprint,
    Refund,
    /// The whole receipt is cancelled; `number` of the receipt voided, where another one is meant.
    Cancelled {
        number: Option<String>,
        reason: Option<String>,
    },
    /// The paper says that the drawer was opened without a sale.
    NoSale,
    DrawerKick,
    Barcode {
        symbology: &'static str,
        data: String,
    },
    Graphic {
        width: u32,
        height: u32,
    },
    /// No rule took this line.
    Unmatched(String),
    End(DocumentEnd),
}

/// An article line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Item {
    pub description: String,
    pub sku: Option<String>,
    /// Thousandths: 2 pieces are 2000, 0.256 kg are 256.
    pub quantity_milli: i64,
    pub unit_price: Option<i64>,
    /// As printed, before discounts that are printed on lines of their own.
    pub amount: i64,
    pub weight_grams: Option<i64>,
    pub department: Option<String>,
    pub tax_code: Option<String>,
}

/// One thing that a door said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DoorFact {
    /// So many people went in and out since the last fact.
    Passed { entered: u32, exited: u32 },
    /// Totals since the sensor started; wraps and resets are the tracker's business.
    Totals { entered: u64, exited: u64 },
    /// A contact opened or closed.
    Contact { open: bool },
    /// Edges were lost.
    Uncertain,
}

/// What identifies a tag, before it is looked up in the allow-list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum TagKey {
    IBeacon { uuid: [u8; 16], major: u16, minor: u16 },
    EddystoneUid { namespace: [u8; 10], instance: [u8; 6] },
}

/// A tag was heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TagHeard {
    pub key: TagKey,
    /// dBm.
    pub rssi: i8,
    /// dBm at one metre, as the tag states it.
    pub power_at_1m: Option<i8>,
}

/// Something was scanned.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ScanFact {
    /// `EAN13`, `GS1-128`, …; `UNKNOWN` where neither scanner nor data tell.
    pub symbology: &'static str,
    /// The article in fourteen digits, zeros in front. A price or weight inside it is replaced by zeros, so
    /// that it is the same for every piece.
    pub gtin: Option<String>,
    /// What the scanner sent, without framing and identifiers, redacted. Empty where it names a person, or
    /// where an element string had to be redacted.
    pub data: String,
    /// Its GS1 element strings, redacted.
    pub elements: Vec<Element>,
    pub price: Option<ScanPrice>,
    pub weight_grams: Option<i64>,
    /// Pieces.
    pub count: Option<u32>,
    /// Two or five digits beside an EAN: the issue of a journal, the price of a book.
    pub add_on: Option<String>,
    /// A driving licence, a passport or the like: nothing of it is kept.
    pub id: bool,
}

/// What a scale says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScaleFact {
    Weight {
        /// Negative after goods were taken off a tared scale.
        grams: i64,
        /// The platter is at rest.
        stable: bool,
        /// Tare is taken off.
        net: bool,
    },
    /// Less than nothing lies on the scale, or it lost its zero.
    Under,
    /// More than the scale can weigh.
    Over,
}
