//! What each command does: settings, positions, line and document ends.
//!
//! Only what changes text, its place, or where a document ends is looked at; every other command was
//! skipped by its length.

use super::layout::Style;
use super::token::{Command, Lead};
use super::{CarriageReturn, Decoder, symbol};
use crate::decode::fact::{DocumentEnd, DocumentFact};

/// Dots that `ESC 2` feeds, and that a line feed moves down a page.
const LINE_SPACING: u32 = 30;

/// Dots per inch of a print head, near enough: other units are converted to its dots.
const DENSITY: u32 = 203;

/// Units per inch that mean one dot of the head at hand; 0 is the default unit.
const DOT_UNITS: &[u8] = &[0, 180, 200, 203];

/// What `ESC @` resets.
pub(super) struct Settings {
    cells: [u32; 3],
    font: usize,
    width: u32,
    double_byte_width: u32,
    enlarged: bool,
    bold: bool,
    spacing: u32,
    margin: u32,
    tabs: Vec<u32>,
    line_spacing: u32,
    /// Motion units per inch, horizontal and vertical.
    units: (u32, u32),
}

impl Settings {
    pub fn new(cells: [u32; 3]) -> Self {
        let mut settings = Self {
            cells,
            font: 0,
            width: 1,
            double_byte_width: 1,
            enlarged: false,
            bold: false,
            spacing: 0,
            margin: 0,
            tabs: Vec::new(),
            line_spacing: LINE_SPACING,
            units: (DENSITY, DENSITY),
        };
        settings.tabs = (1..=32).map(|stop| stop * 8 * settings.cell()).collect();
        settings
    }

    /// The style of the next glyph.
    pub fn style(&self, double_byte: bool) -> Style {
        let width = if double_byte { self.double_byte_width } else { self.width };
        let pitch = (self.cell() + self.spacing) * width;
        Style { cell: self.cell(), pitch, enlarged: self.enlarged, bold: self.bold }
    }

    /// Where a line starts.
    pub fn margin(&self) -> u32 {
        self.margin
    }

    fn cell(&self) -> u32 {
        self.cells.get(self.font).copied().unwrap_or(12).max(1)
    }

    fn size(&mut self, width: u32, height: u32) {
        self.width = width;
        self.double_byte_width = width;
        self.enlarged = 1 < width || 1 < height;
    }

    /// Horizontal units to dots.
    fn dots(&self, units: u32) -> u32 {
        units * DENSITY / self.units.0
    }

    /// Vertical units to dots.
    fn rows(&self, units: u32) -> u32 {
        units * DENSITY / self.units.1
    }
}

impl Decoder {
    pub(super) fn command(&mut self, command: Command, out: &mut Vec<DocumentFact>) {
        match command.lead {
            Lead::Dle => {
                if command.opcode == 0x14 && command.args().first() == Some(&1) {
                    self.document.drawer_kick(out);
                }
            }
            Lead::Dc2 => {}
            Lead::Esc => self.esc(command, out),
            Lead::Fs => self.fs(command),
            Lead::Gs => self.gs(command, out),
        }
    }

    fn esc(&mut self, command: Command, out: &mut Vec<DocumentFact>) {
        match (command.opcode, command.args()) {
            (b'@', _) => {
                self.end_line(out);
                self.print_page(out);
                self.document.end(DocumentEnd::Init, out);
                self.initialise();
            }
            (b'!', [n]) => {
                self.settings.font = usize::from(n & 1);
                self.settings.width = if n & 0x20 == 0 { 1 } else { 2 };
                self.settings.enlarged = n & 0x30 != 0;
                self.settings.bold = n & 0x08 != 0;
            }
            (b'M', [n]) => {
                self.settings.font = match n {
                    1 | b'1' => 1,
                    2 | b'2' => 2,
                    _ => 0,
                };
            }
            (b'E' | b'G', [n]) => self.settings.bold = n & 1 != 0,
            (b' ', [n]) => self.settings.spacing = self.settings.dots(u32::from(*n)),
            (b'$', [low, high]) => {
                let to = self.settings.dots(u32::from(u16::from_le_bytes([*low, *high])));
                self.line.move_to(self.start_of_line() + to);
            }
            (b'\\', [low, high]) => self.move_by(i16::from_le_bytes([*low, *high])),
            (b'D', _) => {
                let pitch = self.settings.style(false).pitch;
                let stops = self.tokens.payload().iter();
                self.settings.tabs = stops.map(|stop| u32::from(*stop) * pitch).collect();
            }
            (b't', [n]) => self.charset.select(*n),
            (b'R', [n]) => self.charset.national(*n),
            (b'2', _) => self.settings.line_spacing = LINE_SPACING,
            (b'3', [n]) => self.settings.line_spacing = self.settings.rows(u32::from(*n)),
            (b'd' | b'e' | b'J' | b'K', [_]) => self.feed(out),
            (b'i' | b'm', _) => self.cut(out),
            (b'p', _) => self.document.drawer_kick(out),
            (b'*', [mode, low, high]) => {
                let width = u32::from(u16::from_le_bytes([*low, *high]));
                self.graphic(width, if *mode < 32 { 8 } else { 24 }, out);
                // The columns of modes 0 and 32 are two dots wide.
                self.line.move_to(self.line.x + if mode & 31 == 0 { width * 2 } else { width });
            }
            (b'L', _) => {
                self.end_line(out);
                self.page.get_or_insert_default();
                self.line.clear(0);
            }
            (b'S', _) => {
                self.print_page(out);
                self.page = None;
                self.line.clear(self.settings.margin);
            }
            (0x0C, _) => self.print_page(out),
            (b'W', [xl, xh, yl, yh, ..]) => {
                let left = self.settings.dots(u32::from(u16::from_le_bytes([*xl, *xh])));
                let top = self.settings.rows(u32::from(u16::from_le_bytes([*yl, *yh])));
                if let Some(page) = &mut self.page {
                    (page.left, page.top, page.y) = (left, top, 0);
                    self.line.clear(0);
                }
            }
            _ => {}
        }
    }

    fn fs(&mut self, command: Command) {
        match (command.opcode, command.args()) {
            (b'&', _) => self.charset.kanji(true),
            (b'.', _) => self.charset.kanji(false),
            (b'C', [n]) => self.charset.kanji_system(*n),
            (b'(', [b'C', ..]) => {
                if let [b'0', n] = *self.tokens.payload() {
                    self.charset.encoding(n);
                }
            }
            (b'!', [n]) => self.settings.double_byte_width = if n & 4 == 0 { 1 } else { 2 },
            (b'W', [n]) => self.settings.double_byte_width = if n & 1 == 0 { 1 } else { 2 },
            _ => {}
        }
    }

    fn gs(&mut self, command: Command, out: &mut Vec<DocumentFact>) {
        match (command.opcode, command.args()) {
            (b'!', [n]) => {
                self.settings.size(u32::from(n >> 4 & 7) + 1, u32::from(n & 7) + 1);
            }
            (b'L', [low, high]) => {
                let margin = self.settings.dots(u32::from(u16::from_le_bytes([*low, *high])));
                // A margin beyond the paper is a mistake; printers then print from its start.
                self.settings.margin = if margin < super::layout::DOTS_MAX { margin } else { 0 };
                if self.page.is_none() && self.line.is_empty() {
                    self.line.clear(self.settings.margin);
                }
            }
            (b'P', [x, y]) => {
                let unit = |n| if DOT_UNITS.contains(n) { DENSITY } else { u32::from(*n) };
                self.settings.units = (unit(x), unit(y));
            }
            (b'T', _) => self.end_line(out),
            (b'V', _) => self.cut(out),
            (b'$', [low, high]) => {
                let y = self.settings.rows(u32::from(u16::from_le_bytes([*low, *high])));
                if let Some(page) = &mut self.page {
                    page.y = y;
                }
            }
            (b'\\', [low, high]) => {
                let by = i32::from(i16::from_le_bytes([*low, *high]));
                let dots = i32::try_from(self.settings.rows(by.unsigned_abs())).unwrap_or(i32::MAX);
                if let Some(page) = &mut self.page {
                    page.y = page.y.saturating_add_signed(dots * by.signum());
                }
            }
            (b'k', args) => {
                if let Some((symbology, data)) = symbol::barcode(args, self.tokens.payload()) {
                    self.symbol(symbology, &data, out);
                }
            }
            (b'(', [b'k', ..]) => {
                if let Some((symbology, data)) = self.symbols.take(self.tokens.payload()) {
                    self.symbol(symbology, &data, out);
                }
            }
            (b'(' | b'8', [b'L', ..]) => self.graphics_function(out),
            (b'v', [_, _, xl, xh, yl, yh]) => {
                let width = u32::from(u16::from_le_bytes([*xl, *xh])) * 8;
                self.graphic(width, u32::from(u16::from_le_bytes([*yl, *yh])), out);
            }
            (b'Q', [_, _, xl, xh, yl, yh]) => {
                let height = u32::from(u16::from_le_bytes([*yl, *yh])) * 8;
                self.graphic(u32::from(u16::from_le_bytes([*xl, *xh])), height, out);
            }
            (b'*', [x, y]) => self.downloaded = Some((u32::from(*x) * 8, u32::from(*y) * 8)),
            (b'/', _) => {
                if let Some((width, height)) = self.downloaded {
                    self.graphic(width, height, out);
                }
            }
            _ => {}
        }
    }

    /// `GS ( L` and `GS 8 L`: functions 112 and 113 put an image in the print buffer.
    fn graphics_function(&mut self, out: &mut Vec<DocumentFact>) {
        if let [b'0', b'p' | b'q', _, bx, by, _, xl, xh, yl, yh, ..] = *self.tokens.payload() {
            let width = u32::from(u16::from_le_bytes([xl, xh])) * u32::from(bx);
            let height = u32::from(u16::from_le_bytes([yl, yh])) * u32::from(by);
            self.graphic(width, height, out);
        }
    }

    fn graphic(&mut self, width: u32, height: u32, out: &mut Vec<DocumentFact>) {
        self.graphic_line = true;
        self.document.graphic(width, height, out);
    }

    fn symbol(&mut self, symbology: &'static str, data: &str, out: &mut Vec<DocumentFact>) {
        self.end_line(out);
        self.document.barcode(symbology, data, out);
    }

    /// Line feed or carriage return.
    pub(super) fn control(&mut self, byte: u8, out: &mut Vec<DocumentFact>) {
        if self.carriage_return == CarriageReturn::Return {
            if byte == 0x0A {
                self.line_feed(out);
            } else {
                self.line.move_to(self.start_of_line());
            }
            return;
        }
        if self.line_end.take().is_some_and(|before| before != byte) {
            return;
        }
        self.line_end = Some(byte);
        self.line_feed(out);
    }

    fn line_feed(&mut self, out: &mut Vec<DocumentFact>) {
        if let Some(page) = &mut self.page {
            page.y = page.y.saturating_add(self.settings.line_spacing);
            self.line.clear(0);
        } else if self.line.is_empty() && self.graphic_line {
            self.graphic_line = false;
            self.line.clear(self.settings.margin);
        } else {
            self.print_line(out);
        }
    }

    /// A feed by so many lines or dots ends a line, but is no blank line itself.
    fn feed(&mut self, out: &mut Vec<DocumentFact>) {
        if self.page.is_some() { self.line_feed(out) } else { self.end_line(out) }
    }

    pub(super) fn tab(&mut self) {
        let start = self.start_of_line();
        let here = self.line.x;
        let next = self.settings.tabs.iter().map(|stop| start + stop).find(|stop| here < *stop);
        // Behind the last stop a tab still separates.
        self.line.move_to(next.unwrap_or(here + self.settings.cell()));
    }

    pub(super) fn form_feed(&mut self, out: &mut Vec<DocumentFact>) {
        self.end_line(out);
        if self.page.is_some() {
            self.print_page(out);
            self.page = None;
            self.document.end(DocumentEnd::Cut, out);
            self.line.clear(self.settings.margin);
        }
    }

    pub(super) fn cancel(&mut self) {
        if let Some(page) = &mut self.page {
            page.clear();
            self.line.clear(0);
        }
    }

    fn cut(&mut self, out: &mut Vec<DocumentFact>) {
        if self.cut_ends_document {
            self.end(DocumentEnd::Cut, out);
        } else {
            self.end_line(out);
        }
    }

    /// Prints what is there and ends the document.
    pub(super) fn end(&mut self, why: DocumentEnd, out: &mut Vec<DocumentFact>) {
        self.end_line(out);
        self.print_page(out);
        self.document.end(why, out);
        self.noise.cut();
    }

    /// Prints the line unless it is empty.
    fn end_line(&mut self, out: &mut Vec<DocumentFact>) {
        self.graphic_line = false;
        if self.page.is_some() {
            return;
        }
        if self.line.is_empty() {
            self.line.clear(self.settings.margin);
        } else {
            self.print_line(out);
        }
    }

    fn print_line(&mut self, out: &mut Vec<DocumentFact>) {
        self.graphic_line = false;
        self.document.line(self.line.lay_out(), out);
        self.line.clear(self.settings.margin);
    }

    /// Prints the page and keeps page mode.
    pub(super) fn print_page(&mut self, out: &mut Vec<DocumentFact>) {
        if let Self { page: Some(page), line, document, .. } = self {
            page.print_on(line, document, out);
        }
    }

    /// What a printer forgets on `ESC @`.
    pub(super) fn initialise(&mut self) {
        self.settings = Settings::new(self.settings.cells);
        self.charset.reset();
        self.page = None;
        self.symbols = symbol::Symbols::default();
        self.downloaded = None;
        self.graphic_line = false;
        self.line_end = None;
        self.line.clear(0);
    }

    fn start_of_line(&self) -> u32 {
        if self.page.is_some() { 0 } else { self.settings.margin }
    }

    fn move_by(&mut self, units: i16) {
        let dots = self.settings.dots(u32::from(units.unsigned_abs()));
        let to =
            if units < 0 { self.line.x.checked_sub(dots) } else { self.line.x.checked_add(dots) };
        if let Some(to) = to {
            self.line.move_to(to);
        }
    }
}
