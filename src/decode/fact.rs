//! Facts: what decoders say about the world, already redacted.
//!
//! Printer bytes become facts in two steps: the tokenizers yield [`DocumentFact`]s (laid-out lines, drawer
//! kicks, ends), and a dialect's grammar turns those into [`PosFact`]s.

mod pos;
mod short;

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
