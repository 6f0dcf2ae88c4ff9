//! `[framer]`: which decoder reads the bytes of a device, and how.
//!
//! | file | job |
//! |---|---|
//! | `kinds` | every kind, and the keys that it has |
//! | `compile` | from the file to the options of a decoder |
//! | `frames` | the same for frames and their checks |

mod compile;
mod frames;
mod kinds;

use std::time::Duration;

use super::super::codepage::{CodePage, PageMap};
use super::super::display::{DisplayOptions, DisplaySet};
use super::super::document::{AutoOptions, CarriageReturn, Printer, PrinterOptions};
use super::super::escpos::EscposOptions;
use super::super::frame::FramerOptions;
use super::super::scale::ScaleOptions;
use super::super::scan::ScanOptions;
use super::super::star::StarOptions;
use super::super::text::TextOptions;

pub(super) use compile::framer;
pub use kinds::KINDS;

/// `[framer]`: which decoder reads the bytes, and how.
#[derive(Clone, Debug)]
pub struct Framer {
    /// Which decoder.
    pub kind: FramerKind,
    /// A paper cut ends the document.
    pub cut_ends_document: bool,
    /// Silence that ends a document.
    pub idle: Duration,
    /// The code page before any is selected; nothing said: that of the IBM PC, or of plain text also UTF-8.
    pub default_page: Option<CodePage>,
    /// Numbers of the command that selects a page, where they differ from the printer language's own.
    pub pages: Vec<(u8, CodePage)>,
    /// Strip bit 7 of text: a 7E1 device read as 8N1.
    pub bit7: bool,
    /// What a carriage return does on a printer; nothing said: what its language says.
    pub carriage_return: Option<CarriageReturn>,
}

/// Which decoder.
#[derive(Clone, Debug)]
pub enum FramerKind {
    /// ESC/POS commands.
    Escpos,
    /// Star Line Mode or StarPRNT.
    Star,
    /// A customer display.
    Display(DisplayLook),
    /// Plain text.
    Text,
    /// ESC/POS, Star or text, whatever comes.
    Auto,
    /// Records of a machine, in frames.
    Frames(Box<FramerOptions>),
    /// A ZVT payment terminal; silence that gives up an unfinished record.
    Zvt(Duration),
    /// A barcode scanner.
    Scanner(Box<ScanOptions>),
    /// A scale.
    Scale(ScaleOptions),
}

impl FramerKind {
    /// Whether a payment terminal may speak so.
    #[must_use]
    pub fn tells_payments(&self) -> bool {
        matches!(self, Self::Zvt(_) | Self::Frames(_))
    }

    /// Whether a till may: its receipts can be read here.
    #[must_use]
    pub fn tells_receipts(&self) -> bool {
        !matches!(self, Self::Zvt(_) | Self::Scanner(_) | Self::Scale(_))
    }
}

/// How a customer display looks and what it knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DisplayLook {
    /// The commands.
    pub set: DisplaySet,
    /// Cells of a row.
    pub columns: usize,
    /// Rows.
    pub rows: usize,
    /// How long the screen stands still before it counts as read.
    pub settle: Duration,
    /// What is cleared counts as read.
    pub clear_settles: bool,
}

impl Framer {
    /// Whether the device prints documents: receipts, journals, the lines of a display.
    #[must_use]
    pub fn is_printer(&self) -> bool {
        use FramerKind::{Auto, Display, Escpos, Star, Text};
        matches!(self.kind, Escpos | Star | Display(_) | Text | Auto)
    }

    /// The decoder for a printer of this dialect, in its start state. What any other device says is shown as
    /// the plain text in it.
    #[must_use]
    pub fn printer(&self) -> Printer {
        Printer::new(match &self.kind {
            FramerKind::Escpos => PrinterOptions::Escpos(self.escpos()),
            FramerKind::Star => PrinterOptions::Star(self.star()),
            FramerKind::Display(look) => PrinterOptions::Display(self.display(*look)),
            FramerKind::Auto => PrinterOptions::Auto(AutoOptions {
                escpos: self.escpos(),
                star: self.star(),
                text: self.text(),
            }),
            _ => PrinterOptions::Text(self.text()),
        })
    }

    fn text(&self) -> TextOptions {
        let page = self.default_page.clone();
        TextOptions { page, strip_bit7: self.bit7, idle: self.idle }
    }

    fn escpos(&self) -> EscposOptions {
        EscposOptions {
            page_map: self.page_map(PageMap::epson()),
            default_page: self.page(),
            cut_ends_document: self.cut_ends_document,
            carriage_return: self.carriage_return.unwrap_or_default(),
            idle: self.idle,
            ..EscposOptions::default()
        }
    }

    fn star(&self) -> StarOptions {
        let usual = StarOptions::default();
        StarOptions {
            page_map: self.page_map(PageMap::star()),
            default_page: self.page(),
            cut_ends_document: self.cut_ends_document,
            carriage_return: self.carriage_return.unwrap_or(usual.carriage_return),
            idle: self.idle,
            ..usual
        }
    }

    fn display(&self, look: DisplayLook) -> DisplayOptions {
        DisplayOptions {
            set: look.set,
            columns: look.columns,
            rows: look.rows,
            page_map: self.page_map(PageMap::epson()),
            default_page: self.page(),
            settle: look.settle,
            clear_settles: look.clear_settles,
            idle: self.idle,
            ..DisplayOptions::default()
        }
    }

    /// The first code page of a device that has to have one.
    #[must_use]
    pub fn page(&self) -> CodePage {
        self.default_page.clone().unwrap_or_else(CodePage::cp437)
    }

    fn page_map(&self, mut map: PageMap) -> PageMap {
        for (number, page) in &self.pages {
            map.set(*number, page.clone());
        }
        map
    }
}
