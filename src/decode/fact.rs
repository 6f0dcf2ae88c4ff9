//! Facts: what decoders say about the world, already redacted.
//!
//! Printer bytes become facts in two steps: the tokenizers yield [`DocumentFact`]s (laid-out lines, drawer
//! kicks, ends), and a dialect's grammar turns those into [`PosFact`]s.

use tillgate_events::{PaymentMethod, PaymentStatus};

/// One step of a printed document, the same for every printer language and for plain text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DocumentFact {
    /// A line was printed.
    Line(LayoutLine),
    /// The drawer was told to open.
    DrawerKick,
    /// A printed barcode or QR code, redacted.
    Barcode {
        /// The kind of code.
        symbology: &'static str,
        /// What it says.
        data: String,
    },
    /// A raster image: nothing to read in it.
    Graphic {
        /// In dots.
        width: u32,
        /// In dots.
        height: u32,
    },
    /// The document ended.
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
    /// An article.
    Item(Item),
    /// A discount, positive. `percent` in hundredths.
    Discount {
        /// On the whole receipt, not on the line before.
        on_receipt: bool,
        /// The code printed with it.
        code: Option<String>,
        /// As printed.
        description: String,
        /// In hundredths, where it is printed.
        percent: Option<u32>,
        /// Minor units.
        amount: i64,
    },
    /// The line before, or the one that says the same, is taken back.
    VoidItem {
        /// As printed.
        description: Option<String>,
        /// Minor units.
        amount: Option<i64>,
    },
    /// The subtotal, as printed.
    Subtotal(i64),
    /// A line of tax.
    Tax {
        /// The code printed with it.
        code: Option<String>,
        /// Minor units.
        amount: i64,
        /// Contained in the prices already.
        included: bool,
    },
    /// What was to be paid.
    Total(i64),
    /// Rounding to the smallest coin, as it enters the total.
    Rounding(i64),
    /// A payment.
    Tender {
        /// How it was paid.
        method: PaymentMethod,
        /// Minor units.
        amount: i64,
        /// Whether it was accepted.
        status: PaymentStatus,
        /// Why it was not.
        decline_reason: Option<String>,
        /// The last four digits of the card.
        card_last4: Option<String>,
        /// The payment's number, as printed.
        transaction_id: Option<String>,
    },
    /// Given back, positive.
    Change(i64),
    /// The last four digits of the card of the tender before.
    CardLast4(String),
    /// Rung up in training mode.
    Training,
    /// A copy of an earlier receipt.
    Reprint,
    /// Goods were given back.
    Refund,
    /// The whole receipt is cancelled; `number` of the receipt voided, where another one is meant.
    Cancelled {
        /// The receipt's, as printed.
        number: Option<String>,
        /// Why, as printed.
        reason: Option<String>,
    },
    /// The paper says that the drawer was opened without a sale.
    NoSale,
    /// The drawer was told to open.
    DrawerKick,
    /// A printed code, redacted.
    Barcode {
        /// The kind of code.
        symbology: &'static str,
        /// What it says.
        data: String,
    },
    /// A raster image.
    Graphic {
        /// In dots.
        width: u32,
        /// In dots.
        height: u32,
    },
    /// No rule took this line.
    Unmatched(String),
    /// The document ended.
    End(DocumentEnd),
}

/// An article line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Item {
    /// As printed.
    pub description: String,
    /// The article's number or barcode, as printed.
    pub sku: Option<String>,
    /// Thousandths: 2 pieces are 2000, 0.256 kg are 256.
    pub quantity_milli: i64,
    /// Of one piece, or of one unit of weight.
    pub unit_price: Option<i64>,
    /// As printed, before discounts that are printed on lines of their own.
    pub amount: i64,
    /// Of weighed goods.
    pub weight_grams: Option<i64>,
    /// As printed.
    pub department: Option<String>,
    /// As printed.
    pub tax_code: Option<String>,
}

/// What a printer says of the drawer at it: unlike a kick this is what happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DrawerFact {
    /// It opened.
    Opened,
    /// It was closed.
    Closed,
}

/// One thing that a door said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DoorFact {
    /// So many people went in and out since the last fact.
    Passed {
        /// Into the store.
        entered: u32,
        /// Out of the store.
        exited: u32,
    },
    /// Totals since the sensor started; wraps and resets are the tracker's business.
    Totals {
        /// Into the store.
        entered: u64,
        /// Out of the store.
        exited: u64,
    },
    /// A contact opened or closed.
    Contact {
        /// It is open now.
        open: bool,
    },
    /// Edges were lost.
    Uncertain,
}

/// What identifies a tag, before it is looked up in the allow-list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum TagKey {
    /// Of Apple's format.
    IBeacon {
        /// Shared by an owner's tags.
        uuid: [u8; 16],
        /// A group of tags.
        major: u16,
        /// One of them.
        minor: u16,
    },
    /// Of Google's format.
    EddystoneUid {
        /// Shared by an owner's tags.
        namespace: [u8; 10],
        /// One of them.
        instance: [u8; 6],
    },
}

/// A tag was heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TagHeard {
    /// Which tag.
    pub key: TagKey,
    /// dBm.
    pub rssi: i8,
    /// dBm at one metre, as the tag states it.
    pub power_at_1m: Option<i8>,
}
