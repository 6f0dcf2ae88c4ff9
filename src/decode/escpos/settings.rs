//! How the next glyph is printed, and what the units of positions are.

use crate::decode::document::layout::Style;

/// What `ESC @` resets.
pub(super) struct PrinterState {
    cells: [u32; 3],
    pub font: usize,
    pub width: u32,
    pub double_byte_width: u32,
    pub enlarged: bool,
    pub bold: bool,
    pub spacing: u32,
    pub tabs: Vec<u32>,
    /// Motion units per inch, horizontal and vertical.
    units: (u32, u32),
}

/// Dots that `ESC 2` feeds, and that a line feed then moves down a page.
pub(super) const LINE_SPACING: u32 = 30;

/// Dots per inch of a print head, near enough: other units are converted to its dots.
const DENSITY: u32 = 203;

/// Units per inch that mean one dot of the head at hand; 0 is the default unit.
const DOT_UNITS: &[u8] = &[0, 180, 200, 203];

impl PrinterState {
    pub fn new(cells: [u32; 3]) -> Self {
        let mut settings = Self {
            cells,
            font: 0,
            width: 1,
            double_byte_width: 1,
            enlarged: false,
            bold: false,
            spacing: 0,
            tabs: Vec::new(),
            units: (DENSITY, DENSITY),
        };
        settings.tabs = (1..=32).map(|stop| stop * 8 * settings.cell()).collect();
        settings
    }

    /// `ESC @`.
    pub fn reset(&mut self) {
        *self = Self::new(self.cells);
    }

    /// `GS P`: motion units per inch.
    pub fn motion_units(&mut self, x: u8, y: u8) {
        let unit = |n| if DOT_UNITS.contains(&n) { DENSITY } else { u32::from(n) };
        self.units = (unit(x), unit(y));
    }

    /// The style of the next glyph.
    pub fn style(&self, double_byte: bool) -> Style {
        let width = if double_byte { self.double_byte_width } else { self.width };
        let pitch = (self.cell() + self.spacing) * width;
        Style { cell: self.cell(), pitch, enlarged: self.enlarged, bold: self.bold }
    }

    /// Dots of one column.
    pub fn cell(&self) -> u32 {
        self.cells.get(self.font).copied().unwrap_or(12).max(1)
    }

    /// `GS !`: how many times as wide and as high.
    pub fn size(&mut self, width: u32, height: u32) {
        self.width = width;
        self.double_byte_width = width;
        self.enlarged = 1 < width || 1 < height;
    }

    /// Horizontal units to dots.
    pub fn dots(&self, units: u32) -> u32 {
        units * DENSITY / self.units.0
    }

    /// Vertical units to dots.
    pub fn rows(&self, units: u32) -> u32 {
        units * DENSITY / self.units.1
    }
}
