//! Code pages: bytes of a printer or journal to characters.
//!
//! Total: a byte without a character becomes U+FFFD, nothing fails. Box drawing is folded to `-`, `|` and
//! `+` so that rules can drop rulers, no-break spaces to spaces.
//!
//! Which number selects which page differs between printer brands, so a [`PageMap`] belongs to a dialect;
//! [`PageMap::epson`] is the default.

mod tables;

use std::sync::Arc;

use encoding_rs::Encoding;
use oem_cp::code_table::DECODING_TABLE_CP_MAP;

/// One way to turn bytes into characters. Bytes below 80h are ASCII in all of them.
#[derive(Clone, Debug)]
pub struct CodePage(Arc<Decode>);

#[derive(Debug)]
enum Decode {
    /// Bytes 80h to FFh.
    Single(Box<[char; 128]>),
    /// A lead byte from 80h on, then one or more bytes.
    Multi(&'static Encoding),
}

impl PartialEq for CodePage {
    fn eq(&self, other: &Self) -> bool {
        match (&*self.0, &*other.0) {
            (Decode::Single(a), Decode::Single(b)) => a == b,
            (Decode::Multi(a), Decode::Multi(b)) => a == b,
            _ => false,
        }
    }
}

impl Eq for CodePage {}

impl CodePage {
    /// The page of this name: `cp437` and its kin, `katakana`, `ascii`, `utf-8`, or any label of the
    /// WHATWG Encoding Standard (`windows-1252`, `iso-8859-15`, `shift_jis`, `gb18030`, `big5`, `euc-kr`).
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        let name = name.trim().to_ascii_lowercase();
        if let Some(table) = tables::named(&name) {
            return Some(Self::single(table));
        }
        if let Some(number) = name.strip_prefix("cp").and_then(|digits| digits.parse().ok()) {
            return oem(number).map(Self::single).or_else(|| Self::of(windows(number)?));
        }
        Self::of(Encoding::for_label_no_replacement(name.as_bytes())?)
    }

    /// Plain ASCII: every byte from 80h on is U+FFFD. Stands for pages whose table nobody published.
    #[must_use]
    pub fn ascii() -> Self {
        Self::single(['\u{FFFD}'; 128])
    }

    /// The page the IBM PC was born with; printers start with it.
    #[must_use]
    pub fn cp437() -> Self {
        oem(437).map_or_else(Self::ascii, Self::single)
    }

    /// Japanese text as Windows writes it.
    #[must_use]
    pub fn shift_jis() -> Self {
        Self(Arc::new(Decode::Multi(encoding_rs::SHIFT_JIS)))
    }

    /// Japanese text as Unix writes it.
    #[must_use]
    pub fn euc_jp() -> Self {
        Self(Arc::new(Decode::Multi(encoding_rs::EUC_JP)))
    }

    /// Unicode.
    #[must_use]
    pub fn utf8() -> Self {
        Self(Arc::new(Decode::Multi(encoding_rs::UTF_8)))
    }

    fn of(encoding: &'static Encoding) -> Option<Self> {
        if !encoding.is_ascii_compatible() {
            return None;
        }
        if !encoding.is_single_byte() {
            return Some(Self(Arc::new(Decode::Multi(encoding))));
        }
        Some(Self::single(tables::from_encoding(encoding)))
    }

    fn single(table: [char; 128]) -> Self {
        Self(Arc::new(Decode::Single(Box::new(table.map(fold)))))
    }

    /// The character of a byte from 80h on, or nothing if this page needs more bytes than one.
    pub(crate) fn high(&self, byte: u8) -> Option<char> {
        match &*self.0 {
            Decode::Single(table) => table.get(usize::from(byte & 0x7F)).copied(),
            Decode::Multi(_) => None,
        }
    }

    /// How many bytes the character that starts with `bytes` takes. Only asked where [`Self::high`] has
    /// no answer; `bytes` is never empty.
    pub(crate) fn width(&self, bytes: &[u8]) -> usize {
        let (Decode::Multi(encoding), [lead, rest @ ..]) = (&*self.0, bytes) else { return 1 };
        match (encoding.name(), lead) {
            (_, 0x00..=0x7F) => 1,
            ("UTF-8", 0xC0..=0xDF) => 2,
            ("UTF-8", 0xE0..=0xEF) => 3,
            ("UTF-8", 0xF0..=0xF7) => 4,
            ("UTF-8", _) | ("Shift_JIS", 0x80 | 0xA0..=0xDF | 0xFD..) => 1,
            ("gb18030", _) if matches!(rest, [0x30..=0x39, ..]) => 4,
            _ => 2,
        }
    }

    /// The characters of one whole multi-byte sequence.
    pub(crate) fn sequence(&self, bytes: &[u8]) -> impl Iterator<Item = char> {
        let mut buffer = [0u8; 16];
        let mut length = 0;
        if let Decode::Multi(encoding) = &*self.0 {
            let (_, _, written, _) = encoding.new_decoder_without_bom_handling().decode_to_utf8(
                bytes,
                &mut buffer,
                true,
            );
            length = written;
        }
        let mut chars = ['\0'; 4];
        let text =
            std::str::from_utf8(buffer.get(..length).unwrap_or_default()).unwrap_or_default();
        for (slot, c) in chars.iter_mut().zip(text.chars()) {
            *slot = fold(c);
        }
        chars.into_iter().filter(|c| *c != '\0')
    }

    /// All of `bytes` at once.
    #[must_use]
    pub fn decode(&self, bytes: &[u8]) -> String {
        match &*self.0 {
            Decode::Single(_) => {
                let char_of = |b: &u8| {
                    if *b < 0x80 { char::from(*b) } else { self.high(*b).unwrap_or('\u{FFFD}') }
                };
                bytes.iter().map(char_of).collect()
            }
            Decode::Multi(encoding) => {
                encoding.decode_without_bom_handling(bytes).0.chars().map(fold).collect()
            }
        }
    }
}

/// Which page `ESC t n`, or its like, selects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageMap(Vec<(u8, CodePage)>);

impl PageMap {
    /// The numbers of Epson's printers. Pages without a published table are [`CodePage::ascii`].
    #[must_use]
    pub fn epson() -> Self {
        Self::of(tables::EPSON)
    }

    /// The numbers of Star's printers, for `ESC GS t n`; the same for pages without a table.
    #[must_use]
    pub fn star() -> Self {
        Self::of(tables::STAR)
    }

    fn of(names: &[(u8, &str)]) -> Self {
        let page = |name| CodePage::named(name).unwrap_or_else(CodePage::ascii);
        Self(names.iter().map(|(number, name)| (*number, page(name))).collect())
    }

    /// Makes `number` select `page`, whatever it selected before.
    pub fn set(&mut self, number: u8, page: CodePage) {
        match self.0.iter_mut().find(|(n, _)| *n == number) {
            Some((_, slot)) => *slot = page,
            None => self.0.push((number, page)),
        }
    }

    /// The page that `number` selects.
    #[must_use]
    pub fn get(&self, number: u8) -> Option<&CodePage> {
        self.0.iter().find(|(n, _)| *n == number).map(|(_, page)| page)
    }
}

/// Whether a printer draws this character two cells wide.
pub(crate) fn is_wide(c: char) -> bool {
    // Nearly all are not.
    '\u{1100}' <= c
        && matches!(u32::from(c),
        0x1100..=0x115F | 0x2E80..=0xA4CF | 0xAC00..=0xD7A3 | 0xF900..=0xFAFF
        | 0xFE30..=0xFE6F | 0xFF01..=0xFF60 | 0xFFE0..=0xFFE6 | 0x20000..=0x3FFFD)
}

/// Box drawing to ASCII, no-break space to space; control characters are none that print.
fn fold(c: char) -> char {
    match c {
        '─' | '━' | '┄' | '┅' | '┈' | '┉' | '╌' | '╍' | '═' | '╴' | '╶' | '╸' | '╺' => {
            '-'
        }
        '│' | '┃' | '┆' | '┇' | '┊' | '┋' | '╎' | '╏' | '║' | '╵' | '╷' | '╹' | '╻' => {
            '|'
        }
        '\u{2500}'..='\u{257F}' => '+',
        '\u{A0}' => ' ',
        _ if c.is_control() => '\u{FFFD}',
        _ => c,
    }
}

fn oem(number: u16) -> Option<[char; 128]> {
    let page = DECODING_TABLE_CP_MAP.get(&number)?;
    let mut high = 0x80..=0xFFu8;
    Some([(); 128].map(|()| {
        high.next().and_then(|byte| page.decode_char_checked(byte)).unwrap_or('\u{FFFD}')
    }))
}

/// Microsoft's number of an encoding that the web has a name for.
fn windows(number: u16) -> Option<&'static Encoding> {
    Some(match number {
        874 => encoding_rs::WINDOWS_874,
        932 => encoding_rs::SHIFT_JIS,
        936 => encoding_rs::GBK,
        949 => encoding_rs::EUC_KR,
        950 => encoding_rs::BIG5,
        1250..=1258 => return Encoding::for_label(format!("windows-{number}").as_bytes()),
        65001 => encoding_rs::UTF_8,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(page: &str, bytes: &[u8], expected: &str) {
        assert_eq!(CodePage::named(page).unwrap().decode(bytes), expected, "{page}");
    }

    #[test]
    fn the_euro_sign_sits_where_each_page_puts_it() {
        check("cp858", b"\xD5", "€");
        check("windows-1252", b"\x80", "€");
        check("cp1252", b"\x80", "€");
        check("iso-8859-15", b"\xA4", "€");
    }

    #[test]
    fn box_drawing_becomes_ascii() {
        check("cp437", b"\xC4\xCD\xB3\xBA\xDA\xD9\xC5", "--||+++");
        check("katakana", b"\x95\x96\x90\x9C", "-|++");
    }

    #[test]
    fn every_page_of_the_maps_exists() {
        for (number, name) in tables::EPSON.iter().chain(tables::STAR) {
            assert!(CodePage::named(name).is_some(), "page {number} is {name}");
        }
    }

    #[test]
    fn patched_pages_differ_from_their_base_where_they_should() {
        check("cp1125", b"\xF2\xF9", "Ґї");
        check("kz1048", b"\x8D\xA3\xC0", "ҚӘА");
        check("katakana", b"\xB1\xB2\xF2", "ｱｲ年");
    }

    #[test]
    fn a_page_that_is_not_known_is_refused_and_a_missing_byte_is_marked() {
        assert!(CodePage::named("cp99999").is_none());
        assert!(CodePage::named("utf-16le").is_none());
        check("cp857", b"\xE7", "\u{FFFD}");
    }

    #[test]
    fn multi_byte_pages_decode_their_text() {
        check("shift_jis", b"\x8D\x87\x8Cv", "合計");
        check("euc-kr", b"\xC7\xD5\xB0\xE8", "합계");
        check("utf-8", "Σ €".as_bytes(), "Σ €");
    }
}
