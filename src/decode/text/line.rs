//! One line of a journal: its bytes until it ends, then its characters.
//!
//! The bytes are kept because only the whole line tells whether it is UTF-8. No byte of a longer character
//! is below 30h in any encoding, so tabs and line ends are found without decoding.
//!
//! Bounded: full at `limits::LINE_CHARS` columns, counting a byte as one and a tab up to its stop. That is
//! never less than the characters it becomes.

use crate::decode::codepage::CodePage;
use crate::limits;

/// Columns from one tab stop to the next.
const TAB: usize = 8;

/// The line at hand.
pub(super) struct Line {
    bytes: Vec<u8>,
    columns: usize,
    /// As the device was said to write.
    page: Option<CodePage>,
    utf8: CodePage,
    fallback: CodePage,
}

impl Line {
    pub fn new(page: Option<CodePage>) -> Self {
        let (utf8, fallback) = (CodePage::utf8(), CodePage::cp437());
        Self { bytes: Vec::new(), columns: 0, page, utf8, fallback }
    }

    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// Whether no byte more fits.
    pub fn is_full(&self) -> bool {
        limits::LINE_CHARS <= self.columns
    }

    /// Adds a printable byte or a tab.
    pub fn push(&mut self, byte: u8) {
        self.bytes.push(byte);
        self.columns += if byte == b'\t' { TAB - self.columns % TAB } else { 1 };
    }

    /// The line's text; a new line begins.
    pub fn take(&mut self) -> String {
        self.take_front(self.bytes.len())
    }

    /// As [`Self::take`], but a character that is not complete begins the new line.
    pub fn take_whole(&mut self) -> String {
        self.take_front(whole(self.page(&self.bytes), &self.bytes))
    }

    fn take_front(&mut self, length: usize) -> String {
        let rest = self.bytes.split_off(length);
        let bytes = std::mem::replace(&mut self.bytes, rest);
        self.columns = self.bytes.len();
        self.text(&bytes)
    }

    fn text(&self, bytes: &[u8]) -> String {
        let page = self.page(bytes);
        let (mut text, mut columns) = (String::new(), 0);
        for (index, cell) in bytes.split(|byte| *byte == b'\t').enumerate() {
            if 0 < index {
                let gap = TAB - columns % TAB;
                text.extend(std::iter::repeat_n(' ', gap));
                columns += gap;
            }
            let cell = page.decode(cell);
            columns += cell.chars().count();
            text.push_str(&cell);
        }
        // Editors open a file with a byte order mark.
        text.trim_start_matches('\u{FEFF}').trim_end().to_owned()
    }

    /// The page that was named, else UTF-8 if that is what `bytes` are, a cut at their end apart.
    fn page(&self, bytes: &[u8]) -> &CodePage {
        let is_utf8 = match std::str::from_utf8(bytes) {
            Ok(_) => true,
            Err(error) => self.is_full() && error.error_len().is_none(),
        };
        let guess = if is_utf8 { &self.utf8 } else { &self.fallback };
        self.page.as_ref().unwrap_or(guess)
    }
}

/// How many of `bytes` are whole characters.
fn whole(page: &CodePage, bytes: &[u8]) -> usize {
    let mut length = 0;
    while let Some(rest @ [byte, ..]) = bytes.get(length..) {
        let single = *byte < 0x80 || page.high(*byte).is_some();
        let width = if single { 1 } else { page.width(rest) };
        if rest.len() < width {
            break;
        }
        length += width;
    }
    length
}
