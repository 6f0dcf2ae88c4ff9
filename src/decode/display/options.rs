//! How displays differ: command set, size, character sets, and what silence means.

use std::time::Duration;

use crate::decode::codepage::{CodePage, PageMap};
use crate::limits;

/// Which commands a display knows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DisplaySet {
    /// Epson's DM-D and all that call themselves compatible with ESC/POS.
    #[default]
    Epson,
    /// `ESC Q A … CR`; knows most of Epson's commands, too.
    Cd5220,
    /// US clears, DLE positions; with `ESC u A … CR` in its enhanced mode.
    Utc,
    /// `!#1 … CR`, on the wire to a printer whose bytes pass by.
    Aedex,
}

/// How a display differs from others.
#[derive(Clone, Debug)]
pub struct DisplayOptions {
    /// The commands it knows.
    pub set: DisplaySet,
    /// Cells of a row, up to 64.
    pub columns: usize,
    /// Up to 8.
    pub rows: usize,
    /// What `ESC t n` selects.
    pub page_map: PageMap,
    /// The page before any is selected.
    pub default_page: CodePage,
    /// The page of double-byte characters.
    pub double_byte: CodePage,
    /// How long the screen stands still before it counts as read.
    pub settle: Duration,
    /// What stood on the screen when it is cleared counts as read, however short: for recordings without
    /// times. A scrolling advertisement then becomes many lines.
    pub clear_settles: bool,
    /// Time without news that ends a document.
    pub idle: Duration,
}

impl Default for DisplayOptions {
    fn default() -> Self {
        Self {
            set: DisplaySet::Epson,
            columns: 20,
            rows: 2,
            page_map: PageMap::epson(),
            default_page: CodePage::cp437(),
            double_byte: CodePage::shift_jis(),
            settle: limits::DISPLAY_SETTLE,
            clear_settles: false,
            idle: limits::DISPLAY_IDLE,
        }
    }
}
