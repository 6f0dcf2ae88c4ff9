//! What a printer was told: the steps of a document, laid out and redacted.

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
