//! What `ESC @` resets: font, size, spacing, tab stops.

use crate::decode::document::layout::Style;

/// Widths of the fonts of `ESC RS F` in dots.
const CELLS: [u32; 2] = [12, 9];

/// Dots of a line feed after `ESC 0`: 3 mm, at 8 dots a millimetre.
pub(super) const NARROW_LINES: u32 = 24;

/// Dots of a line feed after `ESC z 1`, and at the start: 4 mm.
pub(super) const LINE_SPACING: u32 = 32;

/// See the module's doc.
pub(super) struct Settings {
    cell: u32,
    /// Dots between characters.
    spacing: u32,
    /// Dots at both sides of a double-byte character.
    double_spacing: u32,
    width: u32,
    height: u32,
    bold: bool,
    pub tabs: Vec<u32>,
}

impl Default for Settings {
    fn default() -> Self {
        let [cell, _] = CELLS;
        Self {
            cell,
            spacing: 0,
            double_spacing: 0,
            width: 1,
            height: 1,
            bold: false,
            tabs: (1..=32).map(|stop| stop * 8 * cell).collect(),
        }
    }
}

impl Settings {
    /// The style of the next glyph.
    pub fn style(&self, double_byte: bool) -> Style {
        // Of a double-byte character this is half the width.
        let spacing = if double_byte { self.double_spacing / 2 } else { self.spacing };
        Style {
            cell: self.pitch(),
            pitch: (self.cell + spacing) * self.width,
            enlarged: 1 < self.width || 1 < self.height,
            bold: self.bold,
        }
    }

    /// From one character of normal size to the next, which is the unit of columns.
    pub fn pitch(&self) -> u32 {
        self.cell + self.spacing
    }

    pub fn font(&mut self, number: u8) {
        let [first, second] = CELLS;
        self.cell = if number == 1 { second } else { first };
    }

    pub fn spacing(&mut self, dots: u8) {
        self.spacing = u32::from(dots);
    }

    pub fn double_spacing(&mut self, left: u8, right: u8) {
        self.double_spacing = u32::from(left) + u32::from(right);
    }

    /// Times the normal width.
    pub fn width(&mut self, times: u8) {
        self.width = u32::from(times.clamp(1, 8));
    }

    /// Times the normal height.
    pub fn height(&mut self, times: u8) {
        self.height = u32::from(times.clamp(1, 8));
    }

    pub fn bold(&mut self, on: bool) {
        self.bold = on;
    }

    /// So many columns in dots.
    pub fn columns(&self, count: u8) -> u32 {
        u32::from(count) * self.pitch()
    }

    pub fn tab_stops(&mut self, columns: &[u8]) {
        self.tabs = columns.iter().map(|column| self.columns(*column)).collect();
    }
}
