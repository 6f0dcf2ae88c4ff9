//! What each command does to the screen.

use super::screen::Mode;
use super::table::ATTENTION;
use super::{Display, DisplaySet};
use crate::decode::fact::DocumentFact;

impl Display {
    /// Does the command that the tokenizer just completed.
    pub(super) fn command(&mut self, out: &mut Vec<DocumentFact>) {
        let mut head = [0; crate::decode::document::tokens::HEAD];
        let count = self.tokens.head().len();
        for (slot, byte) in head.iter_mut().zip(self.tokens.head()) {
            *slot = *byte;
        }
        let head = head.get(..count).unwrap_or_default();
        match (self.tokens.table.set, head) {
            (DisplaySet::Aedex, [_, _, function]) => self.aedex(*function),
            (DisplaySet::Utc, _) => self.utc(head, out),
            (_, [byte]) => self.control(*byte, out),
            (_, [0x1B, opcode, args @ ..]) => self.esc(*opcode, args, out),
            (_, [0x1F, opcode, args @ ..]) => self.us(*opcode, args),
            _ => {}
        }
    }

    /// Single bytes that Epson's displays and CD5220 share.
    fn control(&mut self, byte: u8, out: &mut Vec<DocumentFact>) {
        match byte {
            0x08 => self.screen.left(),
            0x09 => self.screen.right(),
            0x0A => self.screen.down(),
            0x0B => self.screen.home(),
            0x0C => self.clear(out),
            0x0D => self.screen.leftmost(),
            0x18 => self.screen.clear_row(),
            _ => {}
        }
    }

    fn esc(&mut self, opcode: u8, args: &[u8], out: &mut Vec<DocumentFact>) {
        match (opcode, args) {
            (b'@', _) => {
                self.clear(out);
                self.initialise();
            }
            (b'=', [n]) => self.tokens.table.selected = n & 2 != 0,
            (b't', [n]) => self.charset.select(*n),
            (b'R', [n]) => self.charset.national(*n),
            (0x11, _) => self.screen.mode = Mode::Overwrite,
            (0x12, _) => self.screen.mode = Mode::Vertical,
            (0x13, _) => self.screen.mode = Mode::Horizontal,
            (b'Q', [b'A']) => self.row(0, false),
            (b'Q', [b'B']) => self.row(1, false),
            (b'Q', [b'D']) => self.row(0, true),
            (b'l', [column, row]) => self.go_to(*column, *row),
            (b'[', [b'A']) => self.screen.up(),
            (b'[', [b'B']) => self.screen.down(),
            (b'[', [b'C']) => self.screen.right(),
            (b'[', [b'D']) => self.screen.left(),
            (b'[', [b'H']) => self.screen.home(),
            (b'[', [b'K']) => self.screen.bottom(),
            (b'[', [b'L']) => self.screen.leftmost(),
            (b'[', [b'R']) => self.screen.rightmost(),
            _ => {}
        }
    }

    fn us(&mut self, opcode: u8, args: &[u8]) {
        match (opcode, args) {
            (0x01, _) => self.screen.mode = Mode::Overwrite,
            (0x02, _) => self.screen.mode = Mode::Vertical,
            (0x03, _) => self.screen.mode = Mode::Horizontal,
            (0x0A, _) => self.screen.up(),
            (0x0D, _) => self.screen.rightmost(),
            (b'B', _) => self.screen.bottom(),
            (b'$', [column, row]) => self.go_to(*column, *row),
            // A character and the sign that shares its cell.
            (b',' | b'.' | b';', [n]) => self.put(&[*n], Some(char::from(opcode))),
            (b'(', [b'G', ..]) => match *self.tokens.payload() {
                [0x60, n] => self.charset.kanji(n & 1 == 1),
                [0x61, n] => self.charset.kanji_system(n),
                _ => {}
            },
            _ => {}
        }
    }

    fn utc(&mut self, head: &[u8], out: &mut Vec<DocumentFact>) {
        match *head {
            [0x1F] => self.clear(out),
            [0x12] => self.screen.mode = Mode::Vertical,
            [0x11] => self.screen.mode = Mode::Overwrite,
            [0x13 | 0x14] => {}
            [byte] => self.control(byte, out),
            [0x0F | 0x10, cell] => self.screen.go_to_cell(usize::from(cell)),
            [0x1B, b'u', b'A'] => self.row(0, false),
            [0x1B, b'u', b'B'] => self.row(1, false),
            [0x1B, b'u', b'D' | b'F'] => self.row(0, true),
            [0x1B, b'u', b'I'] => self.both_rows(),
            _ => {}
        }
    }

    fn aedex(&mut self, function: u8) {
        match function {
            b'1' => self.row(0, false),
            b'2' => self.row(1, false),
            b'4' | b'6' => self.row(0, true),
            b'8' => {
                if let [first, second, ..] = *self.tokens.payload() {
                    self.tokens.table.attention = [first, second];
                }
            }
            b'9' => self.both_rows(),
            b'A' => {
                self.screen.clear();
                self.tokens.table.attention = ATTENTION;
            }
            _ => {}
        }
    }

    /// The command's text is a whole row.
    fn row(&mut self, row: usize, running: bool) {
        let text = self.payload_text();
        self.screen.put_row(row, text.chars(), running);
    }

    /// The command's text is the first row and then the second.
    fn both_rows(&mut self) {
        let text = self.payload_text();
        self.screen.put_row(0, text.chars(), false);
        self.screen.put_row(1, text.chars().skip(self.columns), false);
    }

    fn payload_text(&mut self) -> String {
        let Self { charset, tokens, .. } = self;
        let mut text = String::new();
        let printable = tokens.payload().split(|byte| *byte < 0x20);
        printable.for_each(|run| charset.decode(run, |c, _| text.push(c)));
        charset.interrupt();
        text
    }

    /// To a cell counted from 1.
    fn go_to(&mut self, column: u8, row: u8) {
        if let (Some(column), Some(row)) = (column.checked_sub(1), row.checked_sub(1)) {
            self.screen.go_to(usize::from(column), usize::from(row));
        }
    }
}
