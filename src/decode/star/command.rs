//! What each command does: settings, positions, line and document ends.
//!
//! Only what changes text, its place, or where a document ends is looked at; every other command was
//! skipped by its length.

use super::settings::{LINE_SPACING, NARROW_LINES, Settings};
use super::symbol::Symbols;
use super::{Star, symbol};
use crate::decode::fact::{DocumentEnd, DocumentFact};

/// The page of Japanese printers until another is chosen: `ESC GS t 2`.
const KATAKANA: u8 = 2;

impl Star {
    /// Does the command that the tokenizer just completed.
    pub(super) fn command(&mut self, out: &mut Vec<DocumentFact>) {
        // A copy, for what it does changes the rest of the state.
        let mut head = [0; crate::decode::document::tokens::HEAD];
        let count = self.tokens.head().len();
        for (slot, byte) in head.iter_mut().zip(self.tokens.head()) {
            *slot = *byte;
        }
        match head.get(..count).unwrap_or_default() {
            [0x1B, 0x1D, rest @ ..] => self.gs(rest, out),
            [0x1B, 0x1E, b'F', n] => self.settings.font(*n),
            [0x1B, b'*', b'r', opcode] => self.raster_command(*opcode, out),
            [0x1B, opcode, args @ ..] => self.esc(*opcode, args, out),
            // A row of raster mode: `b` feeds, `k` prints over the last one.
            [kind @ (b'b' | b'k'), low, high] => {
                self.paper.row(word(*low, *high) * 8, *kind == b'b');
            }
            [byte] => self.control(*byte, out),
            _ => {}
        }
    }

    fn control(&mut self, byte: u8, out: &mut Vec<DocumentFact>) {
        match byte {
            0x07 | 0x19 | 0x1A | 0x1C => self.paper.document.drawer_kick(out),
            0x09 => {
                let Self { settings, paper, .. } = self;
                paper.tab(&settings.tabs, settings.pitch());
            }
            0x0A | 0x0D => self.paper.line_end(byte, out),
            0x0B => self.paper.end_line(out),
            0x0C if self.paper.page.is_none() => self.paper.end(DocumentEnd::Cut, out),
            0x0E => self.settings.width(2),
            0x14 => self.settings.width(1),
            0x18 => self.initialise(),
            _ => {}
        }
    }

    fn esc(&mut self, opcode: u8, args: &[u8], out: &mut Vec<DocumentFact>) {
        match (opcode, args) {
            (b'@', _) => {
                self.paper.end(DocumentEnd::Init, out);
                self.initialise();
            }
            (b'd', _) => self.paper.cut(out),
            (0x0C, _) if self.tokens.table.raster => self.paper.cut(out),
            (b'b', [kind, ..]) => {
                if let Some((symbology, data)) = symbol::barcode(*kind, self.tokens.payload()) {
                    self.paper.barcode(symbology, &data, out);
                }
            }
            (b'a' | b'I' | b'J', _) => self.paper.feed(out),
            (b'0', _) => self.paper.line_spacing = NARROW_LINES,
            (b'z', [n]) => {
                self.paper.line_spacing = if digit(*n) == 1 { LINE_SPACING } else { NARROW_LINES };
            }
            (b'R', [n]) => self.charset.national(digit(*n)),
            (b'$', [n]) => self.choose_shift_jis(digit(*n) == 1),
            (b'p', _) => self.jis(true),
            (b'q', _) => self.jis(false),
            (b'i', [height, width]) => {
                self.settings.height(digit(*height).saturating_add(1));
                self.settings.width(digit(*width).saturating_add(1));
            }
            (b'W', [n]) => self.settings.width(digit(*n).saturating_add(1)),
            (b'h', [n]) => self.settings.height(digit(*n).saturating_add(1)),
            (0x0E, _) => self.settings.height(2),
            (0x14, _) => self.settings.height(1),
            (b'E', _) => self.settings.bold(true),
            (b'F', _) => self.settings.bold(false),
            (b' ', [n]) => self.settings.spacing(digit(*n)),
            (b's', [left, right]) => self.settings.double_spacing(digit(*left), digit(*right)),
            (b'M', _) => self.settings.spacing(0),
            (b'g', _) => self.settings.spacing(2),
            (b'P', _) => self.settings.spacing(3),
            (b':', _) => self.settings.spacing(4),
            (b'l', [n]) => self.paper.set_margin(self.settings.columns(*n)),
            (b'D', _) => self.settings.tab_stops(self.tokens.payload()),
            (b'K' | b'L', [low, high]) => self.paper.graphic(word(*low, *high), 8, out),
            (b'^', [_, low, high]) => self.paper.graphic(word(*low, *high), 9, out),
            (b'X', [low, high]) => self.paper.graphic(word(*low, *high), 24, out),
            (b'k', [low, high]) => self.paper.graphic(word(*low, *high) * 8, 24, out),
            _ => {}
        }
    }

    fn gs(&mut self, rest: &[u8], out: &mut Vec<DocumentFact>) {
        match *rest {
            [b't', n] => {
                self.page_chosen = true;
                self.charset.select(n);
            }
            [b'A', low, high] => self.paper.move_to(word(low, high)),
            [b'R', low, high] => {
                let by = i32::from(i16::from_le_bytes([low, high]));
                self.paper.line.move_to(self.paper.line.x.saturating_add_signed(by));
            }
            [b'S', _, xl, xh, yl, yh, _] => self.paper.graphic(word(xl, xh) * 8, word(yl, yh), out),
            [kind @ (b'x' | b'y'), b'D', ..] => self.symbols.store(kind, self.tokens.payload()),
            [kind @ (b'x' | b'y'), b'P'] => {
                if let Some((symbology, data)) = self.symbols.print(kind) {
                    self.paper.barcode(symbology, &data, out);
                }
            }
            // UTF-8, or the code pages again.
            [b')', b'U', ..] => {
                if let [b'0', n] = *self.tokens.payload() {
                    self.charset.encoding(if digit(n) == 1 { 2 } else { 1 });
                }
            }
            [b'P', function, ref args @ ..] => self.page_function(function, args, out),
            _ => {}
        }
    }

    /// `ESC GS P`
    fn page_function(&mut self, function: u8, args: &[u8], out: &mut Vec<DocumentFact>) {
        match (function, args) {
            (b'0', _) => self.paper.enter_page(out),
            (b'3', [xl, xh, yl, yh, ..]) => {
                self.paper.page_area(word(*xl, *xh), word(*yl, *yh));
            }
            (b'4', [low, high]) => self.paper.page_to(word(*low, *high)),
            (b'5', [low, high]) => {
                self.paper.page_by(i32::from(i16::from_le_bytes([*low, *high])));
            }
            (b'6', _) => self.paper.print_page(out),
            (b'7', _) => {
                self.paper.print_page(out);
                self.leave_page();
            }
            (b'8', _) => self.leave_page(),
            _ => {}
        }
    }

    fn leave_page(&mut self) {
        if self.paper.page.is_some() {
            self.paper.leave_page();
        }
    }

    /// `ESC * r`
    fn raster_command(&mut self, opcode: u8, out: &mut Vec<DocumentFact>) {
        match opcode {
            b'A' => {
                self.paper.end_line(out);
                self.tokens.table.raster = true;
            }
            b'B' => {
                self.tokens.table.raster = false;
                self.paper.end_rows(out);
            }
            b'C' => self.paper.clear_rows(),
            b'D' => self.paper.document.drawer_kick(out),
            _ => {}
        }
    }

    fn choose_shift_jis(&mut self, on: bool) {
        // Only Japanese printers know this command.
        if !self.page_chosen {
            self.charset.select(KATAKANA);
        }
        self.shift_jis = on;
        self.jis(false);
    }

    /// Two-byte JIS code, or what `ESC $` chose.
    fn jis(&mut self, on: bool) {
        self.charset.kanji_system(u8::from(!on));
        self.charset.kanji(on || self.shift_jis);
    }

    /// What a printer forgets on `ESC @`.
    pub(super) fn initialise(&mut self) {
        self.settings = Settings::default();
        self.charset.reset();
        self.page_chosen = false;
        self.shift_jis = false;
        self.symbols = Symbols::default();
        self.tokens.table.raster = false;
        self.paper.initialise(LINE_SPACING);
    }
}

fn word(low: u8, high: u8) -> u32 {
    u32::from(u16::from_le_bytes([low, high]))
}

/// An argument that may be a number or a hexadecimal digit.
fn digit(n: u8) -> u8 {
    match n {
        b'0'..=b'9' => n - b'0',
        b'A'..=b'F' => n - b'A' + 10,
        _ => n,
    }
}
