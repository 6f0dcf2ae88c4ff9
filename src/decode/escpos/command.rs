//! What each command does: settings, positions, line and document ends.
//!
//! Only what changes text, its place, or where a document ends is looked at; every other command was
//! skipped by its length.

use super::settings::LINE_SPACING;
use super::symbol::Symbols;
use super::token::{Command, Lead};
use super::{Escpos, symbol};
use crate::decode::fact::{DocumentEnd, DocumentFact};

impl Escpos {
    pub(super) fn command(&mut self, command: Command, out: &mut Vec<DocumentFact>) {
        match command.lead {
            Lead::Dle => {
                if command.opcode == 0x14 && command.args().first() == Some(&1) {
                    self.paper.document.drawer_kick(out);
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
                self.paper.end_line(out);
                self.paper.print_page(out);
                self.paper.document.end(DocumentEnd::Init, out);
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
                self.paper.move_to(to);
            }
            (b'\\', [low, high]) => self.move_by(i16::from_le_bytes([*low, *high])),
            (b'D', _) => {
                let pitch = self.settings.style(false).pitch;
                let stops = self.tokens.payload().iter();
                self.settings.tabs = stops.map(|stop| u32::from(*stop) * pitch).collect();
            }
            (b't', [n]) => self.charset.select(*n),
            (b'R', [n]) => self.charset.national(*n),
            (b'2', _) => self.paper.line_spacing = LINE_SPACING,
            (b'3', [n]) => self.paper.line_spacing = self.settings.rows(u32::from(*n)),
            (b'd' | b'e' | b'J' | b'K', [_]) => self.paper.feed(out),
            (b'i' | b'm', _) => self.paper.cut(out),
            (b'p', _) => self.paper.document.drawer_kick(out),
            (b'*', [mode, low, high]) => {
                let width = u32::from(u16::from_le_bytes([*low, *high]));
                self.paper.graphic(width, if *mode < 32 { 8 } else { 24 }, out);
                // The columns of modes 0 and 32 are two dots wide.
                let dots = if mode & 31 == 0 { width * 2 } else { width };
                self.paper.line.move_to(self.paper.line.x.saturating_add(dots));
            }
            (b'L', _) => self.paper.enter_page(out),
            (b'S', _) => {
                self.paper.print_page(out);
                self.paper.leave_page();
            }
            (0x0C, _) => self.paper.print_page(out),
            (b'W', [xl, xh, yl, yh, ..]) => {
                let left = self.settings.dots(u32::from(u16::from_le_bytes([*xl, *xh])));
                let top = self.settings.rows(u32::from(u16::from_le_bytes([*yl, *yh])));
                self.paper.page_area(left, top);
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
                self.paper.set_margin(margin);
            }
            (b'P', [x, y]) => self.settings.motion_units(*x, *y),
            (b'T', _) => self.paper.end_line(out),
            (b'V', _) => self.paper.cut(out),
            (b'$', [low, high]) => {
                let y = self.settings.rows(u32::from(u16::from_le_bytes([*low, *high])));
                self.paper.page_to(y);
            }
            (b'\\', [low, high]) => {
                let by = i32::from(i16::from_le_bytes([*low, *high]));
                let dots = i32::try_from(self.settings.rows(by.unsigned_abs())).unwrap_or(i32::MAX);
                self.paper.page_by(dots * by.signum());
            }
            (b'k', args) => {
                if let Some((symbology, data)) = symbol::barcode(args, self.tokens.payload()) {
                    self.paper.barcode(symbology, &data, out);
                }
            }
            (b'(', [b'k', ..]) => {
                if let Some((symbology, data)) = self.symbols.take(self.tokens.payload()) {
                    self.paper.barcode(symbology, &data, out);
                }
            }
            (b'(' | b'8', [b'L', ..]) => self.graphics_function(out),
            (b'v', [_, _, xl, xh, yl, yh]) => {
                let width = u32::from(u16::from_le_bytes([*xl, *xh])) * 8;
                self.paper.graphic(width, u32::from(u16::from_le_bytes([*yl, *yh])), out);
            }
            (b'Q', [_, _, xl, xh, yl, yh]) => {
                let height = u32::from(u16::from_le_bytes([*yl, *yh])) * 8;
                self.paper.graphic(u32::from(u16::from_le_bytes([*xl, *xh])), height, out);
            }
            (b'*', [x, y]) => self.downloaded = Some((u32::from(*x) * 8, u32::from(*y) * 8)),
            (b'/', _) => {
                if let Some((width, height)) = self.downloaded {
                    self.paper.graphic(width, height, out);
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
            self.paper.graphic(width, height, out);
        }
    }

    /// `ESC \\`. What leads off the paper moves nothing.
    fn move_by(&mut self, units: i16) {
        let dots = self.settings.dots(u32::from(units.unsigned_abs()));
        let line = &mut self.paper.line;
        let to = if units < 0 { line.x.checked_sub(dots) } else { line.x.checked_add(dots) };
        if let Some(to) = to {
            line.move_to(to);
        }
    }

    /// Prints the page and ends the document; outside of page mode it ends the line.
    pub(super) fn form_feed(&mut self, out: &mut Vec<DocumentFact>) {
        if self.paper.page.is_some() {
            self.paper.end(DocumentEnd::Cut, out);
            self.paper.leave_page();
        } else {
            self.paper.end_line(out);
        }
    }

    /// Throws the page away.
    pub(super) fn cancel(&mut self) {
        if let Some(page) = &mut self.paper.page {
            page.clear();
            self.paper.line.clear(0);
        }
    }

    /// What a printer forgets on `ESC @`.
    pub(super) fn initialise(&mut self) {
        self.settings.reset();
        self.charset.reset();
        self.symbols = Symbols::default();
        self.downloaded = None;
        self.paper.initialise(LINE_SPACING);
    }
}
