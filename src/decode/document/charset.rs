//! Text bytes to characters, as the printer is set: code page, national variant, double-byte mode, UTF-8.
//!
//! A character cut by the end of a read is completed by the next one; one cut by a command is dropped.

use super::Characters;
use crate::decode::codepage::{CodePage, PageMap};

/// ASCII characters that national variants replace, and what `ESC R n` puts in their place.
const REPLACED: &[u8] = b"#$@[\\]^`{|}~";
const NATIONAL: &[&str] = &[
    "#$@[\\]^`{|}~",
    "#$à°ç§^`éùè¨",
    "#$§ÄÖÜ^`äöüß",
    "£$@[\\]^`{|}~",
    "#$@ÆØÅ^`æøå~",
    "#¤ÉÄÖÅÜéäöåü",
    "#$@°\\é^ùàòèì",
    "₧$@¡Ñ¿^`¨ñ}~",
    "#$@[¥]^`{|}~",
    "#¤ÉÆØÅÜéæøåü",
    "#$ÉÆØÅÜéæøåü",
    "#$á¡Ñ¿é`íñóú",
    "#$á¡Ñ¿éüíñóú",
    "#$@[₩]^`{|}~",
    "#$ŽŠĐĆČžšđćč",
    "#¥@[\\]^`{|}~",
    "#₫@[\\]^`{|}~",
];

/// No page was chosen. Printers know none of this number but for a page of the user's own.
const NO_PAGE: u8 = 255;

/// How double-byte characters are sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kanji {
    Off,
    /// Two bytes from 21h on each.
    Jis,
    /// As the double-byte page says.
    Page,
}

/// The printer's character settings and the character at hand.
pub(in crate::decode) struct Charset {
    pages: PageMap,
    default_page: CodePage,
    double_byte: CodePage,
    utf8: CodePage,
    euc_jp: CodePage,
    /// The double-byte page is Japanese, so JIS code may come.
    japanese: bool,
    page: CodePage,
    /// What chose the page; 255: nothing did.
    number: u8,
    /// What chose the national variant.
    variant: u8,
    ascii: [char; 128],
    kanji_on: bool,
    /// `FS C` chose Shift_JIS.
    shift_jis: bool,
    unicode: bool,
    partial: [u8; 4],
    have: usize,
}

impl Charset {
    pub fn new(pages: PageMap, default_page: CodePage, double_byte: CodePage) -> Self {
        let mut charset = Self {
            pages,
            page: default_page.clone(),
            default_page,
            japanese: double_byte == CodePage::shift_jis(),
            double_byte,
            number: NO_PAGE,
            variant: 0,
            utf8: CodePage::utf8(),
            euc_jp: CodePage::euc_jp(),
            ascii: ['\0'; 128],
            kanji_on: false,
            shift_jis: false,
            unicode: false,
            partial: [0; 4],
            have: 0,
        };
        charset.reset();
        charset
    }

    /// What `ESC @` does.
    pub fn reset(&mut self) {
        self.page = self.default_page.clone();
        self.number = NO_PAGE;
        self.kanji_on = false;
        self.shift_jis = false;
        self.unicode = false;
        self.have = 0;
        self.national(0);
    }

    /// `ESC t n`. An unknown number leaves ASCII.
    pub fn select(&mut self, number: u8) {
        self.page = self.pages.get(number).cloned().unwrap_or_else(CodePage::ascii);
        self.number = number;
    }

    /// How text is read now, for another one that goes on here.
    pub fn saved(&self) -> Characters {
        let [kanji, shift, unicode] = [self.kanji_on, self.shift_jis, self.unicode].map(u8::from);
        [self.number, self.variant, kanji, shift, unicode]
    }

    /// Reads text as another one did.
    pub fn restore(&mut self, saved: Characters) {
        let [number, variant, kanji, shift, unicode] = saved;
        self.reset();
        if number != NO_PAGE {
            self.select(number);
        }
        self.national(variant);
        (self.kanji_on, self.shift_jis, self.unicode) = (kanji == 1, shift == 1, unicode == 1);
    }

    /// `ESC R n`. An unknown number is ignored.
    pub fn national(&mut self, number: u8) {
        let Some(variant) = NATIONAL.get(usize::from(number)) else { return };
        self.variant = number;
        for (slot, byte) in self.ascii.iter_mut().zip(0u8..) {
            *slot = char::from(byte);
        }
        for (byte, c) in REPLACED.iter().zip(variant.chars()) {
            if let Some(slot) = self.ascii.get_mut(usize::from(*byte)) {
                *slot = c;
            }
        }
    }

    /// `FS &` and `FS .`.
    pub fn kanji(&mut self, on: bool) {
        self.kanji_on = on;
        self.have = 0;
    }

    /// `FS C n`.
    pub fn kanji_system(&mut self, number: u8) {
        self.shift_jis = matches!(number, 1 | 2 | b'1' | b'2');
    }

    /// `FS ( C`: 2 is UTF-8, 1 the code pages.
    pub fn encoding(&mut self, number: u8) {
        self.unicode = matches!(number, 2 | b'2');
        self.have = 0;
    }

    /// A command or silence came: a character that it cut is lost.
    pub fn interrupt(&mut self) {
        self.have = 0;
    }

    /// Whether a character was begun and not completed.
    pub fn waits(&self) -> bool {
        0 < self.have
    }

    fn mode(&self) -> Kanji {
        match self.kanji_on && !self.unicode {
            false => Kanji::Off,
            true if self.japanese && !self.shift_jis => Kanji::Jis,
            true => Kanji::Page,
        }
    }

    /// The bytes as text, where each of them is its own character of ASCII.
    pub fn plain<'b>(&self, bytes: &'b [u8]) -> Option<&'b str> {
        let own = |byte: &u8| {
            let c = self.ascii.get(usize::from(*byte));
            matches!(byte, b' '..=b'~') && c == Some(&char::from(*byte))
        };
        let plain = self.have == 0 && self.mode() != Kanji::Jis && bytes.iter().all(own);
        plain.then(|| std::str::from_utf8(bytes).ok()).flatten()
    }

    /// Hands each character of `bytes` to `each`; the flag says that the glyph is a double-byte one.
    pub fn decode(&mut self, bytes: &[u8], mut each: impl FnMut(char, bool)) {
        let mode = self.mode();
        for byte in bytes {
            if self.have == 0 && *byte < 0x80 && (mode != Kanji::Jis || *byte == b' ') {
                if let Some(c) = self.ascii.get(usize::from(*byte))
                    && *byte != 0x7F
                {
                    each(*c, false);
                }
                continue;
            }
            self.long(*byte, mode, &mut each);
        }
    }

    /// One byte of a character that is not plain ASCII.
    fn long(&mut self, byte: u8, mode: Kanji, each: &mut impl FnMut(char, bool)) {
        let page = match mode {
            _ if self.unicode => &self.utf8,
            Kanji::Off => &self.page,
            Kanji::Jis | Kanji::Page => &self.double_byte,
        };
        if self.have == 0
            && let Some(c) = page.high(byte)
        {
            return each(c, false);
        }
        if let Some(slot) = self.partial.get_mut(self.have) {
            *slot = byte;
        }
        self.have += 1;
        let bytes = self.partial.get(..self.have).unwrap_or(&self.partial);
        let jis = mode == Kanji::Jis && matches!(bytes, [0x21..=0x7E, ..]);
        let width = if jis { 2 } else { page.width(bytes) };
        if self.have < width.min(self.partial.len()) {
            return;
        }
        self.have = 0;
        let double = width > 1 && !self.unicode;
        match (jis, bytes) {
            // EUC-JP is JIS with the high bits set.
            (true, [row, cell]) => {
                self.euc_jp.sequence(&[row | 0x80, cell | 0x80]).for_each(|c| each(c, double));
            }
            _ => page.sequence(bytes).for_each(|c| each(c, double)),
        }
    }
}
