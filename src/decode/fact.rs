//! Facts: what decoders say about the world, already redacted.
//!
//! Printer bytes become facts in two steps: the tokenizers yield [`DocumentFact`]s (laid-out lines, drawer
//! kicks, ends), and a dialect's grammar turns those into [`PosFact`]s.

mod pos;
mod short;

use tillgate_events::{Currency, PaymentMethod, PaymentStatus};

use super::scan::{Element, ScanPrice};
pub use pos::{Item, OrderMode, PosFact, StockMove, StockReason};

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

/// What a till and its payment terminal said to each other. Amounts are minor units.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PaymentFact {
    /// The till asked for something.
    Requested {
        /// What for.
        operation: CardOperation,
        /// How much, if it said so.
        amount: Option<i64>,
        /// Of what, if it said so.
        currency: Option<Currency>,
    },
    /// The terminal said how it went.
    Result(Box<CardPayment>),
    /// The terminal closed its day.
    DayTotal {
        /// Sum of the day, if it is said.
        amount: Option<i64>,
        /// Of what, if it is said.
        currency: Option<Currency>,
    },
    /// The terminal is done; `None`: with what was not heard.
    Completed(Option<CardOperation>),
    /// The terminal gave up.
    Aborted {
        /// `None`: the request was not heard.
        operation: Option<CardOperation>,
        /// The terminal's result code.
        code: u8,
        /// The same in words.
        reason: String,
    },
    /// The card slip, as far as the terminal has the till print it.
    Slip(DocumentFact),
}

/// What a till may ask of a payment terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CardOperation {
    /// A card pays.
    Payment,
    /// Money goes back to a card.
    Refund,
    /// A payment is taken back.
    Reversal,
    /// Money is set aside.
    Reservation,
    /// What was set aside is given free.
    ReservationReversal,
    /// A part of it is given free, or it is booked in part.
    ReservationPart,
    /// What was set aside is booked.
    ReservationTaken,
    /// The terminal closes its day.
    EndOfDay,
    /// Nothing with money.
    Other,
}

/// One result of a payment terminal. Never holds more of a card's number than its last four digits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CardPayment {
    /// `None`: the request was not heard.
    pub operation: Option<CardOperation>,
    /// Approved or declined.
    pub status: PaymentStatus,
    /// In words, of a decline.
    pub decline_reason: Option<String>,
    /// Minor units; of the request where the result says none.
    pub amount: Option<i64>,
    /// As the amount; `None` also where its number is not known.
    pub currency: Option<Currency>,
    /// What kind of card it was.
    pub method: PaymentMethod,
    /// Brand of the card, as the terminal calls it.
    pub card_name: Option<String>,
    /// Only where the terminal itself hid the rest of the number.
    pub card_last4: Option<String>,
    /// Of the payment network, not the till's.
    pub terminal_id: Option<String>,
    /// Counts the terminal's transactions.
    pub trace_number: Option<u32>,
    /// Of the terminal's slip.
    pub receipt_number: Option<u32>,
    /// Of the terminal's turnover file.
    pub turnover_number: Option<u32>,
    /// `11-21T14:05:00` by the terminal's clock; it tells no year.
    pub month_day_time: Option<String>,
    /// From the request to this.
    pub processing_ms: Option<u32>,
    /// False where part of what the terminal said was not understood.
    pub whole: bool,
}

impl CardPayment {
    /// This as a tender of the receipt that is being paid; a refund is negative. `None` if no money of the
    /// receipt moved, or how much is not known.
    #[must_use]
    pub fn tender(&self) -> Option<PosFact> {
        let sign = match self.operation {
            None | Some(CardOperation::Payment) => 1,
            Some(CardOperation::Refund) => -1,
            Some(_) => return None,
        };
        let parts =
            [self.terminal_id.clone(), self.trace_number.map(|trace| format!("{trace:06}"))];
        let parts: Vec<String> = parts.into_iter().flatten().collect();
        Some(PosFact::Tender {
            method: self.method,
            amount: sign * self.amount?,
            status: self.status,
            decline_reason: self.decline_reason.clone(),
            card_last4: self.card_last4.clone(),
            transaction_id: (!parts.is_empty()).then(|| parts.join("-")),
        })
    }
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

/// What a scale says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScaleFact {
    /// What lies on it.
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
