//! Folding: one way of writing for the many that printers have, one character for one.
//!
//! Digits of every script become ASCII digits, full-width characters their ASCII
//! counterparts, spaces and dashes of all widths a space and a hyphen. Line ends stay. What cannot be seen
//! (zero-width characters) is taken out of a line before anything looks at it.

/// Digits beside ASCII's and the full-width ones: the first sign of a series, its value, how many follow one
/// another. All of Unicode's decimal digits (class Nd), and those that are raised, lowered or encircled.
/// In the order of their code points. Source: UnicodeData.txt of Unicode 16.
const DIGITS: &[(char, u8, u32)] = &[
    ('\u{B2}', 2, 2),
    ('\u{B9}', 1, 1),
    ('\u{660}', 0, 10),
    ('\u{6F0}', 0, 10),
    ('\u{7C0}', 0, 10),
    ('\u{966}', 0, 10),
    ('\u{9E6}', 0, 10),
    ('\u{A66}', 0, 10),
    ('\u{AE6}', 0, 10),
    ('\u{B66}', 0, 10),
    ('\u{BE6}', 0, 10),
    ('\u{C66}', 0, 10),
    ('\u{CE6}', 0, 10),
    ('\u{D66}', 0, 10),
    ('\u{DE6}', 0, 10),
    ('\u{E50}', 0, 10),
    ('\u{ED0}', 0, 10),
    ('\u{F20}', 0, 10),
    ('\u{1040}', 0, 10),
    ('\u{1090}', 0, 10),
    ('\u{17E0}', 0, 10),
    ('\u{1810}', 0, 10),
    ('\u{1946}', 0, 10),
    ('\u{19D0}', 0, 10),
    ('\u{1A80}', 0, 10),
    ('\u{1A90}', 0, 10),
    ('\u{1B50}', 0, 10),
    ('\u{1BB0}', 0, 10),
    ('\u{1C40}', 0, 10),
    ('\u{1C50}', 0, 10),
    ('\u{2070}', 0, 1),
    ('\u{2074}', 4, 6),
    ('\u{2080}', 0, 10),
    ('\u{2460}', 1, 9),
    ('\u{2474}', 1, 9),
    ('\u{2488}', 1, 9),
    ('\u{24EA}', 0, 1),
    ('\u{24F5}', 1, 9),
    ('\u{24FF}', 0, 1),
    ('\u{2776}', 1, 9),
    ('\u{2780}', 1, 9),
    ('\u{278A}', 1, 9),
    ('\u{A620}', 0, 10),
    ('\u{A8D0}', 0, 10),
    ('\u{A900}', 0, 10),
    ('\u{A9D0}', 0, 10),
    ('\u{A9F0}', 0, 10),
    ('\u{AA50}', 0, 10),
    ('\u{ABF0}', 0, 10),
    ('\u{104A0}', 0, 10),
    ('\u{10D30}', 0, 10),
    ('\u{11066}', 0, 10),
    ('\u{110F0}', 0, 10),
    ('\u{11136}', 0, 10),
    ('\u{111D0}', 0, 10),
    ('\u{112F0}', 0, 10),
    ('\u{11450}', 0, 10),
    ('\u{114D0}', 0, 10),
    ('\u{11650}', 0, 10),
    ('\u{116C0}', 0, 10),
    ('\u{11730}', 0, 10),
    ('\u{118E0}', 0, 10),
    ('\u{11950}', 0, 10),
    ('\u{11C50}', 0, 10),
    ('\u{11D50}', 0, 10),
    ('\u{11DA0}', 0, 10),
    ('\u{16A60}', 0, 10),
    ('\u{16AC0}', 0, 10),
    ('\u{16B50}', 0, 10),
    ('\u{1D7CE}', 0, 10),
    ('\u{1D7D8}', 0, 10),
    ('\u{1D7E2}', 0, 10),
    ('\u{1D7EC}', 0, 10),
    ('\u{1D7F6}', 0, 10),
    ('\u{1E140}', 0, 10),
    ('\u{1E2F0}', 0, 10),
    ('\u{1E950}', 0, 10),
    ('\u{1F101}', 0, 10),
    ('\u{1FBF0}', 0, 10),
];

/// `text` as the finders read it; as many characters as `text` has.
pub(super) fn fold(text: &[char]) -> Vec<char> {
    text.iter().map(|c| folded(*c)).collect()
}

/// A character as the finders read it.
pub(super) fn folded(c: char) -> char {
    match c {
        '\n' | ' '..='~' => c,
        '\u{FF01}'..='\u{FF5E}' => ascii(u32::from(c) - 0xFEE0),
        '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{2500}' | '\u{FE58}' | '\u{FE63}' => '-',
        '·' | '\u{2219}' | '\u{22C5}' | '\u{30FB}' | '\u{FF65}' => '.',
        _ if c.is_whitespace() => ' ',
        _ if c.is_numeric() => digit(c).unwrap_or(c),
        _ => c,
    }
}

/// The ASCII digit of one of [`DIGITS`].
fn digit(c: char) -> Option<char> {
    let behind = DIGITS.partition_point(|(first, ..)| *first <= c);
    let (first, value, count) = DIGITS.get(behind.checked_sub(1)?)?;
    let place = u32::from(c) - u32::from(*first);
    (place < *count).then(|| ascii(u32::from(b'0' + *value) + place))
}

fn ascii(value: u32) -> char {
    u8::try_from(value).map_or('\u{FFFD}', char::from)
}

/// Whether `c` takes no place on paper, so that it can only hide something.
pub(super) fn is_invisible(c: char) -> bool {
    let keycap = matches!(c, '\u{20E3}' | '\u{FE0E}' | '\u{FE0F}');
    let space = matches!(c, '\u{AD}' | '\u{200B}'..='\u{200F}' | '\u{FEFF}');
    keycap || space || matches!(c, '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2064}')
}
