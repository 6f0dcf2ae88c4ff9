//! What `ESC @` resets: font, size, spacing, margin, tab stops.

use crate::decode::escpos::layout::{DOTS_MAX, Style};

/// Widths of the fonts of `ESC RS F` in dots.
const CELLS: [u32; 2] = [12, 9];

/// Dots of a line feed: `ESC 0` 3 mm, `ESC z 1` 4 mm, at 8 dots a millimetre.
const LINE_SPACING: [u32; 2] = [24, 32];

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
    /// Where a line starts, in dots.
    pub margin: u32,
    tabs: Vec<u32>,
    pub line_spacing: u32,
}

impl Default for Settings {
    fn default() -> Self {
        let [cell, _] = CELLS;
        let [_, line_spacing] = LINE_SPACING;
        Self {
            cell,
            spacing: 0,
            double_spacing: 0,
            width: 1,
            height: 1,
            bold: false,
            margin: 0,
            tabs: (1..=32).map(|stop| stop * 8 * cell).collect(),
            line_spacing,
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
    fn pitch(&self) -> u32 {
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

    /// The margin in characters. One beyond the paper is a mistake: printers then print from its start.
    pub fn left_margin(&mut self, columns: u8) {
        let dots = u32::from(columns) * self.pitch();
        self.margin = if dots < DOTS_MAX { dots } else { 0 };
    }

    pub fn wide_lines(&mut self, wide: bool) {
        let [narrow, normal] = LINE_SPACING;
        self.line_spacing = if wide { normal } else { narrow };
    }

    pub fn tab_stops(&mut self, columns: &[u8]) {
        self.tabs = columns.iter().map(|column| u32::from(*column) * self.pitch()).collect();
    }

    /// Where a tab at `x` leads, from the start of a line at `start`. Behind the last stop it still separates.
    pub fn tab(&self, start: u32, x: u32) -> u32 {
        let stop = self.tabs.iter().map(|stop| start + stop).find(|stop| x < *stop);
        stop.unwrap_or(x.saturating_add(self.pitch()))
    }
}
